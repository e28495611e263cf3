//go:build unix

package function_test

import (
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/local/internal/function"
	"github.com/lambridge-go/lambridge/local/invoke"
)

func TestWhatAnInvocationCarries(t *testing.T) {
	t.Parallel()
	f := start(t, "ordinary", func(c *function.Config) { c.Timeout = 15 * time.Minute; c.Env = append(c.Env, "AWS_REGION=eu-north-1") })
	ctx := invoke.WithInfo(t.Context(), invoke.Info{
		RequestID:       "0e1cf3b4-ffff-4c5a-8d1b-000000000001",
		TraceID:         "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=3d02c1f2c1a1b9ad;Sampled=1",
		ClientContext:   []byte(`{"client":{"app_title":"shop"}}`),
		CognitoIdentity: []byte(`{"cognitoIdentityId":"who","cognitoIdentityPoolId":"pool"}`),
		TenantID:        "blue",
	})
	reply, err := f.Invoke(ctx, wish{Do: "tell"}.event(t))
	require.NoError(t, err)
	var got seen
	require.NoError(t, json.Unmarshal(reply, &got))
	assert.Equal(t, "0e1cf3b4-ffff-4c5a-8d1b-000000000001", got.RequestID)
	assert.Equal(t, "arn:aws:lambda:eu-north-1:123456789012:function:under-test", got.ARN)
	assert.Equal(t, f.ARN(), got.ARN)
	assert.Equal(t, "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=3d02c1f2c1a1b9ad;Sampled=1", got.TraceID)
	assert.Equal(t, "shop", got.Client)
	assert.Equal(t, "who", got.CognitoID)
	assert.Equal(t, "blue", got.TenantID, "the invocation's tenant (rule 166)")
	assert.InDelta(t, 15*60_000, got.RemainingMS, 60_000, "the time until the deadline (rule 162)")

	next := ask(t, f, wish{Do: "tell"})
	assert.Regexp(t, `^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`, next.RequestID)
	assert.Regexp(t, `^Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0$`, next.TraceID)
	assert.Empty(t, next.TenantID, "never cached (rule 166)")
}

