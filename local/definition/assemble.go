package definition

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/lambridge-go/lambridge/local/gateway"
	"github.com/lambridge-go/lambridge/local/invoke"
	"github.com/lambridge-go/lambridge/local/websocket"
)

// Assembling says how a plan is put into use. The zero value has defaults.
type Assembling struct {
	_ struct{}

	// Attached says which functions are in a debugger: front doors wait for them for as
	// long as it takes. nil is none.
	Attached func(*Function) bool

	// Pace passes streams on no faster than AWS does.
	Pace bool

	// Callers say who may call.
	Callers Callers

	// Backends are addresses that stand in for hosts in the URIs of HTTP integrations, see
	// gateway.Options. nil calls every host as it is.
	Backends map[string]string

	// Observe is called after each response of an API, a function URL or a load
	// balancer. nil observes nothing. It must be safe for concurrent use.
	Observe func(gateway.Exchange)

	// ObserveWebSocket is called after each event of a connection of a WebSocket API.
	// nil observes nothing. It must be safe for concurrent use.
	ObserveWebSocket func(*WebSocketAPI, websocket.Event)

	// Now tells the time. nil is time.Now.
	Now func() time.Time

	// Logger hears of everything that would go wrong on AWS too. nil discards.
	Logger *slog.Logger
}

// An Assembly is a plan in use.
type Assembly struct {
	// Handlers serve the plan's Doors, one each and in their order.
	Handlers []http.Handler

	// Refused is what could not be put into use, beside what the plan refuses. Routes
	// among it answer 500, and the log says why.
	Refused []Note
}

// Close ends what the assembly has open: the connections of its WebSocket APIs, which
// are those of Handlers that are io.Closers.
func (a *Assembly) Close() error {
	var errs []error
	for _, h := range a.Handlers {
		if closer, ok := h.(io.Closer); ok {
			errs = append(errs, closer.Close())
		}
	}
	return errors.Join(errs...)
}

// Assemble makes gateways and WebSocket APIs of the plan. functions gives what is
// invoked for a function; its error refuses what leads there, and nothing else. The
// error is that nothing is left to serve.
func (p *Plan) Assemble(functions func(*Function) (invoke.Invoker, error), o Assembling) (*Assembly, error) {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	a := &assembler{plan: p, options: o, functions: functions, made: map[*Function]made{}, assembly: &Assembly{}}
	for _, api := range p.APIs {
		a.add(a.api(api))
	}
	for _, api := range p.WebSocketAPIs {
		a.add(a.webSocket(api))
	}
	for _, u := range p.FunctionURLs {
		a.add(a.functionURL(u))
	}
	for _, lb := range p.LoadBalancers {
		a.add(a.loadBalancer(lb))
	}
	if len(a.assembly.Handlers) == 0 {
		return nil, errors.New("definition: there is nothing to serve: no API, no function URL and no load balancer with a function")
	}
	return a.assembly, nil
}

// An assembler puts one plan into use.
type assembler struct {
	plan      *Plan
	options   Assembling
	functions func(*Function) (invoke.Invoker, error)
	made      map[*Function]made
	assembly  *Assembly

	authorizers map[*Authorizer]gateway.Authorizer
	compiled    map[any]compiledModels // by their *API or *WebSocketAPI
}

// made is what came of asking for a function.
type made struct {
	invoker invoke.Invoker
	err     error
}

func (a *assembler) add(h http.Handler) { a.assembly.Handlers = append(a.assembly.Handlers, h) }

// refuse notes what cannot be put into use.
func (a *assembler) refuse(at Origin, name string, err error) {
	a.assembly.Refused = append(a.assembly.Refused, Note{Origin: at, Name: name, Text: oneLine(err)})
}

