// Command chat is a chat with rooms, for a browser: one function that serves the
// page through an HTTP API and the conversation through a WebSocket API.
//
// Connections and messages are in a store. Set TABLE to the name of a DynamoDB
// table and any number of instances share it, as they must in AWS; without TABLE
// they are in a file of this machine, which all instances on it share.
//
// Set QUEUE_URL to that of an SQS queue which invokes the function, and rooms of more than a
// thousand are told page by page, each page in an invocation of its own.
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/lambridge-go/lambridge/adapter"
	"github.com/lambridge-go/lambridge/adapter/connections"
)

func main() {
	cfg, err := config.LoadDefaultConfig(context.Background())
	if err != nil {
		log.Fatal(fmt.Errorf("chat: load the AWS configuration: %w", err))
	}
	var rooms store = newMachineStore(filepath.Join(os.TempDir(), "lambridge-chat.json"))
	if table := os.Getenv("TABLE"); table != "" {
		rooms = newTableStore(dynamodb.NewFromConfig(cfg), table)
	}
	var fan *fanout
	if url := os.Getenv("QUEUE_URL"); url != "" {
		fan = &fanout{queue: sqs.NewFromConfig(cfg), url: url}
	}
	chat := newChat(rooms, connections.New(cfg, connections.Options{}), fan)
	lambda.Start(newHandler(webSocketURL(os.Getenv), chat))
}

// newHandler is the whole function. Only events of the WebSocket API reach chat, whatever
// path an HTTP client asks for: the adapter tells them apart by the event. What is no HTTP
// request at all comes from the queue.
func newHandler(webSocketURL string, chat *chat) *adapter.Handler {
	return adapter.Wrap(newPage(webSocketURL), adapter.WithWebSocket(chat), adapter.WithFallback(lambda.NewHandler(chat.deliver)))
}

// webSocketURL returns the URL that the page connects to: WEBSOCKET_URL, or the
// local gateway's, which tells functions where its @connections are.
func webSocketURL(getenv func(string) string) string {
	if url := getenv("WEBSOCKET_URL"); url != "" {
		return url
	}
	endpoint := getenv("AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI")
	return strings.Replace(endpoint, "http", "ws", 1)
}
