// Command route is a function that says which route of a WebSocket API ran it.
package main

import (
	"fmt"
	"net/http"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/lambridge-go/lambridge/adapter"
)

func main() {
	lambda.Start(adapter.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ws, _ := adapter.WebSocketFrom(r.Context())
		fmt.Fprint(w, "route ", ws.RouteKey)
	})))
}
