package gateway

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/lambridge-go/lambridge/internal/event"
)

// A router finds the route of a request, by the rules of
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html
// and what was measured of REST APIs: a route must serve both the path and the
// method; among those that do, one without "{proxy+}" goes first, then the one
// whose path is literal for longer, then the one that names the method.
type router struct {
	routes []route // in that order
}

// A route is "GET /items/{id}" taken apart.
type route struct {
	method   string // "" for $default
	path     string
	segments []segment
}

// A segment of a path is a literal, a parameter for one segment or a greedy one
// for all that remain.
type segment struct {
	text string // the literal, or the parameter's name
	kind int
}

const (
	literal = iota
	parameter
	greedy
)

const (
	anyMethod    = "ANY"
	defaultRoute = "$default"
)

// methods are those that routes can name, and those that ANY of a REST API serves.
func methods() []string {
	return []string{
		http.MethodDelete, http.MethodGet, http.MethodHead, http.MethodOptions,
		http.MethodPatch, http.MethodPost, http.MethodPut,
	}
}

// newRouter returns nil for a front door without routes. Its error joins all that
// is wrong with keys.
func newRouter(p event.Profile, keys []string) (*router, error) {
	if p.Routes == nil {
		if len(keys) > 0 {
			return nil, fmt.Errorf("gateway: %s have no Routes", p.Name)
		}
		return nil, nil
	}
	if len(keys) == 0 {
		keys = p.Routes
	}
	var wrong []error
	seen := make(map[string]string)
	r := &router{}
	for _, key := range keys {
		route, err := parseRoute(p, key)
		if err != nil {
			wrong = append(wrong, err)
			continue
		}
		shape := route.shape()
		if other, ok := seen[shape]; ok {
			wrong = append(wrong, fmt.Errorf("gateway: route %q serves the same requests as %q", key, other))
		}
		seen[shape] = key
		r.routes = append(r.routes, route)
	}
	slices.SortStableFunc(r.routes, compareRoutes)
	return r, errors.Join(wrong...)
}

func parseRoute(p event.Profile, key string) (route, error) {
	fail := func(format string, args ...any) (route, error) {
		return route{}, fmt.Errorf("gateway: route %q: "+format, append([]any{key}, args...)...)
	}
	if key == defaultRoute {
		if !slices.Contains(p.Routes, defaultRoute) {
			return fail("%s have no $default route", p.Name)
		}
		return route{path: defaultRoute}, nil
	}
	method, path, ok := strings.Cut(key, " ")
	if !ok {
		method, path = anyMethod, key
	}
	if method != anyMethod && !slices.Contains(methods(), method) {
		return fail("%q is not ANY or one of %s", method, strings.Join(methods(), ", "))
	}
	if !strings.HasPrefix(path, "/") || strings.ContainsAny(path, " ?#") {
		return fail("the path must begin with a slash, like \"GET /items/{id}\"")
	}
	r := route{method: method, path: path}
	for text := range strings.SplitSeq(strings.Trim(path, "/"), "/") {
		if r.greedy() {
			return fail("nothing can follow {%s+}", r.segments[len(r.segments)-1].text)
		}
		s := segment{text: text}
		if name, ok := strings.CutPrefix(text, "{"); ok {
			name, closed := strings.CutSuffix(name, "}")
			s.text, s.kind = name, parameter
			if name, ok := strings.CutSuffix(name, "+"); ok {
				s.text, s.kind = name, greedy
			}
			if !closed || s.text == "" || strings.ContainsAny(s.text, "{}+") {
				return fail("%q is not a parameter like {id} or {proxy+}", text)
			}
		} else if strings.ContainsAny(text, "{}") {
			return fail("a parameter must be a whole segment, %q is not", text)
		}
		r.segments = append(r.segments, s)
	}
	return r, nil
}

func (r route) greedy() bool {
	return len(r.segments) > 0 && r.segments[len(r.segments)-1].kind == greedy
}

// shape is the same for routes that serve the same requests.
func (r route) shape() string {
	var b strings.Builder
	b.WriteString(r.method)
	for _, s := range r.segments {
		fmt.Fprintf(&b, "/%d", s.kind)
		if s.kind == literal {
			b.WriteString(s.text)
		}
	}
	return b.String()
}

func compareRoutes(a, b route) int {
	if c := compareBools(a.method == "", b.method == ""); c != 0 {
		return c
	}
	if c := compareBools(a.greedy(), b.greedy()); c != 0 {
		return c
	}
	for i := range min(len(a.segments), len(b.segments)) {
		if c := cmp.Compare(a.segments[i].kind, b.segments[i].kind); c != 0 {
			return c
		}
	}
	if c := cmp.Compare(len(b.segments), len(a.segments)); c != 0 {
		return c
	}
	return compareBools(a.method == anyMethod, b.method == anyMethod)
}

// compareBools puts what is not before what is.
func compareBools(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// match returns the route for a method and a path as the client sent it. A front
// door without routes has one for everything.
func (r *router) match(method, path string) (event.Route, bool) {
	if r == nil {
		return event.Route{}, true
	}
	segments := strings.Split(strings.TrimSuffix(path[1:], "/"), "/")
	for _, route := range r.routes {
		if route.method == "" {
			return event.Route{Path: route.path}, true
		}
		if route.method != method && (route.method != anyMethod || !slices.Contains(methods(), method)) {
			continue
		}
		if params, ok := route.fits(segments); ok {
			return event.Route{Method: route.method, Path: route.path, Params: params}, true
		}
	}
	return event.Route{}, false
}

// fits reports whether the route serves a path, and with which parameters.
func (r route) fits(path []string) (map[string]string, bool) {
	if len(path) < len(r.segments) || len(path) > len(r.segments) && !r.greedy() {
		return nil, false
	}
	var params map[string]string
	for i, s := range r.segments {
		value := path[i]
		switch s.kind {
		case literal:
			if value != s.text {
				return nil, false
			}
			continue
		case greedy:
			value = strings.Join(path[i:], "/")
		}
		if value == "" {
			return nil, false
		}
		if params == nil {
			params = make(map[string]string)
		}
		params[s.text] = value
	}
	return params, true
}
