package websocket

import (
	"context"
	"time"

	"github.com/lambridge-go/lambridge/local/gateway"
	"github.com/lambridge-go/lambridge/local/internal/integration"
	"github.com/lambridge-go/lambridge/local/internal/parameters"
)

// HTTPProxyOptions say how an HTTP server is called. The zero value is what AWS does by
// default.
type HTTPProxyOptions struct {
	_ struct{}

	// Method is that of the call. "" is POST.
	Method string

	// Parameters maps what the server is told beside the message, such as
	// "integration.request.header.Connection-Id" from "context.connectionId".
	Parameters map[string]string

	// Timeout is how long the API waits for the server. 0 is 29 s. A negative value waits
	// for ever.
	Timeout time.Duration

	// TLS is how the server's certificate is judged.
	TLS gateway.BackendTLS
}

// HTTPProxy passes messages on to an HTTP server as the bodies of requests, and the bodies of
// its answers back, if the route is two-way. The status of its answer to $connect decides on
// the connection. In the URI {name} stands for what is mapped to
// "integration.request.path.name", and ${stageVariables.name} for a variable of the stage.
//
// https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-integrations.html
func HTTPProxy(uri string, o HTTPProxyOptions) Integration { return &httpProxy{uri, o} }

// An httpProxy is what HTTPProxy returns.
type httpProxy struct {
	uri string
	HTTPProxyOptions
}

func (p *httpProxy) bind(b *binding) endpoint {
	return &httpProxyEndpoint{bindBackend(b, p.uri, p.Method, p.Timeout, p.TLS, p.Parameters), bindParameters(b, p.Parameters)}
}

// An httpProxyEndpoint is an HTTP server behind a route.
type httpProxyEndpoint struct {
	*backend
	parameters *parameters.REST
}

func (*httpProxyEndpoint) name() string { return "http_proxy" }

func (p *httpProxyEndpoint) serve(ctx context.Context, r *request) (*reply, error) {
	mapped, err := r.mapped(p.parameters, r.variables())
	if err != nil {
		return nil, err
	}
	body := []byte(r.message)
	r.sent(body)
	back, err := p.call(ctx, r, mapped, body)
	if err != nil {
		return nil, err
	}
	content, err := integration.None.FromAnswer(back.body, false, false)
	return &reply{StatusCode: back.status, Subprotocol: back.header.Get("Sec-WebSocket-Protocol"), Body: content.Body}, err
}
