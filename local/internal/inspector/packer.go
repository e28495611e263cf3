package inspector

import (
	"encoding/binary"
	"net/http"
)

// A packer is bytes that values are appended to. An unpacker takes them off the front, in the
// same order.
type (
	packer   []byte
	unpacker []byte
)

func (p *packer) number(n int64) { *p = binary.AppendVarint(*p, n) }

func (u *unpacker) number() int64 {
	n, length := binary.Varint(*u)
	*u = (*u)[length:]
	return n
}

func (p *packer) truth(is bool) {
	if is {
		*p = append(*p, 1)
	} else {
		*p = append(*p, 0)
	}
}

func (u *unpacker) truth() bool {
	is := (*u)[0] == 1
	*u = (*u)[1:]
	return is
}

func (p *packer) text(s string) { *p = append(binary.AppendVarint(*p, int64(len(s))), s...) }

func (u *unpacker) text() string { return string(u.bytes()) }

func (p *packer) bytes(b []byte) { *p = append(binary.AppendVarint(*p, int64(len(b))), b...) }

// bytes returns bytes that are the unpacker's own.
func (u *unpacker) bytes() []byte {
	n := u.number()
	b := (*u)[:n:n]
	*u = (*u)[n:]
	return b
}

// header packs the number of a header's names, then each with the number of its values.
func (p *packer) header(h http.Header) {
	p.number(int64(len(h)))
	for name, values := range h {
		p.text(name)
		p.number(int64(len(values)))
		for _, value := range values {
			p.text(value)
		}
	}
}

func (u *unpacker) header() http.Header {
	count := u.number()
	h := make(http.Header, count)
	for range count {
		name := u.text()
		values := make([]string, u.number())
		for n := range values {
			values[n] = u.text()
		}
		h[name] = values
	}
	return h
}
