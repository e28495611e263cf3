package definition_test

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/local/definition"
)

// TestWhatDoesNotResolveLetsNobodyIn gives each property that says who may call the value of a
// parameter that nobody has given: what it guards is refused, and never served open.
func TestWhatDoesNotResolveLetsNobodyIn(t *testing.T) {
	const unknown = " cannot be resolved: the parameter P has no default: give it with --parameter P=VALUE"
	rest := func(properties string) string {
		return `
  Api: {Type: AWS::ApiGateway::RestApi, Properties: {Name: a}}
  Stage: {Type: AWS::ApiGateway::Stage, Properties: {RestApiId: !Ref Api, StageName: live}}
  Pool: {Type: AWS::ApiGateway::Authorizer, Properties: {RestApiId: !Ref Api, Name: pool, Type: COGNITO_USER_POOLS, ProviderARNs: [arn:aws:cognito-idp:us-east-1:1:userpool/us-east-1_a]}}
  Get:
    Type: AWS::ApiGateway::Method
    Properties:
      RestApiId: !Ref Api
      ResourceId: !GetAtt Api.RootResourceId
      HttpMethod: GET
      Integration: {Type: MOCK}
      ` + properties
	}
	http := func(authorizer, route string) string {
		return `
  Api: {Type: AWS::ApiGatewayV2::Api, Properties: {Name: a, ProtocolType: HTTP}}
  Stage: {Type: AWS::ApiGatewayV2::Stage, Properties: {ApiId: !Ref Api, StageName: $default, AutoDeploy: true}}
  Backend: {Type: AWS::ApiGatewayV2::Integration, Properties: {ApiId: !Ref Api, IntegrationType: HTTP_PROXY, IntegrationMethod: GET, IntegrationUri: https://example.com/, PayloadFormatVersion: "1.0"}}
  Tokens: {Type: AWS::ApiGatewayV2::Authorizer, Properties: {ApiId: !Ref Api, Name: tokens, AuthorizerType: JWT, ` + authorizer + `}}
  Get: {Type: AWS::ApiGatewayV2::Route, Properties: {ApiId: !Ref Api, RouteKey: GET /, Target: !Sub "integrations/${Backend}", ` + route + `}}`
	}
	const tokens = `IdentitySource: ["$request.header.Authorization"], JwtConfiguration: {Issuer: "https://id.example.com/", Audience: [notes]}`
	sam := func(kind, api, event string) string {
		property := map[string]string{"Api": "RestApiId", "HttpApi": "ApiId"}[kind]
		return `
  Api: {Type: AWS::Serverless::` + kind + `, Properties: {StageName: live, ` + api + `}}
  Fn:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: fn
      Events:
        Get: {Type: ` + kind + `, Properties: {` + property + `: !Ref Api, Path: /, Method: GET, ` + event + `}}`
	}
	for _, tt := range []struct{ name, resources, route, why string }{
		{"a method's type of authorization", rest("AuthorizationType: !Ref P"), "GET /", "AuthorizationType" + unknown},
		{"whether it takes an API key", rest("ApiKeyRequired: !Ref P"), "GET /", "ApiKeyRequired" + unknown},
		{"one of its scopes", rest("AuthorizationType: COGNITO_USER_POOLS\n      AuthorizerId: !Ref Pool\n      AuthorizationScopes: [!Ref P]"), "GET /", "AuthorizationScopes" + unknown},
		{"whether a parameter is required", rest("RequestParameters: {method.request.querystring.q: !Ref P}"), "GET /", "method.request.querystring.q" + unknown},
		{"a route's type of authorization", http(tokens, "AuthorizationType: !Ref P"), "GET /", "AuthorizationType" + unknown},
		{"a scope of a route", http(tokens, "AuthorizationType: JWT, AuthorizerId: !Ref Tokens, AuthorizationScopes: [!Ref P]"), "GET /", "AuthorizationScopes" + unknown},
		{"an audience", http(`IdentitySource: ["$request.header.Authorization"], JwtConfiguration: {Issuer: "https://id.example.com/", Audience: [!Ref P]}`,
			"AuthorizationType: JWT, AuthorizerId: !Ref Tokens"), "GET /", "Audience" + unknown},
		{"an identity source", http(`IdentitySource: [!Ref P], JwtConfiguration: {Issuer: "https://id.example.com/", Audience: [notes]}`,
			"AuthorizationType: JWT, AuthorizerId: !Ref Tokens"), "GET /", "the identity source" + unknown},
		{"SAM's default authorizer", sam("Api", "Auth: {DefaultAuthorizer: !Ref P}", ""), "GET /", "DefaultAuthorizer" + unknown},
		{"an event's authorizer", sam("HttpApi", "Auth: {}", "Auth: {Authorizer: !Ref P}"), "GET /", "Authorizer" + unknown},
		{"whether all events take an API key", sam("Api", "Auth: {ApiKeyRequired: !Ref P}", ""), "GET /", "ApiKeyRequired" + unknown},
		{"whether an event takes one", sam("Api", "Auth: {}", "Auth: {ApiKeyRequired: !Ref P}"), "GET /", "ApiKeyRequired" + unknown},
		{"an event's scope", sam("HttpApi", `Auth: {Authorizers: {J: {IdentitySource: "$request.header.Authorization", JwtConfiguration: {issuer: "https://id.example.com/", audience: [a]}}}}`,
			"Auth: {Authorizer: J, AuthorizationScopes: [!Ref P]}"), "GET /", "AuthorizationScopes" + unknown},
		{"a user pool", sam("Api", "Auth: {Authorizers: {Pool: {UserPoolArn: !Ref P}}, DefaultAuthorizer: Pool}", ""), "GET /",
			"UserPoolArn" + unknown + "; the authorizer Pool names no user pool that can be resolved"},
		{"SAM's default authorizer of a document", sam("Api", `Auth: {DefaultAuthorizer: !Ref P}, DefinitionBody: {openapi: 3.0.1, info: {title: a, version: "1"},
        paths: {/d: {get: {x-amazon-apigateway-integration: {type: mock}}}}}`, ""), "GET /d", "DefaultAuthorizer" + unknown},
		{"a statement of a policy", strings.Replace(rest("AuthorizationType: NONE"), "{Name: a}", "{Name: a, Policy: {Statement: [{Effect: Deny, Principal: '*', Action: '*', Resource: '*', Condition: {IpAddress: {aws:SourceIp: [!Ref P]}}}]}}", 1),
			"GET /", "the resource policy" + unknown},
		{"a range of addresses in SAM's policy", sam("Api", "Auth: {ResourcePolicy: {IpRangeBlacklist: [!Ref P]}}", ""), "GET /", "the resource policy" + unknown},
		{"a statement in SAM's policy", sam("Api", "Auth: {ResourcePolicy: {CustomStatements: [{Effect: Deny, Principal: '*', Action: '*', Resource: !Ref P}]}}", ""), "GET /", "the resource policy" + unknown},
		{"a policy of an event", sam("Api", "Auth: {}", "Auth: {ResourcePolicy: {IpRangeBlacklist: [!Ref P]}}"), "GET /", "the resource policy" + unknown},
		{"a policy in a document", sam("Api", `DefinitionBody: {openapi: 3.0.1, info: {title: a, version: "1"}, x-amazon-apigateway-policy: {Statement: !Ref P},
        paths: {/d: {get: {x-amazon-apigateway-integration: {type: mock}}}}}`, ""), "GET /d", "the resource policy" + unknown},
		{"who may connect", `
  Fn: {Type: AWS::Serverless::Function, Properties: {CodeUri: fn}}
  Talk: {Type: AWS::Serverless::WebSocketApi, Properties: {RouteSelectionExpression: $request.body.action, Auth: {AuthType: !Ref P}, Routes: {$connect: {FunctionArn: !GetAtt Fn.Arn}}}}`,
			"$connect", "AuthType" + unknown},
		{"SAM's default authorizer, misspelled", sam("Api", "Auth: {DefaultAuthoriser: J}", ""), "GET /", "there is no DefaultAuthoriser in an Auth"},
		{"an event's authorizer, misspelled", sam("HttpApi", "Auth: {}", "Auth: {Authoriser: J}"), "GET /", "there is no Authoriser in an Auth"},
		{"who may connect, misspelled", `
  Fn: {Type: AWS::Serverless::Function, Properties: {CodeUri: fn}}
  Talk: {Type: AWS::Serverless::WebSocketApi, Properties: {RouteSelectionExpression: $request.body.action, Auth: {AuthTyp: CUSTOM}, Routes: {$connect: {FunctionArn: !GetAtt Fn.Arn}}}}`,
			"$connect", "AuthType is missing"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			plan, err := definition.Load(filepath.Join(project(t, "template.yaml", "Parameters: {P: {Type: String}}\nResources:"+tt.resources+"\n", "fn/main.go", program), "template.yaml"), definition.Options{})
			require.NoError(t, err)
			refused := map[string]string{}
			for _, api := range plan.APIs {
				for _, route := range api.Routes {
					refused[route.Key] = route.Refused
				}
			}
			for _, api := range plan.WebSocketAPIs {
				for _, route := range api.Routes {
					refused[route.Key] = route.Refused
				}
			}
			assert.Equal(t, tt.why, refused[tt.route])
		})
	}
	t.Run("a function URL", func(t *testing.T) {
		assert.Equal(t, `
function Fn id=Fn package=fn used=[function URL FnUrl]
refused template.yaml:7: function URL FnUrl: AuthType`+unknown+"\n", "\n"+load(t, definition.Options{}, "template.yaml", `
Parameters: {P: {Type: String}}
Resources:
  Fn:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: fn
      FunctionUrlConfig: {AuthType: !Ref P}
`, "fn/main.go", program))
	})
}

