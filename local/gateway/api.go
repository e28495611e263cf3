package gateway

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/lambridge-go/lambridge/local/internal/arrival"
	"github.com/lambridge-go/lambridge/local/internal/door"
	"github.com/lambridge-go/lambridge/local/internal/integration"
	"github.com/lambridge-go/lambridge/local/invoke"
)

// An API is one front door: its routes, and what each of them leads to. Kind and a
// function somewhere are required, the rest has defaults. What the front door does not
// have is an error, never ignored.
//
// An API is a plan and not in use: [New] makes a [Gateway] of it.
type API struct {
	_ struct{}

	// Kind is what the front door is.
	Kind Kind

	// Name is what people call it. "" is its kind.
	Name string

	// ID and Domain appear in events. "" makes them up; the Domain that is made up is
	// the one AWS would give the API in the region of its Account.
	ID, Domain string

	// Account is the account that it belongs to.
	Account invoke.Account

	// Stage is the stage of an API, which is then the first segment of every URL,
	// as it is in the addresses that API Gateway hands out. Only the stage "$default"
	// of an HTTP API does not show in URLs; it is what "" means there. "" is the
	// stage "prod" of a REST API, with the Gateway's root standing for the stage's.
	Stage string

	// StageVariables are those of the stage.
	StageVariables map[string]string

	// BasePath is where a custom domain maps the API to, such as "/shop". It is
	// then the beginning of every URL, and the stage is not part of it. "" is no
	// custom domain.
	BasePath string

	// BinaryMediaTypes are a REST API's types of binary bodies, such as
	// "image/png", "image/*" and "*/*". nil is none: all bodies are text.
	BinaryMediaTypes []string

	// CORS is the CORS configuration of an HTTP API or a function URL. nil is none.
	CORS *CORS

	// Responses are what a REST API says in place of its own answers. nil leaves it its
	// own words.
	Responses Responses

	// APIKeys are the keys of a REST API for the routes that require one, and
	// APIKeySource says where they stand. nil knows no key.
	APIKeys      APIKeys
	APIKeySource KeySource

	// Routes are those of the API. nil is one for everything, which leads to Default.
	Routes []Route

	// Default is what routes lead to that do not say.
	Default Integration
}

// A Route says what becomes of some of an API's requests.
type Route struct {
	_ struct{}

	// Key is an HTTP API's route key, such as "GET /items/{id}" and "$default", or a
	// REST API's method and resource, where no method means ANY. Front doors without
	// routes have at most one, whose Key is "$default".
	Key string

	// To is what the route leads to. nil is the API's Default.
	To Integration

	// Authorizer decides on each request. nil lets everybody in.
	Authorizer Authorizer

	// Scopes are those of which a token must have one. They are the Authorizer's to
	// check. nil asks for none.
	Scopes []string

	// APIKeyRequired asks for one of a REST API's APIKeys, once the Authorizer has let
	// the request in.
	APIKeyRequired bool

	// Throttle limits the requests. nil does not.
	Throttle *Throttle

	// Validator checks the requests that the Authorizer let in. nil does not.
	Validator Validator

	// Origin says where the route was defined, such as "template.yaml:12". It stands in
	// errors and in what Observe is told. "" does not say.
	Origin string
}

// Check returns everything that is wrong with the API, or nil. It does nothing else, and
// needs no function: Lambda(nil, …) stands for one that is yet to be built.
func (a API) Check() error {
	_, err := compile(a, Options{}, false)
	return err
}

// Event returns the event that the function of the route for r would be invoked with. It
// reads the body of r and needs no function. The error says why there is none.
func (a API) Event(r *http.Request) ([]byte, error) {
	g, err := compile(a, Options{}, false)
	if err != nil {
		return nil, err
	}
	return g.Event(r)
}

// compile makes a Gateway of an API, or says all that is wrong with it.
func compile(a API, o Options, complete bool) (*Gateway, error) {
	d := door.Of(a.Kind)
	if d == nil {
		return nil, fmt.Errorf("gateway: Kind %q is no front door of HTTP's", a.Kind)
	}
	c := &compiler{api: a, door: d, facts: d.Facts(), options: &o, complete: complete}
	g := &Gateway{
		door:    c.door,
		facts:   c.facts,
		stage:   c.stage(),
		mapping: c.mapping(),
		cors:    c.cors(),
		routes:  c.routes(),
		says:    c.responses(),
		keys:    a.APIKeys,
		source:  a.APIKeySource,
		observe: o.Observe,
		now:     o.now(),
		since:   o.since(),
		log:     o.logger(),
	}
	c.keys()
	c.media()
	g.api = c.arrivalAPI()
	if err := errors.Join(c.wrong...); err != nil {
		return nil, err
	}
	return g, nil
}

// A compiler reads an API part by part and collects what is wrong with it.
type compiler struct {
	api      API
	door     door.Door
	facts    door.Facts
	options  *Options
	complete bool // functions must be there
	servers  *integration.Backends
	wrong    []error
}

// backends are the HTTP servers that integrations call, which share connections.
func (c *compiler) backends() *integration.Backends {
	if c.servers == nil {
		var err error
		if c.servers, err = integration.NewBackends(c.options.Backends); err != nil {
			c.fail("%w", err)
		}
	}
	return c.servers
}

func (c *compiler) fail(format string, args ...any) {
	c.wrong = append(c.wrong, fmt.Errorf("gateway: "+format, args...))
}

// defaultStage is the one stage that does not show in URLs.
const defaultStage = "$default"

