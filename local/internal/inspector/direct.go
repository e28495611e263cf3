package inspector

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/lambridge-go/lambridge/local/gateway"
	"github.com/lambridge-go/lambridge/local/internal/function"
	"github.com/lambridge-go/lambridge/local/invoke"
)

// A direct function is invoked without a front door: each invocation is an exchange.
type direct struct {
	store *store
	name  string
	f     invoke.Streamer
}

// kindDirect is the kind of an exchange without a front door.
const kindDirect = "Lambda Invoke API"

// Invoke implements invoke.Invoker.
func (d *direct) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	told, begun := d.witness(), time.Now()
	reply, err := d.f.Invoke(function.WithWatcher(ctx, told), payload)
	d.exchanged(ctx, told, begun, payload, reply, err)
	return reply, err
}

// InvokeStream implements invoke.Streamer.
func (d *direct) InvokeStream(ctx context.Context, payload []byte) (*invoke.Stream, error) {
	told, begun := d.witness(), time.Now()
	stream, err := d.f.InvokeStream(function.WithWatcher(ctx, told), payload)
	if err != nil {
		d.exchanged(ctx, told, begun, payload, nil, err)
		return nil, err
	}
	stream.Body = &directStream{ReadCloser: stream.Body, ended: func(reply []byte, err error) { d.exchanged(ctx, told, begun, payload, reply, err) }}
	return stream, nil
}

func (d *direct) witness() *witness {
	return &witness{store: d.store, seen: invocation{function: d.name}}
}

// exchanged keeps the invocation as an exchange, and tells the trace in ctx its id if there is
// one.
func (d *direct) exchanged(ctx context.Context, told *witness, begun time.Time, payload, reply []byte, err error) {
	t, traced := ctx.Value(traceKey{}).(*trace)
	if !traced {
		t = &trace{}
	}
	status := http.StatusOK
	if err != nil {
		status = http.StatusInternalServerError
	}
	took := time.Since(begun)
	d.store.mu.Lock()
	defer d.store.mu.Unlock()
	told.seen.err = err
	d.store.add(t, []*witness{told}, &gateway.Exchange{
		Kind: kindDirect, API: kindDirect, Start: begun, Duration: took, RequestID: told.seen.id,
		Method: "INVOKE", URI: d.name, Status: status, Err: err,
		Phases: []gateway.Phase{{Name: "function", Duration: took}},
		Event:  bytes.Clone(payload), Reply: reply,
	})
}

// A directStream is a streamed reply that nothing else tells of.
type directStream struct {
	io.ReadCloser
	seen  []byte
	ended func(reply []byte, err error)
}

func (s *directStream) Read(p []byte) (int, error) {
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
func (s *directStream) Close() error {
	s.finish(io.EOF)
	return s.ReadCloser.Close()
}

func (s *directStream) finish(err error) {
	if s.ended == nil {
		return
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	s.ended(s.seen, err)
	s.ended = nil
}
