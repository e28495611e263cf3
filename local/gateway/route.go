package gateway

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/lambridge-go/lambridge/local/internal/bucket"
	"github.com/lambridge-go/lambridge/local/internal/door"
)

// A route is a Route in use: what becomes of the requests that match it.
type route struct {
	pair // in whose format its function is spoken to

	to          endpoint
	authorizer  Authorizer
	scopes      []string
	keyRequired bool
	throttle    *bucket.Bucket
	validator   Validator
	origin      string
}

// A router finds the route of a request, by the rules of
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html
// and what was measured of REST APIs: a route must serve both the path and the
// method; among those that do, one without "{proxy+}" goes first, then the one
// whose path is literal for longer, then the one that names the method.
//
// The routes stand in a tree with a level for each segment of a path: a request is
// compared only with those that begin as it does.
type router struct {
	facts     door.Facts
	root      node
	byKey     map[string]*leaf
	only      *route // of a front door without routes
	otherwise *route // for requests whose route is given with them, or nil
}

// A node is where the routes stand whose paths have begun alike.
type node struct {
	literals  map[string]*node
	parameter *node
	here      methods // the routes that end here
	greedy    methods // those that take all that remains
}

// methods are routes for the same paths, by the methods that they name.
type methods map[string]*leaf

// A leaf is a route at its place in the tree.
type leaf struct {
	pattern
	*route
}

// A pattern is "GET /items/{id}" taken apart.
type pattern struct {
	key      string
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

// httpMethods are those that routes can name, and those that ANY serves.
func httpMethods() []string {
	return []string{
		http.MethodDelete, http.MethodGet, http.MethodHead, http.MethodOptions,
		http.MethodPatch, http.MethodPost, http.MethodPut,
	}
}

// add puts a route at the place that its key says.
func (t *router) add(key string, r *route) error {
	p, err := parsePattern(t.facts, key)
	if err != nil {
		return err
	}
	place := t.root.place(p.segments)
	if other, taken := place[p.method]; taken {
		return fmt.Errorf("gateway: route %q serves the same requests as %q", key, other.key)
	}
	place[p.method] = &leaf{p, r}
	if t.byKey == nil {
		t.byKey = make(map[string]*leaf)
	}
	t.byKey[p.String()] = place[p.method]
	return nil
}

// parsePattern takes a route's key apart.
func parsePattern(facts door.Facts, key string) (pattern, error) {
	fail := func(format string, args ...any) (pattern, error) {
		return pattern{}, fmt.Errorf("gateway: route %q: "+format, append([]any{key}, args...)...)
	}
	if key == defaultRoute {
		if !slices.Contains(facts.Routes, defaultRoute) {
			return fail("%s have no $default route", facts.Plural)
		}
		return pattern{key: key, path: defaultRoute}, nil
	}
	method, path, ok := strings.Cut(key, " ")
	if !ok {
		method, path = anyMethod, key
	}
	if method != anyMethod && !slices.Contains(httpMethods(), method) {
		return fail("%q is not ANY or one of %s", method, strings.Join(httpMethods(), ", "))
	}
	if !strings.HasPrefix(path, "/") || strings.ContainsAny(path, " ?#") {
		return fail("the path must begin with a slash, like \"GET /items/{id}\"")
	}
	p := pattern{key: key, method: method, path: path}
	for text := range strings.SplitSeq(strings.Trim(path, "/"), "/") {
		if p.greedy() {
			return fail("nothing can follow {%s+}", p.segments[len(p.segments)-1].text)
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
		p.segments = append(p.segments, s)
	}
	return p, nil
}

// greedy reports whether the pattern takes all that remains of a path.
func (p pattern) greedy() bool {
	return len(p.segments) > 0 && p.segments[len(p.segments)-1].kind == greedy
}

// String returns the key in the form that every route has one in.
func (p pattern) String() string {
	if p.method == "" {
		return p.path
	}
	return p.method + " " + p.path
}

// place is where the routes of a path stand. That of $default, which has no segments, is
// the root itself.
func (n *node) place(path []segment) methods {
	if len(path) == 0 {
		return held(&n.here)
	}
	switch s := path[0]; s.kind {
	case greedy:
		return held(&n.greedy)
	case parameter:
		if n.parameter == nil {
			n.parameter = new(node)
		}
		return n.parameter.place(path[1:])
	default:
		next := n.literals[s.text]
		if next == nil {
			next = new(node)
			if n.literals == nil {
				n.literals = make(map[string]*node)
			}
			n.literals[s.text] = next
		}
		return next.place(path[1:])
	}
}

func held(m *methods) methods {
	if *m == nil {
		*m = make(methods)
	}
	return *m
}

// source is the front door of requests that have no route.
func (t *router) source() Source {
	for _, r := range []*route{t.only, t.otherwise} {
		if r != nil {
			return r.source
		}
	}
	for _, leaf := range t.byKey {
		p, _ := pairOf(leaf.kind, DefaultFormat)
		return p.source
	}
	return ""
}

// given returns the route for requests that come with its key.
func (t *router) given(p pattern) *route {
	if own := t.byKey[p.String()]; own != nil {
		return own.route
	}
	return t.otherwise
}

// match returns the route for a method and a path as the client sent it, and the values
// of its parameters.
func (t *router) match(method, path string) (found *leaf, params map[string]string) {
	otherwise := t.root.here[""] // the route $default, or none
	if otherwise != nil && len(t.byKey) == 1 {
		return otherwise, nil
	}
	segments := strings.Split(strings.TrimSuffix(path[1:], "/"), "/")
	found = t.root.exact(method, segments)
	if found == nil {
		found = t.root.most(method, segments)
	}
	if found == nil {
		return otherwise, nil
	}
	return found, found.params(segments)
}

// exact returns the route for a path among those that end with it.
func (n *node) exact(method string, path []string) *leaf {
	if len(path) == 0 {
		return n.here.serving(method)
	}
	if next := n.literals[path[0]]; next != nil {
		if found := next.exact(method, path[1:]); found != nil {
			return found
		}
	}
	if n.parameter == nil || path[0] == "" {
		return nil
	}
	return n.parameter.exact(method, path[1:])
}

// most returns the route for a path among those that take all that remains of it: the
// one that leaves least to take, if its begin is literal for as long.
func (n *node) most(method string, path []string) *leaf {
	if len(path) == 0 {
		return nil
	}
	if next := n.literals[path[0]]; next != nil {
		if found := next.most(method, path[1:]); found != nil {
			return found
		}
	}
	if n.parameter != nil && path[0] != "" {
		if found := n.parameter.most(method, path[1:]); found != nil {
			return found
		}
	}
	if len(path) == 1 && path[0] == "" {
		return nil // nothing remains
	}
	return n.greedy.serving(method)
}

// serving returns the route for a method.
func (m methods) serving(method string) *leaf {
	if named := m[method]; named != nil && method != "" {
		return named
	}
	if slices.Contains(httpMethods(), method) {
		return m[anyMethod]
	}
	return nil
}

// params are the values that a path has for the pattern's parameters.
func (p pattern) params(path []string) map[string]string {
	var params map[string]string
	for i, s := range p.segments {
		value := path[i]
		switch s.kind {
		case literal:
			continue
		case greedy:
			value = strings.Join(path[i:], "/")
		}
		if params == nil {
			params = make(map[string]string)
		}
		params[s.text] = value
	}
	return params
}
