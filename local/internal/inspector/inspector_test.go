package inspector_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/local/gateway"
	"github.com/lambridge-go/lambridge/local/internal/function"
	"github.com/lambridge-go/lambridge/local/internal/inspector"
	"github.com/lambridge-go/lambridge/local/invoke"
)

// A fixture is an HTTP API with an inspector around it and a function behind it.
type fixture struct {
	t         *testing.T
	inspector *inspector.Inspector
	door      http.Handler
	page      *httptest.Server
	dir       string // of the function
	prints    []string
	reports   function.Report
	watchers  []function.Watcher
	unended   bool     // the function's invocations go on behind their replies
	events    []string // the function's
}

// inspect returns one whose function answers with what it is given for the event.
func inspect(t *testing.T, answer func(event []byte) ([]byte, error)) *fixture {
	f := &fixture{t: t, dir: t.TempDir()}
	run := streamer(func(ctx context.Context, event []byte) ([]byte, error) {
		f.events = append(f.events, string(event))
		told := function.WatcherFrom(ctx)
		f.watchers = append(f.watchers, told)
		told.Began("1")
		for _, line := range f.prints {
			told.Printed(line)
		}
		if !f.unended {
			defer told.Ended(f.reports)
		}
		return answer(event)
	})
	f.inspector = inspector.New(inspector.Config{
		InvokeURL: "http://127.0.0.1:4000",
		Functions: func() []inspector.Function {
			return []inspector.Function{{
				Invoker: run, Name: "notes", ARN: "arn:aws:lambda:us-east-1:123456789012:function:notes",
				Snapshot: function.Snapshot{Dir: f.dir, IsPackage: true, Variables: []string{"TABLE"}},
			}}
		},
	})
	t.Cleanup(f.inspector.Close)
	api := gateway.API{Kind: gateway.HTTPAPI, Default: gateway.Lambda(f.inspector.Watch("notes", run), gateway.LambdaOptions{})}
	front, err := gateway.New(api, gateway.Options{})
	require.NoError(t, err)
	f.door = f.inspector.Door("HTTP API", "http://127.0.0.1:3000", front)
	f.page = httptest.NewServer(f.inspector)
	t.Cleanup(f.page.Close)
	return f
}

// streamer is an invoker that never streams.
type streamer func(context.Context, []byte) ([]byte, error)

func (s streamer) Invoke(ctx context.Context, event []byte) ([]byte, error) { return s(ctx, event) }

func (s streamer) InvokeStream(ctx context.Context, event []byte) (*invoke.Stream, error) {
	reply, err := s(ctx, event)
	return &invoke.Stream{Body: io.NopCloser(strings.NewReader(string(reply)))}, err
}

// hello answers every event alike.
func hello([]byte) ([]byte, error) {
	return []byte(`{"statusCode":200,"headers":{"Content-Type":"text/plain"},"cookies":["session=secret"],"body":"hello"}`), nil
}

// send sends a request through the front door and returns its answer.
func (f *fixture) send(method, target, body string, header ...string) *http.Response {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	r.Host = "127.0.0.1:3000"
	for n := 0; n < len(header); n += 2 {
		r.Header.Add(header[n], header[n+1])
	}
	w := httptest.NewRecorder()
	f.door.ServeHTTP(w, r)
	return w.Result()
}

// ask asks the page's server, and decodes what it says into, unless that is nil.
func (f *fixture) ask(method, path string, body, into any) int {
	f.t.Helper()
	content, err := json.Marshal(body)
	require.NoError(f.t, err)
	r, err := http.NewRequestWithContext(f.t.Context(), method, f.page.URL+path, strings.NewReader(string(content)))
	require.NoError(f.t, err)
	resp, err := http.DefaultClient.Do(r)
	require.NoError(f.t, err)
	defer resp.Body.Close()
	said, err := io.ReadAll(resp.Body)
	require.NoError(f.t, err)
	switch into := into.(type) {
	case nil:
	case *string:
		*into = string(said)
	default:
		require.NoError(f.t, json.Unmarshal(said, into), "%s", said)
	}
	return resp.StatusCode
}

