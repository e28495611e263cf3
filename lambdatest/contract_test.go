package lambdatest_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/adapter"
	"github.com/lambridge-go/lambridge/lambdatest"
	"github.com/lambridge-go/lambridge/local/gateway"
)

// It is the reply that streams, whatever its static type: what tracing and metrics put
// around a stream has any for its result.
func TestWrappedStreams(t *testing.T) {
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, "one ")
		w.(http.Flusher).Flush()
		fmt.Fprint(w, "two")
	})
	sf := adapter.Stream(handler)
	for _, row := range []struct {
		name string
		h    any
	}{
		{"a plain func", func(ctx context.Context, e json.RawMessage) (any, error) { return sf(ctx, e) }},
		{"with a result that is a reader", func(ctx context.Context, e json.RawMessage) (io.Reader, error) {
			reply, err := sf(ctx, e)
			return reply.(io.Reader), err
		}},
		{"a value that is handed on as any", any(func(e json.RawMessage) (any, error) { return sf(context.Background(), e) })},
	} {
		t.Run(row.name, func(t *testing.T) {
			lambdatest.Each(t, func(t *testing.T, source lambdatest.Source) {
				resp := lambdatest.Do(t, row.h, source, httptest.NewRequest("GET", "/", nil))
				assert.Equal(t, http.StatusOK, resp.StatusCode, lambdatest.Explain(resp))
				assert.Equal(t, "one two", text(t, resp))
				if facts, _ := lambdatest.FactsOf(source); facts.Streams {
					assert.Equal(t, []string{"chunked"}, resp.TransferEncoding)
				}
			})
		})
	}
	t.Run("a func that could stream and does not", func(t *testing.T) {
		app := adapter.Wrap(handler)
		h := func(ctx context.Context, e json.RawMessage) (any, error) {
			reply, err := app.Invoke(ctx, e)
			return json.RawMessage(reply), err
		}
		lambdatest.Each(t, func(t *testing.T, source lambdatest.Source) {
			resp := lambdatest.Do(t, h, source, httptest.NewRequest("GET", "/", nil))
			assert.Equal(t, http.StatusOK, resp.StatusCode, lambdatest.Explain(resp))
			assert.Equal(t, "one two", text(t, resp))
			assert.Empty(t, resp.TransferEncoding)
		})
	})
	t.Run("one that is too slow for a REST API before it begins", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s := spyOn(t, func(tb testing.TB) {
				resp := lambdatest.Do(tb, func(ctx context.Context) (any, error) {
					<-ctx.Done()
					return nil, ctx.Err()
				}, lambdatest.REST, httptest.NewRequest("GET", "/", nil))
				assert.Equal(t, http.StatusGatewayTimeout, resp.StatusCode)
			})
			assert.Contains(t, s.log, "the function had not answered after 29s")
		})
	})
	t.Run("one that streams for minutes", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			slow := adapter.Stream(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.(http.Flusher).Flush()
				<-time.After(3 * time.Minute)
				fmt.Fprint(w, "done")
			}))
			resp := lambdatest.Do(t, func(ctx context.Context, e json.RawMessage) (any, error) { return slow(ctx, e) }, lambdatest.REST, httptest.NewRequest("GET", "/", nil))
			assert.Equal(t, "done", text(t, resp))
		})
	})
}

