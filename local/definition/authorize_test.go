package definition_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"maps"
	"math/big"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/local/authorize"
	"github.com/lambridge-go/lambridge/local/definition"
	"github.com/lambridge-go/lambridge/local/gateway"
	"github.com/lambridge-go/lambridge/local/invoke"
)

// guarded is a template with a REST API and an HTTP API, in which everything that may
// stand in a request's way does.
const guarded = `
AWSTemplateFormatVersion: '2010-09-09'
Transform: AWS::Serverless-2016-10-31
Resources:
  Rest:
    Type: AWS::Serverless::Api
    Properties:
      StageName: prod
      DefinitionBody:
        openapi: 3.0.1
        info: {title: rest, version: '1'}
        x-amazon-apigateway-request-validators:
          all: {validateRequestBody: true, validateRequestParameters: true}
        x-amazon-apigateway-gateway-responses:
          DEFAULT_4XX:
            responseParameters: {gatewayresponse.header.Access-Control-Allow-Origin: "'*'"}
          UNAUTHORIZED: {statusCode: 418, responseTemplates: {application/json: '{"who":"$context.error.message"}'}}
        components:
          securitySchemes:
            token:
              type: apiKey
              name: Authorization
              in: header
              x-amazon-apigateway-authtype: custom
              x-amazon-apigateway-authorizer:
                type: token
                authorizerUri: !Sub 'arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${Judge.Arn}/invocations'
            key: {type: apiKey, name: x-api-key, in: header}
            iam: {type: apiKey, name: Authorization, in: header, x-amazon-apigateway-authtype: awsSigv4}
          schemas:
            Pet: {type: object, required: [name], properties: {name: {type: string}, owner: {$ref: '#/components/schemas/Owner'}}}
            Owner: {type: object, required: [id]}
        paths:
          /judged:
            get:
              security: [{token: []}]
              x-amazon-apigateway-integration: &fn
                type: aws_proxy
                httpMethod: POST
                uri: !Sub 'arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${Fn.Arn}/invocations'
          /keyed:
            get: {security: [{key: []}], x-amazon-apigateway-integration: *fn}
          /signed:
            get: {security: [{iam: []}], x-amazon-apigateway-integration: *fn}
          /pets:
            post:
              x-amazon-apigateway-request-validator: all
              parameters: [{name: q, in: query, required: true, schema: {type: string}}]
              requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}}
              x-amazon-apigateway-integration: *fn
  Http:
    Type: AWS::Serverless::HttpApi
    Properties:
      Auth:
        DefaultAuthorizer: Id
        Authorizers:
          Id:
            IdentitySource: $request.header.Authorization
            JwtConfiguration: {issuer: 'https://id.example.com/', audience: [notes]}
  Fn:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: .
      Handler: bootstrap
      Runtime: provided.al2023
      Events:
        Notes: {Type: HttpApi, Properties: {ApiId: !Ref Http, Path: /notes, Method: get}}
  Judge:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: ., Handler: bootstrap, Runtime: provided.al2023}
  Talk:
    Type: AWS::ApiGatewayV2::Api
    Properties: {Name: talk, ProtocolType: WEBSOCKET, RouteSelectionExpression: $request.body.action}
  TalkJudge:
    Type: AWS::ApiGatewayV2::Authorizer
    Properties:
      ApiId: !Ref Talk
      Name: judge
      AuthorizerType: REQUEST
      AuthorizerUri: !Sub 'arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${Judge.Arn}/invocations'
      IdentitySource: [route.request.querystring.token]
  TalkFn:
    Type: AWS::ApiGatewayV2::Integration
    Properties:
      ApiId: !Ref Talk
      IntegrationType: AWS_PROXY
      IntegrationUri: !Sub 'arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${Fn.Arn}/invocations'
  Connect:
    Type: AWS::ApiGatewayV2::Route
    Properties: {ApiId: !Ref Talk, RouteKey: $connect, AuthorizationType: CUSTOM, AuthorizerId: !Ref TalkJudge, Target: !Sub 'integrations/${TalkFn}'}
  TalkStage:
    Type: AWS::ApiGatewayV2::Stage
    Properties: {ApiId: !Ref Talk, StageName: live, AutoDeploy: true}
`

