package adapter_test

import (
	"io"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/lambridge-go/lambridge/adapter"
)

// The events of one connection, of which only the first has the client's header and
// query, and only the second a body.
const (
	connectEvent = `{
		"headers": {"Host": "ws0.execute-api.us-west-2.amazonaws.com", "Sec-WebSocket-Protocol": "chat", "X-Forwarded-For": "192.0.2.1"},
		"multiValueHeaders": {"Host": ["ws0.execute-api.us-west-2.amazonaws.com"], "Sec-WebSocket-Protocol": ["chat"], "X-Forwarded-For": ["192.0.2.1"]},
		"requestContext": {
			"routeKey": "$connect", "eventType": "CONNECT", "extendedRequestId": "R1koeHsUtjMFbRw=", "requestId": "R1koeHsUtjMFbRw=",
			"requestTime": "20/Jan/2024:11:54:57 +0000", "requestTimeEpoch": 1705751697426, "messageDirection": "IN",
			"stage": "prod", "connectedAt": 1705751697419, "identity": {"sourceIp": "203.0.113.9", "userAgent": "curl/8"},
			"domainName": "ws0.execute-api.us-west-2.amazonaws.com", "connectionId": "R1kmxc2VNjMCFIA=", "apiId": "ws0"
		},
		"isBase64Encoded": false
	}`
	messageEvent = `{
		"requestContext": {
			"routeKey": "sendmessage", "messageId": "JXm8nc_dvHcCFLQ=", "eventType": "MESSAGE", "messageDirection": "IN",
			"stage": "prod", "connectedAt": 1705751697419, "identity": {"sourceIp": "203.0.113.9", "userAgent": "curl/8"},
			"domainName": "ws0.execute-api.us-west-2.amazonaws.com", "connectionId": "R1kmxc2VNjMCFIA=", "apiId": "ws0"
		},
		"body": "{\"action\":\"sendmessage\"}", "isBase64Encoded": false
	}`
	disconnectEvent = `{
		"headers": {"Host": "ws0.execute-api.us-west-2.amazonaws.com", "x-api-key": "", "X-Forwarded-For": "", "x-restapi": ""},
		"multiValueHeaders": {"Host": ["ws0.execute-api.us-west-2.amazonaws.com"], "x-api-key": [""], "X-Forwarded-For": [""], "x-restapi": [""]},
		"requestContext": {
			"routeKey": "$disconnect", "eventType": "DISCONNECT", "disconnectStatusCode": 1001, "disconnectReason": "going away",
			"stage": "prod", "connectedAt": 1705751697419, "identity": {"sourceIp": "203.0.113.9", "userAgent": "curl/8"},
			"domainName": "ws0.execute-api.us-west-2.amazonaws.com", "connectionId": "R1kmxc2VNjMCFIA=", "apiId": "ws0"
		},
		"isBase64Encoded": false
	}`
)

// socketRequest is what a handler sees of an event of the connection.
func socketRequest(method, path string, header http.Header) *seen {
	s := notesRequest("ws0.execute-api.us-west-2.amazonaws.com")
	s.Method, s.RequestURI, s.URL, s.Header = method, path, url.URL{Path: path}, header
	return s
}

func TestRequestOfConnect(t *testing.T) {
	plain := func() *seen {
		return socketRequest("GET", "/$connect", http.Header{"Sec-Websocket-Protocol": {"chat"}, "X-Forwarded-For": {"192.0.2.1"}})
	}
	testRequests(t, connectEvent, plain, []requestRow{
		{"header and query are the client's (rule 84, pitfall 109)", `{"multiValueHeaders": {"x-thing": ["a", "b"]}, "queryStringParameters": {"token": "b c"}, "multiValueQueryStringParameters": {"token": ["a", "b c"]}}`,
			all(header("X-Thing", "a", "b"), target("/$connect", "", "token=a&token=b+c", "/$connect?token=a&token=b+c"))},
		{"no header (rule 84)", `{"headers": null, "multiValueHeaders": null}`, func(s *seen) { s.Header = http.Header{} }},
		{"an authorizer that is a string (pitfall 105)", `{"requestContext": {"authorizer": "principal"}}`, nil},
	})
}

