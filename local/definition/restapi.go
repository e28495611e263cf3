package definition

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/lambridge-go/lambridge/local/internal/cloudformation"
	"github.com/lambridge-go/lambridge/local/internal/document"
)

// restAPI reads AWS::ApiGateway::RestApi.
//
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigateway-restapi.html
func (r *reader) restAPI(res *cloudformation.Resource) {
	api := r.newAPI(REST, res.Stack, res.ID(), res.LogicalID, res.Node)
	api.Name = res.Get("Name").Value()
	api.Undeployed = "the definition has no stage of it"
	r.restProperties(api, res, "ApiKeySourceType")
	r.addAPI(api)
}

// restProperties reads what AWS::ApiGateway::RestApi and AWS::Serverless::Api spell
// alike.
func (r *reader) restProperties(api *API, res *cloudformation.Resource, keySource string) {
	api.BinaryMediaTypes = res.Get("BinaryMediaTypes").Strings()
	for i, media := range api.BinaryMediaTypes {
		api.BinaryMediaTypes[i] = strings.ReplaceAll(media, "~1", "/")
	}
	if n := res.Get("MinimumCompressionSize"); n != nil {
		size, err := integer(n, "MinimumCompressionSize")
		if err != nil {
			r.refuse(originOf(n), api.label(), "%v", err)
		}
		api.MinimumCompression = size
	}
	api.APIKeySource = strings.ToUpper(res.Get(keySource).Value())
	if policy := res.Get("Policy"); policy.Is(document.Map) {
		api.Policy = policy.AppendJSON(nil)
	}
	api.ExecuteAPIDisabled = res.Get("DisableExecuteApiEndpoint").True()
}

// restBody reads the document of a REST API.
func (r *reader) restBody(res *cloudformation.Resource) {
	api := r.apis[res.ID()]
	if body := res.Get("Body"); body != nil {
		r.readBody(api, body)
		return
	}
	location := res.Get("BodyS3Location")
	if location == nil {
		return
	}
	if path := res.Stack.Asset(location.Get("Key").Value()); path != "" {
		r.loadBody(api, res.Stack, path, originOf(location))
		return
	}
	r.refuse(originOf(location), api.label(), "its document is in S3, and nothing is fetched: name the file in Body, or run the folder that CDK has written")
}

// restStage reads AWS::ApiGateway::Stage, and a Deployment that makes one.
//
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigateway-stage.html
func (r *reader) restStage(res *cloudformation.Resource) {
	name := res.Get("StageName").Value()
	if name == "" && res.Type == "AWS::ApiGateway::Deployment" {
		return
	}
	api := r.apiOf(res, "RestApiId")
	if api == nil {
		return
	}
	if api.Stage != "" {
		r.warn(originOf(res.Node), api.label(), "the stage %s is not served: %s is, the first", name, api.Stage)
		return
	}
	api.Stage, api.Undeployed = name, ""
	described := func(property string) *document.Node {
		if n := res.Get(property); n != nil {
			return n
		}
		return res.Get("StageDescription").Get(property)
	}
	api.StageVariables = mapped(described("Variables"))
	r.methodSettings(api, described("MethodSettings"))
	r.ignore(described("CacheClusterEnabled"), "caches of stages")
	r.ignore(described("AccessLogSetting"), "access logs")
	r.ignore(described("CanarySetting"), "canary deployments")
	r.ignore(described("TracingEnabled"), "X-Ray tracing")
}

// methodSettings reads the limits of a stage. A setting is of all methods or of one.
func (r *reader) methodSettings(api *API, n *document.Node) {
	for _, setting := range n.Elements() {
		if setting.Get("CachingEnabled").True() {
			r.ignore(setting, "caches of stages")
		}
		throttle, err := throttleOf(setting, "ThrottlingRateLimit", "ThrottlingBurstLimit")
		if err != nil {
			r.refuse(originOf(setting), api.label(), "%s", oneLine(err))
			continue
		}
		path := setting.Get("ResourcePath").Value()
		if path == "/*" || path == "*" || path == "" {
			api.Throttle = throttle
			continue
		}
		key := setting.Get("HttpMethod").Value() + " " + strings.ReplaceAll(path, "~1", "/")
		r.later(func() {
			for _, route := range api.Routes {
				if route.Key == key {
					route.Throttle = throttle
				}
			}
		})
	}
}

