package websocket_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"

	coder "github.com/coder/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/local/gateway"
	"github.com/lambridge-go/lambridge/local/websocket"
)

// says is a function that answers each message with its name.
func says(name string) *wsFunction {
	return &wsFunction{answer: func(_ context.Context, e wsEvent) (string, error) {
		return fmt.Sprintf(`{"statusCode":200,"body":%q}`, name+": "+e.body()), nil
	}}
}

func TestRoutesLeadToTheirIntegrations(t *testing.T) {
	backend := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		fmt.Fprintf(w, "backend: %s %s", r.URL.Path, body)
	}))
	t.Cleanup(backend.Close)
	first, second := says("first"), says("second")
	s := serveWebSocket(t, websocket.Config{
		Default: lambda(first), TwoWay: true,
		Routes: []websocket.Route{
			{Key: "second", To: lambda(second)},
			{Key: "backend", To: websocket.Forward(backend.URL)},
			{Key: "first"},
		},
	})
	c := s.dial(t, nil)
	for _, message := range []string{`{"action":"first"}`, `{"action":"second"}`, `{"action":"else"}`} {
		send(t, c, message)
	}
	assert.Equal(t, `first: {"action":"first"}`, receive(t, c))
	assert.Equal(t, `second: {"action":"second"}`, receive(t, c))
	assert.Equal(t, `first: {"action":"else"}`, receive(t, c))
	send(t, c, `{"action":"backend"}`)
	assert.Equal(t, `backend: /backend {"action":"backend"}`, receive(t, c))
	assert.Empty(t, second.seen("CONNECT"), "the connection is the first's to accept")
}

// An API that says where all its routes lead has no others.
func TestWithoutADefaultThereAreTheRoutesThatAreNamed(t *testing.T) {
	s := serveWebSocket(t, websocket.Config{TwoWay: true, Routes: []websocket.Route{
		{Key: "a", To: lambda(says("a"))},
		{Key: "$disconnect", To: lambda(says("bye"))},
	}})
	c := s.dial(t, nil)
	send(t, c, `{"action":"a"}`)
	assert.Equal(t, `a: {"action":"a"}`, receive(t, c))
	send(t, c, `{"action":"b"}`)
	assert.Contains(t, receive(t, c), `{"message": "Forbidden"`)
}

// Clients end a connection for text that is none.
func TestAnswersThatAreNotUTF8(t *testing.T) {
	backend := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Write([]byte("a\xffb"))
	}))
	t.Cleanup(backend.Close)
	s := serveWebSocket(t, websocket.Config{
		Default: lambda(&wsFunction{answer: func(context.Context, wsEvent) (string, error) {
			return `{"statusCode":200,"body":"Yf9i","isBase64Encoded":true}`, nil
		}}),
		TwoWay: true, Routes: []websocket.Route{{Key: "backend", To: websocket.Forward(backend.URL)}},
	})
	c := s.dial(t, nil)
	send(t, c, "function")
	assert.Equal(t, "a\uFFFDb", receive(t, c))
	send(t, c, `{"action":"backend"}`)
	assert.Equal(t, "a\uFFFDb", receive(t, c))
}

// A route may have a response though others have none.
func TestOneRouteIsTwoWay(t *testing.T) {
	s := serveWebSocket(t, websocket.Config{Default: lambda(says("all")), Routes: []websocket.Route{{Key: "ask", TwoWay: true}, {Key: "tell"}}})
	c := s.dial(t, nil)
	for _, message := range []string{`{"action":"tell"}`, `{"action":"else"}`, `{"action":"ask"}`} {
		send(t, c, message)
	}
	assert.Equal(t, `all: {"action":"ask"}`, receive(t, c), "the others before it are not answered")
	assert.EqualError(t, websocket.Config{Default: lambda(says("a")), Routes: []websocket.Route{{Key: "$connect", TwoWay: true}}}.Check(),
		`websocket: route "$connect": TwoWay is for messages`)
}

