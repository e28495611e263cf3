package lambdatest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/adapter"
	"github.com/lambridge-go/lambridge/lambdatest"
)

// mirror answers with what it saw of the request.
func mirror(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("X-Saw", fmt.Sprintf("%s %s %s", r.Method, r.Host, r.URL.RequestURI()))
	http.SetCookie(w, &http.Cookie{Name: "seen", Value: "1"})
	w.Write(body)
}

func text(t *testing.T, resp *http.Response) string {
	t.Helper()
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return string(body)
}

func TestDo(t *testing.T) {
	lambdatest.Each(t, func(t *testing.T, source lambdatest.Source) {
		t.Parallel()
		req := httptest.NewRequest("POST", "/notes?page=2", strings.NewReader("\x00\xff bytes"))
		req.Header.Set("Content-Type", "application/octet-stream")
		resp := lambdatest.Do(t, adapter.Wrap(http.HandlerFunc(mirror)), source, req)
		assert.Equal(t, http.StatusOK, resp.StatusCode, lambdatest.Explain(resp))
		assert.Equal(t, "POST example.com /notes?page=2", resp.Header.Get("X-Saw"))
		assert.Equal(t, []string{"seen=1"}, resp.Header.Values("Set-Cookie"))
		assert.Equal(t, int64(8), resp.ContentLength)
		assert.Equal(t, "\x00\xff bytes", text(t, resp))
	})
}

func TestDoHasNoBodyWhereHTTPHasNone(t *testing.T) {
	app := adapter.Wrap(http.HandlerFunc(mirror))
	resp := lambdatest.Do(t, app, lambdatest.HTTPv2, httptest.NewRequest("HEAD", "/", nil))
	assert.Equal(t, "HEAD example.com /", resp.Header.Get("X-Saw"))
	assert.Empty(t, text(t, resp))
}

// TestFunctions holds that h may be whatever lambda.Start takes.
func TestFunctions(t *testing.T) {
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.URL.Path) })
	typed := func(_ context.Context, e events.LambdaFunctionURLRequest) (events.LambdaFunctionURLResponse, error) {
		return events.LambdaFunctionURLResponse{StatusCode: 200, Body: e.RawPath}, nil
	}
	tests := []struct {
		name string
		h    any
		want string
	}{
		{"Wrap", adapter.Wrap(handler), "/a b"},
		{"Stream", adapter.Stream(handler), "/a b"},
		{"lambda.NewHandler", lambda.NewHandler(typed), "/a%20b"},
		{"typed", typed, "/a%20b"},
		{"no context", func(e events.LambdaFunctionURLRequest) (any, error) { return typed(context.Background(), e) }, "/a%20b"},
		{"reader", func(e events.LambdaFunctionURLRequest) (*events.LambdaFunctionURLStreamingResponse, error) {
			return &events.LambdaFunctionURLStreamingResponse{StatusCode: 200, Body: strings.NewReader(e.RawPath)}, nil
		}, "/a%20b"},
		{"nothing but an error", func() error { return nil }, "null"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			resp := lambdatest.Do(t, test.h, lambdatest.FunctionURL, httptest.NewRequest("GET", "/a%20b", nil))
			assert.Equal(t, http.StatusOK, resp.StatusCode, lambdatest.Explain(resp))
			assert.Equal(t, test.want, text(t, resp))
		})
	}
}

// TestStreamsWhereItCan holds that one StreamFunc serves every front door, streamed or not.
func TestStreamsWhereItCan(t *testing.T) {
	lambdatest.Each(t, func(t *testing.T, source lambdatest.Source) {
		app := adapter.Stream(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			io.WriteString(w, "one ")
			w.(http.Flusher).Flush()
			io.WriteString(w, "two")
		}))
		resp := lambdatest.Do(t, app, source, httptest.NewRequest("GET", "/", nil))
		assert.Equal(t, http.StatusOK, resp.StatusCode, lambdatest.Explain(resp))
		assert.Equal(t, "one two", text(t, resp))
	})
}

func TestLambdaContext(t *testing.T) {
	var got *lambdacontext.LambdaContext
	app := adapter.Wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got, _ = lambdacontext.FromContext(r.Context()) }))
	lambdatest.Do(t, app, lambdatest.HTTPv2, httptest.NewRequest("GET", "/", nil))
	require.NotNil(t, got)
	assert.NotEmpty(t, got.AwsRequestID)
	assert.NotEmpty(t, got.InvokedFunctionArn)
}

