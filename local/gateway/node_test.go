package gateway_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/local/gateway"
	"github.com/lambridge-go/lambridge/local/internal/function"
)

// program returns where a program is, or skips the test without it, unless the
// environment demands that all tests run.
func program(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil && os.Getenv("LAMBRIDGE_REQUIRE_TOOLS") == "1" {
		t.Fatalf("%s is missing, and LAMBRIDGE_REQUIRE_TOOLS asks for it", name)
	}
	if err != nil {
		t.Skipf("%s is missing", name)
	}
	return path
}

// A function in JavaScript behind the real Runtime API is served through every
// front door.
func TestFunctionInAnotherLanguage(t *testing.T) {
	t.Parallel()
	node := program(t, "node")
	f, err := function.Start(t.Context(), function.Config{
		Command: []string{node, "testdata/node/bootstrap.mjs"},
		Dir:     ".",
		Environ: os.Environ(),
	})
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, f.Close()) })

	for _, source := range sources() {
		t.Run(string(source), func(t *testing.T) {
			cfg := config{Source: source, Function: f}
			if source == gateway.REST {
				cfg.BinaryMediaTypes = []string{"*/*"}
			}
			var seen gateway.Exchange
			cfg.Observe = func(x gateway.Exchange) { seen = x }
			server := httptest.NewServer(open(t, cfg))
			defer server.Close()

			post := func(path string) (*http.Response, string) {
				response, err := http.Post(server.URL+path, "application/octet-stream", strings.NewReader("h\xe9llo"))
				require.NoError(t, err)
				body, err := io.ReadAll(response.Body)
				require.NoError(t, err)
				require.NoError(t, response.Body.Close())
				return response, string(body)
			}
			response, body := post("/items")
			assert.Equal(t, 201, response.StatusCode)
			assert.Equal(t, "text/x-node", response.Header.Get("Content-Type"))
			assert.Equal(t, "POST /items h\uFFFDllo", body)

			response, _ = post("/throw")
			assert.GreaterOrEqual(t, response.StatusCode, 500)
			assert.EqualError(t, seen.Err, "gateway: function failed: TypeError: thrown")

			if source == gateway.HTTPv2 { // what others make of it, TestFailures holds without starting node again
				response, _ = post("/exit")
				assert.Equal(t, 500, response.StatusCode)
				assert.ErrorContains(t, seen.Err, "function failed: Runtime.ExitError")
			}
		})
	}
}
