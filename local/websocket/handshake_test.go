package websocket_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	coder "github.com/coder/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/local/invoke"
	"github.com/lambridge-go/lambridge/local/websocket"
)

// E1: 11 bytes in base64.
var websocketID = regexp.MustCompile(`^[A-Za-z0-9_-]{15}=$`)

func TestWebSocketConnectEvent(t *testing.T) {
	f := new(wsFunction)
	s := serveWebSocket(t, websocket.Config{Default: lambda(f)})
	addr := strings.TrimPrefix(s.URL, "http://")

	before := time.Now().UnixMilli()
	c, _, err := coder.Dial(t.Context(), s.URL+"/local?name=Ann&name=B%26o", &coder.DialOptions{
		Host:         "evil.example",
		Subprotocols: []string{"chat", "graphql"},
		HTTPHeader:   http.Header{"User-Agent": {"test/1"}, "Cookie": {"a=1", "b=2"}, "X-Forwarded-For": {"10.0.0.1"}},
	})
	require.NoError(t, err)
	defer c.CloseNow()

	e := f.one(t, "CONNECT")
	rc := e.RequestContext
	assert.Equal(t, "$connect", rc.RouteKey)
	assert.Equal(t, "IN", rc.MessageDirection)
	assert.Equal(t, "local", rc.Stage)
	assert.Equal(t, addr, rc.DomainName, "the address of the gateway, never the client's Host")
	assert.Regexp(t, websocketID, rc.ConnectionID, "ids (E1)")
	assert.Regexp(t, websocketID, rc.RequestID, "ids (E1)")
	assert.Equal(t, rc.RequestID, rc.ExtendedRequestID, "extendedRequestId (E1)")
	assert.Regexp(t, `^[a-z0-9]{10}$`, rc.APIID)
	assert.GreaterOrEqual(t, rc.ConnectedAt, before, "milliseconds (E1)")
	assert.Equal(t, rc.ConnectedAt, rc.RequestTimeEpoch)
	assert.Equal(t, time.UnixMilli(rc.RequestTimeEpoch).UTC().Format("02/Jan/2006:15:04:05 +0000"), rc.RequestTime)
	assert.Equal(t, "127.0.0.1", rc.Identity.SourceIP)
	assert.Equal(t, "test/1", rc.Identity.UserAgent)
	assert.Equal(t, map[string]string{"name": "B&o"}, e.Query)
	assert.NotContains(t, f.firstPayload(), `"body"`)

	require.Regexp(t, `^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$`, e.Headers["X-Amzn-Trace-Id"])
	require.NotEmpty(t, e.Headers["Sec-WebSocket-Key"])
	delete(e.MultiValueHeaders, "X-Amzn-Trace-Id")
	delete(e.MultiValueHeaders, "Sec-WebSocket-Key")
	assert.Equal(t, map[string][]string{ // E1: neither Connection nor Upgrade
		"Accept-Encoding":        {"gzip"},
		"Cookie":                 {"a=1", "b=2"},
		"Host":                   {"evil.example"},
		"Sec-WebSocket-Protocol": {"chat,graphql"},
		"Sec-WebSocket-Version":  {"13"},
		"User-Agent":             {"test/1"},
		"X-Forwarded-For":        {"10.0.0.1, 127.0.0.1"},
		"X-Forwarded-Port":       {"443"},
		"X-Forwarded-Proto":      {"https"},
	}, e.MultiValueHeaders)
	assert.Equal(t, "b=2", e.Headers["Cookie"], "the last value")
}

