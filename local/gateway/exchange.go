package gateway

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/lambridge-go/lambridge/local/internal/arrival"
	"github.com/lambridge-go/lambridge/local/internal/door"
	"github.com/lambridge-go/lambridge/local/internal/field"
	"github.com/lambridge-go/lambridge/local/internal/format"
	"github.com/lambridge-go/lambridge/local/internal/integration"
	"github.com/lambridge-go/lambridge/local/invoke"
)

// An exchange is a request under way: its methods are the steps that Gateway.ServeHTTP
// takes, and then what integrations send answers with.
type exchange struct {
	g       *Gateway
	w       http.ResponseWriter
	r       *http.Request
	given   *Request
	arrival *Arrival
	trace   trace
	route   *route // once matched
	ahead   bool   // the answer does not wait for the request's body
	seen    Exchange
	at      time.Duration // after Start, when the phase began that is under way
}

func (g *Gateway) begin(w http.ResponseWriter, r *http.Request) *exchange {
	now := g.now()
	ids := arrival.NewIDs(now)
	all := new(struct { // one piece of memory
		exchange exchange
		arrival  Arrival
		phases   [usualPhases]Phase
	})
	x, a := &all.exchange, &all.arrival
	x.g, x.w, x.r, x.arrival = g, w, r, a
	x.given, x.trace = requestFrom(r.Context()), traceOf(g.door, r.Header, now, ids)

	a.API = &g.api
	if x.given.StageVariables != nil {
		api := g.api
		api.StageVariables = x.given.StageVariables
		a.API = &api
	}
	a.Method, a.Protocol, a.Host = r.Method, "HTTP/1.1", r.Host
	a.Target, a.Sent, a.RawQuery = requestURI(r), r.Header, r.URL.RawQuery
	a.Body, a.ContentLength = bodyOf(r, g.facts.Limits.Body), r.ContentLength
	a.MaxEvent = invoke.MaxPayload
	a.Time, a.RequestID, a.ExtendedID, a.TraceID = now, ids.Request, ids.Extended, x.trace.invocation

	seen := &x.seen
	seen.Kind, seen.API, seen.Source = g.api.Kind, g.api.Name, g.routes.source()
	seen.RequestID, seen.Start = ids.Request, now
	seen.Method, seen.URI, seen.Host, seen.RequestHeader = r.Method, a.Target, r.Host, r.Header
	if x.observed() {
		seen.Phases = all.phases[:0]
		if r.ContentLength > 0 {
			seen.RequestBody = make([]byte, 0, min(r.ContentLength, MaxObserved))
		}
		if r.ContentLength != 0 {
			a.Body = &observedBody{a.Body, &seen.RequestBody, &seen.RequestSize}
		}
	}
	return x
}

// usualPhases are those of a request to a function.
const usualPhases = 8

// errNoAnswer is what is known of an exchange whose goroutine did not get as far as an
// answer.
var errNoAnswer = errors.New("gateway: nothing is answered: what serves the request has panicked, or ended its goroutine with runtime.Goexit as FailNow does in a test")

// end reports what became of the request.
func (x *exchange) end() {
	x.phase("answer")
	x.seen.Duration = x.at
	name := x.g.facts.Plural
	if x.seen.Err == nil && x.seen.Status == 0 {
		x.seen.Err = errNoAnswer
	}
	if x.seen.Err != nil {
		reason := x.seen.Err.Error()
		switch err := x.seen.Err.(type) {
		case *Denied:
			reason = err.reason()
		case *door.Refusal:
			reason = err.Reason
		}
		level := slog.LevelError
		switch {
		case errors.Is(x.seen.Err, errClientLeft):
			level = slog.LevelInfo
		case errors.As(x.seen.Err, new(*Denied)) && x.seen.Status < http.StatusInternalServerError:
			level = slog.LevelWarn // it is the client's doing, as a rule
		}
		x.log(level, fmt.Sprintf("%s answer %d", name, x.seen.Status), reason)
	}
	for _, warning := range x.seen.Warnings {
		x.log(slog.LevelWarn, name+" change the reply", warning)
	}
	for _, observe := range []func(Exchange){x.g.observe, x.given.Observe} {
		if observe != nil {
			observe(x.seen)
		}
	}
}

