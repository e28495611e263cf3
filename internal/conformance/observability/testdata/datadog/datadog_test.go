// Package datadog_test holds what docs/observability.md says of Datadog's wrappers.
package datadog_test

import (
	"bufio"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	ddlambda "github.com/DataDog/datadog-lambda-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/adapter"
	"github.com/lambridge-go/lambridge/lambdatest"
)

// instrumented answers whether Datadog knows of the invocation that a request came with:
// it puts a value into the context of each.
var instrumented = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	io.WriteString(w, "plain")
	if r.Context().Value("cold_start") != nil {
		io.WriteString(w, ", instrumented")
	}
})

func TestWrappers(t *testing.T) {
	config := &ddlambda.Config{APIKey: "none", Site: "127.0.0.1", DDTraceEnabled: false}
	for _, test := range []struct {
		name     string
		function any
		status   int
		body     string
	}{
		{"WrapLambdaHandlerInterface of Wrap", ddlambda.WrapLambdaHandlerInterface(adapter.Wrap(instrumented), config), 200, "plain, instrumented"},
		{"WrapFunction of Wrap", ddlambda.WrapFunction(adapter.Wrap(instrumented), config), 200, "plain"},
		{"WrapFunction of Invoke", ddlambda.WrapFunction(adapter.Wrap(instrumented).Invoke, config), 502, "Internal Server Error"},
		{"WrapFunction of Stream", ddlambda.WrapFunction(adapter.Stream(instrumented), config), 200, "plain, instrumented"},
	} {
		t.Run(test.name, func(t *testing.T) {
			resp := lambdatest.Do(t, test.function, lambdatest.FunctionURL, httptest.NewRequest("GET", "/", nil))
			body, err := io.ReadAll(resp.Body)
			require.NoError(t, err)
			assert.Equal(t, test.status, resp.StatusCode)
			assert.Equal(t, test.body, string(body))
		})
	}
}

// A wrapped stream leaves the function piece by piece.
func TestWrappedStream(t *testing.T) {
	arrived := make(chan bool)
	pieces := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "first\n")
		http.NewResponseController(w).Flush()
		<-arrived
		io.WriteString(w, "second\n")
	})
	resp := lambdatest.Do(t, ddlambda.WrapFunction(adapter.Stream(pieces), nil), lambdatest.FunctionURL, httptest.NewRequest("GET", "/", nil))
	lines := bufio.NewReader(resp.Body)
	for _, want := range []string{"first\n", "second\n"} {
		line, err := lines.ReadString('\n')
		require.NoError(t, err)
		assert.Equal(t, want, line)
		if want == "first\n" {
			close(arrived)
		}
	}
}