func TestEnvironment(t *testing.T) {
	t.Parallel()
	environment := func(change func(*function.Config)) (map[string]string, seen) {
		f := start(t, "ordinary", func(c *function.Config) {
			c.Environ = []string{
				"AWS_PROFILE=mine", "AWS_ACCESS_KEY_ID=key", "HOME=/home/me", "TZ=Europe/Oslo",
				"AWS_LAMBDA_FUNCTION_NAME=outer", "_LAMBDA_SERVER_PORT=1", "AWS_LAMBDA_RUNTIME_API=outer:1",
			}
			change(c)
		})
		s := ask(t, f, wish{Do: "tell"})
		all := map[string]string{}
		for _, variable := range s.Environment {
			name, value, _ := strings.Cut(variable, "=")
			all[name] = value
		}
		return all, s
	}

	t.Run("by default", func(t *testing.T) {
		got, s := environment(func(c *function.Config) {})
		assert.Regexp(t, `^127\.0\.0\.1:\d+$`, got["AWS_LAMBDA_RUNTIME_API"])
		assert.Regexp(t, `^\d{4}/\d\d/\d\d/\[\$LATEST\][0-9a-f]{32}$`, got["AWS_LAMBDA_LOG_STREAM_NAME"])
		delete(got, "AWS_LAMBDA_RUNTIME_API")
		delete(got, "AWS_LAMBDA_LOG_STREAM_NAME")
		delete(got, "_X_AMZN_TRACE_ID") // aws-lambda-go's
		assert.Equal(t, map[string]string{
			"AWS_PROFILE": "mine", "AWS_ACCESS_KEY_ID": "key", "HOME": "/home/me",
			"AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1",
			"AWS_LAMBDA_FUNCTION_NAME":        "under-test",
			"AWS_LAMBDA_FUNCTION_VERSION":     "$LATEST",
			"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
			"AWS_LAMBDA_INITIALIZATION_TYPE":  "on-demand",
			"AWS_LAMBDA_LOG_GROUP_NAME":       "/aws/lambda/under-test",
			"AWS_XRAY_CONTEXT_MISSING":        "LOG_ERROR",
			"AWS_XRAY_DAEMON_ADDRESS":         "127.0.0.1:2000",
			"_AWS_XRAY_DAEMON_ADDRESS":        "127.0.0.1",
			"_AWS_XRAY_DAEMON_PORT":           "2000",
			"AWS_SAM_LOCAL":                   "true",
			"LAMBRIDGE_LOCAL":                 "true",
			"LAMBDA_RUNTIME_DIR":              "/var/runtime",
			"LAMBDA_TASK_ROOT":                filepath.Dir(os.Args[0]),
			"LANG":                            "en_US.UTF-8",
			"TZ":                              ":UTC",
			"_HANDLER":                        "bootstrap",
			childVariable:                     "ordinary",
		}, got)
		assert.Equal(t, filepath.Dir(os.Args[0]), s.WorkingDir)
	})
	t.Run("as configured", func(t *testing.T) {
		dir := t.TempDir()
		got, s := environment(func(c *function.Config) {
			c.Environ = append(c.Environ, "AWS_DEFAULT_REGION=eu-west-3")
			c.Env = append(c.Env, "TZ=Asia/Tokyo", "AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI=http://127.0.0.1:3000/dev")
			c.Memory, c.MaxConcurrency, c.Dir, c.Name = 512, 8, dir, "other"
		})
		assert.Equal(t, "eu-west-3", got["AWS_REGION"])
		assert.Equal(t, "Asia/Tokyo", got["TZ"])
		assert.Equal(t, "http://127.0.0.1:3000/dev", got["AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI"])
		assert.Equal(t, "512", got["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"])
		assert.Equal(t, "8", got["AWS_LAMBDA_MAX_CONCURRENCY"], "as many as are served at once (rule 165)")
		assert.Equal(t, "lambda-managed-instances", got["AWS_LAMBDA_INITIALIZATION_TYPE"])
		assert.Equal(t, "JSON", got["AWS_LAMBDA_LOG_FORMAT"])
		assert.Equal(t, "other", got["AWS_LAMBDA_FUNCTION_NAME"])
		assert.Equal(t, dir, got["LAMBDA_TASK_ROOT"])
		assert.Equal(t, dir, s.WorkingDir)
	})
}

func TestConfigErrors(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		config function.Config
		want   string
	}{
		{"nothing to run", function.Config{}, "function: set one of Package, Command and Attach"},
		{"two things to run", function.Config{Package: ".", Command: []string{"x"}}, "function: set one of Package, Command and Attach"},
		{"negative limit", function.Config{Command: []string{"x"}, Timeout: -1}, "function: Timeout is negative: -1"},
		{"variable without =", function.Config{Command: []string{"x"}, Env: []string{"KEY"}}, `function: environment variable number 1 is not of the form KEY=VALUE`},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := function.Start(t.Context(), test.config)
			assert.EqualError(t, err, test.want)
		})
	}
}

func TestOneProcessIsKeptForOneClient(t *testing.T) {
	t.Parallel()
	f := start(t, "ordinary", nil)
	first := ask(t, f, wish{Do: "tell"})
	for range 200 {
		assert.Equal(t, first.PID, ask(t, f, wish{Do: "tell"}).PID)
	}
}

