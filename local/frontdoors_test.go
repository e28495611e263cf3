package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/adapter"
)

// The test binary is a function, too: with this variable set it is the mirror.
const mirrorVariable = "TEST_OF_LOCAL_IS_A_FUNCTION"

// mirror shows what the function gets, and what front doors treat differently.
func mirror(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/picture":
		w.Header().Set("Content-Type", "image/png")
		_, _ = io.WriteString(w, picture)
	case "/cookies":
		w.Header()["Set-Cookie"] = []string{"a=1", "b=2"}
		_, _ = io.WriteString(w, "two")
	case "/nothing":
		w.WriteHeader(http.StatusNoContent)
	case "/same":
		body, _ := io.ReadAll(r.Body)
		_, _ = io.WriteString(w, r.Method+" "+r.Host+r.RequestURI+" "+r.Header.Get("X-Color")+" "+string(body))
	case "/environment":
		_ = json.NewEncoder(w).Encode(os.Environ())
	case "/front-door":
		where := "here"
		if source, _ := adapter.SourceOf(r.Context()); strings.HasPrefix(string(source), "alb") {
			where = "there"
			w.Header().Set("X-Load-Balancer", "yes")
			w.WriteHeader(http.StatusNotFound)
		}
		_, _ = io.WriteString(w, strings.Repeat("the same ", 100)+where+"\n"+strings.Repeat("the end ", 75))
	case "/$disconnect":
		if file := os.Getenv("DISCONNECTED"); file != "" {
			_ = os.WriteFile(file, nil, 0o600)
		}
	case "/$connect":
		event, _ := adapter.RawEvent(r.Context())
		fmt.Println("connect headers", string(event))
	default:
		lc, _ := lambdacontext.FromContext(r.Context())
		event, _ := adapter.RawEvent(r.Context())
		w.Header().Set("Access-Control-Allow-Origin", "https://function.example")
		_ = json.NewEncoder(w).Encode(mirrored{lc.InvokedFunctionArn, event})
	}
}

type mirrored struct {
	ARN   string
	Event json.RawMessage
}

const picture = "\x89PNG\xff\x00"

// startMirror serves the mirror and returns the URL in the banner.
func startMirror(t *testing.T, args ...string) string {
	t.Helper()
	args = append([]string{"--exec", os.Args[0], "--env", mirrorVariable + "=1", "--addr", "127.0.0.1:0", "--inspect", "off"}, args...)
	url := startCommand(t, t.TempDir(), args...).find(`(http://\S+)/ `)
	return strings.TrimSuffix(url, "/")
}

// mirroredEvent is what these tests read of events in format 2.0 and of REST APIs.
type mirroredEvent struct {
	RouteKey, RawPath, Path        string
	PathParameters, StageVariables map[string]string
	RequestContext                 struct{ AccountID, DomainName, Stage string }
}

func getEvent(t *testing.T, url string) (arn string, event mirroredEvent) {
	t.Helper()
	status, body := get(t, url)
	require.Equal(t, 200, status, body)
	var m mirrored
	require.NoError(t, json.Unmarshal([]byte(body), &m))
	require.NoError(t, json.Unmarshal(m.Event, &event))
	return m.ARN, event
}

func TestRoutes(t *testing.T) {
	t.Parallel()
	url := startMirror(t, "--route", "GET /items/{id}", "--route", "GET /shops/{id}")
	_, event := getEvent(t, url+"/items/7")
	assert.Equal(t, "GET /items/{id}", event.RouteKey)
	assert.Equal(t, map[string]string{"id": "7"}, event.PathParameters)
	_, event = getEvent(t, url+"/shops/8")
	assert.Equal(t, "GET /shops/{id}", event.RouteKey)
	status, body := get(t, url+"/others/9")
	assert.Equal(t, 404, status)
	assert.Equal(t, `{"message":"Not Found"}`, body)
}

