package adapter_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/adapter"
)

func TestWithBasePath(t *testing.T) {
	type target struct{ path, rawPath string }
	for _, row := range []struct {
		name     string
		prefixes []string
		path     string
		want     target
	}{
		{"alone (pitfall 100)", []string{"/api"}, "/api", target{"/", ""}},
		{"with a slash (pitfall 100)", []string{"/api"}, "/api/", target{"/", ""}},
		{"in front (pitfall 100)", []string{"/api"}, "/api/x", target{"/x", ""}},
		{"only whole segments (pitfall 100)", []string{"/api"}, "/apiary", target{"/apiary", ""}},
		{"once (pitfall 100)", []string{"/api"}, "/api/api/x", target{"/api/x", ""}},
		{"not in the middle (pitfall 100)", []string{"/api"}, "/x/api", target{"/x/api", ""}},
		{"the encoded path, too (pitfall 100)", []string{"/api"}, "/api/a%2Fb", target{"/a/b", "/a%2Fb"}},
		{"an encoded prefix (pitfall 100)", []string{"/a b"}, "/a%20b/c%2Fd", target{"/c/d", "/c%2Fd"}},
		{"a prefix given encoded (pitfall 100)", []string{"/a%20b"}, "/a%20b/x", target{"/x", ""}},
		{"an escaped slash ends no segment (pitfall 100)", []string{"/api"}, "/api%2Fx", target{"/api/x", "/api%2Fx"}},
		{"several slashes stay (pitfall 100)", []string{"/api"}, "/api//x", target{"//x", ""}},
		{"several prefixes, the longest first (pitfall 98)", []string{"/api", "/api/v1"}, "/api/v1/x", target{"/x", ""}},
		{"several prefixes, another (pitfall 98)", []string{"/api", "/api/v1"}, "/api/v2/x", target{"/v2/x", ""}},
		{"base path and stage (pitfall 98)", []string{"/base/prod"}, "/base/prod/x", target{"/x", ""}},
		{"without slashes (pitfall 98)", []string{"api/v1/"}, "/api/v1/x", target{"/x", ""}},
		{"an empty prefix strips nothing", []string{"", "/"}, "/api/x", target{"/api/x", ""}},
	} {
		t.Run(row.name, func(t *testing.T) {
			invoke(t, func(_ http.ResponseWriter, r *http.Request) {
				assert.Equal(t, url.URL{Path: row.want.path, RawPath: row.want.rawPath}, *r.URL)
				assert.Equal(t, row.path, r.RequestURI, "the whole path is still known (pitfall 101)")
			}, edit(t, restEvent, `{"path": "`+row.path+`"}`), adapter.WithBasePath(row.prefixes...))
		})
	}
	t.Run("a WebSocket API's routes are no paths", func(t *testing.T) {
		invoke(t, func(_ http.ResponseWriter, r *http.Request) { assert.Equal(t, "/sendmessage", r.URL.Path) },
			[]byte(messageEvent), adapter.WithBasePath("/sendmessage"))
	})
	t.Run("the caller's prefixes are its own", func(t *testing.T) {
		prefixes := []string{"/a", "/notes"}
		option := adapter.WithBasePath(prefixes...)
		prefixes[1] = "/changed"
		invoke(t, func(_ http.ResponseWriter, r *http.Request) { assert.Equal(t, "/1", r.URL.Path) }, []byte(restEvent), option)
		assert.Equal(t, []string{"/a", "/changed"}, prefixes)
	})
}

