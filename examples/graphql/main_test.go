package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/adapter/connections"
	"github.com/lambridge-go/lambridge/examples/internal/laptop"
	"github.com/lambridge-go/lambridge/internal/npm"
	"github.com/lambridge-go/lambridge/lambdatest"
	"github.com/lambridge-go/lambridge/local/websocket"
)

func serve(t *testing.T) *lambdatest.WebSocketServer {
	s := newServer(newFolder(t.TempDir()), connections.New(aws.Config{Region: "eu-west-1"}, connections.Options{}))
	return lambdatest.NewWebSocketServer(t, newHandler(s), websocket.Config{})
}

func TestProtocol(t *testing.T) {
	type turn struct{ say, hear string } // "" is nothing, "closed" the end
	const (
		initiate  = `{"type":"connection_init"}`
		ack       = `{"type":"connection_ack"}`
		subscribe = `{"type":"subscribe","id":"1","payload":{"query":"subscription { said(room: \"tea\") { text } }"}}`
	)
	tests := []struct {
		name  string
		turns []turn
	}{
		{"a connection is acknowledged", []turn{{initiate, ack}}},
		{"a ping is answered", []turn{{`{"type":"ping"}`, `{"type":"pong"}`}}},
		{"a query has one result", []turn{
			{initiate, ack},
			{`{"type":"subscribe","id":"q","payload":{"query":"{ rooms }"}}`, `{"type":"next","id":"q","payload":{"data":{"rooms":["tea","coffee"]}}}`},
			{"", `{"type":"complete","id":"q"}`},
		}},
		{"a query that is none has errors", []turn{
			{initiate, ack},
			{`{"type":"subscribe","id":"q","payload":{"query":"{"}}`, `{"type":"error","id":"q","payload":[{"message":"syntax error: unexpected \"\", expecting Ident","locations":[{"line":1,"column":2}]}]}`},
		}},
		{"a subscription hears what is said in its room, and nothing after its end", []turn{
			{initiate, ack},
			{subscribe, ""},
			{`{"type":"subscribe","id":"m","payload":{"query":"mutation { say(room: \"tea\", text: \"hello\") { room } }"}}`, `{"type":"next","id":"1","payload":{"data":{"said":{"text":"hello"}}}}`},
			{"", `{"type":"next","id":"m","payload":{"data":{"say":{"room":"tea"}}}}`},
			{"", `{"type":"complete","id":"m"}`},
			{`{"type":"complete","id":"1"}`, ""},
			{`{"type":"subscribe","id":"m","payload":{"query":"mutation { say(room: \"tea\", text: \"hello\") { room } }"}}`, `{"type":"next","id":"m","payload":{"data":{"say":{"room":"tea"}}}}`},
		}},
		{"nothing goes before the acknowledgement (the protocol's 4401)", []turn{{subscribe, "closed"}}},
		{"nor twice (4429)", []turn{{initiate, ack}, {initiate, "closed"}}},
		{"an id is in use once (4409)", []turn{{initiate, ack}, {subscribe, ""}, {subscribe, "closed"}}},
		{"what is no message (4400)", []turn{{"hello", "closed"}}},
		{"a type that is none (4400)", []turn{{`{"type":"dance"}`, "closed"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := serve(t).Dial("/", lambdatest.WithSubprotocols(subprotocol))
			for _, turn := range tt.turns {
				if turn.say != "" {
					c.Send(turn.say)
				}
				switch turn.hear {
				case "":
				case "closed":
					code, _ := c.ReceiveClose()
					assert.Equal(t, 1000, code, "API Gateway's own")
				default:
					assert.JSONEq(t, turn.hear, c.Receive())
				}
			}
		})
	}
}

func TestOtherSubprotocols(t *testing.T) {
	_, resp := serve(t).Handshake("/", lambdatest.WithSubprotocols("graphql-ws"))
	assert.Equal(t, 400, resp.StatusCode)
}

// TestClient serves the function as a developer does, the real process behind the command,
// and lets the client speak to it that browsers use.
func TestClient(t *testing.T) {
	dir, err := npm.Install(t.Context(), "graphql@17.1.0", "graphql-ws@6.4.2", "ws@8.23.0")
	if err != nil && os.Getenv("LAMBRIDGE_REQUIRE_TOOLS") != "1" {
		t.Skip(err)
	}
	require.NoError(t, err)
	// The script stands where its imports are found.
	here := t.TempDir()
	script, err := os.ReadFile("testdata/client.mjs")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(here, "client.mjs"), script, 0o600))
	require.NoError(t, os.Symlink(filepath.Join(dir, "node_modules"), filepath.Join(here, "node_modules")))

	url, stop, err := laptop.Serve(t.Context(), t.TempDir(), ".")
	require.NoError(t, err)
	t.Cleanup(stop)
	cmd := exec.CommandContext(t.Context(), "node", "client.mjs", strings.Replace(url, "http", "ws", 1)+"local")
	cmd.Dir = here
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	require.NoError(t, err)
	assert.Equal(t, `query {"data":{"rooms":["tea","coffee"]}}
mutation {"data":{"say":{"room":"tea"}}}
heard ["tea hello ☕","coffee black"]
refused ["Cannot query field \"nothing\" on type \"Query\"."]
complete "tea"
complete "coffee"
`, string(out))
}
