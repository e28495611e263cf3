package command_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/adapter"
	"github.com/lambridge-go/lambridge/internal/conformance/command/app"
	"github.com/lambridge-go/lambridge/internal/npm"
	"github.com/lambridge-go/lambridge/lambdatest"
)

// TestInspector lets a browser do what a developer does on the inspector's page, in
// testdata/inspector.mjs: see a request arrive, send it again as it was, changed and
// through another front door, keep it as a fixture, talk to a WebSocket client, break the
// build and mend it. The page holds against hostile input, a load, and axe-core.
func TestInspector(t *testing.T) {
	t.Parallel()
	chromium := program(t, "chromium")
	dir, err := npm.Install(t.Context(), "puppeteer-core@24.43.1", "axe-core@4.14.1")
	if errors.Is(err, npm.ErrMissing) && os.Getenv("LAMBRIDGE_REQUIRE_TOOLS") != "1" {
		t.Skip(err)
	}
	require.NoError(t, err)

	// The function is built from sources, which the page breaks and where it keeps fixtures.
	sources, err := os.MkdirTemp("testdata", "inspected-")
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, os.RemoveAll(sources)) })
	sources, err = filepath.Abs(sources)
	require.NoError(t, err)
	main := filepath.Join(sources, "main.go")
	require.NoError(t, os.WriteFile(main, []byte(inspected), 0o600))
	command := filepath.Join(t.TempDir(), "local")
	built, err := exec.CommandContext(t.Context(), "go", "build", "-o", command, "github.com/lambridge-go/lambridge/local").CombinedOutput()
	require.NoError(t, err, "%s", built)

	l := run(t, sources, command, "--inspect", "127.0.0.1:0", sources)
	door := l.Find(`^  (http://127\.0\.0\.1:\d+)/\s+HTTP API`)[0]
	socket := l.Find(`^  (ws://\S+)\s+WebSocket API`)[0]
	page := l.Find(`^  (http://\S+)\s+Inspector`)[0]

	drive := exec.CommandContext(t.Context(), "node", "testdata/inspector.mjs", dir, chromium, page, door, socket, main)
	output, err := drive.CombinedOutput()
	require.NoError(t, err, "%s", output)
	t.Logf("%s", output)

	// What it kept holds.
	lambdatest.Replay(t, adapter.Wrap(app.Handler()), filepath.Join(sources, "testdata", "*.json"))
	kept, err := filepath.Glob(filepath.Join(sources, "testdata", "*.json"))
	require.NoError(t, err)
	assert.Len(t, kept, 1)

	// Other pages, and names that lead here, are kept out.
	for name, header := range map[string][2]string{"another origin": {"Origin", "http://evil.example"}, "another site": {"Sec-Fetch-Site", "cross-site"}} {
		for _, path := range []string{"", "api/stream", "api/har", "api/functions"} {
			r, err := http.NewRequestWithContext(t.Context(), "GET", page+path, strings.NewReader(""))
			require.NoError(t, err)
			r.Header.Set(header[0], header[1])
			resp, err := http.DefaultClient.Do(r)
			require.NoError(t, err)
			require.NoError(t, resp.Body.Close())
			assert.Equal(t, http.StatusForbidden, resp.StatusCode, "%s: %s", name, path)
		}
	}
}

// BenchmarkInspector measures what one notices of the page: how long a request takes to
// become a row, from before it is sent, alone and under a load, and how many frames a second
// there are while the list is scrolled under that load. testdata/frames.mjs does it.
func BenchmarkInspector(b *testing.B) {
	chromium := program(b, "chromium")
	dir, err := npm.Install(b.Context(), "puppeteer-core@24.43.1", "axe-core@4.14.1")
	if err != nil {
		b.Skip(err)
	}
	l := start(b, "github.com/lambridge-go/lambridge/internal/conformance/command/testdata/plain", "--inspect", "127.0.0.1:0")
	door := l.Find(`^  (http://127\.0\.0\.1:\d+)/\s+HTTP API`)[0]
	page := l.Find(`^  (http://\S+)\s+Inspector`)[0]
	for b.Loop() {
		drive := exec.CommandContext(b.Context(), "node", "testdata/frames.mjs", dir, chromium, page, door)
		drive.Stderr = os.Stderr
		output, err := drive.Output()
		require.NoError(b, err, "%s", output)
		var measured map[string]float64
		require.NoError(b, json.Unmarshal(output, &measured), "%s", output)
		for unit, figure := range measured {
			b.ReportMetric(figure, unit)
		}
	}
}

// inspected is the application as a function that takes every WebSocket client.
const inspected = `package main

import (
	"net/http"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/lambridge-go/lambridge/adapter"
	"github.com/lambridge-go/lambridge/internal/conformance/command/app"
)

func main() {
	welcome := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
	lambda.Start(adapter.Wrap(app.Handler(), adapter.WithWebSocket(welcome)))
}
`
