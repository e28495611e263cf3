package lambdatest

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/lambridge-go/lambridge/internal/headercount"
	"github.com/lambridge-go/lambridge/internal/source"
	"github.com/lambridge-go/lambridge/local/gateway"
	"github.com/lambridge-go/lambridge/local/invoke"
)

// Source names a front door of Lambda. It is the type that adapter.SourceOf returns.
type Source = source.Source

// The front doors.
const (
	REST        = source.REST        // API Gateway REST API
	HTTPv1      = source.HTTPv1      // API Gateway HTTP API, payload format 1.0
	HTTPv2      = source.HTTPv2      // API Gateway HTTP API, payload format 2.0
	FunctionURL = source.FunctionURL // Lambda function URL
	ALB         = source.ALB         // Application Load Balancer, single-value headers
	ALBMulti    = source.ALBMulti    // Application Load Balancer, multi-value headers
	LatticeV1   = source.LatticeV1   // VPC Lattice, event structure 1.0
	LatticeV2   = source.LatticeV2   // VPC Lattice, event structure 2.0
	WebSocket   = source.WebSocket   // API Gateway WebSocket API: see Dial
)

// Do sends req through the front door to the function h and returns what the
// client gets. It uses no network, and returns when the function has, or as soon as
// the function begins to stream: the body is then read while the function still
// writes. The end of the test closes the body and ends the function's context, if
// nothing else has.
//
// h is a function as lambda.Start takes it: something with Invoke, such as
// adapter.Wrap returns, what lambda.NewHandler returns, what adapter.Stream
// returns, or a func of any signature that aws-lambda-go knows. A reply that is a
// reader streams where the front door can, as adapter.Stream's is and that of a func
// which wraps it.
//
// req is what httptest.NewRequest or http.NewRequest returns. Its body is read, so
// that a request with a body serves only once.
//
// An answer that is the front door's own, because the function failed or its reply
// was not acceptable, is an ordinary response too, such as 502; what went wrong is
// in the test's log. Misuse ends the test. Do is safe for concurrent use.
func Do(tb testing.TB, h any, source Source, req *http.Request, opts ...Option) *http.Response {
	t := newTransport(h, source, opts)
	resp, tell := t.do(tb, req)
	if tell != nil {
		tb.Helper()
		tell()
	}
	return resp
}

// do is what Do does with a transport. What the test is to be told, nil if nothing, the
// caller tells it: to name a helper, which a test's log needs, takes as long as a part of
// the request does.
func (t *transport) do(tb testing.TB, req *http.Request) (resp *http.Response, tell func()) {
	body, misuse := t.take(req)
	if misuse != nil {
		return nil, func() { tb.Helper(); misused(tb, misuse) }
	}
	spend(req)
	got, err := t.send(req, body, false)
	if err != nil {
		return nil, func() { tb.Helper(); tb.Fatal(err) }
	}
	if stream, ok := got.Body.(*streamBody); ok {
		stream.atEnd = func() {
			if x, ended := exchangeOf(got); ended {
				logTrouble(tb, x)
			}
		}
		tb.Cleanup(stream.abandon)
		return got, nil
	}
	if x, ended := exchangeOf(got); ended && isTrouble(x) {
		return got, func() { tb.Helper(); logTrouble(tb, x) }
	}
	return got, nil
}

// NewEvent returns the event that the front door sends to a function for req, to
// be passed to a handler's Invoke, as a benchmark does again and again. It ends the
// test if the front door would turn req down. The body of req is read.
func NewEvent(tb testing.TB, source Source, req *http.Request, opts ...Option) []byte {
	tb.Helper()
	set, err := setUp(source, opts)
	if err == nil {
		err = set.check()
	}
	if err != nil {
		misused(tb, err)
	}
	t := &transport{request: &set.request}
	body, err := t.take(req)
	if err != nil {
		tb.Fatal(err)
	}
	spend(req)
	payload, err := set.api.Event(asSent(req, body, t.tell(req.Context(), nil)))
	if err != nil {
		tb.Fatalf("lambdatest: the front door %q does not pass the request on: %v", source, err)
	}
	return payload
}

