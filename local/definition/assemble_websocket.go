package definition

import (
	"fmt"
	"net/http"

	"github.com/lambridge-go/lambridge/local/gateway"
	"github.com/lambridge-go/lambridge/local/websocket"
)

// webSocket makes a WebSocket API.
func (a *assembler) webSocket(api *WebSocketAPI) http.Handler {
	base := websocket.Config{
		Stage: orElse(api.Stage, undeployedStage), RouteSelectionExpression: api.RouteSelection, Logger: a.options.Logger,
		BasePaths: api.BasePaths, StageVariables: api.StageVariables, Backends: a.options.Backends,
	}
	if observe := a.options.ObserveWebSocket; observe != nil {
		base.Observe = func(e websocket.Event) { observe(api, e) }
	}
	switch api.APIKeySelection {
	case "", "$request.header.x-api-key":
	case "$context.authorizer.usageIdentifierKey":
		base.APIKeySource = gateway.KeyFromAuthorizer
	default:
		a.refuse(api.Origin, api.label(), fmt.Errorf("the ApiKeySelectionExpression %q is none that API Gateway knows", api.APIKeySelection))
	}
	base.APIKeys = a.webSocketKeys(api)
	config := base
	for _, route := range api.Routes {
		r := websocket.Route{Key: route.Key, TwoWay: route.TwoWay, Throttle: throttleFor(api.Throttle, route.Throttle), APIKeyRequired: route.APIKeyRequired, Origin: route.Origin.String()}
		if route.Refused != "" { // told with the plan
			r.To = websocket.Lambda(unreachable{}, websocket.LambdaOptions{})
			config.Routes = append(config.Routes, r)
			continue
		}
		var err error
		r.To, err = a.webSocketIntegration(route)
		if err == nil {
			err = a.guardWebSocket(&r, api, route)
		}
		if err == nil { // one at a time, so that the others do not fall with it
			single := base
			single.Routes = []websocket.Route{r}
			err = single.Check()
		}
		if err != nil {
			a.refuse(route.Origin, api.label()+": "+route.Key, err)
			r.To = websocket.Lambda(unreachable{}, websocket.LambdaOptions{})
		}
		config.Routes = append(config.Routes, r)
	}
	made, err := websocket.New(config)
	if err != nil {
		a.refuse(api.Origin, api.label(), err)
		return a.broken(api.label(), err)
	}
	return made
}

// webSocketIntegration makes what a route leads to.
func (a *assembler) webSocketIntegration(route *WebSocketRoute) (websocket.Integration, error) {
	i := route.Integration
	switch i.Type {
	case "MOCK":
		return websocket.Mock(i.webSocketMapping()), nil
	case "HTTP_PROXY":
		return websocket.HTTPProxy(i.URI, websocket.HTTPProxyOptions{
			Method: i.Method, Parameters: byName(i.RequestParameters), Timeout: i.Timeout, TLS: i.tls(),
		}), nil
	case "HTTP":
		return websocket.CustomHTTP(i.URI, websocket.CustomHTTPOptions{
			Method: i.Method, Timeout: i.Timeout, TLS: i.tls(), Mapping: i.webSocketMapping(),
		}), nil
	}
	f, err := a.invoker(i.Function)
	if err != nil {
		return nil, err
	}
	timeout := a.timeout(i.Function, i.Timeout)
	if i.Type == "AWS" {
		return websocket.CustomLambda(f, websocket.CustomLambdaOptions{Timeout: timeout, Mapping: i.webSocketMapping()}), nil
	}
	return websocket.Lambda(f, websocket.LambdaOptions{Timeout: timeout}), nil
}

// webSocketMapping is what an integration that is no proxy does to messages and answers.
func (i *Integration) webSocketMapping() websocket.Mapping {
	m := websocket.Mapping{
		PassthroughBehavior: i.PassthroughBehavior,
		ContentHandling:     i.ContentHandling,
		RequestParameters:   byName(i.RequestParameters),
		TemplateSelection:   i.TemplateSelection,
		RequestTemplates:    byName(i.RequestTemplates),
		ResponseSelection:   i.ResponseSelection,
	}
	for _, r := range i.Responses {
		m.Responses = append(m.Responses, websocket.IntegrationResponse{
			Key: r.Key, ContentHandling: r.ContentHandling, TemplateSelection: r.TemplateSelection, Templates: byName(r.Templates),
		})
	}
	return m
}
