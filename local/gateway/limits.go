package gateway

import (
	"io"
	"net/http"

	"github.com/lambridge-go/lambridge/local/internal/door"
)

// check compares a request with the limits of the front door.
func (g *Gateway) check(r *http.Request) error {
	name, limits := g.facts.Plural, g.facts.Limits
	if g.facts.Has.NoUpgrades && r.Header.Get("Upgrade") != "" {
		return door.Refusef(door.BadRequest, "%s do not let functions upgrade to %q", name, r.Header.Get("Upgrade"))
	}
	if size := len(requestURI(r)); limits.URL > 0 && size > limits.URL {
		return door.Refusef(door.URITooLong, "the URL has %d bytes, %s allow %d", size, name, limits.URL)
	}
	if size := headSize(r, limits.LineCounts); limits.Head > 0 && size > limits.Head {
		return door.Refusef(door.HeadTooLarge, "the request's header has %d bytes, %s allow %d", size, name, limits.Head)
	}
	if limits.Body > 0 && r.ContentLength > int64(limits.Body) {
		drain(r)
		return door.Refusef(door.RequestTooLarge, "the request's body has %d bytes, %s allow %d", r.ContentLength, name, limits.Body)
	}
	return nil
}

// headSize is the size of a request's header as it was on the wire.
func headSize(r *http.Request, withLine bool) int {
	size := len("Host: ") + len(r.Host) + len("\r\n")
	for name, values := range r.Header {
		for _, value := range values {
			size += len(name) + len(": ") + len(value) + len("\r\n")
		}
	}
	if withLine {
		size += len(r.Method) + len(" ") + len(requestURI(r)) + len(" HTTP/1.1\r\n")
	}
	return size
}

// bodyOf returns the body of a request, which fails to be read over the limit.
func bodyOf(r *http.Request, limit int) io.Reader {
	switch {
	case r.Body == nil:
		return http.NoBody
	case limit > 0:
		return http.MaxBytesReader(nil, r.Body, int64(limit))
	}
	return r.Body
}

// drain reads what is left of a body that is too large, so that the client gets to
// read the answer: one that still sends when the connection is closed may not. It
// gives up on what is far too large.
func drain(r *http.Request) {
	const most = 64 << 20
	if r.Body != nil {
		_, _ = io.CopyN(io.Discard, r.Body, most)
	}
}
