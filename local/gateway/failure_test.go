package gateway_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/local/gateway"
	"github.com/lambridge-go/lambridge/local/invoke"
)

// albFailed is what a load balancer answers by itself.
func albFailed(title string) response {
	return alb(title, "<html>\r\n<head><title>"+title+"</title></head>\r\n<body>\r\n<center><h1>"+title+"</h1></center>\r\n</body>\r\n</html>\r\n", "Content-Type: text/html")
}

// urlFailed is what a function URL answers by itself.
func urlFailed(status, kind, body string) response {
	return wire(status, body, "x-amzn-RequestId: UUID", "x-amzn-ErrorType: "+kind, asJSON)
}

func TestFailures(t *testing.T) {
	t.Parallel()
	crash := fails(&invoke.Error{Type: invoke.TypeExit, Message: "exit status 3"})
	late := fails(&invoke.Error{Type: invoke.TypeTimeout, Message: "Task timed out after 3.00 seconds"})
	busy := fails(fmt.Errorf("no instance: %w", invoke.ErrThrottled))
	big := fails(invoke.ErrTooLarge)
	unknown := fails(errors.New("something else"))
	long := replies(`{"statusCode":200,"body":"` + strings.Repeat("x", invoke.MaxPayload) + `"}`)
	const (
		crashed = "function failed: Runtime.ExitError: exit status 3"
		timed   = "function failed: Sandbox.Timedout: Task timed out after 3.00 seconds"
		rate    = "no instance: invoke: rate exceeded: every instance of the function is busy"
		size    = "invoke: the event is larger than Lambda accepts"
	)
	tooLong := fmt.Sprintf("the reply has %d bytes, the limit is %d", len(`{"statusCode":200,"body":""}`)+invoke.MaxPayload, invoke.MaxPayload)
	serviceUnavailable := httpAPI("503 Service Unavailable", `{"message":"Service Unavailable"}`, asJSON)
	tooLarge := httpAPI("413 Request Entity Too Large", `{"message":"Request Entity Too Large"}`, asJSON)
	internal := restFailed("500 Internal Server Error", "InternalServerErrorException", `{"message": "Internal server error"}`)

	for name, test := range map[string]struct {
		source   gateway.Source
		function lambdaFunc
		want     response
		why      string
	}{
		"REST, a failed function (rule 121, B3)": {gateway.REST, crash, rest502(), crashed},
		"REST, the function's timeout (B3)":      {gateway.REST, late, rest502(), timed},
		"REST, an unknown error":                 {gateway.REST, unknown, rest502(), "something else"},
		"REST, throttled (section 1.6)":          {gateway.REST, busy, internal, rate},
		"REST, too large an event (B3)":          {gateway.REST, big, restFailed("413 Request Entity Too Large", "RequestTooLargeException", `{"message":"Request Too Long"}`), size},
		"REST, too large a reply (rule 167)":     {gateway.REST, long, rest502(), tooLong},
		"1.0, a failed function (B3)":            {gateway.HTTPv1, crash, httpAPI500(), crashed},
		"1.0, too large an event (B3)":           {gateway.HTTPv1, big, tooLarge, size},
		"2.0, a failed function (B3)":            {gateway.HTTPv2, crash, httpAPI500(), crashed},
		"2.0, the function's timeout (B3)":       {gateway.HTTPv2, late, httpAPI500(), timed},
		"2.0, throttled":                         {gateway.HTTPv2, busy, serviceUnavailable, rate},
		"2.0, too large an event (B3)":           {gateway.HTTPv2, big, tooLarge, size},
		"2.0, too large a reply (rule 167)":      {gateway.HTTPv2, long, httpAPI500(), tooLong},
		"URL, a failed function (rule 139, B7)":  {gateway.FunctionURL, crash, furl502(), crashed},
		"URL, throttled":                         {gateway.FunctionURL, busy, urlFailed("429 Too Many Requests", "TooManyRequestsException", `{"Reason":"ReservedFunctionConcurrentInvocationLimitExceeded","Type":"User","message":"Rate Exceeded."}`), rate},
		"URL, too large an event":                {gateway.FunctionURL, big, urlFailed("413 Request Entity Too Large", "RequestTooLargeException", `{"Message":"Request must be smaller than 6291456 bytes for the InvokeFunction operation"}`), size},
		"ALB, a failed function (section 5.2)":   {gateway.ALB, crash, alb502(), crashed},
		"ALB, throttled (section 5.2)":           {gateway.ALBMulti, busy, alb502(), rate},
		"ALB, too large an event (section 5.2)":  {gateway.ALB, big, albFailed("413 Request Entity Too Large"), size},
		"ALB, too large a reply (rule 151, B6)": {gateway.ALB, replies(`{"statusCode":200,"body":"` + strings.Repeat("x", 1<<20) + `"}`), alb502(),
			fmt.Sprintf("the reply has %d bytes, the limit is %d", 28+1<<20, 1<<20)},
		"Lattice, a failed function": {gateway.LatticeV2, crash, wire("500 Internal Server Error", "Internal Server Error", "Content-Type: text/plain"), crashed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var seen gateway.Exchange
			g := open(t, config{Source: test.source, Function: test.function, Observe: func(x gateway.Exchange) { seen = x }})
			assert.Equal(t, sorted(test.want), converse(t, g, get))
			assert.EqualError(t, seen.Err, "gateway: "+test.why)
		})
	}
}

