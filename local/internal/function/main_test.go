//go:build unix

package function_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/local/internal/function"
)

// The test binary is also the function under test: with this variable set it
// becomes the one that the value names.
const childVariable = "LAMBRIDGE_TEST_CHILD"

func TestMain(m *testing.M) {
	switch os.Getenv(childVariable) {
	case "":
		code := m.Run()
		if code == 0 {
			code = checkGoroutines()
		}
		os.Exit(code)
	case "ordinary":
		lambda.Start(answer)
	case "ignores SIGTERM":
		signal.Ignore(syscall.SIGTERM)
		lambda.Start(answer)
	case "enables SIGTERM":
		lambda.StartWithOptions(answer, lambda.WithEnableSIGTERM(func() { fmt.Println("goodbye") }))
	case "has an extension":
		signal.Ignore(syscall.SIGTERM)
		go extension()
		lambda.Start(answer)
	case "no function":
		lambda.Start(http.NewServeMux())
	case "never calls next":
		select {}
	case "exits at once":
		os.Exit(4)
	case "raw":
		raw()
	default:
		panic("unknown child")
	}
}

// checkGoroutines fails the run if anything of the packages is left running.
func checkGoroutines() int {
	deadline := time.Now().Add(patience)
	for {
		stacks := make([]byte, 1<<20)
		stacks = stacks[:runtime.Stack(stacks, true)]
		var left []string
		for _, stack := range strings.Split(string(stacks), "\n\n")[1:] {
			if strings.Contains(stack, "lambridge/local/") || strings.Contains(stack, "net/http.(*conn)") {
				left = append(left, stack)
			}
		}
		if len(left) == 0 {
			return 0
		}
		if time.Now().After(deadline) {
			fmt.Fprintf(os.Stderr, "goroutines left:\n\n%s\n", strings.Join(left, "\n\n"))
			return 1
		}
		runtime.Gosched()
	}
}

// A wish is the event that the function under test understands.
type wish struct {
	Do   string        `json:"do"`
	Text string        `json:"text,omitempty"`
	Size int           `json:"size,omitempty"`
	For  time.Duration `json:"for,omitempty"`
}

// seen is what the function tells of itself.
type seen struct {
	PID         int
	RequestID   string
	ARN         string
	TenantID    string
	Client      string
	CognitoID   string
	TraceID     string
	RemainingMS int64
	WorkingDir  string
	Environment []string
	ChildPID    int
	Text        string
}

func answer(ctx context.Context, w wish) (any, error) {
	switch w.Do {
	case "tell":
		return tell(ctx, w), nil
	case "print":
		fmt.Println("out: " + w.Text)
		fmt.Fprintln(os.Stderr, "err: "+w.Text)
		return tell(ctx, w), nil
	case "error":
		return nil, errors.New(w.Text)
	case "panic":
		panic(w.Text)
	case "exit":
		os.Exit(3)
	case "deadlock":
		fmt.Println("deadlocked")
		select {}
	case "meet": // in the folder Text, until there are Size invocations at once
		if _, err := os.CreateTemp(w.Text, ""); err != nil {
			return nil, err
		}
		for ctx.Err() == nil {
			if there, _ := os.ReadDir(w.Text); len(there) >= w.Size {
				return tell(ctx, w), nil
			}
			<-time.After(5 * time.Millisecond)
		}
		return nil, ctx.Err()
	case "print, wait, print":
		fmt.Println(w.Text + " has begun")
		<-time.After(w.For)
		fmt.Println(w.Text + " has ended")
		return nil, nil
	case "big":
		return strings.Repeat("x", w.Size), nil
	case "spawn":
		child := exec.Command("sleep", "1000")
		if err := child.Start(); err != nil {
			return nil, err
		}
		s := tell(ctx, w)
		s.ChildPID = child.Process.Pid
		return s, nil
	case "stream":
		return streamed{strings.NewReader(w.Text)}, nil
	case "stream slowly":
		return streamed{&slowReader{parts: strings.Split(w.Text, " "), pause: w.For}}, nil
	case "stream endlessly":
		return streamed{io.LimitReader(zeros{}, int64(w.Size))}, nil
	case "fail while streaming":
		return streamed{io.MultiReader(strings.NewReader(w.Text), failing{})}, nil
	case "exit while streaming":
		return streamed{io.MultiReader(strings.NewReader(w.Text), exiting{})}, nil
	}
	return nil, fmt.Errorf("cannot do %q", w.Do)
}

func tell(ctx context.Context, w wish) seen {
	lc, _ := lambdacontext.FromContext(ctx)
	deadline, _ := ctx.Deadline()
	dir, _ := os.Getwd()
	return seen{
		PID:         os.Getpid(),
		RequestID:   lc.AwsRequestID,
		ARN:         lc.InvokedFunctionArn,
		TenantID:    lc.TenantID,
		Client:      lc.ClientContext.Client.AppTitle,
		CognitoID:   lc.Identity.CognitoIdentityID,
		TraceID:     fmt.Sprint(ctx.Value("x-amzn-trace-id")),
		RemainingMS: time.Until(deadline).Milliseconds(),
		WorkingDir:  dir,
		Environment: os.Environ(),
		Text:        w.Text,
	}
}

type streamed struct{ from io.Reader }

func (s streamed) Read(b []byte) (int, error) { return s.from.Read(b) }

func (streamed) ContentType() string { return "text/event-stream" }

type slowReader struct {
	parts []string
	pause time.Duration
	begun bool
}

