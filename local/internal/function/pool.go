package function

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/lambridge-go/lambridge/local/invoke"
)

// A pool is the processes of one function and the invocations that wait for them.
// Its mutex guards the state of all of them, so that every transition is seen
// whole; nothing blocks under it, and what is to be sent is sent by unlock.
//
// Work goes to whoever asks for it: a process that calls next waits among the idle,
// and dispatch pairs these with the queue. A process is started only for an
// invocation that neither an idle process, nor one that is starting, nor one that
// has just replied and is about to call next would take.
type pool struct {
	config     Config
	arn        string
	attachedAt string // the Runtime API's address, if the process is not ours to start

	mu        sync.Mutex
	closed    bool
	program   program
	instances map[*instance]struct{}
	live      int        // instances that work is for: of the program, and not stopping
	idle      []nextCall // open calls of next: the last to come is the first to get work
	queue     []*invocation
	answers   []*call     // what unlock will send
	admitted  int         // invocations that are accepted, have not ended and are in time
	overdue   int         // invocations that have not ended and are not
	relying   bool        // the queue relies on a process that should call next soon
	impatient *time.Timer // runs while the queue relies on one
	expiry    *time.Timer // calls expire at the next deadline
	expiring  bool        // expiry runs

	explained sync.Once // the log has said, once, what to do about a handler that cannot be called

	alive  sync.WaitGroup // counts the instances that run
	reaper chan struct{}  // closed to end the reaper
}

// A nextCall is an open call of next, and the process that made it.
type nextCall struct {
	i    *instance
	call *call
}

// A program is what new instances run.
type program struct {
	generation int
	command    []string // nil if there is none yet
	dir        string
	env        []string // the function's own variables
}

const (
	// patience is how long the queue waits for a process that has replied to call
	// next, before another is started. A Go function needs a tenth of a millisecond.
	patience = 250 * time.Millisecond

	// attachedQueue is how many invocations may wait for an attached process.
	attachedQueue = 1000
)

func newPool(config Config, first program) (*pool, error) {
	setDefault(&config.Account.Region, region(config.Environ, first.env))
	config.Account = config.Account.OrDefault()
	p := &pool{
		config:    config,
		arn:       fmt.Sprintf("arn:aws:lambda:%s:%s:function:%s", config.Account.Region, config.Account.ID, config.Name),
		program:   first,
		instances: map[*instance]struct{}{},
		reaper:    make(chan struct{}),
	}
	p.impatient = time.AfterFunc(time.Hour, p.losePatience)
	p.impatient.Stop()
	p.expiry = time.AfterFunc(time.Hour, p.expire)
	p.expiry.Stop()
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
	defer p.unlock()
	if p.closed {
		return errClosed
	}
	if p.admitted >= p.capacity() {
		return invoke.ErrThrottled
	}
	if inv.info.RequestID != "" && p.knows(inv.id) {
		return fmt.Errorf("function: the request id %q is that of an invocation under way", inv.id)
	}
	p.admitted++
	p.queue = append(p.queue, inv)
	p.dispatch()
	return nil
}

var errClosed = errors.New("function: stopped")

// knows reports whether an invocation has the id: replies are told apart by it.
func (p *pool) knows(id string) bool {
	for i := range p.instances {
		if i.running[id] != nil {
			return true
		}
	}
	return slices.ContainsFunc(p.queue, func(inv *invocation) bool { return inv.id == id })
}

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
	defer p.unlock()
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
		w := p.idle[len(p.idle)-1]
		p.idle = p.idle[:len(p.idle)-1]
		w.i.idle--
		p.assign(inv, w)
	}
	if len(p.queue) > 0 && !p.closed {
		p.scale()
	}
}

func (p *pool) assign(inv *invocation, w nextCall) {
	i := w.i
	inv.started = time.Now()
	inv.deadline = inv.started.Add(p.config.Timeout)
	i.running[inv.id] = inv
	i.thaw()
	p.awaitExpiry(inv.deadline)
	i.output.begin(inv, p.config.MaxConcurrency)
	i.extensions.invoke(p, inv)
	p.deliver(inv, w.call)
}

// deliver answers a call of next with inv.
func (p *pool) deliver(inv *invocation, c *call) {
	c.setInvocation(inv, p.arn)
	p.answers = append(p.answers, c)
}

// unlock releases the mutex and sends what was assigned under it. A process that
// has just asked can take a small event without reading it; a large one might keep
// the goroutine from what it has to do.
func (p *pool) unlock() {
	answers := p.answers
	p.answers = nil
	p.mu.Unlock()
	for _, c := range answers {
		if len(c.body) > maxInline {
			c.connection.server.start(c.send)
		} else {
			c.send()
		}
	}
}

// maxInline is less than what the buffers of an idle connection hold.
const maxInline = 32 << 10

// scale starts as many processes as the queue needs, within Concurrency, and no
// more at a time than the machine can start at once: while they start, those that
// run may well empty the queue.
func (p *pool) scale() {
	if p.attachedAt != "" || p.program.command == nil {
		return
	}
	if p.live >= p.config.Concurrency && p.overdue == 0 {
		return // there are all that may be, and none that is stuck
	}
	now, starting, returning := time.Now(), 0, 0
	var stuck []*instance
	for i := range p.instances {
		if !i.live {
			continue
		}
		if now.Sub(i.repliedAt) < patience {
			returning += i.returning
		}
		if !i.ready {
			starting++
		}
		if p.overdue > 0 && i.isStuck() {
			stuck = append(stuck, i)
		}
	}
	if returning > 0 && !p.relying {
		p.relying = true
		p.impatient.Reset(patience)
	}
	missing := len(p.queue) - returning - starting*p.config.MaxConcurrency
	for missing > 0 && starting < 2*runtime.NumCPU() {
		if p.live == p.config.Concurrency {
			if len(stuck) == 0 {
				return
			}
			stuck[0].kill()
			stuck = stuck[1:]
		}
		p.launch(p.newInstance())
		starting++
		missing -= p.config.MaxConcurrency
	}
}

// losePatience looks again whether the processes that were about to call next did.
func (p *pool) losePatience() {
	p.mu.Lock()
	defer p.unlock()
	p.relying = false
	p.dispatch()
}

// replace makes next what new instances run. Processes of the old program finish
// what they are at; the idle ones stop now.
func (p *pool) replace(next program) {
	p.mu.Lock()
	defer p.unlock()
	if p.closed {
		return
	}
	p.program = next
	for i := range p.instances {
		i.retire()
		i.stopWhenDone()
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
	defer p.unlock()
	// The idle are in the order in which they became so, and the last is used first.
	for _, w := range slices.Clone(p.idle) {
		if i := w.i; p.live > 1 && i.live && len(i.running) == 0 && i.idleSince.Before(since) {
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
		p.expiry.Stop()
		p.expiring = true // for good
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
	p.unlock()
	p.alive.Wait()
}

func (p *pool) clearQueue() {
	for _, inv := range p.queue {
		inv.fail(errClosed)
		p.admitted--
	}
	p.queue = nil
}
