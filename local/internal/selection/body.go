package selection

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"
)

// ParseBody reads a body for Values.
func ParseBody(body string) (any, error) {
	d := json.NewDecoder(strings.NewReader(body))
	d.UseNumber() // 1.0 selects "1.0"
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("selection: more than one JSON value")
	}
	return v, nil
}

// at returns what a path leads to, or nil.
func at(v any, path []string) any {
	for _, name := range path {
		switch container := v.(type) {
		case map[string]any:
			v = container[name]
		case []any:
			i, err := strconv.Atoi(name)
			if err != nil || i < 0 || i >= len(container) {
				return nil
			}
			v = container[i]
		default:
			return nil
		}
	}
	return v
}

// writeValue writes a value as text: strings without quotes, arrays as [a, b].
func writeValue(w *strings.Builder, v any) {
	switch v := v.(type) {
	case nil:
	case string:
		w.WriteString(v)
	case []any:
		w.WriteByte('[')
		for i, item := range v {
			if i > 0 {
				w.WriteString(", ")
			}
			writeValue(w, item)
		}
		w.WriteByte(']')
	default: // numbers and booleans; objects, for which AWS documents nothing
		b, _ := json.Marshal(v) // it was JSON
		w.Write(bytes.TrimSpace(b))
	}
}
