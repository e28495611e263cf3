// Package migration_test holds MIGRATING.md, whose code is that of packages before and after:
// they do the same, and where they differ the guide says so.
package migration_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/akrylysov/algnhsa"
	apex "github.com/apex/gateway"
	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdaurl"
	"github.com/awslabs/aws-lambda-go-api-proxy/httpadapter"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/adapter"
	"github.com/lambridge-go/lambridge/internal/conformance/migration/after"
	"github.com/lambridge-go/lambridge/internal/conformance/migration/before"
	"github.com/lambridge-go/lambridge/lambdatest"
)

// An answer is what a client gets, as far as programs decide it.
type answer struct {
	Status int
	Frame  string
	Body   string
}

// ask sends a request through a front door to a function.
func ask(t *testing.T, function any, source lambdatest.Source, target string, opts ...lambdatest.Option) answer {
	t.Helper()
	req := httptest.NewRequest("GET", "https://shop.example"+target, nil)
	req.Header.Set("X-User-Id", "admin") // of a client who lies
	resp := lambdatest.Do(t, function, source, req, opts...)
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return answer{resp.StatusCode, resp.Header.Get("X-Frame-Options"), string(body)}
}

// The patterns of programs answer the same, before and after.
func TestPatterns(t *testing.T) {
	router := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		w.WriteHeader(http.StatusAccepted)
		io.WriteString(w, r.URL.Path+" "+r.URL.Query().Get("q"))
	})
	old, moved := before.App{Router: router}, after.App{Router: router}
	before.Init(router)
	after.Init(router)
	for _, test := range []struct {
		name          string
		source        lambdatest.Source
		target        string
		before, after any
		want          answer
	}{
		{"base path", lambdatest.REST, "/shop/notes?q=1", old.Mounted(), moved.Mounted(), answer{202, "", "/notes 1"}},
		{"edited reply", lambdatest.HTTPv2, "/notes", old.Edited(), moved.Edited(), answer{202, "DENY", "/notes "}},
		{"dispatcher", lambdatest.REST, "/notes?q=2", old.Dispatched(), moved.Dispatched(), answer{202, "", "/notes 2"}},
		{"Handler and a global", lambdatest.REST, "/notes", before.Handler, after.Handler, answer{202, "", "/notes "}},
		{"algnhsa", lambdatest.REST, "/notes", algnhsa.New(router, nil), adapter.Wrap(router), answer{202, "", "/notes "}},
		{"apex/gateway", lambdatest.REST, "/notes", apex.NewGateway(router), adapter.Wrap(router), answer{202, "", "/notes "}},
		{"lambdaurl", lambdatest.FunctionURL, "/notes", lambdaurl.Wrap(router), adapter.Stream(router), answer{202, "", "/notes "}},
	} {
		t.Run(test.name, func(t *testing.T) {
			assert.Equal(t, test.want, ask(t, test.before, test.source, test.target), "before")
			assert.Equal(t, test.want, ask(t, test.after, test.source, test.target), "after")
		})
	}
	t.Run("warm-up", func(t *testing.T) {
		for _, function := range []any{lambda.NewHandler(old.Dispatched()), moved.Dispatched()} {
			reply, err := function.(lambda.Handler).Invoke(t.Context(), []byte(`{"warmup":true}`))
			require.NoError(t, err)
			assert.Equal(t, `"warm"`, string(reply))
		}
	})
	t.Run("event made by hand", func(t *testing.T) {
		e := events.APIGatewayProxyRequest{HTTPMethod: "GET", Path: "/notes"}
		was, err := before.Handler(t.Context(), e)
		require.NoError(t, err)
		is, err := after.Handler(t.Context(), e)
		require.NoError(t, err)
		assert.Equal(t, was.Body, is.Body)
		assert.Equal(t, was.StatusCode, is.StatusCode)
	})
}

// proxyOf is the old module's function for a front door, as a program had to choose it.
func proxyOf(h http.Handler, source lambdatest.Source) any {
	switch source {
	case lambdatest.REST, lambdatest.HTTPv1:
		return httpadapter.New(h).ProxyWithContext
	case lambdatest.HTTPv2, lambdatest.FunctionURL:
		return httpadapter.NewV2(h).ProxyWithContext
	default:
		return httpadapter.NewALB(h).ProxyWithContext
	}
}