// A handler whose require fails ends its goroutine. Whoever waits for it learns so at
// once, and the test says what failed.
func TestHandlersThatExit(t *testing.T) {
	exits := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/flushed" {
			io.WriteString(w, "half")
			w.(http.Flusher).Flush()
		}
		runtime.Goexit()
	})
	quiet := adapter.WithLogger(slog.New(slog.DiscardHandler))
	get := func(path string) *http.Request { return httptest.NewRequest("GET", path, nil) }
	t.Run("a stream, through Do", func(t *testing.T) {
		for _, source := range streaming {
			s := spyOn(t, func(tb testing.TB) {
				resp := lambdatest.Do(tb, adapter.Stream(exits, quiet), source, get("/"))
				assert.Equal(t, http.StatusInternalServerError, resp.StatusCode)
				assert.Equal(t, "Internal Server Error\n", text(t, resp))
			})
			assert.Empty(t, s.fatal)
		}
	})
	t.Run("a stream that has begun, through Do", func(t *testing.T) {
		for _, source := range streaming {
			s := spyOn(t, func(tb testing.TB) {
				resp := lambdatest.Do(tb, adapter.Stream(exits, quiet), source, get("/flushed"))
				body, _ := io.ReadAll(resp.Body)
				assert.Equal(t, "half", string(body))
			})
			assert.Contains(t, s.log, "runtime.Goexit")
		}
	})
	t.Run("a func that could stream", func(t *testing.T) {
		s := spyOn(t, func(tb testing.TB) {
			resp := lambdatest.Do(tb, func() (any, error) { runtime.Goexit(); return nil, nil }, lambdatest.REST, get("/"))
			assert.Equal(t, http.StatusBadGateway, resp.StatusCode)
		})
		assert.Contains(t, s.log, "the function has ended its goroutine with runtime.Goexit")
	})
	t.Run("a kept reply, through Do, ends the test as a failing require does", func(t *testing.T) {
		returned := false
		spyOn(t, func(tb testing.TB) {
			lambdatest.Do(tb, adapter.Wrap(exits, quiet), lambdatest.HTTPv2, get("/"))
			returned = true
		})
		assert.False(t, returned)
	})
	t.Run("through NewServer", func(t *testing.T) {
		for name, h := range map[string]any{"Wrap": adapter.Wrap(exits, quiet), "Stream": adapter.Stream(exits, quiet)} {
			s := &spy{TB: t}
			server := lambdatest.NewServer(s, h, lambdatest.FunctionURL)
			resp, err := server.Client().Get(server.URL)
			server.Close()
			if name == "Wrap" {
				assert.ErrorIs(t, err, io.EOF, "as net/http's server has it")
				assert.Contains(t, s.log, "nothing is answered: what serves the request has panicked, or ended its goroutine with runtime.Goexit")
				continue
			}
			require.NoError(t, err)
			resp.Body.Close()
			assert.Equal(t, http.StatusInternalServerError, resp.StatusCode)
		}
	})
	t.Run("through a WebSocket, which goes on", func(t *testing.T) {
		heard := make(chan string, 1)
		c := lambdatest.Dial(t, adapter.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			message, _ := io.ReadAll(r.Body)
			if string(message) == "exit" {
				runtime.Goexit()
			}
			if r.Method == "POST" {
				heard <- string(message)
			}
		}), quiet), "/")
		c.Send("exit")
		c.Send("hello")
		assert.Equal(t, "hello", <-heard)
		c.Close()
	})
	t.Run("through Transport", func(t *testing.T) {
		client := http.Client{Transport: lambdatest.Transport(adapter.Wrap(exits, quiet), lambdatest.HTTPv2), Timeout: 3 * time.Minute}
		_, err := client.Get("https://app.example/")
		assert.ErrorContains(t, err, "ended its goroutine with runtime.Goexit")
	})
}

