package event

import (
	"net/http"
	"strings"
	"time"

	"github.com/lambridge-go/lambridge/internal/jsontape"
	"github.com/lambridge-go/lambridge/internal/source"
)

// webSocket is API Gateway's WebSocket API:
// https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-route-keys-connect-disconnect.html
//
//	{
//	  "headers": {"Host": "…"}, "multiValueHeaders": {"Host": ["…"]},
//	  "requestContext": {
//	    "routeKey": "$connect", "eventType": "CONNECT", "connectionId": "L0SM9cOFvHcCIhw=",
//	    "connectedAt": 1645556857902, "domainName": "…", "stage": "prod",
//	    "identity": {"sourceIp": "192.0.2.1"}, …
//	  },
//	  "isBase64Encoded": false
//	}
//
// Only the event of a new connection has the client's header and query, only that
// of a message a body. None has a method or a path: they become
//
//	GET /$connect, POST /{routeKey}, DELETE /$disconnect
type webSocket struct{}

func (*webSocket) source() source.Source { return source.WebSocket }

func (*webSocket) terms() terms { return terms{reply: maxLambdaReply} }

func (*webSocket) detect(e document) bool {
	return e.context.Get("connectionId").IsString() && eventMethod(e.context.Get("eventType")) != ""
}

func eventMethod(eventType jsontape.Value) string {
	switch {
	case eventType.Is("CONNECT"):
		return http.MethodGet
	case eventType.Is("MESSAGE"):
		return http.MethodPost
	case eventType.Is("DISCONNECT"):
		return http.MethodDelete
	}
	return ""
}

func (*webSocket) decode(e document, r *Request) error {
	if err := r.setHeader(e.Get("multiValueHeaders"), e.Get("headers")); err != nil {
		return err
	}
	c := readWebSocketContext(e.context)
	r.Connection = &Connection{
		ConnectionID:         r.keep(c.connectionID),
		RouteKey:             r.keep(c.routeKey),
		EventType:            r.keep(c.eventType),
		MessageID:            r.keep(c.messageID),
		ConnectedAt:          time.UnixMilli(c.connectedAt.Int()),
		DomainName:           r.keep(c.domainName),
		Stage:                r.keep(c.stage),
		DisconnectStatusCode: int(c.disconnectStatusCode.Int()),
		DisconnectReason:     r.keep(c.disconnectReason),
	}
	r.Method = eventMethod(c.eventType)
	r.ProtoMajor, r.ProtoMinor = 1, 1
	r.URL.Path = "/" + strings.TrimPrefix(r.Connection.RouteKey, "/")
	r.setEscapedPath()
	r.setQueryMaps(e.Get("multiValueQueryStringParameters"), e.Get("queryStringParameters"), encodeQuery)
	r.setHost(c.domainName)
	r.setClient(c.identity.Get("sourceIp"))
	r.setTLSUnlessHTTP()
	r.setCertificates(c.identity.Get("clientCert").Get("clientCertPem").Text())
	return r.setBody(e.Get("body"), e.Get("isBase64Encoded"))
}

// A webSocketContext is what is read of requestContext.
type webSocketContext struct {
	connectionID, routeKey, eventType, messageID, connectedAt, domainName, stage,
	disconnectStatusCode, disconnectReason, identity jsontape.Value
}

// readWebSocketContext finds all of it in one walk, where a search for each member would be a
// walk of its own.
func readWebSocketContext(context jsontape.Value) (c webSocketContext) {
	for m := context.Members(); m.More(); m = m.Next() {
		switch string(m.Key()) {
		case "connectionId":
			c.connectionID = m.Value()
		case "routeKey":
			c.routeKey = m.Value()
		case "eventType":
			c.eventType = m.Value()
		case "messageId":
			c.messageID = m.Value()
		case "connectedAt":
			c.connectedAt = m.Value()
		case "domainName":
			c.domainName = m.Value()
		case "stage":
			c.stage = m.Value()
		case "disconnectStatusCode":
			c.disconnectStatusCode = m.Value()
		case "disconnectReason":
			c.disconnectReason = m.Value()
		case "identity":
			c.identity = m.Value()
		}
	}
	return c
}

// For a new connection the status decides the handshake, and of the header only
// Sec-WebSocket-Protocol reaches the client. For a message the body is sent back
// where the route has a response.
func (*webSocket) appendHead(dst []byte, r *Reply) []byte {
	dst = appendStatus(dst, r)
	return appendHeaders(dst, r.withOneCookie())
}
