package gateway_test

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/local/gateway"
)

// A client may announce any length. What it does not send costs nothing, and no
// arithmetic on it goes wrong.
func TestAnnouncedLengths(t *testing.T) {
	t.Parallel()
	for _, source := range sources() {
		for _, length := range []int64{4294967296, 6291456000000000000, 9000000000000000000, math.MaxInt64 - 1, math.MaxInt64} {
			for _, contentType := range []string{"text/plain", "application/octet-stream"} {
				r := httptest.NewRequest("POST", "/echo", io.MultiReader(strings.NewReader("abc"), iotest.ErrReader(io.ErrUnexpectedEOF)))
				r.ContentLength = length
				r.Header.Set("Content-Type", contentType)
				w := httptest.NewRecorder()
				open(t, config{Source: source}).ServeHTTP(w, r)
				assert.Equal(t, 413, w.Code, "%s, %d bytes of %s", source, length, contentType)
			}
		}
		r := httptest.NewRequest("POST", "/echo", io.MultiReader(strings.NewReader("abc"), iotest.ErrReader(io.ErrUnexpectedEOF)))
		r.ContentLength = 100_000
		w := httptest.NewRecorder()
		open(t, config{Source: source}).ServeHTTP(w, r)
		assert.Equal(t, 400, w.Code, "%s, a body that breaks off", source)
	}
}

// Ten clients that announce 5 MB each and send a byte hold no megabytes.
func TestAnnouncedBodiesAreNotHeld(t *testing.T) {
	g := open(t, config{Source: gateway.HTTPv2})
	arrived := make(chan struct{}, 10)
	var ends []*io.PipeWriter
	done := make(chan struct{}, 10)
	before := heap()
	for range 10 {
		body, pipe := io.Pipe()
		ends = append(ends, pipe)
		r := httptest.NewRequest("POST", "/", body)
		r.ContentLength = 5_000_000
		go func() { g.ServeHTTP(httptest.NewRecorder(), r); done <- struct{}{} }()
		go func() { pipe.Write([]byte("x")); pipe.Write([]byte("y")); arrived <- struct{}{} }()
	}
	for range 10 {
		<-arrived // and whatever is made room for has been
	}
	runtime.Gosched()
	held := heap() - before
	for _, pipe := range ends {
		pipe.CloseWithError(io.ErrUnexpectedEOF)
	}
	for range 10 {
		<-done
	}
	assert.Less(t, held, int64(2<<20))
}

// However many headers a reply has, each takes the same time: were each looked for among
// all, this would take minutes.
func TestManyHeadersOfAReply(t *testing.T) {
	t.Parallel()
	headers := map[string]string{}
	for i := range 60_000 {
		headers[fmt.Sprintf("x-h%d", i)] = "v"
	}
	reply, err := json.Marshal(map[string]any{"statusCode": 200, "headers": headers})
	require.NoError(t, err)
	for _, source := range []gateway.Source{gateway.REST, gateway.HTTPv1, gateway.HTTPv2, gateway.FunctionURL} {
		w := httptest.NewRecorder()
		open(t, config{Source: source}).Respond(w, httptest.NewRequest("GET", "/", nil), reply)
		assert.Equal(t, 200, w.Code)
		assert.GreaterOrEqual(t, len(w.Header()), len(headers), source)
	}
}

func compressed(t *testing.T, text string, open func(io.Writer) io.WriteCloser) string {
	t.Helper()
	var b bytes.Buffer
	w := open(&b)
	_, err := io.WriteString(w, text)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return b.String()
}

