package parameters

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/lambridge-go/lambridge/local/internal/javavalue"
	"github.com/lambridge-go/lambridge/local/internal/jsonpath"
)

// REST is the mapping of a REST API's integration request, or of an integration response, or
// of a WebSocket API's integration request.
// It is safe for concurrent use. A nil REST maps nothing.
type REST struct {
	assignments []assignment
}

// An assignment is one mapping: to a place of what is sent, from a source.
type assignment struct {
	place, name string
	from        reference
}

// The places a parameter is mapped to.
const (
	toHeader = "header"
	toQuery  = "querystring"
	toPath   = "path"
)

// Targets are where parameters are mapped to. Each is nil if nothing is.
type Targets struct {
	Header http.Header // by the names that the mapping has
	Query  Query
	Path   map[string]string
}

// CompileRequest reads requestParameters, whose keys are targets such as
// "integration.request.header.X" and whose values sources such as "method.request.path.id".
// Its error joins all that is wrong.
func CompileRequest(mappings map[string]string) (*REST, error) {
	return compileREST("requestParameters", mappings, "integration.request.", []string{toHeader, toQuery, toPath}, "method.request.")
}

// CompileRoute reads the request parameters of a WebSocket API's integration, whose sources
// are such as "route.request.body.room".
//
// https://docs.aws.amazon.com/apigateway/latest/developerguide/websocket-api-data-mapping.html
func CompileRoute(mappings map[string]string) (*REST, error) {
	return compileREST("RequestParameters", mappings, "integration.request.", []string{toHeader, toQuery, toPath}, "route.request.")
}

// CompileResponse reads the responseParameters of an integration response, whose keys are
// targets such as "method.response.header.X".
func CompileResponse(mappings map[string]string) (*REST, error) {
	return compileREST("responseParameters", mappings, "method.response.", []string{toHeader}, "integration.response.")
}

// restName is what names of parameters are made of:
// https://docs.aws.amazon.com/apigateway/latest/developerguide/request-response-data-mappings.html
var restName = regexp.MustCompile(`^[a-zA-Z0-9._$-]+$`)

func compileREST(field string, mappings map[string]string, target string, places []string, source string) (*REST, error) {
	r := &REST{}
	var wrong []error
	for _, key := range slices.Sorted(maps.Keys(mappings)) {
		place, name, ok := strings.Cut(strings.TrimPrefix(key, target), ".")
		if !ok || !strings.HasPrefix(key, target) || !slices.Contains(places, place) || !restName.MatchString(name) {
			wrong = append(wrong, fmt.Errorf("%s %q: the target is not like %s%s.NAME", field, key, target, places[0]))
			continue
		}
		from, err := compileReference(mappings[key], source)
		if err != nil {
			wrong = append(wrong, fmt.Errorf("%s %q: %w", field, key, err))
			continue
		}
		r.assignments = append(r.assignments, assignment{place, name, from})
	}
	return r, errors.Join(wrong...)
}

// A reference is where a value comes from.
type reference struct {
	kind string // "path", "querystring", "header", "multivalue…", "body", "context", "stageVariables", or "" for text
	name string
	path *jsonpath.Path // where in the body
}

// The kinds of references with several values.
const (
	manyQuery   = "multivaluequerystring"
	manyHeaders = "multivalueheader"
)

