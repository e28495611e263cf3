package definition

import (
	"fmt"

	"github.com/lambridge-go/lambridge/local/gateway"
)

// authorizer makes what decides on the requests of a route. nil lets everybody in.
func (a *assembler) authorizer(_ *API, route *Route) (gateway.Authorizer, error) {
	switch {
	case route.APIKeyRequired:
		return nil, fmt.Errorf("API keys are not checked, and the route requires one")
	case route.Authorization == "NONE" || route.Authorization == "":
		return nil, nil
	case route.Authorizer != nil:
		return nil, fmt.Errorf("authorizers of the type %s are not served (%s)", route.Authorizer.Type, route.Authorizer.Name)
	}
	return nil, fmt.Errorf("the authorization %s is not served", route.Authorization)
}

// urlAuthorizer makes what decides on the requests of a function URL.
func (a *assembler) urlAuthorizer(u *FunctionURL) (gateway.Authorizer, error) {
	if u.IAM {
		return nil, fmt.Errorf("the authorization AWS_IAM is not served")
	}
	return nil, nil
}

// validator makes what checks the requests of a route. nil checks nothing.
func (a *assembler) validator(_ *API, route *Route) (gateway.Validator, error) {
	v := route.Validator
	switch {
	case v == nil || !v.Body && !v.Parameters:
		return nil, nil
	case v.Body && len(route.Models) > 0:
		return nil, fmt.Errorf("bodies are not checked by models, and the route asks for it")
	case !v.Parameters:
		return nil, nil
	}
	var required gateway.RequiredParameters
	for _, p := range route.Parameters {
		switch {
		case !p.Required:
		case p.In == "header":
			required.Header = append(required.Header, p.Name)
		case p.In == "path":
			required.Path = append(required.Path, p.Name)
		case p.In == "querystring":
			required.Query = append(required.Query, p.Name)
		}
	}
	return required, nil
}

// unserved tells what an API asks for that is not done.
func (a *assembler) unserved(api *API) {
	tell := func(asked bool, at Origin, what string) {
		if asked {
			a.assembly.Refused = append(a.assembly.Refused, Note{Origin: at, Name: api.label(), Text: what})
		}
	}
	for _, response := range api.GatewayResponses {
		tell(true, response.Origin, "the gateway response "+response.Type+" is not served: the API answers in its own words")
	}
	tell(len(api.Policy) > 0, api.Origin, "the resource policy is not evaluated: everybody is let in")
	tell(api.MinimumCompression >= 0, api.Origin, "answers are not compressed")
	tell(api.MutualTLS != nil, api.Origin, "client certificates are not asked for")
}
