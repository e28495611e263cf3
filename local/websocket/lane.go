package websocket

import "sync"

// A lane hands its items to work one after another, in the order they came. It
// has a goroutine only while it has items, so an idle connection costs none.
//
// The zero value needs work, limit and init.
type lane[T any] struct {
	work  func(T)
	limit int // items that may wait

	mu      sync.Mutex
	changed sync.Cond // an item was taken, or the last is done
	items   []T
	running bool
}

func (l *lane[T]) init(limit int, work func(T)) {
	l.limit, l.work = limit, work
	l.changed.L = &l.mu
}

// offer adds item unless the lane is full.
func (l *lane[T]) offer(item T) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.items) >= l.limit {
		return false
	}
	l.add(item)
	return true
}

// put adds item as soon as there is room.
func (l *lane[T]) put(item T) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for len(l.items) >= l.limit {
		l.changed.Wait()
	}
	l.add(item)
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
	l.items = append(l.items, item)
	if !l.running {
		l.running = true
		go l.run()
	}
}

func (l *lane[T]) run() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for len(l.items) > 0 {
		item := l.items[0]
		l.items = l.items[1:]
		l.changed.Broadcast()
		l.mu.Unlock()
		l.work(item)
		l.mu.Lock()
	}
	l.items, l.running = nil, false
	l.changed.Broadcast()
}
