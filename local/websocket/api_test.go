package websocket_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	coder "github.com/coder/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/local/invoke"
	"github.com/lambridge-go/lambridge/local/websocket"
)

// A wsEvent is what these tests read of the events that a function gets.
type wsEvent struct {
	Headers           map[string]string
	MultiValueHeaders map[string][]string
	Query             map[string]string `json:"queryStringParameters"`
	Body              *string
	RequestContext    struct {
		RouteKey, EventType, MessageID, ConnectionID, RequestID, ExtendedRequestID string
		Stage, DomainName, APIID, RequestTime, MessageDirection                    string
		ConnectedAt, RequestTimeEpoch                                              int64
		DisconnectStatusCode                                                       int
		DisconnectReason                                                           string
		Identity                                                                   struct{ SourceIP, UserAgent string }
		Authorizer                                                                 json.RawMessage
	}
}

func (e wsEvent) body() string {
	if e.Body == nil {
		return ""
	}
	return *e.Body
}

// accepted is the answer of a function that has nothing to say.
const accepted = `{"statusCode":200}`

// A wsFunction answers events and passes each on to the test.
type wsFunction struct {
	answer func(context.Context, wsEvent) (string, error) // nil accepts everything

	mu     sync.Mutex
	events []wsEvent
	raw    []string
}

func (f *wsFunction) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	var e wsEvent
	if err := json.Unmarshal(payload, &e); err != nil {
		return nil, err
	}
	f.mu.Lock()
	f.events = append(f.events, e)
	f.raw = append(f.raw, string(payload))
	f.mu.Unlock()
	if f.answer == nil {
		return []byte(accepted), nil
	}
	answer, err := f.answer(ctx, e)
	return []byte(answer), err
}

// seen returns the events so far of one type: CONNECT, MESSAGE or DISCONNECT.
func (f *wsFunction) seen(eventType string) []wsEvent {
	f.mu.Lock()
	defer f.mu.Unlock()
	var events []wsEvent
	for _, e := range f.events {
		if e.RequestContext.EventType == eventType {
			events = append(events, e)
		}
	}
	return events
}

// firstPayload returns the first event as the function got it.
func (f *wsFunction) firstPayload() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.raw[0]
}

// patience is how long a test waits for what must happen. It matters only when that
// never does, so that it is longer than any machine needs.
const patience = 3 * time.Minute

// one waits for the only event of a type.
func (f *wsFunction) one(t *testing.T, eventType string) wsEvent {
	t.Helper()
	require.Eventually(t, func() bool { return len(f.seen(eventType)) > 0 }, patience, time.Millisecond, "%s event", eventType)
	events := f.seen(eventType)
	require.Len(t, events, 1)
	return events[0]
}

var _ invoke.Invoker = (*wsFunction)(nil)

// lambda is the integration with a function.
func lambda(f invoke.Invoker) websocket.Integration {
	return websocket.Lambda(f, websocket.LambdaOptions{})
}

// routes are custom routes that lead to the Default.
func routes(keys ...string) []websocket.Route {
	var all []websocket.Route
	for _, key := range keys {
		all = append(all, websocket.Route{Key: key})
	}
	return all
}

// A wsServer is a WebSocket API on a loopback port.
type wsServer struct {
	*httptest.Server
	api *websocket.API
	log *lockedBuffer
}

func serveWebSocket(t *testing.T, cfg websocket.Config) *wsServer {
	t.Helper()
	s := &wsServer{log: new(lockedBuffer)}
	cfg.Logger = slog.New(slog.NewTextHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	api, err := websocket.New(cfg)
	require.NoError(t, err)
	s.api = api
	s.Server = httptest.NewServer(api)
	t.Cleanup(func() {
		assert.NoError(t, api.Close())
		s.Close()
	})
	return s
}

// dial opens a connection to the stage "local".
func (s *wsServer) dial(t *testing.T, options *coder.DialOptions) *coder.Conn {
	t.Helper()
	c, _, err := coder.Dial(t.Context(), s.URL+"/local", options)
	require.NoError(t, err)
	c.SetReadLimit(1 << 20)
	t.Cleanup(func() { c.CloseNow() })
	return c
}

// call makes a signed call of @connections.
func (s *wsServer) call(t *testing.T, method, path, body string) *http.Response {
	t.Helper()
	req, err := http.NewRequest(method, s.URL+path, strings.NewReader(body))
	require.NoError(t, err)
	req.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=x")
	return do(t, req)
}

func do(t *testing.T, req *http.Request) *http.Response {
	t.Helper()
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp
}

func text(t *testing.T, resp *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return string(b)
}

func send(t *testing.T, c *coder.Conn, message string) {
	t.Helper()
	require.NoError(t, c.Write(t.Context(), coder.MessageText, []byte(message)))
}

func receive(t *testing.T, c *coder.Conn) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	typ, data, err := c.Read(ctx)
	require.NoError(t, err)
	require.Equal(t, coder.MessageText, typ)
	return string(data)
}

// closedWith reads until the connection is closed and returns with what.
func closedWith(t *testing.T, c *coder.Conn) coder.CloseError {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for {
		_, _, err := c.Read(ctx)
		if err != nil {
			var closed coder.CloseError
			require.ErrorAs(t, err, &closed)
			return closed
		}
	}
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

func TestNewNamesEveryMistake(t *testing.T) {
	_, err := websocket.New(websocket.Config{
		Default:                  websocket.Lambda(nil, websocket.LambdaOptions{}),
		Stage:                    "a/b",
		RouteSelectionExpression: "$request.header.action",
		Routes:                   routes("ok", "", "$connect"),
	})
	require.Error(t, err)
	assert.Equal(t, `websocket: stage "a/b": want letters, digits, - and _
websocket: the function is missing
websocket: route "": a custom route is not empty and does not begin with $
websocket: route "$connect": a custom route is not empty and does not begin with $
websocket: route selection expression "$request.header.action": "request.header.action" is none of ["request.body"]`, err.Error())
}

func TestWebSocketHandles(t *testing.T) {
	api, err := websocket.New(websocket.Config{Default: lambda(new(wsFunction)), Stage: "dev"})
	require.NoError(t, err)
	tests := []struct {
		name, target string
		header       http.Header
		want         bool
	}{
		{"upgrade", "/dev", http.Header{"Connection": {"keep-alive, Upgrade"}, "Upgrade": {"websocket"}}, true},
		{"upgrade to the wrong stage, to be refused", "/", http.Header{"Connection": {"upgrade"}, "Upgrade": {"WebSocket"}}, true},
		{"another upgrade", "/dev", http.Header{"Connection": {"upgrade"}, "Upgrade": {"h2c"}}, false},
		{"@connections (E4)", "/dev/@connections/R1kmxc2VNjMCFIA=", nil, true},
		{"@connections escaped (E4)", "/dev/%40connections/R1kmxc2VNjMCFIA%3D", nil, true},
		{"@connections of another stage", "/prod/@connections/R1kmxc2VNjMCFIA=", nil, false},
		{"an ordinary request", "/dev", nil, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := httptest.NewRequest("GET", tt.target, nil)
			r.Header = tt.header
			assert.Equal(t, tt.want, api.Handles(r))
		})
	}
}