// A request that is over a limit does not reach the function.
// A refusal comes ahead of a body that is only announced: nothing is kept for it, and
// nobody waits for it.
func TestRefusalsAheadOfTheBody(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		head string
		want int
	}{
		"more than fits into 63 bits doubled":       {"POST / HTTP/1.1\r\nHost: api\r\nContent-Length: 9000000000000000000\r\n\r\nabc", 413},
		"as much as there can be":                   {"POST / HTTP/1.1\r\nHost: api\r\nContent-Length: 9223372036854775807\r\n\r\nabc", 413},
		"a byte more than 32 bits hold":             {"POST / HTTP/1.1\r\nHost: api\r\nContent-Length: 4294967296\r\n\r\n", 413},
		"what is sent when it is waited for":        {"POST / HTTP/1.1\r\nHost: api\r\nExpect: 100-continue\r\nContent-Length: 20000000\r\n\r\n", 413},
		"a body that fits, of a line that does not": {"POST /" + strings.Repeat("x", 20000) + " HTTP/1.1\r\nHost: api\r\nContent-Length: 1000\r\n\r\nabc", 414},
	} {
		for _, source := range sources() {
			if test.want == 414 && source != gateway.REST && source != gateway.ALB {
				continue // another status, or no limit
			}
			t.Run(name+", "+string(source), func(t *testing.T) {
				t.Parallel()
				server := httptest.NewServer(open(t, config{Source: source}))
				defer server.Close()
				conn, err := net.Dial("tcp", server.Listener.Addr().String())
				require.NoError(t, err)
				defer conn.Close()
				require.NoError(t, conn.SetDeadline(time.Now().Add(patience)))
				_, err = io.WriteString(conn, test.head)
				require.NoError(t, err)
				assert.Contains(t, read(t, bufio.NewReader(conn), false).Status, strconv.Itoa(test.want))
			})
		}
	}
}

