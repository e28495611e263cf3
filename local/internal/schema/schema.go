// Package schema holds the models of an API and checks bodies by them: JSON Schema
// draft 4, as far as API Gateway goes along with it.
//
// A model may refer to another one in each of the ways that definitions do:
//
//	https://apigateway.amazonaws.com/restapis/a1b2c3/models/Pet
//	#/components/schemas/Pet
//	#/definitions/Pet            unless the model has such a definition itself
//
// and models may go round in circles.
//
// What API Gateway passes over is passed over here: the $schema of another draft, formats
// that draft 4 does not have, such as date, and in models that it has imported from a
// document exclusiveMinimum, minItems and maxItems. [Models.Ignored] says where a model asks
// for them.
//
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html
package schema

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// Models are the models of one API. They are safe for concurrent use.
type Models struct {
	schemas map[string]*jsonschema.Schema // by the model's name
	places  map[string]*jsonschema.Schema // by where they stand
	ignored []string
}

// Compile reads models, each under its name. Those that are named as imported stood in an
// OpenAPI document. The error joins all that is wrong with them. Nothing is fetched: a
// reference to what is not among them is an error.
func Compile(documents map[string]json.RawMessage, imported ...string) (*Models, error) {
	m := &Models{schemas: make(map[string]*jsonschema.Schema, len(documents)), places: map[string]*jsonschema.Schema{}}
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft4)
	compiler.AssertFormat()
	compiler.RegisterFormat(&jsonschema.Format{Name: "uri", Validate: isURI})
	compiler.UseRegexpEngine(compilePattern)
	compiler.UseLoader(nothing{})

	var wrong []error
	names := slices.Sorted(maps.Keys(documents))
	for _, name := range names {
		document, err := jsonschema.UnmarshalJSON(bytes.NewReader(documents[name]))
		if err == nil {
			r := reader{model: name, models: documents, imported: slices.Contains(imported, name)}
			err = compiler.AddResource(address(name), r.schema(document, ""))
			m.ignored = append(m.ignored, r.ignored...)
		}
		if err != nil {
			wrong = append(wrong, fmt.Errorf("schema: model %q: %w", name, err))
		}
	}
	if err := errors.Join(wrong...); err != nil {
		return nil, err
	}
	for _, name := range names {
		compiled, err := compiler.Compile(address(name))
		if err != nil {
			wrong = append(wrong, fmt.Errorf("schema: model %q: %w", name, err))
		}
		m.schemas[name] = compiled
		m.place(compiled)
	}
	return m, errors.Join(wrong...)
}

// address is what the compiler knows a model by.
func address(model string) string { return "model:///" + model }

// nothing loads nothing.
type nothing struct{}

func (nothing) Load(url string) (any, error) {
	name, ok := strings.CutPrefix(url, "model:///")
	if !ok {
		name = url
	}
	return nil, fmt.Errorf("there is no model %q", name)
}

// Has reports whether there is a model of that name.
func (m *Models) Has(name string) bool { return m != nil && m.schemas[name] != nil }

// Ignored says which keywords have no effect, and in which models.
func (m *Models) Ignored() []string { return m.ignored }

// Check says whether a body is what the model asks for. An empty one is checked as
// {}. An error is an *Invalid, but for a name that no model has.
func (m *Models) Check(name string, body []byte) error {
	if !m.Has(name) {
		return fmt.Errorf("schema: there is no model %q", name)
	}
	if len(bytes.TrimSpace(body)) == 0 {
		body = []byte("{}")
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err != nil {
		return &Invalid{Texts: []string{"the body is not JSON"}, Places: []string{"it is not JSON"}}
	}
	var failed *jsonschema.ValidationError
	switch err := m.schemas[name].Validate(document); {
	case err == nil:
		return nil
	case errors.As(err, &failed):
		return m.invalid(failed, document)
	default:
		return &Invalid{Texts: []string{err.Error()}, Places: []string{"it cannot be checked"}}
	}
}
