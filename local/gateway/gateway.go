// Package gateway stands in for the HTTP front doors of AWS Lambda: REST APIs,
// HTTP APIs, function URLs, Application Load Balancers and VPC Lattice.
//
// A [Gateway] is an http.Handler in front of a function. It makes the event of a
// request exactly as the front door would, invokes the function with it, and makes
// a response of the reply exactly as the front door would, mistakes included: what
// AWS answers with 502 it answers with 502, and logs why.
//
// What it cannot do as AWS does:
//
//   - net/http has canonicalised the names of a client's headers before a handler
//     sees them, so that an event of a REST API shows X-Custom where AWS shows
//     x-custom if the client wrote it so.
//   - API Gateway is reached over TLS only and its events say so. So do these,
//     whatever the client connected with.
//   - Host is what the client sent. On AWS it is the API's domain, which events
//     have in requestContext.domainName in both cases.
//   - A custom reason phrase, which load balancers take from statusDescription,
//     is not sent.
package gateway

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/lambridge-go/lambridge/internal/event"
	"github.com/lambridge-go/lambridge/local/invoke"
)

// Source names a front door.
type Source = event.Source

// The front doors that a Gateway stands in for.
const (
	REST        = event.REST        // API Gateway REST API
	HTTPv1      = event.HTTPv1      // API Gateway HTTP API, payload format 1.0
	HTTPv2      = event.HTTPv2      // API Gateway HTTP API, payload format 2.0
	FunctionURL = event.FunctionURL // Lambda function URL
	ALB         = event.ALB         // Application Load Balancer, single-value headers
	ALBMulti    = event.ALBMulti    // Application Load Balancer, multi-value headers
	LatticeV1   = event.LatticeV1   // VPC Lattice, event structure 1.0
	LatticeV2   = event.LatticeV2   // VPC Lattice, event structure 2.0
)

// A Config says which front door a Gateway stands in for and how it is set up.
// Source and Function are required, the rest has defaults. What the front door
// does not have is an error, never ignored.
type Config struct {
	_ struct{}

	// Source is the front door.
	Source Source

	// Function is what the front door invokes.
	Function invoke.Invoker

	// Stage is the stage of an API, which is then the first segment of every URL,
	// as it is in the addresses that API Gateway hands out. Only the stage "$default"
	// of an HTTP API does not show in URLs; it is what "" means there. "" is the
	// stage "prod" of a REST API, with the Gateway's root standing for the stage's.
	Stage string

	// BasePath is where a custom domain maps the API to, such as "/shop". It is
	// then the beginning of every URL, and the stage is not part of it. "" is no
	// custom domain.
	BasePath string

	// StageVariables are those of the stage.
	StageVariables map[string]string

	// Routes are an HTTP API's route keys, such as "GET /items/{id}" and
	// "$default", or a REST API's resources with a method each, where no method
	// means ANY. nil is one route for everything.
	Routes []string

	// BinaryMediaTypes are a REST API's types of binary bodies, such as
	// "image/png", "image/*" and "*/*". nil is none: all bodies are text.
	BinaryMediaTypes []string

	// AccountID, APIID, Region and Domain appear in events. "" makes them up; the
	// Domain that is made up is the one AWS would give the API in the Region.
	AccountID, APIID, Region, Domain string

	// CORS is the CORS configuration of an HTTP API or a function URL. nil is none.
	CORS *CORS

	// Stream lets the function answer while it still runs: a function URL's
	// invoke mode RESPONSE_STREAM, a REST API's response transfer mode STREAM. It
	// needs a Function that is an invoke.Streamer.
	Stream bool

	// Throttle passes streams on no faster than AWS does: 2 MB a second, once a
	// function URL has passed on 6 MB and a REST API 10 MB. false does not pace them.
	Throttle bool

	// Timeout is how long an API waits for the function. 0 is as long as AWS does
	// by default: 29 s for REST APIs, 15 minutes if they stream, 30 s for HTTP APIs,
	// where that is the most. Other front doors wait for as long as the function
	// may run. A negative value waits for ever at any front door, for a function in
	// a debugger.
	Timeout time.Duration

	// Authorizer decides on each request and says what the event shows of its
	// sender. An error turns the request down. nil lets everybody in and shows
	// nothing. It must be safe for concurrent use.
	Authorizer func(*http.Request) (Authorization, error)

	// ClientCertificate is what clients prove their identity with where they do
	// not do it by TLS. nil is none.
	ClientCertificate *x509.Certificate

	// Observe is called after each response, in the request's goroutine. nil
	// observes nothing. It must be safe for concurrent use.
	Observe func(Exchange)

	// Now tells the time. nil is time.Now.
	Now func() time.Time

	// Logger is told of everything that would go wrong on AWS too. nil discards.
	Logger *slog.Logger
}

