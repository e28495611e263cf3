package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/adapter"
	"github.com/lambridge-go/lambridge/adapter/connections"
	"github.com/lambridge-go/lambridge/lambdatest"
	"github.com/lambridge-go/lambridge/local/websocket"
)

// newFunction returns the whole function, over rooms.
func newFunction(rooms store) *adapter.Handler {
	clients := connections.New(aws.Config{Region: "eu-west-1"}, connections.Options{})
	return newHandler("wss://example.com/prod", newChat(rooms, clients, nil))
}

// receive returns the next update, without what differs from run to run.
func receive(t *testing.T, c *lambdatest.Conn) update {
	t.Helper()
	var u update
	require.NoError(t, json.Unmarshal([]byte(c.Receive()), &u))
	if u.Message != nil {
		u.Message.ID, u.Message.At = "", 0
	}
	for i := range u.History {
		u.History[i].ID, u.History[i].At = "", 0
	}
	return u
}

func TestConversation(t *testing.T) {
	for name, open := range stores() {
		t.Run(name, func(t *testing.T) {
			api := lambdatest.NewWebSocketServer(t, newFunction(open(t)), websocket.Config{})

			ann := api.Dial("/")
			annIs := member{ID: ann.ID, Name: "Ann"}
			ann.Send(`{"action":"join","room":"tea","name":" Ann "}`)
			assert.Equal(t, update{Type: "welcome", Room: "tea", Member: &annIs, Members: []member{annIs}}, receive(t, ann))
			ann.Send(`{"action":"say","text":"hello, nobody","key":"k1"}`)
			first := message{Key: "k1", From: "Ann", Text: "hello, nobody"}
			assert.Equal(t, update{Type: "message", Message: &first}, receive(t, ann))

			bob := api.Dial("/")
			bobIs := member{ID: bob.ID, Name: "Bob"}
			bob.Send(`{"action":"join","room":"tea","name":"Bob"}`)
			welcome := receive(t, bob)
			assert.ElementsMatch(t, []member{annIs, bobIs}, welcome.Members)
			assert.Equal(t, []message{first}, welcome.History)
			assert.Equal(t, update{Type: "joined", Member: &bobIs}, receive(t, ann))

			bob.Send(`{"action":"say","text":"hello, Ann ☕","key":"k2"}`)
			second := message{Key: "k2", From: "Bob", Text: "hello, Ann ☕"}
			assert.Equal(t, update{Type: "message", Message: &second}, receive(t, bob))
			assert.Equal(t, update{Type: "message", Message: &second}, receive(t, ann))

			cleo := api.Dial("/")
			cleo.Send(`{"action":"join","room":"coffee","name":"Cléo"}`)
			assert.Empty(t, receive(t, cleo).History, "another room")

			bob.Close()
			assert.Equal(t, update{Type: "left", Member: &bobIs}, receive(t, ann))

			ann.Send(`{"action":"join","room":"coffee","name":"Ann"}`)
			assert.Len(t, receive(t, ann).Members, 2, "a connection is in one room at a time")
			assert.Equal(t, update{Type: "joined", Member: &annIs}, receive(t, cleo))
		})
	}
}

func TestRefusals(t *testing.T) {
	tests := []struct {
		name, send, want string
	}{
		{"not JSON", "hello", "want JSON"},
		{"an action that is none", `{"action":"dance"}`, `no action "dance": want join, say or ping`},
		{"a room with spaces", `{"action":"join","room":"Tea Room","name":"Ann"}`, "a room is named with 1 to 32 small letters, digits and -"},
		{"no name", `{"action":"join","room":"tea","name":" "}`, "a name has 1 to 32 characters"},
		{"a long name", `{"action":"join","room":"tea","name":"` + strings.Repeat("x", 33) + `"}`, "a name has 1 to 32 characters"},
		{"an empty message", `{"action":"say","text":" "}`, "a message has 1 to 2000 characters"},
		{"a long key", `{"action":"say","text":"x","key":"` + strings.Repeat("k", 65) + `"}`, "a key has at most 64 bytes"},
		{"a long message", `{"action":"say","text":"` + strings.Repeat("é", 2001) + `"}`, "a message has 1 to 2000 characters"},
	}
	c := lambdatest.Dial(t, newFunction(newMachineStore("")), "/")
	for _, tt := range tests {
		c.Send(tt.send)
		assert.Equal(t, update{Type: "error", Error: tt.want}, receive(t, c), tt.name)
	}
}

func TestStrangersAreAskedToJoin(t *testing.T) {
	c := lambdatest.Dial(t, newFunction(newMachineStore("")), "/")
	for _, command := range []string{`{"action":"ping"}`, `{"action":"say","text":"who am I?"}`} {
		c.Send(command)
		assert.Equal(t, update{Type: "unknown"}, receive(t, c), "after the store lost them")
	}
}