// A row and a detail are what the tests look at of what pages are told.
type row struct {
	ID                                     int
	Door, Function, Method, Target, Source string
	Status                                 int
	Init                                   float64
	Size                                   int64
	Warns, Failed                          bool
	ReplayOf                               int
}

type content struct {
	Text          string
	Base64, Whole bool
	Size          int64
}

type message struct {
	Line   string
	Header [][2]string
	Body   content
}

type detail struct {
	row
	Error           string
	Warnings        []string
	Request, Answer *message
	Event, Reply    *content
	Invocations     []struct {
		Lines   []string
		Dropped int
		Init    float64
	}
	Phases []struct{ Name string }
	Doors  []struct{ Source, Name string }
	Alone  bool
}

func (m *message) field(name string) string {
	for _, field := range m.Header {
		if field[0] == name {
			return field[1]
		}
	}
	return ""
}

func (f *fixture) detail(id int, query string) (d detail) {
	f.t.Helper()
	require.Equal(f.t, 200, f.ask("GET", fmt.Sprintf("/api/exchanges/%d%s", id, query), nil, &d))
	return d
}

// An update is what a page is told of changes.
type update struct {
	Plot         []struct{ Count int }
	Epoch, First int
	Rows         []row
}

// updates listens as a page does.
func (f *fixture) updates() func() update {
	r, err := http.NewRequestWithContext(f.t.Context(), "GET", f.page.URL+"/api/stream", nil)
	require.NoError(f.t, err)
	resp, err := http.DefaultClient.Do(r)
	require.NoError(f.t, err)
	f.t.Cleanup(func() { resp.Body.Close() })
	require.Equal(f.t, "text/event-stream", resp.Header.Get("Content-Type"))
	lines := bufio.NewReader(resp.Body)
	return func() (u update) {
		line, err := lines.ReadString('\n')
		require.NoError(f.t, err)
		require.NoError(f.t, json.Unmarshal([]byte(strings.TrimPrefix(line, "data: ")), &u))
		_, err = lines.ReadString('\n')
		require.NoError(f.t, err)
		return u
	}
}

func TestOneExchange(t *testing.T) {
	f := inspect(t, hello)
	f.prints = []string{"one", "two"}
	f.reports = function.Report{Duration: 5e6, Init: 7e6, MaxMemory: 1 << 20}
	f.send("POST", "/notes?page=2", "a note", "Authorization", "Bearer secret", "Cookie", "session=secret", "Content-Type", "text/plain")

	d := f.detail(1, "")
	assert.Equal(t, row{ID: 1, Door: "HTTP API", Function: "notes", Method: "POST", Target: "/notes?page=2", Source: "http", Status: 200, Init: 7, Size: 5}, d.row)
	assert.Equal(t, "POST /notes?page=2", d.Request.Line)
	assert.Equal(t, content{Text: "a note", Whole: true, Size: 6}, d.Request.Body)
	assert.JSONEq(t, f.events[0], f.detail(1, "?secrets=1").Event.Text, "the event, as the function got it")
	assert.Equal(t, "200 OK", d.Answer.Line)
	assert.Equal(t, content{Text: "hello", Whole: true, Size: 5}, d.Answer.Body)
	require.Len(t, d.Invocations, 1)
	assert.Equal(t, []string{"one", "two"}, d.Invocations[0].Lines)
	var phases []string
	for _, p := range d.Phases {
		phases = append(phases, p.Name)
	}
	assert.Equal(t, []string{"locate", "match", "event"}, phases[:3], "and no authorizer, where there is none")
	assert.Contains(t, phases, "handler")
	assert.Len(t, d.Doors, len(gateway.Sources())-1, "every other front door may be tried")
	assert.True(t, d.Alone, "as a plain one, since nothing says how else")
}

