package adapter_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"time"

	"github.com/lambridge-go/lambridge/adapter"
)

// Events as Lambda would hand them to a function, cut down to what the examples need.
const (
	helloEvent    = `{"version": "2.0", "rawPath": "/hello/you", "headers": {"host": "api.example.com"}, "requestContext": {"stage": "$default", "http": {"method": "GET"}}}`
	stagedEvent   = `{"version": "2.0", "rawPath": "/dev/api/hello", "requestContext": {"stage": "dev", "http": {"method": "GET"}}}`
	tokenEvent    = `{"version": "2.0", "rawPath": "/", "requestContext": {"stage": "$default", "http": {"method": "GET"}, "authorizer": {"jwt": {"claims": {"sub": "ann"}, "scopes": null}}}}`
	queueEvent    = `{"Records": [{"eventSource": "aws:sqs", "body": "job"}]}`
	chatEvent     = `{"requestContext": {"eventType": "MESSAGE", "routeKey": "say", "connectionId": "c1", "domainName": "ws.example.com", "stage": "prod"}, "body": "hello"}`
	urlEvent      = `{"version": "2.0", "rawPath": "/", "requestContext": {"domainName": "x.lambda-url.us-east-1.on.aws", "http": {"method": "GET"}}}`
	latticeEvent  = `{"raw_path": "/", "method": "POST", "headers": {}}`
	balancerEvent = `{"path": "/", "httpMethod": "POST", "multiValueHeaders": {}, "requestContext": {"elb": {}}}`
)

// print shows what a function makes of an event. In a function, lambda.Start calls
// Invoke.
func print(h *adapter.Handler, event string) {
	reply, err := h.Invoke(context.Background(), []byte(event))
	if err != nil {
		fmt.Println("error:", err)
		return
	}
	fmt.Println(string(reply))
}

func Example() {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /hello/{name}", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "Hello, %s!", r.PathValue("name"))
	})
	print(adapter.Wrap(mux), helloEvent) // in a function: lambda.Start(adapter.Wrap(mux))
	// Output:
	// {"statusCode":200,"headers":{"Content-Type":"text/plain; charset=utf-8"},"body":"Hello, you!","isBase64Encoded":false}
}

// One function serves events of every front door, each with a reply as it wants it.
func ExampleWrap() {
	h := adapter.Wrap(http.RedirectHandler("/elsewhere", http.StatusFound))
	print(h, latticeEvent)
	print(h, balancerEvent)
	// Output:
	// {"statusCode":302,"headers":{"Location":"/elsewhere"},"body":"","isBase64Encoded":false}
	// {"statusCode":302,"statusDescription":"302 Found","multiValueHeaders":{"Location":["/elsewhere"]},"body":"","isBase64Encoded":false}
}

func ExampleHandler_Invoke() {
	_, err := adapter.Wrap(http.NotFoundHandler()).Invoke(context.Background(), []byte(`{"source": "serverless-plugin-warmup"}`))
	fmt.Println(err)
	// Output:
	// adapter: not an HTTP event: an object with the members "source"
}

func ExampleStream() {
	ticks := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		for i := range 3 {
			fmt.Fprintf(w, "data: %d\n", i)
			w.(http.Flusher).Flush()
		}
	})
	function := adapter.Stream(ticks) // in a function: lambda.Start(adapter.Stream(ticks))
	reply, err := function(context.Background(), json.RawMessage(urlEvent))
	if err != nil {
		fmt.Println(err)
		return
	}
	body, _ := io.ReadAll(reply.(io.Reader))
	fmt.Printf("%q\n", body)
	// Output:
	// "{\"statusCode\":200,\"headers\":{\"Content-Type\":\"text/event-stream\"}}\x00\x00\x00\x00\x00\x00\x00\x00data: 0\ndata: 1\ndata: 2\n"
}

func ExampleSourceOf() {
	print(adapter.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if source, ok := adapter.SourceOf(r.Context()); ok && source == adapter.HTTPv2 {
			fmt.Fprint(w, source)
		}
	})), helloEvent)
	// Output:
	// {"statusCode":200,"headers":{"Content-Type":"text/plain; charset=utf-8"},"body":"http","isBase64Encoded":false}
}

func ExampleEvent() {
	type stage struct {
		RequestContext struct{ Stage string }
	}
	print(adapter.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		e, err := adapter.Event[stage](r.Context())
		if err != nil {
			http.Error(w, "no event", http.StatusInternalServerError)
			return
		}
		fmt.Fprint(w, e.RequestContext.Stage)
	})), stagedEvent)
	// Output:
	// {"statusCode":200,"headers":{"Content-Type":"text/plain; charset=utf-8"},"body":"dev","isBase64Encoded":false}
}

func ExampleRawEvent() {
	adapter.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		raw, ok := adapter.RawEvent(r.Context())
		fmt.Println(string(raw) == helloEvent, ok)
	})).Invoke(context.Background(), []byte(helloEvent))
	// Output:
	// true true
}

