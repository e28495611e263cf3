package definition

import (
	"fmt"
	"strings"

	"github.com/lambridge-go/lambridge/local/internal/cloudformation"
	"github.com/lambridge-go/lambridge/local/internal/document"
)

// A pass reads the resources of some types.
type pass map[string]func(*cloudformation.Resource)

// passes are in an order in which a resource comes after those that it names:
// functions, APIs, their stages, their parts, their routes.
func (r *reader) passes() []pass {
	return []pass{
		{
			"AWS::Lambda::Function":     r.function,
			"AWS::Serverless::Function": r.function,
		},
		{
			"AWS::ApiGateway::RestApi":                  r.restAPI,
			"AWS::ApiGatewayV2::Api":                    r.apiV2,
			"AWS::Serverless::Api":                      r.samAPI,
			"AWS::Serverless::HttpApi":                  r.samHTTPAPI,
			"AWS::Serverless::WebSocketApi":             r.samWebSocketAPI,
			"AWS::Serverless::Function":                 r.samImplicitAPIs,
			"AWS::ApiGateway::ApiKey":                   r.apiKey,
			"AWS::CloudFormation::Stack":                known, // read as a stack
			"AWS::Serverless::Application":              known,
			"AWS::Lambda::Alias":                        known, // references lead to the function
			"AWS::Lambda::Version":                      known,
			"AWS::ApiGateway::Resource":                 known, // methods lead to them
			"AWS::ApiGatewayV2::Integration":            known, // routes lead to them
			"AWS::ApiGatewayV2::Deployment":             known,
			"AWS::ElasticLoadBalancingV2::TargetGroup":  known, // listeners lead to them
			"AWS::ElasticLoadBalancingV2::LoadBalancer": known,
		},
		{
			"AWS::ApiGateway::Stage":      r.restStage,
			"AWS::ApiGateway::Deployment": r.restStage,
			"AWS::ApiGatewayV2::Stage":    r.stageV2,
		},
		{
			"AWS::ApiGateway::Authorizer":           r.restAuthorizer,
			"AWS::ApiGateway::RequestValidator":     r.restValidator,
			"AWS::ApiGateway::Model":                r.restModel,
			"AWS::ApiGateway::GatewayResponse":      r.restResponse,
			"AWS::ApiGateway::UsagePlan":            r.usagePlan,
			"AWS::ApiGateway::BasePathMapping":      r.mapping,
			"AWS::ApiGateway::DomainName":           r.domain,
			"AWS::ApiGatewayV2::ApiMapping":         r.mapping,
			"AWS::ApiGatewayV2::DomainName":         r.domain,
			"AWS::ApiGatewayV2::Authorizer":         r.authorizerV2,
			"AWS::ApiGatewayV2::Model":              r.modelV2,
			"AWS::ElasticLoadBalancingV2::Listener": r.listener,
		},
		{
			"AWS::ApiGateway::UsagePlanKey": r.usagePlanKey,
			"AWS::ApiGateway::RestApi":      r.restBody,
			"AWS::ApiGatewayV2::Api":        r.bodyV2,
			"AWS::Serverless::Api":          r.samBody,
			"AWS::Serverless::HttpApi":      r.samBody,
		},
		{
			"AWS::ApiGateway::Method":                   r.restMethod,
			"AWS::ApiGatewayV2::Route":                  r.routeV2,
			"AWS::Serverless::Function":                 r.samEvents,
			"AWS::Serverless::WebSocketApi":             r.samWebSocketRoutes,
			"AWS::Lambda::Url":                          r.url,
			"AWS::ElasticLoadBalancingV2::ListenerRule": r.listenerRule,
		},
		{
			"AWS::ApiGatewayV2::IntegrationResponse": r.integrationResponseV2,
			"AWS::ApiGatewayV2::RouteResponse":       r.routeResponseV2,
		},
	}
}

// known is a resource that others are read with.
func known(*cloudformation.Resource) {}

// stacks reads the resources of all stacks.
func (r *reader) stacks() {
	readable := map[string]bool{}
	for _, pass := range r.passes() {
		for _, stack := range r.set.Stacks {
			for _, res := range stack.Resources {
				if read := pass[res.Type]; read != nil {
					read(res)
					readable[res.Type] = true
				}
			}
		}
	}
	for _, stack := range r.set.Stacks {
		for _, res := range stack.Resources {
			if readable[res.Type] {
				r.resources = append(r.resources, res)
			} else {
				r.skip(res)
			}
		}
	}
}

