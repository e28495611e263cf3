package definition_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/local/definition"
	"github.com/lambridge-go/lambridge/local/invoke"
)

// recorded is a template with the APIs whose answers were recorded on AWS: the errors
// that a gateway makes, authorizers, API keys, validators and gateway responses.
const recorded = `
Transform: AWS::Serverless-2016-10-31
Resources:
  Fn: {Type: AWS::Serverless::Function, Properties: {CodeUri: fn, Timeout: 1}}
  Judge: {Type: AWS::Serverless::Function, Properties: {CodeUri: fn}}
  Rest:
    Type: AWS::Serverless::Api
    Properties:
      StageName: s
      Auth:
        UsagePlan: {CreateUsagePlan: NONE}
      DefinitionBody:
        swagger: "2.0"
        x-amazon-apigateway-request-validators: {both: {validateRequestBody: true, validateRequestParameters: true}, off: {validateRequestBody: false, validateRequestParameters: false}}
        x-amazon-apigateway-gateway-responses:
          MISSING_AUTHENTICATION_TOKEN: {responseParameters: {gatewayresponse.header.Access-Control-Allow-Origin: "'*'"}}
        securityDefinitions:
          Token: {type: apiKey, in: header, name: Authorization, x-amazon-apigateway-authtype: custom, x-amazon-apigateway-authorizer: &token {type: token, authorizerUri: !Sub "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${Judge.Arn}/invocations", authorizerResultTtlInSeconds: 0}}
          Custom: {type: apiKey, in: header, name: MyCustomAuthHeader, x-amazon-apigateway-authtype: custom, x-amazon-apigateway-authorizer: {<<: *token, identityValidationExpression: "allow|deny"}}
          Query: {type: apiKey, in: header, name: Unused, x-amazon-apigateway-authtype: custom, x-amazon-apigateway-authorizer: {<<: *token, type: request, identitySource: method.request.querystring.authorization}}
          Three: {type: apiKey, in: header, name: Unused, x-amazon-apigateway-authtype: custom, x-amazon-apigateway-authorizer: {<<: *token, type: request, identitySource: "method.request.header.authorizationHeader, method.request.querystring.authorization, method.request.querystring.authorizationQueryString1"}}
          Pool: {type: apiKey, in: header, name: Authorization, x-amazon-apigateway-authtype: cognito_user_pools, x-amazon-apigateway-authorizer: {type: cognito_user_pools, providerARNs: ["arn:aws:cognito-idp:us-east-1:123456789012:userpool/us-east-1_a"]}}
          Signed: {type: apiKey, in: header, name: Authorization, x-amazon-apigateway-authtype: awsSigv4}
          api_key: {type: apiKey, in: header, name: x-api-key}
        security: [{Query: []}]
        definitions:
          Item: {type: object, required: [a, b], properties: {a: {type: integer}, b: {type: string}}}
          Items: {type: array, items: {$ref: "#/definitions/Item"}}
          Status: {type: object, required: [status], properties: {status: {oneOf: [{type: "null"}, {$ref: "#/definitions/Item"}]}}}
          House: {type: object, required: [rooms], properties: {rooms: {type: integer}, owner: {$ref: "#/definitions/Person"}}}
          Person: {type: object, required: [name], properties: {name: {type: string}, house: {$ref: "#/definitions/House"}}}
        paths:
          /token: {get: {security: [{Token: []}], x-amazon-apigateway-integration: &fn {type: aws_proxy, httpMethod: POST, uri: !Sub "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${Fn.Arn}/invocations"}}}
          /custom: {get: {security: [{Custom: []}], x-amazon-apigateway-integration: *fn}}
          /query: {get: {x-amazon-apigateway-integration: *fn}}
          /three: {get: {security: [{Three: []}], x-amazon-apigateway-integration: *fn}}
          /pool: {get: {security: [{Pool: []}], x-amazon-apigateway-integration: *fn}}
          /signed: {get: {security: [{Signed: []}], x-amazon-apigateway-integration: *fn}}
          /open: {get: {security: [], x-amazon-apigateway-integration: *fn}}
          /admin: {post: {security: [{Signed: []}], x-amazon-apigateway-integration: *fn}}
          /{proxy+}: {x-amazon-apigateway-any-method: {security: [], x-amazon-apigateway-integration: *fn}}
          /key: {get: {security: [{api_key: []}], x-amazon-apigateway-integration: *fn}}
          /malformed: {get: {security: [], x-amazon-apigateway-integration: *fn}}
          /fails: {get: {security: [], x-amazon-apigateway-integration: {<<: *fn, type: aws, responses: {default: {statusCode: 200}, '.*Task timed out after \d+\.\d+ seconds$': {statusCode: 504}}}}}
          /forbidden: {get: {security: [], x-amazon-apigateway-integration: {type: http, httpMethod: GET, uri: "http://127.0.0.1:1024/", requestParameters: {integration.request.header.Content-Length: "'5'"}, responses: {default: {statusCode: 200}}}}}
          /slashes: {get: {security: [], x-amazon-apigateway-integration: {<<: *fn, uri: !Sub "arn:aws:apigateway:us-east-1:lambda:path//2015-03-31/functions/${Fn.Arn}/invocations"}}}
          /mock: {get: {security: [], x-amazon-apigateway-integration: {type: mock, requestTemplates: {application/json: '{"statusCode": 200}'}, responses: {default: {statusCode: 200}}}}}
          /both:
            parameters: [{in: header, name: x-header-param, required: true}, {in: path, name: issuer, required: true}]
            post:
              security: []
              parameters: [{in: query, name: qs1, required: true}, {in: body, name: b, schema: {$ref: "#/definitions/Item"}}]
              x-amazon-apigateway-request-validator: both
              x-amazon-apigateway-integration: *fn
          /body:
            post: &body {security: [], parameters: [{in: body, name: b, schema: {$ref: "#/definitions/Item"}}], x-amazon-apigateway-request-validator: both, x-amazon-apigateway-integration: *fn}
            get: *body
            put: {<<: *body, x-amazon-apigateway-request-validator: off}
          /list: {post: {<<: *body, parameters: [{in: body, name: b, schema: {$ref: "#/definitions/Items"}}]}}
          /status: {post: {<<: *body, parameters: [{in: body, name: b, schema: {$ref: "#/definitions/Status"}}]}}
          /person: {post: {<<: *body, parameters: [{in: body, name: b, schema: {$ref: "#/definitions/Person"}}]}}
          /mocked: {post: {<<: *body, x-amazon-apigateway-integration: {type: mock, requestTemplates: {application/json: '{"statusCode": 200}'}, responses: {default: {statusCode: 200}}}}}
  Bare: {Type: AWS::ApiGateway::RestApi, Properties: {Name: bare}}
  BareResource: {Type: AWS::ApiGateway::Resource, Properties: {RestApiId: !Ref Bare, ParentId: !GetAtt Bare.RootResourceId, PathPart: empty}}
  BareValidator: {Type: AWS::ApiGateway::RequestValidator, Properties: {RestApiId: !Ref Bare, ValidateRequestBody: true}}
  BareMethod: {Type: AWS::ApiGateway::Method, Properties: {RestApiId: !Ref Bare, ResourceId: !Ref BareResource, HttpMethod: POST, AuthorizationType: NONE, RequestValidatorId: !Ref BareValidator, RequestModels: {application/json: Empty}, Integration: {Type: AWS_PROXY, IntegrationHttpMethod: POST, Uri: !Sub "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${Fn.Arn}/invocations"}}}
  BareDeployment: {Type: AWS::ApiGateway::Deployment, Properties: {RestApiId: !Ref Bare, StageName: s}}
  Keyed:
    Type: AWS::ApiGateway::RestApi
    Properties:
      Body:
        swagger: "2.0"
        x-amazon-apigateway-gateway-responses:
          DEFAULT_5XX: {statusCode: 599, responseParameters: {gatewayresponse.header.X-A: method.request.header.Accept, gatewayresponse.header.X-Q: method.request.querystring.q}, responseTemplates: {application/json: '{"s":"$context.stage","p":"$context.resourcePath","m":$context.error.messageString}'}}
          AUTHORIZER_CONFIGURATION_ERROR: {responseParameters: {gatewayresponse.header.X-A: "'own'"}}
        x-amazon-apigateway-api-key-source: AUTHORIZER
        securityDefinitions:
          Token: {type: apiKey, in: header, name: Authorization, x-amazon-apigateway-authtype: custom, x-amazon-apigateway-authorizer: {type: token, authorizerUri: !Sub "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${Judge.Arn}/invocations", authorizerResultTtlInSeconds: 0}}
          api_key: {type: apiKey, in: header, name: x-api-key}
        paths:
          /key: {get: {security: [{Token: [], api_key: []}], x-amazon-apigateway-integration: &kfn {type: aws_proxy, httpMethod: POST, uri: !Sub "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${Fn.Arn}/invocations"}}}
          /malformed: {get: {x-amazon-apigateway-integration: *kfn}}
  Deployment: {Type: AWS::ApiGateway::Deployment, Properties: {RestApiId: !Ref Keyed, StageName: s}}
  Value: {Type: AWS::ApiGateway::ApiKey, Properties: {Enabled: true, Value: 0123456789abcdefghij}}
  Off: {Type: AWS::ApiGateway::ApiKey, Properties: {Value: disabled-0123456789abcdefghij}}
  Plan: {Type: AWS::ApiGateway::UsagePlan, Properties: {ApiStages: [{ApiId: !Ref Keyed, Stage: s}, {ApiId: !Ref Rest, Stage: s}]}}
  InPlan: {Type: AWS::ApiGateway::UsagePlanKey, Properties: {KeyId: !Ref Value, KeyType: API_KEY, UsagePlanId: !Ref Plan}}
  OffInPlan: {Type: AWS::ApiGateway::UsagePlanKey, Properties: {KeyId: !Ref Off, KeyType: API_KEY, UsagePlanId: !Ref Plan}}
  Elsewhere: {Type: AWS::ApiGateway::ApiKey, Properties: {Enabled: true, Value: elsewhere-0123456789abcdefghij}}
  ElsewherePlan: {Type: AWS::ApiGateway::UsagePlan, Properties: {ApiStages: [{ApiId: !Ref Rest, Stage: other}]}}
  InElsewhere: {Type: AWS::ApiGateway::UsagePlanKey, Properties: {KeyId: !Ref Elsewhere, KeyType: API_KEY, UsagePlanId: !Ref ElsewherePlan}}
  Http:
    Type: AWS::Serverless::HttpApi
    Properties:
      Auth:
        Authorizers:
          Jwt: {JwtConfiguration: {issuer: "https://id.example.com/", audience: [a]}, IdentitySource: $request.header.Authorization}
          Simple: {FunctionArn: !GetAtt Judge.Arn, AuthorizerPayloadFormatVersion: "2.0", EnableSimpleResponses: true}
          Policy: {FunctionArn: !GetAtt Judge.Arn, AuthorizerPayloadFormatVersion: "1.0"}
  Routes:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: fn
      Events:
        Jwt: {Type: HttpApi, Properties: {ApiId: !Ref Http, Path: /jwt, Method: get, Auth: {Authorizer: Jwt}}}
        Simple: {Type: HttpApi, Properties: {ApiId: !Ref Http, Path: /simple, Method: get, Auth: {Authorizer: Simple}}}
        Policy: {Type: HttpApi, Properties: {ApiId: !Ref Http, Path: /policy, Method: get, Auth: {Authorizer: Policy}}}
        Open: {Type: HttpApi, Properties: {ApiId: !Ref Http, Path: /open, Method: get}}
`