func ExampleCallerFrom() {
	print(adapter.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		caller, ok := adapter.CallerFrom(r.Context())
		if !ok {
			http.Error(w, "who are you?", http.StatusUnauthorized)
			return
		}
		fmt.Fprint(w, caller.Claims.Get("sub"))
	})), tokenEvent)
	// Output:
	// {"statusCode":200,"headers":{"Content-Type":"text/plain; charset=utf-8"},"body":"ann","isBase64Encoded":false}
}

func ExampleWebSocketFrom() {
	print(adapter.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		socket, ok := adapter.WebSocketFrom(r.Context())
		if !ok {
			http.Error(w, "for WebSocket clients only", http.StatusForbidden)
			return
		}
		message, _ := io.ReadAll(r.Body)
		fmt.Fprintf(w, "%s %s on %s: %s", r.Method, r.URL, socket.ConnectionID, message)
	})), chatEvent)
	// Output:
	// {"statusCode":200,"headers":{"Content-Type":"text/plain; charset=utf-8"},"body":"POST /say on c1: hello","isBase64Encoded":false}
}

func ExampleWithWebSocket() {
	chat := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.Copy(w, r.Body) })
	print(adapter.Wrap(http.NotFoundHandler(), adapter.WithWebSocket(chat)), chatEvent)
	// Output:
	// {"statusCode":200,"headers":{"Content-Type":"text/plain; charset=utf-8"},"body":"hello","isBase64Encoded":false}
}

func ExampleWithBasePath() {
	path := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.URL.Path) })
	print(adapter.Wrap(path, adapter.WithBasePath("/hello")), helloEvent)
	// Output:
	// {"statusCode":200,"headers":{"Content-Type":"text/plain; charset=utf-8"},"body":"/you","isBase64Encoded":false}
}

func ExampleWithoutStage() {
	path := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.URL.Path) })
	print(adapter.Wrap(path, adapter.WithoutStage()), stagedEvent)
	// Output:
	// {"statusCode":200,"headers":{"Content-Type":"text/plain; charset=utf-8"},"body":"/api/hello","isBase64Encoded":false}
}

// queue answers batches of SQS.
type queue struct{}

func (queue) Invoke(_ context.Context, payload []byte) ([]byte, error) {
	return []byte(`{"batchItemFailures":[]}`), nil
}

func ExampleWithFallback() {
	print(adapter.Wrap(http.NotFoundHandler(), adapter.WithFallback(queue{})), queueEvent)
	// Output:
	// {"batchItemFailures":[]}
}

func ExampleInvoker() {
	var jobs adapter.Invoker = queue{} // lambda.NewHandler makes one of any function
	print(adapter.Wrap(http.NotFoundHandler(), adapter.WithFallback(jobs)), queueEvent)
	// Output:
	// {"batchItemFailures":[]}
}

func ExampleWithLogger() {
	withoutTime := func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}
	logger := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: withoutTime}))
	twice := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusAccepted)
		w.WriteHeader(http.StatusTeapot)
	})
	print(adapter.Wrap(twice, adapter.WithLogger(logger)), helloEvent)
	// Output:
	// level=WARN msg="adapter: GET /hello/you: superfluous WriteHeader(418), the status is 202 already"
	// {"statusCode":202,"headers":{},"body":"","isBase64Encoded":false}
}

func ExampleWithDeadlineMargin() {
	slow := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond) // Lambda sets it
	defer cancel()
	h := adapter.Wrap(slow, adapter.WithDeadlineMargin(40*time.Millisecond), adapter.WithLogger(quiet()))
	reply, _ := h.Invoke(ctx, []byte(helloEvent))
	fmt.Println(string(reply[:len(`{"statusCode":504`)]))
	// Output:
	// {"statusCode":504
}

func ExampleWithPanicError() {
	broken := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("out of paper") })
	print(adapter.Wrap(broken, adapter.WithPanicError(), adapter.WithLogger(quiet())), helloEvent)
	// Output:
	// error: adapter: the handler panicked: out of paper
}

func ExamplePrefixFrom() {
	page := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, `<a href="%s/login">`, adapter.PrefixFrom(r.Context()))
	})
	print(adapter.Wrap(page, adapter.WithoutStage()), stagedEvent)
	// Output:
	// {"statusCode":200,"headers":{"Content-Type":"text/html; charset=utf-8"},"body":"<a href=\"/dev/login\">","isBase64Encoded":false}
}

func ExampleWithPrefixedLinks() {
	login := http.RedirectHandler("/login", http.StatusSeeOther)
	print(adapter.Wrap(login, adapter.WithoutStage(), adapter.WithPrefixedLinks()), stagedEvent)
	// Output:
	// {"statusCode":303,"headers":{"Content-Type":"text/html; charset=utf-8","Location":"/dev/login"},"body":"<a href=\"/login\">See Other</a>.\n\n","isBase64Encoded":false}
}

func ExampleWithErrorStatus() {
	busy := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) })
	print(adapter.Wrap(busy, adapter.WithErrorStatus(func(status int) bool { return status >= 500 })), helloEvent)
	// Output:
	// error: adapter: the answer has the status 503, which WithErrorStatus makes an error
}
