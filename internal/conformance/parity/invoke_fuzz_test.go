package parity_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/adapter"
	"github.com/lambridge-go/lambridge/internal/event"
	"github.com/lambridge-go/lambridge/local/gateway"
)

// FuzzInvoke hands the adapter what no front door would: it must not panic, nor
// hang, nor answer for what is no HTTP request.
func FuzzInvoke(f *testing.F) {
	for _, e := range events(f) {
		f.Add([]byte(e))
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		ran := 0
		wrapped := adapter.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			ran++
			// Whatever the event, the request is one that net/http could have made.
			assert.NotNil(t, r.Body)
			assert.NotNil(t, r.Header)
			assert.True(t, strings.HasPrefix(r.URL.Path, "/"), "path %q", r.URL.Path)
			parsed, err := url.ParseRequestURI(r.RequestURI)
			if assert.NoError(t, err) {
				assert.Equal(t, r.URL.Path, parsed.Path)
				assert.Equal(t, r.URL.RawQuery, parsed.RawQuery)
			}
			body, err := io.ReadAll(r.Body)
			assert.NoError(t, err)
			assert.EqualValues(t, r.ContentLength, len(body))
			w.WriteHeader(http.StatusAccepted)
			w.Write(body)
		}), adapter.WithLogger(slog.New(slog.DiscardHandler)))

		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		given := slices.Clone(payload)
		reply, err := wrapped.Invoke(ctx, payload)
		require.NoError(t, ctx.Err(), "Invoke hangs")
		require.Equal(t, given, payload, "Invoke writes into the event")
		if err != nil {
			require.Zero(t, ran, "the handler ran for an event that was declined: %v", err)
			require.Nil(t, reply)
			return
		}
		require.NotEmpty(t, sourceOf(payload), "answered %s to what is no HTTP event", reply)
		var answer struct{ StatusCode int }
		require.NoError(t, json.Unmarshal(reply, &answer), "%s", reply)
		switch answer.StatusCode {
		case http.StatusAccepted:
			require.Equal(t, 1, ran)
		case http.StatusBadRequest:
			require.Zero(t, ran)
		default:
			require.Equal(t, http.StatusInternalServerError, answer.StatusCode, "only for a reply too large: %s", reply)
		}
	})
}

// FuzzDetect builds events of members that kinds of events are known by: each is
// recognised as the kind that a plain reading of AWS's documentation says, or none.
func FuzzDetect(f *testing.F) {
	for i := range 24 {
		f.Add(uint64(1)<<i, uint64(0))
		f.Add(uint64(0xffffff)^uint64(1)<<i, uint64(i))
	}
	members := []string{
		`"version":"2.0"`, `"version":"1.0"`, `"httpMethod":"GET"`, `"method":"GET"`, `"path":"/"`, `"raw_path":"/"`, `"rawPath":"/"`, `"resource":"/{proxy+}"`,
		`"headers":{"a":"b"}`, `"multiValueHeaders":{"a":["b"]}`, `"type":"REQUEST"`, `"methodArn":"arn:aws:x"`, `"routeArn":"arn:aws:x"`, `"body":"x"`,
		`"Records":[{"eventSource":"aws:sqs"}]`, `"type":"TOKEN"`,
	}
	contexts := []string{
		`"elb":{"targetGroupArn":"arn"}`, `"connectionId":"c="`, `"eventType":"MESSAGE"`, `"http":{"method":"GET"}`, `"domainName":"x.lambda-url.eu-west-1.on.aws"`,
		`"serviceArn":"arn"`, `"stage":"prod"`, `"elb":null`, `"eventType":"OTHER"`, `"routeKey":"$connect"`,
	}
	f.Fuzz(func(t *testing.T, in, inContext uint64) {
		var chosen, context []string
		for i, m := range members {
			if in>>i&1 == 1 && !repeats(chosen, m) {
				chosen = append(chosen, m)
			}
		}
		for i, m := range contexts {
			if inContext>>i&1 == 1 && !repeats(context, m) {
				context = append(context, m)
			}
		}
		if inContext>>len(contexts)&1 == 1 {
			chosen = append(chosen, `"requestContext":{`+strings.Join(context, ",")+`}`)
		}
		payload := []byte("{" + strings.Join(chosen, ",") + "}")
		slices.Reverse(chosen)
		backwards := []byte(" { " + strings.Join(chosen, " , ") + " } ")

		want := sourceOf(payload)
		for _, e := range [][]byte{payload, backwards} {
			var r event.Request
			err := event.DecodeRequest(e, &r)
			require.Equal(t, want, r.Source(), "%s: %v", e, err)
			if want == "" {
				require.Error(t, err, "%s", e)
			}
		}
	})
}

// repeats reports whether a member of that name is there already.
func repeats(chosen []string, member string) bool {
	name, _, _ := strings.Cut(member, ":")
	return slices.ContainsFunc(chosen, func(m string) bool { return strings.HasPrefix(m, name+":") })
}

