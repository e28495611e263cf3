package main

import (
	"bytes"
	"image/png"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/adapter"
	"github.com/lambridge-go/lambridge/lambdatest"
)

// TestNotes is one conversation, held through every front door in turn.
func TestNotes(t *testing.T) {
	conversation := []struct {
		name, method, path, body string
		status                   int
		want                     string
	}{
		{"nothing yet", "GET", "/notes", "", 200, "[]\n"},
		{"create", "POST", "/notes", `{"text":"buy milk"}`, 201, `{"id":1,"text":"buy milk"}` + "\n"},
		{"text stays what it is", "POST", "/notes", `{"text":"żółw ☕"}`, 201, `{"id":2,"text":"żółw ☕"}` + "\n"},
		{"get", "GET", "/notes/2", "", 200, `{"id":2,"text":"żółw ☕"}` + "\n"},
		{"delete", "DELETE", "/notes/1", "", 204, ""},
		{"one is left", "GET", "/notes", "", 200, `[{"id":2,"text":"żółw ☕"}]` + "\n"},
		{"gone", "GET", "/notes/1", "", 404, "404 page not found\n"},
		{"not JSON", "POST", "/notes", "milk", 400, `want JSON like {"text": "buy milk"}` + "\n"},
		{"no such route", "PATCH", "/notes", "", 405, "Method Not Allowed\n"},
	}
	lambdatest.Each(t, func(t *testing.T, source lambdatest.Source) {
		app := adapter.Wrap(newApp())
		for _, turn := range conversation {
			resp := lambdatest.Do(t, app, source, httptest.NewRequest(turn.method, turn.path, strings.NewReader(turn.body)))
			assert.Equal(t, turn.status, resp.StatusCode, turn.name)
			assert.Equal(t, turn.want, text(t, resp), turn.name)
		}
	})
}

func TestTheme(t *testing.T) {
	lambdatest.Each(t, func(t *testing.T, source lambdatest.Source) {
		app := adapter.Wrap(newApp())
		resp := lambdatest.Do(t, app, source, httptest.NewRequest("PUT", "/theme/dark", nil))
		require.Len(t, resp.Cookies(), 1)

		req := httptest.NewRequest("GET", "/theme", nil)
		req.AddCookie(resp.Cookies()[0])
		assert.Equal(t, `{"theme":"dark"}`+"\n", text(t, lambdatest.Do(t, app, source, req)))
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

func TestUpload(t *testing.T) {
	lambdatest.Each(t, func(t *testing.T, source lambdatest.Source) {
		var form bytes.Buffer
		parts := multipart.NewWriter(&form)
		file, err := parts.CreateFormFile("file", "bytes.bin")
		require.NoError(t, err)
		file.Write([]byte{0x00, 0xff, 0xfe, '\r', '\n'}) // not text in any encoding
		require.NoError(t, parts.Close())

		req := httptest.NewRequest("POST", "/uploads", &form)
		req.Header.Set("Content-Type", parts.FormDataContentType())
		assert.JSONEq(t, `{"name":"bytes.bin","size":5,"sha256":"81ad9c4b03282fccfaf65f6c78f102b1d4c6fc8af3725dbcd9f1640cfb61d2d2"}`,
			text(t, lambdatest.Do(t, adapter.Wrap(newApp()), source, req)))
	})
}

func TestCORS(t *testing.T) {
	lambdatest.Each(t, func(t *testing.T, source lambdatest.Source) {
		req := httptest.NewRequest("OPTIONS", "/notes/1", nil)
		req.Header.Set("Origin", "https://notes.example.com")
		req.Header.Set("Access-Control-Request-Method", "DELETE")
		resp := lambdatest.Do(t, adapter.Wrap(newApp()), source, req)
		assert.Equal(t, http.StatusNoContent, resp.StatusCode)
		assert.Equal(t, []string{"https://notes.example.com"}, resp.Header.Values("Access-Control-Allow-Origin"))
		assert.Equal(t, []string{"DELETE"}, resp.Header.Values("Access-Control-Allow-Methods"))
	})
}

func text(t *testing.T, resp *http.Response) string {
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return string(body)
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
