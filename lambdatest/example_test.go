package lambdatest_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/lambridge-go/lambridge/adapter"
	"github.com/lambridge-go/lambridge/lambdatest"
	"github.com/lambridge-go/lambridge/local/websocket"
)

// newApp is the application of the examples.
func newApp() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /notes/{id}", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "note %s\n", r.PathValue("id"))
	})
	return mux
}

// In a test t is the argument; examples have none.
var t = new(testing.T)

func ExampleDo() {
	app := adapter.Wrap(newApp())
	resp := lambdatest.Do(t, app, lambdatest.HTTPv2, httptest.NewRequest("GET", "/notes/7", nil))
	body, _ := io.ReadAll(resp.Body)
	fmt.Print(resp.Status, ": ", string(body))
	// Output: 200 OK: note 7
}

// The function may be one that was never an http.Handler.
func ExampleDo_typed() {
	hello := func(_ context.Context, e events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
		return events.APIGatewayV2HTTPResponse{StatusCode: 200, Body: "hello from " + e.RawPath}, nil
	}
	resp := lambdatest.Do(t, hello, lambdatest.HTTPv2, httptest.NewRequest("GET", "/world", nil))
	io.Copy(os.Stdout, resp.Body)
	// Output: hello from /world
}

// passes runs a test as go test does, which an example is not: once, whatever -count and
// -cpu say.
func passes(name string, test func(t *testing.T)) bool {
	verbose := flag.Lookup("test.v").Value.String()
	flag.Set("test.v", "false") // what it would print is not the example's
	defer flag.Set("test.v", verbose)
	var once sync.Once
	f := func(t *testing.T) { once.Do(func() { test(t) }) }
	return testing.RunTests(func(string, string) (bool, error) { return true, nil }, []testing.InternalTest{{Name: name, F: f}})
}

// A whole test: the same table through every front door.
func ExampleEach() {
	test := func(t *testing.T) { // func TestNotes(t *testing.T) {
		lambdatest.Each(t, func(t *testing.T, source lambdatest.Source) {
			app := adapter.Wrap(newApp())
			for path, status := range map[string]int{"/notes/7": 200, "/nothing": 404} {
				resp := lambdatest.Do(t, app, source, httptest.NewRequest("GET", path, nil))
				if resp.StatusCode != status {
					t.Errorf("%s: got %d, want %d", path, resp.StatusCode, status)
				}
			}
		})
	}
	fmt.Println("passes:", passes("TestNotes", test))
	// Output: passes: true
}

// What a front door does not have is skipped, and the log of the test says why.
func ExampleEach_skipped() {
	var asked []lambdatest.Source
	test := func(t *testing.T) {
		lambdatest.Each(t, func(t *testing.T, source lambdatest.Source) {
			claims := lambdatest.WithClaims(map[string]string{"sub": "ana"})
			lambdatest.Do(t, adapter.Wrap(newApp()), source, httptest.NewRequest("GET", "/notes/7", nil), claims)
			asked = append(asked, source)
		})
	}
	fmt.Println("passes:", passes("TestClaims", test), asked)
	// Output: passes: true [http http-v1 rest]
}

func ExampleSources() {
	for _, source := range lambdatest.Sources() {
		if facts, _ := lambdatest.FactsOf(source); facts.Streams {
			fmt.Println(source, "is one of", facts.Plural)
		}
	}
	// Output:
	// rest is one of REST APIs
	// url is one of function URLs
}

func ExampleNewEvent() {
	event := lambdatest.NewEvent(t, lambdatest.ALB, httptest.NewRequest("GET", "/notes/7?full=1", nil))
	var alb events.ALBTargetGroupRequest
	json.Unmarshal(event, &alb)
	fmt.Println(alb.HTTPMethod, alb.Path, alb.QueryStringParameters)
	// Output: GET /notes/7 map[full:1]
}

