package websocket_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	coder "github.com/coder/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/local/invoke"
	"github.com/lambridge-go/lambridge/local/websocket"
)

// invokes is a function written in place.
type invokes func(payload string) (string, error)

func (f invokes) Invoke(_ context.Context, payload []byte) ([]byte, error) {
	reply, err := f(string(payload))
	return []byte(reply), err
}

// reports is an HTTP server that answers with what it was asked.
func reports(t *testing.T) *httptest.Server {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if r.URL.Path == "/no" {
			w.Header().Set("Kind", "missing")
			w.WriteHeader(404)
		}
		fmt.Fprintf(w, `{"asked":"%s %s","room":%q,"body":%q}`, r.Method, r.URL, r.Header.Get("Room"), body)
	}))
	t.Cleanup(s.Close)
	return s
}

// answered returns what an API says to a message.
func answered(t *testing.T, cfg websocket.Config, message string) string {
	t.Helper()
	c := serveWebSocket(t, cfg).dial(t, nil)
	send(t, c, message)
	return receive(t, c)
}

func TestIntegrations(t *testing.T) {
	server := reports(t)
	say := invokes(func(payload string) (string, error) {
		if payload == `{"name":"nobody"}` {
			return "", &invoke.Error{Type: "Unknown", Message: "nobody is here"}
		}
		return `{"got":` + payload + `}`, nil
	})
	always := []websocket.IntegrationResponse{{Key: "$default"}}
	for _, row := range []struct {
		name    string
		to      websocket.Integration
		message string
		want    string // the frame; a pattern
	}{
		{"a mock says what the template of its response makes", websocket.Mock(websocket.Mapping{
			RequestTemplates: map[string]string{"$default": `{"statusCode": 400}`},
			Responses: []websocket.IntegrationResponse{
				{Key: `/2\d\d/`, Templates: map[string]string{"$default": "well"}},
				{Key: "$default", Templates: map[string]string{"$default": `{"error":"no action $util.escapeJavaScript($context.routeKey) for $context.connectionId", "stage":"$stageVariables.name"}`}},
			},
		}), `hello`, `^\{"error":"no action \$default for [^"]+=", "stage":"blue"\}$`},
		{"a text is the key of a response", websocket.Mock(websocket.Mapping{
			RequestTemplates: map[string]string{"$default": `{"statusCode": 404}`},
			Responses: []websocket.IntegrationResponse{
				{Key: "$default", Templates: map[string]string{"$default": "else"}},
				{Key: "404", Templates: map[string]string{"$default": "none"}},
			},
		}), `hello`, `^none$`},
		{"an expression on the message chooses the template", websocket.Mock(websocket.Mapping{
			TemplateSelection: "${request.body.kind}",
			RequestTemplates:  map[string]string{"$default": `{"statusCode": 200}`, "bad": `{"statusCode": 400}`},
			ResponseSelection: "${integration.response.statuscode}",
			Responses: []websocket.IntegrationResponse{
				{Key: "400", TemplateSelection: "$request.body.kind", Templates: map[string]string{"bad": "a bad one", "$default": "?"}},
				{Key: "200", Templates: map[string]string{"$default": "a good one"}},
			},
		}), `{"kind":"bad"}`, `^a bad one$`},
		{"and that of $default is for all others", websocket.Mock(websocket.Mapping{
			TemplateSelection: "${request.body.kind}",
			RequestTemplates:  map[string]string{"$default": `{"statusCode": 200}`, "bad": `{"statusCode": 400}`},
			Responses:         []websocket.IntegrationResponse{{Key: "200", Templates: map[string]string{"$default": "a good one"}}},
		}), `{"kind":"odd"}`, `^a good one$`},
		{"without a response an integration fails", websocket.Mock(websocket.Mapping{
			RequestTemplates: map[string]string{"$default": `{"statusCode": 200}`},
		}), `{}`, `^\{"message": "Internal server error", "connectionId":"[^"]+", "requestId":"[^"]+"\}$`},
		{"so does a mock that is told no status", websocket.Mock(websocket.Mapping{Responses: always}), `{}`, `Internal server error`},
		{"and what no template is for", websocket.Mock(websocket.Mapping{PassthroughBehavior: "never", Responses: always}), `{"statusCode":200}`, `Internal server error`},
		{"a message without a template passes as it is", websocket.CustomLambda(say, websocket.CustomLambdaOptions{
			Mapping: websocket.Mapping{Responses: always},
		}), `{"name":"ann"}`, `^\{"got":\{"name":"ann"\}\}$`},
		{"a function gets what a template makes", websocket.CustomLambda(say, websocket.CustomLambdaOptions{
			Mapping: websocket.Mapping{
				RequestTemplates: map[string]string{"$default": `{"name":$input.json('$.who')}`},
				Responses:        []websocket.IntegrationResponse{{Key: "$default", Templates: map[string]string{"$default": `hello $input.path('$.got.name')`}}},
			},
		}), `{"who":"bob"}`, `^hello bob$`},
		{"its errorMessage chooses a response", websocket.CustomLambda(say, websocket.CustomLambdaOptions{
			Mapping: websocket.Mapping{Responses: []websocket.IntegrationResponse{
				{Key: "$default"}, {Key: `/nobody.*/`, Templates: map[string]string{"$default": `sorry: $input.path('$.errorMessage')`}},
			}},
		}), `{"name":"nobody"}`, `^sorry: nobody is here$`},
		{"a function is not sent what is not JSON", websocket.CustomLambda(say, websocket.CustomLambdaOptions{
			Mapping: websocket.Mapping{Responses: always},
		}), `hello`, `Internal server error`},
		{"an HTTP proxy gets the message by POST, and what is mapped", websocket.HTTPProxy(server.URL+"/rooms/{room}", websocket.HTTPProxyOptions{
			Parameters: map[string]string{
				"integration.request.path.room":        "route.request.body.room",
				"integration.request.querystring.type": "context.eventType",
				"integration.request.header.Room":      "'r1'",
			},
		}), `{"room":"a b"}`, `^\{"asked":"POST /rooms/a%20b\?type=MESSAGE","room":"r1","body":"\{\\"room\\":\\"a b\\"\}"\}$`},
		{"what an HTTP server answers is made another", websocket.CustomHTTP(server.URL+"/no", websocket.CustomHTTPOptions{
			Method: "PUT",
			Mapping: websocket.Mapping{
				RequestTemplates: map[string]string{"$default": `${stageVariables.name}`},
				Responses: []websocket.IntegrationResponse{{
					Key: `/4\d\d/`, TemplateSelection: "$integration.response.header.kind",
					Templates: map[string]string{"missing": `$input.path('$.asked'): $input.path('$.body')`},
				}},
			},
		}), `{}`, `^PUT /no: blue$`},
		{"a template overrides what the server is asked for", websocket.CustomHTTP(server.URL+"/rooms/{room}", websocket.CustomHTTPOptions{
			Mapping: websocket.Mapping{
				RequestParameters: map[string]string{"integration.request.path.room": "'a'", "integration.request.header.Room": "'a'"},
				RequestTemplates: map[string]string{"$default": `#set($context.requestOverride.path.room = "b")#set($context.requestOverride.header.Room = "c")` +
					`#set($context.requestOverride.querystring.q = "d")x`},
				Responses: always,
			},
		}), `{}`, `^\{"asked":"POST /rooms/b\?q=d","room":"c","body":"x"\}$`},
		{"nobody is there", websocket.HTTPProxy("http://127.0.0.1:1024/", websocket.HTTPProxyOptions{}), `{}`, `Internal server error`},
	} {
		t.Run(row.name, func(t *testing.T) {
			got := answered(t, websocket.Config{
				TwoWay: true, StageVariables: map[string]string{"name": "blue"},
				Routes: []websocket.Route{{Key: "$default", To: row.to}},
			}, row.message)
			assert.Regexp(t, row.want, got)
		})
	}
}