// An Authorization is what an authorizer knows about the sender of a request.
type Authorization struct {
	// Context is the JSON object in requestContext.authorizer, such as
	// {"jwt":{"claims":{"sub":"1"},"scopes":null}}. nil leaves it out.
	Context json.RawMessage

	// Identity is a JSON object of members of requestContext.identity, which REST
	// APIs fill for IAM users, and VPC Lattice. nil leaves them as they are.
	Identity json.RawMessage
}

// A Gateway stands in for one front door of one function. It is safe for
// concurrent use.
type Gateway struct {
	source     event.Source
	door       event.FrontDoor
	profile    event.Profile // the door's
	api        event.API
	function   invoke.Invoker
	streamer   invoke.Streamer // nil unless replies are streamed
	throttle   bool            // whether they are paced,
	burst      int             // after so many bytes
	stage      string          // first segment of every URL, or ""
	mapping    string
	routes     *router
	cors       *cors
	timeout    time.Duration
	authorizer func(*http.Request) (Authorization, error)
	cert       *x509.Certificate
	observe    func(Exchange)
	now        func() time.Time
	log        *slog.Logger
}

// New returns a Gateway. Its error joins all that is wrong with cfg.
func New(cfg Config) (*Gateway, error) {
	door, err := event.FrontDoorOf(cfg.Source)
	if err != nil {
		return nil, fmt.Errorf("gateway: Source %q is not an HTTP front door", cfg.Source)
	}
	profile := door.Profile()
	var wrong []error
	fail := func(format string, args ...any) { wrong = append(wrong, fmt.Errorf("gateway: "+format, args...)) }

	g := &Gateway{
		source:  cfg.Source,
		door:    door,
		profile: profile,
		api: event.API{
			AccountID:        orElse(cfg.AccountID, "123456789012"),
			ID:               orElse(cfg.APIID, "a1b2c3d4e5"),
			Region:           orElse(cfg.Region, "us-east-1"),
			Domain:           cfg.Domain,
			Stage:            orElse(cfg.Stage, profile.Stage),
			StageVariables:   maps.Clone(cfg.StageVariables),
			BinaryMediaTypes: slices.Clone(cfg.BinaryMediaTypes),
		},
		function:   cfg.Function,
		timeout:    cfg.Timeout,
		authorizer: cfg.Authorizer,
		cert:       cfg.ClientCertificate,
		observe:    cfg.Observe,
		now:        cfg.Now,
		log:        cfg.Logger,
	}
	if g.api.Domain == "" && profile.Domain != "" {
		g.api.Domain = g.api.ID + fmt.Sprintf(profile.Domain, g.api.Region)
	}
	if g.now == nil {
		g.now = time.Now
	}
	if g.log == nil {
		g.log = slog.New(slog.DiscardHandler)
	}

	if cfg.Function == nil {
		fail("Function is missing")
	}
	switch {
	case cfg.Stage == "" || cfg.Stage == defaultStage && profile.Stage == defaultStage:
	case cfg.Stage == defaultStage && profile.Stage != "":
		fail("%s have no stage %q", profile.Name, cfg.Stage)
	case strings.Contains(cfg.Stage, "/"):
		fail("Stage %q has a slash in it", cfg.Stage)
	default:
		g.stage = cfg.Stage
	}
	if (g.stage != "" || len(cfg.StageVariables) > 0) && (profile.Stage == "" || profile.Routes == nil) {
		fail("%s have no stages: leave out Stage %q and StageVariables", profile.Name, cfg.Stage)
	}
	if g.mapping = strings.Trim(cfg.BasePath, "/"); g.mapping != "" {
		g.mapping = "/" + g.mapping
		if !profile.Mappings {
			fail("%s have no base paths: leave out BasePath %q", profile.Name, cfg.BasePath)
		}
	}
	if len(cfg.BinaryMediaTypes) > 0 && !profile.BinaryMediaTypes {
		fail("%s have no BinaryMediaTypes, they tell binary bodies by themselves", profile.Name)
	}
	for _, media := range cfg.BinaryMediaTypes {
		if strings.Count(media, "/") != 1 {
			fail(`BinaryMediaTypes has %q, which is not like "image/png"`, media)
		}
	}
	if cfg.Authorizer != nil && !profile.Authorizers {
		fail("%s have no authorizers in front of functions", profile.Name)
	}
	switch {
	case cfg.Timeout > 0 && profile.MaxTimeout == 0:
		fail("%s have no Timeout, they wait for the function's own", profile.Name)
	case cfg.Timeout > profile.MaxTimeout:
		fail("Timeout %v is more than the %v that %s allow", cfg.Timeout, profile.MaxTimeout, profile.Name)
	}
	if g.routes, err = newRouter(profile, cfg.Routes); err != nil {
		wrong = append(wrong, err)
	}
	if g.cors, err = newCORS(profile, cfg.CORS); err != nil {
		wrong = append(wrong, err)
	}
	if cfg.Stream {
		if !profile.Streams {
			fail("%s do not stream", profile.Name)
		}
		streamer, ok := cfg.Function.(invoke.Streamer)
		if !ok {
			fail("Stream is set and Function %T cannot stream", cfg.Function)
		}
		g.streamer = streamer
	}
	if cfg.Throttle && !cfg.Stream {
		fail("Throttle is for streams: set Stream or leave it out")
	}
	g.throttle, g.burst = cfg.Throttle, profile.StreamBurst
	if g.timeout == 0 {
		g.timeout = profile.Timeout
		if cfg.Stream {
			g.timeout = profile.StreamTimeout
		}
	}
	if err := errors.Join(wrong...); err != nil {
		return nil, err
	}
	return g, nil
}

