// Package selection reads the selection expressions of WebSocket APIs, by which routes,
// models, templates and integration responses are chosen, and the keys that some of them
// choose among.
//
// https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-selection-expressions.html
package selection

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// A Variable is what an expression may speak of.
type Variable string

// The variables. Behind those of a body a path may stand, behind those of a header its name
// has to.
const (
	RequestBody     Variable = "request.body"
	ResponseBody    Variable = "integration.response.body"
	ResponseStatus  Variable = "integration.response.statuscode"
	ResponseHeader  Variable = "integration.response.header"
	ResponseHeaders Variable = "integration.response.multivalueheader"
)

// Values are what the variables stand for. Bodies are JSON, with numbers as a json.Number;
// nil is none.
type Values struct {
	RequestBody, ResponseBody any
	ResponseStatus            int // 0 is no response
	ResponseHeader            http.Header
}

// An Expression computes a key: $request.body.action is a variable,
// ${request.body.service}/${request.body.action} text with variables, and \$ a dollar sign
// in a text. It is safe for concurrent use.
type Expression struct{ parts []part }

// A part is a text, or what a variable leads to.
type part struct {
	text     string
	variable Variable // "" is the text
	path     []string // the way to a member of a body
	name     string   // the name of a header
}

var (
	bare    = regexp.MustCompile(`^\$([a-z][^${}]*)$`)
	braced  = regexp.MustCompile(`\\\$|\$\{([^}]*)\}|\$`)
	element = regexp.MustCompile(`^([^\[\].]+)((?:\[[0-9]+\])*)$`)
)

// Parse reads an expression that may have some of the variables.
func Parse(text string, allowed ...Variable) (*Expression, error) {
	if m := bare.FindStringSubmatch(text); m != nil {
		p, err := parseVariable(m[1], allowed)
		if err != nil {
			return nil, fmt.Errorf("%q: %w", text, err)
		}
		return &Expression{[]part{p}}, nil
	}
	var e Expression
	last := 0
	for _, m := range braced.FindAllStringSubmatchIndex(text, -1) {
		e.parts = append(e.parts, part{text: text[last:m[0]]})
		last = m[1]
		switch {
		case text[m[0]] == '\\':
			e.parts = append(e.parts, part{text: "$"})
		case m[2] >= 0:
			p, err := parseVariable(text[m[2]:m[3]], allowed)
			if err != nil {
				return nil, fmt.Errorf("%q: %w", text, err)
			}
			e.parts = append(e.parts, p)
		default:
			return nil, fmt.Errorf("%q: a dollar sign is not %s, ${%[2]s} or \\$", text, allowed[0])
		}
	}
	e.parts = append(e.parts, part{text: text[last:]})
	return &e, nil
}

func parseVariable(text string, allowed []Variable) (part, error) {
	at := slices.IndexFunc(allowed, func(v Variable) bool {
		rest, ok := strings.CutPrefix(text, string(v))
		return ok && (rest == "" || rest[0] == '.')
	})
	if at < 0 {
		return part{}, fmt.Errorf("%q is none of %q", text, allowed)
	}
	p := part{variable: allowed[at]}
	rest := strings.TrimPrefix(text, string(p.variable))
	var err error
	switch name, named := strings.CutPrefix(rest, "."); p.variable {
	case RequestBody, ResponseBody:
		if named {
			p.path, err = parsePath(name)
		}
	case ResponseStatus:
		if named {
			err = fmt.Errorf("there is no %q, only %s", text, ResponseStatus)
		}
	default:
		if p.name = name; name == "" {
			err = fmt.Errorf("%q names no header", text)
		}
	}
	return p, err
}

// parsePath splits a.b[0] into a, b and 0.
func parsePath(text string) (path []string, err error) {
	for name := range strings.SplitSeq(text, ".") {
		m := element.FindStringSubmatch(name)
		if m == nil {
			return nil, fmt.Errorf("cannot read %q: want names with dots between them, and [0] for elements of arrays", name)
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

// Evaluate returns the key that the expression computes. It is evaluated once: what a
// variable stands for is not read again. What is not there is the empty string.
func (e *Expression) Evaluate(v Values) string {
	var key strings.Builder
	for _, p := range e.parts {
		switch p.variable {
		case "":
			key.WriteString(p.text)
		case RequestBody:
			writeValue(&key, at(v.RequestBody, p.path))
		case ResponseBody:
			writeValue(&key, at(v.ResponseBody, p.path))
		case ResponseStatus:
			if v.ResponseStatus != 0 {
				key.WriteString(strconv.Itoa(v.ResponseStatus))
			}
		case ResponseHeader:
			if values := v.ResponseHeader.Values(p.name); len(values) > 0 {
				key.WriteString(values[len(values)-1])
			}
		case ResponseHeaders:
			key.WriteString(strings.Join(v.ResponseHeader.Values(p.name), ","))
		}
	}
	return key.String()
}
