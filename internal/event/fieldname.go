package event

import (
	"encoding/binary"

	"github.com/lambridge-go/lambridge/internal/swar"
)

// IsToken reports whether s is a token (RFC 9110, section 5.6.2): a valid method or
// name of a header.
func IsToken(s string) bool {
	for i := range len(s) {
		if lowerToken[s[i]] == 0 {
			return false
		}
	}
	return s != ""
}

// IsCanonical reports whether s is a token in the form that http.CanonicalHeaderKey makes.
func IsCanonical(s string) bool {
	form := &upperToken
	for i := range len(s) {
		c := s[i]
		if form[c] != c || c == 0 {
			return false
		}
		if form = &lowerToken; c == '-' {
			form = &upperToken
		}
	}
	return s != ""
}

// canonicalName is the form of a header's name that http.CanonicalHeaderKey makes: a
// capital at the beginning and behind each dash. It stands in room, if that is enough, and
// is nil for what is no token.
//
// Names of letters and dashes, which most are, are changed eight bytes at a time.
func canonicalName(room *[64]byte, name []byte) []byte {
	if len(name) == 0 || len(name) > len(room) {
		return canonicalToken(nil, name)
	}
	capitals := uint64(0x80) // a capital for the first byte
	for at := 0; at < len(name); at += 8 {
		word, size := firstWord(name[at:])
		letters, dashes := swar.Letters(word), swar.Equal(word, '-')
		if swar.First(^(letters|dashes)&swar.All) < size {
			return canonicalToken(room[:0], name)
		}
		capitals |= dashes << 8
		// The bit that makes a letter small is the second below the one that marks it.
		spelt := (word | letters>>2) &^ ((letters & capitals) >> 2)
		binary.LittleEndian.PutUint64(room[at:at+8], spelt)
		capitals = dashes >> 56
	}
	return room[:len(name)]
}

// firstWord is the word that s begins with, and how many of its bytes are part of s. The
// others are what stands behind s, or zeros.
func firstWord(s []byte) (word uint64, size int) {
	if cap(s) >= 8 {
		return binary.LittleEndian.Uint64(s[:8]), min(8, len(s))
	}
	for i, c := range s {
		word |= uint64(c) << (8 * i)
	}
	return word, len(s)
}

func canonicalToken(dst, name []byte) []byte {
	form := &upperToken
	for _, c := range name {
		token := form[c]
		if token == 0 {
			return nil
		}
		dst = append(dst, token)
		if form = &lowerToken; c == '-' {
			form = &upperToken
		}
	}
	return dst
}

// upperToken and lowerToken are the bytes of a token in upper and in lower case, 0 for
// all others.
var upperToken, lowerToken = func() (upper, lower [256]byte) {
	for _, c := range []byte("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz") {
		upper[c], lower[c] = c, c
	}
	for c := byte('a'); c <= 'z'; c++ {
		upper[c] = c - 'a' + 'A'
		upper[c-'a'+'A'], lower[c-'a'+'A'] = upper[c], c
	}
	return upper, lower
}()
