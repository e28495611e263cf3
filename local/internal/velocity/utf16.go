package velocity

import (
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// unitsString gives places in a text by UTF-16 units. In ASCII they are bytes.
type unitsString struct {
	text    string
	encoded []uint16 // nil for ASCII
}

func unitsOf(s string) unitsString {
	if isASCII(s) {
		return unitsString{text: s}
	}
	return unitsString{text: s, encoded: utf16.Encode([]rune(s))}
}

func (u unitsString) length() int {
	if u.encoded == nil {
		return len(u.text)
	}
	return len(u.encoded)
}

func (u unitsString) at(i int) uint16 {
	if u.encoded == nil {
		return uint16(u.text[i])
	}
	return u.encoded[i]
}

// slice returns a part. Half of a character, which a Go text cannot hold,
// becomes U+FFFD.
func (u unitsString) slice(from, to int) string {
	if u.encoded == nil {
		return u.text[from:to]
	}
	return string(utf16.Decode(u.encoded[from:to]))
}

func units(s string) int {
	if isASCII(s) {
		return len(s)
	}
	n := 0
	for _, c := range s {
		n += max(1, utf16.RuneLen(c))
	}
	return n
}

// indexFrom returns where a text first stands at or behind a place, or -1.
func indexFrom(s, sub string, from int) int {
	u := unitsOf(s)
	from = min(max(from, 0), u.length())
	rest := u.slice(from, u.length())
	before, _, found := strings.Cut(rest, sub)
	if !found {
		return -1
	}
	return from + units(before)
}

// lastIndexFrom returns where a text last begins at or before a place, or -1.
func lastIndexFrom(s, sub string, from int) int {
	u := unitsOf(s)
	if from < 0 {
		return -1
	}
	end := u.length()
	if n := units(sub); from < end-n {
		end = from + n
	}
	head := u.slice(0, end)
	i := strings.LastIndex(head, sub)
	if i < 0 {
		return -1
	}
	return units(head[:i])
}

// compareUnits returns the difference at the first unit that differs, or of
// the lengths.
func compareUnits(a, b string) int32 {
	x, y := utf16.Encode([]rune(a)), utf16.Encode([]rune(b))
	for i := range min(len(x), len(y)) {
		if x[i] != y[i] {
			return int32(x[i]) - int32(y[i])
		}
	}
	return int32(len(x) - len(y))
}

// foldUnits is how Java compares without regard to case: by the lower case of
// the upper case.
func foldUnits(s string) string {
	return strings.Map(func(c rune) rune { return unicode.ToLower(unicode.ToUpper(c)) }, s)
}

// isJavaSpace is Character.isWhitespace.
func isJavaSpace(c rune) bool {
	switch c {
	case '\u00a0', '\u2007', '\u202f':
		return false
	case '\t', '\n', '\v', '\f', '\r', 0x1c, 0x1d, 0x1e, 0x1f:
		return true
	}
	return unicode.Is(unicode.Z, c)
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
