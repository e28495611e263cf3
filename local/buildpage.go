package main

import (
	"errors"
	"html/template"
	"net/http"
	"strings"

	"github.com/lambridge-go/lambridge/local/internal/build"
	"github.com/lambridge-go/lambridge/local/websocket"
)

// withBuildPage shows a browser why the function does not build, for as long as
// it does not. Everything that is not a page goes on to h, where the last program
// that could be built answers.
func withBuildPage(f interface{ BuildError() error }, h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		failure := (*build.Error)(nil)
		if !wantsPage(r) || !errors.As(f.BuildError(), &failure) {
			h.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
		w.WriteHeader(http.StatusInternalServerError)
		buildPage.Execute(w, failure)
	})
}

// buildPages does so for the functions of a definition. What is closed is what is behind.
type buildPages struct {
	http.Handler
	shown http.Handler
}

// ServeHTTP implements http.Handler.
func (b buildPages) ServeHTTP(w http.ResponseWriter, r *http.Request) { b.shown.ServeHTTP(w, r) }

func (p *planServer) withBuildPages(h http.Handler) http.Handler {
	if _, ok := h.(*websocket.API); ok {
		return h
	}
	return buildPages{h, withBuildPage(p.functions, h)}
}

// wantsPage reports whether a browser is opening a page.
func wantsPage(r *http.Request) bool {
	return (r.Method == http.MethodGet || r.Method == http.MethodHead) && r.Header.Get("Upgrade") == "" &&
		strings.Contains(r.Header.Get("Accept"), "text/html")
}

// The page looks again every other second, until the function builds.
var buildPage = template.Must(template.New("build").Parse(`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="refresh" content="2">
<meta name="viewport" content="width=device-width">
<title>{{.ImportPath}} does not compile</title>
<style>
body { margin: 4rem auto; max-width: 60rem; padding: 0 1rem; font: 1rem/1.5 system-ui, sans-serif; background: #fdfcfb; color: #222 }
h1 { font-size: 1.4rem }
pre { padding: 1rem; overflow-x: auto; border-left: .3rem solid #c0392b; background: #f4efe9; font: .9rem/1.5 ui-monospace, monospace }
@media (prefers-color-scheme: dark) { body { background: #1b1b1d; color: #ddd } pre { background: #26262a } }
</style>
<h1>{{.ImportPath}} does not compile</h1>
<pre>{{.Output}}</pre>
<p>Save the file and this page reloads. Until then the last program that could be built answers everything but pages.</p>
`))
