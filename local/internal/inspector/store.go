package inspector

import (
	"bytes"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/lambridge-go/lambridge/local/gateway"
)

// What is kept. Beyond it the oldest goes.
const (
	maxEntries   = 1000
	maxTotal     = 128 << 20 // bytes of all their headers and bodies
	maxBody      = 256 << 10 // bytes of one; of a larger one the head is kept
	headOfBody   = 16 << 10
	maxLines     = 1000 // of an invocation
	maxLineBytes = 256 << 10
	maxUntold    = 1000 // invocations that something has yet to tell of

	// maxFresh is how many exchanges wait while no page is open. Then the older half is
	// packed: one after the other costs less than each behind its own request, when a
	// processor's caches are full of other things, and what they invoked is over.
	maxFresh = 32

	// maxWaiting is how many bytes of bodies an exchange has at most that waits.
	maxWaiting = 16 << 10
)

// A seen is an exchange as a gateway has told it.
type seen struct {
	id        int
	door      *Door // nil of a direct invocation
	replayOf  int
	witnesses []*witness
	exchange  gateway.Exchange
}

// An entry is an exchange that was kept. It does not change.
type entry struct {
	seen // without bodies and witnesses, whose part stands below

	invocations                              []invocation
	request, event, reply, answer, sent, got body
	hasReply                                 bool
}

// A body is one of an exchange, as far as it is kept.
type body struct {
	data []byte
	size int64
}

func (b body) whole() bool { return int64(len(b.data)) == b.size }

// keep keeps a body, of which size bytes there were in all if more than data.
func keep(data []byte, size int64) body {
	b := body{data: data, size: max(size, int64(len(data)))}
	if b.size > maxBody {
		b.data = bytes.Clone(data[:min(len(data), headOfBody)]) // and let go of the rest
	}
	return b
}

// lengthOf is what a header says of its body's size, or 0.
func lengthOf(h http.Header) int64 {
	values := h["Content-Length"]
	if len(values) == 0 {
		return 0
	}
	n, _ := strconv.ParseInt(values[0], 10, 64) // what is no number says nothing
	return n
}

// A store holds what the Inspector has seen. Pages learn of changes by its version.
type store struct {
	mu          sync.Mutex
	version     int                        // of the last change
	epoch       int                        // counts how often it was cleared
	first, last int                        // ids of the exchanges that are kept
	packed      int                        // the id of the last that is in its slot
	fresh       [maxFresh]seen             // those that are not, by their ids
	slots       [maxEntries]slot           // those that are
	total       int                        // bytes of all headers and bodies
	untold      map[*byte]*witness         // by the event, of those that a WebSocket API is to tell of
	talks       map[string]*talk           // by connection
	closedTalks []string                   // the oldest first
	plot        plot                       // of the last minutes
	pages       map[chan struct{}]struct{} // that wait for changes
}

func newStore() *store {
	return &store{
		first: 1, untold: map[*byte]*witness{}, talks: map[string]*talk{},
		pages: map[chan struct{}]struct{}{},
	}
}

// exchanged keeps an exchange that is over.
func (s *store) exchanged(t *trace, x *gateway.Exchange) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.add(t, t.invocations, x)
}

// add keeps an exchange and tells its trace the id. The caller holds s.mu.
func (s *store) add(t *trace, witnesses []*witness, x *gateway.Exchange) {
	s.last++
	t.id = s.last
	for n, w := range witnesses {
		w.entry, w.nth = s.last, n
		if w.seen.report.Init > 0 {
			s.plot.coldStart(time.Now())
		}
	}
	e := &s.fresh[s.last%maxFresh]
	e.id, e.door, e.replayOf, e.witnesses = s.last, t.door, t.replayOf, witnesses
	e.exchange = *x
	switch {
	case len(s.pages) > 0 || e.isLarge():
		s.pack(s.last)
	case s.last-s.packed == maxFresh:
		s.pack(s.last - maxFresh/2)
	}
}

// isLarge reports whether the exchange is not to wait, since it holds much memory.
func (e *seen) isLarge() bool {
	x := &e.exchange
	return x.Mapped != nil || len(x.RequestBody)+len(x.Event)+len(x.Reply)+len(x.Body) > maxWaiting
}

