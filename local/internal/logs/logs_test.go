package logs_test

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/local/internal/build"
	"github.com/lambridge-go/lambridge/local/internal/function"
	"github.com/lambridge-go/lambridge/local/internal/logs"
)

const id = "0e1cf3b4-1111-4c5a-8d1b-000000000001"

// told is everything a Printer can be told, with how it looks plain and in colour.
var told = []struct {
	name        string
	tell        func(*logs.Printer)
	want        string
	wantColours string
}{
	{
		name:        "a line",
		tell:        func(p *logs.Printer) { p.Line(function.Line{RequestID: id, Text: "hello"}) },
		want:        "0e1cf3b4 │ hello",
		wantColours: "\x1b[2m0e1cf3b4 │ \x1b[0mhello",
	},
	{
		name:        "a line before the first invocation",
		tell:        func(p *logs.Printer) { p.Line(function.Line{Text: "starting"}) },
		want:        "         │ starting",
		wantColours: "\x1b[2m         │ \x1b[0mstarting",
	},
	{
		name: "a line of slog's JSONHandler",
		tell: func(p *logs.Printer) {
			p.Line(function.Line{RequestID: id, Text: `{"time":"2026-11-22T04:00:00Z","level":"WARN","msg":"slow query","ms":1200,"sql":"select 1","in":{"a":[1]}}`})
		},
		want:        `0e1cf3b4 │ WARN  slow query ms=1200 sql=select 1 in={"a":[1]}`,
		wantColours: "\x1b[2m0e1cf3b4 │ \x1b[0m\x1b[33mWARN  \x1b[0mslow query\x1b[2m ms=\x1b[0m1200\x1b[2m sql=\x1b[0mselect 1\x1b[2m in=\x1b[0m" + `{"a":[1]}`,
	},
	{
		name:        "JSON that is no log entry",
		tell:        func(p *logs.Printer) { p.Line(function.Line{RequestID: id, Text: `{"a":1}`}) },
		want:        `0e1cf3b4 │ {"a":1}`,
		wantColours: "\x1b[2m0e1cf3b4 │ \x1b[0m" + `{"a":1}`,
	},
	{
		name: "a cold start",
		tell: func(p *logs.Printer) {
			p.Report(function.Report{RequestID: id, Duration: 1530 * time.Microsecond, Init: 4800 * time.Microsecond, MaxMemory: 13 << 20})
		},
		want:        "0e1cf3b4 REPORT 1.5 ms · cold start 4.8 ms · 13 MB",
		wantColours: "\x1b[2m0e1cf3b4 REPORT 1.5 ms · cold start 4.8 ms · 13 MB\x1b[0m",
	},
	{
		name: "a failure",
		tell: func(p *logs.Printer) {
			p.Report(function.Report{RequestID: id, Duration: 3 * time.Second, Error: "Sandbox.Timedout"})
		},
		want:        "0e1cf3b4 REPORT 3.00 s · Sandbox.Timedout",
		wantColours: "\x1b[2m0e1cf3b4 REPORT 3.00 s\x1b[0m\x1b[31m · Sandbox.Timedout\x1b[0m",
	},
	{
		name: "a request",
		tell: func(p *logs.Printer) {
			p.Request(logs.Request{Method: "GET", URI: "/a?b=c", Status: 200, Duration: 2 * time.Millisecond})
		},
		want:        "200 GET /a?b=c · 2.0 ms",
		wantColours: "\x1b[32m200\x1b[0m GET /a?b=c\x1b[2m · 2.0 ms\x1b[0m",
	},
	{
		name: "a request to one of several front doors",
		tell: func(p *logs.Printer) {
			p.Request(logs.Request{FrontDoor: "rest", Method: "PUT", URI: "/", Status: 502, Duration: 2 * time.Millisecond})
		},
		want:        "502 rest PUT / · 2.0 ms",
		wantColours: "\x1b[31m502\x1b[0m rest PUT /\x1b[2m · 2.0 ms\x1b[0m",
	},
	{
		name: "a request, and what was made of it",
		tell: func(p *logs.Printer) {
			p.Request(logs.Request{Method: "GET", URI: "/", Status: 200, Duration: 2 * time.Millisecond, Sent: `POST http://a/ {"b": 1}`, Got: "404 no\n"})
		},
		want:        "200 GET / · 2.0 ms · sent POST http://a/ {\"b\": 1} · got \"404 no\\n\"",
		wantColours: "\x1b[32m200\x1b[0m GET /\x1b[2m · 2.0 ms · sent POST http://a/ {\"b\": 1} · got \"404 no\\n\"\x1b[0m",
	},
	{
		name: "words of the tool, and the compiler's below them",
		tell: func(p *logs.Printer) {
			p.Logger().With("package", "x").Error("build failed", "error", &build.Error{ImportPath: "x", Output: "# x\n./main.go:1: wrong\n"}, "n", 1)
		},
		want:        "lambridge  ERROR build failed package=x n=1\nbuild: x does not compile:\n# x\n./main.go:1: wrong",
		wantColours: "lambridge  \x1b[31mERROR \x1b[0mbuild failed\x1b[2m package=\x1b[0mx\x1b[2m n=\x1b[0m1\nbuild: x does not compile:\n# x\n./main.go:1: wrong",
	},
}

