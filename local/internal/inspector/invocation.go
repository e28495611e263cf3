package inspector

import (
	"time"

	"github.com/lambridge-go/lambridge/local/internal/function"
)

// An invocation is what the Inspector knows of one. The function tells it, as a
// function.Watcher. The store's mutex guards what it is told.
type invocation struct {
	store    *store
	function string
	start    time.Time

	// What has led to it, until the store knows it.
	trace *trace
	event []byte

	id      string
	err     error
	lines   []string
	size    int  // of the lines
	dropped int  // lines beyond maxLines
	ended   bool // there is a report
	report  function.Report
	entry   int // the id of the exchange that it belongs to, once there is one
}

var _ function.Watcher = (*invocation)(nil)

// Began implements function.Watcher.
func (inv *invocation) Began(id string) {
	inv.store.mu.Lock()
	defer inv.store.mu.Unlock()
	inv.id = id
	inv.store.invoked(inv)
}

// failed notes why the invocation failed, which may be before it began.
func (inv *invocation) failed(err error) {
	inv.store.mu.Lock()
	defer inv.store.mu.Unlock()
	inv.err = err
	inv.store.invoked(inv)
}

// Printed implements function.Watcher.
func (inv *invocation) Printed(line string) {
	inv.store.mu.Lock()
	defer inv.store.mu.Unlock()
	if len(inv.lines) == maxLines || inv.size+len(line) > maxLineBytes {
		inv.dropped++
		return
	}
	inv.lines = append(inv.lines, line)
	inv.size += len(line)
	inv.changed()
}

// Ended implements function.Watcher.
func (inv *invocation) Ended(report function.Report) {
	inv.store.mu.Lock()
	defer inv.store.mu.Unlock()
	inv.ended, inv.report = true, report
	if inv.entry > 0 { // else it is counted with the exchange
		inv.countStart()
	}
	inv.changed()
}

// countStart counts a cold start.
func (inv *invocation) countStart() {
	if inv.report.Init > 0 {
		inv.store.plot.coldStart(inv.start)
	}
}

// changed tells the pages that the exchange has changed, if there is one.
func (inv *invocation) changed() {
	if inv.store.keeps(inv.entry) {
		inv.store.changed(inv.store.at(inv.entry))
	}
}
