package authorize_test

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/internal/npm"
	"github.com/lambridge-go/lambridge/local/authorize"
	"github.com/lambridge-go/lambridge/local/gateway"
)

// A provider is a real OpenID provider, npm's oidc-provider, in a process of its own.
type provider struct {
	t      *testing.T
	issuer string
	in     io.Writer
	out    *bufio.Reader
}

func startProvider(t *testing.T) *provider {
	t.Helper()
	if os.Getenv("LAMBRIDGE_LONG") == "" {
		t.Skip("set LAMBRIDGE_LONG=1 to ask a real OpenID provider")
	}
	dir, err := npm.Install(t.Context(), "oidc-provider@9.13.3")
	if err != nil && os.Getenv("LAMBRIDGE_REQUIRE_TOOLS") != "1" {
		t.Skip(err)
	}
	require.NoError(t, err)
	script, err := filepath.Abs("testdata/provider.mjs")
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), "node", script, dir)
	in, err := cmd.StdinPipe()
	require.NoError(t, err)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		in.Close()
		cmd.Wait()
	})
	p := &provider{t: t, in: in, out: bufio.NewReader(out)}
	p.issuer = p.line()
	return p
}

func (p *provider) line() string {
	p.t.Helper()
	line, err := p.out.ReadString('\n')
	require.NoError(p.t, err)
	return line[:len(line)-1]
}

// say sends a command and returns the answer.
func (p *provider) say(command string) string {
	p.t.Helper()
	_, err := fmt.Fprintln(p.in, command)
	require.NoError(p.t, err)
	return p.line()
}

// A provider that changes its keys, and the kind of its keys, is followed as far as
// the API accepts them: an HTTP API takes no ES256, a REST API that lists it does.
func TestOpenIDProvider(t *testing.T) {
	p := startProvider(t)
	keys := authorize.NewKeys(authorize.KeyOptions{})
	api := func(kind gateway.Kind, algorithms ...string) func(token string) int {
		authorizer, err := authorize.JWT(authorize.JWTOptions{
			Issuers: []authorize.Issuer{{URL: p.issuer, Audiences: []string{"notes"}}}, Algorithms: algorithms, Keys: keys,
		})
		require.NoError(t, err)
		g, err := gateway.New(gateway.API{
			Kind: kind, Routes: []gateway.Route{{Key: "GET /notes", Authorizer: authorizer, Scopes: []string{"notes:read"}}},
			Default: gateway.Lambda(echo{}, gateway.LambdaOptions{}),
		}, gateway.Options{})
		require.NoError(t, err)
		return func(token string) int {
			r := httptest.NewRequest(http.MethodGet, "/notes", nil)
			r.Header.Set("Authorization", "Bearer "+token)
			w := httptest.NewRecorder()
			g.ServeHTTP(w, r)
			return w.Code
		}
	}
	http, rest := api(gateway.HTTPAPI), api(gateway.RESTAPI, "RS256", "RS512", "ES256")

	first := p.say("token")
	assert.Equal(t, 200, http(first))
	assert.Equal(t, 200, rest(first))
	for _, step := range []struct {
		kind       string
		http, rest int
	}{{"RS256", 200, 200}, {"RS256", 200, 200}, {"RS512", 200, 200}, {"ES256", 401, 200}} {
		require.Equal(t, "ok", p.say("keys "+step.kind))
		token := p.say("token")
		assert.Equal(t, step.http, http(token), step.kind)
		assert.Equal(t, step.rest, rest(token), step.kind)
		assert.Equal(t, 401, rest(first), "a token of a key that is gone")
	}
}