// restAuthorizer reads AWS::ApiGateway::Authorizer.
//
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigateway-authorizer.html
func (r *reader) restAuthorizer(res *cloudformation.Resource) {
	api := r.apiOf(res, "RestApiId")
	if api == nil {
		return
	}
	a := &Authorizer{
		ID: res.ID(), Name: res.Get("Name").Value(), Type: strings.ToUpper(res.Get("Type").Value()), Origin: originOf(res.Node), TTL: -1,
		IdentitySources: identitySources(res.Get("IdentitySource")), IdentityValidation: res.Get("IdentityValidationExpression").Value(),
		ProviderARNs: res.Get("ProviderARNs").Strings(),
	}
	var err error
	if n := res.Get("AuthorizerResultTtlInSeconds"); n != nil {
		a.TTL, err = seconds(n, "AuthorizerResultTtlInSeconds")
	}
	if configuration := res.Get("JwtConfiguration"); configuration != nil {
		a.JWT = configuration.AppendJSON(nil)
	}
	r.addAuthorizer(&api.Authorizers, api.label(), a, errors.Join(err, r.completeAuthorizer(REST, api.StageVariables, a, res.Get("AuthorizerUri"))))
}

// addAuthorizer keeps an authorizer, and what is wrong with it for the routes that
// name it.
func (r *reader) addAuthorizer(list *[]*Authorizer, label string, a *Authorizer, err error) {
	if err != nil {
		r.refuse(a.Origin, label, "%s", oneLine(err))
		r.broken[a.ID] = err
	}
	*list = append(*list, a)
}

// restValidator reads AWS::ApiGateway::RequestValidator.
func (r *reader) restValidator(res *cloudformation.Resource) {
	if api := r.apiOf(res, "RestApiId"); api != nil {
		api.Validators = append(api.Validators, &Validator{
			ID: res.ID(), Name: res.Get("Name").Value(), Origin: originOf(res.Node),
			Body: res.Get("ValidateRequestBody").True(), Parameters: res.Get("ValidateRequestParameters").True(),
		})
	}
}

// restModel reads AWS::ApiGateway::Model.
func (r *reader) restModel(res *cloudformation.Resource) {
	api := r.apiOf(res, "RestApiId")
	if api == nil {
		return
	}
	m, err := modelFrom(res)
	if err != nil {
		r.refuse(originOf(res.Node), api.label(), "the model %s: %v", res.LogicalID, err)
		return
	}
	api.Models = append(api.Models, m)
}

// modelFrom reads a model of either kind of API, whose schema is JSON as text or as
// a map.
func modelFrom(res *cloudformation.Resource) (*Model, error) {
	m := &Model{Name: res.Get("Name").Value(), ContentType: res.Get("ContentType").Value(), Origin: originOf(res.Node)}
	if m.Name == "" {
		m.Name = res.ID()
	}
	if m.ContentType == "" {
		m.ContentType = "application/json"
	}
	switch schema := res.Get("Schema"); {
	case schema.IsUnknown():
		return nil, fmt.Errorf("Schema cannot be resolved: %s", schema.Doubt)
	case schema.IsScalar():
		m.Schema = []byte(schema.Text)
	default:
		m.Schema = schema.AppendJSON(nil)
	}
	return m, nil
}

// restResponse reads AWS::ApiGateway::GatewayResponse.
func (r *reader) restResponse(res *cloudformation.Resource) {
	if api := r.apiOf(res, "RestApiId"); api != nil {
		n := res.Stack.Eval(res.Properties)
		r.gatewayResponse(api, n.Get("ResponseType").Value(), n, "StatusCode", "ResponseParameters", "ResponseTemplates")
	}
}

// restMethod reads AWS::ApiGateway::Method.
//
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigateway-method.html
func (r *reader) restMethod(res *cloudformation.Resource) {
	api := r.apiOf(res, "RestApiId")
	if api == nil {
		return
	}
	path, err := r.pathOf(api, res.Get("ResourceId"), 0)
	method := strings.ToUpper(res.Get("HttpMethod").Value())
	if err != nil {
		r.refuse(originOf(res.Node), api.label()+": "+res.LogicalID, "%v", err)
		return
	}
	route := &Route{
		Key: method + " " + path, Origin: originOf(res.Node), Authorization: strings.ToUpper(res.Get("AuthorizationType").Value()),
		Scopes: res.Get("AuthorizationScopes").Strings(), APIKeyRequired: res.Get("ApiKeyRequired").True(),
		OperationName: res.Get("OperationName").Value(),
	}
	for key, required := range res.Get("RequestParameters").All() {
		if parts := strings.SplitN(key, ".", 4); len(parts) == 4 {
			route.Parameters = append(route.Parameters, Parameter{In: parts[2], Name: parts[3], Required: required.True()})
		}
	}
	errs := []error{
		checkPath(route.Key), r.methodIntegration(api, route, res.Get("Integration")), r.methodAuthorizer(api, route, res),
		methodModels(api, route, res.Get("RequestModels")), methodValidator(api, route, res.Get("RequestValidatorId")),
	}
	for _, response := range res.Get("MethodResponses").Elements() {
		m := MethodResponse{Status: response.Get("StatusCode").Value()}
		for name := range response.Get("ResponseParameters").All() {
			m.Headers = append(m.Headers, strings.TrimPrefix(name, "method.response.header."))
		}
		route.Responses = append(route.Responses, m)
	}
	if err := errors.Join(errs...); err != nil {
		refuseRoute(route, err)
	}
	r.addRoute(api, route)
}

