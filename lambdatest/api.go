package lambdatest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/lambridge-go/lambridge/adapter"
	"github.com/lambridge-go/lambridge/internal/headercount"
	"github.com/lambridge-go/lambridge/local/authorize"
	"github.com/lambridge-go/lambridge/local/definition"
	"github.com/lambridge-go/lambridge/local/gateway"
	"github.com/lambridge-go/lambridge/local/invoke"
	"github.com/lambridge-go/lambridge/local/websocket"
)

// Functions are the functions under test of a definition, by logical id or by name.
// Each is a function as [Do] takes it.
type Functions map[string]any

// An API is one that a definition describes, with functions under test behind it:
// what [Do], [Dial] and their kind are for one function, its methods are for the
// whole of it. It is safe for concurrent use.
type API struct {
	tb        testing.TB
	doors     []definition.Door
	handlers  []http.Handler
	chosen    string                    // logical id, "" for the only one
	functions map[string]invoke.Invoker // by name and by logical id
	request   gateway.Request
	streams   bool
	webSocket []*definition.WebSocketAPI
	observer  *observer

	mu       sync.Mutex
	sockets  map[int]*WebSocketServer
	hittable bool // the test still runs
}

// NewAPI reads a definition: an OpenAPI document, a SAM or CloudFormation template,
// or a folder that CDK or the Serverless Framework has written. The functions that it
// names are those of the test; one that the test does not give fails it when a request
// reaches it. What the definition asks for and is not served is told in the test's
// log.
//
//	api := lambdatest.NewAPI(t, "template.yaml", lambdatest.Functions{"Notes": adapter.Wrap(app)})
//	resp := api.Do(httptest.NewRequest("GET", "/live/notes", nil))
//
// URLs are those of AWS: they begin with the stage, unless that is $default. Options
// say what is known of each request; how the front door is set up is the definition's
// to say. Where it has several APIs, [WithAPI] chooses one.
func NewAPI(tb testing.TB, file string, functions Functions, opts ...Option) *API {
	tb.Helper()
	set := settings{facts: gateway.SourceFacts{
		Plural: "the APIs of a definition", Stages: true, Routes: true, Mappings: true, BinaryMediaTypes: true, Authorizers: true,
	}}
	for _, opt := range opts {
		opt(&set)
	}
	variables := set.api.StageVariables
	set.api.StageVariables = nil // a document of its own has no place for them
	if set.err == nil && !reflect.ValueOf(set.api).IsZero() {
		set.err = errors.New("the definition says how its APIs are set up: leave out the options that do")
	}
	if set.err != nil {
		tb.Fatalf("lambdatest: %v", set.err)
	}
	plan, err := definition.Load(file, definition.Options{
		Parameters: set.file.parameters, StageVariables: variables,
	})
	if err != nil {
		tb.Fatalf("lambdatest: %v", err)
	}
	a := &API{
		tb: tb, doors: plan.Doors(), chosen: set.file.api, functions: map[string]invoke.Invoker{}, request: set.request,
		webSocket: plan.WebSocketAPIs, sockets: map[int]*WebSocketServer{}, hittable: true,
		observer: &observer{changed: make(chan struct{}), ended: make(map[string]bool)},
	}
	a.take(plan, functions)
	assembly, err := plan.Assemble(a.invoker, definition.Assembling{
		ObserveWebSocket: func(_ *definition.WebSocketAPI, e websocket.Event) { a.observe(e) },
		Callers:          set.file.callers(),
	})
	if err != nil {
		tb.Fatalf("lambdatest: %v", err)
	}
	a.handlers = assembly.Handlers
	for _, note := range slices.Concat(plan.Refused, assembly.Refused) {
		tb.Logf("lambdatest: refused: %s", note)
	}
	tb.Cleanup(func() {
		assembly.Close()
		a.mu.Lock()
		a.hittable = false
		a.mu.Unlock()
	})
	return a
}

// definitionSettings are what options say about a definition.
type definitionSettings struct {
	api        string
	parameters map[string]string
	keySets    map[string]string
	caller     *adapter.Caller
}

// WithAPI chooses one of several APIs, function URLs or load balancers of a definition,
// by its logical id, or by STACK/ID where several stacks have it. It is for [NewAPI].
func WithAPI(logicalID string) Option {
	return func(s *settings) { s.file.api = logicalID }
}

// WithParameters gives a template's parameters their values. It is for [NewAPI].
func WithParameters(parameters map[string]string) Option {
	return func(s *settings) { s.file.parameters = maps.Clone(parameters) }
}

// WithKeySet says where the public keys of an issuer of tokens are: a file or a URL with
// its JSON Web Key Set. Without it the issuer is asked, as AWS asks it. It is for
// [NewAPI], whose tests sign their tokens themselves.
func WithKeySet(issuer, file string) Option {
	return func(s *settings) {
		if s.file.keySets == nil {
			s.file.keySets = map[string]string{}
		}
		s.file.keySets[issuer] = file
	}
}

// callers is who may call the APIs of a definition.
func (d definitionSettings) callers() definition.Callers {
	c := definition.Callers{Keys: authorize.NewKeys(authorize.KeyOptions{Sets: d.keySets})}
	if d.caller != nil {
		c.Fixed = fixedCaller{caller: *d.caller}
	}
	return c
}