// A RoundTripper keeps to net/http's contract.
func TestTransportContract(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("/a", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/b", http.StatusFound) })
	mux.HandleFunc("/b", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, r.Host, " ", r.TLS != nil, " ", r.Header.Get("X-Forwarded-Proto"), " ", r.Header.Get("X-Forwarded-Port"))
	})
	mux.HandleFunc("/secure", func(w http.ResponseWriter, r *http.Request) {
		if r.TLS == nil {
			http.Redirect(w, r, "https://"+r.Host+r.URL.Path, http.StatusMovedPermanently)
			return
		}
		fmt.Fprint(w, "secret")
	})
	mux.HandleFunc("/login", func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "session", Value: "1", Secure: true})
		http.Redirect(w, r, "/me", http.StatusSeeOther)
	})
	mux.HandleFunc("/me", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.Method, " ", r.Header.Get("Cookie")) })
	mux.HandleFunc("/again", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/echo", http.StatusTemporaryRedirect)
	})
	mux.HandleFunc("/echo", func(w http.ResponseWriter, r *http.Request) { io.Copy(w, r.Body) })
	app := adapter.Wrap(mux)
	read := func(t *testing.T, resp *http.Response, err error) string {
		t.Helper()
		require.NoError(t, err)
		return text(t, resp)
	}
	lambdatest.Each(t, func(t *testing.T, source lambdatest.Source) {
		jar, err := cookiejar.New(nil)
		require.NoError(t, err)
		client := http.Client{Transport: lambdatest.Transport(app, source), Jar: jar}
		facts, _ := lambdatest.FactsOf(source)
		port := "443"
		if facts.Kind == gateway.LoadBalancer || facts.Kind == gateway.LatticeService {
			port = "8443" // what the listener is set to
		}

		resp, err := client.Get("https://app.example/a")
		assert.Equal(t, "app.example true https 443", read(t, resp, err), "the host is that of the URL, after a redirect too")
		assert.Equal(t, "/b", resp.Request.URL.Path)
		resp, err = client.Get("https://app.example:8443/b")
		assert.Equal(t, "app.example:8443 true https "+port, read(t, resp, err))
		resp, err = client.Do(&http.Request{Method: "GET", URL: resp.Request.URL})
		assert.Equal(t, "app.example:8443 true https "+port, read(t, resp, err), "a request made by hand")
		resp, err = client.Get("http://app.example/secure")
		assert.Equal(t, "secret", read(t, resp, err), "who insists on TLS gets it")
		resp, err = client.Post("https://app.example/login", "text/plain", strings.NewReader("x"))
		assert.Equal(t, "GET session=1", read(t, resp, err), "cookies go along")
		resp, err = client.Post("https://app.example/again", "text/plain", strings.NewReader("twice"))
		assert.Equal(t, "twice", read(t, resp, err), "a body that is sent again")

		client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		resp, err = client.Get("https://app.example/a")
		require.NoError(t, err)
		assert.Equal(t, http.StatusFound, resp.StatusCode, "CheckRedirect decides")
	})
	t.Run("the request is not changed, and its body is closed", func(t *testing.T) {
		for name, transport := range map[string]http.RoundTripper{
			"an answer": lambdatest.Transport(app, lambdatest.ALB), "misuse": lambdatest.Transport(nil, lambdatest.ALB),
		} {
			body := &closing{Reader: strings.NewReader("x")}
			req, err := http.NewRequest("POST", "https://app.example/echo", body)
			require.NoError(t, err)
			given := *req
			transport.RoundTrip(req)
			assert.Equal(t, given, *req, name)
			assert.True(t, body.closed, name)
		}
	})
}

type closing struct {
	io.Reader
	closed bool
}

func (c *closing) Close() error {
	c.closed = true
	return nil
}

