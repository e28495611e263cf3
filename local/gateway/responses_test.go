package gateway_test

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/local/gateway"
	"github.com/lambridge-go/lambridge/local/invoke"
)

// An asked is an API's answer, without the headers that all of its answers have.
type asked struct {
	status int
	header map[string]string
	body   string
}

// put puts a request to an API whose function answers 200, and tells the event.
func put(t *testing.T, api gateway.API, r *http.Request) (answer asked, event map[string]any) {
	t.Helper()
	api.Default = gateway.Lambda(lambdaFunc(func(_ context.Context, payload []byte) ([]byte, error) {
		require.NoError(t, json.Unmarshal(payload, &event))
		return []byte(`{"statusCode":200,"body":"in"}`), nil
	}), gateway.LambdaOptions{})
	g, err := gateway.New(api, gateway.Options{Now: func() time.Time { return time.Date(2026, 11, 27, 4, 30, 0, 0, time.UTC) }})
	require.NoError(t, err)
	w := httptest.NewRecorder()
	g.ServeHTTP(w, r)
	answer = asked{w.Code, map[string]string{}, w.Body.String()}
	for name, values := range w.Header() {
		answer.header[name] = strings.Join(values, "|")
	}
	maps.DeleteFunc(answer.header, func(name, _ string) bool {
		return strings.HasPrefix(name, "x-amz") && name != "x-amzn-ErrorType" || name == "Connection" || name == "Content-Length" || name == "X-Amzn-Trace-Id"
	})
	return answer, event
}

// denies is an authorizer that turns everybody down.
func denies(d *gateway.Denied) gateway.Authorizer {
	return gateway.AuthorizerFunc(func(context.Context, *gateway.Arrival) (gateway.Authorization, error) {
		return gateway.Authorization{}, d
	})
}

func restWith(responses gateway.Responses, authorizer gateway.Authorizer) gateway.API {
	return gateway.API{
		Kind: gateway.RESTAPI, Responses: responses, StageVariables: map[string]string{"a": "variable"},
		Routes: []gateway.Route{{Key: "GET /pets/{petId}", Authorizer: authorizer}},
	}
}

