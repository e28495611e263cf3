package inspector

import (
	"encoding/binary"
	"net/http"
	"slices"

	"github.com/lambridge-go/lambridge/local/gateway"
)

// A slot is where an exchange is kept. Its memory is used again for the exchange that
// comes a thousand later: headers and bodies stand in one piece, one after another, which
// the garbage collector need not look into, and become maps and slices of their own when a
// page asks. What a request leaves behind is as much as without an Inspector: next to
// nothing.
type slot struct {
	entry  // but for headers, bodies and phases
	phases []gateway.Phase
	piece  []byte
}

// roomy is how much memory a slot keeps whatever its next exchange needs.
const roomy = 16 << 10

// fill keeps an exchange whose bodies are cut, in place of the one before.
func (s *slot) fill(e *entry) {
	s.entry = *e
	x := &s.exchange
	s.phases = append(s.phases[:0], x.Phases...)
	if cap(s.piece) > roomy {
		s.piece = nil
	}
	s.piece = appendHeader(appendHeader(s.piece[:0], x.RequestHeader), x.Header)
	x.RequestHeader, x.Header, x.Phases = nil, nil, nil
	need := 0
	for _, b := range e.bodies() {
		need += len(b.data)
	}
	s.piece = slices.Grow(s.piece, need)
	for _, b := range s.bodies() {
		s.piece = append(s.piece, b.data...)
		b.kept, b.data = len(b.data), nil
	}
}

// empty lets go of the exchange and of its memory.
func (s *slot) empty() { *s = slot{} }

// copy returns the exchange, which stays as it is whatever becomes of the slot.
func (s *slot) copy() *entry {
	e := s.entry
	x := &e.exchange
	x.Phases = append([]gateway.Phase(nil), s.phases...)
	e.invocations = append([]*invocation(nil), s.invocations...)
	rest := append([]byte(nil), s.piece...)
	x.RequestHeader, rest = cutHeader(rest)
	x.Header, rest = cutHeader(rest)
	for _, b := range e.bodies() {
		b.data, rest = rest[:b.kept:b.kept], rest[b.kept:]
	}
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
