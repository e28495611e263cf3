package main

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// startTeller serves the mirror with a folder's worth of flags and returns the
// command and the URL of its front door.
func startTeller(t *testing.T, dir string, environ []string, args ...string) (c *command, url string) {
	t.Helper()
	args = append([]string{"--exec", os.Args[0], "--env", mirrorVariable + "=1", "--addr", "127.0.0.1:0", "--inspect", "127.0.0.1:0"}, args...)
	c = startCommandWith(t, dir, environ, args...)
	return c, c.find(`(http://127\.0\.0\.1:\d+)/ `)
}

// environment asks the function for its environment.
func environmentOf(t *testing.T, url string) map[string]string {
	t.Helper()
	_, body := get(t, url+"/environment")
	var all []string
	require.NoError(t, json.Unmarshal([]byte(body), &all), body)
	environment := map[string]string{}
	for _, variable := range all {
		name, value, _ := strings.Cut(variable, "=")
		environment[name] = value
	}
	return environment
}

func TestVariablesReachTheFunctionAsTheyAre(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"one.env": "\xef\xbb\xbfPASSWORD=pa$WORD1\nH=$2a$10$N9qo8uLOickgx2ZMRZoMye\nU=postgres://u:p$9a@h/db\nMODE=one\n",
		"two.env": "export MODE='two # $HOME' # which wins\r\nKEY=\"a\nb\"\r\nFLAG=file\n",
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	_, url := startTeller(t, dir, nil, "--env-file", "one.env", "--env-file", "two.env", "--env", "FLAG=${x},'y'")
	got := environmentOf(t, url)
	for name, want := range map[string]string{
		"PASSWORD": "pa$WORD1", "H": "$2a$10$N9qo8uLOickgx2ZMRZoMye", "U": "postgres://u:p$9a@h/db",
		"MODE": "two # $HOME", "KEY": "a\nb", "FLAG": "${x},'y'",
	} {
		assert.Equal(t, want, got[name], name)
	}
}

// Nothing that may be secret is shown because something else is wrong.
func TestErrorsOfTheStartShowNoSecrets(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "bad.env"), []byte("bad-key=1\nDB_PASSWORD=hunter2\n"), 0o600))
	for name, test := range map[string]struct {
		args []string
		want string
	}{
		"variable without a name":         {[]string{"--env", "=hunter2"}, "environment variable number 1 is not of the form KEY=VALUE"},
		"value without a variable":        {[]string{"--env", "A=1", "--env", "hunter2"}, "environment variable number 2 is not of the form KEY=VALUE"},
		"file of variables":               {[]string{"--env-file", "bad.env"}, `bad.env:1: "bad-key" is no variable name`},
		"stage variable without a name":   {[]string{"--stage-variable", "hunter2"}, "--stage-variable: a value is not of the form KEY=VALUE"},
		"header of a diff without a name": {[]string{"--every", "--diff", "GET /", "--diff-header", "hunter2"}, "--diff-header number 1 is not like"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := startCommand(t, dir, append(test.args, "--addr", "127.0.0.1:0", "--inspect", "off")...)
			assert.NotEqual(t, 0, c.wait())
			assert.Contains(t, c.stderr.String(), test.want)
			assert.NotContains(t, c.stderr.String()+c.text(), "hunter2")
		})
	}
}