func TestScalesUpToConcurrencyAndThrottlesBeyond(t *testing.T) {
	t.Parallel()
	f := start(t, "ordinary", func(c *function.Config) { c.Concurrency = 3; c.Timeout = patience })
	meeting := t.TempDir()
	pids := make(chan int, 3)
	for range 3 {
		go func() { pids <- ask(t, f, wish{Do: "meet", Text: meeting, Size: 4}).PID }()
	}
	require.Eventually(t, func() bool { there, _ := os.ReadDir(meeting); return len(there) == 3 }, patience, 5*time.Millisecond)
	_, err := f.Invoke(t.Context(), wish{Do: "tell"}.event(t))
	assert.Equal(t, invoke.ErrThrottled, err)
	require.NoError(t, os.WriteFile(filepath.Join(meeting, "the fourth"), nil, 0o600))
	a, b, c := receive(t, pids), receive(t, pids), receive(t, pids)
	assert.True(t, a != b && b != c && c != a, "a process each: %d, %d, %d", a, b, c)
}

func TestIdleProcessesAreStoppedButTheLast(t *testing.T) {
	t.Parallel()
	f := start(t, "ordinary", func(c *function.Config) { c.IdleTimeout = 50 * time.Millisecond; c.Timeout = patience })
	meeting := t.TempDir()
	var mu sync.Mutex
	var pids []int
	var clients sync.WaitGroup
	for range 3 {
		clients.Go(func() {
			s := ask(t, f, wish{Do: "meet", Text: meeting, Size: 3})
			mu.Lock()
			defer mu.Unlock()
			pids = append(pids, s.PID)
		})
	}
	clients.Wait()
	slices.Sort(pids)
	require.Len(t, slices.Compact(pids), 3)
	require.Eventually(t, func() bool {
		return len(slices.DeleteFunc(slices.Clone(pids), func(pid int) bool { return !isAlive(pid) })) == 1
	}, patience, 5*time.Millisecond)
	assert.Contains(t, pids, ask(t, f, wish{Do: "tell"}).PID)
}

func TestManagedInstanceRunsSeveralInvocationsAtOnce(t *testing.T) {
	t.Parallel()
	f := start(t, "ordinary", func(c *function.Config) { c.Concurrency, c.MaxConcurrency, c.Timeout = 1, 8, patience })
	meeting := t.TempDir()
	pids := make(chan int, 8)
	var clients sync.WaitGroup
	for range 8 {
		clients.Go(func() { pids <- ask(t, f, wish{Do: "meet", Text: meeting, Size: 8}).PID })
	}
	clients.Wait()
	pid := receive(t, pids)
	for range 7 {
		assert.Equal(t, pid, receive(t, pids))
	}
}

// A timeout is told to the caller alone: what else runs in the process, runs on.
func TestManagedInstanceTimesOut(t *testing.T) {
	t.Parallel()
	f := start(t, "ordinary", func(c *function.Config) { c.Concurrency, c.MaxConcurrency, c.Timeout = 1, 8, 3*time.Second })
	pid := ask(t, f, wish{Do: "tell"}).PID
	_, err := f.Invoke(t.Context(), wish{Do: "deadlock"}.event(t))
	var failure *invoke.Error
	require.ErrorAs(t, err, &failure)
	assert.True(t, failure.TimedOut())
	assert.Equal(t, pid, ask(t, f, wish{Do: "tell"}).PID)
}

func TestManagedInstanceThatIsStuckMakesRoom(t *testing.T) {
	t.Parallel()
	f := start(t, "ordinary", func(c *function.Config) { c.Concurrency, c.MaxConcurrency, c.Timeout = 1, 2, 3*time.Second })
	pid := ask(t, f, wish{Do: "tell"}).PID
	var clients sync.WaitGroup
	for range 2 { // all its workers
		clients.Go(func() {
			_, err := f.Invoke(t.Context(), wish{Do: "deadlock"}.event(t))
			var failure *invoke.Error
			assert.ErrorAs(t, err, &failure)
			assert.True(t, failure.TimedOut())
		})
	}
	clients.Wait()
	assert.True(t, isAlive(pid), "Lambda lets them run on")
	assert.NotEqual(t, pid, ask(t, f, wish{Do: "tell"}).PID)
	requireGone(t, pid)
}