// Invoke in a loop is a benchmark of the function alone.
func ExampleNewEvent_benchmark() {
	benchmark := func(b *testing.B) { // func BenchmarkNote(b *testing.B) {
		app := adapter.Wrap(newApp())
		event := lambdatest.NewEvent(b, lambdatest.HTTPv2, httptest.NewRequest("GET", "/notes/7", nil))
		for b.Loop() {
			if _, err := app.Invoke(b.Context(), event); err != nil {
				b.Fatal(err)
			}
		}
	}
	flag.Set("test.benchtime", "10x") // as go test -bench . -benchtime 10x does
	fmt.Println("iterations:", testing.Benchmark(benchmark).N)
	// Output: iterations: 10
}

func ExampleNewServer() {
	server := lambdatest.NewServer(t, adapter.Wrap(newApp()), lambdatest.FunctionURL)
	defer server.Close() // a test's server is closed at its end
	resp, err := http.Get(server.URL + "/notes/7")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer resp.Body.Close()
	io.Copy(os.Stdout, resp.Body)
	// Output: note 7
}

func ExampleTransport() {
	client := http.Client{Transport: lambdatest.Transport(adapter.Wrap(newApp()), lambdatest.REST)}
	resp, err := client.Get("https://api.example.com/notes/7")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer resp.Body.Close()
	io.Copy(os.Stdout, resp.Body)
	// Output: note 7
}

func ExampleExplain() {
	resp := lambdatest.Do(t, adapter.Wrap(newApp()), lambdatest.HTTPv2, httptest.NewRequest("GET", "/nothing", nil))
	if resp.StatusCode != 200 { // t.Error(lambdatest.Explain(resp))
		first, _, _ := strings.Cut(lambdatest.Explain(resp), "Host:")
		fmt.Print(first)
	}
	// Output:
	// --- request
	// GET /nothing
}

// named is t with a name, which a test has by itself.
type named struct {
	testing.TB
	name string
}

func (n named) Name() string { return n.name }

func ExampleGolden() {
	t := named{t, "ExampleGolden"}
	resp := lambdatest.Do(t, adapter.Wrap(newApp()), lambdatest.REST, httptest.NewRequest("GET", "/notes/7", nil))
	lambdatest.Golden(t, resp) // compares it with a file named after the test
	fmt.Println("failed:", t.Failed())
	// Output: failed: false
}

func ExampleReplay() {
	test := func(t *testing.T) { // func TestRecorded(t *testing.T) {
		lambdatest.Replay(t, adapter.Wrap(newApp()), "testdata/recorded/*.json")
	}
	fmt.Println("passes:", passes("TestRecorded", test))
	// Output: passes: true
}

// An id of the application's own is masked, and the time in the body.
func ExampleMaskHeaders() {
	clock := regexp.MustCompile(`\d\d:\d\d:\d\d`)
	app := adapter.Wrap(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Request-Id", rand.Text())
		fmt.Fprintln(w, "it is", time.Now().Format(time.TimeOnly))
	}))
	t := named{t, "ExampleMaskHeaders"}
	resp := lambdatest.Do(t, app, lambdatest.REST, httptest.NewRequest("GET", "/", nil))
	lambdatest.Golden(t, resp, lambdatest.MaskHeaders("X-Request-Id"), func(_ http.Header, body []byte) []byte {
		return clock.ReplaceAll(body, []byte("TIME"))
	})
	fmt.Println("failed:", t.Failed())
	// Output: failed: false
}

// seen is a handler that tells what the adapter made of one member of the event.
func seen[E any](member func(E) any) *adapter.Handler {
	return adapter.Wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		e, err := adapter.Event[E](r.Context())
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(member(e))
	}))
}

