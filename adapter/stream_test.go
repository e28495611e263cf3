package adapter_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
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

// nuls set the metadata of a streamed reply off from its body.
const nuls = "\x00\x00\x00\x00\x00\x00\x00\x00"

func stream(t testing.TB, h http.HandlerFunc, event []byte, opts ...adapter.Option) io.ReadCloser {
	t.Helper()
	out, err := adapter.Stream(h, opts...)(context.Background(), event)
	require.NoError(t, err)
	require.Implements(t, (*io.ReadCloser)(nil), out, "what aws-lambda-go streams (pitfall 125)")
	return out.(io.ReadCloser)
}

func TestStreamedBytes(t *testing.T) {
	for _, row := range []struct {
		name      string
		method    string
		handler   http.HandlerFunc
		url, rest string
	}{
		{"metadata, cookies, body (rules 153, 154 and 160, pitfalls 120 and 126)", "GET", func(w http.ResponseWriter, r *http.Request) {
			w.Header()["Vary"] = []string{"Origin", "Accept"}
			w.Header()["Set-Cookie"] = []string{"a=1", "b=2"}
			w.Header().Set("Content-Type", "application/octet-stream")
			w.WriteHeader(201)
			w.Write([]byte("\x00<\xff"))
		},
			`{"statusCode":201,"headers":{"Content-Length":"3","Content-Type":"application/octet-stream","Vary":"Origin, Accept"},"cookies":["a=1","b=2"]}` + nuls + "\x00<\xff",
			`{"statusCode":201,"multiValueHeaders":{"Content-Length":["3"],"Content-Type":["application/octet-stream"],"Vary":["Origin","Accept"]},"cookies":["a=1","b=2"]}` + nuls + "\x00<\xff"},
		{"a NUL in the header is escaped (rule 153)", "GET", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("X-A", "a\x00b")
			w.WriteHeader(204)
		}, `{"statusCode":204,"headers":{"X-A":"a\u0000b"}}` + nuls, `{"statusCode":204,"multiValueHeaders":{"X-A":["a\u0000b"]}}` + nuls},
		{"nothing (rule 161, pitfalls 46 and 121)", "GET", func(w http.ResponseWriter, r *http.Request) {},
			`{"statusCode":200,"headers":{"Content-Length":"0"}}` + nuls, `{"statusCode":200,"multiValueHeaders":{"Content-Length":["0"]}}` + nuls},
		{"204 (rule 161, pitfall 121)", "GET", func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(204)
			_, err := io.WriteString(w, "x")
			assert.Equal(t, http.ErrBodyNotAllowed, err)
		}, `{"statusCode":204,"headers":{}}` + nuls, `{"statusCode":204,"multiValueHeaders":{}}` + nuls},
		{"304 (rule 161, pitfall 121)", "GET", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Etag", `"1"`)
			w.WriteHeader(304)
		}, `{"statusCode":304,"headers":{"Etag":"\"1\""}}` + nuls, `{"statusCode":304,"multiValueHeaders":{"Etag":["\"1\""]}}` + nuls},
		{"HEAD (rule 161, pitfall 121)", "HEAD", func(w http.ResponseWriter, r *http.Request) {
			io.WriteString(w, "<html>")
		}, `{"statusCode":200,"headers":{"Content-Length":"6","Content-Type":"text/html; charset=utf-8"}}` + nuls,
			`{"statusCode":200,"multiValueHeaders":{"Content-Length":["6"],"Content-Type":["text/html; charset=utf-8"]}}` + nuls},
		{"HEAD of a page written in pieces has the length that GET has (pitfall 56)", "HEAD", func(w http.ResponseWriter, r *http.Request) {
			for range 5 {
				io.WriteString(w, "<html>"+strings.Repeat(" ", 294))
			}
		}, `{"statusCode":200,"headers":{"Content-Length":"1500","Content-Type":"text/html; charset=utf-8"}}` + nuls,
			`{"statusCode":200,"multiValueHeaders":{"Content-Length":["1500"],"Content-Type":["text/html; charset=utf-8"]}}` + nuls},
		{"HEAD of a page whose GET would be long under way (pitfall 56)", "HEAD", func(w http.ResponseWriter, r *http.Request) {
			n, err := io.Copy(w, strings.NewReader("<html>"+strings.Repeat(" ", 100_000)))
			assert.NoError(t, err)
			assert.Equal(t, int64(100_006), n)
		}, `{"statusCode":200,"headers":{"Content-Type":"text/html; charset=utf-8"}}` + nuls,
			`{"statusCode":200,"multiValueHeaders":{"Content-Type":["text/html; charset=utf-8"]}}` + nuls},
		{"204 and 304 have no length, whatever the handler says (pitfall 56)", "GET", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "7")
			w.WriteHeader(204)
		}, `{"statusCode":204,"headers":{}}` + nuls, `{"statusCode":204,"multiValueHeaders":{}}` + nuls},
		{"what follows a CONNECT that succeeds is no body, and has no length", "CONNECT", func(w http.ResponseWriter, r *http.Request) {
			io.WriteString(w, "a")
		}, `{"statusCode":200,"headers":{"Content-Type":"text/plain; charset=utf-8"}}` + nuls + "a",
			`{"statusCode":200,"multiValueHeaders":{"Content-Type":["text/plain; charset=utf-8"]}}` + nuls + "a"},
		{"a CONNECT that is refused is answered like any request", "CONNECT", func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(403)
			io.WriteString(w, "a")
		}, `{"statusCode":403,"headers":{"Content-Length":"1","Content-Type":"text/plain; charset=utf-8"}}` + nuls + "a",
			`{"statusCode":403,"multiValueHeaders":{"Content-Length":["1"],"Content-Type":["text/plain; charset=utf-8"]}}` + nuls + "a"},
		{"a redirect (pitfall 121)", "GET", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", "/x")
			w.WriteHeader(302)
		}, `{"statusCode":302,"headers":{"Content-Length":"0","Location":"/x"}}` + nuls, `{"statusCode":302,"multiValueHeaders":{"Content-Length":["0"],"Location":["/x"]}}` + nuls},
		{"sniffed over several writes (pitfall 51)", "GET", func(w http.ResponseWriter, r *http.Request) {
			io.WriteString(w, "<ht")
			io.WriteString(w, "ml>")
		}, `{"statusCode":200,"headers":{"Content-Length":"6","Content-Type":"text/html; charset=utf-8"}}` + nuls + "<html>",
			`{"statusCode":200,"multiValueHeaders":{"Content-Length":["6"],"Content-Type":["text/html; charset=utf-8"]}}` + nuls + "<html>"},
		{"a flush settles the header (rule 159, pitfall 86)", "GET", func(w http.ResponseWriter, r *http.Request) {
			io.WriteString(w, "a")
			w.(http.Flusher).Flush()
			w.Header().Set("X-Late", "1")
			io.WriteString(w, "b")
		}, `{"statusCode":200,"headers":{"Content-Type":"text/plain; charset=utf-8"}}` + nuls + "ab",
			`{"statusCode":200,"multiValueHeaders":{"Content-Type":["text/plain; charset=utf-8"]}}` + nuls + "ab"},
		{"the header that was sent is a copy (pitfall 95)", "GET", func(w http.ResponseWriter, r *http.Request) {
			values := []string{"a"}
			w.Header()["X-A"] = values
			w.(http.Flusher).Flush()
			values[0] = "late"
			clear(w.Header())
		}, `{"statusCode":200,"headers":{"X-A":"a"}}` + nuls, `{"statusCode":200,"multiValueHeaders":{"X-A":["a"]}}` + nuls},
		{"more than declared (pitfall 57)", "GET", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "2")
			w.Header().Set("Content-Type", "text/css")
			io.WriteString(w, "ab")
			_, err := io.WriteString(w, "c")
			assert.Equal(t, http.ErrContentLength, err)
		}, `{"statusCode":200,"headers":{"Content-Length":"2","Content-Type":"text/css"}}` + nuls + "ab",
			`{"statusCode":200,"multiValueHeaders":{"Content-Length":["2"],"Content-Type":["text/css"]}}` + nuls + "ab"},
		{"a panic before anything (rule 157, pitfall 91)", "GET", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Access-Control-Allow-Origin", "*")
			w.Header().Set("X-Secret", "1")
			panic("secret")
		}, `{"statusCode":500,"headers":{"Access-Control-Allow-Origin":"*","Content-Type":"text/plain; charset=utf-8","X-Content-Type-Options":"nosniff"}}` + nuls + "Internal Server Error\n",
			`{"statusCode":500,"multiValueHeaders":{"Access-Control-Allow-Origin":["*"],"Content-Type":["text/plain; charset=utf-8"],"X-Content-Type-Options":["nosniff"]}}` + nuls + "Internal Server Error\n"},
		{"a panic before anything was sent (pitfall 91)", "GET", func(w http.ResponseWriter, r *http.Request) {
			io.WriteString(w, "half")
			panic(http.ErrAbortHandler)
		}, `{"statusCode":500,"headers":{"Content-Type":"text/plain; charset=utf-8","X-Content-Type-Options":"nosniff"}}` + nuls + "Internal Server Error\n",
			`{"statusCode":500,"multiValueHeaders":{"Content-Type":["text/plain; charset=utf-8"],"X-Content-Type-Options":["nosniff"]}}` + nuls + "Internal Server Error\n"},
		{"metadata over 16 KB (rule 154, pitfall 120)", "GET", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("X-Large", strings.Repeat("a", 16*1024))
			_, err := io.WriteString(w, "x")
			assert.NoError(t, err) // it is still kept
		}, `{"statusCode":500,"headers":{"Content-Type":"text/plain; charset=utf-8","X-Content-Type-Options":"nosniff"}}` + nuls + "Internal Server Error\n",
			`{"statusCode":500,"multiValueHeaders":{"Content-Type":["text/plain; charset=utf-8"],"X-Content-Type-Options":["nosniff"]}}` + nuls + "Internal Server Error\n"},
	} {
		t.Run(row.name, func(t *testing.T) {
			for d, want := range map[door]string{{adapter.FunctionURL, functionURLEvent}: row.url, {adapter.REST, restEvent}: row.rest} {
				body := stream(t, row.handler, withMethod(t, d, row.method), adapter.WithLogger(quiet()))
				got, err := io.ReadAll(body)
				require.NoError(t, err)
				assert.Equal(t, want, string(got))
				require.NoError(t, body.Close())
				contentType := body.(interface{ ContentType() string }).ContentType()
				assert.Equal(t, "application/vnd.awslambda.http-integration-response", contentType, "the type that has the metadata read (pitfall 120)")
			}
		})
	}
}

