//go:build !go1.27

package parity_test

import (
	"io"
	"net/http"
	"strconv"
)

// connectEnds tells whether the server, which is that of the front door as well, takes an
// answer to CONNECT for the end of HTTP on a connection, which it closes then. That of Go
// 1.26 answers with a length and takes the next request, as after any other method.
const connectEnds = false

// limitHeaders makes a server refuse more than 500 lines of headers, as that of Go 1.27
// does by itself.
func limitHeaders(server *http.Server) {
	handler := server.Handler
	server.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		lines := 1 // of Host
		for _, values := range r.Header {
			lines += len(values)
		}
		if lines > 500 {
			w.Header().Set("Connection", "close")
			http.Error(w, "431 Request Header Fields Too Large", http.StatusRequestHeaderFieldsTooLarge)
			return
		}
		handler.ServeHTTP(w, r)
	})
}

// asGo127 makes net/http's ResponseWriter of Go 1.26 behave as that of Go 1.27, which
// the adapter follows on both. They differ in what io.Copy does beyond the declared
// Content-Length: 1.26 takes it, and sends what no client reads; 1.27 refuses it.
func asGo127(w http.ResponseWriter, r *http.Request) http.ResponseWriter {
	return &cutting{serverWriter: w.(serverWriter), head: r.Method == http.MethodHead, declared: -1}
}

// A serverWriter is all that net/http's ResponseWriter offers.
type serverWriter interface {
	http.ResponseWriter
	http.Flusher
	http.Hijacker
	http.CloseNotifier //lint:ignore SA1019 gin needs it
	io.StringWriter
	io.ReaderFrom
	FlushError() error
}

// A cutting writer cuts a copy at the declared length.
type cutting struct {
	serverWriter
	head     bool
	status   int
	declared int64
	written  int64 // with what was refused
	buffered int64 // without
	sent     bool  // the header is
}

func (c *cutting) Unwrap() http.ResponseWriter { return c.serverWriter }

func (c *cutting) WriteHeader(status int) {
	c.begin(status)
	c.serverWriter.WriteHeader(status)
}

func (c *cutting) begin(status int) {
	if c.status != 0 || status < 200 && status != http.StatusSwitchingProtocols || status > 999 {
		return
	}
	c.status = status
	if n, err := strconv.ParseInt(c.Header().Get("Content-Length"), 10, 64); err == nil && n >= 0 {
		c.declared = n
	}
}

func (c *cutting) Write(p []byte) (int, error) {
	c.begin(http.StatusOK)
	n, err := c.serverWriter.Write(p)
	c.count(len(p), n)
	return n, err
}

func (c *cutting) WriteString(s string) (int, error) {
	c.begin(http.StatusOK)
	n, err := c.serverWriter.WriteString(s)
	c.count(len(s), n)
	return n, err
}

func (c *cutting) count(written, taken int) {
	if c.hasBody() {
		c.written += int64(written)
		c.buffered += int64(taken)
		c.sent = c.sent || c.buffered > 2048
	}
}

func (c *cutting) hasBody() bool {
	return c.status >= 200 && c.status != http.StatusNoContent && c.status != http.StatusNotModified
}

func (c *cutting) Flush() { _ = c.FlushError() }

func (c *cutting) FlushError() error {
	c.begin(http.StatusOK)
	c.sent = true
	return c.serverWriter.FlushError()
}

func (c *cutting) ReadFrom(src io.Reader) (total int64, err error) {
	if !c.sent {
		total, err = io.Copy(onlyWriter{c}, io.LimitReader(src, 512))
		if err != nil || total < 512 {
			return total, err
		}
		c.sent = true
	}
	var n int64
	if c.head || !c.hasBody() || c.declared < 0 {
		n, err = io.Copy(onlyWriter{c}, src)
		return total + n, err
	}
	n, err = c.serverWriter.ReadFrom(io.LimitReader(src, c.declared-c.written))
	c.written += n
	if c.written == c.declared {
		if more, _ := src.Read([]byte{0}); err == nil && more > 0 {
			err = http.ErrContentLength
		}
	}
	return total + n, err
}

// onlyWriter hides what else a writer can do.
type onlyWriter struct{ io.Writer }
