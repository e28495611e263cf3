// Package invoke says what it means to invoke a Lambda function: the call, what
// may accompany it, and the ways it can fail.
//
// It is the seam between what sends events (local/gateway) and what runs
// functions (local/internal/function in a child process, a wrapped handler in a test).
// Neither knows the other; both know this package.
package invoke

import (
	"context"
	"errors"
	"fmt"
	"io"
)

// Invoker runs a function: payload is the event, the result is what the function
// returned. Its shape is that of aws-lambda-go's lambda.Handler, so every such
// handler is an Invoker.
//
// Invoke must be safe for concurrent use and must not change payload. Nor may the
// caller: where it stops waiting, the function may read on. So an event of several
// megabytes is not copied on its way. An error is one of
//
//   - an *Error: the function itself failed, by an error, a panic, an exit or by
//     outliving its timeout;
//   - ErrThrottled: nothing was free to run it;
//   - ErrTooLarge: payload is over Lambda's limit for synchronous calls;
//   - the context's error: the caller stopped waiting, while the function runs on;
//   - anything else, which callers treat like an *Error.
type Invoker interface {
	Invoke(ctx context.Context, payload []byte) ([]byte, error)
}

// Streamer is an Invoker whose function can answer while it still runs, as
// Lambda's InvokeWithResponseStream does.
type Streamer interface {
	Invoker

	// InvokeStream returns as soon as the reply begins. The caller must Close the
	// stream; closing it early leaves the function running to its end. The errors
	// are those of Invoke, for failures before the first byte of the reply.
	InvokeStream(ctx context.Context, payload []byte) (*Stream, error)
}

// A Stream is a reply on its way.
type Stream struct {
	// ContentType is the reply's Content-Type as the function gave it.
	// [IntegrationResponse] announces metadata and a delimiter ahead of the body.
	ContentType string

	// Body reads the reply as it arrives. It ends with io.EOF when the function
	// ended well, and with an *Error when it failed after the reply began.
	Body io.ReadCloser
}

// IntegrationResponse is the Content-Type of a streamed reply that begins with
// the HTTP metadata of the response.
const IntegrationResponse = "application/vnd.awslambda.http-integration-response"

// MaxPayload is the size in bytes that Lambda allows a synchronous invocation in
// each direction: 6 MiB, and the 100 bytes that the Runtime API grants on top.
const MaxPayload = 6*1024*1024 + 100

var (
	// ErrThrottled is returned when every instance is busy and no more may start.
	ErrThrottled = errors.New("invoke: rate exceeded: every instance of the function is busy")

	// ErrTooLarge is returned, possibly wrapped with the size, for a payload over
	// [MaxPayload].
	ErrTooLarge = errors.New("invoke: the event is larger than Lambda accepts")
)

// An Error is a failure of the function, in the words that Lambda reports it in.
type Error struct {
	// Type is Lambda's errorType, such as "errorString", "Runtime.ExitError" or
	// "Sandbox.Timedout".
	Type string
	// Message is Lambda's errorMessage.
	Message string
	// Payload is the JSON document the function reported, or nil.
	Payload []byte
}

func (e *Error) Error() string { return fmt.Sprintf("function failed: %s: %s", e.Type, e.Message) }

// TimedOut reports whether the function was stopped for outliving its timeout.
func (e *Error) TimedOut() bool { return e.Type == TypeTimeout }

// The errorTypes that Lambda itself assigns.
const (
	TypeTimeout = "Sandbox.Timedout"
	TypeExit    = "Runtime.ExitError"
	TypeSize    = "Function.ResponseSizeTooLarge"
)

// Info accompanies an invocation. The zero value asks for the defaults.
type Info struct {
	// RequestID becomes the invocation's request id. "" lets the Invoker choose.
	// Function URLs show the same id in the event.
	RequestID string
	// TraceID is the X-Ray trace header of the invocation.
	TraceID string
	// ClientContext is the JSON that the caller of the Invoke API sent along.
	ClientContext []byte
	// CognitoIdentity is the JSON of a Cognito caller's identity.
	CognitoIdentity []byte
	// Qualifier is the version or alias that the caller of the Invoke API named, which the
	// function then sees at the end of its ARN. "" names none.
	Qualifier string
	// TenantID selects the tenant of a function with tenant isolation.
	TenantID string
}

type infoKey struct{}

// An informed context carries an Info.
type informed struct {
	context.Context
	info Info
}

func (c *informed) Value(key any) any {
	if key == (infoKey{}) {
		return &c.info
	}
	return c.Context.Value(key)
}

// WithInfo returns a context that carries info to an Invoker.
func WithInfo(ctx context.Context, info Info) context.Context { return &informed{ctx, info} }

// InfoFrom returns what WithInfo put into ctx, or the zero Info.
func InfoFrom(ctx context.Context) Info {
	if info, ok := ctx.Value(infoKey{}).(*Info); ok {
		return *info
	}
	return Info{}
}