// No event tells whether its front door streams: which of the two it is to be is up
// to the function. A kept reply would reach a streaming URL's client as it is.
func TestStreamIsTheCallersChoice(t *testing.T) {
	h := func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204) }
	assert.Equal(t, `{"statusCode":204,"headers":{},"body":"","isBase64Encoded":false}`, string(invoke(t, h, []byte(functionURLEvent))), "kept unless told to stream (pitfall 122)")
	got, err := io.ReadAll(stream(t, h, []byte(functionURLEvent)))
	require.NoError(t, err)
	assert.Equal(t, `{"statusCode":204,"headers":{}}`+nuls, string(got), "streamed when told to (rule 156, pitfalls 122 and 123)")
}

func TestStreamRefusesBadRequests(t *testing.T) {
	body := stream(t, func(http.ResponseWriter, *http.Request) { t.Error("called") }, edit(t, functionURLEvent, `{"rawPath": "/100%"}`))
	got, err := io.ReadAll(body)
	require.NoError(t, err)
	assert.Equal(t, `{"statusCode":400,"headers":{"Content-Type":"text/plain; charset=utf-8","X-Content-Type-Options":"nosniff"}}`+
		nuls+"400 Bad Request: invalid URL escape in path \"/100%\"\n", string(got), "an invalid escape is the client's fault (pitfall 9)")
	require.NoError(t, body.Close())
}

