package guard_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/lambridge-go/lambridge/local/internal/guard"
)

var (
	loopback = &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 4000}
	public   = &net.TCPAddr{IP: net.ParseIP("192.0.2.7"), Port: 4000}
)

func TestHosts(t *testing.T) {
	t.Parallel()
	more := guard.Hosts{"shop.test", "dev.example:8080", "::ffff:198.51.100.9"}
	for _, test := range []struct {
		name, host string
		local      net.Addr
		want       bool
	}{
		{"loopback address and port", "127.0.0.1:4000", loopback, true},
		{"another loopback address", "127.8.9.10:4000", loopback, true},
		{"loopback address of IPv6", "[::1]:4000", loopback, true},
		{"the same without a port", "[::1]", loopback, true},
		{"loopback address of IPv4 in IPv6", "[::ffff:127.0.0.1]:4000", loopback, true},
		{"localhost", "localhost:4000", loopback, true},
		{"localhost in capitals with a final dot", "LOCALHOST.", loopback, true},
		{"name below localhost", "shop.localhost:4000", loopback, true},
		{"port of a tunnel", "localhost:50123", loopback, true},
		{"no host, which no browser sends", "", loopback, true},
		{"name that is allowed", "Shop.Test:4000", loopback, true},
		{"name that is allowed with another port", "dev.example", loopback, true},
		{"address that the connection came to", "192.0.2.7:4000", public, true},
		{"loopback name at a public address", "localhost", public, true},

		{"rebound name", "rebind.evil.example:4000", loopback, false},
		{"name that begins like localhost", "localhost.evil.example", loopback, false},
		{"name that ends like localhost", "evillocalhost", loopback, false},
		{"name that begins like an address", "127.0.0.1.evil.example:4000", loopback, false},
		{"name below one that is allowed", "a.shop.test", loopback, false},
		{"address of another machine", "192.0.2.8:4000", public, false},
		{"unspecified address", "0.0.0.0:4000", loopback, false},
		{"port that is none", "127.0.0.1:4000.evil.example", loopback, false},
		{"several hosts", "localhost, rebind.evil.example", loopback, false},
		{"rebound name where the listener is not known", "rebind.evil.example", nil, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			assert.Equal(t, test.want, more.Has(test.host, test.local))
		})
	}
}

// served is a handler that says so.
var served = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "served") })

// request is one to the loopback listener.
func request(method, target, host string, header http.Header) *http.Request {
	r := httptest.NewRequest(method, target, nil)
	r = r.WithContext(context.WithValue(r.Context(), http.LocalAddrContextKey, net.Addr(loopback)))
	r.Host = host
	if header != nil {
		r.Header = header
	}
	return r
}

func TestToolsAndRuntime(t *testing.T) {
	t.Parallel()
	const here = "127.0.0.1:4000"
	for _, test := range []struct {
		name           string
		host           string
		header         http.Header
		tools, runtime int
	}{
		{"a program", here, http.Header{}, 200, 200},
		{"Node's fetch", here, http.Header{"Sec-Fetch-Mode": {"cors"}, "User-Agent": {"node"}}, 200, 200},
		{"an address typed into a browser", here, http.Header{"Sec-Fetch-Site": {"none"}, "Sec-Fetch-Dest": {"document"}}, 200, 403},
		{"the server's own page", here, http.Header{"Sec-Fetch-Site": {"same-origin"}, "Origin": {"http://" + here}}, 200, 403},
		{"its own page, in a browser without fetch metadata", here, http.Header{"Origin": {"http://" + here}}, 200, 403},
		{"a page of another site", here, http.Header{"Sec-Fetch-Site": {"cross-site"}, "Origin": {"https://evil.example"}}, 403, 403},
		{"an image on such a page, which has no Origin", here, http.Header{"Sec-Fetch-Site": {"cross-site"}}, 403, 403},
		{"a page at another port", here, http.Header{"Sec-Fetch-Site": {"same-site"}, "Origin": {"http://127.0.0.1:8080"}}, 403, 403},
		{"the same, in a browser without fetch metadata", here, http.Header{"Origin": {"http://127.0.0.1:8080"}}, 403, 403},
		{"a page in a sandbox", here, http.Header{"Origin": {"null"}}, 403, 403},
		{"a preflight request", here, http.Header{"Origin": {"https://evil.example"}, "Access-Control-Request-Method": {"POST"}}, 403, 403},
		{"a page at a rebound name", "rebind.evil.example:4000", http.Header{"Sec-Fetch-Site": {"same-origin"}, "Origin": {"http://rebind.evil.example:4000"}}, 403, 403},
		{"the same, which asks without Origin", "rebind.evil.example:4000", http.Header{}, 403, 403},
		{"an empty Origin", here, http.Header{"Origin": {""}}, 200, 403},
		{"an image, in a browser without fetch metadata", here, http.Header{"Referer": {"http://evil.example/"}}, 200, 403},
		{"the same without a referrer", here, http.Header{"User-Agent": {"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15"}}, 200, 403},
		{"the same with a cookie", here, http.Header{"Cookie": {"a=b"}}, 200, 403},
		{"a script that fetches without CORS", here, http.Header{"Sec-Fetch-Mode": {"no-cors"}}, 200, 403},
	} {
		t.Run(test.name, func(t *testing.T) {
			for guarded, want := range map[http.Handler]int{
				pointer(guard.Tools(served, nil, "")): test.tools,
				pointer(guard.Runtime(served, nil)):   test.runtime,
			} {
				w := httptest.NewRecorder()
				guarded.ServeHTTP(w, request("POST", "/", test.host, test.header.Clone()))
				assert.Equal(t, want, w.Code, w.Body)
				assert.Equal(t, want == 200, w.Body.String() == "served")
			}
		})
	}
	t.Run("a name that is allowed", func(t *testing.T) {
		w := httptest.NewRecorder()
		guard.Runtime(served, guard.Hosts{"host.docker.internal"}).ServeHTTP(w, request("GET", "/", "host.docker.internal:9001", nil))
		assert.Equal(t, 200, w.Code)
	})
}

