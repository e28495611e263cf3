package lambdatest_test

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/adapter"
	"github.com/lambridge-go/lambridge/lambdatest"
	"github.com/lambridge-go/lambridge/local/websocket"
)

// parrot repeats messages through @connections and as its answer, turns away who
// has no name, and notes who leaves.
func parrot(left chan<- adapter.WebSocket) *adapter.Handler {
	return adapter.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ws, _ := adapter.WebSocketFrom(r.Context())
		switch ws.EventType {
		case "CONNECT":
			w.Header().Set("Sec-WebSocket-Protocol", r.Header.Get("Sec-WebSocket-Protocol"))
			if r.URL.Query().Get("name") == "" && r.Header.Get("X-Name") == "" {
				http.Error(w, "who are you?", http.StatusUnauthorized)
			}
		case "MESSAGE":
			body, _ := io.ReadAll(r.Body)
			if string(body) == "close me" {
				call(ws, http.MethodDelete, "")
				return
			}
			call(ws, http.MethodPost, "posted "+string(body))
			io.WriteString(w, ws.RouteKey+" answered "+string(body))
		case "DISCONNECT":
			left <- ws
		}
	}))
}

// call is a call of @connections, as package adapter/connections makes it.
func call(ws adapter.WebSocket, method, body string) {
	address := "http://" + ws.DomainName + "/" + ws.Stage + "/@connections/" + url.PathEscape(ws.ConnectionID)
	request, err := http.NewRequest(method, address, strings.NewReader(body))
	if err != nil {
		return
	}
	request.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=local/20261127/us-east-1/execute-api/aws4_request, SignedHeaders=host, Signature=0")
	if response, err := http.DefaultClient.Do(request); err == nil {
		response.Body.Close()
	}
}

func TestDial(t *testing.T) {
	left := make(chan adapter.WebSocket, 2)
	c := lambdatest.Dial(t, parrot(left), "wss://example.com/prod?name=Ann")
	c.Send("hello")
	assert.Equal(t, "posted hello", c.Receive())
	c.CloseWith(4000, "enough")
	require.Len(t, left, 1, "CloseWith returns when $disconnect is done")
	ws := <-left
	assert.Equal(t, c.ID, ws.ConnectionID)
	assert.Equal(t, "prod", ws.Stage)
	assert.Equal(t, 4000, ws.DisconnectStatusCode)
	assert.Equal(t, "enough", ws.DisconnectReason)
}

func TestWebSocket(t *testing.T) {
	left := make(chan adapter.WebSocket, 2)
	api := lambdatest.NewWebSocketServer(t, parrot(left), websocket.Config{TwoWay: true, Routes: []websocket.Route{{Key: "shout"}}})

	refused, resp := api.Handshake("/")
	assert.Nil(t, refused)
	assert.Equal(t, http.StatusUnauthorized, resp.StatusCode)

	ann := api.Dial("?name=Ann")
	bob := api.Dial("/test", lambdatest.WithHeader("X-Name", "Bob"), lambdatest.WithSubprotocols("parrot"))
	assert.Empty(t, ann.Subprotocol)
	assert.Equal(t, "parrot", bob.Subprotocol)
	assert.NotEqual(t, ann.ID, bob.ID)

	ann.Send(`{"action":"shout"}`)
	assert.Equal(t, `posted {"action":"shout"}`, ann.Receive())
	assert.Equal(t, `shout answered {"action":"shout"}`, ann.Receive())

	bob.Send("close me")
	code, _ := bob.ReceiveClose()
	assert.Equal(t, 1000, code)
	ann.Close()
}

// Whoever thinks of messages first has no route for $connect, and a ServeMux answers that.
func TestDialWithoutConnect(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /{route}", func(http.ResponseWriter, *http.Request) {})
	s := spyOn(t, func(tb testing.TB) { lambdatest.Dial(tb, adapter.Wrap(mux), "/prod") })
	assert.Equal(t, `lambdatest: the handshake with "/prod" was refused with status 405: has the application a route for GET /$connect? What it answers there decides`, s.fatal)
}

func TestWebSocketWithoutRoutes(t *testing.T) {
	refusesAll := invoker(func(context.Context, []byte) ([]byte, error) { return nil, assert.AnError })
	c := lambdatest.NewWebSocketServer(t, refusesAll, websocket.Config{WithoutConnect: true, WithoutDisconnect: true}).Dial("/")
	assert.Len(t, c.ID, 16, "the id is known although the function is not asked")
	c.Send("hi")
	assert.Contains(t, c.Receive(), `{"message": "Internal server error", "connectionId":"`+c.ID)
	c.Close()
}

type invoker func(context.Context, []byte) ([]byte, error)

func (f invoker) Invoke(ctx context.Context, payload []byte) ([]byte, error) { return f(ctx, payload) }