// One function answers events of front doors that stream and of those that cannot.
func TestStreamOfOtherEvents(t *testing.T) {
	h := func(w http.ResponseWriter, r *http.Request) {
		w.(http.Flusher).Flush()
		io.WriteString(w, "hi")
	}
	for _, d := range append(httpDoors(), door{adapter.WebSocketAPI, messageEvent}) {
		if d.source == adapter.REST || d.source == adapter.FunctionURL {
			continue
		}
		out, err := adapter.Stream(http.HandlerFunc(h))(context.Background(), json.RawMessage(d.event))
		require.NoError(t, err)
		got, err := io.ReadAll(out.(io.Reader))
		require.NoError(t, err)
		assert.Equal(t, string(invoke(t, h, []byte(d.event))), string(got), "%s (pitfall 124)", d.source)
	}
	t.Run("bad requests, too (pitfall 9)", func(t *testing.T) {
		out, err := adapter.Stream(http.HandlerFunc(h))(context.Background(), edit(t, albEvent, `{"path": "/100%"}`))
		require.NoError(t, err)
		got, err := io.ReadAll(out.(io.Reader))
		require.NoError(t, err)
		assert.Equal(t, 400, received(t, got).Status)
	})
	t.Run("a fallback answers strangers (pitfall 108)", func(t *testing.T) {
		out, err := adapter.Stream(http.HandlerFunc(h), adapter.WithFallback(&recorder{reply: []byte(`{"batchItemFailures":[]}`)}))(context.Background(), json.RawMessage(`{"Records": []}`))
		require.NoError(t, err)
		got, err := io.ReadAll(out.(io.Reader))
		require.NoError(t, err)
		assert.Equal(t, `{"batchItemFailures":[]}`, string(got))
	})
}

