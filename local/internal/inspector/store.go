package inspector

import (
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/lambridge-go/lambridge/local/gateway"
	"github.com/lambridge-go/lambridge/local/internal/function"
)

// What is kept. Beyond it the oldest goes.
const (
	maxEntries     = 1000
	maxTotal       = 128 << 20 // bytes of all bodies
	maxBody        = 256 << 10 // bytes of one; of a larger one the head is kept
	headOfBody     = 16 << 10
	maxLines       = 1000 // of an invocation
	maxLineBytes   = 256 << 10
	maxInvocations = 4 * maxEntries
)

// An entry is an exchange that is kept. But for the part that the store's mutex guards, it
// does not change.
type entry struct {
	id       int
	door     *door // nil of a direct invocation
	replayOf int
	exchange gateway.Exchange // without its bodies, which stand below

	request, event, reply, answer, sent, got body
	hasReply                                 bool

	version     int // of the store, when it last changed
	invocations []*invocation
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
	b := body{data, max(size, int64(len(data)))}
	if b.size > maxBody {
		b.data = append([]byte(nil), data[:min(len(data), headOfBody)]...) // and let go of the rest
	}
	return b
}

// lengthOf is what a header says of its body's size, or 0.
func lengthOf(h http.Header) int64 {
	n, _ := strconv.ParseInt(h.Get("Content-Length"), 10, 64)
	return n
}

// bytes is how much of the memory the entry has.
func (e *entry) bytes() (n int) {
	for _, b := range []body{e.request, e.event, e.reply, e.answer, e.sent, e.got} {
		n += len(b.data)
	}
	return n
}

// A store holds what the Inspector has seen. Pages learn of changes by its version.
type store struct {
	mu          sync.Mutex
	version     int // of the last change
	epoch       int // counts how often it was cleared
	next        int // id
	entries     []*entry
	total       int // bytes of all bodies
	invocations map[string]*invocation
	order       []string                   // of their ids, the oldest first
	untold      map[*byte]*invocation      // by the event, of those that a WebSocket API is to tell of
	talks       map[string]*talk           // by connection
	closedTalks []string                   // the oldest first
	plot        plot                       // of the last minutes
	pages       map[chan struct{}]struct{} // that wait for changes
}

func newStore() *store {
	return &store{
		invocations: map[string]*invocation{}, untold: map[*byte]*invocation{}, talks: map[string]*talk{},
		pages: map[chan struct{}]struct{}{},
	}
}

// exchanged keeps an exchange that is over.
func (s *store) exchanged(t *trace, e gateway.Exchange) {
	kept := &entry{
		door: t.door, replayOf: t.replayOf, exchange: e, hasReply: e.Reply != nil,
		request: keep(e.RequestBody, lengthOf(e.RequestHeader)), event: keep(e.Event, 0),
		reply: keep(e.Reply, 0), answer: keep(e.Body, 0),
	}
	if e.Method != http.MethodHead {
		kept.answer = keep(e.Body, lengthOf(e.Header))
	}
	if e.Mapped != nil {
		kept.sent, kept.got = keep(e.Mapped.Body, 0), keep(e.Mapped.Answer, 0)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	t.entry = kept
	kept.invocations = t.invocations
	s.add(kept)
}

// invokedDirectly keeps an invocation that no front door tells of.
func (s *store) invokedDirectly(inv *invocation, t *trace, payload, reply []byte, err error) {
	status := http.StatusOK
	if err != nil {
		status = http.StatusInternalServerError
	}
	kept := &entry{
		exchange: gateway.Exchange{
			Kind: kindDirect, API: kindDirect, RequestID: inv.id, Start: inv.start, Duration: time.Since(inv.start),
			Method: "INVOKE", URI: inv.function, Status: status, Err: err,
			Phases: []gateway.Phase{{Name: "function", Duration: time.Since(inv.start)}},
		},
		event: keep(append([]byte(nil), payload...), 0), reply: keep(reply, 0), hasReply: reply != nil,
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	inv.err = err
	if t != nil {
		t.entry, kept.replayOf = kept, t.replayOf
	}
	kept.invocations = []*invocation{inv}
	s.add(kept)
}

// add keeps an entry whose bodies are cut. The caller holds s.mu.
func (s *store) add(e *entry) {
	x := &e.exchange
	x.RequestBody, x.Event, x.Reply, x.Body = nil, nil, nil, nil
	if x.Mapped != nil {
		mapped := *x.Mapped
		mapped.Body, mapped.Answer = nil, nil
		x.Mapped = &mapped
	}
	s.next++
	e.id = s.next
	for _, inv := range e.invocations {
		inv.entry = e
	}
	s.entries = append(s.entries, e)
	s.total += e.bytes()
	for len(s.entries) > maxEntries || s.total > maxTotal && len(s.entries) > 1 {
		s.total -= s.entries[0].bytes()
		s.entries[0] = nil
		s.entries = s.entries[1:]
	}
	s.plot.exchange(x.Start.Add(x.Duration), x.Duration, x.Status)
	for _, inv := range e.invocations {
		if inv.report != nil && inv.report.Init > 0 {
			s.plot.coldStart(inv.start)
		}
	}
	s.changed(e)
}

// changed tells the pages that an entry has, or with nil something else. The caller holds
// s.mu.
func (s *store) changed(e *entry) {
	s.version++
	if e != nil {
		e.version = s.version
	}
	for page := range s.pages {
		select {
		case page <- struct{}{}:
		default: // it knows that something has
		}
	}
}

// invoked remembers an invocation, for what the function prints.
func (s *store) invoked(inv *invocation, t *trace, payload []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if t != nil {
		t.invocations = append(t.invocations, inv)
	} else if len(payload) > 0 {
		s.untold[&payload[0]] = inv
	}
	s.invocations[inv.id] = inv
	s.order = append(s.order, inv.id)
	if len(s.order) > maxInvocations {
		delete(s.invocations, s.order[0])
		s.order = s.order[1:]
		clear(s.untold) // which is nearly empty unless something forgets to tell
	}
}

func (s *store) ended(inv *invocation, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	inv.err = err
}

// printed keeps a line with the invocation that printed it.
func (s *store) printed(line function.Line) {
	s.mu.Lock()
	defer s.mu.Unlock()
	inv := s.invocations[line.RequestID]
	if inv == nil {
		return
	}
	if len(inv.lines) == maxLines || inv.size+len(line.Text) > maxLineBytes {
		inv.dropped++
		return
	}
	inv.lines = append(inv.lines, line.Text)
	inv.size += len(line.Text)
	if inv.entry != nil {
		s.changed(inv.entry)
	}
}

func (s *store) reported(report function.Report) {
	s.mu.Lock()
	defer s.mu.Unlock()
	inv := s.invocations[report.RequestID]
	if inv == nil {
		return
	}
	inv.report = &report
	if inv.entry == nil {
		return // it is counted with the exchange
	}
	if report.Init > 0 {
		s.plot.coldStart(inv.start)
	}
	s.changed(inv.entry)
}

// clear forgets all exchanges.
func (s *store) clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.entries, s.total, s.plot = nil, 0, plot{}
	s.epoch++
	s.changed(nil)
}

// entry returns the one with the id, or nil.
func (s *store) entry(id int) *entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.entries) == 0 || id < s.entries[0].id || id > s.next {
		return nil
	}
	return s.entries[id-s.entries[0].id]
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
	if len(s.entries) > 0 {
		u.First = s.entries[0].id
	}
	for _, e := range s.entries {
		if e.version > version {
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
