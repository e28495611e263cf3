package definition_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/local/definition"
	"github.com/lambridge-go/lambridge/local/invoke"
)

// echo is a function that answers with its name and with what the event says of the
// route, in every payload format.
type echo string

func (name echo) Invoke(_ context.Context, payload []byte) ([]byte, error) {
	var event struct {
		Version, Resource, RouteKey string
		Path, RawPath, HTTPMethod   string
		PathParameters              map[string]string
		RequestContext              struct {
			Stage string
			HTTP  struct{ Method string }
			ELB   any
		}
	}
	if err := json.Unmarshal(payload, &event); err != nil {
		return nil, err
	}
	body := fmt.Sprintf("fn=%s", string(name))
	for _, part := range []struct{ name, value string }{
		{"version", event.Version}, {"resource", event.Resource}, {"routeKey", event.RouteKey}, {"path", event.Path + event.RawPath},
		{"method", event.HTTPMethod + event.RequestContext.HTTP.Method}, {"stage", event.RequestContext.Stage},
		{"parameters", strings.TrimPrefix(fmt.Sprint(event.PathParameters), "map[]")},
	} {
		if part.value != "" {
			body += " " + part.name + "=" + part.value
		}
	}
	return json.Marshal(map[string]any{"statusCode": 200, "headers": map[string]string{"content-type": "text/plain"}, "body": body})
}

// echoes gives every function of a plan an echo of its logical id or name.
func echoes(f *definition.Function) (invoke.Invoker, error) {
	if f.LogicalID != "" {
		return echo(f.LogicalID), nil
	}
	return echo(f.Name), nil
}

// assemble puts a definition into use with echoes for functions.
func assemble(t *testing.T, file string, o definition.Options) ([]definition.Door, *definition.Assembly) {
	t.Helper()
	plan, err := definition.Load(file, o)
	require.NoError(t, err)
	assembly, err := plan.Assemble(echoes, definition.Assembling{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, assembly.Close()) })
	return plan.Doors(), assembly
}

