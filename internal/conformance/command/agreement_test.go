package command_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/adapter"
	"github.com/lambridge-go/lambridge/internal/conformance/command/app"
	"github.com/lambridge-go/lambridge/lambdatest"
)

// TestAgreesWithLambdatest holds that the command and a test's server give the same
// answers to the same requests: the one through a process, the other within the test.
func TestAgreesWithLambdatest(t *testing.T) {
	t.Parallel()
	requests := []struct{ name, method, path, body string }{
		{"text", "GET", "/text", ""},
		{"bytes", "GET", "/bytes", ""},
		{"a cookie and a redirect", "POST", "/colour", "colour=moss"},
		{"a refusal", "POST", "/colour", "colour=infrared"},
		{"no such page", "GET", "/a%20b/%C3%A9", ""},
		{"no body", "HEAD", "/text", ""},
		{"no such method", "DELETE", "/text", ""},
	}
	// perRequest are the headers that are new with every response.
	perRequest := []string{"Date", "X-Amzn-Requestid", "X-Amz-Apigw-Id", "Apigw-Requestid", "X-Amzn-Trace-Id"}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	ask := func(method, url, body string) (int, http.Header, string) {
		req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
		require.NoError(t, err)
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		resp, err := client.Do(req)
		require.NoError(t, err)
		defer resp.Body.Close()
		got, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		for _, name := range perRequest {
			resp.Header.Del(name)
		}
		return resp.StatusCode, resp.Header, string(got)
	}

	for name, address := range serveEvery(t, "./testdata/plain") {
		server := lambdatest.NewServer(t, adapter.Wrap(app.Handler()), frontDoors[name])
		for _, r := range requests {
			t.Run(name+": "+r.name, func(t *testing.T) {
				status, header, body := ask(r.method, address+r.path, r.body)
				wantStatus, wantHeader, wantBody := ask(r.method, server.URL+r.path, r.body)
				assert.Equal(t, wantStatus, status)
				assert.Equal(t, wantHeader, header)
				assert.True(t, wantBody == body, "bodies of %d and %d bytes", len(wantBody), len(body))
			})
		}
	}
}
