//go:build unix

package function_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/local/internal/function"
	"github.com/lambridge-go/lambridge/local/internal/guard"
	"github.com/lambridge-go/lambridge/local/invoke"
)

const refusedRepeat = `403 {"errorMessage":"invocation \"the-id\" has been answered","errorType":"InvalidStateTransition"}`

// What the Runtime API answers a process that does not keep to it. The process is
// a bare HTTP client; what it heard, it prints.
func TestRuntimeAPIStates(t *testing.T) {
	t.Parallel()
	post := func(path, body string) rawCall { return rawCall{Method: "POST", Path: path, Body: body} }
	for _, test := range []struct {
		name  string
		calls []rawCall
		heard []string
		reply string // what the caller got, or the error
	}{
		{
			name:  "a reply, then another",
			calls: []rawCall{post("invocation/{id}/response", `"first"`), post("invocation/{id}/response", `"second"`)},
			heard: []string{`202 {"status":"OK"}`, refusedRepeat},
			reply: `"first"`,
		},
		{
			name:  "a reply, then an error",
			calls: []rawCall{post("invocation/{id}/response", `"first"`), post("invocation/{id}/error", `{}`)},
			heard: []string{`202 {"status":"OK"}`, refusedRepeat},
			reply: `"first"`,
		},
		{
			name:  "an error, then a reply",
			calls: []rawCall{post("invocation/{id}/error", `{"errorType":"T","errorMessage":"M"}`), post("invocation/{id}/response", `1`)},
			heard: []string{`202 {"status":"OK"}`, refusedRepeat},
			reply: `function failed: T: M`,
		},
		{
			name: "an error that is no JSON",
			calls: []rawCall{{Method: "POST", Path: "invocation/{id}/error", Body: "help",
				Header: map[string]string{"Lambda-Runtime-Function-Error-Type": "Runtime.Odd"}}},
			heard: []string{`202 {"status":"OK"}`},
			reply: `function failed: Runtime.Odd: help`,
		},
		{
			name:  "a reply to an invocation that is not",
			calls: []rawCall{post("invocation/other/response", `1`), post("invocation/{id}/response", `2`)},
			heard: []string{`400 {"errorMessage":"no invocation \"other\" is running in this process","errorType":"InvalidRequestID"}`, `202 {"status":"OK"}`},
			reply: `2`,
		},
		{
			name:  "init/error after next",
			calls: []rawCall{post("init/error", `{}`), post("invocation/{id}/response", `1`)},
			heard: []string{`403 {"errorMessage":"init/error is only for a function that has not called next","errorType":"InvalidStateTransition"}`, `202 {"status":"OK"}`},
			reply: `1`,
		},
		{
			name:  "next in the middle of an invocation repeats it",
			calls: []rawCall{{Method: "GET", Path: "invocation/next"}, post("invocation/{id}/response", `1`)},
			heard: []string{"200 [", `202 {"status":"OK"}`},
			reply: `1`,
		},
		{
			name: "streaming as the documentation has it",
			calls: []rawCall{{Method: "POST", Path: "invocation/{id}/response", Body: "streamed",
				Header: map[string]string{"Lambda-Runtime-Function-Response-Mode": "streaming"}}},
			heard: []string{`202 {"status":"OK"}`},
			reply: `streamed`,
		},
		{
			name: "a response mode that is not",
			calls: []rawCall{{Method: "POST", Path: "invocation/{id}/response",
				Header: map[string]string{"Lambda-Runtime-Function-Response-Mode": "fast"}}, post("invocation/{id}/response", `1`)},
			heard: []string{`400 {"errorMessage":"\"fast\" is neither streaming nor buffered","errorType":"InvalidFunctionResponseMode"}`, `202 {"status":"OK"}`},
			reply: `1`,
		},
		{
			name:  "an address that is not",
			calls: []rawCall{{Method: "GET", Path: "invocation/last"}, {Method: "POST", Path: "invocation/next"}, post("invocation/{id}/response", `1`)},
			heard: []string{"404 404 page not found", "405 Method Not Allowed", `202 {"status":"OK"}`},
			reply: `1`,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			lines := make(chan string, 10)
			f := start(t, "raw", func(c *function.Config) { c.OnLine = func(l function.Line) { lines <- l.Text } })
			event, err := json.Marshal(test.calls)
			require.NoError(t, err)
			got, err := f.Invoke(invoke.WithInfo(t.Context(), invoke.Info{RequestID: "the-id"}), event)
			if err != nil {
				got = []byte(err.Error())
			}
			assert.Equal(t, test.reply, string(got))
			for _, want := range test.heard {
				heard := receive(t, lines)
				if strings.HasSuffix(want, "[") {
					assert.True(t, strings.HasPrefix(heard, want), heard)
				} else {
					assert.Equal(t, want, heard)
				}
			}
		})
	}
}

