package integration

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/lambridge-go/lambridge/local/invoke"
)

// A Function is one that is invoked with a payload.
type Function struct {
	Invoker invoke.Invoker
	// Timeout is how long its caller waits, for the whole of a streamed reply too. 0 is
	// for ever.
	Timeout time.Duration
	// Begin is how long it waits for a streamed reply to begin. 0 is as long as for all
	// of it.
	Begin time.Duration
	// Apart runs it in a goroutine of its own, which it may end by runtime.Goexit, as
	// FailNow does in a test: for a caller whose own goroutine has more to do than its
	// deferred functions do. The reply is then ErrExited.
	Apart bool
}

// Invoke returns the function's reply. Its error is an *Error.
func (f Function) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	waiting := f.within(ctx)
	defer waiting.end()
	reply, err := f.call(waiting, payload)
	if err == nil {
		// What comes after the deadline comes too late, even from an Invoker that
		// does not watch it.
		err = waiting.Err()
	}
	if err != nil {
		return nil, f.failure(waiting, err)
	}
	return reply, nil
}

func (f Function) call(ctx context.Context, payload []byte) ([]byte, error) {
	if !f.Apart {
		return f.Invoker.Invoke(ctx, payload)
	}
	type outcome struct {
		reply []byte
		err   error
	}
	done := make(chan outcome, 1)
	go func() {
		o := outcome{err: ErrExited}
		defer func() { done <- o }()
		o.reply, o.err = f.Invoker.Invoke(ctx, payload)
	}()
	o := <-done
	return o.reply, o.err
}

// ErrExited is why a function failed that neither returned nor panicked.
var ErrExited = errors.New("the function has ended its goroutine with runtime.Goexit, as FailNow and Skip of a test do")

// Stream returns the function's reply as soon as it begins; the Invoker must be an
// invoke.Streamer. Its errors, and those of reading the stream, are an *Error.
func (f Function) Stream(ctx context.Context, payload []byte) (*invoke.Stream, error) {
	waiting := f.within(ctx)
	ctx = waiting
	if f.Begin > 0 {
		begun, stop := context.WithCancelCause(ctx)
		timer := time.AfterFunc(f.Begin, func() { stop(errNotBegun) })
		defer timer.Stop()
		ctx = begun
	}
	stream, err := f.Invoker.(invoke.Streamer).InvokeStream(ctx, payload)
	if err != nil {
		waiting.end()
		return nil, f.failure(ctx, err)
	}
	return &invoke.Stream{ContentType: stream.ContentType, Body: &streamBody{stream.Body, f, ctx, waiting.end}}, nil
}

// within returns the context of an invocation, which the caller is to end.
func (f Function) within(ctx context.Context) *wait {
	if f.Timeout <= 0 {
		return newWait(ctx, time.Time{})
	}
	return newWait(ctx, time.Now().Add(f.Timeout))
}

// errTimeout is the cause of a context that ended because the caller stopped waiting.
var errTimeout = errors.New("integration: the caller stopped waiting")

// errNotBegun is the cause of one that ended because a reply had not begun.
var errNotBegun = errors.New("integration: the caller stopped waiting for the beginning")

func (f Function) failure(ctx context.Context, err error) error {
	switch {
	case errors.Is(err, invoke.ErrThrottled):
		return &Error{Throttled, err}
	case errors.Is(err, invoke.ErrTooLarge):
		return &Error{TooLarge, err}
	case errors.Is(context.Cause(ctx), errTimeout):
		return failf(TimedOut, "the function had not answered after %v", f.Timeout)
	case errors.Is(context.Cause(ctx), errNotBegun):
		return failf(TimedOut, "the function had not answered after %v", f.Begin)
	case errors.Is(err, context.DeadlineExceeded):
		return failf(Failed, "the function outlived its deadline")
	}
	return &Error{Failed, err}
}

// A streamBody is the body of a stream, whose invocation ends with it.
type streamBody struct {
	io.ReadCloser
	f   Function
	ctx context.Context
	end func()
}

func (b *streamBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil && err != io.EOF {
		err = b.f.failure(b.ctx, err)
	}
	return n, err
}

func (b *streamBody) Close() error {
	defer b.end()
	return b.ReadCloser.Close()
}