// ask sends a request, "GET /a X: y", and returns the status and the body.
func ask(h http.Handler, request string) string {
	words := strings.Fields(request)
	r := httptest.NewRequest(words[0], words[1], nil)
	for i := 2; i+1 < len(words); i += 2 {
		r.Header.Set(strings.TrimSuffix(words[i], ":"), words[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	body, _ := io.ReadAll(w.Result().Body)
	return fmt.Sprintf("%d %s", w.Code, body)
}

// TestTemplatesOfTools asks the APIs of templates that CDK and the Serverless
// Framework wrote what AWS answers.
func TestTemplatesOfTools(t *testing.T) {
	for _, tt := range []struct{ file, request, want string }{
		{"cdk-rest-proxy-cors", "GET /prod/", `200 fn=Fn9270CBC0 resource=/ path=/ method=GET stage=prod`},
		{"cdk-rest-proxy-cors", "POST /prod/a/b?x=1", `200 fn=Fn9270CBC0 resource=/{proxy+} path=/a/b method=POST stage=prod parameters=map[proxy:a/b]`},
		{"cdk-rest-spec-inline", "GET /beta/sub/5", `200 fn=Fn9270CBC0 resource=/sub/{id} path=/sub/5 method=GET stage=beta parameters=map[id:5]`},
		{"cdk-rest-spec-inline", "DELETE /beta/join", `200 fn=Fn9270CBC0 resource=/join path=/join method=DELETE stage=beta`},
		{"cdk-rest-spec-inline", "POST /beta/sub/5", `403 {"message":"Missing Authentication Token"}`},
		{"cdk-rest-spec-inline", "GET /beta/", `403 {"message":"Missing Authentication Token"}`},
		{"cdk-rest-auth", "GET /prod/open", `200 fn=Fn9270CBC0 resource=/open path=/open method=GET stage=prod`},
		{"cdk-http-lambda", "GET /a/5", `200 fn=Fn9270CBC0 version=2.0 routeKey=GET /a/{id} path=/a/5 method=GET stage=$default parameters=map[id:5]`},
		{"cdk-http-lambda", "PUT /a/5", `200 fn=Dflt2E75764A version=2.0 routeKey=$default path=/a/5 method=PUT stage=$default`},
		{"cdk-http-lambda", "DELETE /b", `200 fn=Fn9270CBC0 version=2.0 routeKey=ANY /b path=/b method=DELETE stage=$default`},
		{"sls-httpapi", "GET /q", `200 fn=HelloLambdaFunction version=2.0 routeKey=$default path=/q method=GET stage=$default`},
		{"sls-httpapi", "GET /x/5", `200 fn=HelloLambdaFunction version=2.0 routeKey=GET /x/{id} path=/x/5 method=GET stage=$default parameters=map[id:5]`},
		{"sls-httpapi", "PATCH /any", `200 fn=HelloLambdaFunction version=2.0 routeKey=ANY /any path=/any method=PATCH stage=$default`},
		{"sls-httpapi", "GET /one", `200 fn=V1LambdaFunction version=1.0 resource=/one path=/one method=GET stage=$default`},
	} {
		t.Run(tt.file+" "+tt.request, func(t *testing.T) {
			_, assembly := assemble(t, "testdata/tools/"+tt.file+".json", definition.Options{})
			assert.Equal(t, tt.want, ask(assembly.Handlers[0], tt.request))
		})
	}
}

// TestPreflightsOfTemplates asks the HTTP APIs of tools' templates for their CORS.
func TestPreflightsOfTemplates(t *testing.T) {
	for _, tt := range []struct {
		file, method, path string
		request, want      map[string]string
		status             int
	}{
		{"cdk-http-lambda", "OPTIONS", "/b", map[string]string{"Origin": "https://a.example", "Access-Control-Request-Method": "PUT"},
			map[string]string{"Access-Control-Allow-Origin": "https://a.example", "Access-Control-Allow-Credentials": "true", "Access-Control-Max-Age": "86400"}, 204},
		{"cdk-rest-auth", "OPTIONS", "/prod/token", map[string]string{"Origin": "https://b.example"},
			map[string]string{"Access-Control-Allow-Origin": "https://b.example", "Vary": "Origin", "Access-Control-Allow-Credentials": "true", "Access-Control-Max-Age": "600", "Access-Control-Allow-Methods": "GET,POST"}, 204},
		{"cdk-rest-auth", "OPTIONS", "/prod/token", map[string]string{"Origin": "https://evil.example"},
			map[string]string{"Access-Control-Allow-Origin": "https://a.example"}, 204},
		{"cdk-rest-proxy-cors", "OPTIONS", "/prod/a/b", map[string]string{"Origin": "https://x.example"},
			map[string]string{"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Methods": "OPTIONS,GET,PUT,POST,DELETE,PATCH,HEAD", "Access-Control-Allow-Headers": "Content-Type,X-Amz-Date,Authorization,X-Api-Key,X-Amz-Security-Token,X-Amz-User-Agent"}, 204},
		{"cdk-rest-proxy-cors", "OPTIONS", "/prod/", nil, map[string]string{"Access-Control-Allow-Origin": "*"}, 204},
		{"cdk-rest-proxy-cors", "GET", "/prod/a", map[string]string{"Origin": "https://x.example"}, map[string]string{"Access-Control-Allow-Origin": ""}, 200},
		{"cdk-http-lambda", "GET", "/zz", map[string]string{"Origin": "https://a.example"},
			map[string]string{"Access-Control-Allow-Origin": "https://a.example", "Access-Control-Allow-Credentials": "true"}, 200},
		{"sls-httpapi", "OPTIONS", "/q", map[string]string{"Origin": "https://o", "Access-Control-Request-Method": "GET"},
			map[string]string{"Access-Control-Allow-Origin": "*"}, 204},
	} {
		_, assembly := assemble(t, "testdata/tools/"+tt.file+".json", definition.Options{})
		r := httptest.NewRequest(tt.method, tt.path, nil)
		for name, value := range tt.request {
			r.Header.Set(name, value)
		}
		w := httptest.NewRecorder()
		assembly.Handlers[0].ServeHTTP(w, r)
		assert.Equal(t, tt.status, w.Code)
		for name, value := range tt.want {
			assert.Equal(t, value, headerOf(w.Header(), name), "%s %s: %s", tt.method, tt.path, name)
		}
	}
}

// allow is an authorizer function of templates that CDK and the Serverless Framework
// wrote: it lets everybody in, and counts.
type allow struct {
	simple bool
	calls  *atomic.Int32
}

func (a allow) Invoke(_ context.Context, payload []byte) ([]byte, error) {
	a.calls.Add(1)
	if a.simple {
		return []byte(`{"isAuthorized":true}`), nil
	}
	var event struct{ MethodARN string }
	if err := json.Unmarshal(payload, &event); err != nil {
		return nil, err
	}
	return json.Marshal(map[string]any{"principalId": "p", "policyDocument": map[string]any{
		"Version": "2012-10-17", "Statement": []any{map[string]any{"Action": "execute-api:Invoke", "Effect": "Allow", "Resource": event.MethodARN}},
	}})
}

// TestGuardedTemplatesOfTools asks what AWS answers of the routes with authorizers, and
// how often their functions are called for that.
func TestGuardedTemplatesOfTools(t *testing.T) {
	const fn = "200 fn=Fn9270CBC0 resource="
	for _, tt := range []struct {
		file, request, want string
		calls               int32
	}{
		{"cdk-rest-auth", "GET /prod/token", `401 {"message":"Unauthorized"}`, 0},
		{"cdk-rest-auth", "GET /prod/token Authorization: x", fn + "/token path=/token method=GET stage=prod", 1},
		{"cdk-rest-auth", "GET /prod/request?q=1", `401 {"message":"Unauthorized"}`, 0},
		{"cdk-rest-auth", "GET /prod/request?q=1 X-A: k", fn + "/request path=/request method=GET stage=prod", 1},
		{"cdk-rest-auth", "GET /prod/request0", fn + "/request0 path=/request0 method=GET stage=prod", 2},
		{"cdk-rest-auth", "GET /prod/cognito", `401 {"message":"Unauthorized"}`, 0},
		{"cdk-rest-auth", "GET /prod/iam", `403 {"message":"Missing Authentication Token"}`, 0},
		{"sls-httpapi", "POST /p/z", `401 {"message":"Unauthorized"}`, 0},
		{"sls-httpapi", "GET /lam X-A: k", "200 fn=HelloLambdaFunction version=2.0 routeKey=GET /lam path=/lam method=GET stage=$default", 1},
		{"cdk-rest-proxy-cors", "OPTIONS /prod/a Content-Type: text/plain", `500 {"message": "Internal server error"}`, 0},
	} {
		t.Run(tt.file+" "+tt.request, func(t *testing.T) {
			plan, err := definition.Load("testdata/tools/"+tt.file+".json", definition.Options{})
			require.NoError(t, err)
			var calls atomic.Int32
			assembly, err := plan.Assemble(func(f *definition.Function) (invoke.Invoker, error) {
				if slices.ContainsFunc(f.Used, func(by string) bool { return strings.HasPrefix(by, "authorizer") }) {
					return allow{f.LogicalID == "AuthLambdaFunction", &calls}, nil
				}
				return echoes(f)
			}, definition.Assembling{})
			require.NoError(t, err)
			for range 2 { // the second time what is kept is kept
				assert.Equal(t, tt.want, ask(assembly.Handlers[0], tt.request))
			}
			assert.Equal(t, tt.calls, calls.Load())
		})
	}
}

// headerOf finds a header whatever its spelling.
func headerOf(h http.Header, name string) string {
	for spelled, values := range h {
		if strings.EqualFold(spelled, name) {
			return strings.Join(values, ", ")
		}
	}
	return ""
}

// TestDocumentOfLambdaProxyPage gives the requests of AWS's page on Lambda proxy
// integrations the answers that it prints, with its function written in Go.
//
// The page calls the API it makes step by step at POST /test, which has no path: of
// its own definition, with a resource {proxy+} alone, API Gateway answers that with
// 403.
func TestDocumentOfLambdaProxyPage(t *testing.T) {
	for _, document := range []string{"openapi", "swagger"} {
		t.Run(document, func(t *testing.T) {
			plan, err := definition.Load("testdata/aws/lambda-proxy."+document+".json", definition.Options{})
			require.NoError(t, err)
			assembly, err := plan.Assemble(func(*definition.Function) (invoke.Invoker, error) { return greeter{}, nil }, definition.Assembling{})
			require.NoError(t, err)
			h := assembly.Handlers[0]
			assert.Equal(t, "200 Hello, jane!", ask(h, "GET /testStage/greeting?greeter=jane"))
			assert.Equal(t, "200 Hello, jane!", ask(h, "GET /testStage/hi Content-Type: application/json greeter: jane"))
			r := httptest.NewRequest("POST", "/testStage/any", strings.NewReader(`{ "greeter": "jane" }`))
			r.Header.Set("Content-Type", "application/json")
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			assert.Equal(t, "200 Hello, jane!", fmt.Sprintf("%d %s", w.Code, w.Body))
			for _, resource := range []string{"/produce", "/produce/fruit", "/produce/vegetables/carrot"} {
				assert.Equal(t, "200 Hello, World!", ask(h, "GET /testStage"+resource))
			}
			assert.Equal(t, `403 {"message":"Missing Authentication Token"}`, ask(h, "POST /testStage"))
		})
	}
}

// greeter is the function of the page, whose code is JavaScript there.
type greeter struct{}

func (greeter) Invoke(_ context.Context, payload []byte) ([]byte, error) {
	var event struct {
		Body                  string
		QueryStringParameters map[string]string
		MultiValueHeaders     map[string][]string
	}
	if err := json.Unmarshal(payload, &event); err != nil {
		return nil, err
	}
	name := "World"
	var body struct{ Greeter string }
	switch {
	case json.Unmarshal([]byte(event.Body), &body) == nil && body.Greeter != "":
		name = body.Greeter
	case event.QueryStringParameters["greeter"] != "":
		name = event.QueryStringParameters["greeter"]
	default:
		for header, values := range event.MultiValueHeaders {
			if strings.EqualFold(header, "greeter") {
				name = strings.Join(values, " and ")
			}
		}
	}
	return json.Marshal(map[string]any{"statusCode": 200, "headers": map[string]string{"Content-Type": "*/*"}, "body": "Hello, " + name + "!"})
}

// TestRefusedRoutes holds that a route which cannot be served answers 500 in its own
// place, and the rest is served.
func TestRefusedRoutes(t *testing.T) {
	dir := project(t, "template.yaml", `
Resources:
  Fn:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: fn
      FunctionUrlConfig: {AuthType: NONE}
      Events:
        All: {Type: HttpApi}
        Good: {Type: HttpApi, Properties: {Path: /good, Method: GET}}
        Nobody: {Type: HttpApi, Properties: {Path: /nobody, Method: GET, Auth: {Authorizer: Nobody}}}
        Partial: {Type: HttpApi, Properties: {Path: "/x{id}", Method: GET}}
        Greedy: {Type: HttpApi, Properties: {Path: "/{all+}/end", Method: GET}}
  Missing:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: nowhere, Events: {Missing: {Type: HttpApi, Properties: {Path: /missing, Method: GET}}}}
`, "fn/main.go", program)
	plan, err := definition.Load(filepath.Join(dir, "template.yaml"), definition.Options{})
	require.NoError(t, err)
	assembly, err := plan.Assemble(func(f *definition.Function) (invoke.Invoker, error) {
		if f.Source.Missing != "" {
			return nil, os.ErrNotExist
		}
		return echoes(f)
	}, definition.Assembling{})
	require.NoError(t, err)
	api, functionURL := assembly.Handlers[0], assembly.Handlers[1]
	assert.Equal(t, "200 fn=Fn version=2.0 routeKey=GET /good path=/good method=GET stage=$default", ask(api, "GET /good"))
	assert.Equal(t, "200 fn=Fn version=2.0 routeKey=$default path=/else method=GET stage=$default", ask(api, "GET /else"))
	assert.Equal(t, `500 {"message":"Internal Server Error"}`, ask(api, "GET /nobody"))
	assert.Equal(t, `500 {"message":"Internal Server Error"}`, ask(api, "GET /missing"))
	assert.Equal(t, "200 fn=Fn version=2.0 routeKey=$default path=/x method=GET stage=$default", ask(functionURL, "GET /x"))
	// A path that no API can have has no requests either, and takes nothing with it.
	assert.Equal(t, "200 fn=Fn version=2.0 routeKey=$default path=/x5 method=GET stage=$default", ask(api, "GET /x5"))
	require.Len(t, plan.Refused, 3)
	require.Len(t, assembly.Refused, 1)
	assert.Equal(t, "template.yaml:15: API ServerlessHttpApi: GET /missing: the function Missing: file does not exist", short(assembly.Refused[0]))
}

// TestPoliciesOfSAM asks APIs whose resource policies SAM writes. Where there is a
// policy and no authorizer, what it does not allow is denied.
func TestPoliciesOfSAM(t *testing.T) {
	dir := project(t, "template.yaml", `
Transform: AWS::Serverless-2016-10-31
Parameters: {Office: {Type: String, Default: 192.0.2.0/24}}
Resources:
  In: {Type: AWS::Serverless::Api, Properties: {StageName: s, Auth: {ResourcePolicy: {IpRangeWhitelist: [10.0.0.0/8, !Ref Office]}}}}
  Out: {Type: AWS::Serverless::Api, Properties: {StageName: s, Auth: {ResourcePolicy: {IpRangeBlacklist: [192.0.2.1]}}}}
  Some:
    Type: AWS::Serverless::Api
    Properties:
      StageName: s
      DefinitionBody:
        swagger: "2.0"
        x-amazon-apigateway-policy: {Statement: {Effect: Allow, Principal: "*", Action: "*", Resource: "execute-api:/*"}}
        paths: {/a: {get: {x-amazon-apigateway-integration: {type: aws_proxy, httpMethod: POST, uri: !Sub "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${Fn.Arn}/invocations"}}}}
      Auth: {ResourcePolicy: {CustomStatements: [{Effect: Deny, Principal: "*", Action: "execute-api:Invoke", Resource: "execute-api:/s/GET/a"}]}}
  Vpc: {Type: AWS::Serverless::Api, Properties: {StageName: s, Auth: {ResourcePolicy: {SourceVpcWhitelist: [vpce-1]}}}}
  Event: {Type: AWS::Serverless::Api, Properties: {StageName: s}}
  Fn:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: fn
      Events:
        In: {Type: Api, Properties: {RestApiId: !Ref In, Path: "/a/{id}", Method: get}}
        Out: {Type: Api, Properties: {RestApiId: !Ref Out, Path: /a, Method: any}}
        Vpc: {Type: Api, Properties: {RestApiId: !Ref Vpc, Path: /a, Method: any}}
        Event: {Type: Api, Properties: {RestApiId: !Ref Event, Path: "/a/{all+}", Method: any, Auth: {ResourcePolicy: {IpRangeWhitelist: [192.0.2.1]}}}}
        Other: {Type: Api, Properties: {RestApiId: !Ref Event, Path: /b, Method: get}}
`, "fn/main.go", program)
	doors, assembly := assemble(t, filepath.Join(dir, "template.yaml"), definition.Options{})
	denied := func(method string) string {
		return `403 {"Message":"User: anonymous is not authorized to perform: execute-api:Invoke on resource: arn:aws:execute-api:us-east-1:********9012:API/s/` + method + `"}`
	}
	for _, tt := range []struct{ api, request, want string }{ // httptest's clients have 192.0.2.1
		{"In", "GET /s/a/5", "200 fn=Fn"},
		{"Out", "PUT /s/a", strings.Replace(denied("PUT/a"), `"}`, ` with an explicit deny"}`, 1)},
		{"Some", "GET /s/a", strings.Replace(denied("GET/a"), `"}`, ` with an explicit deny"}`, 1)},
		{"Vpc", "GET /s/a", "200 fn=Fn"}, // its condition is named, and not evaluated
		{"Event", "PUT /s/a/b/c", "200 fn=Fn"},
		{"Event", "GET /s/b", denied("GET/b")},
	} {
		t.Run(tt.api+" "+tt.request, func(t *testing.T) {
			at := slices.IndexFunc(doors, func(d definition.Door) bool { return d.Name == tt.api })
			require.GreaterOrEqual(t, at, 0)
			got := regexp.MustCompile(`(9012:)[^/]*/`).ReplaceAllString(ask(assembly.Handlers[at], tt.request), "${1}API/")
			assert.True(t, strings.HasPrefix(got, tt.want), got)
		})
	}
	require.Len(t, assembly.Refused, 1)
	assert.Contains(t, assembly.Refused[0].Text, "StringNotEquals aws:SourceVpce")
}

// TestLoadBalancer sends requests by the rules of a listener.
func TestLoadBalancer(t *testing.T) {
	dir := project(t, "template.yaml", `
Resources:
  Listener: {Type: AWS::ElasticLoadBalancingV2::Listener, Properties: {DefaultActions: [{Type: fixed-response, FixedResponseConfig: {StatusCode: "404", ContentType: text/plain, MessageBody: nothing}}]}}
  A: {Type: AWS::ElasticLoadBalancingV2::ListenerRule, Properties: {ListenerArn: !Ref Listener, Priority: 2, Actions: [{Type: forward, TargetGroupArn: !Ref ToA}], Conditions: [{Field: path-pattern, Values: ["/a/*", "/?"]}, {Field: http-request-method, HttpRequestMethodConfig: {Values: [GET]}}]}}
  B: {Type: AWS::ElasticLoadBalancingV2::ListenerRule, Properties: {ListenerArn: !Ref Listener, Priority: 1, Actions: [{Type: forward, TargetGroupArn: !Ref ToB}], Conditions: [{Field: http-header, HttpHeaderConfig: {HttpHeaderName: X-To, Values: ["B*"]}}]}}
  C: {Type: AWS::ElasticLoadBalancingV2::ListenerRule, Properties: {ListenerArn: !Ref Listener, Priority: 3, Actions: [{Type: forward, TargetGroupArn: !Ref ToB}], Conditions: [{Field: query-string, QueryStringConfig: {Values: [{Key: to, Value: b}, {Value: bb}]}}]}}
  D: {Type: AWS::ElasticLoadBalancingV2::ListenerRule, Properties: {ListenerArn: !Ref Listener, Priority: 4, Actions: [{Type: forward, TargetGroupArn: !Ref ToB}], Conditions: [{Field: host-header, Values: ["*.b.example"]}, {Field: source-ip, SourceIpConfig: {Values: [192.0.2.0/24]}}]}}
  E: {Type: AWS::ElasticLoadBalancingV2::ListenerRule, Properties: {ListenerArn: !Ref Listener, Priority: 5, Actions: [{Type: redirect}], Conditions: [{Field: path-pattern, Values: [/moved]}]}}
  F: {Type: AWS::ElasticLoadBalancingV2::ListenerRule, Properties: {ListenerArn: !Ref Listener, Priority: 6, Actions: [{Type: forward, TargetGroupArn: !Ref ToA}], Conditions: [{Field: path-pattern, Values: ["/m*"]}]}}
  ToA: {Type: AWS::ElasticLoadBalancingV2::TargetGroup, Properties: {TargetType: lambda, Targets: [{Id: !GetAtt FnA.Arn}]}}
  ToB: {Type: AWS::ElasticLoadBalancingV2::TargetGroup, Properties: {TargetType: lambda, Targets: [{Id: !GetAtt FnB.Arn}]}}
  FnA: {Type: AWS::Lambda::Function, Properties: {Code: fn}}
  FnB: {Type: AWS::Lambda::Function, Properties: {Code: fn}}
`)
	_, assembly := assemble(t, filepath.Join(dir, "template.yaml"), definition.Options{})
	for request, want := range map[string]string{
		"GET /a/x":                         "200 fn=FnA path=/a/x method=GET",
		"GET /z":                           "200 fn=FnA path=/z method=GET",
		"GET /a/x X-To: bee":               "200 fn=FnB path=/a/x method=GET",
		"POST /a/x":                        "404 nothing",
		"POST /q?to=b":                     "200 fn=FnB path=/q method=POST",
		"POST /q?any=BB":                   "200 fn=FnB path=/q method=POST",
		"POST /q?to=c":                     "404 nothing",
		"GET http://shop.b.example/abc":    "200 fn=FnB path=/abc method=GET", // httptest's clients have 192.0.2.1
		"GET http://shop.b.example.net/ab": "404 nothing",
		"POST /more":                       "200 fn=FnA path=/more method=POST",
		"POST /moved":                      `500 {"message": "Internal server error"}`, // refused, and not for the wider rule behind it
	} {
		assert.Equal(t, want, ask(assembly.Handlers[0], request), request)
	}
}

// TestDoors holds where the doors of a plan begin, and that functions are told of
// them.
func TestDoors(t *testing.T) {
	dir := project(t, "template.yaml", `
Resources:
  Rest: {Type: AWS::Serverless::Api, Properties: {StageName: v1}}
  Http: {Type: AWS::Serverless::HttpApi}
  Chat: {Type: AWS::Serverless::WebSocketApi, Properties: {RouteSelectionExpression: $request.body.action, StageName: live, Routes: {$default: {FunctionArn: !GetAtt Fn.Arn}}}}
  Fn:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: fn
      FunctionUrlConfig: {AuthType: NONE}
      Environment:
        Variables:
          REST: !Sub "https://${Rest}.execute-api.${AWS::Region}.amazonaws.com/v1/"
          HTTP: !GetAtt Http.ApiEndpoint
          CHAT: !Sub "wss://${Chat}.execute-api.${AWS::Region}.${AWS::URLSuffix}/live"
          URL: !GetAtt FnUrl.FunctionUrl
          HOST: !Sub "${Http}.execute-api.${AWS::Region}.amazonaws.com"
          ID: !Ref Http
`, "fn/main.go", program)
	plan, err := definition.Load(filepath.Join(dir, "template.yaml"), definition.Options{})
	require.NoError(t, err)
	addresses, got := map[string]string{}, []string{}
	for n, door := range plan.Doors() {
		addresses[door.Domain] = fmt.Sprintf("127.0.0.1:300%d", n)
		got = append(got, string(door.Kind)+" "+door.Name+" "+door.Path)
	}
	assert.Equal(t, []string{"REST API Rest /v1/", "HTTP API Http /", "WebSocket API Chat /live", "function URL FnUrl /"}, got)
	assert.Equal(t, []string{
		"REST=http://127.0.0.1:3000/v1/", "HTTP=http://127.0.0.1:3001", "CHAT=ws://127.0.0.1:3002/live", "URL=http://127.0.0.1:3003/",
		"HOST=127.0.0.1:3001", "ID=" + plan.APIs[1].ID,
	}, plan.Functions[0].Variables(addresses))
}

// TestDoorsOfSeveralStacks tells doors apart that stacks call alike.
func TestDoorsOfSeveralStacks(t *testing.T) {
	stack := `{"Resources": {"Api": {"Type": "AWS::ApiGatewayV2::Api", "Properties": {"ProtocolType": "HTTP", "Name": "a", "Target": {"Fn::GetAtt": ["Fn", "Arn"]}}}, "Fn": {"Type": "AWS::Lambda::Function", "Properties": {}}}}`
	dir := project(t, "manifest.json", `{"artifacts": {
  "Dev": {"type": "aws:cloudformation:stack", "properties": {"templateFile": "Dev.template.json"}},
  "Prod": {"type": "aws:cloudformation:stack", "properties": {"templateFile": "Prod.template.json", "stackName": "shop-prod"}}}}`,
		"Dev.template.json", stack, "Prod.template.json", stack)
	doors, assembly := assemble(t, dir, definition.Options{})
	var names []string
	for _, door := range doors {
		names = append(names, door.Name)
	}
	assert.Equal(t, []string{"Dev/Api", "shop-prod/Api"}, names)
	assert.NotEqual(t, doors[0].Domain, doors[1].Domain)
	assert.Equal(t, "200 fn=Fn version=2.0 routeKey=$default path=/x method=GET stage=$default", ask(assembly.Handlers[1], "GET /x"))
}

// TestUnchanged tells WebSocket APIs whose connections may outlive a reload.
func TestUnchanged(t *testing.T) {
	const template = `
Transform: AWS::Serverless-2016-10-31
Resources:
  Web: {Type: AWS::Serverless::HttpApi}
  Chat: {Type: AWS::Serverless::WebSocketApi, Properties: {RouteSelectionExpression: $request.body.action, Routes: {$default: {FunctionArn: !GetAtt Fn.Arn}}}}
  Fn: {Type: AWS::Serverless::Function, Properties: {CodeUri: fn, Events: {E: {Type: HttpApi, Properties: {ApiId: !Ref Web, Path: /a, Method: GET}}}}}
`
	load := func(text string) *definition.Plan {
		plan, err := definition.Load(filepath.Join(project(t, "template.yaml", text), "template.yaml"), definition.Options{})
		require.NoError(t, err)
		return plan
	}
	before := load(template)
	assert.Equal(t, []bool{false, false}, definition.Unchanged(nil, before))
	assert.Equal(t, []bool{false, true}, definition.Unchanged(before, load("# moved\n"+strings.ReplaceAll(template, "/a", "/b"))))
	assert.Equal(t, []bool{false, false}, definition.Unchanged(before, load(strings.ReplaceAll(template, "$default:", "say:"))))
	assert.Equal(t, []bool{false, false}, definition.Unchanged(before, load(strings.ReplaceAll(template, "body.action", "body.kind"))))
}
