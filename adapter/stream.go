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
	"strings"
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
// handler's deadline passes.
//
// AWS does not tell a function that its client has left. Writing goes on to succeed, the
// request's context does not end before the invocation's deadline, and all of the time
// is billed: bound a stream that could go on for ever, by a timer or a number of events.
// Only if Lambda's runtime itself stops reading does writing fail and the context end.
//
// What is flushed leaves the function at once, and may be held back behind it. Function
// URLs are reported to hold small pieces back for about a second, or until some 100 KB
// have come together; and they undo the gzip that a streaming function has done, so
// leave compression out. They do not stream inside a VPC. A REST API ends a stream that
// has been silent for five minutes, an edge-optimized one for thirty seconds: a stream of
// events needs a heartbeat.
//
// It is a func because a lambda.Handler has no way to stream: tracing and metrics have to
// wrap the func, as InstrumentHandler of otellambda does, and not WrapHandler.
//
// See https://docs.aws.amazon.com/lambda/latest/dg/configuration-response-streaming.html and
// https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode.html
func Stream(h http.Handler, opts ...Option) StreamFunc {
	handler := Wrap(h, opts...)
	return func(ctx context.Context, payload json.RawMessage) (any, error) {
		inv := &invocation{parent: ctx, payload: payload, handler: handler}
		err := inv.decode()
		if event.Streams(&inv.event) {
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
	s := &stream{inv: inv, invocation: inv.parent, head: &inv.response, expected: -1, begun: make(chan struct{}), ended: make(chan struct{})}
	s.pipe.open()
	inv.response.begin(inv, s)
	go func() {
		defer close(s.ended)
		defer inv.end()
		if bad, ok := refused.(*event.RequestError); ok {
			s.claim()
			s.sendWhole(malformed(bad))
			return
		}
		failed := &failure{http.StatusInternalServerError, errGoexit}
		defer func() { s.conclude(&inv.response, failed) }()
		failed = inv.serve(false)
	}()
	<-s.begun
	if s.failed != nil {
		return nil, s.failed
	}
	return s, nil
}

// A stream is the sink of a response that streams, and what Lambda's runtime reads of
// it. It ends with an error if the reply is not whole.
type stream struct {
	pipe

	inv        *invocation
	invocation context.Context
	head       head

	buffer   []byte // written and not sent yet
	expected int64  // the declared Content-Length, -1 for none
	muted    bool
	started  bool  // the head is sent
	copied   int   // bytes that the last read of a copy gave
	borrowed bool  // they are read into the runtime's memory
	broken   error // why nothing more can be written

	claimed atomic.Bool   // the reply has begun, or is to be another one
	begun   chan struct{} // closed when there is something to read
	failed  error         // why there never will be, set before begun is closed
	ended   chan struct{} // closed when the handler has returned
}

func (s *stream) expect(length int64) { s.expected = length }

func (s *stream) mute() { s.muted = true }

func (s *stream) write(b []byte, str string) error {
	s.copied = 0
	switch {
	case s.broken != nil:
		return s.broken
	case len(b) > streamPiece:
		return s.pour(bytes.NewReader(b))
	case len(str) > streamPiece:
		return s.pour(strings.NewReader(str))
	}
	s.buffer = append(append(s.buffer, b...), str...)
	return s.sendFull()
}

// pour sends what is too large to be copied more than once.
func (s *stream) pour(src interface {
	io.Reader
	Len() int
}) error {
	// The reply begins with enough to sniff.
	s.buffer = slices.Grow(s.buffer, sniffed)
	n, _ := src.Read(s.buffer[len(s.buffer):cap(s.buffer)])
	s.buffer = s.buffer[:len(s.buffer)+n]
	err := s.flush()
	for err == nil && src.Len() > 0 {
		room := s.pipe.borrow()
		if room == nil {
			return io.ErrClosedPipe
		}
		n, _ := src.Read(room)
		s.pipe.giveBack(n)
	}
	return err
}

// borrow lends the memory that the runtime reads into, to sources that give much at a
// time, once the reply has begun. With a deadline margin the reply may have to end while
// the source is being read, and nothing of the runtime's is lent.
func (s *stream) borrow(int64) []byte {
	if s.started && len(s.buffer) == 0 && s.copied >= streamBuffer && s.inv.handler.deadlineMargin <= 0 {
		if room := s.pipe.borrow(); room != nil {
			s.borrowed = true
			return room
		}
	}
	s.buffer = slices.Grow(s.buffer, streamPiece)
	return s.buffer[len(s.buffer):cap(s.buffer)]
}

func (s *stream) grow(n int) error {
	s.copied = n
	if s.borrowed {
		s.borrowed = false
		s.pipe.giveBack(n)
		return nil
	}
	s.buffer = s.buffer[:len(s.buffer)+n]
	return s.sendFull()
}

// sendFull sends the buffer when enough has come together in it.
func (s *stream) sendFull() error {
	if len(s.buffer) < streamBuffer {
		return s.broken
	}
	return s.flush()
}

// flush sends what has been written since the last time, and the head before it.
func (s *stream) flush() error { return s.push(s.expected) }

// finish sends the last of the body. A body that is known by then has its length told,
// as net/http does.
func (s *stream) finish(size int64) error {
	length := s.expected
	if length < 0 && size < streamBuffer && (size > 0 || !s.muted) {
		length = size
	}
	return s.push(length)
}

func (s *stream) push(length int64) (err error) {
	switch {
	case s.broken != nil:
	case !s.started && !s.claim():
		return http.ErrHandlerTimeout
	case !s.started:
		s.started = true
		reply := s.head.settle(s.buffer)
		if length >= 0 && s.tellsLength(reply.Status) {
			reply.Header = insertField(reply.Header, "Content-Length", strconv.FormatInt(length, 10))
		}
		s.broken = s.begin(reply, s.buffer)
		s.buffer = s.buffer[:0]
	case len(s.buffer) > 0:
		s.buffer, err = s.send(s.buffer)
		return err
	}
	return s.broken
}

// tellsLength reports whether a reply of that status has a Content-Length. What follows
// a CONNECT that has succeeded is no body: RFC 9110, section 9.3.6.
func (s *stream) tellsLength(status int) bool {
	return hasBody(status) && (s.inv.method != http.MethodConnect || status > 299)
}

// claim reports whether the caller is the first to begin the reply.
func (s *stream) claim() bool { return s.claimed.CompareAndSwap(false, true) }

var errHeaderTooLarge = errors.New("adapter: the header is larger than a streamed reply takes")

// begin sends the reply's metadata and the first of its body.
func (s *stream) begin(reply *event.Reply, body []byte) error {
	prelude := event.EncodePrelude(&s.inv.event, reply)
	if len(prelude) > maxPrelude {
		s.inv.log(slog.LevelError, fmt.Sprintf("adapter: answered 500 to %s: the header has %d bytes, a streamed reply takes %d",
			s.inv.target(), len(prelude), maxPrelude))
		s.sendWhole(plainReply(http.StatusInternalServerError, http.StatusText(http.StatusInternalServerError), nil))
		return errHeaderTooLarge
	}
	if s.muted {
		body = nil
	}
	_, err := s.send(append(prelude, body...))
	close(s.begun)
	return err
}

// sendWhole sends a reply of the adapter's own.
func (s *stream) sendWhole(reply *event.Reply) {
	s.begin(reply, reply.Body)
	s.endAfter(reply)
}

// endAfter ends the stream of a reply that is sent. It is whole, but its status may be
// one that fails the invocation all the same.
func (s *stream) endAfter(reply *event.Reply) {
	if err := s.inv.statusError(reply.Status); err != nil {
		s.end(err)
		return
	}
	s.end(io.EOF)
}

// conclude ends the reply after the handler has returned, or was given up.
func (s *stream) conclude(w *response, failed *failure) {
	switch {
	case failed == nil:
		reply, _ := w.finish() // fails only for a client that has left
		s.endAfter(reply)
	case !s.claim(): // some of it is sent: it must not look whole
		s.end(failed)
	case s.inv.handler.panicError && failed.cause != nil:
		s.failed = failed
		close(s.begun)
	default:
		s.sendWhole(w.replace(failed.status))
	}
}

// ContentType tells Lambda that the reply begins with metadata.
func (s *stream) ContentType() string { return "application/vnd.awslambda.http-integration-response" }

// Close is called by Lambda's runtime when it stops reading, at the end or before.
// It ends the request's context and waits for the handler, but not beyond the
// invocation.
func (s *stream) Close() error {
	s.inv.end()
	s.end(io.ErrClosedPipe)
	select {
	case <-s.ended:
	case <-s.invocation.Done():
	}
	return nil
}
