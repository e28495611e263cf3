package websocket

import (
	"context"
	"io"
	"net/http"
	"strings"

	"github.com/lambridge-go/lambridge/local/internal/integration"
)

// Forward is the least that an integration which is no function has to do: it posts what
// a connection tells to a server and takes what that says for the reply.
func Forward(url string) Integration { return forward{url} }

type forward struct{ url string }

func (f forward) bind(*binding) endpoint { return f }

func (forward) name() string { return "forward" }

func (f forward) serve(ctx context.Context, r *request) (*reply, error) {
	call := integration.Call{
		Method: http.MethodPost, URL: f.url + "/" + r.route,
		Header: http.Header{"Connectionid": {r.of.ID}},
		Body:   strings.NewReader(r.message), ContentLength: int64(len(r.message)),
	}
	sent, err := http.NewRequestWithContext(ctx, call.Method, call.URL, call.Body)
	if err != nil {
		return nil, err
	}
	sent.Header = call.Header
	resp, err := http.DefaultTransport.RoundTrip(sent)
	if err != nil {
		return nil, &integration.Error{Kind: integration.Unreachable, Err: err}
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return &reply{StatusCode: resp.StatusCode, Body: body}, err
}
