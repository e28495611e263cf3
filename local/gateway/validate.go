package gateway

import (
	"encoding/json"
	"errors"
	"net/url"
	"strings"

	"github.com/lambridge-go/lambridge/local/internal/field"
	"github.com/lambridge-go/lambridge/local/internal/schema"
)

// A Validator checks a request before it reaches the integration. It must be safe for
// concurrent use.
type Validator interface {
	// Validate returns a *Denied of type BadRequestParameters or BadRequestBody for a
	// request that is not as it must be. Any other error is answered with 500.
	Validate(a *Arrival) error
}

// RequiredParameters is a Validator that asks for headers, path parameters and query
// parameters, by name. They must be there and not blank.
//
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-method-request-validation.html
type RequiredParameters struct {
	Header, Path, Query []string
}

// Validate implements Validator. It names everything that is missing.
func (p RequiredParameters) Validate(a *Arrival) error {
	query, _ := url.ParseQuery(a.RawQuery) // what cannot be read is missing
	var missing []string
	require := func(names []string, value func(name string) string) {
		for _, name := range names {
			if strings.TrimSpace(value(name)) == "" {
				missing = append(missing, name)
			}
		}
	}
	require(p.Header, func(name string) string { return field.Last(a.Header, name) })
	require(p.Path, func(name string) string { return a.Route.Params[name] })
	require(p.Query, query.Get)
	if missing == nil {
		return nil
	}
	return &Denied{
		Type:    BadRequestParameters,
		Message: "Missing required request parameters: [" + strings.Join(missing, ", ") + "]",
	}
}

// Models are the models of an API, which bodies are checked by.
type Models = schema.Models

// CompileModels reads models, each a JSON Schema (draft 4) under its name. They may refer
// to each other. In those that are named as imported, from an OpenAPI document, API Gateway
// passes over exclusiveMinimum, minItems and maxItems. The error joins all that is wrong
// with them.
//
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html
func CompileModels(documents map[string]json.RawMessage, imported ...string) (*Models, error) {
	return schema.Compile(documents, imported...)
}

// A RequestValidator is a Validator that asks for parameters and, if they are all there,
// checks the body by a model.
//
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-method-request-validation.html
type RequestValidator struct {
	// Parameters are those that must be there.
	Parameters RequiredParameters

	// Bodies are the models of the API for bodies, by media type: "application/json" is
	// also for a request that does not say, and "$default" for all others. A body of a
	// type without a model passes.
	Bodies map[string]string
	Models *Models
}

// Validate implements Validator.
func (v RequestValidator) Validate(a *Arrival) error {
	if err := v.Parameters.Validate(a); err != nil || len(v.Bodies) == 0 {
		return err
	}
	media, _, _ := strings.Cut(field.Last(a.Header, "Content-Type"), ";")
	name, ok := v.Bodies[orElse(strings.ToLower(strings.TrimSpace(media)), jsonType)]
	if !ok {
		if name, ok = v.Bodies[defaultRoute]; !ok {
			return nil
		}
	}
	body, err := a.Payload()
	if err != nil {
		return err
	}
	err = v.Models.Check(name, body)
	if invalid, ok := errors.AsType[*schema.Invalid](err); ok {
		return &Denied{
			Type: BadRequestBody, Detail: invalid.Error(),
			Reason: "the body is not what the model " + name + " asks for: " + strings.Join(invalid.Places, ", "),
		}
	}
	return err
}
