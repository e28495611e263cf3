package adapter

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"sync"

	"github.com/lambridge-go/lambridge/internal/event"
)

// A Handler runs an http.Handler as a Lambda function. Wrap makes one.
//
// It is a lambda.Handler of aws-lambda-go, to be handed to lambda.Start, and safe
// for concurrent use: with Lambda Managed Instances several invocations run in one
// process.
type Handler struct {
	http http.Handler
	options
	inLambda bool // the goroutine that calls Invoke is the loop of Lambda's runtime

	lostCookies sync.Once // guards the warning about cookies that a front door cannot take
	shortMargin sync.Once // guards the warning about a margin that invocations do not have
}

// Wrap makes a Lambda function of h; nil means http.DefaultServeMux. Which front
// door an event came through is recognised from the event alone.
func Wrap(h http.Handler, opts ...Option) *Handler {
	if h == nil {
		h = http.DefaultServeMux
	}
	w := &Handler{http: h, options: options{log: slog.Log}, inLambda: os.Getenv("AWS_LAMBDA_RUNTIME_API") != ""}
	for _, opt := range opts {
		opt(&w.options)
	}
	return w
}

// Invoke answers one event. It keeps nothing of payload after it returns. It is the
// Handler, not this method, that lambda.Start takes: of a func with these parameters
// aws-lambda-go makes one whose event is a JSON string in base64.
//
// A malformed request is answered with status 400, as net/http does; a panic of the
// http.Handler with 500, and logged with its stack; a reply larger than the front
// door takes with 500, and logged with its size and the limit. An error means that
// the event is no HTTP request and there is no fallback, or comes from the
// fallback, or is a panic under WithPanicError.
func (h *Handler) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	inv := &invocation{parent: ctx, payload: payload, handler: h}
	defer inv.end()
	if err := inv.decode(); err != nil {
		return h.decline(inv, err)
	}
	return inv.answer()
}

// decode reads the event, and notes what is asked of it while a handler may be at work.
func (inv *invocation) decode() error {
	err := event.DecodeRequest(inv.payload, &inv.event)
	inv.body.source = inv.event.Content
	inv.method, inv.requestURI, inv.client, inv.tls = inv.event.Method, inv.event.RequestURI, inv.event.RemoteAddr, inv.event.TLS
	return err
}

// decline answers what never reaches the http.Handler.
func (h *Handler) decline(inv *invocation, err error) ([]byte, error) {
	if bad, ok := err.(*event.RequestError); ok {
		return inv.send(malformed(bad), nil)
	}
	if h.fallback != nil {
		return h.fallback.Invoke(inv.parent, inv.payload)
	}
	return nil, fmt.Errorf("adapter: %w", err)
}

// answer runs the http.Handler to its end and encodes what it wrote.
func (inv *invocation) answer() ([]byte, error) {
	inv.response.begin(inv, nil)
	defer inv.response.release()
	failed := inv.serve(inv.handler.inLambda)
	switch {
	case failed == nil:
		return inv.send(inv.response.finish())
	case failed.status == http.StatusInternalServerError && inv.handler.panicError:
		return nil, failed
	}
	return inv.send(inv.response.replace(failed.status), nil)
}

// send encodes the reply, unless its status is one that fails the invocation.
func (inv *invocation) send(reply *event.Reply, err error) ([]byte, error) {
	if err == nil {
		if err := inv.statusError(reply.Status); err != nil {
			return nil, err
		}
	}
	return inv.encode(reply, err)
}

// serve runs the http.Handler, apart from the goroutine it is called in if it must be,
// and returns why its answer does not count, if so.
func (inv *invocation) serve(apart bool) *failure {
	if margin := inv.handler.deadlineMargin; margin > 0 {
		if deadline, ok := inv.parent.Deadline(); ok {
			return inv.serveUntil(deadline, inv.bound(margin, deadline))
		}
	}
	if apart {
		return <-inv.serveApart()
	}
	return inv.serveHTTP()
}

// serveApart runs the http.Handler in a goroutine of its own, which it may end without
// returning. Where the goroutine is the caller's, such as that of a test whose handler
// has called FailNow, it is the caller that ends: as it must for a test, and must not for
// the loop of Lambda's runtime.
func (inv *invocation) serveApart() <-chan *failure {
	done := make(chan *failure, 1)
	go func() {
		failed := &failure{http.StatusInternalServerError, errGoexit}
		defer func() { done <- failed }()
		failed = inv.serveHTTP()
	}()
	return done
}

func (inv *invocation) serveHTTP() (failed *failure) {
	returned := false
	defer func() {
		switch cause := recover(); {
		case cause != nil:
			failed = inv.caught(cause)
		case !returned:
			inv.log(slog.LevelError, "adapter: "+inv.target()+": "+errGoexit.Error())
		}
		inv.finishRequest()
	}()
	h := inv.handler.http
	if inv.event.Connection != nil && inv.handler.webSocket != nil {
		h = inv.handler.webSocket
	}
	h.ServeHTTP(&inv.response, inv.newRequest())
	returned = true
	return nil
}

// finishRequest does what net/http's server does with a request when its handler is
// done with it: the temporary files of an uploaded form are removed, and the body is
// closed. It does so however the handler has ended.
func (inv *invocation) finishRequest() {
	inv.body.finish()
	if form := inv.event.MultipartForm; form != nil {
		if err := form.RemoveAll(); err != nil {
			inv.warn("removing the temporary files of a form: %v", err)
		}
	}
}

// newRequest gives the event's request the shape of a request to net/http's server.
func (inv *invocation) newRequest() *http.Request {
	e := &inv.event
	inv.stripPrefixes()
	if source := e.Source(); source == ALB || source == ALBMulti {
		e.ReadCertificate(inv.handler.certificateHeaders)
	}
	r := e.HTTP()
	r.Proto = proto(r.ProtoMajor, r.ProtoMinor)
	r.Body, r.ContentLength = http.NoBody, int64(e.Content.Len())
	if r.ContentLength > 0 {
		r.Body = &inv.body
	}
	*r = *r.WithContext(inv)
	return r
}

func proto(major, minor int) string {
	if major == 1 && minor == 1 {
		return "HTTP/1.1"
	}
	return fmt.Sprintf("HTTP/%d.%d", major, minor)
}

// encode writes the reply for the front door, or one that says 500 where the front
// door would refuse it for its size, or err tells that it has not even been kept.
func (inv *invocation) encode(reply *event.Reply, err error) ([]byte, error) {
	var out []byte
	if err == nil {
		out, err = inv.event.Encode(reply)
	}
	if err != nil {
		inv.log(slog.LevelError, fmt.Sprintf("adapter: answered 500 to %s: %v", inv.target(), err))
		return inv.event.Encode(inv.response.replace(http.StatusInternalServerError))
	}
	if reply.LostCookies > 0 {
		inv.handler.lostCookies.Do(func() {
			inv.warn("%s takes one Set-Cookie in a reply, %d others were dropped", inv.event.Source(), reply.LostCookies)
		})
	}
	return out, nil
}

func (inv *invocation) warn(format string, args ...any) {
	inv.log(slog.LevelWarn, "adapter: "+inv.target()+": "+fmt.Sprintf(format, args...))
}

func (inv *invocation) log(level slog.Level, message string, args ...any) {
	inv.handler.log(inv.parent, level, message, args...)
}

func (inv *invocation) target() string { return inv.method + " " + inv.requestURI }
