package event

import (
	"encoding/binary"
	"unicode/utf8"
)

// appendQuoted writes s as a JSON string: nothing is escaped but what JSON itself
// demands. Escaping <, > and & as encoding/json does would cost six bytes each of a
// reply whose size is limited. What is not UTF-8 is written as U+FFFD; callers that
// may not lose it ask measure first.
func appendQuoted[T string | []byte](dst []byte, s T) []byte {
	dst = append(dst, '"')
	from := 0
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c >= utf8.RuneSelf:
			r, size := decodeRune(s[i:])
			if r != utf8.RuneError || size > 1 {
				i += size
				continue
			}
			dst = append(append(dst, s[from:i]...), "\ufffd"...)
		case quoteBytes[c] == 0:
			i++
			continue
		default:
			dst = appendEscape(append(dst, s[from:i]...), c)
		}
		i++
		from = i
	}
	return append(append(dst, s[from:]...), '"')
}

func decodeRune[T string | []byte](s T) (rune, int) {
	return utf8.DecodeRuneInString(string(s[:min(len(s), utf8.UTFMax)]))
}

func appendEscape(dst []byte, c byte) []byte {
	const hex = "0123456789abcdef"
	if short := shortEscape(c); short != 0 {
		return append(dst, '\\', short)
	}
	return append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
}

// measure is the size that appendQuoted makes of s, and whether s is UTF-8, so that
// nothing of it would be lost. It looks at eight bytes at a time: a body's text has
// hardly anything to escape.
func measure(s []byte) (size int, isText bool) {
	const (
		ones  = 0x0101010101010101
		highs = 0x8080808080808080
	)
	size = len(s) + 2
	var seen uint64
	i := 0
	for ; i+8 <= len(s); i += 8 {
		word := binary.LittleEndian.Uint64(s[i:])
		seen |= word
		quote, slash := word^(ones*'"'), word^(ones*'\\')
		if ((quote-ones)&^quote|(slash-ones)&^slash|(word-ones*0x20)&^word)&highs == 0 {
			continue
		}
		for _, c := range s[i : i+8] {
			size += int(quoteBytes[c])
		}
	}
	for _, c := range s[i:] {
		seen |= uint64(c)
		size += int(quoteBytes[c])
	}
	return size, seen&highs == 0 || utf8.Valid(s)
}

// quoteBytes tells what each byte costs beyond itself when it is quoted: 1 for a
// short escape, 5 for a long one.
var quoteBytes = func() (cost [256]uint8) {
	for c := range cost {
		switch {
		case shortEscape(byte(c)) != 0:
			cost[c] = 1
		case c < 0x20:
			cost[c] = 5
		}
	}
	return cost
}()

func shortEscape(c byte) byte {
	switch c {
	case '"', '\\':
		return c
	case '\b':
		return 'b'
	case '\f':
		return 'f'
	case '\n':
		return 'n'
	case '\r':
		return 'r'
	case '\t':
		return 't'
	}
	return 0
}
