package websocket

import (
	"sync"
	"time"
)

// patience is how long a message keeps its goroutine from reading on, or up to twice as long:
// longer than most functions take, even on a machine that has more to do than it can, since
// another goroutine costs, and too short for a client to miss the pong or the close that waits
// for it.
const patience = 50 * time.Millisecond

// A watch knows the connections whose goroutine serves a message, and lets another read on
// for those that have done so for longer than patience. It has one timer for all of them,
// which runs only while there are any: to set one for each message takes more than to list
// its connection.
//
// The zero value is ready for use.
type watch struct {
	mu          sync.Mutex
	timer       *time.Timer // made by the first message
	ticking     bool
	ticks       uint
	first, last *conn // those that serve, the one that has done so longest first
}

// A watched is a connection's place in a watch.
type watched struct {
	previous, next *conn
	listed         bool
	since          uint // the watch's ticks when it came
}

// begin lists c, whose goroutine now serves a message.
func (w *watch) begin(c *conn) {
	w.mu.Lock()
	defer w.mu.Unlock()
	c.watched = watched{previous: w.last, listed: true, since: w.ticks}
	if w.last != nil {
		w.last.watched.next = c
	} else {
		w.first = c
	}
	w.last = c
	switch {
	case w.ticking:
	case w.timer == nil:
		w.timer = time.AfterFunc(patience, w.tick)
	default:
		w.timer.Reset(patience)
	}
	w.ticking = true
}

// end reports whether c's goroutine is still the one that reads.
func (w *watch) end(c *conn) (reads bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if reads = c.watched.listed; reads {
		w.remove(c)
	}
	return reads
}

func (w *watch) remove(c *conn) {
	before, after := c.watched.previous, c.watched.next
	if before != nil {
		before.watched.next = after
	} else {
		w.first = after
	}
	if after != nil {
		after.watched.previous = before
	} else {
		w.last = before
	}
	c.watched = watched{}
}

// tick lets others read on for the connections that were there before the last tick.
func (w *watch) tick() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ticks++
	for c := w.first; c != nil && w.ticks-c.watched.since > 1; c = w.first {
		w.remove(c)
		go c.serve()
	}
	if w.ticking = w.first != nil; w.ticking {
		w.timer.Reset(patience)
	}
}
