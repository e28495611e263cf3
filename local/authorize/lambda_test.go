package authorize_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/local/authorize"
	"github.com/lambridge-go/lambridge/local/gateway"
	"github.com/lambridge-go/lambridge/local/internal/arrival"
	"github.com/lambridge-go/lambridge/local/invoke"
)

const allowAll = `{"principalId":"p1","policyDocument":{"Version":"2012-10-17","Statement":[{"Action":"execute-api:Invoke","Effect":"Allow","Resource":"*"}]}}`

// policy is an answer of an authorizer with one statement.
func policy(effect, resource string) string {
	return `{"principalId":"p1","policyDocument":{"Version":"2012-10-17","Statement":[{"Action":"execute-api:Invoke","Effect":"` + effect + `","Resource":"` + resource + `"}]}}`
}

var (
	unauthorized = answer{401, "UnauthorizedException", "", `{"message":"Unauthorized"}`}
	broken       = answer{500, "AuthorizerConfigurationException", "", `{"message":null}`}
	denied       = answer{403, "AccessDeniedException", "", `{"Message":"User is not authorized to access this resource with an explicit deny in an identity-based policy"}`}
	notAllowed   = answer{403, "AccessDeniedException", "", `{"Message":"User is not authorized to access this resource because no identity-based policy allows the execute-api:Invoke action"}`}
)