// What programs read off a request is the same with the code of the guide.
func TestAccessors(t *testing.T) {
	claims := lambdatest.WithClaims(map[string]string{"sub": "ana"})
	colour := lambdatest.WithStageVariables(map[string]string{"colour": "red"})
	client := lambdatest.WithSourceIP("203.0.113.9")
	said := func(v ...any) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			for _, f := range v {
				switch f := f.(type) {
				case func(*http.Request) string:
					fmt.Fprintln(w, f(r))
				case func(*http.Request) (string, bool):
					io.WriteString(w, fmt.Sprintln(f(r)))
				case func(*http.Request) (string, string, bool):
					io.WriteString(w, fmt.Sprintln(f(r)))
				}
			}
		})
	}
	for _, test := range []struct {
		name          string
		source        lambdatest.Source
		before, after any
		option        lambdatest.Option
		want          string
	}{
		{"claims of a token", lambdatest.HTTPv2, before.Subject, after.Subject, claims, "ana true\n"},
		{"stage and its variables", lambdatest.REST, before.Stage, after.Stage, colour, "prod red true\n"},
		{"client's address, REST API", lambdatest.REST, before.ClientIP, after.ClientIP, client, "203.0.113.9\n"},
		{"client's address, HTTP API", lambdatest.HTTPv2, before.ClientIP, after.ClientIP, client, "203.0.113.9\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			assert.Equal(t, test.want, ask(t, proxyOf(said(test.before), test.source), test.source, "/", test.option).Body, "before")
			assert.Equal(t, test.want, ask(t, adapter.Wrap(said(test.after)), test.source, "/", test.option).Body, "after")
		})
	}
	t.Run("full URL", func(t *testing.T) {
		assert.Equal(t, "https://shop.example/a?b=c\n", ask(t, adapter.Wrap(said(after.FullURL)), lambdatest.HTTPv2, "/a?b=c").Body)
	})
}

// The state half-way: an accessor of the old module that was left behind tells of no
// event, and a fallback for the developer's machine then believes the client.
func TestAccessorLeftBehindOpensADoor(t *testing.T) {
	app := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, ok := before.Subject(r)
		if !ok {
			user = r.Header.Get("X-User-Id")
		}
		io.WriteString(w, user)
	})
	claims := lambdatest.WithClaims(map[string]string{"sub": "ana"})
	assert.Equal(t, "ana", ask(t, proxyOf(app, lambdatest.HTTPv2), lambdatest.HTTPv2, "/", claims).Body)
	assert.Equal(t, "admin", ask(t, adapter.Wrap(app), lambdatest.HTTPv2, "/", claims).Body)
}

// A team writes its tests first, and they pass before and after.
func TestApp(t *testing.T) {
	app := func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "Hello, "+r.URL.Query().Get("name")) }
	function := httpadapter.New(http.HandlerFunc(app)).ProxyWithContext
	resp := lambdatest.Do(t, function, lambdatest.REST, httptest.NewRequest("GET", "/?name=Ada", nil))
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	assert.Equal(t, "Hello, Ada", string(body))
}

// The guide's table of what a handler sees is what it sees.
func TestWhatAHandlerSees(t *testing.T) {
	app := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		tls := "nil"
		if r.TLS != nil {
			tls = "set"
		}
		seen := []string{
			r.URL.String(), r.Host, r.RemoteAddr, tls,
			fmt.Sprintf("%d lines", len(r.Header["Accept"])), fmt.Sprintf("%d lines", len(r.Header["Cookie"])),
		}
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(seen)
	})
	see := func(function any, source lambdatest.Source) []string {
		req := httptest.NewRequest("GET", "https://shop.example/a?b=2", nil)
		req.RemoteAddr = "203.0.113.9:40000"
		req.Header["Accept"] = []string{"text/html", "text/plain"}
		req.Header.Set("Cookie", "a=1; b=2")
		// Without a gateway: it may refuse the reply, and the request is what counts.
		payload, err := lambda.NewHandler(function).Invoke(t.Context(), lambdatest.NewEvent(t, source, req))
		require.NoError(t, err)
		var reply struct{ Body string }
		require.NoError(t, json.Unmarshal(payload, &reply))
		var seen []string
		require.NoError(t, json.Unmarshal([]byte(reply.Body), &seen))
		return seen
	}
	var table strings.Builder
	table.WriteString("| | | `r.URL.String()` | `r.Host` | `r.RemoteAddr` | `r.TLS` | Accept, sent in 2 lines | Cookie, sent in 1 |\n|---|---|---|---|---|---|---|---|\n")
	for _, door := range []struct {
		name   string
		source lambdatest.Source
	}{{"REST API", lambdatest.REST}, {"HTTP API, 2.0", lambdatest.HTTPv2}, {"function URL", lambdatest.FunctionURL}, {"load balancer", lambdatest.ALBMulti}} {
		fmt.Fprintf(&table, "| %s | before | %s |\n", door.name, row(see(proxyOf(app, door.source), door.source)))
		fmt.Fprintf(&table, "| | after | %s |\n", row(see(adapter.Wrap(app), door.source)))
	}
	assert.True(t, strings.Contains(page(t, "MIGRATING.md"), table.String()), "the guide's table is to be:\n%s", &table)
}

// row is a row of a table; what is empty is shown as such.
func row(cells []string) string {
	var shown []string
	for _, cell := range cells {
		if strings.HasSuffix(cell, "lines") || cell == "nil" || cell == "set" {
			shown = append(shown, strings.Replace(cell, "1 lines", "1 line", 1))
			continue
		}
		if cell == "" {
			cell = `""`
		}
		shown = append(shown, "`"+cell+"`")
	}
	return strings.Join(shown, " | ")
}
