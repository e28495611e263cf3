package cloudformation

import (
	"fmt"
	"strings"

	"github.com/lambridge-go/lambridge/local/internal/document"
)

// ref is {"Ref": name}.
func (s *Stack) ref(n *document.Node, name string) *document.Node {
	if name == "AWS::NoValue" {
		return noValue
	}
	if value := s.pseudo(name, n); value != nil {
		return value
	}
	if value := s.parameter(name); value != nil {
		value = s.eval(value)
		if value.IsUnknown() { // which matters where it is used
			return unknown(n, "%s", value.Doubt)
		}
		return value
	}
	if r := s.resources[name]; r != nil {
		if value, ok := s.set.options.Parameters[name]; ok {
			return textAt(n, value)
		}
		return s.once("Ref "+name, func() *document.Node { return s.refOf(n, r) })
	}
	if value := s.generated(n, name, ""); value != nil {
		return value
	}
	if s.template.Find("Resources", name) != nil {
		return unknown(n, "the condition of %s does not hold", name)
	}
	return s.wrong(n, "there is no parameter or resource %q", name)
}

// getAtt is {"Fn::GetAtt": "id.attribute"} or [id, attribute].
func (s *Stack) getAtt(n, arg *document.Node) *document.Node {
	parts := arg.Elements()
	if len(parts) == 2 {
		attribute := s.Eval(parts[1])
		if !attribute.IsScalar() {
			return s.noText(n, attribute)
		}
		return s.attribute(n, parts[0].Value(), attribute.Text)
	}
	id, attribute, ok := strings.Cut(arg.Value(), ".")
	if !ok {
		return s.wrong(n, "Fn::GetAtt takes a logical id and an attribute")
	}
	return s.attribute(n, id, attribute)
}

// attribute is an attribute of a resource.
func (s *Stack) attribute(n *document.Node, id, attribute string) *document.Node {
	if r := s.resources[id]; r != nil {
		return s.once("GetAtt "+id+"."+attribute, func() *document.Node { return s.attributeOf(n, r, attribute) })
	}
	if value := s.generated(n, id, attribute); value != nil {
		return value
	}
	if s.template.Find("Resources", id) != nil {
		return unknown(n, "the condition of %s does not hold", id)
	}
	if s.loose && (attribute == "Arn" || attribute == "Alias") {
		return textAt(n, s.functionARN(id))
	}
	return s.wrong(n, "there is no resource %q", id)
}

// names are the properties that a Ref gives, if they are set, of resources whose
// name is theirs to choose. The second is the attribute that gives it too.
var names = map[string]string{
	"AWS::ApiGateway::Model":               "Name",
	"AWS::ApiGatewayV2::Model":             "",
	"AWS::ApiGateway::Stage":               "StageName",
	"AWS::ApiGatewayV2::Stage":             "StageName",
	"AWS::DynamoDB::Table":                 "TableName",
	"AWS::DynamoDB::GlobalTable":           "TableName",
	"AWS::Serverless::SimpleTable":         "TableName",
	"AWS::Events::EventBus":                "Name",
	"AWS::Kinesis::Stream":                 "Name",
	"AWS::KinesisFirehose::DeliveryStream": "DeliveryStreamName",
	"AWS::Lambda::Function":                "FunctionName",
	"AWS::Logs::LogGroup":                  "LogGroupName",
	"AWS::S3::Bucket":                      "BucketName",
	"AWS::SSM::Parameter":                  "Name",
	"AWS::Serverless::Function":            "FunctionName",
}

