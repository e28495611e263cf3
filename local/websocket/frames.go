package websocket

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"sync/atomic"
	"time"
	"unicode/utf8"
)

// A frameReader reads the frames of a WebSocket client and stops at the first
// that API Gateway does not take, or that breaks the protocol. It stands between the
// network and coder/websocket, which shows messages but hides the frames they came in,
// and closes a connection at once whose answers are still to be sent.
//
// It passes every frame on as it came. The header of a refused frame is held
// back: Read returns a *frameError once, and what reads from here is then
// between two frames. After that only sound control frames pass, so that the closing
// handshake can be completed with a client that is still sending.
//
// https://datatracker.ietf.org/doc/html/rfc6455#section-5.2
type frameReader struct {
	in      *bufio.Reader
	active  func(time.Time) // hears when each frame has come
	control func(time.Time) // hears of control frames, before they are answered
	closing func()          // hears of the client's close frame likewise

	header  [14]byte    // of the current frame, as it came
	pending []byte      // what of header is still to be passed on
	payload uint64      // bytes of the current frame still to come
	message uint64      // payload of the current message so far
	within  bool        // a message, of which more frames are to come
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
	goingAway       = closeStatus{1001, "Going away"}
	closedByRequest = closeStatus{1000, "Connection closed by the server"}
)

// The opcodes of frames. Text has the only one that is not named here.
const (
	opContinuation = 0x0
	opBinary       = 0x2
	opControl      = 0x8 // and above
	opClose        = 0x8
	opPing         = 0x9
	opPong         = 0xA
)

// maxControl is how many bytes a control frame may carry (RFC 6455, section 5.5).
const maxControl = 125

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
	now := time.Now()
	f.active(now)
	problem := f.check(header, length)
	if f.refused && (problem != nil || header[0]&0x0f < opControl) {
		f.skip = length
		return nil
	}
	if problem != nil {
		f.refused, f.skip = true, length
		return &frameError{*problem}
	}
	opcode := header[0] & 0x0f
	if opcode >= opControl {
		f.control(now)
	}
	if opcode == opClose {
		f.closing()
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

// check holds a frame against RFC 6455, section 5, and the limits.
func (f *frameReader) check(header []byte, length uint64) *closeStatus {
	const final, reserved, masked = 0x80, 0x70, 0x80
	opcode := header[0] & 0x0f
	last := header[0]&final != 0
	switch {
	case header[0]&reserved != 0:
		return violation("a reserved bit is set")
	case header[1]&masked == 0:
		return violation("a frame has no mask")
	case opcode >= opControl && !last:
		return violation("a control frame is a fragment")
	case opcode >= opControl && length > maxControl:
		return violation("a control frame is longer than 125 bytes")
	case opcode == opClose:
		return f.checkClose(header, int(length))
	case opcode == opPing, opcode == opPong:
		return nil
	case opcode > opBinary:
		return violation("an opcode is reserved")
	case opcode == opContinuation && !f.within:
		return violation("a continuation has nothing to continue")
	case opcode != opContinuation && f.within:
		return violation("a message begins within another")
	case opcode == opBinary:
		return &binaryRefused
	case length > maxFrame:
		return &frameTooBig
	case f.message+length > maxMessage:
		return &messageTooBig
	}
	f.message, f.within = f.message+length, !last
	if last {
		f.message = 0
	}
	return nil
}

// checkClose holds what a close frame says against RFC 6455: its code is one that may be
// sent (section 7.4), what follows is UTF-8 (section 5.5.1).
func (f *frameReader) checkClose(header []byte, length int) *closeStatus {
	if length == 0 {
		return nil
	}
	payload, err := f.in.Peek(length)
	if err != nil {
		return nil // the network failed, as whoever reads on will see
	}
	key := header[len(header)-4:]
	plain := make([]byte, length)
	for n, b := range payload {
		plain[n] = b ^ key[n%4]
	}
	switch {
	case length == 1:
		return violation("half a code closes the connection")
	case !maySend(binary.BigEndian.Uint16(plain)):
		return violation("a code that nobody may send closes the connection")
	case !utf8.Valid(plain[2:]):
		return &reasonNotUTF8
	}
	return nil
}

// maySend reports whether a close frame may have a code.
//
// https://www.iana.org/assignments/websocket/websocket.xhtml#close-code-number
func maySend(code uint16) bool {
	switch {
	case code >= 3000 && code < 5000:
		return true
	case code == 1004, code == 1005, code == 1006:
		return false
	}
	return code >= 1000 && code <= 1014
}

func violation(reason string) *closeStatus { return &closeStatus{1002, reason} }
