package connections_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/lambridge-go/lambridge/adapter"
	"github.com/lambridge-go/lambridge/adapter/connections"
	"github.com/lambridge-go/lambridge/lambdatest"
	"github.com/lambridge-go/lambridge/local/websocket"
)

// In a test t is the argument; examples have none.
var t = new(testing.T)

// everyone is the function of an API that lets every client in.
var everyone = adapter.Wrap(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))

// A function that answers its client. In AWS the configuration is that of
// config.LoadDefaultConfig; the local gateway needs no credentials.
func Example() {
	clients := connections.New(aws.Config{Region: "eu-west-1"}, connections.Options{})
	app := adapter.Wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		ws, ok := adapter.WebSocketFrom(r.Context())
		if !ok || ws.EventType != "MESSAGE" {
			return
		}
		message, _ := io.ReadAll(r.Body)
		if err := clients.Send(r.Context(), ws.ConnectionID, append([]byte("you said: "), message...)); err != nil {
			fmt.Println(err)
		}
	}))

	c := lambdatest.Dial(t, app, "/")
	c.Send("hello")
	fmt.Println(c.Receive())
	// Output: you said: hello
}

// A function that is not invoked by the WebSocket API itself, but by a queue say, has to
// give its endpoint. The ids come from a store.
func ExampleClient_Broadcast() {
	api := lambdatest.NewWebSocketServer(t, everyone, websocket.Config{})
	clients := connections.New(aws.Config{Region: "eu-west-1"}, connections.Options{Endpoint: api.Endpoint})
	ann, bob := api.Dial("/"), api.Dial("/")
	bob.Close()

	result, err := clients.Broadcast(context.Background(), slices.Values([]string{ann.ID, bob.ID}), []byte("the kettle is on"))
	if err != nil {
		fmt.Println(err)
	}
	fmt.Println("Ann receives:", ann.Receive())
	fmt.Println("to be removed from the store, Bob:", slices.Equal(result.Gone, []string{bob.ID}))
	// Output:
	// Ann receives: the kettle is on
	// to be removed from the store, Bob: true
}

// That a client has left is no failure.
func ExampleClient_Send_gone() {
	api := lambdatest.NewWebSocketServer(t, everyone, websocket.Config{})
	clients := connections.New(aws.Config{Region: "eu-west-1"}, connections.Options{Endpoint: api.Endpoint})
	bob := api.Dial("/")
	bob.Close()

	err := clients.Send(context.Background(), bob.ID, []byte("still there?"))
	if errors.Is(err, connections.ErrGone) {
		fmt.Println("forget Bob")
	}
	// Output: forget Bob
}

func ExampleClient_Info() {
	api := lambdatest.NewWebSocketServer(t, everyone, websocket.Config{})
	clients := connections.New(aws.Config{Region: "eu-west-1"}, connections.Options{Endpoint: api.Endpoint})
	ann := api.Dial("/", lambdatest.WithHeader("User-Agent", "kettle/2"))

	info, err := clients.Info(context.Background(), ann.ID)
	fmt.Println(info.SourceIP, info.UserAgent, err)
	// Output: 127.0.0.1 kettle/2 <nil>
}
