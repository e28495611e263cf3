package definition

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/lambridge-go/lambridge/local/gateway"
	"github.com/lambridge-go/lambridge/local/internal/cloudformation"
	"github.com/lambridge-go/lambridge/local/internal/document"
)

func (r *reader) newWebSocketAPI(res *cloudformation.Resource) *WebSocketAPI {
	api := &WebSocketAPI{
		LogicalID: res.LogicalID, Stack: res.Stack.Name, ID: res.ID(), Name: res.Get("Name").Value(), Origin: originOf(res.Node),
		Region: res.Stack.Region(), Account: res.Stack.Account(), APIKeySelection: res.Get("ApiKeySelectionExpression").Value(),
	}
	r.webSocket[api.ID] = api
	r.plan.WebSocketAPIs = append(r.plan.WebSocketAPIs, api)
	return api
}

// label is what messages call the API.
func (api *WebSocketAPI) label() string { return "WebSocket API " + api.LogicalID }

// webSocketRoute reads a route of a WebSocket API.
func (r *reader) webSocketRoute(api *WebSocketAPI, res *cloudformation.Resource) {
	route := &WebSocketRoute{
		Key: res.Get("RouteKey").Value(), Origin: originOf(res.Node), Integration: &Integration{Origin: originOf(res.Node)},
		ModelSelection: res.Get("ModelSelectionExpression").Value(),
	}
	i, err := r.target(res, gateway.WebSocketAPI, api.StageVariables, api.label()+": "+route.Key)
	if i != nil {
		route.Integration = i
	}
	errs := [5]error{err}
	route.APIKeyRequired, errs[1] = truth(res.Get("ApiKeyRequired"), "ApiKeyRequired")
	errs[2] = r.webSocketAuthorizer(api, route, res.Get("AuthorizationType"), res.Get("AuthorizerId").Value())
	route.Models, errs[3] = api.modelsOf(res.Get("RequestModels"))
	errs[4] = route.parameters(res.Get("RequestParameters"))
	// The expression switches the response on; a RouteResponse is what it may have
	// beside it.
	r.twoWay[res.ID()] = route
	if err := errors.Join(errs[:]...); err != nil {
		route.Refused = oneLine(err)
	}
	r.addWebSocketRoute(api, route)
	if res.Get("RouteResponseSelectionExpression").Value() == "$default" {
		r.selected[res.ID()] = true
	}
}

