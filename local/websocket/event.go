package websocket

import (
	"net/http"
	"net/url"
	"time"

	"github.com/lambridge-go/lambridge/local/internal/arrival"
	"github.com/lambridge-go/lambridge/local/internal/format"
)

// What a WebSocket API tells its function, and what it makes of the answer.
//
// https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-overview.html

// A connection is what every event of one connection repeats.
type connection struct {
	ID          string // of the connection, as in @connections
	APIID       string
	DomainName  string
	Stage       string
	SourceIP    string
	UserAgent   string // "" leaves it out
	ConnectedAt time.Time
}

// A request is one request of a connection to the function.
type request struct {
	ID   string // requestId and extendedRequestId
	Time time.Time
}

// encodeConnect writes the CONNECT event of a handshake. header is the
// client's, with what the gateway added; each of its names is used as it is
// spelled, so the caller restores the spelling that net/http normalises. query
// may be empty.
func encodeConnect(c *connection, r request, header http.Header, query url.Values) ([]byte, error) {
	w := format.NewWriter()
	writeHandshake(w, header)
	if len(query) > 0 {
		w.Texts("queryStringParameters", format.Lasts(query))
		w.Lists("multiValueQueryStringParameters", query)
	}
	w.Object("requestContext")
	w.Text("routeKey", "$connect")
	w.Text("eventType", "CONNECT")
	c.writeContext(w, r)
	w.End()
	return finish(w)
}

// encodeMessage writes the MESSAGE event of a text message.
func encodeMessage(c *connection, r request, routeKey, messageID, body string) ([]byte, error) {
	w := format.NewWriter()
	w.Object("requestContext")
	w.Text("routeKey", routeKey)
	w.Text("messageId", messageID)
	w.Text("eventType", "MESSAGE")
	c.writeContext(w, r)
	w.End()
	w.Text("body", body)
	return finish(w)
}

// encodeDisconnect writes the DISCONNECT event of a connection that
// closed with status and reason.
func encodeDisconnect(c *connection, r request, status int, reason string) ([]byte, error) {
	w := format.NewWriter()
	// API Gateway keeps nothing of the handshake but these four names.
	writeHandshake(w, http.Header{
		"Host":            {c.DomainName},
		"x-api-key":       {""},
		"X-Forwarded-For": {""},
		"x-restapi":       {""},
	})
	w.Object("requestContext")
	w.Text("routeKey", "$disconnect")
	w.Number("disconnectStatusCode", int64(status))
	w.Text("disconnectReason", reason)
	w.Text("eventType", "DISCONNECT")
	c.writeContext(w, r)
	w.End()
	return finish(w)
}

func writeHandshake(w *format.Writer, header http.Header) {
	if len(header) > 0 {
		w.Texts("headers", format.Lasts(header))
		w.Lists("multiValueHeaders", header)
	}
}

// writeContext writes what the contexts of all events have in common.
func (c *connection) writeContext(w *format.Writer, r request) {
	w.Text("extendedRequestId", r.ID)
	w.Text("requestTime", arrival.ClockTime(r.Time))
	w.Text("messageDirection", "IN")
	w.Text("stage", c.Stage)
	w.Number("connectedAt", c.ConnectedAt.UnixMilli())
	w.Number("requestTimeEpoch", r.Time.UnixMilli())
	w.Object("identity")
	if c.UserAgent != "" {
		w.Text("userAgent", c.UserAgent)
	}
	w.Text("sourceIp", c.SourceIP)
	w.End()
	w.Text("requestId", r.ID)
	w.Text("domainName", c.DomainName)
	w.Text("connectionId", c.ID)
	w.Text("apiId", c.APIID)
}

func finish(w *format.Writer) ([]byte, error) {
	w.Boolean("isBase64Encoded", false)
	return w.Finish(0)
}

// A reply is a function's answer to an event of a WebSocket API.
type reply struct {
	StatusCode  int    // 200 to 599
	Subprotocol string // the Sec-WebSocket-Protocol header, or ""
	Body        string
}

// decodeReply reads a function's answer. What is no answer of a proxy
// integration, such as one without a statusCode, is a *door.Refusal.
func decodeReply(data []byte) (*reply, error) {
	r, err := format.ReadReply(data)
	if err != nil {
		return nil, err
	}
	status, err := r.Status()
	if err != nil {
		return nil, err
	}
	body, err := r.Content()
	if err != nil {
		return nil, err
	}
	header, err := r.Fields()
	if err != nil {
		return nil, err
	}
	return &reply{StatusCode: status, Subprotocol: header.Get("Sec-WebSocket-Protocol"), Body: string(body)}, nil
}
