package adapter_test

import (
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/adapter"
)

// TestMain runs the tests, or is the function that they start.
func TestMain(m *testing.M) {
	switch os.Getenv("LAMBRIDGE_TEST_FUNCTION") {
	case "wrap":
		lambda.Start(adapter.Wrap(http.HandlerFunc(function)))
	case "stream":
		lambda.Start(adapter.Stream(http.HandlerFunc(function)))
	case "stream, panics fail":
		lambda.Start(adapter.Stream(http.HandlerFunc(function), adapter.WithPanicError()))
	case "stream, at length":
		lambda.Start(adapter.Stream(http.HandlerFunc(atLength)))
	case "stream, with a margin":
		lambda.Start(adapter.Stream(http.HandlerFunc(atLength), adapter.WithDeadlineMargin(500*time.Millisecond)))
	}
	os.Exit(m.Run())
}

func function(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/panic":
		panic("boom")
	case "/half":
		io.WriteString(w, "half")
		w.(http.Flusher).Flush()
		panic("boom")
	case "/empty":
		w.WriteHeader(http.StatusNoContent)
	case "/goexit":
		runtime.Goexit()
	case "/pid":
		fmt.Fprint(w, os.Getpid())
	default:
		deadline, _ := r.Context().Deadline()
		lc, _ := lambdacontext.FromContext(r.Context())
		fmt.Fprintf(w, "%d %s %s %d", deadline.UnixMilli(), lc.AwsRequestID, lc.TenantID, os.Getpid())
	}
}

// aws-lambda-go's own loop runs the function, in a process of its own, against a
// Runtime API on loopback.
func TestRuntime(t *testing.T) {
	failure := func(message string) string {
		return `{"errorMessage":"adapter: the handler panicked: boom","errorType":"` + message + `"}`
	}
	for _, row := range []struct {
		name, mode, event, path string
		want                    report
	}{
		{"a URL, streamed (pitfall 120)", "stream", functionURLEvent, "/", report{"response", streamType, `{"statusCode":200,"headers":{"Content-Length":"%d","Content-Type":"text/plain; charset=utf-8"}}` + nuls + "%s", "", ""}},
		{"REST, streamed (rule 154, pitfall 120)", "stream", restEvent, "/", report{"response", streamType, `{"statusCode":200,"multiValueHeaders":{"Content-Length":["%d"],"Content-Type":["text/plain; charset=utf-8"]}}` + nuls + "%s", "", ""}},
		{"an empty body (pitfall 121)", "stream", functionURLEvent, "/empty", report{"response", streamType, `{"statusCode":204,"headers":{}}` + nuls, "", ""}},
		{"a panic before anything is sent (pitfall 91)", "stream", functionURLEvent, "/panic", report{"response", streamType,
			`{"statusCode":500,"headers":{"Content-Type":"text/plain; charset=utf-8","X-Content-Type-Options":"nosniff"}}` + nuls + "Internal Server Error\n", "", ""}},
		{"a panic after that (rule 157, pitfall 92)", "stream", functionURLEvent, "/half", report{"response", streamType,
			`{"statusCode":200,"headers":{"Content-Type":"text/plain; charset=utf-8"}}` + nuls + "half", "failure", failure("failure")}},
		{"a panic that fails the invocation (rule 158)", "stream, panics fail", restEvent, "/panic", report{"error", "application/json", failure("failure"), "", ""}},
		{"a panic that fails it later (rule 158)", "stream, panics fail", restEvent, "/half", report{"response", streamType,
			`{"statusCode":200,"multiValueHeaders":{"Content-Type":["text/plain; charset=utf-8"]}}` + nuls + "half", "failure", failure("failure")}},
		{"HTTP API, in a function that streams (pitfall 124)", "stream", httpV2Event, "/empty", report{"response", "application/octet-stream",
			`{"statusCode":204,"headers":{},"body":"","isBase64Encoded":false}`, "", ""}},
		{"kept (pitfall 125)", "wrap", restEvent, "/empty", report{"response", "application/octet-stream", `{"statusCode":204,"multiValueHeaders":{},"body":"","isBase64Encoded":false}`, "", ""}},
		{"a panic, kept (pitfall 89)", "wrap", albEvent, "/panic", report{"response", "application/octet-stream",
			`{"statusCode":500,"statusDescription":"500 Internal Server Error","headers":{"Content-Type":"text/plain; charset=utf-8","X-Content-Type-Options":"nosniff"},"body":"Internal Server Error\n","isBase64Encoded":false}`, "", ""}},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			api := startFunction(t, row.mode)
			path := `{"path": "` + row.path + `", "rawPath": "` + row.path + `"}`
			for range 2 { // pitfalls 89 and 130: the process survives
				got := api.invoke(t, edit(t, row.event, path))
				want := row.want
				if strings.Contains(want.body, "%s") { // rules 162 and 166
					text := fmt.Sprintf("%d %s tenant %d", api.deadline, api.id, api.process.Process.Pid)
					want.body = fmt.Sprintf(want.body, len(text), text)
				}
				assert.Equal(t, want, got)
			}
		})
	}
}