func TestRoutesAreChecked(t *testing.T) {
	config := websocket.Config{Routes: []websocket.Route{
		{Key: "a", To: lambda(says("a"))},
		{Key: "a", To: lambda(says("b")), Origin: "template.yaml:3"},
		{Key: "b"},
		{Key: "$connect"},
		{Key: "c", To: websocket.Lambda(nil, websocket.LambdaOptions{})},
	}}
	const without = `template.yaml:3: websocket: route "a": there are two of that key
websocket: route "b": the Integration is missing
websocket: route "$connect": a custom route is not empty and does not begin with $`
	assert.EqualError(t, config.Check(), without)
	_, err := websocket.New(config)
	assert.EqualError(t, err, without+"\n"+`websocket: route "c": the function is missing`)
	assert.EqualError(t, websocket.Config{}.Check(), "websocket: Default is missing, and there are no Routes")
}

func TestObserveSeesWhatHappensToAConnection(t *testing.T) {
	var mu sync.Mutex
	var events []websocket.Event
	f := says("f")
	s := serveWebSocket(t, websocket.Config{
		Default: lambda(f), TwoWay: true,
		Observe: func(e websocket.Event) {
			mu.Lock()
			defer mu.Unlock()
			events = append(events, e)
		},
	})
	c := s.dial(t, nil)
	send(t, c, "hello")
	assert.Equal(t, "f: hello", receive(t, c))
	require.NoError(t, c.Close(coder.StatusNormalClosure, "bye"))
	f.one(t, "DISCONNECT") // or Close might come first, and the code would be its own
	require.NoError(t, s.api.Close())

	mu.Lock()
	defer mu.Unlock()
	require.Len(t, events, 4)
	// The client may have the answer before the gateway knows that it is sent.
	slices.SortStableFunc(events, func(a, b websocket.Event) int { return a.Start.Compare(b.Start) })
	var told []string
	for _, e := range events {
		assert.Equal(t, events[0].ConnectionID, e.ConnectionID)
		assert.NoError(t, e.Err)
		told = append(told, fmt.Sprintf("%s %s %s %q %d event %t reply %t", e.Type, e.Route, e.Integration, e.Message, e.Status, e.Event != nil, e.Reply != nil))
	}
	assert.Equal(t, []string{
		`CONNECT $connect lambda "" 200 event true reply true`,
		`MESSAGE $default lambda "hello" 200 event true reply true`,
		`SENT   "f: hello" 0 event false reply false`,
		`DISCONNECT $disconnect lambda "" 1000 event true reply true`,
	}, told)
}

// Whoever counts connections learns of those that no route is told of, too.
func TestObserveSeesConnectionsWithoutRoutesForThem(t *testing.T) {
	events := make(chan websocket.Event, 10)
	s := serveWebSocket(t, websocket.Config{
		Default: lambda(says("f")), WithoutConnect: true, WithoutDisconnect: true,
		Routes:  []websocket.Route{{Key: "say"}},
		Observe: func(e websocket.Event) { events <- e },
	})
	c := s.dial(t, nil)
	opened := <-events
	require.NoError(t, c.Close(coder.StatusNormalClosure, "bye"))
	closed := <-events
	assert.NotZero(t, opened.ConnectionID)
	assert.Equal(t, websocket.Event{Type: websocket.Connect, ConnectionID: opened.ConnectionID, SourceIP: "127.0.0.1", Start: opened.Start, Duration: opened.Duration}, opened)
	assert.Equal(t, websocket.Event{
		Type: websocket.Disconnect, ConnectionID: opened.ConnectionID, SourceIP: "127.0.0.1", Start: closed.Start, Duration: closed.Duration, Status: 1000,
	}, closed)
}

func TestObserveSeesHandshakesThatAreRefused(t *testing.T) {
	events := make(chan websocket.Event, 10)
	cfg := connectWith(new(wsFunction), websocket.Route{Required: &gateway.RequiredParameters{Query: []string{"name"}}})
	cfg.Observe = func(e websocket.Event) { events <- e }
	s := serveWebSocket(t, cfg)
	status, _ := refusedWith(t, s.URL+"/live", nil)
	assert.Equal(t, 400, status)
	refused := <-events
	assert.Equal(t, websocket.Connect, refused.Type)
	assert.Equal(t, "$connect", refused.Route)
	assert.Equal(t, 400, refused.Status)
	assert.ErrorContains(t, refused.Err, "[name]")
}
