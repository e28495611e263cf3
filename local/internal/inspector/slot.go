package inspector

import (
	"encoding/binary"
	"net/http"
	"slices"
)

// A slot is where an exchange is kept. Bodies are where they were written for the front door
// and the function; they have no pointers for the garbage collector to follow. A header has
// dozens: it stands in memory that the exchange uses again that comes a thousand later, and
// becomes a map when a page asks.
type slot struct {
	entry          // but for its headers
	headers []byte // of the request, then of the answer
	kept    int    // bytes of headers and bodies
}

// roomy is how much memory for headers a slot keeps whatever its next exchange needs.
const roomy = 4 << 10

// fill keeps an exchange in place of the one before.
func (s *slot) fill(e *entry) {
	invocations := append(s.invocations[:0], e.invocations...)
	s.entry = *e
	s.invocations = invocations
	x := &s.exchange
	if cap(s.headers) > roomy {
		s.headers = nil
	}
	s.headers = appendHeader(appendHeader(s.headers[:0], x.RequestHeader), x.Header)
	x.RequestHeader, x.Header = nil, nil
	s.kept = cap(s.headers)
	for _, b := range []*body{&e.request, &e.event, &e.reply, &e.answer, &e.sent, &e.got} {
		s.kept += len(b.data)
	}
}

// empty lets go of the exchange and of its memory.
func (s *slot) empty() { *s = slot{} }

// copy returns the exchange, which stays as it is whatever becomes of the slot.
func (s *slot) copy() *entry {
	e := s.entry
	e.invocations = slices.Clone(s.invocations)
	rest := s.headers
	e.exchange.RequestHeader, rest = cutHeader(rest)
	e.exchange.Header, _ = cutHeader(rest)
	return &e
}

// appendHeader appends a header: the number of its names, then each with the number of its
// values.
func appendHeader(to []byte, h http.Header) []byte {
	to = appendNumber(to, len(h))
	for name, values := range h {
		to = append(appendNumber(to, len(name)), name...)
		to = appendNumber(to, len(values))
		for _, value := range values {
			to = append(appendNumber(to, len(value)), value...)
		}
	}
	return to
}

// cutHeader returns the header that from begins with, and the rest.
func cutHeader(from []byte) (http.Header, []byte) {
	count, from := cutNumber(from)
	h := make(http.Header, count)
	for range count {
		var name, value string
		name, from = cutText(from)
		var n int
		n, from = cutNumber(from)
		values := make([]string, 0, n)
		for range n {
			value, from = cutText(from)
			values = append(values, value)
		}
		h[name] = values
	}
	return h, from
}

func appendNumber(to []byte, n int) []byte {
	return binary.NativeEndian.AppendUint32(to, uint32(n))
}

func cutNumber(from []byte) (int, []byte) {
	return int(binary.NativeEndian.Uint32(from)), from[4:]
}

func cutText(from []byte) (string, []byte) {
	n, from := cutNumber(from)
	return string(from[:n]), from[n:]
}