// A REST API undoes the coding of a request's body and says 415 to what it cannot undo.
func TestInflatedRequests(t *testing.T) {
	t.Parallel()
	const text = `{"a":1}`
	gzipped := compressed(t, text, func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) })
	zlibbed := compressed(t, text, func(w io.Writer) io.WriteCloser { return zlib.NewWriter(w) })
	bomb := compressed(t, strings.Repeat("0", 11<<20), func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) })
	for name, test := range map[string]struct {
		coding, body string
		status       int
		want         string // in the event
	}{
		"gzip":                   {"gzip", gzipped, 200, text},
		"gzip in capitals":       {" GZIP ", gzipped, 200, text},
		"deflate":                {"deflate", zlibbed, 200, text},
		"identity":               {"identity", text, 200, text},
		"none":                   {"", text, 200, text},
		"nothing to undo":        {"gzip", "", 200, ""},
		"brotli":                 {"br", "\x0b\x03\x80{\"a\":1}\x03", 415, ""},
		"several":                {"gzip, gzip", gzipped, 415, ""},
		"gzip that is none":      {"gzip", text, 415, ""},
		"gzip that is cut short": {"gzip", gzipped[:len(gzipped)-4], 415, ""},
		"gzip that says deflate": {"deflate", gzipped, 415, ""},
		"more than may arrive":   {"gzip", bomb, 413, ""},
	} {
		for _, binary := range [][]string{{"*/*"}, {"image/png"}} {
			t.Run(name+"/"+binary[0], func(t *testing.T) {
				r := httptest.NewRequest("POST", "/", strings.NewReader(test.body))
				r.Header.Set("Content-Type", "application/json")
				if test.coding != "" {
					r.Header.Set("Content-Encoding", test.coding)
				}
				cfg := config{Source: gateway.REST, BinaryMediaTypes: binary}
				w := httptest.NewRecorder()
				open(t, cfg).ServeHTTP(w, r.Clone(t.Context()))
				if test.status == 415 {
					assert.Equal(t, `{"message": "Unsupported Media Type"}`, w.Body.String())
				}
				require.Equal(t, test.status, w.Code)
				if test.status != 200 || test.want == "" {
					return
				}
				r.Body = io.NopCloser(strings.NewReader(test.body))
				event := eventOf(t, cfg, r)
				want := any(test.want)
				if binary[0] == "*/*" {
					want = "eyJhIjoxfQ=="
				}
				assert.Equal(t, want, member(t, event, "body"))
			})
		}
	}
}

// Where it has to guess what AWS does to bytes, it says so.
func TestBodiesThatAreNotText(t *testing.T) {
	t.Parallel()
	gzipped := compressed(t, `{"a":1}`, func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) })
	for source, warns := range map[gateway.Source]bool{
		gateway.HTTPv1: true, gateway.HTTPv2: true, gateway.FunctionURL: true, gateway.LatticeV1: true, gateway.LatticeV2: true,
		gateway.ALB: false, gateway.ALBMulti: false, gateway.REST: false,
	} {
		var log bytes.Buffer
		g := open(t, config{Source: source, Logger: slog.New(slog.NewTextHandler(&log, nil))})
		r := httptest.NewRequest("POST", "/", strings.NewReader(gzipped))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Content-Encoding", "gzip")
		g.ServeHTTP(httptest.NewRecorder(), r)
		assert.Equal(t, warns, strings.Contains(log.String(), "the body is not UTF-8"), "%s: %s", source, log.String())
	}
}

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
func TestHeaderLimitsOfLoadBalancers(t *testing.T) {
	t.Parallel()
	for _, source := range []gateway.Source{gateway.ALB, gateway.ALBMulti} {
		for name, test := range map[string]struct {
			target string
			fields []int // sizes of the values of request headers
			reply  int   // the size of a reply's header
			want   int
		}{
			"request line of 16 K":         {"/" + strings.Repeat("a", 16<<10-len("GET / HTTP/1.1")), nil, 0, 200},
			"one more":                     {"/" + strings.Repeat("a", 16<<10-len("GET / HTTP/1.1")+1), nil, 0, 414},
			"header of 16 K":               {"/", []int{16<<10 - len("X-0: \r\n")}, 0, 200},
			"header of one more":           {"/", []int{16<<10 - len("X-0: \r\n") + 1}, 0, 431},
			"all headers within 64 K":      {"/", []int{15 << 10, 15 << 10, 15 << 10, 15 << 10}, 0, 200},
			"all headers over 64 K":        {"/", []int{15 << 10, 15 << 10, 15 << 10, 15 << 10, 15 << 10}, 0, 431},
			"reply's headers within 32 K":  {"/", nil, 31 << 10, 200},
			"reply's headers over 32 K":    {"/", nil, 33 << 10, 502},
			"reply's headers far above it": {"/", nil, 200 << 10, 502},
		} {
			t.Run(string(source)+"/"+name, func(t *testing.T) {
				headers := map[string]any{"x-big": strings.Repeat("b", test.reply)}
				multi := map[string]any{"x-big": []string{strings.Repeat("b", test.reply)}}
				reply, err := json.Marshal(map[string]any{"statusCode": 200, "headers": headers, "multiValueHeaders": multi})
				require.NoError(t, err)
				r := httptest.NewRequest("GET", test.target, nil)
				for n, size := range test.fields {
					r.Header.Set(fmt.Sprintf("X-%d", n), strings.Repeat("h", size))
				}
				w := httptest.NewRecorder()
				open(t, config{Source: source, Function: replies(string(reply))}).ServeHTTP(w, r)
				assert.Equal(t, test.want, w.Code)
			})
		}
	}
}