// judge is an authorizer function that lets those in who say "allow".
type judge struct{}

func (judge) Invoke(_ context.Context, payload []byte) ([]byte, error) {
	var event struct {
		AuthorizationToken, MethodARN string
		QueryStringParameters         map[string]string
	}
	if err := json.Unmarshal(payload, &event); err != nil {
		return nil, err
	}
	effect := "Deny"
	if event.AuthorizationToken == "allow" || event.QueryStringParameters["token"] == "allow" {
		effect = "Allow"
	}
	return json.Marshal(map[string]any{"principalId": "p1", "policyDocument": map[string]any{
		"Version": "2012-10-17", "Statement": []any{map[string]any{"Action": "execute-api:Invoke", "Effect": effect, "Resource": event.MethodARN}},
	}})
}

// issuer makes a key set, and signs tokens by it: for "notes", with more claims or others.
func issuer(t *testing.T) (set []byte, sign func(jwt.MapClaims) string) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	set, err = json.Marshal(map[string]any{"keys": []any{map[string]string{"kty": "RSA", "kid": "k1",
		"n": base64.RawURLEncoding.EncodeToString(key.N.Bytes()), "e": base64.RawURLEncoding.EncodeToString(big.NewInt(int64(key.E)).Bytes())}}})
	require.NoError(t, err)
	return set, func(claims jwt.MapClaims) string {
		all := jwt.MapClaims{"iss": "https://id.example.com/", "aud": "notes", "exp": time.Now().Add(time.Hour).Unix()}
		maps.Copy(all, claims)
		token := jwt.NewWithClaims(jwt.SigningMethodRS256, all)
		token.Header["kid"] = "k1"
		text, err := token.SignedString(key)
		require.NoError(t, err)
		return text
	}
}