// refOf is what a Ref to a resource gives.
func (s *Stack) refOf(n *document.Node, r *Resource) *document.Node {
	doubt := fmt.Sprintf("the %s %s exists in AWS only", r.Type, r.LogicalID)
	if property, ok := names[r.Type]; ok && property != "" {
		if name := s.Eval(r.Properties.Get(property)); name.IsScalar() && name.Text != "" {
			return textWith(n, name.Text, name.Doubt)
		}
	}
	id := s.physicalID(r)
	switch r.Type {
	case "AWS::ApiGatewayV2::Stage", "AWS::ApiGateway::Stage", "AWS::Lambda::Function", "AWS::Serverless::Function",
		"AWS::Lambda::Alias", "AWS::Lambda::Version",
		"AWS::ApiGateway::RestApi", "AWS::ApiGatewayV2::Api", "AWS::Serverless::Api", "AWS::Serverless::HttpApi", "AWS::Serverless::WebSocketApi":
		return textAt(n, id) // which is what it is here
	}
	return textWith(n, id, doubt)
}

// physicalID stands for the id that AWS would give a resource: what a Ref to it is.
func (s *Stack) physicalID(r *Resource) string {
	name := s.path + r.LogicalID
	switch r.Type {
	case "AWS::Lambda::Function", "AWS::Serverless::Function":
		return s.functionName(r)
	case "AWS::Lambda::Alias", "AWS::Lambda::Version":
		return s.qualified(r)
	case "AWS::ApiGateway::Stage", "AWS::ApiGatewayV2::Stage":
		return orElse(s.Eval(r.Properties.Get("StageName")).Value(), "prod")
	case "AWS::ElasticLoadBalancingV2::LoadBalancer", "AWS::ElasticLoadBalancingV2::Listener", "AWS::ElasticLoadBalancingV2::TargetGroup":
		kind := strings.ToLower(r.Type[strings.LastIndex(r.Type, ":")+1:])
		return fmt.Sprintf("arn:aws:elasticloadbalancing:%s:%s:%s/%s/%s", s.Region(), s.Account(), kind, r.LogicalID, madeUpID(s.Name+"/"+name))
	case "AWS::Cognito::UserPool":
		return s.Region() + "_" + madeUpID(s.Name+"/"+name)
	}
	return madeUpID(s.Name + "/" + name + "/" + r.Type)
}

// functionName is the name of a function: its own or its logical id. Of two stacks
// that have functions by one name, the later puts its own before it.
func (s *Stack) functionName(r *Resource) string {
	if name, ok := s.set.names[r]; ok {
		return name
	}
	name := r.LogicalID
	if own := s.once("name "+r.LogicalID, func() *document.Node { return s.Eval(r.Properties.Get("FunctionName")) }); own.IsScalar() && own.Text != "" {
		name = nameOf(own.Text)
	}
	if s.set.taken[name] {
		name = strings.ReplaceAll(orElse(s.stackName(), "stack")+"-"+s.path+name, "/", "-")
	}
	s.set.names[r], s.set.taken[name] = name, true
	return name
}

// nameOf is the name in a function's ARN, or the text itself.
func nameOf(text string) string {
	if parts := strings.Split(text, ":"); len(parts) >= 7 && parts[0] == "arn" {
		return parts[6]
	}
	return text
}

// qualified is the ARN of an alias or a version.
func (s *Stack) qualified(r *Resource) string {
	function := s.once("of "+r.LogicalID, func() *document.Node { return s.Eval(r.Properties.Get("FunctionName")) })
	qualifier := "1"
	if r.Type == "AWS::Lambda::Alias" {
		qualifier = orElse(s.Eval(r.Properties.Get("Name")).Value(), "live")
	}
	return s.functionARN(nameOf(function.Value())) + ":" + qualifier
}

func (s *Stack) functionARN(name string) string {
	return fmt.Sprintf("arn:aws:lambda:%s:%s:function:%s", s.Region(), s.Account(), name)
}

