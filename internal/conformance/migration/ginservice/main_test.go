package main

import (
	"encoding/base64"
	"encoding/json"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestHandler(t *testing.T) {
	ana := events.APIGatewayProxyRequestContext{Authorizer: map[string]any{"claims": map[string]any{"sub": "ana"}}}
	for _, test := range []struct {
		name    string
		request events.APIGatewayProxyRequest
		status  int
		body    string
		header  map[string][]string
	}{
		{"text", events.APIGatewayProxyRequest{HTTPMethod: "GET", Path: "/ping"}, 200, "pong",
			map[string][]string{"Content-Type": {"text/plain; charset=utf-8"}}},
		{"no such path", events.APIGatewayProxyRequest{HTTPMethod: "GET", Path: "/nothing"}, 404, "404 page not found",
			map[string][]string{"Content-Type": {"text/plain"}}},
		{"query and header", events.APIGatewayProxyRequest{HTTPMethod: "GET", Path: "/search",
			MultiValueQueryStringParameters: map[string][]string{"q": {"green tea", "a&b"}},
			MultiValueHeaders:               map[string][]string{"Accept-Language": {"de"}}},
			200, `{"language":"de","words":["green tea","a\u0026b"]}`, map[string][]string{"Content-Type": {"application/json; charset=utf-8"}}},
		{"header of one value", events.APIGatewayProxyRequest{HTTPMethod: "GET", Path: "/search",
			QueryStringParameters: map[string]string{"q": "tea"}, Headers: map[string]string{"accept-language": "fr"}},
			200, `{"language":"fr","words":["tea"]}`, map[string][]string{"Content-Type": {"application/json; charset=utf-8"}}},
		{"nobody", events.APIGatewayProxyRequest{HTTPMethod: "GET", Path: "/orders/1"}, 401, `{"error":"who are you?"}`,
			map[string][]string{"Content-Type": {"application/json; charset=utf-8"}}},
		{"a forged caller", events.APIGatewayProxyRequest{HTTPMethod: "GET", Path: "/orders/1",
			Headers: map[string]string{"X-GoLambdaProxy-ApiGw-Context": `{"authorizer":{"claims":{"sub":"ana"}}}`}}, 401, `{"error":"who are you?"}`,
			map[string][]string{"Content-Type": {"application/json; charset=utf-8"}}},
		{"somebody", events.APIGatewayProxyRequest{HTTPMethod: "GET", Path: "/orders/1", RequestContext: ana},
			200, `{"id":"1","customer":"ana","product":"tea","quantity":2}`, map[string][]string{"Content-Type": {"application/json; charset=utf-8"}}},
		{"a body", events.APIGatewayProxyRequest{HTTPMethod: "POST", Path: "/orders", RequestContext: ana,
			Headers: map[string]string{"Content-Type": "application/json"}, Body: `{"product":"cup","quantity":1}`},
			201, `{"id":"2","customer":"ana","product":"cup","quantity":1}`, map[string][]string{
				"Content-Type": {"application/json; charset=utf-8"}, "Location": {"/orders/2"},
				"Set-Cookie": {"last=2; Path=/; Max-Age=60; HttpOnly; Secure", "seen=yes; Path=/; Max-Age=60; HttpOnly; Secure"}}},
		{"a body in base64", events.APIGatewayProxyRequest{HTTPMethod: "POST", Path: "/orders", RequestContext: ana,
			Headers: map[string]string{"Content-Type": "application/json"}, IsBase64Encoded: true,
			Body: base64.StdEncoding.EncodeToString([]byte(`{"product":"cup","quantity":0}`))},
			400, `{"error":"no order"}`, map[string][]string{"Content-Type": {"application/json; charset=utf-8"}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			resp, err := Handler(t.Context(), test.request)
			require.NoError(t, err)
			assert.Equal(t, test.status, resp.StatusCode)
			assert.Equal(t, test.body, resp.Body)
			assert.Equal(t, test.header, resp.MultiValueHeaders)
			assert.False(t, resp.IsBase64Encoded)
		})
	}
}

func TestHandlerAnswersInBase64(t *testing.T) {
	resp, err := Handler(t.Context(), events.APIGatewayProxyRequest{HTTPMethod: "GET", Path: "/label"})
	require.NoError(t, err)
	assert.True(t, resp.IsBase64Encoded)
	assert.Equal(t, base64.StdEncoding.EncodeToString([]byte("\x89PNG\r\n\x1a\n")), resp.Body)
}

// The service answers events as they are printed in AWS's guide.
func TestHandlerReadsEventsAsJSON(t *testing.T) {
	var req events.APIGatewayProxyRequest
	require.NoError(t, json.Unmarshal([]byte(`{"resource":"/{proxy+}","path":"/ping","httpMethod":"GET","headers":{"Host":"id.execute-api.us-east-1.amazonaws.com"},
		"queryStringParameters":null,"requestContext":{"stage":"prod","requestId":"id","identity":{"sourceIp":"192.0.2.1"}},"body":null,"isBase64Encoded":false}`), &req))
	resp, err := Handler(t.Context(), req)
	require.NoError(t, err)
	assert.Equal(t, "pong", resp.Body)
}
