package adapter_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/adapter"
)

// form is an upload of n files of that size.
func form(t testing.TB, n, size int) (contentType string, body []byte) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for i := range n {
		file, err := w.CreateFormFile(fmt.Sprint("file", i), "a.bin")
		require.NoError(t, err)
		_, err = file.Write(bytes.Repeat([]byte{'a', 0xff}, size/2))
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	return w.FormDataContentType(), b.Bytes()
}

// uploadTo is the event of a form that is sent to a function.
func uploadTo(t testing.TB, event string, n, size int) []byte {
	t.Helper()
	contentType, body := form(t, n, size)
	changes, err := json.Marshal(map[string]any{
		"headers":         map[string]string{"content-type": contentType},
		"body":            base64.StdEncoding.EncodeToString(body),
		"isBase64Encoded": true,
	})
	require.NoError(t, err)
	return edit(t, event, `{"multiValueHeaders": null}`, string(changes))
}

// spill reads a form in the way of a function with little memory: its files go to the
// folder for temporary files.
func spill(r *http.Request) (*multipart.Form, error) {
	err := r.ParseMultipartForm(1)
	return r.MultipartForm, err
}

// temporary is a folder of its own for temporary files, and tells what is in it.
func temporary(t *testing.T) func() []string {
	t.Helper()
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	return func() []string {
		entries, err := os.ReadDir(dir)
		require.NoError(t, err)
		var names []string
		for _, e := range entries {
			names = append(names, e.Name())
		}
		return names
	}
}

// net/http's server removes the temporary files of a form when the handler has returned.
// In a warm function they would pile up until there is no room for the next upload.
func TestUploadsLeaveNoFiles(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the folder for temporary files goes by another name")
	}
	left := temporary(t)
	spilled := func(t *testing.T, r *http.Request, files int) {
		form, err := spill(r)
		if assert.NoError(t, err) && assert.Len(t, form.File, files) {
			assert.GreaterOrEqual(t, len(left()), 1, "the files are on disk while the handler runs")
		}
	}
	contentType, body := form(t, 3, 300_000)

	t.Run("net/http leaves none", func(t *testing.T) {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { spilled(t, r, 3) }))
		resp, err := http.Post(server.URL, contentType, bytes.NewReader(body))
		require.NoError(t, err)
		resp.Body.Close()
		server.Close() // waits for what comes after the handler
		assert.Empty(t, left())
	})
	for _, row := range []struct {
		name   string
		finish func()
	}{
		{"returns", func() {}},
		{"panics", func() { panic("boom") }},
		{"aborts", func() { panic(http.ErrAbortHandler) }},
		{"exits by Goexit", runtime.Goexit},
	} {
		h := func(w http.ResponseWriter, r *http.Request) {
			spilled(t, r, 3)
			row.finish()
		}
		event := uploadTo(t, functionURLEvent, 3, 300_000)
		t.Run("Wrap, a handler that "+row.name, func(t *testing.T) {
			done := make(chan struct{})
			go func() { // Goexit ends it
				defer close(done)
				_, err := adapter.Wrap(http.HandlerFunc(h), adapter.WithLogger(quiet())).Invoke(context.Background(), event)
				assert.NoError(t, err)
			}()
			<-done
			assert.Empty(t, left())
		})
		t.Run("Stream, a handler that "+row.name, func(t *testing.T) {
			body := stream(t, h, event, adapter.WithLogger(quiet()))
			_, err := io.Copy(io.Discard, body)
			require.NoError(t, err)
			require.NoError(t, body.Close()) // waits for the handler
			assert.Empty(t, left())
		})
		t.Run("with a deadline margin, a handler that "+row.name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
			defer cancel()
			_, err := adapter.Wrap(http.HandlerFunc(h), adapter.WithLogger(quiet()), adapter.WithDeadlineMargin(time.Second)).Invoke(ctx, event)
			assert.NoError(t, err)
			assert.Empty(t, left())
		})
	}
	t.Run("a handler that outlives the margin removes them when it ends", func(t *testing.T) {
		event := uploadTo(t, restEvent, 1, 100_000)
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
			defer cancel()
			release := make(chan struct{})
			out, err := adapter.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				spilled(t, r, 1)
				<-release
			}), adapter.WithLogger(quiet()), adapter.WithDeadlineMargin(time.Second)).Invoke(ctx, event)
			require.NoError(t, err)
			assert.EqualValues(t, 504, decode(t, out)["statusCode"])
			assert.Len(t, left(), 1, "it still reads them")
			close(release)
			synctest.Wait()
			assert.Empty(t, left())
		})
	})
	t.Run("those of a request's copy are its maker's, as with net/http", func(t *testing.T) {
		var kept *multipart.Form
		invoke(t, func(w http.ResponseWriter, r *http.Request) {
			r = r.Clone(r.Context())
			spilled(t, r, 1)
			kept = r.MultipartForm
		}, uploadTo(t, restEvent, 1, 100_000))
		assert.Len(t, left(), 1)
		require.NoError(t, kept.RemoveAll())
	})
}

