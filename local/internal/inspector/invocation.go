package inspector

import (
	"time"

	"github.com/lambridge-go/lambridge/local/internal/function"
)

// An invocation is what the Inspector knows of one. The store's mutex guards it.
type invocation struct {
	function string // its name
	id       string
	err      error
	printed  *printed // nil if it has printed nothing
	ended    bool     // there is a report
	report   function.Report
}

// A witness tells the store of an invocation, as the function tells it.
type witness struct {
	store *store
	seen  invocation // until it is packed with its exchange

	// What has led to it, until the store knows it.
	trace *trace
	event []byte

	// The id of the exchange that it belongs to, and which of its invocations it is, once
	// there is one.
	entry, nth int
}

// printed is what an invocation has printed, as far as it is kept.
type printed struct {
	lines   []string
	size    int // of the lines
	dropped int // lines beyond maxLines
}

// mayChange reports whether the invocation is not over, as far as that can be told, or is
// not of a kind that is packed.
func (w *witness) mayChange() bool {
	inv := &w.seen
	return !inv.ended || inv.err != nil || inv.printed != nil && inv.printed.size > maxPacked
}

var _ function.Watcher = (*witness)(nil)

// Began implements function.Watcher.
func (w *witness) Began(id string) {
	s := w.store
	s.mu.Lock()
	defer s.mu.Unlock()
	w.seen.id = id
	s.invoked(w)
}

// failed notes why the invocation failed, which may be before it began.
func (w *witness) failed(err error) {
	s := w.store
	s.mu.Lock()
	defer s.mu.Unlock()
	w.seen.err = err
	s.invoked(w)
}

// Printed implements function.Watcher.
func (w *witness) Printed(line string) {
	s := w.store
	s.mu.Lock()
	defer s.mu.Unlock()
	inv, kept := s.invocation(w)
	if inv.printed == nil {
		inv.printed = &printed{}
	}
	p := inv.printed
	if len(p.lines) == maxLines || p.size+len(line) > maxLineBytes {
		p.dropped++
		return
	}
	p.lines = append(p.lines, line)
	p.size += len(line)
	if kept != nil {
		s.changed(kept)
	}
}

// Ended implements function.Watcher.
func (w *witness) Ended(report function.Report) {
	s := w.store
	s.mu.Lock()
	defer s.mu.Unlock()
	inv, kept := s.invocation(w)
	inv.ended, inv.report = true, report
	if w.entry > 0 && report.Init > 0 { // else it is counted with the exchange
		s.plot.coldStart(time.Now())
	}
	if kept != nil {
		s.changed(kept)
	}
}