// What an invocation prints, and its report, belong to its exchange however many others come
// before them.
func TestLate(t *testing.T) {
	for _, test := range []struct {
		name          string
		report, lines int // how many exchanges are ahead of each
	}{
		{"both at once", 0, 0},
		{"behind a few", 3, 3},
		{"behind many", 100, 200},
		{"lines long after the report", 0, 100},
		{"lines long before the report", 100, 0},
		{"a report that comes for the last that is kept", 999, 999},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := inspect(t, hello)
			f.unended = true
			f.send("GET", "/", "")
			first := f.watchers[0]
			f.unended = false
			for n := range 1000 {
				if n == test.report {
					first.Ended(function.Report{Duration: 5e6, Init: 7e6})
				}
				if n == test.lines {
					first.Printed("one")
					first.Printed("two")
				}
				if n < max(test.report, test.lines) {
					f.send("GET", "/", "")
				}
			}
			d := f.detail(1, "")
			assert.Equal(t, 7.0, d.Init)
			require.Len(t, d.Invocations, 1)
			assert.Equal(t, []string{"one", "two"}, d.Invocations[0].Lines)
			assert.Equal(t, 7.0, d.Invocations[0].Init)
		})
	}
	t.Run("its exchange is gone", func(t *testing.T) {
		f := inspect(t, hello)
		f.unended = true
		for range 1001 {
			f.send("GET", "/", "")
		}
		f.watchers[0].Printed("one")
		f.watchers[0].Ended(function.Report{Init: 7e6})
		last := f.detail(1001, "") // which has its place
		assert.Zero(t, last.Init)
		assert.Empty(t, last.Invocations[0].Lines)
	})
}

// What is secret is shown to those who ask.
func TestSecrets(t *testing.T) {
	f := inspect(t, hello)
	f.send("GET", "/", "", "Authorization", "Bearer secret", "Cookie", "session=secret", "X-Api-Key", "secret", "X-Other", "public")
	masked, shown := f.detail(1, ""), f.detail(1, "?secrets=1")
	for _, name := range []string{"Authorization", "Cookie", "X-Api-Key"} {
		assert.Equal(t, "(masked)", masked.Request.field(name), name)
		assert.Contains(t, shown.Request.field(name), "secret", name)
	}
	assert.Equal(t, "public", masked.Request.field("X-Other"))
	assert.Equal(t, "(masked)", masked.Answer.field("Set-Cookie"))
	assert.Equal(t, "session=secret", shown.Answer.field("Set-Cookie"))
	for what, text := range map[string]string{"event": masked.Event.Text, "reply": masked.Reply.Text} {
		assert.NotContains(t, text, "secret", what)
		assert.True(t, json.Valid([]byte(text)), what)
	}
	assert.Contains(t, shown.Event.Text, "Bearer secret")

	for _, form := range []string{"curl", "aws", "lambdatest"} {
		var text string
		f.ask("GET", "/api/exchanges/1/copy/"+form, nil, &text)
		assert.NotContains(t, text, "secret", form)
		f.ask("GET", "/api/exchanges/1/copy/"+form+"?secrets=1", nil, &text)
		assert.Contains(t, text, "Bearer secret", form)
	}
	var archive string
	f.ask("GET", "/api/har", nil, &archive)
	assert.NotContains(t, archive, "secret")
	f.ask("GET", "/api/har?secrets=1", nil, &archive)
	assert.Contains(t, archive, "Bearer secret")
}