// invoker asks once for each function.
func (a *assembler) invoker(f *Function) (invoke.Invoker, error) {
	known, ok := a.made[f]
	if !ok {
		known.invoker, known.err = a.functions(f)
		a.made[f] = known
	}
	if known.err != nil {
		return nil, fmt.Errorf("the function %s: %w", f.Name, known.err)
	}
	return known.invoker, nil
}

// api makes the gateway of a REST or HTTP API. A route that cannot be served stays,
// so that no wider one takes its requests, and answers 500.
func (a *assembler) api(api *API) http.Handler {
	base := a.base(api)
	bare := base
	bare.Default = gateway.Lambda(nil, gateway.LambdaOptions{})
	if err := bare.Check(); err != nil {
		a.refuse(api.Origin, api.label(), err)
		return a.broken(api.label(), err)
	}
	a.unserved(api)
	g := base
	for _, route := range api.Routes {
		var r gateway.Route
		err := errors.New(route.Refused)
		if route.Refused == "" {
			if r, err = a.route(api, route); err == nil {
				err = checkAlone(base, r)
			}
			if err != nil {
				a.refuse(route.Origin, api.label()+": "+route.Key, err)
			}
		} // what is refused in the plan is told with it
		if err != nil {
			r = refused(route, err)
			if checkAlone(base, r) != nil {
				continue // no request has a path like its
			}
		}
		g.Routes = append(g.Routes, r)
	}
	if len(g.Routes) == 0 {
		return a.broken(api.label(), errors.New("it has no routes"))
	}
	handler, err := gateway.New(g, a.gatewayOptions())
	if err != nil {
		a.refuse(api.Origin, api.label(), err)
		return a.broken(api.label(), err)
	}
	return handler
}

// checkAlone checks one route of an API, so that the others do not fall with it.
func checkAlone(api gateway.API, r gateway.Route) error {
	r.Origin = "" // the note says it
	api.Routes = []gateway.Route{r}
	return api.Check()
}

// base is an API without its routes.
func (a *assembler) base(api *API) gateway.API {
	g := gateway.API{
		Kind: api.Kind, Name: orElse(api.LogicalID, api.Name), ID: api.ID, Account: invoke.Account{ID: api.Account, Region: api.Region},
		Stage: api.Stage, StageVariables: api.StageVariables, BasePath: api.servedBasePath(), BinaryMediaTypes: api.BinaryMediaTypes, CORS: gatewayCORS(api.CORS),
	}
	if api.Kind == gateway.RESTAPI {
		g.Responses, g.APIKeys, g.APIKeySource = a.responses(api), a.keys(api), gateway.KeySource(api.APIKeySource)
	}
	return g
}

func (a *assembler) gatewayOptions() gateway.Options {
	return gateway.Options{Observe: a.options.Observe, Now: a.options.Now, Logger: a.options.Logger, Backends: a.options.Backends}
}

func gatewayCORS(c *CORS) *gateway.CORS {
	if c == nil {
		return nil
	}
	return &gateway.CORS{
		AllowOrigins: c.AllowOrigins, AllowMethods: c.AllowMethods, AllowHeaders: c.AllowHeaders,
		ExposeHeaders: c.ExposeHeaders, AllowCredentials: c.AllowCredentials, MaxAge: c.MaxAge,
	}
}

// route makes a gateway's route.
func (a *assembler) route(api *API, route *Route) (gateway.Route, error) {
	r := gateway.Route{Key: route.Key, Scopes: route.Scopes, APIKeyRequired: route.APIKeyRequired, Throttle: throttleFor(api.Throttle, route.Throttle), Origin: route.Origin.String()}
	var errs [3]error
	r.To, errs[0] = a.integration(api, route)
	r.Authorizer, errs[1] = a.authorizer(api, route)
	r.Validator, errs[2] = a.validator(api, route)
	return r, errors.Join(errs[:]...)
}

// throttleFor is the limit of a route: its own, or that of its stage.
func throttleFor(stage, own *Throttle) *gateway.Throttle {
	limit := own
	if limit == nil {
		limit = stage
	}
	if limit == nil {
		return nil
	}
	return &gateway.Throttle{Rate: limit.Rate, Burst: limit.Burst}
}

