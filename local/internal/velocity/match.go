package velocity

import (
	"strings"
	"unicode/utf8"
)

// The match functions return how many bytes of the text they match, or 0.

// matchSign matches one sign, whatever it is.
func matchSign(s string) int {
	_, n := utf8.DecodeRuneInString(s)
	return n
}

func matchWord(s, word string) int {
	if strings.HasPrefix(s, word) {
		return len(word)
	}
	return 0
}

// matchName matches the name of a directive or macro.
func matchName(s string) int {
	if s == "" || !isLetter(s[0]) && s[0] != '_' && s[0] != '@' {
		return 0
	}
	n := 1
	for n < len(s) && isNameByte(s[n]) {
		n++
	}
	return n
}

func matchBracedName(s string) int {
	if len(s) < 3 || s[0] != '{' || !isLetter(s[1]) && s[1] != '_' {
		return 0
	}
	n := 2
	for n < len(s) && isNameByte(s[n]) {
		n++
	}
	if n < len(s) && s[n] == '}' {
		return n + 1
	}
	return 0
}

func matchSet(s string) int {
	n := 0
	for n < len(s) && (s[n] == ' ' || s[n] == '\t') {
		n++
	}
	switch {
	case strings.HasPrefix(s[n:], "#set"):
		n += len("#set")
	case strings.HasPrefix(s[n:], "#{set}"):
		n += len("#{set}")
	default:
		return 0
	}
	for n < len(s) && s[n] == ' ' {
		n++
	}
	if n < len(s) && s[n] == '(' {
		return n + 1
	}
	return 0
}

func matchEmptyIndex(s string) int {
	for _, start := range [...]string{"$[", "$![", `$\![`, "$."} {
		if strings.HasPrefix(s, start) {
			return len(start)
		}
	}
	return 0
}

// matchString matches a text in quotes, in which a doubled quote stands for
// one. A backslash hides nothing. Where no later quote ends the text, the first
// of two does.
func matchString(s string) int {
	quote, ended := s[0], 0
	for n := 1; n < len(s); n++ {
		if s[n] != quote {
			continue
		}
		ended = n + 1
		if ended == len(s) || s[ended] != quote {
			break
		}
		n++
	}
	return ended
}

func matchExponent(s string) int {
	if s == "" || s[0] != 'e' && s[0] != 'E' {
		return 0
	}
	n := 1
	if n < len(s) && (s[n] == '+' || s[n] == '-') {
		n++
	}
	digits := countDigits(s[n:])
	if digits == 0 {
		return 0
	}
	return n + digits
}

// matchLineEnd matches blanks and the line end behind them, which belong to
// the directive before them.
func matchLineEnd(s string) int {
	n := 0
	for n < len(s) && (s[n] == ' ' || s[n] == '\t') {
		n++
	}
	if m := matchNewline(s[n:]); m > 0 {
		return n + m
	}
	return 0
}

func matchNewline(s string) int {
	switch {
	case strings.HasPrefix(s, "\r\n"):
		return 2
	case s != "" && (s[0] == '\n' || s[0] == '\r'):
		return 1
	}
	return 0
}

func countDigits(s string) int {
	n := 0
	for n < len(s) && isDigit(s[n]) {
		n++
	}
	return n
}

func notBackslash(r rune) bool { return r != '\\' }

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isNameByte(c byte) bool { return isLetter(c) || isDigit(c) || c == '_' || c == '@' }