// A function that refuses a request is not the one that the request is for: no other front
// door is put in front of it.
func TestRefusedByAnAuthorizer(t *testing.T) {
	f := inspect(t, hello)
	authorizer := f.inspector.Watch("notes", streamer(func(ctx context.Context, _ []byte) ([]byte, error) {
		function.WatcherFrom(ctx).Began("1")
		return nil, nil
	}))
	front, err := gateway.New(gateway.API{Kind: gateway.HTTPAPI, Routes: []gateway.Route{{
		Key: "GET /", To: gateway.Lambda(authorizer, gateway.LambdaOptions{}),
		Authorizer: gateway.AuthorizerFunc(func(ctx context.Context, _ *gateway.Arrival) (gateway.Authorization, error) {
			_, err := authorizer.Invoke(ctx, []byte(`{}`))
			require.NoError(t, err)
			return gateway.Authorization{}, &gateway.Denied{Status: 403}
		}),
	}}}, gateway.Options{})
	require.NoError(t, err)
	f.door = f.inspector.Door("HTTP API", "http://127.0.0.1:3000", front)
	require.Equal(t, 403, f.send("GET", "/", "").StatusCode)
	d := f.detail(1, "")
	assert.Equal(t, "notes", d.Function)
	assert.Empty(t, d.Doors)
	var said map[string]any
	assert.Equal(t, 422, f.ask("POST", "/api/exchanges/1/replay", map[string]string{"through": "rest"}, &said))
	assert.Equal(t, "no function that runs has answered", said["error"])
	assert.Equal(t, 422, f.ask("POST", "/api/exchanges/1/fixture", map[string]string{"name": "a"}, &said))
	assert.Equal(t, "a fixture is an HTTP request that has reached a function: this is none", said["error"])
}

// The command sends what the client has sent: no file in place of a body that looks like the
// name of one, and no field of curl's own.
func TestCurl(t *testing.T) {
	f := inspect(t, hello)
	for n, row := range []struct {
		name, method, body string
		header             []string
		want               string
	}{
		{"a body that curl would take for a file's name", "POST", "@/etc/hosts\n", []string{"Content-Type", "text/plain", "Accept", "*/*", "User-Agent", "u"},
			`curl -i -X 'POST' --path-as-is --globoff 'http://127.0.0.1:3000/' \
  -H 'Accept: */*' \
  -H 'Content-Type: text/plain' \
  -H 'User-Agent: u' \
  --data-raw '@/etc/hosts
'`},
		{"a body without a type", "POST", "it's", nil, `curl -i -X 'POST' --path-as-is --globoff 'http://127.0.0.1:3000/' \
  -H 'Accept:' \
  -H 'Content-Type:' \
  -H 'User-Agent:' \
  --data-raw 'it'\''s'`},
		{"a body that a word cannot hold", "POST", "\x00@", nil, `printf '\000\100' | curl -i -X 'POST' --path-as-is --globoff 'http://127.0.0.1:3000/' \
  -H 'Accept:' \
  -H 'Content-Type:' \
  -H 'User-Agent:' \
  --data-binary @-`},
		{"a head alone", "HEAD", "", []string{"Accept", "*/*", "User-Agent", "u"}, `curl --head --path-as-is --globoff 'http://127.0.0.1:3000/' \
  -H 'Accept: */*' \
  -H 'User-Agent: u'`},
		{"a body that is sent with HEAD, which --head leaves no room for", "HEAD", "b", []string{"Accept", "*/*", "User-Agent", "u", "Content-Type", "text/plain"},
			`curl -i -X 'HEAD' --path-as-is --globoff 'http://127.0.0.1:3000/' \
  -H 'Accept: */*' \
  -H 'Content-Type: text/plain' \
  -H 'User-Agent: u' \
  --ignore-content-length -H 'Connection: close' \
  --data-raw 'b'`},
		{"no body", "POST", "", []string{"Accept", ""}, `curl -i -X 'POST' --path-as-is --globoff 'http://127.0.0.1:3000/' \
  -H 'User-Agent:' \
  -H 'Accept;'`},
	} {
		t.Run(row.name, func(t *testing.T) {
			f.send(row.method, "/", row.body, row.header...)
			var text string
			require.Equal(t, 200, f.ask("GET", fmt.Sprintf("/api/exchanges/%d/copy/curl", n+1), nil, &text))
			assert.Equal(t, row.want, text)
		})
	}
}

// The list is told of what comes, and again of what is known later.
func TestStream(t *testing.T) {
	f := inspect(t, hello)
	f.send("GET", "/before", "")
	next := f.updates()
	u := next()
	require.Len(t, u.Rows, 1)
	assert.Equal(t, "/before", u.Rows[0].Target)
	f.send("GET", "/after", "")
	for u = next(); len(u.Rows) == 0; u = next() {
	}
	assert.Equal(t, "/after", u.Rows[0].Target)

	assert.Equal(t, 204, f.ask("DELETE", "/api/exchanges", nil, nil))
	for cleared := next(); cleared.Epoch == u.Epoch; cleared = next() {
	}
	assert.Equal(t, 404, f.ask("GET", "/api/exchanges/1", nil, nil))
}