func TestStreamGoesOnWhileTheHandlerWrites(t *testing.T) {
	next := make(chan struct{})
	body := stream(t, func(w http.ResponseWriter, r *http.Request) {
		w.(http.Flusher).Flush()
		<-next
		io.WriteString(w, "one")
		assert.NoError(t, http.NewResponseController(w).Flush())
		<-next
		io.Copy(w, iotest.OneByteReader(strings.NewReader("two")))
	}, []byte(functionURLEvent))
	defer body.Close()
	prelude := `{"statusCode":200,"headers":{}}` + nuls
	for _, want := range []string{prelude, "one"} {
		got := make([]byte, len(want))
		_, err := io.ReadFull(body, got)
		require.NoError(t, err)
		assert.Equal(t, want, string(got), "Flush sends what there is (rule 159, pitfall 86)")
		next <- struct{}{}
	}
	rest, err := io.ReadAll(body)
	require.NoError(t, err)
	assert.Equal(t, "two", string(rest))
}

func TestStreamOfManyMegabytes(t *testing.T) {
	chunk := bytes.Repeat([]byte("0123456789abcdef"), 4096)
	body := stream(t, func(w http.ResponseWriter, r *http.Request) {
		for range 128 {
			if _, err := w.Write(chunk); err != nil {
				t.Error(err)
			}
		}
	}, []byte(restEvent))
	defer body.Close()
	n, err := io.Copy(io.Discard, body)
	require.NoError(t, err)
	assert.Greater(t, n, int64(8<<20), "more than a kept reply may have (pitfall 127)")
}

func TestStreamBreaksOff(t *testing.T) {
	for name, cause := range map[string]any{"a panic (pitfall 92)": "boom", "on purpose (pitfall 89)": http.ErrAbortHandler} {
		t.Run(name, func(t *testing.T) {
			var logged journal
			body := stream(t, func(w http.ResponseWriter, r *http.Request) {
				io.WriteString(w, "half")
				w.(http.Flusher).Flush()
				io.WriteString(w, "never sent")
				panic(cause)
			}, []byte(functionURLEvent), adapter.WithLogger(slog.New(&logged)))
			got, err := io.ReadAll(body)
			assert.Equal(t, `{"statusCode":200,"headers":{"Content-Type":"text/plain; charset=utf-8"}}`+nuls+"half", string(got))
			assert.ErrorContains(t, err, "adapter: the handler panicked: ", "it must not look whole")
			require.NoError(t, body.Close())
			assert.Len(t, logged.read(), map[bool]int{true: 0, false: 1}[cause == http.ErrAbortHandler])
		})
	}
	t.Run("a panic that is to fail the invocation (rule 158, pitfall 90)", func(t *testing.T) {
		out, err := adapter.Stream(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("boom") }),
			adapter.WithPanicError(), adapter.WithLogger(quiet()))(context.Background(), json.RawMessage(functionURLEvent))
		assert.Nil(t, out)
		assert.EqualError(t, err, "adapter: the handler panicked: boom")
	})
	t.Run("the deadline before anything is sent (rule 168, pitfall 93)", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
			defer cancel()
			out, err := adapter.Stream(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() }),
				adapter.WithDeadlineMargin(time.Second), adapter.WithLogger(quiet()))(ctx, json.RawMessage(functionURLEvent))
			require.NoError(t, err)
			body := out.(io.ReadCloser)
			got, err := io.ReadAll(body)
			require.NoError(t, err)
			assert.Contains(t, string(got), `{"statusCode":504,`)
			require.NoError(t, body.Close())
		})
	})
	t.Run("the deadline after some is sent (rule 168, pitfall 93)", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
			defer cancel()
			out, err := adapter.Stream(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.(http.Flusher).Flush()
				<-r.Context().Done()
			}), adapter.WithDeadlineMargin(time.Second), adapter.WithLogger(quiet()))(ctx, json.RawMessage(functionURLEvent))
			require.NoError(t, err)
			body := out.(io.ReadCloser)
			_, err = io.ReadAll(body)
			assert.Error(t, err, "it must not look whole")
			require.NoError(t, body.Close())
		})
	})
}

