package websocket

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"sync/atomic"
	"unicode/utf8"
)

// A frameReader reads the frames of a WebSocket client and stops at the first
// that API Gateway does not take. It stands between the network and
// coder/websocket, which shows messages but hides the frames they came in.
//
// It passes every frame on as it came. The header of a refused frame is held
// back: Read returns a *frameError once, and what reads from here is then
// between two frames. After that only control frames pass, so that the closing
// handshake can be completed with a client that is still sending.
//
// https://datatracker.ietf.org/doc/html/rfc6455#section-5.2
type frameReader struct {
	in     *bufio.Reader
	active func() // hears of each frame

	header  [14]byte    // of the current frame, as it came
	pending []byte      // what of header is still to be passed on
	payload uint64      // bytes of the current frame still to come
	message uint64      // payload of the current message so far
	broken  atomic.Bool // the network failed or ended
	refused bool        // after which data frames are skipped
	skip    uint64      // bytes of a refused frame still to come
}

// A frameError says why the connection must be closed.
type frameError struct{ closeStatus }

func (e *frameError) Error() string {
	return fmt.Sprintf("websocket: websocket frame refused: %d %s", e.code, e.reason)
}

// The frames API Gateway does not take. The codes are documented, the reasons
// are not: they are ours.
//
// https://docs.aws.amazon.com/apigateway/latest/developerguide/websocket-api-develop-routes.html
var (
	binaryRefused   = closeStatus{1003, "binary messages are not supported"}
	frameTooBig     = closeStatus{1009, "a frame is larger than 32 KB"}
	messageTooBig   = closeStatus{1009, "a message is larger than 128 KB"}
	notUTF8         = closeStatus{1007, "a text message is not UTF-8"}
	reasonNotUTF8   = closeStatus{1007, "the reason of a close is not UTF-8"}
	protocolError   = closeStatus{1002, "protocol error"}
	goingAway       = closeStatus{1001, "Going away"}
	closedByRequest = closeStatus{1000, "Connection closed by the server"}
)

const (
	opBinary  = 0x2
	opClose   = 0x8
	opControl = 0x8 // and above
)

func (f *frameReader) Read(p []byte) (int, error) {
	for f.payload == 0 && len(f.pending) == 0 {
		if err := f.next(); err != nil {
			return 0, err
		}
	}
	if len(f.pending) > 0 {
		n := copy(p, f.pending)
		f.pending = f.pending[n:]
		return n, nil
	}
	if uint64(len(p)) > f.payload {
		p = p[:f.payload]
	}
	n, err := f.in.Read(p)
	f.payload -= uint64(n)
	if err != nil {
		f.broken.Store(true)
	}
	return n, err
}

// next goes on to the next frame that passes.
func (f *frameReader) next() error {
	header, length, err := f.readHeader()
	if err != nil {
		f.broken.Store(true)
		return err
	}
	f.active()
	if header[0]&0x0f == opClose {
		if problem := f.checkClose(header, length); problem != nil {
			f.refused, f.skip = true, length
			return &frameError{*problem}
		}
	}
	if header[0]&0x0f < opControl {
		if f.refused {
			f.skip = length
			return nil
		}
		if problem := f.check(header[0], length); problem != nil {
			f.refused, f.skip = true, length
			return &frameError{*problem}
		}
	}
	f.pending, f.payload = header, length
	return nil
}

func (f *frameReader) readHeader() (header []byte, length uint64, err error) {
	for f.skip > 0 {
		n, err := f.in.Discard(int(min(f.skip, 1<<20)))
		f.skip -= uint64(n)
		if err != nil {
			return nil, 0, err
		}
	}
	header = f.header[:2]
	if _, err := io.ReadFull(f.in, header); err != nil {
		return nil, 0, err
	}
	extended := 0
	switch header[1] & 0x7f {
	case 126:
		extended = 2
	case 127:
		extended = 8
	}
	header = f.header[:2+extended]
	if header[1]&0x80 != 0 {
		header = f.header[:2+extended+4] // with the masking key
	}
	if _, err := io.ReadFull(f.in, header[2:]); err != nil {
		return nil, 0, err
	}
	switch extended {
	case 0:
		length = uint64(header[1] & 0x7f)
	case 2:
		length = uint64(binary.BigEndian.Uint16(header[2:]))
	case 8:
		length = binary.BigEndian.Uint64(header[2:])
	}
	return header, length, nil
}

// check holds a data frame against the limits.
func (f *frameReader) check(first byte, length uint64) *closeStatus {
	const fin = 0x80
	f.message += length
	switch {
	case first&0x0f == opBinary:
		return &binaryRefused
	case length > maxFrame:
		return &frameTooBig
	case f.message > maxMessage:
		return &messageTooBig
	}
	if first&fin != 0 {
		f.message = 0
	}
	return nil
}

// checkClose holds a close frame against RFC 6455: what follows its code is UTF-8
// (section 5.5.1). What else may be wrong with it, coder/websocket finds.
func (f *frameReader) checkClose(header []byte, length uint64) *closeStatus {
	const mask = 4
	if length <= 2 || length > 125 || header[1]&0x80 == 0 {
		return nil
	}
	payload, err := f.in.Peek(int(length))
	if err != nil {
		return nil
	}
	key := header[len(header)-mask:]
	reason := make([]byte, 0, 123)
	for n, b := range payload[2:] {
		reason = append(reason, b^key[(n+2)%mask])
	}
	if !utf8.Valid(reason) {
		return &reasonNotUTF8
	}
	return nil
}
