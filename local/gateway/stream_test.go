package gateway_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/local/gateway"
	"github.com/lambridge-go/lambridge/local/invoke"
)

// streams is a function that streams its reply.
type streams struct {
	contentType string
	body        io.ReadCloser
	err         error
}

func (s streams) Invoke(context.Context, []byte) ([]byte, error) {
	return nil, errors.New("invoked without a stream")
}

func (s streams) InvokeStream(context.Context, []byte) (*invoke.Stream, error) {
	if s.err != nil {
		return nil, s.err
	}
	return &invoke.Stream{ContentType: s.contentType, Body: s.body}, nil
}

const nuls = "\x00\x00\x00\x00\x00\x00\x00\x00"

// failing is a body that ends in an error.
func failing(text string, err error) io.Reader {
	return io.MultiReader(strings.NewReader(text), errReader{err})
}

type errReader struct{ err error }

func (r errReader) Read([]byte) (int, error) { return 0, r.err }

func TestStreams(t *testing.T) {
	t.Parallel()
	const chunked = "Transfer-Encoding: chunked"
	crash := &invoke.Error{Type: "Runtime.ExitError", Message: "exit status 3"}
	internal := restFailed("500 Internal Server Error", "InternalServerErrorException", `{"message": "Internal server error"}`)
	// streamed is a response whose length is unknown.
	streamed := func(r response) response {
		for i, field := range r.Header {
			if strings.HasPrefix(field, "Content-Length: ") {
				r.Header[i] = chunked
			}
		}
		return sorted(r)
	}
	for name, test := range map[string]struct {
		source gateway.Source
		reply  streams
		from   io.Reader
		want   response
		why    string
	}{
		"URL (section 8.2)": {gateway.FunctionURL, streams{contentType: invoke.IntegrationResponse},
			strings.NewReader(`{"statusCode":201,"headers":{"Content-Type":"text/plain"},"cookies":["a=1","b=2"]}` + nuls + "hello"),
			streamed(furl("201 Created", "hello", "Content-Type: text/plain", "Set-Cookie: a=1", "Set-Cookie: b=2")), ""},
		"URL defaults to 200 (section 8.2)": {gateway.FunctionURL, streams{contentType: invoke.IntegrationResponse},
			strings.NewReader(`{"status":200,"headers":{"Content-Type":"text/plain"}}` + nuls + "Hello, world!"),
			streamed(furl("200 OK", "Hello, world!", "Content-Type: text/plain")), ""},
		"URL sends what is buffered as it is (rule 156)": {gateway.FunctionURL, streams{contentType: "application/json"},
			strings.NewReader(`{"statusCode":404,"body":"x"}`),
			streamed(furl("200 OK", `{"statusCode":404,"body":"x"}`, asJSON)),
			"the reply does not stream and reaches the client as it is: start the function with adapter.Stream, or leave the invoke mode at BUFFERED"},
		"URL, a failure after the beginning (rule 157)": {gateway.FunctionURL, streams{contentType: invoke.IntegrationResponse},
			failing(`{"headers":{"Content-Type":"text/plain"}}`+nuls+"hel", crash),
			streamed(furl("200 OK", "hel", "Content-Type: text/plain")),
			"gateway: the stream is cut, the function failed: function failed: Runtime.ExitError: exit status 3"},
		"URL, a failure before it (rule 158)": {gateway.FunctionURL, streams{err: crash}, strings.NewReader(""), furl502(),
			"gateway: function failed: Runtime.ExitError: exit status 3"},
		"URL, metadata cut short by a failure": {gateway.FunctionURL, streams{contentType: invoke.IntegrationResponse}, failing(`{"sta`, crash), furl502(),
			"gateway: function failed: Runtime.ExitError: exit status 3"},
		"URL, nothing after the metadata (rule 161)": {gateway.FunctionURL, streams{contentType: invoke.IntegrationResponse},
			strings.NewReader(`{"statusCode":204}` + nuls), without(furl("204 No Content", "", "Content-Type: application/octet-stream"), "Content-Length: 0"), ""},
		"REST (section 8.3)": {gateway.REST, streams{contentType: invoke.IntegrationResponse},
			strings.NewReader(`{"statusCode":200,"headers":{"a":"1"},"multiValueHeaders":{"b":["2","3"]},"cookies":["c=4"]}` + nuls + "hello"),
			streamed(rest("200 OK", "hello", asJSON, "a: 1", "b: 2", "b: 3", "Set-Cookie: c=4")), ""},
		"REST, a length (section 8.3)": {gateway.REST, streams{contentType: invoke.IntegrationResponse},
			strings.NewReader(`{"multiValueHeaders":{"content-length":["5"]}}` + nuls + "hello"), rest("200 OK", "hello", asJSON), ""},
		"URL, a length": {gateway.FunctionURL, streams{contentType: invoke.IntegrationResponse},
			strings.NewReader(`{"headers":{"content-length":"5","Content-Type":"text/plain"}}` + nuls + "hello"),
			streamed(furl("200 OK", "hello", "Content-Type: text/plain", "x-amzn-Remapped-content-length: 5")),
			`the header "content-length" reaches the client as "x-amzn-Remapped-content-length"`},
		"REST, another key (rule 154)": {gateway.REST, streams{contentType: invoke.IntegrationResponse}, strings.NewReader(`{"statusCode":200,"body":""}` + nuls + "hello"), internal,
			`gateway: the reply has the key "body", which REST APIs do not know`},
		"REST, a late delimiter (rule 154)": {gateway.REST, streams{contentType: invoke.IntegrationResponse},
			strings.NewReader(`{"headers":{"a":"` + strings.Repeat("x", 16<<10) + `"}}` + nuls + "hello"), internal,
			"gateway: the streamed reply has no 8 NUL bytes within its first 16384 bytes"},
		"REST, no delimiter (rule 155)": {gateway.REST, streams{contentType: "application/json"}, strings.NewReader(`{"statusCode":200}`), internal,
			"gateway: the streamed reply ends after 18 bytes without metadata and 8 NUL bytes: EOF"},
		"REST, throttled": {gateway.REST, streams{err: invoke.ErrThrottled}, strings.NewReader(""), internal,
			"gateway: " + invoke.ErrThrottled.Error()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var seen gateway.Exchange
			test.reply.body = io.NopCloser(test.from)
			g := open(t, config{Source: test.source, Stream: true, Function: test.reply, Observe: func(x gateway.Exchange) { seen = x }})
			assert.Equal(t, sorted(test.want), converse(t, g, get))
			why := ""
			if seen.Err != nil {
				why = seen.Err.Error()
			} else if len(seen.Warnings) > 0 {
				why = seen.Warnings[0]
			}
			assert.Equal(t, test.why, why)
			if test.want.Status != "204 No Content" {
				assert.Equal(t, test.want.Body, string(seen.Body))
			}
		})
	}
}