func TestContentHandling(t *testing.T) {
	var got string
	f := invokes(func(payload string) (string, error) { got = payload; return `cGljdHVyZQ==`, nil })
	s := serveWebSocket(t, websocket.Config{TwoWay: true, Routes: []websocket.Route{{Key: "$default", To: websocket.CustomLambda(f, websocket.CustomLambdaOptions{
		Mapping: websocket.Mapping{
			ContentHandling: "CONVERT_TO_BINARY",
			Responses:       []websocket.IntegrationResponse{{Key: "$default", ContentHandling: "CONVERT_TO_BINARY"}},
		},
	})}}})
	c := s.dial(t, nil)
	send(t, c, `eyJhIjoxfQ==`)
	kind, data, err := c.Read(t.Context())
	require.NoError(t, err)
	assert.Equal(t, coder.MessageBinary, kind)
	assert.Equal(t, "picture", string(data))
	assert.Equal(t, `{"a":1}`, got)
	send(t, c, `no base64`)
	assert.Contains(t, receive(t, c), "Internal server error")
}

// One-way routes call their integrations and say nothing.
func TestIntegrationsOfOneWayRoutes(t *testing.T) {
	mock := websocket.Mock(websocket.Mapping{
		RequestTemplates: map[string]string{"$default": `{"statusCode":200}`},
		Responses:        []websocket.IntegrationResponse{{Key: "$default", Templates: map[string]string{"$default": "$context.routeKey"}}},
	})
	s := serveWebSocket(t, websocket.Config{Routes: []websocket.Route{{Key: "tell", To: mock}, {Key: "ask", To: mock, TwoWay: true}}})
	c := s.dial(t, nil)
	send(t, c, `{"action":"tell"}`)
	send(t, c, `{"action":"ask"}`)
	assert.Equal(t, "ask", receive(t, c), "one integration of two routes, of which one answers")
}

