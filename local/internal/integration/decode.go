package integration

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"io"
	"net/http"
	"strings"
)

// Decode undoes the compression of an answer whose Content-Encoding is about to be dropped,
// as REST APIs drop that of a proxy's: a client could not read it otherwise. A coding other
// than gzip and deflate stays, and so does its name. What AWS does with a compressed answer
// is not recorded.
func Decode(r *Result) {
	coding := strings.Join(r.Header["Content-Encoding"], ",")
	open, ok := decoder(coding)
	if !ok {
		return
	}
	delete(r.Header, "Content-Encoding")
	if open == nil {
		return
	}
	delete(r.Header, "Content-Length")
	if r.Status == http.StatusNoContent || r.Status == http.StatusNotModified {
		return
	}
	r.Body = &decodedBody{open: open, from: r.Body}
}

// Inflate undoes the compression of a request's body, as REST APIs do before an integration
// sees it. ok is false for another coding than gzip and deflate, for a body that is not what
// its header says, and for one of more than limit bytes:
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-make-request-with-compressed-payload.html
func Inflate(body []byte, coding string, limit int) (plain []byte, ok bool) {
	open, ok := decoder(coding)
	if len(body) == 0 {
		return nil, true
	}
	if !ok || open == nil {
		return body, ok
	}
	from, err := open(bytes.NewReader(body))
	if err != nil {
		return nil, false
	}
	plain, err = io.ReadAll(io.LimitReader(from, int64(limit)+1))
	return plain, err == nil && len(plain) <= limit
}

// decoder returns what undoes a coding: nil for none. ok is false for one that is not known.
func decoder(coding string) (open func(io.Reader) (io.ReadCloser, error), ok bool) {
	switch strings.ToLower(strings.TrimSpace(coding)) {
	case "", "identity":
		return nil, true
	case "gzip", "x-gzip":
		return func(from io.Reader) (io.ReadCloser, error) { return gzip.NewReader(from) }, true
	case "deflate":
		return zlib.NewReader, true
	}
	return nil, false
}

// A decodedBody begins to decode when it is first read, since an answer to HEAD has nothing
// to decode.
type decodedBody struct {
	open    func(io.Reader) (io.ReadCloser, error)
	from    io.ReadCloser
	decoder io.ReadCloser
	err     error
}

func (b *decodedBody) Read(p []byte) (int, error) {
	if b.err == nil && b.decoder == nil {
		b.begin()
	}
	if b.err != nil {
		return 0, b.err
	}
	n, err := b.decoder.Read(p)
	return n, undecodable(err)
}

// begin opens the decoder, unless there is nothing to decode.
func (b *decodedBody) begin() {
	from := bufio.NewReader(b.from)
	if _, b.err = from.Peek(1); b.err == nil {
		b.decoder, b.err = b.open(from)
		b.err = undecodable(b.err)
	}
}

// undecodable says what an error of a decoder means. One of the call itself keeps its own
// meaning.
func undecodable(err error) error {
	if _, ok := errors.AsType[*Error](err); ok || err == nil || err == io.EOF {
		return err
	}
	return failf(Unreachable, "the backend's answer cannot be decoded: %v", err)
}

func (b *decodedBody) Close() error { return b.from.Close() }
