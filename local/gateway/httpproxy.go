package gateway

import (
	"context"
	"maps"
	"net/http"
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
	// STREAM, which ends when nothing comes for 5 minutes, unless Timeout is negative.
	// false waits for all of it first, which may then have 10 MB.
	Stream bool

	// Pace passes a stream on no faster than AWS does: 2 MB a second, once 10 MB have gone
	// through. false does not pace it.
	Pace bool

	// TLS is how the server's certificate is judged.
	TLS BackendTLS
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
	if p.Pace && !p.Stream {
		b.fail("Pace is for streams: set Stream or leave it out")
	}
	switch b.api.Kind {
	case HTTPAPI:
		if p.Stream {
			b.fail("%s do not stream", b.facts.Plural)
		}
		return &httpAPIProxy{backend, bindHTTPMapping(b, p.Parameters)}
	case RESTAPI:
		if len(p.Parameters.Response) > 0 {
			b.fail("%s map no parameters of a proxy's answers", b.facts.Plural)
		}
		bound := &restProxy{backend: backend, mapping: bindRESTMapping(b, p.Parameters.Request, backend.target.Names(), false), pace: p.Pace}
		if p.Timeout >= 0 {
			bound.idle = b.facts.Waits.Idle
		}
		return bound
	}
	b.fail("%s have no HTTP integrations", b.facts.Plural)
	return nil
}

// proxied returns the request as the server behind a proxy gets it: without what the front
// door tells functions of its client. API Gateway has read a body before it sends it on.
func (x *exchange) proxied() (call integration.Call, body []byte, err error) {
	a := x.arrival
	call = integration.Call{Method: a.Method, Header: maps.Clone(a.Header)}
	for _, name := range [...]string{"X-Forwarded-For", "X-Forwarded-Port", "X-Forwarded-Proto"} {
		delete(call.Header, name)
		if own, ok := a.Sent[name]; ok {
			call.Header[name] = own
		}
	}
	body, err = a.Payload()
	return call, body, err
}

// A restProxy is HTTP_PROXY of a REST API.
type restProxy struct {
	*backend
	mapping *restMapping
	pace    bool
	idle    time.Duration // of a stream
}

func (*restProxy) name() string { return "http_proxy" }

func (p *restProxy) serve(ctx context.Context, x *exchange) error {
	mapped, err := p.mapping.apply(x)
	if err != nil {
		return err
	}
	call, body, err := x.proxied()
	if err != nil {
		return err
	}
	a := x.arrival
	integration.ProxyHeader(call.Header)
	introduceAPI(a, call.Header)
	for name, values := range mapped.Header {
		integration.SetMapped(call.Header, name, values, false)
	}
	uri := p.target.Expand(func(name string) string { return mapped.Path[name] }, a.API.StageVariables)
	call.URL = integration.Join(uri, withMapped(a.RawQuery, mapped.Query))
	if p.stream {
		return p.serveStream(ctx, x, call, body)
	}
	result, err := p.do(ctx, x, call, body)
	if err != nil {
		return err
	}
	answer := p.head(x, result)
	if answer.Body, err = p.read(result); err != nil {
		return err
	}
	x.send(answer)
	return nil
}

// withMapped returns a query with parameters in place of those of their names.
func withMapped(raw string, mapped parameters.Query) string {
	if len(mapped) == 0 {
		return raw
	}
	query := parameters.ParseQuery(raw)
	for _, p := range mapped {
		query = query.Without(p.Name)
	}
	return append(query, mapped...).Encode()
}

// serveStream passes the answer on while it comes.
func (p *restProxy) serveStream(ctx context.Context, x *exchange, call integration.Call, body []byte) error {
	ctx, idle, stop := endIdle(ctx, p.idle)
	defer stop()
	result, err := p.do(ctx, x, call, body)
	if err != nil {
		return err
	}
	defer result.Body.Close()
	wait := func(int) {}
	if p.pace {
		pace := pace{burst: x.g.facts.Limits.Burst}
		wait = func(n int) { pace.wait(ctx, n) }
	}
	x.seen.Err = idle.err(x.pass(p.head(x, result), idle.reader(result.Body), wait))
	return nil
}

// head makes an answer, without its body, of what the server answered.
func (p *restProxy) head(x *exchange, result *integration.Result) *door.Answer {
	integration.Decode(result)
	answer := &door.Answer{Status: result.Status, Header: result.Header}
	integration.ProxyAnswer(answer.Header)
	if _, ok := answer.Header["Content-Type"]; !ok {
		answer.Header["Content-Type"] = []string{"application/json"}
	}
	// An HTTP proxy's answer has no trace header.
	x.g.door.Stamp(x.arrival, answer, true)
	return answer
}

// introduceAPI adds what a REST API tells a server of itself. Accept and User-Agent stand
// in for those of a client that sent none.
func introduceAPI(a *Arrival, h http.Header) {
	id := a.API.ID
	h["X-Amzn-Apigateway-Api-Id"] = []string{id}
	for _, own := range [...][2]string{{"Accept", "application/json"}, {"User-Agent", "AmazonAPIGateway_" + id}} {
		if _, ok := h[own[0]]; ok {
			continue
		}
		if _, ok := field.Spelling(h, own[0]); !ok {
			h[own[0]] = []string{own[1]}
		}
	}
}
