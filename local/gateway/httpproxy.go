package gateway

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/lambridge-go/lambridge/local/internal/door"
	"github.com/lambridge-go/lambridge/local/internal/field"
	"github.com/lambridge-go/lambridge/local/internal/integration"
	"github.com/lambridge-go/lambridge/local/internal/parameters"
)

// HTTPProxyOptions say how an HTTP server is called. The zero value is what AWS does by
// default.
type HTTPProxyOptions struct {
	_ struct{}

	// Method is that of the call. "" and "ANY" are the client's.
	Method string

	// Parameters change requests, and answers of HTTP APIs.
	Parameters ParameterMapping

	// Timeout is how long the API waits for the server. 0 is as long as AWS does by
	// default: 29 s for REST APIs, 15 minutes if they stream, 30 s for HTTP APIs, where
	// that is the most. A negative value waits for ever.
	Timeout time.Duration

	// Stream passes the answer on while it comes: a REST API's response transfer mode
	// STREAM. false waits for all of it first, which may then have 10 MB.
	Stream bool

	// TLS is how the server's certificate is judged.
	TLS BackendTLS
}

// BackendTLS is an integration's tlsConfig. The zero value wants a certificate for the
// host in the URI that the system trusts.
type BackendTLS struct {
	// InsecureSkipVerification takes any certificate.
	InsecureSkipVerification bool
	// ServerNameToVerify is the name that the certificate has to be for. "" is the host.
	ServerNameToVerify string
}

// HTTPProxy passes requests of REST APIs and HTTP APIs on to an HTTP server, and its
// answers back. In the URI {name} stands for a parameter, which REST APIs take from
// "integration.request.path.name" and HTTP APIs from the route's path, and
// ${stageVariables.name} for a variable of the stage. Redirects are passed on.
//
// https://docs.aws.amazon.com/apigateway/latest/developerguide/setup-http-integrations.html
func HTTPProxy(uri string, o HTTPProxyOptions) Integration { return &httpProxy{uri, o} }

// An httpProxy is what HTTPProxy returns.
type httpProxy struct {
	uri string
	HTTPProxyOptions
}

func (p *httpProxy) bind(b *binding) endpoint {
	backend := bindBackend(b, p.uri, p.Method, p.Timeout, p.Stream, p.TLS)
	switch {
	case b.api.Kind == HTTPAPI:
		if p.Stream {
			b.fail("%s do not stream", b.facts.Plural)
		}
		return &httpAPIProxy{backend, bindHTTPMapping(b, p.Parameters)}
	case b.api.Kind == RESTAPI:
		if len(p.Parameters.Response) > 0 {
			b.fail("%s map no parameters of a proxy's answers", b.facts.Plural)
		}
		return &restProxy{backend, bindRESTMapping(b, p.Parameters.Request, backend.target.names(), false)}
	}
	b.fail("%s have no HTTP integrations", b.facts.Plural)
	return nil
}

// A backend is an HTTP server behind a route.
type backend struct {
	backends *integration.Backends
	tls      integration.TLS
	target   *target
	method   string // "" is the client's
	timeout  time.Duration
	stream   bool
}

func bindBackend(b *binding, uri, method string, timeout time.Duration, stream bool, t BackendTLS) *backend {
	bound := &backend{
		backends: b.backends(),
		tls:      integration.TLS{InsecureSkipVerification: t.InsecureSkipVerification, ServerName: t.ServerNameToVerify},
		timeout:  timeout,
		stream:   stream,
		target:   &target{},
	}
	if parsed, err := parseTarget(uri); err != nil {
		b.fail("%w", err)
	} else {
		bound.target = parsed
	}
	switch {
	case method == "" || strings.EqualFold(method, anyMethod):
	case slices.Contains(httpMethods(), strings.ToUpper(method)):
		bound.method = strings.ToUpper(method)
	default:
		b.fail("httpMethod %q is not ANY or one of %s", method, strings.Join(httpMethods(), ", "))
	}
	waits := b.facts.Waits
	switch {
	case timeout == 0 && stream:
		bound.timeout = waits.Stream
	case timeout == 0:
		bound.timeout = waits.Timeout
	case timeout > waits.Max && waits.Max > 0:
		b.fail("Timeout %v is more than the %v that %s allow", timeout, waits.Max, b.facts.Plural)
	}
	return bound
}

// do calls the server. What it answers is in the exchange's record.
func (b *backend) do(ctx context.Context, x *exchange, call integration.Call) (*integration.Result, error) {
	if b.method != "" {
		call.Method = b.method
	}
	x.seen.Mapped = &Mapped{Method: call.Method, URL: call.URL}
	if x.g.observe != nil {
		x.seen.Mapped.Header = call.Header.Clone()
		if call.Body != nil {
			call.Body = &observedBody{call.Body, &x.seen.Mapped.Body}
		}
	}
	result, err := b.backends.Do(ctx, call, b.tls, b.timeout)
	x.phase("backend")
	if err != nil {
		return nil, err
	}
	x.seen.Mapped.Status = result.Status
	if x.g.observe != nil {
		x.seen.Mapped.AnswerHeader = result.Header.Clone()
		result.Body = observedReply{&observedBody{result.Body, &x.seen.Mapped.Answer}, result.Body}
	}
	return result, nil
}

// maxAnswer is how many bytes an answer may have that is not streamed: API Gateway's limit
// of payloads.
const maxAnswer = 10 << 20

// read returns the whole body of an answer.
func (b *backend) read(result *integration.Result) ([]byte, error) {
	defer result.Body.Close()
	body, err := io.ReadAll(io.LimitReader(result.Body, maxAnswer+1))
	if err == nil && len(body) > maxAnswer {
		err = door.Refusef(door.APIConfigurationError, "the backend's answer has more than the %d bytes that API Gateway passes on", maxAnswer)
	}
	return body, err
}

