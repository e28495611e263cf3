package definition

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/lambridge-go/lambridge/local/internal/cloudformation"
	"github.com/lambridge-go/lambridge/local/internal/document"
)

// A samAPI is what SAM's short form of an API says of all its routes.
type samAPI struct {
	res         *cloudformation.Resource
	api         *API
	authorizers map[string]*Authorizer
	byDefault   string // the authorizer of routes that name none
	scopes      map[string][]string
	keyRequired bool
	// written is that the API has a document of its own. Merged is that events add
	// their routes to it.
	written, merged bool
}

// samAPI reads AWS::Serverless::Api.
//
// https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-api.html
func (r *reader) samAPI(res *cloudformation.Resource) {
	api := r.newAPI(REST, res.Stack, res.ID(), res.LogicalID, res.Node)
	api.Name = res.Get("Name").Value()
	api.Stage = res.Get("StageName").Value()
	if res.LogicalID == cloudformation.ImplicitRESTAPI {
		api.Stage = "Prod"
	}
	api.StageVariables = mapped(res.Get("Variables"))
	r.restProperties(api, res, "ApiKeySourceType")
	r.addAPI(api)
	s := r.newSAM(api, res)
	s.merged = res.Get("MergeDefinitions").True()

	auth := res.Get("Auth")
	s.keyRequired = auth.Get("ApiKeyRequired").True()
	if plan := auth.Get("UsagePlan"); plan != nil && plan.Get("CreateUsagePlan").Value() != "NONE" {
		made := &UsagePlan{ID: api.ID + "-plan", Name: res.LogicalID + "UsagePlan", Origin: originOf(plan)}
		made.Keys = []APIKey{{ID: api.ID + "-key", Name: res.LogicalID + "ApiKey", Origin: originOf(plan)}}
		r.planLimits(made, plan.Get("Throttle"), plan.Get("Quota"))
		api.UsagePlans = append(api.UsagePlans, made)
	}
	if policy := auth.Get("ResourcePolicy"); policy != nil {
		r.resourcePolicy(api, policy)
	}
	for name, n := range res.Get("Models").All() {
		api.Models = append(api.Models, &Model{
			Name: name, ContentType: "application/json", Origin: originOf(n),
			Schema: (&openAPI{reader: r, api: api, root: swaggerRoot}).schema(n),
		})
	}
	for kind, n := range res.Get("GatewayResponses").All() {
		r.samGatewayResponse(api, kind, n)
	}
	r.methodSettings(api, res.Get("MethodSettings"))
	r.samEffects(res)
	r.later(func() { r.addSAMCORS(s) })
}

// swaggerRoot makes references to models those of Swagger.
var swaggerRoot = &document.Node{Kind: document.Map, Pairs: []document.Pair{{Key: "swagger", Value: &document.Node{Kind: document.Text, Text: "2.0"}}}}

// newSAM reads what REST APIs and HTTP APIs have in common.
func (r *reader) newSAM(api *API, res *cloudformation.Resource) *samAPI {
	s := &samAPI{
		res: res, api: api, authorizers: map[string]*Authorizer{}, scopes: map[string][]string{},
		written: res.Properties.Get("DefinitionBody") != nil || res.Properties.Get("DefinitionUri") != nil,
	}
	r.sam[api.ID] = s
	auth := res.Get("Auth")
	s.byDefault = auth.Get("DefaultAuthorizer").Value()
	for name, n := range auth.Get("Authorizers").All() {
		a := r.samAuthorizer(api.Kind, name, n)
		a.ID = api.ID + "/" + name
		s.authorizers[name] = a
		s.scopes[name] = n.Get("AuthorizationScopes").Strings()
		uri := n.Get("FunctionArn")
		if uri == nil {
			uri = n.Get("UserPoolArn")
		}
		r.addAuthorizer(&api.Authorizers, api.label(), a, r.completeAuthorizer(api.Kind, api.StageVariables, a, uri))
	}
	return s
}

