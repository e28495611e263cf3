package lambdatest_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/adapter"
	"github.com/lambridge-go/lambridge/lambdatest"
)

const template = "testdata/api/template.yaml"

// app is an application that answers with its name and with what it sees.
func app(name string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		source, _ := adapter.SourceOf(r.Context())
		fmt.Fprintf(w, "%s %s %s %s%s", name, source, r.Method, r.URL.Path, body)
	})
}

func shop() lambdatest.Functions {
	return lambdatest.Functions{
		"Items":  adapter.Wrap(app("items")),
		"Orders": adapter.Stream(app("orders")),
		"Talk": func(event struct {
			RequestContext struct{ RouteKey string }
		}) (map[string]any, error) {
			return map[string]any{"statusCode": 200, "body": event.RequestContext.RouteKey}, nil
		},
	}
}

func textOf(t *testing.T, resp *http.Response) string {
	t.Helper()
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return fmt.Sprintf("%d %s", resp.StatusCode, body)
}

func TestAPI(t *testing.T) {
	for _, tt := range []struct{ name, api, method, target, body, want string }{
		{"a REST API by its stage", "Shop", "GET", "/live/items/5", "", "200 items rest GET /items/5"},
		{"another function behind it", "Shop", "POST", "/live/orders", "!", "200 orders rest POST /orders!"},
		{"a path without a method", "Shop", "DELETE", "/live/items/5", "", `403 {"message":"Missing Authentication Token"}`},
		{"an HTTP API", "ServerlessHttpApi", "GET", "/health", "", "200 items http GET /health"},
		{"a path that it does not have", "ServerlessHttpApi", "GET", "/items", "", `404 {"message":"Not Found"}`},
		{"a function URL that streams", "OrdersUrl", "GET", "/any", "", "200 orders url GET /any"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			api := lambdatest.NewAPI(t, template, shop(), lambdatest.WithAPI(tt.api))
			assert.Equal(t, tt.want, textOf(t, api.Do(httptest.NewRequest(tt.method, tt.target, strings.NewReader(tt.body)))))
		})
	}
}

func TestAPIWithParameters(t *testing.T) {
	api := lambdatest.NewAPI(t, template, shop(), lambdatest.WithAPI("Shop"), lambdatest.WithParameters(map[string]string{"StageName": "beta"}))
	assert.Equal(t, "200 items rest GET /items/5", textOf(t, api.Do(httptest.NewRequest("GET", "/beta/items/5", nil))))
}

func TestAPIServesClients(t *testing.T) {
	api := lambdatest.NewAPI(t, template, shop(), lambdatest.WithAPI("Shop"))
	server := api.NewServer()
	resp, err := http.Get(server.URL + "/live/items/1")
	require.NoError(t, err)
	defer resp.Body.Close()
	assert.Equal(t, "200 items rest GET /items/1", textOf(t, resp))

	client := http.Client{Transport: api.Transport()}
	resp, err = client.Get("http://api.example/live/items/2")
	require.NoError(t, err)
	defer resp.Body.Close()
	assert.Equal(t, "200 items rest GET /items/2", textOf(t, resp))
}

func TestAPIInvokesFunctionsByName(t *testing.T) {
	api := lambdatest.NewAPI(t, template, shop())
	reply, err := api.Invoke("Talk", []byte(`{"requestContext":{"routeKey":"by hand"}}`))
	require.NoError(t, err)
	var decoded map[string]any
	require.NoError(t, json.Unmarshal(reply, &decoded))
	assert.Equal(t, map[string]any{"statusCode": 200.0, "body": "by hand"}, decoded)
	_, err = api.Invoke("Nobody", nil)
	assert.EqualError(t, err, `lambdatest: the test gives no function "Nobody"`)
}

func TestAPIDials(t *testing.T) {
	api := lambdatest.NewAPI(t, template, shop())
	c := api.Dial("/?room=tea")
	assert.NotEmpty(t, c.ID)
	other := api.Dial("")
	assert.NotEqual(t, c.ID, other.ID)
	c.Close()
	_, resp := api.Handshake("/wrong")
	require.NotNil(t, resp)
	assert.Equal(t, http.StatusForbidden, resp.StatusCode)
}

// TestAPIMisuse holds what ends a test, and what it says.
func TestAPIMisuse(t *testing.T) {
	broken := filepath.Join(t.TempDir(), "broken.yaml")
	require.NoError(t, os.WriteFile(broken, []byte("a: 1"), 0o600))
	request := func(api *lambdatest.API) { api.Do(httptest.NewRequest("GET", "/live/orders", nil)) }
	for _, tt := range []struct {
		name, file, want string
		functions        lambdatest.Functions
		options          []lambdatest.Option
		then             func(*lambdatest.API)
	}{
		{"a file that is no definition", broken, "lambdatest: definition: " + broken + ":1: has no Resources: it is neither a CloudFormation template nor an OpenAPI document", shop(), nil, nil},
		{"a function that the definition does not have", template, `lambdatest: the definition has no function "Nobody": it has Items, Orders, Talk`, lambdatest.Functions{"Nobody": func() error { return nil }}, nil, nil},
		{"what is no function", template, "lambdatest: a int is not a Lambda function: pass adapter.Wrap(yourHandler), or what lambda.Start takes (Items)", lambdatest.Functions{"Items": 1}, nil, nil},
		{"what the definition decides", template, "lambdatest: the definition says how its APIs are set up: leave out the options that do", shop(), []lambdatest.Option{lambdatest.WithStage("x")}, nil},
		{"several APIs", template, "lambdatest: the definition has several that take requests (Shop, ServerlessHttpApi, OrdersUrl): choose one with WithAPI", shop(), nil, request},
		{"an API that it does not have", template, `lambdatest: the definition has no "Nope" that takes requests: it has Shop, ServerlessHttpApi, OrdersUrl`, shop(), []lambdatest.Option{lambdatest.WithAPI("Nope")}, request},
		{"a function that the test does not give", template, "lambdatest: a request reaches the function Orders, which the test does not give: add it to Functions", lambdatest.Functions{"Items": func() error { return nil }}, []lambdatest.Option{lambdatest.WithAPI("Shop")}, request},
	} {
		t.Run(tt.name, func(t *testing.T) {
			seen := spyOn(t, func(tb testing.TB) {
				api := lambdatest.NewAPI(tb, tt.file, tt.functions, tt.options...)
				if tt.then != nil {
					tt.then(api)
				}
			})
			assert.Equal(t, tt.want, strings.TrimSpace(seen.fatal+seen.errs))
		})
	}
}
