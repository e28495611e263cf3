//go:build unix

package function_test

import (
	"bytes"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/local/internal/function"
	"github.com/lambridge-go/lambridge/local/invoke"
)

// Whatever an invocation does to its process, the caller learns it in Lambda's
// words, the next invocation succeeds, and nothing of the process is left.
func TestFaults(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		do   wish
		want *invoke.Error
		same bool // the process lives on
	}{
		{
			name: "error", do: wish{Do: "error", Text: "no luck"}, same: true,
			want: &invoke.Error{Type: "errorString", Message: "no luck"},
		},
		{
			name: "panic", do: wish{Do: "panic", Text: "oh no"},
			want: &invoke.Error{Type: "string", Message: "oh no"},
		},
		{
			name: "os.Exit", do: wish{Do: "exit"},
			want: &invoke.Error{Type: "Runtime.ExitError", Message: "RequestId: the-id Error: Runtime exited with error: exit status 3"},
		},
		{
			name: "deadlock", do: wish{Do: "deadlock"},
			want: &invoke.Error{Type: "Sandbox.Timedout", Message: "RequestId: the-id Error: Task timed out after 3.00 seconds"},
		},
		{
			name: "reply over 6 MB (rule 167)", do: wish{Do: "big", Size: invoke.MaxPayload},
			want: &invoke.Error{
				Type:    "Function.ResponseSizeTooLarge",
				Message: "Response payload size exceeded maximum allowed payload size (6291556 bytes).",
			},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			f := start(t, "ordinary", func(c *function.Config) {
				c.Concurrency = 1
				if test.want.Type == invoke.TypeTimeout {
					c.Timeout = 3 * time.Second
				}
			})
			before := ask(t, f, wish{Do: "tell"})

			ctx := invoke.WithInfo(t.Context(), invoke.Info{RequestID: "the-id"})
			reply, err := f.Invoke(ctx, test.do.event(t))
			assert.Nil(t, reply)
			var got *invoke.Error
			require.ErrorAs(t, err, &got)
			assert.Equal(t, test.want.Type, got.Type)
			assert.Equal(t, test.want.Message, got.Message)
			assert.Contains(t, string(got.Payload), `"errorType":"`+test.want.Type+`"`)

			after := ask(t, f, wish{Do: "tell"})
			assert.Equal(t, test.same, before.PID == after.PID)
			if !test.same {
				requireGone(t, before.PID)
			}
			require.NoError(t, f.Close())
			requireGone(t, after.PID)
		})
	}
}

func TestReplyOfExactlyTheLimit(t *testing.T) {
	t.Parallel()
	f := start(t, "ordinary", nil)
	reply, err := f.Invoke(t.Context(), wish{Do: "big", Size: invoke.MaxPayload - len(`""`)}.event(t))
	require.NoError(t, err)
	assert.Equal(t, invoke.MaxPayload, len(reply))
}

func TestEventOverTheLimit(t *testing.T) {
	t.Parallel()
	f := start(t, "ordinary", nil)
	_, err := f.Invoke(t.Context(), bytes.Repeat([]byte(" "), invoke.MaxPayload+1))
	assert.ErrorIs(t, err, invoke.ErrTooLarge)
	_, err = f.Invoke(t.Context(), append(bytes.Repeat([]byte(" "), invoke.MaxPayload-13), `{"do":"tell"}`...))
	assert.NoError(t, err)
}

func TestKill9(t *testing.T) {
	t.Parallel()
	t.Run("while it runs", func(t *testing.T) {
		t.Parallel()
		var printed <-chan string
		f := start(t, "ordinary", func(c *function.Config) { c.Concurrency = 1; printed = listen(c, "deadlocked") })
		before := ask(t, f, wish{Do: "tell"})
		failed := make(chan error, 1)
		go func() {
			_, err := f.Invoke(t.Context(), wish{Do: "deadlock"}.event(t))
			failed <- err
		}()
		receive(t, printed)
		require.NoError(t, syscall.Kill(before.PID, syscall.SIGKILL))
		var got *invoke.Error
		require.ErrorAs(t, receive(t, failed), &got)
		assert.Equal(t, "Runtime.ExitError", got.Type)
		assert.Contains(t, got.Message, "Runtime exited with error: signal: killed")
		assert.NotEqual(t, before.PID, ask(t, f, wish{Do: "tell"}).PID)
	})
	t.Run("while it is idle", func(t *testing.T) {
		t.Parallel()
		var logged <-chan string
		f := start(t, "ordinary", func(c *function.Config) { logged = listen(c, "exited") })
		before := ask(t, f, wish{Do: "tell"})
		require.NoError(t, syscall.Kill(before.PID, syscall.SIGKILL))
		assert.Contains(t, receive(t, logged), "a process of the function exited with error: signal: killed")
		assert.NotEqual(t, before.PID, ask(t, f, wish{Do: "tell"}).PID)
	})
}

func TestFunctionThatNeverCallsNext(t *testing.T) {
	t.Parallel()
	f := start(t, "never calls next", func(c *function.Config) { c.InitTimeout = 200 * time.Millisecond })
	for range 2 {
		_, err := f.Invoke(t.Context(), wish{Do: "tell"}.event(t))
		var got *invoke.Error
		require.ErrorAs(t, err, &got)
		assert.Equal(t, "Sandbox.Timedout", got.Type)
		assert.Equal(t, "Init timed out after 0.20 seconds: the function has not asked for an invocation", got.Message)
	}
}

func TestFunctionThatExitsAtOnce(t *testing.T) {
	t.Parallel()
	f := start(t, "exits at once", nil)
	for range 2 {
		_, err := f.Invoke(t.Context(), wish{Do: "tell"}.event(t))
		var got *invoke.Error
		require.ErrorAs(t, err, &got)
		assert.Equal(t, &invoke.Error{
			Type:    "Runtime.ExitError",
			Message: "Runtime exited with error: exit status 4",
			Payload: []byte(`{"errorMessage":"Runtime exited with error: exit status 4","errorType":"Runtime.ExitError"}`),
		}, got)
	}
}

func TestCloseLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	for _, child := range []string{"ordinary", "ignores SIGTERM"} {
		t.Run(child, func(t *testing.T) {
			t.Parallel()
			f := start(t, child, func(c *function.Config) { c.StopGrace = 100 * time.Millisecond })
			s := ask(t, f, wish{Do: "spawn"})
			assert.True(t, isAlive(s.ChildPID))
			require.NoError(t, f.Close())
			requireGone(t, s.PID)
			requireGone(t, s.ChildPID)
			_, err := f.Invoke(t.Context(), []byte(`{}`))
			assert.ErrorContains(t, err, "stopped")
		})
	}
}

func TestAttachPortInUse(t *testing.T) {
	t.Parallel()
	config := function.Config{Attach: "127.0.0.1:0", Environ: os.Environ()}
	f, err := function.Start(t.Context(), config)
	require.NoError(t, err)
	t.Cleanup(func() { f.Close() })
	config.Attach = f.Addr()
	_, err = function.Start(t.Context(), config)
	assert.ErrorContains(t, err, `open the Runtime API at "`+f.Addr()+`"`)
	assert.ErrorIs(t, err, syscall.EADDRINUSE)
}
