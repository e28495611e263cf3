package definition_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/local/definition"
	"github.com/lambridge-go/lambridge/local/gateway"
)

// TestWhatIsNotReadIsTold holds that what a definition says and nothing here reads is told,
// by file and line, wherever it stands.
func TestWhatIsNotReadIsTold(t *testing.T) {
	const unread = " has no effect: it is misspelled, or something that is not done here"
	for _, tt := range []struct {
		name, definition string
		want             []string
	}{
		{"properties of a function, misspelled, new, and of no effect", `
Resources:
  Fn:
    Type: AWS::Lambda::Function
    Properties:
      Code: fn
      FunctionName: fn
      Timout: 3
      TenancyConfig: {TenantIsolationMode: PER_TENANT}
      LoggingConfig: {LogFormat: JSON}
      Tags: [{Key: a, Value: b}]
`, []string{
			"ignored t.yaml:9: LoggingConfig of functions",
			"warning t.yaml:7: AWS::Lambda::Function Fn: Timout" + unread,
			"warning t.yaml:8: AWS::Lambda::Function Fn: TenancyConfig" + unread,
		}},
		{"members of a method and its integration", `
Resources:
  Api: {Type: AWS::ApiGateway::RestApi, Properties: {Name: a, CloneFrom: b, EndpointConfiguration: {Types: [EDGE]}}}
  Stage: {Type: AWS::ApiGateway::Stage, Properties: {RestApiId: !Ref Api, StageName: live, CacheClusterEnabled: false, Variable: {a: b}}}
  Get:
    Type: AWS::ApiGateway::Method
    Properties:
      RestApiId: !Ref Api
      ResourceId: !GetAtt Api.RootResourceId
      HttpMethod: GET
      Authorisation: AWS_IAM
      Integration:
        Type: MOCK
        CacheNamespace: a
        RequestTemplate: {application/json: "{}"}
        IntegrationResponses: [{StatusCode: "200", Selection: x}]
`, []string{
			"ignored t.yaml:13: caches of methods",
			"ignored t.yaml:2: endpoint types",
			"warning t.yaml:2: AWS::ApiGateway::RestApi Api: CloneFrom" + unread,
			"warning t.yaml:3: AWS::ApiGateway::Stage Stage: Variable" + unread,
			"warning t.yaml:10: AWS::ApiGateway::Method Get: Authorisation" + unread,
			"warning t.yaml:14: AWS::ApiGateway::Method Get: Integration.RequestTemplate" + unread,
			"warning t.yaml:15: AWS::ApiGateway::Method Get: Integration.IntegrationResponses.Selection" + unread,
		}},
		{"what SAM takes, in an event and in its API", `
Globals:
  HttpApi: {CorsConfiguration: {AllowOrigin: ["*"], AllowOrigins: ["*"]}}
Resources:
  Fn:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: fn
      FunctionUrlConfig: {AuthType: NONE, InvokeModus: RESPONSE_STREAM}
      Events:
        Get:
          Type: HttpApi
          Properties: {Path: /, Method: GET, Auth: {Authoriser: J, InvokeRole: NONE}, PayloadVersion: "1.0"}
        Put: {Type: Api, Properties: {Path: /, Method: PUT, RequestParameters: [method.request.header.a: {Requird: true}]}}
`, []string{
			"ignored t.yaml:12: credentials of integrations",
			"warning t.yaml:2: AWS::Serverless::HttpApi ServerlessHttpApi: CorsConfiguration.AllowOrigin" + unread,
			"warning t.yaml:8: AWS::Serverless::Function Fn: FunctionUrlConfig.InvokeModus" + unread,
			"warning t.yaml:12: function Fn, event Get: Properties.Auth.Authoriser" + unread,
			"refused t.yaml:11: API ServerlessHttpApi: GET /: there is no Authoriser in an Auth",
			"warning t.yaml:12: function Fn, event Get: Properties.PayloadVersion" + unread,
			"warning t.yaml:13: function Fn, event Put: Properties.RequestParameters.method.request.header.a.Requird" + unread,
		}},
		{"sections, Globals and attributes of resources", `
Global: {Function: {Timeout: 3}}
Globals: {Functions: {Timeout: 3}}
Resources:
  Fn: {Type: AWS::Serverless::Function, Property: {CodeUri: fn}, Properties: {CodeUri: fn, FunctionUrlConfig: {AuthType: NONE}}}
`, []string{
			"refused t.yaml:1: the template has no Global: it is misspelled, or not read",
			"refused t.yaml:2: Globals has no Functions: it is misspelled, or not read",
			"refused t.yaml:4: the resource Fn has no Property: it is misspelled, or not read",
		}},
		{"limits of routes that are not there", `
Resources:
  Fn:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: fn
      Events:
        A: {Type: HttpApi, Properties: {ApiId: !Ref Http, Path: /a, Method: GET}}
        B: {Type: Api, Properties: {RestApiId: !Ref Rest, Path: /b, Method: GET}}
  Http: {Type: AWS::Serverless::HttpApi, Properties: {RouteSettings: {"GET /A": {ThrottlingRateLimit: 1, MetricsEnabled: true}}}}
  Rest: {Type: AWS::Serverless::Api, Properties: {StageName: live, MethodSettings: [{ResourcePath: /b, HttpMethod: "*", ThrottlingRateLimit: 1}]}}
`, []string{
			"ignored t.yaml:9: metrics",
			"warning t.yaml:9: API Http: the limits of GET /A have no effect: there is no such route",
			"warning t.yaml:10: API Rest: the limits of * /b have no effect: there is no such route",
		}},
		{"what is no map", `
Resources:
  Fn:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: fn
      Environment: [A, B]
      FunctionUrlConfig: NONE
      Events: [{Type: HttpApi}]
  Other:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: fn
      Events: {A: {Type: HttpApi, Properties: {ApiId: !Ref Http, Path: /a, Method: GET, Auth: NONE}}, B: HttpApi}
  Http: {Type: AWS::Serverless::HttpApi, Properties: {StageVariables: [a]}}
  Queue: {Type: AWS::SQS::Queue, Properties: [a]}
`, []string{
			"refused t.yaml:6: AWS::Serverless::Function Fn: Environment is no map, and nothing of it is read",
			"refused t.yaml:7: function URL FnUrl: AuthType is missing",
			"refused t.yaml:7: AWS::Serverless::Function Fn: FunctionUrlConfig is no map, and nothing of it is read",
			"refused t.yaml:8: AWS::Serverless::Function Fn: Events is no map, and nothing of it is read",
			"refused t.yaml:13: function Other, event A: Properties.Auth is no map, and nothing of it is read",
			"refused t.yaml:13: API Http: GET /a: its Auth is no map",
			"refused t.yaml:13: function Other, event B: it has no Type",
			"refused t.yaml:13: AWS::Serverless::Function Other: Events.B is no map, and nothing of it is read",
			"refused t.yaml:14: AWS::Serverless::HttpApi Http: StageVariables is no map, and nothing of it is read",
			"refused t.yaml:15: the Properties of Queue are no map, and nothing of them is read",
		}},
		{"what is no map in a document", `
openapi: 3.0.1
security: J
paths:
  /a: get
  /b: {get: {x-amazon-apigateway-integration: mock}}
x-amazon-apigateway-request-validators: [all]
`, []string{
			"refused t.yaml:4: the API: /a: the path is no map, and nothing of it is read",
			"refused t.yaml:5: the API: GET /b: the integration is no map, and nothing of it is read",
			"refused t.yaml:5: the API: GET /b: the integration has no type; a security requirement is no map",
			"refused t.yaml:6: the API: x-amazon-apigateway-request-validators is no map, and nothing of it is read",
		}},
		{"resources that answer requests in AWS", `
Resources:
  Flow:
    Type: AWS::Serverless::StateMachine
    Properties:
      DefinitionUri: flow.json
      Events:
        Start: {Type: Api, Properties: {Path: /start, Method: POST}}
        Tick: {Type: Schedule, Properties: {Schedule: rate(1 hour)}}
  Rule: {Type: AWS::ApiGatewayV2::RoutingRule, Properties: {Priority: 1}}
`, []string{
			"warning t.yaml:7: state machine Flow, event Start: its route is missing: nothing here runs state machines",
			"warning t.yaml:9: AWS::ApiGatewayV2::RoutingRule Rule: nothing here does what it does to requests",
		}},
		{"what does not resolve", `
Parameters: {P: {Type: String}}
Resources:
  Api: {Type: AWS::Serverless::HttpApi, Properties: {StageVariables: {a: !Ref P}}}
  Fn:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: fn, Role: !Ref P, Environment: {Variables: {A: !Ref P}}, Events: {Get: {Type: HttpApi, Properties: {ApiId: !Ref Api, Path: /, Method: GET}}}}
`, []string{
			"ignored t.yaml:6: permissions of functions",
			"warning t.yaml:3: AWS::Serverless::HttpApi Api: StageVariables.a cannot be resolved, and is left out: the parameter P has no default: give it with --parameter P=VALUE",
		}},
		{"what does not resolve in a template's document", `
Parameters: {P: {Type: String}}
Resources:
  Api:
    Type: AWS::Serverless::Api
    Properties:
      StageName: live
      DefinitionBody:
        openapi: 3.0.1
        info: {title: !Ref P, version: "1"}
        x-amazon-apigateway-request-validators: {all: {validateRequestBody: !Ref P}}
        paths: {/a: {get: {x-amazon-apigateway-integration: {type: http_proxy, httpMethod: GET, uri: !Ref P}}}}
`, []string{
			"warning t.yaml:10: AWS::Serverless::Api Api: x-amazon-apigateway-request-validators.all.validateRequestBody cannot be resolved, and is left out: the parameter P has no default: give it with --parameter P=VALUE",
			"refused t.yaml:11: API Api: GET /a: uri cannot be resolved: the parameter P has no default: give it with --parameter P=VALUE",
		}},
		{"fields of a document", `
openapi: 3.0.1
path: {}
x-amazon-apigateway-request-validators: {all: {validateBody: true}}
x-amazon-apigateway-gateway-responses: {THROTTLED: {status: 430}}
components:
  securitySchemes:
    J:
      type: apiKey
      in: header
      name: A
      x-amazon-apigateway-authorizer: {type: token, identitySources: a, authorizerUri: "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:1:function:J/invocations"}
paths:
  /a:
    gett: {}
    x-amazon-apigateway-cors: {}
    get:
      securty: [{J: []}]
      x-amazon-apigateway-integration: {type: mock}
`, []string{
			"ignored t.yaml:15: x-amazon-apigateway-cors of paths, which is not known",
			`warning t.yaml:2: the API: the document has a field "path", which is not known and has no effect`,
			`warning t.yaml:3: the API: the request validator all has a field "validateBody", which is not known and has no effect`,
			`warning t.yaml:4: the API: the gateway response THROTTLED has a field "status", which is not known and has no effect`,
			`warning t.yaml:11: the API: the authorizer J has a field "identitySources", which is not known and has no effect`,
			`warning t.yaml:14: the API: /a: the path has a field "gett", which is no method and has no effect`,
			`warning t.yaml:17: the API: GET /a: the operation has a field "securty", which is not known and has no effect`,
		}},
		{"nothing, where all is read", `
Resources:
  Fn:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: fn, Runtime: provided.al2023, Handler: bootstrap, Events: {Get: {Type: HttpApi}}}
`, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			plan, err := definition.Load(filepath.Join(project(t, "t.yaml", tt.definition, "fn/main.go", program), "t.yaml"), definition.Options{})
			require.NoError(t, err)
			var got []string
			for line := range strings.Lines(describe(plan)) {
				if line = strings.TrimSpace(line); strings.HasPrefix(line, "refused ") || strings.HasPrefix(line, "warning ") || strings.HasPrefix(line, "ignored ") {
					got = append(got, line)
				}
			}
			assert.ElementsMatch(t, tt.want, got, strings.Join(got, "\n"))
			assert.True(t, slices.IsSortedFunc(plan.Warnings, func(a, b definition.Note) int { return a.Origin.Line - b.Origin.Line }), "warnings are in the file's order")
		})
	}
}