// Each piece reaches the client before the function writes the next, the head
// before any of them.
func TestStreamsAreNotHeldBack(t *testing.T) {
	t.Parallel()
	for _, source := range []gateway.Source{gateway.FunctionURL, gateway.REST} {
		t.Run(string(source), func(t *testing.T) {
			t.Parallel()
			body, function := io.Pipe()
			server := httptest.NewServer(open(t, config{Source: source, Stream: true, Function: streams{contentType: invoke.IntegrationResponse, body: body}}))
			defer server.Close()
			conn, err := net.Dial("tcp", server.Listener.Addr().String())
			require.NoError(t, err)
			defer conn.Close()
			require.NoError(t, conn.SetDeadline(time.Now().Add(patience)))
			_, err = io.WriteString(conn, get)
			require.NoError(t, err)
			client := bufio.NewReader(conn)

			// The delimiter arrives in two parts.
			_, err = io.WriteString(function, `{"statusCode":200}`+nuls[:3])
			require.NoError(t, err)
			_, err = io.WriteString(function, nuls[3:])
			require.NoError(t, err)
			for line := "x"; line != "\r\n"; {
				line, err = client.ReadString('\n')
				require.NoError(t, err)
			}
			for i := range 3 {
				piece := fmt.Sprintf("piece %d", i)
				_, err = io.WriteString(function, piece)
				require.NoError(t, err)
				got := make([]byte, len("7\r\n")+len(piece)+len("\r\n"))
				_, err = io.ReadFull(client, got)
				require.NoError(t, err)
				assert.Equal(t, "7\r\n"+piece+"\r\n", string(got))
			}
			require.NoError(t, function.Close())
			rest, err := client.Peek(len("0\r\n\r\n"))
			require.NoError(t, err)
			assert.Equal(t, "0\r\n\r\n", string(rest))
		})
	}
}

