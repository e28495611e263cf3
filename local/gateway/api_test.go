package gateway_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
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

// standFor returns a gateway for an API.
func standFor(t *testing.T, a gateway.API) *gateway.Gateway {
	t.Helper()
	g, err := gateway.New(a, gateway.Options{Now: clock})
	require.NoError(t, err)
	return g
}

// answerTo sends a request and returns the status and the body of the answer.
func answerTo(h http.Handler, method, target, body string) (int, string) {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(method, target, strings.NewReader(body)))
	return w.Code, w.Body.String()
}

// tells is a function that answers with its name and a member of the event.
func tells(name string, path ...string) invoke.Invoker {
	return lambdaFunc(func(_ context.Context, payload []byte) ([]byte, error) {
		var at any
		if err := json.Unmarshal(payload, &at); err != nil {
			return nil, err
		}
		for _, member := range path {
			at = at.(map[string]any)[member]
		}
		return json.Marshal(map[string]any{"statusCode": 200, "body": fmt.Sprintf("%s %v", name, at)})
	})
}

func invokes(f invoke.Invoker) gateway.Integration {
	return gateway.Lambda(f, gateway.LambdaOptions{})
}

func TestRoutesLeadToTheirIntegrations(t *testing.T) {
	t.Parallel()
	g := standFor(t, gateway.API{
		Kind: gateway.HTTPAPI,
		Routes: []gateway.Route{
			{Key: "GET /orders", To: invokes(tells("orders", "version"))},
			{Key: "GET /old", To: gateway.Lambda(tells("old", "version"), gateway.LambdaOptions{Format: gateway.Format1})},
			{Key: "$default"},
		},
		Default: invokes(tells("rest", "routeKey")),
	})
	for target, want := range map[string]string{
		"/orders": "orders 2.0", // one function,
		"/old":    "old 1.0",    // another, in another format,
		"/else":   "rest $default",
	} {
		status, body := answerTo(g, "GET", target, "")
		assert.Equal(t, 200, status)
		assert.Equal(t, want, body)
	}
}

// What is wrong is said all at once, with where it was defined.
func TestCheckNamesEveryMistake(t *testing.T) {
	t.Parallel()
	api := gateway.API{
		Kind:  gateway.HTTPAPI,
		Stage: "a/b",
		Routes: []gateway.Route{
			{Key: "GET /a", To: gateway.Lambda(nil, gateway.LambdaOptions{Format: gateway.MultiValue}), Origin: "api.yaml:7"},
			{Key: "GET /b"},
			{Key: "GET /b", To: invokes(nil), Throttle: &gateway.Throttle{Rate: -1}},
			{Key: "GET b", To: invokes(nil), Origin: "api.yaml:12"},
		},
	}
	assert.EqualError(t, api.Check(), `gateway: Stage "a/b" is not 1 to 128 letters, digits, hyphens and underscores
api.yaml:7: gateway: route "GET /a": HTTP APIs have no payload format "multi-value"
gateway: route "GET /b": the Integration is missing
gateway: route "GET /b": Throttle -1 a second, 0 at once: neither can be negative
gateway: route "GET /b" serves the same requests as "GET /b"
api.yaml:12: gateway: route "GET b": the path must begin with a slash, like "GET /items/{id}"`)
}

// A check and an event need no function, a gateway does.
func TestFunctionsThatAreYetToCome(t *testing.T) {
	t.Parallel()
	api := gateway.API{Kind: gateway.RESTAPI, Routes: []gateway.Route{{Key: "GET /items/{id}", To: invokes(nil)}}}
	require.NoError(t, api.Check())
	event, err := api.Event(httptest.NewRequest("GET", "/items/7", nil))
	require.NoError(t, err)
	assert.Equal(t, "7", member(t, string(event), "pathParameters", "id"))
	_, err = api.Event(httptest.NewRequest("GET", "/", nil))
	require.EqualError(t, err, "gateway: no route serves GET /")
	_, err = gateway.New(api, gateway.Options{})
	require.EqualError(t, err, `gateway: route "GET /items/{id}": the function is missing`)
}