// A client that sends on nevertheless hears why it is refused.
func TestRefusalsOfLargeUploads(t *testing.T) {
	t.Parallel()
	for _, protocol := range []string{"HTTP/1.1", "HTTP/2.0"} {
		for _, source := range sources() {
			t.Run(protocol+", "+string(source), func(t *testing.T) {
				t.Parallel()
				server := httptest.NewUnstartedServer(open(t, config{Source: source}))
				server.Config.Protocols = new(http.Protocols)
				server.Config.Protocols.SetHTTP1(true)
				server.Config.Protocols.SetUnencryptedHTTP2(true)
				server.Start()
				defer server.Close()
				transport := &http.Transport{Protocols: new(http.Protocols)}
				transport.Protocols.SetHTTP1(protocol == "HTTP/1.1")
				transport.Protocols.SetUnencryptedHTTP2(protocol == "HTTP/2.0")
				defer transport.CloseIdleConnections()
				request, err := http.NewRequest("POST", server.URL, io.LimitReader(zeros{}, 12<<20))
				require.NoError(t, err)
				request.ContentLength = 12 << 20
				response, err := transport.RoundTrip(request)
				require.NoError(t, err)
				defer response.Body.Close()
				assert.Equal(t, protocol, response.Proto)
				assert.Equal(t, 413, response.StatusCode)
				_, err = io.Copy(io.Discard, response.Body)
				assert.NoError(t, err)
			})
		}
	}
}

