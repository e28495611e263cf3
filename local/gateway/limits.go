package gateway

import (
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/lambridge-go/lambridge/local/internal/door"
	"github.com/lambridge-go/lambridge/local/internal/field"
)

// check compares a request with the limits of the front door.
func (g *Gateway) check(r *http.Request) error {
	name, limits := g.facts.Plural, g.facts.Limits
	if g.facts.Has.NoUpgrades {
		switch to := protocols(field.Values(r.Header, "Upgrade")); {
		case len(to) == 0:
		case onlyOffersHTTP2(to):
			g.offered.Do(func() {
				g.log.Info("a client offers to go on with HTTP/2 on a plain connection, which it would not do over TLS, and so not on AWS: " + name + " answer it as if it had not")
			})
		default:
			return door.Refusef(door.BadRequest, "%s do not let functions upgrade to %q", name, strings.Join(to, ", "))
		}
	}
	if size := len(requestURI(r)); limits.URL > 0 && size > limits.URL {
		return door.Refusef(door.URITooLong, "the URL has %d bytes, %s allow %d", size, name, limits.URL)
	}
	if size := len(r.Method) + len(" ") + len(requestURI(r)) + len(" HTTP/1.1"); limits.Line > 0 && size > limits.Line {
		return door.Refusef(door.URITooLong, "the request line has %d bytes, %s allow %d", size, name, limits.Line)
	}
	if limits.Field > 0 {
		if field, size := largestField(r.Header); size > limits.Field {
			return door.Refusef(door.HeadTooLarge, "the header %q has %d bytes, %s allow %d", field, size, name, limits.Field)
		}
	}
	if limits.Head > 0 {
		if size := headSize(r, limits.LineCounts); size > limits.Head {
			return door.Refusef(door.HeadTooLarge, "the request's header has %d bytes, %s allow %d", size, name, limits.Head)
		}
	}
	if limits.Body > 0 && r.ContentLength > int64(limits.Body) {
		return door.Refusef(door.RequestTooLarge, "the request's body has %d bytes, %s allow %d", r.ContentLength, name, limits.Body)
	}
	return nil
}

// protocols are those that a request's Upgrade names, which may be none (RFC 9110, section
// 7.8).
func protocols(upgrade []string) []string {
	var all []string
	for protocol := range strings.SplitSeq(strings.Join(upgrade, ","), ",") {
		if protocol = strings.TrimSpace(protocol); protocol != "" {
			all = append(all, protocol)
		}
	}
	return all
}

// onlyOffersHTTP2 reports whether a request says no more than that HTTP/2 would do as well
// (RFC 7540, section 3.2): curl --http2 and Java's HttpClient say so with every request that
// is not encrypted.
func onlyOffersHTTP2(protocols []string) bool {
	return !slices.ContainsFunc(protocols, func(p string) bool { return !strings.EqualFold(p, "h2c") })
}

// headSize is the size of a request's header as it was on the wire.
func headSize(r *http.Request, withLine bool) int {
	size := len("Host: ") + len(r.Host) + len("\r\n") + fieldsSize(r.Header)
	if withLine {
		size += len(r.Method) + len(" ") + len(requestURI(r)) + len(" HTTP/1.1\r\n")
	}
	return size
}

// fieldsSize is the size of the fields of a header on the wire.
func fieldsSize(h http.Header) int {
	size := 0
	for name, values := range h {
		for _, value := range values {
			size += fieldSize(name, value)
		}
	}
	return size
}

func fieldSize(name, value string) int { return len(name) + len(": ") + len(value) + len("\r\n") }

// largestField returns the name and the size of a header's largest field.
func largestField(h http.Header) (largest string, size int) {
	for name, values := range h {
		for _, value := range values {
			if own := fieldSize(name, value); own > size {
				largest, size = name, own
			}
		}
	}
	return largest, size
}

// checkAnswer compares an integration's answer with the limits of the front door.
func (g *Gateway) checkAnswer(answer *door.Answer) error {
	limit := g.facts.Limits.ReplyHead
	if limit == 0 {
		return nil
	}
	if size := len("HTTP/1.1 200 OK\r\n") + fieldsSize(answer.Header); size > limit {
		return door.Refusef(door.BadReply, "the answer's header has %d bytes, %s allow %d", size, g.facts.Plural, limit)
	}
	return nil
}

// bodyOf returns the body of a request, which fails to be read over the limit.
func bodyOf(r *http.Request, limit int) io.Reader {
	switch {
	case r.Body == nil || r.Body == http.NoBody:
		return http.NoBody
	case limit > 0:
		return http.MaxBytesReader(nil, r.Body, int64(limit))
	}
	return r.Body
}
