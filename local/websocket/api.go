// Package websocket stands in for API Gateway's WebSocket APIs.
//
// An [API] is an http.Handler. Clients connect to it as they would to the address that
// API Gateway hands out. Each connection that opens or closes, and each message, selects a
// route, and the route's [Integration] hears of it: a function, an HTTP server or a mock.
// Functions answer through the @connections API at the same address, with any AWS SDK.
package websocket

import (
	"cmp"
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

	"github.com/lambridge-go/lambridge/local/gateway"
	"github.com/lambridge-go/lambridge/local/internal/arrival"
	"github.com/lambridge-go/lambridge/local/internal/integration"
	"github.com/lambridge-go/lambridge/local/internal/selection"
	"github.com/lambridge-go/lambridge/local/invoke"
)

// An API stands in for an API Gateway WebSocket API. It accepts connections at /{stage},
// tells the integrations of its routes of each connection that opens or closes and of
// each message, and serves the @connections API at /{stage}/@connections/{id}, by which
// functions answer.
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
	cfg       Config
	routes    routes
	selection *selection.Expression
	address   address
	apiID     string

	serving watch // the connections whose messages are served

	ctx    context.Context // of invocations and writes; ends when Close has waited long enough
	cancel context.CancelFunc

	mu          sync.Mutex
	connections map[string]*conn
	closed      bool
	running     sync.WaitGroup // one for each entry ever made in connections, until it is done
}

// A Config describes a WebSocket API. Only an integration is required.
type Config struct {
	_ struct{}

	// Default is what routes lead to that do not say, among them $connect, $disconnect
	// and $default, which an API has even if Routes do not name them. Without a Default
	// an API has the Routes that it names.
	Default Integration

	// Routes are the custom routes, such as "sendmessage", and those of the three that
	// do not lead to Default.
	Routes []Route

	// Account is the account that the API belongs to.
	Account invoke.Account

	// Stage is the first and only segment of the API's path. "" means "local". BasePaths
	// are others.
	Stage string

	// BasePaths are where a custom domain is mapped to the stage, such as "chat" and
	// "chat/v2", or "" for the whole of it. The API is there as well as at its stage, and
	// so are its @connections. nil is no custom domain.
	BasePaths []string

	// Domain is the domainName of events. "" means the address that the client
	// connected to, such as "127.0.0.1:3000", so that domainName and stage always
	// lead back to @connections. It never comes from the Host header, which
	// clients can write as they like.
	Domain string

	// RouteSelectionExpression picks the route of a message. "" means
	// "$request.body.action".
	RouteSelectionExpression string

	// WithoutConnect, WithoutDisconnect and WithoutDefault leave out a route that
	// the API otherwise has for its Default. Without $connect every connection is accepted, without
	// $default a message that selects no custom route is forbidden.
	WithoutConnect, WithoutDisconnect, WithoutDefault bool

	// StageVariables are the stage's, for templates, parameters and URIs.
	StageVariables map[string]string

	// Backends are addresses that stand in for hosts in the URIs of HTTP integrations, see
	// gateway.Options. nil calls every host as it is.
	Backends map[string]string

	// APIKeys are the keys for a $connect that requires one. nil has none.
	APIKeys gateway.APIKeys

	// APIKeySource is where the key of a handshake stands. "" is the header X-Api-Key.
	APIKeySource gateway.KeySource

	// TwoWay gives every message route a route response: what the function returns
	// goes to the client. Otherwise it is dropped, and the function answers through
	// @connections.
	TwoWay bool

	// IdleTimeout closes a connection on which nothing moved, in either direction.
	// 0 means API Gateway's 10 minutes.
	IdleTimeout time.Duration

	// MaxDuration closes a connection that has been open this long. 0 means API
	// Gateway's 2 hours.
	MaxDuration time.Duration

	// MaxConnections is how many connections may be open or opening at once; more
	// are refused with 429. 0 means 10,000.
	MaxConnections int

	// Observe is called after each event of a connection, in its goroutine. nil observes
	// nothing. It must be safe for concurrent use.
	Observe func(Event)

	// Logger hears of connections and of what is likely a mistake. nil is silent.
	Logger *slog.Logger
}

// A Route says what becomes of some of what connections tell.
type Route struct {
	_ struct{}

	// Key is what the route selection expression yields for the route's messages, or
	// "$connect", "$disconnect" or "$default".
	Key string

	// To is what the route leads to. nil is the API's Default.
	To Integration

	// TwoWay gives the route a response, as Config.TwoWay gives all of them. It is for
	// routes of messages.
	TwoWay bool

	// Authorizer decides on each handshake, and Required names headers and parameters of
	// the query that it has to have. They are for $connect. nil lets everybody in.
	Authorizer gateway.Authorizer
	Required   *gateway.RequiredParameters

	// APIKeyRequired asks each handshake for a key of the API. It is for $connect.
	APIKeyRequired bool

	// Throttle limits the handshakes or messages of the route, of all connections together:
	// one that is too much is answered with 429 or a frame. nil limits nothing.
	Throttle *gateway.Throttle

	// Models are what messages have to fit. nil checks nothing.
	Models *Models

	// Origin says where the route was defined, such as "template.yaml:12". It stands in
	// errors and in what Observe is told. "" does not say.
	Origin string
}

