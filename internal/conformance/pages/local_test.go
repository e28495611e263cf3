package pages_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/internal/conformance/running"
)

// built is the command local, which all tests here share.
var built struct {
	sync.Once
	folder string
	err    error
	said   []byte
}

func TestMain(m *testing.M) {
	code := m.Run()
	if built.folder != "" {
		os.RemoveAll(built.folder)
	}
	os.Exit(code)
}

// local builds the command, once, and returns where it is.
func local(t *testing.T) string {
	t.Helper()
	built.Do(func() {
		if built.folder, built.err = os.MkdirTemp("", "lambridge-pages-"); built.err != nil {
			return
		}
		built.said, built.err = exec.Command("go", "build", "-o", built.folder, "github.com/lambridge-go/lambridge/local").CombinedOutput()
	})
	require.NoError(t, built.err, "%s", built.said)
	return filepath.Join(built.folder, "local")
}

// prepare makes of "go run ./local ..." the command that was built, in the folder where the
// files are that the words name: testdata, or the root.
func prepare(t *testing.T, words []string) *exec.Cmd {
	t.Helper()
	require.Equal(t, []string{"go", "run", "./local"}, words[:3])
	cmd := exec.CommandContext(t.Context(), local(t), words[3:]...)
	cmd.Dir = root
	for _, word := range words[3:] {
		if _, err := os.Stat(filepath.Join("testdata", word)); err == nil {
			cmd.Dir = "testdata"
		}
	}
	return cmd
}

// runLocal returns what a command prints that ends by itself, on both of its outputs.
func runLocal(t *testing.T, words []string) string {
	t.Helper()
	out, err := prepare(t, words).CombinedOutput()
	if _, failed := err.(*exec.ExitError); !failed { // a difference found or a mistake shown is a failure, too
		require.NoError(t, err)
	}
	return string(out)
}

// serveLocal returns what a command prints that serves, up to the empty line after its addresses.
func serveLocal(t *testing.T, words []string) string {
	t.Helper()
	cmd := prepare(t, append(words, "--addr", "127.0.0.1:0", "--inspect", "127.0.0.1:0"))
	served := running.Start(t, cmd)
	served.Find(`127\.0\.0\.1:`)
	served.Find(`^$`)
	return served.Printed()
}
