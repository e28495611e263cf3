package pages_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/adapter"
	"github.com/lambridge-go/lambridge/adapter/serve"
	"github.com/lambridge-go/lambridge/lambdatest"
)

// What follows is what README.md and docs/ quote that no package has as an example.

// newApp is an application with notes, of which each client sees its own.
func newApp() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /notes", func(w http.ResponseWriter, r *http.Request) {})
	mux.HandleFunc("GET /mine", func(w http.ResponseWriter, r *http.Request) {
		caller, ok := adapter.CallerFrom(r.Context())
		if !ok {
			http.Error(w, "who are you?", http.StatusUnauthorized)
			return
		}
		subject := caller.Claims.Get("sub")
		fmt.Fprint(w, subject)
	})
	return mux
}

// newChat tells a WebSocket client the id of its connection.
func newChat() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /{route}", func(w http.ResponseWriter, r *http.Request) {
		ws, ok := adapter.WebSocketFrom(r.Context())
		if !ok {
			http.NotFound(w, r) // an HTTP client posing as a connection
			return
		}
		fmt.Fprint(w, ws.ConnectionID)
	})
	return mux
}

func TestApp(t *testing.T) {
	lambdatest.Each(t, func(t *testing.T, source lambdatest.Source) {
		app := adapter.Wrap(newApp())
		for path, status := range map[string]int{"/notes": 200, "/notes/7": 404, "/a%2Fb": 404} {
			resp := lambdatest.Do(t, app, source, httptest.NewRequest("GET", path, nil))
			assert.Equal(t, status, resp.StatusCode, path)
		}
	})
}

func TestWhoCalls(t *testing.T) {
	app := adapter.Wrap(newApp())
	resp := lambdatest.Do(t, app, lambdatest.REST, httptest.NewRequest("GET", "/mine", nil))
	assert.Equal(t, http.StatusUnauthorized, resp.StatusCode)
	resp = lambdatest.Do(t, app, lambdatest.HTTPv2, httptest.NewRequest("GET", "/mine", nil), lambdatest.WithClaims(map[string]string{"sub": "ann"}))
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	assert.Equal(t, "ann", string(body))
}

func TestChat(t *testing.T) {
	chat := adapter.Wrap(newChat())
	resp := lambdatest.Do(t, chat, lambdatest.HTTPv2, httptest.NewRequest("POST", "/say", nil))
	assert.Equal(t, http.StatusNotFound, resp.StatusCode)
}

// mains are of programs, which end when they are served no more.
var _ = []func(*http.ServeMux){
	func(mux *http.ServeMux) {
		lambda.Start(adapter.Stream(mux)) // what is flushed leaves the function at once
	},
	func(mux *http.ServeMux) {
		lambda.Start(
			adapter.Wrap(mux, adapter.WithoutStage(), adapter.WithBasePath("/shop"), adapter.WithPrefixedLinks()),
		)
	},
	func(mux *http.ServeMux) {
		err := serve.Run(mux, serve.Options{Address: "127.0.0.1:8080"})
		_ = err
	},
}
