package main

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/lambridge-go/lambridge/local/definition"
	"github.com/lambridge-go/lambridge/local/gateway"
	"github.com/lambridge-go/lambridge/local/internal/inspector"
	"github.com/lambridge-go/lambridge/local/internal/invokeapi"
	"github.com/lambridge-go/lambridge/local/invoke"
	"github.com/lambridge-go/lambridge/local/websocket"
)

// inspect returns the inspector of one function, once it is served by these doors.
func (s *server) inspect(f *flags, b *banner) *inspector.Inspector {
	return inspector.New(inspector.Config{
		InvokeURL: b.invokeURL,
		Functions: func() []inspector.Function {
			return []inspector.Function{{Invoker: s.function, Name: s.function.Name(), ARN: s.function.ARN(), Snapshot: s.function.Snapshot()}}
		},
		APIs: func() []inspector.API { return f.inspected(b) },
		Through: func(source gateway.Source, fn invoke.Streamer) (http.Handler, error) {
			facts, _ := gateway.Facts(source)
			all := *f
			all.Every = true // not all of them have binary media types, or know callers
			api := all.api(facts, fn, s.function.Account())
			if err := api.Check(); err != nil { // a stage, say, which not all of them have
				plain := flags{functionFlags: f.functionFlags}
				plain.Every = true
				api = plain.api(facts, fn, s.function.Account())
			}
			if err := all.guard(&api, facts, s.logger); err != nil {
				return nil, err
			}
			return gateway.New(api, gateway.Options{Logger: s.logger})
		},
	})
}

// inspected are the APIs that the flags describe.
func (f *flags) inspected(b *banner) []inspector.API {
	var all []inspector.API
	for _, door := range b.doors {
		api := inspector.API{Name: door.Name, Kind: string(door.Kind), URL: door.url + b.path(), Routes: []inspector.Route{}}
		for _, key := range f.Route {
			api.Routes = append(api.Routes, inspector.Route{Key: key, Integration: b.function.Name(), Origin: "--route"})
		}
		if len(f.Route) == 0 {
			api.Routes = append(api.Routes, inspector.Route{Key: "everything", Integration: b.function.Name()})
		}
		all = append(all, api)
	}
	webSocket := inspector.API{Name: "WebSocket API", Kind: "WebSocket API", URL: f.scheme("ws") + "://" + b.webSocketURL}
	for _, key := range append([]string{"$connect", "$disconnect", "$default"}, f.WSRoute...) {
		webSocket.Routes = append(webSocket.Routes, inspector.Route{Key: key, Integration: b.function.Name()})
	}
	return append(all, webSocket)
}

// tools is what is served to a developer's own programs: the Invoke API at its paths, and
// the inspector's page elsewhere.
func tools(invokes *invokeapi.API, page *inspector.Inspector) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/20") { // as all that AWS serves, with a date
			invokes.ServeHTTP(w, r)
			return
		}
		page.ServeHTTP(w, r)
	})
}

// inspectedPlan is what the inspector shows of a plan that is served.
type inspectedPlan struct {
	functions  []inspectedSlot
	apis       []inspector.API
	webSockets map[string]servedPlanDoor // by logical id
}

type inspectedSlot struct {
	name string
	slot *slot
}

// inspect returns the inspector of a definition.
func (p *planServer) inspect() *inspector.Inspector {
	return inspector.New(inspector.Config{
		InvokeURL: p.invokeURL,
		Functions: func() []inspector.Function {
			var all []inspector.Function
			for _, s := range p.inspected.Load().functions {
				f := s.slot.current.Load()
				all = append(all, inspector.Function{Invoker: s.slot, Name: s.name, ARN: f.ARN(), Snapshot: f.Snapshot()})
			}
			return all
		},
		APIs: func() []inspector.API { return p.inspected.Load().apis },
	})
}

// showInspector tells the inspector of the plan that is served now.
func (p *planServer) showInspector() {
	shown := &inspectedPlan{webSockets: map[string]servedPlanDoor{}}
	p.functions.mu.Lock()
	for _, fn := range p.plan.Functions {
		if s := p.functions.running[fn.Name]; s != nil {
			shown.functions = append(shown.functions, inspectedSlot{fn.Name, s})
		}
	}
	p.functions.mu.Unlock()
	for _, door := range p.doors {
		if door.Kind == gateway.WebSocketAPI {
			shown.webSockets[door.Name] = door
		}
	}
	for _, door := range p.plan.Doors() {
		if served := p.doorOf(door); served != nil {
			shown.apis = append(shown.apis, inspector.API{
				Name: door.Name, Kind: string(door.Kind), URL: served.url(p.flags), Origin: door.Origin.String(), Routes: []inspector.Route{},
			})
		}
	}
	routesOf := func(kind gateway.Kind, name string) *[]inspector.Route {
		n := slices.IndexFunc(shown.apis, func(a inspector.API) bool { return a.Kind == string(kind) && a.Name == name })
		if n < 0 {
			return new([]inspector.Route)
		}
		return &shown.apis[n].Routes
	}
	for _, api := range p.plan.APIs {
		name := api.LogicalID
		if name == "" {
			name = api.Name
		}
		routes := routesOf(api.Kind, name)
		for _, r := range api.Routes {
			*routes = append(*routes, inspector.Route{
				Key: r.Key, Integration: integrationName(r.Integration), Authorizer: authorizerName(r.Authorization, r.Authorizer),
				Origin: r.Origin.String(), Refused: r.Refused,
			})
		}
	}
	for _, api := range p.plan.WebSocketAPIs {
		routes := routesOf(gateway.WebSocketAPI, api.LogicalID)
		for _, r := range api.Routes {
			*routes = append(*routes, inspector.Route{
				Key: r.Key, Integration: integrationName(r.Integration), Authorizer: authorizerName(r.Authorization, r.Authorizer), Origin: r.Origin.String(),
			})
		}
	}
	p.inspected.Store(shown)
}

// observeWebSocket tells the inspector what happens to the connections of a WebSocket API.
func (p *planServer) observeWebSocket(api *definition.WebSocketAPI, e websocket.Event) {
	door, ok := p.inspected.Load().webSockets[api.LogicalID]
	if ok {
		p.inspector.WebSocket(door.Name, func() (http.Handler, string) { return *door.handler.Load(), door.Path })(e)
	}
}

// integrationName says where an integration leads.
func integrationName(i *definition.Integration) string {
	switch {
	case i == nil:
		return "nowhere"
	case i.Function != nil:
		return i.Type + " " + i.Function.Name
	case i.Subtype != "":
		return fmt.Sprintf("%s %s", i.Type, i.Subtype)
	}
	return strings.TrimSpace(i.Type + " " + i.URI)
}

// authorizerName says who decides on a route's requests, "" for nobody.
func authorizerName(kind string, a *definition.Authorizer) string {
	switch {
	case a != nil:
		return kind + " " + a.Name
	case kind == "NONE":
		return ""
	}
	return kind
}
