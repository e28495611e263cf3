package event

import (
	"maps"
	"net/http"
	"net/url"
	"time"
)

// The gateway half of WebSocket APIs: what the API tells its function, and what
// it makes of the answer.
//
// https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-overview.html

// WebSocketConnection is what every event of one connection repeats.
type WebSocketConnection struct {
	ID          string // of the connection, as in @connections
	APIID       string
	DomainName  string
	Stage       string
	SourceIP    string
	UserAgent   string // "" leaves it out
	ConnectedAt time.Time
}

// WebSocketRequest is one request of a connection to the function.
type WebSocketRequest struct {
	ID   string // requestId and extendedRequestId
	Time time.Time
}

// EncodeWebSocketConnect writes the CONNECT event of a handshake. header is the
// client's, with what the gateway added; each of its names is used as it is
// spelled, so the caller restores the spelling that net/http normalises. query
// may be empty.
func EncodeWebSocketConnect(c *WebSocketConnection, r WebSocketRequest, header http.Header, query url.Values) ([]byte, error) {
	w := newEvent()
	writeHandshake(w, header)
	if len(query) > 0 {
		w.texts("queryStringParameters", lasts(query))
		w.lists("multiValueQueryStringParameters", query)
	}
	w.object("requestContext")
	w.text("routeKey", "$connect")
	w.text("eventType", "CONNECT")
	c.write(w, r)
	w.end()
	return finishWebSocket(w)
}

// EncodeWebSocketMessage writes the MESSAGE event of a text message.
func EncodeWebSocketMessage(c *WebSocketConnection, r WebSocketRequest, routeKey, messageID, body string) ([]byte, error) {
	w := newEvent()
	w.object("requestContext")
	w.text("routeKey", routeKey)
	w.text("messageId", messageID)
	w.text("eventType", "MESSAGE")
	c.write(w, r)
	w.end()
	w.text("body", body)
	return finishWebSocket(w)
}

// EncodeWebSocketDisconnect writes the DISCONNECT event of a connection that
// closed with status and reason.
func EncodeWebSocketDisconnect(c *WebSocketConnection, r WebSocketRequest, status int, reason string) ([]byte, error) {
	w := newEvent()
	// API Gateway keeps nothing of the handshake but these four names.
	writeHandshake(w, http.Header{
		"Host":            {c.DomainName},
		"x-api-key":       {""},
		"X-Forwarded-For": {""},
		"x-restapi":       {""},
	})
	w.object("requestContext")
	w.text("routeKey", "$disconnect")
	w.number("disconnectStatusCode", int64(status))
	w.text("disconnectReason", reason)
	w.text("eventType", "DISCONNECT")
	c.write(w, r)
	w.end()
	return finishWebSocket(w)
}

func writeHandshake(w *objectWriter, header http.Header) {
	if len(header) > 0 {
		w.texts("headers", lasts(header))
		w.lists("multiValueHeaders", header)
	}
}

// write writes what the contexts of all events have in common.
func (c *WebSocketConnection) write(w *objectWriter, r WebSocketRequest) {
	w.text("extendedRequestId", r.ID)
	w.text("requestTime", clfTime(r.Time))
	w.text("messageDirection", "IN")
	w.text("stage", c.Stage)
	w.number("connectedAt", c.ConnectedAt.UnixMilli())
	w.number("requestTimeEpoch", r.Time.UnixMilli())
	w.object("identity")
	if c.UserAgent != "" {
		w.text("userAgent", c.UserAgent)
	}
	w.text("sourceIp", c.SourceIP)
	w.end()
	w.text("requestId", r.ID)
	w.text("domainName", c.DomainName)
	w.text("connectionId", c.ID)
	w.text("apiId", c.APIID)
}

func finishWebSocket(w *objectWriter) ([]byte, error) {
	w.boolean("isBase64Encoded", false)
	return w.finish(0)
}

// WebSocketReply is a function's answer to an event of a WebSocket API.
type WebSocketReply struct {
	StatusCode  int    // 200 to 599
	Subprotocol string // the Sec-WebSocket-Protocol header, or ""
	Body        string
}

// DecodeWebSocketReply reads a function's answer. What is no answer of a proxy
// integration, such as one without a statusCode, is a *Refusal.
func DecodeWebSocketReply(data []byte) (*WebSocketReply, error) {
	m, err := membersOf(data)
	if err != nil {
		return nil, err
	}
	status, err := m.status()
	if err != nil {
		return nil, err
	}
	body, err := m.content()
	if err != nil {
		return nil, err
	}
	single, multi, err := m.allHeaders()
	if err != nil {
		return nil, err
	}
	header := canonical(multi)
	maps.Copy(header, canonical(spelled(single)))
	return &WebSocketReply{StatusCode: status, Subprotocol: header.Get("Sec-WebSocket-Protocol"), Body: string(body)}, nil
}