// What nobody has looked at yet is forgotten with the rest, and its id is not used again.
func TestClearUnseen(t *testing.T) {
	f := inspect(t, hello)
	f.send("GET", "/one", "")
	f.send("GET", "/two", "")
	assert.Equal(t, 204, f.ask("DELETE", "/api/exchanges", nil, nil))
	f.send("GET", "/three", "")
	assert.Equal(t, "GET /three", f.detail(3, "").Request.Line)
	assert.Equal(t, 404, f.ask("GET", "/api/exchanges/2", nil, nil))
	u := f.updates()()
	assert.Len(t, u.Rows, 1)
	assert.Equal(t, 3, u.First)
	drawn := 0
	for _, p := range u.Plot {
		drawn += p.Count
	}
	assert.Equal(t, 1, drawn)
}

// A thousand are kept, and of large bodies the head.
func TestBounds(t *testing.T) {
	f := inspect(t, hello)
	for range 1005 {
		f.send("GET", "/", "")
	}
	assert.Equal(t, 404, f.ask("GET", "/api/exchanges/5", nil, nil))
	u := f.updates()()
	assert.Len(t, u.Rows, 1000)
	assert.Equal(t, 6, u.First)

	f.send("POST", "/", strings.Repeat("é", 150<<10), "Content-Length", fmt.Sprint(300<<10), "Content-Type", "text/plain")
	d := f.detail(1006, "")
	assert.Equal(t, int64(300<<10), d.Request.Body.Size)
	assert.Equal(t, strings.Repeat("é", 8<<10), d.Request.Body.Text)
	assert.False(t, d.Request.Body.Whole)
	assert.NotContains(t, d.Event.Text, "\ufffd")
	var said map[string]string
	assert.Equal(t, 422, f.ask("POST", "/api/exchanges/1006/replay", map[string]any{}, &said))
	assert.Contains(t, said["error"], "16384 bytes are kept, of 307200")

	large := `{"statusCode":200,"body":"` + strings.Repeat("x", 300<<10) + `"}`
	f = inspect(t, func([]byte) ([]byte, error) { return []byte(large), nil })
	f.send("GET", "/", "")
	d = f.detail(1, "")
	assert.Equal(t, content{Text: strings.Repeat("x", 16<<10), Size: 300 << 10}, d.Answer.Body)
	assert.Equal(t, int64(len(large)), d.Reply.Size)

	f.prints = []string{strings.Repeat("x", 300<<10), "short"}
	f.send("GET", "/", "")
	ran := f.detail(2, "").Invocations[0]
	assert.Equal(t, []string{"short"}, ran.Lines)
	assert.Equal(t, 1, ran.Dropped)
}

// The memory of an exchange serves again, and shows nothing of the one before.
func TestMemoryThatServesAgain(t *testing.T) {
	large := []byte(`{"statusCode":200,"body":"` + strings.Repeat("x", 250<<10) + `"}`)
	f := inspect(t, func(event []byte) ([]byte, error) {
		if bytes.Contains(event, []byte("/large")) {
			return large, nil
		}
		var asked struct{ RawPath, Body string }
		require.NoError(t, json.Unmarshal(event, &asked))
		return json.Marshal(map[string]any{"statusCode": 200, "headers": map[string]string{"X-Path": asked.RawPath}, "body": "you said " + asked.Body})
	})
	said := func(n int) string { return strings.Repeat("x", n*997%5000) }
	for n := 1; n <= 1100; n++ {
		f.send("POST", fmt.Sprintf("/%d", n), said(n), "Content-Type", "text/plain", "X-Number", fmt.Sprint(n))
	}
	for _, n := range []int{101, 999, 1000, 1001, 1100} {
		d := f.detail(n, "")
		path := fmt.Sprintf("/%d", n)
		assert.Equal(t, "POST "+path, d.Request.Line)
		assert.Equal(t, fmt.Sprint(n), d.Request.field("X-Number"))
		assert.Equal(t, said(n), d.Request.Body.Text)
		assert.Equal(t, f.events[n-1], d.Event.Text)
		assert.Contains(t, d.Reply.Text, path)
		assert.Equal(t, path, d.Answer.field("X-Path"))
		assert.Equal(t, "you said "+said(n), d.Answer.Body.Text)
		assert.Len(t, d.Invocations, 1)
	}

	// Of large ones fewer are kept than a thousand.
	for range 300 {
		f.send("GET", "/large", "")
	}
	u := f.updates()()
	assert.Greater(t, u.First, 1100)
	assert.Len(t, u.Rows, 1400-u.First+1)
	assert.Equal(t, 404, f.ask("GET", fmt.Sprintf("/api/exchanges/%d", u.First-1), nil, nil))
	assert.True(t, f.detail(u.First, "").Answer.Body.Whole)
}