// The last of its workers is lost while an invocation waits for one.
func TestInvocationThatWaitsForAStuckManagedInstance(t *testing.T) {
	t.Parallel()
	f := start(t, "ordinary", func(c *function.Config) { c.Concurrency, c.MaxConcurrency, c.Timeout = 1, 2, 3*time.Second })
	pid := ask(t, f, wish{Do: "tell"}).PID
	timedOut := make(chan error, 2)
	for range 2 {
		go func() {
			_, err := f.Invoke(t.Context(), wish{Do: "deadlock"}.event(t))
			timedOut <- err
		}()
		<-time.After(500 * time.Millisecond) // of their timeouts there is one before the other
	}
	receive(t, timedOut)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	reply, err := f.Invoke(ctx, wish{Do: "tell"}.event(t))
	require.NoError(t, err)
	var s seen
	require.NoError(t, json.Unmarshal(reply, &s))
	assert.NotEqual(t, pid, s.PID)
	var failure *invoke.Error
	require.ErrorAs(t, receive(t, timedOut), &failure)
	assert.True(t, failure.TimedOut())
	requireGone(t, pid)
}

func TestCallerThatLeavesDoesNotStopTheFunction(t *testing.T) {
	t.Parallel()
	var printed <-chan string
	f := start(t, "ordinary", func(c *function.Config) { c.Concurrency = 1; printed = listen(c, "the work") })
	ctx, leave := context.WithCancel(t.Context())
	defer leave()
	payload := wish{Do: "print, wait, print", For: 200 * time.Millisecond, Text: "the work"}.event(t)
	left := make(chan error, 1)
	go func() {
		_, err := f.Invoke(ctx, payload)
		left <- err
	}()
	assert.Equal(t, "the work has begun", receive(t, printed))
	leave()
	assert.ErrorIs(t, receive(t, left), context.Canceled)
	clear(payload) // it is the caller's again
	assert.Equal(t, "the work has ended", receive(t, printed))
}