// TestEventMemoryIsReused holds that a function which keeps a piece of its event is found out.
func TestEventMemoryIsReused(t *testing.T) {
	var kept []byte
	lambdatest.Do(t, invokeFunc(func(_ context.Context, event []byte) ([]byte, error) {
		kept = event
		return []byte(`{"statusCode":200}`), nil
	}), lambdatest.HTTPv2, httptest.NewRequest("GET", "/", nil))
	assert.Equal(t, strings.Repeat("#", len(kept)), string(kept))
}

type invokeFunc func(context.Context, []byte) ([]byte, error)

func (f invokeFunc) Invoke(ctx context.Context, event []byte) ([]byte, error) { return f(ctx, event) }

// TestFailures holds that a failed invocation is a response, and its reason in the log.
func TestFailures(t *testing.T) {
	tests := []struct {
		name   string
		h      any
		source lambdatest.Source
		status int
		log    string
	}{
		{"an error on a REST API (B3)", func() (string, error) { return "", errors.New("database gone") }, lambdatest.REST, 502, "database gone"},
		{"an error on an HTTP API (B3)", func() (string, error) { return "", errors.New("database gone") }, lambdatest.HTTPv2, 500, "database gone"},
		{"a panic", invokeFunc(func(context.Context, []byte) ([]byte, error) { panic("lost") }), lambdatest.REST, 502, "the function panicked: lost"},
		{"a string for a reply (rule 102)", func() (string, error) { return "just", nil }, lambdatest.REST, 502, "just"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := spyOn(t, func(tb testing.TB) {
				resp := lambdatest.Do(tb, test.h, test.source, httptest.NewRequest("GET", "/", nil))
				assert.Equal(t, test.status, resp.StatusCode)
			})
			assert.Empty(t, s.fatal)
			assert.Contains(t, s.log, test.log)
			assert.Contains(t, s.log, "--- event")
		})
	}
}

func TestMisuse(t *testing.T) {
	app := adapter.Wrap(http.HandlerFunc(mirror))
	var nilHandler *adapter.Handler
	read := httptest.NewRequest("POST", "/", strings.NewReader("once"))
	io.Copy(io.Discard, read.Body)
	get := func() *http.Request { return httptest.NewRequest("GET", "/", nil) }

	tests := []struct {
		name   string
		h      any
		source lambdatest.Source
		req    *http.Request
		opts   []lambdatest.Option
		want   string
	}{
		{"nil", nil, lambdatest.REST, get(), nil, "the function is nil: pass adapter.Wrap"},
		{"nil pointer", nilHandler, lambdatest.REST, get(), nil, "the function is nil: pass adapter.Wrap"},
		{"an http.Handler", http.NewServeMux(), lambdatest.REST, get(), nil, "a *http.ServeMux serves HTTP and is not a Lambda function yet: pass adapter.Wrap(it)"},
		{"an http.HandlerFunc", http.HandlerFunc(mirror), lambdatest.REST, get(), nil, "pass adapter.Wrap(it)"},
		{"a number", 7, lambdatest.REST, get(), nil, "a int is not a Lambda function"},
		{"the method of a function", adapter.Wrap(nil).Invoke, lambdatest.REST, get(), nil, "pass the handler itself, as in adapter.Wrap(yourHandler), and not its method Invoke"},
		{"a func that is none", func(int, int, int) {}, lambdatest.REST, get(), nil, "a func(int, int, int) is not a Lambda function"},
		{"a func without an error", func() string { return "" }, lambdatest.REST, get(), nil, "is not a Lambda function"},
		{"unknown front door", app, "grpc", get(), nil, `"grpc" is no front door: use one of ["http"`},
		{"WebSocket", app, lambdatest.WebSocket, httptest.NewRequest("DELETE", "/", nil), nil, "use Dial for a conversation"},
		{"no request", app, lambdatest.REST, nil, nil, "the request is nil"},
		{"a request without a URL", app, lambdatest.REST, &http.Request{}, nil, "the request has no URL"},
		{"a body read before", app, lambdatest.REST, read, nil, "a Content-Length of 4 and a body of 0 bytes"},
		{"a stage on a function URL", app, lambdatest.FunctionURL, get(), []lambdatest.Option{lambdatest.WithStage("dev")}, "have no stages"},
		{"claims on a load balancer", app, lambdatest.ALB, get(), []lambdatest.Option{lambdatest.WithClaims(map[string]string{"sub": "1"})}, "do not check tokens"},
		{"an authorizer that is no JSON", app, lambdatest.REST, get(), []lambdatest.Option{lambdatest.WithAuthorizer(func() {})}, "WithAuthorizer"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := spyOn(t, func(tb testing.TB) { lambdatest.Do(tb, test.h, test.source, test.req, test.opts...) })
			assert.Contains(t, s.fatal, test.want)
			assert.True(t, strings.HasPrefix(s.fatal, "lambdatest: "), s.fatal)

			if test.req != nil && test.req.URL != nil {
				_, err := lambdatest.Transport(test.h, test.source, test.opts...).RoundTrip(test.req)
				assert.ErrorContains(t, err, "lambdatest: ", "Transport says so too")
			}
		})
	}
}