func TestReplay(t *testing.T) {
	f := inspect(t, func(event []byte) ([]byte, error) {
		var e struct {
			RawPath, Body   string
			IsBase64Encoded bool
			Headers         map[string]string
		}
		if err := json.Unmarshal(event, &e); err != nil {
			return nil, err
		}
		if e.IsBase64Encoded {
			decoded, _ := base64.StdEncoding.DecodeString(e.Body)
			e.Body = string(decoded)
		}
		return json.Marshal(map[string]any{"statusCode": 200, "body": e.RawPath + " " + e.Body + " " + e.Headers["authorization"]})
	})
	f.send("POST", "/notes", "a note", "Authorization", "Bearer secret")

	var done struct {
		ID, Other   int
		Own, Theirs *message
		Differences []string
		Error       string
	}
	require.Equal(t, 200, f.ask("POST", "/api/exchanges/1/replay", map[string]any{}, &done), done.Error)
	again := f.detail(done.ID, "")
	assert.Equal(t, 1, again.ReplayOf)
	assert.Equal(t, "/notes a note Bearer secret", again.Answer.Body.Text, "secrets go with it though they are not shown")

	f.ask("POST", "/api/exchanges/1/replay", map[string]any{"request": map[string]any{
		"method": "POST", "target": "/other", "host": "127.0.0.1:3000", "body": "edited", "header": [][2]string{{"authorization", "(masked)"}},
	}}, &done)
	assert.Equal(t, "/other edited Bearer secret", f.detail(done.ID, "").Answer.Body.Text, "a masked value is the one that was sent")

	// A load balancer's event has the path elsewhere, and no type of its own for the answer.
	require.Equal(t, 200, f.ask("POST", "/api/exchanges/1/replay", map[string]any{"through": "alb"}, &done), done.Error)
	assert.Equal(t, []string{"Content-Type", "body"}, done.Differences)
	assert.Equal(t, "/notes a note Bearer secret", done.Own.Body.Text)
	assert.Equal(t, " a note Bearer secret", done.Theirs.Body.Text)
	assert.Equal(t, "alb", f.detail(done.Other, "").Source)
	require.Equal(t, 200, f.ask("POST", fmt.Sprintf("/api/exchanges/%d/replay", done.Other), map[string]any{}, &done), done.Error)
	assert.Equal(t, "alb", f.detail(done.ID, "").Source, "what went through another front door goes there again")

	for name, ask := range map[string]map[string]any{
		"a path without a slash": {"request": map[string]any{"method": "GET", "target": "notes"}},
		"a method with a space":  {"request": map[string]any{"method": "GE T", "target": "/"}},
		"no base64":              {"request": map[string]any{"method": "GET", "target": "/", "body": "!", "base64": true}},
		"no front door":          {"through": "gopher"},
		"an unknown member":      {"sauce": true},
	} {
		assert.Equal(t, 422, f.ask("POST", "/api/exchanges/1/replay", ask, &done), name)
		assert.NotEmpty(t, done.Error, name)
	}
}

