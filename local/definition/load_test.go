package definition_test

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/local/definition"
)

func orElse(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func sorted(m map[string]int) []string { return slices.Sorted(maps.Keys(m)) }

// project writes files, as name and text, into a folder of its own and returns it.
func project(t *testing.T, files ...string) string {
	t.Helper()
	dir := t.TempDir()
	for i := 0; i < len(files); i += 2 {
		path := filepath.Join(dir, files[i])
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
		require.NoError(t, os.WriteFile(path, []byte(strings.TrimPrefix(files[i+1], "\n")), 0o600))
	}
	return dir
}

// load reads the first of some files and describes the plan.
func load(t *testing.T, o definition.Options, files ...string) string {
	t.Helper()
	plan, err := definition.Load(filepath.Join(project(t, files...), files[0]), o)
	require.NoError(t, err)
	return describe(plan)
}

const program = "package main\n\nfunc main() {}\n"

func TestSAM(t *testing.T) {
	for _, tt := range []struct{ name, template, want string }{
		{"events make the implicit APIs", `
Transform: AWS::Serverless-2016-10-31
Globals:
  Function:
    Timeout: 7
    Environment: {Variables: {A: global, B: global}}
Resources:
  Notes:
    Type: AWS::Serverless::Function
    Metadata: {BuildMethod: go1.x}
    Properties:
      CodeUri: ./notes
      MemorySize: 512
      Environment: {Variables: {B: own}}
      Events:
        Get: {Type: Api, Properties: {Path: "/notes/{id}", Method: get}}
        All: {Type: HttpApi}
        Put: {Type: HttpApi, Properties: {Path: /notes, Method: put, PayloadFormatVersion: "1.0", TimeoutInMillis: 5000}}
        Jobs: {Type: SQS, Properties: {Queue: arn:aws:sqs:us-east-1:1:q}}
`, `
REST API ServerlessRestApi stage=Prod
  GET /notes/{id} -> AWS_PROXY Notes parameters=[path.id]
HTTP API ServerlessHttpApi stage=$default
  $default -> AWS_PROXY Notes payload=2.0
  PUT /notes -> AWS_PROXY Notes payload=1.0 timeout=5s
function Notes id=Notes package=notes timeout=7s memory=512 environment=B: own, A: global used=[API ServerlessRestApi: GET /notes/{id} API ServerlessHttpApi: $default API ServerlessHttpApi: PUT /notes]
skipped event SQS 1
`},
		{"CORS of a REST API is OPTIONS methods that SAM writes", `
Transform: AWS::Serverless-2016-10-31
Resources:
  Api:
    Type: AWS::Serverless::Api
    Properties:
      StageName: v1
      BinaryMediaTypes: [image~1png]
      Cors: {AllowOrigin: "'*'", AllowHeaders: "'x-a'", AllowCredentials: true}
  Fn:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: notes
      Events:
        Get: {Type: Api, Properties: {Path: /a, Method: GET, RestApiId: !Ref Api}}
        Put: {Type: Api, Properties: {Path: /a, Method: PUT, RestApiId: !Ref Api}}
        Own: {Type: Api, Properties: {Path: /b, Method: OPTIONS, RestApiId: !Ref Api}}
`, `
REST API Api stage=v1 binary=[image/png]
  GET /a -> AWS_PROXY Fn
  PUT /a -> AWS_PROXY Fn
  OPTIONS /b -> AWS_PROXY Fn
  OPTIONS /a -> MOCK templates=application/json: {\n  "statusCode" : 200\n}\n responses=200 parameters=method.response.header.Access-Control-Allow-Origin: '*', method.response.header.Access-Control-Allow-Methods: 'GET,OPTIONS,PUT', method.response.header.Access-Control-Allow-Headers: 'x-a', method.response.header.Access-Control-Allow-Credentials: 'true' templates=application/json: {}\n
function Fn id=Fn package=notes used=[API Api: GET /a API Api: PUT /a API Api: OPTIONS /b]
`},
		{"authorizers, keys, models and gateway responses of a REST API", `
Transform: AWS::Serverless-2016-10-31
Resources:
  Api:
    Type: AWS::Serverless::Api
    Properties:
      StageName: v1
      Auth:
        DefaultAuthorizer: Tokens
        AddDefaultAuthorizerToCorsPreflight: false
        Authorizers:
          Tokens: {FunctionArn: !GetAtt Auth.Arn, Identity: {Header: X-Token, ReauthorizeEvery: 60, ValidationExpression: "^x"}}
          Requests: {FunctionArn: !GetAtt Auth.Arn, FunctionPayloadType: REQUEST, Identity: {Headers: [A], QueryStrings: [b], StageVariables: [c], Context: [d]}}
          Pool: {UserPoolArn: arn:aws:cognito-idp:us-east-1:1:userpool/us-east-1_a, AuthorizationScopes: [s]}
        UsagePlan: {CreateUsagePlan: PER_API, Quota: {Limit: 10, Period: DAY, Offset: 3}, Throttle: {RateLimit: 2.5, BurstLimit: 5}}
      GatewayResponses:
        UNAUTHORIZED: {StatusCode: 418, ResponseParameters: {Headers: {X: "'y'"}}, ResponseTemplates: {application/json: "{}"}}
      Models:
        Item: {type: object, properties: {other: {$ref: "#/definitions/Item"}}}
  Fn:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: notes
      Events:
        A: {Type: Api, Properties: {Path: /a, Method: GET, RestApiId: !Ref Api}}
        B: {Type: Api, Properties: {Path: /b, Method: GET, RestApiId: !Ref Api, Auth: {Authorizer: NONE, ApiKeyRequired: true}}}
        C: {Type: Api, Properties: {Path: /c, Method: GET, RestApiId: !Ref Api, Auth: {Authorizer: Pool, AuthorizationScopes: [t]}}}
        D: {Type: Api, Properties: {Path: /d, Method: GET, RestApiId: !Ref Api, Auth: {Authorizer: AWS_IAM}}}
        E: {Type: Api, Properties: {Path: /e, Method: POST, RestApiId: !Ref Api, Auth: {Authorizer: Requests}, RequestModel: {Model: Item, Required: true, ValidateBody: true}, RequestParameters: [method.request.header.X, {method.request.querystring.q: {Required: true}}]}}
        F: {Type: Api, Properties: {Path: /f, Method: GET, RestApiId: !Ref Api, Auth: {Authorizer: Nobody}}}
  Auth:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: notes}
`, `
REST API Api stage=v1
  response UNAUTHORIZED status=418 parameters=gatewayresponse.header.X: 'y' templates=application/json: {}
  model Item {"type":"object","properties":{"other":{"$ref":"https://apigateway.amazonaws.com/restapis/ID/models/Item"}}}
  plan ApiUsagePlan keys=1 throttle=&{2.5 5} quota=10 period=DAY
  authorizer Tokens TOKEN function=Auth sources=[method.request.header.X-Token] matches=^x ttl=1m0s
  authorizer Requests REQUEST function=Auth sources=[method.request.header.A method.request.querystring.b stageVariables.c context.d]
  authorizer Pool COGNITO_USER_POOLS sources=[method.request.header.Authorization] pools=[arn:aws:cognito-idp:us-east-1:1:userpool/us-east-1_a]
  GET /a -> AWS_PROXY Fn by=CUSTOM authorizer=Tokens
  GET /b -> AWS_PROXY Fn key
  GET /c -> AWS_PROXY Fn by=COGNITO_USER_POOLS authorizer=Pool scopes=[t]
  GET /d -> AWS_PROXY Fn by=AWS_IAM
  POST /e -> AWS_PROXY Fn by=CUSTOM authorizer=Requests checks=body parameters=[header.X? querystring.q] models=[application/json=Item]
  GET /f -> AWS_PROXY Fn refused=the authorizer "Nobody" is not declared
function Fn id=Fn package=notes used=[API Api: GET /a API Api: GET /b API Api: GET /c API Api: GET /d API Api: POST /e API Api: GET /f]
function Auth id=Auth package=notes used=[authorizer Tokens authorizer Requests]
refused template.yaml:29: API Api: GET /f: the authorizer "Nobody" is not declared
warning template.yaml:14: usage plan ApiUsagePlan: the Offset of its quota has no effect here
`},
		{"an HTTP API with authorizers and CORS", `
Transform: AWS::Serverless-2016-10-31
Resources:
  Api:
    Type: AWS::Serverless::HttpApi
    Properties:
      CorsConfiguration: {AllowOrigins: ["https://a.example"], AllowMethods: [GET], MaxAge: 60}
      Auth:
        DefaultAuthorizer: Jwt
        Authorizers:
          Jwt: {JwtConfiguration: {issuer: https://i.example, audience: [a]}, AuthorizationScopes: [s]}
          Simple: {FunctionArn: !GetAtt Fn.Arn, AuthorizerPayloadFormatVersion: "2.0", EnableSimpleResponses: true, Identity: {Headers: [A], Context: [routeKey]}}
  Fn:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: notes
      Events:
        A: {Type: HttpApi, Properties: {ApiId: !Ref Api, Path: /a, Method: GET}}
        B: {Type: HttpApi, Properties: {ApiId: !Ref Api, Path: /b, Method: ANY, Auth: {Authorizer: Simple}}}
        C: {Type: HttpApi, Properties: {ApiId: !Ref Api, Path: /c, Method: GET, Auth: {Authorizer: NONE}}}
`, `
HTTP API Api stage=$default cors=origins=[https://a.example] methods=[GET] age=1m0s
  authorizer Jwt JWT sources=[$request.header.Authorization] issuer=https://i.example audiences=[a]
  authorizer Simple REQUEST function=Fn payload=2.0 simple sources=[$request.header.A $context.routeKey]
  GET /a -> AWS_PROXY Fn payload=2.0 by=JWT authorizer=Jwt scopes=[s]
  ANY /b -> AWS_PROXY Fn payload=2.0 by=CUSTOM authorizer=Simple
  GET /c -> AWS_PROXY Fn payload=2.0
function Fn id=Fn package=notes used=[API Api: GET /a API Api: ANY /b authorizer Simple API Api: GET /c]
`},
		{"a WebSocket API in SAM's form names functions by their ARN", `
Transform: AWS::Serverless-2016-10-31
Resources:
  Chat:
    Type: AWS::Serverless::WebSocketApi
    Properties:
      RouteSelectionExpression: $request.body.action
      Auth: {AuthType: CUSTOM, AuthArn: !GetAtt Fn.Arn, IdentitySource: [route.request.header.A]}
      Routes:
        $connect: {FunctionArn: !GetAtt Fn.Arn, RequestParameters: {route.request.querystring.room: {Required: true}}}
        $default: {FunctionArn: !GetAtt Fn.Arn, IntegrationTimeout: 2000}
        say: {FunctionArn: !ImportValue elsewhere}
  Fn:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: notes}
`, `
websocket Chat stage=default routes by=$request.body.action
  authorizer  REQUEST function=Fn sources=[route.request.header.A]
  $connect -> AWS_PROXY Fn by=CUSTOM parameters=[querystring.room]
  $default -> AWS_PROXY Fn timeout=2s
  say -> AWS_PROXY refused=FunctionArn cannot be resolved: no stack here exports "elsewhere"
function Fn id=Fn package=notes used=[WebSocket API Chat: $connect authorizer  WebSocket API Chat: $default]
refused template.yaml:11: WebSocket API Chat: say: FunctionArn cannot be resolved: no stack here exports "elsewhere"
`},
		{"a WebSocket API in SAM's form has a domain, models and throttles", `
Transform: AWS::Serverless-2016-10-31
Resources:
  Chat:
    Type: AWS::Serverless::WebSocketApi
    Properties:
      RouteSelectionExpression: $request.body.action
      Domain: {DomainName: chat.example, CertificateArn: arn, BasePath: [/, chat/v2/], MutualTlsAuthentication: {TruststoreUri: s3://b/k}}
      RouteSettings: {say: {ThrottlingRateLimit: 2, ThrottlingBurstLimit: 1}, $default: {ThrottlingRateLimit: many}}
      AccessLogSettings: {DestinationArn: arn}
      Routes:
        say: {FunctionArn: !GetAtt Fn.Arn, ModelSelectionExpression: $request.body.kind, RequestModels: {a: Say}}
        $default: {FunctionArn: !GetAtt Fn.Arn, RequestModels: {$default: Missing}}
  Whole:
    Type: AWS::Serverless::WebSocketApi
    Properties:
      RouteSelectionExpression: $request.body.action
      Domain: {DomainName: all.example, CertificateArn: arn}
      Routes: {$default: {FunctionArn: !GetAtt Fn.Arn}}
  Model: {Type: AWS::ApiGatewayV2::Model, Properties: {ApiId: !Ref Chat, Name: Say, ContentType: application/json, Schema: {type: object}}}
  Fn:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: notes}
`, `
websocket Chat stage=default base paths=["" "chat/v2"] routes by=$request.body.action
  say -> AWS_PROXY Fn models=[a=Say] throttle=&{2 1}
  $default -> AWS_PROXY Fn refused=the model "Missing" is not declared
websocket Whole stage=default base paths=[""] routes by=$request.body.action
  $default -> AWS_PROXY Fn
function Fn id=Fn package=notes used=[WebSocket API Chat: say WebSocket API Chat: $default WebSocket API Whole: $default]
refused template.yaml:7: WebSocket API Chat: WebSocket APIs have no mutual TLS
refused template.yaml:8: WebSocket API Chat: ThrottlingRateLimit "many" is no number
refused template.yaml:12: WebSocket API Chat: $default: the model "Missing" is not declared
ignored template.yaml:9: access logs
`},
		{"responses of routes of a WebSocket API in SAM's form name the route that SAM makes", `
Transform: AWS::Serverless-2016-10-31
Resources:
  Chat:
    Type: AWS::Serverless::WebSocketApi
    Properties:
      RouteSelectionExpression: $request.body.action
      Auth: {AuthType: AWS_IAM}
      Routes:
        sayIt: {FunctionArn: !GetAtt Fn.Arn, RouteResponseSelectionExpression: $default}
        $default: {FunctionArn: !GetAtt Fn.Arn}
        a-b: {FunctionArn: !GetAtt Fn.Arn}
  Said: {Type: AWS::ApiGatewayV2::RouteResponse, Properties: {ApiId: !Ref Chat, RouteId: !Ref ChatSayitRoute, RouteResponseKey: $default}}
  Other: {Type: AWS::ApiGatewayV2::RouteResponse, Properties: {ApiId: !Ref Chat, RouteId: !GetAtt ChatDefaultRoute.RouteId, RouteResponseKey: $default}}
  None: {Type: AWS::ApiGatewayV2::RouteResponse, Properties: {ApiId: !Ref Chat, RouteId: !Ref ChatsayItRoute, RouteResponseKey: $default}}
  Fn:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: notes}
`, `
websocket Chat stage=default routes by=$request.body.action
  sayIt -> AWS_PROXY Fn two-way
  $default -> AWS_PROXY Fn
  a-b -> AWS_PROXY Fn refused=SAM takes no other keys of routes than letters and digits, $connect, $disconnect and $default
function Fn id=Fn package=notes used=[WebSocket API Chat: sayIt WebSocket API Chat: $default WebSocket API Chat: a-b]
refused template.yaml:7: WebSocket API Chat: its Auth is that of $connect, which is no route of it
refused template.yaml:11: WebSocket API Chat: a-b: SAM takes no other keys of routes than letters and digits, $connect, $disconnect and $default
refused template.yaml:14: route response None: RouteId leads to no route of the definition
warning template.yaml:13: route $default: it has a route response and no RouteResponseSelectionExpression: $default, so nothing is sent back
`},
		{"function URLs, and sources of functions", `
Transform: AWS::Serverless-2016-10-31
Resources:
  Url:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: notes, FunctionUrlConfig: {AuthType: AWS_IAM, InvokeMode: RESPONSE_STREAM, Cors: {AllowOrigins: ["*"]}}}
  Built:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: built, FunctionUrlConfig: {AuthType: NONE}}
  Made:
    Type: AWS::Serverless::Function
    Metadata: {BuildMethod: makefile}
    Properties: {CodeUri: notes}
  Image:
    Type: AWS::Serverless::Function
    Properties: {PackageType: Image}
  Bucket:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: "s3://b/k"}
  Empty:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: empty}
  Inline:
    Type: AWS::Lambda::Function
    Properties: {Code: {ZipFile: "x"}}
  Text:
    Type: AWS::Serverless::Function
    Properties: {InlineCode: "x", Runtime: nodejs24.x}
  Plain:
    Type: AWS::Lambda::Url
    Properties: {TargetFunctionArn: !Ref Inline, AuthType: NONE}
`, `
url UrlUrl -> Url iam stream cors=origins=[*]
url BuiltUrl -> Built
url Plain -> Inline
function Url id=Url package=notes used=[function URL UrlUrl]
function Built id=Built executable=bootstrap used=[function URL BuiltUrl]
function Made id=Made make=build-Made
function Image id=Image missing=its program is a container image: give it with --function Image=./folder
function Bucket id=Bucket missing=its program is at s3://b/k, and nothing is fetched: give it with --function Bucket=./folder
function Empty id=Empty missing=DIR/empty holds neither a package main nor a bootstrap: give it with --function Empty=./folder
function Inline id=Inline missing=its program is written in the template: give it with --function Inline=./folder used=[function URL Plain]
function Text id=Text missing=its program is written in the template: give it with --function Text=./folder
`},
		{"a document of its own is not written to by events of a REST API, and is by those of an HTTP API if it stands in the template", `
Transform: AWS::Serverless-2016-10-31
Resources:
  Rest:
    Type: AWS::Serverless::Api
    Properties:
      StageName: v1
      DefinitionBody:
        openapi: 3.0.1
        paths:
          /a:
            get:
              x-amazon-apigateway-integration: {type: aws_proxy, httpMethod: POST, uri: !Sub "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Fn.Arn}/invocations"}
  Http:
    Type: AWS::Serverless::HttpApi
    Properties:
      DefinitionBody: {openapi: 3.0.1, paths: {/a: {get: {}}}}
  File:
    Type: AWS::Serverless::HttpApi
    Properties: {DefinitionUri: api.yaml}
  Fn:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: notes
      Events:
        A: {Type: Api, Properties: {Path: /x, Method: GET, RestApiId: !Ref Rest}}
        B: {Type: HttpApi, Properties: {ApiId: !Ref Http, Path: /a, Method: GET}}
        C: {Type: HttpApi, Properties: {ApiId: !Ref File, Path: /c, Method: GET}}
`, `
REST API Rest stage=v1
  GET /a -> AWS_PROXY Fn
HTTP API Http stage=$default
  GET /a -> AWS_PROXY Fn payload=2.0
HTTP API File stage=$default
  GET /f -> AWS_PROXY Fn payload=2.0
function Fn id=Fn package=notes used=[API Rest: GET /a API File: GET /f API Http: GET /a]
warning template.yaml:25: function Fn, event A: the API has a document of its own, and SAM does not write GET /x into it
warning template.yaml:27: function Fn, event C: the API has a document of its own, and SAM does not write GET /c into it
`},
		{"what a parameter without a value decides is told, with what is needed", `
Transform: AWS::Serverless-2016-10-31
Parameters: {Stage: {Type: String}, Base: {Type: String}, Seconds: {Type: Number}}
Resources:
  Rest:
    Type: AWS::Serverless::Api
    Properties:
      StageName: !Ref Stage
      Auth: {Authorizers: {Tokens: {FunctionArn: !GetAtt Fn.Arn, Identity: {ReauthorizeEvery: !Ref Seconds}}}}
  Http: {Type: AWS::Serverless::HttpApi, Properties: {StageName: !Ref Stage}}
  Fn:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: notes
      Events:
        A: {Type: Api, Properties: {RestApiId: !Ref Rest, Path: /a, Method: GET}}
        B: {Type: Api, Properties: {RestApiId: !Ref Rest, Path: !Sub "/${Base}/b", Method: GET}}
        C: {Type: HttpApi, Properties: {ApiId: !Ref Http, Path: /c, Method: GET}}
`, `
REST API Rest
  authorizer Tokens TOKEN function=Fn sources=[method.request.header.Authorization]
  GET /a -> AWS_PROXY Fn
HTTP API Http stage=$default
  GET /c -> AWS_PROXY Fn payload=2.0
function Fn id=Fn package=notes used=[API Rest: GET /a API Http: GET /c]
refused template.yaml:16: function Fn, event B: Path cannot be resolved: the parameter Base has no default: give it with --parameter Base=VALUE
warning template.yaml:7: API Rest: StageName cannot be resolved, and URLs begin without it: the parameter Stage has no default: give it with --parameter Stage=VALUE
warning template.yaml:8: authorizer Tokens: answers are kept for as long as they are by default: ReauthorizeEvery cannot be resolved: the parameter Seconds has no default: give it with --parameter Seconds=VALUE
warning template.yaml:9: API Http: StageName cannot be resolved, and URLs begin without it: the parameter Stage has no default: give it with --parameter Stage=VALUE
`},
		{"an API's default authorizer and key are those of a document in the template, too", `
Transform: AWS::Serverless-2016-10-31
Resources:
  Rest:
    Type: AWS::Serverless::Api
    Properties:
      StageName: v1
      Auth: {DefaultAuthorizer: A, ApiKeyRequired: true, AddDefaultAuthorizerToCorsPreflight: false, AddApiKeyRequiredToCorsPreflight: false, Authorizers: {A: {FunctionArn: !GetAtt Fn.Arn}, B: {FunctionArn: !GetAtt Fn.Arn}}}
      DefinitionBody:
        swagger: "2.0"
        securityDefinitions: {own: {type: apiKey, name: Authorization, in: header, x-amazon-apigateway-authtype: awsSigv4}}
        paths:
          /default: {get: &fn {x-amazon-apigateway-integration: {type: aws_proxy, httpMethod: POST, uri: !Sub "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${Fn.Arn}/invocations"}}, options: *fn}
          /empty: {get: {<<: *fn, security: []}}
          /other: {get: {<<: *fn, security: [{B: []}]}}
          /own: {get: {<<: *fn, security: [{own: []}]}}
          /iam: {get: {<<: *fn, security: [{AWS_IAM: []}]}}
          /open: {get: {<<: *fn, security: [{NONE: []}, {api_key_false: []}]}}
  Http:
    Type: AWS::Serverless::HttpApi
    Properties:
      Auth: {DefaultAuthorizer: A, Authorizers: {A: {FunctionArn: !GetAtt Fn.Arn, AuthorizerPayloadFormatVersion: 2.0}}}
      DefinitionBody: {openapi: 3.0.1, paths: {/default: {get: &v2 {x-amazon-apigateway-integration: {type: aws_proxy, httpMethod: POST, payloadFormatVersion: "2.0", uri: !GetAtt Fn.Arn}}, options: *v2}, /open: {get: {<<: *v2, security: [{NONE: []}]}}}}
  Fn: {Type: AWS::Serverless::Function, Properties: {CodeUri: notes}}
`, `
REST API Rest stage=v1
  authorizer A TOKEN function=Fn sources=[method.request.header.Authorization]
  authorizer B TOKEN function=Fn sources=[method.request.header.Authorization]
  GET /default -> AWS_PROXY Fn by=CUSTOM authorizer=A key
  OPTIONS /default -> AWS_PROXY Fn
  GET /empty -> AWS_PROXY Fn by=CUSTOM authorizer=A key
  GET /other -> AWS_PROXY Fn by=CUSTOM authorizer=B key
  GET /own -> AWS_PROXY Fn by=AWS_IAM key
  GET /iam -> AWS_PROXY Fn by=AWS_IAM key
  GET /open -> AWS_PROXY Fn
HTTP API Http stage=$default
  authorizer A REQUEST function=Fn payload=2.0
  GET /default -> AWS_PROXY Fn payload=2.0 by=CUSTOM authorizer=A
  OPTIONS /default -> AWS_PROXY Fn payload=2.0
  GET /open -> AWS_PROXY Fn payload=2.0
function Fn id=Fn package=notes used=[API Rest: GET /default authorizer A API Rest: OPTIONS /default API Rest: GET /empty API Rest: GET /other authorizer B API Rest: GET /own API Rest: GET /iam API Rest: GET /open API Http: GET /default API Http: OPTIONS /default API Http: GET /open]
`},
		{"a payload format version that authorizers of HTTP APIs lack, or that YAML cuts short", `
Transform: AWS::Serverless-2016-10-31
Resources:
  Http:
    Type: AWS::Serverless::HttpApi
    Properties:
      Auth:
        Authorizers:
          Simple: {FunctionArn: !GetAtt Fn.Arn, EnableSimpleResponses: true}
          Short: {FunctionArn: !GetAtt Fn.Arn, AuthorizerPayloadFormatVersion: 1}
  Fn: {Type: AWS::Serverless::Function, Properties: {CodeUri: notes, Events: {A: {Type: HttpApi, Properties: {ApiId: !Ref Http, Path: /a, Method: get, Auth: {Authorizer: Simple}}}}}}
`, `
HTTP API Http stage=$default
  authorizer Simple REQUEST function=Fn payload=2.0 simple
  authorizer Short REQUEST function=Fn payload=1.0
  GET /a -> AWS_PROXY Fn payload=2.0 by=CUSTOM authorizer=Simple
function Fn id=Fn package=notes used=[API Http: GET /a authorizer Simple]
warning template.yaml:8: authorizer Simple: it says no payload format version, which API Gateway requires: 2.0 is taken
`},
		{"API Gateway takes the slash off the end of a path", `
Transform: AWS::Serverless-2016-10-31
Resources:
  Rest:
    Type: AWS::Serverless::Api
    Properties:
      StageName: v1
      DefinitionBody:
        openapi: 3.0.1
        paths:
          /: {get: &fn {x-amazon-apigateway-integration: {type: aws_proxy, httpMethod: POST, uri: !Sub "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Fn.Arn}/invocations"}}}
          /a/: {get: *fn}
  Fn:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: notes
      Events:
        B: {Type: Api, Properties: {Path: "/b/{id}/", Method: GET}}
        C: {Type: HttpApi, Properties: {Path: /c/, Method: GET}}
`, `
REST API Rest stage=v1
  GET / -> AWS_PROXY Fn
  GET /a -> AWS_PROXY Fn
REST API ServerlessRestApi stage=Prod
  GET /b/{id} -> AWS_PROXY Fn parameters=[path.id]
HTTP API ServerlessHttpApi stage=$default
  GET /c -> AWS_PROXY Fn payload=2.0
function Fn id=Fn package=notes used=[API Rest: GET / API Rest: GET /a API ServerlessRestApi: GET /b/{id} API ServerlessHttpApi: GET /c]
`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := load(t, definition.Options{}, "template.yaml", tt.template,
				"notes/main.go", program, "built/bootstrap", "#!/bin/sh\n", "empty/README", "", "samconfig.toml", "",
				"api.yaml", "openapi: 3.0.1\npaths: {/f: {get: {x-amazon-apigateway-integration: {type: aws_proxy, httpMethod: POST, payloadFormatVersion: \"2.0\", "+
					"uri: \"arn:aws:lambda:us-east-1:123456789012:function:Fn\"}}}}\n")
			assert.Equal(t, strings.TrimPrefix(tt.want, "\n"), scrubbed(got))
		})
	}
}

// scrubbed replaces what differs from run to run.
func scrubbed(s string) string {
	var lines []string
	for line := range strings.SplitSeq(s, "\n") {
		line = tempDir.ReplaceAllString(line, "DIR")
		lines = append(lines, apiID.ReplaceAllString(line, "restapis/ID/"))
	}
	return strings.Join(lines, "\n")
}

var (
	tempDir = regexp.MustCompile(`[^ =]*/[^ =]*/00[0-9]`)
	apiID   = regexp.MustCompile(`restapis/[a-z0-9]+/`)
)
