package definition

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/lambridge-go/lambridge/local/gateway"
	"github.com/lambridge-go/lambridge/local/internal/cloudformation"
	"github.com/lambridge-go/lambridge/local/internal/document"
)

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
		Key: method + " " + path, Origin: originOf(res.Node), OperationName: res.Get("OperationName").Value(),
	}
	errs := []error{
		checkPath(route.Key), r.methodIntegration(api, route, res.Get("Integration")), r.methodAuthorizer(api, route, res), methodParameters(route, res.Get("RequestParameters")),
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
	var errs [7]error
	i.Type = strings.ToUpper(n.Get("Type").Value())
	i.Method = strings.ToUpper(n.Get("IntegrationHttpMethod").Value())
	i.URI, errs[0] = optional(n.Get("Uri"), "Uri")
	i.Timeout, errs[1] = milliseconds(n.Get("TimeoutInMillis"), "TimeoutInMillis")
	i.Stream, errs[6] = streams(n.Get("ResponseTransferMode"))
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
	if err := errors.Join(errs[:]...); err != nil {
		return err
	}
	return r.completeIntegration(gateway.RESTAPI, api.StageVariables, i, api.label()+": "+route.Key)
}

// methodAuthorizer says who may call a method or an HTTP API's route, and finds its
// authorizer.
func (r *reader) methodAuthorizer(api *API, route *Route, res *cloudformation.Resource) error {
	var errs [3]error
	route.Authorization, errs[0] = optional(res.Get("AuthorizationType"), "AuthorizationType")
	route.Scopes, errs[1] = texts(res.Get("AuthorizationScopes"), "AuthorizationScopes")
	if api.Kind == gateway.RESTAPI {
		route.APIKeyRequired, errs[2] = truth(res.Get("ApiKeyRequired"), "ApiKeyRequired")
	}
	if err := errors.Join(errs[:]...); err != nil {
		return err
	}
	id := res.Get("AuthorizerId").Value()
	switch route.Authorization = orElse(strings.ToUpper(route.Authorization), "NONE"); route.Authorization {
	case "NONE", "AWS_IAM":
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
	if asked, is := route.Authorization, authorizationOf(a); asked != is {
		return fmt.Errorf("the authorization type is %s, and the authorizer %s is one for %s", asked, a.Name, is)
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

// methodParameters reads which parameters a method has, and which of them have to be there.
func methodParameters(route *Route, n *document.Node) error {
	var errs []error
	for key, value := range n.All() {
		if parts := strings.SplitN(key, ".", 4); len(parts) == 4 {
			required, err := truth(value, key)
			route.Parameters = append(route.Parameters, Parameter{In: parts[2], Name: parts[3], Required: required})
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
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
