package integration

import (
	"context"
	"sync"
	"time"
)

// A wait is the context of an invocation, which ends with it, at its deadline or with the
// context that it was made from. A function in its caller's process is often done before
// anything has asked to be told of the end, so there is a timer only from then on.
type wait struct {
	context.Context           // that it was made from
	until           time.Time // the deadline; zero is none of its own

	mu    sync.Mutex
	timed context.Context // ends as the wait does, once somebody is to be told
	stop  context.CancelFunc
	over  bool // the invocation has ended
}

func newWait(from context.Context, until time.Time) *wait {
	if sooner, limited := from.Deadline(); limited && sooner.Before(until) {
		until = time.Time{} // which is the cause then
	}
	return &wait{Context: from, until: until}
}

func (w *wait) Deadline() (time.Time, bool) {
	if w.until.IsZero() {
		return w.Context.Deadline()
	}
	return w.until, true
}

func (w *wait) Done() <-chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.watched().Done()
}

func (w *wait) Err() error {
	if ended := w.ended(); ended != nil {
		return ended.Err()
	}
	return nil
}

// Value finds what context.Cause and contexts that are made from the wait look for: the
// context that is told of its end. All other values are the same before the end and after it.
func (w *wait) Value(key any) any {
	value := w.Context.Value(key)
	if _, isContext := value.(context.Context); value != nil && !isContext {
		return value
	}
	if ended := w.ended(); ended != nil {
		return ended.Value(key)
	}
	return value
}

// ended is the context that is told of the end, nil if nobody is to be told and it has not
// come.
func (w *wait) ended() context.Context {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.timed == nil && !w.over && w.Context.Err() == nil && (w.until.IsZero() || time.Until(w.until) > 0) {
		return nil
	}
	return w.watched()
}

// watched is a context that ends as the wait does. w.mu is held.
func (w *wait) watched() context.Context {
	if w.timed != nil {
		return w.timed
	}
	if w.until.IsZero() {
		w.timed, w.stop = context.WithCancel(w.Context)
	} else {
		w.timed, w.stop = context.WithDeadlineCause(w.Context, w.until, errTimeout)
	}
	if w.over {
		w.stop()
	}
	return w.timed
}

// end ends the wait with its invocation.
func (w *wait) end() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.over = true
	if w.stop != nil {
		w.stop()
	}
}