func TestStream(t *testing.T) {
	t.Parallel()
	f := start(t, "ordinary", func(c *function.Config) { c.Concurrency = 1 })

	t.Run("arrives piece by piece", func(t *testing.T) {
		stream, err := f.InvokeStream(t.Context(), wish{Do: "stream slowly", Text: "one two three", For: 100 * time.Millisecond}.event(t))
		require.NoError(t, err)
		defer stream.Body.Close()
		assert.Equal(t, "text/event-stream", stream.ContentType)
		var pieces []string
		buffer := make([]byte, 1024)
		for {
			n, err := stream.Body.Read(buffer)
			if n > 0 {
				pieces = append(pieces, string(buffer[:n]))
			}
			if err != nil {
				assert.Equal(t, io.EOF, err)
				break
			}
		}
		assert.Equal(t, []string{"one", "two", "three"}, pieces)
	})
	t.Run("is collected for a caller that does not stream", func(t *testing.T) {
		reply, err := f.Invoke(t.Context(), wish{Do: "stream slowly", Text: "one two", For: time.Millisecond}.event(t))
		require.NoError(t, err)
		assert.Equal(t, "onetwo", string(reply))
	})
	t.Run("of a function that does not stream", func(t *testing.T) {
		stream, err := f.InvokeStream(t.Context(), wish{Do: "big", Size: 3}.event(t))
		require.NoError(t, err)
		defer stream.Body.Close()
		all, err := io.ReadAll(stream.Body)
		require.NoError(t, err)
		assert.Equal(t, `"xxx"`, strings.TrimSpace(string(all)))
		assert.Equal(t, "application/json", stream.ContentType)
	})
	t.Run("over 6 MB (rule 127)", func(t *testing.T) {
		stream, err := f.InvokeStream(t.Context(), wish{Do: "stream endlessly", Size: 20 << 20}.event(t))
		require.NoError(t, err)
		defer stream.Body.Close()
		n, err := io.Copy(io.Discard, stream.Body)
		require.NoError(t, err)
		assert.EqualValues(t, 20<<20, n)
	})
	t.Run("error before the first byte (rule 158)", func(t *testing.T) {
		_, err := f.InvokeStream(t.Context(), wish{Do: "error", Text: "no"}.event(t))
		var failure *invoke.Error
		require.ErrorAs(t, err, &failure)
		assert.Equal(t, "errorString", failure.Type)
	})
	t.Run("error in the middle (rule 157)", func(t *testing.T) {
		stream, err := f.InvokeStream(t.Context(), wish{Do: "fail while streaming", Text: "half"}.event(t))
		require.NoError(t, err)
		defer stream.Body.Close()
		all, err := io.ReadAll(stream.Body)
		assert.Equal(t, "half", string(all))
		assert.Equal(t, &invoke.Error{Type: "errorString", Message: "ran dry",
			Payload: []byte(`{"errorMessage":"ran dry","errorType":"errorString"}`)}, err)
	})
	t.Run("error in the middle, collected", func(t *testing.T) {
		_, err := f.Invoke(t.Context(), wish{Do: "fail while streaming", Text: "half"}.event(t))
		var failure *invoke.Error
		require.ErrorAs(t, err, &failure)
		assert.Equal(t, "ran dry", failure.Message)
	})
	t.Run("exit in the middle", func(t *testing.T) {
		stream, err := f.InvokeStream(t.Context(), wish{Do: "exit while streaming", Text: "half"}.event(t))
		require.NoError(t, err)
		defer stream.Body.Close()
		all, err := io.ReadAll(stream.Body)
		assert.Equal(t, "half", string(all))
		var failure *invoke.Error
		require.ErrorAs(t, err, &failure)
		assert.Equal(t, "Runtime.ExitError", failure.Type)
	})
	t.Run("closed early, the function writes to its end", func(t *testing.T) {
		stream, err := f.InvokeStream(t.Context(), wish{Do: "stream endlessly", Size: 20 << 20}.event(t))
		require.NoError(t, err)
		require.NoError(t, stream.Body.Close())
		require.Eventually(t, func() bool {
			_, err := f.Invoke(t.Context(), wish{Do: "tell"}.event(t))
			return err == nil
		}, patience, 5*time.Millisecond)
	})
}

func TestStreamTimesOut(t *testing.T) {
	t.Parallel()
	f := start(t, "ordinary", func(c *function.Config) { c.Concurrency, c.Timeout = 1, 3*time.Second })
	stream, err := f.InvokeStream(t.Context(), wish{Do: "stream slowly", Text: "one two", For: time.Minute}.event(t))
	require.NoError(t, err)
	defer stream.Body.Close()
	all, err := io.ReadAll(stream.Body)
	assert.Equal(t, "one", string(all))
	var failure *invoke.Error
	require.ErrorAs(t, err, &failure)
	assert.True(t, failure.TimedOut())
	ask(t, f, wish{Do: "tell"})
}

func TestSlowReaderHoldsUpTheFunction(t *testing.T) {
	t.Parallel()
	reports := make(chan function.Report, 1)
	f := start(t, "ordinary", func(c *function.Config) { c.OnReport = func(r function.Report) { reports <- r } })
	stream, err := f.InvokeStream(t.Context(), wish{Do: "stream endlessly", Size: 64 << 20}.event(t))
	require.NoError(t, err)
	defer stream.Body.Close()
	select {
	case <-reports:
		require.Fail(t, "64 MB went somewhere, though nobody reads them")
	case <-time.After(300 * time.Millisecond):
	}
	n, err := io.Copy(io.Discard, stream.Body)
	require.NoError(t, err)
	assert.EqualValues(t, 64<<20, n)
	receive(t, reports)
}

