package lambdatest

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/lambridge-go/lambridge/internal/headercount"
	"github.com/lambridge-go/lambridge/local/invoke"
	wsapi "github.com/lambridge-go/lambridge/local/websocket"
)

// patience is how long a conversation waits for what the test expects.
const patience = 10 * time.Second

// A WebSocketServer is a WebSocket API in front of a function under test, on a loopback
// port. Its clients are what [WebSocketServer.Dial] returns.
//
// What the function sends through @connections reaches them. A function that uses
// package adapter/connections finds the way by itself, because the domain name and
// the stage in its events are those of this API; any other SDK client needs
// Endpoint, as its base endpoint or in AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI.
type WebSocketServer struct {
	// Endpoint is the URL of the @connections API, like http://127.0.0.1:39211/test.
	Endpoint string

	tb       testing.TB
	unheard  bool       // the API has no $disconnect: nothing tells that a connection has ended
	dialing  sync.Mutex // one handshake at a time, so that its event is known
	observer *observer
}

// NewWebSocketServer returns the WebSocket API that cfg describes in front of h, which is
// any function that [Do] takes. The zero cfg has every route and the stage "test";
// cfg.Default is set to h. The API ends with the test.
func NewWebSocketServer(tb testing.TB, h any, cfg wsapi.Config) *WebSocketServer {
	tb.Helper()
	function, err := functionOf(h)
	if err != nil {
		tb.Fatal(err)
	}
	if cfg.Stage == "" {
		cfg.Stage = "test"
	}
	o := &observer{function: function, changed: make(chan struct{}), ended: make(map[string]bool)}
	cfg.Default = wsapi.Lambda(o, wsapi.LambdaOptions{})
	// Without the route, nothing would tell the ids of connections and their ends.
	o.connect, o.disconnect = !cfg.WithoutConnect, !cfg.WithoutDisconnect
	cfg.WithoutConnect, cfg.WithoutDisconnect = false, false

	api, err := wsapi.New(cfg)
	if err != nil {
		tb.Fatalf("lambdatest: %v", err)
	}
	server := httptest.NewUnstartedServer(api)
	headercount.Unlimit(server.Config)
	server.Start()
	tb.Cleanup(func() {
		api.Close()
		server.Close()
	})
	return &WebSocketServer{Endpoint: server.URL + "/" + cfg.Stage, tb: tb, observer: o}
}

// Dial opens a connection to the function h through a WebSocket API of its own, and
// fails the test if it is refused. Of url, the path and the query count: the first
// segment of the path is the stage, and "/" stands for "/test".
//
//	c := lambdatest.Dial(t, adapter.Wrap(app), "/prod?room=tea")
//	c.Send("hello")
//	assert.Equal(t, "hello yourself", c.Receive()) // posted through adapter/connections
//
// The API's routes have no responses: what the function answers to a message goes
// nowhere, as it does in AWS until a route is given one. For those, and for several
// clients, see [NewWebSocketServer].
func Dial(tb testing.TB, h any, url string, options ...DialOption) *Conn {
	tb.Helper()
	target := parse(tb, url)
	stage, _, _ := strings.Cut(strings.Trim(target.Path, "/"), "/")
	return NewWebSocketServer(tb, h, wsapi.Config{Stage: stage}).Dial(url, options...)
}

// A DialOption says something about a handshake.
type DialOption func(*websocket.DialOptions)

// WithHeader adds a header to the handshake.
func WithHeader(name, value string) DialOption {
	return func(o *websocket.DialOptions) { o.HTTPHeader.Add(name, value) }
}

// WithSubprotocols offers subprotocols in the handshake.
func WithSubprotocols(names ...string) DialOption {
	return func(o *websocket.DialOptions) { o.Subprotocols = names }
}

// Dial opens a connection and fails the test if it is refused. Of url, the path and
// the query count; "" and "/" stand for the stage.
func (s *WebSocketServer) Dial(url string, options ...DialOption) *Conn {
	s.tb.Helper()
	c, resp := s.Handshake(url, options...)
	if c == nil {
		why := ""
		if resp.StatusCode == http.StatusNotFound || resp.StatusCode == http.StatusMethodNotAllowed {
			why = ": has the application a route for GET /$connect? What it answers there decides"
		}
		s.tb.Fatalf("lambdatest: the handshake with %q was refused with status %d%s", url, resp.StatusCode, why)
	}
	return c
}

