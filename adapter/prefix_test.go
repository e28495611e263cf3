package adapter_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/lambridge-go/lambridge/adapter"
)

// mounted are front doors with something in front of the application's paths: what the
// event of a path has, and what the client's path begins with.
var mounted = []struct {
	name, event string
	at          func(path string) string // an edit of the event
	opts        []adapter.Option
	prefix      string
}{
	{"REST, a stage", restEvent, func(path string) string {
		return `{"path": "` + path + `", "requestContext": {"stage": "prod", "path": "/prod` + path + `"}}`
	}, nil, "/prod"},
	{"REST, a base path of a custom domain", restEvent, func(path string) string {
		return `{"path": "/shop` + path + `", "requestContext": {"stage": "prod", "path": "/shop` + path + `"}}`
	}, []adapter.Option{adapter.WithBasePath("/shop")}, "/shop"},
	{"REST, a stage and a path below it", restEvent, func(path string) string {
		return `{"path": "/shop` + path + `", "requestContext": {"stage": "prod", "path": "/prod/shop` + path + `"}}`
	}, []adapter.Option{adapter.WithBasePath("/shop")}, "/prod/shop"},
	{"HTTP API 1.0, a stage", httpV1Event, func(path string) string {
		return `{"path": "/prod` + path + `", "requestContext": {"stage": "prod"}}`
	}, []adapter.Option{adapter.WithoutStage()}, "/prod"},
	{"HTTP API 1.0, a base path", httpV1Event, func(path string) string { return `{"path": "/shop` + path + `"}` },
		[]adapter.Option{adapter.WithBasePath("/shop")}, "/shop"},
	{"HTTP API 2.0, a stage", httpV2Event, func(path string) string {
		return `{"rawPath": "/prod` + path + `", "requestContext": {"stage": "prod"}}`
	}, []adapter.Option{adapter.WithoutStage()}, "/prod"},
	{"HTTP API 2.0, a base path", httpV2Event, func(path string) string { return `{"rawPath": "/shop` + path + `"}` },
		[]adapter.Option{adapter.WithBasePath("/shop")}, "/shop"},
	{"HTTP API 2.0, a stage and a base path that has to be escaped", httpV2Event, func(path string) string {
		return `{"rawPath": "/prod/my shop` + path + `", "requestContext": {"stage": "prod"}}`
	}, []adapter.Option{adapter.WithoutStage(), adapter.WithBasePath("/my shop")}, "/prod/my%20shop"},
	{"a function URL, a base path", functionURLEvent, func(path string) string { return `{"rawPath": "/shop` + path + `"}` },
		[]adapter.Option{adapter.WithBasePath("/shop")}, "/shop"},
	{"a function URL, nothing", functionURLEvent, func(path string) string { return `{"rawPath": "` + path + `"}` },
		[]adapter.Option{adapter.WithBasePath("/shop"), adapter.WithoutStage()}, ""},
	{"REST, a custom domain without a base path", restEvent, func(path string) string {
		return `{"path": "` + path + `", "requestContext": {"stage": "prod", "path": "` + path + `"}}`
	}, nil, ""},
	{"HTTP API 2.0, a custom domain whose base path is not in the event", httpV2Event, func(path string) string { return `{"rawPath": "` + path + `"}` },
		[]adapter.Option{adapter.WithBasePath("/shop")}, "/shop"},
	{"HTTP API 2.0, its own host", httpV2Event, func(path string) string {
		return `{"rawPath": "` + path + `", "headers": {"host": "a1b2c3d4e5.execute-api.us-east-1.amazonaws.com"}}`
	}, []adapter.Option{adapter.WithBasePath("/shop")}, ""},
	{"REST, a path that begins like the stage", restEvent, func(path string) string {
		return `{"path": "/production` + path + `", "requestContext": {"stage": "prod", "path": "/production` + path + `"}}`
	}, []adapter.Option{adapter.WithBasePath("/production")}, "/production"},
}

func TestPrefixFrom(t *testing.T) {
	for _, row := range mounted {
		t.Run(row.name, func(t *testing.T) {
			for _, path := range []string{"/tree/x", "/"} {
				invoke(t, func(_ http.ResponseWriter, r *http.Request) {
					assert.Equal(t, row.prefix, adapter.PrefixFrom(r.Context()))
					assert.Equal(t, path, r.URL.Path)
				}, edit(t, row.event, row.at(path)), row.opts...)
			}
		})
	}
	assert.Empty(t, adapter.PrefixFrom(context.Background()), "not a request's context")
}

// A client that follows a link arrives where the application meant.
func TestWithPrefixedLinks(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("/tree/", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "home", http.StatusFound) })
	for _, row := range mounted {
		t.Run(row.name, func(t *testing.T) {
			location := func(path string, opts ...adapter.Option) string {
				out := invoke(t, mux.ServeHTTP, edit(t, row.event, row.at(path)), append(opts, row.opts...)...)
				return received(t, out).Header.Get("Location")
			}
			assert.Equal(t, "/tree/", location("/tree"), "without the option nothing changes")
			assert.Equal(t, row.prefix+"/tree/", location("/tree", adapter.WithPrefixedLinks()), "ServeMux's own redirect")
			assert.Equal(t, row.prefix+"/tree/home", location("/tree/", adapter.WithPrefixedLinks()), "http.Redirect")
		})
	}
	for _, row := range []struct{ name, header, value, want string }{
		{"a path from the root", "Location", "/login?next=/x#top", "/prod/login?next=/x#top"},
		{"the root", "Location", "/", "/prod/"},
		{"another host's", "Location", "https://example.com/login", "https://example.com/login"},
		{"another host's, by the same protocol", "Location", "//example.com/login", "//example.com/login"},
		{"what browsers take for another host's", "Location", `/\example.com`, `/\example.com`},
		{"a relative path", "Location", "../login", "../login"},
		{"a query", "Location", "?page=2", "?page=2"},
		{"a cookie for all of the application", "Set-Cookie", "a=b; Path=/; HttpOnly", "a=b; Path=/prod; HttpOnly"},
		{"a cookie for a part of it", "Set-Cookie", "a=b; path=/admin; Secure", "a=b; path=/prod/admin; Secure"},
		{"a cookie without a path", "Set-Cookie", "a=b; Max-Age=60", "a=b; Max-Age=60"},
		{"a cookie that says path in its value", "Set-Cookie", "path=/x; SameSite=Lax", "path=/x; SameSite=Lax"},
		{"a cookie for the host", "Set-Cookie", "__Host-a=b; Path=/; Secure", "__Host-a=b; Path=/; Secure"},
		{"another header", "Link", "</a.css>; rel=preload", "</a.css>; rel=preload"},
	} {
		t.Run(row.name, func(t *testing.T) {
			h := func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set(row.header, row.value)
				io.WriteString(w, "x")
				assert.Equal(t, row.value, w.Header().Get(row.header), "the handler's own header stays")
			}
			out := invoke(t, h, []byte(restEvent), adapter.WithPrefixedLinks())
			assert.Equal(t, row.want, received(t, out).Header.Get(row.header))
			body := stream(t, h, []byte(restEvent), adapter.WithPrefixedLinks())
			prelude, err := io.ReadAll(body)
			assert.NoError(t, err)
			want, err := json.Marshal(row.want)
			assert.NoError(t, err)
			assert.Contains(t, strings.ReplaceAll(string(prelude), "<", `\u003c`), strings.ReplaceAll(string(want), `\u003e`, ">"), "streamed")
			assert.NoError(t, body.Close())
		})
	}
}