// pathOf walks up the tree of resources.
func (r *reader) pathOf(api *API, id *document.Node, depth int) (string, error) {
	s, err := text(id, "ResourceId")
	if err != nil {
		return "", err
	}
	if s == cloudformation.RootOf(api.ID) {
		return "/", nil
	}
	res := r.set.Resource(s)
	if res == nil || res.Type != "AWS::ApiGateway::Resource" || depth > 64 {
		return "", fmt.Errorf("ResourceId %q leads to no resource of the API", s)
	}
	parent, err := r.pathOf(api, res.Get("ParentId"), depth+1)
	if err != nil {
		return "", err
	}
	part, err := text(res.Get("PathPart"), "PathPart of "+res.LogicalID)
	return strings.TrimSuffix(parent, "/") + "/" + part, err
}

// methodIntegration reads the integration of a method.
func (r *reader) methodIntegration(api *API, route *Route, n *document.Node) error {
	i := &Integration{Origin: route.Origin}
	route.Integration = i
	if n.IsNull() {
		return errors.New("there is no Integration: API Gateway does not deploy a method that leads nowhere")
	}
	i.Origin = originOf(n)
	var errs [6]error
	i.Type = strings.ToUpper(n.Get("Type").Value())
	i.Method = strings.ToUpper(n.Get("IntegrationHttpMethod").Value())
	i.URI, errs[0] = optional(n.Get("Uri"), "Uri")
	i.Timeout, errs[1] = milliseconds(n.Get("TimeoutInMillis"), "TimeoutInMillis")
	i.Stream = strings.EqualFold(n.Get("ResponseTransferMode").Value(), "STREAM")
	i.PassthroughBehavior = strings.ToUpper(n.Get("PassthroughBehavior").Value())
	i.ContentHandling = strings.ToUpper(n.Get("ContentHandling").Value())
	i.RequestParameters, errs[2] = named(n.Get("RequestParameters"), "RequestParameters")
	i.RequestTemplates, errs[3] = named(n.Get("RequestTemplates"), "RequestTemplates")
	i.ConnectionType = strings.ToUpper(n.Get("ConnectionType").Value())
	i.ConnectionID, errs[4] = optional(n.Get("ConnectionId"), "ConnectionId")
	i.InsecureSkipVerification = n.Find("TlsConfig", "InsecureSkipVerification").True()
	for _, response := range n.Get("IntegrationResponses").Elements() {
		ir := IntegrationResponse{
			Key: response.Get("SelectionPattern").Value(), Status: response.Get("StatusCode").Value(),
			ContentHandling: strings.ToUpper(response.Get("ContentHandling").Value()), Origin: originOf(response),
		}
		var pErr, tErr error
		ir.Parameters, pErr = named(response.Get("ResponseParameters"), "ResponseParameters")
		ir.Templates, tErr = named(response.Get("ResponseTemplates"), "ResponseTemplates")
		errs[5] = errors.Join(errs[5], pErr, tErr)
		i.Responses = append(i.Responses, ir)
	}
	r.ignore(n.Get("CacheNamespace"), "caches of methods")
	r.ignore(n.Get("CacheKeyParameters"), "caches of methods")
	r.ignore(n.Get("Credentials"), "credentials of integrations")
	if err := errors.Join(errs[:]...); err != nil {
		return err
	}
	return r.completeIntegration(REST, api.StageVariables, i, api.label()+": "+route.Key)
}

// methodAuthorizer finds the authorizer of a method.
func (r *reader) methodAuthorizer(api *API, route *Route, res *cloudformation.Resource) error {
	id := res.Get("AuthorizerId").Value()
	switch route.Authorization {
	case "", "NONE", "AWS_IAM":
		if route.Authorization == "" {
			route.Authorization = "NONE"
		}
		if len(route.Scopes) > 0 {
			r.warn(route.Origin, api.label()+": "+route.Key, "the authorization scopes are not looked at, since no authorizer is: the service refuses them")
			route.Scopes = nil
		}
		return nil
	}
	a, err := r.authorizerBy(api.Authorizers, id)
	if err != nil {
		return err
	}
	return r.authorizeBy(route, a, route.Scopes)
}