const streamType = "application/vnd.awslambda.http-integration-response"

// A report is what a function sends the Runtime API when it is done.
type report struct {
	kind, contentType, body string
	errorType, errorBody    string // of the trailers
}

// A runtimeAPI is one function's: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
type runtimeAPI struct {
	process  *exec.Cmd
	deadline int64         // of each invocation,
	time     time.Duration // unless it has this long from when it is handed out
	id       string
	events   chan []byte
	reports  chan report
}

func startFunction(t *testing.T, mode string) *runtimeAPI {
	t.Helper()
	api := &runtimeAPI{
		deadline: time.Now().Add(time.Hour).UnixMilli(), id: "8d3d3a4e-0a3c-4d0e-9d7d-1f6a7b0c9e11",
		events: make(chan []byte), reports: make(chan report),
	}
	server := httptest.NewServer(api)
	self, err := os.Executable()
	require.NoError(t, err)
	api.process = exec.Command(self)
	api.process.Env = append(os.Environ(), "LAMBRIDGE_TEST_FUNCTION="+mode, "AWS_LAMBDA_RUNTIME_API="+strings.TrimPrefix(server.URL, "http://"))
	require.NoError(t, api.process.Start())
	t.Cleanup(func() {
		api.process.Process.Kill()
		api.process.Wait()
		server.Close()
	})
	return api
}

// invoke hands the function an event and returns what comes of it.
func (api *runtimeAPI) invoke(t *testing.T, event []byte) report {
	t.Helper()
	timeout := time.After(patience)
	select {
	case api.events <- event:
	case <-timeout:
		t.Fatal("the function does not ask for work")
	}
	select {
	case r := <-api.reports:
		return r
	case <-timeout:
		t.Fatal("the function does not answer")
	}
	return report{}
}

func (api *runtimeAPI) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasSuffix(r.URL.Path, "/next") {
		select {
		case event := <-api.events:
			w.Header().Set("Lambda-Runtime-Aws-Request-Id", api.id)
			deadline := api.deadline
			if api.time > 0 {
				deadline = time.Now().Add(api.time).UnixMilli()
			}
			w.Header().Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(deadline, 10))
			w.Header().Set("Lambda-Runtime-Aws-Tenant-Id", "tenant")
			w.Write(event)
		case <-r.Context().Done():
		}
		return
	}
	body, _ := io.ReadAll(r.Body)
	errorBody, _ := base64.StdEncoding.DecodeString(r.Trailer.Get("Lambda-Runtime-Function-Error-Body"))
	w.WriteHeader(http.StatusAccepted)
	select {
	case api.reports <- report{
		kind: r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:], contentType: r.Header.Get("Content-Type"), body: string(body),
		errorType: r.Trailer.Get("Lambda-Runtime-Function-Error-Type"), errorBody: string(errorBody),
	}:
	case <-r.Context().Done():
	}
}
