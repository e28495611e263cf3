package definition_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/local/definition"
)

// TestEnvironment holds what functions are given: what resolves, and never anything
// in the place of what does not.
func TestEnvironment(t *testing.T) {
	plan, err := definition.Load(filepath.Join(project(t, "template.yaml", `
Parameters:
  Name: {Type: String, Default: shop}
  Secret: {Type: AWS::SSM::Parameter::Value<String>, Default: /shop/secret}
  Needed: {Type: String}
  Given: {Type: String}
  List: {Type: CommaDelimitedList, Default: "a, b"}
Mappings: {Sizes: {us-east-1: {small: "1"}}}
Conditions:
  Yes: !Equals [!Ref Name, shop]
  No: !Not [!Condition Yes]
  Either: !Or [!Condition No, !And [!Condition Yes, !Equals [!Ref "AWS::Region", us-east-1]]]
Resources:
  Table: {Type: AWS::DynamoDB::Table}
  Named: {Type: AWS::DynamoDB::Table, Properties: {TableName: !Sub "${Name}-items"}}
  Told: {Type: AWS::S3::Bucket}
  Queue: {Type: AWS::SQS::Queue}
  Absent: {Type: AWS::S3::Bucket, Condition: No, Properties: {BucketName: b}}
  Api: {Type: AWS::Serverless::HttpApi}
  Rest: {Type: AWS::Serverless::Api, Properties: {StageName: !Sub "${Name}-1"}}
  Fn:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: fn
      Environment:
        Variables:
          PLAIN: text
          NUMBER: 0123
          BOOL: true
          REF: !Ref Name
          SUB: !Sub ["${Name}-${x}-${!literal}-${AWS::Region}-${AWS::Partition}", {x: !Ref Given}]
          JOIN: !Join ["/", [a, !Ref Name, !Select [1, !Ref List]]]
          SPLIT: !Select [1, !Split ["-", a-b-c]]
          MAP: !FindInMap [Sizes, !Ref "AWS::Region", small]
          IF: !If [Yes, y, n]
          UNLESS: !If [No, y, !If [Either, e, n]]
          NOTHING: !Ref AWS::NoValue
          BASE64: {Fn::Base64: abc}
          JSON: {Fn::ToJsonString: {a: [!Ref Name]}}
          ARN: !GetAtt Fn.Arn
          API: !Ref Api
          URL: !Sub "https://${Api}.execute-api.${AWS::Region}.${AWS::URLSuffix}/"
          STAGE: !Ref Api.Stage
          STAGED: !Sub "${Rest.Stage}"
          NAMED: !Ref Named
          TOLD: !Ref Told
          TABLE: !Ref Table
          STREAM: !GetAtt Table.StreamArn
          QUEUE: !Ref Queue
          SECRET: !Ref Secret
          NEEDED: !Ref Needed
          DEEP: !Sub "x-${Needed}"
          STACK: !Ref AWS::StackName
          ACCOUNT: !Sub "q-${AWS::AccountId}"
          ABSENT: !Ref Absent
          IMPORTED: !ImportValue shared
          ZONES: !Select [0, !GetAZs ""]
          RESOLVED: "{{resolve:secretsmanager:shop:SecretString:key}}"
          JOINED: !Join ["", ["{{resolve:ssm:", /shop, "}}"]]
          LIST: [a]
`), "template.yaml"), definition.Options{Parameters: map[string]string{"Given": "given", "Told": "my-bucket"}})
	require.NoError(t, err)
	require.Empty(t, plan.Refused)
	f := plan.Functions[0]
	given := map[string]string{}
	for _, v := range f.Environment {
		given[v.Name] = v.Value
	}
	id := plan.APIs[0].ID
	assert.Equal(t, map[string]string{
		"PLAIN": "text", "NUMBER": "0123", "BOOL": "true", "REF": "shop", "SUB": "shop-given-${literal}-us-east-1-aws",
		"JOIN": "a/shop/b", "SPLIT": "b", "MAP": "1", "IF": "y", "UNLESS": "e", "BASE64": "YWJj", "JSON": `{"a":["shop"]}`,
		"ARN": "arn:aws:lambda:us-east-1:123456789012:function:Fn", "API": id, "URL": "https://" + id + ".execute-api.us-east-1.amazonaws.com/",
		"STAGE": "$default", "STAGED": "shop-1", "NAMED": "shop-items", "TOLD": "my-bucket",
	}, given)
	missing := map[string]string{}
	for _, m := range f.Missing {
		missing[m.Name] = m.Text
		assert.Positive(t, m.Origin.Line)
	}
	assert.Equal(t, map[string]string{
		"TABLE": "the AWS::DynamoDB::Table Table exists in AWS only", "STREAM": "the AWS::DynamoDB::Table Table exists in AWS only",
		"QUEUE":    "the AWS::SQS::Queue Queue exists in AWS only",
		"SECRET":   "the parameter Secret is read from Systems Manager: give it with --parameter Secret=VALUE",
		"NEEDED":   "the parameter Needed has no default: give it with --parameter Needed=VALUE",
		"DEEP":     "the parameter Needed has no default: give it with --parameter Needed=VALUE",
		"STACK":    "the stack has no name here: give it one with --parameter AWS::StackName=NAME",
		"ACCOUNT":  "the account is not known: give it with --account",
		"ABSENT":   "the condition of Absent does not hold",
		"IMPORTED": `no stack here exports "shared"`,
		"ZONES":    "the availability zones of us-east-1 are known to AWS only",
		"RESOLVED": "it is read from Secrets Manager or Systems Manager when the stack is deployed",
		"JOINED":   "it is read from Secrets Manager or Systems Manager when the stack is deployed",
		"LIST":     "it is no text",
	}, missing)
}

