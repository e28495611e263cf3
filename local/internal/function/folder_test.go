//go:build unix

package function_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/local/internal/function"
)

// What a killed tool has left behind goes at the next start, and nothing else does.
func TestLeftoversAreSwept(t *testing.T) {
	dir := project(t)
	t.Chdir(dir)
	temporary := t.TempDir()
	t.Setenv("TMPDIR", temporary)
	folder := func(name string, files ...string) string {
		path := filepath.Join(temporary, name)
		require.NoError(t, os.Mkdir(path, 0o700))
		for _, file := range files {
			write(t, filepath.Join(path, file), "x")
		}
		return path
	}
	left := folder("lambridge-left", "claim", "bootstrap-0")
	foreign := folder("lambridge-screenshots", "page.png")
	other := folder("another", "claim")
	// Somebody else's tool is running: another process holds the claim.
	running := folder("lambridge-running", "claim", "bootstrap-0")
	holder := exec.Command("flock", filepath.Join(running, "claim"), "cat")
	if holder.Path == "" || holder.Err != nil {
		t.Skip("flock is missing")
	}
	stdin, err := holder.StdinPipe()
	require.NoError(t, err)
	stdout, err := holder.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, holder.Start())
	t.Cleanup(func() { stdin.Close(); holder.Wait() })
	_, err = stdin.Write([]byte("x"))
	require.NoError(t, err)
	_, err = stdout.Read(make([]byte, 1)) // it holds the claim by now
	require.NoError(t, err)

	for range 2 {
		f, err := function.Start(t.Context(), function.Config{Package: ".", Environ: append(os.Environ(), "GOWORK=off")})
		require.NoError(t, err)
		assert.NoDirExists(t, left)
		for _, kept := range []string{foreign, other, running} {
			assert.DirExists(t, kept)
		}
		mine, err := filepath.Glob(filepath.Join(temporary, "lambridge-*", "bootstrap-0"))
		require.NoError(t, err)
		assert.Len(t, mine, 2)
		require.NoError(t, f.Close())
	}
	mine, err := filepath.Glob(filepath.Join(temporary, "lambridge-*", "bootstrap-0"))
	require.NoError(t, err)
	assert.Len(t, mine, 1, "nothing of ours is left")
}
