package websocket

import "sync/atomic"

// workers are the goroutines that lanes work in. Some that have nothing to do are kept: the
// stack of a new one has to grow for every message, which would take longer than all else
// that the gateway does with it.
type workers struct {
	work chan func() // taken by one that waits
	idle atomic.Int32
	done <-chan struct{} // none waits any more
}

// maxIdle is how many workers are kept: more than run at once where functions are quick.
const maxIdle = 32

func newWorkers(done <-chan struct{}) *workers {
	return &workers{work: make(chan func()), done: done}
}

// run works in a goroutine of its own, which work may end.
func (w *workers) run(work func()) {
	select {
	case w.work <- work:
	default:
		go w.loop(work)
	}
}

func (w *workers) loop(work func()) {
	for {
		work()
		if w.idle.Add(1) > maxIdle {
			w.idle.Add(-1)
			return
		}
		select {
		case work = <-w.work:
			w.idle.Add(-1)
		case <-w.done:
			return
		}
	}
}
