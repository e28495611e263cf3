package websocket_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	coder "github.com/coder/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/local/authorize"
	"github.com/lambridge-go/lambridge/local/gateway"
	"github.com/lambridge-go/lambridge/local/websocket"
)

// judge is an authorizer function that remembers its last event.
type judge struct {
	reply string
	event atomic.Value
}

func (j *judge) Invoke(_ context.Context, payload []byte) ([]byte, error) {
	j.event.Store(string(payload))
	return []byte(j.reply), nil
}

// refusedWith dials and returns the status of the refusal and its body.
func refusedWith(t *testing.T, url string, header http.Header) (int, string) {
	t.Helper()
	c, response, err := coder.Dial(t.Context(), url, &coder.DialOptions{HTTPHeader: header})
	if err == nil {
		c.CloseNow()
		return response.StatusCode, ""
	}
	require.NotNil(t, response, err)
	body, _ := io.ReadAll(response.Body)
	return response.StatusCode, string(body)
}

// connectWith is an API whose $connect has an authorizer.
func connectWith(f *wsFunction, route websocket.Route) websocket.Config {
	route.Key = "$connect"
	return websocket.Config{Default: lambda(f), Routes: []websocket.Route{route}, Stage: "live"}
}

func TestAuthorizerOfConnect(t *testing.T) {
	const policy = `{"principalId":"p1","context":{"room":"a","n":1},"policyDocument":{"Version":"2012-10-17","Statement":[{"Action":"execute-api:Invoke","Effect":"EFFECT","Resource":"RESOURCE"}]}}`
	reply := func(effect, resource string) string {
		return strings.NewReplacer("EFFECT", effect, "RESOURCE", resource).Replace(policy)
	}
	f := new(wsFunction)
	j := &judge{reply: reply("Allow", "arn:aws:execute-api:*:*:*/live/$connect")}
	authorizer, err := authorize.Lambda(j, authorize.LambdaOptions{Sources: []string{
		"route.request.querystring.token", "context.connectionId", "context.connectedAt", "context.eventType", "context.requestId"}})
	require.NoError(t, err)
	s := serveWebSocket(t, connectWith(f, websocket.Route{Authorizer: authorizer}))

	status, body := refusedWith(t, s.URL+"/live", nil)
	assert.Equal(t, 401, status, "a missing identity source (docs/authorizers.md)")
	assert.Equal(t, `{"message":"Unauthorized"}`, body)
	assert.Nil(t, j.event.Load(), "nobody was asked")

	c, _, err := coder.Dial(t.Context(), s.URL+"/live?token=x", nil)
	require.NoError(t, err)
	defer c.CloseNow()
	var asked map[string]any
	require.NoError(t, json.Unmarshal([]byte(j.event.Load().(string)), &asked))
	assert.Equal(t, "REQUEST", asked["type"])
	assert.Regexp(t, `^arn:aws:execute-api:us-east-1:123456789012:[a-z0-9]{10}/live/\$connect$`, asked["methodArn"])
	assert.Equal(t, map[string]any{"token": "x"}, asked["queryStringParameters"])
	assert.Equal(t, map[string]any{}, asked["stageVariables"], "an empty object, not null (E1)")
	header := asked["headers"].(map[string]any)
	assert.Equal(t, "Upgrade", header["Connection"], "which $connect itself does not see (E1)")
	assert.Equal(t, "websocket", header["Upgrade"])
	assert.NotContains(t, asked, "httpMethod", "absent (docs/authorizers.md)")
	assert.NotContains(t, asked, "pathParameters", "absent (docs/authorizers.md)")

	const left = `{"room":"a","n":"1","principalId":"p1","integrationLatency":0}`
	assert.JSONEq(t, left, string(f.one(t, "CONNECT").RequestContext.Authorizer))
	require.NoError(t, c.Write(t.Context(), coder.MessageText, []byte(`{}`)))
	assert.JSONEq(t, left, string(f.one(t, "MESSAGE").RequestContext.Authorizer), "in all later events (docs/authorizers.md)")

	j.reply = reply("Deny", "*")
	status, body = refusedWith(t, s.URL+"/live?token=y", nil)
	assert.Equal(t, 403, status, "denied (docs/authorizers.md)")
	assert.Equal(t, `{"message":"Forbidden"}`, body)
	j.reply = reply("Allow", "arn:aws:execute-api:*:*:*/live/GET/*")
	status, _ = refusedWith(t, s.URL+"/live?token=y", nil)
	assert.Equal(t, 403, status, "not allowed")
	j.reply = `{}`
	status, _ = refusedWith(t, s.URL+"/live?token=y", nil)
	assert.Equal(t, 500, status, "an authorizer that does not work")
}

