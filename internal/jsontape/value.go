package jsontape

import (
	"encoding/binary"
	"slices"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/lambridge-go/lambridge/internal/swar"
)

// A Value is one value of a parsed document, or the key of one. The zero Value is
// absent: every question may be asked of it and is answered with nothing.
type Value struct {
	tape *Tape
	at   uint32
	key  bool
}

// Kind is the value's type, Absent for the zero Value.
func (v Value) Kind() Kind {
	switch {
	case v.tape == nil:
		return Absent
	case v.key:
		return String
	}
	return v.tape.entries[v.at].kind
}

// IsString reports whether the value is a string.
func (v Value) IsString() bool { return v.Kind() == String }

// IsObject reports whether the value is an object.
func (v Value) IsObject() bool { return v.Kind() == Object }

// Get is the member called key: the last one where several bear the name, absent
// where v has none or is no object.
func (v Value) Get(key string) Value {
	if v.Kind() != Object {
		return Value{}
	}
	var found Value
	entries := v.tape.entries
	for at, end := v.at+1, entries[v.at].next; at < end; at = entries[at].next {
		if e := &entries[at]; e.keyPlain {
			if string(v.tape.doc[e.key.start:e.key.end]) == key {
				found = Value{tape: v.tape, at: at}
			}
		} else if (Value{v.tape, at, true}).Is(key) {
			found = Value{tape: v.tape, at: at}
		}
	}
	return found
}

// Members starts a walk through what an object or array holds, in its own order:
//
//	for m := v.Members(); m.Next(); { use(m.Key(), m.Value()) }
//
// Anything else, and a container deeper than Recorded, holds nothing.
func (v Value) Members() Members {
	if k := v.Kind(); k != Object && k != Array {
		return Members{}
	}
	own := v.tape.entries[v.at]
	return Members{tape: v.tape, next: v.at + 1, end: own.next, keyed: own.kind == Object}
}

// Members is a walk through a container.
type Members struct {
	tape          *Tape
	at, next, end uint32
	keyed         bool
}

// Next steps to the following member and reports whether there is one.
func (m *Members) Next() bool {
	if m.next >= m.end {
		return false
	}
	m.at = m.next
	m.next = m.tape.entries[m.at].next
	return true
}

// Key is the key of an object's member, absent in an array.
func (m *Members) Key() Value {
	if !m.keyed {
		return Value{}
	}
	return Value{m.tape, m.at, true}
}

// Value is the member's value.
func (m *Members) Value() Value { return Value{tape: m.tape, at: m.at} }

// Len is the number of members of an object or array, 0 for anything else.
func (v Value) Len() int {
	n := 0
	for m := v.Members(); m.Next(); {
		n++
	}
	return n
}

// Raw is the value as it stands in the document; a string stands without its
// quotes. It aliases the document. Absent values have none.
func (v Value) Raw() []byte {
	if v.tape == nil {
		return nil
	}
	e := &v.tape.entries[v.at]
	if v.key {
		return v.tape.doc[e.key.start:e.key.end]
	}
	return v.tape.doc[e.value.start:e.value.end]
}

// Is reports whether the value is a string that reads text.
func (v Value) Is(text string) bool {
	if !v.IsString() {
		return false
	}
	if v.Plain() {
		return string(v.Raw()) == text
	}
	return string(v.AppendText(nil)) == text
}

// True reports whether the value is the boolean true.
func (v Value) True() bool {
	return v.Kind() == Bool && v.Raw()[0] == 't'
}

// Int is the value of a number without fraction or exponent, 0 for anything else.
func (v Value) Int() int64 {
	if v.Kind() != Number {
		return 0
	}
	n, err := strconv.ParseInt(string(v.Raw()), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// Plain reports whether Raw is already the text: a string of ASCII without
// escapes, or a number or boolean, whose text is how it is written.
func (v Value) Plain() bool {
	if v.tape == nil {
		return false
	}
	e := &v.tape.entries[v.at]
	return v.key && e.keyPlain || !v.key && e.plain
}

// Text is the text of a string, number or boolean, "" for anything else. It
// does not alias the document.
func (v Value) Text() string {
	if v.Plain() {
		return string(v.Raw())
	}
	return string(v.AppendText(nil))
}

// AppendText appends what Text returns to dst. As in encoding/json, what is not
// UTF-8, and half of a surrogate pair, reads as U+FFFD.
func (v Value) AppendText(dst []byte) []byte {
	if v.Plain() {
		return append(dst, v.Raw()...)
	}
	if !v.IsString() {
		return dst
	}
	s := v.Raw()
	dst = slices.Grow(dst, len(s))
	for len(s) > 0 {
		// Eight bytes are copied whatever they are; those that stand for themselves
		// stay, what follows is overwritten.
		if at := len(dst); len(s) >= 8 && cap(dst)-at >= 8 {
			word := binary.LittleEndian.Uint64(s)
			binary.LittleEndian.PutUint64(dst[at:at+8], word)
			stop := swar.Special(word) | swar.High(word)
			if stop == 0 {
				dst, s = dst[:at+8], s[8:]
				continue
			}
			n := swar.First(stop)
			dst, s = dst[:at+n], s[n:]
		}
		switch c := s[0]; {
		case c == '\\' && s[1] != 'u':
			dst, s = append(dst, unescaped[s[1]]), s[2:]
		case c == '\\':
			dst, s = appendUnicode(dst, s)
		case c < utf8.RuneSelf:
			dst, s = append(dst, c), s[1:]
		default:
			r, size := utf8.DecodeRune(s)
			dst, s = utf8.AppendRune(dst, r), s[size:]
		}
	}
	return dst
}

// appendUnicode decodes the \u escape that s begins with and returns what follows
// it. The parser has checked its form.
func appendUnicode(dst, s []byte) (_, rest []byte) {
	r, s := hex4(s[2:]), s[6:]
	if utf16.IsSurrogate(r) {
		pair := rune(utf8.RuneError)
		if len(s) >= 6 && s[0] == '\\' && s[1] == 'u' {
			pair = utf16.DecodeRune(r, hex4(s[2:]))
		}
		if r = pair; pair != utf8.RuneError {
			s = s[6:]
		}
	}
	return utf8.AppendRune(dst, r), s
}

// unescaped is what the character after a backslash stands for, 0 for those that
// may not follow one, and for the u, which more follows.
var unescaped = [256]byte{
	'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t',
}

func hex4(s []byte) rune {
	var r rune
	for _, c := range s[:4] {
		r <<= 4
		switch {
		case c <= '9':
			r |= rune(c - '0')
		default:
			r |= rune(c|0x20-'a') + 10
		}
	}
	return r
}