func TestCloudFormation(t *testing.T) {
	for _, tt := range []struct{ name, template, want string }{
		{"a tree of resources, validators, models, keys and limits", `
Resources:
  Api: {Type: AWS::ApiGateway::RestApi, Properties: {Name: Shop, BinaryMediaTypes: [image/png], ApiKeySourceType: HEADER, Policy: {Statement: []}}}
  Items: {Type: AWS::ApiGateway::Resource, Properties: {RestApiId: !Ref Api, ParentId: !GetAtt Api.RootResourceId, PathPart: items}}
  Item: {Type: AWS::ApiGateway::Resource, Properties: {RestApiId: !Ref Api, ParentId: !Ref Items, PathPart: "{id}"}}
  Get:
    Type: AWS::ApiGateway::Method
    Properties:
      RestApiId: !Ref Api
      ResourceId: !Ref Item
      HttpMethod: GET
      AuthorizationType: NONE
      ApiKeyRequired: true
      RequestParameters: {method.request.path.id: true, method.request.header.X: false}
      RequestValidatorId: !Ref Check
      Integration: {Type: AWS_PROXY, IntegrationHttpMethod: POST, Uri: !Sub "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Alias}/invocations"}
  Post:
    Type: AWS::ApiGateway::Method
    Properties:
      RestApiId: !Ref Api
      ResourceId: !GetAtt Api.RootResourceId
      HttpMethod: POST
      AuthorizationType: NONE
      AuthorizationScopes: [a]
      RequestModels: {application/json: !Ref Model, text/plain: Empty}
      Integration:
        Type: AWS
        IntegrationHttpMethod: POST
        Uri: !Sub "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Fn.Arn}/invocations"
        RequestTemplates: {application/json: ""}
        IntegrationResponses:
          - {StatusCode: 200, SelectionPattern: ""}
          - {StatusCode: "404", SelectionPattern: '.*404.*', ResponseTemplates: {application/json: x}}
  Broken: {Type: AWS::ApiGateway::Method, Properties: {RestApiId: !Ref Api, ResourceId: nowhere, HttpMethod: GET}}
  Bare: {Type: AWS::ApiGateway::Method, Properties: {RestApiId: !Ref Api, ResourceId: !Ref Items, HttpMethod: PUT, AuthorizationType: CUSTOM, AuthorizerId: nobody}}
  Check: {Type: AWS::ApiGateway::RequestValidator, Properties: {RestApiId: !Ref Api, ValidateRequestParameters: true}}
  Model: {Type: AWS::ApiGateway::Model, Properties: {RestApiId: !Ref Api, Name: Thing, Schema: {type: object}}}
  Answer: {Type: AWS::ApiGateway::GatewayResponse, Properties: {RestApiId: !Ref Api, ResponseType: THROTTLED, StatusCode: "430"}}
  Key: {Type: AWS::ApiGateway::ApiKey, Properties: {Enabled: true, Value: abcdefghijklmnopqrstuvwxyz}}
  Plan: {Type: AWS::ApiGateway::UsagePlan, Properties: {UsagePlanName: gold, ApiStages: [{ApiId: !Ref Api, Stage: !Ref Stage}], Throttle: {RateLimit: 1, BurstLimit: 2}}}
  PlanKey: {Type: AWS::ApiGateway::UsagePlanKey, Properties: {KeyId: !Ref Key, KeyType: API_KEY, UsagePlanId: !Ref Plan}}
  Deployment: {Type: AWS::ApiGateway::Deployment, Properties: {RestApiId: !Ref Api}}
  Stage: {Type: AWS::ApiGateway::Stage, Properties: {RestApiId: !Ref Api, StageName: live, Variables: {a: b}, MethodSettings: [{ResourcePath: /*, HttpMethod: "*", ThrottlingRateLimit: 9, ThrottlingBurstLimit: 8}, {ResourcePath: "/items/~1{id}", HttpMethod: GET, CachingEnabled: true}]}}
  Second: {Type: AWS::ApiGateway::Stage, Properties: {RestApiId: !Ref Api, StageName: test}}
  Fn: {Type: AWS::Lambda::Function, Properties: {FunctionName: shop-fn, Code: fn}}
  Version: {Type: AWS::Lambda::Version, Properties: {FunctionName: !Ref Fn}}
  Alias: {Type: AWS::Lambda::Alias, Properties: {FunctionName: !Ref Fn, FunctionVersion: !GetAtt Version.Version, Name: live}}
`, `
REST API Api stage=live variables=map[a:b] binary=[image/png] keys=HEADER policy={"Statement":[]} throttle=&{9 8}
  response THROTTLED status=430
  model Thing {"type":"object"}
  plan gold keys=1 throttle=&{1 2}
  GET /items/{id} -> AWS_PROXY shop-fn key checks=parameters parameters=[path.id header.X?]
  POST / -> AWS shop-fn templates=application/json:  responses=200; .*404.* 404 templates=application/json: x models=[application/json=Thing text/plain=Empty]
  PUT /items ->  by=CUSTOM refused=there is no Integration: API Gateway does not deploy a method that leads nowhere; the authorizer "nobody" is not declared
function shop-fn id=Fn package=fn used=[API Api: GET /items/{id} API Api: POST /]
refused template.yaml:33: API Api: Broken: ResourceId "nowhere" leads to no resource of the API
refused template.yaml:34: API Api: PUT /items: there is no Integration: API Gateway does not deploy a method that leads nowhere; the authorizer "nobody" is not declared
warning template.yaml:17: API Api: POST /: the authorization scopes are not looked at, since no authorizer is: the service refuses them
warning template.yaml:43: API Api: the stage test is not served: live is, the first
ignored template.yaml:42: caches of stages
`},
		{"a VPC link to a listener, and one to an address", `
Resources:
  Api: {Type: AWS::ApiGatewayV2::Api, Properties: {Name: a, ProtocolType: HTTP}}
  Stage: {Type: AWS::ApiGatewayV2::Stage, Properties: {ApiId: !Ref Api, StageName: $default, AutoDeploy: true}}
  Listener: {Type: AWS::ApiGatewayV2::Integration, Properties: {ApiId: !Ref Api, IntegrationType: HTTP_PROXY, IntegrationMethod: ANY, ConnectionType: VPC_LINK, ConnectionId: a, IntegrationUri: "arn:aws:elasticloadbalancing:a"}}
  Named: {Type: AWS::ApiGatewayV2::Integration, Properties: {ApiId: !Ref Api, IntegrationType: HTTP_PROXY, ConnectionType: VPC_LINK, ConnectionId: a, IntegrationUri: "http://orders.internal:81/"}}
  A: {Type: AWS::ApiGatewayV2::Route, Properties: {ApiId: !Ref Api, RouteKey: GET /a, Target: !Sub "integrations/${Listener}"}}
  B: {Type: AWS::ApiGatewayV2::Route, Properties: {ApiId: !Ref Api, RouteKey: GET /b, Target: !Sub "integrations/${Named}"}}
`, `
HTTP API Api stage=$default
  GET /a -> HTTP_PROXY arn:aws:elasticloadbalancing:a method=ANY refused=a VPC link leads to "arn:aws:elasticloadbalancing:a", which exists in AWS only: name its address, such as http://orders.internal, and say with --backend what answers there
  GET /b -> HTTP_PROXY http://orders.internal:81/ method=ANY
refused template.yaml:6: API Api: GET /a: a VPC link leads to "arn:aws:elasticloadbalancing:a", which exists in AWS only: name its address, such as http://orders.internal, and say with --backend what answers there
`},
		{"an authorizer of another type than the method's", `
Resources:
  Api: {Type: AWS::ApiGateway::RestApi, Properties: {Name: a}}
  Stage: {Type: AWS::ApiGateway::Stage, Properties: {RestApiId: !Ref Api, StageName: live}}
  Pool: {Type: AWS::ApiGateway::Authorizer, Properties: {RestApiId: !Ref Api, Name: pool, Type: COGNITO_USER_POOLS, IdentitySource: method.request.header.A, ProviderARNs: [arn:aws:cognito-idp:us-east-1:1:userpool/us-east-1_a]}}
  Get: {Type: AWS::ApiGateway::Method, Properties: {RestApiId: !Ref Api, ResourceId: !GetAtt Api.RootResourceId, HttpMethod: GET, AuthorizationType: CUSTOM, AuthorizerId: !Ref Pool, Integration: {Type: MOCK}}}
`, `
REST API Api stage=live
  authorizer pool COGNITO_USER_POOLS sources=[method.request.header.A] pools=[arn:aws:cognito-idp:us-east-1:1:userpool/us-east-1_a]
  GET / -> MOCK by=CUSTOM refused=the authorization type is CUSTOM, and the authorizer pool is one for COGNITO_USER_POOLS
refused template.yaml:5: API Api: GET /: the authorization type is CUSTOM, and the authorizer pool is one for COGNITO_USER_POOLS
`},
		{"limits of a stage that its deployment makes, and of one method", `
Resources:
  Api: {Type: AWS::ApiGateway::RestApi, Properties: {Name: a}}
  Items: {Type: AWS::ApiGateway::Resource, Properties: {RestApiId: !Ref Api, ParentId: !GetAtt Api.RootResourceId, PathPart: items}}
  Item: {Type: AWS::ApiGateway::Resource, Properties: {RestApiId: !Ref Api, ParentId: !Ref Items, PathPart: "{id}"}}
  Get: {Type: AWS::ApiGateway::Method, Properties: {RestApiId: !Ref Api, ResourceId: !Ref Item, HttpMethod: GET, Integration: {Type: MOCK}}}
  Put: {Type: AWS::ApiGateway::Method, Properties: {RestApiId: !Ref Api, ResourceId: !Ref Item, HttpMethod: PUT, Integration: {Type: MOCK}}}
  Deployment:
    Type: AWS::ApiGateway::Deployment
    Properties:
      RestApiId: !Ref Api
      StageName: live
      StageDescription: {ThrottlingRateLimit: 9, ThrottlingBurstLimit: 8, MethodSettings: [{ResourcePath: "/~1items~1{id}", HttpMethod: GET, ThrottlingRateLimit: 7, ThrottlingBurstLimit: 6}]}
`, `
REST API Api stage=live throttle=&{9 8}
  GET /items/{id} -> MOCK throttle=&{7 6}
  PUT /items/{id} -> MOCK
`},
		{"an HTTP API in the short form, and one that is not deployed", `
Resources:
  Quick: {Type: AWS::ApiGatewayV2::Api, Properties: {ProtocolType: HTTP, Name: q, Target: !GetAtt Fn.Arn}}
  Proxy: {Type: AWS::ApiGatewayV2::Api, Properties: {ProtocolType: HTTP, Name: p, RouteKey: GET /a, Target: https://a.example}}
  Slow: {Type: AWS::ApiGatewayV2::Api, Properties: {ProtocolType: HTTP, Name: s}}
  SlowStage: {Type: AWS::ApiGatewayV2::Stage, Properties: {ApiId: !Ref Slow, StageName: $default, DefaultRouteSettings: {ThrottlingRateLimit: 1, ThrottlingBurstLimit: 1}, RouteSettings: {"GET /s": {ThrottlingRateLimit: 2, ThrottlingBurstLimit: 3}}}}
  Queue: {Type: AWS::ApiGatewayV2::Integration, Properties: {ApiId: !Ref Slow, IntegrationType: AWS_PROXY, IntegrationSubtype: SQS-SendMessage, PayloadFormatVersion: "1.0"}}
  QueueRoute: {Type: AWS::ApiGatewayV2::Route, Properties: {ApiId: !Ref Slow, RouteKey: POST /q, Target: !Join [/, [integrations, !Ref Queue]]}}
  To: {Type: AWS::ApiGatewayV2::Integration, Properties: {ApiId: !Ref Slow, IntegrationType: AWS_PROXY, IntegrationUri: !GetAtt Fn.Arn}}
  ToRoute: {Type: AWS::ApiGatewayV2::Route, Properties: {ApiId: !Ref Slow, RouteKey: GET /s, Target: !Sub "integrations/${To}"}}
  Gone: {Type: AWS::ApiGatewayV2::Route, Condition: Never, Properties: {ApiId: !Ref Slow, RouteKey: GET /gone, Target: !Sub "integrations/${To}"}}
  Fn: {Type: AWS::Lambda::Function, Properties: {Code: fn}}
Conditions: {Never: !Equals [a, b]}
`, `
HTTP API Quick
  $default -> AWS_PROXY Fn payload=2.0
HTTP API Proxy
  GET /a -> HTTP_PROXY https://a.example method=ANY
HTTP API Slow stage=$default undeployed=its stage has neither AutoDeploy nor a DeploymentId throttle=&{1 1}
  POST /q -> AWS_PROXY payload=1.0 refused=the integration calls another service of AWS (SQS-SendMessage), which nothing here stands in for
  GET /s -> AWS_PROXY Fn payload=2.0 throttle=&{2 3}
function Fn id=Fn package=fn used=[API Slow: GET /s API Quick: $default]
refused template.yaml:7: API Slow: POST /q: the integration calls another service of AWS (SQS-SendMessage), which nothing here stands in for
warning template.yaml:8: API Slow: GET /s: the integration says no payload format version, which API Gateway requires for a function: 2.0 is taken
`},
		{"a WebSocket API with models, responses and a mock", `
Resources:
  Api: {Type: AWS::ApiGatewayV2::Api, Properties: {ProtocolType: WEBSOCKET, RouteSelectionExpression: $request.body.action}}
  Stage: {Type: AWS::ApiGatewayV2::Stage, Properties: {ApiId: !Ref Api, StageName: prod, AutoDeploy: true}}
  Model: {Type: AWS::ApiGatewayV2::Model, Properties: {ApiId: !Ref Api, Name: Say, ContentType: application/json, Schema: {type: object}}}
  Mock: {Type: AWS::ApiGatewayV2::Integration, Properties: {ApiId: !Ref Api, IntegrationType: MOCK, TemplateSelectionExpression: "200", RequestTemplates: {"200": '{"statusCode":200}'}}}
  MockResponse: {Type: AWS::ApiGatewayV2::IntegrationResponse, Properties: {ApiId: !Ref Api, IntegrationId: !Ref Mock, IntegrationResponseKey: $default, ResponseTemplates: {"200": unknown}}}
  Default: {Type: AWS::ApiGatewayV2::Route, Properties: {ApiId: !Ref Api, RouteKey: $default, RouteResponseSelectionExpression: $default, Target: !Sub "integrations/${Mock}"}}
  DefaultResponse: {Type: AWS::ApiGatewayV2::RouteResponse, Properties: {ApiId: !Ref Api, RouteId: !Ref Default, RouteResponseKey: $default}}
  Lambda: {Type: AWS::ApiGatewayV2::Integration, Properties: {ApiId: !Ref Api, IntegrationType: AWS, IntegrationUri: !Sub "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Fn.Arn}/invocations", ContentHandlingStrategy: CONVERT_TO_TEXT}}
  Say: {Type: AWS::ApiGatewayV2::Route, Properties: {ApiId: !Ref Api, RouteKey: say, ModelSelectionExpression: $request.body.kind, RequestModels: {a: Say}, Target: !Sub "integrations/${Lambda}"}}
  SayResponse: {Type: AWS::ApiGatewayV2::RouteResponse, Properties: {ApiId: !Ref Api, RouteId: !Ref Say, RouteResponseKey: $default}}
  Connect: {Type: AWS::ApiGatewayV2::Route, Properties: {ApiId: !Ref Api, RouteKey: $connect, AuthorizationType: AWS_IAM, RequestParameters: {route.request.querystring.room: {Required: true}}, Target: !Sub "integrations/${Lambda}"}}
  Wrong: {Type: AWS::ApiGatewayV2::Route, Properties: {ApiId: !Ref Api, RouteKey: wrong, AuthorizationType: AWS_IAM, Target: integrations/nothing}}
  Fn: {Type: AWS::Lambda::Function, Properties: {Code: fn}}
`, `
websocket Api stage=prod routes by=$request.body.action
  $default -> MOCK templates=200: {"statusCode":200} responses=$default templates=200: unknown two-way
  say -> AWS Fn content=CONVERT_TO_TEXT models=[a=Say]
  $connect -> AWS Fn content=CONVERT_TO_TEXT by=AWS_IAM parameters=[querystring.room]
  wrong ->  by=AWS_IAM refused=the target "integrations/nothing" is no integration of the definition; only $connect has an authorizer
function Fn id=Fn package=fn used=[WebSocket API Api: say WebSocket API Api: $connect]
refused template.yaml:13: WebSocket API Api: wrong: the target "integrations/nothing" is no integration of the definition; only $connect has an authorizer
warning template.yaml:11: route say: it has a route response and no RouteResponseSelectionExpression: $default, so nothing is sent back
`},
		{"where custom domains map a WebSocket API to", `
Resources:
  Api: {Type: AWS::ApiGatewayV2::Api, Properties: {ProtocolType: WEBSOCKET, RouteSelectionExpression: $request.body.action}}
  Stage: {Type: AWS::ApiGatewayV2::Stage, Properties: {ApiId: !Ref Api, StageName: prod, AutoDeploy: true}}
  Domain: {Type: AWS::ApiGatewayV2::DomainName, Properties: {DomainName: chat.example}}
  Root: {Type: AWS::ApiGatewayV2::ApiMapping, Properties: {ApiId: !Ref Api, DomainName: !Ref Domain, Stage: !Ref Stage}}
  Second: {Type: AWS::ApiGatewayV2::ApiMapping, Properties: {ApiId: !Ref Api, DomainName: !Ref Domain, Stage: !Ref Stage, ApiMappingKey: chat/v2}}
  Mock: {Type: AWS::ApiGatewayV2::Integration, Properties: {ApiId: !Ref Api, IntegrationType: MOCK}}
  Default: {Type: AWS::ApiGatewayV2::Route, Properties: {ApiId: !Ref Api, RouteKey: $default, Target: !Sub "integrations/${Mock}"}}
  Other: {Type: AWS::ApiGatewayV2::ApiMapping, Properties: {ApiId: !Ref Api, DomainName: !Ref Domain, Stage: beta, ApiMappingKey: beta}}
`, `
websocket Api stage=prod base paths=["" "chat/v2"] routes by=$request.body.action
  $default -> MOCK
warning template.yaml:9: WebSocket API Api: the stage beta, which the base path "beta" leads to, is not served
ignored template.yaml:4: custom domains: APIs are served by their stages
`},
		{"what is not documented of a WebSocket API", `
Resources:
  Api: {Type: AWS::ApiGatewayV2::Api, Properties: {ProtocolType: WEBSOCKET, RouteSelectionExpression: $request.body.action}}
  Stage: {Type: AWS::ApiGatewayV2::Stage, Properties: {ApiId: !Ref Api, StageName: prod, AutoDeploy: true}}
  Proxy: {Type: AWS::ApiGatewayV2::Integration, Properties: {ApiId: !Ref Api, IntegrationType: AWS_PROXY, IntegrationUri: !Sub "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Fn.Arn}/invocations", ContentHandlingStrategy: CONVERT_TO_TEXT}}
  ProxyResponse: {Type: AWS::ApiGatewayV2::IntegrationResponse, Properties: {ApiId: !Ref Api, IntegrationId: !Ref Proxy, IntegrationResponseKey: $default}}
  Default: {Type: AWS::ApiGatewayV2::Route, Properties: {ApiId: !Ref Api, RouteKey: $default, Target: !Sub "integrations/${Proxy}"}}
  Lambda: {Type: AWS::ApiGatewayV2::Integration, Properties: {ApiId: !Ref Api, IntegrationType: AWS, IntegrationUri: !Sub "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Fn.Arn}/invocations", RequestParameters: {integration.request.header.X-Amz-Invocation-Type: "'Event'"}}}
  LambdaResponse: {Type: AWS::ApiGatewayV2::IntegrationResponse, Properties: {ApiId: !Ref Api, IntegrationId: !Ref Lambda, IntegrationResponseKey: $default, ResponseParameters: {method.response.header.X: "'x'"}}}
  Say: {Type: AWS::ApiGatewayV2::Route, Properties: {ApiId: !Ref Api, RouteKey: say, Target: !Sub "integrations/${Lambda}"}}
  Fn: {Type: AWS::Lambda::Function, Properties: {Code: fn}}
`, `
websocket Api stage=prod routes by=$request.body.action
  $default -> AWS_PROXY Fn content=CONVERT_TO_TEXT responses=$default
  say -> AWS Fn parameters=integration.request.header.X-Amz-Invocation-Type: 'Event' responses=$default parameters=method.response.header.X: 'x'
function Fn id=Fn package=fn used=[WebSocket API Api: $default WebSocket API Api: say]
warning template.yaml:4: WebSocket API Api: $default: the ContentHandlingStrategy CONVERT_TO_TEXT has no effect here: what it has on AWS_PROXY is not documented
warning template.yaml:5: integration response ProxyResponse: it has no effect: an integration of the type AWS_PROXY passes on what comes back
warning template.yaml:7: WebSocket API Api: say: X-Amz-Invocation-Type has no effect here, the function is waited for: that it has one in WebSocket APIs is not documented
warning template.yaml:8: integration response LambdaResponse: its ResponseParameters have no effect here: what they have in WebSocket APIs is not documented
`},
		{"listeners of load balancers in the spellings of CDK and Serverless", `
Resources:
  Listener: {Type: AWS::ElasticLoadBalancingV2::Listener, Properties: {DefaultActions: [{Type: forward, TargetGroupArn: !Ref All}]}}
  Rule: {Type: AWS::ElasticLoadBalancingV2::ListenerRule, Properties: {ListenerArn: !Ref Listener, Priority: 5, Actions: [{Type: forward, ForwardConfig: {TargetGroups: [{TargetGroupArn: !Ref Some}]}}], Conditions: [{Field: path-pattern, PathPatternConfig: {Values: [/a/*]}}, {Field: host-header, HostHeaderConfig: {Values: [a.example]}}]}}
  Foreign: {Type: AWS::ElasticLoadBalancingV2::ListenerRule, Properties: {ListenerArn: "arn:aws:elasticloadbalancing:us-east-1:1:listener/app/shop/1/2", Priority: 1, Actions: [{Type: forward, TargetGroupArn: !Ref Some}], Conditions: [{Field: path-pattern, Values: [/b]}, {Field: http-request-method, HttpRequestMethodConfig: {Values: [GET]}}, {Field: source-ip, SourceIpConfig: {Values: [127.0.0.0/8]}}]}}
  Fixed: {Type: AWS::ElasticLoadBalancingV2::ListenerRule, Properties: {ListenerArn: !Ref Listener, Priority: 6, Actions: [{Type: fixed-response, FixedResponseConfig: {StatusCode: "410", ContentType: text/plain, MessageBody: gone}}], Conditions: [{Field: path-pattern, Values: [/old]}]}}
  Moved: {Type: AWS::ElasticLoadBalancingV2::ListenerRule, Properties: {ListenerArn: !Ref Listener, Priority: 7, Actions: [{Type: redirect, RedirectConfig: {StatusCode: HTTP_301}}], Conditions: [{Field: path-pattern, Values: [/moved]}]}}
  Users: {Type: AWS::ElasticLoadBalancingV2::ListenerRule, Properties: {ListenerArn: !Ref Listener, Priority: 8, Actions: [{Type: authenticate-oidc}, {Type: forward, TargetGroupArn: !Ref Some}], Conditions: [{Field: path-pattern, Values: [/users]}]}}
  Imported: {Type: AWS::ElasticLoadBalancingV2::ListenerRule, Properties: {ListenerArn: !Ref Listener, Priority: 9, Actions: [{Type: forward, TargetGroupArn: !Ref Some}], Conditions: [{Field: host-header, Values: [!ImportValue domain]}]}}
  Pages: {Type: AWS::ElasticLoadBalancingV2::ListenerRule, Properties: {ListenerArn: !Ref Listener, Priority: 10, Actions: [{Type: forward, TargetGroupArn: !Ref Containers}], Conditions: [{Field: path-pattern, Values: [/pages]}]}}
  Containers: {Type: AWS::ElasticLoadBalancingV2::TargetGroup, Properties: {TargetType: ip}}
  Plain: {Type: AWS::ElasticLoadBalancingV2::Listener, Properties: {DefaultActions: [{Type: redirect, RedirectConfig: {StatusCode: HTTP_301}}]}}
  All: {Type: AWS::ElasticLoadBalancingV2::TargetGroup, Properties: {TargetType: lambda, Targets: [{Id: !GetAtt Fn.Arn}]}}
  Some: {Type: AWS::ElasticLoadBalancingV2::TargetGroup, Properties: {TargetType: lambda, Targets: [{Id: !Join [":", [!GetAtt Fn.Arn, provisioned]]}], TargetGroupAttributes: [{Key: lambda.multi_value_headers.enabled, Value: true}]}}
  Fn: {Type: AWS::Lambda::Function, Properties: {Code: fn}}
`, `
listener Listener
  5 -> Fn paths=[/a/*] hosts=[a.example] multi-value
  6 -> 410 gone paths=[/old]
  7 -> the action redirect is not taken here paths=[/moved]
  8 -> the action authenticate-oidc is not taken: nobody here knows the users paths=[/users]
  9 -> a value of the condition host-header cannot be resolved: no stack here exports "domain"
  10 -> it forwards to a target that is no function paths=[/pages]
  1073741824 -> Fn
listener shop
  1 -> Fn paths=[/b] methods=[GET] sources=[127.0.0.0/8] multi-value
function Fn id=Fn package=fn used=[listener Listener listener shop]
refused template.yaml:6: listener Listener: the action redirect is not taken here
refused template.yaml:7: listener Listener: the action authenticate-oidc is not taken: nobody here knows the users
refused template.yaml:8: listener Listener: a value of the condition host-header cannot be resolved: no stack here exports "domain"
refused template.yaml:9: listener Listener: it forwards to a target that is no function
ignored template.yaml:11: listeners without a function
`},
		{"rules that would take what they do not ask for", `
Resources:
  Listener: {Type: AWS::ElasticLoadBalancingV2::Listener, Properties: {DefaultActions: [{Type: forward, ForwardConfig: {TargetGroups: [{TargetGroupArn: !Ref To, Weight: 1}, {TargetGroupArn: !Ref Other, Weight: 9}]}}]}}
  Regex: {Type: AWS::ElasticLoadBalancingV2::ListenerRule, Properties: {ListenerArn: !Ref Listener, Priority: 1, Actions: [{Type: forward, TargetGroupArn: !Ref To}], Conditions: [{Field: path-pattern, PathPatternConfig: {RegexValues: ["^/a"]}}]}}
  Query: {Type: AWS::ElasticLoadBalancingV2::ListenerRule, Properties: {ListenerArn: !Ref Listener, Priority: 2, Actions: [{Type: forward, TargetGroupArn: !Ref To}], Conditions: [{Field: query-string, QueryStringConfig: {}}]}}
  Rewrites: {Type: AWS::ElasticLoadBalancingV2::ListenerRule, Properties: {ListenerArn: !Ref Listener, Priority: 3, Actions: [{Type: forward, TargetGroupArn: !Ref To}], Conditions: [{Field: path-pattern, Values: [/b]}], Transforms: [{Type: url-rewrite}]}}
  To: {Type: AWS::ElasticLoadBalancingV2::TargetGroup, Properties: {TargetType: lambda, Targets: [{Id: !GetAtt Fn.Arn}]}}
  Other: {Type: AWS::ElasticLoadBalancingV2::TargetGroup, Properties: {TargetType: lambda, Targets: [{Id: !GetAtt Fn.Arn}]}}
  Fn: {Type: AWS::Lambda::Function, Properties: {Code: fn}}
`, `
listener Listener
  1 -> the condition path-pattern has no values that are compared here
  2 -> the condition query-string has no values that are compared here
  3 -> its Transforms, which rewrite hosts and URLs, are not done here paths=[/b]
  1073741824 -> Fn
function Fn id=Fn package=fn used=[listener Listener]
refused template.yaml:3: listener Listener: the condition path-pattern has no values that are compared here
refused template.yaml:4: listener Listener: the condition query-string has no values that are compared here
refused template.yaml:5: listener Listener: its Transforms, which rewrite hosts and URLs, are not done here
warning template.yaml:2: listener Listener: of 2 target groups the first gets all requests, whatever their weights
warning template.yaml:3: AWS::ElasticLoadBalancingV2::ListenerRule Regex: Conditions.PathPatternConfig.RegexValues has no effect: it is misspelled, or something that is not done here
`},
		{"function URLs with the permissions that AWS asks for, and without one", `
Resources:
  Fn: {Type: AWS::Lambda::Function, Properties: {Code: fn}}
  Url: {Type: AWS::Lambda::Url, Properties: {AuthType: NONE, TargetFunctionArn: !GetAtt Fn.Arn, Cors: {AllowOrigins: ["*"], MaxAge: 5}}}
  Permission: {Type: AWS::Lambda::Permission, Properties: {FunctionName: !GetAtt Fn.Arn, Action: lambda:InvokeFunctionUrl, Principal: "*", FunctionUrlAuthType: NONE}}
`, `
url Url -> Fn cors=origins=[*] age=5s
function Fn id=Fn package=fn used=[function URL Url]
warning template.yaml:3: function URL Url: AWS answers 403: beside lambda:InvokeFunctionUrl the template grants no lambda:InvokeFunction with InvokedViaFunctionUrl, which URLs need since October 2025
skipped AWS::Lambda::Permission 1
`},
		{"mistakes of templates", `
Parameters: {Size: {Type: String, AllowedValues: [s, m]}}
Resources:
  Untyped: {Properties: {}}
  Loop: {Type: AWS::Lambda::Function, Condition: Never, Properties: {Code: fn}}
  Fn:
    Type: AWS::Lambda::Function
    Properties:
      Code: fn
      Timeout: soon
      Environment: {Variables: {A: !Ref Nothing, B: !GetAtt Nothing.Arn, C: !FindInMap [M, a, b], D: !Select [3, [a]], E: {Fn::Transform: {Name: Macro}}, F: !Join [a]}}
  Fn::ForEach::Tables: [x, [a], {}]
  Child: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: https://s3.amazonaws.com/b/k.json}}
  App: {Type: AWS::Serverless::Application, Properties: {Location: {ApplicationId: a, SemanticVersion: 1.0.0}}}
  Missing: {Type: AWS::Serverless::Application, Properties: {Location: missing.yaml}}
  Outside: {Type: AWS::Serverless::Application, Properties: {Location: ../../outside.yaml}}
  Itself: {Type: AWS::Serverless::Application, Properties: {Location: template.yaml}}
  Orphan: {Type: AWS::ApiGateway::Stage, Properties: {RestApiId: nowhere, StageName: s}}
`, `
refused --parameter Nobody: there is no such parameter or resource
refused template.yaml:3: the resource Untyped has no Type
refused template.yaml:4: there is no condition Never
refused template.yaml:6: function Fn: Timeout "soon" is no whole number
refused template.yaml:10: there is no parameter or resource "Nothing"
refused template.yaml:10: there is no resource "Nothing"
refused template.yaml:10: Mappings has no M . a . b
refused template.yaml:10: Fn::Select names an element that is not there
refused template.yaml:10: the macro Macro runs in AWS only
refused template.yaml:10: Fn::Join takes a separator and a list
refused template.yaml:11: Fn::ForEach is not expanded: give the template that sam or CloudFormation makes of it
refused template.yaml:12: the nested stack Child is left out: "https://s3.amazonaws.com/b/k.json" is not a file, and nothing is fetched
refused template.yaml:13: the nested stack App is left out: it comes from the Serverless Application Repository, and nothing is fetched
refused template.yaml:14: the nested stack Missing is left out: DIR/missing.yaml: no such file or directory
refused template.yaml:15: the nested stack Outside is left out: "../../outside.yaml" lies outside the project DIR
refused template.yaml:16: the nested stack Itself is left out: it leads back to itself
refused template.yaml:17: AWS::ApiGateway::Stage Orphan: RestApiId leads to no API of the definition
`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := definition.Options{}
			if strings.Contains(tt.want, "Nobody") {
				o.Parameters = map[string]string{"Nobody": "x"}
			}
			got := scrubbed(load(t, o, "template.yaml", tt.template, "fn/main.go", program, "samconfig.toml", ""))
			if strings.HasPrefix(tt.want, "\nrefused") {
				got = lines(got, "refused ")
			}
			assert.Equal(t, strings.TrimPrefix(tt.want, "\n"), got)
		})
	}
}

