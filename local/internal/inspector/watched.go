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
	told, t := w.begin(ctx, payload)
	reply, err := w.f.Invoke(function.WithWatcher(ctx, told), payload)
	w.end(told, t, payload, reply, err)
	return reply, err
}

// InvokeStream implements invoke.Streamer.
func (w *watched) InvokeStream(ctx context.Context, payload []byte) (*invoke.Stream, error) {
	told, t := w.begin(ctx, payload)
	stream, err := w.f.InvokeStream(function.WithWatcher(ctx, told), payload)
	if err != nil || t != nil || !w.direct {
		w.end(told, t, payload, nil, err)
		return stream, err
	}
	stream.Body = &watchedStream{ReadCloser: stream.Body, ended: func(reply []byte, err error) { w.end(told, t, payload, reply, err) }}
	return stream, nil
}

// begin prepares an invocation, which the store learns of when the function has begun.
func (w *watched) begin(ctx context.Context, payload []byte) (*witness, *trace) {
	t, _ := ctx.Value(traceKey{}).(*trace)
	told := t.witness()
	told.store, told.seen.function, told.trace = w.store, w.name, t
	if w.direct {
		told.start = time.Now()
	} else {
		told.event = payload
	}
	return told, t
}

func (w *watched) end(told *witness, t *trace, payload, reply []byte, err error) {
	if w.direct && (t == nil || t.door == nil) {
		w.store.invokedDirectly(told, t, payload, reply, err)
	} else if err != nil {
		told.failed(err)
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
