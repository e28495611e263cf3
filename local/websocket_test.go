package main

import (
	"context"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestWebSocketFlags(t *testing.T) {
	t.Parallel()
	function := filepath.Join(t.TempDir(), "bootstrap")
	build := exec.Command("go", "build", "-o", function, "./testdata/route")
	out, err := build.CombinedOutput()
	require.NoError(t, err, "%s", out)

	c := startCommand(t, ".", "--addr", "127.0.0.1:0", "--inspect", "off", "--exec", function,
		"--route-selection", "${request.body.do}-${request.body.how}", "--ws-route", "shout-loud", "--ws-route", "sing-", "--ws-two-way")
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	conn, _, err := websocket.Dial(ctx, c.find(`(ws://\S+)`), nil)
	require.NoError(t, err, c.text())
	defer conn.CloseNow()
	for message, route := range map[string]string{
		`{"do":"shout","how":"loud"}`: "shout-loud",
		`{"do":"sing"}`:               "sing-",
		`{"do":"shout"}`:              "$default",
	} {
		require.NoError(t, conn.Write(ctx, websocket.MessageText, []byte(message)))
		_, answer, err := conn.Read(ctx)
		require.NoError(t, err)
		assert.Equal(t, "route "+route, string(answer))
	}
}

func TestWebSocketFlagsAreChecked(t *testing.T) {
	t.Parallel()
	c := startCommand(t, t.TempDir(), "--addr", "127.0.0.1:0", "--inspect", "off", "--ws-route", "$connect")
	<-c.exited
	assert.Contains(t, c.stderr.String(), `websocket: route "$connect": a custom route is not empty and does not begin with $`)
}
