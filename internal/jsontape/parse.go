package jsontape

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"unicode/utf16"
	"unicode/utf8"

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
	text    []byte
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
		e.kind = String
		e.value, e.plain, pos, err = p.string(pos)
		if err == nil && depth <= Recorded {
			e.next = uint32(len(p.entries) + 1)
			p.entries = append(p.entries, e)
		}
		return pos, err
	case '{':
		e.kind = Object
		return p.container(pos, depth, e, '}')
	case '[':
		e.kind = Array
		return p.container(pos, depth, e, ']')
	case 't':
		e.kind = Bool
		pos, err = p.literal(pos, "true")
	case 'f':
		e.kind = Bool
		pos, err = p.literal(pos, "false")
	case 'n':
		e.kind = Null
		pos, err = p.literal(pos, "null")
	default:
		if c != '-' && !isDigit(c) {
			return 0, p.unexpected(pos, "where a value should begin")
		}
		e.kind = Number
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
	var err error
	if e.key, e.keyPlain, pos, err = p.string(pos); err != nil {
		return 0, err
	}
	pos = p.space(pos)
	if p.at(pos) != ':' {
		return 0, p.unexpected(pos, "where a colon should follow a key")
	}
	return p.space(pos + 1), nil
}

// string reads the string whose opening quote stands at pos. It returns where its
// text stands, whether that is in the document, and what follows the string.
//
// Most of an event is the inside of strings: it is gone over eight bytes at a time,
// as long as nothing in them needs a closer look.
func (p *parser) string(pos int) (text span, plain bool, next int, err error) {
	doc, start := p.doc, pos+1
	for pos = start; pos+8 <= len(doc); pos += 8 {
		word := binary.LittleEndian.Uint64(doc[pos:])
		if stop := swar.Special(word) | swar.High(word); stop != 0 {
			pos += swar.First(stop)
			if doc[pos] == '"' {
				return span{uint32(start), uint32(pos)}, true, pos + 1, nil
			}
			break
		}
	}
	text, next, err = p.decode(start, pos)
	return text, false, next, err
}

// decode reads a string that begins at start and needs a closer look from pos on: it
// has escapes, is not ASCII, or stands near the end of the document. As in
// encoding/json, what is not UTF-8, and half of a surrogate pair, reads as U+FFFD.
func (p *parser) decode(start, pos int) (text span, next int, err error) {
	doc, from := p.doc, len(p.text)
	out := append(p.text, doc[start:pos]...)
	for {
		if cap(out)-len(out) < 16 {
			out = p.grow(out, len(out)-from, len(doc)-pos)
		}
		// Eight bytes are copied whatever they are; those that stand for themselves
		// stay, what follows is overwritten.
		if at := len(out); pos+8 <= len(doc) {
			word := binary.LittleEndian.Uint64(doc[pos:])
			binary.LittleEndian.PutUint64(out[at:at+8], word)
			stop := swar.Special(word) | swar.High(word)
			if stop == 0 {
				out = out[:at+8]
				pos += 8
				continue
			}
			n := swar.First(stop)
			out = out[:at+n]
			pos += n
		}
		switch c := p.at(pos); {
		case c == '\\':
			if short := unescaped[p.at(pos+1)]; short != 0 {
				out = append(out, short)
				pos += 2
			} else if out, pos, err = p.unicode(out, pos); err != nil {
				return span{}, 0, err
			}
		case c == '"':
			p.text = out
			return span{uint32(from), uint32(len(out))}, pos + 1, nil
		case pos >= len(doc):
			return span{}, 0, p.unexpected(pos, "inside a string")
		case c < 0x20:
			return span{}, 0, p.unexpected(pos, "inside a string, where it must be escaped")
		case c < utf8.RuneSelf:
			out = append(out, c)
			pos++
		default:
			r, size := utf8.DecodeRune(doc[pos:])
			out = utf8.AppendRune(out, r)
			pos += size
		}
	}
}

// grow makes room for more of a string of which so much is decoded. A long one is
// most of what is left of the document: room for that is made once.
func (p *parser) grow(out []byte, decoded, left int) []byte {
	if decoded < 4096 {
		return slices.Grow(out, min(left+16, 4096))
	}
	return append(make([]byte, 0, len(out)+left+16), out...)
}

// unescaped is what the character after a backslash stands for, 0 for those that
// may not follow one, and for the u, which more follows.
var unescaped = [256]byte{
	'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t',
}

// unicode decodes the escape at pos, which is none of the short ones.
func (p *parser) unicode(out []byte, pos int) ([]byte, int, error) {
	if p.at(pos+1) != 'u' {
		return nil, 0, p.unexpected(pos+1, "after a backslash")
	}
	r, pos, err := p.hex4(pos + 2)
	if err != nil {
		return nil, 0, err
	}
	if utf16.IsSurrogate(r) {
		pair := rune(utf8.RuneError)
		if p.at(pos) == '\\' && p.at(pos+1) == 'u' {
			second, next, err := p.hex4(pos + 2)
			if err != nil {
				return nil, 0, err
			}
			if pair = utf16.DecodeRune(r, second); pair != utf8.RuneError {
				pos = next
			}
		}
		r = pair
	}
	return utf8.AppendRune(out, r), pos, nil
}

func (p *parser) hex4(pos int) (r rune, next int, err error) {
	for end := pos + 4; pos < end; pos++ {
		c := p.at(pos)
		switch {
		case isDigit(c):
			c -= '0'
		case 'a' <= c|0x20 && c|0x20 <= 'f':
			c = c | 0x20 - 'a' + 10
		default:
			return 0, 0, p.unexpected(pos, "inside a \\u escape")
		}
		r = r<<4 | rune(c)
	}
	return r, pos, nil
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
