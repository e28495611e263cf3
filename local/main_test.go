package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/coder/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/adapter"
)

// The test binary is also the command: with this variable set it runs it.
const commandVariable = "TEST_OF_LOCAL_RUNS_THE_COMMAND"

func TestMain(m *testing.M) {
	if os.Getenv(mirrorVariable) != "" {
		lambda.Start(adapter.Wrap(http.HandlerFunc(mirror)))
	}
	if os.Getenv(commandVariable) != "" {
		os.Exit(run(os.Args[1:], os.Environ(), os.Stdin, os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}

// patience is how long a test waits for what must happen. It matters only when that
// never does, so that it is longer than any machine needs.
const patience = 3 * time.Minute

// A command is the command, running.
type command struct {
	*exec.Cmd
	t testing.TB

	mu     sync.Mutex
	output bytes.Buffer
	stderr bytes.Buffer
	exited chan struct{}
}

// startCommand runs the command until the test ends.
func startCommand(t testing.TB, dir string, args ...string) *command {
	t.Helper()
	return startCommandWith(t, dir, nil, args...)
}

// startCommandWith runs it with more in its environment.
func startCommandWith(t testing.TB, dir string, environ []string, args ...string) *command {
	t.Helper()
	c := &command{Cmd: exec.Command(os.Args[0], args...), t: t, exited: make(chan struct{})}
	c.Dir = dir
	c.Env = append(append(os.Environ(), commandVariable+"=1"), environ...)
	stdout, err := c.StdoutPipe()
	require.NoError(t, err)
	c.Stderr = &c.stderr
	require.NoError(t, c.Start())
	go func() {
		defer close(c.exited)
		for lines := bufio.NewScanner(stdout); lines.Scan(); {
			c.mu.Lock()
			fmt.Fprintln(&c.output, lines.Text())
			c.mu.Unlock()
		}
		c.Wait()
	}()
	t.Cleanup(func() {
		c.Process.Kill()
		<-c.exited
	})
	return c
}

func (c *command) text() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.output.String()
}

// find waits until the output matches, and returns what the group matched.
func (c *command) find(pattern string) string {
	c.t.Helper()
	expression := regexp.MustCompile(pattern)
	var match []string
	if !assert.Eventually(c.t, func() bool { match = expression.FindStringSubmatch(c.text()); return match != nil }, patience, 5*time.Millisecond) {
		require.FailNow(c.t, "no "+pattern, c.text()+c.stderr.String())
	}
	return match[len(match)-1]
}

// interrupt presses Ctrl-C and returns the exit code.
func (c *command) interrupt() int {
	c.t.Helper()
	require.NoError(c.t, c.Process.Signal(os.Interrupt))
	return c.wait()
}

func (c *command) wait() int {
	c.t.Helper()
	select {
	case <-c.exited:
	case <-time.After(patience):
		require.FailNow(c.t, "it does not end")
	}
	return c.ProcessState.ExitCode()
}

func get(t testing.TB, url string, header ...string) (int, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), "GET", url, nil)
	require.NoError(t, err)
	for _, h := range header {
		name, value, _ := strings.Cut(h, ": ")
		request.Header.Set(name, value)
	}
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return response.StatusCode, string(body)
}

func TestTour(t *testing.T) {
	t.Parallel()
	c := startCommand(t, t.TempDir(), "--addr", "127.0.0.1:0", "--inspect", "127.0.0.1:0")
	url := c.find(`(http://127\.0\.0\.1:\d+)/ +HTTP API`)
	status, body := get(t, url+"/")
	assert.Equal(t, 200, status)
	assert.Contains(t, body, "<html")
	c.find(`200 GET / · `)
	var many []string
	for n := range 600 {
		many = append(many, fmt.Sprintf("X%d: 1", n))
	}
	status, _ = get(t, url+"/", many...)
	assert.Equal(t, 200, status, "how many headers are too many, the front door decides and not the server")
	c.find(`REPORT .* · cold start .* MB`)

	invoke := c.find(`(http://127\.0\.0\.1:\d+) +Lambda Invoke API`)
	reply, err := http.Post(invoke+"/2015-03-31/functions/tour/invocations", "", strings.NewReader(`{}`))
	require.NoError(t, err)
	reply.Body.Close()
	assert.Equal(t, 200, reply.StatusCode)
	assert.Equal(t, "Unhandled", reply.Header.Get("X-Amz-Function-Error"), "it is no HTTP event")

	request, err := http.NewRequest("POST", invoke+"/2015-03-31/functions/tour/invocations", strings.NewReader(`{}`))
	require.NoError(t, err)
	request.Header.Set("Origin", "https://example.com")
	reply, err = http.DefaultClient.Do(request)
	require.NoError(t, err)
	reply.Body.Close()
	assert.Equal(t, 403, reply.StatusCode, "a page of another site cannot invoke the function")

	assert.Equal(t, 0, c.interrupt())
	assert.Empty(t, c.stderr.String())
	_, err = http.Get(url)
	assert.Error(t, err)
}

