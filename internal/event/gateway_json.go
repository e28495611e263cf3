package event

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"unicode/utf8"
)

// An objectWriter writes an event, member by member: finding its members by reflection
// takes as long as all else that is done to make it.
type objectWriter struct {
	b   []byte
	err error // of value
}

func newEvent() *objectWriter {
	w := &objectWriter{b: make([]byte, 0, 2048)}
	w.begin()
	return w
}

// finish ends the event, whose member "body" is body.value, and puts the body in its
// place, within limit bytes.
func (w *objectWriter) finish(body body, limit int) ([]byte, error) {
	w.end()
	if w.err != nil {
		return nil, w.err
	}
	return body.fill(w.b, limit)
}

func (w *objectWriter) begin() { w.b = append(w.b, '{') }
func (w *objectWriter) end()   { w.b = append(w.b, '}') }

// name begins a member.
func (w *objectWriter) name(name string) {
	if w.b[len(w.b)-1] != '{' {
		w.b = append(w.b, ',')
	}
	w.b = append(w.quoted(name), ':')
}

func (w *objectWriter) text(name, value string) {
	w.name(name)
	w.quoted(value)
}

func (w *objectWriter) number(name string, value int64) {
	w.name(name)
	w.b = strconv.AppendInt(w.b, value, 10)
}

func (w *objectWriter) boolean(name string, value bool) {
	w.name(name)
	w.b = strconv.AppendBool(w.b, value)
}

// object begins a member that is an object. What follows is in it until its end.
func (w *objectWriter) object(name string) {
	w.name(name)
	w.begin()
}

// raw writes what is JSON already.
func (w *objectWriter) raw(name, value string) {
	w.name(name)
	w.b = append(w.b, value...)
}

// texts writes an object of strings, in the order of their names, or null for nil.
func (w *objectWriter) texts(name string, values map[string]string) {
	if values == nil {
		w.raw(name, "null")
		return
	}
	w.object(name)
	for _, key := range slices.Sorted(maps.Keys(values)) {
		w.text(key, values[key])
	}
	w.end()
}

// lists writes an object of lists likewise.
func (w *objectWriter) lists(name string, values map[string][]string) {
	if values == nil {
		w.raw(name, "null")
		return
	}
	w.object(name)
	for _, key := range slices.Sorted(maps.Keys(values)) {
		w.list(key, values[key])
	}
	w.end()
}

func (w *objectWriter) list(name string, values []string) {
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

// value writes what is rare enough to be left to encoding/json.
func (w *objectWriter) value(name string, value any) {
	w.name(name)
	w.encode(value)
}

func (w *objectWriter) encode(value any) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		w.err = fmt.Errorf("event: %w", err)
		return
	}
	w.b = append(w.b, bytes.TrimSuffix(b.Bytes(), []byte("\n"))...)
}

// quoted writes a string and returns what is written so far.
func (w *objectWriter) quoted(s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c >= utf8.RuneSelf {
			w.encode(s)
			return w.b
		}
	}
	w.b = append(append(append(w.b, '"'), s...), '"')
	return w.b
}
