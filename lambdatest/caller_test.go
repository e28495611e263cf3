package lambdatest_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/adapter"
	"github.com/lambridge-go/lambridge/lambdatest"
)

// What a test says of a caller is what the application hears of it, at every front
// door that knows such callers. The others skip.
func TestWithCaller(t *testing.T) {
	const ip = "203.0.113.9"
	claims := adapter.Attributes(`{"sub":"ann","exp":1794000000,"groups":["a","b"]}`)
	pooled := adapter.IAMIdentity{AccessKey: "ASIA", AccountID: "1", UserID: "AROA:s", ARN: "arn:aws:sts::1:assumed-role/r/s",
		PrincipalOrgID: "o-1", CognitoIdentityID: "us-east-1:i", CognitoIdentityPoolID: "us-east-1:p"}
	arn := adapter.IAMIdentity{AccessKey: "AKIA", AccountID: "1", UserID: "AIDA", ARN: "arn:aws:iam::1:user/ann"}
	for _, row := range []struct {
		name  string
		given adapter.Caller
		want  map[lambdatest.Source]adapter.Caller
	}{
		{"a token", adapter.Caller{Claims: claims, Scopes: []string{"read"}, SourceIP: ip}, map[lambdatest.Source]adapter.Caller{
			lambdatest.REST:   {Claims: adapter.Attributes(`{"exp":"1794000000","groups":"a,b","sub":"ann"}`), SourceIP: ip},
			lambdatest.HTTPv1: {Claims: adapter.Attributes(`{"exp":"1794000000","groups":"[a b]","sub":"ann"}`), Scopes: []string{"read"}, SourceIP: ip},
			lambdatest.HTTPv2: {Claims: adapter.Attributes(`{"exp":"1794000000","groups":"[a b]","sub":"ann"}`), Scopes: []string{"read"}, SourceIP: ip},
		}},
		{"a Lambda authorizer", adapter.Caller{PrincipalID: "p1", Context: adapter.Attributes(`{"n":1}`), SourceIP: ip}, map[lambdatest.Source]adapter.Caller{
			lambdatest.REST:   {PrincipalID: "p1", Context: adapter.Attributes(`{"n":"1","principalId":"p1","integrationLatency":0}`), SourceIP: ip},
			lambdatest.HTTPv1: {PrincipalID: "p1", Context: adapter.Attributes(`{"n":"1","principalId":"p1"}`), SourceIP: ip},
			lambdatest.HTTPv2: {Context: adapter.Attributes(`{"n":1}`), SourceIP: ip},
		}},
		{"IAM", adapter.Caller{IAM: &arn, SourceIP: ip}, map[lambdatest.Source]adapter.Caller{
			lambdatest.REST:        {IAM: &arn, SourceIP: ip},
			lambdatest.HTTPv1:      {IAM: &arn, SourceIP: ip},
			lambdatest.HTTPv2:      {IAM: &arn, SourceIP: ip},
			lambdatest.FunctionURL: {IAM: &arn, SourceIP: ip},
			lambdatest.LatticeV2:   {IAM: &adapter.IAMIdentity{ARN: arn.ARN}, SourceIP: ip},
		}},
		{"IAM, by an identity pool", adapter.Caller{IAM: &pooled, SourceIP: ip}, map[lambdatest.Source]adapter.Caller{
			lambdatest.REST:        {IAM: &pooled, SourceIP: ip},
			lambdatest.HTTPv1:      {IAM: &pooled, SourceIP: ip},
			lambdatest.HTTPv2:      {IAM: &pooled, SourceIP: ip},
			lambdatest.FunctionURL: {IAM: &pooled, SourceIP: ip},
			lambdatest.LatticeV2:   {IAM: &adapter.IAMIdentity{ARN: pooled.ARN, PrincipalOrgID: "o-1"}, SourceIP: ip},
		}},
		{"a Lambda authorizer that says more than a REST API takes", adapter.Caller{Context: adapter.Attributes(`{"o":{"a":[1]}}`), SourceIP: ip}, map[lambdatest.Source]adapter.Caller{
			lambdatest.HTTPv1: {Context: adapter.Attributes(`{"o":"{\"a\":[1]}","principalId":""}`), SourceIP: ip},
			lambdatest.HTTPv2: {Context: adapter.Attributes(`{"o":{"a":[1]}}`), SourceIP: ip},
		}},
	} {
		t.Run(row.name, func(t *testing.T) {
			asked := map[lambdatest.Source]adapter.Caller{}
			lambdatest.Each(t, func(t *testing.T, source lambdatest.Source) {
				app := adapter.Wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
					caller, ok := adapter.CallerFrom(r.Context())
					assert.True(t, ok)
					asked[source] = caller
				}))
				resp := lambdatest.Do(t, app, source, httptest.NewRequest("GET", "/", nil), lambdatest.WithCaller(row.given))
				assert.Equal(t, 200, resp.StatusCode)
			})
			assert.Equal(t, row.want, asked)
		})
	}
	t.Run("a certificate and an API key", func(t *testing.T) {
		certificate := selfSigned()
		app := adapter.Wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			caller, ok := adapter.CallerFrom(r.Context())
			assert.True(t, ok)
			assert.Equal(t, "id1", caller.APIKeyID)
			assert.Equal(t, certificate.Raw, caller.Certificate.Raw)
		}))
		lambdatest.Do(t, app, lambdatest.REST, httptest.NewRequest("GET", "/", nil), lambdatest.WithCaller(adapter.Caller{APIKeyID: "id1", Certificate: certificate}))
	})
	t.Run("an address alone is known everywhere", func(t *testing.T) {
		for _, source := range lambdatest.Sources() {
			app := adapter.Wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				caller, ok := adapter.CallerFrom(r.Context())
				assert.False(t, ok)
				assert.Equal(t, adapter.Caller{SourceIP: ip}, caller, source)
			}))
			resp := lambdatest.Do(t, app, source, httptest.NewRequest("GET", "/", nil), lambdatest.WithCaller(adapter.Caller{SourceIP: ip}))
			assert.Equal(t, 200, resp.StatusCode)
		}
	})
	t.Run("NewEvent and NewServer skip, too", func(t *testing.T) {
		skipped := 0
		for name, f := range map[string]func(t *testing.T){
			"NewEvent": func(t *testing.T) {
				lambdatest.NewEvent(t, lambdatest.ALB, httptest.NewRequest("GET", "/", nil), lambdatest.WithCaller(adapter.Caller{IAM: &arn}))
			},
			"NewServer": func(t *testing.T) {
				lambdatest.NewServer(t, adapter.Wrap(http.NotFoundHandler()), lambdatest.FunctionURL, lambdatest.WithCaller(adapter.Caller{Claims: claims}))
			},
		} {
			t.Run(name, func(t *testing.T) {
				t.Cleanup(func() {
					if t.Skipped() {
						skipped++
					}
				})
				f(t)
			})
		}
		assert.Equal(t, 2, skipped)
	})
	t.Run("claims that are no JSON are misuse", func(t *testing.T) {
		client := http.Client{Transport: lambdatest.Transport(adapter.Wrap(http.NotFoundHandler()), lambdatest.REST, lambdatest.WithCaller(adapter.Caller{Claims: adapter.Attributes(`{`)}))}
		_, err := client.Get("http://api.example.com/")
		assert.ErrorContains(t, err, "WithCaller: Claims: ")
	})
}

