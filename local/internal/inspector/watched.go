package inspector

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/lambridge-go/lambridge/local/internal/function"
	"github.com/lambridge-go/lambridge/local/invoke"
)

// An invocation is what the Inspector knows of one. The store's mutex guards it.
type invocation struct {
	id, function string
	start        time.Time
	err          error
	lines        []string
	size         int // of the lines
	dropped      int // lines beyond maxLines
	report       *function.Report
	entry        *entry // that it belongs to, once there is one
}

// A watched function tells the store of its invocations.
type watched struct {
	store  *store
	name   string
	f      invoke.Streamer
	direct bool
}

// Invoke implements invoke.Invoker.
func (w *watched) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	ctx, inv, t := w.begin(ctx, payload)
	reply, err := w.f.Invoke(ctx, payload)
	w.end(inv, t, payload, reply, err)
	return reply, err
}

// InvokeStream implements invoke.Streamer.
func (w *watched) InvokeStream(ctx context.Context, payload []byte) (*invoke.Stream, error) {
	ctx, inv, t := w.begin(ctx, payload)
	stream, err := w.f.InvokeStream(ctx, payload)
	if err != nil || t != nil || !w.direct {
		w.end(inv, t, payload, nil, err)
		return stream, err
	}
	stream.Body = &watchedStream{ReadCloser: stream.Body, ended: func(reply []byte, err error) { w.end(inv, t, payload, reply, err) }}
	return stream, nil
}

// begin gives the invocation an id, by which what the function prints is told apart.
func (w *watched) begin(ctx context.Context, payload []byte) (context.Context, *invocation, *trace) {
	info := invoke.InfoFrom(ctx)
	if info.RequestID == "" {
		info.RequestID = function.NewRequestID()
		ctx = invoke.WithInfo(ctx, info)
	}
	t, _ := ctx.Value(traceKey{}).(*trace)
	inv := &invocation{id: info.RequestID, function: w.name, start: time.Now()}
	w.store.invoked(inv, t, payload)
	return ctx, inv, t
}

func (w *watched) end(inv *invocation, t *trace, payload, reply []byte, err error) {
	if w.direct && (t == nil || t.door == nil) {
		w.store.invokedDirectly(inv, t, payload, reply, err)
		return
	}
	w.store.ended(inv, err)
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
