package definition

import (
	"errors"
	"regexp"
	"strings"

	"github.com/lambridge-go/lambridge/local/gateway"
	"github.com/lambridge-go/lambridge/local/internal/cloudformation"
	"github.com/lambridge-go/lambridge/local/internal/document"
)

// samWebSocketAPI reads AWS::Serverless::WebSocketApi.
//
// https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-websocketapi.html
func (r *reader) samWebSocketAPI(res *cloudformation.Resource) {
	api := r.newWebSocketAPI(res)
	api.RouteSelection = res.Get("RouteSelectionExpression").Value()
	if api.Stage = r.stageName(res, api.label()); api.Stage == "" {
		api.Stage = "default"
	}
	api.StageVariables = mapped(res.Get("StageVariables"))
	var err error
	if api.Throttle, err = throttleOf(res.Get("DefaultRouteSettings"), "ThrottlingRateLimit", "ThrottlingBurstLimit"); err != nil {
		r.refuse(api.Origin, api.label(), "%s", oneLine(err))
	}
	r.throttleRoutes(api.ID, api.label(), res.Get("RouteSettings"))
	r.samWebSocketDomain(api, res.Get("Domain"))
	auth := res.Get("Auth")
	if auth.Get("AuthType").Value() != "CUSTOM" {
		return
	}
	a := &Authorizer{ID: res.LogicalID + "Authorizer", Name: auth.Get("Name").Value(), Type: "REQUEST", TTL: -1, Origin: originOf(auth)}
	a.IdentitySources, err = identitySources(auth.Get("IdentitySource"))
	r.addAuthorizer(&api.Authorizers, api.label(), a, errors.Join(err, r.completeAuthorizer(gateway.WebSocketAPI, api.StageVariables, a, auth.Get("AuthArn"))))
}

// samWebSocketDomain reads where a custom domain maps the API to: the whole of one, unless
// it says otherwise.
func (r *reader) samWebSocketDomain(api *WebSocketAPI, domain *document.Node) {
	if domain.IsNull() {
		return
	}
	if auth := domain.Get("MutualTlsAuthentication"); !auth.IsNull() {
		r.refuse(originOf(auth), api.label(), "WebSocket APIs have no mutual TLS")
	}
	paths := domain.Get("BasePath").Strings()
	if len(paths) == 0 {
		paths = []string{""}
	}
	for _, path := range paths {
		api.BasePaths = append(api.BasePaths, strings.Trim(path, "/"))
	}
}

// samWebSocketRoutes reads its routes, which name functions by their ARN.
func (r *reader) samWebSocketRoutes(res *cloudformation.Resource) {
	api := r.webSocket[res.ID()]
	auth := res.Get("Auth")
	for key, n := range res.Get("Routes").All() {
		route := &WebSocketRoute{
			Key: key, Origin: originOf(n), Authorization: "NONE", ModelSelection: n.Get("ModelSelectionExpression").Value(),
			Integration: &Integration{Type: "AWS_PROXY", Origin: originOf(n)},
		}
		var errs [7]error
		i := route.Integration
		i.URI, errs[0] = text(n.Get("FunctionArn"), "FunctionArn")
		i.Timeout, errs[1] = milliseconds(n.Get("IntegrationTimeout"), "IntegrationTimeout")
		if errs[0] == nil {
			errs[0] = r.completeWebSocketIntegration(api.StageVariables, i, api.label()+": "+key)
		}
		errs[2] = route.parameters(n.Get("RequestParameters"))
		route.Models, errs[3] = api.modelsOf(n.Get("RequestModels"))
		route.APIKeyRequired, errs[4] = truth(n.Get("ApiKeyRequired"), "ApiKeyRequired")
		if key == "$connect" && !auth.IsNull() {
			if _, errs[5] = text(auth.Get("AuthType"), "AuthType"); errs[5] == nil {
				errs[5] = r.webSocketAuthorizer(api, route, auth.Get("AuthType"), res.LogicalID+"Authorizer")
			}
		}
		if !samRouteKey.MatchString(key) {
			errs[6] = errors.New("SAM takes no other keys of routes than letters and digits, $connect, $disconnect and $default")
		}
		if err := errors.Join(errs[:]...); err != nil {
			route.Refused = oneLine(err)
		}
		r.addWebSocketRoute(api, route)
		id := cloudformation.RouteID(api.ID, samRouteName(key))
		r.twoWay[id], r.selected[id] = route, n.Get("RouteResponseSelectionExpression").Value() == "$default"
	}
	if auth := res.Get("Auth"); !auth.IsNull() && res.Get("Routes").Get("$connect") == nil {
		r.refuse(originOf(auth), api.label(), "its Auth is that of $connect, which is no route of it")
	}
}

// samRouteKey is what SAM takes for the key of a route.
var samRouteKey = regexp.MustCompile(`^([A-Za-z0-9]+|\$connect|\$disconnect|\$default)$`)

// samRouteName is what a route's key is in the logical id that SAM gives the route.
func samRouteName(key string) string {
	name := strings.ToLower(strings.TrimPrefix(key, "$"))
	return strings.ToUpper(name[:min(1, len(name))]) + name[min(1, len(name)):]
}
