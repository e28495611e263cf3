package format

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"unicode/utf8"
)

// isJSON reports whether b is one JSON value (RFC 8259), as json.Valid does in a multiple of
// the time: every reply is looked at so, whose body may be megabytes.
func isJSON(b []byte) bool {
	v := validator{b}
	end := v.value(v.space(0), 0)
	return end >= 0 && v.space(end) == len(b)
}

// maxDepth is how deep arrays and objects may be within each other, as json.Valid has it.
const maxDepth = 10_000

// A validator looks at a text. Its methods return where ends what begins at a place, -1 for
// what is not JSON.
type validator struct{ b []byte }

// value is where any value ends.
func (v validator) value(at, depth int) int {
	switch c := v.at(at); c {
	case '"':
		return v.string(at)
	case '{', '[':
		if depth++; depth > maxDepth {
			return -1
		}
		return v.container(at, depth)
	case 't':
		return v.word(at, "true")
	case 'f':
		return v.word(at, "false")
	case 'n':
		return v.word(at, "null")
	}
	return v.number(at)
}

// container is where an object or array ends.
func (v validator) container(at, depth int) int {
	isObject := v.b[at] == '{'
	end := byte(']')
	if isObject {
		end = '}'
	}
	at = v.space(at + 1)
	if v.at(at) == end {
		return at + 1
	}
	for {
		if isObject {
			if v.at(at) != '"' {
				return -1
			}
			if at = v.string(at); at < 0 {
				return -1
			}
			if at = v.space(at); v.at(at) != ':' {
				return -1
			}
			at = v.space(at + 1)
		}
		if at = v.value(at, depth); at < 0 {
			return -1
		}
		switch at = v.space(at); v.at(at) {
		case end:
			return at + 1
		case ',':
			at = v.space(at + 1)
		default:
			return -1
		}
	}
}

// string is where a string ends that begins with its quote. What is not UTF-8 is read as
// U+FFFD, and so passes.
func (v validator) string(at int) int {
	for at++; ; {
		at += plainLength(v.b[min(at, len(v.b)):])
		switch v.at(at) {
		case '"':
			return at + 1
		case '\\':
			if at = v.escape(at + 1); at < 0 {
				return -1
			}
		default: // a control character, or the end of the text
			return -1
		}
	}
}

// plainLength is how many bytes text begins with that are neither quotes, backslashes nor
// control characters. Eight are looked at together: taken from one that is, a difference
// sets its highest bit, and the first that has it set is exact.
func plainLength(text []byte) int {
	const ones = 0x0101010101010101
	at := 0
	for ; at+8 <= len(text); at += 8 {
		word := binary.LittleEndian.Uint64(text[at:])
		quote, slash := word^ones*'"', word^ones*'\\'
		if found := ((quote-ones)&^quote | (slash-ones)&^slash | (word-ones*' ')&^word) & (ones * utf8.RuneSelf); found != 0 {
			return at + bits.TrailingZeros64(found)/8
		}
	}
	for at < len(text) && text[at] >= ' ' && text[at] != '"' && text[at] != '\\' {
		at++
	}
	return at
}

// escape is where an escape ends, of which the backslash stands ahead.
func (v validator) escape(at int) int {
	switch v.at(at) {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return at + 1
	case 'u':
		for range 4 {
			at++
			if c := v.at(at) | 0x20; !isDigit(v.at(at)) && (c < 'a' || c > 'f') {
				return -1
			}
		}
		return at + 1
	}
	return -1
}

// number is where a number ends.
func (v validator) number(at int) int {
	if v.at(at) == '-' {
		at++
	}
	from := at
	if at = v.digits(at); at < 0 || v.b[from] == '0' && at > from+1 {
		return -1
	}
	if v.at(at) == '.' {
		if at = v.digits(at + 1); at < 0 {
			return -1
		}
	}
	if v.at(at)|0x20 == 'e' {
		if at++; v.at(at) == '+' || v.at(at) == '-' {
			at++
		}
		return v.digits(at)
	}
	return at
}

// digits is where they end, of which there is at least one.
func (v validator) digits(at int) int {
	from := at
	for isDigit(v.at(at)) {
		at++
	}
	if at == from {
		return -1
	}
	return at
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// word is where one of JSON's words ends.
func (v validator) word(at int, word string) int {
	if !bytes.HasPrefix(v.b[at:], []byte(word)) {
		return -1
	}
	return at + len(word)
}

// space is where white space ends, of which there may be none.
func (v validator) space(at int) int {
	for c := v.at(at); c == ' ' || c == '\t' || c == '\r' || c == '\n'; c = v.at(at) {
		at++
	}
	return at
}

// at is the byte at a place, 0 behind the end, which is no JSON either.
func (v validator) at(at int) byte {
	if at < len(v.b) {
		return v.b[at]
	}
	return 0
}
