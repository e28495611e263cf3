// Package command_test holds the real command, a process with a function's process
// behind it, against the clients that people use and against package lambdatest.
package command_test

import (
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/internal/conformance/running"
	"github.com/lambridge-go/lambridge/lambdatest"
	"github.com/lambridge-go/lambridge/local/gateway"
)

// frontDoors are those that --every serves, by the name that the command shows.
var frontDoors = func() map[string]lambdatest.Source {
	doors := make(map[string]lambdatest.Source)
	for _, source := range gateway.Sources() {
		facts, _ := gateway.Facts(source)
		doors[facts.Name] = source
	}
	return doors
}()

// patience is how long a test waits for what must happen. It matters only when that
// never does, so that it is longer than any machine needs.
const patience = 3 * time.Minute

// start builds the command and the function in a folder, and runs the one with the
// other until the test ends. In args, the function is the last.
func start(t testing.TB, folder string, args ...string) *running.Command {
	t.Helper()
	dir := filepath.Join(t.TempDir(), path.Base(folder)) // which the function is called after
	require.NoError(t, os.Mkdir(dir, 0o700))
	build := exec.CommandContext(t.Context(), "go", "build", "-o", dir, "github.com/lambridge-go/lambridge/local", folder)
	output, err := build.CombinedOutput()
	require.NoError(t, err, "%s", output)

	return run(t, dir, filepath.Join(dir, "local"), append(args, filepath.Join(dir, path.Base(folder)))...)
}

// run runs the command, which was built, in a directory until the test ends.
func run(t testing.TB, dir, command string, args ...string) *running.Command {
	t.Helper()
	cmd := exec.Command(command, append([]string{"--addr", "127.0.0.1:0"}, args...)...)
	cmd.Dir = dir
	return running.Start(t, cmd)
}

// serveEvery runs the function in a folder behind every front door, with the variables
// of env, and returns the address of each front door by its name.
func serveEvery(t *testing.T, folder string, env ...string) map[string]string {
	t.Helper()
	args := []string{"--every", "--inspect", "off"}
	for _, variable := range env {
		args = append(args, "--env", variable)
	}
	l := start(t, folder, args...)
	doors := make(map[string]string)
	for len(doors) < len(frontDoors) {
		door := l.Find(`^  (http://127\.0\.0\.1:\d+)/\s+(.+)$`)
		doors[door[1]] = door[0]
	}
	return doors
}

// program returns where a program is, or skips the test without it, unless the
// environment demands that all tests run.
func program(t testing.TB, name string) string {
	t.Helper()
	found, err := exec.LookPath(name)
	if err != nil && os.Getenv("LAMBRIDGE_REQUIRE_TOOLS") == "1" {
		t.Fatalf("%s is missing, and LAMBRIDGE_REQUIRE_TOOLS asks for it", name)
	}
	if err != nil {
		t.Skipf("%s is missing", name)
	}
	return found
}
