package definition

import (
	"encoding/json"
	"strings"

	"github.com/lambridge-go/lambridge/local/gateway"
)

// validator makes what checks the requests of a route. nil checks nothing.
func (a *assembler) validator(api *API, route *Route) (gateway.Validator, error) {
	asked := route.Validator
	if asked == nil || !asked.Body && !asked.Parameters {
		return nil, nil
	}
	var v gateway.RequestValidator
	for _, p := range route.Parameters {
		switch {
		case !asked.Parameters || !p.Required:
		case p.In == "header":
			v.Parameters.Header = append(v.Parameters.Header, p.Name)
		case p.In == "path":
			v.Parameters.Path = append(v.Parameters.Path, p.Name)
		case p.In == "querystring":
			v.Parameters.Query = append(v.Parameters.Query, p.Name)
		}
	}
	if !asked.Body || len(route.Models) == 0 {
		return v, nil
	}
	models, err := a.models(api)
	if err != nil {
		return nil, err
	}
	v.Models, v.Bodies = models, map[string]string{}
	for _, m := range route.Models {
		v.Bodies[strings.ToLower(m.Name)] = m.Value.Name
	}
	return v, nil
}

// models compiles the models of a REST API.
func (a *assembler) models(api *API) (*gateway.Models, error) {
	return a.compile(api, api.Origin, api.label(), append([]*Model{builtIn("Empty"), builtIn("Error")}, api.Models...))
}

// compile compiles the models of an API once, and tells what of them has no effect.
func (a *assembler) compile(api any, at Origin, label string, models []*Model) (*gateway.Models, error) {
	if known, ok := a.compiled[api]; ok {
		return known.models, known.err
	}
	documents := map[string]json.RawMessage{}
	var imported []string
	for _, m := range models {
		documents[m.Name] = m.Schema
		if m.Imported {
			imported = append(imported, m.Name)
		}
	}
	var known compiledModels
	if known.models, known.err = gateway.CompileModels(documents, imported...); known.err == nil && len(known.models.Ignored()) > 0 {
		a.once(at, label, "API Gateway passes over these keywords of models, and so they are here: "+strings.Join(known.models.Ignored(), ", "))
	}
	if a.compiled == nil {
		a.compiled = map[any]compiledModels{}
	}
	a.compiled[api] = known
	return known.models, known.err
}

type compiledModels struct {
	models *gateway.Models
	err    error
}
