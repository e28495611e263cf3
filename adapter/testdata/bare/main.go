// Command bare is the same small function as ../wrapped without this module: a
// handler of its own makes a request and a reply of the little it knows.
package main

import (
	"bytes"
	"context"
	"io"
	"net/http"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
)

func main() {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /notes/{id}", func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, r.PathValue("id"))
	})
	lambda.Start(func(ctx context.Context, e events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
		r, err := http.NewRequestWithContext(ctx, e.RequestContext.HTTP.Method, e.RawPath, nil)
		if err != nil {
			return events.APIGatewayV2HTTPResponse{}, err
		}
		w := &writer{header: http.Header{}, status: http.StatusOK}
		mux.ServeHTTP(w, r)
		return events.APIGatewayV2HTTPResponse{StatusCode: w.status, Body: w.body.String()}, nil
	})
}

type writer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (w *writer) Header() http.Header { return w.header }

func (w *writer) WriteHeader(status int) { w.status = status }

func (w *writer) Write(p []byte) (int, error) { return w.body.Write(p) }
