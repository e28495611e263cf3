package event_test

import (
	"net/http"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/internal/event"
	"github.com/lambridge-go/lambridge/internal/source"
)

// hello is the body that the client sent.
const hello = `{"message":"hello from the public internet","unicode":"lambda-λ"}`

// recorded reads the event that a front door was recorded to send.
func recorded(t *testing.T, name string) event.Request {
	t.Helper()
	payload, err := os.ReadFile("testdata/recorded/" + name + ".json")
	require.NoError(t, err)
	var r event.Request
	require.NoError(t, event.DecodeRequest(payload, &r))
	return r
}

// One request that went through each front door comes out as the client sent it, but for
// what that front door is known to lose.
func TestRecordedRequests(t *testing.T) {
	type request struct {
		Source                                   source.Source
		Target, Path, Host, Remote, ClientPrefix string
		TLS                                      bool
		Header                                   http.Header
	}
	const query = "repeat=one&repeat=two&redirect=https%3A%2F%2Fexample.com%2Fa%2Fb&literalPlus=a+b&encodedPlus=a%2Bb&empty="
	header := func(trace, scheme string, more http.Header) http.Header {
		port := map[string]string{"http": "80", "https": "443"}[scheme]
		h := http.Header{
			"Accept": {"*/*"}, "Content-Type": {"application/json"}, "Cookie": {"session=abc123; theme=dark"},
			"User-Agent": {"curl/8.7.1"}, "X-Amzn-Trace-Id": {trace},
			"X-Forwarded-For": {"203.0.113.9"}, "X-Forwarded-Port": {port}, "X-Forwarded-Proto": {scheme},
		}
		for name, values := range more {
			h[name] = values
		}
		return h
	}
	length := []string{"66"}
	for name, want := range map[string]request{
		"rest": {source.REST, "/capture/space%20value?empty=&encodedPlus=a%2Bb&literalPlus=a+b&redirect=https%3A%2F%2Fexample.com%2Fa%2Fb&repeat=one&repeat=two",
			"/capture/space value", "r3st.execute-api.us-west-2.amazonaws.com", "203.0.113.9:0", "/live", true,
			header("Root=1-6a5145a8-536f3e792f6be9b44c1f46fa", "https", http.Header{"X-Probe": {"first", "second"}})},
		"httpv2": {source.HTTPv2, "/capture/space%20value?" + query,
			"/capture/space value", "h77p.execute-api.us-west-2.amazonaws.com", "203.0.113.9:0", "", true,
			header("Root=1-6a5145a9-1bae89e2512ec92d5d9438a0", "https", http.Header{"Content-Length": length, "X-Probe": {"first,second"}})},
		"functionurl": {source.FunctionURL, "/capture/space%20value?" + query,
			"/capture/space value", "u7l.lambda-url.us-west-2.on.aws", "203.0.113.9:0", "", true,
			header("Root=1-6a5145a9-1bae89e2512ec92d5d9438a0", "https", http.Header{"Content-Length": length, "X-Probe": {"first,second"},
				"X-Amzn-Tls-Cipher-Suite": {"TLS_AES_128_GCM_SHA256"}, "X-Amzn-Tls-Version": {"TLSv1.3"}})},
		"albmulti": {source.ALBMulti, "/capture/space%20value?empty=&encodedPlus=a%2Bb&literalPlus=a+b&redirect=https%3A%2F%2Fexample.com%2Fa%2Fb&repeat=one&repeat=two",
			"/capture/space value", "fn-1316758055.us-west-2.elb.amazonaws.com", "203.0.113.9:0", "", false,
			header("Root=1-6a5145a7-5c3686ff7df3149177a89157", "http", http.Header{"Content-Length": length, "X-Probe": {"first", "second"}})},
		"alb": {source.ALB, "/capture/space%20value?empty=&encodedPlus=a%2Bb&literalPlus=a+b&redirect=https%3A%2F%2Fexample.com%2Fa%2Fb&repeat=two",
			"/capture/space value", "fn-1316758055.us-west-2.elb.amazonaws.com", "203.0.113.9:0", "", false,
			header("Root=1-6a5145a7-5c3686ff7df3149177a89157", "http", http.Header{"Content-Length": length, "X-Probe": {"second"}})},
	} {
		t.Run(name, func(t *testing.T) {
			r := recorded(t, name)
			assert.Equal(t, want, request{r.Source(), r.RequestURI, r.URL.Path, r.Host, r.RemoteAddr, r.ClientPrefix, r.TLS != nil, r.Header})
			assert.Equal(t, "POST", r.Method)
			assert.Equal(t, hello, read(t, &r.Body, 512))
		})
	}
}