// compileReference reads a source.
func compileReference(text, source string) (reference, error) {
	if len(text) >= 2 && text[0] == '\'' && text[len(text)-1] == '\'' {
		return reference{name: text[1 : len(text)-1]}, nil
	}
	for _, kind := range []string{"context", "stageVariables"} {
		if name, ok := strings.CutPrefix(text, kind+"."); ok && name != "" {
			return reference{kind: kind, name: name}, nil
		}
	}
	rest, ok := strings.CutPrefix(text, source)
	kind, name, named := strings.Cut(rest, ".")
	kinds := []string{toHeader, manyHeaders}
	switch source {
	case "method.request.":
		kinds = append(kinds, toPath, toQuery, manyQuery)
	case "route.request.":
		kinds = append(kinds, toQuery, manyQuery)
	}
	switch {
	case ok && kind == "body" && !named:
		return reference{kind: "body"}, nil
	case ok && kind == "body":
		path, err := jsonpath.Compile("$." + name)
		return reference{kind: "body", path: path}, err
	case ok && named && slices.Contains(kinds, kind) && restName.MatchString(name):
		return reference{kind: kind, name: name}, nil
	}
	return reference{}, fmt.Errorf("the source %q is not like %sheader.NAME, context.NAME, stageVariables.NAME or 'text'", text, source)
}

// Headers returns the names of the headers that are mapped to.
func (r *REST) Headers() []string {
	var names []string
	for _, a := range r.all() {
		if a.place == toHeader {
			names = append(names, a.name)
		}
	}
	return names
}

func (r *REST) all() []assignment {
	if r == nil {
		return nil
	}
	return r.assignments
}

// Apply returns what is mapped. A source that is not there maps nothing. The error is
// ErrBody for a body that looks like JSON and is not, or one of reading the body.
func (r *REST) Apply(from Source) (Targets, error) {
	var to Targets
	for _, a := range r.all() {
		values, err := a.from.values(from)
		if err != nil {
			return Targets{}, err
		}
		if len(values) == 0 {
			continue
		}
		switch a.place {
		case toHeader:
			if to.Header == nil {
				to.Header = make(http.Header)
			}
			// Several values are one line.
			to.Header[a.name] = []string{strings.Join(values, ",")}
		case toQuery:
			for _, value := range values {
				to.Query = to.Query.With(a.name, value)
			}
		case toPath:
			if to.Path == nil {
				to.Path = make(map[string]string)
			}
			to.Path[a.name] = values[len(values)-1]
		}
	}
	return to, nil
}

// values returns what a reference leads to; of what is there several times the last, unless
// all are asked for.
func (r reference) values(from Source) ([]string, error) {
	switch r.kind {
	case toPath:
		if value, ok := from.Path[r.name]; ok {
			return []string{value}, nil
		}
	case toQuery:
		return last(from.Query.Values(r.name)), nil
	case manyQuery:
		return from.Query.Values(r.name), nil
	case toHeader:
		return last(r.header(from)), nil
	case manyHeaders:
		return r.header(from), nil
	case "context":
		// Numbers and objects are not mapped.
		if value, ok := from.Context(r.name); ok {
			if text, ok := value.(string); ok {
				return []string{text}, nil
			}
		}
	case "stageVariables":
		if value, ok := from.StageVariables[r.name]; ok {
			return []string{value}, nil
		}
	case "body":
		return r.body(from)
	case "":
		return []string{r.name}, nil
	}
	return nil, nil
}

// header returns all values of a header field.
func (r reference) header(from Source) []string {
	if from.Spelled {
		return from.Header[r.name]
	}
	return header(from.Header, r.name)
}

// body returns the body or a member of it. No body is an empty object, and what does not
// begin like an object is not taken for JSON.
func (r reference) body(from Source) ([]string, error) {
	body, err := from.body()
	if err != nil {
		return nil, err
	}
	if len(body) == 0 {
		body = []byte("{}")
	}
	object := bytes.HasPrefix(bytes.TrimLeft(body, " \t\r\n"), []byte("{"))
	if object {
		if _, err := javavalue.Parse(body); err != nil {
			return nil, ErrBody
		}
	}
	if r.path == nil {
		return []string{string(body)}, nil
	}
	if !object {
		return nil, nil
	}
	text, ok, err := member(body, r.path)
	if !ok {
		return nil, err
	}
	return []string{text}, nil
}

func (s Source) body() ([]byte, error) {
	if s.Body == nil {
		return nil, nil
	}
	return s.Body()
}
