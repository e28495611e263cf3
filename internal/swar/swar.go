// Package swar looks at eight bytes at once: SIMD within a register. Text that is
// read or written as JSON has few bytes that need a closer look, and a word of
// eight of them answers whether any does in a handful of instructions.
//
// A word holds its bytes with the first one lowest, as binary.LittleEndian reads
// them. A mask has the high bit of a byte set where the answer for it is yes; it is
// exact unless its function says otherwise.
package swar

import (
	"encoding/binary"
	"math/bits"
)

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// All marks every byte.
const All = highs

// Equal masks the bytes of word that are c, which must be ASCII.
func Equal(word uint64, c byte) uint64 {
	word ^= ones * uint64(c)
	return ^((word&^highs + (highs - ones)) | word) & highs
}

// Less masks the bytes of word that are less than c, which must be at most 0x80.
func Less(word uint64, c byte) uint64 {
	return ^((word&^highs + ones*uint64(0x80-c)) | word) & highs
}

// Letters masks the letters of ASCII.
func Letters(word uint64) uint64 {
	lower := word | ones*('a'-'A')
	return Less(lower, 'z'+1) &^ Less(lower, 'a')
}

// Special masks what cannot stand in a JSON string as it is: the quote, the
// backslash and control characters. Only the first byte that is marked is exact,
// which takes fewer instructions than Equal and Less do.
func Special(word uint64) uint64 {
	quote, slash := word^(ones*'"'), word^(ones*'\\')
	return ((quote-ones)&^quote | (slash-ones)&^slash | (word-ones*0x20)&^word) & highs
}

// Unplain masks all but printable ASCII that stands for itself in a JSON string: the
// quote, the backslash, control characters with DEL, and what is beyond ASCII. Only the
// first byte that is marked is exact.
func Unplain(word uint64) uint64 {
	// What is beyond ASCII before or after a sum has its high bit set, and is marked
	// either way. With one bit turned the quote is the space, just behind the controls,
	// which stay what they are: one difference finds them all.
	low, slash := word^ones*('"'^' '), word^(ones*'\\')
	return ((low - ones*(' '+1)) | (slash - ones) | (word + ones) | word) & highs
}

// Plain reports whether Unplain marks nothing of s.
func Plain(s string) bool {
	for len(s) >= 8 {
		if Unplain(wordOf(s)) != 0 {
			return false
		}
		s = s[8:]
	}
	word := uint64(ones * ' ')
	for i := range len(s) {
		word = word<<8 | uint64(s[i])
	}
	return Unplain(word) == 0
}