// samAuthorizer reads an authorizer of either kind of API.
func (r *reader) samAuthorizer(kind Kind, name string, n *document.Node) *Authorizer {
	identity := n.Get("Identity")
	a := &Authorizer{ID: name, Name: name, Origin: originOf(n), TTL: -1, IdentityValidation: identity.Get("ValidationExpression").Value()}
	if ttl := identity.Get("ReauthorizeEvery"); ttl != nil {
		a.TTL, _ = seconds(ttl, "ReauthorizeEvery")
	}
	prefix, dollar := "method.request.", ""
	if kind == HTTP {
		prefix, dollar = "$request.", "$"
	}
	header := "method.request.header.Authorization"
	if h := identity.Get("Header").Value(); h != "" {
		header = "method.request.header." + h
	}
	switch {
	case kind == HTTP && n.Get("JwtConfiguration") != nil:
		a.Type = "JWT"
		configuration := n.Get("JwtConfiguration")
		a.Issuer = firstOf(configuration.Get("issuer"), configuration.Get("Issuer")).Value()
		a.Audiences = firstOf(configuration.Get("audience"), configuration.Get("Audience")).Strings()
		a.IdentitySources = identitySources(n.Get("IdentitySource"))
		if len(a.IdentitySources) == 0 {
			a.IdentitySources = []string{"$request.header.Authorization"}
		}
		return a
	case n.Get("UserPoolArn") != nil:
		a.Type, a.IdentitySources, a.ProviderARNs = "COGNITO_USER_POOLS", []string{header}, n.Get("UserPoolArn").Strings()
		return a
	case kind == REST && !strings.EqualFold(n.Get("FunctionPayloadType").Value(), "REQUEST"):
		a.Type, a.IdentitySources = "TOKEN", []string{header}
		return a
	}
	a.Type = "REQUEST"
	a.PayloadFormat = n.Get("AuthorizerPayloadFormatVersion").Value()
	a.SimpleResponses = n.Get("EnableSimpleResponses").True()
	for _, source := range []struct{ key, prefix string }{
		{"Headers", prefix + "header."}, {"QueryStrings", prefix + "querystring."},
		{"StageVariables", dollar + "stageVariables."}, {"Context", dollar + "context."},
	} {
		for _, name := range identity.Get(source.key).Strings() {
			a.IdentitySources = append(a.IdentitySources, source.prefix+name)
		}
	}
	return a
}

func firstOf(nodes ...*document.Node) *document.Node {
	for _, n := range nodes {
		if n != nil {
			return n
		}
	}
	return nil
}

// samGatewayResponse reads a gateway response in SAM's spelling: headers are named
// without what they begin with.
func (r *reader) samGatewayResponse(api *API, kind string, n *document.Node) {
	g := &GatewayResponse{Type: strings.ToUpper(kind), Status: n.Get("StatusCode").Value(), Origin: originOf(n)}
	parameters := n.Get("ResponseParameters")
	for _, place := range []struct{ key, prefix string }{{"Headers", "header"}, {"Paths", "path"}, {"QueryStrings", "querystring"}} {
		for name, value := range parameters.Get(place.key).All() {
			g.Parameters = append(g.Parameters, Named[string]{"gatewayresponse." + place.prefix + "." + name, value.Value(), originOf(value)})
		}
	}
	var err error
	if g.Templates, err = named(n.Get("ResponseTemplates"), "ResponseTemplates"); err != nil {
		r.refuse(g.Origin, api.label(), "the gateway response %s: %s", g.Type, oneLine(err))
		return
	}
	if !slices.Contains(responseTypes, g.Type) {
		r.refuse(g.Origin, api.label(), "there is no gateway response type %s", g.Type)
		return
	}
	api.GatewayResponses = append(api.GatewayResponses, g)
}

// resourcePolicy reads SAM's resource policy: statements of one's own. Its short
// forms make statements that only AWS can fill in.
func (r *reader) resourcePolicy(api *API, n *document.Node) {
	if statements := n.Get("CustomStatements"); statements != nil {
		list := &document.Node{Kind: document.List, Items: statements.Elements()}
		policy := &document.Node{Kind: document.Map, Pairs: []document.Pair{
			{Key: "Version", Value: &document.Node{Kind: document.Text, Text: "2012-10-17"}}, {Key: "Statement", Value: list},
		}}
		api.Policy = policy.AppendJSON(nil)
	}
	for key, value := range n.All() {
		if key != "CustomStatements" {
			r.refuse(originOf(value), api.label(), "the resource policy's %s is not read: write it as CustomStatements, or run what sam makes of the template", key)
		}
	}
}