func TestEvery(t *testing.T) {
	t.Parallel()
	c := startCommand(t, t.TempDir(), "--addr", "127.0.0.1:0", "--inspect", "off", "--every")
	c.find("Ctrl-C stops it")
	urls := regexp.MustCompile(`http://\S+`).FindAllString(c.text(), -1)
	require.Len(t, urls, 8)
	for _, url := range urls {
		status, _ := get(t, url)
		assert.Equal(t, 200, status, url)
	}
	c.find(`200 lattice-v1 GET /`)
	assert.Equal(t, 0, c.interrupt())
}

func TestPackageThatStopsBuilding(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	root, err := filepath.Abs("..")
	require.NoError(t, err)
	write := func(name, text string) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644))
	}
	mod, err := os.ReadFile("../go.mod")
	require.NoError(t, err)
	sum, err := os.ReadFile("../go.sum")
	require.NoError(t, err)
	const module = "github.com/lambridge-go/lambridge"
	write("go.mod", strings.Replace(string(mod), "module "+module, "module example.com/shop", 1)+
		fmt.Sprintf("\nrequire %s v0.0.0\nreplace %s => %s\n", module, module, root))
	write("go.sum", string(sum))
	const program = `package main

import (
	"fmt"
	"net/http"
	"os"
	"strings"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/lambridge-go/lambridge/adapter"
)

func main() {
	lambda.Start(adapter.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if ws, ok := adapter.WebSocketFrom(r.Context()); ok && r.Method == "POST" {
			url := os.Getenv("AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI") + "/@connections/" + ws.ConnectionID
			post, _ := http.NewRequest("POST", url, strings.NewReader("VERSION"))
			post.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=x/20261122/us-east-1/execute-api/aws4_request, SignedHeaders=host, Signature=0")
			http.DefaultClient.Do(post)
			return
		}
		fmt.Fprint(w, "VERSION ", r.URL.Path)
	})))
}
`
	write("main.go", program)
	c := startCommand(t, dir, "--addr", "127.0.0.1:0", "--inspect", "off", "--api", "rest", "--stage", "dev", ".")
	url := c.find(`(http://\S+)/dev/ +REST API`)
	_, body := get(t, url+"/dev/x")
	assert.Equal(t, "VERSION /x", body)

	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	connection, _, err := websocket.Dial(ctx, c.find(`(ws://\S+)`), nil)
	require.NoError(t, err)
	defer connection.CloseNow()
	answer := func() string {
		require.NoError(t, connection.Write(ctx, websocket.MessageText, []byte("hello")))
		_, message, err := connection.Read(ctx)
		require.NoError(t, err, c.text())
		return string(message)
	}
	assert.Equal(t, "VERSION", answer())

	write("main.go", strings.Replace(program, "fmt.Fprint(", "fmt.Fprint((", 1))
	c.find(`build failed[^\n]*\nbuild: example.com/shop does not compile:\n# example.com/shop\n\./main.go:22:`)
	status, page := get(t, url+"/dev/x", "Accept: text/html,*/*")
	assert.Equal(t, 500, status)
	assert.Contains(t, page, "<h1>example.com/shop does not compile</h1>")
	assert.Contains(t, page, "./main.go:22:")
	_, body = get(t, url+"/dev/x", "Accept: application/json")
	assert.Equal(t, "VERSION /x", body)

	write("main.go", strings.ReplaceAll(program, "VERSION", "NEXT"))
	c.find(`(reloaded)`)
	_, body = get(t, url+"/dev/x", "Accept: text/html")
	assert.Equal(t, "NEXT /x", body)
	assert.Equal(t, "NEXT", answer(), "the connection outlives the process")
	assert.Equal(t, 0, c.interrupt())
}

