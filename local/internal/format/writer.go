package format

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"unicode/utf8"
)

// A Writer writes an event, member by member: finding its members by reflection
// takes as long as all else that is done to make it. Its memory is used again for the next
// event, so that one has no more than it needs, however long it is kept.
type Writer struct {
	b       []byte
	content body  // the request's body, which Finish puts in its place
	at      int   // the length of b where that place is
	err     error // the last one that Value met
}

// writers are those that have finished.
var writers = sync.Pool{New: func() any { return &Writer{b: make([]byte, 0, 4<<10)} }}

// NewWriter begins an event.
func NewWriter() *Writer {
	w := writers.Get().(*Writer)
	w.begin()
	return w
}

// release lets go of all but the memory, for the next event.
func (w *Writer) release() {
	*w = Writer{b: w.b[:0]}
	writers.Put(w)
}

// Body writes the member for a request's body, which Finish puts there. For a request
// without one the member is otherwise, or left out if that is "".
func (w *Writer) Body(content body, otherwise string) {
	switch {
	case content.from != nil:
		w.name("body")
		w.content, w.at = content, len(w.b)
	case otherwise != "":
		w.raw("body", otherwise)
	}
}

// Finish ends the event, which with its body may have limit bytes. The Writer must not be
// used any more.
func (w *Writer) Finish(limit int) ([]byte, error) {
	defer w.release()
	w.End()
	if w.err != nil {
		return nil, w.err
	}
	if w.content.from == nil {
		return bytes.Clone(w.b), nil
	}
	return w.content.between(w.b[:w.at], w.b[w.at:], limit)
}

func (w *Writer) begin() { w.b = append(w.b, '{') }

// End ends an object.
func (w *Writer) End() { w.b = append(w.b, '}') }

// name begins a member.
func (w *Writer) name(name string) {
	if w.b[len(w.b)-1] != '{' {
		w.b = append(w.b, ',')
	}
	w.b = append(w.quoted(name), ':')
}

// Text writes a string.
func (w *Writer) Text(name, value string) {
	w.name(name)
	w.quoted(value)
}

// Nullable writes a string, null for nil.
func (w *Writer) Nullable(name string, value *string) {
	if value == nil {
		w.raw(name, "null")
		return
	}
	w.Text(name, *value)
}

// Number writes a whole number.
func (w *Writer) Number(name string, value int64) {
	w.name(name)
	w.b = strconv.AppendInt(w.b, value, 10)
}

// Boolean writes a boolean.
func (w *Writer) Boolean(name string, value bool) {
	w.name(name)
	w.b = strconv.AppendBool(w.b, value)
}

// Object begins a member that is an object. What follows is in it until its end.
func (w *Writer) Object(name string) {
	w.name(name)
	w.begin()
}

// Repeat writes members, none of which is the first of its object, as they stand in kept.
// The first time, write writes them.
func (w *Writer) Repeat(kept *[]byte, write func()) {
	if *kept == nil {
		from := len(w.b)
		write()
		*kept = bytes.Clone(w.b[from:])
		return
	}
	w.b = append(w.b, *kept...)
}

// raw writes what is JSON already.
func (w *Writer) raw(name, value string) {
	w.name(name)
	w.b = append(w.b, value...)
}

// Texts writes an object of strings, null for nil.
func (w *Writer) Texts(name string, values map[string]string) {
	writeMap(w, name, values, w.Text)
}

// singles writes an object of strings.
func (w *Writer) singles(name string, all []single) {
	w.Object(name)
	for _, s := range all {
		w.Text(s.name, s.value)
	}
	w.End()
}

// Lists writes an object of lists of strings, null for nil.
func (w *Writer) Lists(name string, values map[string][]string) {
	writeMap(w, name, values, w.List)
}

// writeMap writes an object in the order of its names, or null for nil.
func writeMap[V any](w *Writer, name string, values map[string]V, write func(name string, value V)) {
	if values == nil {
		w.raw(name, "null")
		return
	}
	w.Object(name)
	var room [32]string // for as many as most requests have
	keys := room[:0]
	for key := range values {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	for _, key := range keys {
		write(key, values[key])
	}
	w.End()
}

// List writes a list of strings, null for nil.
func (w *Writer) List(name string, values []string) {
	if values == nil {
		w.raw(name, "null")
		return
	}
	w.name(name)
	w.b = append(w.b, '[')
	for n, value := range values {
		if n > 0 {
			w.b = append(w.b, ',')
		}
		w.quoted(value)
	}
	w.b = append(w.b, ']')
}

// document writes what is JSON already, without the space that it may have.
func (w *Writer) document(name string, value json.RawMessage) {
	w.name(name)
	b := bytes.NewBuffer(w.b)
	if err := json.Compact(b, value); err != nil {
		w.err = fmt.Errorf("gateway: %w", err)
		return
	}
	w.b = b.Bytes()
}

// Value writes what is rare enough to be left to encoding/json.
func (w *Writer) Value(name string, value any) {
	w.name(name)
	w.encode(value)
}

func (w *Writer) encode(value any) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		w.err = fmt.Errorf("gateway: %w", err)
		return
	}
	w.b = append(w.b, bytes.TrimSuffix(b.Bytes(), []byte("\n"))...)
}

// quoted writes a string and returns what is written so far.
func (w *Writer) quoted(s string) []byte {
	from := len(w.b)
	w.b = append(append(append(w.b, '"'), s...), '"')
	if !isPlain(w.b[from+1 : len(w.b)-1]) {
		w.b = w.b[:from]
		w.encode(s)
	}
	return w.b
}

// isPlain reports whether text is ASCII that stands in a string as it is.
func isPlain(text []byte) bool {
	for ; len(text) >= 8; text = text[8:] {
		if eight := binary.LittleEndian.Uint64(text); (special(eight)|eight)&highest != 0 {
			return false
		}
	}
	for _, c := range text {
		if c < ' ' || c >= utf8.RuneSelf || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}
