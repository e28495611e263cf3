package adapter

import (
	"sync"

	"github.com/lambridge-go/lambridge/internal/event"
)

// A kept body is one that is sent when the handler has returned. It is encoded as it comes,
// once the head is settled. Where the beginning of the body has to tell its type, that much
// is kept as it is until then.
type kept struct {
	head     head
	limit    int   // bytes that the front door takes
	expected int64 // the declared Content-Length, 0 for none
	size     int64 // of all that was written, even if that is more than is kept
	muted    bool
	begun    bool // it is encoded
	start    []byte
	travel   event.TravelBody
	lent     []byte // what borrow lends
	reply    event.Reply
	fields   [4]event.Field // room for the reply's header
}

// keptRoom keeps what bodies are kept in. Nobody but the response ever sees it, and the
// response gives it back under its lock: the memory that the body itself stands in goes its
// own way, with the reply.
var keptRoom = sync.Pool{New: func() any { return new(kept) }}

func (k *kept) expect(length int64) { k.expected = length }

func (k *kept) mute() { k.muted = true }

func (k *kept) write(b []byte, s string) error {
	if !k.count(len(b) + len(s)) {
		return nil
	}
	if !k.begun {
		if k.head.sniffs() {
			n := min(len(b), sniffed-len(k.start))
			m := min(len(s), sniffed-len(k.start)-n)
			k.start = append(append(k.start, b[:n]...), s[:m]...)
			if b, s = b[n:], s[m:]; len(k.start) < sniffed {
				return nil
			}
		}
		k.begin(b, s)
	}
	k.travel.Write(b)
	k.travel.WriteString(s)
	return nil
}

// begin settles the head and encodes the start of a body that goes on with b or s.
func (k *kept) begin(b []byte, s string) {
	k.begun = true
	reply := k.head.settle(k.start)
	var sample [sniffed]byte
	if len(s) > 0 {
		b = sample[:copy(sample[:], s)]
	}
	k.travel.Begin(reply, k.start, b, int(min(max(k.expected, k.size), int64(k.limit))))
	k.travel.Write(k.start)
	k.start = nil
}

// borrow lends memory of the response's own: a source that is left behind may fill it when
// the body is long sent.
func (k *kept) borrow(most int64) []byte {
	size := sniffed
	if k.size > 0 {
		size = copySize
	}
	if size = int(min(int64(size), most)); len(k.lent) < size {
		k.lent = make([]byte, size)
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
		k.travel = event.TravelBody{}
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
	switch {
	case k.muted:
	case k.begun:
		reply.Travel = &k.travel
	default:
		reply.Body = k.start
	}
	return nil
}
