package format

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"
)

// A Writer writes an event, member by member: finding its members by reflection
// takes as long as all else that is done to make it. Names stand in JSON as they are, but
// for those that Given and maps have. Its memory is used again for the next
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

// name begins a member of the event's own, whose name stands in JSON as it is.
func (w *Writer) name(name string) {
	w.next()
	w.b = append(append(append(w.b, '"'), name...), `":`...)
}

// given begins a member whose name may be any text.
func (w *Writer) given(name string) {
	w.next()
	w.quoted(name)
	w.b = append(w.b, ':')
}

// next separates a member from the one before.
func (w *Writer) next() {
	if w.b[len(w.b)-1] != '{' {
		w.b = append(w.b, ',')
	}
}

// Text writes a string.
func (w *Writer) Text(name, value string) {
	w.name(name)
	w.quoted(value)
}

// Given writes a string by a name that may be any text.
func (w *Writer) Given(name, value string) {
	w.given(name)
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

// known writes a string, and leaves an empty one out.
func (w *Writer) known(name, value string) {
	if value != "" {
		w.Text(name, value)
	}
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
	writeMap(w, name, values, w.quoted)
}

// Lists writes an object of lists of strings, null for nil.
func (w *Writer) Lists(name string, values map[string][]string) {
	writeMap(w, name, values, w.list)
}

// both writes two objects, one of the last value of every name and one of all of them, null
// where there is no map.
func (w *Writer) both(single, multi string, all lines) {
	if all == nil {
		w.raw(single, "null")
		w.raw(multi, "null")
		return
	}
	w.lasts(single, all)
	w.lists(multi, all)
}

// lasts writes an object of the last value of every name.
func (w *Writer) lasts(name string, all lines) {
	w.Object(name)
	for _, own := range all {
		if n := len(own.values); n > 0 {
			w.Given(own.name, own.values[n-1])
		}
	}
	w.End()
}

// joins writes an object of strings, each with all values of a name.
func (w *Writer) joins(name string, all lines, separator string) {
	w.Object(name)
	for _, own := range all {
		w.Given(own.name, strings.Join(own.values, separator))
	}
	w.End()
}

// lists writes an object of lists of strings.
func (w *Writer) lists(name string, all lines) {
	w.Object(name)
	for _, own := range all {
		w.given(own.name)
		w.list(own.values)
	}
	w.End()
}

// writeMap writes an object in the order of its names, or null for nil.
func writeMap[V any](w *Writer, name string, values map[string]V, write func(value V)) {
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
		w.given(key)
		write(values[key])
	}
	w.End()
}

// List writes a list of strings, null for nil.
func (w *Writer) List(name string, values []string) {
	w.name(name)
	w.list(values)
}

func (w *Writer) list(values []string) {
	if values == nil {
		w.b = append(w.b, "null"...)
		return
	}
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

// quoted writes a string.
func (w *Writer) quoted(s string) {
	from := len(w.b)
	w.b = append(append(w.b, '"'), s...)
	if !isAsItIs(w.b[from+1:]) {
		w.b = w.b[:from]
		w.encode(s)
		return
	}
	w.b = append(w.b, '"')
}

// isAsItIs reports whether text stands in JSON's strings as it is. Of what is not ASCII it
// does not look which it is.
func isAsItIs(text []byte) bool {
	if len(text) < 8 {
		for _, c := range text {
			if !asItIs[c] {
				return false
			}
		}
		return true
	}
	last := text[len(text)-8:] // what is left in the end, with some that was looked at
	for ; len(text) > 8; text = text[8:] {
		if !eightAsTheyAre(text) {
			return false
		}
	}
	return eightAsTheyAre(last)
}

// eightAsTheyAre reports whether the first eight bytes do.
func eightAsTheyAre(text []byte) bool {
	eight := binary.LittleEndian.Uint64(text)
	return (special(eight)|eight)&highest == 0
}

// asItIs are the bytes that stand in JSON's strings as they are.
var asItIs = func() (plain [256]bool) {
	for c := byte(' '); c < utf8.RuneSelf; c++ {
		plain[c] = c != '"' && c != '\\'
	}
	return plain
}()
