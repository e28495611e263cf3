package migration_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/akrylysov/algnhsa"
	apex "github.com/apex/gateway"
	"github.com/aws/aws-lambda-go/lambdaurl"
	"github.com/awslabs/aws-lambda-go-api-proxy/httpadapter"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/adapter"
	"github.com/lambridge-go/lambridge/internal/testcache"
	"github.com/lambridge-go/lambridge/lambdatest"
)

// A peer runs an http.Handler as a function. A front door that it has nothing for has no
// function.
type peer struct {
	name, module string
	function     func(h http.Handler, source lambdatest.Source) any
	stream       func(h http.Handler) any // nil if it streams nothing
}

// peers are those of the comparison, each as its README has it, ours first.
var peers = []peer{
	{
		name:     "Lambridge",
		function: func(h http.Handler, _ lambdatest.Source) any { return adapter.Wrap(h) },
		stream:   func(h http.Handler) any { return adapter.Stream(h) },
	},
	{
		name: "aws-lambda-go-api-proxy", module: "github.com/awslabs/aws-lambda-go-api-proxy",
		function: func(h http.Handler, source lambdatest.Source) any {
			switch source {
			case lambdatest.REST, lambdatest.HTTPv1:
				return httpadapter.New(h).ProxyWithContext
			case lambdatest.HTTPv2, lambdatest.FunctionURL:
				return httpadapter.NewV2(h).ProxyWithContext
			case lambdatest.ALB, lambdatest.ALBMulti:
				return httpadapter.NewALB(h).ProxyWithContext
			}
			return nil
		},
	},
	{
		name: "algnhsa", module: "github.com/akrylysov/algnhsa",
		function: func(h http.Handler, _ lambdatest.Source) any { return algnhsa.New(h, nil) },
	},
	{
		name: "apex/gateway", module: "github.com/apex/gateway",
		function: func(h http.Handler, _ lambdatest.Source) any { return apex.NewGateway(h) },
	},
	{
		name: "lambdaurl", module: "github.com/aws/aws-lambda-go",
		function: func(h http.Handler, _ lambdatest.Source) any { return lambdaurl.Wrap(h) },
		stream:   func(h http.Handler) any { return lambdaurl.Wrap(h) },
	},
}

// A trait is what a client and a handler see of each other.
type trait struct {
	name    string
	target  string
	handler http.HandlerFunc
}

var png = []byte("\x89PNG\r\n\x1a\n\x00\xff")

var traits = []trait{
	{"a GET is served", "/notes", func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, r.Method+r.URL.Path) }},
	{"a handler that writes nothing answers 200", "/", func(http.ResponseWriter, *http.Request) {}},
	{"`%2F` in a path arrives as it was sent", "/files/a%2Fb", func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, r.URL.EscapedPath()) }},
	{"a query parameter that comes twice", "/?tag=a&tag=b", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.URL.Query()["tag"]) }},
	{"`r.Host` is the host that the client asked", "/", func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, r.Host) }},
	{"`net.SplitHostPort(r.RemoteAddr)` is the client's address", "/", func(w http.ResponseWriter, r *http.Request) {
		host, _, err := net.SplitHostPort(r.RemoteAddr)
		fmt.Fprint(w, host, err)
	}},
	{"an image is answered, with nothing configured", "/", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "image/png")
		w.Write(png)
	}},
	{"two cookies are set", "/", func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "a", Value: "1"})
		http.SetCookie(w, &http.Cookie{Name: "b", Value: "2"})
		io.WriteString(w, "set")
	}},
	{"the first status counts", "/", func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusCreated)
		w.WriteHeader(http.StatusTeapot)
		io.WriteString(w, "written")
	}},
}

// seen is what a client gets for a request, as far as traits show in it.
func seen(resp *http.Response) string {
	body, err := io.ReadAll(resp.Body)
	return fmt.Sprint(resp.StatusCode, resp.Header["Set-Cookie"], string(body), err)
}

// through counts the front doors through which a peer does as net/http does. One through
// which it does not serve a plain GET does not count.
func (p peer) through(t *testing.T, traits ...trait) (doors int) {
	for _, source := range lambdatest.Sources() {
		same := true
		for _, trait := range traits {
			request := func() *http.Request {
				req := httptest.NewRequest("GET", "http://shop.example"+trait.target, nil)
				req.Header.Set("Accept", "image/png")
				return req
			}
			want := httptest.NewRecorder()
			trait.handler(want, request())
			function := p.function(trait.handler, source)
			same = same && function != nil && seen(lambdatest.Do(t, function, source, request())) == seen(want.Result())
		}
		if same {
			doors++
		}
	}
	return doors
}

// streams counts the front doors through which a client has what was flushed while the
// handler still works.
func (p peer) streams(t *testing.T) (doors int) {
	for _, source := range []lambdatest.Source{lambdatest.FunctionURL, lambdatest.REST} {
		if p.stream == nil {
			continue
		}
		synctest.Test(t, func(t *testing.T) {
			enough := make(chan bool)
			h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				io.WriteString(w, r.URL.Path)
				http.NewResponseController(w).Flush()
				<-enough
			})
			early := false
			go func() {
				resp := lambdatest.Do(t, p.stream(h), source, httptest.NewRequest("GET", "/notes", nil))
				first := make([]byte, len("/notes"))
				_, err := io.ReadFull(resp.Body, first)
				early = err == nil && string(first) == "/notes"
			}()
			synctest.Wait()
			if early {
				doors++
			}
			close(enough)
			synctest.Wait()
		})
	}
	return doors
}

// TestComparison holds the table of docs/comparison.md.
func TestComparison(t *testing.T) {
	var table strings.Builder
	table.WriteString("| front doors, of 8, through which |")
	version := versions(t)
	for _, p := range peers {
		table.WriteString(" " + strings.TrimSpace(p.name+" "+version[p.module]) + " |")
	}
	table.WriteString("\n|---|" + strings.Repeat(":-:|", len(peers)) + "\n")
	for _, trait := range traits {
		fmt.Fprintf(&table, "| %s |", trait.name)
		for _, p := range peers {
			fmt.Fprintf(&table, " %d |", p.through(t, traits[0], trait))
		}
		table.WriteString("\n")
	}
	table.WriteString("| a reply arrives while it is written |")
	for _, p := range peers {
		fmt.Fprintf(&table, " %d |", p.streams(t))
	}
	table.WriteString("\n")

	assert.True(t, strings.Contains(page(t, "docs/comparison.md"), table.String()), "put this into docs/comparison.md, with the day:\n%s", &table)
}

// page is one of the repository's pages.
func page(t *testing.T, name string) string {
	t.Helper()
	require.NoError(t, testcache.Bypass())
	text, err := os.ReadFile(filepath.Join("../../..", name))
	require.NoError(t, err)
	return string(text)
}

// versions are those of the peers' modules, as this module requires them.
func versions(t *testing.T) map[string]string {
	args := []string{"list", "-m", "-f", "{{.Path}} {{.Version}}"}
	for _, p := range peers[1:] {
		args = append(args, p.module)
	}
	out, err := exec.CommandContext(t.Context(), "go", args...).Output()
	require.NoError(t, err)
	found := map[string]string{}
	for line := range strings.Lines(string(out)) {
		path, version, _ := strings.Cut(strings.TrimSpace(line), " v")
		found[path] = version
	}
	return found
}