func TestRequestsOverTheLimit(t *testing.T) {
	t.Parallel()
	post := func(length int, header string) string {
		return "POST / HTTP/1.1\r\nHost: api\r\n" + header + fmt.Sprintf("Content-Length: %d\r\n\r\n", length) + strings.Repeat("x", length)
	}
	chunked := func(length int) string {
		return "POST / HTTP/1.1\r\nHost: api\r\nTransfer-Encoding: chunked\r\n\r\n" + fmt.Sprintf("%x\r\n", length) + strings.Repeat("x", length) + "\r\n0\r\n\r\n"
	}
	restLarge := restFailed("413 Request Entity Too Large", "RequestTooLargeException", `{"message":"Request Too Long"}`)
	tooLarge := httpAPI("413 Request Entity Too Large", `{"message":"Request Entity Too Large"}`, asJSON)
	payload := fmt.Sprintf("the event is larger than the %d bytes that Lambda accepts", invoke.MaxPayload)
	// How many bytes of header a REST API has left beside these.
	room := 10240 - len("Host: api\r\n") - len("X: \r\n")

	for name, test := range map[string]struct {
		source  gateway.Source
		request string
		want    response // the zero value is the function's answer
		why     string
	}{
		"REST, 10 MB and a byte (B6)":                 {gateway.REST, post(10<<20+1, ""), restLarge, "the request's body has 10485761 bytes, REST APIs allow 10485760"},
		"REST, 10 MB and a byte, piece (B6)":          {gateway.REST, chunked(10<<20 + 1), restLarge, payload},
		"REST, over 6 MB (section 1.6, B3)":           {gateway.REST, post(6<<20+101, ""), restLarge, payload},
		"REST, under 6 MB":                            {gateway.REST, post(6<<20-2000, ""), response{}, ""},
		"1.0, 10 MB and a byte (B6)":                  {gateway.HTTPv1, post(10<<20+1, ""), tooLarge, "the request's body has 10485761 bytes, HTTP APIs allow 10485760"},
		"2.0, over 6 MB as base64 (B3)":               {gateway.HTTPv2, post(5<<20, ""), tooLarge, payload},
		"2.0, 4.4 MB as base64 (section 11)":          {gateway.HTTPv2, post(4400<<10, ""), response{}, ""},
		"URL, over 6 MB (section 4.2)":                {gateway.FunctionURL, post(6<<20+101, "Content-Type: text/plain\r\n"), urlFailed("413 Request Entity Too Large", "RequestTooLargeException", `{"Message":"Request must be smaller than 6291456 bytes for the InvokeFunction operation"}`), payload},
		"ALB, 1 MB and a byte (section 5.2, B6)":      {gateway.ALB, post(1<<20+1, ""), albFailed("413 Request Entity Too Large"), "the request's body has 1048577 bytes, Application Load Balancers allow 1048576"},
		"ALB, 1 MB in pieces (section 5.2, B6)":       {gateway.ALB, chunked(1<<20 + 1), albFailed("413 Request Entity Too Large"), "the request's body is over the 1048576 bytes that Application Load Balancers allow"},
		"ALB, 1 MB (section 5.2)":                     {gateway.ALB, post(1<<20, ""), response{}, ""},
		"ALB, an upgrade (section 5.2, B6)":           {gateway.ALB, "GET / HTTP/1.1\r\nHost: api\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n", albFailed("400 Bad Request"), `Application Load Balancers do not let functions upgrade to "websocket"`},
		"REST, a header of 10240 B (section 1.2, B6)": {gateway.REST, "GET / HTTP/1.1\r\nHost: api\r\nX: " + strings.Repeat("x", room) + "\r\n\r\n", response{}, ""},
		"REST, a byte more (section 1.2, B6)":         {gateway.REST, "GET / HTTP/1.1\r\nHost: api\r\nX: " + strings.Repeat("x", room+1) + "\r\n\r\n", restFailed("431 Request Header Fields Too Large", "BadRequestException", `{"message":"Request Header Fields Too Large"}`), "the request's header has 10241 bytes, REST APIs allow 10240"},
		"2.0 counts the line, too (section 3.4, B6)":  {gateway.HTTPv2, "GET / HTTP/1.1\r\nHost: api\r\nX: " + strings.Repeat("x", room) + "\r\n\r\n", httpAPI("431 Request Header Fields Too Large", `{"message":"Request Header Fields Too Large"}`, asJSON), "the request's header has 10256 bytes, HTTP APIs allow 10240"},
		"REST, an ARN of 1601 B (section 1.6, B6)":    {gateway.REST, "GET /" + strings.Repeat("x", 1538) + " HTTP/1.1\r\nHost: api\r\n\r\n", restFailed("414 Request URI Too Long", "RequestURITooLongException", `{"message":"Request URI too long"}`), "the ARN of the method and path has 1601 bytes, REST APIs allow 1600"},
		"REST, a URL of 10241 B (section 1.6, B6)":    {gateway.REST, "GET /?" + strings.Repeat("x", 10239) + " HTTP/1.1\r\nHost: api\r\n\r\n", restFailed("414 Request URI Too Long", "RequestURITooLongException", `{"message":"Request URI too long"}`), "the URL has 10241 bytes, REST APIs allow 10240"},
	} {
		t.Run(name, func(t *testing.T) {
			var seen gateway.Exchange
			invoked := false
			g := open(t, config{Source: test.source, Observe: func(x gateway.Exchange) { seen = x },
				Function: lambdaFunc(func(context.Context, []byte) ([]byte, error) {
					invoked = true
					return []byte(`{"statusCode":200,"body":"invoked"}`), nil
				})})
			got := converse(t, g, test.request)
			if test.why == "" {
				assert.Equal(t, "invoked", got.Body)
				return
			}
			assert.Equal(t, sorted(test.want), got)
			assert.False(t, invoked)
			assert.EqualError(t, seen.Err, "gateway: "+test.why)
		})
	}
}

