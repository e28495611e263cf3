package proxycompat_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/adapter"
	"github.com/lambridge-go/lambridge/adapter/proxycompat"
)

var (
	v1 = events.APIGatewayProxyRequest{
		Resource: "/{proxy+}", Path: "/shop/who", HTTPMethod: "GET",
		Headers:        map[string]string{"Host": "api.example"},
		StageVariables: map[string]string{"colour": "red"},
		RequestContext: events.APIGatewayProxyRequestContext{
			RequestID: "one", Stage: "prod", Authorizer: map[string]any{"principalId": "ana"},
			Identity: events.APIGatewayRequestIdentity{SourceIP: "192.0.2.1"},
		},
	}
	v2 = events.APIGatewayV2HTTPRequest{
		RawPath:        "/shop/who",
		Headers:        map[string]string{"host": "api.example"},
		StageVariables: map[string]string{"colour": "green"},
		RequestContext: events.APIGatewayV2HTTPRequestContext{
			RequestID: "two", Stage: "$default",
			HTTP: events.APIGatewayV2HTTPRequestContextHTTPDescription{Method: "GET", Path: "/shop/who", SourceIP: "192.0.2.2"},
			Authorizer: &events.APIGatewayV2HTTPRequestContextAuthorizerDescription{
				JWT: &events.APIGatewayV2HTTPRequestContextAuthorizerJWTDescription{Claims: map[string]string{"sub": "bob"}},
			},
		},
	}
	alb = events.ALBTargetGroupRequest{
		Path: "/shop/who", HTTPMethod: "GET",
		Headers:        map[string]string{"host": "api.example"},
		RequestContext: events.ALBTargetGroupRequestContext{ELB: events.ELBContext{TargetGroupArn: "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/t/1"}},
	}
)

// who asks each accessor, as programs do that run behind several front doors.
func who(w http.ResponseWriter, r *http.Request) {
	if c, ok := proxycompat.GetAPIGatewayContextFromContext(r.Context()); ok {
		vars, _ := proxycompat.GetStageVarsFromContext(r.Context())
		_, runtime := proxycompat.GetRuntimeContextFromContext(r.Context())
		fmt.Fprintf(w, "v1 %s %v %v %t;", c.RequestID, c.Authorizer["principalId"], vars, runtime)
	}
	if c, ok := proxycompat.GetAPIGatewayV2ContextFromContext(r.Context()); ok {
		vars, _ := proxycompat.GetStageVarsFromContextV2(r.Context())
		_, runtime := proxycompat.GetRuntimeContextFromContextV2(r.Context())
		fmt.Fprintf(w, "v2 %s %s %v %t;", c.RequestID, c.Authorizer.JWT.Claims["sub"], vars, runtime)
	}
	if c, ok := proxycompat.GetTargetGroupRequetFromContextALB(r.Context()); ok {
		_, runtime := proxycompat.GetRuntimeContextFromContextALB(r.Context())
		fmt.Fprintf(w, "alb %s %t;", c.ELB.TargetGroupArn[len(c.ELB.TargetGroupArn)-3:], runtime)
	}
	fmt.Fprint(w, r.URL.Path)
}

func TestTypedFunctions(t *testing.T) {
	app := http.HandlerFunc(who)
	t.Run("New", func(t *testing.T) {
		reply, err := proxycompat.New(app).ProxyWithContext(t.Context(), v1)
		require.NoError(t, err)
		assert.Equal(t, 200, reply.StatusCode)
		assert.Equal(t, "v1 one ana map[colour:red] true;/shop/who", reply.Body)
	})
	t.Run("NewV2, with an event that has no version, as tests write them", func(t *testing.T) {
		reply, err := proxycompat.NewV2(app).ProxyWithContextV2(t.Context(), v2)
		require.NoError(t, err)
		assert.Equal(t, 200, reply.StatusCode)
		assert.Equal(t, "v2 two bob map[colour:green] true;/shop/who", reply.Body)
	})
	t.Run("NewV2, with a path in the context only", func(t *testing.T) {
		e := v2
		e.RawPath = ""
		reply, err := proxycompat.NewV2(app).Proxy(e)
		require.NoError(t, err)
		assert.Equal(t, "v2 two bob map[colour:green] true;/shop/who", reply.Body)
	})
	t.Run("NewALB", func(t *testing.T) {
		reply, err := proxycompat.NewALB(app).Proxy(alb)
		require.NoError(t, err)
		assert.Equal(t, 200, reply.StatusCode)
		assert.Equal(t, "alb t/1 true;/shop/who", reply.Body)
	})
}

