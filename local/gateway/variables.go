package gateway

import (
	"strings"

	"github.com/lambridge-go/lambridge/local/internal/door"
	"github.com/lambridge-go/lambridge/local/internal/javavalue"
	"github.com/lambridge-go/lambridge/local/internal/parameters"
)

// variables returns what $context is for templates and parameters: the request context of
// the event, which has the same names in the same order, and in REST APIs the overrides
// that a template may set.
//
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html
func variables(a *Arrival) (*javavalue.Map, error) {
	head := *a
	head.RawQuery, head.Header = "", nil
	if agent, ok := a.Header["User-Agent"]; ok {
		head.Header = map[string][]string{"User-Agent": agent}
	}
	if a.Authorization.Variables != nil {
		head.Authorization.Context, head.Authorization.ContextV1 = a.Authorization.Variables, a.Authorization.Variables
	}
	event, err := EventHead(&head, Format1)
	if err != nil {
		return nil, err
	}
	parsed, err := javavalue.Parse(event)
	if err != nil {
		return nil, door.Refusef(door.APIConfigurationError, "the request's context cannot be read: %v", err)
	}
	given, _ := parsed.(*javavalue.Map).Get("requestContext")
	context := javavalue.NewMap()
	for name, value := range given.(*javavalue.Map).All() {
		switch {
		case a.API.Kind == RESTAPI && name == "stage":
			context.Put("requestOverride", nested("path", "header", "querystring"))
		case a.API.Kind == RESTAPI && name == "apiId":
			context.Put("responseOverride", nested("header"))
		}
		context.Put(name, value)
	}
	if a.API.Kind == HTTPAPI {
		context.Put("routeKey", a.Route.Key())
	}
	return context, nil
}

// nested returns a map of empty maps.
func nested(names ...string) *javavalue.Map {
	m := javavalue.NewMap()
	for _, name := range names {
		m.Put(name, javavalue.NewMap())
	}
	return m
}

// lookUp returns a variable by a name such as identity.sourceIp. ok is false for what is
// not there, and for null.
func lookUp(variables *javavalue.Map, name string) (value any, ok bool) {
	value = variables
	for part := range strings.SplitSeq(name, ".") {
		m, is := value.(*javavalue.Map)
		if !is {
			return nil, false
		}
		if value, ok = m.Get(part); !ok {
			return nil, false
		}
	}
	return value, value != nil
}

// source returns what parameters are mapped from. The context is made only if it is asked
// for; what is wrong with it is then nothing that a mapping could tell.
func (x *exchange) source() parameters.Source {
	a := x.arrival
	var context *javavalue.Map
	return parameters.Source{
		Path:        pathParameters(a),
		RequestPath: a.Path,
		Query:       parameters.ParseQuery(a.RawQuery),
		Header:      a.Header,
		Body:        a.Payload,
		Context: func(name string) (any, bool) {
			if context == nil {
				made, err := variables(a)
				if err != nil {
					made = javavalue.NewMap()
				}
				context = made
			}
			return lookUp(context, name)
		},
		StageVariables: a.API.StageVariables,
	}
}

// pathParameters returns the parameters of the path, decoded.
func pathParameters(a *Arrival) map[string]string {
	params := make(map[string]string, len(a.Route.Params))
	for name, value := range a.Route.Params {
		params[name] = decoded(value)
	}
	return params
}
