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
	b       []byte
	content body  // that finish puts
	at      int   // behind so many bytes
	err     error // of value
}

func newEvent() *objectWriter {
	w := &objectWriter{b: make([]byte, 0, 2048)}
	w.begin()
	return w
}

// body writes the member for a request's body, which finish puts there. For a request
// without one the member is otherwise, or left out if that is "".
func (w *objectWriter) body(content body, otherwise string) {
	switch {
	case content.from != nil:
		w.name("body")
		w.content, w.at = content, len(w.b)
	case otherwise != "":
		w.raw("body", otherwise)
	}
}

// finish ends the event, which with its body may have limit bytes.
func (w *objectWriter) finish(limit int) ([]byte, error) {
	w.end()
	if w.err != nil {
		return nil, w.err
	}
	if w.content.from == nil {
		return w.b, nil
	}
	return w.content.between(w.b[:w.at], w.b[w.at:], limit)
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

func (w *objectWriter) texts(name string, values map[string]string) {
	writeMap(w, name, values, w.text)
}

func (w *objectWriter) lists(name string, values map[string][]string) {
	writeMap(w, name, values, w.list)
}

// writeMap writes an object in the order of its names, or null for nil.
func writeMap[V any](w *objectWriter, name string, values map[string]V, write func(name string, value V)) {
	if values == nil {
		w.raw(name, "null")
		return
	}
	w.object(name)
	for _, key := range slices.Sorted(maps.Keys(values)) {
		write(key, values[key])
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
