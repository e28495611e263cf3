package event

import (
	"bytes"
	"encoding/json"
	"unicode/utf8"
)

// A reply is checked once and then taken apart where its members meet: asking
// encoding/json for every member would check each of them again at every depth.

// objectOf returns the members of a JSON object that is known to be valid. Of
// several with one name it has the last. The values are parts of object.
func objectOf(object []byte) map[string]json.RawMessage {
	all := make(map[string]json.RawMessage)
	for rest := inside(object); len(rest) > 0; {
		var name, value []byte
		name, rest = next(rest)
		value, rest = next(rest)
		all[stringOf(name)] = value
	}
	return all
}

// arrayOf returns the elements of a JSON array that is known to be valid. They are
// parts of array.
func arrayOf(array []byte) []json.RawMessage {
	all := []json.RawMessage{}
	for rest := inside(array); len(rest) > 0; {
		var value []byte
		value, rest = next(rest)
		all = append(all, value)
	}
	return all
}

// between is what stands between values.
const between = " \t\r\n,:"

// inside returns what stands between the brackets of an object or array.
func inside(container []byte) []byte {
	container = bytes.Trim(container, between)
	return bytes.Trim(container[1:len(container)-1], between)
}

// next cuts the first value off a sequence of them.
func next(sequence []byte) (value, rest []byte) {
	depth := 0
	for i := 0; i < len(sequence); i++ {
		switch sequence[i] {
		case '"':
			for i++; sequence[i] != '"'; i++ {
				if sequence[i] == '\\' {
					i++
				}
			}
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		case ' ', '\t', '\r', '\n', ',', ':':
			if depth == 0 {
				return sequence[:i], bytes.TrimLeft(sequence[i:], between)
			}
		}
	}
	return sequence, nil
}

// stringOf decodes a JSON string that is known to be valid.
func stringOf(raw []byte) string {
	raw = bytes.Trim(raw, between)
	if inner := raw[1 : len(raw)-1]; bytes.IndexByte(inner, '\\') < 0 && utf8.Valid(inner) {
		return string(inner)
	}
	var s string
	_ = json.Unmarshal(raw, &s)
	return s
}