// A caller takes the place of all authorizers of a definition, a WebSocket API's among them.
func TestWithCallerOfADefinition(t *testing.T) {
	const template = `
Resources:
  Rest: {Type: AWS::Serverless::Api, Properties: {StageName: prod, Auth: {DefaultAuthorizer: AWS_IAM}}}
  Fn:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: ., Events: {All: {Type: Api, Properties: {RestApiId: !Ref Rest, Path: /, Method: GET}}}}
  Typed: {Type: AWS::ApiGateway::RestApi, Properties: {Name: typed}}
  Jwt: {Type: AWS::ApiGateway::Authorizer, Properties: {RestApiId: !Ref Typed, Name: jwt, Type: JWT, IdentitySource: method.request.header.Authorization, JwtConfiguration: {DefaultAlgorithms: [RS256], Issuers: [{Issuer: "https://id.example/", Audiences: [a]}]}}}
  Get:
    Type: AWS::ApiGateway::Method
    Properties: {RestApiId: !Ref Typed, ResourceId: !GetAtt Typed.RootResourceId, HttpMethod: GET, AuthorizationType: JWT, AuthorizerId: !Ref Jwt,
      Integration: {Type: AWS_PROXY, IntegrationHttpMethod: POST, Uri: !Sub "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Fn.Arn}/invocations"}}
  TypedStage: {Type: AWS::ApiGateway::Stage, Properties: {RestApiId: !Ref Typed, StageName: prod, DeploymentId: !Ref Deployment}}
  Deployment: {Type: AWS::ApiGateway::Deployment, Properties: {RestApiId: !Ref Typed}}
  Talk: {Type: AWS::ApiGatewayV2::Api, Properties: {ProtocolType: WEBSOCKET, RouteSelectionExpression: $request.body.action}}
  Stage: {Type: AWS::ApiGatewayV2::Stage, Properties: {ApiId: !Ref Talk, StageName: live, AutoDeploy: true}}
  Judge:
    Type: AWS::ApiGatewayV2::Authorizer
    Properties: {ApiId: !Ref Talk, Name: judge, AuthorizerType: REQUEST, IdentitySource: [route.request.querystring.token],
      AuthorizerUri: !Sub "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Fn.Arn}/invocations"}
  Lambda: {Type: AWS::ApiGatewayV2::Integration, Properties: {ApiId: !Ref Talk, IntegrationType: AWS_PROXY, IntegrationUri: !Sub "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Fn.Arn}/invocations"}}
  Connect: {Type: AWS::ApiGatewayV2::Route, Properties: {ApiId: !Ref Talk, RouteKey: $connect, AuthorizationType: CUSTOM, AuthorizerId: !Ref Judge, Target: !Sub "integrations/${Lambda}"}}
  Default: {Type: AWS::ApiGatewayV2::Route, Properties: {ApiId: !Ref Talk, RouteKey: $default, Target: !Sub "integrations/${Lambda}"}}
`
	file := filepath.Join(t.TempDir(), "template.yaml")
	require.NoError(t, os.WriteFile(file, []byte(template), 0o600))
	asked := make(chan adapter.Caller, 2)
	app := adapter.Wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		caller, ok := adapter.CallerFrom(r.Context())
		assert.True(t, ok)
		asked <- caller
	}))
	ann := lambdatest.WithCaller(adapter.Caller{Claims: adapter.Attributes(`{"exp":1794000000,"sub":"ann"}`), SourceIP: "203.0.113.9"})
	api := lambdatest.NewAPI(t, file, lambdatest.Functions{"Fn": app}, ann, lambdatest.WithAPI("Rest"))
	require.Equal(t, 200, api.Do(httptest.NewRequest("GET", "/prod/", nil)).StatusCode)
	assert.Equal(t, adapter.Caller{Claims: adapter.Attributes(`{"exp":"1794000000","sub":"ann"}`), SourceIP: "203.0.113.9"}, <-asked)

	api = lambdatest.NewAPI(t, file, lambdatest.Functions{"Fn": app}, ann, lambdatest.WithAPI("Typed"))
	require.Equal(t, 200, api.Do(httptest.NewRequest("GET", "/prod", nil)).StatusCode)
	assert.Equal(t, adapter.Attributes(`{"exp":1794000000,"sub":"ann"}`), (<-asked).Claims, "with the types that a REST API's JWT authorizer keeps")

	api = lambdatest.NewAPI(t, file, lambdatest.Functions{"Fn": app}, ann, lambdatest.WithAPI("Talk"))
	_, response := api.Handshake("/")
	require.Equal(t, 101, response.StatusCode)
	assert.Equal(t, "ann", (<-asked).PrincipalID)
}
