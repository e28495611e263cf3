package adapter

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"sync"
	"time"

	"github.com/lambridge-go/lambridge/internal/event"
)

// A response is the http.ResponseWriter of one request. net/http's rules are its
// specification: the first status counts and freezes the header, the Content-Type
// is sniffed from the first bytes however many writes they come in, some statuses
// have no body. Where the body goes is the sink's concern.
//
// Like net/http's it is not meant for concurrent use. But a handler that leaves a
// goroutine behind harms nobody: once the response is over, writing to it fails.
type response struct {
	inv *invocation

	mu       sync.Mutex
	header   http.Header  // the handler's own
	cors     http.Header  // what keepCORS has seen of it
	reply    *event.Reply // its Status is 0 until the header is written
	tally    tally
	sink     sink
	cuts     bool       // a copy is cut at the declared length, once the header is sent
	typed    bool       // nothing is to be sniffed
	settled  bool       // the head of the reply will not change any more
	sent     bool       // net/http would have sent the header
	probe    [1]byte    // room for what a copy reads beyond its length
	deadline *time.Time // nil for none
	over     error      // why writing fails, nil as long as it does not

	kept *kept // the sink of a response that does not stream, until it is released
}

var (
	_ http.ResponseWriter = (*response)(nil)
	_ http.Flusher        = (*response)(nil)
	_ io.StringWriter     = (*response)(nil)
	_ io.ReaderFrom       = (*response)(nil)
)

// errOver is what a goroutine gets that its handler left behind.
var errOver = errors.New("adapter: the response is over: its handler has returned")

// begin makes the response ready for the handler. A nil sink keeps the body.
func (w *response) begin(inv *invocation, to sink) {
	if to == nil {
		w.kept = keptRoom.Get().(*kept)
		w.kept.head, w.kept.limit = w, inv.event.MaxReply()
		to, w.reply = w.kept, &w.kept.reply
	} else {
		w.reply = new(event.Reply)
	}
	w.inv, w.sink, w.cuts = inv, to, true
	if inv.method == http.MethodHead {
		to.mute()
		w.sink, w.cuts = &bodiless{sink: to}, false
	}
	w.tally.declared = -1
	w.header = make(http.Header)
}

// Header is part of http.ResponseWriter.
func (w *response) Header() http.Header {
	w.mu.Lock()
	w.keepCORS()
	header := w.header
	w.mu.Unlock()
	return header
}

// WriteHeader is part of http.ResponseWriter. Informational statuses (1xx) have no
// way through Lambda: they are dropped, and the final one is still to come.
func (w *response) WriteHeader(status int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case w.over != nil:
	case w.reply.Status != 0:
		w.inv.warn("superfluous WriteHeader(%d), the status is %d already", status, w.reply.Status)
	case status < 100 || status > 999:
		panic(fmt.Sprintf("invalid WriteHeader code %v", status)) // net/http does
	case status < 200 && status != http.StatusSwitchingProtocols:
	default:
		w.writeHeader(status)
	}
}

func (w *response) writeHeader(status int) {
	if length := first(w.header["Content-Length"]); length != "" {
		if n, err := strconv.ParseInt(length, 10, 64); err == nil && n >= 0 {
			w.tally.declared = n
			w.sink.expect(n)
		} else {
			w.inv.warn("invalid Content-Length of %q", length)
		}
	}
	_, w.typed = w.header["Content-Type"]
	w.typed = w.typed || first(w.header["Content-Encoding"]) != "" || first(w.header["Transfer-Encoding"]) != ""
	w.reply.Status = status
	var room []event.Field
	if w.kept != nil {
		room = w.kept.fields[:0]
	}
	w.reply.Header = w.appendFields(room, w.header, status)
	w.prefixLinks()
}

func first(values []string) string {
	if len(values) == 0 {
		return ""
	}
	return values[0]
}

// sniffs is part of head.
func (w *response) sniffs() bool { return !w.settled && !w.typed }

// settle is part of head: it settles the Content-Type as net/http does, if there is
// anything to go by. What comes after the first call comes too late.
func (w *response) settle(start []byte) *event.Reply {
	if w.sniffs() && len(start) > 0 {
		w.reply.Header = insertField(w.reply.Header, "Content-Type", http.DetectContentType(start))
	}
	w.settled = true
	return w.reply
}

// Write is part of http.ResponseWriter.
func (w *response) Write(p []byte) (int, error) { return w.write(p, "") }

// WriteString is part of io.StringWriter.
func (w *response) WriteString(s string) (int, error) { return w.write(nil, s) }

func (w *response) write(b []byte, s string) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := len(b) + len(s)
	err := w.accept(n)
	if err == nil && n > 0 {
		err = w.sink.write(b, s)
	}
	if err != nil {
		return 0, err
	}
	return n, nil
}

// accept counts n bytes that the handler writes, and tells why they are refused, if
// they are.
func (w *response) accept(n int) error {
	switch {
	case w.over != nil:
		return w.over
	case past(w.deadline):
		return os.ErrDeadlineExceeded
	}
	if w.reply.Status == 0 {
		w.writeHeader(http.StatusOK)
	}
	if n == 0 {
		return nil
	}
	if !hasBody(w.reply.Status) {
		return http.ErrBodyNotAllowed
	}
	err := w.tally.write(n)
	w.sent = w.sent || w.tally.accepted() > sendBuffer
	return err
}