func ExampleWithCaller() {
	app := adapter.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		caller, ok := adapter.CallerFrom(r.Context())
		if !ok {
			http.Error(w, "who are you?", http.StatusUnauthorized)
			return
		}
		fmt.Fprintf(w, "hello, %s", caller.Claims.Get("sub"))
	}))
	ann := lambdatest.WithCaller(adapter.Caller{Claims: adapter.Attributes(`{"sub": "ann"}`)})

	// The front doors that check tokens are three. The test skips the others.
	_ = func(t *testing.T) { // func TestHello(t *testing.T) {
		lambdatest.Each(t, func(t *testing.T, source lambdatest.Source) {
			resp := lambdatest.Do(t, app, source, httptest.NewRequest("GET", "/", nil), ann)
			if body, _ := io.ReadAll(resp.Body); string(body) != "hello, ann" {
				t.Errorf("it says %q", body)
			}
		})
	}
}

func ExampleWithClaims() {
	app := seen(func(e events.APIGatewayV2HTTPRequest) any { return e.RequestContext.Authorizer.JWT.Claims["sub"] })
	lambdatest.Do(t, app, lambdatest.HTTPv2, httptest.NewRequest("GET", "/notes/7", nil),
		lambdatest.WithClaims(map[string]string{"sub": "ana"}))
	// Output: ana
}

func ExampleWithAuthorizer() {
	app := seen(func(e events.APIGatewayProxyRequest) any { return e.RequestContext.Authorizer["tenant"] })
	lambdatest.Do(t, app, lambdatest.REST, httptest.NewRequest("GET", "/notes/7", nil),
		lambdatest.WithAuthorizer(map[string]string{"principalId": "ana", "tenant": "acme"}))
	// Output: acme
}

func ExampleWithStage() {
	app := seen(func(e events.APIGatewayV2HTTPRequest) any { return e.RequestContext.Stage })
	lambdatest.Do(t, app, lambdatest.HTTPv2, httptest.NewRequest("GET", "/dev/notes/7", nil), lambdatest.WithStage("dev"))
	// Output: dev
}

func ExampleWithStageVariables() {
	app := seen(func(e events.APIGatewayProxyRequest) any { return e.StageVariables["table"] })
	lambdatest.Do(t, app, lambdatest.REST, httptest.NewRequest("GET", "/notes/7", nil),
		lambdatest.WithStageVariables(map[string]string{"table": "notes"}))
	// Output: notes
}

func ExampleWithRoute() {
	app := seen(func(e events.APIGatewayV2HTTPRequest) any { return e.RouteKey })
	lambdatest.Do(t, app, lambdatest.HTTPv2, httptest.NewRequest("GET", "/notes/7", nil),
		lambdatest.WithRoute("GET /notes/{id}", map[string]string{"id": "7"}))
	// Output: GET /notes/{id}
}

func ExampleWithBasePath() {
	app := adapter.Wrap(newApp(), adapter.WithBasePath("/shop"))
	resp := lambdatest.Do(t, app, lambdatest.REST, httptest.NewRequest("GET", "/shop/notes/7", nil), lambdatest.WithBasePath("/shop"))
	io.Copy(os.Stdout, resp.Body)
	// Output: note 7
}

func ExampleWithSourceIP() {
	app := adapter.Wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { fmt.Println(r.RemoteAddr) }))
	lambdatest.Do(t, app, lambdatest.HTTPv2, httptest.NewRequest("GET", "/", nil), lambdatest.WithSourceIP("203.0.113.9"))
	// Output: 203.0.113.9:0
}

// What a REST API does to bytes before somebody lists binary media types.
func ExampleWithBinaryMediaTypes() {
	app := adapter.Wrap(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte{0xff}) }))
	resp := lambdatest.Do(t, app, lambdatest.REST, httptest.NewRequest("GET", "/", nil), lambdatest.WithBinaryMediaTypes())
	io.Copy(os.Stdout, resp.Body)
	// Output: /w==
}

func ExampleWithDeadline() {
	midnight := time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)
	app := adapter.Wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		deadline, _ := r.Context().Deadline()
		fmt.Println(deadline)
	}))
	lambdatest.Do(t, app, lambdatest.FunctionURL, httptest.NewRequest("GET", "/", nil), lambdatest.WithDeadline(midnight))
	// Output: 2100-01-01 00:00:00 +0000 UTC
}