// The function has one name, wherever it is said.
func TestName(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		args []string
		want string
	}{
		"of the flag":      {[]string{"--name", "orders"}, "orders"},
		"of the variables": {[]string{"--env", "AWS_LAMBDA_FUNCTION_NAME=orders-2"}, "orders-2"},
		"of both":          {[]string{"--name", "orders", "--env", "AWS_LAMBDA_FUNCTION_NAME=orders"}, "orders"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, url := startTeller(t, t.TempDir(), nil, test.args...)
			c.find(`(Lambridge serves the function ` + test.want + `\n)`)
			environment := environmentOf(t, url)
			assert.Equal(t, test.want, environment["AWS_LAMBDA_FUNCTION_NAME"])
			assert.Equal(t, "/aws/lambda/"+test.want, environment["AWS_LAMBDA_LOG_GROUP_NAME"])
			arn, _ := getEvent(t, url)
			assert.True(t, strings.HasSuffix(arn, ":function:"+test.want), arn)
			invoke := c.find(`(http://127\.0\.0\.1:\d+) +Lambda Invoke API`)
			reply, err := http.Post(invoke+"/2015-03-31/functions/"+test.want+"/invocations", "", strings.NewReader(`{}`))
			require.NoError(t, err)
			reply.Body.Close()
			assert.Equal(t, 200, reply.StatusCode)
		})
	}
	t.Run("that is two", func(t *testing.T) {
		t.Parallel()
		c := startCommand(t, t.TempDir(), "--exec", os.Args[0], "--addr", "127.0.0.1:0", "--inspect", "off", "--name", "a", "--env", "AWS_LAMBDA_FUNCTION_NAME=b")
		assert.NotEqual(t, 0, c.wait())
		assert.Contains(t, c.stderr.String(), `the name is "a", and AWS_LAMBDA_FUNCTION_NAME in the function's variables says "b"`)
	})
	t.Run("of an executable", func(t *testing.T) {
		t.Parallel()
		dir := filepath.Join(t.TempDir(), "shop")
		require.NoError(t, os.Mkdir(dir, 0o755))
		for file, want := range map[string]string{"bootstrap": "shop", "orders.linux": "orders"} {
			require.NoError(t, os.Link(os.Args[0], filepath.Join(dir, file)))
			c := startCommand(t, dir, "--exec", file, "--env", mirrorVariable+"=1", "--addr", "127.0.0.1:0", "--inspect", "off")
			c.find(`(Lambridge serves the function ` + want + `\n)`)
		}
	})
}

func TestWhatTellsTheFunctionThatItIsHere(t *testing.T) {
	t.Parallel()
	c, url := startTeller(t, t.TempDir(), []string{"AWS_ENDPOINT_URL_LAMBDA="})
	got := environmentOf(t, url)
	assert.Equal(t, c.find(`(http://127\.0\.0\.1:\d+) +Lambda Invoke API`), got["AWS_ENDPOINT_URL_LAMBDA"], "a function that invokes itself does not reach AWS")
	assert.Equal(t, url+"/local", got["AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI"])
	assert.Equal(t, "true", got["LAMBRIDGE_LOCAL"])
	assert.Equal(t, "true", got["AWS_SAM_LOCAL"])
	assert.Equal(t, "/var/runtime", got["LAMBDA_RUNTIME_DIR"])
	assert.Equal(t, "127.0.0.1:2000", got["AWS_XRAY_DAEMON_ADDRESS"])

	_, url = startTeller(t, t.TempDir(), []string{"AWS_ENDPOINT_URL_LAMBDA=http://127.0.0.1:4566", "AWS_XRAY_DAEMON_ADDRESS=127.0.0.1:3000"})
	got = environmentOf(t, url)
	assert.Equal(t, "http://127.0.0.1:4566", got["AWS_ENDPOINT_URL_LAMBDA"], "the developer's own")
	assert.Equal(t, "127.0.0.1:3000", got["AWS_XRAY_DAEMON_ADDRESS"])
}

func TestFrontDoorWarnsOnceOfAHostThatIsNotHere(t *testing.T) {
	t.Parallel()
	c, url := startTeller(t, t.TempDir(), nil, "--allow-host", "shop.test")
	ask := func(host string) {
		request, err := http.NewRequest("GET", url, nil)
		require.NoError(t, err)
		request.Host = host
		response, err := http.DefaultClient.Do(request)
		require.NoError(t, err)
		response.Body.Close()
		assert.Equal(t, 200, response.StatusCode, host)
	}
	for _, host := range []string{"127.0.0.1", "localhost:3000", "shop.test", "api.localhost"} {
		ask(host)
	}
	assert.NotContains(t, c.text(), "not this machine's")
	ask("rebind.example")
	ask("another.example")
	c.find(`not this machine's.* (host=rebind.example)`)
	assert.Equal(t, 0, c.interrupt())
	assert.Equal(t, 1, strings.Count(c.text(), "not this machine's"), c.text())
}
