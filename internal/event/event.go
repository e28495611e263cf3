// Package event holds the wire formats: what each front door of AWS Lambda sends
// a function for an HTTP request, and what it takes for an answer.
//
// Each kind of event is one story in two halves. The Lambda half (rest.go,
// httpv2.go, …) recognises the event, reads it as a request and writes the reply;
// package adapter uses it inside a function. The gateway half (rest_gateway.go, …)
// writes the event for a request and makes a response of the reply; package
// local/gateway uses it to stand in for AWS. The halves never call each other: a
// misunderstanding they shared would pass every round trip, so each is tested
// against what AWS was recorded to do.
//
// The list kinds names them all. Nothing else asks which kind an event is of.
package event

import (
	"fmt"
	"sync"

	"github.com/lambridge-go/lambridge/internal/jsontape"
)

// Source names the front door that an event came through.
type Source string

// The front doors. Their values are also the names the local command knows them by.
const (
	REST        Source = "rest"       // API Gateway REST API
	HTTPv1      Source = "http-v1"    // API Gateway HTTP API, payload format 1.0
	HTTPv2      Source = "http"       // API Gateway HTTP API, payload format 2.0
	FunctionURL Source = "url"        // Lambda function URL
	ALB         Source = "alb"        // Application Load Balancer, single-value headers
	ALBMulti    Source = "alb-multi"  // Application Load Balancer, multi-value headers
	LatticeV1   Source = "lattice-v1" // VPC Lattice, event structure 1.0
	LatticeV2   Source = "lattice"    // VPC Lattice, event structure 2.0
	WebSocket   Source = "websocket"  // API Gateway WebSocket API
)

// A kind is one front door's way with events: the only place that knows their JSON.
type kind interface {
	source() Source

	// detect reports whether the event is of this kind, judged by its structure.
	detect(e document) bool

	// decode reads the event into r. An error is a *RequestError.
	decode(e document, r *Request) error

	// appendReply writes r the way this front door takes it.
	appendReply(dst []byte, r *Reply) []byte

	// terms are what the front door takes for a reply.
	terms() terms
}

// terms are what a front door takes for a reply.
type terms struct {
	reply     int  // the most bytes of its JSON
	header    int  // the most bytes of its header as the client would get it, 0 for no limit
	ownServer bool // the header Server is the front door's: a reply's own arrives by another name
}

// A streamingKind is a kind whose front door can take a reply in pieces.
type streamingKind interface {
	kind

	// appendPrelude writes the JSON that announces a streamed reply: all of r
	// but its body.
	appendPrelude(dst []byte, r *Reply) []byte
}

// kinds lists every kind in the order in which they are tried: each detects what
// is its own among the events that those ahead of it have left. They are pointers
// because a method of a value would be linked once more for its pointer.
var kinds = [...]kind{
	&alb{}, &albMulti{}, &webSocket{}, &functionURL{}, &httpV2{}, &latticeV2{}, &latticeV1{}, &httpV1{}, &rest{},
}

// A document is an event that has been read, with the member that half of all questions
// are about.
type document struct {
	root    jsontape.Value
	context jsontape.Value // the event's requestContext
}

// Get is a member of the event.
func (e document) Get(key string) jsontape.Value { return e.root.Get(key) }

// tapes keeps the room in which events are read. A tape is in use only while
// DecodeRequest runs, which copies all that outlives it, and no handler ever sees one.
var tapes = sync.Pool{New: func() any { return new(jsontape.Tape) }}

// DecodeRequest reads the event of an HTTP request into r, which must be zero. It keeps
// nothing of payload. An error is a *NotHTTPError, or a *RequestError once the kind
// is known, so that r.Encode can answer it.
func DecodeRequest(payload []byte, r *Request) error {
	tape := tapes.Get().(*jsontape.Tape)
	defer func() {
		tape.Reset()
		tapes.Put(tape)
	}()
	root, err := tape.Parse(payload)
	if err != nil {
		return &NotHTTPError{Saw: err.Error()}
	}
	e := document{root, root.Get("requestContext")}
	if !isAuthorizer(e) {
		for _, k := range kinds {
			if k.detect(e) {
				r.kind = k
				return k.decode(e, r)
			}
		}
	}
	return &NotHTTPError{Saw: describe(e.root)}
}

// isAuthorizer recognises the events of Lambda authorizers, which look like the
// requests they are to judge.
func isAuthorizer(e document) bool {
	typ := e.Get("type")
	return (typ.Is("REQUEST") || typ.Is("TOKEN")) &&
		(e.Get("methodArn").IsString() || e.Get("routeArn").IsString())
}

// A RequestError is the client's mistake: a request that net/http would not hand to
// a handler but answer with status 400.
type RequestError struct{ Reason string }

func (e *RequestError) Error() string { return e.Reason }

func badRequest(format string, args ...any) error {
	return &RequestError{fmt.Sprintf(format, args...)}
}
