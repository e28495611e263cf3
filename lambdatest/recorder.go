package lambdatest

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// recorder is the ResponseWriter behind the response that a test gets. Up to the first
// Flush it keeps what is written; from then on the test reads along. A response that
// cannot have a body is kept to its end.
type recorder struct {
	method string
	status int
	header http.Header // what the gateway sets; nil is nothing yet
	sent   http.Header // what it had set when it sent the status, which is nobody else's then
	body   keptBody    // until the first Flush

	begin  sync.Once     // closes begun
	begun  chan struct{} // closed when the response can be read; nil if nobody waits for it
	ended  chan struct{} // closed when it is whole, likewise
	stream *streamBody   // from the first Flush on
	client *io.PipeWriter
}

// A keptBody is the body of a response that is there as a whole.
type keptBody struct{ bytes.Buffer }

// Close implements io.Closer.
func (*keptBody) Close() error { return nil }

func newRecorder(method string) *recorder {
	return &recorder{method: method}
}

// readWhileWritten readies it for who waits for its beginning, in another goroutine than
// the one that writes.
func (r *recorder) readWhileWritten() {
	r.begun, r.ended = make(chan struct{}), make(chan struct{})
}

func (r *recorder) Header() http.Header {
	if r.header == nil {
		r.header = http.Header{}
	}
	return r.header
}

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status, r.sent, r.header = status, r.Header(), nil
	}
}

func (r *recorder) Write(p []byte) (int, error) {
	r.WriteHeader(http.StatusOK)
	if r.stream != nil {
		return r.client.Write(p)
	}
	return r.body.Write(p)
}

// Flush implements http.Flusher: the test reads on from here.
func (r *recorder) Flush() {
	r.WriteHeader(http.StatusOK)
	if r.method == http.MethodHead || r.status == http.StatusNoContent || r.status == http.StatusNotModified {
		return
	}
	r.begin.Do(func() {
		reader, writer := io.Pipe()
		r.stream, r.client = &streamBody{PipeReader: reader, ended: r.ended}, writer
		close(r.begun)
	})
}

// discard lets a function write into nothing whose client has left before it began.
func (r *recorder) discard() {
	<-r.begun
	if r.stream != nil {
		r.stream.Close()
	}
}

// end ends the response.
func (r *recorder) end() {
	if r.begun == nil {
		return
	}
	r.begin.Do(func() { close(r.begun) })
	if r.stream != nil {
		r.client.Close()
	}
	close(r.ended)
}

// response returns what a client reads off the wire: canonical header names, and no body
// where HTTP has none.
func (r *recorder) response(req *http.Request) (*http.Response, error) {
	if r.status == 0 {
		return nil, fmt.Errorf("lambdatest: there is no response: %w", errExited)
	}
	if r.isOrdinary() {
		return r.ordinary(req), nil
	}
	resp := &http.Response{
		StatusCode: r.status, ProtoMajor: 1, ProtoMinor: 1,
		Header: r.sent, Body: &r.body, ContentLength: int64(r.body.Len()), Request: req,
	}
	if r.stream != nil {
		resp.TransferEncoding, resp.ContentLength = []string{"chunked"}, -1
	}
	var wire bytes.Buffer
	if err := resp.Write(&wire); err != nil {
		return nil, fmt.Errorf("lambdatest: write the response: %w", err)
	}
	read, err := http.ReadResponse(bufio.NewReader(&wire), req)
	if err != nil {
		return nil, fmt.Errorf("lambdatest: the response is not HTTP: %w", err)
	}
	if r.stream != nil {
		read.Body = r.stream
	}
	if r.stream != nil || r.method == http.MethodHead {
		if length, err := strconv.ParseInt(r.sent.Get("Content-Length"), 10, 64); err == nil {
			read.Header.Set("Content-Length", r.sent.Get("Content-Length"))
			read.TransferEncoding, read.ContentLength = nil, length
		}
	}
	return read, nil
}

