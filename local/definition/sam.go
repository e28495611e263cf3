package definition

import (
	"errors"
	"slices"
	"strings"

	"github.com/lambridge-go/lambridge/local/gateway"
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
	// noDefault and noKey are why byDefault and keyRequired are not known.
	noDefault, noKey error
	// written is that the API has a document of its own, inline that it stands in the
	// template, and merged that events add their routes to it.
	written, inline, merged bool
}

// samAPI reads AWS::Serverless::Api.
//
// https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-api.html
func (r *reader) samAPI(res *cloudformation.Resource) {
	api := r.newAPI(gateway.RESTAPI, res.Stack, res.ID(), res.LogicalID, res.Node)
	api.Name = res.Get("Name").Value()
	api.Stage = r.stageName(res, api.label())
	if res.LogicalID == cloudformation.ImplicitRESTAPI {
		api.Stage = "Prod"
	}
	api.StageVariables = mapped(res.Get("Variables"))
	r.restProperties(api, res, "ApiKeySourceType")
	r.addAPI(api)
	s := r.newSAM(api, res)
	s.merged = res.Get("MergeDefinitions").True()

	auth := res.Get("Auth")
	s.keyRequired, s.noKey = truth(auth.Get("ApiKeyRequired"), "ApiKeyRequired")
	if plan := auth.Get("UsagePlan"); plan != nil && plan.Get("CreateUsagePlan").Value() != "NONE" {
		made := &UsagePlan{ID: api.ID + "-plan", Name: res.LogicalID + "UsagePlan", Origin: originOf(plan)}
		made.Keys = []APIKey{{ID: api.ID + "-key", Name: res.LogicalID + "ApiKey", Origin: originOf(plan)}}
		r.planLimits(made, plan.Get("Throttle"), plan.Get("Quota"))
		api.UsagePlans = append(api.UsagePlans, made)
	}
	for name, n := range res.Get("Models").All() {
		api.Models = append(api.Models, &Model{
			Name: name, ContentType: "application/json", Imported: true, Origin: originOf(n),
			Schema: (&openAPI{reader: r, api: api, root: swaggerRoot}).schema(n),
		})
	}
	for kind, n := range res.Get("GatewayResponses").All() {
		r.samGatewayResponse(api, kind, n)
	}
	r.methodSettings(api, res.Get("MethodSettings"))
	r.samDomain(res)
	r.later(func() {
		r.addSAMCORS(s)
		r.samPolicy(api, auth.Get("ResourcePolicy"), policyResources(api, ""))
	})
}

// swaggerRoot makes references to models those of Swagger.
var swaggerRoot = &document.Node{Kind: document.Map, Pairs: []document.Pair{{Key: "swagger", Value: &document.Node{Kind: document.Text, Text: "2.0"}}}}

// newSAM reads what REST APIs and HTTP APIs have in common.
func (r *reader) newSAM(api *API, res *cloudformation.Resource) *samAPI {
	s := &samAPI{
		res: res, api: api, authorizers: map[string]*Authorizer{}, scopes: map[string][]string{},
		written: res.Properties.Get("DefinitionBody") != nil || res.Properties.Get("DefinitionUri") != nil,
		inline:  res.Properties.Get("DefinitionBody") != nil,
	}
	r.sam[api.ID] = s
	auth := res.Get("Auth")
	s.byDefault, s.noDefault = optional(auth.Get("DefaultAuthorizer"), "DefaultAuthorizer")
	s.noDefault = errors.Join(s.noDefault, checkAuth(auth, res.Type+" Auth"))
	for name, n := range auth.Get("Authorizers").All() {
		var errs [3]error
		a, err := r.samAuthorizer(api.Kind, name, n)
		errs[0] = err
		a.ID = api.ID + "/" + name
		s.authorizers[name] = a
		s.scopes[name], errs[1] = texts(n.Get("AuthorizationScopes"), "AuthorizationScopes")
		uri := n.Get("FunctionArn")
		if uri == nil {
			uri = n.Get("UserPoolArn")
		}
		errs[2] = r.completeAuthorizer(api.Kind, api.StageVariables, a, uri)
		r.addAuthorizer(&api.Authorizers, api.label(), a, errors.Join(errs[:]...))
	}
	return s
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

// samDomain reads what a custom domain asks of clients, and where it maps the API to.
func (r *reader) samDomain(res *cloudformation.Resource) {
	if domain := res.Get("Domain"); domain != nil {
		r.ignore(domain, customDomains)
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
	api := r.newAPI(gateway.HTTPAPI, res.Stack, res.ID(), res.LogicalID, res.Node)
	api.Name = res.Get("Name").Value()
	api.Stage = r.stageName(res, api.label())
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
			r.refuse(originOf(n), api.label(), "%s", oneLine(err))
		}
	}
	if api.Throttle, err = throttleOf(res.Get("DefaultRouteSettings"), "ThrottlingRateLimit", "ThrottlingBurstLimit"); err != nil {
		r.refuse(originOf(res.Node), api.label(), "%s", oneLine(err))
	}
	r.throttleRoutes(api.ID, api.label(), res.Get("RouteSettings"))
	r.samDomain(res)
}

// samBody reads the document of an API in SAM's short form.
func (r *reader) samBody(res *cloudformation.Resource) {
	api := r.apis[res.ID()]
	if body := res.Get("DefinitionBody"); body != nil {
		r.readBody(api, body, nil)
		return
	}
	switch uri := res.Get("DefinitionUri"); {
	case uri == nil:
	case !uri.IsScalar() || strings.Contains(uri.Text, "://"):
		r.refuse(originOf(uri), api.label(), "its document is in S3, and nothing is fetched: name the file")
	default:
		r.loadBody(api, res.Stack, uri.Text, originOf(uri), nil)
	}
}

// samImplicitAPIs makes the APIs of events that name none.
func (r *reader) samImplicitAPIs(res *cloudformation.Resource) {
	for _, event := range res.Get("Events").All() {
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
		r.resources = append(r.resources, implicit)
		if id == cloudformation.ImplicitRESTAPI {
			r.samAPI(implicit)
		} else {
			r.samHTTPAPI(implicit)
		}
	}
}
