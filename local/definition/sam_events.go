package definition

import (
	"errors"
	"fmt"
	"strings"

	"github.com/lambridge-go/lambridge/local/gateway"
	"github.com/lambridge-go/lambridge/local/internal/cloudformation"
	"github.com/lambridge-go/lambridge/local/internal/document"
)

// samEvents reads the routes that a function names as its events, and its URL.
func (r *reader) samEvents(res *cloudformation.Resource) {
	if config := res.Get("FunctionUrlConfig"); config != nil {
		f := r.functions[res.ID()]
		u := &FunctionURL{
			LogicalID: res.LogicalID + "Url", Stack: res.Stack.Name, ID: cloudformation.URLID(res.ID()), Function: f,
			Region: res.Stack.Region(), Account: res.Stack.Account(), Origin: originOf(config),
		}
		r.use(f, "function URL "+u.LogicalID)
		r.addURL(u, config.Get("AuthType"), config.Get("InvokeMode"), config.Get("Cors"))
	}
	for name, event := range res.Get("Events").All() {
		switch kind := event.Get("Type").Value(); kind {
		case "Api":
			r.samEvent(res, name, event, "RestApiId", cloudformation.ImplicitRESTAPI)
		case "HttpApi":
			r.samEvent(res, name, event, "ApiId", cloudformation.ImplicitHTTPAPI)
		case "":
			r.refuse(originOf(event), "function "+res.LogicalID+", event "+name, "it has no Type")
		default:
			r.plan.Skipped["event "+kind]++
		}
	}
}

// samEvent reads one route.
//
// https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-function-api.html
func (r *reader) samEvent(res *cloudformation.Resource, name string, event *document.Node, property, implicit string) {
	at, label := originOf(event), "function "+res.LogicalID+", event "+name
	n := event.Get("Properties")
	r.checkMembers(label, "event "+event.Get("Type").Value(), "Properties", n)
	id := n.Get(property).Value()
	if n.Get(property) == nil {
		id = res.Stack.Implicit(implicit).ID()
	}
	s := r.sam[id]
	if s == nil {
		r.refuse(at, label, "%s leads to no API that SAM makes in this definition", property)
		return
	}
	route := &Route{Origin: at, Authorization: "NONE", APIKeyRequired: s.keyRequired}
	method, noMethod := optional(n.Get("Method"), "Method")
	path, noPath := optional(n.Get("Path"), "Path")
	method = strings.ToUpper(method)
	switch err := errors.Join(noMethod, noPath); {
	case err != nil:
		r.refuse(at, label, "%s", oneLine(err))
		return
	case s.api.Kind == gateway.HTTPAPI && method == "" && path == "", path == "$default", path == "/$default":
		route.Key = "$default"
	case path == "" || method == "" && s.api.Kind == gateway.RESTAPI:
		r.refuse(at, label, "an event of the type Api has a Path and a Method")
		return
	default:
		if method == "" || method == "*" || method == "X-AMAZON-APIGATEWAY-ANY-METHOD" {
			method = "ANY"
		}
		route.Key = importedKey(method, path)
	}
	if s.written && !s.merged && (s.api.Kind == gateway.RESTAPI || !s.inline) {
		r.warn(at, label, "the API has a document of its own, and SAM does not write %s into it", route.Key)
		return
	}
	errs := []error{checkPath(route.Key), r.samIntegration(s.api, route, res, n), r.samAuth(s, route, n.Get("Auth"))}
	if s.api.Kind == gateway.RESTAPI {
		errs = append(errs, samRequest(s.api, route, n))
	}
	if limit, err := throttleOf(n.Get("RouteSettings"), "ThrottlingRateLimit", "ThrottlingBurstLimit"); err != nil || limit != nil {
		route.Throttle = limit
		errs = append(errs, err)
	}
	if err := errors.Join(errs...); err != nil {
		refuseRoute(route, err)
	}
	if s.written { // what stands in an HTTP API's template may have the route, which then gets the function
		shape := s.api.ID + " " + routeShape(route.Key)
		if there := r.shapes[shape]; there != nil {
			*there = *route
			return
		}
	}
	r.addRoute(s.api, route)
	if s.api.Kind == gateway.RESTAPI {
		_, at, _ := strings.Cut(route.Key, " ")
		r.samPolicy(s.api, n.Find("Auth", "ResourcePolicy"), policyResources(s.api, at))
	}
}

// samIntegration is the integration that SAM writes for an event.
func (r *reader) samIntegration(api *API, route *Route, res *cloudformation.Resource, n *document.Node) error {
	f := r.functions[res.ID()]
	usedBy := api.label() + ": " + route.Key
	r.use(f, usedBy)
	i := &Integration{
		Type: "AWS_PROXY", Method: "POST", Function: f, Origin: route.Origin,
		URI:    fmt.Sprintf("arn:aws:apigateway:%s:lambda:path/2015-03-31/functions/%s/invocations", res.Stack.Region(), f.ARN),
		Stream: strings.Contains(strings.ToUpper(n.Get("ResponseTransferMode").Value()), "STREAM"),
	}
	route.Integration = i
	if api.Kind == gateway.HTTPAPI {
		if i.PayloadFormat = n.Get("PayloadFormatVersion").Value(); i.PayloadFormat == "" {
			i.PayloadFormat = "2.0"
		}
	}
	if i.Stream {
		i.URI = strings.NewReplacer("2015-03-31", "2021-11-15", "/invocations", "/response-streaming-invocations").Replace(i.URI)
	}
	var err error
	if i.Timeout, err = milliseconds(n.Get("TimeoutInMillis"), "TimeoutInMillis"); err != nil {
		return err
	}
	return r.completeFunction(api.Kind, i, usedBy)
}

// samRequest reads the model and the parameters of an event.
func samRequest(api *API, route *Route, n *document.Node) error {
	for name := range pathParameters(route.Key) {
		route.Parameters = append(route.Parameters, Parameter{In: "path", Name: name, Required: true})
	}
	for _, p := range n.Get("RequestParameters").Elements() {
		names := map[string]bool{}
		if p.IsScalar() {
			names[p.Text] = false
		}
		for name, settings := range p.All() {
			names[name] = settings.Get("Required").True()
		}
		for name, required := range names {
			if parts := strings.SplitN(name, ".", 4); len(parts) == 4 {
				route.Parameters = append(route.Parameters, Parameter{In: parts[2], Name: parts[3], Required: required})
			}
		}
	}
	request := n.Get("RequestModel")
	if request == nil {
		return nil
	}
	model := modelOf(api, request.Get("Model").Value())
	if model == nil {
		return fmt.Errorf("the model %q is not declared", request.Get("Model").Value())
	}
	route.Models = []Named[*Model]{{"application/json", model, originOf(request)}}
	v := &Validator{Name: route.Key, Body: request.Get("ValidateBody").True(), Parameters: request.Get("ValidateParameters").True(), Origin: originOf(request)}
	if v.Body || v.Parameters {
		route.Validator = v
	}
	return nil
}
