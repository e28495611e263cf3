package websocket

import "sync"

// A lane hands its items to work one after another, in the order they came. It
// has a goroutine only while it has items, so an idle connection costs none. work may end
// that goroutine.
//
// The zero value needs init.
type lane[T any] struct {
	work  func(T)
	limit int // items that may wait

	mu      sync.Mutex
	changed sync.Cond // an item was taken, or the last is done
	waiting []T
	running bool // an item is at work
}

func (l *lane[T]) init(limit int, work func(T)) {
	l.limit, l.work = limit, work
	l.changed.L = &l.mu
}

// do works on item in the goroutine of its caller, which costs less than another. If others
// are before it, it adds item as soon as there is room.
func (l *lane[T]) do(item T) {
	if l.begins(item) {
		l.complete(item)
	}
}

// begins reports whether item is the first, whose caller is to complete it. Otherwise it adds
// item as soon as there is room.
func (l *lane[T]) begins(item T) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.running {
		l.running = true
		return true
	}
	for len(l.waiting) >= l.limit {
		l.changed.Wait()
	}
	l.add(item)
	return false
}

// complete works on an item that begins.
func (l *lane[T]) complete(item T) {
	defer l.proceed() // even if work ends the goroutine
	l.work(item)
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

// finish adds item even to a full lane.
func (l *lane[T]) finish(item T) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.add(item)
}

// wait returns when every item is done.
func (l *lane[T]) wait() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for l.running {
		l.changed.Wait()
	}
}

func (l *lane[T]) add(item T) {
	if l.running {
		l.waiting = append(l.waiting, item)
		return
	}
	l.running = true
	go l.run(item)
}

// run works on item and on all that follow.
func (l *lane[T]) run(item T) {
	more := true
	defer func() {
		if more { // work has ended the goroutine
			l.proceed()
		}
	}()
	for more {
		l.work(item)
		item, more = l.next()
	}
}

// proceed goes on in another goroutine, if there is more to do.
func (l *lane[T]) proceed() {
	if next, more := l.next(); more {
		go l.run(next)
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