// attach starts a function that the test itself is the process of, and returns
// the address of its Runtime API.
func attach(t *testing.T, change func(*function.Config)) (*function.Function, string) {
	t.Helper()
	config := function.Config{Attach: "127.0.0.1:0", Environ: os.Environ(), Name: "attached", StopGrace: time.Second}
	if change != nil {
		change(&config)
	}
	f, err := function.Start(t.Context(), config)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, f.Close()) })
	return f, "http://" + f.Addr()
}

func call(t *testing.T, ctx context.Context, method, url string, header map[string]string, body string) (*http.Response, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	require.NoError(t, err)
	for name, value := range header {
		request.Header.Set(name, value)
	}
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	all, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return response, string(all)
}

// A web page takes no invocation and answers none: not while its browser says where
// the request comes from, and not by a name that leads here.
func TestRuntimeAPIRefusesBrowsers(t *testing.T) {
	t.Parallel()
	f := start(t, "", func(c *function.Config) {
		c.Command, c.Env = nil, nil
		c.Attach, c.AllowHosts = "127.0.0.1:0", guard.Hosts{"host.docker.internal"}
	})
	ask := func(method, path, host string, header map[string]string) int {
		request, err := http.NewRequestWithContext(t.Context(), method, "http://"+f.Addr()+path, strings.NewReader("{}"))
		require.NoError(t, err)
		request.Host = host
		for name, value := range header {
			request.Header.Set(name, value)
		}
		response, err := http.DefaultClient.Do(request)
		require.NoError(t, err)
		response.Body.Close()
		return response.StatusCode
	}
	for _, call := range [][2]string{
		{"GET", "/2018-06-01/runtime/invocation/next"},
		{"POST", "/2018-06-01/runtime/invocation/r/response"},
		{"POST", "/2018-06-01/runtime/init/error"},
		{"POST", "/2020-01-01/extension/register"},
		{"OPTIONS", "/2018-06-01/runtime/invocation/next"},
		{"GET", "/"},
	} {
		name := call[0] + " " + call[1]
		assert.Equal(t, 403, ask(call[0], call[1], "rebind.evil.example", nil), name)
		assert.Equal(t, 403, ask(call[0], call[1], "localhost.evil.example:9001", nil), name)
		assert.Equal(t, 403, ask(call[0], call[1], f.Addr(), map[string]string{"Origin": "http://" + f.Addr()}), name)
		assert.Equal(t, 403, ask(call[0], call[1], f.Addr(), map[string]string{"Sec-Fetch-Site": "cross-site"}), name)
		assert.Equal(t, 403, ask(call[0], call[1], f.Addr(), map[string]string{"Sec-Fetch-Site": "none"}), name)
	}
	for _, host := range []string{f.Addr(), "localhost", "host.docker.internal:9001"} {
		assert.Equal(t, 400, ask("POST", "/2018-06-01/runtime/invocation/r/response", host, map[string]string{"Sec-Fetch-Mode": "cors"}), host)
	}
}

func TestHeadersOfNext(t *testing.T) {
	t.Parallel()
	f, api := attach(t, nil)
	go f.Invoke(invoke.WithInfo(t.Context(), invoke.Info{RequestID: "r", TraceID: "Root=1"}), []byte(`{"a":1}`))
	response, event := call(t, t.Context(), "GET", api+"/2018-06-01/runtime/invocation/next", nil, "")
	assert.Equal(t, `{"a":1}`, event)
	response.Header.Del("Date")
	response.Header.Del("Lambda-Runtime-Deadline-Ms")
	assert.Equal(t, http.Header{
		"Content-Type":                        {"application/json"},
		"Content-Length":                      {"7"},
		"Lambda-Runtime-Aws-Request-Id":       {"r"},
		"Lambda-Runtime-Invoked-Function-Arn": {"arn:aws:lambda:us-east-1:123456789012:function:attached"},
		"Lambda-Runtime-Trace-Id":             {"Root=1"},
	}, response.Header)
	call(t, t.Context(), "POST", api+"/2018-06-01/runtime/invocation/r/response", nil, "1")
}

