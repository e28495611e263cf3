package inspector

import (
	"encoding/binary"
	"net/http"
	"time"

	"github.com/lambridge-go/lambridge/local/gateway"
	"github.com/lambridge-go/lambridge/local/internal/function"
)

// A packer is bytes that values are appended to. An unpacker takes them off the front, in the
// same order.
type (
	packer   []byte
	unpacker []byte
)

// number packs what may be large, such as a time.
func (p packer) number(n int64) packer { return binary.LittleEndian.AppendUint64(p, uint64(n)) }

func (u *unpacker) number() int64 { return int64(binary.LittleEndian.Uint64(u.take(8))) }

// count packs what is small, as a rule.
func (p packer) count(n int) packer {
	if n < 0x80 {
		return append(p, byte(n))
	}
	return binary.AppendUvarint(p, uint64(n))
}

func (u *unpacker) count() int {
	n, length := binary.Uvarint(*u)
	*u = (*u)[length:]
	return int(n)
}

func (p packer) truth(is bool) packer {
	if is {
		return append(p, 1)
	}
	return append(p, 0)
}

func (u *unpacker) truth() bool { return u.take(1)[0] == 1 }

func (p packer) text(s string) packer { return append(p.count(len(s)), s...) }

func (u *unpacker) text() string { return string(u.take(u.count())) }

// take returns so many bytes, which are the unpacker's own.
func (u *unpacker) take(n int) []byte {
	b := (*u)[:n:n]
	*u = (*u)[n:]
	return b
}

func (p packer) texts(all []string) packer {
	p = p.count(len(all))
	for _, s := range all {
		p = p.text(s)
	}
	return p
}

func (u *unpacker) texts() []string {
	all := make([]string, u.count())
	for n := range all {
		all[n] = u.text()
	}
	return all
}

func (p packer) header(h http.Header) packer {
	p = p.count(len(h))
	for name, values := range h {
		p = p.text(name).texts(values)
	}
	return p
}

func (u *unpacker) header() http.Header {
	count := u.count()
	h := make(http.Header, count)
	for range count {
		name := u.text()
		h[name] = u.texts()
	}
	return h
}

func (p packer) phases(all []gateway.Phase) packer {
	p = p.count(len(all))
	for _, phase := range all {
		p = p.text(phase.Name).number(int64(phase.Start)).number(int64(phase.Duration))
	}
	return p
}

func (u *unpacker) phases() []gateway.Phase {
	all := make([]gateway.Phase, u.count())
	for n := range all {
		all[n] = gateway.Phase{Name: u.text(), Start: time.Duration(u.number()), Duration: time.Duration(u.number())}
	}
	return all
}

// invocation packs one that is over and has not failed to be one.
func (p packer) invocation(inv *invocation) packer {
	p = p.text(inv.function).text(inv.id)
	p = p.number(int64(inv.report.Duration)).number(int64(inv.report.Init)).number(inv.report.MaxMemory).text(inv.report.Error)
	if inv.printed == nil {
		return p.count(0).count(0)
	}
	return p.texts(inv.printed.lines).count(inv.printed.dropped)
}

func (u *unpacker) invocation() invocation {
	inv := invocation{function: u.text(), id: u.text(), ended: true}
	inv.report = function.Report{
		RequestID: inv.id, Duration: time.Duration(u.number()), Init: time.Duration(u.number()), MaxMemory: u.number(), Error: u.text(),
	}
	if lines, dropped := u.texts(), u.count(); len(lines)+dropped > 0 {
		inv.printed = &printed{lines: lines, dropped: dropped}
		for _, line := range lines {
			inv.printed.size += len(line)
		}
	}
	return inv
}