func TestPretty(t *testing.T) {
	t.Parallel()
	for _, test := range told {
		t.Run(test.name, func(t *testing.T) {
			var plain, coloured bytes.Buffer
			for _, printer := range []*logs.Printer{logs.New(&plain, false), logs.New(&coloured, true)} {
				test.tell(printer)
				printer.Close()
			}
			assert.Equal(t, test.want+"\n", plain.String())
			assert.Equal(t, test.wantColours+"\n", coloured.String())
		})
	}
}

func TestJSON(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	printer := logs.NewJSON(&out)
	for _, test := range told {
		test.tell(printer)
	}
	printer.Close()
	lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	require.Len(t, lines, len(told))
	assert.Equal(t, `{"time":"2026-11-22T04:00:00Z","level":"WARN","msg":"slow query","ms":1200,"sql":"select 1","in":{"a":[1]}}`, lines[2], "stays as it is")
	want := []string{
		`{"level":"INFO","msg":"hello","requestId":"` + id + `"}`,
		`{"level":"INFO","msg":"starting","requestId":""}`,
		lines[2],
		`{"a":1}`,
		`{"level":"INFO","msg":"REPORT","requestId":"` + id + `","durationMs":1.53,"initMs":4.8,"maxMemoryMB":13}`,
		`{"level":"INFO","msg":"REPORT","requestId":"` + id + `","durationMs":3000,"errorType":"Sandbox.Timedout"}`,
		`{"level":"INFO","msg":"request","method":"GET","uri":"/a?b=c","status":200,"durationMs":2}`,
		`{"level":"INFO","msg":"request","method":"PUT","uri":"/","status":502,"durationMs":2,"frontDoor":"rest"}`,
		`{"level":"INFO","msg":"request","method":"GET","uri":"/","status":200,"durationMs":2,"sent":"POST http://a/ {\"b\": 1}","got":"404 no\n"}`,
		`{"level":"ERROR","msg":"build failed","package":"x","error":"build: x does not compile:\n# x\n./main.go:1: wrong","n":1}`,
	}
	for n, line := range lines {
		var got, wanted map[string]any
		require.NoError(t, json.Unmarshal([]byte(line), &got), line)
		require.NoError(t, json.Unmarshal([]byte(want[n]), &wanted))
		if n != 2 {
			delete(got, "time")
		}
		assert.Equal(t, wanted, got)
	}
}

// writes remembers each Write.
type writes struct {
	mu  sync.Mutex
	all []string
}

func (w *writes) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.all = append(w.all, string(b))
	return len(b), nil
}

