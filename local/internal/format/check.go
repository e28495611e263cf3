package format

import (
	"encoding/binary"
	"math/bits"
)

// check takes the space from around a JSON value, and reports whether there is one and
// nothing else. Where it is an object, its members are added to r. What it takes is what
// encoding/json takes (RFC 8259, in UTF-8 or not), and it takes a fraction of the time: a
// reply that is checked is read.
func check(b []byte, r *Reply) (whole value, ok bool) {
	c := checker(b)
	from := c.space(0)
	to := c.value(from, 0, r)
	if to < 0 || c.space(to) < len(b) {
		return nil, false
	}
	return value(b[from:to]), true
}

// A checker is a text that may be JSON. Its methods return where what they look for at one
// place ends, or -1 if it is not there.
type checker []byte

// deepest is how far arrays and objects may nest, as encoding/json has it.
const deepest = 10000

func (c checker) value(at, depth int, r *Reply) (end int) {
	if at == len(c) {
		return -1
	}
	switch c[at] {
	case '"':
		return c.text(at)
	case '{':
		return c.object(at, depth+1, r)
	case '[':
		return c.array(at, depth+1)
	case 'n':
		return c.literal(at, "null")
	case 't':
		return c.literal(at, "true")
	case 'f':
		return c.literal(at, "false")
	}
	return c.number(at)
}

// object checks an object, whose members are added to r unless that is nil.
func (c checker) object(at, depth int, r *Reply) (end int) {
	if depth > deepest {
		return -1
	}
	if at = c.space(at + 1); c.has(at, '}') {
		return at + 1
	}
	for c.has(at, '"') {
		name := at
		if at = c.text(at); at < 0 {
			return -1
		}
		nameEnd := at
		if at = c.space(at); !c.has(at, ':') {
			return -1
		}
		member := c.space(at + 1)
		if at = c.value(member, depth, nil); at < 0 {
			return -1
		}
		if r != nil {
			r.add(value(c[name:nameEnd]), value(c[member:at]))
		}
		if at = c.space(at); c.has(at, '}') {
			return at + 1
		}
		if !c.has(at, ',') {
			return -1
		}
		at = c.space(at + 1)
	}
	return -1
}

func (c checker) array(at, depth int) (end int) {
	if depth > deepest {
		return -1
	}
	if at = c.space(at + 1); c.has(at, ']') {
		return at + 1
	}
	for {
		if at = c.value(at, depth, nil); at < 0 {
			return -1
		}
		if at = c.space(at); c.has(at, ']') {
			return at + 1
		}
		if !c.has(at, ',') {
			return -1
		}
		at = c.space(at + 1)
	}
}

func (c checker) text(at int) (end int) {
	for at++; ; at++ {
		if at = c.plain(at); at == len(c) {
			return -1
		}
		switch c[at] {
		case '"':
			return at + 1
		case '\\':
			if at = c.escape(at + 1); at < 0 {
				return -1
			}
		default: // a control character
			return -1
		}
	}
}

// plain skips what stands in a string as it is, eight bytes at a time: a body may be
// megabytes.
func (c checker) plain(at int) (end int) {
	for ; len(c)-at >= 8; at += 8 {
		if marked := special(binary.LittleEndian.Uint64(c[at:])); marked != 0 {
			return at + bits.TrailingZeros64(marked)/8
		}
	}
	for at < len(c) && c[at] >= ' ' && c[at] != '"' && c[at] != '\\' {
		at++
	}
	return at
}

const ones, highest = 0x0101010101010101, 0x8080808080808080

// special marks, by its highest bit, the lowest of eight bytes that does not stand in a
// string as it is: a quote, a backslash, a control character. A byte above it may be marked
// in vain.
func special(eight uint64) uint64 {
	quote, backslash := eight^'"'*ones, eight^'\\'*ones
	return ((eight-' '*ones)&^eight | (quote-ones)&^quote | (backslash-ones)&^backslash) & highest
}

// escape checks what follows a backslash and returns where its last byte is.
func (c checker) escape(at int) (last int) {
	if at == len(c) {
		return -1
	}
	switch c[at] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return at
	case 'u':
		if len(c)-at < 5 {
			return -1
		}
		for _, digit := range c[at+1 : at+5] {
			if !isHex(digit) {
				return -1
			}
		}
		return at + 4
	}
	return -1
}

func isHex(b byte) bool {
	return isDigit(b) || b >= 'a' && b <= 'f' || b >= 'A' && b <= 'F'
}

func isDigit(b byte) bool { return b >= '0' && b <= '9' }

func (c checker) literal(at int, word string) (end int) {
	if end = at + len(word); end > len(c) || string(c[at:end]) != word {
		return -1
	}
	return end
}

func (c checker) number(at int) (end int) {
	if c.has(at, '-') {
		at++
	}
	if c.has(at, '0') {
		at++
	} else if at = c.digits(at); at < 0 {
		return -1
	}
	if c.has(at, '.') {
		if at = c.digits(at + 1); at < 0 {
			return -1
		}
	}
	if c.has(at, 'e') || c.has(at, 'E') {
		if at++; c.has(at, '+') || c.has(at, '-') {
			at++
		}
		return c.digits(at)
	}
	return at
}

// digits are one or more.
func (c checker) digits(at int) (end int) {
	for end = at; end < len(c) && isDigit(c[end]); {
		end++
	}
	if end == at {
		return -1
	}
	return end
}

// space skips white space, of which there may be none.
func (c checker) space(at int) (end int) {
	for at < len(c) && (c[at] == ' ' || c[at] == '\n' || c[at] == '\t' || c[at] == '\r') {
		at++
	}
	return at
}

func (c checker) has(at int, b byte) bool { return at < len(c) && c[at] == b }
