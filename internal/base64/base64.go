// Package base64 is encoding/base64's StdEncoding (RFC 4648, section 4) for bodies of
// megabytes, which is what an event and a reply hold of whatever is no text. It writes and
// reads the same bytes and gives the same errors, and looks up two characters at a time.
package base64

import (
	"encoding/base64"
	"encoding/binary"
	"slices"
)

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

// EncodedLen is the size of what AppendEncode makes of n bytes.
func EncodedLen(n int) int { return base64.StdEncoding.EncodedLen(n) }

// DecodedLen is room enough for what Decode makes of n characters.
func DecodedLen(n int) int { return base64.StdEncoding.DecodedLen(n) }

// PaddedLen is the size of what Decode makes of src, which must be whole and padded.
func PaddedLen(src []byte) int {
	size := DecodedLen(len(src))
	for i := len(src) - 1; i >= 0 && src[i] == '='; i-- {
		size--
	}
	return size
}

// AppendEncode appends the encoding of src, padded.
func AppendEncode(dst, src []byte) []byte {
	size := EncodedLen(len(src))
	dst = slices.Grow(dst, size)
	at := len(dst)
	dst = dst[:at+size]
	rest := encodeWords(dst[at:], src)
	done := (len(src) - len(rest)) / 3 * 4
	base64.StdEncoding.Encode(dst[at+done:], rest)
	return dst
}

// encodeWords encodes 24 bytes to 32 characters as often as four words can be read of src,
// and returns the rest.
func encodeWords(dst, src []byte) (rest []byte) {
	for len(src) >= 26 && len(dst) >= 32 {
		from, to := (*[26]byte)(src), (*[32]byte)(dst)
		encodeWord((*[8]byte)(to[0:8]), (*[8]byte)(from[0:8]))
		encodeWord((*[8]byte)(to[8:16]), (*[8]byte)(from[6:14]))
		encodeWord((*[8]byte)(to[16:24]), (*[8]byte)(from[12:20]))
		encodeWord((*[8]byte)(to[24:32]), (*[8]byte)(from[18:26]))
		src, dst = src[24:], dst[32:]
	}
	return src
}

// encodeWord encodes the first six bytes of a word. Four pairs are stored faster than they
// are put together.
func encodeWord(to, from *[8]byte) {
	word := binary.BigEndian.Uint64(from[:])
	binary.LittleEndian.PutUint16(to[0:2], pairs[word>>52])
	binary.LittleEndian.PutUint16(to[2:4], pairs[word>>40&0xfff])
	binary.LittleEndian.PutUint16(to[4:6], pairs[word>>28&0xfff])
	binary.LittleEndian.PutUint16(to[6:8], pairs[word>>16&0xfff])
}

// pairs has the two characters of twelve bits, the first one in the lower byte.
var pairs = func() (table [1 << 12]uint16) {
	for bits := range table {
		table[bits] = uint16(alphabet[bits>>6]) | uint16(alphabet[bits&63])<<8
	}
	return table
}()

// Decode decodes src into dst, which must have DecodedLen(len(src)) bytes, and returns how
// many it wrote. Line breaks do not count. An error is a base64.CorruptInputError, which
// tells where in src the mistake is; what stands ahead of it has been decoded then.
func Decode(dst, src []byte) (int, error) {
	read, written := decodeWords(dst, src)
	n, err := base64.StdEncoding.Decode(dst[written:], src[read:])
	if corrupt, ok := err.(base64.CorruptInputError); ok {
		err = corrupt + base64.CorruptInputError(read)
	}
	return written + n, err
}

// decodeWords decodes sixteen characters to twelve bytes until there is something else than
// characters of the alphabet, or two words have no room in dst.
func decodeWords(dst, src []byte) (read, written int) {
	rest, room := src, dst
	for len(rest) >= 16 && len(room) >= 14 {
		from, to := (*[16]byte)(rest), (*[14]byte)(room)
		a, b := decodeFour((*[4]byte)(from[0:4])), decodeFour((*[4]byte)(from[4:8]))
		c, d := decodeFour((*[4]byte)(from[8:12])), decodeFour((*[4]byte)(from[12:16]))
		if (a|b|c|d)&foreign != 0 {
			break
		}
		binary.BigEndian.PutUint64(to[0:8], uint64(a)<<40|uint64(b)<<16)
		binary.BigEndian.PutUint64(to[6:14], uint64(c)<<40|uint64(d)<<16)
		rest, room = rest[16:], room[12:]
	}
	return len(src) - len(rest), len(dst) - len(room)
}

// decodeFour is what four characters stand for, in the lowest 24 bits, and foreign if one of
// them is no character of the alphabet.
func decodeFour(c *[4]byte) uint32 {
	return sextets[0][c[0]] | sextets[1][c[1]] | sextets[2][c[2]] | sextets[3][c[3]]
}

// foreign marks what is no character of the alphabet, beyond the 24 bits of four that are.
const foreign = 1 << 31

// sextets has, for each place of four, the six bits of a character where they stand among
// the 24 of all four.
var sextets = func() (tables [4][256]uint32) {
	for place := range tables {
		for c := range tables[place] {
			tables[place][c] = foreign
		}
		for bits := range alphabet {
			tables[place][alphabet[bits]] = uint32(bits) << (18 - 6*place)
		}
	}
	return tables
}()
