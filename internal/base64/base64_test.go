package base64_test

import (
	stdlib "encoding/base64"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/internal/base64"
)

func TestEveryLengthEncodesAsByTheStandardLibrary(t *testing.T) {
	for length := range 200 {
		src := noise(length)
		want := stdlib.StdEncoding.EncodeToString(src)
		require.Equal(t, "before"+want, string(base64.AppendEncode([]byte("before"), src)), "%d bytes", length)
		require.Equal(t, len(want), base64.EncodedLen(length))

		exact := make([]byte, 0, len(want))
		encoded := base64.AppendEncode(exact, src)
		require.Equal(t, want, string(encoded))
		if length > 0 {
			require.Same(t, &exact[:1][0], &encoded[0], "room that is enough is used")
		}
	}
}

// What stands behind a slice's length, in its capacity, belongs to somebody else.
func TestNothingIsWrittenBehindTheEnd(t *testing.T) {
	for length := range 100 {
		src := noise(length)
		encoded := stdlib.StdEncoding.EncodeToString(src)

		room := []byte(strings.Repeat("#", 300))
		base64.AppendEncode(room[:0], src)
		require.Equal(t, encoded+strings.Repeat("#", 300-len(encoded)), string(room))

		room = []byte(strings.Repeat("#", 300))
		size := base64.DecodedLen(len(encoded))
		n, err := base64.Decode(room[:size], []byte(encoded))
		require.NoError(t, err)
		require.Equal(t, src, room[:n])
		require.Equal(t, strings.Repeat("#", 300-size), string(room[size:]))
	}
}

func TestDecode(t *testing.T) {
	long := stdlib.StdEncoding.EncodeToString(noise(90))
	for _, row := range []struct{ name, encoded string }{
		{"nothing", ""},
		{"one byte", "YQ=="},
		{"two bytes", "YWI="},
		{"three bytes", "YWJj"},
		{"long", long},
		{"lines", long[:76] + "\r\n" + long[76:]},
		{"a line break within four characters", long[:42] + "\n" + long[42:]},
		{"a line break at the end", long + "\r\n"},
		{"nothing but line breaks", "\r\n\n"},
		{"line breaks within the padding", "YQ=\n=\n"},
		{"bits behind the last byte", "YR=="},
		{"one character", "Y"},
		{"four characters are not whole", "YWJ"},
		{"one character behind a long text", long + "Y"},
		{"padding is missing", "YQ"},
		{"half of the padding is missing", "YQ="},
		{"nothing but padding", "===="},
		{"padding in the second place", "Y==="},
		{"padding too early", "YQ==YWJj"},
		{"padding within a long text", long[:40] + "YQ==" + long[40:]},
		{"too much padding", long + "="},
		{"something behind the padding", "YQ==#"},
		{"the alphabet of URLs", "_-__"},
		{"the alphabet of URLs within a long text", long[:41] + "-" + long[42:]},
		{"a space", long[:41] + " " + long[41:]},
		{"a zero byte", long[:42] + "\x00" + long[43:]},
		{"a tab", long[:43] + "\t" + long[44:]},
		{"beyond ASCII", long[:44] + "\xff" + long[45:]},
		{"a letter that is not ASCII", long[:40] + "é" + long[40:]},
		{"the first character", "#" + long[1:]},
		{"the last character", long[:len(long)-1] + "#"},
	} {
		t.Run(row.name, func(t *testing.T) { decodesAlike(t, []byte(row.encoded)) })
	}
}

// A foreign byte of any value, in each place, is refused or skipped as the standard library
// does, and the error tells the place.
func TestDecodeAnyByteAnywhere(t *testing.T) {
	long := stdlib.StdEncoding.EncodeToString(noise(24))
	for place := range len(long) {
		for c := range 256 {
			encoded := []byte(long)
			encoded[place] = byte(c)
			decodesAlike(t, encoded)
		}
	}
}

func FuzzBase64(f *testing.F) {
	for _, seed := range []string{"", "YQ==", "YWI=", "YWJjZGVmZ2hp", "YWJjZGVm\r\nZ2hp", "YWJjZGVmZ2hp=", "YQ", "YWJjZGVm#2hpamts", "_-__", "YQ==YQ==", strings.Repeat("+/", 40)} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		decodesAlike(t, data)
		require.Equal(t, stdlib.StdEncoding.EncodeToString(data), string(base64.AppendEncode(nil, data)))
	})
}

// decodesAlike compares with the standard library: bytes, count and error.
func decodesAlike(t *testing.T, encoded []byte) {
	t.Helper()
	want, got := make([]byte, stdlib.StdEncoding.DecodedLen(len(encoded))), make([]byte, base64.DecodedLen(len(encoded)))
	wantN, wantErr := stdlib.StdEncoding.Decode(want, encoded)
	gotN, gotErr := base64.Decode(got, encoded)
	if gotN != wantN || gotErr != wantErr || string(got[:gotN]) != string(want[:wantN]) {
		assert.Equal(t, want[:wantN], got[:gotN], "%q", encoded)
		assert.Equal(t, wantErr, gotErr, "%q", encoded)
	}
}

func BenchmarkEncode(b *testing.B) {
	src, dst := noise(1<<20), make([]byte, 0, base64.EncodedLen(1<<20))
	for _, row := range []struct {
		name   string
		encode func(dst, src []byte) []byte
	}{{"ours", base64.AppendEncode}, {"standard library", stdlib.StdEncoding.AppendEncode}} {
		b.Run(row.name, func(b *testing.B) {
			b.SetBytes(int64(len(src)))
			for b.Loop() {
				row.encode(dst, src)
			}
		})
	}
}

func BenchmarkDecode(b *testing.B) {
	dst, src := make([]byte, base64.DecodedLen(1<<20)), base64.AppendEncode(nil, noise(3<<18))
	for _, row := range []struct {
		name   string
		decode func(dst, src []byte) (int, error)
	}{{"ours", base64.Decode}, {"standard library", stdlib.StdEncoding.Decode}} {
		b.Run(row.name, func(b *testing.B) {
			b.SetBytes(int64(len(dst)))
			for b.Loop() {
				if _, err := row.decode(dst, src); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// noise is the same for each length on every run.
func noise(length int) []byte {
	random := rand.New(rand.NewPCG(uint64(length), 4))
	b := make([]byte, length)
	for i := range b {
		b[i] = byte(random.Uint32())
	}
	return b
}
