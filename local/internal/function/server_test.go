//go:build unix

package function_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/local/internal/function"
	"github.com/lambridge-go/lambridge/local/invoke"
)

// What the Runtime API makes of HTTP that aws-lambda-go does not send it. An
// invocation waits for whoever asks.
func TestRuntimeAPISpeaksHTTP(t *testing.T) {
	t.Parallel()
	const next = "GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: localhost\r\n"
	reply := func(header, body string) string {
		return "POST /2018-06-01/runtime/invocation/r/response HTTP/1.1\r\nHost: localhost\r\n" + header + "\r\n" + body
	}
	const ok = `202 {"status":"OK"}`
	for _, test := range []struct {
		name  string
		sent  string
		heard []string // statuses and bodies
		ends  bool     // the connection, after them
	}{
		{"one request", next + "\r\n", []string{`200 {}`}, false},
		{"several may come ahead of their answers", next + "\r\n" + reply("Content-Length: 1\r\n", "1") + next + "\r\n", []string{`200 {}`, ok}, false},
		{"the same words again, and others", next + "\r\n" + next + "\r\n" + strings.Replace(next, "/next", "/nowhere", 1) + "\r\n" + next + "\r\n" + reply("Content-Length: 1\r\n", "1"),
			[]string{`200 {}`, `200 {}`, "404 404 page not found", `200 {}`, ok}, false},
		{"the same words again, with a body", next + "Content-Length: 5\r\n\r\nhello" + next + "Content-Length: 5\r\n\r\nHELLO" + reply("Content-Length: 1\r\n", "1"), []string{`200 {}`, `200 {}`, ok}, false},
		{"words whose lines end with a line feed alone", strings.ReplaceAll(next, "\r", "") + "\n" + next + "\r\n" + reply("Content-Length: 1\r\n", "1"), []string{`200 {}`, `200 {}`, ok}, false},
		{"the last request of a connection", next + "Connection: close\r\n\r\n", []string{`200 {}`}, true},
		{"HTTP/1.0", strings.Replace(next, "HTTP/1.1", "HTTP/1.0", 1) + "\r\n", []string{`200 {}`}, true},
		{"a body where none belongs", next + "Content-Length: 5\r\n\r\nhello" + reply("Content-Length: 1\r\n", "1"), []string{`200 {}`, ok}, false},
		{"a reply in chunks", next + "\r\n" + reply("Transfer-Encoding: chunked\r\n", "1\r\n1\r\n0\r\n\r\n"), []string{`200 {}`, ok}, false},
		{"a reply that asks whether it may come", next + "\r\n" + reply("Content-Length: 1\r\nExpect: 100-continue\r\n", "1"), []string{`200 {}`, "100 ", ok}, false},
		{"a reply that nobody waits for is read", strings.Replace(reply("Content-Length: 100000\r\n", strings.Repeat("x", 100000)), "/r/", "/none/", 1) + next + "\r\n",
			[]string{`400 {"errorMessage":"no invocation \"none\" is running in this process","errorType":"InvalidRequestID"}`, `200 {}`}, false},
		{"no HTTP", "hello\r\n\r\n", []string{"400 "}, true},
		{"a head without an end", next + "X: " + strings.Repeat("x", 2<<20), []string{"431 "}, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			f, api := attach(t, nil)
			ctx, cancel := context.WithCancel(t.Context())
			invoked := make(chan struct{})
			go func() {
				f.Invoke(invoke.WithInfo(ctx, invoke.Info{RequestID: "r"}), []byte(`{}`))
				close(invoked)
			}()
			defer func() { cancel(); receive(t, invoked) }()

			process, err := net.Dial("tcp", strings.TrimPrefix(api, "http://"))
			require.NoError(t, err)
			defer process.Close()
			go io.WriteString(process, test.sent)
			in := bufio.NewReader(process)
			for _, want := range test.heard {
				answer, err := http.ReadResponse(in, nil)
				require.NoError(t, err)
				body, err := io.ReadAll(answer.Body)
				require.NoError(t, err)
				assert.Equal(t, want, fmt.Sprint(answer.StatusCode, " ", strings.TrimSuffix(string(body), "\n")))
			}
			if test.ends {
				_, err := in.ReadByte()
				assert.Error(t, err)
			}
		})
	}
}