// isOrdinary reports whether the response reads off the wire as it was written: most do,
// and need not be written and read.
func (r *recorder) isOrdinary() bool {
	if r.stream != nil || r.method == http.MethodHead || r.status < 200 || r.status == http.StatusNoContent ||
		r.status == http.StatusNotModified || http.StatusText(r.status) == "" {
		return false
	}
	for name, values := range r.sent {
		switch name {
		case "Trailer", "Transfer-Encoding", "Pragma": // mean something to HTTP itself
			return false
		case "Connection":
			if len(values) != 1 || values[0] != "keep-alive" {
				return false
			}
		case "Content-Length":
			if len(values) != 1 || values[0] != strconv.Itoa(r.body.Len()) {
				return false
			}
			continue
		}
		if !isToken(name) {
			return false
		}
		for _, value := range values {
			if !isPlain(value) {
				return false
			}
		}
	}
	return true
}

// ordinary is the response as http.ReadResponse returns it.
func (r *recorder) ordinary(req *http.Request) *http.Response {
	length := int64(r.body.Len())
	header := asRead(r.sent)
	if header["Content-Length"] == nil {
		header["Content-Length"] = []string{strconv.FormatInt(length, 10)}
	}
	resp := &http.Response{
		Status: strconv.Itoa(r.status) + " " + http.StatusText(r.status), StatusCode: r.status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: header, Body: http.NoBody, ContentLength: length, Request: req,
	}
	if length > 0 {
		resp.Body = &r.body
	}
	return resp
}

// asRead makes of a header what it reads as off the wire: nothing without a value, and
// canonical names, under which those come together that differ only in case.
func asRead(sent http.Header) http.Header {
	type respelled struct{ name, key string }
	var room [4]respelled // for as many as front doors add
	found := room[:0]
	for name, values := range sent {
		if len(values) == 0 {
			delete(sent, name)
			continue
		}
		key := http.CanonicalHeaderKey(name)
		if key == name {
			continue
		}
		if len(sent[key]) > 0 || slices.ContainsFunc(found, func(f respelled) bool { return f.key == key }) {
			return joined(sent)
		}
		found = append(found, respelled{name, key})
	}
	for _, f := range found {
		values := sent[f.name]
		delete(sent, f.name) // first, so that the map need not grow
		sent[f.key] = values
	}
	return sent
}

// joined returns a header by its canonical names, each with the values of all its spellings.
func joined(sent http.Header) http.Header {
	header := make(http.Header, len(sent))
	for _, name := range slices.Sorted(maps.Keys(sent)) {
		if key := http.CanonicalHeaderKey(name); len(sent[name]) > 0 {
			header[key] = append(header[key], sent[name]...)
		}
	}
	return header
}

// isToken reports whether a name of a field is letters, digits and hyphens.
func isToken(name string) bool {
	for i := range len(name) {
		if !ofTokens[name[i]] {
			return false
		}
	}
	return name != ""
}

// ofTokens are letters, digits and the hyphen.
var ofTokens = func() (of [256]bool) {
	for c := range of {
		of[c] = c == '-' || '0' <= c && c <= '9' || 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z'
	}
	return of
}()

// isPlain reports whether a value is printable ASCII without spaces around it.
func isPlain(value string) bool {
	for i := range len(value) {
		if value[i]-' ' > '~'-' ' {
			return false
		}
	}
	return !strings.HasPrefix(value, " ") && !strings.HasSuffix(value, " ")
}

// streamBody is what a test reads of a response that streams.
type streamBody struct {
	*io.PipeReader
	client context.Context // of the request
	stop   func()          // ends the context of the invocation
	ended  <-chan struct{} // closed when the function has ended
	atEnd  func()          // nil, or called when the body has been read to its end
}

// abandon ends the stream with its test: it closes the body, which the function learns
// of when it next writes, and stops it if it is waiting for something else.
func (b *streamBody) abandon() {
	b.Close()
	b.stop()
	<-b.ended
}

// Read implements io.Reader.
func (b *streamBody) Read(p []byte) (int, error) {
	n, err := b.PipeReader.Read(p)
	if err == io.ErrClosedPipe && b.client != nil && b.client.Err() != nil {
		err = context.Cause(b.client)
	}
	if err == io.EOF && b.atEnd != nil {
		b.atEnd()
		b.atEnd = nil
	}
	return n, err
}