// NewServer starts a server that is the front door of the function h, for tests
// that need a URL: browsers, clients of an API, streams as they arrive. It listens
// on a port of its own on the loopback and is closed when the test ends. A bubble of
// testing/synctest has no network: there, [Transport] is the server in memory.
func NewServer(tb testing.TB, h any, source Source, opts ...Option) *httptest.Server {
	tb.Helper()
	t := newTransport(h, source, opts)
	return t.server(tb)
}

// server is what NewServer does with a transport.
func (t *transport) server(tb testing.TB) *httptest.Server {
	tb.Helper()
	if t.err != nil {
		misused(tb, t.err)
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx := t.tell(withFunction(r.Context(), t.function), func(x gateway.Exchange) { logTrouble(tb, &x) })
		t.handler.ServeHTTP(w, r.WithContext(ctx))
	}))
	headercount.Unlimit(server.Config)
	server.Start()
	tb.Cleanup(server.Close)
	return server
}

// Transport returns a RoundTripper that sends every request through the front door
// to the function h, for an http.Client without a network. Like [Do] it answers when
// the function is done, or begins to stream. It keeps to what http.Transport does:
// redirects, cookies and timeouts are the client's, the scheme of the URL tells whether
// the client came over TLS, and a request whose context ends fails with its cause. The
// function then goes on to its end, as it does in Lambda when a client leaves. All other
// errors are those of misuse. It is safe for concurrent use.
func Transport(h any, source Source, opts ...Option) http.RoundTripper {
	t := newTransport(h, source, opts)
	return &t
}

// A transport is a front door and its function, as the options have set them up.
type transport struct {
	handler  http.Handler
	gateway  *gateway.Gateway // the handler of one function
	function invoke.Invoker   // of a plain front door
	streams  bool
	request  *gateway.Request // what options say of every request
	err      error            // misuse, which every request fails with
}

func newTransport(h any, source Source, opts []Option) transport {
	function, misuse := functionOf(h)
	_, streams := function.(invoke.Streamer)
	if len(opts) == 0 && misuse == nil {
		if made := plain(source, streams); made != nil {
			return made.of(function)
		}
	}
	set, err := setUp(source, opts)
	if err == nil {
		err = misuse
	}
	if err != nil {
		return transport{err: err}
	}
	return set.transport(function, streams && set.facts.Streams)
}

// setUp lets the options say how a front door is set up.
func setUp(source Source, opts []Option) (settings, error) {
	if source == WebSocket {
		return settings{}, errors.New("lambdatest: a WebSocket API carries messages, not requests: use Dial for a conversation")
	}
	facts, ok := gateway.Facts(source)
	if !ok {
		return settings{}, fmt.Errorf("lambdatest: %q is no front door: use one of %q", source, gateway.Sources())
	}
	s := settings{facts: facts}
	s.api.Kind = facts.Kind
	if facts.BinaryMediaTypes {
		s.api.BinaryMediaTypes = []string{"*/*"}
	}
	for _, opt := range opts {
		opt(&s)
	}
	s.api.Default = gateway.Lambda(nil, gateway.LambdaOptions{Format: facts.Format})
	if s.err != nil {
		return s, fmt.Errorf("lambdatest: %w", s.err)
	}
	return s, nil
}

// check says what is wrong with the front door, without a function.
func (s settings) check() error {
	if err := s.api.Check(); err != nil {
		return fmt.Errorf("lambdatest: %w", err)
	}
	return nil
}

// transport puts the front door in front of a function.
func (s settings) transport(function invoke.Invoker, stream bool) transport {
	s.api.Default = gateway.Lambda(function, gateway.LambdaOptions{Format: s.facts.Format, Stream: stream, Either: stream})
	door, err := gateway.New(s.api, gateway.Options{})
	if err != nil {
		return transport{err: fmt.Errorf("lambdatest: %w", err)}
	}
	return transport{handler: door, gateway: door, streams: stream, request: &s.request}
}

// RoundTrip implements http.RoundTripper.
func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := t.take(req)
	if err != nil {
		return nil, err
	}
	ctx := req.Context()
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	return t.send(req, body, ctx.Done() != nil)
}