// stage returns the first segment of every URL, or "".
func (c *compiler) stage() string {
	own, stage := c.facts.Stage, c.api.Stage
	if (stage != "" && stage != defaultStage || len(c.api.StageVariables) > 0) && (own == "" || c.facts.Routes == nil) {
		c.fail("%s have no stages: leave out Stage %q and StageVariables", c.facts.Plural, stage)
		return ""
	}
	switch {
	case stage == "" || stage == defaultStage && own == defaultStage:
		return ""
	case stage == defaultStage && own != "":
		c.fail("%s have no stage %q", c.facts.Plural, stage)
	case !stageName.MatchString(stage):
		c.fail("Stage %q is not 1 to 128 letters, digits, hyphens and underscores", stage)
	}
	return stage
}

// stageName is what API Gateway takes for the name of a stage.
//
// https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-stages.html
var stageName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,128}$`)

// mapping returns the base path, "" or like "/shop".
func (c *compiler) mapping() string {
	path := strings.Trim(c.api.BasePath, "/")
	if path == "" {
		return ""
	}
	if !c.facts.Has.Mappings {
		c.fail("%s have no base paths: leave out BasePath %q", c.facts.Plural, c.api.BasePath)
	}
	return "/" + path
}

func (c *compiler) media() {
	if len(c.api.BinaryMediaTypes) > 0 && !c.facts.Has.BinaryMediaTypes {
		c.fail("%s have no BinaryMediaTypes, they tell binary bodies by themselves", c.facts.Plural)
	}
	for _, media := range c.api.BinaryMediaTypes {
		if strings.Count(media, "/") != 1 {
			c.fail(`BinaryMediaTypes has %q, which is not like "image/png"`, media)
		}
	}
}

func (c *compiler) cors() *cors {
	compiled, err := newCORS(c.facts, c.api.CORS)
	if err != nil {
		c.wrong = append(c.wrong, err)
	}
	return compiled
}

// routes returns the compiled routes, and the one for requests whose route is given with
// them.
func (c *compiler) routes() *router {
	table := &router{facts: c.facts}
	if c.api.Default != nil || len(c.api.Routes) == 0 {
		table.otherwise = c.compile(Route{})
	}
	routes := c.api.Routes
	switch {
	case c.facts.Routes == nil && len(routes) > 0:
		if len(routes) > 1 || routes[0].Key != defaultRoute {
			c.fail("%s have no Routes", c.facts.Plural)
			return table
		}
		table.only = c.compile(routes[0])
		return table
	case c.facts.Routes == nil:
		table.only = table.otherwise
		return table
	case len(routes) == 0:
		for _, key := range c.facts.Routes {
			routes = append(routes, Route{Key: key})
		}
	}
	for _, r := range routes {
		compiled := table.otherwise
		if r.To != nil || c.api.Default == nil || r.guarded() {
			compiled = c.compile(r)
		}
		if err := table.add(r.Key, compiled); err != nil {
			c.wrong = append(c.wrong, r.locate(err))
		}
	}
	return table
}

// guarded reports whether the route has more to it than where it leads.
func (r Route) guarded() bool {
	return r.Authorizer != nil || r.Scopes != nil || r.APIKeyRequired || r.Throttle != nil || r.Validator != nil || r.Origin != ""
}

// locate puts the place where the route was defined ahead of an error.
func (r Route) locate(err error) error {
	if r.Origin == "" {
		return err
	}
	return fmt.Errorf("%s: %w", r.Origin, err)
}

// compile compiles what becomes of a route's requests.
func (c *compiler) compile(r Route) *route {
	compiled := &route{authorizer: r.Authorizer, scopes: slices.Clone(r.Scopes), keyRequired: r.APIKeyRequired, validator: r.Validator, origin: r.Origin}
	compiled.pair, _ = pairOf(c.api.Kind, DefaultFormat)
	fail := func(format string, args ...any) {
		if r.Key != "" {
			format, args = "route %q: "+format, append([]any{r.Key}, args...)
		}
		c.wrong = append(c.wrong, r.locate(fmt.Errorf("gateway: "+format, args...)))
	}
	if to := r.to(c.api); to != nil {
		compiled.to = to.bind(&binding{compiler: c, route: compiled, fail: fail})
	} else {
		fail("the Integration is missing")
	}
	if r.APIKeyRequired && c.api.Kind != RESTAPI {
		fail("%s have no API keys", c.facts.Plural)
	}
	if r.Authorizer != nil && !compiled.caller {
		fail("%s have no authorizers in front of functions", c.facts.Plural)
	}
	var err error
	if compiled.throttle, err = newBucket(r.Throttle); err != nil {
		fail("%w", err)
	}
	return compiled
}

// to is what the route leads to in an API.
func (r Route) to(a API) Integration {
	if r.To != nil {
		return r.To
	}
	return a.Default
}

// arrivalAPI returns what all requests have in common.
func (c *compiler) arrivalAPI() arrival.API {
	a := arrival.API{
		Kind:             c.api.Kind,
		Name:             orElse(c.api.Name, string(c.api.Kind)),
		ID:               orElse(c.api.ID, "a1b2c3d4e5"),
		Account:          c.api.Account.OrDefault(),
		Domain:           c.api.Domain,
		Stage:            orElse(c.api.Stage, c.facts.Stage),
		StageVariables:   maps.Clone(c.api.StageVariables),
		BinaryMediaTypes: slices.Clone(c.api.BinaryMediaTypes),
	}
	if a.Domain == "" && c.facts.Domain != "" {
		a.Domain = a.ID + fmt.Sprintf(c.facts.Domain, a.Account.Region)
	}
	return a
}

func orElse(value, otherwise string) string {
	if value == "" {
		return otherwise
	}
	return value
}
