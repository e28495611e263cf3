package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sync"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A terminal is one with a command in it, and what the command has shown there.
type terminal struct {
	master *os.File
	t      *testing.T
	c      *exec.Cmd

	mu    sync.Mutex
	shown bytes.Buffer
}

// openTerminal runs a command in a terminal of its own until the test ends.
func openTerminal(t *testing.T, environ []string, name string, args ...string) *terminal {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Skip("no terminal to be had: ", err)
	}
	var number, unlocked uint32
	control(t, master, syscall.TIOCSPTLCK, &unlocked)
	control(t, master, syscall.TIOCGPTN, &number)
	slave, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	require.NoError(t, err)
	defer slave.Close()

	c := exec.Command(name, args...)
	c.Env = append(append(os.Environ(), commandVariable+"=1", "TERM=xterm"), environ...)
	c.Stdin, c.Stdout, c.Stderr = slave, slave, slave
	c.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	require.NoError(t, c.Start())
	term := &terminal{master: master, t: t, c: c}
	read := make(chan struct{})
	go func() {
		defer close(read)
		_, _ = io.Copy(term, master) // until nobody has it open any more
	}()
	t.Cleanup(func() {
		c.Process.Kill()
		master.Close()
		<-read
	})
	return term
}

// control asks the terminal's driver.
func control(t *testing.T, file *os.File, request uintptr, value *uint32) {
	t.Helper()
	raw, err := file.SyscallConn() // Fd would have Close wait for Read
	require.NoError(t, err)
	var errno syscall.Errno
	require.NoError(t, raw.Control(func(fd uintptr) {
		_, _, errno = syscall.Syscall(syscall.SYS_IOCTL, fd, request, uintptr(unsafe.Pointer(value)))
	}))
	require.Zero(t, errno)
}

// Write is for what the command shows.
func (term *terminal) Write(b []byte) (int, error) {
	term.mu.Lock()
	defer term.mu.Unlock()
	return term.shown.Write(b)
}

func (term *terminal) text() string {
	term.mu.Lock()
	defer term.mu.Unlock()
	return term.shown.String()
}

// presses types keys.
func (term *terminal) presses(keys string) {
	term.t.Helper()
	_, err := term.master.WriteString(keys)
	require.NoError(term.t, err)
}

// shows waits until something is shown, and returns what the last group matched.
func (term *terminal) shows(pattern string) string {
	term.t.Helper()
	expression := regexp.MustCompile(pattern)
	var match []string
	if !assert.Eventually(term.t, func() bool { match = expression.FindStringSubmatch(term.text()); return match != nil }, patience, 5*time.Millisecond) {
		require.FailNow(term.t, "no "+pattern, term.text())
	}
	return match[len(match)-1]
}

// The keys that a terminal has signals for end the command as the signals do, and so
// does closing its window: connections are told and nothing is left.
func TestTerminalEnds(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*terminal){
		"Ctrl-C":     func(term *terminal) { term.presses("\x03") },
		"Ctrl-\\":    func(term *terminal) { term.presses("\x1c") },
		"the window": func(term *terminal) { assert.NoError(t, term.master.Close()) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			temporary, told := t.TempDir(), filepath.Join(t.TempDir(), "told")
			term := openTerminal(t, []string{"TMPDIR=" + temporary}, os.Args[0], "--addr", "127.0.0.1:0", "--inspect", "off",
				"--exec", os.Args[0], "--env", mirrorVariable+"=1", "--env", "DISCONNECTED="+told)
			url := term.shows(`(ws://127\.0\.0\.1:\d+/local)`)
			term.shows("Ctrl-C stops it")
			conn, _, err := websocket.Dial(t.Context(), url, nil)
			require.NoError(t, err)
			defer conn.CloseNow()
			go conn.Read(t.Context()) // answers the close
			end(term)
			assert.Equal(t, 0, ends(t, term.c))
			assertEmpty(t, temporary)
			assert.FileExists(t, told, "$disconnect")
		})
	}
}

func TestTerminalShows(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		environ  []string
		coloured bool
	}{
		"colours":                              {nil, true},
		"no colours that it does not have":     {[]string{"TERM=dumb"}, false},
		"no colours that nobody wants":         {[]string{"NO_COLOR=1"}, false},
		"colours though NO_COLOR has no value": {[]string{"NO_COLOR="}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			term := openTerminal(t, test.environ, os.Args[0], "--addr", "127.0.0.1:0", "--inspect", "off", "--exec", os.Args[0], "--env", mirrorVariable+"=1")
			url := term.shows(`(http://127\.0\.0\.1:\d+)/ +HTTP API`)
			term.shows("Ctrl-C stops it")
			get(t, url+"/same?%1b]0;title%07")
			term.shows("GET /same")
			term.shows("REPORT")
			term.presses("\x03")
			assert.Equal(t, 0, ends(t, term.c))
			assert.Equal(t, test.coloured, bytes.Contains([]byte(term.text()), []byte("\x1b[")), "%q", term.text())
			assert.NotContains(t, term.text(), "\x1b]")
		})
	}
}

// What a function or an event has a say in is not obeyed either where it is all that is
// asked for. A program gets it as it is.
func TestTerminalObeysNoReply(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	template, request := filepath.Join(dir, "t.vtl"), filepath.Join(dir, "request")
	require.NoError(t, os.WriteFile(template, []byte("first\n$input.body\tlast"), 0o600))
	require.NoError(t, os.WriteFile(request, []byte("POST / HTTP/1.1\r\n\r\n\x1b]0;title\x07"), 0o600))
	args := []string{"template", template, "--request", request}
	term := openTerminal(t, nil, os.Args[0], args...)
	term.shows(`first\r\n"\\x1b\]0;title\\a\\tlast"`)
	assert.Equal(t, 0, ends(t, term.c))

	c := exec.Command(os.Args[0], args...)
	c.Env = append(os.Environ(), commandVariable+"=1")
	out, err := c.Output()
	require.NoError(t, err)
	assert.Equal(t, "first\n\x1b]0;title\x07\tlast", string(out))
}

// Enter builds anew, as often as it is pressed.
func TestTerminalEnterRebuilds(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module example.com/small\n\ngo 1.26\n"), 0o644))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "main.go"), []byte("package main\n\nfunc main() { select {} }\n"), 0o644))
	term := openTerminal(t, []string{"GOWORK=off", "TERM=dumb"}, os.Args[0], "--addr", "127.0.0.1:0", "--inspect", "off", dir)
	term.shows("Save a file and it reloads. Enter rebuilds. Ctrl-C stops it.")
	term.presses("\r")
	term.shows("reloaded")
	term.presses("\r")
	term.shows("(?s)reloaded.*reloaded")
	term.presses("\x03")
	assert.Equal(t, 0, ends(t, term.c))
}

// A command in the background of an interactive shell cannot read from the terminal: it
// is not stopped when it tries, and that is not the end of its input. The end of the
// terminal is.
func TestTerminalInTheBackground(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "ready.json")
	term := openTerminal(t, nil, "sh", "-c", "set -m; "+os.Args[0]+" --addr 127.0.0.1:0 --inspect off --exit-with-stdin --ready-file "+file+" & wait; echo it ended with $?")
	url := readReady(t, file).URL
	for range 20 {
		status, _ := get(t, url)
		require.Equal(t, 200, status, term.text())
	}
	assert.NotContains(t, term.text(), "it ended")
	require.NoError(t, term.master.Close())
	require.Eventually(t, func() bool { _, err := os.Stat(file); return err != nil }, patience, 5*time.Millisecond)
}
