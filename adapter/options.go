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
	errorStatus    func(status int) bool
	prefixedLinks  bool

	certificateHeaders []string
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
//
// What an application writes for its clients is not changed: a redirect to /x leads
// past the prefix. See WithPrefixedLinks.
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
// paths of REST APIs come without it. Links are not changed: see WithPrefixedLinks.
func WithoutStage() Option {
	return func(o *options) { o.withoutStage = true }
}

// WithPrefixedLinks puts what stands in front of the application's paths for the client,
// as PrefixFrom tells, in front of the paths that the application sends in the headers
// Location and Set-Cookie: those that begin at the root, as "/login" does and ServeMux's
// own redirects. Relative ones are right without, and those of other hosts are left
// alone. So are links in bodies, and cookies whose name begins with __Host-.
//
// With the stage "prod" of a REST API, a redirect to /login becomes one to /prod/login,
// and Path=/ of a cookie Path=/prod. The application must not add the prefix itself.
func WithPrefixedLinks() Option {
	return func(o *options) { o.prefixedLinks = true }
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
// dropped. Zero and less mean no margin. No more than half of the time that an
// invocation has is taken, which is logged once: functions have three seconds if nobody
// sets another timeout.
func WithDeadlineMargin(d time.Duration) Option {
	return func(o *options) { o.deadlineMargin = d }
}

// WithPanicError makes a panic fail the invocation, so that it counts in Lambda's
// error metrics and alarms. The front door then answers for the function, with
// status 502 or 500. The process survives either way.
func WithPanicError() Option {
	return func(o *options) { o.panicError = true }
}

// WithErrorStatus makes an answer fail the invocation if fails says so of its status, so
// that it counts in Lambda's error metrics and alarms, and is tried again where Lambda
// does that: func(status int) bool { return status >= 500 }, for one. What the client
// gets is the front door's answer for a function that has failed, with status 502 or
// 500. Only a reply that streams reaches the client before the invocation fails; the
// response then breaks off at its end.
//
// It is asked for every answer, those to panics, near deadlines and malformed requests
// included. nil means that no status fails.
func WithErrorStatus(fails func(status int) bool) Option {
	return func(o *options) { o.errorStatus = fails }
}

// WithClientCertificateHeaders takes the client's certificates, which r.TLS then has,
// from headers of requests that come through a load balancer over TLS. The first that is
// there counts. No names mean those that a listener with mutual TLS writes:
// X-Amzn-Mtls-Clientcert-Leaf and X-Amzn-Mtls-Clientcert.
//
// A header is as good as the listener that writes it. Without mutual TLS, and where the
// listener has been told to write another name, it is what the client has sent, who can
// claim any certificate: give the names that the listener writes, and no others, and let
// no other listener lead to the function. See
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/mutual-authentication.html and
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/header-modification.html
//
// All other front doors tell the certificate in the event, and need no option.
func WithClientCertificateHeaders(names ...string) Option {
	canonical := make([]string, 0, 2)
	for _, name := range names {
		canonical = append(canonical, http.CanonicalHeaderKey(name))
	}
	if len(names) == 0 {
		canonical = append(canonical, "X-Amzn-Mtls-Clientcert-Leaf", "X-Amzn-Mtls-Clientcert")
	}
	return func(o *options) { o.certificateHeaders = canonical }
}