// A client that goes away closes the stream.
func TestStreamsEndWithTheClient(t *testing.T) {
	t.Parallel()
	body, function := io.Pipe()
	done := make(chan gateway.Exchange, 1)
	server := httptest.NewServer(open(t, config{
		Source: gateway.FunctionURL, Stream: true,
		Function: streams{contentType: invoke.IntegrationResponse, body: body},
		Observe:  func(x gateway.Exchange) { done <- x },
	}))
	defer server.Close()
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	require.NoError(t, err)
	_, err = io.WriteString(conn, get)
	require.NoError(t, err)
	_, err = io.WriteString(function, `{}`+nuls)
	require.NoError(t, err)
	require.NoError(t, conn.Close())
	for err == nil {
		_, err = function.Write(make([]byte, 1<<10))
	}
	assert.ErrorIs(t, err, io.ErrClosedPipe)
	assert.ErrorContains(t, (<-done).Err, "gateway: the client went away")
}

// Lambda passes on 200 MB of a stream and not a byte more.
func TestStreamsAreCutAtTheLimit(t *testing.T) {
	t.Parallel()
	const limit = 200 << 20
	prelude := `{}` + nuls
	for name, test := range map[string]struct {
		size int64
		want string
	}{
		"at the limit":   {limit, ""},
		"over the limit": {limit + 1, "gateway: the stream is cut at Lambda's limit of 209715200 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var seen gateway.Exchange
			body := io.LimitReader(io.MultiReader(strings.NewReader(prelude), zeros{}), test.size)
			g := open(t, config{
				Source: gateway.FunctionURL, Stream: true,
				Function: streams{contentType: invoke.IntegrationResponse, body: io.NopCloser(body)},
				Observe:  func(x gateway.Exchange) { seen = x },
			})
			w := &counter{ResponseRecorder: httptest.NewRecorder()}
			g.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
			assert.Equal(t, int64(limit-len(prelude)), w.n)
			assert.Len(t, seen.Body, gateway.MaxObserved)
			assert.Equal(t, w.n, seen.Size)
			if test.want == "" {
				assert.NoError(t, seen.Err)
			} else {
				assert.EqualError(t, seen.Err, test.want)
			}
		})
	}
}

// With Pace the first megabytes pass at once and the rest at AWS's pace.
func TestStreamsArePaced(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		source gateway.Source
		pace   bool
		size   int64
		want   time.Duration
	}{
		{"URL, 6 MB", gateway.FunctionURL, true, 6_000_000, 0},
		{"URL, 10 MB", gateway.FunctionURL, true, 10_000_000, 2 * time.Second},
		{"REST, 10 MB", gateway.REST, true, 10_000_000, 0},
		{"REST, 20 MB", gateway.REST, true, 20_000_000, 5 * time.Second},
		{"not asked for", gateway.FunctionURL, false, 20_000_000, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				body := io.MultiReader(strings.NewReader(`{}`+nuls), io.LimitReader(zeros{}, test.size))
				g := open(t, config{
					Source: test.source, Stream: true, Pace: test.pace,
					Function: streams{contentType: invoke.IntegrationResponse, body: io.NopCloser(body)},
				})
				w := &counter{ResponseRecorder: httptest.NewRecorder()}
				began := time.Now()
				g.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
				assert.Equal(t, test.size, w.n)
				assert.InDelta(t, test.want, time.Since(began), float64(time.Millisecond))
			})
		})
	}
}

// zeros reads for ever.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// counter is a ResponseRecorder that counts what is written and keeps none of it.
type counter struct {
	*httptest.ResponseRecorder
	n int64
}

func (c *counter) Write(p []byte) (int, error) {
	c.n += int64(len(p))
	return len(p), nil
}