// A request without Host, such as one of HTTP/1.0, has the domain of its API.
func TestHostOfTheAPI(t *testing.T) {
	for name, row := range map[string]struct{ payload, host string }{
		"REST":                          {`{"resource":"/","path":"/","httpMethod":"GET","headers":null,"requestContext":{"domainName":"api.example.com"}}`, "api.example.com"},
		"1.0":                           {`{"version":"1.0","resource":"/","path":"/","httpMethod":"GET","headers":{},"requestContext":{"domainName":"api.example.com","resourceId":"GET /"}}`, "api.example.com"},
		"2.0":                           {`{"version":"2.0","rawPath":"/","headers":{},"requestContext":{"domainName":"api.example.com","http":{"method":"GET"}}}`, "api.example.com"},
		"CONNECT":                       {`{"headers":{},"requestContext":{"domainName":"api.example.com","connectionId":"c","eventType":"CONNECT","routeKey":"$connect"}}`, "api.example.com"},
		"a load balancer tells of none": {`{"path":"/","httpMethod":"GET","headers":{},"requestContext":{"elb":{}}}`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			var r event.Request
			require.NoError(t, event.DecodeRequest([]byte(row.payload), &r))
			assert.Equal(t, row.host, r.Host)
		})
	}
}

// Where a stage stands, in the path or only in front of the client's, is told apart.
func TestStages(t *testing.T) {
	for name, row := range map[string]struct{ payload, client, here string }{
		"REST takes it off":                          {`{"resource":"/a","path":"/a","httpMethod":"GET","requestContext":{"stage":"live","path":"/live/a"}}`, "/live", ""},
		"REST behind a base path, which is no stage": {`{"resource":"/a","path":"/shop/a","httpMethod":"GET","requestContext":{"stage":"live","path":"/shop/a"}}`, "", ""},
		"REST, a segment that only begins like it":   {`{"resource":"/a","path":"/a","httpMethod":"GET","requestContext":{"stage":"live","path":"/lively/a"}}`, "", ""},
		"2.0 leaves it in the path":                  {`{"version":"2.0","rawPath":"/live/a","requestContext":{"stage":"live","http":{"method":"GET"}}}`, "", "/live"},
		"2.0, the default stage":                     {`{"version":"2.0","rawPath":"/a","requestContext":{"stage":"$default","http":{"method":"GET"}}}`, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			var r event.Request
			require.NoError(t, event.DecodeRequest([]byte(row.payload), &r))
			assert.Equal(t, row.client, r.ClientPrefix, "in front of the client's path")
			assert.Equal(t, row.here, r.StagePrefix, "in front of the event's")
		})
	}
}

// One reply, as each front door takes it.
func TestRepliesToRecordedRequests(t *testing.T) {
	reply := func() *event.Reply {
		return &event.Reply{Status: 404, Header: []event.Field{
			{Name: "Content-Type", Value: "text/plain; charset=utf-8"}, {Name: "Set-Cookie", Value: "a=1"}, {Name: "Set-Cookie", Value: "b=2"},
			{Name: "Vary", Value: "Accept"}, {Name: "Vary", Value: "Cookie"},
		}, Body: []byte("<no>")}
	}
	const lists = `"multiValueHeaders":{"Content-Type":["text/plain; charset=utf-8"],"Set-Cookie":["a=1","b=2"],"Vary":["Accept","Cookie"]}`
	for name, want := range map[string]string{
		"rest":        `{"statusCode":404,` + lists + `,"body":"<no>","isBase64Encoded":false}`,
		"httpv2":      `{"statusCode":404,"headers":{"Content-Type":"text/plain; charset=utf-8","Vary":"Accept, Cookie"},"cookies":["a=1","b=2"],"body":"<no>","isBase64Encoded":false}`,
		"functionurl": `{"statusCode":404,"headers":{"Content-Type":"text/plain; charset=utf-8","Vary":"Accept, Cookie"},"cookies":["a=1","b=2"],"body":"<no>","isBase64Encoded":false}`,
		"albmulti":    `{"statusCode":404,"statusDescription":"404 Not Found",` + lists + `,"body":"<no>","isBase64Encoded":false}`,
		"alb":         `{"statusCode":404,"statusDescription":"404 Not Found","headers":{"Content-Type":"text/plain; charset=utf-8","Set-Cookie":"b=2","Vary":"Accept, Cookie"},"body":"<no>","isBase64Encoded":false}`,
	} {
		t.Run(name, func(t *testing.T) {
			r := recorded(t, name)
			got, err := r.Encode(reply())
			require.NoError(t, err)
			assert.Equal(t, want, string(got))
		})
	}
	t.Run("a status without a phrase", func(t *testing.T) {
		r := recorded(t, "alb")
		got, err := r.Encode(&event.Reply{Status: 299})
		require.NoError(t, err)
		assert.Equal(t, `{"statusCode":299,"statusDescription":"299 status code 299","headers":{},"body":"","isBase64Encoded":false}`, string(got))
	})
}