// An identity source may be a variable of the stage, which is in the event as well.
func TestStageVariablesOfConnect(t *testing.T) {
	j := &judge{reply: `{"principalId":"p1","policyDocument":{"Version":"2012-10-17","Statement":[{"Action":"*","Effect":"Allow","Resource":"*"}]}}`}
	authorizer, err := authorize.Lambda(j, authorize.LambdaOptions{Sources: []string{"stageVariables.tenant"}})
	require.NoError(t, err)
	config := connectWith(new(wsFunction), websocket.Route{Authorizer: authorizer})
	status, _ := refusedWith(t, serveWebSocket(t, config).URL+"/live", nil)
	assert.Equal(t, 401, status, "there is none of that name")
	config.StageVariables = map[string]string{"tenant": "acme"}
	status, _ = refusedWith(t, serveWebSocket(t, config).URL+"/live", nil)
	assert.Equal(t, 101, status)
	assert.Contains(t, j.event.Load(), `"stageVariables":{"tenant":"acme"}`)
}

func TestIAMOfConnect(t *testing.T) {
	iam, err := authorize.IAM(authorize.IAMOptions{})
	require.NoError(t, err)
	s := serveWebSocket(t, connectWith(new(wsFunction), websocket.Route{Authorizer: iam}))
	status, _ := refusedWith(t, s.URL+"/live", nil)
	assert.Equal(t, 403, status)
}

func TestRequiredParametersOfConnect(t *testing.T) {
	s := serveWebSocket(t, connectWith(new(wsFunction), websocket.Route{Required: &gateway.RequiredParameters{Header: []string{"X-Room"}, Query: []string{"name"}}}))
	status, body := refusedWith(t, s.URL+"/live", nil)
	assert.Equal(t, 400, status)
	assert.Equal(t, `{"message":"Missing required request parameters: [X-Room, name]"}`, body)
	status, _ = refusedWith(t, s.URL+"/live?name=ann", http.Header{"X-Room": {"a"}})
	assert.Equal(t, 101, status)
}

func TestModelsOfRoutes(t *testing.T) {
	models, err := gateway.CompileModels(map[string]json.RawMessage{
		"Say":  json.RawMessage(`{"type":"object","required":["text"]}`),
		"Join": json.RawMessage(`{"type":"object","required":["room"]}`),
	})
	require.NoError(t, err)
	f := new(wsFunction)
	cfg := websocket.Config{Default: lambda(f), TwoWay: true, Routes: []websocket.Route{
		{Key: "talk", Models: &websocket.Models{All: models, ByKey: map[string]string{"say": "Say", "$default": "Join"}, Selection: "$request.body.kind"}},
		{Key: "strict", Models: &websocket.Models{All: models, ByKey: map[string]string{"say": "Say"}, Selection: "$request.body.kind"}},
	}}
	f.answer = func(context.Context, wsEvent) (string, error) { return `{"statusCode":200,"body":"heard"}`, nil }
	s := serveWebSocket(t, cfg)
	c := s.dial(t, nil)
	for _, row := range []struct{ name, message, want string }{
		{"it fits", `{"action":"talk","kind":"say","text":"hi"}`, `heard`},
		{"it does not (documented; docs/authorizers.md)", `{"action":"talk","kind":"say"}`,
			`^\{"message": "Bad request body", "connectionId": "[^"]+", "messageId": "[^"]+"\}$`},
		{"no model of that key, but a $default", `{"action":"talk","kind":"x","room":"a"}`, `heard`},
		{"and one that does not fit it", `{"action":"talk","kind":"x"}`, `Bad request body`},
		{"no model of that key, and no $default (docs/authorizers.md)", `{"action":"strict","kind":"x"}`, `Bad request body`},
		{"a route without models", `{"action":"other"}`, `heard`},
	} {
		t.Run(row.name, func(t *testing.T) {
			require.NoError(t, c.Write(t.Context(), coder.MessageText, []byte(row.message)))
			assert.Regexp(t, row.want, receive(t, c))
		})
	}

	cfg.Routes = []websocket.Route{
		{Key: "a", Models: &websocket.Models{All: models, ByKey: map[string]string{"x": "Gone"}, Selection: "$request.body.kind"}},
		{Key: "b", Required: &gateway.RequiredParameters{}},
		{Key: "c", Models: &websocket.Models{All: models, Selection: "$request.header.x"}},
	}
	err = cfg.Check()
	for _, want := range []string{`route "a": there is no model "Gone", which is the one of "x"`, `route "b": only $connect has an Authorizer and Required parameters`, `route "c": the model selection expression`} {
		assert.ErrorContains(t, err, want)
	}
}

