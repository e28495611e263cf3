package event

import (
	"io"

	"github.com/lambridge-go/lambridge/internal/base64"
	"github.com/lambridge-go/lambridge/internal/jsontape"
)

// A Body is the body of a request. It has no memory of its own, which would be most of what
// a request takes: it is read where it stands, in the event or in the room in which that was
// read, and base64 is decoded on the way. So it may only be read until Close, and the event
// must not change until then.
//
// It is not safe for concurrent use. A nil Body is empty.
type Body struct {
	text []byte   // what is still to be read, as it stands
	in   *reading // which has the text, nil if the event has it
	size int

	onTape bool    // the text has been decoded onto the tape
	base64 bool    // the text is whole and padded base64
	triple [3]byte // what its last four characters stood for, if
	ahead  []byte  // so much of it has found no room yet
}

// readBody takes the body from the event. Base64 that is not known to be right is decoded at
// once: if it is not, the request is bad.
func readBody(body jsontape.Value, isBase64 bool) (*Body, error) {
	text := body.Bytes()
	if len(text) == 0 {
		return nil, nil
	}
	b := &Body{text: text, size: len(text)}
	switch {
	case !isBase64:
		b.onTape = !body.Plain()
	case jsontape.KnownBase64(body):
		b.base64 = true
		b.size = base64.PaddedLen(text)
	default:
		decoded := make([]byte, base64.DecodedLen(len(text)))
		n, err := base64.Decode(decoded, text)
		if err != nil {
			return nil, badRequest("the event's body is not base64: %v", err)
		}
		b.text, b.size = decoded[:n], n
	}
	return b, nil
}

// Len is how many bytes the body has, whatever has been read of it.
func (b *Body) Len() int {
	if b == nil {
		return 0
	}
	return b.size
}

// Left is how many bytes there still are to read.
func (b *Body) Left() int {
	switch {
	case b == nil:
		return 0
	case b.base64 && len(b.text) > 0:
		return base64.PaddedLen(b.text) + len(b.ahead)
	}
	return len(b.text) + len(b.ahead)
}

// Read is part of io.Reader. The last bytes come with io.EOF, as they do from net/http.
func (b *Body) Read(p []byte) (n int, err error) {
	if b == nil {
		return 0, io.EOF
	}
	if b.base64 {
		n = b.decode(p)
	} else {
		n = copy(p, b.text)
		b.text = b.text[n:]
	}
	if len(b.text)+len(b.ahead) == 0 {
		err = io.EOF
	}
	return n, err
}

// decode decodes as much as there is room for. Of three bytes that have no room together,
// some are kept for the next time.
func (b *Body) decode(p []byte) (n int) {
	n = copy(p, b.ahead)
	b.ahead = b.ahead[n:]
	if whole := min(len(p[n:])/3*4, len(b.text)); whole > 0 {
		size, _ := base64.Decode(p[n:], b.text[:whole])
		n, b.text = n+size, b.text[whole:]
	}
	if n < len(p) && len(b.text) > 0 {
		size, _ := base64.Decode(b.triple[:], b.text[:4])
		b.text = b.text[4:]
		fits := copy(p[n:], b.triple[:size])
		n, b.ahead = n+fits, b.triple[fits:size]
	}
	return n
}

// beginning reads the first bytes of the body that has not been read yet, and leaves it so.
func (b *Body) beginning(p []byte) []byte {
	if b == nil {
		return nil
	}
	unread := *b
	n, _ := unread.Read(p)
	return p[:n]
}

// Close ends the body. Nothing of the event is looked at any more. Len may be called at the
// same time.
func (b *Body) Close() {
	if b == nil {
		return
	}
	if b.in != nil {
		b.in.end()
	}
	b.text, b.in, b.ahead = nil, nil, nil
}
