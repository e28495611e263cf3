package jsontape

import (
	"bytes"
	"encoding/binary"
	"slices"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/lambridge-go/lambridge/internal/swar"
)

// plainEnd passes over plain bytes, eight at a time, and returns where it stopped: at the
// first that is not plain, or near the end of the document.
func plainEnd(doc []byte, pos int) int {
	for ; pos <= len(doc)-8; pos += 8 {
		if stop := swar.Unplain(binary.LittleEndian.Uint64(doc[pos:])); stop != 0 {
			return pos + swar.First(stop)
		}
	}
	return pos
}

// bulk is string for one that may be most of the document. What is so long is base64, or
// soon needs a closer look: base64 is checked on the way.
func (p *parser) bulk(start int) (text span, in form, next int) {
	foreign := skipBase64(p.doc, start)
	pos := skipPlain(p.doc, foreign)
	if at(p.doc, pos) != '"' {
		text, next = p.decode(start, pos)
		return text, decoded, next
	}
	in = plain
	if padding := p.doc[foreign:pos]; (pos-start)%4 == 0 && bytes.HasPrefix([]byte("=="), padding) {
		in = letters
	}
	return span{uint32(start), uint32(pos)}, in, pos + 1
}

// skipBase64 is the place of the first byte from pos on that is no character of base64's
// alphabet.
func skipBase64(doc []byte, pos int) int {
	for pos <= len(doc)-32 && swar.IsBase64((*[32]byte)(doc[pos:])) {
		pos += 32
	}
	for ; pos <= len(doc)-8; pos += 8 {
		if stop := swar.OutsideBase64(binary.LittleEndian.Uint64(doc[pos : pos+8])); stop != 0 {
			return pos + swar.First(stop)
		}
	}
	for pos < len(doc) && swar.First(swar.OutsideBase64(uint64(doc[pos]))) > 0 {
		pos++
	}
	return pos
}

// skipPlain is the place of the first byte from pos on that is not plain.
func skipPlain(doc []byte, pos int) int {
	pos = plainEnd(doc, pos)
	for pos < len(doc) && swar.First(swar.Unplain(uint64(doc[pos]))) > 0 {
		pos++
	}
	return pos
}

// decode reads a string that begins at start and needs a closer look from pos on: it
// has escapes, is not printable ASCII, or stands near the end of the document. As in
// encoding/json, what is not UTF-8, and half of a surrogate pair, reads as U+FFFD.
func (p *parser) decode(start, pos int) (text span, next int) {
	doc, from := p.doc, len(p.text)
	out := append(p.text, doc[start:pos]...)
	blocks := pos + 128 // from where on by blocks: most strings have ended by then
	for {
		if cap(out)-len(out) < 16 {
			out = p.grow(out, len(out)-from, len(doc)-pos)
		}
		if pos >= blocks {
			out, pos = decodeBlocks(out, doc, pos)
			blocks = pos + 64
		}
		out, pos = decodeWords(out, doc[:min(blocks+8, len(doc))], pos)
		switch c := at(p.doc, pos); {
		case c == '"':
			p.text = out
			return span{uint32(from), uint32(len(out))}, pos + 1
		case c == '\\':
			if out, pos = p.escape(out, pos+1); pos < 0 {
				return span{}, pos
			}
		case pos >= len(doc):
			return span{}, p.unexpected(pos, "inside a string")
		case c < 0x20:
			return span{}, p.unexpected(pos, "inside a string, where it must be escaped")
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

// escape decodes the escape whose backslash stands ahead of pos.
func (p *parser) escape(out []byte, pos int) ([]byte, int) {
	c := at(p.doc, pos)
	if short := unescaped[c]; short != 0 {
		return append(out, short), pos + 1
	}
	if c != 'u' {
		return nil, p.unexpected(pos, "after a backslash")
	}
	r, pos := p.hex4(pos + 1)
	if utf16.IsSurrogate(r) {
		pair := rune(utf8.RuneError)
		if at(p.doc, pos) == '\\' && at(p.doc, pos+1) == 'u' {
			second, next := p.hex4(pos + 2)
			if next < 0 {
				return nil, next
			}
			if pair = utf16.DecodeRune(r, second); pair != utf8.RuneError {
				pos = next
			}
		}
		r = pair
	}
	return utf8.AppendRune(out, r), pos
}

func (p *parser) hex4(pos int) (r rune, next int) {
	for end := pos + 4; pos < end; pos++ {
		c := at(p.doc, pos)
		switch {
		case isDigit(c):
			c -= '0'
		case 'a' <= c|0x20 && c|0x20 <= 'f':
			c = c | 0x20 - 'a' + 10
		default:
			return 0, p.unexpected(pos, "inside a \\u escape")
		}
		r = r<<4 | rune(c)
	}
	return r, pos
}