// observed reports whether anybody wants to know.
func (x *exchange) observed() bool { return x.g.observe != nil || x.given.Observe != nil }

func (x *exchange) log(level slog.Level, what, why string) {
	x.g.log.LogAttrs(x.r.Context(), level, what, slog.String("reason", why),
		slog.String("request", x.seen.Method+" "+x.seen.Shown()), slog.String("requestId", x.seen.RequestID))
}

// phase notes that a part of the exchange is over.
func (x *exchange) phase(name string) {
	now := x.g.since(x.seen.Start)
	if x.observed() {
		x.seen.Phases = append(x.seen.Phases, Phase{name, x.at, now - x.at})
	}
	x.at = now
}

// preflight answers a preflight request for the function, and reports whether r is one.
func (x *exchange) preflight() bool {
	if !x.g.cors.preflight(x.r) {
		return false
	}
	answer := x.g.cors.allow(x.r)
	x.g.door.Stamp(x.arrival, answer, false)
	x.send(answer)
	return true
}

// context returns the context of the work for a request. The function of a client that
// went away runs on, as on AWS; a deadline of the request's context holds.
func (x *exchange) context() (context.Context, context.CancelFunc) {
	info := invoke.Info{TraceID: x.arrival.TraceID}
	if x.g.facts.Has.SameID {
		info.RequestID = x.arrival.RequestID
	}
	ctx := x.r.Context()
	if ctx.Done() != nil {
		ctx = context.WithoutCancel(ctx)
	}
	ctx = invoke.WithInfo(ctx, info)
	if x.given.Context != nil {
		ctx = x.given.Context(ctx)
		x.seen.Context = ctx
	}
	deadline, limited := x.r.Context().Deadline()
	if limit := x.given.Deadline; !limit.IsZero() && (!limited || limit.Before(deadline)) {
		deadline, limited = limit, true
	}
	if limited {
		return context.WithDeadline(ctx, deadline)
	}
	return ctx, func() {}
}

// locate completes the arrival with what is known of it without a route: its header, and
// its path below the API's stage or base path. It holds the request against the limits.
func (x *exchange) locate() error {
	defer x.phase("locate")
	a, g := x.arrival, x.g
	if a.SourceIP = x.given.SourceIP; a.SourceIP == "" {
		a.SourceIP = arrival.SourceIP(x.r)
	}
	if t := x.r.TLS; t != nil && len(t.PeerCertificates) > 0 {
		a.Certificate = t.PeerCertificates[0]
	}
	if x.given.ClientCertificate != nil {
		a.Certificate = x.given.ClientCertificate
	}
	a.Header = g.headerOf(x.r, a.SourceIP, x.trace.header)
	x.override()
	if err := g.check(x.r); err != nil {
		return err
	}
	return g.place(a, pathOf(x.r))
}

// match finds the route.
func (x *exchange) match() error {
	defer x.phase("match")
	a, routes := x.arrival, x.g.routes
	switch key := x.given.RouteKey; {
	case key != "":
		p, err := parsePattern(x.g.facts, key)
		if x.g.facts.Routes == nil {
			err = fmt.Errorf("%s have no routes, and the request has the RouteKey %q", x.g.facts.Plural, key)
		}
		if err != nil {
			return door.Refusef(door.BadRequest, "%v", err)
		}
		x.route = routes.given(p)
		a.Route = arrival.Route{Method: p.method, Path: p.path, Params: x.given.PathParameters}
	case x.g.facts.Routes == nil:
		x.route = routes.only
		a.Route.Path = defaultRoute
	default:
		if leaf, params := routes.match(a.Method, a.Path); leaf != nil {
			x.route = leaf.route
			a.Route = arrival.Route{Method: leaf.method, Path: leaf.path, Params: params}
		}
	}
	if x.route == nil {
		return x.noRoute()
	}
	a.Route.Scopes = x.route.scopes
	if authorizer, ok := x.route.authorizer.(Secretive); ok {
		x.seen.secret = authorizer.SecretParameters()
	}
	x.seen.Source, x.seen.Route, x.seen.Origin, x.seen.Integration = x.route.source, a.Route.Key(), x.route.origin, x.route.to.name()
	if !x.route.throttle.Take(a.Time) {
		return door.Refusef(door.Throttled, "the route takes %v requests a second, %d at once", x.route.throttle.Rate(), x.route.throttle.Burst())
	}
	return nil
}

