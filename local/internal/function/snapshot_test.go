//go:build unix

package function_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/local/internal/function"
)

func TestSnapshot(t *testing.T) {
	t.Parallel()
	t.Run("a command that waits for work, and then works", func(t *testing.T) {
		t.Parallel()
		began := time.Now()
		reports := make(chan function.Report, 1)
		var printed <-chan string
		f := start(t, "ordinary", func(c *function.Config) {
			c.Dir, c.Memory, c.Timeout = t.TempDir(), 256, time.Minute
			c.Env = append(c.Env, "TABLE=secret", "ABC=secret", "TABLE=again")
			printed = listen(c, "deadlocked")
			c.OnReport = func(r function.Report) { reports <- r }
		})
		told := ask(t, f, wish{Do: "tell"})
		receive(t, reports) // it asks for more

		s := f.Snapshot()
		require.Len(t, s.Processes, 1)
		process := s.Processes[0]
		assert.WithinRange(t, process.Since, began, time.Now())
		assert.Greater(t, process.MaxMemory, int64(1<<20))
		assert.Equal(t, function.Process{PID: told.PID, State: "idle", Since: process.Since, MaxMemory: process.MaxMemory}, process)
		s.Processes = nil
		assert.Equal(t, function.Snapshot{
			Dir: told.WorkingDir, Memory: 256, Timeout: time.Minute, Variables: []string{"ABC", childVariable, "TABLE"},
		}, s)

		go f.Invoke(t.Context(), wish{Do: "deadlock"}.event(t))
		receive(t, printed)
		s = f.Snapshot()
		require.Len(t, s.Processes, 1)
		assert.Equal(t, "running", s.Processes[0].State)
	})
	t.Run("a process that starts, and an invocation that waits for it", func(t *testing.T) {
		t.Parallel()
		f := start(t, "never calls next", func(c *function.Config) { c.InitTimeout = time.Hour })
		go f.Invoke(t.Context(), wish{Do: "tell"}.event(t))
		require.Eventually(t, func() bool { return f.Snapshot().Waiting == 1 }, patience, time.Millisecond)
		for _, process := range f.Snapshot().Processes {
			assert.Equal(t, "starting", process.State)
		}
	})
	t.Run("a function that is stopped", func(t *testing.T) {
		t.Parallel()
		f := start(t, "ordinary", nil)
		ask(t, f, wish{Do: "tell"})
		require.NoError(t, f.Close())
		assert.Empty(t, f.Snapshot().Processes)
	})
}

// Builds are told of, the latest first, with the error of one that failed.
func TestSnapshotOfBuilds(t *testing.T) {
	dir := project(t)
	t.Chdir(dir)
	began := time.Now()
	f := startProject(t, nil)
	s := f.Snapshot()
	require.Len(t, s.Builds, 1)
	assert.True(t, s.IsPackage)
	assert.Equal(t, dir, s.Dir)
	assert.NoError(t, s.Builds[0].Err)
	assert.Positive(t, s.Builds[0].Took)
	assert.WithinRange(t, s.Builds[0].Start, began, time.Now())

	write(t, filepath.Join(dir, "word/word.go"), "package word\n\nconst Word = 1 +\n")
	var broken function.Build // a file that is half written may have been built before
	require.Eventually(t, func() bool {
		broken = f.Snapshot().Builds[0]
		return broken.Err != nil && strings.Contains(broken.Err.Error(), "word.go:4:1: syntax error")
	}, patience, 10*time.Millisecond)
	assert.Equal(t, 0, f.Snapshot().Processes[0].Generation, "the last program keeps running")

	write(t, filepath.Join(dir, "word/word.go"), "package word\n\nconst Word = \"two\"\n")
	requireSays(t, f, "two uno first <p>")
	s = f.Snapshot()
	assert.NoError(t, s.Builds[0].Err)
	assert.Contains(t, s.Builds, broken)
	last := s.Processes[len(s.Processes)-1]
	assert.Positive(t, last.Generation, "%+v", s.Processes)
}
