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

// An objectWriter writes a JSON object, member by member: for the event that is sent
// most often, since finding its members by reflection takes as long as all else that
// is done to make it.
type objectWriter struct {
	b   []byte
	err error // of value
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

// texts writes an object of strings, in the order of their names.
func (w *objectWriter) texts(name string, values map[string]string) {
	w.name(name)
	w.begin()
	for _, key := range slices.Sorted(maps.Keys(values)) {
		w.text(key, values[key])
	}
	w.end()
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