func TestAuthorizersDecide(t *testing.T) {
	t.Parallel()
	granted := gateway.Authorization{Context: []byte(`{"principalId":"ana"}`), Principal: "ana", Drop: []string{"Authorization"}}
	for name, test := range map[string]struct {
		granted    gateway.Authorization
		err        error
		rest, http string
	}{
		"in": {granted, nil, `200 f map[principalId:ana]`, `200 f map[principalId:ana]`},
		"denied": {err: &gateway.Denied{},
			rest: `403 {"Message":"User is not authorized to access this resource"}`, http: `403 {"message":"Forbidden"}`},
		"without an identity": {err: &gateway.Denied{Type: gateway.Unauthorized},
			rest: `401 {"message":"Unauthorized"}`, http: `401 {"message":"Unauthorized"}`},
		"in words of its own": {err: fmt.Errorf("wrapped: %w", &gateway.Denied{Type: gateway.Unauthorized, Message: `an "expired" token`}),
			rest: `401 {"message":"an \"expired\" token"}`, http: `401 {"message":"an \"expired\" token"}`},
		"all its own": {err: &gateway.Denied{Status: 418, Body: []byte("no")},
			rest: `418 no`, http: `418 no`},
		"broken": {err: errors.New("no network"),
			rest: `500 {"message":null}`, http: `500 {"message":"Internal Server Error"}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for kind, want := range map[gateway.Kind]string{gateway.RESTAPI: test.rest, gateway.HTTPAPI: test.http} {
				g := standFor(t, gateway.API{Kind: kind, Routes: []gateway.Route{{
					Key: "GET /items/{id}", To: invokes(tells("f", "requestContext", "authorizer")), Scopes: []string{"read"},
					Authorizer: gateway.AuthorizerFunc(func(_ context.Context, a *gateway.Arrival) (gateway.Authorization, error) {
						assert.Equal(t, "GET /items/{id} [read] 7", fmt.Sprint(a.Route.Key(), " ", a.Route.Scopes, " ", a.Route.Params["id"]))
						return test.granted, test.err
					}),
				}}})
				status, body := answerTo(g, "GET", "/items/7", "")
				assert.Equal(t, want, fmt.Sprint(status, " ", body), kind)
			}
		})
	}
}

// A Denied adds its header, and what it drops does not reach the function.
func TestAuthorizersAndHeaders(t *testing.T) {
	t.Parallel()
	challenge := http.Header{"Www-Authenticate": {"Bearer"}}
	var answer error
	g := standFor(t, gateway.API{Kind: gateway.HTTPAPI, Routes: []gateway.Route{{
		Key: "$default", To: invokes(tells("f", "headers", "authorization")),
		Authorizer: gateway.AuthorizerFunc(func(_ context.Context, a *gateway.Arrival) (gateway.Authorization, error) {
			assert.Equal(t, "AWS4-HMAC-SHA256 secret", a.Sent.Get("Authorization"))
			return gateway.Authorization{Drop: []string{"authorization"}}, answer
		}),
	}}})
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 secret")
	w := httptest.NewRecorder()
	g.ServeHTTP(w, r)
	assert.Equal(t, "f <nil>", w.Body.String())

	answer = &gateway.Denied{Type: gateway.Unauthorized, Header: challenge}
	w = httptest.NewRecorder()
	g.ServeHTTP(w, r)
	assert.Equal(t, []string{"Bearer"}, w.Header()["Www-Authenticate"])
}

// A body that an authorizer or validator has read reaches the function all the same.
func TestPayloadsAreReadTwice(t *testing.T) {
	t.Parallel()
	var read string
	g := standFor(t, gateway.API{Kind: gateway.HTTPAPI, Routes: []gateway.Route{{
		Key: "$default", To: invokes(tells("f", "body")),
		Authorizer: gateway.AuthorizerFunc(func(_ context.Context, a *gateway.Arrival) (gateway.Authorization, error) {
			body, err := a.Payload()
			read = string(body)
			return gateway.Authorization{}, err
		}),
		Validator: validator(func(a *gateway.Arrival) error {
			body, err := a.Payload()
			assert.Equal(t, "hello", string(body))
			return err
		}),
	}}})
	r := httptest.NewRequest("POST", "/", io.NopCloser(strings.NewReader("hello")))
	r.Header.Set("Content-Type", "text/plain")
	w := httptest.NewRecorder()
	g.ServeHTTP(w, r)
	assert.Equal(t, "hello", read)
	assert.Equal(t, "f hello", w.Body.String())

	status, body := answerTo(g, "POST", "/", strings.Repeat("x", 10<<20+1))
	assert.Equal(t, `413 {"message":"Request Entity Too Large"}`, fmt.Sprint(status, " ", body), "over the limit it is not read")
}

// A validator is a Validator made of a func.
type validator func(*gateway.Arrival) error

func (v validator) Validate(a *gateway.Arrival) error { return v(a) }

func TestRequiredParameters(t *testing.T) {
	t.Parallel()
	g := standFor(t, gateway.API{Kind: gateway.RESTAPI, Routes: []gateway.Route{{
		Key: "POST /items/{id}", To: invokes(tells("f", "path")),
		Validator: gateway.RequiredParameters{Header: []string{"x-header-param"}, Path: []string{"issuer"}, Query: []string{"qs1"}},
	}}})
	status, body := answerTo(g, "POST", "/items/1?qs1=%20", "")
	assert.Equal(t, 400, status)
	assert.Equal(t, `{"message": "Missing required request parameters: [x-header-param, issuer, qs1]"}`, body)

	g = standFor(t, gateway.API{Kind: gateway.RESTAPI, Routes: []gateway.Route{{
		Key: "POST /items/{id}", To: invokes(tells("f", "path")),
		Validator: gateway.RequiredParameters{Path: []string{"id"}, Query: []string{"qs1"}},
	}}})
	status, body = answerTo(g, "POST", "/items/1?qs1=x", "")
	assert.Equal(t, "200 f /items/1", fmt.Sprint(status, " ", body))
}

func TestABrokenValidator(t *testing.T) {
	t.Parallel()
	g := standFor(t, gateway.API{Kind: gateway.RESTAPI, Routes: []gateway.Route{{
		Key: "GET /", To: invokes(tells("f")), Validator: validator(func(*gateway.Arrival) error { return errors.New("no model") }),
	}}})
	status, body := answerTo(g, "GET", "/", "")
	assert.Equal(t, `500 {"message": "Internal server error"}`, fmt.Sprint(status, " ", body))
}

func TestThrottle(t *testing.T) {
	t.Parallel()
	now := clock()
	g, err := gateway.New(gateway.API{Kind: gateway.RESTAPI, Routes: []gateway.Route{
		{Key: "GET /slow", To: invokes(tells("f", "path")), Throttle: &gateway.Throttle{Rate: 2, Burst: 2}},
		{Key: "GET /fast", To: invokes(tells("f", "path"))},
	}}, gateway.Options{Now: func() time.Time { return now }})
	require.NoError(t, err)
	statuses := func(target string) (all []int) {
		for range 4 {
			status, _ := answerTo(g, "GET", target, "")
			all = append(all, status)
		}
		return all
	}
	assert.Equal(t, []int{200, 200, 429, 429}, statuses("/slow"))
	assert.Equal(t, []int{200, 200, 200, 200}, statuses("/fast"))
	now = now.Add(500 * time.Millisecond)
	assert.Equal(t, []int{200, 429, 429, 429}, statuses("/slow"), "half a second later there is room for one")
}

// The account is one value: the region of events is the region of their domain.
func TestTheRegionShowsInTheDomain(t *testing.T) {
	t.Parallel()
	api := gateway.API{Kind: gateway.HTTPAPI, Account: invoke.Account{Region: "eu-west-1"}, Default: invokes(nil)}
	event, err := api.Event(httptest.NewRequest("GET", "/", nil))
	require.NoError(t, err)
	assert.Equal(t, "a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com", member(t, string(event), "requestContext", "domainName"))
	assert.Equal(t, "123456789012", member(t, string(event), "requestContext", "accountId"))
}
