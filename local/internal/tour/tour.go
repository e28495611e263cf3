// Package tour is the function that the local command serves when it is given
// none: a page that shows, on itself, what an ordinary http.Handler can do
// inside Lambda.
package tour

import (
	"bytes"
	"embed"
	"encoding/json"
	"html/template"
	"io/fs"
	"net/http"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"github.com/lambridge-go/lambridge/adapter"
	"github.com/lambridge-go/lambridge/local/gateway"
)

//go:embed static
var static embed.FS

// Handler returns the tour. It is an ordinary application: adapter.Wrap makes a
// function of it, and http.ListenAndServe serves it as well, with a page that
// says there was no event. All its links are relative, so that it works below
// any stage or base path. It keeps nothing and is safe for concurrent use.
func Handler() http.Handler {
	files, err := fs.Sub(static, "static")
	if err != nil {
		panic(err) // the folder is embedded above
	}
	page := template.Must(template.ParseFS(files, "page.html"))

	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) { servePage(w, r, page) })
	mux.Handle("GET /tour.css", http.FileServerFS(files))
	mux.Handle("GET /tour.js", http.FileServerFS(files))
	mux.HandleFunc("/echo", echo)
	mux.HandleFunc("POST /colour", setColour)
	mux.HandleFunc("GET /picture.png", picture)
	mux.HandleFunc("POST /upload", upload)
	return secure(mux)
}

// secure keeps the page to itself: nothing is loaded from elsewhere, by policy
// and not only by habit.
func secure(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Cache-Control", "no-store")
		h.ServeHTTP(w, r)
	})
}

// servePage writes the page, which tells of the request it answers.
func servePage(w http.ResponseWriter, r *http.Request, page *template.Template) {
	raw, inLambda := adapter.RawEvent(r.Context())
	var event bytes.Buffer
	if json.Indent(&event, raw, "", "  ") != nil {
		event.Reset()
	}
	var out bytes.Buffer
	err := page.Execute(&out, map[string]any{
		"InLambda":  inLambda,
		"FrontDoor": frontDoor(r),
		"RequestID": requestID(r),
		"Method":    r.Method,
		"Path":      r.URL.Path,
		"Event":     event.String(),
		"EventSize": len(raw),
		"Colour":    colourOf(r),
		"Colours":   colours(),
	})
	if err != nil {
		panic(err) // the template and its data are both ours
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Write(out.Bytes())
}

// frontDoor names what the request came through, in AWS's words; "" outside Lambda.
func frontDoor(r *http.Request) string {
	source, _ := adapter.SourceOf(r.Context())
	facts, _ := gateway.Facts(source)
	return facts.Name
}

// requestID returns the id of the invocation, "" outside Lambda.
func requestID(r *http.Request) string {
	if lc, ok := lambdacontext.FromContext(r.Context()); ok {
		return lc.AwsRequestID
	}
	return ""
}