func TestLinesAndReports(t *testing.T) {
	t.Parallel()
	lines := make(chan function.Line, 10)
	reports := make(chan function.Report, 10)
	f := start(t, "ordinary", func(c *function.Config) {
		c.OnLine = func(l function.Line) { lines <- l }
		c.OnReport = func(r function.Report) { reports <- r }
	})
	ctx := invoke.WithInfo(t.Context(), invoke.Info{RequestID: "first"})
	_, err := f.Invoke(ctx, wish{Do: "print", Text: "hello"}.event(t))
	require.NoError(t, err)
	assert.Equal(t, function.Line{RequestID: "first", Text: "out: hello"}, receive(t, lines))
	assert.Equal(t, function.Line{RequestID: "first", Text: "err: hello"}, receive(t, lines))
	cold := receive(t, reports)
	assert.Equal(t, "first", cold.RequestID)
	assert.Positive(t, cold.Duration)
	assert.Positive(t, cold.Init)
	assert.Greater(t, cold.MaxMemory, int64(1<<20))
	assert.Empty(t, cold.Error)

	_, err = f.Invoke(t.Context(), wish{Do: "error", Text: "no"}.event(t))
	require.Error(t, err)
	warm := receive(t, reports)
	assert.Zero(t, warm.Init)
	assert.Equal(t, "errorString", warm.Error)
}

// Lines belong to the invocation that printed them, however slowly they are read.
func TestLinesThatAreReadSlowly(t *testing.T) {
	t.Parallel()
	lines := make(chan function.Line, 100)
	f := start(t, "ordinary", func(c *function.Config) {
		c.OnLine = func(l function.Line) {
			<-time.After(5 * time.Millisecond)
			lines <- l
		}
	})
	for range 3 {
		id := ask(t, f, wish{Do: "print", Text: "1\n2\n3\n4\n5"}).RequestID
		ask(t, f, wish{Do: "tell"})
		for _, text := range []string{"out: 1", "2", "3", "4", "5", "err: 1", "2", "3", "4", "5"} {
			assert.Equal(t, function.Line{RequestID: id, Text: text}, receive(t, lines))
		}
	}
}

// told is a watcher that keeps what it hears.
type told struct {
	began   chan string
	printed chan string
	ended   chan function.Report
}

func newTold() told {
	return told{make(chan string, 1), make(chan string, 10), make(chan function.Report, 1)}
}

func (w told) Began(id string)         { w.began <- id }
func (w told) Printed(line string)     { w.printed <- line }
func (w told) Ended(r function.Report) { w.ended <- r }

// A watcher hears of its own invocation and of no other.
func TestWatcher(t *testing.T) {
	t.Parallel()
	f := start(t, "ordinary", nil)
	for _, text := range []string{"one", "two"} {
		w := newTold()
		ctx := function.WithWatcher(t.Context(), w)
		assert.Equal(t, w, function.WatcherFrom(ctx))
		reply, err := f.Invoke(ctx, wish{Do: "print", Text: text}.event(t))
		require.NoError(t, err)
		var s seen
		require.NoError(t, json.Unmarshal(reply, &s))
		assert.Equal(t, s.RequestID, receive(t, w.began))
		assert.Equal(t, "out: "+text, receive(t, w.printed))
		assert.Equal(t, "err: "+text, receive(t, w.printed))
		assert.Equal(t, s.RequestID, receive(t, w.ended).RequestID)

		ask(t, f, wish{Do: "print", Text: "unwatched"})
		assert.Empty(t, w.printed, "of another invocation")
		assert.Empty(t, w.ended)
	}
	assert.Nil(t, function.WatcherFrom(t.Context()))
}

