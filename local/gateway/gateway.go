// Package gateway stands in for the HTTP front doors of AWS Lambda: REST APIs,
// HTTP APIs, function URLs, Application Load Balancers and VPC Lattice.
//
// An [API] is a front door with its routes, and what each leads to: a function, an HTTP
// server or a mock. [New] makes a [Gateway] of it, which is an http.Handler. It makes the
// event of a request exactly as the front door would, invokes the function with it, and
// makes a response of the reply exactly as the front door would, mistakes included: what
// AWS answers with 502 it answers with 502, and logs why.
//
// A request arrives in steps: locate it below the API's stage or base path, match it
// with a route, let the route's [Authorizer] and [Validator] see it. Then the route's
// [Integration] serves it. Each may refuse it.
//
// What it cannot do as AWS does:
//
//   - net/http has canonicalised the names of a client's headers before a handler
//     sees them, so that an event of a REST API shows X-Custom where AWS shows
//     x-custom if the client wrote it so. The command reads along with net/http and
//     shows them as they were; over HTTP/2 they are in lower case, here as on AWS.
//   - API Gateway is reached over TLS only and its events say so. So do these,
//     whatever the client connected with.
//   - Host is what the client sent. On AWS it is the API's domain, which events
//     have in requestContext.domainName in both cases.
//   - A custom reason phrase, which load balancers take from statusDescription,
//     is not sent.
package gateway

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/lambridge-go/lambridge/local/internal/arrival"
	"github.com/lambridge-go/lambridge/local/internal/door"
)

// Options say how a Gateway is run, whatever API it stands for.
type Options struct {
	_ struct{}

	// Observe is called after each response, in the request's goroutine. nil
	// observes nothing. It must be safe for concurrent use.
	Observe func(Exchange)

	// Now tells the time. nil is time.Now.
	Now func() time.Time

	// Logger is told of everything that would go wrong on AWS too. nil discards.
	Logger *slog.Logger

	// Backends are addresses that stand in for hosts in the URIs of HTTP integrations: the
	// key is a host, with or without its port, the value like "127.0.0.1:8080". A host
	// that is none of them is called as it is.
	Backends map[string]string
}

func (o Options) now() func() time.Time {
	if o.Now == nil {
		return time.Now
	}
	return o.Now
}

// since tells how long a time is ago. time.Since looks at one clock where time.Now does at
// two.
func (o Options) since() func(time.Time) time.Duration {
	if o.Now == nil {
		return time.Since
	}
	return func(t time.Time) time.Duration { return o.Now().Sub(t) }
}

func (o Options) logger() *slog.Logger {
	if o.Logger == nil {
		return slog.New(slog.DiscardHandler)
	}
	return o.Logger
}

// A Gateway stands in for one API. It is an http.Handler and safe for concurrent use.
type Gateway struct {
	api     arrival.API
	door    door.Door
	facts   door.Facts // the door's
	stage   string     // first segment of every URL, or ""
	mapping string
	routes  *router
	cors    *cors
	says    Responses
	keys    APIKeys
	source  KeySource // of the keys
	observe func(Exchange)
	now     func() time.Time
	since   func(time.Time) time.Duration
	log     *slog.Logger
	offered sync.Once // HTTP/2 on a plain connection, which was told
}

// New returns a Gateway for an API. Its error joins all that is wrong with the API.
func New(a API, o Options) (*Gateway, error) { return compile(a, o, true) }

// ServeHTTP answers a request as the API does.
func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	x := g.begin(w, r)
	defer x.drain()
	defer x.end()
	if x.preflight() {
		return
	}
	ctx, cancel := x.context()
	defer cancel()
	err := x.arrive(ctx)
	if err == nil {
		err = x.route.to.serve(ctx, x)
	}
	if err != nil {
		x.refuse(err)
	}
}

// arrive takes a request as far as its route's integration. The route is found before
// anybody is authorized, as AWS was recorded to do it.
func (x *exchange) arrive(ctx context.Context) error {
	err := x.locate()
	if err == nil {
		err = x.match()
	}
	if err == nil {
		err = x.authorize(ctx)
	}
	if err == nil {
		err = x.admit()
	}
	if err == nil {
		err = x.inflate()
	}
	if err == nil {
		err = x.validate()
	}
	return err
}

// Event returns the event that the function would be invoked with for r, whose
// body it reads. The error says why the front door would not invoke it.
func (g *Gateway) Event(r *http.Request) ([]byte, error) {
	x := g.begin(nil, r)
	ctx, cancel := x.context()
	defer cancel()
	err := x.arrive(ctx)
	if err == nil {
		l, ok := x.route.to.(*lambdaEndpoint)
		if !ok {
			return nil, door.Refusef(door.BadRequest, "the route %q leads to no function", x.seen.Route)
		}
		var payload []byte
		if payload, err = l.event(x); err == nil {
			return payload, nil
		}
	}
	return nil, x.refusal(err)
}

// Respond answers r with what the front door makes of the function's reply,
// without invoking it. The body of r is not read.
func (g *Gateway) Respond(w http.ResponseWriter, r *http.Request, reply []byte) {
	x := g.begin(w, r)
	defer x.end()
	err := x.locate()
	if err == nil {
		err = x.match()
	}
	if err == nil {
		err = door.Refusef(door.BadRequest, "the route leads to no function")
		if l, ok := x.route.to.(*lambdaEndpoint); ok {
			err = l.reply(x, reply)
		}
	}
	if err != nil {
		x.refuse(err)
	}
}