func TestWebSocketHandshake(t *testing.T) {
	fails := func(err error) func(context.Context, wsEvent) (string, error) {
		return func(context.Context, wsEvent) (string, error) { return "", err }
	}
	answers := func(reply string) func(context.Context, wsEvent) (string, error) {
		return func(context.Context, wsEvent) (string, error) { return reply, nil }
	}
	hangs := func(ctx context.Context, _ wsEvent) (string, error) {
		<-ctx.Done()
		return "", ctx.Err()
	}
	tests := []struct {
		name    string
		answer  func(context.Context, wsEvent) (string, error)
		config  websocket.Config
		timeout time.Duration
		want    int
	}{
		{name: "200 opens (E2)", answer: answers(accepted), want: 101},
		{name: "204 opens (E2)", answer: answers(`{"statusCode":204}`), want: 101},
		{name: "400 refuses with 400 (E2)", answer: answers(`{"statusCode":400,"body":"why"}`), want: 400},
		{name: "401 (E2)", answer: answers(`{"statusCode":401}`), want: 401},
		{name: "403 (E2)", answer: answers(`{"statusCode":403}`), want: 403},
		{name: "a redirect refuses (E2)", answer: answers(`{"statusCode":302}`), want: 302},
		{name: "500 (E2)", answer: answers(`{"statusCode":500}`), want: 500},
		{name: "an informational status is no answer", answer: answers(`{"statusCode":101}`), want: 502},
		{name: "a reply without a status", answer: answers(`{}`), want: 502},
		{name: "a failure", answer: fails(&invoke.Error{Type: "errorString", Message: "boom"}), want: 502},
		{name: "throttled", answer: fails(invoke.ErrThrottled), want: 502},
		{name: "a time-out", answer: hangs, config: websocket.Config{}, timeout: time.Millisecond, want: 502},
		{name: "no $connect route: accepted without asking (E2)", answer: fails(errors.New("asked")), config: websocket.Config{WithoutConnect: true, WithoutDisconnect: true}, want: 101},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := &wsFunction{answer: tt.answer}
			tt.config.Default = websocket.Lambda(f, websocket.LambdaOptions{Timeout: tt.timeout})
			s := serveWebSocket(t, tt.config)
			c, resp, err := coder.Dial(t.Context(), s.URL+"/local", nil)
			if tt.want == http.StatusSwitchingProtocols {
				require.NoError(t, err)
				c.CloseNow()
				return
			}
			require.Error(t, err)
			assert.Equal(t, tt.want, resp.StatusCode)
			body, _ := io.ReadAll(resp.Body)
			assert.NotContains(t, string(body), "why", "the function's body is not promised to anyone")
			assert.NotContains(t, string(body), "boom")
			assert.Empty(t, f.seen("DISCONNECT"), "a connection that never was")
		})
	}
}

// A client that promises a body and never sends it keeps nobody waiting: not the function, not
// whoever closes the API.
func TestWebSocketHandshakeWithABody(t *testing.T) {
	for _, row := range []struct {
		name string
		err  error // at the end of the body
		want int   // how often $connect runs
	}{
		{"that comes", io.EOF, 1},
		{"that breaks off", io.ErrUnexpectedEOF, 0},
	} {
		t.Run(row.name, func(t *testing.T) {
			f := new(wsFunction)
			s := serveWebSocket(t, websocket.Config{Default: lambda(f)})
			read := false
			r := httptest.NewRequest(http.MethodGet, s.URL+"/local", readerFunc(func([]byte) (int, error) {
				read = true
				assert.Empty(t, f.seen("CONNECT"), "the body comes first")
				return 0, row.err
			}))
			for name, value := range map[string]string{
				"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
			} {
				r.Header.Set(name, value)
			}
			s.api.ServeHTTP(httptest.NewRecorder(), r) // whose connection cannot be taken over
			assert.True(t, read)
			assert.Len(t, f.seen("CONNECT"), row.want)
		})
	}
}

type readerFunc func(p []byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func TestWebSocketHandshakeWaitsForConnect(t *testing.T) { // E2
	asked, answer := make(chan struct{}), make(chan struct{})
	s := serveWebSocket(t, websocket.Config{Default: lambda(&wsFunction{answer: func(_ context.Context, e wsEvent) (string, error) {
		if e.RequestContext.EventType == "CONNECT" {
			close(asked)
			<-answer
		}
		return accepted, nil
	}})})
	client, err := net.Dial("tcp", strings.TrimPrefix(s.URL, "http://"))
	require.NoError(t, err)
	defer client.Close()
	fmt.Fprint(client, handshake)
	<-asked
	require.NoError(t, client.SetReadDeadline(time.Now().Add(20*time.Millisecond)))
	n, err := client.Read(make([]byte, 1))
	assert.Zero(t, n, "nothing is said while $connect runs")
	assert.ErrorIs(t, err, os.ErrDeadlineExceeded)
	close(answer)

	require.NoError(t, client.SetReadDeadline(time.Now().Add(patience)))
	line, err := bufio.NewReader(client).ReadString('\n')
	require.NoError(t, err)
	assert.Equal(t, "HTTP/1.1 101 Switching Protocols\r\n", line)
}

func TestWebSocketSubprotocol(t *testing.T) {
	tests := []struct {
		name, reply, want string
	}{
		{"never chosen by the gateway (E2)", accepted, ""},
		{"the function's choice (E2)", `{"statusCode":200,"headers":{"Sec-WebSocket-Protocol":"graphql","X-Other":"x"}}`, "graphql"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := serveWebSocket(t, websocket.Config{Default: lambda(&wsFunction{answer: func(context.Context, wsEvent) (string, error) { return tt.reply, nil }})})
			c, resp, err := coder.Dial(t.Context(), s.URL+"/local", &coder.DialOptions{Subprotocols: []string{"chat", "graphql"}})
			require.NoError(t, err)
			defer c.CloseNow()
			assert.Equal(t, tt.want, c.Subprotocol())
			assert.Empty(t, resp.Header.Get("X-Other"), "no other header reaches the client (pitfall 111)")
			assert.Empty(t, resp.Header.Get("Sec-WebSocket-Extensions"), "compression is not negotiated")
		})
	}
}

