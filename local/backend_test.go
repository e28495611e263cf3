package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A definition without functions: its server is one on this machine, and the log shows
// what it was sent.
func TestBackends(t *testing.T) {
	t.Parallel()
	store := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "%s %s%s", r.Method, r.Host, r.URL)
	}))
	defer store.Close()
	file := filepath.Join(t.TempDir(), "api.json")
	require.NoError(t, os.WriteFile(file, []byte(`{
		"openapi": "3.0.1", "info": {"title": "shop", "version": "1"},
		"paths": {"/{proxy+}": {"x-amazon-apigateway-any-method": {
			"parameters": [{"name": "proxy", "in": "path", "required": true, "schema": {"type": "string"}}],
			"responses": {},
			"x-amazon-apigateway-integration": {
				"type": "http_proxy", "httpMethod": "ANY", "uri": "http://pets.example.com/v1/{proxy}",
				"requestParameters": {"integration.request.path.proxy": "method.request.path.proxy"}
			}
		}}}
	}`), 0o600))
	c := startCommand(t, filepath.Dir(file), "--definition", file, "--addr", "127.0.0.1:0", "--inspect", "off",
		"--backend", "pets.example.com="+strings.TrimPrefix(store.URL, "http://"))
	url := c.find(`(http://127\.0\.0\.1:\d+\S*)/ `)
	status, body := get(t, url+"/dogs?name=rex")
	assert.Equal(t, "200 GET pets.example.com/v1/dogs?name=rex", fmt.Sprint(status, " ", body))
	c.find(`GET /\S*dogs\?name=rex .* sent (GET http://pets\.example\.com/v1/dogs\?name=rex) · got 200`)

	c = startCommand(t, filepath.Dir(file), "--definition", file, "--addr", "127.0.0.1:0", "--inspect", "off", "--backend", "Pets.example.com:80=127.0.0.1:1", "--backend", "cats.example.com=127.0.0.1:1")
	assert.Equal(t, exitUsage, c.wait())
	assert.Equal(t, "local: --backend names the host \"cats.example.com\", to which no integration of the definition leads\n", c.stderr.String())
}
