package gateway

import (
	"context"
	"io"
	"net/http"
	"time"
)

// MaxObserved is how many bytes of a request's or response's body an [Exchange] holds.
const MaxObserved = 256 << 10

// An Exchange is one request and what became of it. Its slices and maps are to be
// read only.
type Exchange struct {
	// Kind and API, the name, say which front door it came through; Source adds the
	// format of the route's function.
	Kind   Kind
	API    string
	Source Source

	RequestID string
	Start     time.Time
	Duration  time.Duration

	// Context is what Request.Context made, nil if it was not asked.
	Context context.Context

	// Method, URI, Host and RequestHeader are the client's, secrets included: see Shown.
	Method, URI, Host string
	RequestHeader     http.Header

	secret []string // the parameters of the URI that are secret

	// RequestBody is what was read of the request's body, up to MaxObserved bytes, of the
	// RequestSize that were read.
	RequestBody []byte
	RequestSize int64

	// Route is the key of the route that matched, Origin its place in a definition and
	// Integration the kind of what it leads to: "lambda", "http_proxy", "http", "aws" or
	// "mock". "" is none.
	Route, Origin, Integration string

	// Principal is who sent the request, as far as the authorizer says.
	Principal string

	// Event is what the function was invoked with, or nil if it was not.
	Event []byte
	// Reply is what it returned, or nil if it failed. Of a streamed reply it is the
	// metadata.
	Reply []byte

	// Mapped is what an integration other than a function's own sent and got. nil is none.
	Mapped *Mapped

	// Status, Header and Body are the response. Body ends after MaxObserved bytes, of Size.
	Status int
	Header http.Header
	Body   []byte
	Size   int64

	// Err says why the front door answered by itself, or how a stream ended early.
	// nil is a response of the function's.
	Err error
	// Warnings say what the front door did to the function's reply that its author
	// is unlikely to have meant.
	Warnings []string

	// Phases are what the time went into, in order: locate, match, authorize, api key,
	// validate, event, function, answer, as far as it came, without those that the route
	// does not have.
	Phases []Phase
}

// A Phase is a part of an exchange.
type Phase struct {
	Name     string        // one of those that Exchange lists
	Start    time.Duration // counted from the exchange's
	Duration time.Duration
}

// A Mapped is what was made of a request for an HTTP server, a function without proxy
// integration or a mock, and what came back. Bodies end after MaxObserved bytes; their
// sizes are whole.
type Mapped struct {
	// Method, URL and Header are the request to an HTTP server. "" is none.
	Method, URL string
	Header      http.Header
	// Body is what was sent, with a request template what it made.
	Body []byte
	Size int64

	// Status, AnswerHeader and Answer are what came back. Status is 0 if nothing did, and
	// of a function.
	Status       int
	AnswerHeader http.Header
	Answer       []byte
	AnswerSize   int64
}

// An observedReply is an integration's answer that leaves its beginning in an Exchange.
type observedReply struct {
	*observedBody
	io.Closer
}

// An observedBody is a body that leaves its beginning, and its size, in an Exchange.
type observedBody struct {
	io.Reader
	seen *[]byte
	size *int64
}

func (b *observedBody) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	if room := MaxObserved - len(*b.seen); room > 0 {
		*b.seen = append(*b.seen, p[:min(n, room)]...)
	}
	*b.size += int64(n)
	return n, err
}

// observed is the part of a body that an Exchange holds, and the size of all of it.
func observed(body []byte) ([]byte, int64) {
	return body[:min(len(body), MaxObserved)], int64(len(body))
}