func TestWebSocketRefusesBeforeAsking(t *testing.T) {
	upgrade := func(change func(http.Header)) http.Header {
		h := http.Header{"Connection": {"Upgrade"}, "Upgrade": {"websocket"}, "Sec-Websocket-Version": {"13"}, "Sec-Websocket-Key": {"dGhlIHNhbXBsZSBub25jZQ=="}}
		if change != nil {
			change(h)
		}
		return h
	}
	tests := []struct {
		name, method, target string
		header               http.Header
		status               int
		errorType            string
	}{
		{"a plain GET (E2)", "GET", "/local", nil, 426, ""},
		{"the wrong stage (E2)", "GET", "/prod", upgrade(nil), 403, "ForbiddenException"},
		{"no stage (E2)", "GET", "/", upgrade(nil), 403, "ForbiddenException"},
		{"a path below the stage (E2)", "GET", "/local/room", upgrade(nil), 403, "ForbiddenException"},
		{"version", "GET", "/local", upgrade(func(h http.Header) { h.Set("Sec-Websocket-Version", "8") }), 400, "BadRequestException"},
		{"no key", "GET", "/local", upgrade(func(h http.Header) { h.Del("Sec-Websocket-Key") }), 400, "BadRequestException"},
		{"a bad key", "GET", "/local", upgrade(func(h http.Header) { h.Set("Sec-Websocket-Key", "short") }), 400, "BadRequestException"},
		{"POST", "POST", "/local", upgrade(nil), 400, "BadRequestException"},
		{"a URL over 4,096 characters", "GET", "/local?" + strings.Repeat("a", 4096), upgrade(nil), 414, "RequestURITooLongException"},
	}
	f := new(wsFunction)
	s := serveWebSocket(t, websocket.Config{Default: lambda(f)})
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			req, err := http.NewRequest(tt.method, s.URL+tt.target, nil)
			require.NoError(t, err)
			req.Header = tt.header
			if req.Header == nil {
				req.Header = http.Header{}
			}
			resp := do(t, req)
			assert.Equal(t, tt.status, resp.StatusCode)
			assert.Equal(t, tt.errorType, resp.Header.Get("X-Amzn-Errortype"))
			assert.Empty(t, f.seen("CONNECT"))
		})
	}
}

func TestWebSocketMaxConnections(t *testing.T) {
	s := serveWebSocket(t, websocket.Config{Default: lambda(new(wsFunction)), MaxConnections: 2})
	first := s.dial(t, nil)
	s.dial(t, nil)
	_, resp, err := coder.Dial(t.Context(), s.URL+"/local", nil)
	require.Error(t, err)
	assert.Equal(t, http.StatusTooManyRequests, resp.StatusCode)

	require.NoError(t, first.Close(coder.StatusNormalClosure, ""))
	require.Eventually(t, func() bool {
		c, _, err := coder.Dial(t.Context(), s.URL+"/local", nil)
		if err != nil {
			return false
		}
		c.CloseNow()
		return true
	}, patience, time.Millisecond, "a closed connection makes room")
}

func TestWebSocketClientLeavesDuringConnect(t *testing.T) {
	asked, answer := make(chan struct{}), make(chan struct{})
	f := &wsFunction{answer: func(_ context.Context, e wsEvent) (string, error) {
		if e.RequestContext.EventType == "CONNECT" {
			close(asked)
			<-answer
		}
		return accepted, nil
	}}
	s := serveWebSocket(t, websocket.Config{Default: lambda(f)})
	client, err := net.Dial("tcp", strings.TrimPrefix(s.URL, "http://"))
	require.NoError(t, err)
	fmt.Fprint(client, handshake)
	<-asked
	require.NoError(t, client.Close())
	close(answer)
	e := f.one(t, "DISCONNECT")
	assert.Equal(t, 1006, e.RequestContext.DisconnectStatusCode, "the function that accepted hears the end")
}

// handshake is the request of a client that is written by hand.
const handshake = "GET /local HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
	"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