// take finds the functions of the test in the plan.
func (a *API) take(plan *definition.Plan, functions Functions) {
	a.tb.Helper()
	for _, name := range slices.Sorted(maps.Keys(functions)) {
		f, err := functionOf(functions[name])
		if err != nil {
			a.tb.Fatalf("%v (%s)", err, name)
		}
		if _, streams := f.(invoke.Streamer); streams {
			a.streams = true
		}
		found := false
		var known []string
		for _, fn := range plan.Functions {
			if fn.LogicalID == name || fn.Name == name {
				a.functions[fn.Name], found = f, true
				if fn.LogicalID != "" {
					a.functions[fn.LogicalID] = f
				}
			}
			known = append(known, orElse(fn.LogicalID, fn.Name))
		}
		if !found {
			a.tb.Fatalf("lambdatest: the definition has no function %q: it has %s", name, strings.Join(known, ", "))
		}
	}
}

func orElse(value, otherwise string) string {
	if value == "" {
		return otherwise
	}
	return value
}

// invoker gives the plan's assembly a function.
func (a *API) invoker(fn *definition.Function) (invoke.Invoker, error) {
	if f := a.functions[fn.Name]; f != nil {
		return f, nil
	}
	return missing{a, orElse(fn.LogicalID, fn.Name)}, nil
}

// A missing function fails the test that reaches it.
type missing struct {
	api  *API
	name string
}

// Invoke implements invoke.Invoker.
func (m missing) Invoke(context.Context, []byte) ([]byte, error) {
	why := fmt.Sprintf("lambdatest: a request reaches the function %s, which the test does not give: add it to Functions", m.name)
	if m.api.running() {
		m.api.tb.Errorf("%s", why)
	}
	return nil, &invoke.Error{Type: "Missing", Message: why}
}

// InvokeStream implements invoke.Streamer.
func (m missing) InvokeStream(ctx context.Context, payload []byte) (*invoke.Stream, error) {
	_, err := m.Invoke(ctx, payload)
	return nil, err
}

func (a *API) running() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.hittable
}

// Do sends req to the API and returns what the client gets, as the func Do does.
func (a *API) Do(req *http.Request) *http.Response {
	resp, tell := a.transport().do(a.tb, req)
	if tell != nil {
		a.tb.Helper()
		tell()
	}
	return resp
}

// Transport returns a RoundTripper that sends every request to the API.
func (a *API) Transport() http.RoundTripper {
	a.tb.Helper()
	return a.transport()
}

// NewServer starts a server that is the API, on a port of its own on the loopback. It
// is closed when the test ends.
func (a *API) NewServer() *httptest.Server {
	a.tb.Helper()
	return a.transport().server(a.tb)
}

func (a *API) transport() *transport {
	a.tb.Helper()
	n := a.choose(func(d definition.Door) bool { return d.Kind != gateway.WebSocketAPI }, "requests")
	return &transport{handler: a.handlers[n], streams: a.streams, request: &a.request}
}

// choose finds the door that was chosen, or the only one for its purpose.
func (a *API) choose(is func(definition.Door) bool, purpose string) int {
	a.tb.Helper()
	var found []int
	var names []string
	for n, door := range a.doors {
		if !is(door) {
			continue
		}
		names = append(names, door.Name)
		if a.chosen == "" || a.chosen == door.Name {
			found = append(found, n)
		}
	}
	switch {
	case len(names) == 0:
		a.tb.Fatalf("lambdatest: the definition has nothing that takes %s", purpose)
	case len(found) == 0:
		a.tb.Fatalf("lambdatest: the definition has no %q that takes %s: it has %s", a.chosen, purpose, strings.Join(names, ", "))
	case len(found) > 1:
		a.tb.Fatalf("lambdatest: the definition has several that take %s (%s): choose one with WithAPI", purpose, strings.Join(names, ", "))
	}
	return found[0]
}

// Dial opens a connection to the WebSocket API and fails the test if it is refused. Of
// url, the path and the query count; "" and "/" stand for the stage. The ID of the
// Conn is "" if the API has no $connect, and without $disconnect its Close does not wait.
func (a *API) Dial(url string, options ...DialOption) *Conn {
	a.tb.Helper()
	return a.socket().Dial(url, options...)
}

// Handshake is Dial for handshakes that may be refused: the Conn is then nil and the
// response says how.
func (a *API) Handshake(url string, options ...DialOption) (*Conn, *http.Response) {
	a.tb.Helper()
	return a.socket().Handshake(url, options...)
}

// socket is the server of the WebSocket API.
func (a *API) socket() *WebSocketServer {
	a.tb.Helper()
	n := a.choose(func(d definition.Door) bool { return d.Kind == gateway.WebSocketAPI }, "connections")
	a.mu.Lock()
	defer a.mu.Unlock()
	if s := a.sockets[n]; s != nil {
		return s
	}
	server := httptest.NewUnstartedServer(a.handlers[n])
	headercount.Unlimit(server.Config)
	server.Start()
	a.tb.Cleanup(server.Close)
	s := &WebSocketServer{Endpoint: server.URL + a.doors[n].Path, tb: a.tb, observer: a.observer, unheard: true}
	for _, api := range a.webSocket {
		if api.LogicalID == a.doors[n].Name {
			s.unheard = !slices.ContainsFunc(api.Routes, func(r *definition.WebSocketRoute) bool { return r.Key == "$disconnect" })
		}
	}
	a.sockets[n] = s
	return s
}

// observe notes which connections came and went.
func (a *API) observe(e websocket.Event) {
	switch e.Type {
	case websocket.Connect:
		a.observer.mu.Lock()
		a.observer.last = e.ConnectionID
		a.observer.mu.Unlock()
	case websocket.Disconnect:
		a.observer.end(e.ConnectionID)
	}
}

// Invoke invokes a function of the definition by logical id or name, as the AWS CLI
// would, and returns what it returns. A failure of the function is an *invoke.Error.
func (a *API) Invoke(name string, payload []byte) ([]byte, error) {
	if f := a.functions[name]; f != nil {
		return f.Invoke(context.Background(), payload)
	}
	return nil, fmt.Errorf("lambdatest: the test gives no function %q", name)
}
