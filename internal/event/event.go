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
	detect(e *document) bool

	// decode reads the event into r. An error is a *RequestError.
	decode(e *document, r *Request) error

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

// tapes keeps the room in which JSON is read.
var tapes = sync.Pool{New: func() any { return new(jsontape.Tape) }}

// A reading is the room in which an event is read. It is in use while DecodeRequest runs,
// which copies all that outlives it but for a body with escapes: that is read from the tape
// until it is closed. No handler ever sees one.
type reading struct {
	tape    jsontape.Tape
	event   document
	numbers []uint8  // what the names of its header are among commonNames
	text    textRoom // where most strings of the request stand
	values  []string // those of its header, side by side
}

var readings = sync.Pool{New: func() any { return new(reading) }}

// end lets go of the event and keeps the room.
func (in *reading) end() {
	in.event, in.text, in.values = document{}, textRoom{}, nil
	if cap(in.numbers) > 1024 { // which no front door lets through
		in.numbers = nil
	}
	in.tape.Reset()
	readings.Put(in)
}

// DecodeRequest reads the event of an HTTP request into r, which must be zero. It keeps
// nothing of payload but what r.Content reads, until that is closed. An error is a
// *NotHTTPError, or a *RequestError once the format is known, so that r.Encode can answer
// it.
func DecodeRequest(payload []byte, r *Request) error {
	in := readings.Get().(*reading)
	err := in.decodeRequest(payload, r)
	r.in = nil
	switch {
	case err != nil:
		r.Content = nil
	case r.Content != nil && r.Content.onTape:
		r.Content.in = in
		return nil
	}
	in.end()
	return err
}

func (in *reading) decodeRequest(payload []byte, r *Request) error {
	root, err := in.tape.Parse(payload)
	if err != nil {
		return &NotHTTPError{Saw: err.Error()}
	}
	e := &in.event
	e.read(root)
	r.in, r.URL = in, &r.url
	if !e.isAuthorizer() {
		for _, f := range formats {
			if f.detect(e) {
				r.format = f
				return f.decode(e, r)
			}
		}
	}
	return &NotHTTPError{Saw: describe(e)}
}

func putTape(tape *jsontape.Tape) {
	tape.Reset()
	tapes.Put(tape)
}

// isAuthorizer recognises the events of Lambda authorizers, which look like the
// requests they are to judge.
func (e *document) isAuthorizer() bool {
	switch string(text(e.typ)) {
	case "REQUEST", "TOKEN":
		return e.methodArn.IsString() || e.routeArn.IsString()
	}
	return false
}

// A RequestError is the client's mistake: a request that net/http would not hand to
// a handler but answer with status 400.
type RequestError struct{ Reason string }

func (e *RequestError) Error() string { return e.Reason }

func badRequest(format string, args ...any) error {
	return &RequestError{fmt.Sprintf(format, args...)}
}