// authorize lets the route's authorizer decide, unless who sent the request is known.
func (x *exchange) authorize(ctx context.Context) error {
	if given := x.given.Authorization; !given.Empty() {
		if !x.route.caller {
			return door.Refusef(door.BadRequest, "%s have no authorizers in front of functions, and the request has an Authorization", x.g.facts.Plural)
		}
		x.arrival.Authorization = given
		return nil
	}
	if x.route.authorizer == nil {
		return nil
	}
	defer x.phase("authorize")
	granted, err := x.route.authorizer.Authorize(ctx, x.arrival)
	if err != nil && !deliberate(err) {
		err = door.Refusef(door.AuthorizerFailure, "the authorizer failed: %v", err)
	}
	x.arrival.Authorization = granted
	if err != nil {
		return err
	}
	x.seen.Principal = granted.Principal
	field.Drop(x.arrival.Header, granted.Drop...)
	return nil
}

// validate lets the route's validator look at the request.
func (x *exchange) validate() error {
	if x.route.validator == nil {
		return nil
	}
	defer x.phase("validate")
	err := x.route.validator.Validate(x.arrival)
	if err != nil && !deliberate(err) {
		err = door.Refusef(door.APIConfigurationError, "%v", err)
	}
	return err
}

// deliberate reports whether an error of an authorizer or validator is about the request.
func deliberate(err error) bool {
	return errors.As(err, new(*Denied)) || errors.As(err, new(*door.Refusal)) || errors.As(err, new(*http.MaxBytesError))
}

// refuse sends the front door's own answer to a failure.
func (x *exchange) refuse(err error) {
	err = x.refusal(err)
	x.seen.Err = err
	var answer *door.Answer
	switch err := err.(type) {
	case *Denied:
		answer = err.answer(x.g.door)
	case *door.Refusal:
		answer = x.g.door.Refuse(err.Failure, "")
	}
	x.g.says.apply(x.arrival, answer, err)
	x.g.door.Stamp(x.arrival, answer, true)
	switch {
	case x.r.Body == nil:
	case x.r.ProtoMajor == 1:
		// A refusal need not wait for a body, which net/http would do.
		x.ahead = http.NewResponseController(x.w).EnableFullDuplex() == nil
	case answer.Status == http.StatusRequestEntityTooLarge:
		// Here net/http breaks off what the client still sends, and curl takes that for a
		// failure.
		_, _ = io.CopyN(io.Discard, x.r.Body, maxDrained)
	}
	x.send(answer)
}

// maxDrained is what is read of a body that is not wanted. What is far too large is not
// followed to its end.
const maxDrained = 64 << 20

// drain reads what is left of the body of a request that was refused ahead of it, so
// that the client gets to read the answer: one that still sends when the connection is
// closed may not.
func (x *exchange) drain() {
	if !x.ahead {
		return
	}
	if waits := x.r.Header.Get("Expect") != "" && x.r.ContentLength >= 0; waits { // and sends nothing
		return
	}
	_ = http.NewResponseController(x.w).Flush()
	_, _ = io.CopyN(io.Discard, x.r.Body, maxDrained)
}

