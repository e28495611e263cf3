package adapter

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"sync/atomic"

	"github.com/lambridge-go/lambridge/internal/event"
)

// A StreamFunc is a Lambda function whose replies are sent on while the handler
// still writes them. It is to be handed to lambda.Start, and safe for concurrent
// use.
type StreamFunc func(ctx context.Context, payload json.RawMessage) (any, error)

// Stream makes a Lambda function of h whose responses stream: what the handler
// writes is sent when it calls Flush, or when some kilobytes have come together, and
// a client that reads slowly slows the handler down. nil means
// http.DefaultServeMux.
//
// It is for functions behind a function URL with invoke mode RESPONSE_STREAM and
// behind a REST API with response transfer mode STREAM. No event tells whether its
// front door has been set up so: behind one that has not, use Wrap. The events of
// all other front doors get the reply that Wrap would give.
//
// When the handler panics before anything is sent, the client gets status 500.
// After that the response breaks off and the invocation fails, as it does when the
// handler's deadline passes. When the client has left, which Lambda notices at the
// next write at best, writing fails and the request's context ends.
//
// See https://docs.aws.amazon.com/lambda/latest/dg/configuration-response-streaming.html and
// https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode.html
func Stream(h http.Handler, opts ...Option) StreamFunc {
	handler := Wrap(h, opts...)
	return func(ctx context.Context, payload json.RawMessage) (any, error) {
		inv := &invocation{parent: ctx, payload: payload, handler: handler}
		err := event.DecodeRequest(payload, &inv.event)
		if inv.event.Streams() {
			return inv.startStream(err)
		}
		defer inv.end()
		var out []byte
		if err == nil {
			out, err = inv.answer()
		} else {
			out, err = handler.decline(inv, err)
		}
		return bytes.NewReader(out), err
	}
}

const (
	// streamBuffer is how many bytes a handler may write before they are sent on
	// without a Flush.
	streamBuffer = 4 * 1024

	// maxPrelude is how far into a reply the end of its metadata may stand.
	maxPrelude = 16 * 1024
)

// startStream runs the handler in a goroutine, which the stream waits for, and
// returns as soon as the reply begins. An error before that is the invocation's.
func (inv *invocation) startStream(refused error) (any, error) {
	s := &stream{invocation: inv.parent, end: inv.end, begun: make(chan struct{}), ended: make(chan struct{})}
	s.open()
	inv.response.begin(inv)
	inv.response.stream = s
	go func() {
		defer close(s.ended)
		defer inv.end()
		if bad, ok := refused.(*event.RequestError); ok {
			s.claim()
			s.sendWhole(inv, malformed(bad))
			return
		}
		s.conclude(&inv.response, inv.serve())
	}()
	<-s.begun
	if s.failed != nil {
		return nil, s.failed
	}
	return s, nil
}

// A stream is the way of a reply from the handler to Lambda's runtime, which reads
// it. It ends with an error if the reply is not whole.
type stream struct {
	pipe

	claimed atomic.Bool   // the reply has begun, or is to be another one
	begun   chan struct{} // closed when there is something to read
	failed  error         // why there never will be, set before begun is closed
	ended   chan struct{} // closed when the handler has returned

	invocation context.Context
	end        func() // ends the request's context
}

// A sink is a stream as a response knows it. It is an interface so that the linker
// leaves streams out of functions that only use Wrap.
type sink interface {
	push(w *response, last bool) error
	pour(w *response, src reader) error
	fill(src io.Reader, limit int) (n int, err, failed error)
}

// claim reports whether the caller is the first to begin the reply.
func (s *stream) claim() bool { return s.claimed.CompareAndSwap(false, true) }

// begin sends the reply's metadata and the first of its body.
func (s *stream) begin(inv *invocation, reply *event.Reply, body []byte) error {
	prelude := inv.event.EncodePrelude(reply)
	if len(prelude) > maxPrelude {
		inv.log(slog.LevelError, fmt.Sprintf("adapter: answered 500 to %s: the header has %d bytes, a streamed reply takes %d",
			inv.target(), len(prelude), maxPrelude))
		s.sendWhole(inv, plainReply(http.StatusInternalServerError, http.StatusText(http.StatusInternalServerError), nil))
		return errHeaderTooLarge
	}
	_, err := s.send(append(prelude, body...))
	close(s.begun)
	return err
}

// sendWhole sends a reply of the adapter's own.
func (s *stream) sendWhole(inv *invocation, reply *event.Reply) {
	body := reply.Body
	if inv.event.Method == http.MethodHead {
		body = nil
	}
	s.begin(inv, reply, body)
	s.finish(io.EOF)
}

// ContentType tells Lambda that the reply begins with metadata.
func (s *stream) ContentType() string { return "application/vnd.awslambda.http-integration-response" }

// Close is called by Lambda's runtime when it stops reading, at the end or before.
// It ends the request's context and waits for the handler, but not beyond the
// invocation.
func (s *stream) Close() error {
	s.end()
	s.finish(io.ErrClosedPipe)
	select {
	case <-s.ended:
	case <-s.invocation.Done():
	}
	return nil
}

var errHeaderTooLarge = errors.New("adapter: the header is larger than a streamed reply takes")

// push sends what the handler has written since the last time, and the header
// before it. When last is set, this is all there is.
func (s *stream) push(w *response, last bool) (err error) {
	if w.sending {
		if len(w.body) > 0 {
			w.body, err = s.send(w.body)
		}
		return err
	}
	body := w.body
	w.body = w.body[:0]
	if !s.claim() {
		return http.ErrHandlerTimeout
	}
	w.sending = true
	w.sniff(body)
	length := w.declared
	if length < 0 && last && hasBody(w.status) && (w.inv.event.Method != http.MethodHead || len(body) > 0) {
		length = int64(len(body)) // as net/http does
	}
	if length >= 0 {
		w.reply.Header = insertField(w.reply.Header, "Content-Length", strconv.FormatInt(length, 10))
	}
	if w.inv.event.Method == http.MethodHead {
		body = nil
	}
	err = s.begin(w.inv, &w.reply, body)
	if err == errHeaderTooLarge {
		w.over = err
	}
	return err
}

// A reader is a bytes.Reader or a strings.Reader.
type reader interface {
	io.Reader
	Len() int
}

// pour sends what is too large to be kept.
func (s *stream) pour(w *response, src reader) error {
	// The reply begins with enough to sniff.
	w.body = slices.Grow(w.body, sniffed)
	n, _ := src.Read(w.body[len(w.body):cap(w.body)])
	w.body = w.body[:len(w.body)+n]
	err := s.push(w, false)
	for err == nil && src.Len() > 0 {
		_, _, err = s.fill(src, streamPiece)
	}
	return err
}

// conclude ends the reply after the handler has returned, or was given up.
func (s *stream) conclude(w *response, failed *failure) {
	switch {
	case failed == nil:
		s.finishResponse(w)
		s.finish(io.EOF)
	case !s.claim(): // some of it is sent: it must not look whole
		s.finish(failed)
	case w.inv.handler.panicError && failed.cause != nil:
		s.failed = failed
		close(s.begun)
	default:
		s.sendWhole(w.inv, w.replace(failed.status))
	}
}

func (s *stream) finishResponse(w *response) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.status == 0 {
		w.writeHeader(http.StatusOK)
	}
	if w.over == nil {
		s.push(w, true) // fails only for a client that has left
		w.over = errOver
	}
}
