package function

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"slices"
	"sync"
	"time"

	"github.com/lambridge-go/lambridge/local/internal/group"
	"github.com/lambridge-go/lambridge/local/invoke"
)

// An instance is one process of the function, with a Runtime API server of its
// own: Lambda calls it an execution environment. The pool's mutex guards its
// lower half.
type instance struct {
	pool       *pool
	program    program
	server     *server // of the Runtime API
	output     *output
	extensions extensions
	stopSignal chan struct{} // closed to ask the process to end
	killSignal chan struct{} // closed to end it

	process     *exec.Cmd // nil until it has started
	frozen      bool
	live        bool // it is one of the pool's live
	ready       bool // it has called next
	stopping    bool
	killing     bool
	began       time.Time
	startup     time.Duration // how long it took to become ready; 0 once that is reported
	initTimer   *time.Timer
	initError   *invoke.Error
	running     map[string]*invocation
	idle        int // how many of its calls of next are among the pool's idle
	returning   int // replies after which next has not been called yet
	lastReplied string
	repliedAt   time.Time
	idleSince   time.Time
	ended       []ended // not reported yet: the process may still be printing
	gone        bool    // the process has ended

	memory memory
}

func (p *pool) newInstance() *instance {
	return &instance{
		pool:       p,
		program:    p.program,
		output:     newOutput(p.config.OnLine),
		stopSignal: make(chan struct{}),
		killSignal: make(chan struct{}),
		began:      time.Now(),
		running:    map[string]*invocation{},
	}
}

// launch lets i run on a goroutine of the pool's.
func (p *pool) launch(i *instance) {
	p.instances[i] = struct{}{}
	i.live = true
	p.live++
	i.initTimer = time.AfterFunc(p.config.InitTimeout, i.initExpired)
	p.alive.Go(i.run)
}

// run is the life of the instance.
func (i *instance) run() {
	reason := i.serve()
	i.initTimer.Stop()
	i.pool.gone(i, reason)
	if i.server != nil {
		i.server.close()
	}
}

// serve runs the process and returns how it ended: nil for exit status 0.
func (i *instance) serve() error {
	if i.server == nil {
		if err := i.listen("127.0.0.1:0"); err != nil {
			return err
		}
	}
	i.server.serve()
	if i.pool.config.Attach != "" {
		<-i.stopSignal
		i.pool.mu.Lock()
		i.extensions.shutdown(i.pool, "spindown")
		i.pool.unlock()
		return nil
	}
	return i.execute()
}

// listen opens the Runtime API at a loopback address.
func (i *instance) listen(addr string) error {
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return fmt.Errorf("function: open the Runtime API at %q: %w", addr, err)
	}
	i.server = newServer(listener, i.runtimeAPI())
	return nil
}

func (i *instance) addr() string { return i.server.listener.Addr().String() }

// execute starts the process, waits for its end and sees to it that nothing it
// started outlives it.
func (i *instance) execute() error {
	command := i.program.command
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Dir = i.program.dir
	cmd.Env = i.environment()
	group.Lead(cmd)

	read, write, err := os.Pipe()
	if err != nil {
		return fmt.Errorf("function: start %q: %w", command[0], err)
	}
	cmd.Stdout, cmd.Stderr = write, write
	if err = i.output.open(read); err == nil {
		err = cmd.Start()
	}
	write.Close()
	if err != nil {
		read.Close()
		err = notStarted(command[0], err)
		i.pool.initError(i, newError(typeNotStarted, err.Error()))
		return err
	}
	i.memory.watch(cmd.Process.Pid)
	i.pool.mu.Lock()
	i.process = cmd
	i.pool.unlock()

	var reading, ending sync.WaitGroup
	reading.Go(func() { i.output.copy(read) })
	exited := make(chan struct{})
	ending.Go(func() { err = cmd.Wait(); close(exited) })

	i.supervise(cmd, exited)
	ending.Wait()
	group.Kill(cmd)

	// What is left of the output is in the pipe. A process that left the group
	// may hold the pipe open; it is not waited for.
	giveUp := time.AfterFunc(time.Second, func() { read.Close() })
	reading.Wait()
	giveUp.Stop()
	read.Close()

	i.memory.exited()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		return errors.New(exit.Error())
	}
	return err
}