// sendBuffer is how much net/http lets a handler write before it sends the header.
const sendBuffer = 2048

// ReadFrom is part of io.ReaderFrom: it reads straight into the body.
func (w *response) ReadFrom(src io.Reader) (total int64, err error) {
	for err == nil {
		var n int
		n, err = w.readOnce(src, total)
		total += int64(n)
	}
	if err == io.EOF {
		err = nil
	}
	return total, err
}

// readOnce is one step of ReadFrom: it reads from src once, into the body itself. Copied
// is how many bytes the steps before it have read.
func (w *response) readOnce(src io.Reader, copied int64) (n int, err error) {
	room := w.borrow(copied, left(src))
	if room == nil {
		return 0, w.probeBeyond(src)
	}
	// The room has to be given back even when src panics. Then n is 0: nothing has come.
	defer func() {
		if refused := w.grow(n); refused != nil {
			n, err = 0, refused
		}
	}()
	return src.Read(room)
}

// borrow is room for the next bytes of a copy, nil when the declared length is reached.
//
// net/http copies as much as it looks at for the Content-Type as if it were written.
// Then it sends the header, and hands the source to the connection up to the declared
// length, unless the body goes nowhere. There is no more room than the source may fill.
func (w *response) borrow(copied, left int64) []byte {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.sink == nil { // released: grow is going to refuse what is read
		return make([]byte, sniffed)
	}
	w.sent = w.sent || copied >= sniffed
	most := int64(sniffed) - copied
	if w.sent {
		most = 1 << 62
		if w.cuts && w.tally.declared >= 0 && hasBody(w.reply.Status) {
			most = w.tally.left()
		}
	}
	if most == 0 {
		return nil
	}
	most = min(most, left)
	room := w.sink.borrow(most)
	return room[:min(most, int64(len(room)))]
}

// grow gives the room of borrow back, and counts the n bytes that were read into it as
// written. If the response refuses them, none of them counts. A source that gave nothing
// settles nothing, not even the status.
func (w *response) grow(n int) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.sink == nil {
		return w.over
	}
	if n == 0 {
		return w.sink.grow(0)
	}
	if err := w.accept(n); err != nil {
		w.sink.grow(0)
		return err
	}
	return w.sink.grow(n)
}

// probeBeyond ends a copy that has reached the declared length. It is an error if src has
// more to give, which one more read tells.
func (w *response) probeBeyond(src io.Reader) error {
	if !w.tally.whole() {
		return io.EOF
	}
	if n, _ := src.Read(w.probe[:]); n > 0 {
		return http.ErrContentLength
	}
	return io.EOF
}

// Flush is part of http.Flusher. Where the response is kept it settles what
// net/http's Flush settles, and sends nothing.
func (w *response) Flush() { w.FlushError() }

// FlushError is what http.ResponseController calls.
func (w *response) FlushError() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.over != nil {
		return w.over
	}
	if w.reply.Status == 0 {
		w.writeHeader(http.StatusOK)
	}
	w.sent = true
	return w.sink.flush()
}

// SetReadDeadline is what http.ResponseController calls: from t on, reading the
// request's body fails.
func (w *response) SetReadDeadline(t time.Time) error {
	w.inv.body.setDeadline(t)
	return nil
}

// SetWriteDeadline is what http.ResponseController calls: from t on, writing fails.
func (w *response) SetWriteDeadline(t time.Time) error {
	w.mu.Lock()
	w.deadline = &t
	w.mu.Unlock()
	return nil
}

// EnableFullDuplex is what http.ResponseController calls. The request's body has
// arrived before the handler runs: reading and writing never get in each other's
// way.
func (w *response) EnableFullDuplex() error { return nil }

// CloseNotify is part of http.CloseNotifier, which is deprecated, and which gin's
// Context.Stream cannot do without.
func (w *response) CloseNotify() <-chan bool {
	gone := make(chan bool, 1)
	context.AfterFunc(w.inv, func() { gone <- true })
	return gone
}

// finish ends the response after the handler has returned, and returns what is to be
// sent, where that has not been sent already.
func (w *response) finish() (*event.Reply, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.reply.Status == 0 {
		w.writeHeader(http.StatusOK)
	}
	w.over = errOver
	return w.reply, w.sink.finish(w.tally.accepted())
}

// release ends a response that does not stream for good, whatever has become of it, when the
// reply is encoded: what it was made in may be used again.
func (w *response) release() {
	w.mu.Lock()
	if w.over == nil {
		w.over = errOver
	}
	*w.kept = kept{}
	keptRoom.Put(w.kept)
	w.kept, w.sink, w.reply = nil, nil, nil
	w.mu.Unlock()
}

// hasBody reports whether a response of that status has a body: RFC 9110, section
// 6.4.1.
func hasBody(status int) bool {
	return status >= 200 && status != http.StatusNoContent && status != http.StatusNotModified
}
