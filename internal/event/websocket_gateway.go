package event

import (
	"bytes"
	"encoding/json"
	"fmt"
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
	ctx := contextOf(c, r, "$connect", "CONNECT")
	return encodeWebSocket(&webSocketGatewayEvent{
		Headers:           lasts(header),
		MultiValueHeaders: header,
		Query:             lasts(query),
		MultiValueQuery:   query,
		RequestContext:    ctx,
	})
}

// EncodeWebSocketMessage writes the MESSAGE event of a text message.
func EncodeWebSocketMessage(c *WebSocketConnection, r WebSocketRequest, routeKey, messageID, body string) ([]byte, error) {
	ctx := contextOf(c, r, routeKey, "MESSAGE")
	ctx.MessageID = messageID
	return encodeWebSocket(&webSocketGatewayEvent{RequestContext: ctx, Body: &body})
}

// EncodeWebSocketDisconnect writes the DISCONNECT event of a connection that
// closed with status and reason.
func EncodeWebSocketDisconnect(c *WebSocketConnection, r WebSocketRequest, status int, reason string) ([]byte, error) {
	ctx := contextOf(c, r, "$disconnect", "DISCONNECT")
	ctx.DisconnectStatusCode = &status
	ctx.DisconnectReason = &reason
	// API Gateway keeps nothing of the handshake but these four names.
	header := http.Header{
		"Host":            {c.DomainName},
		"x-api-key":       {""},
		"X-Forwarded-For": {""},
		"x-restapi":       {""},
	}
	return encodeWebSocket(&webSocketGatewayEvent{
		Headers:           lasts(header),
		MultiValueHeaders: header,
		RequestContext:    ctx,
	})
}

// webSocketGatewayEvent has the shape recorded since 2022, in which what is
// absent is left out; before, it was null.
type webSocketGatewayEvent struct {
	Headers           map[string]string       `json:"headers,omitempty"`
	MultiValueHeaders map[string][]string     `json:"multiValueHeaders,omitempty"`
	Query             map[string]string       `json:"queryStringParameters,omitempty"`
	MultiValueQuery   map[string][]string     `json:"multiValueQueryStringParameters,omitempty"`
	RequestContext    webSocketGatewayContext `json:"requestContext"`
	Body              *string                 `json:"body,omitempty"`
	IsBase64Encoded   bool                    `json:"isBase64Encoded"`
}

type webSocketGatewayContext struct {
	RouteKey             string                   `json:"routeKey"`
	DisconnectStatusCode *int                     `json:"disconnectStatusCode,omitempty"`
	MessageID            string                   `json:"messageId,omitempty"`
	EventType            string                   `json:"eventType"`
	ExtendedRequestID    string                   `json:"extendedRequestId"`
	RequestTime          string                   `json:"requestTime"`
	MessageDirection     string                   `json:"messageDirection"`
	DisconnectReason     *string                  `json:"disconnectReason,omitempty"`
	Stage                string                   `json:"stage"`
	ConnectedAt          int64                    `json:"connectedAt"`
	RequestTimeEpoch     int64                    `json:"requestTimeEpoch"`
	Identity             webSocketGatewayIdentity `json:"identity"`
	RequestID            string                   `json:"requestId"`
	DomainName           string                   `json:"domainName"`
	ConnectionID         string                   `json:"connectionId"`
	APIID                string                   `json:"apiId"`
}

type webSocketGatewayIdentity struct {
	UserAgent string `json:"userAgent,omitempty"`
	SourceIP  string `json:"sourceIp"`
}

func contextOf(c *WebSocketConnection, r WebSocketRequest, routeKey, eventType string) webSocketGatewayContext {
	return webSocketGatewayContext{
		RouteKey:          routeKey,
		EventType:         eventType,
		ExtendedRequestID: r.ID,
		RequestTime:       clfTime(r.Time),
		MessageDirection:  "IN",
		Stage:             c.Stage,
		ConnectedAt:       c.ConnectedAt.UnixMilli(),
		RequestTimeEpoch:  r.Time.UnixMilli(),
		Identity:          webSocketGatewayIdentity{UserAgent: c.UserAgent, SourceIP: c.SourceIP},
		RequestID:         r.ID,
		DomainName:        c.DomainName,
		ConnectionID:      c.ID,
		APIID:             c.APIID,
	}
}

func encodeWebSocket(e *webSocketGatewayEvent) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false) // a message reads in the event as it was sent
	if err := enc.Encode(e); err != nil {
		return nil, fmt.Errorf("event: write WebSocket event: %w", err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
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
	single, err := m.single("headers")
	if err != nil {
		return nil, err
	}
	multi, err := m.multi("multiValueHeaders")
	if err != nil {
		return nil, err
	}
	header := canonical(multi)
	maps.Copy(header, canonical(spelled(single)))
	return &WebSocketReply{StatusCode: status, Subprotocol: header.Get("Sec-WebSocket-Protocol"), Body: string(body)}, nil
}
