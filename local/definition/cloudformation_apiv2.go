package definition

import (
	"errors"
	"fmt"
	"strings"

	"github.com/lambridge-go/lambridge/local/gateway"
	"github.com/lambridge-go/lambridge/local/internal/cloudformation"
	"github.com/lambridge-go/lambridge/local/internal/document"
)

// apiV2 reads AWS::ApiGatewayV2::Api, which is an HTTP API or a WebSocket API.
//
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigatewayv2-api.html
func (r *reader) apiV2(res *cloudformation.Resource) {
	if strings.EqualFold(res.Get("ProtocolType").Value(), "WEBSOCKET") {
		api := r.newWebSocketAPI(res)
		api.RouteSelection = res.Get("RouteSelectionExpression").Value()
		api.Undeployed = "the definition has no stage of it"
		return
	}
	api := r.newAPI(gateway.HTTPAPI, res.Stack, res.ID(), res.LogicalID, res.Node)
	api.Name = res.Get("Name").Value()
	api.Undeployed = "the definition has no stage of it"
	api.ExecuteAPIDisabled = res.Get("DisableExecuteApiEndpoint").True()
	cors, err := corsOf(res.Get("CorsConfiguration"), upperCORS)
	if err != nil {
		r.refuse(originOf(res.Get("CorsConfiguration")), api.label(), "%s", oneLine(err))
	}
	api.CORS = cors
	r.addAPI(api)
	if target := res.Get("Target"); target != nil { // the short form: one route, and the stage $default
		api.Undeployed = ""
		r.later(func() { r.quickRoute(api, res, target) })
	}
}

// quickRoute is the one route of an API that names its target itself.
func (r *reader) quickRoute(api *API, res *cloudformation.Resource, target *document.Node) {
	route := &Route{Key: res.Get("RouteKey").Value(), Authorization: "NONE", Origin: originOf(res.Node)}
	if route.Key == "" {
		route.Key = "$default"
	}
	i := &Integration{Type: "HTTP_PROXY", Method: "ANY", Origin: originOf(target)}
	route.Integration = i
	uri, err := text(target, "Target")
	if i.URI = uri; functionARN.MatchString(uri) {
		i.Type, i.Method, i.PayloadFormat = "AWS_PROXY", "POST", "2.0"
	}
	if err == nil {
		err = r.completeIntegration(gateway.HTTPAPI, api.StageVariables, i, api.label()+": "+route.Key)
	}
	if err != nil {
		refuseRoute(route, err)
	}
	r.addRoute(api, route)
}

// bodyV2 reads the document of an HTTP API.
func (r *reader) bodyV2(res *cloudformation.Resource) {
	api := r.apis[res.ID()]
	if api == nil {
		return // a WebSocket API
	}
	basePath := res.Get("BasePath")
	if body := res.Get("Body"); body != nil {
		r.readBody(api, body, basePath)
		return
	}
	if location := res.Get("BodyS3Location"); location != nil {
		if path := res.Stack.Asset(location.Get("Key").Value()); path != "" {
			r.loadBody(api, res.Stack, path, originOf(location), basePath)
			return
		}
		r.refuse(originOf(location), api.label(), "its document is in S3, and nothing is fetched: name the file in Body, or run the folder that CDK has written")
	}
}

// stageV2 reads AWS::ApiGatewayV2::Stage.
//
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigatewayv2-stage.html
func (r *reader) stageV2(res *cloudformation.Resource) {
	id := res.Get("ApiId").Value()
	var stage, undeployed *string
	var variables *map[string]string
	var throttle **Throttle
	var label string
	if api := r.webSocket[id]; api != nil {
		stage, undeployed, variables, throttle, label = &api.Stage, &api.Undeployed, &api.StageVariables, &api.Throttle, api.label()
	} else if api := r.apiOf(res, "ApiId"); api != nil {
		stage, undeployed, variables, throttle, label = &api.Stage, &api.Undeployed, &api.StageVariables, &api.Throttle, api.label()
	} else {
		return
	}
	if *stage != "" {
		r.warn(originOf(res.Node), label, "the stage %s is not served: %s is, the first", res.Get("StageName").Value(), *stage)
		r.leaveOut(res)
		return
	}
	*stage, *undeployed = r.stageName(res, label), ""
	if !res.Get("AutoDeploy").True() && res.Get("DeploymentId") == nil {
		*undeployed = "its stage has neither AutoDeploy nor a DeploymentId"
	}
	*variables = mapped(res.Get("StageVariables"))
	var err error
	if *throttle, err = throttleOf(res.Get("DefaultRouteSettings"), "ThrottlingRateLimit", "ThrottlingBurstLimit"); err != nil {
		r.refuse(originOf(res.Node), label, "%s", oneLine(err))
	}
	r.throttleRoutes(id, label, res.Get("RouteSettings"))
}