// A function may take as long as it wants; the client gets an answer in time.
func TestTimeouts(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		cfg   config
		after time.Duration
		want  int
		body  string
	}{
		"REST (B3)":                             {config{Source: gateway.REST}, 29 * time.Second, 504, `{"message": "Endpoint request timed out"}`},
		"1.0 (B3)":                              {config{Source: gateway.HTTPv1}, 30 * time.Second, 503, `{"message":"Service Unavailable"}`},
		"2.0 (B3)":                              {config{Source: gateway.HTTPv2}, 30 * time.Second, 503, `{"message":"Service Unavailable"}`},
		"a raised limit (B6)":                   {config{Source: gateway.REST, Timeout: time.Minute}, time.Minute, 504, `{"message": "Endpoint request timed out"}`},
		"URL waits for the function":            {config{Source: gateway.FunctionURL}, 16 * time.Minute, 502, "Internal Server Error"},
		"REST, for ever":                        {config{Source: gateway.REST, Timeout: -1}, 16 * time.Minute, 502, `{"message": "Internal server error"}`},
		"2.0, for ever":                         {config{Source: gateway.HTTPv2, Timeout: -1}, 16 * time.Minute, 500, `{"message":"Internal Server Error"}`},
		"a stream, for ever":                    {config{Source: gateway.REST, Stream: true, Timeout: -1}, 16 * time.Minute, 502, `{"message": "Internal server error"}`},
		"URL, for ever":                         {config{Source: gateway.FunctionURL, Timeout: -1}, 16 * time.Minute, 502, "Internal Server Error"},
		"15 minutes for a stream (section 1.6)": {config{Source: gateway.REST, Stream: true}, 15 * time.Minute, 504, `{"message": "Endpoint request timed out"}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				wait := func(ctx context.Context) error {
					select {
					case <-ctx.Done():
						return ctx.Err()
					case <-time.After(16 * time.Minute):
						return &invoke.Error{Type: invoke.TypeTimeout}
					}
				}
				test.cfg.Function = waits{wait}
				test.cfg.Now = time.Now
				var seen gateway.Exchange
				test.cfg.Observe = func(x gateway.Exchange) { seen = x }
				w := httptest.NewRecorder()
				open(t, test.cfg).ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
				assert.Equal(t, test.want, w.Code)
				assert.Equal(t, test.body, w.Body.String())
				assert.Equal(t, test.after, seen.Duration)
			})
		})
	}
}

// waits is a function that fails when its func returns.
type waits struct{ wait func(context.Context) error }

func (w waits) Invoke(ctx context.Context, _ []byte) ([]byte, error) { return nil, w.wait(ctx) }

func (w waits) InvokeStream(ctx context.Context, _ []byte) (*invoke.Stream, error) {
	return nil, w.wait(ctx)
}

// An Invoker that does not watch its context answers too late all the same.
func TestLateRepliesAreTimeouts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := open(t, config{Source: gateway.REST, Function: lambdaFunc(func(context.Context, []byte) ([]byte, error) {
			<-time.After(30 * time.Second) // in the bubble's time
			return []byte(`{}`), nil
		})})
		w := httptest.NewRecorder()
		g.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
		assert.Equal(t, 504, w.Code)
	})
}

// The function sees the deadline that its own timeout makes, and failing to meet
// it is its own failure.
func TestDeadlines(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var seen time.Time
		g := open(t, config{Source: gateway.HTTPv2, Function: lambdaFunc(func(ctx context.Context, _ []byte) ([]byte, error) {
			seen, _ = ctx.Deadline()
			<-ctx.Done()
			return nil, ctx.Err()
		})})
		deadline := time.Now().Add(3 * time.Second)
		for name, ctx := range map[string]func() (context.Context, context.CancelFunc){
			"of the Request": func() (context.Context, context.CancelFunc) {
				return gateway.WithRequest(t.Context(), gateway.Request{Deadline: deadline}), func() {}
			},
			"of the request's context": func() (context.Context, context.CancelFunc) {
				return context.WithDeadline(t.Context(), deadline)
			},
		} {
			ctx, cancel := ctx()
			w := httptest.NewRecorder()
			g.ServeHTTP(w, httptest.NewRequest("GET", "/", nil).WithContext(ctx))
			cancel()
			assert.Equal(t, deadline, seen, name)
			assert.Equal(t, 500, w.Code, name)
		}
	})
}

// A function runs to its end, whether or not its client waits.
func TestClientsThatGoAwayDoNotStopTheFunction(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	var failed error
	g := open(t, config{Source: gateway.HTTPv2, Function: lambdaFunc(func(ctx context.Context, _ []byte) ([]byte, error) {
		cancel()
		failed = ctx.Err()
		return []byte(`{"statusCode":200}`), nil
	})})
	w := httptest.NewRecorder()
	g.ServeHTTP(w, httptest.NewRequest("GET", "/", nil).WithContext(ctx))
	require.NoError(t, failed)
	assert.Equal(t, 200, w.Code)
}

func TestRefusedRequests(t *testing.T) {
	t.Parallel()
	nobody := func(*gateway.Arrival) (gateway.Authorization, error) {
		return gateway.Authorization{}, errors.New("no token")
	}
	for name, test := range map[string]struct {
		cfg     config
		request string
		want    response
		why     string
	}{
		"REST, no resource (rule 119, B1)": {config{Source: gateway.REST, Routes: []string{"GET /items"}}, get,
			restFailed("403 Forbidden", "MissingAuthenticationTokenException", `{"message":"Missing Authentication Token"}`), "no route serves GET /"},
		"REST, another method (B1)": {config{Source: gateway.REST, Routes: []string{"POST /"}}, get,
			restFailed("403 Forbidden", "MissingAuthenticationTokenException", `{"message":"Missing Authentication Token"}`), "no route serves GET /"},
		"2.0, no route (rule 132, B1)": {config{Source: gateway.HTTPv2, Routes: []string{"GET /items"}}, get,
			httpAPI("404 Not Found", `{"message":"Not Found"}`, asJSON), "no route serves GET /"},
		"1.0, no route (rule 132)": {config{Source: gateway.HTTPv1, Routes: []string{"GET /items"}}, get,
			httpAPI("404 Not Found", `{"message":"Not Found"}`, asJSON), "no route serves GET /"},
		"REST, no such stage": {config{Source: gateway.REST, Stage: "dev"}, get,
			restFailed("403 Forbidden", "ForbiddenException", `{"message":"Forbidden"}`), `the path "/" does not begin with "/dev"`},
		"2.0, no such stage": {config{Source: gateway.HTTPv2, Stage: "dev"}, "GET /device HTTP/1.1\r\nHost: api\r\n\r\n",
			httpAPI("404 Not Found", `{"message":"Not Found"}`, asJSON), `the path "/device" does not begin with "/dev"`},
		"REST, no such base path": {config{Source: gateway.REST, BasePath: "/shop"}, get,
			restFailed("403 Forbidden", "ForbiddenException", `{"message":"Forbidden"}`), `the path "/" does not begin with "/shop"`},
		"REST, unauthorized (B5)": {config{Source: gateway.REST, Authorizer: nobody}, get,
			restFailed("401 Unauthorized", "UnauthorizedException", `{"message":"Unauthorized"}`), "the authorizer turned the request down: no token"},
		"2.0, unauthorized (B5)": {config{Source: gateway.HTTPv2, Authorizer: nobody}, get,
			httpAPI("401 Unauthorized", `{"message":"Unauthorized"}`, asJSON), "the authorizer turned the request down: no token"},
		"URL, unauthorized (section 4.2, B7)": {config{Source: gateway.FunctionURL, Authorizer: nobody}, get,
			urlFailed("403 Forbidden", "AccessDeniedException", `{"Message":"Forbidden. For troubleshooting Function URL authorization issues, see: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html"}`), "the authorizer turned the request down: no token"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var seen gateway.Exchange
			test.cfg.Observe = func(x gateway.Exchange) { seen = x }
			g := open(t, test.cfg)
			assert.Equal(t, sorted(test.want), converse(t, g, test.request))
			assert.EqualError(t, seen.Err, "gateway: "+test.why)
			assert.Nil(t, seen.Event)
		})
	}
}

func TestRequestsForTheServerItself(t *testing.T) {
	t.Parallel()
	for _, source := range sources() {
		_, err := open(t, config{Source: source}).Event(httptest.NewRequest("OPTIONS", "*", nil))
		assert.EqualError(t, err, `gateway: the path "*" does not begin with a slash`, source)
	}
}
