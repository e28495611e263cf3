// Package arrival holds a request as it reaches a front door, completed with what every
// front door knows of it before it decides: where it came from, the ids it is given,
// the route that is its own. Events are made of it, authorizers and validators judge it.
package arrival

import (
	"bytes"
	"crypto/x509"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/lambridge-go/lambridge/local/invoke"
)

// A Kind is the name of a door, by what AWS calls it.
type Kind string

// The kinds.
const (
	RESTAPI        Kind = "REST API"
	HTTPAPI        Kind = "HTTP API"
	FunctionURL    Kind = "function URL"
	LoadBalancer   Kind = "Application Load Balancer"
	LatticeService Kind = "VPC Lattice service"
	WebSocketAPI   Kind = "WebSocket API"
)

// An API is what all requests to one front door have in common.
type API struct {
	Kind             Kind
	Name             string // for people: "NotesApi"
	ID               string
	Account          invoke.Account
	Domain           string
	Stage            string
	StageVariables   map[string]string
	BinaryMediaTypes []string
}

// An Arrival is one request. Whoever judges it reads it only; what an integration
// changes, it changes in a copy.
type Arrival struct {
	API *API

	Method   string
	Protocol string // "HTTP/1.1"
	Host     string // as the client sent it
	SourceIP string

	// Target is the request's target as the client sent it, path and query, and Sent
	// its header, untouched: what a signature was made over.
	Target string
	Sent   http.Header

	// Header holds what reaches the integration, spelled as the client spelled it, with
	// Host and what the front door added, without what it keeps to itself.
	Header http.Header

	// Path is the path below the stage and the base path, percent-encoded as sent.
	Path string
	// Mapping is the base path of a custom domain, "" or like "/shop".
	Mapping string
	// RawPath is the path from the API's root as the client sent it, with the stage or
	// the base path.
	RawPath string
	// RawQuery is what follows the question mark, as sent.
	RawQuery string

	// Route is the route that matched: a REST API's resource, an HTTP API's key.
	Route Route

	// Body is what is left to read of the body; ContentLength is its length, or -1 when
	// that is unknown. Who needs the body before the integration does asks for Payload.
	Body          io.Reader
	ContentLength int64

	// MaxEvent limits the event, in bytes.
	MaxEvent int
	// Mangled is set by whoever writes the event, if the body is not UTF-8 and was
	// passed on as text.
	Mangled bool

	Time       time.Time
	RequestID  string // a UUID
	ExtendedID string // the shorter id of API Gateway
	TraceID    string // the invocation's trace header

	// Certificate is the one that the client proved to own, or nil.
	Certificate *x509.Certificate

	// Head writes the event without its body where the request is none of HTTP's. nil
	// leaves it to the format.
	Head func() ([]byte, error)

	// Authorization is what the authorizer found out, once it has.
	Authorization Authorization
}

// A Route is one that matched.
type Route struct {
	// Method and Path are the two halves of the route: "ANY" and "/items/{id}".
	// The default route of HTTP APIs has the Path "$default" and no Method.
	Method, Path string
	// Params are the values of the path's parameters, percent-encoded as sent.
	Params map[string]string
	// Scopes are those of which a token must have one. nil asks for none.
	Scopes []string
}

// Key returns the route in the form HTTP APIs name it by.
func (r Route) Key() string {
	if r.Method == "" {
		return r.Path
	}
	return r.Method + " " + r.Path
}

// An Authorization is what an authorizer knows about the sender of a request.
type Authorization struct {
	// Context is the JSON object in requestContext.authorizer, such as
	// {"jwt":{"claims":{"sub":"1"},"scopes":null}}. nil leaves it out.
	Context json.RawMessage

	// ContextV1 takes the place of Context in payload format 1.0 of HTTP APIs, and
	// Variables in $context.authorizer of templates and mappings. nil is Context.
	ContextV1, Variables json.RawMessage

	// Identity is a JSON object of members of requestContext.identity, which REST
	// APIs fill for IAM users, and VPC Lattice. nil leaves them as they are.
	Identity json.RawMessage

	// Principal is who it is, for logs and $context.authorizer.principalId.
	Principal string

	// UsageKey is the API key of an API that takes keys from its authorizers.
	UsageKey string

	// Drop names request headers that do not reach the integration, such as an
	// Authorization that holds a signature.
	Drop []string
}

// Empty reports whether a says nothing that an event would show.
func (a Authorization) Empty() bool {
	return a.Context == nil && a.ContextV1 == nil && a.Identity == nil
}

// Payload reads the body and keeps it: who comes later reads it again. The error is one
// of reading, of type *http.MaxBytesError if the front door takes no body of that size.
func (a *Arrival) Payload() ([]byte, error) {
	if kept, ok := a.Body.(*keptBody); ok {
		return kept.whole, nil
	}
	if a.Body == nil {
		return nil, nil
	}
	whole, err := io.ReadAll(a.Body)
	if err != nil {
		return nil, err
	}
	a.Body, a.ContentLength = &keptBody{*bytes.NewReader(whole), whole}, int64(len(whole))
	return whole, nil
}

// A keptBody is a body that was read before.
type keptBody struct {
	bytes.Reader
	whole []byte
}

// SourceIP returns the address that r came from. What is not the address of a
// network, such as the name of a pipe, is 127.0.0.1.
func SourceIP(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil || net.ParseIP(host) == nil {
		return "127.0.0.1"
	}
	return host
}

// Listener returns the protocol and the port that a client used.
func Listener(r *http.Request) (proto, port string) {
	proto, port = "http", "80"
	if r.TLS != nil {
		proto, port = "https", "443"
	}
	if addr, ok := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr); ok {
		return proto, strconv.Itoa(addr.Port)
	}
	if _, p, err := net.SplitHostPort(r.Host); err == nil {
		port = p
	}
	return proto, port
}

// ClockTime writes a time as API Gateway's events do, in the Common Log Format:
// "10/Jul/2026:19:19:04 +0000". Every event of some front doors has one, and time's own
// formatting takes several times as long. All events of a second have the same.
func ClockTime(t time.Time) string {
	last, second := lastClock.Load(), t.Unix()
	if last == nil || last.second != second {
		last = &clock{second, clockTime(t.UTC())}
		lastClock.Store(last)
	}
	return last.time
}

// A clock is a second and how it is written.
type clock struct {
	second int64
	time   string
}

var lastClock atomic.Pointer[clock]

func clockTime(t time.Time) string {
	year, month, day := t.Date()
	hour, minute, second := t.Clock()
	b := make([]byte, 0, len("10/Jul/2026:19:19:04 +0000"))
	two := func(n int, then string) { b = append(append(b, byte('0'+n/10), byte('0'+n%10)), then...) }
	two(day, "/")
	b = append(append(b, month.String()[:3]...), '/')
	two(year/100, "")
	two(year%100, ":")
	two(hour, ":")
	two(minute, ":")
	two(second, " +0000")
	return string(b)
}