// defaultStage is the one stage that does not show in URLs.
const defaultStage = "$default"

func orElse(value, otherwise string) string {
	if value == "" {
		return otherwise
	}
	return value
}

// ServeHTTP passes the request on to the function and its reply to the client.
func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	x := g.begin(w, r)
	defer x.end()

	if g.cors.preflight(r) {
		x.preflight()
		return
	}
	payload, err := x.event()
	if err != nil {
		x.refuse(err)
		return
	}
	ctx, cancel := x.context()
	defer cancel()
	if g.streamer != nil {
		x.stream(ctx, payload)
		return
	}
	reply, err := g.function.Invoke(ctx, payload)
	if err == nil {
		// What comes after the deadline comes too late, even from an Invoker that
		// does not watch it.
		err = ctx.Err()
	}
	if err != nil {
		x.refuse(x.failure(ctx, err))
		return
	}
	x.reply(reply)
}

// Event returns the event that the function would be invoked with for r, whose
// body it reads. The error says why the front door would not invoke it.
func (g *Gateway) Event(r *http.Request) ([]byte, error) {
	return g.begin(nil, r).event()
}

// Respond answers r with what the front door makes of the function's reply,
// without invoking it. The body of r is not read.
func (g *Gateway) Respond(w http.ResponseWriter, r *http.Request, reply []byte) {
	x := g.begin(w, r)
	defer x.end()
	if err := x.arrive(); err != nil {
		x.refuse(err)
		return
	}
	x.reply(reply)
}