// parameters reads which parameters a route has, and which of them have to be there.
func (route *WebSocketRoute) parameters(n *document.Node) error {
	var errs []error
	for key, value := range n.All() {
		if parts := strings.SplitN(key, ".", 4); len(parts) == 4 {
			if value.Is(document.Map) {
				value = value.Get("Required")
			}
			required, err := truth(value, key)
			route.Parameters = append(route.Parameters, Parameter{In: parts[2], Name: parts[3], Required: required})
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// modelsOf finds the models that a route's RequestModels name. The error joins what is wrong
// with them.
func (api *WebSocketAPI) modelsOf(requestModels *document.Node) ([]Named[*Model], error) {
	var models []Named[*Model]
	var errs []error
	for key, name := range requestModels.All() {
		at := slices.IndexFunc(api.Models, func(m *Model) bool { return m.Name == name.Value() })
		if at < 0 {
			errs = append(errs, fmt.Errorf("the model %q is not declared", name.Value()))
			continue
		}
		models = append(models, Named[*Model]{key, api.Models[at], originOf(name)})
	}
	return models, errors.Join(errs...)
}

func (r *reader) addWebSocketRoute(api *WebSocketAPI, route *WebSocketRoute) {
	for _, other := range api.Routes {
		if other.Key == route.Key {
			r.refuse(route.Origin, api.label()+": "+route.Key, "the route is there already, in %s", other.Origin)
			return
		}
	}
	api.Routes = append(api.Routes, route)
}

// webSocketAuthorizer finds the authorizer of $connect.
func (r *reader) webSocketAuthorizer(api *WebSocketAPI, route *WebSocketRoute, authorization *document.Node, id string) error {
	kind, err := optional(authorization, "the type of authorization")
	if err != nil {
		return err
	}
	switch route.Authorization = orElse(strings.ToUpper(kind), "NONE"); route.Authorization {
	case "NONE":
		return nil
	case "AWS_IAM":
	case "CUSTOM":
		a, err := r.authorizerBy(api.Authorizers, id)
		if err != nil {
			return err
		}
		route.Authorizer = a
		r.use(a.Function, "authorizer "+a.Name)
	default:
		return fmt.Errorf("the authorization type %s is none of NONE, AWS_IAM and CUSTOM", route.Authorization)
	}
	if route.Key != "$connect" {
		return errors.New("only $connect has an authorizer")
	}
	return nil
}

// completeWebSocketIntegration checks an integration of a WebSocket API, and finds
// its function.
func (r *reader) completeWebSocketIntegration(stageVariables map[string]string, i *Integration, usedBy string) error {
	var err error
	if i.URI, err = withStageVariables(i.URI, stageVariables); err != nil {
		return err
	}
	r.warnOfUndocumented(i, usedBy)
	switch i.Type {
	case "MOCK":
		return nil
	case "HTTP", "HTTP_PROXY":
		if i.Method == "" {
			i.Method = "POST"
		}
		return checkBackend(gateway.HTTPAPI, i)
	case "AWS", "AWS_PROXY":
		if i.Method == "" {
			i.Method = "POST"
		}
		if i.Function, err = r.namedFunction(i.URI, i.Origin, usedBy); err != nil {
			return fmt.Errorf("the integration's uri: %w", err)
		}
		return checkTimeout(gateway.RESTAPI, i.Timeout)
	}
	return fmt.Errorf("the integration has the type %q, which is none of AWS, AWS_PROXY, HTTP, HTTP_PROXY, MOCK", i.Type)
}

// warnOfUndocumented notes what an integration of a WebSocket API says that has no effect
// here, since AWS does not document which it has there.
func (r *reader) warnOfUndocumented(i *Integration, usedBy string) {
	if i.ContentHandling != "" && (i.Type == "AWS_PROXY" || i.Type == "HTTP_PROXY") {
		r.warn(i.Origin, usedBy, "the ContentHandlingStrategy %s has no effect here: what it has on %s is not documented", i.ContentHandling, i.Type)
	}
	if i.Type != "AWS" {
		return
	}
	for _, p := range i.RequestParameters {
		if strings.EqualFold(p.Name, "integration.request.header.X-Amz-Invocation-Type") {
			r.warn(p.Origin, usedBy, "X-Amz-Invocation-Type has no effect here, the function is waited for: that it has one in WebSocket APIs is not documented")
		}
	}
}

// integrationResponseV2 reads AWS::ApiGatewayV2::IntegrationResponse.
func (r *reader) integrationResponseV2(res *cloudformation.Resource) {
	id := res.Get("IntegrationId").Value()
	known := r.v2[id]
	if known == nil {
		if r.set.Resource(id) == nil {
			r.refuse(originOf(res.Node), "integration response "+res.LogicalID, "IntegrationId leads to no integration of the definition")
		}
		return // no route leads there
	}
	ir := IntegrationResponse{
		Key: res.Get("IntegrationResponseKey").Value(), TemplateSelection: res.Get("TemplateSelectionExpression").Value(),
		ContentHandling: strings.ToUpper(res.Get("ContentHandlingStrategy").Value()), Origin: originOf(res.Node),
	}
	var errs [2]error
	ir.Parameters, errs[0] = named(res.Get("ResponseParameters"), "ResponseParameters")
	ir.Templates, errs[1] = named(res.Get("ResponseTemplates"), "ResponseTemplates")
	if len(ir.Parameters) > 0 {
		r.warn(ir.Origin, "integration response "+res.LogicalID, "its ResponseParameters have no effect here: what they have in WebSocket APIs is not documented")
	}
	if t := known.integration.Type; t == "AWS_PROXY" || t == "HTTP_PROXY" {
		r.warn(ir.Origin, "integration response "+res.LogicalID, "it has no effect: an integration of the type %s passes on what comes back", t)
	}
	if err := errors.Join(errs[:]...); err != nil {
		r.refuse(ir.Origin, "integration response "+res.LogicalID, "%s", oneLine(err))
	}
	known.integration.Responses = append(known.integration.Responses, ir)
}

// routeResponseV2 reads AWS::ApiGatewayV2::RouteResponse. A route answers the sender
// if it has one and its selection expression says so.
//
// https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-route-response.html
func (r *reader) routeResponseV2(res *cloudformation.Resource) {
	id := res.Get("RouteId").Value()
	route := r.twoWay[id]
	switch {
	case route == nil:
		r.leaveOut(res)
		r.refuse(originOf(res.Node), "route response "+res.LogicalID, "RouteId leads to no route of the definition")
	case res.Get("RouteResponseKey").Value() != "$default":
		r.refuse(originOf(res.Node), "route response "+res.LogicalID, "the only key of a route response is $default")
	case !r.selected[id]:
		r.warn(originOf(res.Node), "route "+route.Key, "it has a route response and no RouteResponseSelectionExpression: $default, so nothing is sent back")
	case route.Key == "$connect" || route.Key == "$disconnect":
		r.warn(originOf(res.Node), "route "+route.Key, "its route response has no effect")
	default:
		route.TwoWay = true
	}
}
