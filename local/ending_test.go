//go:build unix

package main

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// startBuilt serves a small program that is built, with its folder in a temporary
// directory of the test's own.
func startBuilt(t *testing.T, args ...string) (c *command, temporary string) {
	t.Helper()
	dir, temporary := t.TempDir(), t.TempDir()
	for name, text := range map[string]string{
		"go.mod":  "module example.com/small\n\ngo 1.26\n",
		"main.go": "package main\n\nfunc main() { select {} }\n",
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644))
	}
	args = append([]string{"--addr", "127.0.0.1:0", "--inspect", "off", "."}, args...)
	c = startCommandWith(t, dir, []string{"TMPDIR=" + temporary, "GOWORK=off"}, args...)
	return c, temporary
}

func assertEmpty(t *testing.T, dir string) {
	t.Helper()
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Empty(t, left)
}

// However it is asked to end, the command ends what it has started and leaves nothing.
func TestEndings(t *testing.T) {
	t.Parallel()
	for _, sent := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT} {
		t.Run(sent.String(), func(t *testing.T) {
			t.Parallel()
			if signal.Ignored(sent) {
				t.Skip("whoever runs the tests ignores it, as nohup does, and so does the command then")
			}
			c, temporary := startBuilt(t)
			c.find("Ctrl-C stops it")
			require.NoError(t, c.Process.Signal(sent))
			assert.Equal(t, 0, c.wait(), c.stderr.String())
			assertEmpty(t, temporary)
		})
	}
	t.Run("nobody reads what it prints any more", func(t *testing.T) {
		t.Parallel()
		file := filepath.Join(t.TempDir(), "ready.json")
		c, temporary := newCommand(t, "--ready-file", file)
		printed, err := c.StdoutPipe()
		require.NoError(t, err)
		require.NoError(t, c.Start())
		t.Cleanup(func() { c.Process.Kill() })
		url := readReady(t, file).URL
		require.NoError(t, printed.Close())
		// About this request it has to say something. It may end ahead of the answer.
		if resp, err := http.Get(url); err == nil {
			resp.Body.Close()
		}
		assert.Equal(t, 0, ends(t, c))
		assertEmpty(t, temporary)
	})
	t.Run("nobody ever reads what it prints", func(t *testing.T) {
		t.Parallel()
		c, temporary := newCommand(t)
		printed, err := c.StdoutPipe()
		require.NoError(t, err)
		require.NoError(t, printed.Close())
		require.NoError(t, c.Start())
		t.Cleanup(func() { c.Process.Kill() })
		assert.Equal(t, 0, ends(t, c))
		assertEmpty(t, temporary)
	})
	t.Run("nobody reads what it prints, though somebody could", func(t *testing.T) {
		t.Parallel()
		file := filepath.Join(t.TempDir(), "ready.json")
		c, temporary := newCommand(t, "--ready-file", file)
		_, err := c.StdoutPipe()
		require.NoError(t, err)
		require.NoError(t, c.Start())
		t.Cleanup(func() { c.Process.Kill() })
		url := readReady(t, file).URL
		for range 300 { // more than the pipe holds, and than waits to be printed
			status, _ := get(t, url+"?"+strings.Repeat("x", 7000))
			require.Equal(t, 200, status)
		}
		require.NoError(t, c.Process.Signal(syscall.SIGTERM))
		assert.Equal(t, 0, ends(t, c))
		assertEmpty(t, temporary)
	})
	t.Run("its standard input ends", func(t *testing.T) {
		t.Parallel()
		c, temporary := newCommand(t, "--exit-with-stdin")
		stdin, err := c.StdinPipe()
		require.NoError(t, err)
		stdout, err := c.StdoutPipe()
		require.NoError(t, err)
		require.NoError(t, c.Start())
		_, err = stdout.Read(make([]byte, 16))
		require.NoError(t, err)
		require.NoError(t, stdin.Close())
		_, err = io.Copy(io.Discard, stdout)
		require.NoError(t, err)
		assert.NoError(t, c.Wait())
		assertEmpty(t, temporary)
	})
}

// newCommand makes a command that is still to be started, with a temporary directory of the
// test's own. What it prints is for the test to read, or for nobody.
func newCommand(t *testing.T, args ...string) (c *exec.Cmd, temporary string) {
	t.Helper()
	temporary = t.TempDir()
	c = exec.Command(os.Args[0], append([]string{"--addr", "127.0.0.1:0", "--inspect", "off"}, args...)...)
	c.Env = append(os.Environ(), commandVariable+"=1", "TMPDIR="+temporary)
	return c, temporary
}

// ends waits for the command, and returns the exit code.
func ends(t *testing.T, c *exec.Cmd) int {
	t.Helper()
	ended := make(chan error, 1)
	go func() { ended <- c.Wait() }()
	select {
	case <-ended:
	case <-time.After(patience):
		require.FailNow(t, "it does not end")
	}
	return c.ProcessState.ExitCode()
}