func TestStreamWhoseClientLeaves(t *testing.T) {
	t.Run("writing fails and the context ends (pitfall 94)", func(t *testing.T) {
		left := make(chan error, 1)
		body := stream(t, func(w http.ResponseWriter, r *http.Request) {
			var err error
			for err == nil {
				_, err = w.Write(make([]byte, 8192))
			}
			<-r.Context().Done()
			left <- err
		}, []byte(functionURLEvent))
		_, err := body.Read(make([]byte, 10))
		require.NoError(t, err)
		require.NoError(t, body.Close())
		assert.Error(t, <-left, "Close waits for the handler")
	})
	t.Run("a handler that waits is told (pitfall 94)", func(t *testing.T) {
		ended := make(chan struct{})
		body := stream(t, func(w http.ResponseWriter, r *http.Request) {
			defer close(ended)
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		}, []byte(functionURLEvent))
		require.NoError(t, body.Close())
		<-ended
	})
	t.Run("one that does not listen is not waited for beyond the invocation (pitfall 94)", func(t *testing.T) {
		ctx, cancel := context.WithCancel(context.Background())
		release := make(chan struct{})
		out, err := adapter.Stream(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.(http.Flusher).Flush()
			<-release
		}))(ctx, json.RawMessage(functionURLEvent))
		require.NoError(t, err)
		cancel()
		require.NoError(t, out.(io.Closer).Close())
		close(release)
	})
}

func TestStreamsLeaveNothingBehind(t *testing.T) {
	before := runtime.NumGoroutine()
	for i := range 100 {
		body := stream(t, func(w http.ResponseWriter, r *http.Request) {
			for range 4 {
				if _, err := w.Write(make([]byte, 8192)); err != nil {
					return
				}
			}
			if i%3 == 0 {
				panic(http.ErrAbortHandler)
			}
		}, []byte(functionURLEvent))
		if i%2 == 0 {
			_, err := io.Copy(io.Discard, body)
			assert.Equal(t, i%3 == 0, err != nil)
		} else {
			body.Read(make([]byte, 1))
		}
		require.NoError(t, body.Close())
	}
	assert.Eventually(t, func() bool { return runtime.NumGoroutine() < before+10 }, patience, time.Millisecond, "no goroutine stays (pitfalls 92 and 94)")
}

func TestStreamedEventIsGoneAfterwards(t *testing.T) {
	var kept context.Context
	body := stream(t, func(w http.ResponseWriter, r *http.Request) {
		kept = r.Context()
		w.(http.Flusher).Flush()
		_, ok := adapter.RawEvent(kept)
		assert.True(t, ok)
	}, []byte(functionURLEvent))
	_, err := io.Copy(io.Discard, body)
	require.NoError(t, err)
	require.NoError(t, body.Close())
	_, ok := adapter.RawEvent(kept)
	assert.False(t, ok)
	assert.ErrorIs(t, kept.Err(), context.Canceled)
}