// attributeOf is what Fn::GetAtt gives of a resource.
func (s *Stack) attributeOf(n *document.Node, r *Resource, attribute string) *document.Node {
	doubt := fmt.Sprintf("the %s %s exists in AWS only", r.Type, r.LogicalID)
	id := s.physicalID(r)
	switch r.Type + "." + attribute {
	case "AWS::Lambda::Function.Arn", "AWS::Serverless::Function.Arn":
		return textAt(n, s.functionARN(id))
	case "AWS::Serverless::Function.Alias", "AWS::Serverless::Function.Version":
		return textAt(n, s.functionARN(id)+":"+orElse(s.Eval(r.Properties.Get("AutoPublishAlias")).Value(), "live"))
	case "AWS::Serverless::Api.Stage", "AWS::Serverless::HttpApi.Stage", "AWS::Serverless::WebSocketApi.Stage": // the stage that SAM makes
		name := s.Eval(r.Properties.Get("StageName"))
		if name.IsUnknown() {
			return name
		}
		byDefault := map[string]string{"AWS::Serverless::HttpApi": "$default", "AWS::Serverless::WebSocketApi": "default"}[r.Type]
		return textAt(n, orElse(name.Value(), byDefault))
	case "AWS::Lambda::Alias.AliasArn", "AWS::Lambda::Alias.Arn", "AWS::Lambda::Version.FunctionArn":
		return textAt(n, id)
	case "AWS::Lambda::Version.Version":
		return textAt(n, "1")
	case "AWS::Lambda::Url.FunctionUrl":
		return textAt(n, "https://"+id+".lambda-url."+s.Region()+".on.aws/")
	case "AWS::Lambda::Url.FunctionArn":
		return s.eval(r.Properties.Get("TargetFunctionArn"))
	case "AWS::ApiGateway::RestApi.RootResourceId", "AWS::Serverless::Api.RootResourceId":
		return textAt(n, RootOf(id))
	case "AWS::ApiGatewayV2::Api.ApiEndpoint", "AWS::Serverless::HttpApi.ApiEndpoint":
		scheme := "https://"
		if s.Eval(r.Properties.Get("ProtocolType")).Value() == "WEBSOCKET" {
			scheme = "wss://"
		}
		return textAt(n, scheme+id+".execute-api."+s.Region()+".amazonaws.com")
	case "AWS::Cognito::UserPool.Arn":
		pool := s.ref(n, r.LogicalID)
		return textWith(n, fmt.Sprintf("arn:aws:cognito-idp:%s:%s:userpool/%s", s.Region(), s.Account(), pool.Text), pool.Doubt)
	case "AWS::Cognito::UserPool.ProviderName", "AWS::Cognito::UserPool.ProviderURL":
		pool, scheme := s.ref(n, r.LogicalID), ""
		if attribute == "ProviderURL" {
			scheme = "https://"
		}
		return textWith(n, fmt.Sprintf("%scognito-idp.%s.amazonaws.com/%s", scheme, s.Region(), pool.Text), pool.Doubt)
	}
	if strings.HasSuffix(attribute, "Id") { // ApiId, ResourceId, AuthorizerId, IntegrationId, ...
		if given, ok := s.set.options.Parameters[r.LogicalID]; ok {
			return textAt(n, given)
		}
		return textWith(n, id, doubt)
	}
	if output, ok := strings.CutPrefix(attribute, "Outputs."); ok {
		child := s.nest(r)
		if child == nil {
			return unknown(n, "the nested stack %s is left out", r.LogicalID)
		}
		value := child.template.Find("Outputs", output, "Value")
		if value == nil {
			return s.wrong(n, "the nested stack %s has no output %s", r.LogicalID, output)
		}
		return child.Eval(value)
	}
	if strings.HasSuffix(attribute, "Arn") {
		service, kind, _ := strings.Cut(strings.TrimPrefix(strings.ToLower(r.Type), "aws::"), "::")
		return textWith(n, fmt.Sprintf("arn:aws:%s:%s:%s:%s/%s", service, s.Region(), s.Account(), kind, s.refOf(n, r).Text), doubt)
	}
	return unknown(n, "%s of %s is known to AWS only", attribute, r.LogicalID)
}

// RootOf is the id of the root resource of a REST API.
func RootOf(apiID string) string { return apiID + "-root" }

