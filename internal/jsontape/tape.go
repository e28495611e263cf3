// Package jsontape reads a JSON document in one strict pass.
//
// The pass checks every byte and leaves a tape: a flat list that says where each
// value stands, in the order in which the values stand in the document. Questions
// are then answered from the tape, without looking at the document again:
//
//	{"a": [1, 2], "b": "x"}      0  object      next 5
//	                             1  "a": array  next 4
//	                             2  1           next 3
//	                             3  2           next 4
//	                             4  "b": "x"    next 5
//
// An entry's next is the one behind all that it holds, so a member is found by stepping
// past its siblings, however much they hold. A string that says what it means stays
// where it is; one with escapes is decoded on the way, while its bytes are at hand.
// Nothing else is decoded before it is asked for: a Lambda event is some kilobytes, of
// which a request needs a few hundred bytes.
//
// What counts as JSON, and what its strings mean, is what encoding/json says: both
// accept the same documents and read the same values out of them.
package jsontape

import "fmt"

// Recorded is how deep the tape goes: the members of the outermost value are at
// depth 1. A container at this depth is one entry, whatever it holds: it has been
// checked, and Bytes gives its text, but it has no members to walk.
const Recorded = 4

// A Tape holds the values of one document. The zero Tape is empty and ready for
// Parse, which may be called again to read the next document into the same room.
// Values belong to their Tape: they are valid until it parses again.
type Tape struct {
	doc     []byte
	entries []entry
	text    []byte // of the strings that are not plain
}

// An entry is one value, with its key if it is a member of an object.
type entry struct {
	key, value span
	next       uint32 // the entry behind it and all that it holds
	kind       Kind
	keyForm    form
	form       form // of a value that is a string
}

// A form says of a string where its text is, and of what.
type form uint8

const (
	decoded form = iota // in the tape's text
	plain               // in the document: it is printable ASCII without escapes
	letters             // plain, and known to be base64
)

// A span is a place in the document or in the text. Strings stand without quotes.
type span struct{ start, end uint32 }

// A Kind is the type of a JSON value.
type Kind uint8

// The kinds. The zero Kind is that of a Value that is not there.
const (
	Absent Kind = iota
	Null
	Bool
	Number
	String
	Array
	Object
)

// String names the kind for error messages, with its article.
func (k Kind) String() string {
	return [...]string{"nothing", "null", "a boolean", "a number", "a string", "an array", "an object"}[k]
}

// Parse reads doc, whole, and returns its outermost value. The tape keeps doc,
// which may not be changed while values are in use. An error is a *SyntaxError.
func (t *Tape) Parse(doc []byte) (Value, error) {
	t.Reset()
	p := parser{doc: doc, entries: t.entries, text: t.text}
	if p.document(); p.err != nil {
		return Value{}, p.err
	}
	t.doc, t.entries, t.text = doc, p.entries, p.text
	return Value{tape: t}, nil
}

// Reset lets go of the document and keeps the room, unless it is of a size that
// few documents need. Texts may well be as long as Lambda's events.
func (t *Tape) Reset() {
	const usualEntries, usualText = 2048, 8 << 20
	t.doc = nil
	if t.entries = t.entries[:0]; cap(t.entries) > usualEntries {
		t.entries = nil
	}
	if t.text = t.text[:0]; cap(t.text) > usualText {
		t.text = nil
	}
}

// A SyntaxError says where a document stops being JSON, and why.
type SyntaxError struct {
	Offset int // bytes ahead of the offence
	Reason string
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("not JSON at byte %d: %s", e.Offset, e.Reason)
}