func (r *slowReader) Read(b []byte) (int, error) {
	if len(r.parts) == 0 {
		return 0, io.EOF
	}
	if r.begun {
		<-time.After(r.pause)
	}
	r.begun = true
	n := copy(b, r.parts[0])
	r.parts = r.parts[1:]
	return n, nil
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errors.New("ran dry") }

type exiting struct{}

func (exiting) Read([]byte) (int, error) {
	<-time.After(50 * time.Millisecond) // what came before is on its way
	os.Exit(5)
	return 0, nil
}

// extension prints the events that it gets, and ends the process at the last.
func extension() {
	base := "http://" + os.Getenv("AWS_LAMBDA_RUNTIME_API") + "/2020-01-01/extension/"
	register, _ := http.NewRequest("POST", base+"register", strings.NewReader(`{"events":["INVOKE","SHUTDOWN"]}`))
	register.Header.Set("Lambda-Extension-Name", "watcher")
	response, err := http.DefaultClient.Do(register)
	if err != nil {
		os.Exit(1)
	}
	response.Body.Close()
	for {
		next, _ := http.NewRequest("GET", base+"event/next", nil)
		next.Header.Set("Lambda-Extension-Identifier", response.Header.Get("Lambda-Extension-Identifier"))
		answer, err := http.DefaultClient.Do(next)
		if err != nil {
			os.Exit(1)
		}
		event, _ := io.ReadAll(answer.Body)
		answer.Body.Close()
		fmt.Printf("event %s", event)
		if bytes.Contains(event, []byte("SHUTDOWN")) {
			os.Exit(0)
		}
	}
}

// raw is a runtime that does to the Runtime API what each event tells it to, and
// replies with what the API answered.
func raw() {
	base := "http://" + os.Getenv("AWS_LAMBDA_RUNTIME_API") + "/2018-06-01/runtime/"
	for {
		next, err := http.Get(base + "invocation/next")
		if err != nil {
			os.Exit(1)
		}
		var calls []rawCall
		if err := json.NewDecoder(next.Body).Decode(&calls); err != nil {
			os.Exit(1)
		}
		next.Body.Close()
		id := next.Header.Get("Lambda-Runtime-Aws-Request-Id")
		var answers []string
		for _, call := range calls {
			url := base + strings.ReplaceAll(call.Path, "{id}", id)
			if strings.HasPrefix(call.Path, "http:") { // the test's own server, which holds it up
				url = call.Path
			}
			request, _ := http.NewRequest(call.Method, url, strings.NewReader(call.Body))
			for name, value := range call.Header {
				request.Header.Set(name, value)
			}
			response, err := http.DefaultClient.Do(request)
			if err != nil {
				answers = append(answers, err.Error())
				continue
			}
			body, _ := io.ReadAll(response.Body)
			response.Body.Close()
			answers = append(answers, fmt.Sprintf("%d %s", response.StatusCode, bytes.TrimSpace(body)))
		}
		fmt.Println(strings.Join(answers, "\n"))
		done, _ := json.Marshal(answers)
		if response, err := http.Post(base+"invocation/"+id+"/response", "application/json", bytes.NewReader(done)); err == nil {
			response.Body.Close()
		}
	}
}

type rawCall struct {
	Method string            `json:"method"`
	Path   string            `json:"path"`
	Header map[string]string `json:"header"`
	Body   string            `json:"body"`
}

// start runs the function that child names until the test ends.
func start(t testing.TB, child string, change func(*function.Config)) *function.Function {
	t.Helper()
	config := function.Config{
		Command:   []string{os.Args[0]},
		Environ:   os.Environ(),
		Env:       []string{childVariable + "=" + child},
		Name:      "under-test",
		StopGrace: time.Second,
		Logger:    slog.New(slog.NewTextHandler(t.Output(), nil)),
	}
	if change != nil {
		change(&config)
	}
	f, err := function.Start(t.Context(), config)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, f.Close()) })
	return f
}

func (w wish) event(t testing.TB) []byte {
	t.Helper()
	event, err := json.Marshal(w)
	require.NoError(t, err)
	return event
}

// ask invokes f, which must answer, and returns what it told.
func ask(t testing.TB, f *function.Function, w wish) seen {
	t.Helper()
	reply, err := f.Invoke(t.Context(), w.event(t))
	require.NoError(t, err)
	var s seen
	require.NoError(t, json.Unmarshal(reply, &s))
	return s
}

// listen makes what the function prints, and what the package logs, readable from
// a channel, as far as it contains text.
func listen(c *function.Config, text string) <-chan string {
	heard := make(chan string, 100)
	hear := func(line string) {
		if strings.Contains(line, text) {
			heard <- line
		}
	}
	c.OnLine = func(l function.Line) { hear(l.Text) }
	c.Logger = slog.New(slog.NewTextHandler(writerFunc(hear), nil))
	return heard
}

type writerFunc func(string)

func (f writerFunc) Write(b []byte) (int, error) { f(string(b)); return len(b), nil }

// patience is how long a test waits for what must happen. It matters only when that
// never does, so that it is longer than any machine needs.
const patience = 3 * time.Minute

// receive waits for a value, but not for ever.
func receive[T any](t testing.TB, from <-chan T) T {
	t.Helper()
	select {
	case value := <-from:
		return value
	case <-time.After(patience):
		require.FailNow(t, "nothing came")
		panic("unreachable")
	}
}

func isAlive(pid int) bool {
	if syscall.Kill(pid, 0) != nil {
		return false
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err != nil || !strings.Contains(string(status), ") Z ")
}

// requireGone waits until the process has ended.
func requireGone(t testing.TB, pid int) {
	t.Helper()
	require.Eventually(t, func() bool { return !isAlive(pid) }, patience, 5*time.Millisecond, "process %d is left", pid)
}