func TestLambdaREST(t *testing.T) {
	const arn = "arn:aws:execute-api:us-east-1:123456789012:a1b2c3d4e5/prod"
	token := authorize.LambdaOptions{Token: true}
	for _, row := range []struct {
		name    string
		options authorize.LambdaOptions
		reply   string
		failure error
		header  []string
		want    answer
		called  bool
	}{
		{"TOKEN, none (docs/authorizers.md: serverless-application-model authorizers_min, serverless, chalice)", token, allowAll, nil, nil, unauthorized, false},
		{"TOKEN, empty (docs/authorizers.md)", token, allowAll, nil, []string{"Authorization", ""}, unauthorized, false},
		{"TOKEN, allowed (docs/authorizers.md: serverless-application-model)", token, allowAll, nil, []string{"Authorization", "allow"}, in, true},
		{`the function fails with "Unauthorized" (docs/authorizers.md: serverless)`, token, "", &invoke.Error{Type: "Error", Message: "Unauthorized"},
			[]string{"Authorization", "wrong"}, unauthorized, true},
		{"a function of the same process does so", token, "", errors.New("Unauthorized"), []string{"Authorization", "wrong"}, unauthorized, true},
		{"the function fails otherwise (docs/authorizers.md, captured)", token, "", &invoke.Error{Type: "Error", Message: "unauthorized"},
			[]string{"Authorization", "x"}, broken, true},
		{"the function cannot be asked", token, "", errors.New("no such function"), []string{"Authorization", "x"}, broken, true},
		{"no JSON (docs/authorizers.md)", token, `"allow"`, nil, []string{"Authorization", "x"}, broken, true},
		{"no principal (docs/authorizers.md)", token, `{"policyDocument":{"Statement":[{"Action":"*","Effect":"Allow","Resource":"*"}]}}`, nil,
			[]string{"Authorization", "x"}, broken, true},
		{"no policy (docs/authorizers.md)", token, `{"principalId":"p1"}`, nil, []string{"Authorization", "x"}, broken, true},
		{"a policy that is none", token, `{"principalId":"p1","policyDocument":{"Statement":[{"Effect":"Allow"}]}}`, nil,
			[]string{"Authorization", "x"}, broken, true},
		{"an answer of HTTP APIs", token, `{"isAuthorized":true}`, nil, []string{"Authorization", "x"}, broken, true},
		{"a context with an object in it (docs/authorizers.md)", token, strings.Replace(allowAll, `"principalId"`, `"context":{"a":{}},"principalId"`, 1), nil,
			[]string{"Authorization", "x"}, broken, true},
		{"a resource of 513 characters (docs/authorizers.md)", token, policy("Allow", strings.Repeat("*", 513)), nil, []string{"Authorization", "x"}, broken, true},
		{"MyCustomAuthHeader and an expression that it matches (docs/authorizers.md: serverless-application-model authorizers_max)",
			authorize.LambdaOptions{Token: true, Sources: []string{"method.request.header.MyCustomAuthHeader"}, Validation: "allow|deny"}, allowAll, nil,
			[]string{"mycustomauthheader", "allow"}, in, true},
		{"the same, none (docs/authorizers.md: serverless-application-model authorizers_max)",
			authorize.LambdaOptions{Token: true, Sources: []string{"method.request.header.MyCustomAuthHeader"}, Validation: "allow|deny"}, allowAll, nil,
			[]string{"Authorization", "allow"}, unauthorized, false},
		{"a token that does not match the expression (docs/authorizers.md)", authorize.LambdaOptions{Token: true, Validation: "Bearer [a-z]+"}, allowAll, nil,
			[]string{"Authorization", "Bearer x1"}, unauthorized, false},
		{"an explicit deny (docs/authorizers.md, captured: aws-lambda-dotnet)", token, policy("Deny", "*"), nil, []string{"Authorization", "x"}, denied, true},
		{"another method only (docs/authorizers.md, captured)", token, policy("Allow", arn+"/POST/*"), nil, []string{"Authorization", "x"}, notAllowed, true},
		{"this method and path", token, policy("Allow", arn+"/GET/notes/1"), nil, []string{"Authorization", "x"}, in, true},
		{"a wildcard crosses slashes", token, policy("Allow", arn+"/GET/*"), nil, []string{"Authorization", "x"}, in, true},
		{"a question mark is one character", token, policy("Allow", arn+"/GET/notes/?"), nil, []string{"Authorization", "x"}, in, true},
		{"a wildcard in the middle", token, policy("Allow", "arn:aws:execute-api:*:*:*/*/GET/*/1"), nil, []string{"Authorization", "x"}, in, true},
		{"resources count case", token, policy("Allow", arn+"/get/*"), nil, []string{"Authorization", "x"}, notAllowed, true},
		{"another stage", token, policy("Allow", "arn:aws:execute-api:us-east-1:123456789012:a1b2c3d4e5/dev/*"), nil, []string{"Authorization", "x"}, notAllowed, true},
		{"lists, and actions without case", token,
			`{"principalId":"p1","policyDocument":{"Statement":{"Action":["s3:*","Execute-API:*"],"Effect":"Allow","Resource":["x","` + arn + `/*"]}}}`, nil,
			[]string{"Authorization", "x"}, in, true},
		{"a deny beats an allow, in any order", token,
			`{"principalId":"p1","policyDocument":{"Statement":[{"Action":"*","Effect":"Deny","Resource":"*/notes/*"},{"Action":"*","Effect":"Allow","Resource":"*"}]}}`, nil,
			[]string{"Authorization", "x"}, denied, true},
		{"NotAction and NotResource", token,
			`{"principalId":"p1","policyDocument":{"Statement":[{"NotAction":"s3:*","Effect":"Allow","NotResource":"*/admin/*"}]}}`, nil,
			[]string{"Authorization", "x"}, in, true},
		{"from an address that is allowed", token,
			`{"principalId":"p1","policyDocument":{"Statement":[{"Action":"*","Effect":"Allow","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":["192.0.2.0/24"]}}}]}}`, nil,
			[]string{"Authorization", "x"}, in, true},
		{"from an address that is denied", token,
			`{"principalId":"p1","policyDocument":{"Statement":[{"Action":"*","Effect":"Deny","Resource":"*","Condition":{"NotIpAddress":{"aws:SourceIp":"10.0.0.0/8"}}},{"Action":"*","Effect":"Allow","Resource":"*"}]}}`, nil,
			[]string{"Authorization", "x"}, denied, true},
		{"REQUEST, none of its source (docs/authorizers.md: serverless-application-model authorizers_min)",
			authorize.LambdaOptions{Sources: []string{"method.request.querystring.authorization"}}, allowAll, nil, nil, unauthorized, false},
		{"REQUEST without sources asks the function whatever comes", authorize.LambdaOptions{}, allowAll, nil, nil, in, true},
	} {
		t.Run(row.name, func(t *testing.T) {
			called := false
			a := newAPI(t, gateway.RESTAPI, "", must(authorize.Lambda(function(func(context.Context, []byte) ([]byte, error) {
				called = true
				return []byte(row.reply), row.failure
			}), row.options)))
			assert.Equal(t, row.want, a.get(row.header...))
			assert.Equal(t, row.called, called, "whether the function was called")
		})
	}
}