func ExampleWithClientCertificate() {
	server := httptest.NewTLSServer(nil) // has a certificate to show
	defer server.Close()
	app := adapter.Wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		fmt.Println(r.TLS.PeerCertificates[0].Subject)
	}))
	lambdatest.Do(t, app, lambdatest.REST, httptest.NewRequest("GET", "/", nil), lambdatest.WithClientCertificate(server.Certificate()))
	// Output: O=Acme Co
}

// parrotApp answers each message with the message, and lets everybody in who speaks
// its language.
var parrotApp = adapter.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	ws, _ := adapter.WebSocketFrom(r.Context())
	switch ws.EventType {
	case "CONNECT":
		w.Header().Set("Sec-WebSocket-Protocol", r.Header.Get("Sec-WebSocket-Protocol"))
	case "MESSAGE":
		io.Copy(w, r.Body)
	}
}))

// The file that an API is deployed from says what leads to which function.
func ExampleNewAPI() {
	folder, _ := os.MkdirTemp("", "example-")
	defer os.RemoveAll(folder)
	file := filepath.Join(folder, "template.yaml")
	os.WriteFile(file, []byte(`
Transform: AWS::Serverless-2016-10-31
Resources:
  Notes:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        One: {Type: HttpApi, Properties: {Method: GET, Path: "/notes/{id}"}}
`), 0o600)

	api := lambdatest.NewAPI(t, file, lambdatest.Functions{"Notes": adapter.Wrap(newApp())})
	for _, path := range []string{"/notes/7", "/nothing"} {
		fmt.Println(path, api.Do(httptest.NewRequest("GET", path, nil)).Status)
	}
	// Output:
	// /notes/7 200 OK
	// /nothing 404 Not Found
}

func ExampleFactsOf() {
	for _, source := range lambdatest.Sources() {
		if facts, _ := lambdatest.FactsOf(source); facts.Streams {
			fmt.Println(facts.Name)
		}
	}
	// Output:
	// REST API
	// function URL
}

func ExampleDial() {
	heard := make(chan string)
	app := adapter.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if ws, ok := adapter.WebSocketFrom(r.Context()); ok && ws.EventType == "MESSAGE" {
			message, _ := io.ReadAll(r.Body)
			heard <- ws.RouteKey + ": " + string(message)
		}
	}))
	c := lambdatest.Dial(t, app, "/prod?room=tea")
	c.Send("hello")
	fmt.Println(<-heard)
	c.Close()
	// Output: $default: hello
}

func ExampleNewWebSocketServer() {
	// With TwoWay the routes have responses: what the function answers goes back.
	api := lambdatest.NewWebSocketServer(t, parrotApp, websocket.Config{TwoWay: true})
	ana, bob := api.Dial("/"), api.Dial("/")
	ana.Send("hello from Ana")
	bob.Send("hello from Bob")
	fmt.Println(ana.Receive())
	fmt.Println(bob.Receive())
	// Output:
	// hello from Ana
	// hello from Bob
}

func ExampleWithSubprotocols() {
	c := lambdatest.Dial(t, parrotApp, "/", lambdatest.WithSubprotocols("chat.v2"))
	fmt.Println(c.Subprotocol)
	// Output: chat.v2
}

func ExampleWithHeader() {
	app := adapter.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") == "" {
			w.WriteHeader(http.StatusUnauthorized) // refuses the handshake
		}
	}))
	api := lambdatest.NewWebSocketServer(t, app, websocket.Config{})
	_, resp := api.Handshake("/")
	fmt.Println(resp.Status)
	c, _ := api.Handshake("/", lambdatest.WithHeader("Authorization", "Bearer token"))
	fmt.Println(c != nil)
	// Output:
	// 401 Unauthorized
	// true
}