func TestCaptureLog(t *testing.T) {
	t.Parallel()
	f := start(t, "ordinary", nil)
	ctx, tail := function.CaptureLog(t.Context())
	_, err := f.Invoke(ctx, wish{Do: "print", Text: strings.Repeat("y", 2100)}.event(t))
	require.NoError(t, err)
	log := string(tail.Wait(t.Context()))
	assert.Len(t, log, 4096)
	assert.Regexp(t, `^y+\nerr: y+\nEND RequestId: (\S{36})\nREPORT RequestId: \S{36}\tDuration: [0-9.]+ ms\tBilled Duration: \d+ ms\t`+
		`Memory Size: 128 MB\tMax Memory Used: \d+ MB\tInit Duration: [0-9.]+ ms\t\n$`, log)

	ctx, tail = function.CaptureLog(t.Context())
	_, err = f.Invoke(ctx, wish{Do: "print", Text: "x"}.event(t))
	require.NoError(t, err)
	assert.Regexp(t, `^START RequestId: (\S{36}) Version: \$LATEST\nout: x\nerr: x\nEND RequestId: \S{36}\nREPORT .*MB\t\n$`, string(tail.Wait(t.Context())), "not the first invocation")
}

// What aws-lambda-go says of a handler it cannot call does not say what to do.
func TestHandlerThatCannotBeCalledIsExplained(t *testing.T) {
	t.Parallel()
	var logged <-chan string
	f := start(t, "no function", func(c *function.Config) { logged = listen(c, "lambda.Start") })
	for range 2 {
		_, err := f.Invoke(t.Context(), []byte(`{}`))
		require.ErrorContains(t, err, "is not func")
	}
	assert.Contains(t, receive(t, logged), "lambda.Start(adapter.Wrap(mux))")
	assert.Empty(t, logged, "once")
}

func TestFilesThatAreNoPrograms(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	elf := func(machine byte) string {
		return "\x7fELF\x02\x01\x01" + strings.Repeat("\x00", 9) + "\x02\x00" + string([]byte{machine, 0}) + strings.Repeat("\x00", 100)
	}
	other := map[string]byte{"amd64": 183, "arm64": 62}[runtime.GOARCH]
	for name, test := range map[string]struct {
		text string
		mode os.FileMode
		want string
	}{
		"f.zip":    {"PK\x03\x04rest of it", 0o644, "f.zip\": zip: not a valid zip file"},
		"notes":    {"root:x:0:0:root:/root:/bin/bash\n", 0o644, "may not be executed: if it is a program, chmod +x makes it one"},
		"other":    {elf(other), 0o755, "is a program for linux/"},
		"mac":      {"\xcf\xfa\xed\xfe" + strings.Repeat("\x00", 100), 0o755, "is a program for darwin, and this is " + runtime.GOOS + "/" + runtime.GOARCH},
		"some.exe": {"MZ" + strings.Repeat("\x00", 100), 0o755, "is a program for windows, and this is " + runtime.GOOS + "/" + runtime.GOARCH},
		"missing":  {"", 0, "find the program: "},
	} {
		path := filepath.Join(dir, name)
		if test.mode != 0 {
			require.NoError(t, os.WriteFile(path, []byte(test.text), test.mode))
		}
		for _, watch := range []bool{false, true} {
			_, err := function.Start(t.Context(), function.Config{Command: []string{path}, Watch: watch})
			assert.ErrorContains(t, err, test.want, name)
		}
	}
	_, err := function.Start(t.Context(), function.Config{Command: []string{dir}})
	assert.ErrorContains(t, err, "is a folder, not a program")
}

// A program that the system does not start has not called lambda.Start, or not.
func TestProgramThatDoesNotStart(t *testing.T) {
	t.Parallel()
	script := filepath.Join(t.TempDir(), "bootstrap")
	require.NoError(t, os.WriteFile(script, []byte("#!/no/such/interpreter\n"), 0o755))
	var logged <-chan string
	f := start(t, "", func(c *function.Config) {
		c.Command, c.Env = []string{script}, nil
		logged = listen(c, "the function")
	})
	_, err := f.Invoke(t.Context(), []byte(`{}`))
	require.Error(t, err)
	line := receive(t, logged)
	assert.Contains(t, line, "the function could not be started")
	assert.Contains(t, line, "such as its interpreter, is missing")
	assert.NotContains(t, line, "lambda.Start")
}
