// Package clients bounds what the clients of a server may take of it: connections, time
// and memory. A client that opens connections by the thousand, sends a body byte by byte
// or asks for megabytes and reads none of them holds up itself and not the others.
package clients

import (
	"cmp"
	"context"
	"log/slog"
	"sync"
	"time"
)

// Limits are what clients may take. The zero value of a field is its default.
type Limits struct {
	// Connections may be open at once, at all listeners together. More wait to be
	// accepted. 0 is 10,000.
	Connections int

	// Patience is how long a client may take for each 64 KB, or what there is of them:
	// to read of its answers, and to send of its bodies. 0 is a minute.
	Patience time.Duration

	// Memory is how many bytes may wait for clients, of all requests together: of bodies
	// that are not there as a whole, and of answers that are not read. While there are
	// more, new requests wait, and for slow clients Pressed takes Patience's place. 0 is
	// 64 MB.
	Memory int64

	// Pressed is how long patience lasts while memory is short. 0 is 5 s.
	Pressed time.Duration
}

// piece is how much a client must send or read in the time of its patience.
const piece = 64 << 10

// A Limiter holds clients to Limits.
type Limiter struct {
	limits Limits
	logger *slog.Logger
	open   chan struct{} // holds one for each connection
	full   sync.Once     // tells that Connections is reached
	short  sync.Once     // tells that Memory is reached

	mu       sync.Mutex
	held     int64
	waiting  map[*visit]bool // those that hold something
	room     chan struct{}   // closed when memory is not short any more; nil if it is not
	relieves bool            // relieve is to run
}

// New returns a Limiter for all the servers that share its Limits. logger is told when
// one of them is reached.
func New(l Limits, logger *slog.Logger) *Limiter {
	l.Connections = cmp.Or(l.Connections, 10_000)
	l.Patience = cmp.Or(l.Patience, time.Minute)
	l.Memory = cmp.Or(l.Memory, 64<<20)
	l.Pressed = cmp.Or(l.Pressed, 5*time.Second)
	return &Limiter{limits: l, logger: logger, open: make(chan struct{}, l.Connections), waiting: map[*visit]bool{}}
}

// admit waits until memory is not short, and reports whether that came before the end of
// ctx. What is short is held by clients that are slow, so that it comes.
func (l *Limiter) admit(ctx context.Context) bool {
	for {
		l.mu.Lock()
		room := l.room
		l.mu.Unlock()
		if room == nil {
			return true
		}
		select {
		case <-room:
		case <-ctx.Done():
			return false
		}
	}
}

// hold changes how many bytes wait for v's client, and notes that it is waited for since
// now if it is to move on.
func (l *Limiter) hold(v *visit, bytes int64, moves bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.held += bytes - v.held
	if v.held = bytes; bytes == 0 {
		delete(l.waiting, v)
	} else {
		l.waiting[v] = true
	}
	if moves {
		v.since = time.Now()
	}
	switch short := l.held > l.limits.Memory; {
	case short && l.room == nil:
		l.room = make(chan struct{})
		if !l.relieves {
			l.relieves = true
			time.AfterFunc(l.limits.Pressed, l.relieve)
		}
		l.short.Do(func() {
			l.logger.Warn("clients are slow to send or to read, and much waits for them: new requests wait, too, until the slowest are broken off", "bytes", l.held)
		})
	case !short && l.room != nil:
		close(l.room)
		l.room = nil
	}
}

// relieve breaks off who has not moved on for the time of Pressed, as long as memory is
// short.
func (l *Limiter) relieve() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.relieves = l.room != nil; !l.relieves {
		return
	}
	for v := range l.waiting {
		if time.Since(v.since) >= l.limits.Pressed {
			v.breakOff()
		}
	}
	time.AfterFunc(l.limits.Pressed/2, l.relieve)
}
