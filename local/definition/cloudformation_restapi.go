package definition

import (
	"errors"
	"fmt"
	"strings"

	"github.com/lambridge-go/lambridge/local/gateway"
	"github.com/lambridge-go/lambridge/local/internal/cloudformation"
	"github.com/lambridge-go/lambridge/local/internal/document"
)

// restAPI reads AWS::ApiGateway::RestApi.
//
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigateway-restapi.html
func (r *reader) restAPI(res *cloudformation.Resource) {
	api := r.newAPI(gateway.RESTAPI, res.Stack, res.ID(), res.LogicalID, res.Node)
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
	if policy := res.Get("Policy"); !policy.IsNull() {
		r.policy(api, policy)
	}
	api.ExecuteAPIDisabled = res.Get("DisableExecuteApiEndpoint").True()
}

// restBody reads the document of a REST API.
func (r *reader) restBody(res *cloudformation.Resource) {
	api := r.apis[res.ID()]
	basePath := res.Get("Parameters").Get("basepath")
	if body := res.Get("Body"); body != nil {
		r.readBody(api, body, basePath)
		return
	}
	location := res.Get("BodyS3Location")
	if location == nil {
		return
	}
	if path := res.Stack.Asset(location.Get("Key").Value()); path != "" {
		r.loadBody(api, res.Stack, path, originOf(location), basePath)
		return
	}
	r.refuse(originOf(location), api.label(), "its document is in S3, and nothing is fetched: name the file in Body, or run the folder that CDK has written")
}

// restStage reads AWS::ApiGateway::Stage, and a Deployment that makes one.
//
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigateway-stage.html
func (r *reader) restStage(res *cloudformation.Resource) {
	if res.Properties.Get("StageName").IsNull() && res.Type == "AWS::ApiGateway::Deployment" {
		return
	}
	api := r.apiOf(res, "RestApiId")
	if api == nil {
		return
	}
	if api.Stage != "" {
		r.warn(originOf(res.Node), api.label(), "the stage %s is not served: %s is, the first", res.Get("StageName").Value(), api.Stage)
		r.leaveOut(res)
		return
	}
	api.Stage, api.Undeployed = r.stageName(res, api.label()), ""
	described := func(property string) *document.Node {
		if n := res.Get(property); n != nil {
			return n
		}
		return res.Get("StageDescription").Get(property)
	}
	api.StageVariables = mapped(described("Variables"))
	var err error
	if api.Throttle, err = throttleOf(res.Get("StageDescription"), "ThrottlingRateLimit", "ThrottlingBurstLimit"); err != nil {
		r.refuse(originOf(res.Node), api.label(), "%s", oneLine(err))
	}
	r.methodSettings(api, described("MethodSettings"))
}

// methodSettings reads the limits of a stage. A setting is of all methods or of one, whose
// path has ~1 for the slashes behind its first.
//
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-apigateway-stage-methodsetting.html
func (r *reader) methodSettings(api *API, n *document.Node) {
	for _, setting := range n.Elements() {
		throttle, err := throttleOf(setting, "ThrottlingRateLimit", "ThrottlingBurstLimit")
		if err != nil {
			r.refuse(originOf(setting), api.label(), "%s", oneLine(err))
			continue
		}
		path, method := setting.Get("ResourcePath").Value(), orElse(setting.Get("HttpMethod").Value(), "*")
		switch {
		case throttle == nil:
		case method == "*" && (path == "/*" || path == "*" || path == ""):
			api.Throttle = throttle
		default:
			key := method + " /" + strings.TrimPrefix(strings.ReplaceAll(strings.TrimPrefix(path, "/"), "~1", "/"), "/")
			r.later(func() { r.throttleRoute(api.ID, key, throttle, originOf(setting)) })
		}
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
	}
	var errs [5]error
	a.IdentitySources, errs[0] = identitySources(res.Get("IdentitySource"))
	a.IdentityValidation, errs[1] = optional(res.Get("IdentityValidationExpression"), "IdentityValidationExpression")
	a.ProviderARNs, errs[2] = texts(res.Get("ProviderARNs"), "ProviderARNs")
	r.warnOfMadeUp(a, "the user pool", res.Get("ProviderARNs"))
	if n := res.Get("AuthorizerResultTtlInSeconds"); n != nil {
		a.TTL, errs[3] = seconds(n, "AuthorizerResultTtlInSeconds")
	}
	if configuration := res.Get("JwtConfiguration"); configuration != nil {
		a.JWT = configuration.AppendJSON(nil)
	}
	errs[4] = r.completeAuthorizer(gateway.RESTAPI, api.StageVariables, a, res.Get("AuthorizerUri"))
	r.addAuthorizer(&api.Authorizers, api.label(), a, errors.Join(errs[:]...))
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
		return nil, fmt.Errorf("its Schema cannot be resolved: %s", schema.Doubt)
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
		r.gatewayResponse(api, res.Get("ResponseType").Value(), res.Node, res.Get("StatusCode"), res.Get("ResponseParameters"), res.Get("ResponseTemplates"))
	}
}
