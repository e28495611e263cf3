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

// A parser walks the document once, from its first byte to its last. Its methods
// take the place where they begin and return the one where they ended: it stays in
// a register that way.
type parser struct {
	doc     []byte
	entries []entry
}

func (p *parser) document() error {
	if uint64(len(p.doc)) > math.MaxUint32 {
		return &SyntaxError{0, "longer than 4 GiB"}
	}
	pos, err := p.value(p.space(0), 0, entry{})
	if err != nil {
		return err
	}
	if pos = p.space(pos); pos < len(p.doc) {
		return p.unexpected(pos, "after the end of the value")
	}
	return nil
}

// value reads one value. Its depth is the number of containers around it, and e the
// beginning of its entry: the key.
func (p *parser) value(pos, depth int, e entry) (int, error) {
	e.value.start = uint32(pos)
	var err error
	switch c := p.at(pos); c {
	case '"':
		e.kind, e.value.start = String, uint32(pos+1)
		var end int
		if end, e.plain, err = p.string(pos); err != nil {
			return 0, err
		}
		p.record(e, depth, end)
		return end + 1, nil
	case '{':
		e.kind = Object
		return p.container(pos, depth, e, '}')
	case '[':
		e.kind = Array
		return p.container(pos, depth, e, ']')
	case 't':
		e.kind, e.plain = Bool, true
		pos, err = p.literal(pos, "true")
	case 'f':
		e.kind, e.plain = Bool, true
		pos, err = p.literal(pos, "false")
	case 'n':
		e.kind = Null
		pos, err = p.literal(pos, "null")
	default:
		if c != '-' && !isDigit(c) {
			return 0, p.unexpected(pos, "where a value should begin")
		}
		e.kind, e.plain = Number, true
		pos, err = p.number(pos)
	}
	if err == nil {
		p.record(e, depth, pos)
	}
	return pos, err
}

// record writes the entry of a value that ends at end.
func (p *parser) record(e entry, depth, end int) {
	if depth <= Recorded {
		e.value.end, e.next = uint32(end), uint32(len(p.entries)+1)
		p.entries = append(p.entries, e)
	}
}

// container reads an object or an array. Its entry is written ahead of those of its
// members and closed behind them.
func (p *parser) container(pos, depth int, e entry, closing byte) (int, error) {
	if depth >= maxNesting {
		return 0, &SyntaxError{pos, fmt.Sprintf("nested deeper than %d", maxNesting)}
	}
	own := len(p.entries)
	p.record(e, depth, 0)
	pos = p.space(pos + 1)
	if p.at(pos) == closing {
		pos++
	} else {
		var err error
		if pos, err = p.members(pos, depth+1, closing); err != nil {
			return 0, err
		}
	}
	if depth <= Recorded {
		p.entries[own].value.end = uint32(pos)
		p.entries[own].next = uint32(len(p.entries))
	}
	return pos, nil
}

// members reads what stands between the brackets of a container that is not empty,
// and the closing one.
func (p *parser) members(pos, depth int, closing byte) (int, error) {
	for {
		var e entry
		var err error
		if closing == '}' {
			if pos, err = p.key(pos, &e); err != nil {
				return 0, err
			}
		}
		if pos, err = p.value(pos, depth, e); err != nil {
			return 0, err
		}
		pos = p.space(pos)
		switch p.at(pos) {
		case ',':
			pos = p.space(pos + 1)
		case closing:
			return pos + 1, nil
		default:
			return 0, p.unexpected(pos, "where a comma or a closing bracket should be")
		}
	}
}

// key reads a key and the colon behind it.
func (p *parser) key(pos int, e *entry) (int, error) {
	if p.at(pos) != '"' {
		return 0, p.unexpected(pos, "where a key should begin")
	}
	end, plain, err := p.string(pos)
	if err != nil {
		return 0, err
	}
	e.key, e.keyPlain = span{uint32(pos + 1), uint32(end)}, plain
	pos = p.space(end + 1)
	if p.at(pos) != ':' {
		return 0, p.unexpected(pos, "where a colon should follow a key")
	}
	return p.space(pos + 1), nil
}