// The routes that are not for messages that select them.
const (
	connectRoute    = "$connect"
	disconnectRoute = "$disconnect"
	defaultRoute    = "$default"
)

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
	a, err := compile(cfg, true)
	if err != nil {
		return nil, err
	}
	a.ctx, a.cancel = context.WithCancel(context.Background())
	return a, nil
}

// Check returns everything that is wrong with cfg, or nil. It needs no function:
// Lambda(nil, …) stands for one that is yet to be built.
func (cfg Config) Check() error {
	_, err := compile(cfg, false)
	return err
}

// compile makes an API of cfg, or says all that is wrong with it. Functions must be there
// if it is to be whole.
func compile(cfg Config, whole bool) (*API, error) {
	cfg.complete()
	a := &API{
		cfg:         cfg,
		apiID:       strings.ToLower(rand.Text()[:10]),
		connections: make(map[string]*conn),
	}
	var problems []error
	if !stageName.MatchString(cfg.Stage) {
		problems = append(problems, fmt.Errorf("websocket: stage %q: want letters, digits, - and _", cfg.Stage))
	}
	var wrong []error
	a.address, wrong = newAddress(cfg.Stage, cfg.BasePaths)
	problems = append(problems, wrong...)
	switch cfg.APIKeySource {
	case "", gateway.KeyFromHeader, gateway.KeyFromAuthorizer:
	default:
		problems = append(problems, fmt.Errorf("websocket: APIKeySource %q is neither %q nor %q", cfg.APIKeySource, gateway.KeyFromHeader, gateway.KeyFromAuthorizer))
	}
	var err error
	if a.routes, err = newRoutes(cfg, whole); err != nil {
		problems = append(problems, err)
	}
	if a.selection, err = selection.Parse(cfg.RouteSelectionExpression, selection.RequestBody); err != nil {
		problems = append(problems, fmt.Errorf("websocket: route selection expression %w", err))
	}
	return a, errors.Join(problems...)
}

// complete puts the defaults in place of what cfg leaves open.
func (cfg *Config) complete() {
	cfg.Account = cfg.Account.OrDefault()
	cfg.Stage = cmp.Or(cfg.Stage, "local")
	cfg.RouteSelectionExpression = cmp.Or(cfg.RouteSelectionExpression, "$request.body.action")
	if cfg.StageVariables == nil {
		cfg.StageVariables = map[string]string{}
	}
	cfg.IdleTimeout = cmp.Or(cfg.IdleTimeout, defaultIdleTimeout)
	cfg.MaxDuration = cmp.Or(cfg.MaxDuration, defaultMaxDuration)
	cfg.MaxConnections = cmp.Or(cfg.MaxConnections, 10_000)
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
}

// Handles reports whether r is meant for a WebSocket API: it asks for an upgrade
// to WebSocket or calls @connections. A server that has other things on the same
// port asks it first.
func (a *API) Handles(r *http.Request) bool {
	_, rest, _ := a.address.locate(r.URL.Path)
	return isUpgrade(r) || rest != ""
}

// ServeHTTP answers handshakes and calls of @connections.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Amzn-Requestid", arrival.NewUUID())
	_, rest, ok := a.address.locate(r.URL.Path)
	id, managed := strings.CutPrefix(rest, management)
	switch {
	case len(r.RequestURI) > maxURL:
		refuse(w, http.StatusRequestURITooLong, "RequestURITooLongException", "Request URI too long")
	case !ok:
		a.cfg.Logger.Warn("no WebSocket API here", "path", r.URL.Path, "want", strings.Join(a.address.paths, " or "))
		refuse(w, http.StatusForbidden, "ForbiddenException", "Forbidden")
	case managed:
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

// tell passes on what a connection tells to the integration of its route, within the
// time that the integration has. A function may end the goroutine of a message.
func (a *API) tell(r *request) (answer *reply, err error) {
	route := a.routes.byKey[r.route]
	if a.cfg.Observe == nil {
		return route.endpoint.serve(a.ctx, r)
	}
	r.seen = &Event{
		Type: r.kind, ConnectionID: r.of.ID, SourceIP: r.of.SourceIP, Start: time.Now(),
		RequestID: r.id, Route: r.route, Origin: route.Origin, Integration: route.endpoint.name(),
		Message: []byte(r.message), Status: r.status.code,
	}
	err = integration.ErrExited
	defer func() {
		if r.seen.Err = err; err == nil && r.kind != Disconnect {
			r.seen.Status = answer.StatusCode
		}
		a.observe(*r.seen)
	}()
	return route.endpoint.serve(a.ctx, r)
}
