package serve_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/adapter"
	"github.com/lambridge-go/lambridge/adapter/serve"
)

// The test binary is also the program that is tested: main, where the environment asks.
func TestMain(m *testing.M) {
	if os.Getenv("SERVE_TEST_PROGRAM") != "" {
		program()
		return
	}
	os.Exit(m.Run())
}

// program is a main as users write it, and one that tells what happens to it.
func program() {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /hello/{name}", func(w http.ResponseWriter, r *http.Request) {
		_, behind := adapter.SourceOf(r.Context())
		fmt.Fprintf(w, "Hello, %s! Lambda: %t", r.PathValue("name"), behind)
	})
	mux.HandleFunc("GET /slow", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintln(w, "begun")
		_ = http.NewResponseController(w).Flush()
		if r.URL.Query().Get("for") == "ever" {
			<-r.Context().Done()
			return
		}
		_, _ = io.Copy(w, os.Stdin) // until the test closes it
	})
	server := &http.Server{BaseContext: func(l net.Listener) context.Context {
		fmt.Println("listening", l.Addr())
		return context.Background()
	}}
	mux.HandleFunc("POST /quit", func(w http.ResponseWriter, r *http.Request) {
		go server.Shutdown(context.Background())
	})
	if os.Getenv("SERVE_TEST_PROGRAM") == "tls" {
		certificate := httptest.NewTLSServer(nil)
		certificate.Close()
		server.TLSConfig = &tls.Config{Certificates: certificate.TLS.Certificates}
	}
	err := serve.Run(mux, serve.Options{
		Address:    "127.0.0.1:0",
		Server:     server,
		Stream:     os.Getenv("SERVE_TEST_PROGRAM") == "stream",
		OnShutdown: func(context.Context) { fmt.Println("flushed") },
	})
	fmt.Println("ended:", err)
}

// A child is the program in a process of its own.
type child struct {
	*exec.Cmd
	stdin io.Closer
	lines *bufio.Scanner
}

// start runs the program with an environment that says where it is.
func start(t *testing.T, environment ...string) *child {
	t.Helper()
	c := &child{Cmd: exec.CommandContext(t.Context(), os.Args[0])}
	c.Env = append([]string{"SERVE_TEST_PROGRAM=1", "PATH=" + os.Getenv("PATH")}, environment...)
	c.Stderr = os.Stderr
	stdout, err := c.StdoutPipe()
	require.NoError(t, err)
	c.stdin, err = c.StdinPipe()
	require.NoError(t, err)
	require.NoError(t, c.Start())
	t.Cleanup(func() { _ = c.Process.Kill(); _ = c.Wait() })
	c.lines = bufio.NewScanner(stdout)
	return c
}

// line is the next line that the program prints.
func (c *child) line(t *testing.T) string {
	t.Helper()
	require.True(t, c.lines.Scan(), "the program has ended: %v", c.lines.Err())
	return c.lines.Text()
}

// address is where the program says that it listens.
func (c *child) address(t *testing.T) string {
	t.Helper()
	address, found := strings.CutPrefix(c.line(t), "listening ")
	require.True(t, found)
	return address
}

