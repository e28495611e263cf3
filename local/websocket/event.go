package websocket

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/lambridge-go/lambridge/local/internal/arrival"
	"github.com/lambridge-go/lambridge/local/internal/format"
)

// The events of WebSocket APIs, and what is made of the answers to them.
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

	variables map[string]string // of the stage

	// authorizer and identity are the JSON that the authorizer of $connect has left, or
	// nil.
	authorizer, identity json.RawMessage

	// written are the parts of requestContext that messages repeat, once there was one.
	written [3][]byte
}

// A request is what a connection tells its API's integrations at one time: that it
// opens, a message, or that it has closed.
type request struct {
	of      *connection
	kind    EventType
	route   string // its key
	id      string // requestId and extendedRequestId
	time    time.Time
	traceID string

	// A connection that opens has the header of its handshake, with what the gateway
	// added and each name as it is to be spelled, and its query.
	header http.Header
	query  url.Values

	// A message has an id and a text.
	messageID, message string

	// A connection that has closed has a status.
	status closeStatus

	answer reply  // of a function: it needs no memory of its own
	seen   *Event // that Observe is told of, nil without one
}

// event writes the request's event.
func (r *request) event() ([]byte, error) {
	w := format.NewWriter()
	switch r.kind {
	case Connect:
		writeHandshake(w, r.header)
		if len(r.query) > 0 {
			w.Texts("queryStringParameters", format.Lasts(r.query))
			w.Lists("multiValueQueryStringParameters", r.query)
		}
	case Disconnect:
		// API Gateway keeps nothing of the handshake but these four names.
		writeHandshake(w, http.Header{
			"Host":            {r.of.DomainName},
			"x-api-key":       {""},
			"X-Forwarded-For": {""},
			"x-restapi":       {""},
		})
	}
	w.Object("requestContext")
	r.writeContext(w)
	w.End()
	if r.kind == Message {
		w.Text("body", r.message)
	}
	w.Boolean("isBase64Encoded", false)
	return w.Finish(0)
}

func writeHandshake(w *format.Writer, header http.Header) {
	if len(header) > 0 {
		w.Texts("headers", format.Lasts(header))
		w.Lists("multiValueHeaders", header)
	}
}

// writeContext writes the members of requestContext.
func (r *request) writeContext(w *format.Writer) {
	w.Text("routeKey", r.route)
	switch r.kind {
	case Message:
		w.Text("messageId", r.messageID)
	case Disconnect:
		w.Number("disconnectStatusCode", int64(r.status.code))
		w.Text("disconnectReason", r.status.reason)
	}
	w.Text("eventType", string(r.kind))
	w.Text("extendedRequestId", r.id)
	w.Text("requestTime", arrival.ClockTime(r.time))
	r.repeat(w, 0, (*connection).writeOrigin)
	w.Number("requestTimeEpoch", r.time.UnixMilli())
	r.repeat(w, 1, (*connection).writeCaller)
	w.Text("requestId", r.id)
	r.repeat(w, 2, (*connection).writeAddress)
}

// repeat writes members that all messages of a connection have alike. They are made for the
// first of them.
func (r *request) repeat(w *format.Writer, part int, write func(*connection, *format.Writer)) {
	if r.kind != Message {
		write(r.of, w)
		return
	}
	w.Repeat(&r.of.written[part], func() { write(r.of, w) })
}

func (c *connection) writeOrigin(w *format.Writer) {
	w.Text("messageDirection", "IN")
	w.Text("stage", c.Stage)
	w.Number("connectedAt", c.ConnectedAt.UnixMilli())
}

func (c *connection) writeCaller(w *format.Writer) {
	if c.authorizer != nil {
		w.Value("authorizer", c.authorizer)
	}
	w.Object("identity")
	if c.UserAgent != "" {
		w.Text("userAgent", c.UserAgent)
	}
	w.Text("sourceIp", c.SourceIP)
	var known map[string]string
	if c.identity != nil {
		_ = json.Unmarshal(c.identity, &known) // an authorizer wrote it
	}
	for _, name := range slices.Sorted(maps.Keys(known)) {
		w.Given(name, known[name])
	}
	w.End()
}

func (c *connection) writeAddress(w *format.Writer) {
	w.Text("domainName", c.DomainName)
	w.Text("connectionId", c.ID)
	w.Text("apiId", c.APIID)
}

// sent notes what an integration is told.
func (r *request) sent(event []byte) {
	if r.seen != nil {
		r.seen.Event = event
	}
}

// returned notes what an integration has answered.
func (r *request) returned(reply []byte) {
	if r.seen != nil {
		r.seen.Reply = reply
	}
}

// A reply is an integration's answer.
type reply struct {
	StatusCode  int    // 200 to 599
	Subprotocol string // the Sec-WebSocket-Protocol header, or ""
	Body        []byte
	Binary      bool // the Body is for a binary frame
}

// decodeReply reads a function's answer to what a connection tells. What is no answer of a
// proxy integration, such as one without a statusCode, is a *door.Refusal. The header
// of an answer to a message has no effect and is not looked at.
func decodeReply(data []byte, kind EventType) (decoded reply, err error) {
	r, err := format.ReadReply(data)
	if err != nil {
		return reply{}, err
	}
	if decoded.StatusCode, err = r.Status(); err != nil {
		return reply{}, err
	}
	if decoded.Body, err = r.Content(); err != nil {
		return reply{}, err
	}
	if kind == Connect {
		header, err := r.Fields()
		if err != nil {
			return reply{}, err
		}
		decoded.Subprotocol = header.Get("Sec-WebSocket-Protocol")
	}
	return decoded, nil
}
