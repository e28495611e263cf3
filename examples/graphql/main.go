// Command graphql serves GraphQL subscriptions through a WebSocket API, in the protocol
// graphql-transport-ws that browsers' clients speak.
//
// A server that holds connections keeps a goroutine for each subscription. A function
// cannot: between two messages nothing of it runs. So what is kept are the subscriptions
// themselves, in a store, and whatever happens is told by whoever made it happen: each
// subscription's query is executed for the one event, and the result is sent to its
// connection.
//
// The store here is a folder of this machine, for `go run ./local ./examples/graphql`. What
// is deployed needs one that all instances share, such as a table: see store.
package main

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"os"
	"path/filepath"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/config"

	"github.com/lambridge-go/lambridge/adapter"
	"github.com/lambridge-go/lambridge/adapter/connections"
)

func main() {
	cfg, err := config.LoadDefaultConfig(context.Background())
	if err != nil {
		log.Fatal(fmt.Errorf("graphql: load the AWS configuration: %w", err))
	}
	store := newFolder(filepath.Join(os.TempDir(), "lambridge-graphql"))
	lambda.Start(newHandler(newServer(store, connections.New(cfg, connections.Options{}))))
}

// newHandler is the whole function, which has nothing to say to HTTP clients.
func newHandler(s *server) *adapter.Handler {
	return adapter.Wrap(http.NotFoundHandler(), adapter.WithWebSocket(s))
}