// readReady waits for what --ready-file is to hold.
func readReady(t *testing.T, file string) (r ready) {
	t.Helper()
	require.Eventually(t, func() bool {
		text, err := os.ReadFile(file)
		return err == nil && assert.NoError(t, json.Unmarshal(text, &r))
	}, patience, 5*time.Millisecond)
	return r
}

func TestEnterRebuilds(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module example.com/small\n\ngo 1.26\n"), 0o644))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "main.go"), []byte("package main\n\nfunc main() { select {} }\n"), 0o644))
	c := exec.Command(os.Args[0], "--addr", "127.0.0.1:0", "--inspect", "off", "--exit-with-stdin", ".")
	c.Dir = dir
	c.Env = append(os.Environ(), commandVariable+"=1", "GOWORK=off")
	stdin, err := c.StdinPipe()
	require.NoError(t, err)
	out := filepath.Join(t.TempDir(), "out")
	file, err := os.Create(out)
	require.NoError(t, err)
	defer file.Close()
	c.Stdout = file
	require.NoError(t, c.Start())
	says := func(text string) {
		t.Helper()
		require.Eventually(t, func() bool {
			all, _ := os.ReadFile(out)
			return strings.Contains(string(all), text)
		}, patience, 5*time.Millisecond, text)
	}
	says("Save a file and it reloads. Ctrl-C stops it.")
	_, err = io.WriteString(stdin, "\n")
	require.NoError(t, err)
	says("reloaded")
	require.NoError(t, stdin.Close())
	assert.NoError(t, c.Wait())
}

func TestReadyRecord(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	c := startCommand(t, dir, "--addr", "127.0.0.1:0", "--inspect", "127.0.0.1:0", "--log", "json", "--every", "--name", "orders", "--ready-file", "ready.json")
	line := c.find(`(?m)^(\{.*"msg":"serving".*\})$`)
	var logged ready
	require.NoError(t, json.Unmarshal([]byte(line), &logged))
	assert.Equal(t, logged, readReady(t, filepath.Join(dir, "ready.json")))
	assert.Equal(t, "orders", logged.Function)
	assert.Equal(t, "http", logged.FrontDoor)
	assert.Equal(t, logged.URLs["http"], logged.URL)
	assert.Len(t, logged.URLs, 8)
	for door, url := range logged.URLs {
		status, _ := get(t, url)
		assert.Equal(t, 200, status, door)
	}
	assert.True(t, strings.HasPrefix(logged.WebSocket, "ws://127.0.0.1:"), logged.WebSocket)
	reply, err := http.Post(logged.Invoke+"/2015-03-31/functions/orders/invocations", "", strings.NewReader(`{}`))
	require.NoError(t, err)
	reply.Body.Close()
	assert.Equal(t, 200, reply.StatusCode)
	assert.Equal(t, 0, c.interrupt())
	assert.NoFileExists(t, filepath.Join(dir, "ready.json"))
	assertEmpty(t, dir)
}

func TestPublic(t *testing.T) {
	t.Parallel()
	c := startCommand(t, t.TempDir(), "--public", "--addr", "0.0.0.0:0", "--inspect", "0.0.0.0:0", "--name", "orders")
	url := c.find(`(http://127\.0\.0\.1:\d+)/ +HTTP API`)
	status, _ := get(t, url)
	assert.Equal(t, 200, status)

	invoke := c.find(`(http://127\.0\.0\.1:\d+) +Lambda Invoke API`)
	token := c.find(`asks for a token.*\n\n  (\S{20,})\n`)
	for given, want := range map[string]int{"": 401, "wrong": 401, token: 200} {
		request, err := http.NewRequest("POST", invoke+"/2015-03-31/functions/orders/invocations", strings.NewReader(`{}`))
		require.NoError(t, err)
		if given != "" {
			request.Header.Set("X-Lambridge-Token", given)
		}
		response, err := http.DefaultClient.Do(request)
		require.NoError(t, err)
		response.Body.Close()
		assert.Equal(t, want, response.StatusCode)
	}
}

func TestQuiet(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	c := startCommand(t, dir, "--addr", "127.0.0.1:0", "--inspect", "off", "--quiet", "--ready-file", "ready.json")
	status, _ := get(t, readReady(t, filepath.Join(dir, "ready.json")).URL)
	assert.Equal(t, 200, status)
	assert.Equal(t, 0, c.interrupt())
	assert.Empty(t, c.text())
}

// Whoever names nothing gets the tour, and is told of what is there.
func TestTourWhereSomethingIs(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ file, text, says string }{
		"a program":      {"main.go", "// A program.\npackage main\n", `local \.`},
		"a SAM template": {"template.yaml", "Resources: {}\n", `local --definition template\.yaml`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			require.NoError(t, os.WriteFile(filepath.Join(dir, test.file), []byte(test.text), 0o644))
			c := startCommand(t, dir, "--addr", "127.0.0.1:0", "--inspect", "off")
			c.find(`(this is the tour; to serve what is in this folder, say: ` + test.says + `)`)
		})
	}
}
