package main

import (
	"bufio"
	"context"
	"io"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"
)

// untilAsked returns a context that ends when the command is asked to: by Ctrl-C, by
// SIGTERM, or by the end of its terminal.
func untilAsked() (ctx context.Context, stop context.CancelFunc) {
	asked := []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGQUIT}
	if !signal.Ignored(syscall.SIGHUP) { // else nohup has the command outlive its terminal
		asked = append(asked, syscall.SIGHUP)
	}
	return signal.NotifyContext(context.Background(), asked...)
}

// An outlet is where the command prints. When nobody reads that any more, its gone is
// called; the system's own way would be to kill the command, and what it has started
// would be left.
type outlet struct {
	io.Writer
	gone func()
}

func (o outlet) Write(b []byte) (int, error) {
	n, err := o.Writer.Write(b)
	if err != nil {
		o.gone()
	}
	return n, err
}

// surviveClosedPipes lets writes to a closed pipe fail instead of ending the command.
// Programs that it starts get the system's way back.
func surviveClosedPipes() (stop func()) {
	ignored := make(chan os.Signal, 1)
	signal.Notify(ignored, syscall.SIGPIPE)
	return func() { signal.Stop(ignored) }
}

// An enter is what pressing Enter does: nothing, until calls says more.
type enter struct {
	pressed bool // there is a terminal to press it at

	mu   sync.Mutex
	call func()
}

func (e *enter) calls(call func()) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.call = call
}

func (e *enter) press() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.call != nil {
		e.call()
	}
}

// heed reads the standard input: each line presses enter, the end calls ended. Nothing
// can interrupt the reading, so that the goroutine it runs on ends with the process.
func heed(stdin io.Reader, enter *enter, ended func()) {
	lines := bufio.NewReader(stdin)
	for {
		_, err := lines.ReadSlice('\n')
		switch {
		case err == nil:
			enter.press()
		case err == bufio.ErrBufferFull: // a long line
		case err != io.EOF && enter.pressed:
			// In the background of a terminal nothing can be read from it. The command may
			// come to the foreground, and the terminal may end.
			time.Sleep(time.Second)
		default:
			ended()
			return
		}
	}
}

// isTerminal reports whether somebody sits at the other end of a standard stream.
func isTerminal(stream any) bool {
	file, ok := stream.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return false
	}
	null, err := os.Stat(os.DevNull) // no terminal, but such a device, too
	return err != nil || !os.SameFile(info, null)
}
