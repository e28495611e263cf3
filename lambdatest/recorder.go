package lambdatest

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync"
)

// recorder is the ResponseWriter behind the response that a test gets. Up to the first
// Flush it keeps what is written; from then on the test reads along. A response that
// cannot have a body is kept to its end.
type recorder struct {
	method string
	status int
	header http.Header  // what the gateway sets
	sent   http.Header  // what it had set when it sent the status
	body   bytes.Buffer // until the first Flush

	begin  sync.Once     // closes begun
	begun  chan struct{} // closed when the response can be read
	ended  chan struct{} // closed when it is whole
	stream *streamBody   // from the first Flush on
	client *io.PipeWriter
}

func newRecorder(method string) *recorder {
	return &recorder{method: method, header: http.Header{}, begun: make(chan struct{}), ended: make(chan struct{})}
}

func (r *recorder) Header() http.Header { return r.header }

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status, r.sent = status, r.header.Clone()
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
	resp := &http.Response{
		StatusCode: r.status, ProtoMajor: 1, ProtoMinor: 1,
		Header: r.sent, Body: io.NopCloser(&r.body), ContentLength: int64(r.body.Len()), Request: req,
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