func TestLambdaSources(t *testing.T) {
	options := authorize.LambdaOptions{Sources: []string{
		"method.request.header.authorizationHeader", "method.request.querystring.authorization", "method.request.querystring.authorizationQueryString1",
	}}
	a := newAPI(t, gateway.RESTAPI, "", must(authorize.Lambda(returns(allowAll, nil), options)))
	all := func() (string, []string) {
		return "/notes/1?authorization=allow&authorizationQueryString1=x", []string{"authorizationHeader", "y"}
	}
	target, header := all()
	assert.Equal(t, in, a.send(request("GET", target, header...)), "all present (docs/authorizers.md: serverless-application-model authorizers_max)")
	for name, r := range map[string][2]string{
		"header":           {target, ""},
		"parameter":        {"/notes/1?authorizationQueryString1=x", "y"},
		"empty parameter":  {"/notes/1?authorization=&authorizationQueryString1=x", "y"},
		"second parameter": {"/notes/1?authorization=allow", "y"},
	} {
		assert.Equal(t, unauthorized, a.send(request("GET", r[0], "authorizationHeader", r[1])), "without the %s (docs/authorizers.md: serverless-application-model authorizers_max)", name)
	}
}

// Identity sources of $context are what the event says of the request.
func TestLambdaContextSources(t *testing.T) {
	names := []string{"accountId", "apiId", "domainName", "domainPrefix", "httpMethod", "identity.sourceIp", "identity.userAgent", "path", "protocol",
		"requestId", "requestTime", "requestTimeEpoch", "resourcePath", "stage", "extendedRequestId"}
	sources := make([]string, len(names))
	for i, name := range names {
		sources[i] = "$context." + name
	}
	var event struct {
		IdentitySource string
		RequestContext map[string]any
	}
	ask := function(func(_ context.Context, payload []byte) ([]byte, error) {
		return []byte(allowAll), json.Unmarshal(payload, &event)
	})
	a := newAPI(t, gateway.HTTPAPI, "", must(authorize.Lambda(ask, authorize.LambdaOptions{Format: gateway.Format1, Sources: sources})),
		gateway.Route{Key: "GET /items/{id}"})
	require.Equal(t, in, a.send(request("GET", "/items/1", "User-Agent", "ua")))
	var want []string
	for _, name := range names {
		value := any(event.RequestContext)
		for part := range strings.SplitSeq(name, ".") {
			value = value.(map[string]any)[part]
		}
		switch v := value.(type) {
		case float64:
			want = append(want, strconv.FormatInt(int64(v), 10))
		default:
			want = append(want, v.(string))
		}
	}
	assert.Equal(t, want, strings.Split(event.IdentitySource, ","))
}