// take returns what has been written since it was last asked.
func (w *writes) take() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	all := w.all
	w.all = nil
	return all
}

func TestLinesUnderLoadAreWrittenTogether(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var w writes
		printer := logs.New(&w, false)
		say := func(text string) { printer.Line(function.Line{RequestID: id, Text: text}) }

		say("a")
		synctest.Wait()
		assert.Equal(t, []string{"0e1cf3b4 │ a\n"}, w.take(), "nothing came before it")
		say("b")
		say("c")
		synctest.Wait()
		assert.Empty(t, w.take())
		<-time.After(10 * time.Millisecond)
		synctest.Wait()
		assert.Equal(t, []string{"0e1cf3b4 │ b\n0e1cf3b4 │ c\n"}, w.take())
		<-time.After(time.Second)
		synctest.Wait()
		say("d")
		synctest.Wait()
		assert.Equal(t, []string{"0e1cf3b4 │ d\n"}, w.take(), "after a pause")
		say("e")
		printer.Close()
		assert.Equal(t, []string{"0e1cf3b4 │ e\n"}, w.take(), "at the end nothing waits")
		printer.Print("as\nit is")
		printer.Close()
		assert.Equal(t, []string{"as\nit is"}, w.take())
	})
}

// A gate is a writer that somebody has to open.
type gate struct {
	writes
	open chan struct{}
}

func (g *gate) Write(b []byte) (int, error) {
	<-g.open
	return g.writes.Write(b)
}

// A terminal that shows nothing holds up nobody for long, and what is said there is
// bounded. When it goes on, it tells that something is missing.
func TestNobodyReads(t *testing.T) {
	t.Parallel()
	for name, open := range map[string]func(*gate) *logs.Printer{
		"for people":   func(w *gate) *logs.Printer { return logs.New(w, false) },
		"for programs": func(w *gate) *logs.Printer { return logs.NewJSON(w) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := &gate{open: make(chan struct{})}
				printer := open(w)
				began := time.Now()
				for range 200 {
					printer.Line(function.Line{RequestID: id, Text: strings.Repeat("x", 20_000)})
				}
				printer.Close()
				assert.Less(t, time.Since(began), 10*time.Second)
				assert.Empty(t, w.take())

				close(w.open)
				printer.Line(function.Line{RequestID: id, Text: "again"})
				<-time.After(time.Second)
				printer.Line(function.Line{RequestID: id, Text: "the last"})
				printer.Close()
				text := strings.Join(w.take(), "")
				assert.Contains(t, text, "lines are left out here, since nobody has read them in time")
				assert.Contains(t, text, "the last")
				assert.Less(t, len(text), 3<<20)
			})
		})
	}
}

// A slow writer takes a second for each piece.
type slow struct{ writes }

func (w *slow) Write(b []byte) (int, error) {
	<-time.After(time.Second)
	return w.writes.Write(b)
}

// One that is slow is waited for.
func TestSlowReader(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var w slow
		printer := logs.New(&w, false)
		for range 200 {
			printer.Line(function.Line{RequestID: id, Text: strings.Repeat("x", 20_000)})
		}
		printer.Close()
		assert.Equal(t, 200, strings.Count(strings.Join(w.take(), ""), "\n"), "nothing is missing")
	})
}

func TestColoured(t *testing.T) {
	t.Parallel()
	file, err := os.Create(t.TempDir() + "/log")
	require.NoError(t, err)
	defer file.Close()
	assert.False(t, logs.Coloured(file, nil), "a file is no terminal")
	assert.False(t, logs.Coloured(&bytes.Buffer{}, nil))
	terminal, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skip("no terminal to be had: ", err)
	}
	defer terminal.Close()
	assert.True(t, logs.Coloured(terminal, []string{"TERM=xterm", "NO_COLOR="}))
	assert.False(t, logs.Coloured(terminal, []string{"NO_COLOR=1"}))
	assert.False(t, logs.Coloured(terminal, []string{"TERM=dumb"}), "it shows escape sequences as they are")
}