func TestBodySentTwice(t *testing.T) {
	app := adapter.Wrap(http.HandlerFunc(mirror))
	req := httptest.NewRequest("POST", "/", strings.NewReader("once"))
	lambdatest.Do(t, app, lambdatest.HTTPv2, req)
	s := spyOn(t, func(tb testing.TB) { lambdatest.Do(tb, app, lambdatest.HTTPv2, req) })
	assert.Contains(t, s.fatal, "make a new request for each call")

	get := httptest.NewRequest("GET", "/", nil)
	for range 2 { // nothing is used up
		assert.Equal(t, http.StatusOK, lambdatest.Do(t, app, lambdatest.HTTPv2, get).StatusCode)
	}
}

func TestNewEvent(t *testing.T) {
	payload := lambdatest.NewEvent(t, lambdatest.HTTPv2, httptest.NewRequest("GET", "/notes?page=2", nil))
	var e events.APIGatewayV2HTTPRequest
	require.NoError(t, json.Unmarshal(payload, &e))
	assert.Equal(t, "/notes", e.RawPath)
	assert.Equal(t, "page=2", e.RawQueryString)

	s := spyOn(t, func(tb testing.TB) {
		lambdatest.NewEvent(tb, lambdatest.REST, httptest.NewRequest("GET", "/notes", nil), lambdatest.WithStage("dev"))
	})
	assert.Contains(t, s.fatal, `the path "/notes" does not begin with "/dev"`)
}

// TestWaysAgree holds that a table gives the same answers whichever way it is sent.
func TestWaysAgree(t *testing.T) {
	lambdatest.Each(t, func(t *testing.T, source lambdatest.Source) {
		app := adapter.Wrap(http.HandlerFunc(mirror))
		server := lambdatest.NewServer(t, app, source)
		inMemory := http.Client{Transport: lambdatest.Transport(app, source)}
		for _, target := range []string{"/", "/a%20b?x=1&x=2", "/%C3%A9?q=%2B"} {
			do := lambdatest.Do(t, app, source, httptest.NewRequest("PUT", target, strings.NewReader("body")))
			want := []any{do.StatusCode, do.Header.Get("X-Saw"), do.Header.Get("Content-Type"), do.ContentLength, text(t, do)}
			for base, client := range map[string]*http.Client{server.URL: server.Client(), "http://example.com": &inMemory} {
				req, err := http.NewRequest("PUT", base+target, strings.NewReader("body"))
				require.NoError(t, err)
				req.Host = "example.com"
				resp, err := client.Do(req)
				require.NoError(t, err)
				got := []any{resp.StatusCode, resp.Header.Get("X-Saw"), resp.Header.Get("Content-Type"), resp.ContentLength, text(t, resp)}
				resp.Body.Close()
				assert.Equal(t, want, got, base+target)
			}
		}
	})
}

// How many headers are too many is for the front door to say, and not for the server it
// is served by.
func TestManyHeaders(t *testing.T) {
	app := adapter.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, len(r.Header) > 600) }))
	server := lambdatest.NewServer(t, app, lambdatest.FunctionURL)
	req, err := http.NewRequestWithContext(t.Context(), "GET", server.URL, nil)
	require.NoError(t, err)
	for n := range 600 {
		req.Header.Set(fmt.Sprintf("X-%d", n), "1")
	}
	resp, err := server.Client().Do(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	assert.Equal(t, "true", text(t, resp))
}

// TestFakeTime holds that a function can be slow in a bubble of testing/synctest without the
// test being slow.
func TestFakeTime(t *testing.T) {
	tests := []struct {
		source lambdatest.Source
		status int
	}{
		{lambdatest.REST, http.StatusGatewayTimeout},       // after 29 s
		{lambdatest.HTTPv2, http.StatusServiceUnavailable}, // after 30 s
		{lambdatest.FunctionURL, http.StatusOK},            // waits for as long as the function may run
	}
	for _, test := range tests {
		t.Run(string(test.source), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				slow := func() (string, error) {
					<-time.After(time.Minute)
					return "at last", nil
				}
				resp := lambdatest.Do(t, slow, test.source, httptest.NewRequest("GET", "/", nil))
				assert.Equal(t, test.status, resp.StatusCode)
			})
		})
	}
}

