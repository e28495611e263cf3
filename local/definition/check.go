package definition

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/lambridge-go/lambridge/local/gateway"
)

// check looks at the plan as a whole, and tells of the routes that are refused: only
// now, since a route that leads nowhere in one place may be completed in another.
func (r *reader) check() {
	for _, api := range r.plan.WebSocketAPIs {
		for _, route := range api.Routes {
			if route.Refused != "" {
				r.refuse(route.Origin, api.label()+": "+route.Key, "%s", route.Refused)
			}
		}
	}
	for _, api := range r.plan.APIs {
		for _, route := range api.Routes {
			if err := r.locked[api]; err != nil && route.Refused == "" {
				refuseRoute(route, err)
			}
			if route.Refused != "" {
				r.refuse(route.Origin, api.label()+": "+route.Key, "%s", route.Refused)
			}
		}
		if api.Kind == gateway.RESTAPI {
			r.checkSiblings(api)
			r.checkSegments(api)
			r.checkDeclared(api)
		}
		if len(api.Routes) == 0 {
			r.warn(api.Origin, api.label(), "has no routes")
		}
	}
}

// checkSiblings tells of path parameters that stand in one place by two names, which
// a REST API's tree of resources has no room for.
func (r *reader) checkSiblings(api *API) {
	names := map[string]string{}
	for _, route := range api.Routes {
		_, path, _ := strings.Cut(route.Key, " ")
		for i := 1; i < len(path); i++ {
			if path[i] != '{' {
				continue
			}
			segment, _, _ := strings.Cut(path[i:], "/")
			parent := routeShape(path[:i])
			first, ok := names[parent]
			if !ok {
				names[parent] = segment
			} else if first != segment && strings.HasSuffix(first, "+}") == strings.HasSuffix(segment, "+}") {
				why := fmt.Errorf("%s stands where another path has %s: a resource of a REST API has one path parameter below it", segment, first)
				r.refuse(route.Origin, api.label()+": "+route.Key, "%v", why)
				if route.Refused == "" {
					refuseRoute(route, why)
				}
			}
		}
	}
}

// checkSegments tells of paths that a REST API's tree of resources cannot have. Whether one may
// end with a slash is not known.
//
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html
func (r *reader) checkSegments(api *API) {
	for _, route := range api.Routes {
		_, path, _ := strings.Cut(route.Key, " ")
		if path = strings.Trim(path, "/"); path == "" || route.Refused != "" {
			continue
		}
		for segment := range strings.SplitSeq(path, "/") {
			if !pathPart.MatchString(segment) {
				r.warn(route.Origin, api.label()+": "+route.Key, "the segment %q has other characters than letters, digits, hyphens, underscores, dots, commas and colons: API Gateway refuses it", segment)
			}
		}
	}
}

// pathPart is a segment of a path as a resource has it.
var pathPart = regexp.MustCompile(`^([A-Za-z0-9_.,:-]+|\{[^{}]+\})$`)

// checkDeclared tells of parameters that an integration reads and its method does not
// declare, and of headers that it sets and no response declares.
//
// https://docs.aws.amazon.com/apigateway/latest/developerguide/request-response-data-mappings.html
func (r *reader) checkDeclared(api *API) {
	for _, route := range api.Routes {
		label := api.label() + ": " + route.Key
		for _, p := range route.Integration.RequestParameters {
			if source, ok := strings.CutPrefix(p.Value, "method.request."); ok && !route.declares(source) {
				r.warn(p.Origin, label, "%s reads %s, which the method does not declare, as API Gateway asks it to", p.Name, p.Value)
			}
		}
		for _, response := range route.Integration.Responses {
			for _, p := range response.Parameters {
				if header, ok := strings.CutPrefix(p.Name, "method.response.header."); ok && !route.answersWith(response.Status, header) {
					r.warn(p.Origin, label, "it sets %s, which no response %s of the method declares: it is sent here, and not by API Gateway", p.Name, response.Status)
				}
			}
		}
	}
}

// declares reports whether a method has the parameter that a mapping reads, such as
// "querystring.page". Bodies are not declared.
func (route *Route) declares(source string) bool {
	place, name, _ := strings.Cut(source, ".")
	place = strings.TrimPrefix(place, "multivalue")
	if place != "path" && place != "querystring" && place != "header" {
		return true
	}
	return slices.ContainsFunc(route.Parameters, func(p Parameter) bool { return p.In == place && p.Name == name })
}

// answersWith reports whether a method declares a header of its answers with a status, or
// answers with any.
func (route *Route) answersWith(status, header string) bool {
	return slices.ContainsFunc(route.Responses, func(m MethodResponse) bool {
		return m.Status == "default" || m.Status == status && slices.ContainsFunc(m.Headers, func(name string) bool { return strings.EqualFold(name, header) })
	})
}
