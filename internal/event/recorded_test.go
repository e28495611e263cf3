package event_test

import (
	"maps"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/internal/event"
	"github.com/lambridge-go/lambridge/internal/source"
)

// hello is the body that the client sent.
const hello = `{"message":"hello from the public internet","unicode":"lambda-λ"}`

// read decodes the event of a file below testdata.
func read(t *testing.T, file string) event.Request {
	t.Helper()
	payload, err := os.ReadFile("testdata/" + file + ".json")
	require.NoError(t, err)
	var r event.Request
	require.NoError(t, event.DecodeRequest(payload, &r))
	return r
}

// A request is what a test compares of an event.Request.
type request struct {
	Source               source.Source
	Method, Target, Path string
	Host, Remote         string
	TLS                  bool
	Header               http.Header
	Body                 string
	StagePrefix          string
	ClientPrefix         string
	Connection           *event.Connection
}

func compared(t *testing.T, r event.Request) request {
	t.Helper()
	assert.Equal(t, [2]int{1, 1}, [2]int{r.ProtoMajor, r.ProtoMinor}, "the version of HTTP")
	return request{r.Source(), r.Method, r.RequestURI, r.URL.Path, r.Host, r.RemoteAddr, r.TLS != nil, r.Header,
		drain(t, r.Content, 512), r.StagePrefix, r.ClientPrefix, r.Connection}
}

// One request that went through each front door comes out as the client sent it, but for
// what that front door is known to lose.
func TestRecordedRequests(t *testing.T) {
	const query = "repeat=one&repeat=two&redirect=https%3A%2F%2Fexample.com%2Fa%2Fb&literalPlus=a+b&encodedPlus=a%2Bb&empty="
	header := func(trace, scheme string, more http.Header) http.Header {
		port := map[string]string{"http": "80", "https": "443"}[scheme]
		h := http.Header{
			"Accept": {"*/*"}, "Content-Type": {"application/json"}, "Cookie": {"session=abc123; theme=dark"},
			"User-Agent": {"curl/8.7.1"}, "X-Amzn-Trace-Id": {trace},
			"X-Forwarded-For": {"203.0.113.9"}, "X-Forwarded-Port": {port}, "X-Forwarded-Proto": {scheme},
		}
		maps.Copy(h, more)
		return h
	}
	length := []string{"66"}
	for name, want := range map[string]request{
		"rest": {Source: source.REST, Target: "/capture/space%20value?empty=&encodedPlus=a%2Bb&literalPlus=a+b&redirect=https%3A%2F%2Fexample.com%2Fa%2Fb&repeat=one&repeat=two",
			Host: "r3st.execute-api.us-west-2.amazonaws.com", TLS: true, ClientPrefix: "/live",
			Header: header("Root=1-6a5145a8-536f3e792f6be9b44c1f46fa", "https", http.Header{"X-Probe": {"first", "second"}})},
		"httpv2": {Source: source.HTTPv2, Target: "/capture/space%20value?" + query,
			Host: "h77p.execute-api.us-west-2.amazonaws.com", TLS: true,
			Header: header("Root=1-6a5145a9-1bae89e2512ec92d5d9438a0", "https", http.Header{"Content-Length": length, "X-Probe": {"first,second"}})},
		"functionurl": {Source: source.FunctionURL, Target: "/capture/space%20value?" + query,
			Host: "u7l.lambda-url.us-west-2.on.aws", TLS: true,
			Header: header("Root=1-6a5145a9-1bae89e2512ec92d5d9438a0", "https", http.Header{"Content-Length": length, "X-Probe": {"first,second"},
				"X-Amzn-Tls-Cipher-Suite": {"TLS_AES_128_GCM_SHA256"}, "X-Amzn-Tls-Version": {"TLSv1.3"}})},
		"albmulti": {Source: source.ALBMulti, Target: "/capture/space%20value?empty=&encodedPlus=a%2Bb&literalPlus=a+b&redirect=https%3A%2F%2Fexample.com%2Fa%2Fb&repeat=one&repeat=two",
			Host:   "fn-1316758055.us-west-2.elb.amazonaws.com",
			Header: header("Root=1-6a5145a7-5c3686ff7df3149177a89157", "http", http.Header{"Content-Length": length, "X-Probe": {"first", "second"}})},
		"alb": {Source: source.ALB, Target: "/capture/space%20value?empty=&encodedPlus=a%2Bb&literalPlus=a+b&redirect=https%3A%2F%2Fexample.com%2Fa%2Fb&repeat=two",
			Host:   "fn-1316758055.us-west-2.elb.amazonaws.com",
			Header: header("Root=1-6a5145a7-5c3686ff7df3149177a89157", "http", http.Header{"Content-Length": length, "X-Probe": {"second"}})},
	} {
		t.Run(name, func(t *testing.T) {
			want.Method, want.Path, want.Remote, want.Body = "POST", "/capture/space value", "203.0.113.9:0", hello
			assert.Equal(t, want, compared(t, read(t, "recorded/"+name)))
		})
	}
}

