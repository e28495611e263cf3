package logs

import (
	"io"
	"sync"
	"time"
)

// A queue writes what is put into it from a goroutine of its own: who puts something in
// does not wait for the terminal, or for the program at the other end of a pipe. If they
// are slow, it waits; if they read nothing at all, what is said gets lost.
type queue struct {
	w    io.Writer
	lost func(lines int) // is told when writing goes on

	mu      sync.Mutex
	waiting []byte
	spare   []byte      // to wait in next
	timer   *time.Timer // calls run
	running bool        // the timer is set, or run is on its way
	writing bool
	stalled bool          // nothing moves
	missing int           // lines that were lost meanwhile
	moved   chan struct{} // closed when something was written
}

const (
	pause      = 5 * time.Millisecond // after each write: what comes then is written together
	maxWaiting = 1 << 20              // bytes
	chunk      = 64 << 10             // bytes that are written at once, at most
	stall      = 3 * time.Second      // how long a chunk is waited for
)

func newQueue(w io.Writer, lost func(lines int)) *queue {
	q := &queue{w: w, lost: lost, moved: make(chan struct{})}
	q.timer = time.AfterFunc(time.Hour, q.run)
	q.timer.Stop()
	return q
}

// put takes what compose appends.
func (q *queue) put(compose func([]byte) []byte) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.waiting) >= maxWaiting && !q.stalled {
		q.wait()
	}
	if len(q.waiting) >= maxWaiting {
		q.missing++
		return
	}
	q.waiting = compose(q.waiting)
	if !q.running {
		q.running = true
		q.timer.Reset(0)
	}
}

// wait lets go of q.mu until something moves, or nothing does.
func (q *queue) wait() {
	moved := q.moved
	q.mu.Unlock()
	timeout := time.NewTimer(stall)
	select {
	case <-moved:
	case <-timeout.C:
	}
	timeout.Stop()
	q.mu.Lock()
	q.stalled = q.writing && moved == q.moved
}

// run is what the timer calls.
func (q *queue) run() {
	if lines := q.write(); lines > 0 {
		q.lost(lines)
	}
}

// write writes what waits, and sets the timer to do so again after a pause. When nothing
// waits, that is all. It returns how many lines were lost ahead of what waits next.
func (q *queue) write() (lost int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.writing {
		return 0
	}
	if len(q.waiting) == 0 {
		q.running = false
		return 0
	}
	q.writing = true
	taken := q.waiting
	q.waiting = q.spare[:0]
	for rest := taken; len(rest) > 0; {
		piece := rest[:min(len(rest), chunk)]
		rest = rest[len(piece):]
		q.mu.Unlock()
		_, _ = q.w.Write(piece)
		q.mu.Lock()
		q.writing = len(rest) > 0
		q.stalled = false
		close(q.moved)
		q.moved = make(chan struct{})
	}
	q.spare = taken
	q.timer.Reset(pause)
	lost, q.missing = q.missing, 0
	return lost
}

// flush waits until everything is written, or nothing moves.
func (q *queue) flush() {
	q.mu.Lock()
	defer q.mu.Unlock()
	for (len(q.waiting) > 0 || q.writing) && !q.stalled {
		if !q.writing {
			q.running = true
			q.timer.Reset(0)
		}
		q.wait()
	}
}