// A debugger stops the process, or starts it again in the middle of a request.
func TestAttach(t *testing.T) {
	t.Parallel()
	f, api := attach(t, func(c *function.Config) { c.Timeout = 10 * time.Millisecond })
	replies := make(chan string, 2)
	for range 2 { // they queue
		go func() {
			reply, err := f.Invoke(t.Context(), []byte(`{}`))
			assert.NoError(t, err)
			replies <- string(reply)
		}()
	}
	next := func(ctx context.Context) string {
		response, _ := call(t, ctx, "GET", api+"/2018-06-01/runtime/invocation/next", nil, "")
		return response.Header.Get("Lambda-Runtime-Aws-Request-Id")
	}
	id := next(t.Context())
	assert.Equal(t, id, next(t.Context()), "the process was started again, and gets the same request")
	select {
	case <-replies:
		require.Fail(t, "timeouts are off")
	case <-time.After(100 * time.Millisecond):
	}
	for answered := range 2 {
		if answered > 0 {
			id = next(t.Context())
		}
		call(t, t.Context(), "POST", api+"/2018-06-01/runtime/invocation/"+id+"/response", nil, `"`+id+`"`)
		assert.Equal(t, `"`+id+`"`, receive(t, replies))
	}
}

// nextOrNone asks for an invocation until ctx ends.
func nextOrNone(ctx context.Context, api string) string {
	request, _ := http.NewRequestWithContext(ctx, "GET", api+"/2018-06-01/runtime/invocation/next", nil)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return ""
	}
	response.Body.Close()
	return response.Header.Get("Lambda-Runtime-Aws-Request-Id")
}

// An invocation whose process goes away at the moment it gets it goes to the next
// one: whichever moment that is.
func TestInvocationIsNotLostWithAConnection(t *testing.T) {
	t.Parallel()
	f, api := attach(t, nil)
	for range 100 {
		ctx, cancel := context.WithCancel(t.Context())
		asked := make(chan struct{})
		go func() { nextOrNone(ctx, api); close(asked) }()
		<-time.After(time.Millisecond) // it most likely asks by now
		go cancel()
		reply := make(chan string, 1)
		go func() {
			b, err := f.Invoke(t.Context(), []byte(`{}`))
			reply <- fmt.Sprint(string(b), err)
		}()
		receive(t, asked)
		var id string
		require.Eventually(t, func() bool { // the API may not know yet that the connection is gone
			id = nextOrNone(t.Context(), api)
			return id != ""
		}, patience, time.Millisecond)
		call(t, t.Context(), "POST", api+"/2018-06-01/runtime/invocation/"+id+"/response", nil, "1")
		require.Equal(t, "1<nil>", receive(t, reply))
	}
}

func TestTooManyCallsOfNext(t *testing.T) {
	t.Parallel()
	f, api := attach(t, nil)
	type answer struct {
		status   int
		id, body string
	}
	answers := make(chan answer, 2)
	for range 2 {
		go func() {
			response, body := call(t, t.Context(), "GET", api+"/2018-06-01/runtime/invocation/next", nil, "")
			answers <- answer{response.StatusCode, response.Header.Get("Lambda-Runtime-Aws-Request-Id"), body}
		}()
	}
	assert.Equal(t, answer{403, "", `{"errorMessage":"next is already being waited for","errorType":"InvalidStateTransition"}`}, receive(t, answers), "the second")
	reply := make(chan string, 1)
	go func() {
		got, err := f.Invoke(invoke.WithInfo(t.Context(), invoke.Info{RequestID: "r"}), []byte(`{}`))
		reply <- fmt.Sprint(string(got), err)
	}()
	assert.Equal(t, answer{200, "r", "{}"}, receive(t, answers), "the first")

	_, err := f.Invoke(invoke.WithInfo(t.Context(), invoke.Info{RequestID: "r"}), []byte(`{}`))
	assert.EqualError(t, err, `function: the request id "r" is that of an invocation under way`)
	call(t, t.Context(), "POST", api+"/2018-06-01/runtime/invocation/r/response", nil, "1")
	assert.Equal(t, "1<nil>", receive(t, reply))
}