func TestLambdaEvents(t *testing.T) {
	asked := func(t *testing.T, kind gateway.Kind, o authorize.LambdaOptions, reply, target string, header ...string) map[string]any {
		var event []byte
		a := newAPI(t, kind, "", must(authorize.Lambda(function(func(_ context.Context, payload []byte) ([]byte, error) {
			event = append(event, payload...)
			return []byte(reply), nil
		}), o)), gateway.Route{Key: "GET /items/{id}"}, gateway.Route{Key: "GET /"})
		require.Equal(t, in, a.send(request("GET", target, header...)))
		var decoded map[string]any
		require.NoError(t, json.Unmarshal(event, &decoded))
		return decoded
	}
	keys := func(m map[string]any) (names []string) {
		for name := range m {
			names = append(names, name)
		}
		return names
	}

	t.Run("TOKEN (docs/authorizers.md)", func(t *testing.T) {
		event := asked(t, gateway.RESTAPI, authorize.LambdaOptions{Token: true}, allowAll, "/items/a%2Fb?x=1", "Authorization", "Bearer t")
		assert.Equal(t, map[string]any{
			"type": "TOKEN", "authorizationToken": "Bearer t",
			"methodArn": "arn:aws:execute-api:us-east-1:123456789012:a1b2c3d4e5/prod/GET/items/a%2Fb",
		}, event)
	})
	t.Run("TOKEN at the root (docs/authorizers.md)", func(t *testing.T) {
		event := asked(t, gateway.RESTAPI, authorize.LambdaOptions{Token: true}, allowAll, "/", "Authorization", "t")
		assert.Equal(t, "arn:aws:execute-api:us-east-1:123456789012:a1b2c3d4e5/prod/GET/", event["methodArn"])
	})
	t.Run("REQUEST of a REST API (docs/authorizers.md)", func(t *testing.T) {
		event := asked(t, gateway.RESTAPI, authorize.LambdaOptions{}, allowAll, "/items/1?x=1&x=2", "Custom", "c")
		assert.ElementsMatch(t, []string{"type", "methodArn", "resource", "path", "httpMethod", "headers", "multiValueHeaders", "queryStringParameters",
			"multiValueQueryStringParameters", "pathParameters", "stageVariables", "requestContext"}, keys(event))
		assert.Equal(t, "REQUEST", event["type"])
		assert.Equal(t, "/items/{id}", event["resource"])
		assert.Equal(t, "/items/1", event["path"])
		assert.Equal(t, map[string]any{"id": "1"}, event["pathParameters"])
		assert.Equal(t, map[string]any{"x": []any{"1", "2"}}, event["multiValueQueryStringParameters"])
		assert.NotContains(t, event["requestContext"], "authorizer")
		assert.Equal(t, "c", event["headers"].(map[string]any)["Custom"])
	})
	t.Run("REQUEST without path parameters has an empty object of them (docs/authorizers.md)", func(t *testing.T) {
		event := asked(t, gateway.RESTAPI, authorize.LambdaOptions{}, allowAll, "/")
		assert.Equal(t, map[string]any{}, event["pathParameters"])
		assert.Nil(t, event["queryStringParameters"])
	})
	t.Run("format 2.0 (docs/authorizers.md)", func(t *testing.T) {
		event := asked(t, gateway.HTTPAPI, authorize.LambdaOptions{Format: gateway.Format2, Simple: true, Sources: []string{"$request.header.Custom", "$request.querystring.x"}},
			`{"isAuthorized":true}`, "/items/1?x=1", "Custom", "c", "Cookie", "a=1; b=2")
		assert.ElementsMatch(t, []string{"version", "type", "routeArn", "identitySource", "routeKey", "rawPath", "rawQueryString", "cookies", "headers",
			"queryStringParameters", "requestContext", "pathParameters"}, keys(event))
		assert.Equal(t, "2.0", event["version"])
		assert.Equal(t, "arn:aws:execute-api:us-east-1:123456789012:a1b2c3d4e5/$default/GET/items/1", event["routeArn"])
		assert.Equal(t, []any{"c", "1"}, event["identitySource"])
		assert.Equal(t, "GET /items/{id}", event["routeKey"])
	})
	t.Run("format 2.0 without sources has null for them (docs/authorizers.md)", func(t *testing.T) {
		event := asked(t, gateway.HTTPAPI, authorize.LambdaOptions{Format: gateway.Format2, Simple: true}, `{"isAuthorized":true}`, "/")
		assert.Contains(t, event, "identitySource")
		assert.Nil(t, event["identitySource"])
	})
	t.Run("format 1.0 (docs/authorizers.md)", func(t *testing.T) {
		event := asked(t, gateway.HTTPAPI, authorize.LambdaOptions{Format: gateway.Format1, Sources: []string{"$request.header.Custom", "$request.querystring.x"}},
			allowAll, "/items/1?x=1", "Custom", "c")
		assert.ElementsMatch(t, []string{"version", "type", "methodArn", "identitySource", "authorizationToken", "resource", "path", "httpMethod", "headers",
			"queryStringParameters", "pathParameters", "stageVariables", "requestContext"}, keys(event))
		assert.Equal(t, "1.0", event["version"])
		assert.Equal(t, "c,1", event["identitySource"])
		assert.Equal(t, "c,1", event["authorizationToken"])
	})
}

