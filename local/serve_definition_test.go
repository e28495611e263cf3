package main

import (
	"bufio"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/local/definition"
)

// The addresses of a definition are known before its functions are built, since
// functions are told them. A client that comes so early waits.
func TestClientsWaitForTheFirstBuild(t *testing.T) {
	file := filepath.Join(t.TempDir(), "template.yaml")
	require.NoError(t, os.WriteFile(file, []byte(`
Transform: AWS::Serverless-2016-10-31
Resources:
  Only:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: .
      Events: {Any: {Type: HttpApi}}
`), 0o600))
	plan, err := definition.Load(file, definition.Options{})
	require.NoError(t, err)
	log := slog.New(slog.DiscardHandler)
	p := &planServer{server: newServer(log), flags: &flags{gatewayFlags: gatewayFlags{Addr: "127.0.0.1:0"}}, strangers: &strangers{logger: log}}
	require.NoError(t, p.open(plan))
	t.Cleanup(func() { assert.NoError(t, p.server.close()) })

	early, err := net.Dial("tcp", p.doors[0].addr)
	require.NoError(t, err, "the door is open")
	defer early.Close()
	_, err = fmt.Fprintf(early, "GET / HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", p.doors[0].addr)
	require.NoError(t, err)
	answered := make(chan string, 1)
	go func() {
		resp, err := http.ReadResponse(bufio.NewReader(early), nil)
		if err != nil {
			answered <- err.Error()
			return
		}
		body, _ := io.ReadAll(resp.Body)
		answered <- fmt.Sprint(resp.StatusCode, " ", string(body))
	}()
	assert.Empty(t, p.servers, "nobody is let in")

	p.put(&p.doors[0], http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "built") }))
	assert.Equal(t, "200 built", <-answered)
}

// A saved definition tells what is new in it, in whichever line the rest has come to stand.
func TestReloadTellsWhatIsNew(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "api.yaml")
	const known = "paths:\n  /a: {gett: {}, get: {x-amazon-apigateway-integration: {type: mock}}}\n"
	require.NoError(t, os.WriteFile(file, []byte("openapi: 3.0.1\n"+known), 0o600))
	c := startCommand(t, filepath.Dir(file), "--definition", file, "--addr", "127.0.0.1:0", "--inspect", "off")
	c.find(`(has a field "gett")`)
	c.find(`(Ctrl-C stops it)`)
	require.NoError(t, os.WriteFile(file, []byte("openapi: 3.0.1\n# a line more\n"+known+"  /b: {putt: {}, get: {}}\n"), 0o600))
	c.find(`(refused what=\S*api\.yaml:5: .*GET /b: there is no x-amazon-apigateway-integration)`)
	c.find(`(otherwise in AWS, or perhaps what=\S*api\.yaml:5: .*/b: the path has a field .*putt)`)
	c.find(`(reloaded the definition)`)
	assert.Equal(t, 0, c.interrupt())
	assert.Equal(t, 1, strings.Count(c.text(), "gett"), "%s", c.text())
}
