package websocket

import (
	"errors"
	"fmt"
	"strings"

	"github.com/lambridge-go/lambridge/local/internal/bucket"
	"github.com/lambridge-go/lambridge/local/internal/integration"
	"github.com/lambridge-go/lambridge/local/internal/selection"
)

// routes are those of an API.
type routes struct {
	byKey  map[string]*route
	custom bool // there is one that messages can select
}

// A route is a Route in use.
type route struct {
	Route
	endpoint endpoint
	bucket   *bucket.Bucket        // of Throttle
	model    *selection.Expression // of Models
}

// newRoutes returns the routes of an API. Its error joins all that is wrong with them.
func newRoutes(cfg Config, whole bool) (routes, error) {
	var wrong []error
	all := routes{byKey: make(map[string]*route)}
	backends, err := integration.NewBackends(cfg.Backends)
	if err != nil {
		wrong = append(wrong, fmt.Errorf("websocket: %w", err))
	}
	var otherwise endpoint
	if cfg.Default != nil {
		otherwise = cfg.Default.bind(&binding{whole, backends, func(format string, args ...any) {
			wrong = append(wrong, fmt.Errorf("websocket: "+format, args...))
		}})
		for key, without := range map[string]bool{
			connectRoute: cfg.WithoutConnect, disconnectRoute: cfg.WithoutDisconnect, defaultRoute: cfg.WithoutDefault,
		} {
			if !without {
				all.byKey[key] = &route{Route: Route{Key: key}, endpoint: otherwise}
			}
		}
	}
	seen := make(map[string]bool)
	for _, r := range cfg.Routes {
		fail := func(format string, args ...any) {
			err := fmt.Errorf("websocket: route %q: "+format, append([]any{r.Key}, args...)...)
			if r.Origin != "" {
				err = fmt.Errorf("%s: %w", r.Origin, err)
			}
			wrong = append(wrong, err)
		}
		to := otherwise
		switch {
		case r.Key == "" || strings.HasPrefix(r.Key, "$") && !(isBuiltIn(r.Key) && (r.To != nil || to != nil && r.guarded())):
			fail("a custom route is not empty and does not begin with $")
		case seen[r.Key]:
			fail("there are two of that key")
		case r.To != nil:
			to = r.To.bind(&binding{whole, backends, fail})
		case to == nil:
			fail("the Integration is missing")
		}
		seen[r.Key] = true
		made := &route{Route: r, endpoint: to}
		made.checkGuards(fail)
		all.byKey[r.Key] = made
		all.custom = all.custom || !isBuiltIn(r.Key)
	}
	if len(all.byKey) == 0 {
		wrong = append(wrong, errors.New("websocket: Default is missing, and there are no Routes"))
	}
	return all, errors.Join(wrong...)
}

// guarded reports whether the route has more to it than where it leads.
func (r Route) guarded() bool {
	return r.Authorizer != nil || r.Required != nil || r.Models != nil || r.TwoWay || r.APIKeyRequired || r.Throttle != nil
}

func isBuiltIn(key string) bool {
	return key == connectRoute || key == disconnectRoute || key == defaultRoute
}

// has reports whether there is a route of a key.
func (r routes) has(key string) bool { return r.byKey[key] != nil }

// selectRoute returns the key of the route that handles message, and false with
// what was selected when no route does. Only what the configuration names is a
// route: a client that sends "$connect" as its action selects nothing.
func (a *API) selectRoute(message string) (key string, ok bool) {
	if !a.routes.custom && a.routes.has(defaultRoute) {
		return defaultRoute, true
	}
	if body, err := selection.ParseBody(message); err == nil {
		key = a.selection.Evaluate(selection.Values{RequestBody: body})
	}
	switch {
	case !isBuiltIn(key) && a.routes.has(key):
		return key, true
	case a.routes.has(defaultRoute):
		return defaultRoute, true
	default:
		return key, false
	}
}
