package gateway

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/lambridge-go/lambridge/local/internal/door"
	"github.com/lambridge-go/lambridge/local/internal/field"
	"github.com/lambridge-go/lambridge/local/internal/integration"
)

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
	call, sent, err := x.proxied()
	if err != nil {
		return err
	}
	a := x.arrival
	introduceClient(a, call.Header)
	uri := p.target.Expand(func(name string) string { return decoded(a.Route.Params[name]) }, a.API.StageVariables)
	if path != "" {
		uri = withPath(uri, path)
	}
	call.URL = integration.Join(uri, a.RawQuery)
	result, err := p.do(ctx, x, call, sent)
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