// pack puts the exchanges up to an id into their slots. Whoever reads those calls it for
// all. The caller holds s.mu.
func (s *store) pack(until int) {
	for s.packed < until {
		s.packed++
		e := &s.fresh[s.packed%maxFresh]
		if e.id-s.first == maxEntries {
			s.first++ // its slot is the new one's
		}
		slot := s.at(e.id)
		s.total -= slot.kept
		slot.fill(e)
		s.total += slot.kept
		for s.total > maxTotal && s.first < e.id {
			s.total -= s.at(s.first).kept
			s.at(s.first).empty()
			s.first++
		}
		s.plot.exchange(e.exchange.Start.Add(e.exchange.Duration), e.exchange.Duration, e.exchange.Status)
		s.changed(slot)
		*e = seen{}
	}
}

// at returns the slot of an id, for one that is kept.
func (s *store) at(id int) *slot { return &s.slots[id%maxEntries] }

// keeps reports whether an exchange is in its slot.
func (s *store) keeps(id int) bool { return id >= s.first && id <= s.packed }

// changed tells the pages that an exchange has, or with nil something else. The caller
// holds s.mu.
func (s *store) changed(kept *slot) {
	s.version++
	if kept != nil {
		kept.version = s.version
	}
	for page := range s.pages {
		select {
		case page <- struct{}{}:
		default: // it knows that something has
		}
	}
}

// invoked puts an invocation where it belongs, once: to the request that has led to it, or
// else perhaps to a message that a WebSocket API is to tell of, by the memory where its event
// is. The caller holds s.mu.
func (s *store) invoked(w *witness) {
	if t := w.trace; t != nil {
		if t.invocations == nil {
			t.invocations = t.first[:0]
		}
		t.invocations = append(t.invocations, w)
	} else if len(w.event) > 0 {
		if len(s.untold) == maxUntold {
			clear(s.untold) // which is nearly empty unless something forgets to tell
		}
		s.untold[&w.event[0]] = w
	}
	w.trace, w.event = nil, nil
}

// invocation returns where that of a witness is noted, and the slot of its exchange if it is
// kept. The caller holds s.mu.
func (s *store) invocation(w *witness) (*invocation, *slot) {
	if !s.keeps(w.entry) {
		return &w.seen, nil
	}
	kept := s.at(w.entry)
	return &kept.open()[w.nth], kept
}

// clear forgets all exchanges.
func (s *store) clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for n := range s.slots {
		s.slots[n].empty()
	}
	s.fresh, s.packed = [maxFresh]seen{}, s.last
	s.first, s.total, s.plot = s.last+1, 0, plot{}
	s.epoch++
	s.changed(nil)
}

// entry returns a copy of the exchange with the id, or nil.
func (s *store) entry(id int) *entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pack(s.last)
	if !s.keeps(id) {
		return nil
	}
	return s.at(id).copy()
}

// kept returns the ids of the first exchange that is kept and of the last.
func (s *store) kept() (first, last int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pack(s.last)
	return s.first, s.last
}

// wait returns a channel that is told of changes, and what gives it up.
func (s *store) wait() (changes <-chan struct{}, giveUp func()) {
	page := make(chan struct{}, 1)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pages[page] = struct{}{}
	return page, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.pages, page)
	}
}

// changedSince returns what has changed since a version.
func (s *store) changedSince(version, epoch int) update {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pack(s.last)
	u := update{Epoch: s.epoch, version: s.version, Rows: []row{}, Talks: []talkRow{}, Plot: s.plot.points(time.Now())}
	if epoch != s.epoch {
		version = 0
	}
	if s.first <= s.last {
		u.First = s.first
	}
	for id := s.first; id <= s.last; id++ {
		if kept := s.at(id); kept.version > version {
			e, _ := kept.brief()
			u.Rows = append(u.Rows, e.row())
		}
	}
	for _, t := range s.talks {
		if t.version > version {
			u.Talks = append(u.Talks, t.row())
		}
	}
	return u
}
