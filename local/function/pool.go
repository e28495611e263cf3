package function

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/lambridge-go/lambridge/local/invoke"
)

// A pool is the processes of one function and the invocations that wait for them.
// Its mutex guards the state of all of them, so that every transition is seen
// whole; nothing blocks under it.
//
// Work goes to whoever asks for it: a process that calls next becomes idle, and
// dispatch pairs the idle with the queue. A process is started only for an
// invocation that neither an idle process, nor one that is starting, nor one that
// has just replied and is about to call next would take.
type pool struct {
	config     Config
	arn        string
	attachedAt string // the Runtime API's address, if the process is not ours to start

	mu        sync.Mutex
	closed    bool
	program   program
	started   int // instances ever started, for their names
	instances map[*instance]struct{}
	idle      []*instance // one entry per waiting next, the last to come in front
	queue     []*invocation
	admitted  int         // invocations accepted and not yet ended
	relying   bool        // the queue relies on a process that should call next soon
	impatient *time.Timer // runs while it does

	alive  sync.WaitGroup // the instances
	reaper chan struct{}  // closed to end the reaper
}

// A program is what new instances run.
type program struct {
	generation int
	command    []string // nil if there is none yet
	dir        string
}

const (
	// patience is how long the queue waits for a process that has replied to call
	// next, before another is started. A Go function needs a tenth of a millisecond.
	patience = 50 * time.Millisecond

	// attachedQueue is how many invocations may wait for an attached process.
	attachedQueue = 1000
)

func newPool(config Config, first program) (*pool, error) {
	p := &pool{
		config:    config,
		arn:       fmt.Sprintf("arn:aws:lambda:%s:123456789012:function:%s", region(config.Environ, config.Env), config.Name),
		program:   first,
		instances: map[*instance]struct{}{},
		reaper:    make(chan struct{}),
	}
	p.impatient = time.AfterFunc(time.Hour, p.losePatience)
	p.impatient.Stop()
	if config.Attach != "" {
		attached := p.newInstance()
		if err := attached.listen(config.Attach); err != nil {
			return nil, err
		}
		p.attachedAt = attached.addr()
		p.launch(attached)
		return p, nil
	}
	if first.command != nil {
		p.launch(p.newInstance())
	}
	p.alive.Go(p.reap)
	return p, nil
}

// invoke runs inv and waits for its outcome.
func (p *pool) invoke(ctx context.Context, inv *invocation) (reply, error) {
	if err := p.submit(inv); err != nil {
		return reply{}, err
	}
	select {
	case o := <-inv.settled:
		return o.reply, o.err
	case <-ctx.Done():
		p.abandon(inv)
		return reply{}, ctx.Err()
	}
}

func (p *pool) submit(inv *invocation) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return errClosed
	}
	if p.admitted >= p.capacity() {
		return invoke.ErrThrottled
	}
	p.admitted++
	p.queue = append(p.queue, inv)
	p.dispatch()
	return nil
}

var errClosed = errors.New("function: stopped")

func (p *pool) capacity() int {
	if p.attachedAt != "" {
		return attachedQueue
	}
	return p.config.Concurrency * p.config.MaxConcurrency
}

// abandon is called when the caller of inv stops waiting. What no process has
// seen yet is forgotten; what runs, runs on.
func (p *pool) abandon(inv *invocation) {
	p.mu.Lock()
	defer p.mu.Unlock()
	inv.abandoned = true
	if i := slices.Index(p.queue, inv); i >= 0 {
		p.queue = slices.Delete(p.queue, i, i+1)
		p.admitted--
	}
	select {
	case o := <-inv.settled:
		if o.reply.stream != nil {
			o.reply.stream.Body.Close()
		}
	default:
	}
}

// dispatch gives waiting invocations to idle processes and starts processes for
// the rest.
func (p *pool) dispatch() {
	for len(p.queue) > 0 && len(p.idle) > 0 {
		inv := p.queue[0]
		p.queue = slices.Delete(p.queue, 0, 1)
		i := p.idle[len(p.idle)-1]
		p.idle = p.idle[:len(p.idle)-1]
		p.assign(inv, i)
	}
	if len(p.queue) > 0 && !p.closed {
		p.scale()
	}
}

func (p *pool) assign(inv *invocation, i *instance) {
	inv.started = time.Now()
	inv.deadline = inv.started.Add(p.config.Timeout)
	if p.attachedAt != "" {
		inv.deadline = inv.started.Add(24 * time.Hour)
	} else {
		inv.timer = time.AfterFunc(p.config.Timeout, func() { p.expire(inv, i) })
	}
	i.running[inv.id] = inv
	i.output.begin(inv, p.config.MaxConcurrency)
	i.extensions.invoke(p, inv)
	i.assigned <- inv
}