func TestExplain(t *testing.T) {
	resp := lambdatest.Do(t, adapter.Wrap(http.HandlerFunc(mirror)), lambdatest.HTTPv2, httptest.NewRequest("GET", "/notes", nil))
	told := lambdatest.Explain(resp)
	for _, part := range []string{"--- request\nGET /notes", "--- event (http)", `"rawPath": "/notes"`, "--- reply", "--- response\n200 OK"} {
		assert.Contains(t, told, part)
	}
	assert.Contains(t, lambdatest.Explain(&http.Response{}), "not one of Do's")
}

// A test's log may be kept for years: it holds no secret of a request, of its event or of a
// reply.
func TestLogsHoldNoSecrets(t *testing.T) {
	fails := true
	function := func(context.Context, json.RawMessage) (map[string]any, error) {
		if fails {
			return nil, errors.New("out of order")
		}
		return map[string]any{"statusCode": 200, "headers": map[string]string{"Set-Cookie": "s=canary4"}, "body": "in"}, nil
	}
	for _, source := range lambdatest.Sources() {
		for _, fails = range []bool{false, true} {
			req := httptest.NewRequest("GET", "/notes", nil)
			for name, value := range map[string]string{"Authorization": "Bearer canary1", "Cookie": "s=canary2", "X-Api-Key": "canary3", "X-Plain": "plain"} {
				req.Header.Set(name, value)
			}
			spy := &spy{TB: t}
			resp := lambdatest.Do(spy, function, source, req)
			told := lambdatest.Explain(resp)
			assert.Contains(t, told, "plain", source)
			assert.Contains(t, told, "(masked)", source)
			assert.NotContains(t, told+spy.log, "canary", source)
			assert.Equal(t, fails, strings.Contains(spy.log, "out of order"), source)
		}
	}
}

// BenchmarkDo measures a small request through each front door, beside the same handler
// behind httptest's recorder.
func BenchmarkDo(b *testing.B) {
	handler := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		io.WriteString(w, "hello")
	})
	b.Run("recorder", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, httptest.NewRequest("GET", "/notes", nil))
			w.Result()
		}
	})
	app := adapter.Wrap(handler)
	for _, source := range lambdatest.Sources() {
		b.Run(string(source), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				lambdatest.Do(b, app, source, httptest.NewRequest("GET", "/notes", nil))
			}
		})
	}
}

func BenchmarkInvoke(b *testing.B) {
	app := adapter.Wrap(http.HandlerFunc(mirror))
	event := lambdatest.NewEvent(b, lambdatest.HTTPv2, httptest.NewRequest("GET", "/notes", nil))
	for b.Loop() {
		if _, err := app.Invoke(b.Context(), event); err != nil {
			b.Fatal(err)
		}
	}
}

// FuzzDo holds that a fuzz target can send whatever it is given, and that bytes come back
// as they were sent.
func FuzzDo(f *testing.F) {
	f.Add("/notes", []byte("body"))
	f.Add("a b%\x00?#", []byte("\x00\xff"))
	app := adapter.Wrap(http.HandlerFunc(mirror))
	f.Fuzz(func(t *testing.T, path string, body []byte) {
		req := httptest.NewRequest("POST", "/", bytes.NewReader(body))
		req.URL.Path, req.RequestURI = "/"+path, ""
		resp := lambdatest.Do(t, app, lambdatest.FunctionURL, req)
		assert.Equal(t, http.StatusOK, resp.StatusCode, lambdatest.Explain(resp))
		assert.Equal(t, string(body), text(t, resp))
	})
}

// spy is a testing.TB that lets a test see how another one would end.
type spy struct {
	testing.TB
	name, log, errs, fatal string
}

// spyOn runs f as if it were a test.
func spyOn(t *testing.T, f func(tb testing.TB)) *spy {
	s := &spy{TB: t, name: t.Name()}
	done := make(chan struct{})
	go func() {
		defer close(done)
		f(s)
	}()
	<-done
	return s
}

func (s *spy) Helper()                           {}
func (s *spy) Name() string                      { return s.name }
func (s *spy) Logf(format string, args ...any)   { s.log += fmt.Sprintf(format, args...) + "\n" }
func (s *spy) Errorf(format string, args ...any) { s.errs += fmt.Sprintf(format, args...) + "\n" }
func (s *spy) Fatalf(format string, args ...any) { s.Fatal(fmt.Sprintf(format, args...)) }
func (s *spy) Fatal(args ...any) {
	s.fatal += fmt.Sprint(args...)
	runtime.Goexit()
}
