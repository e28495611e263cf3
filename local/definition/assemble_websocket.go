package definition

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/lambridge-go/lambridge/local/websocket"
)

// webSocket makes a WebSocket API.
func (a *assembler) webSocket(api *WebSocketAPI) http.Handler {
	base := websocket.Config{
		Stage: orElse(api.Stage, undeployedStage), RouteSelectionExpression: api.RouteSelection, Logger: a.options.Logger,
	}
	if observe := a.options.ObserveWebSocket; observe != nil {
		base.Observe = func(e websocket.Event) { observe(api, e) }
	}
	config := base
	for _, route := range api.Routes {
		r := websocket.Route{Key: route.Key, TwoWay: route.TwoWay, Origin: route.Origin.String()}
		if route.Refused != "" { // told with the plan
			r.To = websocket.Lambda(unreachable{}, websocket.LambdaOptions{})
			config.Routes = append(config.Routes, r)
			continue
		}
		var err error
		r.To, err = a.webSocketIntegration(api, route)
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
func (a *assembler) webSocketIntegration(_ *WebSocketAPI, route *WebSocketRoute) (websocket.Integration, error) {
	i := route.Integration
	switch {
	case route.APIKeyRequired:
		return nil, errors.New("API keys of WebSocket APIs are not checked, and the route requires one")
	case i.Type != "AWS_PROXY":
		return nil, fmt.Errorf("integrations of the type %s are not served", i.Type)
	}
	f, err := a.invoker(i.Function)
	if err != nil {
		return nil, err
	}
	return websocket.Lambda(f, websocket.LambdaOptions{Timeout: a.timeout(i.Function, i.Timeout)}), nil
}
