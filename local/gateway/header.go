package gateway

import (
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
	const added = 6 // fields, at most
	header := make(http.Header, len(r.Header)+added)
	spellings := head.SpellingsOf(r)
	options := connectionOptions(r.Header)
	hops := sourceIP
	for name, values := range r.Header {
		switch {
		case field.Among(droppedFields, name), field.Among(g.facts.Drops, name), field.Among(options, name):
		case g.facts.Has.Unsigns && strings.EqualFold(name, "Authorization") && signed(values):
		case strings.EqualFold(name, "X-Forwarded-For"):
			hops = strings.Join(append(field.Values(r.Header, name), sourceIP), ", ")
		default:
			header[spelled(spellings, name)] = values
		}
	}
	length, hasLength := contentLength(r)
	proto, port := g.door.Forwarded(r)
	own := []string{r.Host, length, hops, proto, port, trace} // one piece of memory for all
	set := func(name string, n int) { header[name] = own[n : n+1 : n+1] }
	if r.Host != "" {
		set("Host", 0)
	}
	if hasLength && !field.Among(g.facts.Drops, "Content-Length") {
		set(spelled(spellings, "Content-Length"), 1)
	}
	set("X-Forwarded-For", 2)
	set("X-Forwarded-Proto", 3)
	set("X-Forwarded-Port", 4)
	set("X-Amzn-Trace-Id", 5)
	return header
}

// signed reports whether the lines of an Authorization header have a signature of AWS's.
func signed(lines []string) bool {
	return len(lines) > 0 && strings.HasPrefix(lines[len(lines)-1], "AWS4-HMAC-SHA256")
}

// droppedFields are what no front door passes on as the client sent it.
var droppedFields = append(field.Connection(), "Content-Length", "X-Forwarded-Proto", "X-Forwarded-Port", "X-Amzn-Trace-Id")

// connectionOptions are the fields that a client names as the connection's own.
func connectionOptions(h http.Header) []string {
	var names []string
	for _, line := range field.Values(h, "Connection") {
		for name := range strings.SplitSeq(line, ",") {
			names = append(names, strings.TrimSpace(name))
		}
	}
	return names
}

// spelled returns a name as the client spelled it, but for those that API Gateway spells
// itself, whatever the client: as recorded of clients of both HTTP versions.
func spelled(as head.Spellings, name string) string {
	switch name {
	case "Host", "Authorization", "User-Agent", "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Port", "X-Amzn-Trace-Id":
		return name
	}
	return as.Of(name)
}

// contentLength returns the field that a client sends with a body, and with some
// methods even without.
func contentLength(r *http.Request) (string, bool) {
	switch {
	case r.ContentLength > 0:
		return strconv.FormatInt(r.ContentLength, 10), true
	case r.ContentLength < 0:
		return "", false
	case len(r.Header["Content-Length"]) > 0 && r.Header["Content-Length"][0] != "":
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

// traceOf continues the trace that a client began, or begins that of ids.
func traceOf(d door.Door, h http.Header, now time.Time, ids arrival.IDs) trace {
	lines := field.Values(h, "X-Amzn-Trace-Id")
	if len(lines) == 0 {
		return trace{ids.Trace, ids.Invocation}
	}
	sent := strings.Join(lines, ";")
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
