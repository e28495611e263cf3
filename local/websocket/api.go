// Package websocket stands in for API Gateway's WebSocket APIs.
//
// An [API] is an http.Handler. Clients connect to it as they would to the address that
// API Gateway hands out; its function is invoked for each connection that opens or
// closes and for each message, and answers through the @connections API at the same
// address, with any AWS SDK.
package websocket

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/lambridge-go/lambridge/local/internal/arrival"
	"github.com/lambridge-go/lambridge/local/invoke"
)

// An API stands in for an API Gateway WebSocket API in front of one
// function. It accepts connections at /{stage}, sends the function an event for
// each connection that opens or closes and for each message, and serves the
// @connections API at /{stage}/@connections/{id}, by which the function answers.
//
// Connections belong to the API, not to the function: the function may be
// rebuilt and restarted while they stay open. The messages of one connection
// reach the function in the order they were sent, one at a time; API Gateway
// promises no order.
//
// An API is an http.Handler and safe for concurrent use. Its server must
// speak HTTP/1.1. As in AWS, any origin may connect: a function that minds reads
// the Origin header in its $connect.
//
// https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api.html
type API struct {
	cfg   Config
	route *selectionExpression
	apiID string

	ctx    context.Context // of invocations and writes; ends when Close has waited long enough
	cancel context.CancelFunc

	mu          sync.Mutex
	connections map[string]*conn
	closed      bool
	running     sync.WaitGroup // one for each entry ever made in connections, until it is done
}

// A Config describes a WebSocket API. Only Function is required.
type Config struct {
	_ struct{}

	// Function answers the API's events.
	Function invoke.Invoker

	// Stage is the first and only segment of the API's path. "" means "local".
	Stage string

	// Domain is the domainName of events. "" means the address that the client
	// connected to, such as "127.0.0.1:3000", so that domainName and stage always
	// lead back to @connections. It never comes from the Host header, which
	// clients can write as they like.
	Domain string

	// RouteSelectionExpression picks the route of a message. "" means
	// "$request.body.action".
	RouteSelectionExpression string

	// Routes are the keys of the custom routes, such as "sendmessage".
	Routes []string

	// WithoutConnect, WithoutDisconnect and WithoutDefault leave out a route that
	// the API otherwise has. Without $connect every connection is accepted, without
	// $default a message that selects no custom route is forbidden.
	WithoutConnect, WithoutDisconnect, WithoutDefault bool

	// TwoWay gives every message route a route response: what the function returns
	// goes to the client. Otherwise it is dropped, and the function answers through
	// @connections.
	TwoWay bool

	// Timeout is how long an invocation may take. 0 means API Gateway's
	// 29 s; a negative value means for ever, for a function in a debugger.
	Timeout time.Duration

	// IdleTimeout closes a connection on which nothing moved, in either direction.
	// 0 means API Gateway's 10 minutes.
	IdleTimeout time.Duration

	// MaxDuration closes a connection that has been open this long. 0 means API
	// Gateway's 2 hours.
	MaxDuration time.Duration

	// MaxConnections is how many connections may be open or opening at once; more
	// are refused with 429. 0 means 10,000.
	MaxConnections int

	// Logger hears of connections and of what is likely a mistake. nil is silent.
	Logger *slog.Logger
}

// The quotas of API Gateway's WebSocket APIs.
//
// https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-execution-service-websocket-limits-table.html
const (
	maxFrame   = 32 << 10
	maxMessage = 128 << 10
	maxURL     = 4096

	defaultTimeout     = 29 * time.Second
	defaultIdleTimeout = 10 * time.Minute
	defaultMaxDuration = 2 * time.Hour
)

// closeGrace is how long Close lets clients answer and $disconnect run.
const closeGrace = 3 * time.Second

