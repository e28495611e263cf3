package inspector

import (
	"time"

	"github.com/lambridge-go/lambridge/local/internal/function"
)

// An invocation is what the Inspector knows of one. The function tells it, as a
// function.Watcher. The store's mutex guards what it is told.
type invocation struct {
	of    *watched
	start time.Time // of a direct one

	// What has led to it, until the store knows it.
	trace *trace
	event []byte

	id      string
	err     error
	printed *printed // nil if it has printed nothing
	ended   bool     // there is a report
	report  function.Report
	entry   int // the id of the exchange that it belongs to, once there is one
}

// printed is what an invocation has printed, as far as it is kept.
type printed struct {
	lines   []string
	size    int // of the lines
	dropped int // lines beyond maxLines
}

var _ function.Watcher = (*invocation)(nil)

// Began implements function.Watcher.
func (inv *invocation) Began(id string) {
	inv.of.store.mu.Lock()
	defer inv.of.store.mu.Unlock()
	inv.id = id
	inv.of.store.invoked(inv)
}

// failed notes why the invocation failed, which may be before it began.
func (inv *invocation) failed(err error) {
	inv.of.store.mu.Lock()
	defer inv.of.store.mu.Unlock()
	inv.err = err
	inv.of.store.invoked(inv)
}

// Printed implements function.Watcher.
func (inv *invocation) Printed(line string) {
	inv.of.store.mu.Lock()
	defer inv.of.store.mu.Unlock()
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
	inv.changed()
}

// Ended implements function.Watcher.
func (inv *invocation) Ended(report function.Report) {
	inv.of.store.mu.Lock()
	defer inv.of.store.mu.Unlock()
	inv.ended, inv.report = true, report
	if inv.entry > 0 { // else it is counted with the exchange
		inv.countStart()
	}
	inv.changed()
}

// countStart counts a cold start, now that it is over.
func (inv *invocation) countStart() {
	if inv.report.Init > 0 {
		inv.of.store.plot.coldStart(time.Now())
	}
}

// changed tells the pages that the exchange has changed, if there is one.
func (inv *invocation) changed() {
	if inv.of.store.keeps(inv.entry) {
		inv.of.store.changed(inv.of.store.at(inv.entry))
	}
}
