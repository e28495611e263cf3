package definition_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/local/definition"
	"github.com/lambridge-go/lambridge/local/invoke"
)

// welcomes is a function that greets whom its event names.
type welcomes struct{}

func (welcomes) Invoke(_ context.Context, payload []byte) ([]byte, error) {
	return fmt.Appendf(nil, `{"hello":%s}`, payload), nil
}

func TestIntegrationsOfAWebSocketAPI(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		fmt.Fprintf(w, "%s %s %s %s", r.Method, r.URL, r.Header.Get("Event"), body)
	}))
	t.Cleanup(server.Close)
	dir := project(t, "template.yaml", `
Resources:
  Api: {Type: AWS::ApiGatewayV2::Api, Properties: {ProtocolType: WEBSOCKET, RouteSelectionExpression: $request.body.action}}
  Stage: {Type: AWS::ApiGatewayV2::Stage, Properties: {ApiId: !Ref Api, StageName: prod, AutoDeploy: true, StageVariables: {path: say}}}
  Mock: {Type: AWS::ApiGatewayV2::Integration, Properties: {ApiId: !Ref Api, IntegrationType: MOCK, TemplateSelectionExpression: "200", RequestTemplates: {"200": '{"statusCode":200}'}}}
  MockResponse: {Type: AWS::ApiGatewayV2::IntegrationResponse, Properties: {ApiId: !Ref Api, IntegrationId: !Ref Mock, IntegrationResponseKey: $default, ResponseTemplates: {$default: "no such action"}}}
  Default: {Type: AWS::ApiGatewayV2::Route, Properties: {ApiId: !Ref Api, RouteKey: $default, RouteResponseSelectionExpression: $default, Target: !Sub "integrations/${Mock}"}}
  DefaultResponse: {Type: AWS::ApiGatewayV2::RouteResponse, Properties: {ApiId: !Ref Api, RouteId: !Ref Default, RouteResponseKey: $default}}
  Say: {Type: AWS::ApiGatewayV2::Route, Properties: {ApiId: !Ref Api, RouteKey: say, RouteResponseSelectionExpression: $default, Target: !Sub "integrations/${Proxy}"}}
  Proxy: {Type: AWS::ApiGatewayV2::Integration, Properties: {ApiId: !Ref Api, IntegrationType: HTTP_PROXY, IntegrationMethod: POST, IntegrationUri: "http://chat.example/${stageVariables.path}", RequestParameters: {integration.request.header.Event: context.eventType}}}
  SayResponse: {Type: AWS::ApiGatewayV2::RouteResponse, Properties: {ApiId: !Ref Api, RouteId: !Ref Say, RouteResponseKey: $default}}
  Lambda: {Type: AWS::ApiGatewayV2::Integration, Properties: {ApiId: !Ref Api, IntegrationType: AWS, TemplateSelectionExpression: '\$default', RequestTemplates: {$default: "$input.json('$.name')"}, IntegrationUri: !Sub "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Fn.Arn}/invocations"}}
  LambdaResponse: {Type: AWS::ApiGatewayV2::IntegrationResponse, Properties: {ApiId: !Ref Api, IntegrationId: !Ref Lambda, IntegrationResponseKey: $default}}
  Greet: {Type: AWS::ApiGatewayV2::Route, Properties: {ApiId: !Ref Api, RouteKey: greet, RouteResponseSelectionExpression: $default, Target: !Sub "integrations/${Lambda}"}}
  GreetResponse: {Type: AWS::ApiGatewayV2::RouteResponse, Properties: {ApiId: !Ref Api, RouteId: !Ref Greet, RouteResponseKey: $default}}
  Fn: {Type: AWS::Lambda::Function, Properties: {Code: fn}}
`, "fn/main.go", program)
	plan, err := definition.Load(filepath.Join(dir, "template.yaml"), definition.Options{})
	require.NoError(t, err)
	assembly, err := plan.Assemble(func(*definition.Function) (invoke.Invoker, error) { return welcomes{}, nil }, definition.Assembling{
		Backends: map[string]string{"chat.example": server.Listener.Addr().String()},
	})
	require.NoError(t, err)
	require.Empty(t, assembly.Refused)
	api := httptest.NewServer(assembly.Handlers[0])
	t.Cleanup(api.Close)
	c, _, err := websocket.Dial(t.Context(), api.URL+"/prod", nil)
	require.NoError(t, err)
	defer c.CloseNow()
	for _, row := range []struct{ name, message, want string }{
		{"a mock answers what is not understood", `{"action":"dance"}`, "no such action"},
		{"an HTTP proxy", `{"action":"say"}`, `POST /say MESSAGE {"action":"say"}`},
		{"a function with templates", `{"action":"greet","name":"ann"}`, `{"hello":"ann"}`},
	} {
		t.Run(row.name, func(t *testing.T) {
			require.NoError(t, c.Write(t.Context(), websocket.MessageText, []byte(row.message)))
			_, got, err := c.Read(t.Context())
			require.NoError(t, err)
			assert.Equal(t, row.want, string(got))
		})
	}
}

