package definition_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/local/definition"
	"github.com/lambridge-go/lambridge/local/invoke"
)

// TestDocumentsOfHTTPIntegrationPage sends the requests of AWS's page on HTTP integrations
// through both of its documents to a server that stands in for its pet store.
//
// https://docs.aws.amazon.com/apigateway/latest/developerguide/setup-http-integrations.html
func TestDocumentsOfHTTPIntegrationPage(t *testing.T) {
	store := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if r.URL.Path == "/petstore/pets/cat" {
			w.WriteHeader(http.StatusBadRequest)
		}
		fmt.Fprintf(w, "%s %s%s %s", r.Method, r.Host, r.RequestURI, body)
	}))
	defer store.Close()
	for _, file := range []string{"http-proxy.openapi.json", "http-proxy.swagger.json"} {
		plan, err := definition.Load("testdata/aws/"+file, definition.Options{})
		require.NoError(t, err)
		assembly, err := plan.Assemble(echoes, definition.Assembling{Backends: map[string]string{
			"petstore-demo-endpoint.execute-api.com": strings.TrimPrefix(store.URL, "http://"),
		}})
		require.NoError(t, err)
		require.Empty(t, assembly.Refused)
		for _, test := range []struct{ method, target, body, want string }{
			{"GET", "/test/pets", "", "200 GET petstore-demo-endpoint.execute-api.com/petstore/pets "},
			{"GET", "/test/pets?type=dog", "", "200 GET petstore-demo-endpoint.execute-api.com/petstore/pets?type=dog "},
			{"GET", "/test/pets/1", "", "200 GET petstore-demo-endpoint.execute-api.com/petstore/pets/1 "},
			{"POST", "/test/pets", `{"type":"dog"}`, `200 POST petstore-demo-endpoint.execute-api.com/petstore/pets {"type":"dog"}`},
			{"GET", "/test/pets/cat", "", "400 GET petstore-demo-endpoint.execute-api.com/petstore/pets/cat "},
			{"GET", "/test", "", `403 {"message":"Missing Authentication Token"}`},
		} {
			w := httptest.NewRecorder()
			assembly.Handlers[0].ServeHTTP(w, httptest.NewRequest(test.method, test.target, strings.NewReader(test.body)))
			assert.Equal(t, test.want, fmt.Sprint(w.Code, " ", w.Body), "%s: %s %s", file, test.method, test.target)
		}
	}
}

// headersOf is a function that answers with a header of its event.
type headersOf string

func (name headersOf) Invoke(_ context.Context, payload []byte) ([]byte, error) {
	var event struct{ Headers map[string]string }
	if err := json.Unmarshal(payload, &event); err != nil {
		return nil, err
	}
	return json.Marshal(map[string]any{"statusCode": 200, "body": event.Headers[string(name)]})
}

// TestParametersOfTemplates asks an HTTP API that CDK wrote for a header it maps.
func TestParametersOfTemplates(t *testing.T) {
	plan, err := definition.Load("testdata/tools/cdk-http-lambda.json", definition.Options{})
	require.NoError(t, err)
	assembly, err := plan.Assemble(func(*definition.Function) (invoke.Invoker, error) { return headersOf("X-Id"), nil }, definition.Assembling{})
	require.NoError(t, err)
	w := httptest.NewRecorder()
	assembly.Handlers[0].ServeHTTP(w, httptest.NewRequest("GET", "/p/a/b", nil))
	assert.Equal(t, headerOf(w.Header(), "apigw-requestid"), w.Body.String(), "$context.requestId as the header x-id")
	assert.NotEmpty(t, w.Body.String())
}

// TestPreflightsByMock asks the REST API that CDK wrote for the CORS it answers by mock.
func TestPreflightsByMock(t *testing.T) {
	_, assembly := assemble(t, "testdata/tools/cdk-rest-proxy-cors.json", definition.Options{})
	w := httptest.NewRecorder()
	assembly.Handlers[0].ServeHTTP(w, httptest.NewRequest("OPTIONS", "/prod/a", nil))
	assert.Equal(t, "204 ", fmt.Sprint(w.Code, " ", w.Body))
	assert.Equal(t, []string{"*", "OPTIONS,GET,PUT,POST,DELETE,PATCH,HEAD"}, []string{
		headerOf(w.Header(), "Access-Control-Allow-Origin"), headerOf(w.Header(), "Access-Control-Allow-Methods"),
	})
}