// wordOf is the word that s begins with.
func wordOf(s string) uint64 {
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

// OutsideBase64 masks what is no character of base64's alphabet (RFC 4648, section 4). All
// that are can stand in a JSON string as they are. Only the first byte that is marked is exact.
func OutsideBase64(word uint64) uint64 { return outsideBase64(word) & highs }

// IsBase64 reports whether all bytes of a block are of base64's alphabet.
func IsBase64(block *[32]byte) bool {
	a, b := binary.LittleEndian.Uint64(block[0:8]), binary.LittleEndian.Uint64(block[8:16])
	c, d := binary.LittleEndian.Uint64(block[16:24]), binary.LittleEndian.Uint64(block[24:32])
	return (outsideBase64(a)|outsideBase64(b)|outsideBase64(c)|outsideBase64(d))&highs == 0
}

// outsideBase64 has the high bit of a byte set for what is no character of the alphabet:
// letters, digits with the slash that stands ahead of them, and the plus. Of the first two,
// each is a range, whose end takes back the bit that its beginning has set; what is not the
// plus sets the bit that both are to take back. Only what stands ahead of the first byte
// beyond ASCII is exact, and that byte.
func outsideBase64(word uint64) uint64 {
	lower := word | ones*('a'-'A')
	return (lower + ones*(0x80-'a')) ^ (lower + ones*(0x7f-'z')) ^
		(word + ones*(0x80-'/')) ^ (word + ones*(0x7f-'9')) ^
		((word ^ ones*'+') + (highs - ones)) | word
}

// SpecialBits has a bit for each byte of a block, the lowest one for the first, set for
// what Special masks, and for nothing else.
func SpecialBits(block *[64]byte) uint64 {
	a, b, c, d := word(block, 0), word(block, 1), word(block, 2), word(block, 3)
	masks := (itself(a)|a)&highs>>7 | (itself(b)|b)&highs>>6 | (itself(c)|c)&highs>>5 | (itself(d)|d)&highs>>4
	a, b, c, d = word(block, 4), word(block, 5), word(block, 6), word(block, 7)
	masks |= (itself(a)|a)&highs>>3 | (itself(b)|b)&highs>>2 | (itself(c)|c)&highs>>1 | (itself(d)|d)&highs
	return ^transpose(masks)
}

// SpecialOrHighBits is SpecialBits with what is beyond ASCII.
func SpecialOrHighBits(block *[64]byte) uint64 {
	a, b, c, d := word(block, 0), word(block, 1), word(block, 2), word(block, 3)
	masks := itself(a)&^a&highs>>7 | itself(b)&^b&highs>>6 | itself(c)&^c&highs>>5 | itself(d)&^d&highs>>4
	a, b, c, d = word(block, 4), word(block, 5), word(block, 6), word(block, 7)
	masks |= itself(a)&^a&highs>>3 | itself(b)&^b&highs>>2 | itself(c)&^c&highs>>1 | itself(d)&^d&highs
	return ^transpose(masks)
}

// QuoteBits has the bits that SpecialBits has, for quotes and for backslashes, of a block
// that is plain: ASCII without control characters. Of another block they mean nothing.
func QuoteBits(block *[64]byte) (quotes, backslashes uint64, plain bool) {
	var odd uint64
	for at := 0; at < 8; at += 4 {
		a, b, c, d := word(block, at), word(block, at+1), word(block, at+2), word(block, at+3)
		odd |= a | (a - ones*' ') | b | (b - ones*' ') | c | (c - ones*' ') | d | (d - ones*' ')
		quotes = quotes>>4 | others(a, '"')>>3 | others(b, '"')>>2 | others(c, '"')>>1 | others(d, '"')
		backslashes = backslashes>>4 | others(a, '\\')>>3 | others(b, '\\')>>2 | others(c, '\\')>>1 | others(d, '\\')
	}
	return ^transpose(quotes), ^transpose(backslashes), odd&highs == 0
}

// others masks the bytes of a word of ASCII that are not c.
func others(word uint64, c byte) uint64 { return ((word ^ ones*uint64(c)) + (highs - ones)) & highs }

// word is the word at that place of a block.
func word(block *[64]byte, at int) uint64 { return binary.LittleEndian.Uint64(block[at*8 : at*8+8]) }

// itself has the high bit of a byte set where its lower seven bits are those of a character
// that stands for itself in a JSON string, and anything in the other bits. With one bit
// turned over the quote comes next after the control characters, which stay such.
func itself(word uint64) uint64 {
	low := word &^ highs
	return ((low ^ ones*('"'^0x20)) + ones*(0x80-0x21)) & ((low ^ ones*'\\') + (highs - ones))
}

// transpose swaps rows and columns of a matrix of eight bytes with eight bits each: of bits
// that stand in step with the bytes of eight words, the same bit in each byte for a word, it
// makes the row of all of them. Blocks of four bits, of two and then single ones are swapped
// across the diagonal (Hacker's Delight, section 7-3).
func transpose(matrix uint64) uint64 {
	swap := (matrix ^ matrix>>7) & 0x00aa00aa00aa00aa
	matrix ^= swap ^ swap<<7
	swap = (matrix ^ matrix>>14) & 0x0000cccc0000cccc
	matrix ^= swap ^ swap<<14
	swap = (matrix ^ matrix>>28) & 0x00000000f0f0f0f0
	return matrix ^ swap ^ swap<<28
}

// First is the index of the first byte that mask marks, 8 if it marks none.
func First(mask uint64) int { return bits.TrailingZeros64(mask) / 8 }

// CopyRun copies src from one index up to another to where at is in dst, and returns where
// the run ends there. It copies sixteen bytes at a time, and so up to fifteen behind the
// end, which have to be there in both: the caller writes over them.
func CopyRun(dst []byte, at int, src []byte, from, to int) (end int) {
	end = at + to - from
	for ; at < end; at, from = at+16, from+16 {
		*(*[16]byte)(dst[at:]) = *(*[16]byte)(src[from:])
	}
	return end
}
