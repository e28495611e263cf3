package gateway

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/lambridge-go/lambridge/internal/event"
	"github.com/lambridge-go/lambridge/local/internal/arrival"
	"github.com/lambridge-go/lambridge/local/invoke"
)

// MaxObserved is how many bytes of a response's body an [Exchange] holds.
const MaxObserved = 1 << 20

// An Exchange is one request and what became of it. Its slices and maps are to be
// read only.
type Exchange struct {
	Source    Source
	RequestID string
	Start     time.Time
	Duration  time.Duration

	// Method, URI, Host and RequestHeader are the client's.
	Method, URI, Host string
	RequestHeader     http.Header

	// Event is what the function was invoked with, or nil if it was not.
	Event []byte
	// Reply is what it returned, or nil if it failed. Of a streamed reply it is the
	// metadata.
	Reply []byte

	// Status, Header and Body are the response. Body ends after MaxObserved bytes.
	Status int
	Header http.Header
	Body   []byte

	// Err says why the front door answered by itself, or how a stream ended early.
	// nil is a response of the function's.
	Err error
	// Warnings say what the front door did to the function's reply that its author
	// is unlikely to have meant.
	Warnings []string
}

// exchange is an Exchange under way.
type exchange struct {
	g       *Gateway
	w       http.ResponseWriter
	r       *http.Request
	given   Request
	arrival *event.Arrival
	trace   trace
	seen    Exchange
}

func (g *Gateway) begin(w http.ResponseWriter, r *http.Request) *exchange {
	now := g.now()
	x := &exchange{g: g, w: w, r: r, given: requestFrom(r.Context()), trace: g.traceOf(r.Header, now)}
	x.arrival = &event.Arrival{
		API:           &g.api,
		Method:        r.Method,
		Protocol:      "HTTP/1.1",
		RawQuery:      r.URL.RawQuery,
		Body:          bodyOf(r, g.profile.MaxBody),
		ContentLength: r.ContentLength,
		MaxEvent:      invoke.MaxPayload,
		Time:          now,
		RequestID:     arrival.NewUUID(),
		ExtendedID:    arrival.NewExtendedID(),
		TraceID:       x.trace.invocation,
		Authorizer:    x.given.Authorization.Context,
		Identity:      x.given.Authorization.Identity,
		Certificate:   g.cert,
	}
	if x.given.StageVariables != nil {
		api := g.api
		api.StageVariables = x.given.StageVariables
		x.arrival.API = &api
	}
	x.seen = Exchange{
		Source:        g.source,
		RequestID:     x.arrival.RequestID,
		Start:         now,
		Method:        r.Method,
		URI:           requestURI(r),
		Host:          r.Host,
		RequestHeader: r.Header,
	}
	return x
}

// end reports what became of the request.
func (x *exchange) end() {
	x.seen.Duration = x.g.now().Sub(x.seen.Start)
	if x.seen.Err != nil {
		reason := x.seen.Err.Error()
		if refused, ok := errors.AsType[*event.Refusal](x.seen.Err); ok {
			reason = refused.Reason
		}
		level := slog.LevelError
		if errors.Is(x.seen.Err, errClientLeft) {
			level = slog.LevelInfo
		}
		x.log(level, fmt.Sprintf("%s answer %d", x.g.profile.Name, x.seen.Status), reason)
	}
	for _, warning := range x.seen.Warnings {
		x.log(slog.LevelWarn, x.g.profile.Name+" change the reply", warning)
	}
	if x.g.observe != nil {
		x.g.observe(x.seen)
	}
}

func (x *exchange) log(level slog.Level, what, why string) {
	x.g.log.LogAttrs(x.r.Context(), level, what, slog.String("reason", why),
		slog.String("request", x.seen.Method+" "+x.seen.URI), slog.String("requestId", x.seen.RequestID))
}

// event returns the event of the request, or says why there is none.
func (x *exchange) event() ([]byte, error) {
	if err := x.arrive(); err != nil {
		return nil, err
	}
	if err := x.authorize(); err != nil {
		return nil, err
	}
	payload, err := x.g.door.EncodeEvent(x.arrival)
	if err != nil {
		drain(x.r)
		if large, ok := errors.AsType[*http.MaxBytesError](err); ok {
			err = refusal(event.RequestTooLarge, "the request's body is over the %d bytes that %s allow", large.Limit, x.g.profile.Name)
		}
		return nil, err
	}
	x.seen.Event = payload
	return payload, nil
}

// bodyOf returns the body of a request, which fails to be read over the limit.
func bodyOf(r *http.Request, limit int) io.Reader {
	switch {
	case r.Body == nil:
		return http.NoBody
	case limit > 0:
		return http.MaxBytesReader(nil, r.Body, int64(limit))
	}
	return r.Body
}

