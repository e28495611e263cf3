package adapter

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/lambridge-go/lambridge/internal/event"
)

// A response is the http.ResponseWriter of one request. net/http's rules are its
// specification: the first status counts and freezes the header, the Content-Type
// is sniffed from the first bytes however many writes they come in, some statuses
// have no body. What a handler writes is kept until it returns, unless the response
// streams.
//
// Like net/http's it is not meant for concurrent use. But a handler that leaves a
// goroutine behind harms nobody: once the response is over, writing to it fails.
type response struct {
	inv   *invocation
	limit int // bytes of a body that is kept

	mu       sync.Mutex
	header   http.Header // the handler's own
	kept     http.Header // what keepCORS has seen of it
	status   int         // 0 until the header is written
	reply    event.Reply
	declared int64  // the handler's Content-Length, -1 for none
	written  int64  // bytes the handler wrote, whether or not they are kept
	refused  int64  // those of them that were beyond the declared length
	body     []byte // those that are kept, or not yet sent on
	typed    bool   // nothing is to be sniffed
	sent     bool   // net/http would have sent the header
	deadline time.Time
	over     error          // why writing fails, nil as long as it does not
	stream   sink           // where the body goes, nil for one that is kept
	sending  bool           // the stream has the header
	fields   [8]event.Field // room for the reply's header
	room     [512]byte      // room for a small body
}

var (
	_ http.ResponseWriter = (*response)(nil)
	_ http.Flusher        = (*response)(nil)
	_ io.StringWriter     = (*response)(nil)
	_ io.ReaderFrom       = (*response)(nil)
)

// errOver is what a goroutine gets that its handler left behind.
var errOver = errors.New("adapter: the response is over: its handler has returned")

// begin makes the response ready for the handler.
func (w *response) begin(inv *invocation) {
	w.inv = inv
	w.limit = inv.event.MaxReply()
	w.declared = -1
	w.header = make(http.Header)
}

// Header is part of http.ResponseWriter.
func (w *response) Header() http.Header {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.keepCORS()
	return w.header
}

// WriteHeader is part of http.ResponseWriter. Informational statuses (1xx) have no
// way through Lambda: they are dropped, and the final one is still to come.
func (w *response) WriteHeader(status int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case w.over != nil:
	case w.status != 0:
		w.inv.warn("superfluous WriteHeader(%d), the status is %d already", status, w.status)
	case status < 100 || status > 999:
		panic(fmt.Sprintf("invalid WriteHeader code %v", status)) // net/http does
	case status < 200 && status != http.StatusSwitchingProtocols:
	default:
		w.writeHeader(status)
	}
}

func (w *response) writeHeader(status int) {
	w.status = status
	if length := first(w.header["Content-Length"]); length != "" {
		if n, err := strconv.ParseInt(length, 10, 64); err == nil && n >= 0 {
			w.declared = n
		} else {
			w.inv.warn("invalid Content-Length of %q", length)
		}
	}
	_, w.typed = w.header["Content-Type"]
	w.typed = w.typed || first(w.header["Content-Encoding"]) != "" || first(w.header["Transfer-Encoding"]) != ""
	w.reply.Status = status
	w.reply.Header = appendFields(w.fields[:0], w.header, status)
}

func first(values []string) string {
	if len(values) == 0 {
		return ""
	}
	return values[0]
}

// Write is part of http.ResponseWriter.
func (w *response) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	keep, err := w.accept(len(p))
	switch {
	case keep && len(p) > streamPiece && w.streams():
		err = w.stream.pour(w, bytes.NewReader(p))
	case keep:
		w.body = append(w.body, p...)
		err = w.pushFull()
	}
	if err != nil {
		return 0, err
	}
	return len(p), nil
}

// WriteString is part of io.StringWriter.
func (w *response) WriteString(s string) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	keep, err := w.accept(len(s))
	switch {
	case keep && len(s) > streamPiece && w.streams():
		err = w.stream.pour(w, strings.NewReader(s))
	case keep:
		w.body = append(w.body, s...)
		err = w.pushFull()
	}
	if err != nil {
		return 0, err
	}
	return len(s), nil
}

// ReadFrom is part of io.ReaderFrom: it reads straight into the body, or past it. As
// with net/http, which hands the source to the connection once the header is sent,
// only what comes before that must keep to the declared length: the client does not
// get to see what comes behind it.
func (w *response) ReadFrom(src io.Reader) (total int64, err error) {
	for n := 0; ; {
		var refused error
		if room := w.roomBeyond(n); room > 0 {
			n, err, refused = w.stream.fill(src, room)
			w.count(n)
		} else {
			room, sent := w.spare(total)
			n, err = src.Read(room)
			n, refused = w.grow(n, sent)
		}
		total += int64(n)
		switch {
		case refused != nil:
			return total, refused
		case err == io.EOF:
			return total, nil
		case err != nil:
			return total, err
		}
	}
}

// roomBeyond is how much may be read past the body, straight into the memory of
// Lambda's runtime. That is for sources that give much at a time, as they did with the
// last n bytes, once the reply has begun. With a deadline margin the reply may have to
// end while the source is being read, and nothing is lent.
func (w *response) roomBeyond(n int) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case n < streamBuffer || !w.sending || len(w.body) > 0 || !w.streams() || w.inv.handler.deadlineMargin > 0:
		return 0
	case w.over != nil || past(w.deadline):
		return 0
	case w.declared >= 0:
		return int(min(streamPiece, w.declared-w.written))
	}
	return streamPiece
}