// TestProgramsThatDoNotResolve holds that a function says why nobody knows where its program
// is.
func TestProgramsThatDoNotResolve(t *testing.T) {
	const why = "since the parameter P has no default: give it with --parameter P=VALUE: give it with --function "
	assert.Equal(t, `
function A id=A missing=its CodeUri cannot be resolved, `+why+`A=./folder
function B id=B missing=its Code cannot be resolved, `+why+`B=./folder
function C id=C missing=its CodeUri cannot be resolved, since Fn::Foo is not evaluated: give it with --function C=./folder
`, "\n"+load(t, definition.Options{}, "template.yaml", `
Parameters: {P: {Type: String}}
Resources:
  A: {Type: AWS::Serverless::Function, Properties: {CodeUri: !Ref P}}
  B: {Type: AWS::Lambda::Function, Properties: {Code: !Ref P}}
  C: {Type: AWS::Serverless::Function, Properties: {CodeUri: !Foo x}}
`))
}

// TestIDsThatOnlyAWSKnows holds that a user pool, an issuer and an audience which stand for an
// id that AWS gives are told, and that a parameter says what they are wherever they are named.
func TestIDsThatOnlyAWSKnows(t *testing.T) {
	const template = `
Resources:
  Pool: {Type: AWS::Cognito::UserPool}
  Client: {Type: AWS::Cognito::UserPoolClient, Properties: {UserPoolId: !Ref Pool}}
  Rest: {Type: AWS::ApiGateway::RestApi, Properties: {Name: a}}
  Users: {Type: AWS::ApiGateway::Authorizer, Properties: {RestApiId: !Ref Rest, Name: users, Type: COGNITO_USER_POOLS, IdentitySource: method.request.header.A, ProviderARNs: [!GetAtt Pool.Arn]}}
  Asks: {Type: AWS::ApiGateway::Authorizer, Properties: {RestApiId: !Ref Rest, Name: asks, Type: REQUEST, AuthorizerUri: !Sub "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Fn.Arn}/invocations"}}
  Http:
    Type: AWS::Serverless::HttpApi
    Properties: {Auth: {Authorizers: {J: {JwtConfiguration: {issuer: !Sub "https://${Pool.ProviderName}", audience: [!GetAtt Client.ClientId, !Ref Client]}}}}}
  Fn: {Type: AWS::Serverless::Function, Properties: {CodeUri: fn}}
`
	authorizers := func(parameters map[string]string) (said []string, warned []string) {
		plan, err := definition.Load(filepath.Join(project(t, "template.yaml", template, "fn/main.go", program), "template.yaml"), definition.Options{Parameters: parameters})
		require.NoError(t, err)
		for _, api := range plan.APIs {
			for _, a := range api.Authorizers {
				said = append(said, a.Name+words("pools", a.ProviderARNs, "issuer", a.Issuer, "audiences", a.Audiences))
			}
		}
		for _, note := range plan.Warnings {
			if strings.HasPrefix(note.Name, "authorizer ") {
				warned = append(warned, note.Name+": "+madeUp.ReplaceAllString(note.Text, "$1 ID"))
			}
		}
		return said, warned
	}
	const unkept = "authorizer asks: it has no identity source, which API Gateway asks for unless answers are kept for 0 seconds: they are not kept here"
	_, warned := authorizers(nil)
	assert.Equal(t, []string{
		"authorizer users: the user pool ID is made up, and no token has it: the AWS::Cognito::UserPool Pool exists in AWS only, and --parameter says what it is",
		unkept,
		"authorizer J: the issuer ID is made up, and no token has it: the AWS::Cognito::UserPool Pool exists in AWS only, and --parameter says what it is",
		"authorizer J: the audience ID is made up, and no token has it: the AWS::Cognito::UserPoolClient Client exists in AWS only, and --parameter says what it is",
	}, warned)
	said, warned := authorizers(map[string]string{"Pool": "us-east-1_Abc", "Client": "abc"})
	assert.Equal(t, []string{
		"users pools=[arn:aws:cognito-idp:us-east-1:123456789012:userpool/us-east-1_Abc]", "asks",
		"J issuer=https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Abc audiences=[abc abc]",
	}, said)
	assert.Equal(t, []string{unkept}, warned)
}

var madeUp = regexp.MustCompile(`(pool|issuer|audience) "[^"]*"`)
