package definition_test

import (
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/local/definition"
	"github.com/lambridge-go/lambridge/local/invoke"
)

// A schema that stands in its operation has a name that is nobody else's.
func TestInlineModels(t *testing.T) {
	dir := project(t, "api.yaml", `
openapi: 3.0.1
info: {title: inline, version: '1'}
servers: [{url: 'https://api.example/test'}]
x-amazon-apigateway-request-validators: {body: {validateRequestBody: true}}
x-amazon-apigateway-request-validator: body
components:
  schemas:
    Pet: {type: object, required: [name]}
    Model3: {type: object, required: [three]}
    Model4: {type: object, required: [four]}
paths:
  /inline:
    post:
      requestBody: {content: {application/json: {schema: {type: object, required: [inline]}}}}
      x-amazon-apigateway-integration: &mock
        type: mock
        requestTemplates: {application/json: '{"statusCode": 200}'}
        responses: {default: {statusCode: 200}}
  /other:
    post: {requestBody: {content: {application/json: {schema: {type: object, required: [other]}}}}, x-amazon-apigateway-integration: *mock}
  /named:
    post: {requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Model4'}}}}, x-amazon-apigateway-integration: *mock}
`)
	plan, err := definition.Load(filepath.Join(dir, "api.yaml"), definition.Options{})
	require.NoError(t, err)
	assembly, err := plan.Assemble(echoes, definition.Assembling{})
	require.NoError(t, err)
	require.Empty(t, assembly.Refused)
	for path, want := range map[string]string{"/inline": "inline", "/other": "other", "/named": "four"} {
		for _, property := range []string{"inline", "other", "three", "four"} {
			w := httptest.NewRecorder()
			assembly.Handlers[0].ServeHTTP(w, httptest.NewRequest("POST", "/test"+path, strings.NewReader(`{"`+property+`":1}`)))
			assert.Equal(t, property == want, w.Code == 200, "%s with %s: %d %s", path, property, w.Code, w.Body)
		}
	}
}

// TestNamesOfModels holds that a name which API Gateway refuses is told.
func TestNamesOfModels(t *testing.T) {
	assert.Equal(t, "\nREST API "+`
  model Pet2 {"type":"object"}
  model New-Pet {"type":"object"}
  GET /a -> MOCK
warning api.yaml:3: the API: the schema New-Pet makes a model, whose name may have letters and digits only: API Gateway refuses it
`, "\n"+load(t, definition.Options{}, "api.yaml", `
openapi: 3.0.1
paths: {/a: {get: {x-amazon-apigateway-integration: {type: mock}}}}
components: {schemas: {Pet2: {type: object}, New-Pet: {type: object}}}
`))
}

// What API Gateway passes over in the models of a WebSocket API is told once, however many
// routes have models.
func TestModelsOfAWebSocketAPI(t *testing.T) {
	dir := project(t, "template.yaml", `
Resources:
  Api: {Type: AWS::ApiGatewayV2::Api, Properties: {ProtocolType: WEBSOCKET, RouteSelectionExpression: $request.body.action}}
  Stage: {Type: AWS::ApiGatewayV2::Stage, Properties: {ApiId: !Ref Api, StageName: prod, AutoDeploy: true}}
  Lambda: {Type: AWS::ApiGatewayV2::Integration, Properties: {ApiId: !Ref Api, IntegrationType: AWS_PROXY, IntegrationUri: !Sub "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Fn.Arn}/invocations"}}
  Say: {Type: AWS::ApiGatewayV2::Route, Properties: {ApiId: !Ref Api, RouteKey: say, ModelSelectionExpression: $request.body.action, RequestModels: {say: List}, Target: !Sub "integrations/${Lambda}"}}
  Sing: {Type: AWS::ApiGatewayV2::Route, Properties: {ApiId: !Ref Api, RouteKey: sing, ModelSelectionExpression: $request.body.action, RequestModels: {sing: List}, Target: !Sub "integrations/${Lambda}"}}
  List: {Type: AWS::ApiGatewayV2::Model, Properties: {ApiId: !Ref Api, Name: List, ContentType: application/json, Schema: {type: object, properties: {n: {type: string, format: date}}}}}
  Fn: {Type: AWS::Lambda::Function, Properties: {Code: fn}}
`, "fn/main.go", program)
	plan, err := definition.Load(filepath.Join(dir, "template.yaml"), definition.Options{})
	require.NoError(t, err)
	assembly, err := plan.Assemble(func(*definition.Function) (invoke.Invoker, error) { return accepts{}, nil }, definition.Assembling{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, assembly.Close()) })
	require.Len(t, assembly.Refused, 1)
	assert.Equal(t, "template.yaml:2: WebSocket API Api: API Gateway passes over these keywords of models, and so they are here: model List: properties/n/format", short(assembly.Refused[0]))
}

// minItems is passed over by the import of documents, and by nothing else.
func TestModelsOfATemplate(t *testing.T) {
	dir := project(t, "template.yaml", `
Resources:
  Api: {Type: AWS::ApiGateway::RestApi, Properties: {Name: models}}
  List: {Type: AWS::ApiGateway::Model, Properties: {RestApiId: !Ref Api, Name: List, ContentType: application/json, Schema: {type: array, minItems: 2}}}
  Check: {Type: AWS::ApiGateway::RequestValidator, Properties: {RestApiId: !Ref Api, ValidateRequestBody: true}}
  Post:
    Type: AWS::ApiGateway::Method
    Properties: {RestApiId: !Ref Api, ResourceId: !GetAtt Api.RootResourceId, HttpMethod: POST, AuthorizationType: NONE, RequestValidatorId: !Ref Check, RequestModels: {application/json: !Ref List},
      Integration: {Type: MOCK, RequestTemplates: {application/json: '{"statusCode": 200}'}, IntegrationResponses: [{StatusCode: 200}]}}
  Stage: {Type: AWS::ApiGateway::Stage, Properties: {RestApiId: !Ref Api, StageName: prod, DeploymentId: !Ref Deployment}}
  Deployment: {Type: AWS::ApiGateway::Deployment, Properties: {RestApiId: !Ref Api}}
`)
	plan, err := definition.Load(filepath.Join(dir, "template.yaml"), definition.Options{})
	require.NoError(t, err)
	assembly, err := plan.Assemble(echoes, definition.Assembling{})
	require.NoError(t, err)
	require.Empty(t, assembly.Refused)
	for body, want := range map[string]int{"[1]": 400, "[1,2]": 200} {
		w := httptest.NewRecorder()
		assembly.Handlers[0].ServeHTTP(w, httptest.NewRequest("POST", "/prod", strings.NewReader(body)))
		assert.Equal(t, want, w.Code, body)
	}
}
