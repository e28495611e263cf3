package websocket_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/internal/npm"
	"github.com/lambridge-go/lambridge/local/websocket"
)

// The AWS SDK for Go is held against the same API in adapter/connections.
func TestWebSocketWithTheJavaScriptSDK(t *testing.T) {
	dir, err := npm.Install(t.Context(), "@aws-sdk/client-apigatewaymanagementapi@3.1169.0")
	if err != nil && os.Getenv("LAMBRIDGE_REQUIRE_TOOLS") != "1" {
		t.Skip(err)
	}
	require.NoError(t, err)
	script, err := filepath.Abs("testdata/sdk.mjs")
	require.NoError(t, err)

	f := new(wsFunction)
	s := serveWebSocket(t, websocket.Config{Default: lambda(f)})
	c := s.dial(t, nil)
	received := make(chan string, 1)
	go func() {
		received <- receive(t, c)
		closedWith(t, c)
	}()
	cmd := exec.CommandContext(t.Context(), "node", script, s.URL+"/local", f.one(t, "CONNECT").RequestContext.ConnectionID)
	cmd.Dir = dir
	cmd.Stderr = os.Stderr // where node has its own say
	out, err := cmd.Output()
	require.NoError(t, err)
	assert.Equal(t, `{"name":"PostToConnection","status":200,"connected":false}
{"name":"GetConnection","status":200,"sourceIp":"127.0.0.1","connected":true}
{"name":"PostToConnection","status":413,"error":"PayloadTooLargeException","gone":false}
{"name":"PostToConnection","status":400,"error":"BadRequestException","gone":false}
{"name":"DeleteConnection","status":204,"connected":false}
{"name":"PostToConnection","status":410,"error":"GoneException","gone":true}
{"name":"GetConnection","status":410,"error":"GoneException","gone":true}
{"name":"DeleteConnection","status":410,"error":"GoneException","gone":true}
`, string(out))
	assert.Equal(t, "from JavaScript", <-received)
}