func TestIntegrationsOfConnect(t *testing.T) {
	server := reports(t)
	asked := make(chan string, 1)
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		asked <- fmt.Sprintf("%s %s %q", r.Method, r.Header["Who"], body)
	}))
	t.Cleanup(proxy.Close)
	for _, row := range []struct {
		name string
		to   websocket.Integration
		want int
	}{
		{"a mock lets in", websocket.Mock(websocket.Mapping{
			RequestTemplates: map[string]string{"$default": `{"statusCode":200}`}, Responses: []websocket.IntegrationResponse{{Key: "200"}},
		}), 101},
		{"a mock does not", websocket.Mock(websocket.Mapping{
			RequestTemplates: map[string]string{"$default": `{"statusCode":403}`}, Responses: []websocket.IntegrationResponse{{Key: "$default"}},
		}), 403},
		{"a server does not", websocket.HTTPProxy(server.URL+"/no", websocket.HTTPProxyOptions{}), 404},
		{"a server lets in, and learns what is mapped", websocket.HTTPProxy(proxy.URL, websocket.HTTPProxyOptions{
			Parameters: map[string]string{"integration.request.header.Who": "route.request.querystring.name"},
		}), 101},
		{"a function that fails does not", websocket.CustomLambda(invokes(func(string) (string, error) {
			return "", &invoke.Error{Type: "Odd", Message: "no"}
		}), websocket.CustomLambdaOptions{Mapping: websocket.Mapping{Responses: []websocket.IntegrationResponse{{Key: "$default"}}}}), 502},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := serveWebSocket(t, websocket.Config{Stage: "live", Routes: []websocket.Route{{Key: "$connect", To: row.to}}})
			status, _ := refusedWith(t, s.URL+"/live?name=ann", nil)
			assert.Equal(t, row.want, status)
		})
	}
	assert.Equal(t, `POST [ann] ""`, <-asked)
}

func TestIntegrationsAreChecked(t *testing.T) {
	err := websocket.Config{
		Backends: map[string]string{"a": "nowhere"},
		Routes: []websocket.Route{
			{Key: "uri", To: websocket.HTTPProxy("ftp://x", websocket.HTTPProxyOptions{})},
			{Key: "path", To: websocket.HTTPProxy("http://x.example/{id}", websocket.HTTPProxyOptions{Method: "FETCH"})},
			{Key: "parameters", To: websocket.HTTPProxy("http://x.example", websocket.HTTPProxyOptions{Parameters: map[string]string{"integration.request.header.X": "method.request.header.Y"}})},
			{Key: "mapping", To: websocket.Mock(websocket.Mapping{
				PassthroughBehavior: "MAYBE", ContentHandling: "TURN", TemplateSelection: "$integration.response.statuscode", ResponseSelection: "$context.x",
				RequestTemplates: map[string]string{"a": "#if("},
				Responses:        []websocket.IntegrationResponse{{Key: "/(/"}},
			})},
		},
	}.Check()
	for _, want := range []string{
		`the backend "a" has the address "nowhere"`,
		`route "uri": uri "ftp://x"`,
		`route "path": Method "FETCH" is none of`,
		`route "path": uri "http://x.example/{id}": nothing is mapped to integration.request.path.id`,
		`route "parameters": RequestParameters "integration.request.header.X": the source "method.request.header.Y"`,
		`route "mapping": PassthroughBehavior "MAYBE"`,
		`route "mapping": ContentHandling "TURN"`,
		`route "mapping": template selection expression "$integration.response.statuscode"`,
		`route "mapping": integration response selection expression "$context.x"`,
		`route "mapping": RequestTemplates "a": line 1`,
		`route "mapping": the response "/(/"`,
	} {
		assert.ErrorContains(t, err, want)
	}
}
