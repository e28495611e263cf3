package lambdatest_test

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/adapter"
	"github.com/lambridge-go/lambridge/lambdatest"
)

// streaming are the front doors whose replies can stream.
var streaming = []lambdatest.Source{lambdatest.FunctionURL, lambdatest.REST}

// A test reads an event while the handler waits to write the next.
func TestDoReadsWhileTheHandlerWrites(t *testing.T) {
	t.Parallel()
	for _, source := range streaming {
		t.Run(string(source), func(t *testing.T) {
			next := make(chan int)
			app := adapter.Stream(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "text/event-stream")
				w.(http.Flusher).Flush()
				for n := range next {
					fmt.Fprintf(w, "data: %d\n", n)
					w.(http.Flusher).Flush()
				}
			}))
			resp := lambdatest.Do(t, app, source, httptest.NewRequest("GET", "/", nil))
			assert.Equal(t, "text/event-stream", resp.Header.Get("Content-Type"))
			assert.Equal(t, []string{"chunked"}, resp.TransferEncoding)
			assert.Equal(t, "lambdatest: the function still streams: read the body to its end first", lambdatest.Explain(resp))
			lines := bufio.NewReader(resp.Body)
			for n := range 3 {
				next <- n
				line, err := lines.ReadString('\n')
				require.NoError(t, err)
				assert.Equal(t, fmt.Sprintf("data: %d\n", n), line)
			}
			close(next)
			_, err := lines.ReadByte()
			assert.Equal(t, io.EOF, err)
			assert.Contains(t, lambdatest.Explain(resp), "data: 2")
		})
	}
}

// A client that has read enough closes the body, and the handler learns of it.
func TestDoWithAClientThatLeaves(t *testing.T) {
	t.Parallel()
	for _, source := range streaming {
		t.Run(string(source), func(t *testing.T) {
			left := make(chan error)
			app := adapter.Stream(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				var err error
				for err == nil {
					_, err = w.Write(make([]byte, 64<<10))
				}
				<-r.Context().Done()
				left <- err
			}))
			resp := lambdatest.Do(t, app, source, httptest.NewRequest("GET", "/", nil))
			_, err := io.ReadFull(resp.Body, make([]byte, 1<<20))
			require.NoError(t, err)
			require.NoError(t, resp.Body.Close())
			assert.Error(t, <-left)
		})
	}
}

// A function that waits for something else is stopped when the test ends.
func TestDoEndsWithItsTest(t *testing.T) {
	t.Parallel()
	ended := make(chan struct{})
	t.Run("a test", func(t *testing.T) {
		lambdatest.Do(t, adapter.Stream(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			defer close(ended)
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		})), lambdatest.FunctionURL, httptest.NewRequest("GET", "/", nil))
	})
	select {
	case <-ended:
	default:
		t.Error("the handler still runs")
	}
}

// What has no body, and what says its length, looks as it does to http.Client.
func TestDoOfStreamsThatAreShort(t *testing.T) {
	t.Parallel()
	app := adapter.Stream(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/empty" {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		w.Header().Set("Content-Type", "text/plain")
		io.WriteString(w, "hello")
	}))
	for _, row := range []struct {
		name, method, path string
		status             int
		length             int64
		body               string
	}{
		{"204 (rule 161)", "GET", "/empty", 204, 0, ""},
		{"HEAD (rule 161)", "HEAD", "/", 200, 5, ""},
		{"a length", "GET", "/", 200, 5, "hello"},
	} {
		t.Run(row.name, func(t *testing.T) {
			for _, source := range streaming {
				resp := lambdatest.Do(t, app, source, httptest.NewRequest(row.method, row.path, nil))
				body, err := io.ReadAll(resp.Body)
				require.NoError(t, err)
				assert.Equal(t, row.status, resp.StatusCode)
				if source == lambdatest.FunctionURL && row.body != "" {
					assert.EqualValues(t, -1, resp.ContentLength, "it has another name there")
				} else if source != lambdatest.FunctionURL {
					assert.Equal(t, row.length, resp.ContentLength)
				}
				assert.Equal(t, row.body, string(body))
			}
		})
	}
}