// pointer makes a handler one that can be a map's key.
func pointer(h http.Handler) http.Handler { return &handler{h} }

type handler struct{ http.Handler }

func TestToken(t *testing.T) {
	t.Parallel()
	const token = "k3n5"
	guarded := guard.Tools(served, nil, token)
	ask := func(method, target string, header http.Header) *http.Response {
		w := httptest.NewRecorder()
		guarded.ServeHTTP(w, request(method, target, "localhost:4000", header))
		return w.Result()
	}
	for name, test := range map[string]struct {
		method, target string
		header         http.Header
		want           int
	}{
		"none":                           {"GET", "/", nil, 401},
		"another":                        {"GET", "/", http.Header{"X-Lambridge-Token": {"k3n6"}}, 401},
		"a beginning":                    {"GET", "/?token=k3n", nil, 401},
		"header":                         {"GET", "/", http.Header{"X-Lambridge-Token": {token}}, 200},
		"bearer token":                   {"POST", "/", http.Header{"Authorization": {"Bearer k3n5"}}, 200},
		"access key id of an SDK":        {"POST", "/", http.Header{"Authorization": {"AWS4-HMAC-SHA256 Credential=k3n5/20261127/us-east-1/lambda/aws4_request, SignedHeaders=host, Signature=0"}}, 200},
		"access key id of somebody":      {"POST", "/", http.Header{"Authorization": {"AWS4-HMAC-SHA256 Credential=AKID/20261127/us-east-1/lambda/aws4_request, SignedHeaders=host, Signature=0"}}, 401},
		"cookie":                         {"GET", "/", http.Header{"Cookie": {"lambridge-token=k3n5"}}, 200},
		"query of what is no visit":      {"POST", "/?token=k3n5", nil, 200},
		"token, but another site's page": {"POST", "/?token=k3n5", http.Header{"Origin": {"https://evil.example"}}, 403},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, test.want, ask(test.method, test.target, test.header).StatusCode)
		})
	}
	t.Run("first visit", func(t *testing.T) {
		response := ask("GET", "/a?token=k3n5&b=c", nil)
		assert.Equal(t, 303, response.StatusCode)
		assert.Equal(t, "/a?b=c", response.Header.Get("Location"))
		assert.Equal(t, "lambridge-token=k3n5; Path=/; HttpOnly; SameSite=Strict", response.Header.Get("Set-Cookie"))
	})
	t.Run("first visit that would be sent to another host", func(t *testing.T) {
		r := request("GET", "/", "localhost:4000", nil)
		r.URL.Path, r.URL.RawQuery = "//evil.example/", "token=k3n5"
		w := httptest.NewRecorder()
		guarded.ServeHTTP(w, r)
		assert.Equal(t, "/evil.example/", w.Header().Get("Location"))
	})
}
