// Package observability_test holds docs/observability.md: tracing, metrics, errors and logs
// around a function and within it, each in the way that works and in those that compile and
// do not.
package observability_test

import (
	"bufio"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/contrib/instrumentation/github.com/aws/aws-lambda-go/otellambda"

	"github.com/lambridge-go/lambridge/adapter"
	"github.com/lambridge-go/lambridge/lambdatest"
)

// An answer is what a client gets.
type answer struct {
	status int
	body   string
}

// ask sends a request to a function behind a function URL.
func ask(t *testing.T, function any, target string) answer {
	t.Helper()
	resp := lambdatest.Do(t, function, lambdatest.FunctionURL, httptest.NewRequest("GET", target, nil))
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return answer{resp.StatusCode, string(body)}
}

// A wrapped stream leaves the function piece by piece: the second is not written until the
// first has arrived.
func TestWrappedStream(t *testing.T) {
	arrived := make(chan bool)
	pieces := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "first\n")
		http.NewResponseController(w).Flush()
		<-arrived
		io.WriteString(w, "second\n")
	})
	resp := lambdatest.Do(t, otellambda.InstrumentHandler(adapter.Stream(pieces)), lambdatest.FunctionURL, httptest.NewRequest("GET", "/", nil))
	lines := bufio.NewReader(resp.Body)
	line, err := lines.ReadString('\n')
	require.NoError(t, err)
	assert.Equal(t, "first\n", line)
	close(arrived)
	line, err = lines.ReadString('\n')
	require.NoError(t, err)
	assert.Equal(t, "second\n", line)
}
