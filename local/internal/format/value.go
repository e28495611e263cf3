package format

import (
	"bytes"
	"encoding/json"
	"iter"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// A value is the text of one JSON value, without space around it; nil is absent. That it
// is JSON check has found out for the whole reply, so that reading a part of it
// cannot fail, and skips what is not asked for: a body is megabytes.
type value []byte

// A kind is the type of a value.
type kind int

const (
	absent kind = iota
	null
	boolean
	number
	text
	array
	object
)

// String names the kind for error messages, with its article.
func (k kind) String() string {
	return [...]string{"nothing", "null", "a boolean", "a number", "a string", "an array", "an object"}[k]
}

func (v value) kind() kind {
	if len(v) == 0 {
		return absent
	}
	switch v[0] {
	case 'n':
		return null
	case 't', 'f':
		return boolean
	case '"':
		return text
	case '[':
		return array
	case '{':
		return object
	}
	return number
}

// members are the members of an object, in their order. Anything else has none.
func (v value) members() iter.Seq2[string, value] {
	return func(yield func(string, value) bool) {
		for name, member := range v.fields() {
			if !yield(name.text(), member) {
				return
			}
		}
	}
}

// fields are the members with their names as they stand there.
func (v value) fields() iter.Seq2[value, value] {
	return func(yield func(name, member value) bool) {
		if v.kind() != object {
			return
		}
		for rest := space(v[1:]); rest[0] != '}'; {
			var name, member value
			name, rest = next(rest)
			member, rest = next(space(space(rest)[1:])) // behind the colon
			if !yield(name, member) {
				return
			}
			if rest = space(rest); rest[0] == ',' {
				rest = space(rest[1:])
			}
		}
	}
}

// items are what an array holds. Anything else holds nothing.
func (v value) items() iter.Seq[value] {
	return func(yield func(value) bool) {
		if v.kind() != array {
			return
		}
		for rest := space(v[1:]); rest[0] != ']'; {
			var item value
			item, rest = next(rest)
			if !yield(item) {
				return
			}
			if rest = space(rest); rest[0] == ',' {
				rest = space(rest[1:])
			}
		}
	}
}

// text is the text of a string, number or boolean, "" of anything else.
func (v value) text() string {
	switch v.kind() {
	case text:
		if plain, ok := v.plain(); ok {
			return string(plain)
		}
		return string(v.bytes())
	case number, boolean:
		return string(v)
	}
	return ""
}

// bytes is the text of a string, which shares no memory with the reply.
func (v value) bytes() []byte {
	if within := v[1 : len(v)-1]; utf8.Valid(within) {
		if text, ok := unescape(within); ok {
			return text
		}
	}
	var s string
	_ = json.Unmarshal(v, &s) // what is valid does not fail
	return []byte(s)
}

// unescape returns what is within a string's quotes without its escapes. Pairs of
// surrogates, which are not ok, are left to encoding/json.
func unescape(within []byte) (text []byte, ok bool) {
	text = make([]byte, 0, len(within))
	for {
		at := bytes.IndexByte(within, '\\')
		if at < 0 {
			return append(text, within...), true
		}
		text = append(text, within[:at]...)
		escape := within[at+1]
		within = within[at+2:]
		switch escape {
		case 'u':
			c, _ := strconv.ParseUint(string(within[:4]), 16, 16)
			if utf16.IsSurrogate(rune(c)) {
				return nil, false
			}
			text = utf8.AppendRune(text, rune(c))
			within = within[4:]
		case 'b':
			text = append(text, '\b')
		case 'f':
			text = append(text, '\f')
		case 'n':
			text = append(text, '\n')
		case 'r':
			text = append(text, '\r')
		case 't':
			text = append(text, '\t')
		default: // a quote, a slash of either kind
			text = append(text, escape)
		}
	}
}

// plain is a string as it stands in the reply, if it says there what it means.
func (v value) plain() (within []byte, ok bool) {
	within = v[1 : len(v)-1]
	return within, bytes.IndexByte(within, '\\') < 0 && utf8.Valid(within)
}

// A copied value is one whose texts are cut from one copy of it, rather than copied each.
type copied struct {
	value
	text  string
	plain bool // no text in it says anything but what stands there
}

func (v value) copied() copied {
	return copied{v, string(v), bytes.IndexByte(v, '\\') < 0 && utf8.Valid(v)}
}

// textOf is the text of a part of the value.
func (c copied) textOf(part value) string {
	at := cap(c.value) - cap(part) // both reach to the end of the reply
	switch kind := part.kind(); {
	case kind == text && c.plain:
		return c.text[at+1 : at+len(part)-1]
	case kind == number || kind == boolean:
		return c.text[at : at+len(part)]
	}
	return part.text()
}

// shown is the text of a string, and any other value as it stands.
func (v value) shown() []byte {
	if v.kind() == text {
		return v.bytes()
	}
	return v
}

// next splits off the value that b begins with.
func next(b []byte) (v value, rest []byte) {
	end := 0
	switch b[0] {
	case '"':
		end = stringEnd(b)
	case '{', '[':
		end = containerEnd(b)
	default:
		for end < len(b) && bytes.IndexByte([]byte(",]} \t\r\n"), b[end]) < 0 {
			end++
		}
	}
	return value(b[:end]), b[end:]
}

// containerEnd is where the object or array ends that b begins with.
func containerEnd(b []byte) int {
	depth := 0
	for end := 0; ; end++ {
		switch b[end] {
		case '"':
			end += stringEnd(b[end:]) - 1
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return end + 1
			}
		}
	}
}

// stringEnd is where the string ends that b begins with.
func stringEnd(b []byte) int {
	end := 1
	for {
		end += bytes.IndexByte(b[end:], '"') + 1
		escapes := 0
		for b[end-2-escapes] == '\\' {
			escapes++
		}
		if escapes%2 == 0 {
			return end
		}
	}
}

// space skips white space, of which most replies have none.
func space(b []byte) []byte {
	for len(b) > 0 && (b[0] == ' ' || b[0] == '\t' || b[0] == '\r' || b[0] == '\n') {
		b = b[1:]
	}
	return b
}
