package swar_test

import (
	"encoding/binary"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/internal/swar"
)

// Each mask is compared with a look at the bytes one by one, over words of random
// bytes and of those around the limits.
func TestMasksAreExact(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	near := []byte{0, 1, 0x1f, 0x20, 0x21, '+' - 1, '+', '+' + 1, '/' - 1, '/', '9', '9' + 1, '"' - 1, '"', '"' + 1, '\\' - 1, 'A' - 1, 'A', 'Z', 'Z' + 1, 'a' - 1, 'a', 'z', 'z' + 1, '\\', '\\' + 1, 0x7f, 0x80, 0x81, 0xa2, 0xff}
	for range 200_000 {
		var b [8]byte
		for i := range b {
			if b[i] = byte(random.Uint32()); random.IntN(2) == 0 {
				b[i] = near[random.IntN(len(near))]
			}
		}
		word := binary.LittleEndian.Uint64(b[:])
		require.Equal(t, mask(b, func(c byte) bool { return c == '"' }), swar.Equal(word, '"'), "%x", b)
		require.Equal(t, mask(b, func(c byte) bool { return c == '\\' }), swar.Equal(word, '\\'), "%x", b)
		require.Equal(t, mask(b, func(c byte) bool { return c == 0 }), swar.Equal(word, 0), "%x", b)
		require.Equal(t, mask(b, func(c byte) bool { return c < 0x20 }), swar.Less(word, 0x20), "%x", b)
		require.Equal(t, mask(b, func(c byte) bool { return c < 0x80 }), swar.Less(word, 0x80), "%x", b)
		require.Equal(t, mask(b, func(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }), swar.Letters(word), "%x", b)
		special := mask(b, func(c byte) bool { return c == '"' || c == '\\' || c < 0x20 })
		require.Equal(t, swar.First(special), swar.First(swar.Special(word)), "%x", b)
		unplain := mask(b, func(c byte) bool { return c == '"' || c == '\\' || c < 0x20 || c >= 0x7f })
		require.Equal(t, swar.First(unplain), swar.First(swar.Unplain(word)), "%x", b)
		outside := mask(b, func(c byte) bool { return strings.IndexByte(alphabet, c) < 0 })
		require.Equal(t, swar.First(outside), swar.First(swar.OutsideBase64(word)), "%x", b)
	}
}

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

// A text is plain if each of its bytes is: every byte is tried in every place.
func TestPlain(t *testing.T) {
	for size := range 20 {
		require.True(t, swar.Plain(strings.Repeat(" ", size)))
		for at := range size {
			for c := range 256 {
				text := []byte(strings.Repeat("a", size))
				text[at] = byte(c)
				plain := c >= 0x20 && c < 0x7f && c != '"' && c != '\\'
				require.Equal(t, plain, swar.Plain(string(text)), "%q", text)
			}
		}
	}
}

// A block is base64 if each of its bytes is: every byte is tried in every place.
func TestBlocksOfBase64(t *testing.T) {
	for place := range 32 {
		block := [32]byte([]byte(alphabet)[place:])
		for c := range 256 {
			block[place] = byte(c)
			require.Equal(t, strings.IndexByte(alphabet, byte(c)) >= 0, swar.IsBase64(&block), "%q", block)
		}
	}
}

// The bits of a block are compared with a look at its bytes one by one.
func TestBitsAreExact(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	near := []byte{0, 0x1f, 0x20, 0x21, '"', '"' + 1, '\\' - 1, '\\', '\\' + 1, 0x7f, 0x80, 0xa2, 0xdc, 0xff}
	for range 20_000 {
		var block [64]byte
		for i := range block {
			if block[i] = byte(random.Uint32()); random.IntN(2) == 0 {
				block[i] = near[random.IntN(len(near))]
			}
		}
		var special, high uint64
		for i, c := range block {
			if c == '"' || c == '\\' || c < 0x20 {
				special |= 1 << i
			}
			if c >= 0x80 {
				high |= 1 << i
			}
		}
		require.Equal(t, special, swar.SpecialBits(&block), "%x", block)
		require.Equal(t, special|high, swar.SpecialOrHighBits(&block), "%x", block)
	}
}

func TestQuoteBits(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	near := []byte{' ', '!', '"', '#', '[', '\\', ']', 0x7f}
	for n := range 20_000 {
		var block [64]byte
		for i := range block {
			block[i] = near[random.IntN(len(near))]
		}
		odd := n%2 == 1
		if odd {
			block[random.IntN(64)] = []byte{0, 1, 0x1f, 0x80, 0xa0, 0xa2, 0xdc, 0xff}[random.IntN(8)]
		}
		quotes, backslashes, plain := swar.QuoteBits(&block)
		require.Equal(t, !odd, plain, "%x", block)
		if odd {
			continue
		}
		var want [2]uint64
		for i, c := range block {
			switch c {
			case '"':
				want[0] |= 1 << i
			case '\\':
				want[1] |= 1 << i
			}
		}
		require.Equal(t, want, [2]uint64{quotes, backslashes}, "%x", block)
	}
}

func TestCopyRun(t *testing.T) {
	src := []byte("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
	for size := range 40 {
		dst := make([]byte, 64)
		end := swar.CopyRun(dst, 3, src, 5, 5+size)
		require.Equal(t, 3+size, end)
		require.Equal(t, string(src[5:5+size]), string(dst[3:end]))
		require.Equal(t, make([]byte, 3), dst[:3], "what stands ahead stays")
		require.Equal(t, make([]byte, 64-min(end+15, 64)), dst[min(end+15, 64):], "no more than fifteen bytes are written behind")
	}
}

func mask(b [8]byte, is func(byte) bool) (m uint64) {
	for i, c := range b {
		if is(c) {
			m |= 0x80 << (8 * i)
		}
	}
	return m
}

func TestFirst(t *testing.T) {
	word := binary.LittleEndian.Uint64([]byte(`ab"c"d"\`))
	require.Equal(t, 2, swar.First(swar.Equal(word, '"')))
	require.Equal(t, 8, swar.First(swar.Equal(word, 'x')))
}