func TestWhoIsGoneLeaves(t *testing.T) {
	rooms := newMachineStore("")
	api := lambdatest.NewWebSocketServer(t, newFunction(rooms), websocket.Config{})
	ghost := member{ID: "R1kmxc2VNjMCFIA=", Room: "tea", Name: "Ghost"}
	require.NoError(t, rooms.join(t.Context(), ghost)) // its $disconnect never came
	ann := api.Dial("/")
	ann.Send(`{"action":"join","room":"tea","name":"Ann"}`)
	assert.Len(t, receive(t, ann).Members, 2)
	assert.Equal(t, update{Type: "left", Member: &member{ID: ghost.ID, Name: "Ghost"}}, receive(t, ann))
	found, err := rooms.find(t.Context(), ghost.ID)
	require.NoError(t, err)
	assert.Nil(t, found)
}

func TestHistoryFitsIntoOneMessage(t *testing.T) {
	u := update{Type: "welcome"}
	for range maxHistory {
		u.History = append(u.History, message{Text: strings.Repeat("☕", maxText)})
	}
	b, err := json.Marshal(fit(u))
	require.NoError(t, err)
	assert.LessOrEqual(t, len(b), connections.MaxMessage)
	assert.NotEmpty(t, fit(u).History)
}

func TestPage(t *testing.T) {
	lambdatest.Each(t, func(t *testing.T, source lambdatest.Source) {
		f := newFunction(newMachineStore(""))
		get := func(target string) (*http.Response, string) {
			resp := lambdatest.Do(t, f, source, httptest.NewRequest("GET", target, nil))
			body, err := io.ReadAll(resp.Body)
			require.NoError(t, err)
			return resp, string(body)
		}
		resp, body := get("/")
		assert.Equal(t, "text/html; charset=utf-8", resp.Header.Get("Content-Type"))
		assert.Contains(t, body, "<title>Chat</title>")
		assert.Contains(t, resp.Header.Get("Content-Security-Policy"), "default-src 'self'")
		_, body = get("/config.json")
		assert.JSONEq(t, `{"webSocket":"wss://example.com/prod"}`, body)
	})
}

// An HTTP client must not pass for a connection, whatever it asks for.
func TestHTTPClientsAreNoConnections(t *testing.T) {
	rooms := newMachineStore("")
	f := newFunction(rooms)
	for _, source := range []lambdatest.Source{lambdatest.HTTPv2, lambdatest.REST, lambdatest.FunctionURL} {
		for _, target := range []string{"GET /$connect", "POST /$default", "DELETE /$disconnect"} {
			method, path, _ := strings.Cut(target, " ")
			req := httptest.NewRequest(method, path, strings.NewReader(`{"action":"join","room":"tea","name":"Mallory"}`))
			resp := lambdatest.Do(t, f, source, req)
			assert.Contains(t, []int{http.StatusNotFound, http.StatusMethodNotAllowed}, resp.StatusCode, "%s %s", source, target)
		}
	}
	members, err := rooms.members(t.Context(), "tea")
	require.NoError(t, err)
	assert.Empty(t, members)

	w := httptest.NewRecorder() // not even where the chat is the only handler
	newChat(rooms, nil, nil).ServeHTTP(w, httptest.NewRequest("GET", "/$connect", nil))
	assert.Equal(t, http.StatusNotFound, w.Code)
}

func TestWebSocketURL(t *testing.T) {
	env := func(name, value string) func(string) string {
		return func(n string) string {
			if n == name {
				return value
			}
			return ""
		}
	}
	assert.Equal(t, "wss://x/prod", webSocketURL(env("WEBSOCKET_URL", "wss://x/prod")))
	assert.Equal(t, "ws://127.0.0.1:3000/local", webSocketURL(env("AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI", "http://127.0.0.1:3000/local")))
	assert.Empty(t, webSocketURL(env("", "")))
}

// TestTemplate opens the page and holds a conversation through the APIs that the
// template deploys.
func TestTemplate(t *testing.T) {
	rooms := newMachineStore(filepath.Join(t.TempDir(), "rooms.json"))
	api := lambdatest.NewAPI(t, "template.yaml", lambdatest.Functions{"Chat": newFunction(rooms)})
	assert.Equal(t, http.StatusOK, api.Do(httptest.NewRequest("GET", "/", nil)).StatusCode)
	ann := api.Dial("/prod")
	annIs := member{ID: ann.ID, Name: "Ann"}
	ann.Send(`{"action":"join","room":"tea","name":"Ann"}`)
	assert.Equal(t, update{Type: "welcome", Room: "tea", Member: &annIs, Members: []member{annIs}}, receive(t, ann))
	ann.Close()
}
