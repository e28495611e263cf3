package adapter

import "github.com/lambridge-go/lambridge/internal/event"

// A sink is where the body of a response goes: it is kept until the handler has
// returned, or it streams. The response calls its methods under its lock, each for what
// net/http's rules let pass.
//
// It is an interface so that the linker leaves streams out of functions that only use
// Wrap.
type sink interface {
	// expect is told the Content-Length that the handler has declared.
	expect(length int64)

	// write takes what the handler writes, which is all in b or all in s.
	write(b []byte, s string) error

	// borrow is room for what comes next, which is no more than most, to be read into while
	// nothing is locked: the source may be slow. It is followed by a grow, which takes the
	// first n bytes of that for written. n may be 0.
	borrow(most int64) []byte
	grow(n int) error

	// flush sends what there is, where anything is sent before the end.
	flush() error

	// finish says that no more will come of the body, which was of that size.
	finish(size int64) error

	// mute makes it the sink of an answer that has no body for the client, though the
	// handler writes one.
	mute()
}

// A head is what stands in front of a body. A sink settles it when the body begins to
// be sent, or ends.
type head interface {
	// sniffs reports whether the beginning of the body is going to tell something.
	sniffs() bool

	// settle completes the head by what the beginning of the body tells. It does so
	// once.
	settle(start []byte) *event.Reply
}

// sniffed is how many bytes http.DetectContentType looks at.
const sniffed = 512

// A bodiless sink is that of an answer to HEAD. The body that the handler writes is
// counted like any other, but only its beginning gets as far as a sink: enough to tell
// its type.
type bodiless struct {
	sink
	passed int
}

func (b *bodiless) write(p []byte, s string) error {
	room := sniffed - b.passed
	p, s = p[:min(len(p), room)], s[:min(len(s), room)]
	b.passed += len(p) + len(s)
	return b.sink.write(p, s)
}

func (b *bodiless) grow(n int) error {
	n = min(n, sniffed-b.passed)
	b.passed += n
	return b.sink.grow(n)
}