func TestLambdaHTTP(t *testing.T) {
	forbidden := answer{403, "", "", `{"message":"Forbidden"}`}
	failed := answer{500, "", "", `{"message":"Internal Server Error"}`}
	missing := answer{401, "", "", `{"message":"Unauthorized"}`}
	simple := authorize.LambdaOptions{Format: gateway.Format2, Simple: true}
	withSource := authorize.LambdaOptions{Format: gateway.Format2, Simple: true, Sources: []string{"$request.header.Authorization"}}
	policies := authorize.LambdaOptions{Format: gateway.Format2}
	for _, row := range []struct {
		name    string
		options authorize.LambdaOptions
		reply   string
		failure error
		header  []string
		want    answer
	}{
		{"no source, the authorizer says no (docs/authorizers.md: serverless)", simple, `{"isAuthorized":false}`, nil, nil, forbidden},
		{"no source, a policy that denies (docs/authorizers.md: serverless)", policies, policy("Deny", "*"), nil, nil, forbidden},
		{"yes (docs/authorizers.md: serverless)", simple, `{"isAuthorized":true}`, nil, []string{"Authorization", "secretToken"}, in},
		{"a policy that allows (docs/authorizers.md: serverless)", policies, allowAll, nil, []string{"Authorization", "secretToken"}, in},
		{"no (docs/authorizers.md: aws-lambda-dotnet SimpleHttpApiAuthorizerTests)", withSource, `{"isAuthorized":false}`, nil, []string{"Authorization", "x"}, forbidden},
		{"a source that is missing (docs/authorizers.md)", withSource, `{"isAuthorized":true}`, nil, nil, missing},
		{"the function fails (docs/authorizers.md)", simple, "", &invoke.Error{Type: "Error", Message: "boom"}, nil, failed},
		{"a policy where yes or no is asked for (docs/authorizers.md)", simple, allowAll, nil, nil, failed},
		{"yes where a policy is asked for (docs/authorizers.md)", policies, `{"isAuthorized":true}`, nil, nil, failed},
		{"format 1.0 allows by policy", authorize.LambdaOptions{Format: gateway.Format1}, policy("Allow", "arn:aws:execute-api:*:*:*/$default/GET/*"), nil, nil, in},
	} {
		t.Run(row.name, func(t *testing.T) {
			a := newAPI(t, gateway.HTTPAPI, "", must(authorize.Lambda(function(func(context.Context, []byte) ([]byte, error) {
				return []byte(row.reply), row.failure
			}), row.options)))
			assert.Equal(t, row.want, a.get(row.header...))
		})
	}
}