// authorizerBy finds an authorizer by its id or its name.
func (r *reader) authorizerBy(list []*Authorizer, id string) (*Authorizer, error) {
	i := slices.IndexFunc(list, func(a *Authorizer) bool { return a.ID == id })
	if i < 0 || id == "" {
		return nil, fmt.Errorf("the authorizer %q is not declared", id)
	}
	if err := r.broken[id]; err != nil {
		return nil, err
	}
	return list[i], nil
}

// methodModels finds the models of a method, by media type.
func methodModels(api *API, route *Route, n *document.Node) error {
	var wrong []error
	for media, name := range n.All() {
		model := modelOf(api, name.Value())
		if model == nil {
			model = builtIn(name.Value())
		}
		if model == nil {
			wrong = append(wrong, fmt.Errorf("the model %q is not declared", name.Value()))
			continue
		}
		route.Models = append(route.Models, Named[*Model]{media, model, originOf(name)})
	}
	return errors.Join(wrong...)
}

// builtIn is a model that every REST API has.
//
// https://docs.aws.amazon.com/apigateway/latest/developerguide/models-mappings-models.html
func builtIn(name string) *Model {
	switch name {
	case "Empty":
		return &Model{Name: name, ContentType: "application/json", Schema: []byte(`{"type":"object"}`)}
	case "Error":
		return &Model{Name: name, ContentType: "application/json", Schema: []byte(`{"type":"object","properties":{"message":{"type":"string"}}}`)}
	}
	return nil
}

func methodValidator(api *API, route *Route, n *document.Node) error {
	if n.IsNull() {
		return nil
	}
	id, err := text(n, "RequestValidatorId")
	if err != nil {
		return err
	}
	for _, v := range api.Validators {
		if v.ID == id {
			route.Validator = v
			return nil
		}
	}
	return fmt.Errorf("the request validator %q is not declared", id)
}

// apiKey reads AWS::ApiGateway::ApiKey.
func (r *reader) apiKey(res *cloudformation.Resource) {
	key := &APIKey{ID: res.ID(), Name: res.Get("Name").Value(), Origin: originOf(res.Node)}
	if value := res.Get("Value"); value.IsScalar() && value.Doubt == "" && !bytes.Contains([]byte(value.Text), []byte("{{resolve:")) {
		key.Value = value.Text
	}
	if enabled := res.Get("Enabled"); enabled != nil {
		key.Disabled = !enabled.True()
	} else {
		key.Disabled = true // as the service has it
	}
	if key.Name == "" {
		key.Name = res.LogicalID
	}
	r.keys[key.ID] = key
}

// usagePlan reads AWS::ApiGateway::UsagePlan.
//
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigateway-usageplan.html
func (r *reader) usagePlan(res *cloudformation.Resource) {
	plan := &UsagePlan{ID: res.ID(), Name: res.Get("UsagePlanName").Value(), Origin: originOf(res.Node)}
	r.planLimits(plan, res.Get("Throttle"), res.Get("Quota"))
	r.usagePlans[plan.ID] = plan
	for _, stage := range res.Get("ApiStages").Elements() {
		if api := r.apis[stage.Get("ApiId").Value()]; api != nil {
			api.UsagePlans = append(api.UsagePlans, plan)
		}
	}
}

func (r *reader) planLimits(plan *UsagePlan, throttle, quota *document.Node) {
	var errs [2]error
	plan.Throttle, errs[0] = throttleOf(throttle, "RateLimit", "BurstLimit")
	plan.Quota, errs[1] = integer(quota.Get("Limit"), "Limit")
	plan.Period = strings.ToUpper(quota.Get("Period").Value())
	if err := errors.Join(errs[:]...); err != nil {
		r.refuse(plan.Origin, "usage plan "+plan.Name, "%s", oneLine(err))
	}
}

// usagePlanKey reads AWS::ApiGateway::UsagePlanKey.
func (r *reader) usagePlanKey(res *cloudformation.Resource) {
	plan, key := r.usagePlans[res.Get("UsagePlanId").Value()], r.keys[res.Get("KeyId").Value()]
	if plan == nil || key == nil {
		r.refuse(originOf(res.Node), "usage plan key "+res.LogicalID, "it joins no usage plan and key of the definition")
		return
	}
	plan.Keys = append(plan.Keys, *key)
}
