// Package event holds the wire formats as a function sees them: what each front door of
// AWS Lambda sends for an HTTP request, and what it takes for an answer.
//
// Each format is one story: it recognises its events, reads one as a request and writes
// the reply. What writes the events and reads the replies, in AWS's place, is
// local/internal/format. The two share no code: a misunderstanding they shared would
// pass every round trip, so each is tested against what AWS was recorded to do.
//
// The list formats names them all. Nothing else asks which format an event is in.
package event

import (
	"fmt"
	"sync"

	"github.com/lambridge-go/lambridge/internal/jsontape"
	"github.com/lambridge-go/lambridge/internal/source"
)

// A format is how a front door speaks to a function: the only place that knows the JSON
// of its events and replies.
type format interface {
	source() source.Source

	// detect reports whether the event is in this format, judged by its structure.
	detect(e document) bool

	// decode reads the event into r. An error is a *RequestError.
	decode(e document, r *Request) error

	// appendHead begins the JSON of r as this front door takes it, up to the body.
	appendHead(dst []byte, r *Reply) []byte

	// terms are what the front door takes for a reply.
	terms() terms
}

// terms are what a front door takes for a reply.
type terms struct {
	reply     int  // the most bytes of its JSON
	header    int  // the most bytes of its header as the client would get it, 0 for no limit
	ownServer bool // the header Server is the front door's: a reply's own arrives by another name
}

// A streamingFormat is that of a front door which can take a reply in pieces.
type streamingFormat interface {
	format

	// appendPrelude writes the JSON that announces a streamed reply: all of r
	// but its body.
	appendPrelude(dst []byte, r *Reply) []byte
}

// formats lists every format in the order in which they are tried: each detects what
// is its own among the events that those ahead of it have left. They are pointers
// because a method of a value would be linked once more for its pointer.
var formats = [...]format{
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

// tapes keeps the room in which events are read. A tape is in use while DecodeRequest runs,
// which copies all that outlives it but for a body with escapes: that is read from the tape
// until it is closed. No handler ever sees one.
var tapes = sync.Pool{New: func() any { return new(jsontape.Tape) }}

// DecodeRequest reads the event of an HTTP request into r, which must be zero. It keeps
// nothing of payload but what r.Body reads, until that is closed. An error is a
// *NotHTTPError, or a *RequestError once the format is known, so that r.Encode can answer
// it.
func DecodeRequest(payload []byte, r *Request) error {
	tape := tapes.Get().(*jsontape.Tape)
	err := decodeRequest(payload, tape, r)
	switch {
	case err != nil:
		r.Body = Body{}
	case r.Body.onTape:
		r.Body.tape = tape
		return nil
	}
	putTape(tape)
	return err
}

func decodeRequest(payload []byte, tape *jsontape.Tape, r *Request) error {
	root, err := tape.Parse(payload)
	if err != nil {
		return &NotHTTPError{Saw: err.Error()}
	}
	e := document{root, root.Get("requestContext")}
	if !isAuthorizer(e) {
		for _, f := range formats {
			if f.detect(e) {
				r.format = f
				return f.decode(e, r)
			}
		}
	}
	return &NotHTTPError{Saw: describe(e.root)}
}

func putTape(tape *jsontape.Tape) {
	tape.Reset()
	tapes.Put(tape)
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
