package gateway_test

import (
	"context"
	"encoding/json"
	"maps"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/local/gateway"
)

// A function written with the types of aws-lambda-go, and nothing of ours, reads
// what the gateway sends: the types have a place for all of it but what is named
// here, and the values come back out as they went in.
func TestFunctionsWithTypedEvents(t *testing.T) {
	t.Parallel()
	echo := func(method, path, query, agent, body string) string {
		return strings.Join([]string{method, path, query, agent, body}, " ")
	}
	for name, test := range map[string]struct {
		cfg    config
		decode func(event []byte) (any, error)
		beyond []string // what aws-lambda-go has no place for
		want   string
	}{
		"REST": {
			cfg: config{Source: gateway.REST, Routes: []string{"POST /items/{id}"}, Function: lambda.NewHandler(
				func(_ context.Context, e events.APIGatewayProxyRequest) (events.APIGatewayProxyResponse, error) {
					return events.APIGatewayProxyResponse{StatusCode: 201, Body: echo(e.HTTPMethod, e.Path, e.QueryStringParameters["a"], e.RequestContext.Identity.UserAgent, e.PathParameters["id"]+e.Body)}, nil
				})},
			decode: decodes[events.APIGatewayProxyRequest],
			beyond: []string{"requestContext.deploymentId"},
			want:   "POST /items/caf%C3%A9 b curl/8 caf%C3%A9hello",
		},
		"HTTP API 1.0": {
			cfg: config{Source: gateway.HTTPv1, Routes: []string{"POST /items/{id}"}, Function: lambda.NewHandler(
				func(_ context.Context, e events.APIGatewayProxyRequest) (events.APIGatewayProxyResponse, error) {
					return events.APIGatewayProxyResponse{StatusCode: 201, Body: echo(e.HTTPMethod, e.Path, e.QueryStringParameters["a"], e.RequestContext.Identity.UserAgent, e.PathParameters["id"]+e.Body)}, nil
				})},
			decode: decodes[events.APIGatewayProxyRequest],
			beyond: []string{"version"},
			want:   "POST /items/caf%C3%A9 b curl/8 caféhello",
		},
		"HTTP API 2.0": {
			cfg: config{Source: gateway.HTTPv2, Routes: []string{"POST /items/{id}"}, Function: lambda.NewHandler(
				func(_ context.Context, e events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
					return events.APIGatewayV2HTTPResponse{StatusCode: 201, Body: echo(e.RequestContext.HTTP.Method, e.RawPath, e.QueryStringParameters["a"], e.RequestContext.HTTP.UserAgent, e.PathParameters["id"]+e.Body)}, nil
				})},
			decode: decodes[events.APIGatewayV2HTTPRequest],
			want:   "POST /items/café 1,b curl/8 caféhello",
		},
		"function URL": {
			cfg: config{Source: gateway.FunctionURL, Function: lambda.NewHandler(
				func(_ context.Context, e events.LambdaFunctionURLRequest) (events.LambdaFunctionURLResponse, error) {
					return events.LambdaFunctionURLResponse{StatusCode: 201, Body: echo(e.RequestContext.HTTP.Method, e.RawPath, e.QueryStringParameters["a"], e.RequestContext.HTTP.UserAgent, e.Body)}, nil
				})},
			decode: decodes[events.LambdaFunctionURLRequest],
			beyond: []string{"requestContext.routeKey", "requestContext.stage", "routeKey"},
			want:   "POST /items/caf%C3%A9 1,b curl/8 hello",
		},
		"ALB, multi-value": {
			cfg: config{Source: gateway.ALBMulti, Function: lambda.NewHandler(
				func(_ context.Context, e events.ALBTargetGroupRequest) (map[string]any, error) {
					return map[string]any{"statusCode": 201, "body": echo(e.HTTPMethod, e.Path, e.MultiValueQueryStringParameters["a"][1], e.MultiValueHeaders["user-agent"][0], e.Body)}, nil
				})},
			decode: decodes[events.ALBTargetGroupRequest],
			want:   "POST /items/caf%C3%A9 b curl/8 hello",
		},
		"ALB, single-value": {
			cfg: config{Source: gateway.ALB, Function: lambda.NewHandler(
				func(_ context.Context, e events.ALBTargetGroupRequest) (events.ALBTargetGroupResponse, error) {
					return events.ALBTargetGroupResponse{
						StatusCode: 201, Headers: map[string]string{}, MultiValueHeaders: map[string][]string{}, StatusDescription: "201 Created",
						Body: echo(e.HTTPMethod, e.Path, e.QueryStringParameters["a"], e.Headers["user-agent"], e.Body),
					}, nil
				})},
			decode: decodes[events.ALBTargetGroupRequest],
			want:   "POST /items/caf%C3%A9 b curl/8 hello",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var sent []byte
			test.cfg.Observe = func(x gateway.Exchange) { sent = x.Event }
			r := httptest.NewRequest("POST", "/items/caf%C3%A9?a=1&a=b", strings.NewReader("hello"))
			r.Header.Set("Content-Type", "text/plain")
			r.Header.Set("User-Agent", "curl/8")
			r.Header.Set("Cookie", "a=1; b=2")
			w := httptest.NewRecorder()
			open(t, test.cfg).ServeHTTP(w, r)
			assert.Equal(t, 201, w.Code)
			assert.Equal(t, test.want, w.Body.String())

			typed, err := test.decode(sent)
			require.NoError(t, err)
			again, err := json.Marshal(typed)
			require.NoError(t, err)
			var was, is any
			require.NoError(t, json.Unmarshal(sent, &was))
			require.NoError(t, json.Unmarshal(again, &is))
			assert.Equal(t, test.beyond, lost("", was, is))
		})
	}
}

func decodes[T any](event []byte) (any, error) {
	var typed T
	err := json.Unmarshal(event, &typed)
	return typed, err
}

// lost names what was there and is not any more, or is something else. What is
// empty may be left out.
func lost(path string, was, is any) []string {
	object, ok := was.(map[string]any)
	if !ok {
		if isEmpty(was) || assert.ObjectsAreEqual(was, is) {
			return nil
		}
		return []string{strings.TrimPrefix(path, ".")}
	}
	var names []string
	kept, _ := is.(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(object)) {
		names = append(names, lost(path+"."+name, object[name], kept[name])...)
	}
	return names
}

func isEmpty(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case string:
		return v == ""
	case bool:
		return !v
	}
	return false
}