// A body that is read when its handler has returned, by a goroutine that was left behind,
// gives what net/http's gives.
func TestBodyAfterTheHandler(t *testing.T) {
	for _, row := range []struct {
		name string
		read int // bytes that the handler reads before
	}{{"nothing was read before", 0}, {"some was", 3}, {"all was", 100}} {
		t.Run(row.name, func(t *testing.T) {
			var body io.ReadCloser
			h := func(w http.ResponseWriter, r *http.Request) {
				body = r.Body
				io.CopyN(io.Discard, r.Body, int64(row.read))
			}
			late := func() string {
				n, err := body.Read(make([]byte, 10))
				return fmt.Sprint(n, " ", err, " ", body.Close())
			}
			server := httptest.NewServer(http.HandlerFunc(h))
			resp, err := http.Post(server.URL, "text/plain", strings.NewReader("hello, world"))
			require.NoError(t, err)
			resp.Body.Close()
			server.Close()
			want := late()
			require.Equal(t, "0 http: invalid Read on closed Body <nil>", want)

			for _, d := range httpDoors() {
				invoke(t, h, edit(t, d.event, `{"body": "hello, world", "isBase64Encoded": false, "is_base64_encoded": false}`))
				assert.Equal(t, want, late(), d.source)
			}
			streamed := stream(t, h, edit(t, functionURLEvent, `{"body": "hello, world", "isBase64Encoded": false}`))
			_, err = io.Copy(io.Discard, streamed)
			require.NoError(t, err)
			require.NoError(t, streamed.Close())
			assert.Equal(t, want, late())
		})
	}
	t.Run("a handler that was given up reads no further", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
			defer cancel()
			answered, read := make(chan struct{}), make(chan error, 1)
			_, err := adapter.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				<-answered
				_, err := io.ReadAll(r.Body)
				read <- err
			}), adapter.WithLogger(quiet()), adapter.WithDeadlineMargin(time.Second)).Invoke(ctx, edit(t, restEvent, `{"body": "x"}`))
			require.NoError(t, err)
			close(answered)
			assert.Equal(t, http.ErrBodyReadAfterClose, <-read)
		})
	})
}

