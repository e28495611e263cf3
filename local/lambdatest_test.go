package main

import (
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/adapter"
	"github.com/lambridge-go/lambridge/lambdatest"
	"github.com/lambridge-go/lambridge/local/gateway"
	"github.com/lambridge-go/lambridge/local/internal/tour"
)

// TestAgreesWithLambdatest holds that the command and a test's server give the same
// answers to the same requests: the one through a process, the other within the test.
func TestAgreesWithLambdatest(t *testing.T) {
	t.Parallel()
	const slowest = "/picture.png" // is painted for each request
	requests := []struct{ name, method, path, body string }{
		{"text", "GET", "/tour.css", ""},
		{"bytes", "GET", slowest, ""},
		{"a cookie and a redirect", "POST", "/colour", "colour=moss"},
		{"a refusal", "POST", "/colour", "colour=infrared"},
		{"no such page", "GET", "/a%20b/%C3%A9", ""},
		{"no body", "HEAD", "/tour.js", ""},
		{"no such method", "DELETE", "/upload", ""},
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

	c := startCommand(t, t.TempDir(), "--addr", "127.0.0.1:0", "--inspect", "off", "--every")
	c.find("Ctrl-C stops it")
	urls := regexp.MustCompile(`http://\S+`).FindAllString(c.text(), -1)
	require.Len(t, urls, len(frontDoors()))
	for n, door := range frontDoors() {
		source := door.source
		server := lambdatest.NewServer(t, adapter.Wrap(tour.Handler()), source)
		for _, r := range requests {
			if r.path == slowest && !slices.Contains([]gateway.Source{gateway.HTTPv2, gateway.REST, gateway.ALB}, source) {
				continue // bytes go the same three ways everywhere
			}
			t.Run(string(source)+" "+r.name, func(t *testing.T) {
				status, header, body := ask(r.method, strings.TrimSuffix(urls[n], "/")+r.path, r.body)
				wantStatus, wantHeader, wantBody := ask(r.method, server.URL+r.path, r.body)
				assert.Equal(t, wantStatus, status)
				assert.Equal(t, wantHeader, header)
				assert.True(t, wantBody == body, "bodies of %d and %d bytes", len(wantBody), len(body))
			})
		}
	}
	assert.Equal(t, 0, c.interrupt())
}
