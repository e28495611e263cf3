package adapter

import (
	"slices"

	"github.com/lambridge-go/lambridge/internal/event"
)

// A kept body is one that is sent when the handler has returned.
type kept struct {
	head     head
	limit    int   // bytes that the front door takes
	expected int64 // the declared Content-Length, 0 for none
	size     int64 // of all that was written, even if that is more than is kept
	muted    bool
	body     []byte
	room     [512]byte // room for a small body
}

func (k *kept) expect(length int64) { k.expected = length }

func (k *kept) mute() { k.muted = true }

func (k *kept) write(b []byte, s string) error {
	n := len(b) + len(s)
	if k.count(n) {
		k.makeRoom(n)
		k.body = append(append(k.body, b...), s...)
	}
	return nil
}

func (k *kept) borrow() []byte {
	k.makeRoom(sniffed)
	k.body = slices.Grow(k.body, sniffed)
	return k.body[len(k.body):cap(k.body)]
}

func (k *kept) grow(n int) error {
	if k.count(n) {
		k.body = k.body[:len(k.body)+n]
	}
	return nil
}

// count reports whether n more bytes are to be kept. A body too large to be sent is not:
// only its size is of interest.
func (k *kept) count(n int) bool {
	k.size += int64(n)
	if k.size > int64(k.limit) {
		k.body = nil
		return false
	}
	return n > 0
}

// makeRoom is for a body of which n bytes are about to be written. More than fits
// beside the response, and of unknown length, is left to append, which does not clear
// what it is going to fill.
func (k *kept) makeRoom(n int) {
	if k.body != nil {
		return
	}
	switch expected := int(min(k.expected, int64(k.limit))); {
	case max(n, expected) <= len(k.room):
		k.body = k.room[:0]
	case expected > n:
		k.body = make([]byte, 0, expected)
	}
}

// flush settles what net/http's Flush settles, and sends nothing.
func (k *kept) flush() error {
	k.head.settle(k.body)
	return nil
}

// finish puts the body into the reply. Its error is a *event.TooLargeError.
func (k *kept) finish(int64) error {
	reply := k.head.settle(k.body)
	if k.size > int64(k.limit) {
		return &event.TooLargeError{Size: int(k.size), Limit: k.limit}
	}
	if !k.muted {
		reply.Body = k.body
	}
	return nil
}