func TestAttachByEnvironment(t *testing.T) {
	t.Parallel()
	c := startCommand(t, t.TempDir(), "--addr", "127.0.0.1:0", "--inspect", "off", "--attach", "--runtime-api", "127.0.0.1:0")
	variable := c.find(`\n  (AWS_LAMBDA_RUNTIME_API=\S+)`)
	url := c.find(`(http://\S+)/ +HTTP API`)
	function := exec.Command(os.Args[0])
	function.Env = append(os.Environ(), commandVariable+"=1", tourVariable+"=1", variable)
	require.NoError(t, function.Start())
	t.Cleanup(func() { function.Process.Kill(); function.Wait() })
	status, _ := get(t, url+"/")
	assert.Equal(t, 200, status)
	assert.Equal(t, 0, c.interrupt())
}

func TestWhatGoesWrongAtTheStart(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { taken.Close() }) // after the subtests, which run in parallel
	port := taken.Addr().String()
	zip := filepath.Join(t.TempDir(), "f.zip")
	require.NoError(t, os.WriteFile(zip, []byte("PK\x03\x04"), 0o644))
	text := filepath.Join(t.TempDir(), "variables")
	require.NoError(t, os.WriteFile(text, []byte("no variable here"), 0o644))

	for _, test := range []struct {
		name string
		args []string
		code int
		want string
	}{
		{"port in use", []string{"--addr", port}, 4, "local: " + port + " is in use, perhaps by another local: stop that, or choose another port with --addr"},
		{"port of the Invoke API in use", []string{"--inspect", port}, 4, "local: " + port + " is in use, perhaps by another local: stop that, or choose another port with --inspect"},
		{"port of the Runtime API in use", []string{"--attach", "--runtime-api", port}, 4, `function: open the Runtime API at "` + port + `": `},
		{"not a program", []string{"github.com/lambridge-go/lambridge/local/internal/tour"}, 3, "is package tour, not a program: name the folder that holds your func main"},
		{"no such folder", []string{"./missing"}, 3, `build: find package "./missing": `},
		{"front door that does not stream", []string{"--stream", "--api", "alb"}, 2, "do not stream"},
		{"a pace for nothing", []string{"--throttle"}, 2, "local: --throttle slows streams down: add --stream or leave it out"},
		{"no such front door", []string{"--api", "soap"}, 2, `local: --api must be one of "http","http-v1","rest"`},
		{"no such file of variables", []string{"--env-file", "missing"}, 3, `function: read the variables: envfile: open missing: no such file or directory`},
		{"file without variables", []string{"--env-file", text}, 3, `function: read the variables: envfile: ` + text + `:1: this is no KEY=VALUE`},
		{"variable without a value", []string{"--env", "KEY"}, 3, `function: environment variable number 1 is not of the form KEY=VALUE`},
		{"two functions", []string{"--exec", "x", "y"}, 2, "local: --exec names the executable already: leave out the argument"},
		{"attach and a function", []string{"--attach", "y"}, 2, "local: --attach starts nothing: leave out the package or executable"},
		{"attach and a timeout", []string{"--attach", "--timeout", "3s"}, 2, "local: --attach has timeouts off: leave out --timeout"},
		{"attach and files to watch", []string{"--attach", "--watch", "x"}, 2, "local: --attach reloads nothing: leave out --watch"},
		{"watch and do not", []string{"--no-watch", "--watch", "x", "y"}, 2, "local: --watch and --no-watch contradict each other"},
		{"every one of one", []string{"--every", "--api", "rest"}, 2, "local: --every serves all front doors: leave out --api"},
		{"every and a stage", []string{"--every", "--stage", "dev"}, 2, "local: --stage, --stage-variable, --base-path, --route, --stream and --cors-... are not for every front door: leave them out or choose one with --api"},
		{"every and a route", []string{"--every", "--route", "GET /"}, 2, "--route, --stream and --cors-... are not for every front door"},
		{"every and CORS", []string{"--every", "--cors-max-age", "1h"}, 2, "--route, --stream and --cors-... are not for every front door"},
		{"route of a load balancer", []string{"--api", "alb", "--route", "GET /"}, 2, "gateway: Application Load Balancers have no Routes"},
		{"no such route", []string{"--route", "GET items"}, 2, `gateway: route "GET items": the path must begin with a slash, like "GET /items/{id}"`},
		{"stage variable of a load balancer", []string{"--api", "alb", "--stage-variable", "A=b"}, 2, "gateway: Application Load Balancers have no stages"},
		{"stage variable without a value", []string{"--stage-variable", "A"}, 2, `local: --stage-variable: a value is not of the form KEY=VALUE`},
		{"CORS of a REST API", []string{"--api", "rest", "--cors-origin", "*"}, 2, "gateway: REST APIs have no CORS configuration, the function answers preflight requests"},
		{"CORS for nobody", []string{"--cors-method", "GET"}, 2, `gateway: CORS has no AllowOrigins: name some, or "*"`},
		{"binary media type of an HTTP API", []string{"--binary-media-type", "image/png"}, 2, "gateway: HTTP APIs have no BinaryMediaTypes, they tell binary bodies by themselves"},
		{"binary media types and none", []string{"--api", "rest", "--binary-media-type", "image/png,none"}, 2, "local: --binary-media-type none contradicts the others"},
		{"account", []string{"--account", "12"}, 2, `local: --account "12" is not 12 digits`},
		{"diff of one", []string{"--diff", "GET /"}, 2, "local: --diff compares the front doors: add --every"},
		{"diff of nothing", []string{"--every", "--diff", "/items"}, 2, `local: --diff "/items" is not like "GET /items?id=1"`},
		{"diff with half a header", []string{"--every", "--diff", "GET /", "--diff-header", "Accept"}, 2, `local: --diff-header number 1 is not like "Accept: text/html"`},
		{"body of no diff", []string{"--every", "--diff-body", "x"}, 2, "local: --diff-header and --diff-body are for the request of --diff, which is missing"},
		{"diff and attach", []string{"--every", "--diff", "GET /", "--attach"}, 2, "local: --diff sends one request to a function of its own: leave out --attach and --watch"},
		{"not loopback", []string{"--addr", "0.0.0.0:3000"}, 2, `local: --addr "0.0.0.0:3000" is not a loopback address such as 127.0.0.1:3000: nobody else is to reach a function that runs with your credentials (--public says that they may)`},
		{"Invoke API that is not loopback", []string{"--inspect", "0.0.0.0:4000"}, 2, `local: --inspect "0.0.0.0:4000" is not a loopback address`},
		{"Runtime API that is not loopback", []string{"--public", "--attach", "--runtime-api", "0.0.0.0:9001"}, 2, `local: --runtime-api "0.0.0.0:9001" is not a loopback address`},
		{"address without a port", []string{"--addr", "127.0.0.1"}, 2, `local: --addr "127.0.0.1" is not like 127.0.0.1:3000, with a host and a port`},
		{"port alone", []string{"--addr", "41100"}, 2, `local: --addr "41100" is not like 127.0.0.1:3000, with a host and a port`},
		{"name that Lambda would refuse", []string{"--name", "a b"}, 2, `local: --name "a b" is not 1 to 64 letters`},
		{"frozen in a debugger", []string{"--attach", "--freeze"}, 2, "local: --attach leaves the process to its debugger: leave out --freeze"},
		{"frozen with several invocations", []string{"--max-concurrency", "2", "--freeze"}, 2, "local: processes that run several invocations at once are not frozen"},
		{"build flags with an open quote", []string{"--build-flags=-ldflags='-X a=b"}, 2, "local: --build-flags has a quote that is never closed"},
		{"no zip", []string{"--exec", zip}, 3, "f.zip\": zip: not a valid zip file"},
		{"a backend without a definition", []string{"--backend", "a=127.0.0.1:1"}, 2, "local: --backend stands in for a host of a definition's integrations: add --definition or leave it out"},
		{"a backend without a port", []string{"--definition", "x", "--backend", "a=127.0.0.1"}, 2, "local: --backend a=127.0.0.1 has no address with a port, such as 127.0.0.1:8080"},
		{"tokens of a function URL", []string{"--api", "url", "--jwks", "https://id/=x"}, 2, "local: function URLs do not check callers in this way"},
		{"two ways to know a caller", []string{"--jwks", "https://id/=x", "--iam-accept-any"}, 2, "local: --iam-key or --iam-accept-any and --jwks: without a definition, callers are known in one way"},
		{"a secret without its key", []string{"--iam-key", "S3CRET"}, 2, "local: --iam-key: a value is not of the form ID=SECRET"},
		{"a short API key", []string{"--api", "rest", "--api-key", "web=S3CRET"}, 2, `authorize: API key "web" has a value of 6 characters, which has to have 20 to 128`},
		{"API keys of an HTTP API", []string{"--api-key", "web=0123456789abcdefghij"}, 2, "gateway: HTTP APIs have no APIKeys"},
		{"no such caller", []string{"--authorizer-context", "missing"}, 2, "local: --authorizer-context: open missing"},
		{"half a certificate", []string{"--tls-cert", "x"}, 2, "local: --tls-cert and --tls-key go together"},
		{"no certificate", []string{"--tls-cert", "x", "--tls-key", "y"}, 1, "local: --tls-cert and --tls-key: open x"},
		{"too little memory", []string{"--memory", "64"}, 2, "local: --memory 64 is not between 128 and 10240, as Lambda has it"},
		{"no concurrency", []string{"--concurrency", "0"}, 2, "local: --concurrency 0 is less than 1"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			args := test.args
			if !strings.Contains(strings.Join(args, " "), "--addr") {
				args = append([]string{"--addr", "127.0.0.1:0"}, args...)
			}
			if !strings.Contains(strings.Join(args, " "), "--inspect") {
				args = append([]string{"--inspect", "off"}, args...)
			}
			c := startCommand(t, ".", args...)
			assert.Equal(t, test.code, c.wait())
			assert.Equal(t, 1, strings.Count(c.stderr.String(), test.want), "it is told, and once: %s", &c.stderr)
			assert.NotContains(t, c.stderr.String(), "S3CRET")
		})
	}
}