// context returns the context of the invocation. The function of a client that
// went away runs on, as on AWS; a deadline of the request's context holds.
func (x *exchange) context() (context.Context, context.CancelFunc) {
	ctx := invoke.WithInfo(context.WithoutCancel(x.r.Context()), x.info())
	deadline, limited := x.r.Context().Deadline()
	if limit := x.given.Deadline; !limit.IsZero() && (!limited || limit.Before(deadline)) {
		deadline, limited = limit, true
	}
	cancel := context.CancelFunc(func() {})
	if limited {
		ctx, cancel = context.WithDeadline(ctx, deadline)
	}
	if x.g.timeout > 0 {
		outer := cancel
		inner, stop := context.WithTimeoutCause(ctx, x.g.timeout, errTimeout)
		return inner, func() { stop(); outer() }
	}
	return ctx, cancel
}

// errTimeout is the cause of a context that ended because the front door stopped
// waiting.
var errTimeout = errors.New("gateway: the front door stopped waiting")

// failure makes of an error of the Invoker what the front door makes of it.
func (x *exchange) failure(ctx context.Context, err error) error {
	switch {
	case errors.Is(err, invoke.ErrThrottled):
		return refusal(event.Throttled, "%v", err)
	case errors.Is(err, invoke.ErrTooLarge):
		return refusal(event.RequestTooLarge, "%v", err)
	case errors.Is(context.Cause(ctx), errTimeout):
		return refusal(event.TimedOut, "the function had not answered after %v", x.g.timeout)
	case errors.Is(err, context.DeadlineExceeded):
		return refusal(event.FunctionFailed, "the function outlived its deadline")
	}
	return refusal(event.FunctionFailed, "%v", err)
}

// preflight answers for the function.
func (x *exchange) preflight() {
	answer := x.g.cors.allow(x.r)
	x.g.door.Stamp(x.arrival, answer)
	x.send(answer)
}

// reply sends what the front door makes of the function's reply.
func (x *exchange) reply(reply []byte) {
	x.seen.Reply = reply
	limit := invoke.MaxPayload
	if x.g.profile.MaxReply > 0 {
		limit = x.g.profile.MaxReply
	}
	if len(reply) > limit {
		x.refuse(refusal(event.FunctionFailed, "the reply has %d bytes, the limit is %d", len(reply), limit))
		return
	}
	answer, err := x.g.door.DecodeReply(x.arrival, reply)
	if err != nil {
		x.seen.Err = err
	}
	x.send(answer)
}

// refuse sends the front door's own answer to a failure.
func (x *exchange) refuse(err error) {
	var refused *event.Refusal
	if !errors.As(err, &refused) {
		refused = &event.Refusal{Failure: event.BadRequest, Reason: err.Error()}
	}
	x.seen.Err = refused
	x.send(x.g.door.Refuse(x.arrival, refused.Failure))
}

// send writes the response.
func (x *exchange) send(answer *event.Answer) {
	x.head(answer)
	if answer.Status != http.StatusNoContent && answer.Status != http.StatusNotModified {
		x.w.Header()["Content-Length"] = []string{strconv.Itoa(len(answer.Body))}
	}
	x.w.WriteHeader(answer.Status)
	x.seen.Body = answer.Body[:min(len(answer.Body), MaxObserved)]
	// A client that went away needs no answer.
	_, _ = x.w.Write(answer.Body)
}

// head prepares the header of a response.
func (x *exchange) head(answer *event.Answer) {
	x.g.cors.apply(answer, x.r)
	x.seen.Status, x.seen.Header, x.seen.Warnings = answer.Status, answer.Header, answer.Warnings
	to := x.w.Header()
	for name, values := range answer.Header {
		to[name] = values
		// A nil value keeps net/http from adding a field that is there by another
		// spelling.
		if canonical := http.CanonicalHeaderKey(name); canonical != name && canonical == "Content-Type" {
			if _, ok := answer.Header[canonical]; !ok {
				to[canonical] = nil
			}
		}
	}
}