// scale starts as many processes as the queue needs, within Concurrency, and no
// more at a time than the machine can start at once: while they start, those that
// run may well empty the queue.
func (p *pool) scale() {
	if p.attachedAt != "" || p.program.command == nil {
		return
	}
	now, live, starting, returning := time.Now(), 0, 0, 0
	for i := range p.instances {
		if i.stopping || i.program.generation != p.program.generation {
			continue
		}
		live++
		if now.Sub(i.repliedAt) < patience {
			returning += i.returning
		}
		if !i.ready {
			starting++
		}
	}
	if returning > 0 && !p.relying {
		p.relying = true
		p.impatient.Reset(patience)
	}
	missing := len(p.queue) - returning - starting*p.config.MaxConcurrency
	for missing > 0 && live < p.config.Concurrency && starting < 2*runtime.NumCPU() {
		p.launch(p.newInstance())
		live++
		starting++
		missing -= p.config.MaxConcurrency
	}
}

// losePatience looks again whether the processes that were about to call next did.
func (p *pool) losePatience() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.relying = false
	p.dispatch()
}

// ask is a process's call of next. The invocation comes through i.assigned. It
// reports false if the process already has as many calls open as it may.
func (p *pool) ask(i *instance) bool {
	p.mu.Lock()
	ended := i.takeReports()
	ok := p.enlist(i)
	p.mu.Unlock()
	i.report(ended)
	return ok
}

func (p *pool) enlist(i *instance) bool {
	if i.gone || i.waiting >= p.config.MaxConcurrency {
		return false
	}
	i.waiting++
	if !i.ready {
		i.ready = true
		i.init = time.Since(i.began)
		i.initTimer.Stop()
	}
	if i.returning > 0 {
		i.returning--
	}
	// A next in the middle of an invocation repeats it, as AWS's own emulator does:
	// the connection broke, or a debugger started the process again.
	if p.config.MaxConcurrency == 1 {
		for _, inv := range i.running {
			if !inv.abandoned {
				i.assigned <- inv
				return true
			}
			p.end(i, inv, "")
			i.returning = 0
		}
	}
	if i.program.generation != p.program.generation {
		i.stop()
	}
	if i.stopping {
		return true // all it waits for is its end
	}
	i.idleSince = time.Now()
	p.idle = append(p.idle, i)
	p.dispatch()
	return true
}

// take is called when a call of next has its invocation, leave when it ends
// without, since the process has gone away.
func (p *pool) take(i *instance) {
	p.mu.Lock()
	i.waiting--
	p.mu.Unlock()
}

func (p *pool) leave(i *instance) {
	p.mu.Lock()
	defer p.mu.Unlock()
	i.waiting--
	if p.recall(i) {
		p.dispatch()
	} else if k := slices.Index(p.idle, i); k >= 0 {
		p.idle = slices.Delete(p.idle, k, k+1)
	}
}

// recall puts an invocation that was assigned to i, but never left for it, back
// into the queue.
func (p *pool) recall(i *instance) bool {
	select {
	case inv := <-i.assigned:
		delete(i.running, inv.id)
		if inv.timer != nil {
			inv.timer.Stop()
		}
		p.queue = slices.Insert(p.queue, 0, inv)
		return true
	default:
		return false
	}
}

// beginReply returns the invocation that i has begun to answer, or whether the id
// is that of one it has already answered.
func (p *pool) beginReply(i *instance, id string) (inv *invocation, repeated bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	inv = i.running[id]
	if inv == nil {
		return nil, id == i.lastReplied
	}
	if inv.isReplied {
		return nil, true
	}
	inv.isReplied = true
	return inv, false
}

// beginStream gives the caller of inv the stream, and reports false if it does
// not wait for one any more.
func (p *pool) beginStream(inv *invocation, stream *invoke.Stream, pipe *io.PipeWriter) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if inv.abandoned || inv.isSettled {
		return false
	}
	inv.streaming = pipe
	inv.settle(outcome{reply: reply{stream: stream}})
	return true
}

// finish ends inv, whose process has replied. It reports false if it did so after
// the timeout.
func (p *pool) finish(i *instance, inv *invocation, o outcome) bool {
	errorType := ""
	if failure := (*invoke.Error)(nil); errors.As(o.err, &failure) {
		errorType = failure.Type
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if inv.expired {
		errorType = invoke.TypeTimeout
	}
	p.end(i, inv, errorType)
	inv.settle(o)
	return !inv.expired
}

// initError records why i will not get ready, and reports false if it is ready.
func (p *pool) initError(i *instance, failure *invoke.Error) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if i.ready || i.gone {
		return false
	}
	i.initError = failure
	return true
}

