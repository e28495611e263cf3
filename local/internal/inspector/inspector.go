// Package inspector shows a developer what goes through the front doors: each exchange
// with the client's request, the event, the function's reply and the answer side by side,
// what the function printed meanwhile, and where the time went. What it has seen can be
// changed and sent again, through the same front door or another, and be kept as a test.
//
// An [Inspector] sees what gateways tell of the requests at a front door ([Inspector.Door])
// and functions by invokers around them ([Inspector.Watch]); a context leads from the one to
// the other. It keeps the last thousand exchanges as they are: reading, masking and
// measuring wait until a page asks. The page is plain HTML and a few modules of JavaScript,
// in the folder static; what it asks is in server.go.
package inspector

import (
	"net/http"
	"sync"

	"github.com/lambridge-go/lambridge/local/gateway"
	"github.com/lambridge-go/lambridge/local/internal/function"
	"github.com/lambridge-go/lambridge/local/invoke"
	"github.com/lambridge-go/lambridge/local/websocket"
)

// Config says what an Inspector tells about beside what it sees itself.
type Config struct {
	// Functions are those that run now, APIs what is served. Both are asked whenever a page
	// looks. nil is none.
	Functions func() []Function
	APIs      func() []API

	// Through makes another front door for a function, to compare their answers. nil
	// makes one with the defaults of its kind, which stands alone around the function, and
	// the page says so.
	Through func(gateway.Source, invoke.Streamer) (http.Handler, error)

	// InvokeURL is where the Invoke API is: commands that are copied name it.
	InvokeURL string

	_ struct{}
}

// A Function is one that runs.
type Function struct {
	Invoker   invoke.Streamer
	Name, ARN string
	function.Snapshot
}

// An API is something that is served, with its routes.
type API struct {
	Name   string  `json:"name"`
	Kind   string  `json:"kind"`
	URL    string  `json:"url"`
	Origin string  `json:"origin,omitempty"` // "template.yaml:12"
	Routes []Route `json:"routes"`
}

// A Route is one of an API's. What it does not have is "".
type Route struct {
	Key         string `json:"key"`
	Integration string `json:"integration"`
	Authorizer  string `json:"authorizer,omitempty"`
	Origin      string `json:"origin,omitempty"`
	Refused     string `json:"refused,omitempty"` // why it is not served
}

// An Inspector is an http.Handler, of its page, and safe for concurrent use. A nil
// Inspector inspects nothing: its methods change nothing and cost nothing.
type Inspector struct {
	config Config
	store  *store
	mux    *http.ServeMux
	closed chan struct{}
	once   sync.Once
}

// New returns an Inspector. Close it to end the pages that are open.
func New(config Config) *Inspector {
	if config.Functions == nil {
		config.Functions = func() []Function { return nil }
	}
	if config.APIs == nil {
		config.APIs = func() []API { return nil }
	}
	i := &Inspector{config: config, store: newStore(), closed: make(chan struct{})}
	i.mux = i.routes()
	return i
}

// Close ends the streams of events to the pages that are open.
func (i *Inspector) Close() {
	if i != nil {
		i.once.Do(func() { close(i.closed) })
	}
}

// Door returns a front door that is inspected: what goes through h is shown, under a name
// and the URL of its beginning.
func (i *Inspector) Door(name, url string, h http.Handler) *Door {
	if i == nil {
		return &Door{front: h}
	}
	return &Door{store: i.store, name: name, url: url, front: h}
}

// Watch returns an invoker that shows the invocations of f with what has led to them: a
// request at a front door, or a message to a WebSocket API.
func (i *Inspector) Watch(name string, f invoke.Streamer) invoke.Streamer {
	if i == nil {
		return f
	}
	return &watched{i.store, name, f}
}

// Direct returns an invoker that shows each invocation of f as an exchange of its own.
func (i *Inspector) Direct(name string, f invoke.Streamer) invoke.Streamer {
	if i == nil {
		return f
	}
	return &direct{i.store, name, f}
}

// WebSocket returns what a WebSocket API is to call with its events, or nil. h is the API
// and path where it begins.
func (i *Inspector) WebSocket(name string, api func() (h http.Handler, path string)) func(websocket.Event) {
	if i == nil {
		return nil
	}
	return func(e websocket.Event) { i.store.talked(name, api, e) }
}