// throttleRoutes reads the throttles of single routes, which are known later.
func (r *reader) throttleRoutes(apiID, label string, routeSettings *document.Node) {
	for key, settings := range routeSettings.All() {
		limit, err := throttleOf(settings, "ThrottlingRateLimit", "ThrottlingBurstLimit")
		if err != nil {
			r.refuse(originOf(settings), label, "%s", oneLine(err))
			continue
		}
		if limit != nil {
			r.later(func() { r.throttleRoute(apiID, key, limit, originOf(settings)) })
		}
	}
}

// throttleRoute sets the throttle of one route, or tells that it is none of the API.
func (r *reader) throttleRoute(apiID, key string, limit *Throttle, at Origin) {
	var label string
	found := false
	if api := r.apis[apiID]; api != nil {
		label = api.label()
		for _, route := range api.Routes {
			if route.Key == key {
				route.Throttle, found = limit, true
			}
		}
	}
	if api := r.webSocket[apiID]; api != nil {
		label = api.label()
		for _, route := range api.Routes {
			if route.Key == key {
				route.Throttle, found = limit, true
			}
		}
	}
	if !found {
		r.warn(at, label, "the limits of %s have no effect: there is no such route", key)
	}
}

// authorizerV2 reads AWS::ApiGatewayV2::Authorizer.
//
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigatewayv2-authorizer.html
func (r *reader) authorizerV2(res *cloudformation.Resource) {
	a := &Authorizer{
		ID: res.ID(), Name: res.Get("Name").Value(), Type: strings.ToUpper(res.Get("AuthorizerType").Value()), Origin: originOf(res.Node), TTL: -1,
		PayloadFormat: res.Get("AuthorizerPayloadFormatVersion").Value(), SimpleResponses: res.Get("EnableSimpleResponses").True(),
		Issuer: res.Get("JwtConfiguration").Get("Issuer").Value(),
	}
	var errs [3]error
	a.IdentitySources, errs[0] = identitySources(res.Get("IdentitySource"))
	a.Audiences, errs[1] = texts(res.Get("JwtConfiguration").Get("Audience"), "Audience")
	r.warnOfMadeUp(a, "the issuer", res.Get("JwtConfiguration").Get("Issuer"))
	r.warnOfMadeUp(a, "the audience", res.Get("JwtConfiguration").Get("Audience"))
	if n := res.Get("AuthorizerResultTtlInSeconds"); n != nil {
		a.TTL, errs[2] = seconds(n, "AuthorizerResultTtlInSeconds")
	}
	err := errors.Join(errs[:]...)
	if api := r.webSocket[res.Get("ApiId").Value()]; api != nil {
		r.addAuthorizer(&api.Authorizers, api.label(), a, errors.Join(err, r.completeAuthorizer(gateway.WebSocketAPI, api.StageVariables, a, res.Get("AuthorizerUri"))))
	} else if api := r.apiOf(res, "ApiId"); api != nil {
		r.addAuthorizer(&api.Authorizers, api.label(), a, errors.Join(err, r.completeAuthorizer(gateway.HTTPAPI, api.StageVariables, a, res.Get("AuthorizerUri"))))
	}
}

// modelV2 reads AWS::ApiGatewayV2::Model, which only WebSocket APIs use.
func (r *reader) modelV2(res *cloudformation.Resource) {
	api := r.webSocket[res.Get("ApiId").Value()]
	if api == nil {
		r.apiOf(res, "ApiId")
		return
	}
	m, err := modelFrom(res)
	if err != nil {
		r.refuse(originOf(res.Node), api.label(), "the model %s: %v", res.LogicalID, err)
		return
	}
	api.Models = append(api.Models, m)
}

// An integrationV2 is one that routes may share.
type integrationV2 struct {
	integration *Integration
	err         error
	res         *cloudformation.Resource
}

