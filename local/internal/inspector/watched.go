package inspector

import (
	"context"

	"github.com/lambridge-go/lambridge/local/internal/function"
	"github.com/lambridge-go/lambridge/local/invoke"
)

// A watched function tells the store of its invocations. What has led to them tells it of
// the rest.
type watched struct {
	store *store
	name  string
	f     invoke.Streamer
}

// Invoke implements invoke.Invoker.
func (w *watched) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	told := w.witness(ctx, payload)
	reply, err := w.f.Invoke(function.WithWatcher(ctx, told), payload)
	if err != nil {
		told.failed(err)
	}
	return reply, err
}

// InvokeStream implements invoke.Streamer.
func (w *watched) InvokeStream(ctx context.Context, payload []byte) (*invoke.Stream, error) {
	told := w.witness(ctx, payload)
	stream, err := w.f.InvokeStream(function.WithWatcher(ctx, told), payload)
	if err != nil {
		told.failed(err)
	}
	return stream, err
}

// witness returns that of an invocation, which the store learns of when the function has
// begun.
func (w *watched) witness(ctx context.Context, payload []byte) *witness {
	t, _ := ctx.Value(traceKey{}).(*trace)
	told := t.witness()
	told.store, told.seen.function, told.trace, told.event = w.store, w.name, t, payload
	return told
}
