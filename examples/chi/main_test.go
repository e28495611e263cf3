package main

import (
	"image/png"
	"io"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/adapter"
	"github.com/lambridge-go/lambridge/lambdatest"
)

// TestApp holds one conversation through every front door: each line is a
// request and what the client gets for it.
func TestApp(t *testing.T) {
	const origin = "https://notes.example.com"
	form := strings.ReplaceAll(`--cut
Content-Disposition: form-data; name="file"; filename="list.txt"

tea & milk
--cut--
`, "\n", "\r\n")

	conversation := []struct {
		name         string
		method, path string
		header       string // one header of the request, "Name: value"
		body         string
		status       int
		wantHeader   string // one header of the response
		wantBody     string
	}{
		{"nothing yet", "GET", "/notes", "", "", 200, "Content-Type: application/json", `[]` + "\n"},
		{"create", "POST", "/notes", "", `{"text":"buy milk"}`, 201, "Location: /notes/1", `{"id":1,"text":"buy milk"}` + "\n"},
		{"not only ASCII", "POST", "/notes", "", `{"text":"żółw ☕"}`, 201, "Location: /notes/2", `{"id":2,"text":"żółw ☕"}` + "\n"},
		{"get", "GET", "/notes/2", "", "", 200, "Content-Type: application/json", `{"id":2,"text":"żółw ☕"}` + "\n"},
		{"list", "GET", "/notes", "", "", 200, "", `[{"id":1,"text":"buy milk"},{"id":2,"text":"żółw ☕"}]` + "\n"},
		{"delete", "DELETE", "/notes/1", "", "", 204, "", ""},
		{"delete again", "DELETE", "/notes/1", "", "", 204, "", ""},
		{"gone", "GET", "/notes/1", "", "", 404, "", "404 page not found\n"},
		{"no number", "GET", "/notes/one", "", "", 404, "", "404 page not found\n"},
		{"one is left", "GET", "/notes", "", "", 200, "", `[{"id":2,"text":"żółw ☕"}]` + "\n"},
		{"not JSON", "POST", "/notes", "", "milk", 400, "", `want JSON like {"text": "buy milk"}` + "\n"},
		{"no text", "POST", "/notes", "", `{"text":""}`, 400, "", `want JSON like {"text": "buy milk"}` + "\n"},
		{"the default theme", "GET", "/theme", "", "", 200, "", `{"theme":"light"}` + "\n"},
		{"set the theme", "PUT", "/theme/dark", "", "", 204, "Set-Cookie: theme=dark; Path=/; Max-Age=86400; HttpOnly; SameSite=Lax", ""},
		{"read the theme", "GET", "/theme", "Cookie: theme=dark", "", 200, "", `{"theme":"dark"}` + "\n"},
		{"upload", "POST", "/uploads", "Content-Type: multipart/form-data; boundary=cut", form, 200, "",
			`{"name":"list.txt","sha256":"9b7d28280d7c4fd4e28ff4c8a805bb01747d4fc76daed3ef4283a3a7b0476c25","size":10}` + "\n"},
		{"no upload", "POST", "/uploads", "", "", 400, "", `want multipart/form-data with a part "file"` + "\n"},
		{"CORS", "GET", "/notes/2", "Origin: " + origin, "", 200, "Access-Control-Allow-Origin: " + origin, `{"id":2,"text":"żółw ☕"}` + "\n"},
		{"CORS on an error", "GET", "/notes/1", "Origin: " + origin, "", 404, "Access-Control-Allow-Origin: " + origin, "404 page not found\n"},
		{"no such route", "GET", "/nothing", "", "", 404, "", "404 page not found\n"},
	}
	lambdatest.Each(t, func(t *testing.T, source lambdatest.Source) {
		app := adapter.Wrap(newApp())
		for _, turn := range conversation {
			req := httptest.NewRequest(turn.method, turn.path, strings.NewReader(turn.body))
			if name, value, ok := strings.Cut(turn.header, ": "); ok {
				req.Header.Set(name, value)
			}
			resp := lambdatest.Do(t, app, source, req)
			body, err := io.ReadAll(resp.Body)
			require.NoError(t, err)
			assert.Equal(t, turn.status, resp.StatusCode, turn.name)
			assert.Equal(t, turn.wantBody, string(body), turn.name)
			if name, value, ok := strings.Cut(turn.wantHeader, ": "); ok {
				assert.Equal(t, []string{value}, resp.Header.Values(name), turn.name)
			}
		}
	})
}

func TestLogo(t *testing.T) {
	lambdatest.Each(t, func(t *testing.T, source lambdatest.Source) {
		resp := lambdatest.Do(t, adapter.Wrap(newApp()), source, httptest.NewRequest("GET", "/logo.png", nil))
		assert.Equal(t, "image/png", resp.Header.Get("Content-Type"))
		img, err := png.Decode(resp.Body)
		require.NoError(t, err)
		assert.Equal(t, 128, img.Bounds().Dx())
	})
}

// TestTemplate sends a request through the API that the template deploys.
func TestTemplate(t *testing.T) {
	api := lambdatest.NewAPI(t, "template.yaml", lambdatest.Functions{"Notes": adapter.Wrap(newApp())})
	resp := api.Do(httptest.NewRequest("GET", "/theme", nil))
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	assert.Equal(t, `{"theme":"light"}`+"\n", string(body))
	assert.Equal(t, 200, resp.StatusCode)
}