// An offer of HTTP/2 that plain connections only make is none to refuse, nor is an Upgrade to
// nothing; WebSocket is.
func TestUpgradesAtLoadBalancers(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	g := open(t, config{Source: gateway.ALB, Logger: slog.New(slog.NewTextHandler(&log, nil))})
	for upgrade, want := range map[string]int{"h2c": 200, "H2C": 200, "h2c, h2c": 200, "": 200, " , ": 200, "websocket": 400, ", websocket": 400, "h2c, websocket": 400, "TLS/1.2": 400} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Connection", "Upgrade, HTTP2-Settings")
		r.Header.Set("Upgrade", upgrade)
		r.Header.Set("HTTP2-Settings", "AAMAAABkAAQAoAAAAAIAAAAA")
		w := httptest.NewRecorder()
		g.ServeHTTP(w, r)
		assert.Equal(t, want, w.Code, upgrade)
	}
	assert.Equal(t, 1, strings.Count(log.String(), "a client offers to go on with HTTP/2"), "one note")
	r := httptest.NewRequest("GET", "/", nil)
	r.Header = http.Header{"Connection": {"Upgrade, HTTP2-Settings"}, "Upgrade": {"h2c"}, "Http2-Settings": {"AAMAAABkAAQAoAAAAAIAAAAA"}}
	event := eventOf(t, config{Source: gateway.ALB}, r)
	assert.NotContains(t, strings.ToLower(event), "h2c")
	assert.NotContains(t, strings.ToLower(event), "http2-settings")
}

// A function URL writes a body that is no string as JSON; the others refuse it, as
// recorded.
func TestBodiesThatAreNoStrings(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{"a": 1}`:           `{"a":1}`,
		`[1, "b"]`:           `[1,"b"]`,
		`3.5`:                `3.5`,
		`true`:               `true`,
		`{"a":{"b":"c  d"}}`: `{"a":{"b":"c  d"}}`,
	} {
		reply := `{"statusCode":400,"headers":{"Content-Type":"application/json","x-a":"b"},"cookies":["c=d"],"body":` + body + `}`
		for source, status := range map[gateway.Source]int{gateway.FunctionURL: 400, gateway.REST: 502, gateway.HTTPv2: 500} {
			var log bytes.Buffer
			w := httptest.NewRecorder()
			open(t, config{Source: source, Function: replies(reply), Logger: slog.New(slog.NewTextHandler(&log, nil))}).
				ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
			assert.Equal(t, status, w.Code, "%s %s", source, body)
			if source == gateway.FunctionURL {
				assert.Equal(t, want, w.Body.String())
				assert.Equal(t, "application/json", w.Header().Get("Content-Type"))
				assert.Equal(t, "c=d", w.Header().Get("Set-Cookie"))
				assert.Contains(t, log.String(), "REST APIs and HTTP APIs refuse it")
			}
		}
	}
}

func TestCookiesComeBeforeSetCookie(t *testing.T) {
	t.Parallel()
	for _, source := range []gateway.Source{gateway.HTTPv2, gateway.FunctionURL} {
		w := httptest.NewRecorder()
		open(t, config{Source: source, Function: replies(`{"statusCode":200,"cookies":["a=1","b=2"],"headers":{"set-cookie":"h=1"}}`)}).
			ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
		var cookies []string
		for name, values := range w.Header() {
			if strings.EqualFold(name, "Set-Cookie") {
				cookies = append(cookies, values...)
			}
		}
		assert.Equal(t, []string{"a=1", "b=2", "h=1"}, cookies)
	}
}

// A function that streams behind a front door that does not: a REST API sends the head
// alone, as documented; whatever the others do, the log says what to do about it.
func TestStreamsWhereThereAreNone(t *testing.T) {
	t.Parallel()
	const reply = `{"statusCode":201,"headers":{"x-a":"b"}}` + "\x00\x00\x00\x00\x00\x00\x00\x00" + "hello"
	for _, source := range sources() {
		var log bytes.Buffer
		w := httptest.NewRecorder()
		open(t, config{Source: source, Function: replies(reply), Logger: slog.New(slog.NewTextHandler(&log, nil))}).
			ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
		assert.Contains(t, log.String(), "adapter.Wrap", source)
		assert.NotContains(t, log.String(), "invalid character", source)
		if source == gateway.REST {
			assert.Equal(t, 201, w.Code)
			assert.Equal(t, []string{"b"}, map[string][]string(w.Header())["x-a"])
			assert.Empty(t, w.Body.String())
		}
	}
}
