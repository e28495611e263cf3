// Package running runs a command that serves for as long as a test takes, and finds out
// where it serves from what it prints.
package running

import (
	"bufio"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/internal/testcache"
)

// Address is a pattern of the line that tells an address of local. Its group is the URL.
const Address = `(http://127\.0\.0\.1:\d+/)`

// patience is how long a command has to end. It matters only when that never happens.
const patience = 3 * time.Minute

// A Command is one that runs. It is for the goroutine of its test.
type Command struct {
	// Interrupt asks the command to end, as Ctrl-C does. Start sets it to what interrupts the
	// one process that was started.
	Interrupt func() error

	t       testing.TB
	lines   chan string
	printed strings.Builder // what Find has passed
}

// Start starts a command. When the test ends it is interrupted, and the test waits for its
// end. Its errors go where the test's own go. What the command is made of, go test does not
// know: such tests are run each time.
func Start(t testing.TB, cmd *exec.Cmd) *Command {
	t.Helper()
	require.NoError(t, testcache.Bypass())
	cmd.Stderr = os.Stderr
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())

	c := &Command{t: t, lines: make(chan string, 1000), Interrupt: func() error { return cmd.Process.Signal(os.Interrupt) }}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		defer close(c.lines)
		for lines := bufio.NewScanner(stdout); lines.Scan(); {
			select {
			case c.lines <- lines.Text():
			default: // the log of requests, for which nobody waits
			}
		}
	}()
	t.Cleanup(func() {
		_ = c.Interrupt()
		overdue := time.AfterFunc(patience, func() { _ = cmd.Process.Kill() })
		<-ended
		overdue.Stop()
		_ = cmd.Wait()
	})
	return c
}

// Find waits for a line that matches a pattern, and returns what its groups matched.
func (c *Command) Find(pattern string) []string {
	c.t.Helper()
	expression := regexp.MustCompile(pattern)
	for line := range c.lines {
		c.printed.WriteString(line + "\n")
		if match := expression.FindStringSubmatch(line); match != nil {
			return match[1:]
		}
	}
	require.FailNow(c.t, "the command ended without "+pattern, "%s", &c.printed)
	return nil
}

// Printed is all that was printed up to the line that was found last.
func (c *Command) Printed() string { return c.printed.String() }