// A recordedJudge allows the token "allow", says so of others, or fails.
type recordedJudge struct{}

func (recordedJudge) Invoke(_ context.Context, payload []byte) ([]byte, error) {
	var event struct {
		Version, AuthorizationToken string
		Headers                     map[string]string
		QueryStringParameters       map[string]string
	}
	if err := json.Unmarshal(payload, &event); err != nil {
		return nil, err
	}
	token := event.AuthorizationToken + event.QueryStringParameters["authorization"]
	for name, value := range event.Headers {
		if event.AuthorizationToken == "" && strings.EqualFold(name, "Authorization") {
			token += value
		}
	}
	allows := token == "allow" || token == "secretToken"
	switch {
	case token == "unauthorized":
		return nil, &invoke.Error{Type: "Error", Message: "Unauthorized"}
	case token == "broken":
		return nil, &invoke.Error{Type: "Error", Message: "boom"}
	case event.Version == "2.0":
		return json.Marshal(map[string]any{"isAuthorized": allows, "context": map[string]any{"number": 42, "yes": true}})
	}
	effect := map[bool]string{true: "Allow", false: "Deny"}[allows]
	return json.Marshal(map[string]any{
		"principalId": "p1", "usageIdentifierKey": "0123456789abcdefghij", "context": map[string]any{"foo": "bar", "number": 42, "yes": true},
		"policyDocument": map[string]any{"Version": "2012-10-17", "Statement": []any{map[string]any{"Action": "execute-api:Invoke", "Effect": effect, "Resource": "*"}}},
	})
}

