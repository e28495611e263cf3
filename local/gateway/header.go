package gateway

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/lambridge-go/lambridge/local/internal/arrival"
	"github.com/lambridge-go/lambridge/local/internal/door"
	"github.com/lambridge-go/lambridge/local/internal/field"
	"github.com/lambridge-go/lambridge/local/internal/head"
)

// headerOf returns the header that reaches the integration: the client's, without
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
	hops := sourceIP
	if before := field.Values(header, "X-Forwarded-For"); len(before) > 0 {
		hops = strings.Join(before, ", ") + ", " + sourceIP
	}
	field.Drop(header, "Content-Length", "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Port", "X-Amzn-Trace-Id")
	length, hasLength := contentLength(r)
	proto, port := g.door.Forwarded(r)
	own := []string{r.Host, length, hops, proto, port, trace} // one piece of memory for all
	set := func(name string, n int) { header[name] = own[n : n+1 : n+1] }
	if r.Host != "" {
		set("Host", 0)
	}
	if hasLength {
		set("Content-Length", 1)
	}
	field.Drop(header, g.facts.Drops...)
	set("X-Forwarded-For", 2)
	set("X-Forwarded-Proto", 3)
	set("X-Forwarded-Port", 4)
	set("X-Amzn-Trace-Id", 5)
	return spelled(r, header)
}

// spelled returns the fields as the client spelled them, but for those that API Gateway
// spells itself, whatever the client: as recorded of clients of both HTTP versions.
func spelled(r *http.Request, header http.Header) http.Header {
	if !head.Known(r) {
		return header
	}
	for name := range maps.Clone(header) {
		switch name {
		case "Host", "Authorization", "User-Agent", "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Port", "X-Amzn-Trace-Id":
			continue
		}
		if own := head.Spelling(r, name); own != name {
			header[own] = header[name]
			delete(header, name)
		}
	}
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

// A trace is an X-Ray trace header in its two forms: the one that reaches the
// function as a header of the request, and the one of the invocation.
// https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader
type trace struct {
	header, invocation string
}

// traceOf continues the trace that a client began, or begins one.
func traceOf(d door.Door, h http.Header, now time.Time) trace {
	sent := strings.Join(field.Values(h, "X-Amzn-Trace-Id"), ";")
	fields := make(map[string]string)
	for field := range strings.SplitSeq(sent, ";") {
		if name, value, ok := strings.Cut(strings.TrimSpace(field), "="); ok && value != "" {
			fields[name] = value
		}
	}
	root, continued := fields["Root"]
	if !continued {
		root = arrival.NewTraceRoot(now)
	}
	t := trace{header: "Root=" + root}
	if continued {
		t.header = d.Trace(sent, now)
	}
	t.invocation = "Root=" + root +
		";Parent=" + orElse(fields["Parent"], arrival.NewSegmentID()) +
		";Sampled=" + orElse(fields["Sampled"], "0") +
		";Lineage=1:" + arrival.NewSegmentID()[:8] + ":0"
	return t
}