// send returns the response to req, which is sent with that body. Who can leave has the
// function run in another goroutine: how long the client waits is not its affair.
func (t *transport) send(req *http.Request, body []byte, canLeave bool) (*http.Response, error) {
	both := new(struct { // one piece of memory
		outcome  outcome
		recorder recorder
	})
	seen, w := &both.outcome, &both.recorder
	seen.Context, seen.function, w.method = req.Context(), t.function, req.Method
	var ctx context.Context = seen
	if canLeave {
		ctx = context.WithoutCancel(seen)
	}
	sent := asSent(req, body, t.tell(ctx, seen.observe))
	if !t.streams && !canLeave {
		t.handler.ServeHTTP(w, sent)
		w.end()
		// Nobody else has what was sent any more: it becomes what the response shows.
		sent.Body, sent.Host, sent.TLS = req.Body, req.Host, req.TLS
		return w.response(sent)
	}
	req = req.WithContext(seen)
	// The function goes on after this call if it streams, or the client has left. Its
	// test stops a stream, through life: the client's context is for the client to end.
	life, stop := context.WithCancel(context.Background())
	handler := t.handler
	w.readWhileWritten()
	go func() {
		defer stop()
		defer w.end()
		handler.ServeHTTP(w, sent.WithContext(withLife(sent.Context(), life)))
	}()
	client := req.Context()
	select {
	case <-w.begun:
	case <-client.Done():
		go w.discard()
		return nil, context.Cause(client)
	}
	if w.stream != nil {
		w.stream.stop, w.stream.client = stop, client
		context.AfterFunc(client, func() { w.stream.Close() })
	}
	return w.response(req)
}

// asSent returns req as it is sent: with its body in memory, that context, and what the URL
// of a client's request says besides.
func asSent(req *http.Request, body []byte, ctx context.Context) *http.Request {
	sent := req.WithContext(ctx)
	sent.Body = http.NoBody
	if len(body) > 0 {
		sent.Body = io.NopCloser(bytes.NewReader(body))
	}
	if sent.Host == "" {
		sent.Host = sent.URL.Host
	}
	if sent.TLS == nil && sent.URL.Scheme == "https" {
		sent.TLS = &tls.ConnectionState{Version: tls.VersionTLS13, HandshakeComplete: true, ServerName: sent.URL.Hostname()}
	}
	return sent
}

// take returns the body of req, unless it cannot be sent. The body of req itself is read
// and closed in any case.
func (t *transport) take(req *http.Request) ([]byte, error) {
	body, err := bodyOf(req)
	switch {
	case t.err != nil:
		return nil, t.err
	case err != nil:
		return nil, err
	case req.URL == nil:
		return nil, errors.New("lambdatest: the request has no URL: make it with httptest.NewRequest")
	}
	return body, nil
}

// bodyOf reads the body of req and closes it.
func bodyOf(req *http.Request) ([]byte, error) {
	if req == nil {
		return nil, errors.New("lambdatest: the request is nil: make one with httptest.NewRequest")
	}
	if req.Body == nil || req.Body == http.NoBody {
		return nil, nil
	}
	body, err := io.ReadAll(req.Body)
	req.Body.Close()
	if err != nil {
		return nil, fmt.Errorf("lambdatest: read the request's body: %w", err)
	}
	if n := int64(len(body)); n < req.ContentLength {
		return nil, fmt.Errorf("lambdatest: the request has a Content-Length of %d and a body of %d bytes: was it sent or read before? Make a new request for each call", req.ContentLength, n)
	}
	return body, nil
}

// tell adds to a context what the options say about every request, and who is told of the
// exchange.
func (t *transport) tell(ctx context.Context, observe func(gateway.Exchange)) context.Context {
	told := *t.request
	told.Observe = observe
	return gateway.WithRequest(ctx, told)
}

// spend makes sending req once more an error that says so.
func spend(req *http.Request) {
	if req.Body != nil && req.Body != http.NoBody {
		req.Body = spent{}
	}
}

// spent is the body that a request has after it was sent.
type spent struct{}

func (spent) Close() error { return nil }
func (spent) Read([]byte) (int, error) {
	return 0, errors.New("the body was sent before: make a new request for each call")
}
