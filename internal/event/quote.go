package event

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"slices"

	"github.com/lambridge-go/lambridge/internal/swar"
)

// appendText writes s, which must be UTF-8, as the inside of a JSON string: nothing is
// escaped but what JSON itself demands. Escaping <, > and & as encoding/json does would
// cost six bytes each of a reply whose size is limited.
func appendText(dst, s []byte) []byte {
	dst = slices.Grow(dst, len(s))
	for len(s) > 0 {
		if len(s) >= len(unquotedWindow{}) {
			dst, s = quoteBlocks(dst, s)
		}
		if dst, s = quoteWords(dst, s); len(s) > 0 {
			dst, s = quoteByte(dst, s[0]), s[1:]
		}
	}
	return dst
}

// quoteBlocks writes what it can of s and returns the rest of it. It stops where dst may
// have no room left, and near the end of s.
//
// What needs an escape is found for 64 bytes at once, so that the processor need not guess
// where the next one is. What stands between two is copied whatever follows it: what is too
// much is written over.
func quoteBlocks(dst, s []byte) (quoted, rest []byte) {
	at, room := len(dst), dst[:cap(dst)]
	for len(s) >= len(unquotedWindow{}) && len(room)-at >= len(quotedWindow{}) {
		block, out := (*unquotedWindow)(s), (*quotedWindow)(room[at:])
		special := swar.SpecialBits((*[64]byte)(block[:64]))
		from, to := uint(0), uint(0)
		for special != 0 {
			// The bits below the lowest one are counted. The instruction that finds it on any
			// amd64 would wait for the one before it.
			below := special - 1
			next := uint(bits.OnesCount64(below&^special)) & 63
			special &= below
			copyStart(out, to, block, from)
			run := next - from
			if run > 16 {
				copyRest(out, to, block, from)
			}
			to += run
			escape := escapes[block[next]]
			binary.LittleEndian.PutUint64(out[to&511:], escape)
			to += uint(escape >> 56)
			from = next + 1
		}
		copyStart(out, to, block, from)
		copyRest(out, to, block, from)
		at, s = at+int(to+64-from), s[64:]
	}
	return room[:at], s
}

// The windows are what a block of 64 bytes is read from and written to, with what is read
// and written behind its end. The masks below say that nothing beyond them is, and spare
// checks. They change nothing: a block ends at 64, and none of its bytes makes more than six.
type (
	unquotedWindow [127 + 64]byte
	quotedWindow   [511 + 64]byte
)

// copyStart copies sixteen bytes.
func copyStart(out *quotedWindow, to uint, block *unquotedWindow, from uint) {
	*(*[16]byte)(out[to&511:]) = *(*[16]byte)(block[from&127:])
}

// copyRest copies the 48 bytes behind those.
func copyRest(out *quotedWindow, to uint, block *unquotedWindow, from uint) {
	*(*[16]byte)(out[to&511+16:]) = *(*[16]byte)(block[from&127+16:])
	*(*[16]byte)(out[to&511+32:]) = *(*[16]byte)(block[from&127+32:])
	*(*[16]byte)(out[to&511+48:]) = *(*[16]byte)(block[from&127+48:])
}

// escapes has what stands for a character that cannot stand for itself: the bytes as a word
// has them, and how many they are in the highest one, which no escape needs.
var escapes = func() (table [256]uint64) {
	for c := range table {
		var word [8]byte
		size := len(quoteByte(word[:0], byte(c)))
		table[c] = binary.LittleEndian.Uint64(word[:]) | uint64(size)<<56
	}
	return table
}()

// quoteWords writes what it can of s and returns the rest of it. It stops where dst has
// no room left, where s has fewer than eight bytes left, and at a control character that
// has no short escape.
//
// Eight bytes are copied whatever they are, and an escape takes the place of what needs
// one. What follows that is read anew. The mask says that plain is below 8, and spares checks.
func quoteWords(dst, s []byte) (quoted, rest []byte) {
	at, room := len(dst), dst[:cap(dst)]
	for len(s) >= 8 && at+9 <= len(room) {
		from, to := s[:8], room[at:at+9]
		word := binary.LittleEndian.Uint64(from)
		binary.LittleEndian.PutUint64(to, word)
		marks := swar.Special(word)
		if marks == 0 {
			at, s = at+8, s[8:]
			continue
		}
		plain := swar.First(marks) & 7
		short := shortEscapes[from[plain]]
		if short == 0 {
			return room[:at+plain], s[plain:]
		}
		to[plain], to[plain+1] = '\\', short
		at, s = at+plain+2, s[plain+1:]
	}
	return room[:at], s
}

func quoteByte(dst []byte, c byte) []byte {
	switch short := shortEscapes[c]; {
	case short != 0:
		return append(dst, '\\', short)
	case c < 0x20:
		return append(dst, '\\', 'u', '0', '0', '0'+c>>4, "0123456789abcdef"[c&15])
	}
	return append(dst, c)
}

// appendString writes a name or value of a header, which hardly ever has anything to
// escape, as a JSON string. JSON has no way to carry what is not UTF-8: it becomes
// U+FFFD.
func appendString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	if swar.Plain(s) {
		dst = append(dst, s...)
	} else {
		dst = appendText(dst, []byte(string([]rune(s))))
	}
	return append(dst, '"')
}

// textSize is the size that appendText makes of s, but for control characters that hardly
// any text has.
func textSize(s []byte) int {
	size := len(s)
	for _, c := range []byte("\"\\\n\r\t") {
		size += bytes.Count(s, []byte{c})
	}
	return size
}

// shortEscapes has what escapes a character after a backslash where JSON has a
// short form for it.
var shortEscapes = [256]byte{
	'"': '"', '\\': '\\', '\b': 'b', '\f': 'f', '\n': 'n', '\r': 'r', '\t': 't',
}
