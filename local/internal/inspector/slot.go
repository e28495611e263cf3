package inspector

import (
	"bytes"
	"slices"
	"time"

	"github.com/lambridge-go/lambridge/local/gateway"
)

// A slot is where an exchange is kept: as bytes, in memory that the exchange uses again that
// comes a thousand later. An exchange as the gateway tells it is dozens of pieces of memory
// with pointers between them, which the garbage collector would have to follow for a
// thousand of them, and to make room beside.
type slot struct {
	id          int
	version     int // of the store, when it last changed
	door        *Door
	packed      []byte
	rest        *rest // nil for most
	invocations []*invocation
	usual       [1]*invocation // room for them
	kept        int            // bytes
}

// rest is what few exchanges have, and bodies that are too large to be copied.
type rest struct {
	err       error
	warnings  []string
	mapped    *gateway.Mapped // without its bodies
	sent, got body
	large     [4][]byte // of the bodies of an exchange, in their order
}

const (
	// roomy is how much memory a slot keeps whatever its next exchange needs.
	roomy = 8 << 10

	// maxCopied is up to where a body is copied.
	maxCopied = 2 << 10
)

// fill keeps an exchange in place of the one before.
func (s *slot) fill(e *seen) {
	x := &e.exchange
	if cap(s.packed) > roomy {
		s.packed = nil
	}
	s.id, s.door, s.rest, s.usual, s.kept = e.id, e.door, nil, [1]*invocation{}, 0
	s.invocations = append(s.usual[:0], e.invocations...)
	if x.Err != nil || len(x.Warnings) > 0 || x.Mapped != nil {
		s.rest = restOf(x)
		s.kept += len(s.rest.sent.data) + len(s.rest.got.data)
	}
	p := packer(s.packed[:0])
	p.number(int64(e.replayOf))
	p.number(x.Start.UnixNano())
	p.number(int64(x.Duration))
	p.number(int64(x.Status))
	p.text(string(x.Kind))
	p.text(x.API)
	p.text(string(x.Source))
	p.text(x.RequestID)
	p.text(x.Method)
	p.text(x.URI)
	p.text(x.Host)
	p.text(x.Route)
	p.text(x.Origin)
	p.text(x.Integration)
	p.text(x.Principal)
	p.truth(x.Reply != nil)
	for n, b := range [...]body{
		keep(x.RequestBody, max(x.RequestSize, lengthOf(x.RequestHeader))), keep(x.Event, 0), keep(x.Reply, 0), keep(x.Body, x.Size),
	} {
		p.number(b.size)
		p.truth(len(b.data) > maxCopied)
		if len(b.data) <= maxCopied {
			p.bytes(b.data)
			continue
		}
		if s.rest == nil {
			s.rest = &rest{}
		}
		s.rest.large[n] = b.data
		s.kept += len(b.data)
	}
	p.number(int64(len(x.Phases)))
	for _, phase := range x.Phases {
		p.text(phase.Name)
		p.number(int64(phase.Start))
		p.number(int64(phase.Duration))
	}
	p.header(x.RequestHeader)
	p.header(x.Header)
	s.packed = p
	s.kept += cap(p)
}

func restOf(x *gateway.Exchange) *rest {
	r := &rest{err: x.Err, warnings: x.Warnings}
	if m := x.Mapped; m != nil {
		r.sent, r.got = keep(m.Body, m.Size), keep(m.Answer, m.AnswerSize)
		mapped := *m
		mapped.Body, mapped.Answer = nil, nil
		r.mapped = &mapped
	}
	return r
}

// empty lets go of the exchange and of its memory.
func (s *slot) empty() { *s = slot{} }

// copy returns the exchange, which stays as it is whatever becomes of the slot.
func (s *slot) copy() *entry {
	e, from := s.brief()
	e.invocations = slices.Clone(s.invocations)
	for _, b := range [...]*body{&e.request, &e.event, &e.reply, &e.answer} {
		if len(b.data) <= maxCopied {
			b.data = bytes.Clone(b.data)
		}
	}
	x := &e.exchange
	x.Phases = make([]gateway.Phase, from.number())
	for n := range x.Phases {
		x.Phases[n] = gateway.Phase{Name: from.text(), Start: time.Duration(from.number()), Duration: time.Duration(from.number())}
	}
	x.RequestHeader = from.header()
	x.Header = from.header()
	return e
}

// brief returns the exchange without its headers and phases, and from where to read those. Its
// bodies and invocations are the slot's.
func (s *slot) brief() (*entry, *unpacker) {
	from := new(unpacker(s.packed))
	e := &entry{seen: seen{id: s.id, door: s.door, invocations: s.invocations}}
	x := &e.exchange
	e.replayOf = int(from.number())
	x.Start = time.Unix(0, from.number())
	x.Duration = time.Duration(from.number())
	x.Status = int(from.number())
	x.Kind = gateway.Kind(from.text())
	x.API = from.text()
	x.Source = gateway.Source(from.text())
	x.RequestID = from.text()
	x.Method = from.text()
	x.URI = from.text()
	x.Host = from.text()
	x.Route = from.text()
	x.Origin = from.text()
	x.Integration = from.text()
	x.Principal = from.text()
	e.hasReply = from.truth()
	for n, b := range [...]*body{&e.request, &e.event, &e.reply, &e.answer} {
		b.size = from.number()
		if from.truth() {
			b.data = s.rest.large[n]
		} else {
			b.data = from.bytes()
		}
	}
	if r := s.rest; r != nil {
		x.Err, x.Warnings, x.Mapped, e.sent, e.got = r.err, r.warnings, r.mapped, r.sent, r.got
	}
	return e, from
}
