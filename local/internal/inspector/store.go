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
)

// An entry is an exchange that is kept. It does not change.
type entry struct {
	id       int
	version  int   // of the store, when it last changed
	door     *Door // nil of a direct invocation
	replayOf int
	exchange gateway.Exchange // without its bodies, which stand below

	request, event, reply, answer, sent, got body
	hasReply                                 bool

	invocations []*invocation // which the store's mutex guards
}

// kindDirect is the kind of an exchange without a front door.
const kindDirect = "Lambda Invoke API"

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
	slots       [maxEntries]slot           // of an exchange by its id
	total       int                        // bytes of all headers and bodies
	untold      map[*byte]*invocation      // by the event, of those that a WebSocket API is to tell of
	talks       map[string]*talk           // by connection
	closedTalks []string                   // the oldest first
	plot        plot                       // of the last minutes
	pages       map[chan struct{}]struct{} // that wait for changes
}

func newStore() *store {
	return &store{
		first: 1, untold: map[*byte]*invocation{}, talks: map[string]*talk{},
		pages: map[chan struct{}]struct{}{},
	}
}

// exchanged keeps an exchange that is over.
func (s *store) exchanged(t *trace, x *gateway.Exchange) {
	e := entry{
		door: t.door, replayOf: t.replayOf, exchange: *x, hasReply: x.Reply != nil,
		request: keep(x.RequestBody, max(x.RequestSize, lengthOf(x.RequestHeader))), event: keep(x.Event, 0),
		reply: keep(x.Reply, 0), answer: keep(x.Body, x.Size),
	}
	if m := x.Mapped; m != nil {
		e.sent, e.got = keep(m.Body, m.Size), keep(m.Answer, m.AnswerSize)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	e.invocations = t.invocations
	t.id = s.add(&e)
}

// invokedDirectly keeps an invocation that no front door tells of.
func (s *store) invokedDirectly(inv *invocation, t *trace, payload, reply []byte, err error) {
	status := http.StatusOK
	if err != nil {
		status = http.StatusInternalServerError
	}
	e := entry{
		exchange: gateway.Exchange{
			Kind: kindDirect, API: kindDirect, Start: inv.start, Duration: time.Since(inv.start),
			Method: "INVOKE", URI: inv.of.name, Status: status, Err: err,
			Phases: []gateway.Phase{{Name: "function", Duration: time.Since(inv.start)}},
		},
		event: keep(bytes.Clone(payload), 0), reply: keep(reply, 0), hasReply: reply != nil,
		invocations: []*invocation{inv},
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	inv.trace, inv.event = nil, nil
	inv.err, e.exchange.RequestID = err, inv.id
	if t == nil {
		s.add(&e)
		return
	}
	e.replayOf = t.replayOf
	t.id = s.add(&e)
}

// add keeps an entry whose bodies are cut, and returns its id. The caller holds s.mu.
func (s *store) add(e *entry) int {
	x := &e.exchange
	x.RequestBody, x.Event, x.Reply, x.Body = nil, nil, nil, nil
	if x.Mapped != nil {
		mapped := *x.Mapped
		mapped.Body, mapped.Answer = nil, nil
		x.Mapped = &mapped
	}
	s.last++
	e.id = s.last
	if s.last-s.first == maxEntries {
		s.first++ // its slot is the new one's
	}
	for _, inv := range e.invocations {
		inv.entry = e.id
	}
	slot := s.at(e.id)
	s.total -= slot.kept
	slot.fill(e)
	s.total += slot.kept
	for s.total > maxTotal && s.first < s.last {
		s.total -= s.at(s.first).kept
		s.at(s.first).empty()
		s.first++
	}
	s.plot.exchange(x.Start.Add(x.Duration), x.Duration, x.Status)
	for _, inv := range e.invocations {
		inv.countStart()
	}
	s.changed(slot)
	return e.id
}

// at returns the slot of an id, for one that is kept.
func (s *store) at(id int) *slot { return &s.slots[id%maxEntries] }

// keeps reports whether an exchange is kept.
func (s *store) keeps(id int) bool { return id >= s.first && id <= s.last }

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
func (s *store) invoked(inv *invocation) {
	if t := inv.trace; t != nil {
		t.invocations = append(t.invocations, inv)
	} else if len(inv.event) > 0 {
		if len(s.untold) == maxUntold {
			clear(s.untold) // which is nearly empty unless something forgets to tell
		}
		s.untold[&inv.event[0]] = inv
	}
	inv.trace, inv.event = nil, nil
}

// clear forgets all exchanges.
func (s *store) clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for n := range s.slots {
		s.slots[n].empty()
	}
	s.first, s.total, s.plot = s.last+1, 0, plot{}
	s.epoch++
	s.changed(nil)
}

// entry returns a copy of the exchange with the id, or nil.
func (s *store) entry(id int) *entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.keeps(id) {
		return nil
	}
	return s.at(id).copy()
}

// kept returns the ids of the first exchange that is kept and of the last.
func (s *store) kept() (first, last int) {
	s.mu.Lock()
	defer s.mu.Unlock()
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
	u := update{Epoch: s.epoch, version: s.version, Rows: []row{}, Talks: []talkRow{}, Plot: s.plot.points(time.Now())}
	if epoch != s.epoch {
		version = 0
	}
	if s.first <= s.last {
		u.First = s.first
	}
	for id := s.first; id <= s.last; id++ {
		if kept := s.at(id); kept.version > version {
			u.Rows = append(u.Rows, kept.row())
		}
	}
	for _, t := range s.talks {
		if t.version > version {
			u.Talks = append(u.Talks, t.row())
		}
	}
	return u
}