func TestRequestOfMessage(t *testing.T) {
	plain := func() *seen {
		s := socketRequest("POST", "/sendmessage", http.Header{})
		s.Body, s.ContentLength = `{"action":"sendmessage"}`, 24
		return s
	}
	testRequests(t, messageEvent, plain, []requestRow{
		{"no headers, null (rule 85, pitfall 114)", `{"headers": null}`, nil},
		{"the default route (rule 85)", `{"requestContext": {"routeKey": "$default"}}`, target("/$default", "", "", "/$default")},
		{"a route whose key is no path (rule 85)", `{"requestContext": {"routeKey": "a b/c?d"}}`, target("/a b/c?d", "", "", "/a%20b/c%3Fd")},
		{"a message in base64 (rule 85)", `{"body": "AAEC", "isBase64Encoded": true}`, body("\x00\x01\x02")},
		{"an empty message (rule 85)", `{"body": ""}`, body("")},
	})
}

func TestRequestOfDisconnect(t *testing.T) {
	plain := func() *seen {
		return socketRequest("DELETE", "/$disconnect", http.Header{"X-Api-Key": {""}, "X-Forwarded-For": {""}, "X-Restapi": {""}})
	}
	testRequests(t, disconnectEvent, plain, []requestRow{
		{"no headers (pitfall 114)", `{"headers": null, "multiValueHeaders": null}`, func(s *seen) { s.Header = http.Header{} }},
	})
}

func TestWebSocketFrom(t *testing.T) {
	connectedAt := time.UnixMilli(1705751697419)
	for name, row := range map[string]struct {
		event string
		want  adapter.WebSocket
	}{
		"a new connection (rule 84)": {connectEvent, adapter.WebSocket{
			ConnectionID: "R1kmxc2VNjMCFIA=", RouteKey: "$connect", EventType: "CONNECT", ConnectedAt: connectedAt,
			DomainName: "ws0.execute-api.us-west-2.amazonaws.com", Stage: "prod",
		}},
		"a message (rule 85)": {messageEvent, adapter.WebSocket{
			ConnectionID: "R1kmxc2VNjMCFIA=", RouteKey: "sendmessage", EventType: "MESSAGE", MessageID: "JXm8nc_dvHcCFLQ=",
			ConnectedAt: connectedAt, DomainName: "ws0.execute-api.us-west-2.amazonaws.com", Stage: "prod",
		}},
		"the end (rule 86, pitfall 113)": {disconnectEvent, adapter.WebSocket{
			ConnectionID: "R1kmxc2VNjMCFIA=", RouteKey: "$disconnect", EventType: "DISCONNECT", ConnectedAt: connectedAt,
			DomainName: "ws0.execute-api.us-west-2.amazonaws.com", Stage: "prod", DisconnectStatusCode: 1001, DisconnectReason: "going away",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			invoke(t, func(_ http.ResponseWriter, r *http.Request) {
				got, ok := adapter.WebSocketFrom(r.Context())
				assert.True(t, ok)
				assert.Equal(t, row.want, got)
			}, []byte(row.event))
		})
	}
	t.Run("GET /$connect of a client is no WebSocket (pitfall 42)", func(t *testing.T) {
		invoke(t, func(_ http.ResponseWriter, r *http.Request) {
			got, ok := adapter.WebSocketFrom(r.Context())
			assert.False(t, ok)
			assert.Zero(t, got)
		}, edit(t, restEvent, `{"path": "/$connect"}`))
	})
}

func TestReplyToWebSocket(t *testing.T) {
	for name, row := range map[string]struct {
		event   string
		handler http.HandlerFunc
		want    map[string]any
	}{
		"a handshake is refused by its status (pitfall 110)": {connectEvent, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(401) },
			map[string]any{"statusCode": 401., "headers": map[string]any{}, "body": "", "isBase64Encoded": false}},
		"the subprotocol is chosen (pitfall 111)": {connectEvent, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Sec-WebSocket-Protocol", r.Header.Get("Sec-WebSocket-Protocol"))
		}, map[string]any{"statusCode": 200., "headers": map[string]any{"Sec-Websocket-Protocol": "chat"}, "body": "", "isBase64Encoded": false}},
		"the body of a message's reply (pitfall 112)": {messageEvent, func(w http.ResponseWriter, r *http.Request) { io.Copy(w, r.Body) },
			map[string]any{"statusCode": 200., "headers": map[string]any{"Content-Type": "text/plain; charset=utf-8"}, "body": `{"action":"sendmessage"}`, "isBase64Encoded": false}},
		"the end (rule 86)": {disconnectEvent, func(http.ResponseWriter, *http.Request) {},
			map[string]any{"statusCode": 200., "headers": map[string]any{}, "body": "", "isBase64Encoded": false}},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, row.want, decode(t, invoke(t, row.handler, []byte(row.event))))
		})
	}
}
