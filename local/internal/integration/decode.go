package integration

import (
	"bufio"
	"compress/gzip"
	"compress/zlib"
	"io"
	"net/http"
	"strings"
)

// Decode undoes the compression of an answer whose Content-Encoding is about to be dropped,
// as REST APIs drop that of a proxy's: a client could not read it otherwise. A coding other
// than gzip and deflate stays, and so does its name. What AWS does with a compressed answer
// is not recorded.
func Decode(r *Result) {
	var open func(io.Reader) (io.ReadCloser, error)
	switch coding := strings.ToLower(strings.Join(r.Header["Content-Encoding"], ",")); coding {
	case "", "identity":
		delete(r.Header, "Content-Encoding")
		return
	case "gzip", "x-gzip":
		open = func(from io.Reader) (io.ReadCloser, error) { return gzip.NewReader(from) }
	case "deflate":
		open = zlib.NewReader
	default:
		return
	}
	delete(r.Header, "Content-Encoding")
	delete(r.Header, "Content-Length")
	if r.Status == http.StatusNoContent || r.Status == http.StatusNotModified {
		return
	}
	r.Body = &decodedBody{open: open, from: r.Body}
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
		from := bufio.NewReader(b.from)
		if _, b.err = from.Peek(1); b.err == nil {
			b.decoder, b.err = b.open(from)
		}
	}
	if b.err != nil {
		return 0, b.err
	}
	n, err := b.decoder.Read(p)
	if err != nil && err != io.EOF {
		err = failf(Unreachable, "the backend's answer cannot be decoded: %v", err)
	}
	return n, err
}

func (b *decodedBody) Close() error { return b.from.Close() }
