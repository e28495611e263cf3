package connections_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/lambridge-go/lambridge/adapter"
	"github.com/lambridge-go/lambridge/adapter/connections"
)

// A function that answers its client. The event says where the API is.
func Example() {
	// In AWS the configuration is that of config.LoadDefaultConfig.
	clients := connections.New(aws.Config{Region: "eu-west-1"}, connections.Options{})
	app := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		ws, ok := adapter.WebSocketFrom(r.Context())
		if !ok || ws.EventType != "MESSAGE" {
			return
		}
		message, _ := io.ReadAll(r.Body)
		if err := clients.Send(r.Context(), ws.ConnectionID, append([]byte("you said: "), message...)); err != nil {
			fmt.Println(err)
		}
	})
	_ = adapter.Wrap(app) // lambda.Start(adapter.Wrap(app))
}

// A function that is not invoked by the WebSocket API itself, but by a queue say, has to
// give its endpoint. The ids come from a store.
func ExampleClient_Broadcast() {
	api := standIn()
	defer api.Close()
	clients := connections.New(aws.Config{Region: "eu-west-1"}, connections.Options{Endpoint: api.URL + "/prod"})

	result, err := clients.Broadcast(context.Background(), slices.Values([]string{"ann", "gone"}), []byte("the kettle is on"))
	if err != nil {
		fmt.Println(err)
	}
	fmt.Println("to be removed from the store:", result.Gone)
	// Output:
	// ann receives: the kettle is on
	// to be removed from the store: [gone]
}

// That a client has left is no failure.
func ExampleClient_Send_gone() {
	api := standIn()
	defer api.Close()
	clients := connections.New(aws.Config{Region: "eu-west-1"}, connections.Options{Endpoint: api.URL + "/prod"})

	err := clients.Send(context.Background(), "gone", []byte("still there?"))
	if errors.Is(err, connections.ErrGone) {
		fmt.Println("forget it")
	}
	// Output: forget it
}

func ExampleClient_Info() {
	api := standIn()
	defer api.Close()
	clients := connections.New(aws.Config{Region: "eu-west-1"}, connections.Options{Endpoint: api.URL + "/prod"})

	info, err := clients.Info(context.Background(), "ann")
	fmt.Println(info.SourceIP, info.UserAgent, err)
	// Output: 127.0.0.1 kettle/2 <nil>
}

// standIn stands in for the @connections API of the stage prod. Who is called "gone"
// has left. Package lambdatest has connections that are real.
func standIn() *httptest.Server {
	return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := strings.TrimPrefix(r.URL.Path, "/prod/@connections/")
		switch {
		case id == "gone":
			w.Header().Set("X-Amzn-Errortype", "GoneException")
			w.WriteHeader(http.StatusGone)
		case r.Method == http.MethodPost:
			message, _ := io.ReadAll(r.Body)
			fmt.Printf("%s receives: %s\n", id, message)
		default:
			io.WriteString(w, `{"connectedAt": "2026-11-27T10:00:00Z", "lastActiveAt": "2026-11-27T10:05:00Z", "identity": {"sourceIp": "127.0.0.1", "userAgent": "kettle/2"}}`)
		}
	}))
}