// routeV2 reads AWS::ApiGatewayV2::Route.
//
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigatewayv2-route.html
func (r *reader) routeV2(res *cloudformation.Resource) {
	if api := r.webSocket[res.Get("ApiId").Value()]; api != nil {
		r.webSocketRoute(api, res)
		return
	}
	api := r.apiOf(res, "ApiId")
	if api == nil {
		return
	}
	route := &Route{
		Key: res.Get("RouteKey").Value(), Origin: originOf(res.Node), Integration: &Integration{Origin: originOf(res.Node)},
		OperationName: res.Get("OperationName").Value(),
	}
	i, err := r.target(res, gateway.HTTPAPI, api.StageVariables, api.label()+": "+route.Key)
	if i != nil {
		route.Integration = i
	}
	if err := errors.Join(checkPath(route.Key), err, r.methodAuthorizer(api, route, res)); err != nil {
		refuseRoute(route, err)
	}
	r.addRoute(api, route)
}

// target reads the integration that a route leads to: "integrations/ID".
func (r *reader) target(res *cloudformation.Resource, kind gateway.Kind, stageVariables map[string]string, usedBy string) (*Integration, error) {
	target, err := text(res.Get("Target"), "Target")
	if err != nil {
		return nil, err
	}
	id := strings.TrimPrefix(target, "integrations/")
	known := r.v2[id]
	if known == nil {
		integration := r.set.Resource(id)
		if integration == nil || integration.Type != "AWS::ApiGatewayV2::Integration" {
			return nil, fmt.Errorf("the target %q is no integration of the definition", target)
		}
		known = &integrationV2{res: integration}
		known.integration, known.err = r.integrationOfV2(integration)
		if known.err == nil {
			if kind == gateway.WebSocketAPI {
				known.err = r.completeWebSocketIntegration(stageVariables, known.integration, usedBy)
			} else {
				known.err = r.completeIntegration(kind, stageVariables, known.integration, usedBy)
			}
		}
		r.v2[id] = known
	}
	if f := known.integration.Function; f != nil {
		r.use(f, usedBy)
	}
	return known.integration, known.err
}

// integrationOfV2 reads AWS::ApiGatewayV2::Integration.
//
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigatewayv2-integration.html
func (r *reader) integrationOfV2(res *cloudformation.Resource) (*Integration, error) {
	i := &Integration{Origin: originOf(res.Node)}
	var errs [6]error
	i.Type = strings.ToUpper(res.Get("IntegrationType").Value())
	i.Subtype = res.Get("IntegrationSubtype").Value()
	i.Method = strings.ToUpper(res.Get("IntegrationMethod").Value())
	i.URI, errs[0] = optional(res.Get("IntegrationUri"), "IntegrationUri")
	i.PayloadFormat, errs[1] = optional(res.Get("PayloadFormatVersion"), "PayloadFormatVersion")
	i.Timeout, errs[2] = milliseconds(res.Get("TimeoutInMillis"), "TimeoutInMillis")
	i.PassthroughBehavior = strings.ToUpper(res.Get("PassthroughBehavior").Value())
	i.ContentHandling = strings.ToUpper(res.Get("ContentHandlingStrategy").Value())
	i.RequestParameters, errs[3] = named(res.Get("RequestParameters"), "RequestParameters")
	i.RequestTemplates, errs[4] = named(res.Get("RequestTemplates"), "RequestTemplates")
	i.TemplateSelection = res.Get("TemplateSelectionExpression").Value()
	i.ConnectionType = strings.ToUpper(res.Get("ConnectionType").Value())
	i.ConnectionID, errs[5] = optional(res.Get("ConnectionId"), "ConnectionId")
	i.ServerNameToVerify = res.Get("TlsConfig").Get("ServerNameToVerify").Value()
	for status, response := range res.Get("ResponseParameters").All() {
		ir := IntegrationResponse{Key: status, Status: status, Origin: originOf(response)}
		list := response.Get("ResponseParameters")
		for _, p := range list.Elements() {
			ir.Parameters = append(ir.Parameters, Named[string]{p.Get("Destination").Value(), p.Get("Source").Value(), originOf(p)})
		}
		i.Responses = append(i.Responses, ir)
	}
	return i, errors.Join(errs[:]...)
}