// runtime.Goexit is the third way out of a handler: a failing require takes it, and
// t.Skip. Nobody may wait for what such a handler will never do.
func TestGoexit(t *testing.T) {
	const said = "the handler has ended its goroutine with runtime.Goexit, as FailNow and Skip of a test do"
	internalError := `{"statusCode":500,"headers":{"Content-Type":"text/plain; charset=utf-8","X-Content-Type-Options":"nosniff"}}` + nuls + "Internal Server Error\n"
	exits := func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "half")
		runtime.Goexit()
	}
	logs := func(t *testing.T, j *journal, target string) {
		t.Helper()
		assert.Equal(t, []entry{{slog.LevelError, "adapter: " + target + ": " + said, map[string]string{}}}, j.read())
	}

	t.Run("a stream, before anything is sent", func(t *testing.T) {
		var j journal
		body := stream(t, exits, []byte(functionURLEvent), adapter.WithLogger(slog.New(&j)))
		got, err := io.ReadAll(body)
		require.NoError(t, err)
		assert.Equal(t, internalError, string(got))
		require.NoError(t, body.Close())
		logs(t, &j, "GET /notes/1")
	})
	t.Run("a stream, after a flush", func(t *testing.T) {
		var j journal
		body := stream(t, func(w http.ResponseWriter, r *http.Request) {
			w.(http.Flusher).Flush()
			exits(w, r)
		}, []byte(restEvent), adapter.WithLogger(slog.New(&j)))
		_, err := io.ReadAll(body)
		assert.EqualError(t, err, "adapter: "+said, "it must not look whole")
		require.NoError(t, body.Close())
		assert.Len(t, j.read(), 1)
	})
	t.Run("a failing require in a test's handler, streamed", func(t *testing.T) {
		mock := &failing{}
		body := stream(t, func(w http.ResponseWriter, r *http.Request) { require.Equal(mock, 1, 2) }, []byte(functionURLEvent), adapter.WithLogger(quiet()))
		got, err := io.ReadAll(body)
		require.NoError(t, err)
		assert.Equal(t, internalError, string(got))
		require.NoError(t, body.Close())
		assert.Contains(t, mock.said, "Not equal")
	})
	t.Run("as a failed invocation", func(t *testing.T) {
		out, err := adapter.Stream(http.HandlerFunc(exits), adapter.WithPanicError(), adapter.WithLogger(quiet()))(context.Background(), json.RawMessage(functionURLEvent))
		assert.Nil(t, out)
		assert.EqualError(t, err, "adapter: "+said)
	})
	for _, row := range []struct {
		name string
		opts []adapter.Option
	}{{"answered", nil}, {"failed", []adapter.Option{adapter.WithPanicError()}}} {
		t.Run("with a deadline margin, long before it, "+row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var j journal
				ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
				defer cancel()
				began := time.Now()
				out, err := adapter.Wrap(http.HandlerFunc(exits),
					append(row.opts, adapter.WithDeadlineMargin(time.Second), adapter.WithLogger(slog.New(&j)))...).Invoke(ctx, []byte(restEvent))
				assert.Zero(t, time.Since(began), "nobody waits for the margin")
				if row.opts == nil {
					require.NoError(t, err)
					assert.EqualValues(t, 500, decode(t, out)["statusCode"])
				} else {
					assert.EqualError(t, err, "adapter: "+said)
				}
				assert.Len(t, j.read(), 1, "and nothing is said of a background")
			})
		})
	}
	t.Run("a kept reply in a test unwinds the test's own goroutine", func(t *testing.T) {
		returned, unwound := false, make(chan struct{})
		go func() {
			defer close(unwound)
			adapter.Wrap(http.HandlerFunc(exits), adapter.WithLogger(quiet())).Invoke(context.Background(), []byte(restEvent))
			returned = true
		}()
		<-unwound
		assert.False(t, returned)
	})
	t.Run("in Lambda the process answers, and lives on", func(t *testing.T) {
		api := startFunction(t, "wrap")
		before := api.invoke(t, to(t, restEvent, "/pid"))
		assert.Contains(t, api.invoke(t, to(t, restEvent, "/goexit")).body, `{"statusCode":500,`)
		assert.Equal(t, before, api.invoke(t, to(t, restEvent, "/pid")))
	})
	t.Run("in Lambda, streaming", func(t *testing.T) {
		api := startFunction(t, "stream")
		before := api.invoke(t, to(t, functionURLEvent, "/pid"))
		assert.Contains(t, api.invoke(t, to(t, functionURLEvent, "/goexit")).body, `{"statusCode":500,`)
		assert.Equal(t, before, api.invoke(t, to(t, functionURLEvent, "/pid")))
	})
}

