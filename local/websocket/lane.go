package websocket

import "sync"

// A lane hands its items to work one after another, in the order they came. It
// has one of its workers only while it has items, so an idle connection costs none.
//
// The zero value needs init.
type lane[T any] struct {
	workers *workers
	work    func(T)
	limit   int // items that may wait

	mu      sync.Mutex
	changed sync.Cond // an item was taken, or the last is done
	waiting []T
	running bool // an item is at work
}

func (l *lane[T]) init(in *workers, limit int, work func(T)) {
	l.workers, l.limit, l.work = in, limit, work
	l.changed.L = &l.mu
}

// offer adds item unless the lane is full.
func (l *lane[T]) offer(item T) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.waiting) >= l.limit {
		return false
	}
	l.add(item)
	return true
}

// put adds item as soon as there is room.
func (l *lane[T]) put(item T) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.awaitRoom()
	l.add(item)
}

// finish adds item even to a full lane.
func (l *lane[T]) finish(item T) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.add(item)
}

// do is put for a caller with nothing better to do: if nothing is before it, item is worked
// on in the caller's goroutine, which costs less than another.
func (l *lane[T]) do(item T) {
	l.mu.Lock()
	if l.running {
		defer l.mu.Unlock()
		l.awaitRoom()
		l.add(item)
		return
	}
	l.running = true
	l.mu.Unlock()
	l.work(item)
	if next, more := l.next(); more {
		l.begin(next)
	}
}

// wait returns when every item is done.
func (l *lane[T]) wait() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for l.running {
		l.changed.Wait()
	}
}

func (l *lane[T]) awaitRoom() {
	for len(l.waiting) >= l.limit {
		l.changed.Wait()
	}
}

func (l *lane[T]) add(item T) {
	if l.running {
		l.waiting = append(l.waiting, item)
		return
	}
	l.running = true
	l.begin(item)
}

func (l *lane[T]) begin(item T) { l.workers.run(func() { l.run(item) }) }

// run works on item and on all that follow. Where work ends its goroutine, another goes on.
func (l *lane[T]) run(item T) {
	more := true
	defer func() {
		if !more {
			return
		}
		if item, more := l.next(); more {
			l.begin(item)
		}
	}()
	for more {
		l.work(item)
		item, more = l.next()
	}
}

// next takes the item that is to be worked on after another.
func (l *lane[T]) next() (item T, more bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	defer l.changed.Broadcast()
	if len(l.waiting) == 0 {
		l.waiting, l.running = nil, false
		return item, false
	}
	item, l.waiting = l.waiting[0], l.waiting[1:]
	return item, true
}
