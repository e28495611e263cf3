// Package integration holds what a route leads to, as far as bytes go: a function that is
// invoked, a backend that is called. It knows neither front doors nor events nor
// connections; packages gateway and websocket turn what reached them into a Call or a
// payload, and what comes back into an answer or a frame.
package integration

import (
	"fmt"
	"io"
	"net/http"
)

// A Call is what is asked of a backend.
type Call struct {
	Method, URL string
	Header      http.Header
	Body        io.Reader // nil for none
	// ContentLength is the body's length, or -1 when that is unknown.
	ContentLength int64
}

// A Result is what came back. Its Body must be closed.
type Result struct {
	Status int
	Header http.Header
	Body   io.ReadCloser
}

// A Kind is a way in which the work of an integration fails.
type Kind int

// The kinds.
const (
	Failed        Kind = iota // the function or backend failed
	TimedOut                  // it had not answered when the front door stopped waiting
	Throttled                 // nothing was free to run the function
	TooLarge                  // what it was to be sent is over a limit of its own
	Unreachable               // there is nobody to answer, or not in HTTP
	Misconfigured             // what is to be called cannot be: there is no such host
)

// An Error says how the work failed.
type Error struct {
	Kind Kind
	Err  error
}

func (e *Error) Error() string { return e.Err.Error() }

func (e *Error) Unwrap() error { return e.Err }

func failf(kind Kind, format string, args ...any) error {
	return &Error{Kind: kind, Err: fmt.Errorf(format, args...)}
}