// supervise returns when the process has ended, and makes it end when asked to.
func (i *instance) supervise(cmd *exec.Cmd, exited <-chan struct{}) {
	select {
	case <-exited:
		return
	case <-i.killSignal:
	case <-i.stopSignal:
		i.pool.mu.Lock()
		i.extensions.shutdown(i.pool, "spindown")
		i.pool.unlock()
		group.Terminate(cmd)
		grace := time.NewTimer(i.pool.config.StopGrace)
		defer grace.Stop()
		select {
		case <-exited:
			return
		case <-i.killSignal:
		case <-grace.C:
		}
	}
	group.Kill(cmd)
	<-exited
}

// typeNotStarted is Lambda's errorType for a program that the system does not start.
const typeNotStarted = "Runtime.InvalidEntrypoint"

// stop asks the process to end, kill ends it. The pool's mutex is held.
func (i *instance) stop() {
	i.retire()
	if !i.stopping {
		i.stopping = true
		close(i.stopSignal)
	}
}

func (i *instance) kill() {
	i.retire()
	i.stopping = true
	if !i.killing {
		i.killing = true
		close(i.killSignal)
	}
}

// stopWhenDone asks a process that is retired to end, unless it is at something that is in
// time. The pool's mutex is held.
func (i *instance) stopWhenDone() {
	for _, inv := range i.running {
		if !inv.expired {
			return
		}
	}
	i.stop()
}

// freeze stops the process until thaw, if that is asked for: it waits for its next
// invocation, and whatever else goes on in it waits too. The pool's mutex is held.
func (i *instance) freeze() {
	if i.pool.config.Freeze && i.process != nil && !i.frozen {
		i.frozen = true
		group.Freeze(i.process)
	}
}

func (i *instance) thaw() {
	if i.frozen {
		i.frozen = false
		group.Thaw(i.process)
	}
}

// retire takes i off those that work is for. The pool's mutex is held.
func (i *instance) retire() {
	if i.live {
		i.live = false
		i.pool.live--
	}
	i.pool.idle = slices.DeleteFunc(i.pool.idle, func(w nextCall) bool { return w.i == i })
	i.idle = 0
}

// initExpired ends a process that never asked for an invocation.
func (i *instance) initExpired() {
	i.pool.mu.Lock()
	defer i.pool.unlock()
	if i.ready || i.stopping {
		return
	}
	i.initError = newError(invoke.TypeTimeout, fmt.Sprintf(
		"Init timed out after %.2f seconds: the function has not asked for an invocation", i.pool.config.InitTimeout.Seconds()))
	i.killing = true
	close(i.killSignal)
}

func (i *instance) addReport(inv *invocation, errorType string) {
	i.ended = append(i.ended, ended{inv.tail, inv.watcher, Report{
		RequestID: inv.id,
		Duration:  time.Since(inv.started),
		Init:      i.startup,
		Error:     errorType,
	}})
	i.startup = 0
}

// ended is an invocation that is over and yet to be reported.
type ended struct {
	tail    *LogTail // nil unless it was asked for
	watcher Watcher  // the same
	report  Report
}

// takeEnded returns what has ended since the last time. It is called when the process
// asks for more work or has ended: what it printed is here by then.
func (i *instance) takeEnded() []ended {
	all := i.ended
	i.ended = nil
	return all
}

func (i *instance) report(all []ended) {
	for _, e := range all {
		e.report.MaxMemory = i.memory.peak()
		i.pool.config.OnReport(e.report)
		if e.watcher != nil {
			e.watcher.Ended(e.report)
		}
		if e.tail != nil {
			e.tail.end(e.report, i.pool.config.Memory)
		}
	}
}
