package adapter

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"slices"

	"github.com/lambridge-go/lambridge/internal/event"
)

// A failure is the reason to answer with something else than the handler wrote.
type failure struct {
	status int
	cause  any // what the handler panicked with, or errGoexit; nil if it did neither
}

// errGoexit is the third way out of a handler, which neither returns nor panics.
var errGoexit = errors.New("the handler has ended its goroutine with runtime.Goexit, as FailNow and Skip of a test do")

// Error says why a streamed reply breaks off, or why an invocation fails.
func (f *failure) Error() string {
	switch f.cause {
	case nil:
		return "adapter: the invocation's deadline was near and the handler had not returned"
	case errGoexit:
		return "adapter: " + errGoexit.Error()
	}
	return fmt.Sprintf("adapter: the handler panicked: %v", f.cause)
}

// A statusError says that the handler's answer is one that is to fail the invocation.
type statusError int

func (e statusError) Error() string {
	return fmt.Sprintf("adapter: the answer has the status %d, which WithErrorStatus makes an error", int(e))
}

// statusError is the error of an invocation that is answered with that status, nil where
// the status is none.
func (inv *invocation) statusError(status int) error {
	if fails := inv.handler.errorStatus; fails != nil && fails(status) {
		return statusError(status)
	}
	return nil
}

// caught makes a failure of a handler's panic, and logs it.
func (inv *invocation) caught(cause any) *failure {
	if cause != http.ErrAbortHandler {
		inv.log(slog.LevelError, "adapter: panic serving "+inv.target(), "panic", fmt.Sprint(cause), "stack", string(debug.Stack()))
	}
	return &failure{http.StatusInternalServerError, cause}
}

// replace ends the response with one that the adapter makes itself. It tells the
// client nothing but the status. The headers that let a browser show it are kept.
func (w *response) replace(status int) *event.Reply {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.over = errOver
	header := w.reply.Header
	if w.reply.Status == 0 {
		header = w.appendFields(nil, w.header, status)
	}
	if status == http.StatusGatewayTimeout {
		w.over = http.ErrHandlerTimeout
		header = w.appendFields(nil, w.cors, status)
	}
	var kept []event.Field
	for _, f := range header {
		if isCORS(f.Name) {
			kept = append(kept, f)
		}
	}
	return plainReply(status, http.StatusText(status), kept)
}

// malformed answers a request that net/http would not hand to a handler.
func malformed(bad *event.RequestError) *event.Reply {
	return plainReply(http.StatusBadRequest, "400 Bad Request: "+bad.Reason, nil)
}

// plainReply is a reply like those of http.Error.
func plainReply(status int, text string, header []event.Field) *event.Reply {
	header = insertField(header, "Content-Type", "text/plain; charset=utf-8")
	header = insertField(header, "X-Content-Type-Options", "nosniff")
	return &event.Reply{Status: status, Header: header, Body: []byte(text + "\n")}
}

// keepCORS notes the headers that an answer in place of the handler's would keep.
// With a deadline margin the handler may be at work when that answer is made, and
// its header must not be touched: what is known is what stood there when the
// handler last asked for it.
func (w *response) keepCORS() {
	if w.inv.handler.deadlineMargin <= 0 {
		return
	}
	if w.cors == nil {
		w.cors = make(http.Header)
	}
	for name, values := range w.header {
		if isCORS(name) {
			w.cors[name] = slices.Clone(values)
		}
	}
}
