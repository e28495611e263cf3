package function

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/lambridge-go/lambridge/local/invoke"
)

// The states that an invocation goes through on its process: the process asks for
// it, begins its reply and finishes it; or the timeout passes, or the process
// ends, first.

// ask is a process's call of next, which is answered when there is an invocation.
// It reports false if the process already has as many calls open as it may.
func (p *pool) ask(w nextCall) bool {
	w.i.output.drain()
	p.mu.Lock()
	ended := w.i.takeEnded()
	ok := p.enlist(w)
	p.unlock()
	w.i.report(ended)
	return ok
}

func (p *pool) enlist(w nextCall) bool {
	i := w.i
	if i.gone || i.idle >= p.config.MaxConcurrency {
		return false
	}
	if !i.ready {
		i.ready = true
		i.startup = time.Since(i.began)
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
				p.deliver(inv, w.call)
				return true
			}
			p.end(i, inv, "")
			i.returning = 0
		}
	}
	if !i.live {
		i.stopWhenDone()
		return true // all it waits for is its end
	}
	i.idleSince = time.Now()
	i.idle++
	p.idle = append(p.idle, w)
	p.dispatch()
	if len(i.running) == 0 {
		i.freeze()
	}
	return true
}

// leave ends a call of next whose process has gone away, unless it is answered.
func (p *pool) leave(w nextCall) {
	p.mu.Lock()
	defer p.unlock()
	if k := slices.Index(p.idle, w); k >= 0 {
		p.idle = slices.Delete(p.idle, k, k+1)
		w.i.idle--
	}
}

// beginReply returns the invocation that i has begun to answer, or whether the id
// is that of one it has already answered.
func (p *pool) beginReply(i *instance, id string) (inv *invocation, repeated bool) {
	p.mu.Lock()
	defer p.unlock()
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
	defer p.unlock()
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
		p.explain(failure)
	}
	p.mu.Lock()
	defer p.unlock()
	if inv.expired {
		errorType = invoke.TypeTimeout
	}
	p.end(i, inv, errorType)
	inv.settle(o)
	return !inv.expired
}

// explain says once what the words mean that aws-lambda-go has for a handler it cannot
// call: they say nothing of what to do.
func (p *pool) explain(failure *invoke.Error) {
	for _, known := range []struct{ words, hint string }{
		{"is not func", "lambda.Start was given something that is no function: an http.Handler goes into adapter.Wrap first, as in lambda.Start(adapter.Wrap(mux))"},
		{"cannot unmarshal object into Go value of type []uint8", "lambda.Start was given the method Invoke: give it the handler itself, as in lambda.Start(adapter.Wrap(mux))"},
	} {
		if strings.Contains(failure.Message, known.words) {
			p.explained.Do(func() { p.config.Logger.Error(known.hint) })
		}
	}
}

// initError records why i will not get ready, and reports false if it is ready.
func (p *pool) initError(i *instance, failure *invoke.Error) bool {
	p.mu.Lock()
	defer p.unlock()
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
	if inv.expired {
		p.overdue--
	} else {
		p.admitted--
	}
	i.addReport(inv, errorType)
}

// awaitExpiry sees to it that expire is called by the deadline. One timer serves
// every invocation, and it runs on when the invocation ends: as all deadlines are
// equally far away, the one it waits for comes before this one. A timer for each
// would wake the scheduler's poller for each.
func (p *pool) awaitExpiry(deadline time.Time) {
	if !p.expiring {
		p.expiring = true
		p.expiry.Reset(time.Until(deadline))
	}
}

// expire ends the invocations whose timeout has passed.
func (p *pool) expire() {
	p.mu.Lock()
	defer p.unlock()
	if p.closed {
		return
	}
	p.expiring = false
	now, next := time.Now(), time.Time{}
	for i := range p.instances {
		for _, inv := range i.running {
			switch {
			case inv.expired:
			case !inv.deadline.After(now):
				p.timeOut(i, inv)
			case next.IsZero() || inv.deadline.Before(next):
				next = inv.deadline
			}
		}
	}
	if !next.IsZero() {
		p.awaitExpiry(next)
	}
	p.dispatch() // what is stuck now makes room for what waits
}

// timeOut tells the caller that inv's timeout has passed. The process cannot be
// told to stop just the one invocation, so it is killed; where it runs several at
// once, Lambda lets all of them run on, and so does this until scale needs the room.
func (p *pool) timeOut(i *instance, inv *invocation) {
	inv.expired = true
	p.admitted--
	p.overdue++
	err := runtimeError(invoke.TypeTimeout, inv.id, "Task timed out after %.2f seconds", p.config.Timeout.Seconds())
	inv.fail(err)
	if inv.streaming != nil {
		inv.streaming.CloseWithError(err)
	}
	if p.config.MaxConcurrency == 1 {
		p.end(i, inv, invoke.TypeTimeout)
		i.extensions.shutdown(p, "timeout")
		i.kill()
	} else if !i.live {
		i.stopWhenDone()
	}
}

// isStuck reports whether all that i is busy with has outlived its timeout, and no
// worker of it is left to call next.
func (i *instance) isStuck() bool {
	for _, inv := range i.running {
		if !inv.expired {
			return false
		}
	}
	isReturning := i.returning > 0 && time.Since(i.repliedAt) < patience
	return len(i.running) > 0 && i.idle == 0 && !isReturning
}

// gone is called when the process of i has ended, for whatever reason.
func (p *pool) gone(i *instance, reason error) {
	p.mu.Lock()
	i.gone = true
	delete(p.instances, i)
	i.retire()
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
	ended := i.takeEnded()
	p.unlock()
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
	what := "the function ended before it asked for an invocation; does its main call lambda.Start?"
	if failure.Type == typeNotStarted {
		what = "the function could not be started"
	}
	p.config.Logger.Error(what, "error", failure.Message)
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
