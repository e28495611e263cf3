package event

import (
	"bytes"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/lambridge-go/lambridge/internal/base64"
	"github.com/lambridge-go/lambridge/internal/jsontape"
)

// A TravelBody is the body of a reply as it travels: a JSON string, of the text itself or
// of base64. What is written is encoded at once, so that a body is never held in both forms.
//
// Nobody knows how long a text becomes before it is encoded. One that is not large is encoded
// into memory that is used again, and then copied into just as much as it takes: that is
// faster than to count its escapes, or to let its memory grow. All else is encoded into the
// memory that becomes the reply. The head is settled when the body ends, and goes in front of
// it: into room that has been left there.
type TravelBody struct {
	out     []byte  // the room for the head, and the string without its closing quote
	room    int     // how many bytes the room has
	scratch *[]byte // the memory of out, if that is used again
	base64  bool

	// The bytes that the last write ended with, if they do not make a character, or three
	// of them for base64.
	cut  [utf8.UTFMax]byte
	held int
}

// maxScratch is how large a text is encoded into memory that is used again.
const maxScratch = 256 << 10

// scratches are the memory of texts that have been sent.
var scratches = sync.Pool{New: func() any { return new([]byte) }}

// Begin makes a body ready for what is about to be written, which is start and next, and
// then as much as makes expected bytes, if that is more. The reply's header must not
// change any more: it tells how the body travels.
func (b *TravelBody) Begin(reply *Reply, start, next []byte, expected int) {
	known := len(start) + len(next)
	most := max(known, expected)
	b.base64, b.room = isBinary(reply.Header), reply.headSize()
	switch {
	case b.base64:
		b.makeRoom(base64.EncodedLen(most))
	case most <= maxScratch:
		b.scratch = scratches.Get().(*[]byte)
		b.out = slices.Grow((*b.scratch)[:0], b.room+1+most+most/8+len(quotedWindow{})+len(endsText))[:b.room+1]
	default:
		size := textSize(start) + textSize(next)
		if more := expected - known; more > 0 { // is about like what is known
			size += more + more/32 + int(int64(more)*int64(size-known)/int64(max(known, 1)))
		}
		b.makeRoom(size)
	}
	b.out[b.room] = '"'
}

// makeRoom makes the memory for the head and a body of that size.
func (b *TravelBody) makeRoom(size int) {
	b.out = make([]byte, b.room+1, b.room+1+size+len(endsText))
}

// Write encodes what the body goes on with. It keeps nothing of p.
func (b *TravelBody) Write(p []byte) {
	for b.held > 0 && len(p) > 0 {
		b.cut[b.held] = p[0]
		b.held, p = b.held+1, p[1:]
		if piece, size := b.cut, b.held; b.isWhole(piece[:size]) {
			b.held = 0
			b.encode(piece[:size])
		}
	}
	if len(p) > 0 {
		b.encode(p)
	}
}

// WriteString is Write for a string.
func (b *TravelBody) WriteString(s string) {
	var piece [512]byte
	for len(s) > 0 {
		n := copy(piece[:], s)
		b.Write(piece[:n])
		s = s[n:]
	}
}

func (b *TravelBody) isWhole(piece []byte) bool {
	if b.base64 {
		return len(piece) == 3
	}
	return utf8.FullRune(piece)
}

// encode appends p, and holds back what of its end cannot be encoded yet.
func (b *TravelBody) encode(p []byte) {
	if b.base64 {
		whole := len(p) / 3 * 3
		b.out = base64.AppendEncode(b.out, p[:whole])
		b.held = copy(b.cut[:], p[whole:])
		return
	}
	whole := wholeRunes(p)
	if !utf8.Valid(p[:whole]) {
		b.turn(p)
		return
	}
	b.out = appendText(b.out, p[:whole])
	b.held = copy(b.cut[:], p[whole:])
}

// wholeRunes is the length of p without a character that is cut off at its end.
func wholeRunes(p []byte) int {
	for last := len(p) - 1; last >= max(0, len(p)-utf8.UTFMax); last-- {
		if utf8.RuneStart(p[last]) {
			if !utf8.FullRune(p[last:]) {
				return last
			}
			break
		}
	}
	return len(p)
}

// turn encodes in base64 what has been taken for text, as nearly all is that does not say
// otherwise, and goes on with what is none.
func (b *TravelBody) turn(rest []byte) {
	var tape jsontape.Tape
	text, err := tape.Parse(append(b.out[b.room:], '"'))
	if err != nil {
		panic(err) // it is what appendText has written
	}
	b.base64, b.held, b.scratch = true, 0, nil
	b.makeRoom(base64.EncodedLen(len(text.Bytes()) + len(rest)))
	b.out[b.room] = '"'
	b.encode(text.Bytes())
	b.Write(rest)
}

const (
	endsText   = `","isBase64Encoded":false}`
	endsBase64 = `","isBase64Encoded":true}`
)

// end completes the body and the reply's JSON behind it, and returns the size of the
// body's. A body of nothing is text.
func (b *TravelBody) end() (size int) {
	if b.held > 0 && !b.base64 {
		cut, size := b.cut, b.held // a character that never was whole
		b.turn(cut[:size])
	}
	if b.base64 {
		b.out = base64.AppendEncode(b.out, b.cut[:b.held])
	}
	size = len(b.out) + 1 - b.room
	if b.base64 && size > len(`""`) {
		b.out = append(b.out, endsBase64...)
	} else {
		b.out = append(b.out, endsText...)
	}
	return size
}

// withHead is the reply with its head in front of the body. The head stands at the
// beginning of the room, if it was enough for it.
func (b *TravelBody) withHead(head []byte) []byte {
	if b.scratch != nil && len(b.out) <= 2*maxScratch {
		reply := bytes.Join([][]byte{head, b.out[b.room:]}, nil)
		*b.scratch = b.out
		scratches.Put(b.scratch)
		b.out, b.scratch = nil, nil
		return reply
	}
	at := b.room - len(head)
	if at < 0 {
		return append(head, b.out[b.room:]...)
	}
	copy(b.out[at:], head)
	return b.out[at:]
}

// isBinary reports whether a body with that header travels as base64 whatever it is. What
// a content coding has made does, and the types that are known to be binary, even where it
// could pass for text: so that the same resource always travels alike. All else is text if
// it is UTF-8: a REST API without binary media types delivers nothing but text intact.
func isBinary(header []Field) bool {
	for _, f := range header {
		switch f.Name {
		case "Content-Encoding":
			if f.Value != "" && !strings.EqualFold(f.Value, "identity") {
				return true
			}
		case "Content-Type":
			if isBinaryType(f.Value) {
				return true
			}
		}
	}
	return false
}