func TestResponses(t *testing.T) {
	const asJSON = "application/json"
	unauthorized := denies(&gateway.Denied{Type: gateway.Unauthorized})
	crash := denies(&gateway.Denied{Type: gateway.AuthorizerConfigurationError})
	header := map[string]string{"gatewayresponse.header.Access-Control-Allow-Origin": "'*'"}
	for _, row := range []struct {
		name       string
		responses  gateway.Responses
		authorizer gateway.Authorizer
		target     string
		accept     string
		want       asked
	}{
		{"none: the API's own words", nil, unauthorized, "/pets/1", "",
			asked{401, map[string]string{"Content-Type": asJSON, "x-amzn-ErrorType": "UnauthorizedException"}, `{"message":"Unauthorized"}`}},
		{"a header alone keeps status and template (docs/authorizers.md: AUTHORIZER_FAILURE)", gateway.Responses{gateway.Unauthorized: {Parameters: header}}, unauthorized, "/pets/1", "",
			asked{401, map[string]string{"Content-Type": asJSON, "x-amzn-ErrorType": "UnauthorizedException", "Access-Control-Allow-Origin": "*"}, `{"message":"Unauthorized"}`}},
		{"IAM without a signature (docs/authorizers.md: serverless-application-model test_api_with_gateway_responses)",
			gateway.Responses{gateway.MissingAuthenticationToken: {Parameters: header}}, denies(&gateway.Denied{Type: gateway.MissingAuthenticationToken}), "/pets/1", "",
			asked{403, map[string]string{"Content-Type": asJSON, "x-amzn-ErrorType": "MissingAuthenticationTokenException", "Access-Control-Allow-Origin": "*"},
				`{"message":"Missing Authentication Token"}`}},
		{"a status alone", gateway.Responses{gateway.Unauthorized: {Status: 418}}, unauthorized, "/pets/1", "",
			asked{418, map[string]string{"Content-Type": asJSON, "x-amzn-ErrorType": "UnauthorizedException"}, `{"message":"Unauthorized"}`}},
		{"DEFAULT_5XX applies whole (docs/authorizers.md)", gateway.Responses{gateway.Default5XX: {Status: 599, Parameters: header,
			Templates: map[string]string{asJSON: `{"type":"$context.error.responseType"}`}}}, crash, "/pets/1", "",
			asked{599, map[string]string{"Content-Type": asJSON, "x-amzn-ErrorType": "AuthorizerConfigurationException", "Access-Control-Allow-Origin": "*"},
				`{"type":"AUTHORIZER_CONFIGURATION_ERROR"}`}},
		{"a type that is set takes nothing from DEFAULT_5XX (docs/authorizers.md)",
			gateway.Responses{gateway.Default5XX: {Status: 599}, gateway.AuthorizerConfigurationError: {Parameters: header}}, crash, "/pets/1", "",
			asked{500, map[string]string{"Content-Type": asJSON, "x-amzn-ErrorType": "AuthorizerConfigurationException", "Access-Control-Allow-Origin": "*"}, `{"message":null}`}},
		{"DEFAULT_5XX says nothing of 4XX", gateway.Responses{gateway.Default5XX: {Status: 599}}, unauthorized, "/pets/1", "",
			asked{401, map[string]string{"Content-Type": asJSON, "x-amzn-ErrorType": "UnauthorizedException"}, `{"message":"Unauthorized"}`}},
		{"a path without a method counts as MISSING_AUTHENTICATION_TOKEN", gateway.Responses{gateway.MissingAuthenticationToken: {Status: 404}}, nil, "/nowhere", "",
			asked{404, map[string]string{"Content-Type": asJSON, "x-amzn-ErrorType": "MissingAuthenticationTokenException"}, `{"message":"Missing Authentication Token"}`}},
		{"the words of a denial, without its capital", gateway.Responses{gateway.Default4XX: {Parameters: header}}, denies(&gateway.Denied{Message: `"no"`}), "/pets/1", "",
			asked{403, map[string]string{"Content-Type": asJSON, "x-amzn-ErrorType": "AccessDeniedException", "Access-Control-Allow-Origin": "*"}, `{"message":"\"no\""}`}},
		{"sources and variables (docs/authorizers.md)", gateway.Responses{gateway.Unauthorized: {
			Parameters: map[string]string{
				"gatewayresponse.header.x-path": "method.request.path.petId", "gatewayresponse.header.x-query": "method.request.querystring.q",
				"gatewayresponse.header.x-accept": "method.request.header.accept", "gatewayresponse.header.x-stage": "context.stage",
				"gatewayresponse.header.x-variable": "stageVariables.a", "gatewayresponse.header.x-none": "method.request.querystring.z",
			},
			Templates: map[string]string{asJSON: `{"m":$context.error.messageString,"t":"$context.error.responseType","s":"$context.stage","r":"$context.resourcePath",` +
				`"a":"$stageVariables.a","ip":"$context.identity.sourceIp","q":"$method.request.querystring.q","none":"$context.nothing.here","dollar":"$5 $input.body","end":"$context.error.message."}`},
		}}, unauthorized, "/pets/a%20b?q=1&q=2", "text/html",
			asked{401, map[string]string{"Content-Type": asJSON, "x-amzn-ErrorType": "UnauthorizedException", "x-path": "a b", "x-query": "2", "x-accept": "text/html",
				"x-stage": "prod", "x-variable": "variable"},
				`{"m":"Unauthorized","t":"UNAUTHORIZED","s":"prod","r":"/pets/{petId}","a":"variable","ip":"192.0.2.1","q":"2","none":"","dollar":"$5 $input.body","end":"Unauthorized."}`}},
		{"the template of a type that the client accepts", gateway.Responses{gateway.Unauthorized: {Templates: map[string]string{asJSON: "{}", "application/xml": "<m>$context.error.message</m>"}}},
			unauthorized, "/pets/1", "text/html, application/xml;q=0.9",
			asked{401, map[string]string{"Content-Type": "application/xml", "x-amzn-ErrorType": "UnauthorizedException"}, `<m>Unauthorized</m>`}},
		{"and JSON for one that accepts none", gateway.Responses{gateway.Unauthorized: {Templates: map[string]string{asJSON: "{}", "application/xml": "<m/>"}}}, unauthorized, "/pets/1", "text/html",
			asked{401, map[string]string{"Content-Type": asJSON, "x-amzn-ErrorType": "UnauthorizedException"}, `{}`}},
	} {
		t.Run(row.name, func(t *testing.T) {
			r := httptest.NewRequest("GET", row.target, nil)
			if row.accept != "" {
				r.Header.Set("Accept", row.accept)
			}
			got, _ := put(t, restWith(row.responses, row.authorizer), r)
			assert.Equal(t, row.want, got)
		})
	}
	t.Run("a function that fails counts as DEFAULT_5XX", func(t *testing.T) {
		g, err := gateway.New(gateway.API{Kind: gateway.RESTAPI, Responses: gateway.Responses{gateway.Default5XX: {Parameters: header}},
			Default: gateway.Lambda(fails(&invoke.Error{Type: "Error"}), gateway.LambdaOptions{})}, gateway.Options{})
		require.NoError(t, err)
		w := httptest.NewRecorder()
		g.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
		assert.Equal(t, 502, w.Code)
		assert.Equal(t, "*", w.Header().Get("Access-Control-Allow-Origin"))
	})
}

func TestResponsesCheck(t *testing.T) {
	for _, row := range []struct {
		name string
		api  gateway.API
		want string
	}{
		{"an unknown type (docs/authorizers.md)", restWith(gateway.Responses{"TEAPOT": {}}, nil), `gateway: Responses has the type "TEAPOT"`},
		{"a status that is none", restWith(gateway.Responses{gateway.Unauthorized: {Status: 1000}}, nil), "the gateway response UNAUTHORIZED has the status 1000"},
		{"no header", restWith(gateway.Responses{gateway.Unauthorized: {Parameters: map[string]string{"gatewayresponse.path.x": "'a'"}}}, nil), `sets "gatewayresponse.path.x", which is no gatewayresponse.header`},
		{"no source", restWith(gateway.Responses{gateway.Unauthorized: {Parameters: map[string]string{"gatewayresponse.header.x": "*"}}}, nil), `from "*", which is no source`},
		{"an HTTP API", gateway.API{Kind: gateway.HTTPAPI, Responses: gateway.Responses{gateway.Unauthorized: {}}}, "HTTP APIs have no gateway Responses"},
	} {
		row.api.Default = gateway.Lambda(nil, gateway.LambdaOptions{})
		assert.ErrorContains(t, row.api.Check(), row.want, row.name)
	}
}

// Gateway responses are deployed to a stage, and say nothing of paths that have none.
func TestResponsesOutsideOfTheStage(t *testing.T) {
	api := restWith(gateway.Responses{gateway.Default4XX: {Status: 418}}, nil)
	api.Stage = "dev"
	inside, _ := put(t, api, httptest.NewRequest("GET", "/dev/nowhere", nil))
	assert.Equal(t, 418, inside.status)
	outside, _ := put(t, api, httptest.NewRequest("GET", "/pets/1", nil))
	assert.Equal(t, asked{403, map[string]string{"Content-Type": "application/json", "x-amzn-ErrorType": "ForbiddenException"}, `{"message":"Forbidden"}`}, outside)
}
