package websocket

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/lambridge-go/lambridge/local/gateway"
	"github.com/lambridge-go/lambridge/local/internal/integration"
	"github.com/lambridge-go/lambridge/local/internal/parameters"
)

// A backend is an HTTP server behind a route.
type backend struct {
	backends *integration.Backends
	tls      integration.TLS
	target   *integration.Target
	method   string
	timeout  time.Duration
}

// methods are those that a server can be called with.
var methods = []string{
	http.MethodDelete, http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodPatch, http.MethodPost, http.MethodPut,
}

// bindBackend makes the server of a route. mapped are its request parameters.
func bindBackend(b *binding, uri, method string, timeout time.Duration, t gateway.BackendTLS, mapped map[string]string) *backend {
	bound := &backend{
		backends: b.backends,
		tls:      integration.TLS{InsecureSkipVerification: t.InsecureSkipVerification, ServerName: t.ServerNameToVerify},
		method:   strings.ToUpper(method),
		timeout:  timeout,
	}
	if bound.method == "" {
		bound.method = http.MethodPost
	}
	if timeout == 0 {
		bound.timeout = defaultTimeout
	}
	if !slices.Contains(methods, bound.method) {
		b.fail("Method %q is none of %s", method, strings.Join(methods, ", "))
	}
	var err error
	if bound.target, err = integration.ParseTarget(uri); err != nil {
		b.fail("%w", err)
		return bound
	}
	for _, name := range bound.target.Names() {
		if _, ok := mapped["integration.request.path."+name]; !ok {
			b.fail("uri %q: nothing is mapped to integration.request.path.%s", uri, name)
		}
	}
	return bound
}

// maxAnswer is how many bytes of an answer are read. A message may have less, but a template
// may make less of it.
const maxAnswer = 10 << 20

// call asks the server about what a connection tells.
func (s *backend) call(ctx context.Context, r *request, mapped parameters.Targets, body []byte) (returned, error) {
	call := integration.Call{Method: s.method, Header: http.Header{
		"Accept":                   {"application/json"},
		"User-Agent":               {"AmazonAPIGateway_" + r.of.APIID},
		"X-Amzn-Apigateway-Api-Id": {r.of.APIID},
		"X-Amzn-Trace-Id":          {r.traceID},
	}}
	// Whether AWS sends a body with these methods is not recorded.
	bodiless := slices.Contains([]string{http.MethodGet, http.MethodHead, http.MethodOptions}, s.method)
	if len(body) > 0 && !bodiless {
		call.Header["Content-Type"] = []string{"application/json"}
		call.Body, call.ContentLength = bytes.NewReader(body), int64(len(body))
	}
	for name, values := range mapped.Header {
		integration.SetMapped(call.Header, name, values, false)
	}
	uri := s.target.Expand(func(name string) string { return mapped.Path[name] }, r.of.variables)
	call.URL = integration.Join(uri, mapped.Query.Encode())
	result, err := s.backends.Do(ctx, call, s.tls, s.timeout)
	if err != nil {
		return returned{}, err
	}
	integration.Decode(result)
	defer result.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(result.Body, maxAnswer+1))
	if err != nil {
		return returned{}, err
	}
	if len(answer) > maxAnswer {
		return returned{}, misconfigured("the backend's answer has more than %d bytes", maxAnswer)
	}
	r.returned(answer)
	return returned{result.Status, result.Header, answer}, nil
}
