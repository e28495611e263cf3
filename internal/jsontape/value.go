package jsontape

import (
	"bytes"
	"strconv"
)

// A Value is one value of a parsed document. The zero Value is absent: every question
// may be asked of it and is answered with nothing.
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

// IsString reports whether the value is a string.
func (v Value) IsString() bool { return v.Kind() == String }

// Get is the member called key: the last one where several bear the name, absent
// where v has none or is no object.
func (v Value) Get(key string) Value {
	if v.Kind() != Object {
		return Value{}
	}
	var found Value
	t := v.tape
	for at, end := v.at+1, t.entries[v.at].next; at < end; {
		if t.bears(at, key) {
			found = Value{t, at}
		}
		at = t.entries[at].next
	}
	return found
}

// bears reports whether the member at an entry is called key.
func (t *Tape) bears(at uint32, key string) bool {
	e := &t.entries[at]
	return e.key.end-e.key.start == uint32(len(key)) && string(t.bytes(e.key, e.keyForm)) == key
}

// SameKeys reports whether v and another object of its document have members of the same
// names in the same order.
func SameKeys(v, other Value) bool {
	if v.Kind() != Object || other.Kind() != Object {
		return false
	}
	entries := v.tape.entries
	at, end := v.at+1, entries[v.at].next
	also, alsoEnd := other.at+1, entries[other.at].next
	for at < end && also < alsoEnd {
		e, o := &entries[at], &entries[also]
		if !bytes.Equal(v.tape.bytes(e.key, e.keyForm), v.tape.bytes(o.key, o.keyForm)) {
			return false
		}
		at, also = e.next, o.next
	}
	return at == end && also == alsoEnd
}

// MembersOf starts a walk through what an object or array holds, in its own order:
//
//	for m := MembersOf(v); m.More(); m = m.Next() { use(m.Key(), m.Value()) }
//
// Anything else, and a container deeper than Recorded, holds nothing. It is no method: one of
// a value that reflection may reach is linked twice, with all that its results can do.
func MembersOf(v Value) Members {
	if k := v.Kind(); k != Object && k != Array {
		return Members{}
	}
	return Members{v.tape, v.at + 1, v.tape.entries[v.at].next}
}

// Members is a place in a walk through a container: a member of it, or its end. It is
// a value small enough for registers: in memory, each step would wait for the one
// before it.
type Members struct {
	tape    *Tape
	at, end uint32
}

// More reports whether there is a member here.
func (m Members) More() bool { return m.at < m.end }

// Next is the place of the following member. Behind the end there is nothing.
func (m Members) Next() Members {
	if m.More() {
		m.at = m.tape.entries[m.at].next
	}
	return m
}

// Key is the text of the member's key, empty in an array. It belongs to the tape as
// Value.Bytes does.
func (m Members) Key() []byte {
	e := &m.tape.entries[m.at]
	return m.tape.bytes(e.key, e.keyForm)
}

// Value is the member's value, absent at the end.
func (m Members) Value() Value {
	if !m.More() {
		return Value{}
	}
	return Value{m.tape, m.at}
}

// PlainText is the text of the member's value, or of the one element of an array that has no
// other, and whether that is Plain.
func (m Members) PlainText() ([]byte, bool) {
	if !m.More() {
		return nil, false
	}
	e := &m.tape.entries[m.at]
	if e.kind == Array && e.next == m.at+2 {
		e = &m.tape.entries[m.at+1]
	}
	if e.kind != String || e.form == decoded {
		return nil, false
	}
	return m.tape.doc[e.value.start:e.value.end], true
}

// Size is how many values an object or array holds, with those inside of what it
// holds, as far as they are recorded; 0 for anything else.
func (v Value) Size() int {
	if k := v.Kind(); k != Object && k != Array {
		return 0
	}
	return int(v.tape.entries[v.at].next - v.at - 1)
}

// TextSize is how many bytes the text has of a string, or of all strings that an array holds.
// Those of an object, with its keys, have at most so many: it is told by the room that the
// object takes in the document.
func (v Value) TextSize() int {
	if v.tape == nil {
		return 0
	}
	e := &v.tape.entries[v.at]
	size := int(e.value.end - e.value.start)
	switch e.kind {
	case Array:
		size = 0
		for at := v.at + 1; at < e.next; at = v.tape.entries[at].next {
			size += Value{v.tape, at}.TextSize()
		}
	case Object:
		size -= len(`"",`) * v.Size()
	}
	return max(size, 0) // numbers have no quotes
}

// Bytes is the text of a string, and any other value as it stands in the document.
// It belongs to the tape, and may be neither changed nor kept. Absent values have
// none.
//
// It is called in so many places that a function would grow by ten kilobytes, were it
// compiled into each.
//
//go:noinline
func (v Value) Bytes() []byte {
	if v.tape == nil {
		return nil
	}
	e := &v.tape.entries[v.at]
	if e.kind != String {
		return v.tape.bytes(e.value, plain)
	}
	return v.tape.bytes(e.value, e.form)
}

func (t *Tape) bytes(s span, in form) []byte {
	if in == decoded {
		return t.text[s.start:s.end]
	}
	return t.doc[s.start:s.end]
}

// Plain reports whether the value is a string that stands in the document as it is:
// printable ASCII without escapes.
func (v Value) Plain() bool {
	if v.tape == nil {
		return false
	}
	e := &v.tape.entries[v.at]
	return e.kind == String && e.form != decoded
}

// KnownBase64 reports whether the value is a string of base64 (RFC 4648, section 4) that is
// whole and padded, as far as that was seen on the way: it is of members of a large document.
func KnownBase64(v Value) bool {
	return v.Plain() && v.tape.entries[v.at].form == letters
}

// Is reports whether the value is a string that reads text. Inlined, it would stand in a
// function's binary a dozen times.
//
//go:noinline
func (v Value) Is(text string) bool {
	if v.tape == nil {
		return false
	}
	e := &v.tape.entries[v.at]
	return e.kind == String && e.value.end-e.value.start == uint32(len(text)) &&
		string(v.tape.bytes(e.value, e.form)) == text
}

// True reports whether the value is the boolean true.
func (v Value) True() bool { return v.Kind() == Bool && v.Bytes()[0] == 't' }

// Int is the value of a number without fraction or exponent, 0 for anything else.
func (v Value) Int() int64 {
	if v.Kind() != Number {
		return 0
	}
	n, err := strconv.ParseInt(string(v.Bytes()), 10, 64)
	if err != nil {
		return 0
	}
	return n
}
