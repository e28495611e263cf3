package event

import (
	"encoding/binary"
	"slices"
	"unicode/utf8"

	"github.com/lambridge-go/lambridge/internal/swar"
)

// appendQuoted writes s, which must be UTF-8, as a JSON string: nothing is escaped
// but what JSON itself demands. Escaping <, > and & as encoding/json does would cost
// six bytes each of a reply whose size is limited.
func appendQuoted(dst, s []byte) []byte {
	dst = append(slices.Grow(dst, len(s)+2), '"')
	for len(s) >= 8 {
		// Eight bytes are copied whatever they are; those that stand for themselves
		// stay, what follows is overwritten.
		at := len(dst)
		if cap(dst)-at < 8 {
			dst = slices.Grow(dst, len(s)+8)
		}
		copy(dst[at:at+8], s[:8])
		stop := swar.Special(binary.LittleEndian.Uint64(dst[at : at+8]))
		if stop == 0 {
			dst, s = dst[:at+8], s[8:]
			continue
		}
		n := swar.First(stop)
		dst, s = appendEscape(dst[:at+n], s[n]), s[n+1:]
	}
	for i := range len(s) {
		if c := s[i]; c < 0x20 || shortEscapes[c] != 0 {
			dst = appendEscape(dst, c)
		} else {
			dst = append(dst, c)
		}
	}
	return append(dst, '"')
}

// appendString writes a name or value of a header, which hardly ever has anything to
// escape, as a JSON string. JSON has no way to carry what is not UTF-8: it becomes
// U+FFFD.
func appendString(dst []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < 0x20 || c >= utf8.RuneSelf || shortEscapes[c] != 0 {
			return appendQuoted(dst, []byte(string([]rune(s))))
		}
	}
	dst = append(dst, '"')
	dst = append(dst, s...)
	return append(dst, '"')
}

func appendEscape(dst []byte, c byte) []byte {
	if short := shortEscapes[c]; short != 0 {
		return append(dst, '\\', short)
	}
	return append(dst, '\\', 'u', '0', '0', '0'+c>>4, "0123456789abcdef"[c&15])
}

// quotedSize is the size that appendQuoted makes of s.
func quotedSize(s []byte) int {
	size := len(s) + 2
	i := 0
	for ; i+8 <= len(s); i += 8 {
		word := binary.LittleEndian.Uint64(s[i:])
		size += swar.Count(swar.Equal(word, '"') | swar.Equal(word, '\\'))
		if swar.Less(word, 0x20) != 0 {
			for _, c := range s[i : i+8] {
				size += controlCost(c)
			}
		}
	}
	for _, c := range s[i:] {
		size += controlCost(c)
		if c == '"' || c == '\\' {
			size++
		}
	}
	return size
}

// controlCost is what a control character costs beyond itself when it is quoted.
func controlCost(c byte) int {
	switch {
	case c >= 0x20:
		return 0
	case shortEscapes[c] != 0:
		return 1
	}
	return 5
}

// shortEscapes has what escapes a character after a backslash where JSON has a
// short form for it.
var shortEscapes = [256]byte{
	'"': '"', '\\': '\\', '\b': 'b', '\f': 'f', '\n': 'n', '\r': 'r', '\t': 't',
}
