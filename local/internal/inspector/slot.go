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
	id      int
	version int // of the store, when it last changed
	door    *Door
	packed  []byte
	bodies  [4][]byte // of the exchange, in their order, as far as they are not packed
	rest    *rest     // nil for most
	kept    int       // bytes
}

// rest is what few exchanges have, and what is too large to be copied.
type rest struct {
	err         error
	warnings    []string
	mapped      *gateway.Mapped // without its bodies
	sent, got   body
	invocations []invocation // instead of those that are packed, unless it is nil
}

const (
	// roomy is how much memory a slot keeps whatever its next exchange needs.
	roomy = 8 << 10

	// maxCopied is up to where a body is copied. A larger one stays where it is: the
	// garbage collector does not look into it.
	maxCopied = 256

	// maxPacked is up to where it is copied what an invocation has printed.
	maxPacked = 2 << 10
)

// fill keeps an exchange in place of the one before.
func (s *slot) fill(e *seen) {
	x := &e.exchange
	if cap(s.packed) > roomy {
		s.packed = nil
	}
	s.id, s.door, s.bodies, s.rest, s.kept = e.id, e.door, [4][]byte{}, nil, 0
	if x.Err != nil || len(x.Warnings) > 0 || x.Mapped != nil {
		s.rest = restOf(x)
		s.kept += len(s.rest.sent.data) + len(s.rest.got.data)
	}
	p := packer(s.packed[:0])
	p = p.count(e.replayOf).number(x.Start.UnixNano()).number(int64(x.Duration)).count(x.Status)
	p = p.text(string(x.Kind)).text(x.API).text(string(x.Source)).text(x.RequestID)
	p = p.text(x.Method).text(x.URI).text(x.Host)
	p = p.text(x.Route).text(x.Origin).text(x.Integration).text(x.Principal)
	p = p.truth(x.Reply != nil)
	for n, b := range [...]body{
		keep(x.RequestBody, max(x.RequestSize, lengthOf(x.RequestHeader))), keep(x.Event, 0), keep(x.Reply, 0), keep(x.Body, x.Size),
	} {
		p = p.count(int(b.size)).count(len(b.data))
		if len(b.data) <= maxCopied {
			p = append(p, b.data...)
			continue
		}
		s.bodies[n] = b.data
		s.kept += len(b.data)
	}
	if slices.ContainsFunc(e.witnesses, (*witness).mayChange) {
		p = p.count(0)
		for _, w := range e.witnesses {
			s.more().invocations = append(s.rest.invocations, w.seen)
		}
	} else {
		p = p.count(len(e.witnesses))
		for _, w := range e.witnesses {
			p = p.invocation(&w.seen)
		}
	}
	s.packed = p.phases(x.Phases).header(x.RequestHeader).header(x.Header)
	s.kept += cap(s.packed)
}

// more returns the rest of the exchange, of which there is some.
func (s *slot) more() *rest {
	if s.rest == nil {
		s.rest = &rest{}
	}
	return s.rest
}

// open returns the invocations, which may change there.
func (s *slot) open() []invocation {
	if s.rest == nil || s.rest.invocations == nil {
		e, _ := s.brief()
		s.more().invocations = e.invocations
	}
	return s.rest.invocations
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
	for _, b := range [...]*body{&e.request, &e.event, &e.reply, &e.answer} {
		if len(b.data) <= maxCopied {
			b.data = bytes.Clone(b.data)
		}
	}
	x := &e.exchange
	x.Phases = from.phases()
	x.RequestHeader = from.header()
	x.Header = from.header()
	e.invocations = slices.Clone(e.invocations)
	return e
}

// brief returns the exchange without its headers and phases, and from where to read those. Its
// bodies and invocations are the slot's own.
func (s *slot) brief() (*entry, *unpacker) {
	from := new(unpacker(s.packed))
	e := &entry{seen: seen{id: s.id, door: s.door}}
	x := &e.exchange
	e.replayOf = from.count()
	x.Start = time.Unix(0, from.number())
	x.Duration = time.Duration(from.number())
	x.Status = from.count()
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
		b.size = int64(from.count())
		if length := from.count(); length <= maxCopied {
			b.data = from.take(length)
		} else {
			b.data = s.bodies[n]
		}
	}
	e.invocations = make([]invocation, from.count())
	for n := range e.invocations {
		e.invocations[n] = from.invocation()
	}
	if r := s.rest; r != nil {
		if r.invocations != nil {
			e.invocations = r.invocations
		}
		x.Err, x.Warnings, x.Mapped, e.sent, e.got = r.err, r.warnings, r.mapped, r.sent, r.got
	}
	return e, from
}