// A recordedFunction keeps its event, and answers as its path says.
type recordedFunction struct{ event *string }

func (f recordedFunction) Invoke(_ context.Context, payload []byte) ([]byte, error) {
	*f.event = string(payload)
	switch {
	case strings.Contains(string(payload), `"path":"/malformed"`):
		return []byte(`{"statusCode":"two hundred"}`), nil
	case !strings.Contains(string(payload), "requestContext"):
		return nil, &invoke.Error{Type: "Sandbox.Timedout", Message: "Task timed out after 1.00 seconds"}
	}
	return []byte(`{"statusCode":200,"body":"in"}`), nil
}

// TestRecorded asks APIs of a definition what AWS was recorded to answer.
func TestRecorded(t *testing.T) {
	dir := project(t, "template.yaml", recorded, "fn/main.go", program)
	plan, err := definition.Load(filepath.Join(dir, "template.yaml"), definition.Options{})
	require.NoError(t, err)
	require.Empty(t, plan.Refused)
	event := ""
	assembly, err := plan.Assemble(func(f *definition.Function) (invoke.Invoker, error) {
		if f.LogicalID == "Judge" {
			return recordedJudge{}, nil
		}
		return recordedFunction{&event}, nil
	}, definition.Assembling{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, assembly.Close()) })
	require.Empty(t, assembly.Refused)
	doors := map[string]http.Handler{}
	for i, door := range plan.Doors() {
		doors[door.Name] = assembly.Handlers[i]
	}

	const (
		unauthorized = `401 UnauthorizedException {"message":"Unauthorized"}`
		missingToken = `403 MissingAuthenticationTokenException {"message":"Missing Authentication Token"}`
		internal     = `500 InternalServerErrorException {"message": "Internal server error"}`
		forbidden    = `403 ForbiddenException {"message":"Forbidden"}`
		denied       = `403 AccessDeniedException {"Message":"User is not authorized to access this resource with an explicit deny in an identity-based policy"}`
		badBody      = `400 BadRequestException {"message": "Invalid request body"}`
		in           = "200  in"
		item         = `{"a":1,"b":"x"}`
	)
	for _, tt := range []struct{ name, api, request, want string }{
		{"a path that the API does not have (localstack test_routing_not_found)", "Keyed", "GET /s/nowhere", `403 MissingAuthenticationTokenException {"message":"Missing Authentication Token"}`},
		{"a malformed answer of a function (localstack test_aws_proxy_response_payload_format_validation)", "Rest", "GET /s/malformed", `502 InternalServerErrorException {"message": "Internal server error"}`},
		{"a header that must not be mapped (localstack header_remapping)", "Rest", "GET /s/forbidden", internal},
		{"a function that ran into its timeout, not as a proxy (serverless)", "Rest", "GET /s/fails", `504  {"errorMessage":"Task timed out after 1.00 seconds","errorType":"Sandbox.Timedout"}`},
		{"two slashes in the URI of a function (localstack test_api_gateway_lambda_integration_aws_type)", "Rest", "GET /s/slashes", in},
		{"TOKEN, none (serverless-application-model test_authorizers_min)", "Rest", "GET /s/token", unauthorized},
		{"TOKEN, allowed (serverless-application-model)", "Rest", "GET /s/token Authorization: allow", in},
		{"TOKEN, the authorizer fails with Unauthorized (serverless)", "Rest", "GET /s/token Authorization: unauthorized", unauthorized},
		{"TOKEN, it fails otherwise (captured)", "Rest", "GET /s/token Authorization: broken", `500 AuthorizerConfigurationException {"message":null}`},
		{"TOKEN, denied by a policy (aws-lambda-dotnet SimpleRestApiAuthorizerTests)", "Rest", "GET /s/token Authorization: no", denied},
		{"MyCustomAuthHeader (serverless-application-model authorizers_max)", "Rest", "GET /s/custom MyCustomAuthHeader: allow", in},
		{"MyCustomAuthHeader, none (serverless-application-model authorizers_max_openapi)", "Rest", "GET /s/custom Authorization: allow", unauthorized},
		{"MyCustomAuthHeader, which the expression does not match", "Rest", "GET /s/custom MyCustomAuthHeader: allowed", unauthorized},
		{"REQUEST, no query (serverless-application-model authorizers_min)", "Rest", "GET /s/query", unauthorized},
		{"REQUEST, a query (serverless-application-model authorizers_min)", "Rest", "GET /s/query?authorization=allow", in},
		{"REQUEST, three sources (serverless-application-model authorizers_max)", "Rest", "GET /s/three?authorization=allow&authorizationQueryString1=x authorizationHeader: y", in},
		{"REQUEST, without the first (serverless-application-model authorizers_max)", "Rest", "GET /s/three?authorization=allow&authorizationQueryString1=x", unauthorized},
		{"REQUEST, without the second (serverless-application-model authorizers_max)", "Rest", "GET /s/three?authorizationQueryString1=x authorizationHeader: y", unauthorized},
		{"REQUEST, without the third (serverless-application-model authorizers_max)", "Rest", "GET /s/three?authorization=allow authorizationHeader: y", unauthorized},
		{"a user pool, no token (serverless-application-model)", "Rest", "GET /s/pool", unauthorized},
		{"a user pool in place of the default authorizer (serverless-application-model authorizer_override)", "Rest", "GET /s/pool?authorization=allow", unauthorized},
		{"IAM, unsigned (serverless-application-model)", "Rest", "GET /s/signed", missingToken},
		{"NONE in place of the default authorizer (serverless-application-model authorizer_override)", "Rest", "GET /s/open", in},
		{"a guarded sibling is another method", "Rest", "GET /s/admin", in},
		{"the guarded sibling itself", "Rest", "POST /s/admin", missingToken},
		{"a key is missing (localstack test_api_key_required_for_methods)", "Rest", "GET /s/key", forbidden},
		{"a key (localstack)", "Rest", "GET /s/key x-api-key: 0123456789abcdefghij", in},
		{"a key that is disabled, as one is that does not say (localstack)", "Rest", "GET /s/key x-api-key: disabled-0123456789abcdefghij", forbidden},
		{"a key whose plan is for another stage (docs/authorizers.md, captured)", "Rest", "GET /s/key x-api-key: elsewhere-0123456789abcdefghij", forbidden},
		{"keys of authorizers, no Authorization (serverless-application-model authorizer_apikey)", "Keyed", "GET /s/key", unauthorized},
		{"keys of authorizers, allowed (serverless-application-model authorizer_apikey)", "Keyed", "GET /s/key Authorization: allow", in},
		{"keys of authorizers, only x-api-key (serverless-application-model authorizer_apikey)", "Keyed", "GET /s/key x-api-key: 0123456789abcdefghij", unauthorized},

		{"all parameters are missing (localstack TestApiGatewayCommon)", "Rest", "POST /s/both -- {}", `400 BadRequestException {"message": "Missing required request parameters: [x-header-param, issuer, qs1]"}`},
		{"a path parameter that the path does not have is missing (localstack)", "Rest", "POST /s/both?qs1=1 x-header-param: 1 -- " + item, `400 BadRequestException {"message": "Missing required request parameters: [issuer]"}`},
		{"a body that fits (localstack)", "Rest", "POST /s/body -- " + item, in},
		{"a body that does not (localstack)", "Rest", `POST /s/body -- {"a":"x"}`, badBody},
		{"GET without a body (localstack)", "Rest", "GET /s/body", badBody},
		{"GET without a body, of a type (localstack)", "Rest", "GET /s/body Content-Type: application/json", badBody},
		{"POST without a body (localstack)", "Rest", "POST /s/body", badBody},
		{"a validator that checks nothing (localstack)", "Rest", "PUT /s/body -- {}", in},
		{"a mock is validated alike (localstack)", "Rest", "POST /s/mocked -- {}", badBody},
		{"a mock answers what fits (localstack)", "Rest", "POST /s/mocked -- " + item, "200  "},
		{"a list of another model (localstack)", "Rest", "POST /s/list -- [" + item + "]", in},
		{"a list of something else (localstack)", "Rest", `POST /s/list -- [{"a":1}]`, badBody},
		{"oneOf, null (localstack)", "Rest", `POST /s/status -- {"status":null}`, in},
		{"oneOf, an object (localstack)", "Rest", `POST /s/status -- {"status":` + item + `}`, in},
		{"oneOf, nothing (localstack)", "Rest", `POST /s/status -- {}`, badBody},
		{"oneOf, another object (localstack)", "Rest", `POST /s/status -- {"status":{"a":1}}`, badBody},
		{"models in a circle (localstack test_import_with_circular_models_and_request_validation)", "Rest", `POST /s/person -- {"name":"n","house":{"rooms":1,"owner":{"name":"m"}}}`, in},
		{"models in a circle, which do not fit (localstack)", "Rest", `POST /s/person -- {"name":"n","house":{"rooms":1,"owner":{}}}`, badBody},

		{"the model Empty is one of objects (localstack: the models of a new API)", "Bare", "POST /s/empty", in},
		{"the model Empty is none of lists (localstack: the models of a new API)", "Bare", "POST /s/empty -- [1]", badBody},

		{"DEFAULT_5XX is for every type that is not set (localstack TestApiGatewayGatewayResponse)", "Keyed", "GET /s/malformed?q=v Accept: a/b", `599 InternalServerErrorException {"s":"s","p":"/malformed","m":"Internal server error"}`},
		{"a type that is set takes nothing from it (localstack)", "Keyed", "GET /s/key Authorization: broken", `500 AuthorizerConfigurationException {"message":null}`},

		{"JWT, none (serverless)", "Http", "GET /jwt", `401  {"message":"Unauthorized"}`},
		{"yes or no without a source, no (serverless)", "Http", "GET /simple", `403  {"message":"Forbidden"}`},
		{"yes or no without a source, yes (serverless)", "Http", "GET /simple Authorization: secretToken", in},
		{"a policy without a source, denied (serverless)", "Http", "GET /policy", `403  {"message":"Forbidden"}`},
		{"a policy without a source, allowed (serverless)", "Http", "GET /policy Authorization: secretToken", in},
		{"a route that is not there (serverless)", "Http", "GET /nowhere", `404  {"message":"Not Found"}`},
		{"a method that is not there (serverless)", "Http", "PUT /open", `404  {"message":"Not Found"}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			assert.Equal(t, tt.want, answered(doors[tt.api], tt.request))
		})
	}

	t.Run("what an allowed request leaves in the event", func(t *testing.T) {
		var got struct {
			Headers        map[string]string
			RequestContext struct{ Authorizer any }
		}
		for _, tt := range []struct{ name, api, request, want string }{
			{"REST: the context as text, and the principal (aws-lambda-dotnet RestApiTests, chalice)", "Rest", "GET /s/token Authorization: allow",
				`{"principalId":"p1","foo":"bar","number":"42","yes":"true","integrationLatency":0}`},
			{"HTTP API 2.0: with its types (aws-lambda-dotnet NonStringAuthorizerTests)", "Http", "GET /simple Authorization: secretToken", `{"lambda":{"number":42,"yes":true}}`},
			{"no authorizer (floci)", "Http", "GET /open", `null`},
		} {
			t.Run(tt.name, func(t *testing.T) {
				require.Equal(t, in, answered(doors[tt.api], tt.request))
				got.RequestContext.Authorizer = nil
				require.NoError(t, json.Unmarshal([]byte(event), &got))
				authorizer, err := json.Marshal(got.RequestContext.Authorizer)
				require.NoError(t, err)
				assert.JSONEq(t, tt.want, string(authorizer))
				if tt.api == "Rest" {
					assert.Equal(t, "allow", got.Headers["Authorization"], "the header is still there (serverless)")
				}
			})
		}
	})
	t.Run("headers", func(t *testing.T) {
		head := func(api, request string) http.Header { return answer(doors[api], request).Header() }
		internal := head("Rest", "GET /s/forbidden")
		for name, want := range map[string]string{"Content-Type": "application/json", "Content-Length": "36", "X-Amzn-Trace-Id": ""} {
			assert.Equal(t, want, internal.Get(name), "%s of an error (localstack header_remapping)", name)
		}
		for _, name := range []string{"x-amzn-RequestId", "x-amz-apigw-id"} {
			assert.NotEmpty(t, internal[name], "%s of an error (localstack header_remapping)", name)
		}
		assert.Empty(t, head("Rest", "GET /s/mock").Get("X-Amzn-Trace-Id"), "of a mock (localstack test_invocation_trace_id)")
		assert.NotEmpty(t, head("Rest", "GET /s/open").Get("X-Amzn-Trace-Id"), "of a function (localstack test_invocation_trace_id)")
		assert.Equal(t, "*", head("Rest", "GET /s/signed").Get("Access-Control-Allow-Origin"), "of a gateway response (serverless-application-model test_api_with_gateway_responses)")
		whole := head("Keyed", "GET /s/malformed?q=v Accept: a/b")
		assert.Equal(t, []string{"a/b", "v"}, []string{whole.Get("X-A"), whole.Get("X-Q")}, "of DEFAULT_5XX (localstack test_gateway_response_put)")
		own := head("Keyed", "GET /s/key?q=v Authorization: broken")
		assert.Equal(t, []string{"own", ""}, []string{own.Get("X-A"), own.Get("X-Q")}, "of a type that is set (localstack)")
	})
}

// answer sends a request, "GET /a X: y -- body".
func answer(h http.Handler, request string) *httptest.ResponseRecorder {
	head, body, _ := strings.Cut(request, " -- ")
	words := strings.Fields(head)
	r := httptest.NewRequest(words[0], words[1], strings.NewReader(body))
	for i := 2; i+1 < len(words); i += 2 {
		r.Header.Set(strings.TrimSuffix(words[i], ":"), words[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// answered is the status, the type of the error and the body.
func answered(h http.Handler, request string) string {
	w := answer(h, request)
	kind := strings.Join(map[string][]string(w.Header())["x-amzn-ErrorType"], "") // as it is spelled on the wire
	return strings.Join([]string{strconv.Itoa(w.Code), kind, w.Body.String()}, " ")
}
