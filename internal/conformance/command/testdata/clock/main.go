// Command clock is a function that tells the time, every tenth of a second, for ever.
package main

import (
	"fmt"
	"net/http"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/lambridge-go/lambridge/adapter"
)

func main() {
	lambda.Start(adapter.Stream(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		ticks := time.NewTicker(100 * time.Millisecond)
		defer ticks.Stop()
		for {
			select {
			case now := <-ticks.C:
				fmt.Fprintf(w, "data: %s\n\n", now.UTC().Format(time.RFC3339Nano))
				http.NewResponseController(w).Flush()
			case <-r.Context().Done():
				return
			}
		}
	})))
}
