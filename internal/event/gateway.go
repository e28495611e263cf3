package event

import (
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

// A door is the gateway half of a kind. Its methods are unexported and reached only
// through a FrontDoor, which package local/gateway asks for: the linker leaves all of
// it out of a Lambda function.
type door interface {
	source() Source

	// profile returns what is fixed about the front door.
	profile() Profile

	// encodeEvent writes the event for a request. Its errors are those of reading
	// a.Body, and a *Refusal.
	encodeEvent(a *Arrival) ([]byte, error)

	// decodeReply makes a response of what the function returned. Its error is a
	// *Refusal. The answer shares no memory with reply.
	decodeReply(a *Arrival, reply []byte) (*Answer, error)

	// refuse returns the front door's own answer for a failure.
	refuse(f Failure) *Answer

	// stamp adds the headers that the front door puts on every answer; own tells
	// that the answer is the front door's and not the function's.
	stamp(a *Arrival, answer *Answer, own bool)
}

// A streamer is a door that passes a reply on while it is written.
type streamer interface {
	// decodePrelude makes the head of a response of a streamed reply's metadata.
	decodePrelude(a *Arrival, prelude []byte) (*Answer, error)
}

// A Profile is what is fixed about a front door: what its documentation gives a
// number or a yes or no for.
type Profile struct {
	// Name is how AWS speaks of several such front doors: "REST APIs".
	Name string

	// Domain follows an API's id in the domain name AWS makes up for it, where %s
	// is the region. "" is a front door without ids.
	Domain string

	// Stage is the stage of an API that does not name one. "" has no stages.
	Stage string

	// Routes is what a configuration without routes stands for. nil has no routing.
	Routes []string

	// TrimRoot reports whether extra slashes at the start of a path are removed
	// before routing.
	TrimRoot bool

	// Mappings reports whether a custom domain can map a base path to a stage.
	Mappings bool

	// BinaryMediaTypes reports whether the API lists the types of binary bodies.
	BinaryMediaTypes bool

	// Authorizers reports whether a request's event tells who sent it.
	Authorizers bool

	// Claims is where the claims of a checked token stand in the authorizer's
	// context. nil does not check tokens.
	Claims []string

	// CORS is what a CORS configuration of the front door does, if it has one.
	CORS CORSMode

	// Timeout is how long the front door waits for the function, unless it is told
	// another time, and StreamTimeout how long for the whole of a streamed reply.
	// 0 waits as long as the function may run. MaxTimeout is the most it can be told.
	Timeout, StreamTimeout, MaxTimeout time.Duration

	// Streams reports whether replies can be streamed, and PassesPlain whether a
	// reply without metadata is then passed on as it is.
	Streams, PassesPlain bool

	// StreamBurst is how many bytes of a streamed reply pass before AWS slows the
	// rest down.
	StreamBurst int

	// SameID reports whether the event shows the invocation's own request id.
	SameID bool

	// MaxBody, MaxHead, MaxURL and MaxReply limit in bytes a request's body, its
	// head (names, values, separators; with the request line if HeadHasLine), its
	// URL and the function's reply. 0 leaves the limit to Lambda or to net/http.
	MaxBody, MaxHead, MaxURL, MaxReply int
	HeadHasLine                        bool

	// Drops names the request headers that never reach the function, beside those
	// that belong to the connection.
	Drops []string

	// Listener reports whether X-Forwarded-Proto and -Port tell how the client
	// really connected. The others take TLS connections only.
	Listener bool

	// RefusesUpgrade reports whether a request to change the protocol is refused.
	RefusesUpgrade bool

	// TraceSelf reports whether a trace id that a client sent is kept and
	// accompanied by a Self field.
	TraceSelf bool
}

// CORSMode is what a front door's own CORS configuration does to replies.
type CORSMode int

// The ways of front doors with CORS.
const (
	NoCORS       CORSMode = iota // it has no such configuration
	ReplacesCORS                 // its headers replace the function's
	AddsCORS                     // its headers join the function's
)

// An API is what all events of one front door have in common.
type API struct {
	AccountID        string
	ID               string
	Region           string
	Domain           string
	Stage            string
	StageVariables   map[string]string
	BinaryMediaTypes []string
}

// An Arrival is a request as it reached a front door, completed with what front
// doors add.
type Arrival struct {
	API *API

	Method   string
	Protocol string // "HTTP/1.1"
	SourceIP string

	// Path is the path below the stage and the base path, percent-encoded as sent.
	Path string
	// Mapping is the base path of a custom domain, "" or like "/shop".
	Mapping string
	// RawPath is the path from the API's root as the client sent it, with the
	// stage or the base path.
	RawPath string
	// RawQuery is what follows the question mark, as sent.
	RawQuery string

	// Header holds what reaches the function, spelled as the client spelled it,
	// with Host and what the front door added.
	Header http.Header

	// Route is the route that matched: a REST API's resource, an HTTP API's key.
	Route Route

	// Body is read once; ContentLength is its length, or -1 when that is unknown.
	Body          io.Reader
	ContentLength int64

	// MaxEvent limits the event, in bytes.
	MaxEvent int

	Time       time.Time
	RequestID  string // a UUID
	ExtendedID string // the shorter id of API Gateway
	TraceID    string // the invocation's trace header

	// Authorizer is the JSON that an authorizer left, or nil.
	Authorizer json.RawMessage
	// Identity is a JSON object whose members replace those of the event's
	// identity, or nil.
	Identity json.RawMessage
	// Certificate is the one that a client proved to own, or nil.
	Certificate *x509.Certificate
}

// A Route is one that matched.
type Route struct {
	// Method and Path are the two halves of the route: "ANY" and "/items/{id}".
	// The default route of HTTP APIs has the Path "$default" and no Method.
	Method, Path string
	// Params are the values of the path's parameters, percent-encoded as sent.
	Params map[string]string
}

// Key returns the route in the form HTTP APIs name it by.
func (r Route) Key() string {
	if r.Method == "" {
		return r.Path
	}
	return r.Method + " " + r.Path
}

// An Answer is what the client is sent.
type Answer struct {
	Status int
	// Header holds the fields by the names they have on the wire, in that case.
	Header http.Header
	Body   []byte
	// Warnings say what the front door did to the function's reply that its
	// author is unlikely to have meant.
	Warnings []string
}

func (a *Answer) warn(format string, args ...any) {
	a.Warnings = append(a.Warnings, fmt.Sprintf(format, args...))
}

// A Failure is a reason for a front door to answer by itself.
type Failure int

// What can go wrong.
const (
	NoRoute         Failure = iota // no route for the path and method
	NoStage                        // no such stage or base path
	Unauthorized                   // an authorizer turned the request down
	BadRequest                     // the request cannot be made an event
	URITooLong                     // the request's URL is over the limit
	HeadTooLarge                   // the request's header is over the limit
	RequestTooLarge                // the request's body is over the limit
	FunctionFailed                 // the function failed or timed out
	Throttled                      // nothing was free to run the function
	TimedOut                       // the front door stopped waiting
	BadReply                       // the reply is not what the front door understands
	BadEncoding                    // the reply's body is not base64 though it says so
	BadStream                      // a streamed reply does not begin as it must
)

// A Refusal is an error that the front door answers by itself, and why.
type Refusal struct {
	Failure Failure
	Reason  string
}

func (r *Refusal) Error() string { return "event: " + r.Reason }

func refusal(f Failure, format string, args ...any) error {
	return &Refusal{Failure: f, Reason: fmt.Sprintf(format, args...)}
}

// A FrontDoor is one that a gateway stands in for. It is safe for concurrent use.
type FrontDoor struct{ door door }

// FrontDoorOf returns a front door by its name. It fails for sources that are none of
// HTTP's.
func FrontDoorOf(s Source) (FrontDoor, error) {
	for _, k := range kinds {
		if d, ok := k.(door); ok && d.source() == s {
			return FrontDoor{d}, nil
		}
	}
	return FrontDoor{}, fmt.Errorf("event: %q is not a front door for HTTP requests", s)
}

// Profile returns what is fixed about the front door.
func (f FrontDoor) Profile() Profile { return f.door.profile() }

// EncodeEvent returns the event that the front door sends for a request. The error is
// one of reading a.Body, or a *Refusal.
func (f FrontDoor) EncodeEvent(a *Arrival) ([]byte, error) { return f.door.encodeEvent(a) }

// DecodeReply returns what the front door sends the client for a function's reply. A
// reply it cannot use yields its own answer together with a *Refusal.
func (f FrontDoor) DecodeReply(a *Arrival, reply []byte) (*Answer, error) {
	answer, err := f.door.decodeReply(a, reply)
	return f.complete(a, answer, err), err
}

// DecodePrelude returns the head of the response for a streamed reply that begins
// with metadata. Metadata that cannot be used yields the front door's own answer
// together with a *Refusal. It panics if the front door does not stream.
func (f FrontDoor) DecodePrelude(a *Arrival, prelude []byte) (*Answer, error) {
	answer, err := f.door.(streamer).decodePrelude(a, prelude)
	return f.complete(a, answer, err), err
}

// complete completes a decoded answer: a refusal gets the front door's own, and every
// answer the front door's headers.
func (f FrontDoor) complete(a *Arrival, answer *Answer, err error) *Answer {
	refused, own := errors.AsType[*Refusal](err)
	if own {
		answer = f.door.refuse(refused.Failure)
	}
	f.door.stamp(a, answer, own)
	return answer
}

// Stamp adds the front door's headers to an answer that was not decoded from a
// reply.
func (f FrontDoor) Stamp(a *Arrival, answer *Answer) { f.door.stamp(a, answer, false) }

// Refuse returns the front door's own answer for a failure.
func (f FrontDoor) Refuse(a *Arrival, failure Failure) *Answer {
	answer := f.door.refuse(failure)
	f.door.stamp(a, answer, true)
	return answer
}
