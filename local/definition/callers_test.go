package definition_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/local/authorize"
	"github.com/lambridge-go/lambridge/local/definition"
	"github.com/lambridge-go/lambridge/local/gateway"
)

// A caller who is fixed takes the place of an authorizer, and of nothing else: a resource
// policy that only denies is no hindrance where a function or IAM decides, and has to allow
// what a user pool lets in.
func TestFixedCallersAndPolicies(t *testing.T) {
	dir := project(t, "api.yaml", `
openapi: 3.0.1
info: {title: policy, version: '1'}
servers: [{url: 'https://api.example/prod'}]
x-amazon-apigateway-policy:
  Version: '2012-10-17'
  Statement: [{Effect: Deny, Principal: '*', Action: execute-api:Invoke, Resource: execute-api:/prod/GET/denied}]
components:
  securitySchemes:
    judge: {type: apiKey, name: Authorization, in: header, x-amazon-apigateway-authtype: custom, x-amazon-apigateway-authorizer: {type: token, authorizerUri: 'arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:123456789012:function:judge/invocations'}}
    pool: {type: apiKey, name: Authorization, in: header, x-amazon-apigateway-authtype: cognito_user_pools, x-amazon-apigateway-authorizer: {type: cognito_user_pools, providerARNs: ['arn:aws:cognito-idp:us-east-1:123456789012:userpool/us-east-1_A']}}
    iam: {type: apiKey, name: Authorization, in: header, x-amazon-apigateway-authtype: awsSigv4}
paths:
  /judged: {get: {security: [{judge: []}], x-amazon-apigateway-integration: &mock {type: mock, requestTemplates: {application/json: '{"statusCode": 200}'}, responses: {default: {statusCode: 200}}}}}
  /denied: {get: {security: [{judge: []}], x-amazon-apigateway-integration: *mock}}
  /signed: {get: {security: [{iam: []}], x-amazon-apigateway-integration: *mock}}
  /pool: {get: {security: [{pool: []}], x-amazon-apigateway-integration: *mock}}
`)
	plan, err := definition.Load(filepath.Join(dir, "api.yaml"), definition.Options{})
	require.NoError(t, err)
	fixed, err := authorize.Fixed([]byte(`{"principalId":"ann"}`))
	require.NoError(t, err)
	assembly, err := plan.Assemble(echoes, definition.Assembling{Callers: definition.Callers{Fixed: fixed}})
	require.NoError(t, err)
	const refused = `403 {"Message":"User: anonymous is not authorized to perform: execute-api:Invoke on resource: arn:aws:execute-api:us-east-1:********9012:`
	for path, want := range map[string]string{
		"/judged": "200 ", "/signed": "200 ",
		"/denied": refused + plan.APIs[0].ID + `/prod/GET/denied with an explicit deny"}`,
		"/pool":   refused + plan.APIs[0].ID + `/prod/GET/pool"}`,
	} {
		assert.Equal(t, want, ask(assembly.Handlers[0], "GET /prod"+path), path)
	}
}

// Behind a REST API's JWT authorizer claims keep their types, and templates see their JSON:
// documented in rest-api-jwt-authorizer-claims. So they do of a caller who stands in for it.
func TestFixedCallersKeepTypes(t *testing.T) {
	dir := project(t, "api.yaml", `
openapi: 3.0.1
info: {title: types, version: '1'}
servers: [{url: 'https://api.example/prod'}]
components:
  securitySchemes:
    jwt: {type: apiKey, name: Authorization, in: header, x-amazon-apigateway-authorizer: {type: jwt, jwtConfiguration: {defaultAlgorithms: [RS256], issuers: [{issuer: 'https://id.example/', audiences: [a]}]}}}
    pool: {type: apiKey, name: Authorization, in: header, x-amazon-apigateway-authtype: cognito_user_pools, x-amazon-apigateway-authorizer: {type: cognito_user_pools, providerARNs: ['arn:aws:cognito-idp:us-east-1:123456789012:userpool/us-east-1_A']}}
paths:
  /jwt: {get: {security: [{jwt: []}], x-amazon-apigateway-integration: &mock {type: mock, requestTemplates: {application/json: '{"statusCode": 200}'}, responses: {default: {statusCode: 200, responseTemplates: {application/json: '$context.authorizer.claims.sub $context.authorizer.claims.groups'}}}}}}
  /pool: {get: {security: [{pool: []}], x-amazon-apigateway-integration: *mock}}
`)
	plan, err := definition.Load(filepath.Join(dir, "api.yaml"), definition.Options{})
	require.NoError(t, err)
	fixed, err := authorize.Fixed([]byte(`{"claims":{"sub":"ann","groups":["a", "b"]}}`))
	require.NoError(t, err)
	assembly, err := plan.Assemble(echoes, definition.Assembling{Callers: definition.Callers{Fixed: fixed}})
	require.NoError(t, err)
	assert.Equal(t, `200 "ann" ["a","b"]`, ask(assembly.Handlers[0], "GET /prod/jwt"))
	assert.Equal(t, `200 ann a,b`, ask(assembly.Handlers[0], "GET /prod/pool"))
}