// refused is a route that answers 500, as one does that is set up wrong.
func refused(route *Route, err error) gateway.Route {
	return gateway.Route{
		Key: route.Key, Origin: route.Origin.String(),
		To: gateway.Lambda(unreachable{}, gateway.LambdaOptions{}), Validator: refusal{err},
	}
}

// A refusal is the validator of a route that cannot be served.
type refusal struct{ err error }

// Validate implements gateway.Validator.
func (r refusal) Validate(*gateway.Arrival) error {
	return fmt.Errorf("definition: the route is refused: %w", r.err)
}

// broken serves an API that cannot be served at all.
func (a *assembler) broken(name string, err error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a.options.Logger.Error("the whole of it is refused", "name", name, "error", err)
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusInternalServerError)
		_, _ = w.Write([]byte(`{"message": "Internal server error"}`))
	})
}

// functionURL makes the gateway of a function URL.
func (a *assembler) functionURL(u *FunctionURL) http.Handler {
	name := "function URL " + u.LogicalID
	f, err := a.invoker(u.Function)
	g := gateway.API{
		Kind: gateway.LambdaURL, Name: u.LogicalID, ID: u.ID, Account: invoke.Account{ID: u.Account, Region: u.Region}, CORS: gatewayCORS(u.CORS),
	}
	route := gateway.Route{Key: "$default", Origin: u.Origin.String()}
	if err == nil {
		o := gateway.LambdaOptions{Stream: u.Stream, Pace: u.Stream && a.options.Pace, Timeout: a.timeout(u.Function, 0)}
		route.To = gateway.Lambda(f, o)
		route.Authorizer, err = a.urlAuthorizer(u)
	}
	if err == nil {
		g.Routes = []gateway.Route{route}
		var handler http.Handler
		if handler, err = gateway.New(g, a.gatewayOptions()); err == nil {
			return handler
		}
	}
	a.refuse(u.Origin, name, err)
	return a.broken(name, err)
}

// timeout is how long a front door waits for a function.
func (a *assembler) timeout(f *Function, said time.Duration) time.Duration {
	if a.options.Attached != nil && a.options.Attached(f) {
		return -1
	}
	return said
}

// responses are an API's gateway responses.
func (a *assembler) responses(api *API) gateway.Responses {
	if len(api.GatewayResponses) == 0 {
		return nil
	}
	all := gateway.Responses{}
	for _, from := range api.GatewayResponses {
		response := gateway.Response{Parameters: valuesOf(from.Parameters), Templates: valuesOf(from.Templates)}
		if from.Status != "" {
			var err error
			if response.Status, err = strconv.Atoi(from.Status); err != nil {
				a.refuse(from.Origin, api.label(), fmt.Errorf("the gateway response %s has the status %q, which is no number", from.Type, from.Status))
			}
		}
		all[gateway.ResponseType(from.Type)] = response
	}
	return all
}

func valuesOf(list []Named[string]) map[string]string {
	if len(list) == 0 {
		return nil
	}
	values := make(map[string]string, len(list))
	for _, item := range list {
		values[item.Name] = item.Value
	}
	return values
}

// once tells something of an API, if it has not been told before.
func (a *assembler) once(at Origin, name, text string) {
	note := Note{Origin: at, Name: name, Text: text}
	if !slices.Contains(a.assembly.Refused, note) {
		a.assembly.Refused = append(a.assembly.Refused, note)
	}
}

// unserved tells what an API asks for that is not done.
func (a *assembler) unserved(api *API) {
	tell := func(asked bool, what string) {
		if asked {
			a.once(api.Origin, api.label(), what)
		}
	}
	tell(api.MinimumCompression >= 0, "answers are not compressed")
	tell(api.MutualTLS != nil, "client certificates are not asked for")
}
