package inspector

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/lambridge-go/lambridge/local/internal/function"
	"github.com/lambridge-go/lambridge/local/invoke"
)

// A watched function tells the store of its invocations.
type watched struct {
	store  *store
	name   string
	f      invoke.Streamer
	direct bool
}

// Invoke implements invoke.Invoker.
func (w *watched) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	inv, t := w.begin(ctx, payload)
	reply, err := w.f.Invoke(function.WithWatcher(ctx, inv), payload)
	w.end(inv, t, payload, reply, err)
	return reply, err
}

// InvokeStream implements invoke.Streamer.
func (w *watched) InvokeStream(ctx context.Context, payload []byte) (*invoke.Stream, error) {
	inv, t := w.begin(ctx, payload)
	stream, err := w.f.InvokeStream(function.WithWatcher(ctx, inv), payload)
	if err != nil || t != nil || !w.direct {
		w.end(inv, t, payload, nil, err)
		return stream, err
	}
	stream.Body = &watchedStream{ReadCloser: stream.Body, ended: func(reply []byte, err error) { w.end(inv, t, payload, reply, err) }}
	return stream, nil
}

// begin prepares an invocation, which the store learns of when the function has begun.
func (w *watched) begin(ctx context.Context, payload []byte) (*invocation, *trace) {
	inv := &invocation{of: w}
	inv.trace, _ = ctx.Value(traceKey{}).(*trace)
	if w.direct {
		inv.start = time.Now()
	} else {
		inv.event = payload
	}
	return inv, inv.trace
}

func (w *watched) end(inv *invocation, t *trace, payload, reply []byte, err error) {
	if w.direct && (t == nil || t.door == nil) {
		w.store.invokedDirectly(inv, t, payload, reply, err)
	} else if err != nil {
		inv.failed(err)
	}
}

// A watchedStream is a streamed reply that nothing else tells of.
type watchedStream struct {
	io.ReadCloser
	seen  []byte
	ended func(reply []byte, err error)
}

func (s *watchedStream) Read(p []byte) (int, error) {
	n, err := s.ReadCloser.Read(p)
	if room := maxBody - len(s.seen); room > 0 {
		s.seen = append(s.seen, p[:min(n, room)]...)
	}
	if err != nil {
		s.finish(err)
	}
	return n, err
}

// Close implements io.Closer.
func (s *watchedStream) Close() error {
	s.finish(io.EOF)
	return s.ReadCloser.Close()
}

func (s *watchedStream) finish(err error) {
	if s.ended == nil {
		return
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	s.ended(s.seen, err)
	s.ended = nil
}