func TestWithoutStage(t *testing.T) {
	http2 := func(stage, path string) string {
		return `{"rawPath": "` + path + `", "requestContext": {"stage": "` + stage + `"}}`
	}
	http1 := func(stage, path string) string {
		return `{"path": "` + path + `", "requestContext": {"stage": "` + stage + `"}}`
	}
	for _, row := range []struct{ name, event, edit, want, wantRaw string }{
		{"HTTP API 2.0 (rule 52, pitfall 96)", httpV2Event, http2("dev", "/dev/testApi"), "/testApi", ""},
		{"$default (rule 53, pitfall 96)", httpV2Event, http2("$default", "/$default/x"), "/$default/x", ""},
		{"only whole segments (pitfall 96)", httpV2Event, http2("dev", "/device"), "/device", ""},
		{"the stage alone (pitfall 96)", httpV2Event, http2("dev", "/dev"), "/", ""},
		{"a custom domain's path has no stage (pitfall 96)", httpV2Event, http2("dev", "/x"), "/x", ""},
		{"HTTP API 1.0 (pitfall 96)", httpV1Event, http1("dev", "/dev/a%2Fb"), "/a/b", "/a%2Fb"},
		{"REST has no stage in its path (pitfall 97)", restEvent, http1("prod", "/prod/x"), "/prod/x", ""},
		{"a function URL has none (rule 62)", functionURLEvent, `{"rawPath": "/x/y", "requestContext": {"stage": "x"}}`, "/x/y", ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			invoke(t, func(_ http.ResponseWriter, r *http.Request) {
				assert.Equal(t, url.URL{Path: row.want, RawPath: row.wantRaw}, *r.URL)
			}, edit(t, row.event, row.edit), adapter.WithoutStage())
		})
	}
	t.Run("the stage before the base path (pitfall 96)", func(t *testing.T) {
		invoke(t, func(_ http.ResponseWriter, r *http.Request) { assert.Equal(t, "/x", r.URL.Path) },
			edit(t, httpV2Event, http2("dev", "/dev/api/x")), adapter.WithBasePath("/api"), adapter.WithoutStage())
	})
}

func TestWithWebSocket(t *testing.T) {
	name := func(name string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, name) }
	}
	for _, row := range []struct {
		name, event string
		opts        []adapter.Option
		want        string
	}{
		{"a message goes to its handler (pitfall 109)", messageEvent, []adapter.Option{adapter.WithWebSocket(name("socket"))}, "socket"},
		{"so does a connection (pitfall 109)", connectEvent, []adapter.Option{adapter.WithWebSocket(name("socket"))}, "socket"},
		{"and its end (pitfall 109)", disconnectEvent, []adapter.Option{adapter.WithWebSocket(name("socket"))}, "socket"},
		{"a request does not (pitfall 109)", restEvent, []adapter.Option{adapter.WithWebSocket(name("socket"))}, "main"},
		{"without the option there is one handler (pitfall 109)", messageEvent, nil, "main"},
	} {
		t.Run(row.name, func(t *testing.T) {
			out, err := adapter.Wrap(name("main"), row.opts...).Invoke(context.Background(), []byte(row.event))
			require.NoError(t, err)
			assert.Equal(t, row.want, decode(t, out)["body"])
		})
	}
}

func TestWithPanicError(t *testing.T) {
	var logged journal
	h := func(cause any) *adapter.Handler {
		return adapter.Wrap(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			io.WriteString(w, "half")
			panic(cause)
		}), adapter.WithPanicError(), adapter.WithLogger(slog.New(&logged)))
	}
	out, err := h("boom").Invoke(context.Background(), []byte(restEvent))
	assert.Nil(t, out)
	assert.EqualError(t, err, "adapter: the handler panicked: boom", "a panic may fail the invocation (pitfall 90)")
	assert.Len(t, logged.read(), 1)

	_, err = h(http.ErrAbortHandler).Invoke(context.Background(), []byte(restEvent))
	assert.Error(t, err, "an aborted request may, too (pitfall 89)")
	assert.Len(t, logged.read(), 1, "not logged (pitfall 89)")

	fine := adapter.Wrap(http.NotFoundHandler(), adapter.WithPanicError())
	out, err = fine.Invoke(context.Background(), []byte(restEvent))
	require.NoError(t, err)
	assert.Equal(t, 404, received(t, out).Status)
}

