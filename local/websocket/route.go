package websocket

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// selectRoute returns the key of the route that handles message, and false with
// what was selected when no route does. Only what the configuration names is a
// route: a client that sends "$connect" as its action selects nothing.
func (a *API) selectRoute(message string) (key string, ok bool) {
	if len(a.cfg.Routes) == 0 && !a.cfg.WithoutDefault {
		return "$default", true
	}
	if body, err := decodeJSON(message); err == nil {
		key = a.route.evaluate(body)
	}
	switch {
	case slices.Contains(a.cfg.Routes, key):
		return key, true
	case !a.cfg.WithoutDefault:
		return "$default", true
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