func TestKeysAndThrottlesOfAWebSocketAPI(t *testing.T) {
	dir := project(t, "template.yaml", `
Resources:
  Api: {Type: AWS::ApiGatewayV2::Api, Properties: {ProtocolType: WEBSOCKET, RouteSelectionExpression: $request.body.action, ApiKeySelectionExpression: $request.header.x-api-key}}
  Stage: {Type: AWS::ApiGatewayV2::Stage, Properties: {ApiId: !Ref Api, StageName: prod, AutoDeploy: true, RouteSettings: {$default: {ThrottlingRateLimit: 0.001, ThrottlingBurstLimit: 1}}}}
  Lambda: {Type: AWS::ApiGatewayV2::Integration, Properties: {ApiId: !Ref Api, IntegrationType: AWS_PROXY, IntegrationUri: !Sub "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Fn.Arn}/invocations"}}
  Connect: {Type: AWS::ApiGatewayV2::Route, Properties: {ApiId: !Ref Api, RouteKey: $connect, ApiKeyRequired: true, Target: !Sub "integrations/${Lambda}"}}
  Default: {Type: AWS::ApiGatewayV2::Route, Properties: {ApiId: !Ref Api, RouteKey: $default, Target: !Sub "integrations/${Lambda}"}}
  Key: {Type: AWS::ApiGateway::ApiKey, Properties: {Name: ann, Enabled: true, Value: 0123456789abcdefghij}}
  Plan: {Type: AWS::ApiGateway::UsagePlan, Properties: {UsagePlanName: all, ApiStages: [{ApiId: !Ref Api, Stage: prod}]}}
  PlanKey: {Type: AWS::ApiGateway::UsagePlanKey, Properties: {UsagePlanId: !Ref Plan, KeyId: !Ref Key, KeyType: API_KEY}}
  Fn: {Type: AWS::Lambda::Function, Properties: {Code: fn}}
`, "fn/main.go", program)
	plan, err := definition.Load(filepath.Join(dir, "template.yaml"), definition.Options{})
	require.NoError(t, err)
	assembly, err := plan.Assemble(func(*definition.Function) (invoke.Invoker, error) { return accepts{}, nil }, definition.Assembling{})
	require.NoError(t, err)
	require.Empty(t, assembly.Refused)
	api := httptest.NewServer(assembly.Handlers[0])
	t.Cleanup(api.Close)
	_, response, err := websocket.Dial(t.Context(), api.URL+"/prod", nil)
	require.Error(t, err)
	assert.Equal(t, 403, response.StatusCode, "a handshake without a key")
	c, _, err := websocket.Dial(t.Context(), api.URL+"/prod", &websocket.DialOptions{HTTPHeader: http.Header{"X-Api-Key": {"0123456789abcdefghij"}}})
	require.NoError(t, err)
	defer c.CloseNow()
	for range 2 {
		require.NoError(t, c.Write(t.Context(), websocket.MessageText, []byte("hello")))
	}
	_, got, err := c.Read(t.Context())
	require.NoError(t, err)
	assert.Contains(t, string(got), "Too Many Requests", "to the second message")
}

// accepts is a function that has nothing to say.
type accepts struct{}

func (accepts) Invoke(context.Context, []byte) ([]byte, error) {
	return []byte(`{"statusCode":200}`), nil
}
