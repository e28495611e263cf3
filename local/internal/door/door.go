// Package door holds what the front doors of AWS Lambda do by themselves, whatever
// answers behind them: their limits, the headers they drop, rename and add, and the
// answers they give when there is none from behind.
//
// There are five. What they tell a function, and how they read its reply, is package
// format's.
package door

import (
	"net/http"
	"time"

	"github.com/lambridge-go/lambridge/local/internal/arrival"
	"github.com/lambridge-go/lambridge/local/internal/field"
)

// A Door is one kind of front door. It is safe for concurrent use.
type Door interface {
	// Facts returns what is fixed about it.
	Facts() Facts

	// Path returns the path that it routes by.
	Path(sent string) string

	// Forwarded returns the protocol and the port that it says the client used.
	Forwarded(r *http.Request) (proto, port string)

	// Trace returns the trace header for a request that came with one.
	Trace(sent string, now time.Time) string

	// Finish makes an integration's header one of the front door's: what may not pass
	// is dropped or renamed, what is missing added. Streamed bodies keep their length.
	Finish(answer *Answer, streamed bool)

	// Refuse returns its own answer for a failure, with its own words for it if message
	// is "".
	Refuse(f Failure, message string) *Answer

	// Stamp adds the headers that it puts on every answer; own tells that the answer is
	// its own and not an integration's.
	Stamp(a *arrival.Arrival, answer *Answer, own bool)
}

// Of returns the door of a name, or nil.
func Of(kind arrival.Kind) Door {
	switch kind {
	case arrival.RESTAPI:
		return restAPI{}
	case arrival.HTTPAPI:
		return httpAPI{}
	case arrival.FunctionURL:
		return functionURL{}
	case arrival.LoadBalancer:
		return loadBalancer{}
	case arrival.LatticeService:
		return lattice{}
	}
	return nil
}

// Facts are what the documentation of a front door gives a number or a yes or no for.
type Facts struct {
	// Plural is how AWS speaks of several such front doors: "REST APIs".
	Plural string

	// Domain follows an API's id in the domain name AWS makes up for it, where %s
	// is the region. "" is a front door without ids.
	Domain string

	// Stage is the stage of an API that does not name one. "" has no stages.
	Stage string

	// Routes is what a configuration without routes stands for. nil has no routing.
	Routes []string

	Has    Has
	Limits Limits
	Waits  Waits

	// Drops names the request headers that never reach an integration, beside those
	// that belong to the connection.
	Drops []string
}

// Has is what a front door knows of, and others do not.
type Has struct {
	Mappings         bool     // custom domains that map a base path to a stage
	BinaryMediaTypes bool     // a list of the types of binary bodies
	CORS             CORSMode // a CORS configuration, and what it does
	Streams          bool     // replies that are passed on while they are written
	PlainStreams     bool     // such replies without metadata are passed on as they are
	SameID           bool     // the event shows the invocation's own request id
	NoUpgrades       bool     // a request to change the protocol is refused
	Inflates         bool     // a compressed request body reaches the integration as it was before
	Unsigns          bool     // an Authorization header with a signature of AWS's reaches no integration
}

// CORSMode is what a front door's own CORS configuration does to answers.
type CORSMode int

// The ways of front doors with CORS.
const (
	NoCORS       CORSMode = iota // it has no such configuration
	ReplacesCORS                 // its headers replace the integration's
	AddsCORS                     // its headers join the integration's
)

// Limits are in bytes. 0 leaves the limit to Lambda or to net/http.
type Limits struct {
	// Head is that of a request's header: names, values, separators; with the request
	// line if LineCounts. Line is that of the request line, Field that of one field.
	Body, Head, URL int
	LineCounts      bool
	Line, Field     int

	// Reply is that of a function's reply, ReplyHead that of an answer's header.
	Reply, ReplyHead int

	// Burst is how much of a stream passes before AWS slows the rest down.
	Burst int
}

// Waits are how long a front door waits for an integration: Timeout unless it is told
// another time, Stream for the whole of a streamed answer, Idle for each of its pieces,
// Max at most. 0 waits as long as the function may run, and cannot be told.
type Waits struct {
	Timeout, Stream, Idle, Max time.Duration
}

// An apiGateway is a door that is reached over TLS only.
type apiGateway struct{ asSent }

func (apiGateway) Forwarded(*http.Request) (proto, port string) { return "https", "443" }

// A listener is a door that is reached as its listener is set up.
type listener struct{ asSent }

func (listener) Forwarded(r *http.Request) (proto, port string) { return arrival.Listener(r) }

// asSent is what most doors do with a path and a trace.
type asSent struct{}

func (asSent) Path(sent string) string               { return sent }
func (asSent) Trace(sent string, _ time.Time) string { return sent }

// finishPlain leaves out what belongs to the connection. A header without a content type
// stays so.
func finishPlain(answer *Answer) {
	dropHops(answer.Header)
	if !hasType(answer.Header) {
		answer.Header["Content-Type"] = nil // which keeps net/http from guessing one
	}
}

// dropHops drops what belongs to the connection between door and integration, and what
// the door's own server writes.
func dropHops(h http.Header) {
	field.Drop(h, hops...)
}

// hops are the names of what dropHops drops.
var hops = append(field.Connection(), "Content-Length", "Date")

// setDefaultType adds a Content-Type unless the header has one.
func setDefaultType(h http.Header, value string) {
	if !hasType(h) {
		h["Content-Type"] = []string{value}
	}
}

// hasType reports whether a header has a Content-Type, by the usual spelling in nearly all
// cases.
func hasType(h http.Header) bool {
	_, usual := h["Content-Type"]
	if usual {
		return true
	}
	_, ok := field.Spelling(h, "Content-Type")
	return ok
}

// remap renames the fields that an integration may not set.
func remap(answer *Answer, names ...string) {
	for key := range answer.Header {
		if field.Among(names, key) {
			to := "x-amzn-Remapped-" + key
			answer.Header[to] = answer.Header[key]
			delete(answer.Header, key)
			answer.Warn("the header %q reaches the client as %q", key, to)
		}
	}
}

// spellLength leaves a streamed answer the length that was announced, by the one name
// that net/http knows it by.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode-lambda.html
func spellLength(h http.Header) {
	const name = "Content-Length"
	if key, ok := field.Spelling(h, name); ok {
		values := h[key]
		delete(h, key)
		h[name] = values[:1]
	}
}

// length does to Content-Length what API Gateway and function URLs do: a buffered answer
// has its own, a streamed one may announce it.
func length(answer *Answer, streamed bool) {
	if streamed {
		spellLength(answer.Header)
		return
	}
	remap(answer, "Content-Length")
}

func jsonAnswer(status int, errorType, body string) *Answer {
	header := http.Header{"Content-Type": {"application/json"}}
	if errorType != "" {
		header["x-amzn-ErrorType"] = []string{errorType}
	}
	return &Answer{Status: status, Header: header, Body: []byte(body)}
}

func textAnswer(status int, body string) *Answer {
	return &Answer{Status: status, Header: http.Header{"Content-Type": {"text/plain"}}, Body: []byte(body)}
}