func TestFlagsFromTheEnvironment(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	_, line, err := parse([]string{"--stage", "dev", "./fn"}, []string{
		"LAMBRIDGE_STAGE=ignored", "LAMBRIDGE_API=http-v1", "LAMBRIDGE_NO_WATCH=true", "LAMBRIDGE_TIMEOUT=3s",
		"LAMBRIDGE_CONCURRENCY=2", "LAMBRIDGE_ENV=A=b,c", "LAMBRIDGE_BASE_PATH=/shop",
		"LAMBRIDGE_ROUTE=GET /items/{id}", "LAMBRIDGE_STAGE_VARIABLE=MODE=a;b", "LAMBRIDGE_CORS_MAX_AGE=1h", "LAMBRIDGE_CORS_ORIGIN=https://a.example,https://b.example",
	}, &out)
	require.NoError(t, err)
	assert.Equal(t, flags{
		apiGiven: true,
		Target:   "./fn",
		functionFlags: functionFlags{
			Timeout: 3 * time.Second, Memory: 128, Concurrency: 2, MaxConcurrency: 1, Env: []string{"A=b,c"},
			RuntimeAPI: "127.0.0.1:9001", NoWatch: true, Inspect: "127.0.0.1:4000",
		},
		gatewayFlags: gatewayFlags{
			Addr: "127.0.0.1:3000", API: "http-v1", Stage: "dev", BasePath: "/shop",
			Route: []string{"GET /items/{id}"}, StageVariable: keyValues{"MODE": "a;b"},
		},
		corsFlags:      corsFlags{CORSMaxAge: time.Hour, CORSOrigin: []string{"https://a.example", "https://b.example"}},
		webSocketFlags: webSocketFlags{RouteSelection: "$request.body.action"},
		logFlags:       logFlags{Log: "pretty"},
	}, line.Serve)

	_, _, err = parse([]string{"--help"}, nil, &out)
	assert.ErrorIs(t, err, errHelp)
	assert.Contains(t, out.String(), "--base-path is LAMBRIDGE_BASE_PATH")
}
