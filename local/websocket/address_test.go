package websocket_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	coder "github.com/coder/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/local/websocket"
)

// What stands in API Gateway's documentation of API mappings and custom domains.
func TestBasePaths(t *testing.T) {
	f := new(wsFunction)
	s := serveWebSocket(t, websocket.Config{Default: lambda(f), Stage: "prod", BasePaths: []string{"chat", "/chat/v2/", ""}})
	for _, row := range []struct {
		name, path string
		want       int
	}{
		{"the stage, as at the API's own domain", "/prod", 101},
		{"a base path", "/chat", 101},
		{"with a slash at its end", "/chat/", 101},
		{"a base path of several segments", "/chat/v2", 101},
		{"the whole of a domain", "/", 101},
		{"what only begins like one", "/chatter", 403},
		{"the stage below a base path", "/chat/prod", 403},
		{"a path below one", "/chat/v2/room", 403},
	} {
		t.Run(row.name, func(t *testing.T) {
			c, resp, err := coder.Dial(t.Context(), s.URL+row.path, nil)
			require.NotNil(t, resp)
			assert.Equal(t, row.want, resp.StatusCode)
			if err == nil {
				c.CloseNow()
			}
		})
	}
	t.Run("@connections are at each of them", func(t *testing.T) {
		c, _, err := coder.Dial(t.Context(), s.URL+"/chat", nil)
		require.NoError(t, err)
		defer c.CloseNow()
		events := f.seen("CONNECT")
		e := events[len(events)-1]
		assert.Equal(t, "prod", e.RequestContext.Stage, "events name the stage")
		for _, base := range []string{"/prod", "/chat", "/chat/v2", ""} {
			require.Equal(t, http.StatusOK, s.call(t, "POST", base+"/@connections/"+e.RequestContext.ConnectionID, base+" says hello").StatusCode)
			assert.Equal(t, base+" says hello", receive(t, c))
		}
	})
}

// API Gateway writes the names of headers in small letters behind a mapping of several levels.
func TestHeadersBehindABasePath(t *testing.T) {
	for path, want := range map[string]string{"/prod": "X-Kind", "/chat": "X-Kind", "/chat/v2": "x-kind"} {
		t.Run(path, func(t *testing.T) {
			f := new(wsFunction)
			s := serveWebSocket(t, websocket.Config{Default: lambda(f), Stage: "prod", BasePaths: []string{"chat", "chat/v2"}})
			c, _, err := coder.Dial(t.Context(), s.URL+path, &coder.DialOptions{HTTPHeader: http.Header{"X-Kind": {"a"}}})
			require.NoError(t, err)
			defer c.CloseNow()
			e := f.one(t, "CONNECT")
			assert.Equal(t, "a", e.Headers[want])
			small := 0
			for name := range e.MultiValueHeaders {
				if name == strings.ToLower(name) {
					small++
				}
			}
			if want == "x-kind" {
				assert.Len(t, e.MultiValueHeaders, small, "all of them")
			} else {
				assert.Zero(t, small)
			}
		})
	}
}

func TestWrongBasePaths(t *testing.T) {
	for path, want := range map[string]string{
		"ä": `base path "ä": want letters, digits and $-_.+!*'()`, "a//b": `base path "a//b"`, "a b": `base path "a b"`, strings.Repeat("x", 301): "has more than 300 characters",
	} {
		_, err := websocket.New(websocket.Config{Default: lambda(new(wsFunction)), BasePaths: []string{path}})
		assert.ErrorContains(t, err, want)
	}
	_, err := websocket.New(websocket.Config{Default: lambda(new(wsFunction)), BasePaths: []string{"$-_.+!*'()/v2"}})
	assert.NoError(t, err)
}

func TestSubprotocolsThatBrowsersDoNotTake(t *testing.T) {
	for _, row := range []struct{ name, chosen, want string }{
		{"one that is not offered", "mqtt", "chose a subprotocol that the client does not offer"},
		{"none of those offered", "", "chose none of the subprotocols"},
		{"one that is", "chat", ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			f := &wsFunction{answer: func(context.Context, wsEvent) (string, error) {
				return `{"statusCode":200,"headers":{"Sec-WebSocket-Protocol":"` + row.chosen + `"}}`, nil
			}}
			s := serveWebSocket(t, websocket.Config{Default: lambda(f)})
			c, resp, err := coder.Dial(t.Context(), s.URL+"/local", &coder.DialOptions{Subprotocols: []string{"chat", "chat.v2"}})
			if err == nil {
				c.CloseNow()
			}
			assert.Equal(t, row.chosen, resp.Header.Get("Sec-WebSocket-Protocol"))
			if row.want != "" {
				assert.Contains(t, s.log.String(), row.want)
			} else {
				assert.NotContains(t, s.log.String(), "browsers end")
			}
		})
	}
}
