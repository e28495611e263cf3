package function

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"os"
	"sync"
	"syscall"
	"time"
)

// An output reads what a process prints, line by line, and remembers which
// invocation the lines belong to. A line read after the reply still belongs to
// the invocation that replied: it was printed before the next one began, and drain
// sees to it that it is read before that, too.
type output struct {
	onLine func(Line)

	mu      sync.Mutex
	current *invocation // the one running, or the last

	taking  sync.Mutex      // held while something is read and handed on
	pipe    syscall.RawConn // nil until there is a process
	read    []byte          // room to read into
	started []byte          // a line without its end
}

// maxLine is where a line without an end is cut.
const maxLine = 256 << 10

func newOutput(onLine func(Line)) *output { return &output{onLine: onLine} }

// begin attributes what follows to inv. Where several invocations run at once
// nothing tells whose line is whose.
func (o *output) begin(inv *invocation, concurrency int) {
	if concurrency > 1 {
		return
	}
	o.mu.Lock()
	o.current = inv
	o.mu.Unlock()
	if inv.tail != nil {
		inv.tail.add("START RequestId: " + inv.id + " Version: " + functionVersion)
	}
}

// open is told of the pipe that the process is to print into.
func (o *output) open(from *os.File) (err error) {
	o.taking.Lock()
	defer o.taking.Unlock()
	o.read = make([]byte, 32<<10)
	o.pipe, err = from.SyscallConn()
	return err
}

// copy hands on lines until the process closes its end.
func (o *output) copy(from *os.File) {
	for o.more(from) == nil {
	}
	o.taking.Lock()
	defer o.taking.Unlock()
	if len(o.started) > 0 {
		o.line(string(o.started))
	}
}

// handOn takes what was read apart into lines. o.taking is held.
func (o *output) handOn(b []byte) {
	for len(b) > 0 {
		line, rest, whole := bytes.Cut(b, []byte("\n"))
		if room := maxLine - len(o.started); len(line) > room {
			line, rest, whole = b[:room], b[room:], true
		}
		b = rest
		o.started = append(o.started, line...)
		if whole || len(o.started) == maxLine {
			o.line(string(bytes.TrimSuffix(o.started, []byte("\r"))))
			o.started = o.started[:0]
		}
	}
}

func (o *output) line(text string) {
	o.mu.Lock()
	current := o.current
	o.mu.Unlock()
	line := Line{Text: text}
	if current != nil {
		line.RequestID = current.id
		if current.tail != nil {
			current.tail.add(text)
		}
		if current.watcher != nil {
			current.watcher.Printed(text)
		}
	}
	o.onLine(line)
}

// A Watcher hears of one invocation what Config.OnLine and Config.OnReport hear of all,
// without having to tell it from others by its id. Its methods are called from several
// goroutines and hold up the function while they run.
type Watcher interface {
	// Began tells the request id, before the function is asked for anything.
	Began(id string)
	// Printed tells a line of what the process prints, where only this invocation can
	// have printed it.
	Printed(line string)
	// Ended tells how it was. Lines may come after it.
	Ended(Report)
}

// WithWatcher returns a context for one invocation, which w hears of.
func WithWatcher(ctx context.Context, w Watcher) context.Context { return &watched{ctx, w} }

// WatcherFrom returns the one that a context was given, or nil.
func WatcherFrom(ctx context.Context) Watcher {
	if w, ok := ctx.Value(watcherKey{}).(*watched); ok {
		return w.by
	}
	return nil
}

type watcherKey struct{}

// A watched context carries a Watcher.
type watched struct {
	context.Context
	by Watcher
}

func (w *watched) Value(key any) any {
	if key == (watcherKey{}) {
		return w
	}
	return w.Context.Value(key)
}

// A LogTail keeps the end of what an invocation printed.
type LogTail struct {
	mu    sync.Mutex
	text  []byte
	ended chan struct{}
	once  sync.Once
}

// maxTail is how much of the log Lambda's LogResult shows.
const maxTail = 4 << 10

type tailKey struct{}

// CaptureLog returns a context for one invocation, and the tail of the log that
// the invocation will have printed.
func CaptureLog(ctx context.Context) (context.Context, *LogTail) {
	tail := &LogTail{ended: make(chan struct{})}
	return context.WithValue(ctx, tailKey{}, tail), tail
}

// Wait returns the last 4 KB of the log, from START to REPORT, once the invocation has ended or when
// ctx does.
func (t *LogTail) Wait(ctx context.Context) []byte {
	select {
	case <-t.ended:
	case <-ctx.Done():
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.text
}

func (t *LogTail) add(line string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(append(t.text, line...), '\n')
	if over := len(t.text) - maxTail; over > 0 {
		t.text = append(t.text[:0], t.text[over:]...)
	}
}

// end adds the lines that Lambda ends an invocation with, and lets Wait return. The
// last lines before them may still be in the pipe from the process, from where they take
// microseconds.
func (t *LogTail) end(r Report, memory int) {
	t.once.Do(func() {
		time.AfterFunc(20*time.Millisecond, func() {
			t.add("END RequestId: " + r.RequestID)
			t.add(r.line(memory))
			close(t.ended)
		})
	})
}

// line is the report as Lambda writes it into the log. memory is the function's size in
// MB.
func (r Report) line(memory int) string {
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	line := fmt.Sprintf("REPORT RequestId: %s\tDuration: %.2f ms\tBilled Duration: %.0f ms\tMemory Size: %d MB\tMax Memory Used: %d MB\t",
		r.RequestID, ms(r.Duration), math.Ceil(ms(r.Duration+r.Init)), memory, r.MaxMemory>>20)
	if r.Init > 0 {
		line += fmt.Sprintf("Init Duration: %.2f ms\t", ms(r.Init))
	}
	return line
}
