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

// encodeWords encodes six bytes to eight characters as often as a word of eight bytes can
// be read of src, and returns the rest.
func encodeWords(dst, src []byte) (rest []byte) {
	for len(src) >= 8 && len(dst) >= 8 {
		word := binary.BigEndian.Uint64(src)
		binary.LittleEndian.PutUint64(dst, uint64(pairs[word>>52])|
			uint64(pairs[word>>40&0xfff])<<16|
			uint64(pairs[word>>28&0xfff])<<32|
			uint64(pairs[word>>16&0xfff])<<48)
		src, dst = src[6:], dst[8:]
	}
	return src
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

// decodeWords decodes eight characters to six bytes until there is something else than
// characters of the alphabet, or a word of eight bytes has no room in dst.
func decodeWords(dst, src []byte) (read, written int) {
	for len(src)-read >= 8 && len(dst)-written >= 8 {
		from := src[read : read+8]
		high := sextets[0][from[0]] | sextets[1][from[1]] | sextets[2][from[2]] | sextets[3][from[3]]
		low := sextets[0][from[4]] | sextets[1][from[5]] | sextets[2][from[6]] | sextets[3][from[7]]
		if (high|low)&foreign != 0 {
			break
		}
		binary.BigEndian.PutUint64(dst[written:], uint64(high)<<40|uint64(low)<<16)
		read, written = read+8, written+6
	}
	return read, written
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
