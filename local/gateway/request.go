package gateway

import (
	"context"
	"crypto/x509"
	"time"
)

// A Request says about one request what it cannot carry itself: in tests, who
// sent it and which route it came by. The zero value says nothing.
type Request struct {
	_ struct{}

	// SourceIP is the client's address. "" takes it from RemoteAddr.
	SourceIP string

	// Authorization is what an authorizer found out. If it is not empty, the
	// route's own is not asked.
	Authorization Authorization

	// ClientCertificate is the one a client proved to own.
	ClientCertificate *x509.Certificate

	// RouteKey is the route, such as "GET /items/{id}", and PathParameters are the
	// values in it, percent-encoded. "" asks the Gateway's routes.
	RouteKey       string
	PathParameters map[string]string

	// StageVariables replace the stage's. nil keeps them.
	StageVariables map[string]string

	// Observe is called after the response, in the request's goroutine. nil observes
	// nothing.
	Observe func(Exchange)

	// Context makes the context of what is done for the request, authorizers and
	// invocations, of one that does not end when the client leaves. The Exchange has it.
	// nil leaves it as it is.
	Context func(context.Context) context.Context

	// Deadline is the invocation's: what the function's own timeout makes of it.
	// The zero time is none.
	Deadline time.Time
}

type requestKey struct{}

// A told context carries a Request.
type told struct {
	context.Context
	request Request
}

func (c *told) Value(key any) any {
	if key == (requestKey{}) {
		return &c.request
	}
	return c.Context.Value(key)
}

// WithRequest returns a context that tells a Gateway more about the request made
// with it.
func WithRequest(ctx context.Context, r Request) context.Context { return &told{ctx, r} }

// requestFrom returns what a context tells, which is to be read only.
func requestFrom(ctx context.Context) *Request {
	if r, ok := ctx.Value(requestKey{}).(*Request); ok {
		return r
	}
	return &noRequest
}

var noRequest Request
