package adapter

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// An Option changes what Wrap and Stream make of an http.Handler.
type Option func(*options)

type options struct {
	basePaths      []string // each as "/a" or "/a/b", longest first
	withoutStage   bool
	webSocket      http.Handler
	fallback       Invoker
	log            logFunc
	deadlineMargin time.Duration
	panicError     bool
}

// Invoker is a Lambda function in its plainest form: the shape of a lambda.Handler
// of aws-lambda-go, and what lambda.NewHandler makes of any other function.
type Invoker interface {
	Invoke(ctx context.Context, payload []byte) ([]byte, error)
}

// WithBasePath strips a prefix off the paths of requests, such as the base path
// that maps a custom domain to a REST API, or the resource that an API keeps its
// function under. Of several the longest that fits is stripped, once.
//
// Only whole segments are stripped: "/api" makes /api/x to /x and /api to /, and
// leaves /apiary alone. URL.Path and URL.RawPath change; RequestURI keeps what the
// front door saw, as it does under http.StripPrefix.
func WithBasePath(prefixes ...string) Option {
	prefixes = slices.Clone(prefixes)
	return func(o *options) {
		for _, prefix := range prefixes {
			if decoded, err := url.PathUnescape(prefix); err == nil {
				prefix = decoded
			}
			if prefix = strings.Trim(prefix, "/"); prefix != "" {
				o.basePaths = append(o.basePaths, "/"+prefix)
			}
		}
		slices.SortStableFunc(o.basePaths, func(a, b string) int { return len(b) - len(a) })
	}
}

// WithoutStage strips the stage that HTTP APIs put in front of the path: with the
// stage "prod", /prod/x becomes /x. The stage $default has no segment, and the
// paths of REST APIs come without it.
func WithoutStage() Option {
	return func(o *options) { o.withoutStage = true }
}

// WithWebSocket sends the events of WebSocket APIs to h instead of the wrapped
// handler. See WebSocketFrom for how they look.
func WithWebSocket(h http.Handler) Option {
	return func(o *options) { o.webSocket = h }
}

// WithFallback hands events that are no HTTP requests, such as those of SQS or
// EventBridge and the pings of warm-up plug-ins, to another function. Without it
// they fail the invocation with an error that names what was seen.
func WithFallback(f Invoker) Option {
	return func(o *options) { o.fallback = f }
}

// WithLogger sets where panics, oversized replies and misuse of the ResponseWriter
// are logged, with the invocation's context; nil means slog.Default().
func WithLogger(l *slog.Logger) Option {
	log := logFunc(slog.Log)
	if l != nil {
		log = l.Log
	}
	return func(o *options) { o.log = log }
}

// A logFunc is the one method that is needed of a *slog.Logger, which would link all of
// its methods.
type logFunc func(ctx context.Context, level slog.Level, message string, args ...any)

// WithDeadlineMargin answers a request with status 504 when only d is left until
// the invocation's deadline, instead of letting Lambda stop the function, which the
// client sees as an opaque error. The request's context ends at that moment; a
// handler that does not heed it goes on in the background, and what it writes is
// dropped. Zero and less mean no margin.
func WithDeadlineMargin(d time.Duration) Option {
	return func(o *options) { o.deadlineMargin = d }
}

// WithPanicError makes a panic fail the invocation, so that it counts in Lambda's
// error metrics and alarms. The front door then answers for the function, with
// status 502 or 500. The process survives either way.
func WithPanicError() Option {
	return func(o *options) { o.panicError = true }
}
