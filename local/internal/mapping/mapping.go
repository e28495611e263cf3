// Package mapping renders API Gateway's mapping templates for one request:
// the template language of [velocity] with the variables $input, $util,
// $context and $stageVariables.
//
// A request is rendered in up to two steps, the request template and the
// response template, which share one [Context]: what the first assigns below
// $context.requestOverride and $context.responseOverride the second reads.
// (https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html)
package mapping

import (
	"context"
	"sync"

	"github.com/lambridge-go/lambridge/local/internal/javavalue"
	"github.com/lambridge-go/lambridge/local/internal/jsonpath"
	"github.com/lambridge-go/lambridge/local/internal/velocity"
)

// MaxTemplate is the largest template that API Gateway accepts, in bytes.
const MaxTemplate = 300 << 10

// A Template is a parsed mapping template. It is safe for concurrent use.
type Template struct {
	template *velocity.Template
	warnings []string
	paths    paths
}

// Parse reads a template. Its error is a *[velocity.Error], which names line
// and column.
func Parse(text string) (*Template, error) {
	if len(text) > MaxTemplate {
		return nil, &velocity.Error{Line: 1, Column: 1, What: "the template is larger than 300 KB, which API Gateway refuses"}
	}
	parsed, err := velocity.Parse(text)
	if err != nil {
		return nil, err
	}
	t := &Template{template: parsed}
	if line, column, ok := parsed.Evaluate(); ok {
		return nil, &velocity.Error{Line: line, Column: column, What: "#evaluate is not available in API Gateway"}
	}
	if parsed.HasMacros() {
		t.warnings = append(t.warnings, "#macro works here; users report both that API Gateway runs it and that it does not")
	}
	return t, nil
}

// Warnings returns what the template does of which it is not certain that API
// Gateway does it too.
func (t *Template) Warnings() []string { return t.warnings }

// An Input is what a template renders.
type Input struct {
	// Body is what $input.body, $input.json and $input.path read: the client's
	// body in a request template, the integration's in a response template.
	Body []byte
	// Path, Querystring and Header are what $input.params finds, in both
	// templates those of the client's request. Of repeated names the last
	// counts, and header names are looked up as the client wrote them.
	Path, Querystring, Header []Param
	// AnyCase looks names of headers up in any case, where it is not known how
	// the client wrote them.
	AnyCase bool
	// Context is $context. The templates of one request share it. nil is an
	// empty one.
	Context *Context
	// StageVariables is $stageVariables.
	StageVariables map[string]string
}

// A Param is a name and its value.
type Param struct{ Name, Value string }

// RenderWith renders the template from in, but with another body.
func (t *Template) RenderWith(ctx context.Context, in Input, body []byte) ([]byte, error) {
	in.Body = body
	text, err := t.Render(ctx, &in)
	return []byte(text), err
}

// Render renders the template. Its error is a *[velocity.Error]; API Gateway
// answers a request whose template fails with its 500.
func (t *Template) Render(ctx context.Context, in *Input) (string, error) {
	c := in.Context
	if c == nil {
		c = NewContext(Values{})
	}
	return t.template.Render(ctx, map[string]any{
		"input":          newInput(in, &t.paths),
		"util":           util{},
		"context":        c.values,
		"stageVariables": sortedMap(in.StageVariables),
	})
}

// paths remembers the expressions of $input.json and $input.path, which nearly
// always are constants of the template.
type paths struct {
	mu       sync.Mutex
	compiled map[string]*jsonpath.Path
}

// maxPaths is how many expressions a template remembers. Computed ones beyond
// are compiled anew each time.
const maxPaths = 100

func (p *paths) compile(expr string) (*jsonpath.Path, error) {
	p.mu.Lock()
	path := p.compiled[expr]
	p.mu.Unlock()
	if path != nil {
		return path, nil
	}
	path, err := jsonpath.Compile(expr)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.compiled == nil {
		p.compiled = map[string]*jsonpath.Path{}
	}
	if len(p.compiled) < maxPaths {
		p.compiled[expr] = path
	}
	return path, nil
}

// paramMap returns parameters as a map, in which the last of a name counts.
func paramMap(params []Param) *javavalue.Map {
	m := javavalue.NewMap()
	for _, p := range params {
		m.Put(p.Name, p.Value)
	}
	return m
}
