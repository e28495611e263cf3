package websocket

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
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
	model    *selectionExpression // of Models
}

// newRoutes returns the routes of an API. Its error joins all that is wrong with them.
func newRoutes(cfg Config, whole bool) (routes, error) {
	var wrong []error
	all := routes{byKey: make(map[string]*route)}
	var otherwise endpoint
	if cfg.Default != nil {
		otherwise = cfg.Default.bind(&binding{whole, func(format string, args ...any) {
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
			to = r.To.bind(&binding{whole, fail})
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
	return r.Authorizer != nil || r.Required != nil || r.Models != nil || r.TwoWay
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
	if body, err := decodeJSON(message); err == nil {
		key = a.selection.evaluate(body)
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

func decodeJSON(s string) (any, error) {
	d := json.NewDecoder(strings.NewReader(s))
	d.UseNumber() // 1.0 selects "1.0"
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, fmt.Errorf("websocket: more than one JSON value")
	}
	return v, nil
}

// A selectionExpression computes a route key from a message: $request.body.action,
// ${request.body.service}/${request.body.action}, or text as it stands, in which
// \$ is a dollar sign.
//
// https://docs.aws.amazon.com/apigateway/latest/developerguide/websocket-api-develop-routes.html
type selectionExpression struct{ parts []selectionPart }

// A selectionPart is text, or a path into the message's JSON.
type selectionPart struct {
	text string
	path []string
}

var (
	bareVariable   = regexp.MustCompile(`^\$(request\.body(?:\..+)?)$`)
	bracedVariable = regexp.MustCompile(`\\\$|\$\{([^}]*)\}|\$`)
	pathElement    = regexp.MustCompile(`^([^\[\].]+)((?:\[[0-9]+\])*)$`)
)

func parseSelectionExpression(s string) (*selectionExpression, error) {
	if m := bareVariable.FindStringSubmatch(s); m != nil {
		path, err := parsePath(s, m[1])
		return &selectionExpression{[]selectionPart{{path: path}}}, err
	}
	var e selectionExpression
	last := 0
	for _, m := range bracedVariable.FindAllStringSubmatchIndex(s, -1) {
		e.parts = append(e.parts, selectionPart{text: s[last:m[0]]})
		last = m[1]
		switch {
		case s[m[0]] == '\\':
			e.parts = append(e.parts, selectionPart{text: "$"})
		case m[2] >= 0:
			path, err := parsePath(s, s[m[2]:m[3]])
			if err != nil {
				return nil, err
			}
			e.parts = append(e.parts, selectionPart{path: path})
		default:
			return nil, fmt.Errorf("websocket: route selection expression %q: want $request.body.name, ${request.body.name} or \\$ for a dollar sign", s)
		}
	}
	e.parts = append(e.parts, selectionPart{text: s[last:]})
	return &e, nil
}

// parsePath splits request.body.a.b[0] into a, b and 0. The path is not nil: an
// empty one is the whole message.
func parsePath(expression, variable string) ([]string, error) {
	rest, ok := strings.CutPrefix(variable, "request.body")
	if !ok || rest != "" && rest[0] != '.' {
		return nil, fmt.Errorf("websocket: route selection expression %q: %q is not part of a message, only request.body is", expression, variable)
	}
	path := []string{}
	if rest == "" {
		return path, nil
	}
	for element := range strings.SplitSeq(rest[1:], ".") {
		m := pathElement.FindStringSubmatch(element)
		if m == nil {
			return nil, fmt.Errorf("websocket: route selection expression %q: cannot read %q: want names with dots between them, and [0] for elements of arrays", expression, element)
		}
		path = append(path, m[1])
		for index := range strings.SplitSeq(strings.Trim(m[2], "[]"), "][") {
			if index != "" {
				path = append(path, index)
			}
		}
	}
	return path, nil
}

// evaluate returns the route key that body selects. What is missing from body is
// the empty string.
func (e *selectionExpression) evaluate(body any) string {
	var key strings.Builder
	for _, part := range e.parts {
		if part.path == nil {
			key.WriteString(part.text)
			continue
		}
		writeSelected(&key, elementAt(body, part.path))
	}
	return key.String()
}

func elementAt(v any, path []string) any {
	for _, name := range path {
		switch container := v.(type) {
		case map[string]any:
			v = container[name]
		case []any:
			i, err := strconv.Atoi(name)
			if err != nil || i >= len(container) {
				return nil
			}
			v = container[i]
		default:
			return nil
		}
	}
	return v
}

// writeSelected writes v as text: strings without quotes, arrays as [a, b].
func writeSelected(w *strings.Builder, v any) {
	switch v := v.(type) {
	case nil:
	case string:
		w.WriteString(v)
	case []any:
		w.WriteByte('[')
		for i, item := range v {
			if i > 0 {
				w.WriteString(", ")
			}
			writeSelected(w, item)
		}
		w.WriteByte(']')
	default: // numbers and booleans; objects, for which AWS documents nothing
		b, _ := json.Marshal(v)
		w.Write(bytes.TrimSpace(b))
	}
}