// TestPropertiesThatThereAre holds that no property of CloudFormation and SAM is taken for one
// that is misspelled.
func TestPropertiesThatThereAre(t *testing.T) {
	for _, file := range []string{"cloudformation.yaml", "sam.yaml"} {
		plan, err := definition.Load(filepath.Join("testdata", "properties", file), definition.Options{})
		require.NoError(t, err)
		assert.Greater(t, len(plan.Ignored), 20, file)
		for _, note := range plan.Warnings {
			assert.NotContains(t, note.Text, "misspelled", note)
		}
	}
}

// TestOptionsOfDocuments holds that what is for a document only is refused for a template.
func TestOptionsOfDocuments(t *testing.T) {
	got := load(t, definition.Options{API: gateway.RESTAPI, StageVariables: map[string]string{"a": "b"}}, "template.yaml", "Resources: {Queue: {Type: AWS::SQS::Queue}}\n")
	assert.Equal(t, `
refused --api: a template says of which kind its APIs are
refused --stage-variable: a template says which variables its stages have
skipped AWS::SQS::Queue 1
`, "\n"+got)
}

// TestBasePathOfDocumentsInTemplates holds what becomes of the base path of a document that
// stands in a template, as it was recorded when documents were imported.
//
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-import-api-basePath.html
func TestBasePathOfDocumentsInTemplates(t *testing.T) {
	const (
		variable = `servers: [{url: "https://x/", variables: {basePath: {default: /base-var}}}]`
		address  = `servers: [{url: "https://x/base-url/part/"}]`
	)
	for _, tt := range []struct{ mode, document, want string }{
		{"", "swagger: '2.0', basePath: /base", "GET /test"},
		{"ignore", "swagger: '2.0', basePath: /base", "GET /test"},
		{"prepend", "swagger: '2.0', basePath: /base", "GET /base/test"},
		{"split", "swagger: '2.0', basePath: /base", "GET /test"},
		{"prepend", "openapi: 3.0.1, " + variable, "GET /base-var/test"},
		{"split", "openapi: 3.0.1, " + variable, "GET /test"},
		{"prepend", "openapi: 3.0.1, " + address, "GET /base-url/part/test"},
		{"split", "openapi: 3.0.1, " + address, "GET /part/test"},
	} {
		t.Run(tt.mode+" "+tt.document, func(t *testing.T) {
			mode := ""
			if tt.mode != "" {
				mode = "Parameters: {basepath: " + tt.mode + "}, "
			}
			plan, err := definition.Load(filepath.Join(project(t, "t.yaml", "Resources: {Api: {Type: AWS::ApiGateway::RestApi, Properties: {"+mode+
				"Body: {"+tt.document+", paths: {/test: {get: {x-amazon-apigateway-integration: {type: mock}}}}}}}}\n"), "t.yaml"), definition.Options{})
			require.NoError(t, err)
			assert.Equal(t, tt.want, plan.APIs[0].Routes[0].Key)
		})
	}
	t.Run("an HTTP API", func(t *testing.T) {
		plan, err := definition.Load(filepath.Join(project(t, "t.yaml", `
Resources: {Api: {Type: AWS::ApiGatewayV2::Api, Properties: {BasePath: prepend, Body: {openapi: 3.0.1, servers: [{url: /v1}], paths: {/$default: {get: {x-amazon-apigateway-integration: &to
  {type: http_proxy, uri: "https://example.com", httpMethod: GET, payloadFormatVersion: "1.0"}}}, /test: {get: {x-amazon-apigateway-integration: *to}}}}}}}
`), "t.yaml"), definition.Options{})
		require.NoError(t, err)
		assert.Equal(t, []string{"$default", "GET /v1/test"}, []string{plan.APIs[0].Routes[0].Key, plan.APIs[0].Routes[1].Key})
	})
}