// proxied returns the request as the server behind a proxy gets it: without what the front
// door tells functions of its client. API Gateway has read a body before it sends it on, and
// knows its length.
func (x *exchange) proxied() (integration.Call, error) {
	a, call := x.arrival, x.call()
	for _, name := range []string{"X-Forwarded-For", "X-Forwarded-Port", "X-Forwarded-Proto"} {
		field.Drop(call.Header, name)
		if own := field.Values(a.Sent, name); own != nil {
			call.Header[name] = own
		}
	}
	if call.ContentLength < 0 {
		body, err := a.Payload()
		if err != nil {
			return integration.Call{}, err
		}
		call.Body, call.ContentLength = a.Body, int64(len(body))
	}
	return call, nil
}

// A restProxy is HTTP_PROXY of a REST API.
type restProxy struct {
	*backend
	mapping *restMapping
}

func (*restProxy) name() string { return "http_proxy" }

func (p *restProxy) serve(ctx context.Context, x *exchange) error {
	call, err := x.proxied()
	if err != nil {
		return err
	}
	mapped, err := p.mapping.apply(x)
	if err != nil {
		return err
	}
	a := x.arrival
	integration.ProxyHeader(call.Header)
	introduceAPI(a, call.Header)
	for name, values := range mapped.Header {
		integration.SetMapped(call.Header, name, values, false)
	}
	query := parameters.ParseQuery(a.RawQuery)
	for _, p := range mapped.Query {
		query = query.Without(p.Name)
	}
	uri := p.target.expand(func(name string) string { return mapped.Path[name] }, a.API.StageVariables)
	call.URL = join(uri, append(query, mapped.Query...).Encode())
	result, err := p.do(ctx, x, call)
	if err != nil {
		return err
	}
	return p.answer(x, result)
}

// answer passes on what the server answered.
func (p *restProxy) answer(x *exchange, result *integration.Result) error {
	integration.Decode(result)
	answer := &door.Answer{Status: result.Status, Header: result.Header}
	integration.ProxyAnswer(answer.Header)
	if _, ok := answer.Header["Content-Type"]; !ok {
		answer.Header["Content-Type"] = []string{"application/json"}
	}
	// An HTTP proxy's answer has no trace header.
	x.g.door.Stamp(x.arrival, answer, true)
	if p.stream {
		defer result.Body.Close()
		x.seen.Err = x.pass(answer, result.Body, func(int) {})
		return nil
	}
	body, err := p.read(result)
	if err != nil {
		return err
	}
	answer.Body = body
	x.send(answer)
	return nil
}

// introduceAPI adds what a REST API tells a server of itself. Accept and User-Agent stand
// in for those of a client that sent none.
func introduceAPI(a *Arrival, h http.Header) {
	id := a.API.ID
	h["X-Amzn-Apigateway-Api-Id"] = []string{id}
	for name, value := range map[string]string{"Accept": "application/json", "User-Agent": "AmazonAPIGateway_" + id} {
		if _, ok := field.Spelling(h, name); !ok {
			h[name] = []string{value}
		}
	}
}

// An httpAPIProxy is http_proxy of an HTTP API.
type httpAPIProxy struct {
	*backend
	mapping *httpMapping
}

func (*httpAPIProxy) name() string { return "http_proxy" }

func (p *httpAPIProxy) serve(ctx context.Context, x *exchange) error {
	path, err := p.mapping.change(x)
	if err != nil {
		return err
	}
	call, err := x.proxied()
	if err != nil {
		return err
	}
	a := x.arrival
	introduceClient(a, call.Header)
	uri := p.target.expand(func(name string) string { return decoded(a.Route.Params[name]) }, a.API.StageVariables)
	if path != "" {
		uri = withPath(uri, path)
	}
	call.URL = join(uri, a.RawQuery)
	result, err := p.do(ctx, x, call)
	if err != nil {
		return late(err)
	}
	body, err := p.read(result)
	if err != nil {
		return late(err)
	}
	_, typed := result.Header["Content-Type"]
	answer := &door.Answer{Status: result.Status, Header: result.Header, Body: body}
	x.finish(answer, false)
	if !typed {
		answer.Header["Content-Type"] = nil // it is not for the door to guess
	}
	if err := p.mapping.answer(x, answer); err != nil {
		return err
	}
	x.send(answer)
	return nil
}

// late gives an HTTP API the answer that it has for a server that takes too long, which is
// not the one for a function.
func late(err error) error {
	if failed, ok := errors.AsType[*integration.Error](err); ok && failed.Kind == integration.TimedOut {
		return &Denied{Type: door.IntegrationTimeout, Status: http.StatusGatewayTimeout, Message: "Gateway Timeout", Reason: failed.Error()}
	}
	return err
}

// introduceClient adds what an HTTP API tells a server of the client. It goes on with a
// Forwarded and a Via that the client sent; whether AWS does is not recorded.
func introduceClient(a *Arrival, h http.Header) {
	field.Drop(h, "Host")
	add := func(name, value string) { h[name] = append(slices.Clip(h[name]), value) }
	add("Forwarded", "for="+a.SourceIP+";host="+a.API.Domain+";proto=https")
	add("Via", "HTTP/1.1 AmazonAPIGateway")
}

// withPath returns a URI with another path.
func withPath(uri, path string) string {
	u, err := url.Parse(uri)
	if err != nil {
		return uri
	}
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	rest := ""
	if u.RawQuery != "" {
		rest = "?" + u.RawQuery
	}
	return u.Scheme + "://" + u.Host + path + rest
}

func decoded(value string) string {
	if plain, err := url.PathUnescape(value); err == nil {
		return plain
	}
	return value
}