// end takes inv off its process: it has replied, or never will.
func (p *pool) end(i *instance, inv *invocation, errorType string) {
	if i.running[inv.id] != inv {
		return
	}
	delete(i.running, inv.id)
	i.lastReplied, i.repliedAt = inv.id, time.Now()
	i.returning++
	p.admitted--
	if inv.timer != nil {
		inv.timer.Stop()
	}
	i.addReport(inv, errorType)
}

// expire is called when inv's timeout has passed. The process cannot be told to
// stop just the one invocation, so it is killed; where it runs several at once,
// Lambda leaves it alone and only the caller is told.
func (p *pool) expire(inv *invocation, i *instance) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if i.running[inv.id] != inv {
		return
	}
	inv.expired = true
	err := runtimeError(invoke.TypeTimeout, inv.id, "Task timed out after %.2f seconds", p.config.Timeout.Seconds())
	inv.fail(err)
	if inv.streaming != nil {
		inv.streaming.CloseWithError(err)
	}
	if p.config.MaxConcurrency == 1 {
		p.end(i, inv, invoke.TypeTimeout)
		i.extensions.shutdown("timeout", p.config.StopGrace)
		i.kill()
	}
}

// gone is called when the process of i has ended, for whatever reason.
func (p *pool) gone(i *instance, reason error) {
	p.mu.Lock()
	i.gone = true
	delete(p.instances, i)
	for p.recall(i) {
	}
	p.idle = slices.DeleteFunc(p.idle, func(other *instance) bool { return other == i })
	for _, inv := range i.running {
		if inv.expired {
			p.end(i, inv, invoke.TypeTimeout)
			continue
		}
		if !inv.isReplied {
			inv.fail(exitError(inv.id, reason))
			p.end(i, inv, invoke.TypeExit)
		}
	}
	switch {
	case i.stopping:
	case i.ready:
		p.config.Logger.Warn("a process of the function exited " + describeExit(reason))
	default:
		p.initFailed(i, reason)
	}
	if p.closed {
		p.clearQueue()
	} else {
		p.dispatch()
	}
	ended := i.takeReports()
	p.mu.Unlock()
	i.report(ended)
}

// initFailed fails the invocation that has waited longest: it stands for the one
// that Lambda would have started the process for. Every failed start so costs one
// invocation, and a function that cannot start is not started over and over.
func (p *pool) initFailed(i *instance, reason error) {
	failure := i.initError
	if failure == nil {
		failure = exitError("", reason)
	}
	p.config.Logger.Error("the function ended before it asked for an invocation; does its main call lambda.Start?", "error", failure.Message)
	if len(p.queue) == 0 || i.program.generation != p.program.generation {
		return
	}
	p.queue[0].fail(failure)
	p.queue = slices.Delete(p.queue, 0, 1)
	p.admitted--
}

func exitError(requestID string, reason error) *invoke.Error {
	return runtimeError(invoke.TypeExit, requestID, "Runtime exited %s", describeExit(reason))
}

func describeExit(reason error) string {
	if reason == nil {
		return "without providing a reason"
	}
	return fmt.Sprintf("with error: %v", reason)
}

// replace makes next what new instances run. Processes of the old program finish
// what they are at; the idle ones stop now.
func (p *pool) replace(next program) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return
	}
	p.program = next
	for i := range p.instances {
		if len(i.running) == 0 {
			i.stop()
		}
	}
	p.launch(p.newInstance())
	p.dispatch()
}

// reap stops what has been idle for too long.
func (p *pool) reap() {
	tick := time.NewTicker(p.config.IdleTimeout / 4)
	defer tick.Stop()
	for {
		select {
		case <-p.reaper:
			return
		case now := <-tick.C:
			p.stopIdle(now.Add(-p.config.IdleTimeout))
		}
	}
}

func (p *pool) stopIdle(since time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	// The idle are in the order in which they became so, and the last is used first.
	for _, i := range slices.Clone(p.idle) {
		if len(p.idle) > 1 && len(i.running) == 0 && i.idleSince.Before(since) {
			i.stop()
		}
	}
}

// close stops everything and waits for it.
func (p *pool) close() {
	p.mu.Lock()
	if !p.closed {
		p.closed = true
		close(p.reaper)
		p.impatient.Stop()
	}
	p.clearQueue()
	for i := range p.instances {
		for _, inv := range i.running {
			inv.fail(errClosed)
			if inv.streaming != nil {
				inv.streaming.CloseWithError(errClosed)
			}
		}
		i.stop()
	}
	p.mu.Unlock()
	p.alive.Wait()
}

func (p *pool) clearQueue() {
	for _, inv := range p.queue {
		inv.fail(errClosed)
		p.admitted--
	}
	p.queue = nil
}
