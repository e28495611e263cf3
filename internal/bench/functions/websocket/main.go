// Command websocket is a function that returns what a WebSocket client sends.
package main

import (
	"io"
	"net/http"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/lambridge-go/lambridge/adapter"
)

func main() {
	lambda.Start(adapter.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(w, r.Body)
	})))
}