func TestLambdaLeaves(t *testing.T) {
	const context = `"context":{"text":"a","n":42,"yes":true,"none":null}`
	withContext := strings.Replace(allowAll, `{"principalId"`, `{`+context+`,"principalId"`, 1)
	for _, row := range []struct {
		name    string
		kind    gateway.Kind
		format  gateway.Format
		options authorize.LambdaOptions
		reply   string
		want    string
	}{
		{"REST API: strings (docs/authorizers.md: aws-lambda-dotnet RestApiTests, chalice)", gateway.RESTAPI, "", authorize.LambdaOptions{}, withContext,
			`{"text":"a","n":"42","yes":"true","none":null,"principalId":"p1","integrationLatency":0}`},
		{"HTTP API 2.0: types (docs/authorizers.md: aws-lambda-dotnet NonStringAuthorizerTests)", gateway.HTTPAPI, gateway.Format2,
			authorize.LambdaOptions{Format: gateway.Format2, Simple: true}, `{"isAuthorized":true,"context":{"n":42,"yes":true,"deep":{"a":[1]}}}`,
			`{"lambda":{"n":42,"yes":true,"deep":{"a":[1]}}}`},
		{"HTTP API 2.0, by policy", gateway.HTTPAPI, gateway.Format2, authorize.LambdaOptions{Format: gateway.Format2}, withContext,
			`{"lambda":{"text":"a","n":42,"yes":true,"none":null}}`},
		{"HTTP API 1.0: flat and text (docs/authorizers.md)", gateway.HTTPAPI, gateway.Format1, authorize.LambdaOptions{Format: gateway.Format2}, withContext,
			`{"text":"a","n":"42","yes":"true","none":null,"principalId":"p1"}`},
		{"HTTP API 1.0 after yes or no", gateway.HTTPAPI, gateway.Format1, authorize.LambdaOptions{Format: gateway.Format2, Simple: true},
			`{"isAuthorized":true,"context":{"deep":{"a":[1]}}}`, `{"deep":"{\"a\":[1]}"}`},
	} {
		t.Run(row.name, func(t *testing.T) {
			a := newAPI(t, row.kind, row.format, must(authorize.Lambda(returns(row.reply, nil), row.options)))
			require.Equal(t, in, a.get("Authorization", "t"))
			assertJSON(t, row.want, a.context("authorizer"))
			assert.Contains(t, strings.ToLower(string(a.event)), `"authorization":"t"`, "the header is still there (docs/authorizers.md: serverless)")
		})
	}
}

// A WebSocket API keeps what its authorizer says for as long as the connection lasts, and takes
// 8 KB of it: documented in apigateway-execution-service-websocket-limits-table.
func TestLambdaAnswersOfWebSocketAPIs(t *testing.T) {
	for _, row := range []struct {
		name  string
		kind  gateway.Kind
		bytes int
		want  error
	}{
		{"the longest", gateway.WebSocketAPI, 8192, nil},
		{"one byte more", gateway.WebSocketAPI, 8193, &gateway.Denied{Type: gateway.AuthorizerConfigurationError, Reason: "the authorizer's answer has 8193 bytes, and a WebSocket API takes 8192"}},
		{"a REST API takes more", gateway.RESTAPI, 8193, nil},
		{"an HTTP API as well", gateway.HTTPAPI, 8193, nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			const some = `{"context":{"text":""},`
			reply := strings.Replace(allowAll, `{`, `{"context":{"text":"`+strings.Repeat("x", row.bytes-len(allowAll)-len(some)+1)+`"},`, 1)
			require.Len(t, reply, row.bytes)
			o := authorize.LambdaOptions{}
			if row.kind == gateway.HTTPAPI {
				o.Format = gateway.Format2
			}
			_, err := must(authorize.Lambda(returns(reply, nil), o)).Authorize(t.Context(), &gateway.Arrival{
				API: &arrival.API{Kind: row.kind, ID: "a1b2c3d4e5", Stage: "prod"}, Method: "GET", Path: "/", Body: http.NoBody,
				Head: func() ([]byte, error) { return []byte(`{}`), nil },
			})
			if row.want == nil {
				require.NoError(t, err)
				return
			}
			assert.Equal(t, row.want, err)
		})
	}
}

