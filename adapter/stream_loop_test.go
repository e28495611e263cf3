package adapter_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/adapter"
)

// atLength is a function whose streams take their time, or are long.
func atLength(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/until":
		io.WriteString(w, "half")
		w.(http.Flusher).Flush()
		<-r.Context().Done()
		_, err := io.WriteString(w, ", late")
		fmt.Println("late:", err)
	case "/for-ever":
		var err error
		for err == nil {
			_, err = w.Write(make([]byte, 64<<10))
		}
		<-r.Context().Done()
		fmt.Println("left:", err)
	case "/long":
		io.Copy(w, onlyReader{bytes.NewReader(long())})
	case "/long-panic":
		w.Write(long())
		panic("boom")
	case "/goroutines":
		runtime.GC()
		fmt.Fprint(w, runtime.NumGoroutine())
	}
}

func long() []byte { return bytes.Repeat([]byte("0123456789abcdef"), 1<<16) }

type onlyReader struct{ io.Reader }

// streamingDoors are the front doors whose events are answered with a stream, and what
// a reply of text begins with.
var streamingDoors = []struct{ name, event, prelude string }{
	{"url", functionURLEvent, `{"statusCode":200,"headers":{"Content-Type":"text/plain; charset=utf-8"}}` + nuls},
	{"rest", restEvent, `{"statusCode":200,"multiValueHeaders":{"Content-Type":["text/plain; charset=utf-8"]}}` + nuls},
}

// to is an event with another path.
func to(t *testing.T, event, path string) []byte {
	t.Helper()
	return edit(t, event, `{"path": "`+path+`", "rawPath": "`+path+`"}`)
}

// Through aws-lambda-go's own loop, for both kinds of events that stream.
func TestLongStreamsInTheLoop(t *testing.T) {
	for _, d := range streamingDoors {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			whole := report{"response", streamType, d.prelude + string(long()), "", ""}
			cut := whole
			cut.errorType, cut.errorBody = "failure", `{"errorMessage":"adapter: the handler panicked: boom","errorType":"failure"}`
			event := func(path string) []byte { return to(t, d.event, path) }

			api := startFunction(t, "stream, at length")
			assert.Equal(t, whole, api.invoke(t, event("/long")), "longer than a kept reply may be (pitfall 127)")
			assert.Equal(t, cut, api.invoke(t, event("/long-panic")), "a panic when all is written (rule 157, pitfall 92)")
			before := api.invoke(t, event("/goroutines")).body
			for n := range 100 {
				if n%10 == 0 {
					assert.Equal(t, cut, api.invoke(t, event("/long-panic")))
				} else {
					assert.Equal(t, whole, api.invoke(t, event("/long")))
				}
			}
			assert.Eventually(t, func() bool {
				return api.invoke(t, event("/goroutines")).body == before
			}, patience, 10*time.Millisecond, "100 streams leave no goroutine behind")
		})
	}
}

// Without a margin a handler has all the time there is, and what it makes of its end
// counts. With one the reply breaks off before Lambda kills the process.
func TestDeadlineInTheLoop(t *testing.T) {
	for _, row := range []struct {
		name, mode, body, errorType, errorBody string
	}{
		{"without a margin (rule 168, pitfall 93)", "stream, at length", "half, late", "", ""},
		{"with a margin (rule 168, pitfall 93)", "stream, with a margin", "half", "failure",
			`{"errorMessage":"adapter: the invocation's deadline was near and the handler had not returned","errorType":"failure"}`},
	} {
		for _, d := range streamingDoors {
			t.Run(row.name+", "+d.name, func(t *testing.T) {
				t.Parallel()
				want := report{"response", streamType, d.prelude + row.body, row.errorType, row.errorBody}
				api := startFunction(t, row.mode)
				api.time = 2 * time.Second
				for range 2 { // the process survives
					assert.Equal(t, want, api.invoke(t, to(t, d.event, "/until")))
				}
			})
		}
	}
}

// When Lambda stops reading, the handler's Write fails and its context ends before
// aws-lambda-go gives up.
func TestLeavingInTheLoop(t *testing.T) {
	for _, d := range streamingDoors {
		t.Run(d.name, func(t *testing.T) { testLeavingInTheLoop(t, to(t, d.event, "/for-ever")) })
	}
}

func testLeavingInTheLoop(t *testing.T, event []byte) {
	given := make(chan struct{}, 1)
	given <- struct{}{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/next") {
			select {
			case <-given:
				w.Header().Set("Lambda-Runtime-Aws-Request-Id", "1")
				w.Header().Set("Lambda-Runtime-Deadline-Ms", fmt.Sprint(time.Now().Add(time.Hour).UnixMilli()))
				w.Write(event)
			case <-r.Context().Done():
			}
			return
		}
		_, err := io.ReadFull(r.Body, make([]byte, 1<<20))
		assert.NoError(t, err)
		conn, _, err := http.NewResponseController(w).Hijack()
		assert.NoError(t, err)
		conn.(*net.TCPConn).SetLinger(0)
		conn.Close()
	}))
	t.Cleanup(server.Close)
	self, err := os.Executable()
	require.NoError(t, err)
	process := exec.CommandContext(t.Context(), self)
	process.Env = append(os.Environ(), "LAMBRIDGE_TEST_FUNCTION=stream, at length", "AWS_LAMBDA_RUNTIME_API="+strings.TrimPrefix(server.URL, "http://"))
	out, err := process.Output()
	assert.ErrorContains(t, err, "exit status 1", "aws-lambda-go ends the process")
	assert.Equal(t, "left: io: read/write on closed pipe\n", string(out), "writes fail when nobody reads (pitfall 94)")
}