// A call of next is answered before what was sent after it, however long it waits.
func TestAnswersKeepTheirOrder(t *testing.T) {
	t.Parallel()
	f, api := attach(t, nil)
	process, err := net.Dial("tcp", strings.TrimPrefix(api, "http://"))
	require.NoError(t, err)
	defer process.Close()
	_, err = io.WriteString(process, "GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\n\r\nGET /nowhere HTTP/1.1\r\n\r\n")
	require.NoError(t, err)
	require.NoError(t, process.SetReadDeadline(time.Now().Add(100*time.Millisecond)))
	_, err = process.Read(make([]byte, 1))
	require.ErrorIs(t, err, os.ErrDeadlineExceeded)
	require.NoError(t, process.SetReadDeadline(time.Time{}))

	ctx, cancel := context.WithCancel(t.Context())
	invoked := make(chan struct{})
	go func() { f.Invoke(ctx, []byte(`{}`)); close(invoked) }()
	in := bufio.NewReader(process)
	for _, want := range []int{200, 404} {
		answer, err := http.ReadResponse(in, nil)
		require.NoError(t, err)
		assert.Equal(t, want, answer.StatusCode)
		io.Copy(io.Discard, answer.Body)
	}
	cancel()
	receive(t, invoked)
}

// What a caller sends along cannot end the line that it stands in.
func TestClientContextWithLineEnds(t *testing.T) {
	t.Parallel()
	f := start(t, "ordinary", nil)
	ctx := invoke.WithInfo(t.Context(), invoke.Info{ClientContext: []byte("{\"client\":{\r\n\"app_title\":\"shop\"}}")})
	reply, err := f.Invoke(ctx, wish{Do: "tell"}.event(t))
	require.NoError(t, err)
	assert.Contains(t, string(reply), `"Client":"shop"`)
}

// A process that reads nothing holds up nobody but itself, however large the event.
func TestProcessThatDoesNotRead(t *testing.T) {
	t.Parallel()
	f, api := attach(t, func(c *function.Config) { c.MaxConcurrency = 2 })
	deaf, err := net.Dial("tcp", strings.TrimPrefix(api, "http://"))
	require.NoError(t, err)
	defer deaf.Close()
	_, err = io.WriteString(deaf, "GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: localhost\r\n\r\n")
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	left := make(chan error, 1)
	go func() {
		_, err := f.Invoke(ctx, make([]byte, invoke.MaxPayload))
		left <- err
	}()
	_, err = bufio.NewReader(io.LimitReader(deaf, 1)).ReadByte() // the event is on its way
	require.NoError(t, err)
	cancel()
	assert.ErrorIs(t, receive(t, left), context.Canceled)

	replied := make(chan string, 1)
	go func() {
		reply, err := f.Invoke(invoke.WithInfo(t.Context(), invoke.Info{RequestID: "r"}), []byte(`{}`))
		replied <- fmt.Sprint(string(reply), err)
	}()
	_, event := call(t, t.Context(), "GET", api+"/2018-06-01/runtime/invocation/next", nil, "")
	assert.Equal(t, "{}", event)
	call(t, t.Context(), "POST", api+"/2018-06-01/runtime/invocation/r/response", nil, "1")
	assert.Equal(t, "1<nil>", receive(t, replied))
}

// An extension that gives up asking gets the event when it asks again.
func TestEventIsNotLostWithAnExtensionsConnection(t *testing.T) {
	t.Parallel()
	f, api := attach(t, nil)
	extension := api + "/2020-01-01/extension/"
	response, _ := call(t, t.Context(), "POST", extension+"register", map[string]string{"Lambda-Extension-Name": "watcher"}, `{"events":["INVOKE"]}`)
	head := "GET /2020-01-01/extension/event/next HTTP/1.1\r\nHost: localhost\r\nLambda-Extension-Identifier: " + response.Header.Get("Lambda-Extension-Identifier") + "\r\n\r\n"
	for range 20 {
		asking, err := net.Dial("tcp", strings.TrimPrefix(api, "http://"))
		require.NoError(t, err)
		_, err = io.WriteString(asking, head)
		require.NoError(t, err)
		// That the API ends the connection, too, tells that it has noticed.
		require.NoError(t, asking.(*net.TCPConn).CloseWrite())
		_, err = io.ReadAll(asking)
		require.NoError(t, err)
		asking.Close()
	}
	go f.Invoke(t.Context(), []byte(`{}`))
	next, _ := call(t, t.Context(), "GET", api+"/2018-06-01/runtime/invocation/next", nil, "")
	_, event := call(t, t.Context(), "GET", extension+"event/next", map[string]string{"Lambda-Extension-Identifier": response.Header.Get("Lambda-Extension-Identifier")}, "")
	assert.Contains(t, event, next.Header.Get("Lambda-Runtime-Aws-Request-Id"))
	call(t, t.Context(), "POST", api+"/2018-06-01/runtime/invocation/"+next.Header.Get("Lambda-Runtime-Aws-Request-Id")+"/response", nil, "1")
}