// failing is a test that fails.
type failing struct{ said string }

func (f *failing) Errorf(format string, args ...any) { f.said += fmt.Sprintf(format, args...) }

func (f *failing) FailNow() { runtime.Goexit() }

// patience is how long a test waits for what must happen. It matters only when that
// never does, so that it is longer than any machine needs.
const patience = 3 * time.Minute

// soon reports whether something comes true. It waits in the test's own goroutine, so
// that goroutines can be counted.
func soon(is func() bool) bool {
	for deadline := time.Now().Add(patience); !is(); runtime.Gosched() {
		if time.Now().After(deadline) {
			return false
		}
	}
	return true
}

// After a thousand requests of every kind there is no file, no goroutine, no body that
// can be read, and no memory to speak of.
func TestWhatIsLeftBehind(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the folder for temporary files goes by another name")
	}
	left := temporary(t)
	var (
		mu     sync.Mutex
		bodies []io.ReadCloser
	)
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		bodies = append(bodies, r.Body)
		mu.Unlock()
		if _, err := spill(r); err != nil {
			io.ReadFull(r.Body, make([]byte, 5))
		}
		switch r.URL.Query().Get("do") {
		case "panic":
			panic("boom")
		case "abort":
			io.WriteString(w, "half")
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		case "exit":
			runtime.Goexit()
		case "wait":
			<-r.Context().Done()
		case "pour":
			for {
				if _, err := w.Write(make([]byte, 40_000)); err != nil || r.Context().Err() != nil {
					return
				}
			}
		}
		io.WriteString(w, "done")
	})
	kept := adapter.Wrap(handler, adapter.WithLogger(quiet()), adapter.WithDeadlineMargin(time.Millisecond))
	streaming := adapter.Stream(handler, adapter.WithLogger(quiet()))
	do := func(what string) json.RawMessage {
		changes := `{"rawQueryString": "do=` + what + `", "queryStringParameters": {"do": "` + what + `"}, "multiValueQueryStringParameters": null}`
		return edit(t, string(uploadTo(t, functionURLEvent, 2, 20_000)), changes)
	}
	events := map[string]json.RawMessage{}
	for _, what := range []string{"answer", "panic", "abort", "exit", "wait", "pour"} {
		events[what] = do(what)
	}
	visit := func(i int) {
		what := []string{"answer", "panic", "abort", "exit", "wait", "pour"}[i%6]
		timeout := time.Minute
		if what == "wait" {
			timeout = 2 * time.Millisecond
		}
		ctx, cancel := context.WithTimeout(context.Background(), timeout)
		defer cancel()
		if i%2 == 0 && what != "pour" {
			_, err := kept.Invoke(ctx, events[what])
			require.NoError(t, err)
			return
		}
		out, err := streaming(ctx, events[what])
		require.NoError(t, err)
		body := out.(io.ReadCloser)
		io.CopyN(io.Discard, body, 100_000) // of the longest there is more
		require.NoError(t, body.Close())
	}
	settled := func() bool { return len(left()) == 0 }
	for i := range 60 {
		visit(i)
	}
	require.True(t, soon(settled))
	bodies = nil
	goroutines, before := runtime.NumGoroutine(), heap()
	for i := range 1000 {
		visit(i)
	}
	assert.True(t, soon(settled), "temporary files: %q", left())
	assert.True(t, soon(func() bool { return runtime.NumGoroutine() <= goroutines }), "goroutines")
	mu.Lock()
	defer mu.Unlock()
	require.Len(t, bodies, 1000)
	for _, body := range bodies {
		_, err := body.Read(make([]byte, 1))
		require.Equal(t, http.ErrBodyReadAfterClose, err)
	}
	bodies = nil
	assert.Less(t, heap()-before, int64(1<<20), "bytes of heap")
}