// A kind of API that cannot know the caller is refused where it asks for one, and nowhere else.
func TestFixedCallersWhoCannotBeKnown(t *testing.T) {
	dir := project(t, "template.yaml", `
Transform: AWS::Serverless-2016-10-31
Globals: {Function: {Runtime: provided.al2023, Handler: bootstrap, CodeUri: .}}
Resources:
  Signed: {Type: AWS::Serverless::Function, Properties: {FunctionUrlConfig: {AuthType: AWS_IAM}}}
  Open: {Type: AWS::Serverless::Function, Properties: {FunctionUrlConfig: {AuthType: NONE}}}
  Api: {Type: AWS::Serverless::HttpApi, Properties: {Auth: {EnableIamAuthorizer: true, DefaultAuthorizer: AWS_IAM}}}
  Fn: {Type: AWS::Serverless::Function, Properties: {Events: {Get: {Type: HttpApi, Properties: {ApiId: !Ref Api, Method: GET, Path: /notes}}}}}
`)
	plan, err := definition.Load(filepath.Join(dir, "template.yaml"), definition.Options{})
	require.NoError(t, err)
	for _, row := range []struct{ name, caller, signed, api, refused string }{
		{"claims of a token", `{"claims":{"sub":"ann"}}`, "500 ", "200 ", "function URL SignedUrl: the caller of --authorizer-context cannot be one here: authorize: a function URL knows its callers by IAM only"},
		{"a principal", `{"principalId":"ann"}`, "500 ", "200 ", "function URL SignedUrl: the caller of --authorizer-context cannot be one here: authorize: a function URL knows its callers by IAM only"},
		{"an IAM user", `{"iam":{"accessKey":"AKIA","accountId":"1","userId":"AIDA","userArn":"arn:aws:iam::1:user/ann"}}`, "200 ", "200 ", ""},
		{"a block for function URLs", `{"claims":{"sub":"ann"},"url":{"iam":{}}}`, "200 ", "200 ", ""},
		{"a block for function URLs alone", `{"url":{"iam":{}}}`, "200 ", "500 ", "GET /notes: the caller of --authorizer-context cannot be one here: authorize: a caller is known by claims"},
	} {
		t.Run(row.name, func(t *testing.T) {
			fixed, err := authorize.Fixed([]byte(row.caller))
			require.NoError(t, err)
			assembly, err := plan.Assemble(echoes, definition.Assembling{Callers: definition.Callers{Fixed: fixed}})
			require.NoError(t, err)
			for n, door := range plan.Doors() {
				request, want := "GET /", "200 "
				switch {
				case door.Kind == gateway.HTTPAPI:
					request, want = "GET /notes", row.api
				case door.Name == "SignedUrl":
					want = row.signed
				}
				assert.Contains(t, ask(assembly.Handlers[n], request), want, door.Name)
			}
			var refused []string
			for _, note := range assembly.Refused {
				refused = append(refused, note.Name+": "+note.Text)
			}
			if row.refused == "" {
				assert.Empty(t, refused)
				return
			}
			require.Len(t, refused, 1)
			assert.Contains(t, refused[0], row.refused)
		})
	}
}