// TestIntegrationsOfDocuments serves every type of integration from one document.
func TestIntegrationsOfDocuments(t *testing.T) {
	store := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("X-Count", "2")
		if r.URL.Path == "/missing" {
			w.WriteHeader(http.StatusNotFound)
		}
		fmt.Fprintf(w, `{"saw": %q}`, string(body))
	}))
	defer store.Close()
	dir := project(t, "api.yaml", `
openapi: 3.0.1
info: {title: all, version: "1"}
paths:
  /http/{name}:
    post:
      parameters: [{name: name, in: path, required: true, schema: {type: string}}]
      responses: {"200": {description: ok, headers: {X-Count: {schema: {type: string}}}}, "404": {description: no}}
      x-amazon-apigateway-integration:
        type: http
        httpMethod: POST
        uri: http://pets.example.com/{name}
        requestParameters: {integration.request.path.name: method.request.path.name, integration.request.header.X-Flag: true}
        requestTemplates: {application/json: '{"wrapped": $input.json("$")}'}
        responses:
          default: {statusCode: "200", responseParameters: {method.response.header.X-Count: integration.response.header.X-Count}}
          4\d{2}: {statusCode: 404, responseTemplates: {application/json: '{"none": "$input.params("name")"}'}}
  /mock:
    get:
      responses: {"200": {description: ok}}
      x-amazon-apigateway-integration:
        type: mock
        requestTemplates: {application/json: '{"statusCode": 200}'}
        responses: {default: {statusCode: 200, responseTemplates: {application/json: '{"stage": "$context.stage"}'}}}
  /function:
    post:
      responses: {"200": {description: ok}}
      x-amazon-apigateway-integration:
        type: aws
        httpMethod: POST
        uri: arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:123456789012:function:fn/invocations
        requestTemplates: {application/json: '{"path": "$context.resourcePath"}'}
        responses: {default: {statusCode: 200}}
  /queue:
    post:
      responses: {"200": {description: ok}}
      x-amazon-apigateway-integration:
        type: aws
        httpMethod: POST
        uri: arn:aws:apigateway:us-east-1:sqs:path/123456789012/queue
        responses: {default: {statusCode: 200}}
  /broken:
    get:
      responses: {"200": {description: ok}}
      x-amazon-apigateway-integration:
        type: mock
        requestTemplates: {application/json: '#if(true)'}
        responses: {default: {statusCode: 200}}
`)
	plan, err := definition.Load(filepath.Join(dir, "api.yaml"), definition.Options{})
	require.NoError(t, err)
	assembly, err := plan.Assemble(echoes, definition.Assembling{Backends: map[string]string{"pets.example.com": strings.TrimPrefix(store.URL, "http://")}})
	require.NoError(t, err)
	require.Len(t, plan.Warnings, 1)
	assert.Equal(t, "api.yaml:12: API all: POST /http/{name}: API Gateway passes over the mapping integration.request.header.X-Flag, which is no text", short(plan.Warnings[0]), "localstack test_import_rest_api")
	require.Len(t, assembly.Refused, 1)
	assert.Equal(t, `api.yaml:43: API all: GET /broken: gateway: route "GET /broken": requestTemplates "application/json": line 1, column 10: the template ends before the #end of a directive or the rest of an expression`, short(assembly.Refused[0]))
	for _, test := range []struct{ method, target, body, want string }{
		{"POST", "/http/here", `{"a":1}`, `200 {"saw": "{\"wrapped\": {\"a\":1}}"}`},
		{"POST", "/http/missing", `{}`, `404 {"none": "missing"}`},
		{"GET", "/mock", "", `200 {"stage": "prod"}`},
		{"POST", "/function", "", `200 {"body":"fn=fn path=/function","headers":{"content-type":"text/plain"},"statusCode":200}`},
		{"POST", "/queue", "", `500 {"message": "Internal server error"}`},
		{"GET", "/broken", "", `500 {"message": "Internal server error"}`},
	} {
		w := httptest.NewRecorder()
		assembly.Handlers[0].ServeHTTP(w, httptest.NewRequest(test.method, test.target, strings.NewReader(test.body)))
		assert.Equal(t, test.want, fmt.Sprint(w.Code, " ", w.Body), "%s %s", test.method, test.target)
		if test.target == "/http/here" {
			assert.Equal(t, "2", headerOf(w.Header(), "X-Count"))
		}
	}
}
