package tour_test

import (
	"bytes"
	"encoding/json"
	"image"
	"image/png"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/adapter"
	"github.com/lambridge-go/lambridge/local/gateway"
	"github.com/lambridge-go/lambridge/local/internal/tour"
)

// do sends a request to the tour, as a server without Lambda would.
func do(req *http.Request) *http.Response {
	w := httptest.NewRecorder()
	tour.Handler().ServeHTTP(w, req)
	return w.Result()
}

func text(t *testing.T, resp *http.Response) string {
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return string(body)
}

func TestPage(t *testing.T) {
	resp := do(httptest.NewRequest("GET", "/", nil))
	page := text(t, resp)
	assert.Equal(t, http.StatusOK, resp.StatusCode)
	assert.Equal(t, "text/html; charset=utf-8", resp.Header.Get("Content-Type"))
	assert.Contains(t, page, "served by net/http alone", "outside Lambda it says so")
	assert.NotContains(t, page, "The event of this very page")

	links := regexp.MustCompile(`(?:href|src|action)="([^"]*)"`).FindAllStringSubmatch(page, -1)
	require.NotEmpty(t, links)
	for _, link := range links {
		assert.NotRegexp(t, `^/|:`, link[1], "links are relative: the page may be below a stage")
		target, _, _ := strings.Cut(link[1], "?")
		assert.NotEqual(t, http.StatusNotFound, do(httptest.NewRequest("GET", "/"+target, nil)).StatusCode, target)
	}
}

// TestThroughEveryFrontDoor holds that the page tells of its own event.
func TestThroughEveryFrontDoor(t *testing.T) {
	for _, source := range gateway.Sources() {
		t.Run(string(source), func(t *testing.T) {
			facts, _ := gateway.Facts(source)
			to := gateway.Lambda(adapter.Wrap(tour.Handler()), gateway.LambdaOptions{Format: facts.Format})
			door, err := gateway.New(gateway.API{Kind: facts.Kind, Default: to}, gateway.Options{})
			require.NoError(t, err)
			ask := func(req *http.Request) *http.Response {
				w := httptest.NewRecorder()
				door.ServeHTTP(w, req)
				return w.Result()
			}
			page := text(t, ask(httptest.NewRequest("GET", "/", nil)))
			assert.Contains(t, page, "This page came through a real Lambda event.")
			assert.Contains(t, page, "The event of this very page")
			assert.NotContains(t, page, "<b>The front door</b><span></span>", "it has a name")

			resp := ask(httptest.NewRequest("POST", "/echo?tag=a&tag=b", strings.NewReader("Grüße")))
			var got struct {
				Body  string
				Query map[string][]string
			}
			require.NoError(t, json.NewDecoder(resp.Body).Decode(&got))
			assert.Equal(t, "Grüße", got.Body)
			if source != gateway.ALB && source != gateway.LatticeV1 { // these keep the last of several
				assert.Equal(t, map[string][]string{"tag": {"a", "b"}}, got.Query)
			}
		})
	}
}

func TestEverythingIsHeldToThePage(t *testing.T) {
	for _, path := range []string{"/", "/tour.css", "/tour.js", "/echo", "/picture.png", "/nothing"} {
		h := do(httptest.NewRequest("GET", path, nil)).Header
		assert.Contains(t, h.Get("Content-Security-Policy"), "default-src 'none'", path)
		assert.Equal(t, "nosniff", h.Get("X-Content-Type-Options"), path)
	}
}

func TestUnknownPath(t *testing.T) {
	assert.Equal(t, http.StatusNotFound, do(httptest.NewRequest("GET", "/nothing", nil)).StatusCode)
}

