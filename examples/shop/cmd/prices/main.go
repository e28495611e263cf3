// Command prices is the function that answers the messages of a WebSocket API.
package main

import (
	"net/http"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/lambridge-go/lambridge/adapter"
	"github.com/lambridge-go/lambridge/examples/shop"
)

func main() {
	lambda.Start(adapter.Wrap(http.NotFoundHandler(), adapter.WithWebSocket(shop.NewPrices())))
}