// A managed instance runs on after the timeout: its reply comes too late, and
// hinders nobody.
func TestLateReply(t *testing.T) {
	t.Parallel()
	timedOut := make(chan struct{})
	hold := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-timedOut }))
	defer hold.Close()
	lines := make(chan string, 10)
	f := start(t, "raw", func(c *function.Config) {
		c.Concurrency, c.MaxConcurrency, c.Timeout = 1, 2, 3*time.Second
		c.OnLine = func(l function.Line) { lines <- l.Text }
	})
	event, err := json.Marshal([]rawCall{{Method: "GET", Path: hold.URL}, {Method: "POST", Path: "invocation/{id}/response", Body: "1"}})
	require.NoError(t, err)
	_, err = f.Invoke(t.Context(), event)
	var failure *invoke.Error
	require.ErrorAs(t, err, &failure)
	assert.True(t, failure.TimedOut())
	close(timedOut)
	assert.Equal(t, "200", strings.TrimSpace(receive(t, lines)), "it was held up")
	assert.Equal(t, `410 {"errorMessage":"the invocation has timed out","errorType":"InvokeTimeout"}`, receive(t, lines))
	reply, err := f.Invoke(t.Context(), []byte(`[]`))
	require.NoError(t, err)
	assert.Equal(t, "null", string(reply))
}

func TestExtensions(t *testing.T) {
	t.Parallel()
	f, api := attach(t, nil)
	extension := api + "/2020-01-01/extension/"

	response, body := call(t, t.Context(), "POST", extension+"register", map[string]string{"Lambda-Extension-Name": "watcher"}, `{"events":["INVOKE","SHUTDOWN"]}`)
	assert.Equal(t, 200, response.StatusCode)
	assert.JSONEq(t, `{"functionName":"attached","functionVersion":"$LATEST","handler":"bootstrap"}`, body)
	id := map[string]string{"Lambda-Extension-Identifier": response.Header.Get("Lambda-Extension-Identifier")}

	go f.Invoke(invoke.WithInfo(t.Context(), invoke.Info{RequestID: "r", TraceID: "Root=1"}), []byte(`{}`))
	call(t, t.Context(), "GET", api+"/2018-06-01/runtime/invocation/next", nil, "")
	event := func() map[string]any {
		_, body := call(t, t.Context(), "GET", extension+"event/next", id, "")
		var event map[string]any
		require.NoError(t, json.Unmarshal([]byte(body), &event))
		assert.NotZero(t, event["deadlineMs"])
		delete(event, "deadlineMs")
		return event
	}
	assert.Equal(t, map[string]any{
		"eventType": "INVOKE", "requestId": "r",
		"invokedFunctionArn": "arn:aws:lambda:us-east-1:123456789012:function:attached",
		"tracing":            map[string]any{"type": "X-Amzn-Trace-Id", "value": "Root=1"},
	}, event())

	for _, refused := range []struct {
		name, path, body string
		header           map[string]string
		status           int
		errorType        string
	}{
		{"no name", "register", `{"events":[]}`, nil, 400, "Extension.InvalidExtensionName"},
		{"unknown event", "register", `{"events":["START"]}`, map[string]string{"Lambda-Extension-Name": "x"}, 400, "Extension.InvalidEventType"},
		{"unknown extension", "exit/error", `{}`, map[string]string{"Lambda-Extension-Identifier": "x"}, 403, "Extension.UnknownExtensionIdentifier"},
	} {
		response, body := call(t, t.Context(), "POST", extension+refused.path, refused.header, refused.body)
		assert.Equal(t, refused.status, response.StatusCode, refused.name)
		assert.Contains(t, body, `"errorType":"`+refused.errorType+`"`, refused.name)
	}
}

func TestExtensionHearsTheEnd(t *testing.T) {
	t.Parallel()
	var printed <-chan string
	f := start(t, "has an extension", func(c *function.Config) { c.StopGrace = 10 * time.Second; printed = listen(c, "event") })
	require.Eventually(t, func() bool { ask(t, f, wish{Do: "tell"}); return len(printed) > 0 }, patience, 10*time.Millisecond)
	assert.Contains(t, receive(t, printed), `"eventType":"INVOKE"`)
	require.NoError(t, f.Close())
	for line := range printed {
		if strings.Contains(line, "SHUTDOWN") {
			assert.Regexp(t, `^event {"eventType":"SHUTDOWN","deadlineMs":\d+,"shutdownReason":"spindown"}$`, line)
			return
		}
		require.NotEmpty(t, printed, "no SHUTDOWN came")
	}
}

// aws-lambda-go's WithEnableSIGTERM registers an extension without events; the
// SIGTERM comes to every function that is stopped.
func TestFunctionHearsSIGTERM(t *testing.T) {
	t.Parallel()
	var printed <-chan string
	f := start(t, "enables SIGTERM", func(c *function.Config) { printed = listen(c, "goodbye") })
	ask(t, f, wish{Do: "tell"})
	require.NoError(t, f.Close())
	assert.Equal(t, "goodbye", receive(t, printed))
}