// TestFolders reads what tools have written into folders, through its manifests.
func TestFolders(t *testing.T) {
	manifest := `{"version": "36.0.0", "artifacts": {
  "Functions": {"type": "aws:cloudformation:stack", "environment": "aws://111122223333/eu-west-1", "properties": {"templateFile": "Functions.template.json"}},
  "assembly-Prod": {"type": "cdk:cloud-assembly", "properties": {"directoryName": "assembly-Prod"}},
  "Tree": {"type": "cdk:tree", "properties": {"file": "tree.json"}},
  "Api": {"type": "aws:cloudformation:stack", "environment": "aws://unknown-account/unknown-region", "properties": {"templateFile": "Api.template.json", "stackName": "shop-api"}}}}`
	files := []string{
		"cdk.out/manifest.json", manifest, "cdk.json", "{}",
		"cdk.out/Functions.template.json", `{
  "Resources": {"Fn": {"Type": "AWS::Lambda::Function", "Properties": {"Code": {"S3Bucket": "b", "S3Key": "0123.zip"}}}},
  "Outputs": {"Weak": {"Value": {"Fn::GetAtt": ["Fn", "Arn"]}}, "Strong": {"Value": {"Fn::GetAtt": ["Fn", "Arn"]}, "Export": {"Name": {"Fn::Sub": "${AWS::StackName}:fn"}}}}}`,
		"cdk.out/Functions.assets.json", `{"files": {"0123": {"source": {"path": "asset.0123", "packaging": "zip"}}}}`,
		"cdk.out/asset.0123/bootstrap", "#!/bin/sh\n",
		"cdk.out/Api.template.json", `{"Resources": {
  "Api": {"Type": "AWS::ApiGateway::RestApi", "Properties": {"Name": "a"}},
  "Stage": {"Type": "AWS::ApiGateway::Deployment", "Properties": {"RestApiId": {"Ref": "Api"}, "StageName": "prod"}},
  "Weak": {"Type": "AWS::ApiGateway::Method", "Properties": {"RestApiId": {"Ref": "Api"}, "ResourceId": {"Fn::GetAtt": ["Api", "RootResourceId"]}, "HttpMethod": "GET", "AuthorizationType": "NONE", "Integration": {"Type": "AWS_PROXY", "IntegrationHttpMethod": "POST",
    "Uri": {"Fn::Join": ["", ["arn:aws:apigateway:", {"Fn::Select": [3, {"Fn::Split": [":", {"Fn::GetStackOutput": {"StackName": "Functions", "OutputName": "Weak"}}]}]}, ":lambda:path/2015-03-31/functions/", {"Fn::GetStackOutput": {"StackName": "Functions", "OutputName": "Weak"}}, "/invocations"]]}}}},
  "Strong": {"Type": "AWS::ApiGateway::Method", "Properties": {"RestApiId": {"Ref": "Api"}, "ResourceId": {"Fn::GetAtt": ["Api", "RootResourceId"]}, "HttpMethod": "PUT", "AuthorizationType": "NONE", "Integration": {"Type": "AWS_PROXY", "IntegrationHttpMethod": "POST",
    "Uri": {"Fn::Sub": ["arn:aws:apigateway:r:lambda:path/2015-03-31/functions/${f}/invocations", {"f": {"Fn::ImportValue": "Functions:fn"}}]}}}},
  "Nested": {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": {"Fn::Join": ["", ["https://s3.", {"Ref": "AWS::URLSuffix"}, "/b/4567.json"]]}, "Parameters": {"refToApi": {"Ref": "Api"}, "refToRoot": {"Fn::GetAtt": ["Api", "RootResourceId"]}}}},
  "UsesNested": {"Type": "AWS::ApiGateway::Method", "Properties": {"RestApiId": {"Ref": "Api"}, "ResourceId": {"Fn::GetAtt": ["Nested", "Outputs.Resource"]}, "HttpMethod": "DELETE", "AuthorizationType": "NONE", "Integration": {"Type": "MOCK"}}}}}`,
		"cdk.out/Api.assets.json", `{"files": {"4567": {"source": {"path": "Nested.nested.template.json"}}}}`,
		"cdk.out/Nested.nested.template.json", `{"Parameters": {"refToApi": {"Type": "String"}, "refToRoot": {"Type": "String"}}, "Resources": {
  "Sub": {"Type": "AWS::ApiGateway::Resource", "Properties": {"RestApiId": {"Ref": "refToApi"}, "ParentId": {"Ref": "refToRoot"}, "PathPart": "sub"}},
  "Get": {"Type": "AWS::ApiGateway::Method", "Properties": {"RestApiId": {"Ref": "refToApi"}, "ResourceId": {"Ref": "Sub"}, "HttpMethod": "GET", "AuthorizationType": "NONE", "Integration": {"Type": "MOCK"}}}},
  "Outputs": {"Resource": {"Value": {"Ref": "Sub"}}}}`,
		"cdk.out/assembly-Prod/manifest.json", `{"artifacts": {"Prod": {"type": "aws:cloudformation:stack", "environment": "aws://1/us-west-2", "properties": {"templateFile": "Prod.template.json"}}}}`,
		"cdk.out/assembly-Prod/Prod.template.json", `{"Resources": {"Fn": {"Type": "AWS::Lambda::Function", "Metadata": {"aws:asset:path": "../asset.0123"}, "Properties": {"Code": {"S3Key": "x.zip"}}},
  "Url": {"Type": "AWS::Lambda::Url", "Properties": {"AuthType": "NONE", "TargetFunctionArn": {"Fn::GetAtt": ["Fn", "Arn"]}}}}}`,
		".serverless/cloudformation-template-update-stack.json", `{"Resources": {"HelloLambdaFunction": {"Type": "AWS::Lambda::Function", "Properties": {"FunctionName": {"Fn::Sub": "${AWS::StackName}-hello"}, "Handler": "bootstrap"}}}}`,
		".serverless/serverless-state.json", `{"service": {"service": "notes", "provider": {"stage": "dev"}}}`,
	}
	dir := project(t, files...)
	for _, tt := range []struct{ name, file, want string }{
		{"all stacks of a cloud assembly", "cdk.out", `
REST API Api stage=prod
  GET / -> AWS_PROXY Fn
  PUT / -> AWS_PROXY Fn
  DELETE /sub -> MOCK
  GET /sub -> MOCK
url Url -> Prod-Fn
function Fn id=Fn executable=bootstrap used=[API Api: GET / API Api: PUT /]
function Prod-Fn id=Fn executable=bootstrap used=[function URL Url]
`},
		{"one stack of it, which knows its siblings", "cdk.out/Api.template.json", `
REST API Api stage=prod
  GET / -> AWS_PROXY Fn
  PUT / -> AWS_PROXY Fn
  DELETE /sub -> MOCK
  GET /sub -> MOCK
function Fn missing=the definition only names it: give its program with --function Fn=./folder used=[API Api: GET / API Api: PUT /]
`},
		{"what the Serverless Framework has written", ".serverless", `
function notes-dev-hello id=HelloLambdaFunction missing=the template does not say where its program is: give it with --function HelloLambdaFunction=./folder
`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			plan, err := definition.Load(filepath.Join(dir, tt.file), definition.Options{})
			require.NoError(t, err)
			assert.Equal(t, strings.TrimPrefix(tt.want, "\n"), scrubbed(describe(plan)))
		})
	}
}