// A client that waits no longer gets its own error, as from http.Transport, and the
// function goes on, as in Lambda.
func TestTransportWithAnImpatientClient(t *testing.T) {
	t.Run("before the answer", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			done := make(chan error, 1)
			app := adapter.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				<-time.After(10 * time.Second)
				done <- r.Context().Err()
			}))
			client := http.Client{Transport: lambdatest.Transport(app, lambdatest.HTTPv2), Timeout: time.Second}
			began := time.Now()
			_, err := client.Get("https://app.example/")
			assert.ErrorIs(t, err, context.DeadlineExceeded)
			assert.Equal(t, time.Second, time.Since(began))
			assert.NoError(t, <-done)
		})
	})
	t.Run("before a stream begins", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			wrote := make(chan error, 1)
			app := adapter.Stream(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				<-time.After(10 * time.Second)
				var err error
				for range 100 {
					if _, err = w.Write(make([]byte, 64<<10)); err != nil {
						break
					}
				}
				wrote <- err
			}))
			ctx, cancel := context.WithCancelCause(context.Background())
			req, err := http.NewRequestWithContext(ctx, "GET", "https://app.example/", nil)
			require.NoError(t, err)
			left := errors.New("left")
			time.AfterFunc(time.Second, func() { cancel(left) })
			_, err = lambdatest.Transport(app, lambdatest.FunctionURL).RoundTrip(req)
			assert.Equal(t, left, err)
			assert.Error(t, <-wrote)
		})
	})
	t.Run("while it streams", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			ended := make(chan struct{})
			app := adapter.Stream(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				defer close(ended)
				w.(http.Flusher).Flush()
				var err error
				for err == nil {
					<-time.After(time.Second)
					_, err = w.Write(make([]byte, 64<<10))
				}
			}))
			ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
			defer cancel()
			req, err := http.NewRequestWithContext(ctx, "GET", "https://app.example/", nil)
			require.NoError(t, err)
			resp, err := lambdatest.Transport(app, lambdatest.REST).RoundTrip(req)
			require.NoError(t, err)
			_, err = io.Copy(io.Discard, resp.Body)
			assert.Equal(t, context.DeadlineExceeded, err)
			<-ended // in the bubble, no time passes without this goroutine
		})
	})
	t.Run("before it asks", func(t *testing.T) {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		req, err := http.NewRequestWithContext(ctx, "GET", "https://app.example/", nil)
		require.NoError(t, err)
		_, err = lambdatest.Transport(adapter.Wrap(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("called") })), lambdatest.REST).RoundTrip(req)
		assert.Equal(t, context.Canceled, err)
	})
}

func TestSources(t *testing.T) {
	sources := lambdatest.Sources()
	assert.Len(t, sources, 8)
	able := map[string][]lambdatest.Source{}
	for _, source := range sources {
		facts, ok := lambdatest.FactsOf(source)
		require.True(t, ok, source)
		for name, can := range map[string]bool{
			"claims": len(facts.Claims) > 0, "stages": facts.Stages, "routes": facts.Routes, "streams": facts.Streams, "authorizers": facts.Authorizers,
		} {
			if can {
				able[name] = append(able[name], source)
			}
		}
	}
	apis := []lambdatest.Source{lambdatest.HTTPv2, lambdatest.HTTPv1, lambdatest.REST}
	assert.Equal(t, apis, able["stages"])
	assert.Equal(t, apis, able["routes"])
	assert.Equal(t, apis, able["claims"])
	assert.Equal(t, []lambdatest.Source{lambdatest.REST, lambdatest.FunctionURL}, able["streams"])
	_, ok := lambdatest.FactsOf(lambdatest.WebSocket)
	assert.False(t, ok)
}

// Options that a front door has no use for skip a subtest of Each, and nothing else.
func TestEachSkips(t *testing.T) {
	app := adapter.Wrap(greeting)
	for name, opt := range map[string]lambdatest.Option{
		"claims": lambdatest.WithClaims(map[string]string{"sub": "1"}), "a stage": lambdatest.WithStage("dev"),
		"stage variables": lambdatest.WithStageVariables(map[string]string{"a": "b"}), "a route": lambdatest.WithRoute("GET /notes", nil),
		"an authorizer": lambdatest.WithAuthorizer(map[string]string{"a": "b"}), "a base path": lambdatest.WithBasePath("/shop"),
		"binary types": lambdatest.WithBinaryMediaTypes("image/png"),
	} {
		t.Run(name, func(t *testing.T) {
			var skipped, ran int
			t.Cleanup(func() {
				assert.Equal(t, 8, skipped+ran)
				assert.NotZero(t, skipped)
				assert.NotZero(t, ran)
			})
			lambdatest.Each(t, func(t *testing.T, source lambdatest.Source) {
				t.Cleanup(func() {
					if t.Skipped() {
						skipped++
					} else {
						ran++
					}
				})
				lambdatest.Do(t, app, source, httptest.NewRequest("GET", "/", nil), opt)
			})
		})
	}
	t.Run("below a subtest, too", func(t *testing.T) {
		lambdatest.Each(t, func(t *testing.T, source lambdatest.Source) {
			t.Run("with claims", func(t *testing.T) {
				lambdatest.NewEvent(t, source, httptest.NewRequest("GET", "/", nil), lambdatest.WithClaims(map[string]string{"sub": "1"}))
				facts, _ := lambdatest.FactsOf(source)
				assert.NotEmpty(t, facts.Claims)
			})
		})
	})
	t.Run("mistakes still fail", func(t *testing.T) {
		s := spyOn(t, func(tb testing.TB) {
			lambdatest.Do(tb, app, lambdatest.REST, httptest.NewRequest("GET", "/", nil), lambdatest.WithAuthorizer(func() {}))
		})
		assert.Contains(t, s.fatal, "WithAuthorizer")
	})
}