func TestWithErrorStatus(t *testing.T) {
	serverErrors := adapter.WithErrorStatus(func(status int) bool { return status >= 500 })
	answers := func(status int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			io.WriteString(w, "text")
		}
	}
	t.Run("a chosen status fails the invocation, behind every front door", func(t *testing.T) {
		for _, d := range append(httpDoors(), door{adapter.WebSocketAPI, messageEvent}) {
			out, err := adapter.Wrap(answers(503), serverErrors).Invoke(context.Background(), []byte(d.event))
			assert.Nil(t, out, d.source)
			assert.EqualError(t, err, "adapter: the answer has the status 503, which WithErrorStatus makes an error", d.source)
		}
	})
	t.Run("others do not", func(t *testing.T) {
		for _, status := range []int{200, 404, 499} {
			assert.Equal(t, status, received(t, invoke(t, answers(status), []byte(restEvent), serverErrors)).Status)
		}
	})
	t.Run("nil is no choice", func(t *testing.T) {
		assert.Equal(t, 503, received(t, invoke(t, answers(503), []byte(restEvent), adapter.WithErrorStatus(nil))).Status)
	})
	t.Run("a panic's 500 counts as well", func(t *testing.T) {
		_, err := adapter.Wrap(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("boom") }), serverErrors, adapter.WithLogger(quiet())).
			Invoke(context.Background(), []byte(albEvent))
		assert.ErrorContains(t, err, "status 500")
	})
	t.Run("and a malformed request's 400, where it is chosen", func(t *testing.T) {
		_, err := adapter.Wrap(answers(200), adapter.WithErrorStatus(func(status int) bool { return status == 400 })).
			Invoke(context.Background(), edit(t, restEvent, `{"path": "/100%"}`))
		assert.ErrorContains(t, err, "status 400")
	})
	t.Run("a stream reaches the client whole, and then fails", func(t *testing.T) {
		body := stream(t, answers(503), []byte(functionURLEvent), serverErrors)
		got, err := io.ReadAll(body)
		assert.Equal(t, `{"statusCode":503,"headers":{"Content-Length":"4","Content-Type":"text/plain; charset=utf-8"}}`+nuls+"text", string(got))
		assert.EqualError(t, err, "adapter: the answer has the status 503, which WithErrorStatus makes an error")
		require.NoError(t, body.Close())
	})
	t.Run("a stream of the adapter's own answer does, too", func(t *testing.T) {
		body := stream(t, func(http.ResponseWriter, *http.Request) { panic("boom") }, []byte(restEvent), serverErrors, adapter.WithLogger(quiet()))
		got, err := io.ReadAll(body)
		assert.Contains(t, string(got), `{"statusCode":500,`)
		assert.ErrorContains(t, err, "status 500")
		require.NoError(t, body.Close())
	})
}

func TestWithDeadlineMargin(t *testing.T) {
	cors := func(w http.ResponseWriter) {
		w.Header().Set("Access-Control-Allow-Origin", "*")
		w.Header().Set("X-Secret", "1")
		w.WriteHeader(200)
		io.WriteString(w, "half")
	}
	timedOut := answer{Status: 504, Header: http.Header{
		"Access-Control-Allow-Origin": {"*"}, "Content-Type": {"text/plain; charset=utf-8"}, "X-Content-Type-Options": {"nosniff"},
	}, Body: "Gateway Timeout\n"}

	t.Run("a handler that heeds its context (rules 162 and 168, pitfall 93)", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			start := time.Now()
			ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
			defer cancel()
			var logged journal
			out, err := adapter.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				deadline, ok := r.Context().Deadline()
				assert.True(t, ok)
				assert.Equal(t, start.Add(2*time.Second), deadline)
				cors(w)
				<-r.Context().Done()
				assert.Equal(t, context.DeadlineExceeded, r.Context().Err())
			}), adapter.WithDeadlineMargin(time.Second), adapter.WithLogger(slog.New(&logged))).Invoke(ctx, []byte(restEvent))
			require.NoError(t, err)
			assert.Equal(t, 2*time.Second, time.Since(start))
			assert.Equal(t, timedOut, received(t, out))
			require.Len(t, logged.read(), 1)
			assert.Equal(t, "adapter: answered 504 to GET /notes/1: the invocation's deadline is near", logged.read()[0].text)
		})
	})
	t.Run("a handler that does not (rule 168, pitfall 93)", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			start := time.Now()
			ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
			defer cancel()
			release, done := make(chan struct{}), make(chan struct{})
			out, err := adapter.Wrap(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				defer close(done)
				cors(w)
				<-release
				_, err := io.WriteString(w, "late")
				assert.Equal(t, http.ErrHandlerTimeout, err)
			}), adapter.WithDeadlineMargin(time.Second), adapter.WithLogger(quiet())).Invoke(ctx, []byte(restEvent))
			require.NoError(t, err)
			assert.Equal(t, 2250*time.Millisecond, time.Since(start))
			assert.Equal(t, timedOut, received(t, out))
			close(release)
			<-done
		})
	})
	t.Run("a margin that there is no time for is bounded, and that is said once", func(t *testing.T) {
		for _, row := range []struct{ margin, timeout, want time.Duration }{
			{5 * time.Second, 3 * time.Second, 1500 * time.Millisecond},
			{3 * time.Second, 3 * time.Second, 1500 * time.Millisecond},
			{time.Hour, 10 * time.Millisecond, 5 * time.Millisecond},
		} {
			synctest.Test(t, func(t *testing.T) {
				var logged journal
				h := adapter.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					deadline, _ := r.Context().Deadline()
					assert.Equal(t, row.want, time.Until(deadline))
					if r.URL.Path == "/slow" {
						<-r.Context().Done()
					}
				}), adapter.WithDeadlineMargin(row.margin), adapter.WithLogger(slog.New(&logged)))
				for path, want := range map[string]int{"/quick": 200, "/slow": 504} {
					ctx, cancel := context.WithTimeout(context.Background(), row.timeout)
					defer cancel()
					out, err := h.Invoke(ctx, edit(t, restEvent, `{"path": "`+path+`"}`))
					require.NoError(t, err)
					assert.Equal(t, want, received(t, out).Status, path)
				}
				warnings := 0
				for _, e := range logged.read() {
					if strings.Contains(e.text, "more than half") {
						warnings++
					}
				}
				assert.Equal(t, 1, warnings)
			})
		}
	})
	t.Run("half of the time is a margin like any other", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			var logged journal
			ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
			defer cancel()
			_, err := adapter.Wrap(http.NotFoundHandler(), adapter.WithDeadlineMargin(1500*time.Millisecond), adapter.WithLogger(slog.New(&logged))).Invoke(ctx, []byte(restEvent))
			require.NoError(t, err)
			assert.Empty(t, logged.read())
		})
	})
	t.Run("a handler that is quick", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
			defer cancel()
			out, err := adapter.Wrap(http.NotFoundHandler(), adapter.WithDeadlineMargin(time.Second)).Invoke(ctx, []byte(restEvent))
			require.NoError(t, err)
			assert.Equal(t, 404, received(t, out).Status)
		})
	})
	t.Run("a handler that panics", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
		defer cancel()
		out, err := adapter.Wrap(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("boom") }),
			adapter.WithDeadlineMargin(time.Second), adapter.WithLogger(quiet())).Invoke(ctx, []byte(restEvent))
		require.NoError(t, err)
		assert.Equal(t, 500, received(t, out).Status)
	})
	t.Run("an invocation without a deadline", func(t *testing.T) {
		out, err := adapter.Wrap(http.NotFoundHandler(), adapter.WithDeadlineMargin(time.Second)).Invoke(context.Background(), []byte(restEvent))
		require.NoError(t, err)
		assert.Equal(t, 404, received(t, out).Status)
	})
}

