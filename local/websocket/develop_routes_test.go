package websocket_test

import (
	"encoding/json"
	"strings"
	"testing"

	coder "github.com/coder/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/local/gateway"
	"github.com/lambridge-go/lambridge/local/websocket"
)

// TestDevelopRoutes has a test for each sentence of the page on routes that states what the
// service does; docs/websocket.md lists them.
//
// https://docs.aws.amazon.com/apigateway/latest/developerguide/websocket-api-develop-routes.html
func TestDevelopRoutes(t *testing.T) {
	// ask returns what each message brings on one connection.
	ask := func(t *testing.T, cfg websocket.Config, messages ...string) (answers []string) {
		t.Helper()
		c := serveWebSocket(t, cfg).dial(t, nil)
		for _, message := range messages {
			send(t, c, message)
			answers = append(answers, receive(t, c))
		}
		return answers
	}
	// named is a two-way API whose routes answer with their names.
	named := func(keys ...string) websocket.Config {
		cfg := websocket.Config{TwoWay: true}
		for _, key := range keys {
			cfg.Routes = append(cfg.Routes, websocket.Route{Key: key, To: lambda(says(key))})
		}
		return cfg
	}
	mock := func(response websocket.IntegrationResponse) websocket.Integration {
		return websocket.Mock(websocket.Mapping{
			TemplateSelection: "$request.body.kind",
			RequestTemplates:  map[string]string{"bad": `{"statusCode":400}`, "$default": `{"statusCode":200}`},
			Responses:         []websocket.IntegrationResponse{response},
		})
	}
	const joinroom = `{"action":"joinroom","roomname":"developers"}`
	const sendmessage = `{"action":"sendmessage","message":"Hello everyone"}`

	t.Run("backends send without being asked", func(t *testing.T) {
		f := new(wsFunction)
		s := serveWebSocket(t, websocket.Config{Default: lambda(f)})
		c := s.dial(t, nil)
		s.call(t, "POST", "/local/@connections/"+f.one(t, "CONNECT").RequestContext.ConnectionID, "news")
		assert.Equal(t, "news", receive(t, c))
	})
	t.Run("JSON selects a route by what it says", func(t *testing.T) {
		assert.Equal(t, []string{"joinroom: " + joinroom, "sendmessage: " + sendmessage}, ask(t, named("joinroom", "sendmessage"), joinroom, sendmessage))
	})
	t.Run("the selection expression says which property", func(t *testing.T) {
		cfg := named("x", "$default")
		cfg.RouteSelectionExpression = "$request.body.kind"
		assert.Equal(t, []string{`x: {"kind":"x"}`, `$default: {"action":"x"}`}, ask(t, cfg, `{"kind":"x"}`, `{"action":"x"}`))
	})
	t.Run("what is not JSON goes to $default", func(t *testing.T) {
		assert.Equal(t, []string{"$default: joinroom"}, ask(t, named("joinroom", "$default"), "joinroom"))
	})
	t.Run("$default is for messages that no route is for", func(t *testing.T) {
		assert.Equal(t, []string{`$default: {"action":"leave"}`}, ask(t, named("joinroom", "$default"), `{"action":"leave"}`))
	})
	t.Run("$default may be a mock that answers with an error", func(t *testing.T) {
		cfg := named("joinroom")
		cfg.Routes = append(cfg.Routes, websocket.Route{Key: "$default", To: mock(websocket.IntegrationResponse{Key: "$default", Templates: map[string]string{"$default": "unknown action"}})})
		assert.Equal(t, []string{"unknown action"}, ask(t, cfg, `{"action":"leave"}`))
	})
	t.Run("$default alone leaves routing to the backend", func(t *testing.T) {
		assert.Equal(t, []string{"$default: " + joinroom, "$default: x"}, ask(t, named("$default"), joinroom, "x"))
	})
	t.Run("without $default a message that no route is for is refused", func(t *testing.T) {
		assert.Contains(t, ask(t, named("joinroom"), "x")[0], `{"message": "Forbidden"`)
	})
	t.Run("a message may have 128 KB in frames of 32 KB", func(t *testing.T) {
		f := new(wsFunction)
		c := serveWebSocket(t, websocket.Config{Default: lambda(f)}).dialRaw(t)
		part := strings.Repeat("x", 32<<10)
		for _, first := range []byte{textFrame, continuation, continuation, fin | continuation} {
			c.frame(first, part)
		}
		assert.Len(t, f.one(t, "MESSAGE").body(), 128<<10)
	})
	t.Run("a larger frame or message closes with 1009", func(t *testing.T) {
		s := serveWebSocket(t, named("$default"))
		part := strings.Repeat("x", 32<<10)
		c := s.dialRaw(t)
		c.frame(fin|textFrame, part+"x")
		assert.Equal(t, 1009, c.closeCode(t))
		c = s.dialRaw(t)
		for _, first := range []byte{textFrame, continuation, continuation, continuation} {
			c.frame(first, part)
		}
		c.frame(fin|continuation, "x")
		assert.Equal(t, 1009, c.closeCode(t))
	})
	t.Run("a binary frame closes with 1003", func(t *testing.T) {
		c := serveWebSocket(t, named("$default")).dialRaw(t)
		c.frame(fin|0x2, "x")
		assert.Equal(t, 1003, c.closeCode(t))
	})
	t.Run("text and binary are converted into each other", func(t *testing.T) {
		c := serveWebSocket(t, websocket.Config{TwoWay: true, Routes: []websocket.Route{{Key: "$default", To: mock(websocket.IntegrationResponse{
			Key: "$default", ContentHandling: "CONVERT_TO_TEXT", Templates: map[string]string{"$default": "text"},
		})}}}).dial(t, nil)
		send(t, c, "x")
		assert.Equal(t, "text", receive(t, c))
		function := invokes(func(string) (string, error) { return "YmluYXJ5", nil })
		c = serveWebSocket(t, websocket.Config{TwoWay: true, Routes: []websocket.Route{{Key: "$default", To: websocket.CustomLambda(function, websocket.CustomLambdaOptions{
			Mapping: websocket.Mapping{Responses: []websocket.IntegrationResponse{{Key: "$default", ContentHandling: "CONVERT_TO_BINARY"}}},
		})}}}).dial(t, nil)
		send(t, c, "{}")
		kind, data, err := c.Read(t.Context())
		require.NoError(t, err)
		assert.Equal(t, coder.MessageBinary, kind)
		assert.Equal(t, "binary", string(data))
	})
	t.Run("a message that does not fit is refused before the backend", func(t *testing.T) {
		models, err := gateway.CompileModels(map[string]json.RawMessage{"Join": json.RawMessage(`{"required":["roomname"]}`)})
		require.NoError(t, err)
		f := says("f")
		cfg := websocket.Config{TwoWay: true, Routes: []websocket.Route{{
			Key: "joinroom", To: lambda(f), Models: &websocket.Models{All: models, ByKey: map[string]string{"$default": "Join"}},
		}}}
		answers := ask(t, cfg, `{"action":"joinroom"}`, joinroom)
		assert.Regexp(t, `^\{"message": "Bad request body", "connectionId": "[^"]+", "messageId": "[^"]+"\}$`, answers[0])
		assert.Equal(t, "f: "+joinroom, answers[1])
		f.one(t, "MESSAGE")
	})
	t.Run("a route response sends back what the integration gives", func(t *testing.T) {
		assert.Equal(t, []string{"joinroom: " + joinroom}, ask(t, named("joinroom"), joinroom))
	})
	t.Run("without a route response nothing comes back, of a Lambda proxy neither", func(t *testing.T) {
		f := says("f")
		cfg := websocket.Config{Routes: []websocket.Route{{Key: "joinroom", To: lambda(f)}, {Key: "sendmessage", To: lambda(f), TwoWay: true}}}
		c := serveWebSocket(t, cfg).dial(t, nil)
		send(t, c, joinroom)
		send(t, c, sendmessage)
		assert.Equal(t, "f: "+sendmessage, receive(t, c))
		assert.Len(t, f.seen("MESSAGE"), 2, "the backend got both")
	})
	t.Run("an integration response makes the message that is sent", func(t *testing.T) {
		function := invokes(func(payload string) (string, error) { return `{"room":` + payload + `}`, nil })
		to := websocket.CustomLambda(function, websocket.CustomLambdaOptions{Mapping: websocket.Mapping{
			RequestTemplates: map[string]string{"$default": "$input.json('$.roomname')"},
			Responses:        []websocket.IntegrationResponse{{Key: "$default", Templates: map[string]string{"$default": "joined $input.path('$.room')"}}},
		}})
		assert.Equal(t, []string{"joined developers"}, ask(t, websocket.Config{TwoWay: true, Routes: []websocket.Route{{Key: "joinroom", To: to}}}, joinroom))
	})
	t.Run("one integration serves several routes", func(t *testing.T) {
		to := lambda(says("one"))
		cfg := websocket.Config{TwoWay: true, Routes: []websocket.Route{{Key: "joinroom", To: to}, {Key: "sendmessage", To: to}}}
		assert.Equal(t, []string{"one: " + joinroom, "one: " + sendmessage}, ask(t, cfg, joinroom, sendmessage))
	})
	t.Run("a request template is chosen by the message, not by a content type", func(t *testing.T) {
		cfg := websocket.Config{TwoWay: true, Routes: []websocket.Route{{Key: "$default", To: mock(websocket.IntegrationResponse{
			Key: "$default", TemplateSelection: "$integration.response.statuscode", Templates: map[string]string{"400": "bad", "200": "good"},
		})}}}
		assert.Equal(t, []string{"bad", "good"}, ask(t, cfg, `{"kind":"bad"}`, `{"kind":"other"}`), "the second by $default")
	})
	t.Run("a text chooses a template, too", func(t *testing.T) {
		to := websocket.Mock(websocket.Mapping{
			TemplateSelection: "fixed", RequestTemplates: map[string]string{"fixed": `{"statusCode":201}`, "$default": `{"statusCode":200}`},
			Responses: []websocket.IntegrationResponse{{Key: "201", Templates: map[string]string{"$default": "by a text"}}, {Key: "$default"}},
		})
		assert.Equal(t, []string{"by a text"}, ask(t, websocket.Config{TwoWay: true, Routes: []websocket.Route{{Key: "$default", To: to}}}, "x"))
	})
	t.Run("a response template is chosen by the message, the status or a header", func(t *testing.T) {
		server := reports(t)
		for expression, key := range map[string]string{
			"$request.body.kind": "k", "$integration.response.statuscode": "404", "$integration.response.header.Kind": "missing",
		} {
			to := websocket.CustomHTTP(server.URL+"/no", websocket.CustomHTTPOptions{Mapping: websocket.Mapping{
				Responses: []websocket.IntegrationResponse{{Key: "$default", TemplateSelection: expression, Templates: map[string]string{key: "chosen", "$default": "not"}}},
			}})
			assert.Equal(t, []string{"chosen"}, ask(t, websocket.Config{TwoWay: true, Routes: []websocket.Route{{Key: "$default", To: to}}}, `{"kind":"k"}`), expression)
		}
	})
}
