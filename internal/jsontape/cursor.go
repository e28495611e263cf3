package jsontape

import (
	"encoding/binary"

	"github.com/lambridge-go/lambridge/internal/swar"
)

// A Cursor reads a document that has been checked before, for a caller who wants little of
// it: it stands ahead of one value after the other, steps over those that nobody asks for
// without a look at what they mean, and may stop at any of them. Each value has to be read
// or skipped:
//
//	for more := c.Enter(); more; more = c.Next() {
//		switch string(c.Key()) {
//		case "name":
//			name = string(c.Text())
//		default:
//			c.Skip()
//		}
//	}
//
// What it reads from anything but JSON is unknown; it comes to an end there as well.
type Cursor struct {
	doc []byte
	pos int
}

// CursorOf returns a Cursor ahead of the value that doc begins with. Anything may stand
// behind that.
func CursorOf(doc []byte) Cursor {
	c := Cursor{doc: doc}
	c.space()
	return c
}

// Kind is the type of the value here.
func (c *Cursor) Kind() Kind {
	switch c.at() {
	case '"':
		return String
	case '{':
		return Object
	case '[':
		return Array
	case 't', 'f':
		return Bool
	case 'n':
		return Null
	case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		return Number
	}
	return Absent
}

// Enter steps to the first member of the object or array here, and reports whether it has
// one. Any other value has none and is skipped.
func (c *Cursor) Enter() bool {
	if opening := c.at(); opening != '{' && opening != '[' {
		c.Skip()
		return false
	}
	c.pos++
	c.space()
	if closing := c.at(); closing == '}' || closing == ']' {
		c.pos++
		return false
	}
	return c.pos < len(c.doc)
}

// Next steps to the next member, and reports whether there is one. If not, it has stepped
// out of the object or array.
func (c *Cursor) Next() bool {
	c.space()
	more := c.at() == ','
	if c.step(); more {
		c.space()
	}
	return more && c.pos < len(c.doc)
}

// Key is the key of the member here, and steps to its value.
func (c *Cursor) Key() []byte {
	key := c.string()
	c.space()
	c.step() // over the colon
	c.space()
	return key
}

// Text is the text of the string, number or boolean here, nil for anything else, and steps
// behind it. It may be neither changed nor kept.
func (c *Cursor) Text() []byte {
	switch c.Kind() {
	case String:
		return c.string()
	case Number, Bool:
		return c.Skip()
	}
	c.Skip()
	return nil
}

// Skip steps behind the value here and returns what stands in the document of it.
func (c *Cursor) Skip() []byte {
	doc, start := c.doc, c.pos
	switch c.at() {
	case '"':
		c.pos = endOfString(doc, start+1)
	case '{', '[':
		c.pos = endOfContainer(doc, start+1)
	default:
		for c.pos < len(doc) && !endsScalar(doc[c.pos]) {
			c.pos++
		}
	}
	return doc[start:c.pos]
}

// Since is what stands in the document from where the cursor was before.
func (c *Cursor) Since(before Cursor) []byte { return c.doc[before.pos:c.pos] }

// endsScalar reports whether a byte stands behind a number or a word.
func endsScalar(c byte) bool { return c <= ' ' || c == ',' || c == '}' || c == ']' }

// endOfContainer is the place behind the bracket that closes a container which goes on at pos.
func endOfContainer(doc []byte, pos int) int {
	for open := 1; open > 0 && pos < len(doc); {
		c := doc[pos]
		pos++
		switch c {
		case '"':
			pos = endOfString(doc, pos)
		case '{', '[':
			open++
		case '}', ']':
			open--
		}
	}
	return pos
}

// endOfString is the place behind the quote that closes a string which goes on at pos.
func endOfString(doc []byte, pos int) int {
	for pos < len(doc) {
		if pos <= len(doc)-8 {
			word := binary.LittleEndian.Uint64(doc[pos : pos+8])
			stop := swar.Special(word)
			if stop == 0 {
				pos += 8
				continue
			}
			pos += swar.First(stop)
		}
		switch doc[pos] {
		case '"':
			return pos + 1
		case '\\':
			pos++
		}
		pos++
	}
	return len(doc)
}

// string reads the string here.
func (c *Cursor) string() []byte {
	start := min(c.pos+1, len(c.doc))
	end := skipPlain(c.doc, start)
	if end < len(c.doc) && c.doc[end] == '"' {
		c.pos = end + 1
		return c.doc[start:end]
	}
	p := parser{doc: c.doc}
	text, next := p.decode(start, end)
	if next < 0 {
		c.pos = len(c.doc)
		return nil
	}
	c.pos = next
	return p.text[text.start:text.end]
}

// step steps over the byte here.
func (c *Cursor) step() {
	if c.pos < len(c.doc) {
		c.pos++
	}
}

func (c *Cursor) space() {
	for c.pos < len(c.doc) && c.doc[c.pos] <= ' ' {
		c.pos++
	}
}

// at is the byte here, or 0 behind the end.
func (c *Cursor) at() byte {
	if uint(c.pos) < uint(len(c.doc)) {
		return c.doc[c.pos]
	}
	return 0
}
