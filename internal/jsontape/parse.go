package jsontape

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"math/bits"
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

// decodeBlocks decodes what decodeWords does, for strings that are long: what needs a closer
// look is found for 64 bytes at once, so that the processor need not guess where it is.
// What stands ahead of it is copied by sixteen bytes, whatever follows: the last of them
// are written over.
func decodeBlocks(out, doc []byte, pos int) (_ []byte, stopped int) {
	at, room := len(out), out[:cap(out)]
	dense := false // the block before has many escapes
	for pos+len(window{}) <= len(doc) && at+len(window{}) <= len(room) {
		block, begin := doc[pos:pos+len(window{})], at
		if dense {
			if read, written := decodeDense((*window)(room[at:]), (*window)(block)); read > 0 {
				at, pos = at+written, pos+read
				dense = written <= 64-many
				continue
			}
		}
		from := 0
		for marks := swar.SpecialOrHighBits((*[64]byte)(block)); marks != 0; {
			mark := bits.TrailingZeros64(marks)
			at = swar.CopyRun(room, at, block, from, mark)
			short := unescaped[block[mark+1]]
			if block[mark] != '\\' || short == 0 {
				return room[:at], pos + mark
			}
			room[at] = short
			at++
			from = mark + 2
			marks &= marks - 1
			marks &^= 2 << mark // what is escaped
		}
		escapes, end := from-(at-begin), max(from, 64)
		for ; from < 64; at, from = at+16, from+16 {
			*(*[16]byte)(room[at:]) = *(*[16]byte)(block[from:])
		}
		at, pos, dense = begin+end-escapes, pos+end, escapes >= many
	}
	return room[:at], pos
}

// A window is what a block of 64 bytes is read from or written to, with what is written
// behind its end.
type window [64 + 16]byte

// many is how many escapes in a block take longer one by one than decodeDense takes for it.
const many = 10

// decodeDense decodes a block of many escapes, for JSON within JSON is a quarter of them:
// their backslashes are taken out of eight bytes at once, wherever they stand. It reads
// nothing of a block that has something else that needs a closer look.
func decodeDense(to, block *window) (read, written int) {
	quotes, backslashes, plain := swar.QuoteBits((*[64]byte)(block[:64]))
	// In a row of backslashes every other one begins an escape. Rows are told apart by
	// whether they begin at an even or an odd place: a sum carries each to its end.
	const odd = 0xaaaaaaaaaaaaaaaa
	code := ((backslashes<<1 | odd) - backslashes) ^ odd
	begin, escaped := code&backslashes, code^backslashes
	if !plain || quotes&^escaped != 0 {
		return 0, 0
	}
	letters, done := escaped&^(quotes|backslashes), uint(0)
	for i, set := 0, begin; i < 64; i, set = i+8, set>>8 {
		word, out := binary.LittleEndian.Uint64(block[i:i+8]), &takenOut[uint8(set)]
		// From the last on, what stands behind a backslash moves up to its place.
		word ^= (word ^ word>>8) & out.behind[0]
		word ^= (word ^ word>>8) & out.behind[1]
		word ^= (word ^ word>>8) & out.behind[2]
		if out.left == 4 { // hardly ever
			word ^= (word ^ word>>8) & out.behind[3]
		}
		binary.LittleEndian.PutUint64(to[done&63:], word)
		done += out.left
	}
	for ; letters != 0; letters &= letters - 1 {
		letter := bits.TrailingZeros64(letters)
		short := unescaped[block[letter]]
		if short == 0 {
			return 0, 0
		}
		to[letter-bits.OnesCount64(begin&(1<<letter-1))] = short
	}
	// An escape that the block cuts off is left to the next.
	return 64 - int(begin>>63), int(done)
}

// takenOut tells, for each set of eight bytes no two of which stand side by side, what stands
// behind the last of it, and so on, and how many bytes are left.
var takenOut = func() (table [256]struct {
	behind [4]uint64
	left   uint
}) {
	for set := range table {
		out := &table[set]
		out.left = 8
		for place := 7; place >= 0; place-- {
			if set>>place&1 != 0 {
				out.behind[(8-out.left)&3] = ^uint64(0) << (8 * place)
				out.left--
			}
		}
	}
	return table
}()

// decodeWords decodes what it can of a string from pos on and returns where it stopped:
// where out has no room left, near the end of the document, and at all but printable
// ASCII and short escapes.
//
// Eight bytes are copied whatever they are, and what an escape stands for takes its
// place. What follows it is read anew. The mask says that plain is below 8, and spares checks.
func decodeWords(out, doc []byte, pos int) (_ []byte, stopped int) {
	at, room := len(out), out[:cap(out)]
	for pos+9 <= len(doc) && at+8 <= len(room) {
		from, to := doc[pos:pos+9], room[at:at+8]
		word := binary.LittleEndian.Uint64(from)
		binary.LittleEndian.PutUint64(to, word)
		marks := swar.Unplain(word)
		if marks == 0 {
			at, pos = at+8, pos+8
			continue
		}
		plain := swar.First(marks) & 7
		short := unescaped[from[plain+1]]
		if from[plain] != '\\' || short == 0 {
			return room[:at+plain], pos + plain
		}
		to[plain] = short
		at, pos = at+plain+1, pos+plain+2
	}
	return room[:at], pos
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