// count takes note of n bytes that were read past the body.
func (w *response) count(n int) {
	w.mu.Lock()
	w.written += int64(n)
	w.mu.Unlock()
}

// net/http sends the header when more is written than fits into its buffer, or when
// it has copied as much as it looks at for the Content-Type.
const sendBuffer = 2048

// spare is room behind the body, to be read into while the response is not locked:
// the source may be slow. It also tells whether net/http would have sent the header
// when so many bytes were copied.
func (w *response) spare(copied int64) (room []byte, sent bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sent = w.sent || copied >= sniffed
	size := sniffed
	if w.stream != nil {
		size = streamPiece
	}
	w.body = slices.Grow(w.body, size)
	room = w.body[len(w.body):cap(w.body)]
	if !w.sent {
		room = room[:sniffed-copied]
	}
	return room, w.sent
}

// grow takes the n bytes that were read into the spare room for written.
func (w *response) grow(n int, sent bool) (int, error) {
	if n == 0 {
		return 0, nil // an empty source settles nothing, not even the status
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	var excess, refused int
	if sent && w.declared >= 0 && hasBody(w.status) && w.inv.event.Method != http.MethodHead {
		refused = int(w.refused) // writing what was too much does not keep a copy from going on
		excess = int(min(max(w.written-w.refused+int64(n)-w.declared, 0), int64(n)))
	}
	w.written -= int64(refused)
	keep, err := w.accept(n - excess)
	if keep {
		w.body = w.body[:len(w.body)+n-excess]
		err = w.pushFull()
	}
	w.written += int64(refused)
	if err != nil {
		return 0, err
	}
	w.written += int64(excess)
	return n, nil
}

// accept counts n bytes that the handler writes, and reports whether they are to
// be kept or why they are refused.
func (w *response) accept(n int) (keep bool, err error) {
	switch {
	case w.over != nil:
		return false, w.over
	case past(w.deadline):
		return false, os.ErrDeadlineExceeded
	}
	if w.status == 0 {
		w.writeHeader(http.StatusOK)
	}
	if n == 0 {
		return false, nil
	}
	if !hasBody(w.status) {
		return false, http.ErrBodyNotAllowed
	}
	w.written += int64(n)
	if w.declared >= 0 && w.written > w.declared {
		w.refused += int64(n)
		return false, http.ErrContentLength
	}
	w.sent = w.sent || w.written > sendBuffer
	switch {
	case w.inv.event.Method == http.MethodHead:
		return len(w.body) < sniffed, nil // enough to sniff, nothing to send
	case w.stream != nil:
		return true, nil
	case w.written > int64(w.limit):
		w.body = nil // too large to be sent: only its size is of interest now
		return false, nil
	}
	if w.body == nil {
		w.makeRoom(n)
	}
	return true, nil
}

// makeRoom is for a body of which n bytes are about to be written. More than fits
// beside the response, and of unknown length, is left to append, which does not clear
// what it is going to fill.
func (w *response) makeRoom(n int) {
	switch declared := int(min(w.declared, int64(w.limit))); {
	case max(n, declared) <= len(w.room):
		w.body = w.room[:0]
	case declared > n:
		w.body = make([]byte, 0, declared)
	}
}

// sniffed is how many bytes http.DetectContentType looks at.
const sniffed = 512

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
	if w.status == 0 {
		w.writeHeader(http.StatusOK)
	}
	w.sent = true
	if w.stream == nil {
		w.sniff(w.body)
		w.typed = true // what comes later comes too late
		return nil
	}
	return w.stream.push(w, false)
}

// pushFull sends a body that streams on when enough of it has come together.
func (w *response) pushFull() error {
	if !w.streams() || len(w.body) < streamBuffer {
		return nil
	}
	return w.stream.push(w, false)
}

// streams reports whether the body is sent on while the handler writes it.
func (w *response) streams() bool { return w.stream != nil && w.inv.event.Method != http.MethodHead }

// SetReadDeadline is what http.ResponseController calls: from t on, reading the
// request's body fails.
func (w *response) SetReadDeadline(t time.Time) error {
	w.inv.body.setDeadline(t)
	return nil
}

// SetWriteDeadline is what http.ResponseController calls: from t on, writing fails.
func (w *response) SetWriteDeadline(t time.Time) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.deadline = t
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

// finish ends the response after the handler has returned, and returns what is to
// be sent.
func (w *response) finish() *event.Reply {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.status == 0 {
		w.writeHeader(http.StatusOK)
	}
	w.sniff(w.body)
	if w.inv.event.Method == http.MethodHead {
		w.body = nil
	}
	w.over = errOver
	w.reply.Body = w.body
	return &w.reply
}

// sniff settles the Content-Type as net/http does, if there is anything to go by.
func (w *response) sniff(body []byte) {
	if !w.typed && len(body) > 0 {
		w.typed = true
		w.reply.Header = insertField(w.reply.Header, "Content-Type", http.DetectContentType(body))
	}
}

// tooLarge reports the size of a body that was not kept because of it, else 0.
func (w *response) tooLarge() int64 {
	if w.stream == nil && w.written > int64(w.limit) && w.inv.event.Method != http.MethodHead {
		return w.written
	}
	return 0
}

// hasBody reports whether a response of that status has a body: RFC 9110, section
// 6.4.1.
func hasBody(status int) bool {
	return status >= 200 && status != http.StatusNoContent && status != http.StatusNotModified
}
