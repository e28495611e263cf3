package parity_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing/iotest"
	"time"
)

// A program is a handler that does what bytes tell it: each call of a
// ResponseWriter, a ResponseController and a body is an instruction of two bytes,
// the call and what it is called with.
type program struct {
	code   []byte
	calls  []string    // what they returned
	frozen http.Header // as it stood when it was sent
}

// A call is one that handlers make. The argument chooses among what is worth trying.
type call func(p *program, w http.ResponseWriter, r *http.Request, arg byte)

func (p *program) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	for code := p.code; len(code) >= 2; code = code[2:] {
		calls[int(code[0])%len(calls)](p, w, r, code[1])
	}
}

func (p *program) note(what ...any) { p.calls = append(p.calls, fmt.Sprintln(what...)) }

// freeze remembers the header that is about to be sent.
func (p *program) freeze(w http.ResponseWriter) {
	if p.frozen == nil {
		p.frozen = w.Header().Clone()
	}
}

func pick[T any](list []T, arg byte) T { return list[int(arg)%len(list)] }

var headerNames = []string{
	"X-A", "Content-Type", "Vary", "Set-Cookie", "Content-Encoding", "ETag", "Access-Control-Allow-Origin", "x-lower", "X-LOWER", "Cache-Control",
	"Server", "Te", "Connection", "Www-Authenticate", "Bad Name", "", "Age", "Location", "Keep-Alive", "Trailer", "Link",
}

var headerValues = []string{
	"v", "text/html", "a, b", "", " spaced ", "gzip", "caf\u00e9", "caf\xe9", "a\r\nb: c", "image/png", "identity", "k=v; Path=/", `"quoted\"`, "x\x00y", "X-Sum",
}

var statuses = []int{
	200, 201, 204, 206, 301, 302, 304, 400, 404, 418, 500, 503, 100, 102, 103, 205, 299, 599,
}

func texts() []string {
	return []string{
		"", "text", "<ht", "ml>", "<!doctype html>", "\x00\x01\xff", "caf\u00e9", "\xe2\x98", "{\"a\":\"\\\"\"}", "\u2028<&>\x1f", strings.Repeat("long ", 150),
		strings.Repeat("longer ", 900), picture(700),
	}
}

// calls are the instructions.
var calls = []call{
	func(_ *program, w http.ResponseWriter, _ *http.Request, arg byte) {
		w.Header().Set(pick(headerNames, arg), pick(headerValues, arg/byte(len(headerNames))))
	},
	func(_ *program, w http.ResponseWriter, _ *http.Request, arg byte) {
		w.Header().Add(pick(headerNames, arg), pick(headerValues, arg/byte(len(headerNames))))
	},
	func(_ *program, w http.ResponseWriter, _ *http.Request, arg byte) {
		w.Header()[pick(headerNames, arg)] = nil
	},
	func(_ *program, w http.ResponseWriter, _ *http.Request, arg byte) {
		w.Header().Del(pick(headerNames, arg))
	},
	func(p *program, w http.ResponseWriter, _ *http.Request, arg byte) {
		status := pick(statuses, arg)
		if status >= 200 {
			p.freeze(w)
		}
		w.WriteHeader(status)
	},
	func(p *program, w http.ResponseWriter, _ *http.Request, arg byte) {
		p.freeze(w)
		n, err := w.Write([]byte(pick(texts(), arg)))
		p.note("write", n, err)
	},
	func(p *program, w http.ResponseWriter, _ *http.Request, arg byte) {
		p.freeze(w)
		n, err := io.WriteString(w, pick(texts(), arg))
		p.note("write string", n, err)
	},
	func(p *program, w http.ResponseWriter, _ *http.Request, arg byte) {
		text := pick(texts(), arg)
		if text != "" {
			p.freeze(w)
		}
		var from io.Reader = onlyReader{strings.NewReader(text)}
		switch arg / byte(len(texts())) % 3 {
		case 1:
			from = iotest.OneByteReader(from)
		case 2:
			from = iotest.DataErrReader(io.MultiReader(from, iotest.ErrReader(errors.New("broken"))))
		}
		n, err := io.Copy(w, from)
		p.note("copy", n, reason(err)) // TCP adds its addresses
	},
	func(p *program, w http.ResponseWriter, _ *http.Request, arg byte) {
		p.freeze(w)
		if arg%2 == 0 {
			w.(http.Flusher).Flush()
		} else {
			p.note("flush", http.NewResponseController(w).Flush())
		}
	},
	func(p *program, _ http.ResponseWriter, r *http.Request, arg byte) {
		n, err := io.ReadFull(r.Body, make([]byte, arg))
		p.note("read", n, err)
	},
	func(p *program, _ http.ResponseWriter, r *http.Request, _ byte) {
		b, err := io.ReadAll(r.Body)
		p.note("read all", len(b), err)
	},
	func(p *program, _ http.ResponseWriter, r *http.Request, _ byte) { p.note("close", r.Body.Close()) },
	func(p *program, w http.ResponseWriter, r *http.Request, _ byte) {
		n, err := io.Copy(w, r.Body)
		if n > 0 || errors.Is(err, http.ErrContentLength) {
			p.freeze(w) // there was something to copy, which left the header as it was
		}
		p.note("echo", n, reason(err))
	},
	func(_ *program, w http.ResponseWriter, _ *http.Request, arg byte) {
		w.Header().Set("Content-Length", pick([]string{"0", "4", "5", "700", "x", "-1"}, arg))
	},
	func(p *program, w http.ResponseWriter, _ *http.Request, arg byte) {
		c := http.NewResponseController(w)
		p.note("deadlines", c.SetReadDeadline(time.Now().Add(time.Hour)), c.SetWriteDeadline(time.Time{}))
	},
	func(_ *program, w http.ResponseWriter, _ *http.Request, arg byte) {
		w.Header().Set(http.TrailerPrefix+"X-Trailer", pick(headerValues, arg))
	},
	func(p *program, w http.ResponseWriter, r *http.Request, arg byte) {
		p.freeze(w)
		switch arg % 4 {
		case 0:
			http.Redirect(w, r, pick([]string{"/x", "y?z", "https://example.com/", ""}, arg/4), http.StatusFound)
		case 1:
			http.Error(w, pick(texts(), arg/4), http.StatusTeapot)
		case 2:
			http.NotFound(w, r)
		case 3:
			http.ServeContent(w, r, "x.txt", modified, bytes.NewReader([]byte(pick(texts(), arg/4))))
		}
	},
	func(_ *program, _ http.ResponseWriter, _ *http.Request, arg byte) {
		if arg%8 == 0 { // now and then
			panic(pick([]any{"a panic", http.ErrAbortHandler, errors.New("an error")}, arg/8))
		}
	},
}

// onlyReader hides what else a reader can do.
type onlyReader struct{ io.Reader }