// refusal makes of any error one that the front door has an answer to: a *Denied or a
// *door.Refusal.
func (x *exchange) refusal(err error) error {
	if denied, ok := errors.AsType[*Denied](err); ok {
		return denied
	}
	if refused, ok := errors.AsType[*door.Refusal](err); ok {
		return refused
	}
	if large, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return door.Refusef(door.RequestTooLarge, "the request's body is over the %d bytes that %s allow", large.Limit, x.g.facts.Plural)
	}
	if failed, ok := errors.AsType[*integration.Error](err); ok {
		return door.Refusef(failures[failed.Kind], "%v", failed)
	}
	return door.Refusef(door.BadRequest, "%v", err)
}

// failures are what front doors make of the failures of integrations.
var failures = map[integration.Kind]door.Failure{
	integration.Failed:      door.FunctionFailed,
	integration.TimedOut:    door.IntegrationTimeout,
	integration.Throttled:   door.FunctionBusy,
	integration.TooLarge:    door.RequestTooLarge,
	integration.Unreachable: door.IntegrationFailure,

	integration.Misconfigured: door.APIConfigurationError,
}

// event returns the event for a function.
func (x *exchange) event(f format.Format) ([]byte, error) {
	defer x.phase("event")
	payload, err := f.Encode(x.arrival)
	if err != nil {
		return nil, err
	}
	x.seen.Event = payload
	if x.arrival.Mangled {
		x.log(slog.LevelWarn, x.g.facts.Plural+" change the request",
			"the body is not UTF-8 and its type is one for text, so that some bytes have become U+FFFD; what AWS does to compressed bodies of such types is not known, except for REST APIs, which inflate them, and load balancers, which pass them on as base64")
	}
	return payload, nil
}

// finish makes an answer of an integration's the front door's.
func (x *exchange) finish(answer *door.Answer, streamed bool) {
	x.g.door.Finish(answer, streamed)
	x.g.door.Stamp(x.arrival, answer, false)
}

// send writes the response.
func (x *exchange) send(answer *door.Answer) {
	x.head(answer)
	if answer.Status != http.StatusNoContent && answer.Status != http.StatusNotModified {
		x.w.Header()["Content-Length"] = []string{strconv.Itoa(len(answer.Body))}
	}
	x.w.WriteHeader(answer.Status)
	x.seen.Body, x.seen.Size = observed(answer.Body)
	// A client that went away needs no answer.
	_, _ = x.w.Write(answer.Body)
}

// errClientLeft ends a stream early, and is nobody's fault: a page with an EventSource
// was closed.
var errClientLeft = errors.New("gateway: the client went away")

// pass writes the head of a response and copies the body to the client, each piece as
// soon as it is there; wait is told of its length ahead of that. The end looks the same
// to the client if reading fails: a body that is cut short.
func (x *exchange) pass(answer *door.Answer, body io.Reader, wait func(n int)) error {
	x.head(answer)
	x.w.WriteHeader(answer.Status)
	to := http.NewResponseController(x.w)
	// The head need not wait for the body.
	_ = to.Flush()
	piece := make([]byte, 32<<10)
	for {
		n, err := body.Read(piece)
		if n > 0 {
			wait(n)
			x.seen.Size += int64(n)
			if room := MaxObserved - len(x.seen.Body); room > 0 && x.observed() {
				x.seen.Body = append(x.seen.Body, piece[:min(n, room)]...)
			}
			if _, err := x.w.Write(piece[:n]); err != nil && !errors.Is(err, http.ErrBodyNotAllowed) {
				return fmt.Errorf("%w: %w", errClientLeft, err)
			}
			_ = to.Flush()
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// head prepares the header of a response.
func (x *exchange) head(answer *door.Answer) {
	x.g.cors.apply(answer, x.r)
	x.seen.Status, x.seen.Header, x.seen.Warnings = answer.Status, answer.Header, answer.Warnings
	to := x.w.Header()
	for name, values := range answer.Header {
		to[name] = values
		// A nil value keeps net/http from adding a field that is there by another
		// spelling.
		const contentType = "Content-Type"
		if len(name) == len(contentType) && name != contentType && strings.EqualFold(name, contentType) {
			if _, ok := answer.Header[contentType]; !ok {
				to[contentType] = nil
			}
		}
	}
}