// An HTTP API's event of payload format 1.0 comes out as curl sent the request.
func TestRecordedHTTPv1(t *testing.T) {
	assert.Equal(t, request{
		Source: source.HTTPv1, Method: "POST", Target: "/pets?abc=xyz&foo=bar&foo=baz", Path: "/pets",
		Host: "h0ne.execute-api.eu-west-3.amazonaws.com", Remote: "203.0.113.9:0", TLS: true,
		Header: http.Header{
			"Accept": {"*/*"}, "Content-Length": {"45"}, "Content-Type": {"application/json"}, "User-Agent": {"curl/7.79.1"},
			"X-Amzn-Trace-Id": {"Root=1-64087690-2151375b219d3ba3389ea84e"},
			"X-Forwarded-For": {"203.0.113.9"}, "X-Forwarded-Port": {"443"}, "X-Forwarded-Proto": {"https"},
		},
		Body: `{"id":"123","breed":"Datsun","name":"Donald"}`,
	}, compared(t, read(t, "recorded/httpv1")))
}

// The events of a WebSocket connection become requests with the route for a path.
func TestRecordedWebSocket(t *testing.T) {
	const domain = "w5.execute-api.ap-northeast-1.amazonaws.com"
	connection := func(c event.Connection) *event.Connection {
		c.ConnectionID, c.DomainName, c.Stage = "R1kmxc2VNjMCFIA=", domain, "prod"
		c.ConnectedAt = time.UnixMilli(1705751697419)
		return &c
	}
	for name, want := range map[string]request{
		"connect": {Method: "GET", Target: "/$connect", Path: "/$connect",
			Header: http.Header{
				"Sec-Websocket-Extensions": {"permessage-deflate; client_max_window_bits"}, "Sec-Websocket-Key": {"dGhlIHNhbXBsZSBub25jZQ=="},
				"Sec-Websocket-Version": {"13"}, "X-Amzn-Trace-Id": {"Root=1-6731ebfc-08e1e656421db73c5d2eef31"},
				"X-Forwarded-For": {"203.0.113.9"}, "X-Forwarded-Port": {"443"}, "X-Forwarded-Proto": {"https"},
			},
			Connection: connection(event.Connection{RouteKey: "$connect", EventType: "CONNECT"})},
		"message": {Method: "POST", Target: "/$default", Path: "/$default", Header: http.Header{}, Body: "{\r\n\t\"a\": 1\r\n}",
			Connection: connection(event.Connection{RouteKey: "$default", EventType: "MESSAGE", MessageID: "R1knPc2ntjMCFIA="})},
		"disconnect": {Method: "DELETE", Target: "/$disconnect", Path: "/$disconnect",
			Header:     http.Header{"X-Api-Key": {""}, "X-Forwarded-For": {""}, "X-Restapi": {""}},
			Connection: connection(event.Connection{RouteKey: "$disconnect", EventType: "DISCONNECT", DisconnectStatusCode: 1001})},
	} {
		t.Run(name, func(t *testing.T) {
			want.Source, want.Host, want.Remote, want.TLS = source.WebSocket, domain, "203.0.113.9:0", true
			assert.Equal(t, want, compared(t, read(t, "recorded/websocket-"+name)))
		})
	}
}

