package main

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/local/invoke"
)

// One request after the other is served by one processor, several at once by all. When
// there has been one at most for a while, one is enough again.
func TestProcessors(t *testing.T) {
	var look func()
	now := 8
	p := processors{
		set:   func(n int) (before int) { before, now = now, n; return before },
		later: func(l func()) { look = l },
	}
	p.begin()
	assert.Equal(t, 1, now)

	var meanwhile func()
	h := p.serve(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		if then := meanwhile; then != nil {
			meanwhile = nil
			then()
		}
	}))
	request := func() { h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil)) }
	request()
	request()
	assert.Equal(t, 1, now, "one after the other")

	meanwhile = request
	request()
	assert.Equal(t, 8, now, "one within the other")
	request()
	look()
	assert.Equal(t, 8, now, "which is remembered until the next look")
	meanwhile = func() { look() }
	request()
	assert.Equal(t, 1, now, "there was one at most between two looks")

	meanwhile = func() {
		meanwhile = func() { look(); look() }
		request()
	}
	request()
	assert.Equal(t, 8, now, "several were there at a look, again and again")
	look()
	assert.Equal(t, 1, now)
}

// What a WebSocket client tells counts as a request does, and no request counts twice.
func TestProcessorsCountInvocations(t *testing.T) {
	now := 8
	p := processors{
		set:   func(n int) (before int) { before, now = now, n; return before },
		later: func(func()) {},
	}
	p.begin()
	var meanwhile func()
	f := p.invoked(replying(func() {
		if then := meanwhile; then != nil {
			meanwhile = nil
			then()
		}
	}))
	message := func() { f.Invoke(t.Context(), nil) }

	server := httptest.NewServer(p.serve(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Upgrade") == "" {
			f.Invoke(r.Context(), nil)
			return
		}
		message()
	})))
	defer server.Close()
	for name, header := range map[string]http.Header{
		"a request with its invocation": {},
		"a handshake with its $connect": {"Upgrade": {"websocket"}},
	} {
		r, err := http.NewRequest("GET", server.URL, nil)
		require.NoError(t, err)
		r.Header = header
		response, err := server.Client().Do(r)
		require.NoError(t, err)
		response.Body.Close()
		assert.Equal(t, 1, now, name)
	}

	message()
	assert.Equal(t, 1, now, "one message after the other")
	meanwhile = message
	message()
	assert.Equal(t, 8, now, "one message within the other")
}

// A replying function replies nothing.
type replying func()

// Invoke implements invoke.Invoker.
func (f replying) Invoke(context.Context, []byte) ([]byte, error) { f(); return nil, nil }

// InvokeStream implements invoke.Streamer.
func (f replying) InvokeStream(context.Context, []byte) (*invoke.Stream, error) {
	f()
	return &invoke.Stream{Body: http.NoBody}, nil
}

// Until begin they are left as they are.
func TestProcessorsBeforeBegin(t *testing.T) {
	p := processors{set: func(int) int { t.Error("the number is set"); return 0 }}
	h := p.serve(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.serve(http.NotFoundHandler()).ServeHTTP(w, r)
	}))
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
}