// string reads the string whose opening quote stands at pos. It returns where the
// closing one stands, and whether the bytes between them are its text.
//
// Most of an event is the inside of strings: it is gone over eight bytes at a time,
// as long as nothing in them needs a closer look.
func (p *parser) string(pos int) (end int, plain bool, err error) {
	doc := p.doc
	for pos++; pos+8 <= len(doc); pos += 8 {
		word := binary.LittleEndian.Uint64(doc[pos:])
		if stop := swar.Special(word) | swar.High(word); stop != 0 {
			pos += swar.First(stop)
			if doc[pos] == '"' {
				return pos, true, nil
			}
			break
		}
	}
	return p.oddString(pos)
}

// oddString reads the rest of a string from the first byte on that needs a closer
// look, or is near the end of the document.
func (p *parser) oddString(pos int) (end int, plain bool, err error) {
	doc := p.doc
	for plain = true; ; {
		if pos+8 <= len(doc) {
			word := binary.LittleEndian.Uint64(doc[pos:])
			stop := swar.Special(word) | swar.High(word)
			if stop == 0 {
				pos += 8
				continue
			}
			pos += swar.First(stop)
		}
		switch c := p.at(pos); {
		case c == '"':
			return pos, plain, nil
		case c == '\\':
			plain = false
			if c = p.at(pos + 1); unescaped[c] != 0 {
				pos += 2
			} else if pos, err = p.unicode(pos); err != nil {
				return 0, false, err
			}
		case pos >= len(doc):
			return 0, false, p.unexpected(pos, "inside a string")
		case c < 0x20:
			return 0, false, p.unexpected(pos, "inside a string, where it must be escaped")
		default:
			plain = plain && c < 0x80
			pos++
		}
	}
}

// unicode reads an escape that is none of the short ones.
func (p *parser) unicode(pos int) (int, error) {
	pos++
	if p.at(pos) != 'u' {
		return 0, p.unexpected(pos, "after a backslash")
	}
	pos++
	for end := pos + 4; pos < end; pos++ {
		if !isHex(p.at(pos)) {
			return 0, p.unexpected(pos, "inside a \\u escape")
		}
	}
	return pos, nil
}

func (p *parser) number(pos int) (_ int, err error) {
	if p.at(pos) == '-' {
		pos++
	}
	if p.at(pos) == '0' {
		pos++
	} else if pos, err = p.digits(pos); err != nil {
		return 0, err
	}
	if p.at(pos) == '.' {
		if pos, err = p.digits(pos + 1); err != nil {
			return 0, err
		}
	}
	if c := p.at(pos); c == 'e' || c == 'E' {
		pos++
		if c := p.at(pos); c == '+' || c == '-' {
			pos++
		}
		return p.digits(pos)
	}
	return pos, nil
}

func (p *parser) digits(pos int) (int, error) {
	if !isDigit(p.at(pos)) {
		return 0, p.unexpected(pos, "where a digit should be")
	}
	for isDigit(p.at(pos)) {
		pos++
	}
	return pos, nil
}

func (p *parser) literal(pos int, word string) (int, error) {
	for i := range len(word) {
		if p.at(pos) != word[i] {
			return 0, p.unexpected(pos, "inside the word "+word)
		}
		pos++
	}
	return pos, nil
}

func (p *parser) space(pos int) int {
	for pos < len(p.doc) && p.doc[pos] <= ' ' && isSpace(p.doc[pos]) {
		pos++
	}
	return pos
}

// at is the byte at pos, or 0 behind the end, which no rule of JSON expects.
func (p *parser) at(pos int) byte {
	if pos < len(p.doc) {
		return p.doc[pos]
	}
	return 0
}

func (p *parser) unexpected(pos int, where string) error {
	if pos >= len(p.doc) {
		return &SyntaxError{len(p.doc), "the end, " + where}
	}
	return &SyntaxError{pos, fmt.Sprintf("%q %s", p.doc[pos], where)}
}

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\r' || c == '\t' }

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isHex(c byte) bool { return isDigit(c) || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F' }