// What an authorizer that denies says of the sender is there for gateway responses, as
// templates count on that word their 403 with $context.authorizer.message.
func TestLambdaDeniedContext(t *testing.T) {
	reply := strings.Replace(policy("Deny", "*"), `"principalId":"p1"`, `"principalId":"p1","context":{"code":7}`, 1)
	for name, wrap := range map[string]func(gateway.Authorizer) gateway.Authorizer{
		"the authorizer alone": func(a gateway.Authorizer) gateway.Authorizer { return a },
		"behind a resource policy": func(a gateway.Authorizer) gateway.Authorizer {
			guarded, _, err := authorize.ResourcePolicy([]byte(`{"Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}}`), a, false)
			require.NoError(t, err)
			return guarded
		},
	} {
		t.Run(name, func(t *testing.T) {
			g := must(gateway.New(gateway.API{
				Kind: gateway.RESTAPI,
				Responses: gateway.Responses{gateway.AccessDenied: {
					Status: 302, Parameters: map[string]string{"gatewayresponse.header.Location": "context.authorizer.code"},
					Templates: map[string]string{"application/json": `{"who":"$context.authorizer.principalId","code":"$context.authorizer.code"}`},
				}},
				Routes:  []gateway.Route{{Key: "GET /a", Authorizer: wrap(must(authorize.Lambda(returns(reply, nil), authorize.LambdaOptions{Token: true, TTL: time.Minute})))}},
				Default: gateway.Lambda(returns(`{"statusCode":200}`, nil), gateway.LambdaOptions{}),
			}, gateway.Options{}))
			for range 2 { // the second is judged by the answer that was kept
				w := httptest.NewRecorder()
				g.ServeHTTP(w, request("GET", "/a", "Authorization", "x"))
				assert.Equal(t, 302, w.Code)
				assert.Equal(t, `{"who":"p1","code":"7"}`, w.Body.String())
				assert.Equal(t, "7", w.Header().Get("Location"))
			}
		})
	}
}

func TestLambdaCache(t *testing.T) {
	const arn = "arn:aws:execute-api:us-east-1:123456789012:a1b2c3d4e5/prod"
	routes := func() []gateway.Route {
		return []gateway.Route{{Key: "GET /notes/{id}"}, {Key: "POST /notes/{id}"}, {Key: "GET /other"}}
	}
	t.Run("a policy is kept by the token, and judges each request", func(t *testing.T) {
		calls := 0
		options := authorize.LambdaOptions{Token: true, TTL: 300 * time.Second}
		a := newAPI(t, gateway.RESTAPI, "", must(authorize.Lambda(returns(policy("Allow", arn+"/GET/notes/1"), &calls), options)), routes()...)
		assert.Equal(t, in, a.get("Authorization", "a"))
		assert.Equal(t, in, a.get("Authorization", "a"))
		assert.Equal(t, 1, calls)
		assert.Equal(t, notAllowed, a.send(request("POST", "/notes/1", "Authorization", "a")), "another method (docs/authorizers.md: cached policies)")
		assert.Contains(t, a.logs.String(), "/prod/POST/notes/1; it was kept of an earlier request: a policy that is kept has to allow all")
		assert.Equal(t, 1, calls)
		assert.Equal(t, in, a.get("Authorization", "b"))
		assert.Equal(t, 2, calls, "another token")
		a.clock = a.clock.Add(299 * time.Second)
		a.get("Authorization", "a")
		assert.Equal(t, 2, calls)
		a.clock = a.clock.Add(time.Second)
		a.get("Authorization", "a")
		assert.Equal(t, 3, calls, "after its time")
	})
	t.Run("failures are not kept", func(t *testing.T) {
		calls := 0
		options := authorize.LambdaOptions{Token: true, TTL: time.Minute}
		a := newAPI(t, gateway.RESTAPI, "", must(authorize.Lambda(returns(`{}`, &calls), options)))
		a.get("Authorization", "a")
		a.get("Authorization", "a")
		assert.Equal(t, 2, calls)
	})
	t.Run("the key is all sources, each by itself", func(t *testing.T) {
		calls := 0
		options := authorize.LambdaOptions{TTL: time.Minute, Sources: []string{"method.request.header.A", "method.request.header.B"}}
		a := newAPI(t, gateway.RESTAPI, "", must(authorize.Lambda(returns(allowAll, &calls), options)))
		a.get("A", "xy", "B", "z")
		a.get("A", "x", "B", "yz")
		a.get("A", "xy", "B", "z")
		assert.Equal(t, 2, calls)
	})
	t.Run("yes holds for every route, unless the route is a source (docs/authorizers.md)", func(t *testing.T) {
		calls := 0
		options := authorize.LambdaOptions{Format: gateway.Format2, Simple: true, TTL: time.Minute, Sources: []string{"$request.header.A"}}
		a := newAPI(t, gateway.HTTPAPI, "", must(authorize.Lambda(returns(`{"isAuthorized":true}`, &calls), options)), routes()...)
		a.get("A", "x")
		a.send(request("GET", "/other", "A", "x"))
		assert.Equal(t, 1, calls)

		options.Sources = append(options.Sources, "$context.routeKey")
		a = newAPI(t, gateway.HTTPAPI, "", must(authorize.Lambda(returns(`{"isAuthorized":true}`, &calls), options)), routes()...)
		a.get("A", "x")
		a.send(request("GET", "/other", "A", "x"))
		a.get("A", "x")
		assert.Equal(t, 3, calls)
	})
	t.Run("no TTL keeps nothing", func(t *testing.T) {
		calls := 0
		a := newAPI(t, gateway.RESTAPI, "", must(authorize.Lambda(returns(allowAll, &calls), authorize.LambdaOptions{Token: true})))
		a.get("Authorization", "a")
		a.get("Authorization", "a")
		assert.Equal(t, 2, calls)
	})
}

