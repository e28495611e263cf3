package main

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
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

// Until begin they are left as they are.
func TestProcessorsBeforeBegin(t *testing.T) {
	p := processors{set: func(int) int { t.Error("the number is set"); return 0 }}
	h := p.serve(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.serve(http.NotFoundHandler()).ServeHTTP(w, r)
	}))
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
}