// aws-lambda-go puts the trace's id into the context, by a key of its own.
func TestTraceIDInTheContext(t *testing.T) {
	lambdatest.Each(t, func(t *testing.T, source lambdatest.Source) {
		var got any
		app := adapter.Wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r.Context().Value("x-amzn-trace-id") }))
		lambdatest.Do(t, app, source, httptest.NewRequest("GET", "/", nil))
		assert.Regexp(t, `^Root=1-[0-9a-f]{8}-[0-9a-f]{24}`, got)
	})
}

// A body that loses bytes on its way is in the log.
func TestMangledBodies(t *testing.T) {
	for _, row := range []struct {
		name, contentType, body string
		lost                    []lambdatest.Source
	}{
		{"bytes of a text type", "text/plain", "caf\xe9", []lambdatest.Source{"http", "http-v1", "url", "alb", "alb-multi", "lattice", "lattice-v1"}},
		{"compressed JSON", "application/json", "\x1f\x8b\x08\x00\xff\xff", []lambdatest.Source{"http", "http-v1", "url", "alb", "alb-multi", "lattice", "lattice-v1"}},
		{"bytes of a binary type", "application/octet-stream", "caf\xe9", nil},
		{"text", "text/plain", "caf\u00e9 \ufffd", nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			var lost []lambdatest.Source
			for _, source := range lambdatest.Sources() {
				s := spyOn(t, func(tb testing.TB) {
					req := httptest.NewRequest("POST", "/", strings.NewReader(row.body))
					req.Header.Set("Content-Type", row.contentType)
					lambdatest.Do(tb, adapter.Wrap(greeting), source, req)
				})
				if strings.Contains(s.log, "the request's body is not UTF-8") {
					lost = append(lost, source)
				}
			}
			assert.ElementsMatch(t, row.lost, lost)
		})
	}
}

func TestGoldenMasks(t *testing.T) {
	t.Chdir(t.TempDir())
	n := 0
	app := adapter.Wrap(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		n++
		w.Header().Set("X-Request-Id", fmt.Sprint("id-", n))
		http.SetCookie(w, &http.Cookie{Name: "session", Value: fmt.Sprint(n)})
		fmt.Fprint(w, "visit ", n)
	}))
	golden := func(masks ...lambdatest.Mask) *spy {
		return spyOn(t, func(tb testing.TB) {
			resp := lambdatest.Do(tb, app, lambdatest.HTTPv2, httptest.NewRequest("GET", "/", nil))
			lambdatest.Golden(tb, resp, masks...)
			assert.Equal(t, fmt.Sprint("id-", n), resp.Header.Get("X-Request-Id"), "the response itself is not changed")
			assert.Equal(t, fmt.Sprint("visit ", n), text(t, resp))
		})
	}
	visits := func(_ http.Header, body []byte) []byte { return body[:len("visit")] }
	masks := []lambdatest.Mask{lambdatest.MaskHeaders("x-request-id", "Set-Cookie"), visits}
	update(t, func() { golden(masks...) })
	assert.Empty(t, golden(masks...).errs)
	assert.Contains(t, golden(masks[0]).errs, "+ visit 3")
	assert.Contains(t, golden(visits).errs, "+ X-Request-Id: id-4")
}