// TestIncludes reads files that a template names, within the project only.
func TestIncludes(t *testing.T) {
	got := load(t, definition.Options{}, "infra/template.yaml", `
Resources:
  Api:
    Type: AWS::Serverless::Api
    Properties:
      StageName: v1
      DefinitionBody: {Fn::Transform: {Name: AWS::Include, Parameters: {Location: ../api/openapi.yaml}}}
  Web: {Type: AWS::Serverless::HttpApi, Properties: {DefinitionUri: web.yaml}}
  Far: {Type: AWS::Serverless::HttpApi, Properties: {DefinitionUri: s3://b/k}}
  Gone: {Type: AWS::Serverless::HttpApi, Properties: {DefinitionUri: gone.yaml}}
  Fn: {Type: AWS::Serverless::Function, Properties: {CodeUri: ../fn}}
`,
		"go.mod", "module x", "fn/main.go", program,
		"api/openapi.yaml", `
openapi: 3.0.1
paths: {/a: {get: {x-amazon-apigateway-integration: {type: aws_proxy, httpMethod: POST, uri: !Sub "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Fn.Arn}/invocations"}}}}
`,
		"infra/web.yaml", `
openapi: 3.0.1
paths: {/b: {get: {x-amazon-apigateway-integration: {type: http_proxy, uri: "https://a.example"}}}}
`)
	assert.Equal(t, `REST API Api stage=v1
  GET /a -> AWS_PROXY Fn
HTTP API Web stage=$default
  GET /b -> HTTP_PROXY https://a.example method=ANY
HTTP API Far stage=$default
HTTP API Gone stage=$default
function Fn id=Fn package=fn used=[API Api: GET /a]
refused template.yaml:8: API Far: its document is in S3, and nothing is fetched: name the file
refused template.yaml:9: API Gone: its document cannot be read: DIR/infra/gone.yaml: no such file or directory
warning template.yaml:8: API Far: has no routes
warning template.yaml:9: API Gone: has no routes
`, scrubbed(got))
}
