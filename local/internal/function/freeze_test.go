//go:build unix

package function_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/local/internal/function"
)

// Between invocations a frozen process does nothing; it is there when there is an
// event, or when it is to end.
func TestFreeze(t *testing.T) {
	t.Parallel()
	state := func(pid int) string {
		status, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		require.NoError(t, err)
		_, after, _ := strings.Cut(string(status), ") ")
		return after[:1]
	}
	f := start(t, "ordinary", func(c *function.Config) { c.Freeze = true; c.StopGrace = time.Minute })
	before := ask(t, f, wish{Do: "tell"})
	for range 3 {
		require.Eventually(t, func() bool { return state(before.PID) == "T" }, patience, time.Millisecond, "it is not frozen")
		after := ask(t, f, wish{Do: "tell"})
		assert.Equal(t, before.PID, after.PID)
	}
	require.Eventually(t, func() bool { return state(before.PID) == "T" }, patience, time.Millisecond)
	require.NoError(t, f.Close()) // long before the grace is over
	requireGone(t, before.PID)

	running := start(t, "ordinary", nil)
	assert.NotEqual(t, "T", state(ask(t, running, wish{Do: "tell"}).PID), "it is not asked for")
}