// skip counts a resource that nothing here reads, and warns of one that answers requests in
// AWS.
func (r *reader) skip(res *cloudformation.Resource) {
	r.plan.Skipped[res.Type]++
	switch res.Type {
	case "AWS::Serverless::WebFunction", "AWS::ApiGatewayV2::RoutingRule", "AWS::ApiGatewayV2::ApiGatewayManagedOverrides":
		r.warn(originOf(res.Node), res.Type+" "+res.Name(), "nothing here does what it does to requests")
	case "AWS::Serverless::StateMachine":
		for name, event := range res.Get("Events").All() {
			if event.Get("Type").Value() == "Api" {
				r.warn(originOf(event), "state machine "+res.LogicalID+", event "+name, "its route is missing: nothing here runs state machines")
			}
		}
	}
}

// apiOf finds the API that a property names, or refuses the resource.
func (r *reader) apiOf(res *cloudformation.Resource, property string) *API {
	id, err := text(res.Get(property), property)
	if err == nil && r.apis[id] == nil {
		if r.webSocket[id] != nil {
			return nil // read with the WebSocket API
		}
		err = fmt.Errorf("%s leads to no API of the definition", property)
	}
	if err != nil {
		r.refuse(originOf(res.Node), res.Type+" "+res.Name(), "%v", err)
		r.leaveOut(res)
		return nil
	}
	return r.apis[id]
}

// readBody reads the OpenAPI document of an API that a template declares. basePath is what
// the template says is to become of the document's.
func (r *reader) readBody(api *API, root, basePath *document.Node) {
	o := &openAPI{reader: r, api: api, root: root, variables: strings.NewReplacer()}
	o.begin = o.prefix(basePath)
	if !isOpenAPI(root) {
		r.refuse(originOf(root), api.label(), "its document is neither OpenAPI nor Swagger")
		return
	}
	o.read()
	if api.Name == "" {
		api.Name = root.Find("info", "title").Value()
	}
}

// loadBody reads a document that a template names by a path.
func (r *reader) loadBody(api *API, stack *cloudformation.Stack, path string, at Origin, basePath *document.Node) {
	root, err := stack.Load(path)
	if err != nil {
		r.refuse(at, api.label(), "its document cannot be read: %v", err)
		return
	}
	r.readBody(api, stack.Eval(root), basePath)
}

// mapping reads where a custom domain maps an API to. The domain is not served: the
// API is, by its stage, and a WebSocket API at its base paths as well.
func (r *reader) mapping(res *cloudformation.Resource) {
	property, path := "RestApiId", "BasePath"
	if res.Type == "AWS::ApiGatewayV2::ApiMapping" {
		property, path = "ApiId", "ApiMappingKey"
	}
	base := res.Get(path).Value()
	r.leaveOut(res)
	if api := r.webSocket[res.Get(property).Value()]; api != nil {
		if stage := res.Get("Stage").Value(); stage != api.Stage {
			r.warn(originOf(res.Node), api.label(), "the stage %s, which the base path %q leads to, is not served", stage, base)
			return
		}
		api.BasePaths = append(api.BasePaths, base)
		return
	}
	if api := r.apiOf(res, property); api != nil && base != "" && base != "(none)" {
		api.BasePath = "/" + base
	}
	r.ignore(res.Node, customDomains)
}

// customDomains is why they are ignored.
const customDomains = "custom domains: APIs are served by their stages"

// domain reads what a custom domain asks of clients.
func (r *reader) domain(res *cloudformation.Resource) {
	r.leaveOut(res)
	r.ignore(res.Node, customDomains)
	auth := res.Get("MutualTlsAuthentication")
	if auth.IsNull() {
		return
	}
	// Which APIs it is for the mappings say, by the domain's name; with one API there is
	// no doubt.
	for _, api := range r.plan.APIs {
		api.MutualTLS = &MutualTLS{Truststore: auth.Get("TruststoreUri").Value(), Origin: originOf(auth)}
	}
}
