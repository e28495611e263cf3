package gateway_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/local/gateway"
)

// serverOfATest makes the test's program one of these servers.
const serverOfATest = "LAMBRIDGE_TEST_SERVER"

func TestMain(m *testing.M) {
	server := map[string]http.HandlerFunc{
		"page": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			_, _ = io.WriteString(w, "<script src=/api/pets></script>"+r.URL.Path)
		},
		"pets": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, `["`+r.Host+r.URL.Path+`"]`)
		},
	}[os.Getenv(serverOfATest)]
	if server == nil {
		os.Exit(m.Run())
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Println(listener.Addr())
	go func() { panic(http.Serve(listener, server)) }()
	_, _ = io.Copy(io.Discard, os.Stdin) // until the test, or its program, is gone
}

// process runs a server in a process of its own and returns its address.
func process(t *testing.T, server string) string {
	t.Helper()
	program, err := os.Executable()
	require.NoError(t, err)
	command := exec.Command(program)
	command.Env = append(os.Environ(), serverOfATest+"="+server)
	command.Stderr = os.Stderr
	in, err := command.StdinPipe()
	require.NoError(t, err)
	out, err := command.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, command.Start())
	t.Cleanup(func() {
		in.Close()
		assert.NoError(t, command.Wait())
	})
	address, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	return strings.TrimSpace(address)
}

// A page and an API, each in a process of its own, behind one gateway.
func TestPageAndAPIBehindOneGateway(t *testing.T) {
	t.Parallel()
	greedy := mapping(map[string]string{"integration.request.path.proxy": "method.request.path.proxy"})
	g, err := gateway.New(gateway.API{Kind: gateway.RESTAPI, Routes: []gateway.Route{
		{Key: "ANY /", To: gateway.HTTPProxy("http://www.example.com/", gateway.HTTPProxyOptions{})},
		{Key: "ANY /{proxy+}", To: gateway.HTTPProxy("http://www.example.com/{proxy}", greedy)},
		{Key: "ANY /api/{proxy+}", To: gateway.HTTPProxy("http://pets.example.com/v1/{proxy}", greedy)},
	}}, gateway.Options{Backends: map[string]string{"www.example.com": process(t, "page"), "pets.example.com:80": process(t, "pets")}})
	require.NoError(t, err)
	for target, want := range map[string]string{
		"/":         "text/html <script src=/api/pets></script>/",
		"/a.html":   "text/html <script src=/api/pets></script>/a.html",
		"/api/pets": `application/json ["pets.example.com/v1/pets"]`,
	} {
		w := send(g, "GET", target, "")
		assert.Equal(t, want, w.Header().Get("Content-Type")+" "+w.Body.String(), target)
	}
}