func TestAuthorizersOfDefinitions(t *testing.T) {
	set, sign := issuer(t)
	folder := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(folder, "keys.json"), set, 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(folder, "template.yaml"), []byte(guarded), 0o600))

	plan, err := definition.Load(filepath.Join(folder, "template.yaml"), definition.Options{})
	require.NoError(t, err)
	functions := func(f *definition.Function) (invoke.Invoker, error) {
		if f.LogicalID == "Judge" {
			return judge{}, nil
		}
		return echoes(f)
	}
	put := func(c definition.Callers) *definition.Assembly {
		assembly, err := plan.Assemble(functions, definition.Assembling{Callers: c})
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, assembly.Close()) })
		return assembly
	}
	assembly := put(definition.Callers{
		Keys:    authorize.NewKeys(authorize.KeyOptions{Sets: map[string]string{"https://id.example.com/": filepath.Join(folder, "keys.json")}}),
		APIKeys: []authorize.APIKey{{Name: "web", Value: "0123456789abcdefghij"}},
	})
	require.Empty(t, assembly.Refused)
	handler := func(kind gateway.Kind) int {
		for n, api := range plan.APIs {
			if api.Kind == kind {
				return n
			}
		}
		return -1
	}
	rest, http := handler(gateway.RESTAPI), handler(gateway.HTTPAPI)

	for _, row := range []struct {
		name, request string
		door          int
		want          string // how it begins
	}{
		{"a Lambda authorizer allows", "GET /prod/judged Authorization: allow", rest, "200 fn=Fn"},
		{"a Lambda authorizer denies", "GET /prod/judged Authorization: deny", rest, `403 {"message":"User is not authorized to access this resource with an explicit deny`},
		{"a gateway response of its own", "GET /prod/judged", rest, `418 {"who":"Unauthorized"}`},
		{"an API key is missing", "GET /prod/keyed", rest, `403 {"message":"Forbidden"}`},
		{"an API key", "GET /prod/keyed X-Api-Key: 0123456789abcdefghij", rest, "200 fn=Fn"},
		{"an unsigned request", "GET /prod/signed", rest, `403 {"message":"Missing Authentication Token"}`},
		{"a parameter is missing", "POST /prod/pets", rest, `400 {"message":"Missing required request parameters: [q]"}`},
		{"a body that does not fit", "POST /prod/pets?q=1", rest, `400 {"message":"Invalid request body"}`},
		{"a token", "GET /notes Authorization: " + sign(nil), http, "200 fn=Fn"},
		{"a token for somebody else", "GET /notes Authorization: " + sign(jwt.MapClaims{"aud": "x"}), http, `401 {"message":"Unauthorized"}`},
		{"no token", "GET /notes", http, `401 {"message":"Unauthorized"}`},
	} {
		t.Run(row.name, func(t *testing.T) {
			got := ask(assembly.Handlers[row.door], row.request)
			assert.True(t, strings.HasPrefix(got, row.want), "%s\nbegins with\n%s", got, row.want)
		})
	}
	t.Run("DEFAULT_4XX has its header everywhere", func(t *testing.T) {
		w := httptest.NewRecorder()
		assembly.Handlers[rest].ServeHTTP(w, httptest.NewRequest("GET", "/prod/keyed", nil))
		assert.Equal(t, []string{"*"}, w.Header()["Access-Control-Allow-Origin"])
	})
	t.Run("models refer to each other", func(t *testing.T) {
		r := httptest.NewRequest("POST", "/prod/pets?q=1", strings.NewReader(`{"name":"Rex","owner":{}}`))
		w := httptest.NewRecorder()
		assembly.Handlers[rest].ServeHTTP(w, r)
		assert.Equal(t, 400, w.Code)
		r = httptest.NewRequest("POST", "/prod/pets?q=1", strings.NewReader(`{"name":"Rex","owner":{"id":1}}`))
		w = httptest.NewRecorder()
		assembly.Handlers[rest].ServeHTTP(w, r)
		assert.Equal(t, 200, w.Code)
	})
	t.Run("a handshake of the WebSocket API", func(t *testing.T) {
		doors := plan.Doors()
		at := slices.IndexFunc(doors, func(d definition.Door) bool { return d.Kind == gateway.WebSocketAPI })
		require.GreaterOrEqual(t, at, 0)
		server := httptest.NewServer(assembly.Handlers[at])
		t.Cleanup(server.Close)
		for target, want := range map[string]int{"/live": 401, "/live?token=deny": 403, "/live?token=allow": 101} {
			c, response, err := websocket.Dial(t.Context(), server.URL+target, nil)
			if err == nil {
				c.CloseNow()
			}
			require.NotNil(t, response)
			assert.Equal(t, want, response.StatusCode, target)
		}
	})
	t.Run("a caller who is fixed takes the place of authorizers", func(t *testing.T) {
		fixed, err := authorize.Fixed([]byte(`{"claims":{"sub":"u1"}}`))
		require.NoError(t, err)
		assembly := put(definition.Callers{Fixed: fixed})
		for door, request := range map[int]string{rest: "GET /prod/judged", http: "GET /notes"} {
			assert.Contains(t, ask(assembly.Handlers[door], request), "200 fn=Fn")
		}
		assert.Contains(t, ask(assembly.Handlers[rest], "GET /prod/keyed"), "403")
		require.Len(t, assembly.Refused, 1)
		assert.Contains(t, assembly.Refused[0].Text, "--api-key NAME=VALUE")
	})
}

