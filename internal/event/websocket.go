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

func (*webSocket) detect(e *document) bool {
	return e.context.connectionID.IsString() && eventMethod(e.context.eventType) != ""
}

func eventMethod(eventType jsontape.Value) string {
	switch string(text(eventType)) {
	case "CONNECT":
		return http.MethodGet
	case "MESSAGE":
		return http.MethodPost
	case "DISCONNECT":
		return http.MethodDelete
	}
	return ""
}

func (*webSocket) decode(e *document, r *Request) error {
	if err := r.setHeader(e, e.multiValueHeaders, e.headers); err != nil {
		return err
	}
	r.Connection = &Connection{
		ConnectionID:         r.keep(e.context.connectionID),
		RouteKey:             r.keep(e.context.routeKey),
		EventType:            r.keep(e.context.eventType),
		MessageID:            r.keep(e.context.messageID),
		ConnectedAt:          time.UnixMilli(e.context.connectedAt.Int()),
		DomainName:           r.keep(e.context.domainName),
		Stage:                r.keep(e.context.stage),
		DisconnectStatusCode: int(e.context.disconnectCode.Int()),
		DisconnectReason:     r.keep(e.context.disconnectReason),
	}
	r.Method = eventMethod(e.context.eventType)
	r.ProtoMajor, r.ProtoMinor = 1, 1
	r.URL.Path = "/" + strings.TrimPrefix(r.Connection.RouteKey, "/")
	r.setEscapedPath()
	r.setQueryMaps(e.multiValueQueryStringParameters, e.queryStringParameters, encodeQuery)
	r.setHost(e.context.domainName)
	r.setClient(e.context.identityClient)
	r.setTLSUnlessHTTP()
	r.setCertificates(text(e.context.identityCertificate.Get("clientCertPem")))
	return r.setBody(e.body, e.isBase64Encoded)
}

// For a new connection the status decides the handshake, and of the header only
// Sec-WebSocket-Protocol reaches the client. For a message the body is sent back
// where the route has a response.
func (*webSocket) appendHead(dst []byte, r *Reply) []byte {
	dst = appendStatus(dst, r)
	return appendHeaders(dst, r.withOneCookie())
}
