package main

import (
	"io"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gofiber/fiber/v3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/adapter"
	"github.com/lambridge-go/lambridge/lambdatest"
)

// TestApp holds one conversation through every front door.
func TestApp(t *testing.T) {
	form := strings.ReplaceAll("--cut\nContent-Disposition: form-data; name=\"file\"; filename=\"list.txt\"\n\ntea & milk\n--cut--\n", "\n", "\r\n")
	lambdatest.Each(t, func(t *testing.T, source lambdatest.Source) {
		app := adapter.Wrap(bridge(newApp()))
		for _, turn := range []struct {
			name         string
			method, path string
			contentType  string
			body         string
			status       int
			wantHeader   string // one header of the response
			wantBody     string
		}{
			{"the front door", "GET", "/hello/ann", "", "", 200, "Content-Type: application/json; charset=utf-8", `{"hello":"ann","through":"` + string(source) + `"}`},
			{"nobody", "GET", "/me", "", "", 401, "", "who are you?"},
			{"a cookie", "PUT", "/theme/dark", "", "", 204, "Set-Cookie: theme=dark; path=/; HttpOnly; SameSite=Lax", ""},
			{"an upload", "POST", "/files", "multipart/form-data; boundary=cut", form, 200, "", `{"name":"list.txt","size":10}`},
			{"no upload", "POST", "/files", "", "", 400, "", `want multipart/form-data with a part "file"`},
			{"no such route", "GET", "/nothing", "", "", 404, "", "Not Found"},
		} {
			req := httptest.NewRequest(turn.method, turn.path, strings.NewReader(turn.body))
			req.Header.Set("Content-Type", turn.contentType)
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

// TestCaller goes through the front doors that check tokens.
func TestCaller(t *testing.T) {
	lambdatest.Each(t, func(t *testing.T, source lambdatest.Source) {
		resp := lambdatest.Do(t, adapter.Wrap(bridge(newApp())), source, httptest.NewRequest("GET", "/me", nil), lambdatest.WithClaims(map[string]string{"sub": "ann"}))
		body, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		assert.Equal(t, "ann", string(body))
	})
}

func TestDeadline(t *testing.T) {
	app := adapter.Wrap(bridge(newApp()))
	synctest.Test(t, func(t *testing.T) {
		resp := lambdatest.Do(t, app, lambdatest.HTTPv2, httptest.NewRequest("GET", "/report", nil), lambdatest.WithDeadline(time.Now().Add(10*time.Second)))
		body, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		assert.Equal(t, "try again: context deadline exceeded", string(body))
		assert.Equal(t, 503, resp.StatusCode)
	})
}

func TestStream(t *testing.T) {
	resp := lambdatest.Do(t, adapter.Stream(bridge(newApp())), lambdatest.FunctionURL, httptest.NewRequest("GET", "/countdown", nil))
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	assert.Equal(t, "data: 3\n\ndata: 2\n\ndata: 1\n\n", string(body))
	assert.Equal(t, "text/event-stream", resp.Header.Get("Content-Type"))
}

// A header that comes twice arrives twice: Fiber's own adaptor keeps the last.
func TestRepeatedHeader(t *testing.T) {
	app := newApp()
	app.Get("/accept", func(c fiber.Ctx) error {
		return c.SendString(strings.Join(c.GetReqHeaders()["Accept"], " and "))
	})
	req := httptest.NewRequest("GET", "/accept", nil)
	req.Header["Accept"] = []string{"text/html", "image/png"}
	resp := lambdatest.Do(t, adapter.Wrap(bridge(app)), lambdatest.REST, req)
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	assert.Equal(t, "text/html and image/png", string(body))
}

// TestTemplate sends a request through the API that the template deploys.
func TestTemplate(t *testing.T) {
	api := lambdatest.NewAPI(t, "template.yaml", lambdatest.Functions{"Greeter": adapter.Wrap(bridge(newApp()))})
	resp := api.Do(httptest.NewRequest("GET", "/hello/ann", nil))
	assert.Equal(t, 200, resp.StatusCode)
}