// ImplicitAPIs are those that SAM makes of events that name no API.
const (
	ImplicitRESTAPI = "ServerlessRestApi"
	ImplicitHTTPAPI = "ServerlessHttpApi"
)

// Implicit is an implicit API of the stack, which no template declares: its
// properties are those of Globals.
//
// https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-generated-resources-api.html
func (s *Stack) Implicit(logicalID string) *Resource {
	kind := "AWS::Serverless::Api"
	if logicalID == ImplicitHTTPAPI {
		kind = "AWS::Serverless::HttpApi"
	}
	return &Resource{
		LogicalID: logicalID, Type: kind, Stack: s, Node: s.template,
		Properties: withGlobals(s.template.Get("Globals"), kind, nil),
	}
}

// generated is a reference to a resource that only SAM's transformation makes, or
// nil.
//
// https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-generated-resources.html
func (s *Stack) generated(n *document.Node, id, attribute string) *document.Node {
	switch id {
	case ImplicitRESTAPI, ImplicitHTTPAPI:
		switch attribute {
		case "RootResourceId":
			return textAt(n, RootOf(s.Implicit(id).ID()))
		case "ApiEndpoint":
			return textAt(n, "https://"+s.Implicit(id).ID()+".execute-api."+s.Region()+".amazonaws.com")
		}
		return textAt(n, s.Implicit(id).ID())
	case ImplicitRESTAPI + "ProdStage", ImplicitRESTAPI + ".Stage":
		return textAt(n, "Prod")
	case ImplicitHTTPAPI + "ApiGatewayDefaultStage", ImplicitHTTPAPI + ".Stage":
		return textAt(n, "$default")
	}
	// "Fn.Alias" is a Ref; "FnUrl", "FnAliaslive", "FnRole", "ApiStage" and "ChatSayRoute"
	// are resources.
	if function, part, ok := strings.Cut(id, "."); ok && attribute == "" {
		if r := s.resources[function]; r != nil {
			return s.attributeOf(n, r, part)
		}
	}
	for suffix := len(id) - 1; suffix > 0; suffix-- {
		r := s.resources[id[:suffix]]
		if r == nil || !strings.HasPrefix(r.Type, "AWS::Serverless::") {
			continue
		}
		switch rest := id[suffix:]; {
		case rest == "Url" && attribute == "FunctionUrl":
			return textAt(n, s.URL(r))
		case strings.HasPrefix(rest, "Alias") && attribute == "":
			return textAt(n, s.functionARN(s.physicalID(r))+":"+strings.TrimPrefix(rest, "Alias"))
		case r.Type == "AWS::Serverless::WebSocketApi" && strings.HasSuffix(rest, "Route") && (attribute == "" || attribute == "RouteId"):
			return textAt(n, RouteID(r.ID(), strings.TrimSuffix(rest, "Route")))
		case strings.HasSuffix(rest, "Stage") && attribute == "":
			return textAt(n, orElse(s.Eval(r.Properties.Get("StageName")).Value(), "prod"))
		}
		return unknown(n, "%s exists in AWS only", id)
	}
	return nil
}

// URL is the function URL of a SAM function, which stands for the one in AWS.
func (s *Stack) URL(function *Resource) string {
	return "https://" + URLID(function.ID()) + ".lambda-url." + s.Region() + ".on.aws/"
}

// URLID is the id in the function URL of a SAM function.
func URLID(functionID string) string { return madeUpID("url of " + functionID) }

// RouteID is the id of a route that SAM makes of a WebSocket API. The name is what stands
// between that of the API and "Route" in the route's own: its key, which begins with a
// capital and has no other, without a dollar sign.
func RouteID(apiID, name string) string { return madeUpID("route " + name + " of " + apiID) }

// textWith is text that stands where n does, with a doubt.
func textWith(n *document.Node, text, doubt string) *document.Node {
	made := textAt(n, text)
	made.Doubt = doubt
	return made
}