// sourceOf tells where an event comes from as one reads it in the documentation: by
// encoding/json and, member by member, with no thought of speed.
func sourceOf(payload []byte) adapter.Source {
	// A number may be larger than a float64 can be: it is JSON all the same.
	var e map[string]any
	d := json.NewDecoder(bytes.NewReader(payload))
	d.UseNumber()
	if d.Decode(&e) != nil {
		return ""
	} else if _, err := d.Token(); err != io.EOF {
		return ""
	}
	is := func(v any, want string) bool { return v == want }
	text := func(v any) bool { _, ok := v.(string); return ok }
	empty := func(v any) bool { return v == nil || v == "" }
	object := func(v any) bool { _, ok := v.(map[string]any); return ok }
	context, _ := e["requestContext"].(map[string]any)
	http, _ := context["http"].(map[string]any)
	switch {
	case (is(e["type"], "REQUEST") || is(e["type"], "TOKEN")) && (text(e["methodArn"]) || text(e["routeArn"])):
		return "" // an authorizer's
	case object(context["elb"]) && object(e["multiValueHeaders"]):
		return adapter.ALBMulti
	case object(context["elb"]):
		return adapter.ALB
	case text(context["connectionId"]) && slices.ContainsFunc([]string{"CONNECT", "MESSAGE", "DISCONNECT"}, func(s string) bool { return is(context["eventType"], s) }):
		return adapter.WebSocketAPI
	case (is(e["version"], "2.0") || empty(e["version"])) && text(http["method"]) && http["method"] != "" && !(empty(e["rawPath"]) && empty(http["path"])):
		if domain, _ := context["domainName"].(string); strings.Contains(domain, ".lambda-url.") {
			return adapter.FunctionURL
		}
		return adapter.HTTPv2
	case is(e["version"], "2.0") && text(e["path"]) && text(e["method"]) &&
		(text(context["serviceNetworkArn"]) || text(context["serviceArn"]) || text(context["targetGroupArn"])):
		return adapter.LatticeV2
	case text(e["raw_path"]) && text(e["method"]) && !has(e, "requestContext"):
		return adapter.LatticeV1
	case text(e["httpMethod"]) && text(e["path"]) && object(e["headers"]) && !has(e, "resource") && !has(e, "requestContext") &&
		!has(e, "type") && !has(e, "messageVersion") && !has(e, "apiPath"):
		return adapter.REST // as Netlify sends it
	case text(e["httpMethod"]) && text(e["resource"]) && (text(e["path"]) || e["path"] == nil) && object(e["requestContext"]):
		if is(e["version"], "1.0") {
			return adapter.HTTPv1
		}
		return adapter.REST
	}
	return ""
}

func has(e map[string]any, name string) bool { _, ok := e[name]; return ok }

// events are those of every front door for the corpus's requests, and some that are
// none of theirs.
func events(tb testing.TB) []string {
	all := []string{
		"", "null", "[]", "3", `"x"`, "{}", "{", `{"a":`, strings.Repeat("[", 100_000), strings.Repeat(`{"a":`, 5000),
		`{"Records":[{"eventSource":"aws:sqs","body":"x"}]}`,
		`{"version":"0","source":"aws.events","detail-type":"Scheduled Event","detail":{}}`,
		`{"type":"REQUEST","methodArn":"arn:aws:execute-api:x","resource":"/x","path":"/x","httpMethod":"GET","requestContext":{}}`,
		`{"version":"2.0","type":"REQUEST","routeArn":"arn:aws:execute-api:x","requestContext":{"http":{"method":"GET","path":"/"}}}`,
		`{"path":"/.netlify/functions/hello","httpMethod":"GET","headers":{"host":"x.netlify.app"},"body":"","isBase64Encoded":true}`,
		`{"version":"","rawPath":"/ping","requestContext":{"http":{"method":"GET"}}}`,
		`{"messageVersion":"1.0","actionGroup":"g","httpMethod":"GET","apiPath":"/x"}`,
		`{"requestContext":{"routeKey":"$connect","eventType":"CONNECT","connectionId":"c=","domainName":"d","stage":"s"},"headers":{"Host":"h"}}`,
		`{"requestContext":{"routeKey":"$default","eventType":"MESSAGE","connectionId":"c=","messageId":"m"},"body":"hello","isBase64Encoded":false}`,
		`{"requestContext":{"routeKey":"$disconnect","eventType":"DISCONNECT","connectionId":"c=","disconnectStatusCode":1005}}`,
		`{"resource":"/","path":null,"httpMethod":"GET","headers":null,"multiValueHeaders":null,"requestContext":{},"body":null}`,
		`{"resource":"/","path":"/%zz","httpMethod":"GE T","headers":{"a b":"c"},"requestContext":{"identity":null},"body":"%","isBase64Encoded":true}`,
	}
	for _, door := range doors() {
		facts, ok := gateway.Facts(door)
		require.True(tb, ok)
		api := gateway.API{Kind: facts.Kind, Default: gateway.Lambda(nil, gateway.LambdaOptions{Format: facts.Format})}
		for i, r := range corpus()[0].requests {
			method, target, _ := strings.Cut(r.line, " ")
			if i%3 > 0 || !strings.HasPrefix(target, "/") || strings.ContainsAny(target, " \"") || len(r.header) > 0 && len(r.header[0]) > 1000 {
				continue // a third of them will do
			}
			request, err := http.NewRequest(method, "http://app.example.com"+target, strings.NewReader("a body \x00\xff"))
			if err != nil {
				continue
			}
			for _, line := range r.header {
				name, value, _ := strings.Cut(line, ":")
				request.Header.Add(name, strings.TrimSpace(value))
			}
			request.RequestURI = target
			if e, err := api.Event(request); err == nil {
				all = append(all, string(e))
			}
		}
	}
	return all
}

// The seeds of FuzzInvoke are of every kind there is.
func TestEventsOfEveryKind(t *testing.T) {
	seen := make(map[adapter.Source]int)
	for _, e := range events(t) {
		seen[sourceOf([]byte(e))]++
	}
	for _, source := range append(doors(), adapter.WebSocketAPI, "") {
		assert.NotZero(t, seen[source], "no event of %q", source)
	}
}