var stageName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,128}$`)

// New returns the WebSocket API that cfg describes, or an error that
// names everything wrong with it.
func New(cfg Config) (*API, error) {
	if cfg.Stage == "" {
		cfg.Stage = "local"
	}
	if cfg.RouteSelectionExpression == "" {
		cfg.RouteSelectionExpression = "$request.body.action"
	}
	if cfg.Timeout == 0 {
		cfg.Timeout = defaultTimeout
	}
	if cfg.IdleTimeout == 0 {
		cfg.IdleTimeout = defaultIdleTimeout
	}
	if cfg.MaxDuration == 0 {
		cfg.MaxDuration = defaultMaxDuration
	}
	if cfg.MaxConnections == 0 {
		cfg.MaxConnections = 10_000
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}

	var problems []error
	if cfg.Function == nil {
		problems = append(problems, errors.New("websocket: Function is missing"))
	}
	if !stageName.MatchString(cfg.Stage) {
		problems = append(problems, fmt.Errorf("websocket: stage %q: want letters, digits, - and _", cfg.Stage))
	}
	custom := make([]string, 0, len(cfg.Routes))
	for _, key := range cfg.Routes {
		if key == "" || strings.HasPrefix(key, "$") {
			problems = append(problems, fmt.Errorf("websocket: route %q: a custom route is not empty and does not begin with $", key))
		}
		custom = append(custom, key)
	}
	cfg.Routes = custom
	route, err := parseSelectionExpression(cfg.RouteSelectionExpression)
	if err != nil {
		problems = append(problems, err)
	}
	if len(problems) > 0 {
		return nil, errors.Join(problems...)
	}

	ctx, cancel := context.WithCancel(context.Background())
	return &API{
		cfg:         cfg,
		route:       route,
		apiID:       strings.ToLower(rand.Text()[:10]),
		ctx:         ctx,
		cancel:      cancel,
		connections: make(map[string]*conn),
	}, nil
}

// Handles reports whether r is meant for a WebSocket API: it asks for an upgrade
// to WebSocket or calls @connections. A server that has other things on the same
// port asks it first.
func (a *API) Handles(r *http.Request) bool {
	return isUpgrade(r) || strings.HasPrefix(r.URL.Path, "/"+a.cfg.Stage+"/@connections/")
}

// ServeHTTP answers handshakes and calls of @connections. The URL of a WebSocket
// API ends with its stage: there is nothing below it but @connections.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Amzn-Requestid", arrival.NewUUID())
	stage, rest, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	id, management := strings.CutPrefix(rest, "@connections/")
	switch {
	case len(r.RequestURI) > maxURL:
		refuse(w, http.StatusRequestURITooLong, "RequestURITooLongException", "Request URI too long")
	case stage != a.cfg.Stage || rest != "" && !management:
		a.cfg.Logger.Warn("no WebSocket API here", "path", r.URL.Path, "want", "/"+a.cfg.Stage)
		refuse(w, http.StatusForbidden, "ForbiddenException", "Forbidden")
	case management:
		a.manage(w, r, id)
	case !isUpgrade(r):
		w.Header().Set("Connection", "Upgrade")
		w.Header().Set("Upgrade", "websocket")
		w.WriteHeader(http.StatusUpgradeRequired)
	default:
		a.connect(w, r)
	}
}

// Close refuses new connections, closes the open ones with 1001 and waits until
// the function has heard of each. What takes longer than a few seconds is cut
// off: a client that does not answer, a function that hangs.
func (a *API) Close() error {
	a.mu.Lock()
	a.closed = true
	open := make([]*conn, 0, len(a.connections))
	for _, c := range a.connections {
		open = append(open, c)
	}
	a.mu.Unlock()

	for _, c := range open {
		c.shut(goingAway)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		a.running.Wait()
	}()
	select {
	case <-ended:
	case <-time.After(closeGrace):
		a.cancel()
		for _, c := range open {
			c.cut()
		}
		<-ended
	}
	a.cancel()
	return nil
}

// enter makes room for c, or returns the status to refuse it with. The caller
// ends the entry with leave.
func (a *API) enter(c *conn) (status int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	switch {
	case a.closed:
		return http.StatusServiceUnavailable
	case len(a.connections) >= a.cfg.MaxConnections:
		return http.StatusTooManyRequests
	}
	a.connections[c.ID] = c
	a.running.Add(1)
	return http.StatusOK
}

// forget makes c a connection that is gone.
func (a *API) forget(c *conn) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.connections, c.ID)
}

// leave ends what enter began.
func (a *API) leave(c *conn) {
	a.forget(c)
	a.running.Done()
}

func (a *API) isClosed() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.closed
}

func (a *API) lookup(id string) (*conn, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	c, ok := a.connections[id]
	return c, ok
}

// invoke calls the function within the integration timeout.
func (a *API) invoke(traceID string, payload []byte) ([]byte, error) {
	ctx := invoke.WithInfo(a.ctx, invoke.Info{TraceID: traceID})
	if a.cfg.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, a.cfg.Timeout)
		defer cancel()
	}
	return a.cfg.Function.Invoke(ctx, payload)
}
