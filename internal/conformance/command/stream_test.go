package command_test

import (
	"bufio"
	"context"
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Events reach curl one by one: each is read while the function waits for the time
// of the next.
func TestStreamToCurl(t *testing.T) {
	t.Parallel()
	curl := program(t, "curl")
	address := start(t, "./testdata/clock", "--inspect", "off", "--api", "url", "--stream").Find(`(http://127\.0\.0\.1:\d+)/ +`)[0]
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, curl, "-N", "--silent", address)
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	defer cmd.Wait()
	defer cancel()
	ticks := 0
	for lines := bufio.NewScanner(stdout); ticks < 3 && lines.Scan(); {
		if _, err := time.Parse("data: "+time.RFC3339Nano, lines.Text()); err == nil {
			ticks++ // the stream has no end that a buffer could be waiting for
		}
	}
	assert.Equal(t, 3, ticks)
}