// samEffects tells what of an API has no effect here.
func (r *reader) samEffects(res *cloudformation.Resource) {
	for property, what := range map[string]string{
		"AccessLogSetting": "access logs", "AccessLogSettings": "access logs", "CacheClusterEnabled": "caches of stages", "CanarySetting": "canary deployments",
		"Domain": "custom domains: APIs are served by their stages", "TracingEnabled": "X-Ray tracing", "EndpointConfiguration": "endpoint types",
	} {
		r.ignore(res.Properties.Get(property), what)
	}
	if domain := res.Get("Domain"); domain != nil {
		if auth := domain.Get("MutualTlsAuthentication"); auth != nil {
			r.apis[res.ID()].MutualTLS = &MutualTLS{Truststore: auth.Get("TruststoreUri").Value(), Origin: originOf(auth)}
		}
		if paths := domain.Get("BasePath").Strings(); len(paths) > 0 {
			r.apis[res.ID()].BasePath = "/" + strings.Trim(paths[0], "/")
		}
	}
}

// samHTTPAPI reads AWS::Serverless::HttpApi.
//
// https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-httpapi.html
func (r *reader) samHTTPAPI(res *cloudformation.Resource) {
	api := r.newAPI(HTTP, res.Stack, res.ID(), res.LogicalID, res.Node)
	api.Name = res.Get("Name").Value()
	api.Stage = res.Get("StageName").Value()
	if api.Stage == "" {
		api.Stage = "$default"
	}
	api.StageVariables = mapped(res.Get("StageVariables"))
	api.ExecuteAPIDisabled = res.Get("DisableExecuteApiEndpoint").True()
	r.addAPI(api)
	r.newSAM(api, res)
	var err error
	switch n := res.Get("CorsConfiguration"); {
	case n.IsNull():
	case n.IsScalar() && n.True():
		api.CORS = &CORS{AllowOrigins: []string{"*"}, Origin: originOf(n)}
	case n.IsScalar():
		if !strings.EqualFold(n.Text, "false") {
			api.CORS = &CORS{AllowOrigins: []string{n.Text}, Origin: originOf(n)}
		}
	default:
		if api.CORS, err = corsOf(n, upperCORS); err != nil {
			r.refuse(originOf(n), api.label(), "%v", err)
		}
	}
	if api.Throttle, err = throttleOf(res.Get("DefaultRouteSettings"), "ThrottlingRateLimit", "ThrottlingBurstLimit"); err != nil {
		r.refuse(originOf(res.Node), api.label(), "%s", oneLine(err))
	}
	for key, settings := range res.Get("RouteSettings").All() {
		if limit, err := throttleOf(settings, "ThrottlingRateLimit", "ThrottlingBurstLimit"); err == nil {
			r.later(func() { r.throttleRoute(api.ID, key, limit) })
		}
	}
	r.samEffects(res)
}

// samBody reads the document of an API in SAM's short form.
func (r *reader) samBody(res *cloudformation.Resource) {
	api := r.apis[res.ID()]
	if body := res.Get("DefinitionBody"); body != nil {
		r.readBody(api, body)
		return
	}
	switch uri := res.Get("DefinitionUri"); {
	case uri == nil:
	case !uri.IsScalar() || strings.Contains(uri.Text, "://"):
		r.refuse(originOf(uri), api.label(), "its document is in S3, and nothing is fetched: name the file")
	default:
		r.loadBody(api, res.Stack, uri.Text, originOf(uri))
	}
}

// samImplicitAPIs makes the APIs of events that name none.
func (r *reader) samImplicitAPIs(res *cloudformation.Resource) {
	for _, event := range res.Properties.Get("Events").All() {
		var property, id string
		switch event.Get("Type").Value() {
		case "Api":
			property, id = "RestApiId", cloudformation.ImplicitRESTAPI
		case "HttpApi":
			property, id = "ApiId", cloudformation.ImplicitHTTPAPI
		default:
			continue
		}
		implicit := res.Stack.Implicit(id)
		if event.Find("Properties", property) != nil || r.apis[implicit.ID()] != nil {
			continue
		}
		if id == cloudformation.ImplicitRESTAPI {
			r.samAPI(implicit)
		} else {
			r.samHTTPAPI(implicit)
		}
	}
}