func TestInvoke(t *testing.T) {
	f := inspect(t, hello)
	f.send("GET", "/", "", "Authorization", "Bearer secret")
	masked := f.detail(1, "")

	var done struct {
		ID    int
		Error string
	}
	edited := strings.Replace(masked.Event.Text, `"rawPath":"/"`, `"rawPath":"/edited"`, 1)
	require.Equal(t, 200, f.ask("POST", "/api/functions/notes/invoke", map[string]any{"event": edited, "of": 1}, &done))
	assert.Equal(t, strings.Replace(f.events[0], `"rawPath":"/"`, `"rawPath":"/edited"`, 1), f.events[1], "masked values are those of the exchange")
	d := f.detail(done.ID, "")
	assert.Equal(t, "INVOKE notes", d.Method+" "+d.Target)
	assert.Equal(t, "Lambda Invoke API", d.Door)
	assert.Nil(t, d.Request)

	assert.Equal(t, 422, f.ask("POST", "/api/functions/notes/invoke", map[string]any{"event": "{"}, &done))
	assert.Equal(t, 404, f.ask("POST", "/api/functions/other/invoke", map[string]any{"event": "{}"}, &done))

	var samples []struct{ Name, Event string }
	f.ask("GET", "/api/samples", nil, &samples)
	require.NotEmpty(t, samples)
	for _, s := range samples {
		assert.True(t, json.Valid([]byte(s.Event)), s.Name)
		assert.Equal(t, 200, f.ask("POST", "/api/functions/notes/invoke", map[string]any{"event": s.Event}, &done), s.Name)
	}
}

func TestFixture(t *testing.T) {
	f := inspect(t, hello)
	f.send("GET", "/notes", "", "Authorization", "Bearer secret")
	var saved struct{ File, Test, Error string }
	require.Equal(t, 200, f.ask("POST", "/api/exchanges/1/fixture", map[string]any{"name": "get-notes"}, &saved), saved.Error)
	assert.Equal(t, filepath.Join(f.dir, "testdata", "get-notes.json"), saved.File)
	written, err := os.ReadFile(saved.File)
	require.NoError(t, err)
	assert.NotContains(t, string(written), "secret")
	assert.Contains(t, string(written), `"source": "http"`)

	assert.Equal(t, 422, f.ask("POST", "/api/exchanges/1/fixture", map[string]any{"name": "get-notes"}, &saved))
	assert.Contains(t, saved.Error, "is there already")
	require.Equal(t, 200, f.ask("POST", "/api/exchanges/1/fixture", map[string]any{"name": "open", "secrets": true}, &saved))
	written, err = os.ReadFile(saved.File)
	require.NoError(t, err)
	assert.Contains(t, string(written), "Bearer secret")

	for _, name := range []string{"", ".", "..", "../up", "a/b", `a\b`, "A", "a.b", "a\x00", strings.Repeat("a", 65)} {
		assert.Equal(t, 422, f.ask("POST", "/api/exchanges/1/fixture", map[string]any{"name": name}, &saved), "%q", name)
	}
	// A testdata that leads elsewhere is not followed.
	elsewhere := t.TempDir()
	require.NoError(t, os.RemoveAll(filepath.Join(f.dir, "testdata")))
	require.NoError(t, os.Symlink(elsewhere, filepath.Join(f.dir, "testdata")))
	assert.Equal(t, 422, f.ask("POST", "/api/exchanges/1/fixture", map[string]any{"name": "get-notes"}, &saved))
	left, err := os.ReadDir(elsewhere)
	require.NoError(t, err)
	assert.Empty(t, left)
}

// Whatever a request says, the page is told of it as JSON with valid text.
func TestHostile(t *testing.T) {
	f := inspect(t, func([]byte) ([]byte, error) {
		return []byte(`{"statusCode":200,"headers":{"X-Evil":"<script>\u001b]0;x\u0007"},"body":"<img onerror=x> \ud800"}`), nil
	})
	f.prints = []string{"<b>\x1b[31m\xff\x00"}
	f.send("POST", "/%3Cscript%3E%1b%ff?<script>", "\xff\xfe<script>\x1b", "X-Evil", "<script>\xff")
	d := f.detail(1, "")
	assert.Equal(t, "/%3Cscript%3E%1b%ff?<script>", d.Target)
	assert.True(t, d.Request.Body.Base64)
	assert.Equal(t, []string{"<b>\x1b[31m\ufffd\x00"}, d.Invocations[0].Lines)
}

