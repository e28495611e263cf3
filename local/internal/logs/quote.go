package logs

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Quote returns text as it is if a terminal would only show it, and quoted like a
// Go string if it has something in it that a terminal obeys or that changes what
// stands around it: a control character (C0, DEL or C1), a line or paragraph
// separator, a bidirectional control, or bytes that are not UTF-8.
func Quote(text string) string {
	if isPlain(text) {
		return text
	}
	return strconv.Quote(text)
}

func isPlain(text string) bool {
	for i := range len(text) {
		if c := text[i]; c < ' ' || c >= 0x7f {
			return strings.IndexFunc(text[i:], isObeyed) < 0 && utf8.ValidString(text[i:])
		}
	}
	return true
}

// isObeyed reports whether a terminal does more with a character than show it.
func isObeyed(r rune) bool {
	return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || unicode.Is(unicode.Bidi_Control, r)
}

// appendShown appends text with every character that a terminal obeys written as a
// Go string has it, but for tabs and what keep says. It is for text that stands on
// lines of its own.
func appendShown(b []byte, text string, keep func(text string) int) []byte {
	for len(text) > 0 {
		if n := keep(text); n > 0 {
			b, text = append(b, text[:n]...), text[n:]
			continue
		}
		r, size := utf8.DecodeRuneInString(text)
		if r != '\t' && isObeyed(r) || r == utf8.RuneError && size == 1 {
			quoted := strconv.Quote(text[:size])
			b = append(b, quoted[1:len(quoted)-1]...)
		} else {
			b = append(b, text[:size]...)
		}
		text = text[size:]
	}
	return b
}

// colours returns the length of the control sequence that text begins with, if it
// is one that sets colours and the like (SGR, ECMA-48 section 8.3.117): a function
// may well have its lines coloured.
func colours(text string) int {
	if !strings.HasPrefix(text, "\x1b[") {
		return 0
	}
	for n := 2; n < len(text) && n < 32; n++ {
		switch c := text[n]; {
		case c == 'm':
			return n + 1
		case c != ';' && c != ':' && (c < '0' || c > '9'):
			return 0
		}
	}
	return 0
}

// newlines keeps those of the compiler's words.
func newlines(text string) int {
	if text[0] == '\n' {
		return 1
	}
	return 0
}

// plainJSON returns a JSON text with every character that a terminal obeys written
// as an escape, which is the same JSON. Between tokens it can only be white space.
func plainJSON(text []byte) []byte {
	if isPlain(string(text)) {
		return text
	}
	var b []byte
	quoted, escaped := false, false
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
		switch {
		case !quoted && (r == '\t' || r == '\r' || r == '\n'):
			b = append(b, ' ')
		case r == utf8.RuneError && size == 1:
			b = append(b, `\ufffd`...)
		case isObeyed(r):
			b = append(b, `\u`...)
			b = append(b, strconv.FormatInt(int64(r)|1<<16, 16)[1:]...)
		default:
			b = append(b, text[:size]...)
		}
		switch {
		case escaped:
			escaped = false
		case quoted && r == '\\':
			escaped = true
		case r == '"':
			quoted = !quoted
		}
		text = text[size:]
	}
	return b
}
