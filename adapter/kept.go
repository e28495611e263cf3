package adapter

import "github.com/lambridge-go/lambridge/internal/event"

// A kept body is one that is sent when the handler has returned. Its beginning is kept as
// it is, which tells its type, and mostly is all of it; what is longer is encoded as it
// comes.
type kept struct {
	head     head
	limit    int   // bytes that the front door takes
	expected int64 // the declared Content-Length, 0 for none
	size     int64 // of all that was written, even if that is more than is kept
	muted    bool
	start    []byte // of the body, in room
	room     [sniffed]byte
	travel   *event.TravelBody // nil as long as all of it is in start
	lent     []byte            // what borrow has given away
	copying  []byte            // room for that, once there is none in room
}

func (k *kept) expect(length int64) { k.expected = length }

func (k *kept) mute() { k.muted = true }

func (k *kept) write(b []byte, s string) error {
	if !k.count(len(b) + len(s)) {
		return nil
	}
	if k.travel == nil {
		n := copy(k.room[len(k.start):], b)
		m := copy(k.room[len(k.start)+n:], s)
		k.start = k.room[:len(k.start)+n+m]
		if b, s = b[n:], s[m:]; len(b)+len(s) == 0 {
			return nil
		}
		k.depart(b)
	}
	k.travel.Write(b)
	for piece := k.room[:]; len(s) > 0; { // a string has to be copied to be bytes
		n := copy(piece, s)
		k.travel.Write(piece[:n])
		s = s[n:]
	}
	return nil
}

// depart settles the head and encodes the start of a body that goes on with b.
func (k *kept) depart(b []byte) {
	reply := k.head.settle(k.start)
	k.travel = new(event.TravelBody)
	k.travel.Begin(reply, k.start, b, int(min(max(k.expected, k.size), int64(k.limit))))
	k.travel.Write(k.start)
}

func (k *kept) borrow() []byte {
	if k.lent = k.room[len(k.start):]; len(k.lent) == 0 {
		if k.copying == nil {
			k.copying = make([]byte, copySize)
		}
		k.lent = k.copying
	}
	return k.lent
}

// copySize is as much as io.Copy copies at a time.
const copySize = 32 * 1024

func (k *kept) grow(n int) error { return k.write(k.lent[:n], "") }

// count reports whether n more bytes are to be kept. A body too large to be sent is not:
// only its size is of interest.
func (k *kept) count(n int) bool {
	k.size += int64(n)
	if k.size > int64(k.limit) {
		k.travel = nil
		return false
	}
	return n > 0
}

// flush settles what net/http's Flush settles, and sends nothing.
func (k *kept) flush() error {
	k.head.settle(k.start)
	return nil
}

// finish puts the body into the reply. Its error is a *event.TooLargeError.
func (k *kept) finish(int64) error {
	reply := k.head.settle(k.start)
	if k.size > int64(k.limit) {
		return &event.TooLargeError{Size: int(k.size), Limit: k.limit}
	}
	if !k.muted {
		reply.Body, reply.Travel = k.start, k.travel
	}
	return nil
}