// What is not UTF-8 in a request is shown as ISO 8859-1, and sent again as it was but for what
// is edited.
func TestBytes(t *testing.T) {
	f := inspect(t, hello)
	f.send("GET", "/caf\xe9", "", "X-Name", "caf\xe9s", "X-Text", "café", "Accept", "*/*", "User-Agent", "u")
	d := f.detail(1, "")
	assert.Equal(t, "/café", d.Target)
	assert.Equal(t, "GET /café", d.Request.Line)
	assert.Equal(t, "cafés", d.Request.field("X-Name"))
	assert.Equal(t, "café", d.Request.field("X-Text"))
	var command string
	f.ask("GET", "/api/exchanges/1/copy/curl", nil, &command)
	assert.Equal(t, `curl -i --path-as-is --globoff "$(printf 'http\072\057\057127\0560\0560\0561\0723000\057caf\351')" \
  -H 'Accept: */*' \
  -H 'User-Agent: u' \
  -H "$(printf 'X\055Name\072\040caf\351s')" \
  -H 'X-Text: café'`, command)

	for _, test := range []struct {
		name         string
		target       string
		x, text      string
		wantTarget   string
		wantX, wantT string
	}{
		{"as it was", "/café", "cafés", "café", `/caf\xe9`, `"caf\xe9s"`, `"café"`},
		{"edited beside", "/café?ü", "ein café", "cafés", `/caf\xe9?\xfc`, `"ein caf\xe9"`, `"cafés"`},
		{"text", "/ł", "łódź", "łódź", "/ł", `"łódź"`, `"łódź"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			var done struct {
				ID    int
				Error string
			}
			require.Equal(t, 200, f.ask("POST", "/api/exchanges/1/replay", map[string]any{"request": map[string]any{
				"method": "GET", "host": "127.0.0.1:3000", "target": test.target, "header": [][2]string{{"x-name", test.x}, {"X-Text", test.text}},
			}}, &done), done.Error)
			var sent string
			f.ask("GET", fmt.Sprintf("/api/exchanges/%d/copy/lambdatest", done.ID), nil, &sent)
			assert.Contains(t, sent, test.wantTarget+`"`)
			assert.Contains(t, sent, `r.Header.Add("X-Name", `+test.wantX+")")
			assert.Contains(t, sent, `r.Header.Add("X-Text", `+test.wantT+")")
		})
	}
}

// The page allows nothing that does not come from here.
func TestPage(t *testing.T) {
	f := inspect(t, hello)
	for _, path := range []string{"/", "/inspector.css", "/js/main.js", "/icon.svg"} {
		resp, err := http.Get(f.page.URL + path)
		require.NoError(t, err)
		text, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		assert.Equal(t, 200, resp.StatusCode, path)
		policy := resp.Header.Get("Content-Security-Policy")
		assert.Contains(t, policy, "default-src 'none'; script-src 'self'; style-src 'self'")
		assert.NotContains(t, policy, "unsafe")
		assert.NotContains(t, strings.ReplaceAll(string(text), "http://www.w3.org/2000/svg", ""), "http://", "%s loads nothing from elsewhere", path)
	}
}

// A nil inspector inspects nothing.
func TestOff(t *testing.T) {
	var off *inspector.Inspector
	h := http.NotFoundHandler()
	run := streamer(func(context.Context, []byte) ([]byte, error) { return nil, nil })
	assert.NotNil(t, off.Door("", "", h))
	assert.IsType(t, run, off.Watch("", run))
	assert.IsType(t, run, off.Direct("", run))
	assert.Nil(t, off.WebSocket("", nil))
	off.Close()
}
