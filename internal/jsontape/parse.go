package jsontape

import (
	"bytes"
	"fmt"
	"math"
	"slices"
)

// maxNesting is encoding/json's limit, which keeps a hostile document from
// exhausting the stack.
const maxNesting = 10_000

// A parser walks the document once, from its first byte to its last. Its methods
// take the place where they begin and return the one where they ended: it stays in
// a register that way. A negative place says that err has been set.
type parser struct {
	doc     []byte
	entries []entry
	text    []byte
	err     *SyntaxError
	beyond  entry // of what lies deeper than the tape goes
	bulky   int   // the depth of strings that may be most of the document, 0 for none
}

// bulky is the size of documents of which one string may be the most.
const bulky = 8 * 1024

func (p *parser) document() {
	if uint64(len(p.doc)) > math.MaxUint32 {
		p.fail(0, "longer than 4 GiB")
		return
	}
	if len(p.doc) > bulky {
		p.bulky = 1
	}
	p.entries = append(p.entries, entry{next: 1})
	pos := p.value(space(p.doc, 0), 0, &p.entries[0])
	if pos < 0 {
		return
	}
	if pos = space(p.doc, pos); pos < len(p.doc) {
		p.unexpected(pos, "after the end of the value")
	}
}

// value reads one value and completes its entry.
func (p *parser) value(pos, depth int, e *entry) int {
	start := pos
	switch c := at(p.doc, pos); c {
	case '{', '[':
		return p.container(pos, depth, e)
	case '"':
		e.kind = String
		if depth == p.bulky {
			e.value, e.form, pos = p.bulk(pos + 1)
		} else {
			e.form = decoded
			e.value, pos = p.decode(pos+1, pos+1)
		}
		return pos
	case 't':
		e.kind, pos = Bool, p.literal(pos, "true")
	case 'f':
		e.kind, pos = Bool, p.literal(pos, "false")
	case 'n':
		e.kind, pos = Null, p.literal(pos, "null")
	default:
		if c != '-' && !isDigit(c) {
			return p.unexpected(pos, "where a value should begin")
		}
		e.kind, pos = Number, p.number(pos)
	}
	e.value = span{uint32(start), uint32(pos)}
	return pos
}

// container reads an object or an array, whose entry is the last one. It stands
// ahead of those of its members and is closed behind them.
func (p *parser) container(pos, depth int, e *entry) int {
	if depth >= maxNesting {
		return p.fail(pos, fmt.Sprintf("nested deeper than %d", maxNesting))
	}
	start, own, closing := pos, len(p.entries)-1, p.doc[pos]+2 // as it is in ASCII
	if e.kind = Array; closing == '}' {
		e.kind = Object
	}
	if pos = space(p.doc, pos+1); at(p.doc, pos) == closing {
		pos++
	} else if pos = p.members(pos, depth+1, closing); pos < 0 {
		return pos
	}
	if depth <= Recorded {
		e := &p.entries[own] // which may have moved
		e.value, e.next = span{uint32(start), uint32(pos)}, uint32(len(p.entries))
	}
	return pos
}

// members reads what stands between the brackets of a container that is not empty,
// and the closing one.
//
// The entry of a member holds what another document has left there: all that is read of it
// must be written. Nobody reads those of what is deeper than the tape goes; a depth is the
// number of containers around a value.
//
// Most of an event are keys and values that are plain, with nothing between them but what has
// to be: they are read without a detour.
func (p *parser) members(pos, depth int, closing byte) int {
	doc, e := p.doc, &p.beyond
	c := at(doc, pos)
	for {
		if depth <= Recorded {
			n := len(p.entries)
			if n == cap(p.entries) {
				p.growTape()
			}
			p.entries = p.entries[:n+1]
			e = &p.entries[n]
			e.next = uint32(n + 1)
		}
		if closing == ']' {
			e.key, e.keyForm = span{}, plain // none, and not what another document left here
		} else {
			if c != '"' {
				return p.unexpected(pos, "where a key should begin")
			}
			start := pos + 1
			pos = plainEnd(doc, start)
			e.key, e.keyForm = span{uint32(start), uint32(pos)}, plain
			if at(doc, pos) == '"' {
				pos++
			} else {
				e.keyForm = decoded
				if e.key, pos = p.decode(start, pos); pos < 0 {
					return pos
				}
			}
			if at(doc, pos) != ':' {
				if pos = space(doc, pos); at(doc, pos) != ':' {
					return p.unexpected(pos, "where a colon should follow a key")
				}
			}
			pos++
			if c = at(doc, pos); c <= ' ' {
				pos = space(doc, pos)
				c = at(doc, pos)
			}
		}
		switch {
		case c == '"' && depth != p.bulky:
			start := pos + 1
			pos = plainEnd(doc, start)
			e.kind, e.value, e.form = String, span{uint32(start), uint32(pos)}, plain
			if at(doc, pos) == '"' {
				pos++
			} else {
				e.form = decoded
				e.value, pos = p.decode(start, pos)
			}
		case c == '[' || c == '{':
			pos = p.container(pos, depth, e)
		default:
			pos = p.value(pos, depth, e)
		}
		if pos < 0 {
			return pos
		}
		if at(doc, pos) != ',' {
			switch pos = space(doc, pos); at(doc, pos) {
			case ',':
			case closing:
				return pos + 1
			default:
				return p.unexpected(pos, "where a comma or a closing bracket should be")
			}
		}
		pos++
		if c = at(doc, pos); c <= ' ' {
			pos = space(doc, pos)
			c = at(doc, pos)
		}
	}
}

func (p *parser) growTape() { p.entries = slices.Grow(p.entries, 32) }

func (p *parser) number(pos int) int {
	if at(p.doc, pos) == '-' {
		pos++
	}
	if at(p.doc, pos) == '0' {
		pos++
	} else if pos = p.digits(pos); pos < 0 {
		return pos
	}
	if at(p.doc, pos) == '.' {
		if pos = p.digits(pos + 1); pos < 0 {
			return pos
		}
	}
	if c := at(p.doc, pos); c == 'e' || c == 'E' {
		pos++
		if c := at(p.doc, pos); c == '+' || c == '-' {
			pos++
		}
		return p.digits(pos)
	}
	return pos
}

func (p *parser) digits(pos int) int {
	if !isDigit(at(p.doc, pos)) {
		return p.unexpected(pos, "where a digit should be")
	}
	for isDigit(at(p.doc, pos)) {
		pos++
	}
	return pos
}

func (p *parser) literal(pos int, word string) int {
	if bytes.HasPrefix(p.doc[pos:], []byte(word)) {
		return pos + len(word)
	}
	for i := range len(word) {
		if at(p.doc, pos) != word[i] {
			return p.unexpected(pos, "inside the word "+word)
		}
		pos++
	}
	return pos
}

// space is the place of the first byte from pos on that is no space.
func space(doc []byte, pos int) int {
	for uint(pos) < uint(len(doc)) && doc[pos] <= ' ' && isSpace(doc[pos]) {
		pos++
	}
	return pos
}

// at is the byte at pos, or 0 behind the end, which no rule of JSON expects.
func at(doc []byte, pos int) byte {
	if uint(pos) < uint(len(doc)) {
		return doc[pos]
	}
	return 0
}

func (p *parser) unexpected(pos int, where string) int {
	if pos >= len(p.doc) {
		return p.fail(len(p.doc), "the end, "+where)
	}
	return p.fail(pos, fmt.Sprintf("%q %s", p.doc[pos], where))
}

func (p *parser) fail(pos int, reason string) int {
	p.err = &SyntaxError{pos, reason}
	return -1
}

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\r' || c == '\t' }

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
