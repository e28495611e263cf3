package websocket_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"strings"

	client "github.com/coder/websocket"

	"github.com/lambridge-go/lambridge/local/websocket"
)

// parrot answers a message with what was said.
type parrot struct{}

// Invoke implements invoke.Invoker.
func (parrot) Invoke(context.Context, []byte) ([]byte, error) {
	return []byte(`{"statusCode": 200, "body": "hello yourself"}`), nil
}

// With TwoWay, what the function returns for a message goes to its sender.
func ExampleNew() {
	api, err := websocket.New(websocket.Config{
		Default: websocket.Lambda(parrot{}, websocket.LambdaOptions{}),
		Stage:   "prod",
		TwoWay:  true,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	server := httptest.NewServer(api)
	defer server.Close()

	ctx := context.Background()
	conn, _, err := client.Dial(ctx, strings.Replace(server.URL, "http", "ws", 1)+"/prod", nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer conn.CloseNow()
	conn.Write(ctx, client.MessageText, []byte("hello"))
	_, answer, err := conn.Read(ctx)
	fmt.Println(string(answer), err)
	// Output: hello yourself <nil>
}
