package adapter

import (
	"io"
	"sync"
)

// streamPiece is how many bytes are handed on at a time: as many as Lambda's runtime
// reads at a time.
const streamPiece = 32 * 1024

// A pipe takes a reply that streams from the handler to Lambda's runtime, each in a
// goroutine of its own, and holds the handler up when the runtime cannot keep pace.
//
// Both are fast in different ways. Small pieces wait in a buffer, so that the handler
// goes on while the runtime sends what came before, and several leave together. Large
// ones are copied once: the runtime lends the memory that it reads into, and the
// handler's source is read straight into that.
type pipe struct {
	mu      sync.Mutex
	changed sync.Cond // any of the following

	waiting []byte // sent and not read yet, but for
	read    int    // so many bytes at its beginning
	over    error  // what Read returns after that, io.EOF if the reply is whole

	lent   []byte // what Read is to fill, while it waits for something to read
	filled int    // how much of that is filled
	busy   bool   // it is being filled
}

func (p *pipe) open() { p.changed.L = &p.mu }

// send hands piece over, as soon as there is room, and returns an empty buffer for
// it. It fails when the pipe is over.
func (p *pipe) send(piece []byte) (empty []byte, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.over == nil && len(p.waiting) > 0 && len(p.waiting)+len(piece) > streamPiece {
		p.changed.Wait()
	}
	if p.over != nil {
		return piece[:0], io.ErrClosedPipe
	}
	if len(p.waiting) == 0 {
		p.waiting, piece = piece, p.waiting
	} else {
		p.waiting = append(p.waiting, piece...)
	}
	p.changed.Broadcast()
	return piece[:0], nil
}

// borrow is the memory of a Read that has nothing else to return, to be filled and given
// back. It is nil when the pipe is over.
func (p *pipe) borrow() []byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.over == nil && (p.lent == nil || p.filled > 0 || len(p.waiting) > 0) {
		p.changed.Wait()
	}
	if p.over != nil {
		return nil
	}
	p.busy = true
	return p.lent[:min(streamPiece, len(p.lent))]
}

// giveBack ends a borrow. The first n bytes have been filled, which may be none.
func (p *pipe) giveBack(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.busy, p.filled = false, n
	p.changed.Broadcast()
}

// end ends the pipe, if nothing has yet. What waits is still to be read.
func (p *pipe) end(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.over == nil {
		p.over = err
		p.changed.Broadcast()
	}
}

// Read is part of io.Reader.
func (p *pipe) Read(b []byte) (n int, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.waiting) == 0 && p.over == nil {
		p.lent = b
		p.changed.Broadcast()
		for p.busy || p.filled == 0 && len(p.waiting) == 0 && p.over == nil {
			p.changed.Wait()
		}
		n, p.filled, p.lent = p.filled, 0, nil
		if n > 0 {
			return n, nil
		}
	}
	if len(p.waiting) == 0 {
		return 0, p.over
	}
	n = copy(b, p.waiting[p.read:])
	if p.read += n; p.read == len(p.waiting) {
		p.waiting, p.read = p.waiting[:0], 0
		p.changed.Broadcast()
	}
	return n, nil
}
