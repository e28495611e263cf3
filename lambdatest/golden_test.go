package lambdatest_test

import (
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/adapter"
	"github.com/lambridge-go/lambridge/lambdatest"
)

// greeting greets whom the query names.
var greeting = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	fmt.Fprintf(w, "hello, %s\n", r.FormValue("name"))
})

func greet(tb testing.TB, name string) *http.Response {
	return lambdatest.Do(tb, adapter.Wrap(greeting), lambdatest.HTTPv2, httptest.NewRequest("GET", "/?name="+name, nil))
}

// TestGoldenFile compares with the file beside this test: its format is a promise.
func TestGoldenFile(t *testing.T) { lambdatest.Golden(t, greet(t, "world")) }

func TestGolden(t *testing.T) {
	t.Chdir(t.TempDir())
	golden := func(name string) *spy {
		return spyOn(t, func(tb testing.TB) { lambdatest.Golden(tb, greet(tb, name)) })
	}
	assert.Contains(t, golden("ana").fatal, "run go test -lambdatest.update to write it")

	update(t, func() { assert.Empty(t, golden("ana").fatal) })
	written, err := os.ReadFile(filepath.Join("testdata", "golden", "TestGolden.http"))
	require.NoError(t, err)
	assert.Equal(t, "200 OK\nConnection: keep-alive\nContent-Length: 11\nContent-Type: text/plain; charset=utf-8\n\nhello, ana\n\n", string(written))

	same := golden("ana")
	assert.Empty(t, same.errs+same.fatal)
	other := golden("bob")
	assert.Contains(t, other.errs, "- hello, ana\n+ hello, bob\n")
	assert.Contains(t, other.errs, "--- event", "what lies behind it is shown")
}

func TestGoldenLeavesTheBody(t *testing.T) {
	t.Chdir(t.TempDir())
	resp := greet(t, "ana")
	update(t, func() { lambdatest.Golden(t, resp) })
	assert.Equal(t, "hello, ana\n", text(t, resp))
}

// update runs f as go test -lambdatest.update would.
func update(t *testing.T, f func()) {
	require.NoError(t, flag.Set("lambdatest.update", "true"))
	defer func() { require.NoError(t, flag.Set("lambdatest.update", "false")) }()
	f()
}