// Handshake is Dial for handshakes that may be refused: the Conn is then nil and
// the response says how.
func (s *WebSocketServer) Handshake(url string, options ...DialOption) (*Conn, *http.Response) {
	s.tb.Helper()
	target := s.Endpoint
	u := parse(s.tb, url)
	if path := u.EscapedPath(); path != "" && path != "/" {
		base := parse(s.tb, target)
		target = base.Scheme + "://" + base.Host + "/" + strings.TrimPrefix(path, "/")
	}
	if u.RawQuery != "" {
		target += "?" + u.RawQuery
	}
	o := &websocket.DialOptions{HTTPHeader: http.Header{}}
	for _, option := range options {
		option(o)
	}

	s.dialing.Lock()
	defer s.dialing.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	ws, resp, err := websocket.Dial(ctx, target, o)
	if err != nil && resp == nil {
		s.tb.Fatalf("lambdatest: no answer to the handshake with %q: %v", url, err)
	}
	if err != nil {
		return nil, resp
	}
	ws.SetReadLimit(-1)
	s.tb.Cleanup(func() { ws.CloseNow() })
	return &Conn{ID: s.observer.lastConnected(), Subprotocol: ws.Subprotocol(), api: s, ws: ws}, resp
}

func parse(tb testing.TB, s string) *url.URL {
	tb.Helper()
	u, err := url.Parse(s)
	if err != nil {
		tb.Fatalf("lambdatest: %v", err)
	}
	return u
}

// A Conn is a client of a WebSocket API, as far as a test needs one. Its methods
// fail the test when something does not happen within ten seconds; they must not be
// called concurrently with themselves.
type Conn struct {
	// ID is the connectionId by which the function knows the client.
	ID string
	// Subprotocol is what the function selected, or "".
	Subprotocol string

	api *WebSocketServer
	ws  *websocket.Conn
}

// Send sends a text message.
func (c *Conn) Send(message string) {
	c.api.tb.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := c.ws.Write(ctx, websocket.MessageText, []byte(message)); err != nil {
		c.api.tb.Fatalf("lambdatest: send %q: %v", message, err)
	}
}

// Receive returns the next message: what the function posted, what a route
// answered, or what API Gateway says of an error.
func (c *Conn) Receive() string {
	c.api.tb.Helper()
	message, err := c.read()
	if err != nil {
		c.api.tb.Fatalf("lambdatest: nothing received: %v", err)
	}
	return message
}

// ReceiveClose returns the code and the reason with which the other side closed.
// A message that comes first fails the test.
func (c *Conn) ReceiveClose() (code int, reason string) {
	c.api.tb.Helper()
	message, err := c.read()
	var closed websocket.CloseError
	switch {
	case err == nil:
		c.api.tb.Fatalf("lambdatest: want the connection closed, received %q", message)
	case !errors.As(err, &closed):
		c.api.tb.Fatalf("lambdatest: want the connection closed: %v", err)
	}
	return int(closed.Code), closed.Reason
}

func (c *Conn) read() (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	_, data, err := c.ws.Read(ctx)
	return string(data), err
}

// Close closes the connection with code 1000, as a client does that is done, and
// returns when the function has handled $disconnect.
func (c *Conn) Close() { c.CloseWith(int(websocket.StatusNormalClosure), "") }

// CloseWith is Close with another code and a reason.
func (c *Conn) CloseWith(code int, reason string) {
	c.api.tb.Helper()
	if err := c.ws.Close(websocket.StatusCode(code), reason); err != nil {
		c.api.tb.Fatalf("lambdatest: close: %v", err)
	}
	if !c.api.unheard && !c.api.observer.waitEnded(c.ID) {
		c.api.tb.Fatalf("lambdatest: the function has not handled $disconnect of %s", c.ID)
	}
}

// An observer passes events on to the function and notes which connections came
// and went.
type observer struct {
	function            invoke.Invoker
	connect, disconnect bool // the function has the route

	mu      sync.Mutex
	changed chan struct{} // closed and replaced when ended grows
	last    string
	ended   map[string]bool
}

func (o *observer) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	var e struct {
		RequestContext struct{ ConnectionID, EventType string }
	}
	if err := json.Unmarshal(payload, &e); err != nil {
		return nil, err
	}
	id := e.RequestContext.ConnectionID
	switch e.RequestContext.EventType {
	case "CONNECT":
		o.mu.Lock()
		o.last = id
		o.mu.Unlock()
		if !o.connect {
			return []byte(`{"statusCode":200}`), nil
		}
	case "DISCONNECT":
		defer o.end(id)
		if !o.disconnect {
			return []byte(`{"statusCode":200}`), nil
		}
	}
	return o.function.Invoke(ctx, payload)
}

func (o *observer) lastConnected() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.last
}

func (o *observer) end(id string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.ended[id] = true
	close(o.changed)
	o.changed = make(chan struct{})
}

func (o *observer) waitEnded(id string) bool {
	timeout := time.After(patience)
	for {
		o.mu.Lock()
		ended, changed := o.ended[id], o.changed
		o.mu.Unlock()
		if ended {
			return true
		}
		select {
		case <-changed:
		case <-timeout:
			return false
		}
	}
}
