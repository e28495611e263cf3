package gateway

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/lambridge-go/lambridge/local/internal/field"
	"github.com/lambridge-go/lambridge/local/internal/integration"
)

// CustomHTTPOptions say how an HTTP server is called, and what of a request it gets.
type CustomHTTPOptions struct {
	_ struct{}

	// Method is that of the call, and required. "ANY" is the client's.
	Method string

	// Timeout is how long the API waits for the server. 0 is 29 s. A negative value waits
	// for ever.
	Timeout time.Duration

	// TLS is how the server's certificate is judged.
	TLS BackendTLS

	// Mapping makes the server's request of the client's, and the client's answer of the
	// server's.
	Mapping Mapping
}

// CustomHTTP makes requests of REST APIs others for an HTTP server: an integration of the
// type HTTP. The URI is like that of HTTPProxy. Nothing of a request reaches the server,
// and nothing of its answer but the body the client, unless it is mapped.
//
// https://docs.aws.amazon.com/apigateway/latest/developerguide/setup-http-integrations.html
func CustomHTTP(uri string, o CustomHTTPOptions) Integration { return &customHTTP{uri, o} }

// A customHTTP is what CustomHTTP returns.
type customHTTP struct {
	uri string
	CustomHTTPOptions
}

func (c *customHTTP) bind(b *binding) endpoint {
	if c.Method == "" {
		b.fail("httpMethod: Enumeration value for HttpMethod must be non-empty")
	}
	backend := bindBackend(b, c.uri, c.Method, c.Timeout, false, c.TLS)
	return &customHTTPEndpoint{backend, bindMapping(b, c.Mapping, backend.target.Names(), false)}
}

// A customHTTPEndpoint is an HTTP server behind a route and a mapping.
type customHTTPEndpoint struct {
	*backend
	*translation
}

func (*customHTTPEndpoint) name() string { return "http" }

func (c *customHTTPEndpoint) serve(ctx context.Context, x *exchange) error {
	rendered, err := c.render(ctx, x)
	if err != nil {
		return err
	}
	call, sent := c.call(rendered)
	result, err := c.do(ctx, x, call, sent)
	if err != nil {
		return err
	}
	integration.Decode(result)
	body, err := c.read(result)
	if err != nil {
		return err
	}
	answer, err := c.answer(ctx, rendered, reply{
		selector: strconv.Itoa(result.Status), media: result.Header.Get("Content-Type"), header: result.Header, body: body,
	})
	if err != nil {
		return err
	}
	x.send(answer)
	return nil
}

// call makes the server's request of what a translation rendered.
func (c *customHTTPEndpoint) call(r *rendering) (call integration.Call, body []byte) {
	a := r.x.arrival
	call = integration.Call{Method: orElse(c.method, a.Method), Header: make(http.Header)}
	// Whether AWS sends a body with these methods is not recorded.
	bodiless := slices.Contains([]string{http.MethodGet, http.MethodHead, http.MethodOptions}, call.Method)
	if len(r.body) > 0 && !bodiless {
		body = r.body
		call.Header["Content-Type"] = []string{orElse(field.Last(a.Header, "Content-Type"), "application/json")}
	}
	call.Header["X-Amzn-Trace-Id"] = field.Values(a.Header, "X-Amzn-Trace-Id")
	for name, values := range r.mapped.Header {
		integration.SetMapped(call.Header, name, values, false)
	}
	introduceAPI(a, call.Header)
	uri := c.target.Expand(func(name string) string { return r.mapped.Path[name] }, a.API.StageVariables)
	call.URL = integration.Join(uri, r.mapped.Query.Encode())
	return call, body
}
