package inspector

import (
	"slices"
	"unicode/utf8"
)

// Fields, paths and hosts are bytes, and JSON is text. Those that are not UTF-8 are shown
// and edited as ISO 8859-1, in which each byte is a character and which they were meant to
// be in once (RFC 9110, section 5.5).

// shown is a value as pages show it.
func shown(value string) string {
	if utf8.ValidString(value) {
		return value
	}
	characters := make([]rune, len(value))
	for n := range characters {
		characters[n] = rune(value[n])
	}
	return string(characters)
}

// meant is the value that a page means, which has shown those of before and lets them be
// edited.
func meant(text string, before ...string) string {
	if !slices.ContainsFunc(before, func(value string) bool { return !utf8.ValidString(value) }) || slices.Contains(before, text) {
		return text
	}
	value := make([]byte, 0, len(text))
	for _, character := range text {
		if character > 0xff {
			return text // which no longer is what it was
		}
		value = append(value, byte(character))
	}
	return string(value)
}