// samEvents reads the routes that a function names as its events, and its URL.
func (r *reader) samEvents(res *cloudformation.Resource) {
	if config := res.Get("FunctionUrlConfig"); config != nil {
		f := r.functions[res.ID()]
		u := &FunctionURL{
			LogicalID: res.LogicalID + "Url", Stack: res.Stack.Name, ID: cloudformation.URLID(res.ID()), Function: f,
			Region: res.Stack.Region(), Account: res.Stack.Account(), Origin: originOf(config),
		}
		r.use(f, "function URL "+u.LogicalID)
		r.addURL(u, config)
	}
	for name, event := range res.Get("Events").All() {
		switch kind := event.Get("Type").Value(); kind {
		case "Api":
			r.samEvent(res, name, event, "RestApiId", cloudformation.ImplicitRESTAPI)
		case "HttpApi":
			r.samEvent(res, name, event, "ApiId", cloudformation.ImplicitHTTPAPI)
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
	method, path := strings.ToUpper(n.Get("Method").Value()), n.Get("Path").Value()
	switch {
	case s.api.Kind == HTTP && method == "" && path == "", path == "$default", path == "/$default":
		route.Key = "$default"
	case path == "" || method == "" && s.api.Kind == REST:
		r.refuse(at, label, "an event of the type Api has a Path and a Method")
		return
	default:
		if method == "" || method == "*" || method == "X-AMAZON-APIGATEWAY-ANY-METHOD" {
			method = "ANY"
		}
		route.Key = method + " " + path
	}
	if s.written && !s.merged && s.api.Kind == REST {
		r.warn(at, label, "the API has a document of its own, and SAM does not write %s into it", route.Key)
		return
	}
	errs := []error{checkPath(route.Key), r.samIntegration(s.api, route, res, n), r.samAuth(s, route, n.Get("Auth"))}
	if s.api.Kind == REST {
		errs = append(errs, samRequest(s.api, route, n))
	}
	if limit, err := throttleOf(n.Get("RouteSettings"), "ThrottlingRateLimit", "ThrottlingBurstLimit"); err != nil || limit != nil {
		route.Throttle = limit
		errs = append(errs, err)
	}
	if err := errors.Join(errs...); err != nil {
		refuseRoute(route, err)
	}
	if s.written { // an HTTP API's own document may have the route, which then gets the function
		shape := s.api.ID + " " + routeShape(route.Key)
		if there := r.shapes[shape]; there != nil {
			*there = *route
			return
		}
	}
	r.addRoute(s.api, route)
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
	if api.Kind == HTTP {
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

// samAuth says who may call a route: what its event says, else the API's default.
func (r *reader) samAuth(s *samAPI, route *Route, n *document.Node) error {
	name := n.Get("Authorizer").Value()
	if name == "" {
		name = s.byDefault
	}
	if required := n.Get("ApiKeyRequired"); required != nil {
		route.APIKeyRequired = required.True()
	}
	switch name {
	case "", "NONE":
		return nil
	case "AWS_IAM":
		route.Authorization = "AWS_IAM"
		return nil
	}
	a := s.authorizers[name]
	if a == nil {
		return fmt.Errorf("the authorizer %q is not declared", name)
	}
	if err := r.broken[a.ID]; err != nil {
		return err
	}
	scopes := s.scopes[name]
	if own := n.Get("AuthorizationScopes"); own != nil {
		scopes = own.Strings()
	}
	return r.authorizeBy(route, a, scopes)
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

// addSAMCORS gives each path without an OPTIONS method one that answers preflights.
//
// https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-api-corsconfiguration.html
func (r *reader) addSAMCORS(s *samAPI) {
	n := s.res.Get("Cors")
	if n.IsNull() {
		return
	}
	value := func(key string) string { return n.Get(key).Value() }
	origin := value("AllowOrigin")
	if n.IsScalar() {
		origin = n.Text
	}
	if origin == "" {
		r.refuse(originOf(n), s.api.label(), "Cors has no AllowOrigin")
		return
	}
	var paths []string
	byPath := map[string][]string{}
	for _, route := range s.api.Routes {
		method, path, _ := strings.Cut(route.Key, " ")
		if byPath[path] == nil {
			paths = append(paths, path)
		}
		byPath[path] = append(byPath[path], method)
	}
	for _, path := range paths {
		if slices.Contains(byPath[path], "OPTIONS") {
			continue
		}
		route := &Route{Key: "OPTIONS " + path, Origin: originOf(n), Authorization: "NONE"}
		allowed := value("AllowMethods")
		if allowed == "" {
			allowed = "'" + strings.Join(corsMethods(byPath[path]), ",") + "'"
		}
		response := IntegrationResponse{Status: "200", Origin: originOf(n), Templates: []Named[string]{{Name: "application/json", Value: "{}\n", Origin: originOf(n)}}}
		method := MethodResponse{Status: "200"}
		for _, h := range []struct{ name, value string }{
			{"Access-Control-Allow-Origin", origin}, {"Access-Control-Allow-Methods", allowed}, {"Access-Control-Allow-Headers", value("AllowHeaders")},
			{"Access-Control-Max-Age", value("MaxAge")}, {"Access-Control-Allow-Credentials", credentialsOf(n)},
		} {
			if h.value != "" {
				response.Parameters = append(response.Parameters, Named[string]{"method.response.header." + h.name, h.value, originOf(n)})
				method.Headers = append(method.Headers, h.name)
			}
		}
		route.Integration = &Integration{
			Type: "MOCK", Origin: originOf(n), Responses: []IntegrationResponse{response},
			RequestTemplates: []Named[string]{{Name: "application/json", Value: "{\n  \"statusCode\" : 200\n}\n", Origin: originOf(n)}},
		}
		route.Responses = []MethodResponse{method}
		if add := s.res.Get("Auth").Get("AddDefaultAuthorizerToCorsPreflight"); add == nil || add.True() {
			if err := r.samAuth(s, route, nil); err != nil {
				refuseRoute(route, err)
			}
		}
		r.addRoute(s.api, route)
	}
}

func credentialsOf(n *document.Node) string {
	if n.Get("AllowCredentials").True() {
		return "'true'"
	}
	return ""
}

// corsMethods are the methods of a path as SAM lists them.
func corsMethods(methods []string) []string {
	if slices.Contains(methods, "ANY") {
		return []string{"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"}
	}
	all := append(slices.Clone(methods), "OPTIONS")
	slices.Sort(all)
	return all
}

// samWebSocketAPI reads AWS::Serverless::WebSocketApi.
//
// https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-websocketapi.html
func (r *reader) samWebSocketAPI(res *cloudformation.Resource) {
	api := r.newWebSocketAPI(res)
	api.RouteSelection = res.Get("RouteSelectionExpression").Value()
	if api.Stage = res.Get("StageName").Value(); api.Stage == "" {
		api.Stage = "default"
	}
	api.StageVariables = mapped(res.Get("StageVariables"))
	var err error
	if api.Throttle, err = throttleOf(res.Get("DefaultRouteSettings"), "ThrottlingRateLimit", "ThrottlingBurstLimit"); err != nil {
		r.refuse(api.Origin, api.label(), "%s", oneLine(err))
	}
	auth := res.Get("Auth")
	if auth.Get("AuthType").Value() != "CUSTOM" {
		return
	}
	a := &Authorizer{ID: res.LogicalID + "Authorizer", Name: auth.Get("Name").Value(), Type: "REQUEST", TTL: -1, Origin: originOf(auth), IdentitySources: identitySources(auth.Get("IdentitySource"))}
	r.addAuthorizer(&api.Authorizers, api.label(), a, r.completeAuthorizer(HTTP, api.StageVariables, a, auth.Get("AuthArn")))
}

// samWebSocketRoutes reads its routes, which name functions by their ARN.
func (r *reader) samWebSocketRoutes(res *cloudformation.Resource) {
	api := r.webSocket[res.ID()]
	auth := res.Get("Auth")
	for key, n := range res.Get("Routes").All() {
		route := &WebSocketRoute{
			Key: key, Origin: originOf(n), APIKeyRequired: n.Get("ApiKeyRequired").True(), ModelSelection: n.Get("ModelSelectionExpression").Value(),
			Integration: &Integration{Type: "AWS_PROXY", Origin: originOf(n)},
		}
		var errs [3]error
		i := route.Integration
		i.URI, errs[0] = text(n.Get("FunctionArn"), "FunctionArn")
		i.Timeout, errs[1] = milliseconds(n.Get("IntegrationTimeout"), "IntegrationTimeout")
		if errs[0] == nil {
			errs[0] = r.completeWebSocketIntegration(api.StageVariables, i, api.label()+": "+key)
		}
		for name, p := range n.Get("RequestParameters").All() {
			if parts := strings.SplitN(name, ".", 4); len(parts) == 4 {
				route.Parameters = append(route.Parameters, Parameter{In: parts[2], Name: parts[3], Required: p.True() || p.Get("Required").True()})
			}
		}
		if key == "$connect" {
			route.Authorization = strings.ToUpper(auth.Get("AuthType").Value())
			errs[2] = r.webSocketAuthorizer(api, route, res.LogicalID+"Authorizer")
		}
		if route.Authorization == "" {
			route.Authorization = "NONE"
		}
		if err := errors.Join(errs[:]...); err != nil {
			route.Refused = oneLine(err)
		}
		r.addWebSocketRoute(api, route)
	}
}