func TestAPIKeysOfConnect(t *testing.T) {
	keys, err := authorize.NewAPIKeys(authorize.APIKey{Name: "ann", Value: "0123456789abcdefghij", Plan: &authorize.UsagePlan{Quota: 1, Period: authorize.Day}})
	require.NoError(t, err)
	f := new(wsFunction)
	cfg := connectWith(f, websocket.Route{APIKeyRequired: true})
	cfg.APIKeys = keys
	s := serveWebSocket(t, cfg)
	for _, row := range []struct {
		name, key string
		want      int
	}{
		{"no key", "", 403},
		{"an unknown key", "0123456789abcdefghix", 403},
		{"a key", "0123456789abcdefghij", 101},
		{"a key whose quota is used up", "0123456789abcdefghij", 429},
	} {
		t.Run(row.name, func(t *testing.T) {
			header := http.Header{}
			if row.key != "" {
				header.Set("X-Api-Key", row.key)
			}
			status, _ := refusedWith(t, s.URL+"/live", header)
			assert.Equal(t, row.want, status)
		})
	}
	f.one(t, "CONNECT")
	assert.Contains(t, f.firstPayload(), `"apiKey":"0123456789abcdefghij"`)

	err = websocket.Config{APIKeySource: "COOKIE", Default: lambda(f), Routes: []websocket.Route{{Key: "say", APIKeyRequired: true}}}.Check()
	assert.ErrorContains(t, err, `APIKeySource "COOKIE"`)
	assert.ErrorContains(t, err, `route "say": only $connect can require an API key`)
}

// An authorizer may say whose key counts.
func TestAPIKeysFromTheAuthorizerOfConnect(t *testing.T) {
	const policy = `{"principalId":"p","usageIdentifierKey":"0123456789abcdefghij","policyDocument":{"Version":"2012-10-17","Statement":[{"Action":"execute-api:Invoke","Effect":"Allow","Resource":"*"}]}}`
	authorizer, err := authorize.Lambda(&judge{reply: policy}, authorize.LambdaOptions{})
	require.NoError(t, err)
	keys, err := authorize.NewAPIKeys(authorize.APIKey{Name: "ann", Value: "0123456789abcdefghij"})
	require.NoError(t, err)
	cfg := connectWith(new(wsFunction), websocket.Route{APIKeyRequired: true, Authorizer: authorizer})
	cfg.APIKeys, cfg.APIKeySource = keys, gateway.KeyFromAuthorizer
	status, _ := refusedWith(t, serveWebSocket(t, cfg).URL+"/live", nil)
	assert.Equal(t, 101, status)
	cfg.APIKeySource = gateway.KeyFromHeader
	status, _ = refusedWith(t, serveWebSocket(t, cfg).URL+"/live", nil)
	assert.Equal(t, 403, status)
}

func TestThrottledRoutes(t *testing.T) {
	f := new(wsFunction)
	s := serveWebSocket(t, websocket.Config{Default: lambda(f), Stage: "live", Routes: []websocket.Route{
		{Key: "$connect", Throttle: &gateway.Throttle{Burst: 1}}, {Key: "say", Throttle: &gateway.Throttle{Burst: 1}}, {Key: "free"},
	}})
	c, _, err := coder.Dial(t.Context(), s.URL+"/live", nil)
	require.NoError(t, err)
	defer c.CloseNow()
	status, _ := refusedWith(t, s.URL+"/live", nil)
	assert.Equal(t, 429, status)
	for range 2 {
		send(t, c, `{"action":"say"}`)
	}
	assert.Regexp(t, `^\{"message": "Too Many Requests", "connectionId":"[^"]+", "requestId":"[^"]+"\}$`, receive(t, c))
	f.one(t, "MESSAGE")
	err = websocket.Config{Default: lambda(f), Routes: []websocket.Route{{Key: "say", Throttle: &gateway.Throttle{Rate: -1}}}}.Check()
	assert.ErrorContains(t, err, `route "say": Throttle -1 a second`)
}
