package jsontape

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/lambridge-go/lambridge/internal/swar"
)

// maxNesting is encoding/json's limit, which keeps a hostile document from
// exhausting the stack.
const maxNesting = 10_000

// A parser walks the document once, from its first byte to its last.
type parser struct {
	doc     []byte
	pos     int
	entries []entry
}

func (p *parser) document() error {
	if uint64(len(p.doc)) > math.MaxUint32 {
		return &SyntaxError{0, "longer than 4 GiB"}
	}
	p.space()
	if err := p.value(0); err != nil {
		return err
	}
	p.space()
	if p.pos < len(p.doc) {
		return p.unexpected("after the end of the value")
	}
	return nil
}

// value reads one value. Its depth is the number of containers around it.
func (p *parser) value(depth int) error {
	if p.pos >= len(p.doc) {
		return p.unexpected("where a value should begin")
	}
	switch c := p.doc[p.pos]; c {
	case '"':
		return p.string(depth <= Recorded)
	case '{':
		return p.container(Object, '}', depth)
	case '[':
		return p.container(Array, ']', depth)
	case 't':
		return p.literal("true", Bool, depth)
	case 'f':
		return p.literal("false", Bool, depth)
	case 'n':
		return p.literal("null", Null, depth)
	default:
		if c == '-' || isDigit(c) {
			return p.number(depth)
		}
		return p.unexpected("where a value should begin")
	}
}

// container reads an object or an array. Its own entry is written ahead of its
// members' and closed behind them.
func (p *parser) container(kind Kind, closing byte, depth int) error {
	if depth >= maxNesting {
		return &SyntaxError{p.pos, fmt.Sprintf("nested deeper than %d", maxNesting)}
	}
	own, start := len(p.entries), p.pos
	if depth <= Recorded {
		p.entries = append(p.entries, entry{start: uint32(start), kind: kind})
	}
	p.pos++
	p.space()
	if p.peek() == closing {
		p.pos++
	} else if err := p.members(kind, closing, depth+1); err != nil {
		return err
	}
	if depth <= Recorded {
		p.entries[own].end = uint32(p.pos)
		p.entries[own].next = uint32(len(p.entries))
	}
	return nil
}

// members reads what stands between the brackets of a container that is not empty,
// and the closing one.
func (p *parser) members(kind Kind, closing byte, depth int) error {
	for {
		if kind == Object {
			if err := p.key(depth <= Recorded); err != nil {
				return err
			}
		}
		if err := p.value(depth); err != nil {
			return err
		}
		p.space()
		switch p.peek() {
		case ',':
			p.pos++
			p.space()
		case closing:
			p.pos++
			return nil
		default:
			return p.unexpected("where a comma or a closing bracket should be")
		}
	}
}

func (p *parser) key(record bool) error {
	if p.peek() != '"' {
		return p.unexpected("where a key should begin")
	}
	if err := p.string(record); err != nil {
		return err
	}
	p.space()
	if p.peek() != ':' {
		return p.unexpected("where a colon should follow a key")
	}
	p.pos++
	p.space()
	return nil
}

// string reads a string. Its entry leaves the quotes out.
//
// Most of an event is the inside of strings: it is gone over eight bytes at a time,
// as long as nothing in them needs a closer look.
func (p *parser) string(record bool) error {
	doc, start, plain := p.doc, p.pos+1, true
	pos := start
	for {
		if pos+8 <= len(doc) {
			word := binary.LittleEndian.Uint64(doc[pos:])
			stop := swar.Special(word) | swar.High(word)
			if stop == 0 {
				pos += 8
				continue
			}
			pos += swar.First(stop)
			if doc[pos] == '\\' && pos+1 < len(doc) && unescaped[doc[pos+1]] != 0 {
				plain = false
				pos += 2
				continue
			}
		}
		p.pos = pos
		switch c := p.peek(); {
		case c == '"':
			if record {
				p.record(start, String, plain)
			}
			p.pos++
			return nil
		case c == '\\':
			plain = false
			if err := p.escape(); err != nil {
				return err
			}
			pos = p.pos
		case pos >= len(doc):
			return p.unexpected("inside a string")
		case c < 0x20:
			return p.unexpected("inside a string, where it must be escaped")
		default:
			plain = plain && c < 0x80
			pos++
		}
	}
}

// escape reads an escape of a string.
func (p *parser) escape() error {
	p.pos++
	c := p.peek()
	if unescaped[c] == 0 && c != 'u' {
		return p.unexpected("after a backslash")
	}
	p.pos++
	if c == 'u' {
		for range 4 {
			if !isHex(p.peek()) {
				return p.unexpected("inside a \\u escape")
			}
			p.pos++
		}
	}
	return nil
}

func (p *parser) number(depth int) error {
	start := p.pos
	if p.peek() == '-' {
		p.pos++
	}
	if p.peek() == '0' {
		p.pos++
	} else if err := p.digits(); err != nil {
		return err
	}
	if p.peek() == '.' {
		p.pos++
		if err := p.digits(); err != nil {
			return err
		}
	}
	if c := p.peek(); c == 'e' || c == 'E' {
		p.pos++
		if c := p.peek(); c == '+' || c == '-' {
			p.pos++
		}
		if err := p.digits(); err != nil {
			return err
		}
	}
	if depth <= Recorded {
		p.record(start, Number, false)
	}
	return nil
}

func (p *parser) digits() error {
	if !isDigit(p.peek()) {
		return p.unexpected("where a digit should be")
	}
	for isDigit(p.peek()) {
		p.pos++
	}
	return nil
}

func (p *parser) literal(word string, kind Kind, depth int) error {
	start := p.pos
	for i := range len(word) {
		if p.peek() != word[i] {
			return p.unexpected("inside the word " + word)
		}
		p.pos++
	}
	if depth <= Recorded {
		p.record(start, kind, false)
	}
	return nil
}

// record writes the entry of the value that ends here and holds no others.
func (p *parser) record(start int, kind Kind, plain bool) {
	p.entries = append(p.entries, entry{
		start: uint32(start),
		end:   uint32(p.pos),
		next:  uint32(len(p.entries) + 1),
		kind:  kind,
		plain: plain,
	})
}

func (p *parser) space() {
	for p.pos < len(p.doc) && isSpace(p.doc[p.pos]) {
		p.pos++
	}
}

// peek is the next byte, or 0 at the end, which no rule of JSON expects.
func (p *parser) peek() byte {
	if p.pos < len(p.doc) {
		return p.doc[p.pos]
	}
	return 0
}

func (p *parser) unexpected(where string) error {
	if p.pos >= len(p.doc) {
		return &SyntaxError{p.pos, "the end, " + where}
	}
	return &SyntaxError{p.pos, fmt.Sprintf("%q %s", p.doc[p.pos], where)}
}

func isSpace(c byte) bool { return c <= ' ' && (c == ' ' || c == '\n' || c == '\r' || c == '\t') }

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isHex(c byte) bool {
	return isDigit(c) || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}