// A REST API's JWT authorizer reads the same configuration in a document and in a template,
// whose names begin with a capital, and takes the token from the header that the security
// scheme names.
func TestJWTOfRESTAPIs(t *testing.T) {
	set, sign := issuer(t)
	const document = `
openapi: 3.0.1
info: {title: jwt, version: '1'}
servers: [{url: 'https://api.example/prod'}]
components:
  securitySchemes:
    jwt:
      type: apiKey
      name: X-Token
      in: header
      x-amazon-apigateway-authorizer:
        type: jwt
        jwtConfiguration:
          defaultAlgorithms: [RS256]
          issuers:
          - {issuer: 'https://id.example.com/', audiences: [notes], additionalClaims: [{claimName: tier, format: FORMAT, expectedValues: [gold], required: true}]}
paths:
  /notes:
    get:
      security: [{jwt: [read]}]
      x-amazon-apigateway-integration: {type: aws_proxy, httpMethod: POST, uri: 'FN'}
`
	const template = `
Resources:
  Api: {Type: AWS::ApiGateway::RestApi, Properties: {Name: jwt}}
  Notes: {Type: AWS::ApiGateway::Resource, Properties: {RestApiId: !Ref Api, ParentId: !GetAtt Api.RootResourceId, PathPart: notes}}
  Get: {Type: AWS::ApiGateway::Method, Properties: {RestApiId: !Ref Api, ResourceId: !Ref Notes, HttpMethod: GET, AuthorizationType: JWT, AuthorizerId: !Ref Jwt, AuthorizationScopes: [read],
    Integration: {Type: AWS_PROXY, IntegrationHttpMethod: POST, Uri: !Sub 'arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Fn.Arn}/invocations'}}}
  Jwt: {Type: AWS::ApiGateway::Authorizer, Properties: {RestApiId: !Ref Api, Name: jwt, Type: JWT, IdentitySource: method.request.header.X-Token,
    JwtConfiguration: {DefaultAlgorithms: [RS256], Issuers: [{Issuer: 'https://id.example.com/', Audiences: [notes], AdditionalClaims: [{ClaimName: tier, Format: FORMAT, ExpectedValues: [gold], Required: true}]}]}}}
  Stage: {Type: AWS::ApiGateway::Stage, Properties: {RestApiId: !Ref Api, StageName: prod, DeploymentId: !Ref Deployment}}
  Deployment: {Type: AWS::ApiGateway::Deployment, Properties: {RestApiId: !Ref Api}}
  Fn: {Type: AWS::Lambda::Function, Properties: {Code: fn}}
`
	for _, definitionOf := range []struct{ name, text string }{{"a document", strings.Replace(document, "FN", fn, 1)}, {"a template", template}} {
		assembled := func(t *testing.T, format string) *definition.Assembly {
			dir := project(t, "api.yaml", strings.Replace(definitionOf.text, "FORMAT", format, 1), "fn/main.go", program, "keys.json", string(set))
			plan, err := definition.Load(filepath.Join(dir, "api.yaml"), definition.Options{})
			require.NoError(t, err)
			require.Equal(t, gateway.RESTAPI, plan.APIs[0].Kind)
			keys := authorize.NewKeys(authorize.KeyOptions{Sets: map[string]string{"https://id.example.com/": filepath.Join(dir, "keys.json")}})
			assembly, err := plan.Assemble(echoes, definition.Assembling{Callers: definition.Callers{Keys: keys}})
			require.NoError(t, err)
			return assembly
		}
		t.Run(definitionOf.name, func(t *testing.T) {
			assembly := assembled(t, "SINGLE_STRING")
			require.Empty(t, assembly.Refused)
			const unauthorized = `401 {"message":"Unauthorized"}`
			for _, row := range []struct{ name, header, want string }{
				{"a token that fits", "X-Token: " + sign(jwt.MapClaims{"tier": "gold", "scope": "read"}), "200 "},
				{"in another header", "Authorization: " + sign(jwt.MapClaims{"tier": "gold", "scope": "read"}), unauthorized},
				{"without the claim", "X-Token: " + sign(jwt.MapClaims{"scope": "read"}), unauthorized},
				{"with another value of it", "X-Token: " + sign(jwt.MapClaims{"tier": "Gold", "scope": "read"}), unauthorized},
				{"for somebody else", "X-Token: " + sign(jwt.MapClaims{"tier": "gold", "scope": "read", "aud": "x"}), unauthorized},
				{"without the scope", "X-Token: " + sign(jwt.MapClaims{"tier": "gold"}), "403 "},
			} {
				got := ask(assembly.Handlers[0], "GET /prod/notes "+row.header)
				assert.True(t, strings.HasPrefix(got, row.want), "%s: %s", row.name, got)
			}
		})
		t.Run(definitionOf.name+" with a format that there is not", func(t *testing.T) {
			assembly := assembled(t, "LIST")
			require.Len(t, assembly.Refused, 1)
			assert.Contains(t, assembly.Refused[0].Text, `the JWT configuration asks for the claim "tier" in the format "LIST", and SINGLE_STRING is the only one`)
		})
	}
}
