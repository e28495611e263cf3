package jsontape

import "strconv"

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
		if e := &entries[at]; string(v.tape.bytes(e.key, e.keyPlain)) == key {
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

// Bytes is the text of a string, and any other value as it stands in the document.
// It belongs to the tape, and may be neither changed nor kept. Absent values have
// none.
func (v Value) Bytes() []byte {
	if v.tape == nil {
		return nil
	}
	e := &v.tape.entries[v.at]
	if v.key {
		return v.tape.bytes(e.key, e.keyPlain)
	}
	return v.tape.bytes(e.value, e.plain || e.kind != String)
}

func (t *Tape) bytes(s span, plain bool) []byte {
	if plain {
		return t.doc[s.start:s.end]
	}
	return t.text[s.start:s.end]
}

// Take is Bytes for keeps: what the tape has decoded, if that is much, and else a
// copy.
func (v Value) Take() []byte {
	b := v.Bytes()
	if v.Plain() || !v.IsString() || len(b) < 4096 {
		return append([]byte(nil), b...)
	}
	v.tape.taken = true
	return b[:len(b):len(b)]
}

// Plain reports whether the value, or key, is a string that stands in the document
// as it is: ASCII without escapes, and so without control characters but DEL.
func (v Value) Plain() bool {
	if v.tape == nil {
		return false
	}
	e := &v.tape.entries[v.at]
	return v.key && e.keyPlain || !v.key && e.plain
}

// Text is the text of a string, number or boolean, "" for anything else.
func (v Value) Text() string {
	switch v.Kind() {
	case String, Number, Bool:
		return string(v.Bytes())
	}
	return ""
}

// Is reports whether the value is a string that reads text.
func (v Value) Is(text string) bool { return v.IsString() && string(v.Bytes()) == text }

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
