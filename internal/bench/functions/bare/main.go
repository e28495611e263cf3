// Command bare is the floor: net/http's mux and aws-lambda-go, and no adapter
// between them. It answers each event with the same request's answer.
package main

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/lambridge-go/lambridge/internal/bench/shop"
)

func main() { lambda.Start(bare{shop.Handler()}) }

type bare struct{ app http.Handler }

func (b bare) Invoke(ctx context.Context, _ []byte) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "/api/orders/4711?currency=EUR", nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Cookie", "session=9f8e7d6c5b4a39281706f5e4d3c2b1a0")
	w := &answer{header: http.Header{}, Status: http.StatusOK}
	b.app.ServeHTTP(w, req)
	return json.Marshal(w)
}

// answer is as little of a ResponseWriter as will do.
type answer struct {
	header http.Header
	Status int    `json:"statusCode"`
	Body   []byte `json:"body"`
}

func (a *answer) Header() http.Header         { return a.header }
func (a *answer) WriteHeader(status int)      { a.Status = status }
func (a *answer) Write(p []byte) (int, error) { a.Body = append(a.Body, p...); return len(p), nil }