func get(t *testing.T, url string) string {
	t.Helper()
	resp, err := http.Get(url)
	require.NoError(t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return string(body)
}

func TestWhereItRuns(t *testing.T) {
	for name, test := range map[string]struct {
		environment []string
		loopback    bool
	}{
		"a server on its own address":                     {nil, true},
		"a server on the port of the platform":            {[]string{"PORT=0"}, false},
		"a Web Function, which has both of Lambda's APIs": {[]string{"AWS_LAMBDA_HTTP_ENDPOINT=127.0.0.1:0", "AWS_LAMBDA_INITIALIZATION_TYPE=native-http", "AWS_LAMBDA_RUNTIME_API=169.254.100.1:9001"}, true},
		"a Web Function that only its address tells":      {[]string{"AWS_LAMBDA_HTTP_ENDPOINT=127.0.0.1:0", "AWS_LAMBDA_RUNTIME_API=169.254.100.1:9001", "PORT=1"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			c := start(t, test.environment...)
			host, port, err := net.SplitHostPort(c.address(t))
			require.NoError(t, err)
			assert.Equal(t, test.loopback, host == "127.0.0.1", host)
			assert.Equal(t, "Hello, world! Lambda: false", get(t, "http://127.0.0.1:"+port+"/hello/world"))

			require.NoError(t, c.Process.Signal(syscall.SIGTERM))
			assert.Equal(t, "flushed", c.line(t))
			assert.Equal(t, "ended: <nil>", c.line(t))
		})
	}
}

func TestWhatIsWrongWithTheEnvironment(t *testing.T) {
	for name, test := range map[string]struct{ variable, want string }{
		"a port that is none":                 {"PORT=http", `ended: serve: PORT is "http", which is no port: unset it, or give a number up to 65535`},
		"a port above all ports":              {"PORT=65536", `ended: serve: PORT is "65536", which is no port: unset it, or give a number up to 65535`},
		"a Web Function without its address":  {"AWS_LAMBDA_INITIALIZATION_TYPE=native-http", "ended: serve: AWS_LAMBDA_INITIALIZATION_TYPE is native-http and AWS_LAMBDA_HTTP_ENDPOINT is missing: nobody says where to listen"},
		"a Web Function whose address is bad": {"AWS_LAMBDA_HTTP_ENDPOINT=nowhere", "ended: serve: listen tcp: address nowhere: missing port in address"},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, test.want, start(t, test.variable).line(t))
		})
	}
}

func TestHTTPS(t *testing.T) {
	for name, test := range map[string]struct {
		environment []string
		scheme      string
	}{
		"a server with a certificate serves HTTPS":        {nil, "https"},
		"a Web Function is behind the endpoint's own TLS": {[]string{"AWS_LAMBDA_HTTP_ENDPOINT=127.0.0.1:0"}, "http"},
	} {
		t.Run(name, func(t *testing.T) {
			c := start(t, append(test.environment, "SERVE_TEST_PROGRAM=tls")...)
			trusting := httptest.NewTLSServer(nil) // all have one certificate
			defer trusting.Close()
			resp, err := trusting.Client().Get(test.scheme + "://" + c.address(t) + "/hello/you")
			require.NoError(t, err)
			defer resp.Body.Close()
			assert.Equal(t, 200, resp.StatusCode)
		})
	}
}

// A program may end its server itself, which is no error.
func TestAServerThatIsShutDown(t *testing.T) {
	c := start(t)
	resp, err := http.Post("http://"+c.address(t)+"/quit", "", nil)
	if err == nil { // else the program was faster
		resp.Body.Close()
	}
	assert.Equal(t, "flushed", c.line(t))
	assert.Equal(t, "ended: <nil>", c.line(t))
}

func TestRequestsThatHaveBegunEnd(t *testing.T) {
	c := start(t)
	resp, err := http.Get("http://" + c.address(t) + "/slow")
	require.NoError(t, err)
	defer resp.Body.Close()

	require.NoError(t, c.Process.Signal(os.Interrupt))
	require.NoError(t, c.stdin.Close())
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	assert.Equal(t, "begun\n", string(body))
	assert.Equal(t, "flushed", c.line(t))
	assert.Equal(t, "ended: <nil>", c.line(t))
}

func TestRequestsThatDoNotEndAreCutOff(t *testing.T) {
	c := start(t, "AWS_LAMBDA_HTTP_ENDPOINT=127.0.0.1:0") // whose grace is the shortest
	resp, err := http.Get("http://" + c.address(t) + "/slow?for=ever")
	require.NoError(t, err)
	defer resp.Body.Close()

	require.NoError(t, c.Process.Signal(syscall.SIGTERM))
	_, err = io.ReadAll(resp.Body)
	require.Error(t, err)
	assert.Equal(t, "flushed", c.line(t), "even then")
	assert.Equal(t, "ended: serve: requests had not ended 700ms after the program was told to: context deadline exceeded", c.line(t))
}