func TestStages(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		args []string
		path string // that the banner shows
		want string // of the event
	}{
		{"HTTP API", []string{"--stage", "dev"}, "/dev", "dev"},
		{"HTTP API, the default stage by its name", []string{"--stage", "$default"}, "", "$default"},
		{"REST API, the default stage", []string{"--api", "rest"}, "", "prod"},
		{"REST API, the default stage by its name", []string{"--api", "rest", "--stage", "prod"}, "/prod", "prod"},
		{"REST API, a base path", []string{"--api", "rest", "--stage", "dev", "--base-path", "shop"}, "/shop", "dev"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			url := startMirror(t, append(test.args, "--stage-variable", "A=1;2", "--stage-variable", "B=x=y")...)
			assert.Regexp(t, `:\d+`+test.path+`$`, url)
			_, event := getEvent(t, url+"/x")
			assert.Equal(t, test.want, event.RequestContext.Stage)
			assert.Equal(t, map[string]string{"A": "1;2", "B": "x=y"}, event.StageVariables)
			if test.path != "" {
				status, _ := get(t, strings.TrimSuffix(url, test.path)+"/x")
				assert.NotEqual(t, 200, status, "the banner's path is part of every URL")
			}
		})
	}
}

func TestAccount(t *testing.T) {
	t.Parallel()
	arn, event := getEvent(t, startMirror(t, "--account", "210987654321")+"/")
	assert.Equal(t, "210987654321", event.RequestContext.AccountID)
	assert.Regexp(t, `^arn:aws:lambda:[a-z0-9-]+:210987654321:function:`, arn)

	arn, event = getEvent(t, startMirror(t, "--env", "AWS_REGION=eu-west-1")+"/")
	assert.Regexp(t, `^arn:aws:lambda:eu-west-1:123456789012:function:`, arn)
	assert.Regexp(t, `\.execute-api\.eu-west-1\.amazonaws\.com$`, event.RequestContext.DomainName, "the same region")
}

func TestBinaryMediaTypes(t *testing.T) {
	t.Parallel()
	text := base64.StdEncoding.EncodeToString([]byte(picture))
	for _, test := range []struct {
		name   string
		args   []string
		accept string
		want   string
	}{
		{"by default all types", nil, "*/*", picture},
		{"one that is accepted", []string{"--binary-media-type", "image/gif", "--binary-media-type", "image/png"}, "image/png", picture},
		{"one that is not accepted", []string{"--binary-media-type", "image/gif,image/png"}, "text/html", text},
		{"none", []string{"--binary-media-type", "none"}, "*/*", text},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			url := startMirror(t, append([]string{"--api", "rest"}, test.args...)...)
			_, body := get(t, url+"/picture", "Accept: "+test.accept)
			assert.Equal(t, test.want, body)
		})
	}
}

func TestCORS(t *testing.T) {
	t.Parallel()
	url := startMirror(t, "--cors-origin", "https://a.example,https://b.example", "--cors-method", "GET", "--cors-method", "PUT",
		"--cors-header", "X-Page", "--cors-expose", "X-Total", "--cors-credentials", "--cors-max-age", "10m")
	ask := func(method string) http.Header {
		r, err := http.NewRequestWithContext(t.Context(), method, url+"/", nil)
		require.NoError(t, err)
		r.Header.Set("Origin", "https://b.example")
		r.Header.Set("Access-Control-Request-Method", "PUT")
		response, err := http.DefaultClient.Do(r)
		require.NoError(t, err)
		defer response.Body.Close()
		for name := range response.Header {
			if !strings.HasPrefix(name, "Access-Control-") {
				response.Header.Del(name)
			}
		}
		return response.Header
	}
	assert.Equal(t, http.Header{
		"Access-Control-Allow-Origin":      {"https://b.example"},
		"Access-Control-Allow-Methods":     {"GET,PUT"},
		"Access-Control-Allow-Headers":     {"x-page"},
		"Access-Control-Allow-Credentials": {"true"},
		"Access-Control-Max-Age":           {"600"},
	}, ask("OPTIONS"))
	assert.Equal(t, http.Header{
		"Access-Control-Allow-Origin":      {"https://b.example"},
		"Access-Control-Allow-Credentials": {"true"},
		"Access-Control-Expose-Headers":    {"x-total"},
	}, ask("GET"), "the function's own are replaced")
}

// A debugger stops the function for longer than any front door waits.
func TestAttachedFunctionsHaveTime(t *testing.T) {
	t.Parallel()
	attached := flags{functionFlags: functionFlags{Attach: true}, gatewayFlags: gatewayFlags{Every: true}}
	for _, door := range attached.frontDoors() {
		assert.Negative(t, attached.invocation(door).Timeout)
		assert.Zero(t, new(flags).invocation(door).Timeout)
	}
	assert.Negative(t, attached.webSocketInvocation().Timeout)
}