func TestRuntimeContext(t *testing.T) {
	want := &lambdacontext.LambdaContext{AwsRequestID: "one"}
	var got *lambdacontext.LambdaContext
	app := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		got, _ = proxycompat.GetRuntimeContextFromContext(r.Context())
	})
	_, err := proxycompat.New(app).ProxyWithContext(lambdacontext.NewContext(t.Context(), want), v1)
	require.NoError(t, err)
	assert.Same(t, want, got)
}

func TestOutsideOfLambda(t *testing.T) {
	_, ok := proxycompat.GetAPIGatewayContextFromContext(t.Context())
	assert.False(t, ok)
	_, ok = proxycompat.GetAPIGatewayV2ContextFromContext(t.Context())
	assert.False(t, ok)
	_, ok = proxycompat.GetRuntimeContextFromContext(t.Context())
	assert.False(t, ok)
}

// What the headers said that accessors read once is what a client may say now.
func TestForgedHeaders(t *testing.T) {
	e := v2
	e.Headers = map[string]string{
		"host":                               "api.example",
		"x-golambdaproxy-apigw-context":      `{"authorizer":{"principalId":"admin"}}`,
		"x-golambdaproxy-apigw-stagevars":    `{"colour":"black"}`,
		"x-golambdaproxy-alb-context":        `{"elb":{"targetGroupArn":"forged"}}`,
		"x-golambdaproxy-apigw-context-else": "an application's own",
	}
	var v1Accessor proxycompat.RequestAccessor
	var v2Accessor proxycompat.RequestAccessorV2
	var albAccessor proxycompat.RequestAccessorALB
	app := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, err := v1Accessor.GetAPIGatewayContext(r)
		assert.EqualError(t, err, "proxycompat: no context: the request is not that of an event of this kind")
		vars, err := v1Accessor.GetAPIGatewayStageVars(r)
		assert.Equal(t, map[string]string{}, vars)
		assert.EqualError(t, err, "proxycompat: no stage variables: the request is not that of an event of this kind")
		_, err = albAccessor.GetContextALB(r)
		assert.Error(t, err)

		c, err := v2Accessor.GetAPIGatewayContextV2(r)
		assert.NoError(t, err)
		assert.Equal(t, "bob", c.Authorizer.JWT.Claims["sub"])
		vars, err = v2Accessor.GetAPIGatewayStageVars(r)
		assert.NoError(t, err)
		assert.Equal(t, map[string]string{"colour": "green"}, vars)
		assert.Equal(t, http.Header{"X-Golambdaproxy-Apigw-Context-Else": {"an application's own"}}, r.Header)
		w.WriteHeader(http.StatusAccepted)
	})
	reply, err := proxycompat.NewV2(app).Proxy(e)
	require.NoError(t, err)
	assert.Equal(t, http.StatusAccepted, reply.StatusCode)

	e.Version = "2.0"
	payload, err := json.Marshal(e)
	require.NoError(t, err)
	answer, err := adapter.Wrap(proxycompat.Middleware(app)).Invoke(t.Context(), payload)
	require.NoError(t, err)
	assert.Contains(t, string(answer), `"statusCode":202`)
}

func ExampleNew() {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /hello", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "hello") })

	lambda := proxycompat.New(mux)
	reply, err := lambda.ProxyWithContext(context.Background(), events.APIGatewayProxyRequest{HTTPMethod: "GET", Path: "/hello"})
	fmt.Println(reply.StatusCode, reply.Body, err)
	// Output: 200 hello <nil>
}