// A connection that asks nothing keeps net/http's Shutdown waiting, and is no request.
func TestConnectionsWithoutARequest(t *testing.T) {
	c := start(t, "AWS_LAMBDA_HTTP_ENDPOINT=127.0.0.1:0") // whose grace is the shortest
	address := c.address(t)
	silent, err := net.Dial("tcp", address)
	require.NoError(t, err)
	defer silent.Close()
	assert.Equal(t, "Hello, you! Lambda: false", get(t, "http://"+address+"/hello/you")) // the server knows the first by now

	require.NoError(t, c.Process.Signal(syscall.SIGTERM))
	assert.Equal(t, "flushed", c.line(t))
	assert.Equal(t, "ended: <nil>", c.line(t))
}

// A runtimeAPI has one invocation to give away, and takes its reply.
func runtimeAPI(t *testing.T, event string) (address string, replies <-chan string) {
	t.Helper()
	got := make(chan string, 1)
	given := make(chan struct{}, 1)
	given <- struct{}{}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /2018-06-01/runtime/invocation/next", func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-given:
			w.Header().Set("Lambda-Runtime-Aws-Request-Id", "one")
			w.Header().Set("Lambda-Runtime-Deadline-Ms", "4102444800000")
			w.Header().Set("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:us-east-1:123456789012:function:one")
			_, _ = io.WriteString(w, event)
		case <-r.Context().Done():
		}
	})
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/one/response", func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got <- string(body)
		w.WriteHeader(http.StatusAccepted)
	})
	mux.HandleFunc("POST /2020-01-01/extension/register", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Lambda-Extension-Identifier", "id")
	})
	mux.HandleFunc("GET /2020-01-01/extension/event/next", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	server := httptest.NewServer(mux)
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
	})
	return server.Listener.Addr().String(), got
}

const functionURLEvent = `{"version":"2.0","routeKey":"$default","rawPath":"/hello/world","rawQueryString":"","headers":{"host":"id.lambda-url.us-east-1.on.aws"},` +
	`"requestContext":{"accountId":"anonymous","apiId":"id","domainName":"id.lambda-url.us-east-1.on.aws","domainPrefix":"id",` +
	`"http":{"method":"GET","path":"/hello/world","protocol":"HTTP/1.1","sourceIp":"192.0.2.1","userAgent":"curl"},"requestId":"id","routeKey":"$default","stage":"$default"},"isBase64Encoded":false}`

func TestAFunctionBehindTheRuntimeAPI(t *testing.T) {
	address, replies := runtimeAPI(t, functionURLEvent)
	c := start(t, "AWS_LAMBDA_RUNTIME_API="+address, "PORT=0")
	var reply struct {
		StatusCode int    `json:"statusCode"`
		Body       string `json:"body"`
	}
	require.NoError(t, json.Unmarshal([]byte(<-replies), &reply))
	assert.Equal(t, 200, reply.StatusCode)
	assert.Equal(t, "Hello, world! Lambda: true", reply.Body)

	require.NoError(t, c.Process.Signal(syscall.SIGTERM))
	assert.Equal(t, "flushed", c.line(t))
}

func TestAFunctionThatStreams(t *testing.T) {
	address, replies := runtimeAPI(t, functionURLEvent)
	start(t, "AWS_LAMBDA_RUNTIME_API="+address, "SERVE_TEST_PROGRAM=stream")
	head, body, found := strings.Cut(<-replies, "\x00\x00\x00\x00\x00\x00\x00\x00")
	require.True(t, found, "eight zeros end the head")
	assert.Contains(t, head, `"statusCode":200`)
	assert.Equal(t, "Hello, world! Lambda: true", body)
}
