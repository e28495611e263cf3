package gateway

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/lambridge-go/lambridge/internal/event"
	"github.com/lambridge-go/lambridge/internal/field"
	"github.com/lambridge-go/lambridge/local/internal/arrival"
)

// headerOf returns the header that reaches the function: the client's, without
// what belongs to the connection and what the front door drops, and with what it
// adds.
func (g *Gateway) headerOf(r *http.Request, sourceIP, trace string) http.Header {
	header := maps.Clone(r.Header)
	if header == nil {
		header = make(http.Header)
	}
	for _, line := range field.Values(header, "Connection") {
		for name := range strings.SplitSeq(line, ",") {
			field.Drop(header, strings.TrimSpace(name))
		}
	}
	field.Drop(header, field.Connection()...)
	hops := append(field.Values(header, "X-Forwarded-For"), sourceIP)
	field.Drop(header, "Content-Length", "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Port", "X-Amzn-Trace-Id")
	if r.Host != "" {
		header["Host"] = []string{r.Host}
	}
	if length, ok := contentLength(r); ok {
		header["Content-Length"] = []string{length}
	}
	field.Drop(header, g.profile.Drops...)

	proto, port := "https", "443"
	if g.profile.Listener {
		proto, port = arrival.Listener(r)
	}
	header["X-Forwarded-For"] = []string{strings.Join(hops, ", ")}
	header["X-Forwarded-Proto"] = []string{proto}
	header["X-Forwarded-Port"] = []string{port}
	header["X-Amzn-Trace-Id"] = []string{trace}
	return header
}

// contentLength returns the field that a client sends with a body, and with some
// methods even without.
func contentLength(r *http.Request) (string, bool) {
	switch {
	case r.ContentLength > 0:
		return strconv.FormatInt(r.ContentLength, 10), true
	case r.ContentLength < 0:
		return "", false
	case r.Header.Get("Content-Length") != "":
		return "0", true
	}
	return "0", slices.Contains([]string{http.MethodPost, http.MethodPut, http.MethodPatch}, r.Method)
}

// check compares a request with the limits of the front door.
func (g *Gateway) check(r *http.Request) error {
	if g.profile.RefusesUpgrade && r.Header.Get("Upgrade") != "" {
		return refusal(event.BadRequest, "%s do not let functions upgrade to %q", g.profile.Name, r.Header.Get("Upgrade"))
	}
	if limit, size := g.profile.MaxURL, len(requestURI(r)); limit > 0 && size > limit {
		return refusal(event.URITooLong, "the URL has %d bytes, %s allow %d", size, g.profile.Name, limit)
	}
	size := len("Host: ") + len(r.Host) + len("\r\n")
	for name, values := range r.Header {
		for _, value := range values {
			size += len(name) + len(": ") + len(value) + len("\r\n")
		}
	}
	if g.profile.HeadHasLine {
		size += len(r.Method) + len(" ") + len(requestURI(r)) + len(" HTTP/1.1\r\n")
	}
	if limit := g.profile.MaxHead; limit > 0 && size > limit {
		return refusal(event.HeadTooLarge, "the request's header has %d bytes, %s allow %d", size, g.profile.Name, limit)
	}
	if limit := int64(g.profile.MaxBody); limit > 0 && r.ContentLength > limit {
		drain(r)
		return refusal(event.RequestTooLarge, "the request's body has %d bytes, %s allow %d", r.ContentLength, g.profile.Name, limit)
	}
	return nil
}

// A trace is an X-Ray trace header in its two forms: the one that reaches the
// function as a header of the request, and the one of the invocation.
// https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader
type trace struct {
	header, invocation string
}

// traceOf continues the trace that a client began, or begins one.
func (g *Gateway) traceOf(h http.Header, now time.Time) trace {
	sent := strings.Join(field.Values(h, "X-Amzn-Trace-Id"), ";")
	fields := make(map[string]string)
	for field := range strings.SplitSeq(sent, ";") {
		if name, value, ok := strings.Cut(strings.TrimSpace(field), "="); ok && value != "" {
			fields[name] = value
		}
	}
	root, continued := fields["Root"]
	t := trace{header: sent}
	switch {
	case !continued:
		root = arrival.NewTraceRoot(now)
		t.header = "Root=" + root
	case g.profile.TraceSelf:
		t.header = "Self=" + arrival.NewTraceRoot(now) + ";" + sent
	}
	t.invocation = "Root=" + root +
		";Parent=" + orElse(fields["Parent"], arrival.NewSegmentID()) +
		";Sampled=" + orElse(fields["Sampled"], "0") +
		";Lineage=1:" + arrival.NewSegmentID()[:8] + ":0"
	return t
}