func TestLambdaTimeout(t *testing.T) {
	hangs := function(func(ctx context.Context, _ []byte) ([]byte, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	})
	a := newAPI(t, gateway.RESTAPI, "", must(authorize.Lambda(hangs, authorize.LambdaOptions{Token: true, Timeout: time.Millisecond})))
	assert.Equal(t, broken, a.get("Authorization", "a"))
}

func TestLambdaOptions(t *testing.T) {
	f := returns(allowAll, nil)
	for _, row := range []struct {
		name     string
		function invoke.Invoker
		options  authorize.LambdaOptions
		want     string
	}{
		{"no function", nil, authorize.LambdaOptions{}, "authorize: Lambda has no function"},
		{"two sources of a token", f, authorize.LambdaOptions{Token: true, Sources: []string{"method.request.header.A", "method.request.header.B"}}, "has one identity source, a header"},
		{"a token in the query", f, authorize.LambdaOptions{Token: true, Sources: []string{"method.request.querystring.A"}}, "has one identity source, a header"},
		{"a token in format 2.0", f, authorize.LambdaOptions{Token: true, Format: gateway.Format2}, `has no payload format "2.0"`},
		{"an expression for requests", f, authorize.LambdaOptions{Validation: "x"}, "an identity validation expression is for TOKEN authorizers"},
		{"an expression that is none", f, authorize.LambdaOptions{Token: true, Validation: "("}, `the identity validation expression "("`},
		{"yes or no in format 1.0", f, authorize.LambdaOptions{Format: gateway.Format1, Simple: true}, "simple responses need payload format 2.0"},
		{"a long TTL", f, authorize.LambdaOptions{Token: true, TTL: time.Hour + 1}, "is not between 0 and an hour"},
		{"a TTL without sources", f, authorize.LambdaOptions{TTL: time.Minute}, "needs identity sources"},
		{"a path parameter as a source", f, authorize.LambdaOptions{Sources: []string{"method.request.path.id"}}, `the identity source "method.request.path.id"`},
		{"an unknown context variable", f, authorize.LambdaOptions{Sources: []string{"context.authorizer.sub"}}, `the identity source "context.authorizer.sub"`},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, err := authorize.Lambda(row.function, row.options)
			assert.ErrorContains(t, err, row.want)
		})
	}
}