// VPC Lattice's events, of which there are samples only, become the requests they tell of.
func TestLatticeSamples(t *testing.T) {
	for name, want := range map[string]request{
		"latticev1":         {Source: source.LatticeV1, Target: "/testpath?order-id=1", Path: "/testpath", Body: `{"test": "event"}`},
		"latticev2":         {Source: source.LatticeV2, Target: "/newpath?order-id=1&order-id=2", Path: "/newpath", Body: `{"message": "Hello from Lambda!"}`},
		"latticev2-strings": {Source: source.LatticeV2, Target: "/newpath?order-id=1", Path: "/newpath", Body: `{"message": "Hello from Lambda!"}`},
	} {
		t.Run(name, func(t *testing.T) {
			want.Method, want.Host, want.Remote = "GET", "orders-0123456789abcdef0.7d67968.vpc-lattice-svcs.us-east-2.on.aws", "10.213.229.10:0"
			want.Header = http.Header{"Accept": {"*/*"}, "User_agent": {"curl/7.64.1"}, "X-Forwarded-For": {"10.213.229.10"}}
			assert.Equal(t, want, compared(t, read(t, "samples/"+name)))
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
		"1.0 leaves it in the path":                  {`{"version":"1.0","resource":"/a","path":"/live/a","httpMethod":"GET","requestContext":{"stage":"live"}}`, "", "/live"},
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
	const one = `"headers":{"Content-Type":"text/plain; charset=utf-8","Set-Cookie":"b=2","Vary":"Accept, Cookie"}`
	for name, want := range map[string]string{
		"recorded/rest":              `{"statusCode":404,` + lists + `,"body":"<no>","isBase64Encoded":false}`,
		"recorded/httpv2":            `{"statusCode":404,"headers":{"Content-Type":"text/plain; charset=utf-8","Vary":"Accept, Cookie"},"cookies":["a=1","b=2"],"body":"<no>","isBase64Encoded":false}`,
		"recorded/functionurl":       `{"statusCode":404,"headers":{"Content-Type":"text/plain; charset=utf-8","Vary":"Accept, Cookie"},"cookies":["a=1","b=2"],"body":"<no>","isBase64Encoded":false}`,
		"recorded/albmulti":          `{"statusCode":404,"statusDescription":"404 Not Found",` + lists + `,"body":"<no>","isBase64Encoded":false}`,
		"recorded/alb":               `{"statusCode":404,"statusDescription":"404 Not Found","headers":{"Content-Type":"text/plain; charset=utf-8","Set-Cookie":"b=2","Vary":"Accept, Cookie"},"body":"<no>","isBase64Encoded":false}`,
		"recorded/httpv1":            `{"statusCode":404,` + lists + `,"body":"<no>","isBase64Encoded":false}`,
		"recorded/websocket-message": `{"statusCode":404,` + one + `,"body":"<no>","isBase64Encoded":false}`,
		"samples/latticev1":          `{"statusCode":404,` + one + `,"body":"<no>","isBase64Encoded":false}`,
		"samples/latticev2":          `{"statusCode":404,` + one + `,"body":"<no>","isBase64Encoded":false}`,
	} {
		t.Run(name, func(t *testing.T) {
			r := read(t, name)
			got, err := r.Encode(reply())
			require.NoError(t, err)
			assert.Equal(t, want, string(got))
		})
	}
	t.Run("a status without a phrase", func(t *testing.T) {
		r := read(t, "recorded/alb")
		got, err := r.Encode(&event.Reply{Status: 299})
		require.NoError(t, err)
		assert.Equal(t, `{"statusCode":299,"statusDescription":"299 status code 299","headers":{},"body":"","isBase64Encoded":false}`, string(got))
	})
}
