package gateway

import (
	"context"
	"io"
	"net/http"

	"github.com/lambridge-go/lambridge/local/internal/door"
	"github.com/lambridge-go/lambridge/local/internal/field"
	"github.com/lambridge-go/lambridge/local/internal/integration"
)

// Forward is the least that an integration which is no function has to do: it calls a
// server and passes on what that says.
func Forward(url string) Integration { return forward{url} }

type forward struct{ url string }

func (f forward) bind(*binding) endpoint { return f }

func (forward) name() string { return "forward" }

func (f forward) serve(ctx context.Context, x *exchange) error {
	call := x.call()
	call.URL = f.url + x.arrival.Path
	result, err := do(ctx, call)
	if err != nil {
		return err
	}
	defer result.Body.Close()
	body, err := io.ReadAll(result.Body)
	if err != nil {
		return &integration.Error{Kind: integration.Failed, Err: err}
	}
	answer := &door.Answer{Status: result.Status, Header: result.Header, Body: body}
	field.Drop(answer.Header, "Content-Length")
	x.finish(answer, false)
	x.send(answer)
	return nil
}

func do(ctx context.Context, call integration.Call) (integration.Result, error) {
	r, err := http.NewRequestWithContext(ctx, call.Method, call.URL, call.Body)
	if err != nil {
		return integration.Result{}, err
	}
	r.Header, r.ContentLength = call.Header, call.ContentLength
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		return integration.Result{}, &integration.Error{Kind: integration.Unreachable, Err: err}
	}
	return integration.Result{Status: resp.StatusCode, Header: resp.Header, Body: resp.Body}, nil
}
