package websocket

import (
	"context"
	"time"

	"github.com/lambridge-go/lambridge/local/gateway"
)

// CustomHTTPOptions say how an HTTP server is called, and what of a message it gets.
type CustomHTTPOptions struct {
	_ struct{}

	// Method is that of the call. "" is POST.
	Method string

	// Timeout is how long the API waits for the server. 0 is 29 s. A negative value waits
	// for ever.
	Timeout time.Duration

	// TLS is how the server's certificate is judged.
	TLS gateway.BackendTLS

	// Mapping makes the server's request of a message, and the sender's answer of the
	// server's.
	Mapping Mapping
}

// CustomHTTP makes of messages what an HTTP server understands: an integration of the type
// HTTP. The URI is like that of HTTPProxy.
//
// https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-integrations.html
func CustomHTTP(uri string, o CustomHTTPOptions) Integration { return &customHTTP{uri, o} }

// A customHTTP is what CustomHTTP returns.
type customHTTP struct {
	uri string
	CustomHTTPOptions
}

func (c *customHTTP) bind(b *binding) endpoint {
	return &customHTTPEndpoint{
		bindBackend(b, c.uri, c.Method, c.Timeout, c.TLS, c.Mapping.RequestParameters), bindMapping(b, c.Mapping, byStatus),
	}
}

// A customHTTPEndpoint is an HTTP server behind a route and a mapping.
type customHTTPEndpoint struct {
	*backend
	*translation
}

func (*customHTTPEndpoint) name() string { return "http" }

func (c *customHTTPEndpoint) serve(ctx context.Context, r *request) (*reply, error) {
	on, err := c.render(ctx, r)
	if err != nil {
		return nil, err
	}
	back, err := c.call(ctx, r, on.mapped, on.body)
	if err != nil {
		return nil, err
	}
	return c.reply(ctx, on, back)
}