// WithLogger and WithFallback have their tests beside what they are for: panics,
// limits and strangers.
func TestWithLogger(t *testing.T) {
	var logged journal
	superfluous := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(404)
		w.WriteHeader(500)
	})
	_, err := adapter.Wrap(superfluous, adapter.WithLogger(slog.New(&logged))).Invoke(context.Background(), []byte(restEvent))
	require.NoError(t, err)
	assert.Equal(t, []entry{{slog.LevelWarn, "adapter: GET /notes/1: superfluous WriteHeader(500), the status is 404 already", map[string]string{}}}, logged.read(), "a second status is logged (pitfall 47)")
}

// A slog.Handler may add what it finds in the context, such as the id that
// lambdacontext has of the invocation.
func TestLoggerGetsTheContext(t *testing.T) {
	var logged journal
	superfluous := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(404)
		w.WriteHeader(500)
	})
	ctx := lambdacontext.NewContext(context.Background(), &lambdacontext.LambdaContext{AwsRequestID: "8476a536"})
	_, err := adapter.Wrap(superfluous, adapter.WithLogger(slog.New(identified{&logged}))).Invoke(ctx, []byte(restEvent))
	require.NoError(t, err)
	require.Len(t, logged.read(), 1)
	assert.Equal(t, map[string]string{"requestId": "8476a536"}, logged.read()[0].attrs)
}

// identified adds the invocation's id.
type identified struct{ slog.Handler }

func (h identified) Handle(ctx context.Context, r slog.Record) error {
	if lc, ok := lambdacontext.FromContext(ctx); ok {
		r.AddAttrs(slog.String("requestId", lc.AwsRequestID))
	}
	return h.Handler.Handle(ctx, r)
}

func TestWrapNil(t *testing.T) {
	saved := http.DefaultServeMux
	http.DefaultServeMux = http.NewServeMux()
	t.Cleanup(func() { http.DefaultServeMux = saved })
	http.HandleFunc("GET /default", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "default") })
	out, err := adapter.Wrap(nil).Invoke(context.Background(), edit(t, restEvent, `{"path": "/default"}`))
	require.NoError(t, err)
	assert.Equal(t, "default", decode(t, out)["body"])
}