// Large pieces pass the adapter by. What net/http promises holds for them, too.
func TestLargePieces(t *testing.T) {
	large := strings.Repeat("<html>", 50_000)
	prelude := func(length string) string {
		return `{"statusCode":200,"headers":{` + length + `"Content-Type":"text/html; charset=utf-8"}}` + nuls
	}
	for _, row := range []struct {
		name    string
		handler http.HandlerFunc
		want    string
	}{
		{"a Write is sniffed (pitfall 51)", func(w http.ResponseWriter, r *http.Request) {
			n, err := w.Write([]byte(large))
			assert.NoError(t, err)
			assert.Equal(t, len(large), n)
		}, prelude("") + large},
		{"a WriteString behind a Write", func(w http.ResponseWriter, r *http.Request) {
			io.WriteString(w, large[:1])
			n, err := io.WriteString(w, large[1:])
			assert.NoError(t, err)
			assert.Equal(t, len(large)-1, n)
		}, prelude("") + large},
		{"io.Copy behind a Flush", func(w http.ResponseWriter, r *http.Request) {
			io.WriteString(w, large[:1])
			w.(http.Flusher).Flush()
			n, err := io.Copy(w, onlyReader{strings.NewReader(large[1:])})
			assert.NoError(t, err)
			assert.Equal(t, int64(len(large)-1), n)
		}, `{"statusCode":200,"headers":{"Content-Type":"text/plain; charset=utf-8"}}` + nuls + large},
		{"io.Copy of more than declared, which net/http refuses since Go 1.27 (pitfall 57)", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "100000")
			n, err := io.Copy(w, onlyReader{strings.NewReader(large)})
			assert.ErrorIs(t, err, http.ErrContentLength)
			assert.Equal(t, int64(100_000), n)
		}, prelude(`"Content-Length":"100000",`) + large[:100_000]},
		{"io.Copy of what was declared", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", fmt.Sprint(len(large)))
			n, err := io.Copy(w, onlyReader{strings.NewReader(large)})
			assert.NoError(t, err)
			assert.Equal(t, int64(len(large)), n)
		}, prelude(`"Content-Length":"300000",`) + large},
		{"io.Copy from a source that fails", func(w http.ResponseWriter, r *http.Request) {
			n, err := io.Copy(w, onlyReader{io.MultiReader(strings.NewReader(large), iotest.ErrReader(errors.New("torn")))})
			assert.EqualError(t, err, "torn")
			assert.Equal(t, int64(len(large)), n)
		}, prelude("") + large},
	} {
		t.Run(row.name, func(t *testing.T) {
			body := stream(t, row.handler, []byte(functionURLEvent))
			got, err := io.ReadAll(body)
			require.NoError(t, err)
			assert.Equal(t, row.want, string(got))
			require.NoError(t, body.Close())
		})
	}
}

// A source that panics while it fills the runtime's memory ends the stream.
func TestSourceThatPanics(t *testing.T) {
	for name, opts := range map[string][]adapter.Option{"lent": nil, "with a margin": {adapter.WithDeadlineMargin(time.Second)}} {
		t.Run(name, func(t *testing.T) {
			body := stream(t, func(w http.ResponseWriter, r *http.Request) {
				io.Copy(w, onlyReader{io.MultiReader(bytes.NewReader(long()), panics{})})
			}, []byte(functionURLEvent), append(opts, adapter.WithLogger(quiet()))...)
			_, err := io.Copy(io.Discard, body)
			assert.ErrorContains(t, err, "adapter: the handler panicked: torn")
			require.NoError(t, body.Close())
		})
	}
}

type panics struct{}

func (panics) Read([]byte) (int, error) { panic("torn") }

// A source that blocks holds up the handler, and never the end that the margin sets.
func TestMarginWithASlowSource(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
		defer cancel()
		slow, source := io.Pipe()
		out, err := adapter.Stream(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			io.Copy(w, onlyReader{io.MultiReader(bytes.NewReader(long()), slow)})
		}), adapter.WithDeadlineMargin(time.Second), adapter.WithLogger(quiet()))(ctx, json.RawMessage(functionURLEvent))
		require.NoError(t, err)
		began := time.Now()
		_, err = io.Copy(io.Discard, out.(io.Reader))
		assert.ErrorContains(t, err, "deadline")
		assert.Less(t, time.Since(began), 3*time.Second)
		require.NoError(t, source.Close())
		require.NoError(t, out.(io.Closer).Close())
	})
}
