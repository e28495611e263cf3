package jsontape

import (
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// A Value is one value of a parsed document. The zero Value is absent: every
// question may be asked of it and is answered with nothing.
type Value struct {
	tape *Tape
	at   uint32
}

// Kind is the value's type, Absent for the zero Value.
func (v Value) Kind() Kind {
	if v.tape == nil {
		return Absent
	}
	return v.tape.entries[v.at].kind
}

// IsString, IsObject … are the questions asked most.
func (v Value) IsString() bool { return v.Kind() == String }

// IsObject reports whether the value is an object.
func (v Value) IsObject() bool { return v.Kind() == Object }

// Get is the member called key: the last one where several bear the name, absent
// where v has none or is no object. Further keys go on from the member.
func (v Value) Get(key string, further ...string) Value {
	var found Value
	for m := v.Members(); m.Next(); {
		if m.keyIs(key) {
			found = m.Value
		}
	}
	for _, key := range further {
		found = found.Get(key)
	}
	return found
}

// Members starts a walk through what an object or array holds, in its own order:
//
//	for m := v.Members(); m.Next(); { use(m.Key, m.Value) }
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
	Key   Value // the member's key; absent in an array
	Value Value

	tape      *Tape
	next, end uint32
	keyed     bool
}

// Next steps to the following member and reports whether there is one.
func (m *Members) Next() bool {
	if m.next >= m.end {
		return false
	}
	if m.keyed {
		m.Key = Value{m.tape, m.next}
		m.next++
	}
	m.Value = Value{m.tape, m.next}
	m.next = m.tape.entries[m.next].next
	return true
}

func (m *Members) keyIs(key string) bool {
	e := &m.tape.entries[m.Key.at]
	if !m.keyed {
		return false
	}
	if e.plain {
		return int(e.end-e.start) == len(key) && string(m.tape.doc[e.start:e.end]) == key
	}
	return string(m.Key.AppendText(nil)) == key
}

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
	return v.tape.doc[e.start:e.end]
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
	switch v.Kind() {
	case String:
		return v.tape.entries[v.at].plain
	case Number, Bool:
		return true
	}
	return false
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
	for len(s) > 0 {
		n := 0
		for n < len(s) && s[n] != '\\' && s[n] < utf8.RuneSelf {
			n++
		}
		dst, s = append(dst, s[:n]...), s[n:]
		switch {
		case len(s) == 0:
		case s[0] == '\\':
			dst, s = appendEscaped(dst, s)
		default:
			r, size := utf8.DecodeRune(s)
			dst, s = utf8.AppendRune(dst, r), s[size:]
		}
	}
	return dst
}

// appendEscaped decodes the escape that s begins with and returns what follows it.
// The parser has checked its form.
func appendEscaped(dst, s []byte) (_, rest []byte) {
	c, s := s[1], s[2:]
	switch c {
	case 'b':
		c = '\b'
	case 'f':
		c = '\f'
	case 'n':
		c = '\n'
	case 'r':
		c = '\r'
	case 't':
		c = '\t'
	case 'u':
		r, s := hex4(s), s[4:]
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
	return append(dst, c), s
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
