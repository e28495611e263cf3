package websocket

import (
	"context"
	"time"

	"github.com/lambridge-go/lambridge/local/internal/integration"
	"github.com/lambridge-go/lambridge/local/invoke"
)

// An Integration is what a route leads to. Those of this package are all there are:
// [Lambda], [HTTPProxy], [CustomLambda], [CustomHTTP] and [Mock]. One may be that of several
// routes.
//
// What an integration does to bytes stands in package integration, below
// local/internal. A type here only turns what a connection tells into a payload or a
// Call, and what comes back into a reply.
type Integration interface {
	// bind prepares the integration for a route and reports what is wrong with it there.
	// The endpoint counts only if nothing is.
	bind(b *binding) endpoint
}

// A binding is the place of an integration: a route of an API.
type binding struct {
	whole    bool // functions must be there
	backends *integration.Backends
	// fail reports a mistake, with the route's name.
	fail func(format string, args ...any)
}

// An endpoint is an Integration in use.
type endpoint interface {
	// name is the integration's in an Event: "lambda".
	name() string

	// serve passes on what a connection tells. Its error is an *integration.Error, or a
	// *door.Refusal if there is a reply that is none.
	serve(ctx context.Context, r *request) (*reply, error)
}

// LambdaOptions say how a function is invoked. The zero value is what AWS does by
// default.
type LambdaOptions struct {
	_ struct{}

	// Timeout is how long an invocation may take. 0 means API Gateway's 29 s; a
	// negative value means for ever, for a function in a debugger.
	Timeout time.Duration
}

// Lambda invokes a function with the event of what a connection tells, and takes what it
// returns for the reply: Lambda proxy integration. Of an API that is only checked, f may
// be nil.
func Lambda(f invoke.Invoker, o LambdaOptions) Integration { return &lambda{f, o} }

// A lambda is what Lambda returns.
type lambda struct {
	f invoke.Invoker
	LambdaOptions
}

func (l *lambda) bind(b *binding) endpoint {
	return &lambdaEndpoint{bindFunction(b, l.f, l.Timeout)}
}

// bindFunction makes the function of a route.
func bindFunction(b *binding, f invoke.Invoker, timeout time.Duration) integration.Function {
	if f == nil && b.whole {
		b.fail("the function is missing")
	}
	if timeout == 0 {
		timeout = defaultTimeout
	}
	return integration.Function{Invoker: f, Timeout: timeout}
}

// invokeFor asks the function about what a connection tells. A message has a goroutine of its
// own, which the function may end.
func invokeFor(ctx context.Context, r *request, f integration.Function, payload []byte) ([]byte, error) {
	f.Apart = r.kind != Message
	return f.Invoke(invoke.WithInfo(ctx, invoke.Info{TraceID: r.traceID}), payload)
}

// A lambdaEndpoint is a function behind a route.
type lambdaEndpoint struct{ function integration.Function }

func (*lambdaEndpoint) name() string { return "lambda" }

func (l *lambdaEndpoint) serve(ctx context.Context, r *request) (*reply, error) {
	payload, err := r.event()
	if err != nil {
		return nil, err
	}
	r.sent(payload)
	data, err := invokeFor(ctx, r, l.function, payload)
	if err != nil {
		return nil, err
	}
	r.returned(data)
	r.answer, err = decodeReply(data, r.kind)
	if err != nil {
		return nil, err
	}
	return &r.answer, nil
}
