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
	header http.Header   // what the gateway sets; nil is nothing yet
	sent   http.Header   // what it had set when it sent the status, which is nobody else's then
	body   keptBody      // until the first Flush
	whole  http.Response // what the test gets, unless it has to be read off the wire

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
	if resp := r.ordinary(req); resp != nil {
		return resp, nil
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

// ordinary returns the response as http.ReadResponse would, or nil if that takes writing and
// reading it: most responses read off the wire as they were written, but for the spelling of
// some names.
func (r *recorder) ordinary(req *http.Request) *http.Response {
	if r.stream != nil || r.method == http.MethodHead || r.status < 200 || r.status == http.StatusNoContent ||
		r.status == http.StatusNotModified || http.StatusText(r.status) == "" {
		return nil
	}
	header, ok := r.ordinaryHeader()
	if !ok {
		return nil
	}
	length := int64(r.body.Len())
	if header["Content-Length"] == nil {
		header["Content-Length"] = []string{strconv.FormatInt(length, 10)}
	}
	r.whole = http.Response{
		Status: strconv.Itoa(r.status) + " " + http.StatusText(r.status), StatusCode: r.status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: header, Body: http.NoBody, ContentLength: length, Request: req,
	}
	if length > 0 {
		r.whole.Body = &r.body
	}
	return &r.whole
}

// ordinaryHeader is the header as it reads off the wire: nothing without a value, and
// canonical names, under which those come together that differ only in case. ok is false if
// something in it means more than it says, or is nothing that HTTP passes on as it is.
func (r *recorder) ordinaryHeader() (header http.Header, ok bool) {
	type spelling struct{ name, key string }
	var room [4]spelling // for as many as front doors add
	found := room[:0]
	together := false
	for name, values := range r.sent {
		if len(values) == 0 {
			delete(r.sent, name)
			continue
		}
		switch name {
		case "Trailer", "Transfer-Encoding", "Pragma": // mean something to HTTP itself
			return nil, false
		case "Connection":
			if len(values) != 1 || values[0] != "keep-alive" {
				return nil, false
			}
		case "Content-Length":
			if len(values) != 1 || values[0] != strconv.Itoa(r.body.Len()) {
				return nil, false
			}
			continue
		}
		key := canonical(name)
		if key == "" || slices.ContainsFunc(values, isUnplain) {
			return nil, false
		}
		if key != name {
			together = together || len(r.sent[key]) > 0 || slices.ContainsFunc(found, func(s spelling) bool { return s.key == key })
			found = append(found, spelling{name, key})
		}
	}
	if together {
		return joined(r.sent), true
	}
	for _, s := range found {
		values := r.sent[s.name]
		delete(r.sent, s.name) // first, so that the map need not grow
		r.sent[s.key] = values
	}
	return r.sent, true
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

// canonical returns a name as http.CanonicalHeaderKey does, and "" for one that has more in it
// than letters, digits and hyphens.
func canonical(name string) string {
	is, wrong := true, small // at the beginning of a word
	for i := range len(name) {
		kind := kinds[name[i]]
		if kind == other {
			return ""
		}
		is = is && kind != wrong
		wrong = capital
		if kind == hyphen {
			wrong = small
		}
	}
	if is {
		return name
	}
	if key := respelled[name]; key != "" {
		return key
	}
	return http.CanonicalHeaderKey(name)
}

// respelled are the canonical names of what front doors spell otherwise in most responses.
var respelled = map[string]string{
	"x-amzn-RequestId": "X-Amzn-Requestid",
	"x-amz-apigw-id":   "X-Amz-Apigw-Id",
}

// A kind is one of the bytes of names.
type kind byte

const (
	other kind = iota
	digit
	hyphen
	small
	capital
)

var kinds = func() (of [256]kind) {
	for c := range of {
		switch {
		case '0' <= c && c <= '9':
			of[c] = digit
		case c == '-':
			of[c] = hyphen
		case 'a' <= c && c <= 'z':
			of[c] = small
		case 'A' <= c && c <= 'Z':
			of[c] = capital
		}
	}
	return of
}()

// isUnplain reports whether a value is more than printable ASCII, or has spaces around it.
func isUnplain(value string) bool {
	for i := range len(value) {
		if value[i]-' ' > '~'-' ' {
			return true
		}
	}
	return strings.HasPrefix(value, " ") || strings.HasSuffix(value, " ")
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
