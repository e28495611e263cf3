//go:build unix

package main

import (
	"io"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A browser that opens what a public inspector prints is known from then on by a cookie,
// which no script and no other site gets to use; the address it then shows has no token.
func TestFirstVisit(t *testing.T) {
	t.Parallel()
	c := startCommand(t, t.TempDir(), "--public", "--addr", "127.0.0.1:0", "--inspect", "0.0.0.0:0", "--name", "orders")
	printed := c.find(`(http://127\.0\.0\.1:\d+/\?token=\S+) +Inspector`)
	page, token, _ := strings.Cut(printed, "?token=")

	stranger := browse(t, http.DefaultClient, "GET", page+"api/functions", nil)
	assert.Equal(t, 401, stranger.status)
	assert.NotContains(t, stranger.body, "orders")

	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	browser := &http.Client{Jar: jar}
	first := browse(t, browser, "GET", printed, nil)
	assert.Equal(t, 200, first.status)
	assert.Equal(t, page, first.url, "of which nobody makes a bookmark with a token")
	assert.Contains(t, first.body, "<title>Lambridge inspector</title>")

	direct := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	assert.Equal(t, []string{"lambridge-token=" + token + "; Path=/; HttpOnly; SameSite=Strict"}, browse(t, direct, "GET", printed, nil).header["Set-Cookie"])

	functions := browse(t, browser, "GET", page+"api/functions", nil)
	assert.Equal(t, 200, functions.status)
	assert.Contains(t, functions.body, `"name":"orders"`)
	invoked := browse(t, browser, "POST", page+"api/functions/orders/invoke", http.Header{"Origin": {strings.TrimSuffix(page, "/")}})
	assert.Equal(t, 200, invoked.status, invoked.body)

	// The cookie alone does not let another page in.
	foreign := browse(t, browser, "POST", page+"api/functions/orders/invoke", http.Header{"Origin": {"https://evil.example"}})
	assert.Equal(t, 403, foreign.status)
}

// browsed is what came of a visit.
type browsed struct {
	url, body string
	status    int
	header    http.Header
}

// browse sends a request that a page might send, with an event for a function if it is POST.
func browse(t *testing.T, client *http.Client, method, url string, header http.Header) browsed {
	t.Helper()
	var body io.Reader
	if method == "POST" {
		body = strings.NewReader(`{"event":"{}"}`)
	}
	r, err := http.NewRequestWithContext(t.Context(), method, url, body)
	require.NoError(t, err)
	maps.Copy(r.Header, header)
	response, err := client.Do(r)
	require.NoError(t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return browsed{response.Request.URL.String(), string(text), response.StatusCode, response.Header}
}