// drain reads what is left of a body that is too large, so that the client gets to
// read the answer: one that still sends when the connection is closed may not. It
// gives up on what is far too large.
func drain(r *http.Request) {
	const most = 64 << 20
	if r.Body != nil {
		_, _ = io.CopyN(io.Discard, r.Body, most)
	}
}

// arrive completes the arrival with all but the body.
func (x *exchange) arrive() error {
	a, g := x.arrival, x.g
	a.SourceIP = x.sourceIP()
	if t := x.r.TLS; t != nil && len(t.PeerCertificates) > 0 {
		a.Certificate = t.PeerCertificates[0]
	}
	if x.given.ClientCertificate != nil {
		a.Certificate = x.given.ClientCertificate
	}
	a.Header = g.headerOf(x.r, a.SourceIP, x.trace.header)

	if err := g.check(x.r); err != nil {
		return err
	}
	path := pathOf(x.r)
	if !strings.HasPrefix(path, "/") {
		return refusal(event.BadRequest, "the path %q does not begin with a slash", path)
	}
	if err := g.place(a, path); err != nil {
		return err
	}
	if x.given.RouteKey != "" {
		if g.profile.Routes == nil {
			return refusal(event.BadRequest, "%s have no routes, and the request has the RouteKey %q", g.profile.Name, x.given.RouteKey)
		}
		route, err := parseRoute(g.profile, x.given.RouteKey)
		if err != nil {
			return refusal(event.BadRequest, "%v", err)
		}
		a.Route = event.Route{Method: route.method, Path: route.path, Params: x.given.PathParameters}
		return nil
	}
	route, ok := g.routes.match(a.Method, a.Path)
	if !ok {
		return refusal(event.NoRoute, "no route serves %s %s", a.Method, a.Path)
	}
	a.Route = route
	return nil
}

// place finds the stage or base path that a path begins with.
func (g *Gateway) place(a *event.Arrival, path string) error {
	a.Mapping = g.mapping
	a.Path, a.RawPath = path, path
	if g.profile.TrimRoot {
		a.RawPath = trimRoot(path)
	}
	prefix := g.mapping
	if prefix == "" && g.stage != "" {
		prefix = "/" + g.stage
	}
	switch {
	case prefix != "":
		below, ok := below(a.RawPath, prefix)
		if !ok {
			return refusal(event.NoStage, "the path %q does not begin with %q", path, prefix)
		}
		a.Path = below
	case g.profile.Stage != "" && g.profile.Stage != defaultStage:
		a.RawPath = "/" + g.profile.Stage + path
	}
	if g.profile.TrimRoot {
		a.Path = trimRoot(a.Path)
	}
	return nil
}

// trimRoot leaves a path one slash at its start.
func trimRoot(path string) string { return "/" + strings.TrimLeft(path, "/") }

// below returns what follows a prefix of whole segments.
func below(path, prefix string) (string, bool) {
	rest, ok := strings.CutPrefix(path, prefix)
	switch {
	case !ok || rest != "" && rest[0] != '/':
		return "", false
	case rest == "":
		return "/", true
	}
	return rest, true
}

func (x *exchange) authorize() error {
	if x.arrival.Authorizer != nil || x.arrival.Identity != nil {
		if !x.g.profile.Authorizers {
			return refusal(event.BadRequest, "%s have no authorizers in front of functions, and the request has an Authorization", x.g.profile.Name)
		}
		return nil
	}
	if x.g.authorizer == nil {
		return nil
	}
	given, err := x.g.authorizer(x.r)
	if err != nil {
		return refusal(event.Unauthorized, "the authorizer turned the request down: %v", err)
	}
	x.arrival.Authorizer, x.arrival.Identity = given.Context, given.Identity
	return nil
}

// info accompanies the invocation.
func (x *exchange) info() invoke.Info {
	info := invoke.Info{TraceID: x.arrival.TraceID}
	if x.g.profile.SameID {
		info.RequestID = x.arrival.RequestID
	}
	return info
}

func (x *exchange) sourceIP() string {
	if x.given.SourceIP != "" {
		return x.given.SourceIP
	}
	return arrival.SourceIP(x.r)
}

// pathOf returns the path of a request as the client sent it, if that is still
// what the request is for.
func pathOf(r *http.Request) string {
	raw, _, _ := strings.Cut(r.RequestURI, "?")
	if plain, err := url.PathUnescape(raw); err == nil && plain == r.URL.Path && strings.HasPrefix(raw, "/") {
		return raw
	}
	if r.URL.Path == "" {
		return "/"
	}
	return r.URL.EscapedPath()
}

func requestURI(r *http.Request) string {
	if r.RequestURI != "" {
		return r.RequestURI
	}
	return r.URL.RequestURI()
}

func refusal(f event.Failure, format string, args ...any) error {
	return &event.Refusal{Failure: f, Reason: fmt.Sprintf(format, args...)}
}