func TestEcho(t *testing.T) {
	req := httptest.NewRequest("PUT", "/echo?tag=a&tag=b", strings.NewReader("Grüße"))
	req.Header.Set("X-Probe", "<1>")
	resp := do(req)
	assert.Equal(t, http.StatusOK, resp.StatusCode)
	var got map[string]any
	require.NoError(t, json.NewDecoder(resp.Body).Decode(&got))
	assert.Equal(t, map[string]any{
		"method": "PUT", "path": "/echo",
		"query": map[string]any{"tag": []any{"a", "b"}},
		"host":  "example.com", "remoteAddr": "192.0.2.1:1234",
		"headers": map[string]any{"X-Probe": []any{"<1>"}},
		"body":    "Grüße", "frontDoor": "", "requestId": "",
	}, got)
}

func TestEchoIsBounded(t *testing.T) {
	resp := do(httptest.NewRequest("POST", "/echo", strings.NewReader(strings.Repeat("x", 64<<10+1))))
	assert.Equal(t, http.StatusRequestEntityTooLarge, resp.StatusCode)
}

func TestColour(t *testing.T) {
	choose := func(name string) *http.Response {
		req := httptest.NewRequest("POST", "/colour", strings.NewReader("colour="+name))
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		return do(req)
	}
	chosen := choose("ember")
	assert.Equal(t, http.StatusSeeOther, chosen.StatusCode)
	assert.Equal(t, "./#cookie", chosen.Header.Get("Location"))
	require.Len(t, chosen.Cookies(), 1)

	page := httptest.NewRequest("GET", "/", nil)
	page.AddCookie(chosen.Cookies()[0])
	assert.Contains(t, text(t, do(page)), `<html lang="en" data-colour="ember">`)

	assert.Equal(t, http.StatusBadRequest, choose("infrared").StatusCode)
	forged := httptest.NewRequest("GET", "/", nil)
	forged.Header.Set("Cookie", `colour=infrared`)
	assert.Contains(t, text(t, do(forged)), `<html lang="en" data-colour="tide">`)
}

func TestPicture(t *testing.T) {
	draw := func(colour string) image.Image {
		req := httptest.NewRequest("GET", "/picture.png", nil)
		req.Header.Set("Cookie", "colour="+colour)
		resp := do(req)
		assert.Equal(t, "image/png", resp.Header.Get("Content-Type"))
		img, err := png.Decode(resp.Body)
		require.NoError(t, err)
		return img
	}
	tide, ember := draw("tide"), draw("ember")
	assert.Equal(t, image.Rect(0, 0, 960, 400), tide.Bounds())
	assert.NotEqual(t, tide.At(10, 10), ember.At(10, 10), "the cookie tints it")
}

func TestUpload(t *testing.T) {
	send := func(content string) *http.Response {
		var form bytes.Buffer
		parts := multipart.NewWriter(&form)
		file, err := parts.CreateFormFile("file", "some.bin")
		require.NoError(t, err)
		io.WriteString(file, content)
		require.NoError(t, parts.Close())
		req := httptest.NewRequest("POST", "/upload", &form)
		req.Header.Set("Content-Type", parts.FormDataContentType())
		return do(req)
	}
	tests := []struct{ name, content, want string }{
		{"empty", "", `{"name":"some.bin","size":0,"type":"text/plain; charset=utf-8","sha256":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}`},
		{"binary", "\x89PNG\x0d\x0a\x1a\x0a\x00\xff", `{"name":"some.bin","size":10,"type":"image/png","sha256":"d44c4eee8f72efac76c1f294e7260408825c8dad42adaaf6e9bee7e7ef4c7de3"}`},
		{"longer than what is sniffed", strings.Repeat("a", 1000), `{"name":"some.bin","size":1000,"type":"text/plain; charset=utf-8","sha256":"41edece42d63e8d9bf515a9ba6932e1c20cbc9f5a5d134645adb5db1b9737ea3"}`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			assert.JSONEq(t, test.want, text(t, send(test.content)))
		})
	}
	assert.Equal(t, http.StatusBadRequest, send(strings.Repeat("a", 9<<20)).StatusCode, "too large")
	assert.Equal(t, http.StatusBadRequest, do(httptest.NewRequest("POST", "/upload", nil)).StatusCode, "no form")
}
