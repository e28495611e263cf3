package migration_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/adapter"
	"github.com/lambridge-go/lambridge/lambdatest"
)

// doors are the four kinds of events that the old module has functions for.
var doors = []struct {
	name   string
	source lambdatest.Source
}{{"REST API", lambdatest.REST}, {"HTTP API, 2.0", lambdatest.HTTPv2}, {"function URL", lambdatest.FunctionURL}, {"load balancer", lambdatest.ALBMulti}}

// aspects are all that a handler may read off a request, by the names that the guide has
// for them. The order of a query is none: the old module's changes from call to call.
var aspects = []struct {
	name string
	of   func(*http.Request) any
}{
	{"`r.Method`, `r.Proto`", func(r *http.Request) any { return r.Method + " " + r.Proto }},
	{"`r.URL.Scheme`, `r.URL.Host`", func(r *http.Request) any { return r.URL.Scheme + " " + r.URL.Host }},
	{"`r.URL.Path`", func(r *http.Request) any { return r.URL.Path }},
	{"`r.URL.RawPath`", func(r *http.Request) any { return r.URL.RawPath }},
	{"`r.URL.Query()`", func(r *http.Request) any { return r.URL.Query() }},
	{"`r.Host`", func(r *http.Request) any { return r.Host }},
	{"`r.RemoteAddr`", func(r *http.Request) any { return r.RemoteAddr }},
	{"`r.TLS`", func(r *http.Request) any { return r.TLS != nil }},
	{"`r.RequestURI`, but for the query", func(r *http.Request) any { path, _, _ := strings.Cut(r.RequestURI, "?"); return path }},
	{"`r.Header[\"Host\"]`", func(r *http.Request) any { return r.Header["Host"] }},
	{"`r.Header[\"Cookie\"]`, its lines", func(r *http.Request) any { return r.Header["Cookie"] }},
	{"`r.Header`, values with commas", func(r *http.Request) any {
		return [][]string{r.Header["Accept"], r.Header["X-Signature"], r.Header["X-Forwarded-For"]}
	}},
	{"`r.Header`, all else", func(r *http.Request) any {
		rest := maps.Clone(r.Header)
		for _, name := range []string{"Host", "Cookie", "Accept", "X-Signature", "X-Forwarded-For"} {
			delete(rest, name)
		}
		return rest
	}},
	{"`r.Cookies()`, by name", func(r *http.Request) any {
		found := map[string]string{}
		for _, c := range r.Cookies() {
			found[c.Name] = c.Value
		}
		return found
	}},
	{"`r.ContentLength`, `r.TransferEncoding`", func(r *http.Request) any { return fmt.Sprint(r.ContentLength, r.TransferEncoding) }},
	{"`r.Body`", func(r *http.Request) any {
		body, err := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		return fmt.Sprintf("%q %v", body, err)
	}},
	{"`r.PostForm`", func(r *http.Request) any {
		err := r.ParseForm()
		return map[string]any{"form": r.PostForm, "failed": err != nil}
	}},
}

// requests are of every kind that a client may send.
func requests(t *testing.T) map[string]*http.Request {
	t.Helper()
	target := func(method, target, contentType, body string) *http.Request {
		r := httptest.NewRequest(method, "https://shop.example"+target, strings.NewReader(body))
		r.RemoteAddr = "203.0.113.9:40000"
		if contentType != "" {
			r.Header.Set("Content-Type", contentType)
		}
		return r
	}
	headers := target("GET", "/notes", "", "")
	headers.Header["Accept"] = []string{"text/html", "text/plain"}
	headers.Header.Set("Cookie", "a=1; b=2")
	headers.Header.Set("Authorization", "Bearer x")
	headers.Header.Set("X-Signature", "t=1,v1=5257a869")
	headers.Header.Set("If-Modified-Since", "Wed, 21 Oct 2026 07:28:00 GMT") // known to have one value
	headers.Header.Set("X-Forwarded-For", "192.0.2.7")
	return map[string]*http.Request{
		"headers": headers,
		"path":    target("GET", "/a%2Fb/c%20d", "", ""),
		"dots":    target("GET", "/a/../b//c/", "", ""),
		"query":   target("GET", "/?b=2&a=1&a=3&"+url.QueryEscape("ü")+"=x%20y+z&empty", "", ""),
		"json":    target("POST", "/notes", "application/json", `{"text":"tea"}`),
		"binary":  target("PUT", "/logo.png", "image/png", "\xff\x00\x01"),
		"form":    target("POST", "/notes?x=1", "application/x-www-form-urlencoded", "x=2&y=a%20b"),
		"delete":  target("DELETE", "/notes/7", "", ""),
	}
}

// The guide says where requests differ, and they differ nowhere else.
func TestRequestsDifferAsTheGuideSays(t *testing.T) {
	rows := map[string][]bool{}
	for _, aspect := range aspects {
		rows[aspect.name] = make([]bool, len(doors))
	}
	for n, door := range doors {
		for name, request := range requests(t) {
			event := lambdatest.NewEvent(t, door.source, request)
			var saw []map[string]any
			look := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				seen := map[string]any{}
				for _, aspect := range aspects {
					seen[aspect.name] = aspect.of(r)
				}
				saw = append(saw, seen)
			})
			for _, function := range []any{proxyOf(look, door.source), adapter.Wrap(look)} {
				_, _ = lambda.NewHandler(function).Invoke(t.Context(), event) // the old module takes silence for a failure
			}
			require.Len(t, saw, 2, "%s, %s", door.name, name)
			for _, aspect := range aspects {
				if !reflect.DeepEqual(saw[0][aspect.name], saw[1][aspect.name]) {
					rows[aspect.name][n] = true
				}
			}
		}
	}
	var names []string
	for _, aspect := range aspects {
		names = append(names, aspect.name)
	}
	assertInGuide(t, "of a request, other than it was", names, rows)
}

// replies are what handlers do, by the names that the guide has for it.
var replies = map[string]http.HandlerFunc{
	"nothing at all":              func(http.ResponseWriter, *http.Request) {},
	"a status alone":              func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) },
	"text without a content type": func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "hello") },
	"an image":                    withHeader("Content-Type", "image/png", "\x89PNG\xff"),
	"text that is not UTF-8":      withHeader("Content-Type", "text/plain; charset=iso-8859-1", "\xe9"),
	"a `Content-Length`":          withHeader("Content-Length", "1", "x"),
	"a redirect":                  func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/there?x=1", http.StatusSeeOther) },
	"an error":                    func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", http.StatusTeapot) },
	"several cookies":             withHeaders("Set-Cookie", "a=1; Path=/", "b=2; Expires=Wed, 21 Oct 2026 07:28:00 GMT"),
	"a header in several lines":   withHeaders("X-Tag", "1", "2, 3"),
	"`WriteHeader` twice": func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusCreated)
		w.WriteHeader(http.StatusInternalServerError)
	},
	"a header after `WriteHeader`": func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusCreated)
		w.Header().Set("X-Late", "1")
	},
	"103 Early Hints before the answer": func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusEarlyHints)
		io.WriteString(w, "x")
	},
	"a body where there is none, of 304": func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusNotModified)
		io.WriteString(w, "x")
	},
	"a `Date`": withHeader("Date", "Wed, 21 Oct 2026 07:28:00 GMT", "x"),
	"a panic":  func(http.ResponseWriter, *http.Request) { panic("no") },
}

func withHeader(name, value, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set(name, value)
		io.WriteString(w, body)
	}
}

func withHeaders(name string, values ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for _, value := range values {
			w.Header().Add(name, value)
		}
		io.WriteString(w, "x")
	}
}

// The guide says where replies differ, and they differ nowhere else.
func TestRepliesDifferAsTheGuideSays(t *testing.T) {
	rows := map[string][]bool{}
	for n, door := range doors {
		event := lambdatest.NewEvent(t, door.source, httptest.NewRequest("GET", "https://shop.example/notes", nil))
		for name, handler := range replies {
			if rows[name] == nil {
				rows[name] = make([]bool, len(doors))
			}
			was, is := reply(t, proxyOf(handler, door.source), event), reply(t, adapter.Wrap(handler, adapter.WithLogger(slog.New(slog.DiscardHandler))), event)
			rows[name][n] = !assert.ObjectsAreEqual(was, is)
		}
	}
	assertInGuide(t, "of a handler, answered other than it was", slices.Sorted(maps.Keys(replies)), rows)
}

// An envelope is a reply as a gateway reads it: whether headers have one value or several,
// and bodies are in base64, makes no difference to a client.
type envelope struct {
	Failed bool
	Status int
	Header map[string][]string
	Body   string
}

func reply(t *testing.T, function any, event []byte) (e envelope) {
	t.Helper()
	defer func() {
		if recover() != nil { // as aws-lambda-go does before it ends the process
			e = envelope{Failed: true}
		}
	}()
	payload, err := lambda.NewHandler(function).Invoke(t.Context(), event)
	if err != nil {
		return envelope{Failed: true}
	}
	var r struct {
		StatusCode        int
		Headers           map[string]string
		MultiValueHeaders map[string][]string
		Cookies           []string
		Body              string
		IsBase64Encoded   bool
	}
	require.NoError(t, json.Unmarshal(payload, &r))
	e = envelope{Status: r.StatusCode, Header: map[string][]string{}, Body: r.Body}
	for name, value := range r.Headers {
		e.Header[http.CanonicalHeaderKey(name)] = []string{value}
	}
	for name, values := range r.MultiValueHeaders {
		e.Header[http.CanonicalHeaderKey(name)] = values
	}
	if len(r.Cookies) > 0 {
		e.Header["Set-Cookie"] = r.Cookies
	}
	if r.IsBase64Encoded {
		body, err := base64.StdEncoding.DecodeString(r.Body)
		require.NoError(t, err)
		e.Body = string(body)
	}
	return e
}

// assertInGuide holds the guide to a table with a row for each name, in which a door is
// marked where something differs. Names that differ nowhere have no row, and are listed
// beneath.
func assertInGuide(t *testing.T, heading string, names []string, rows map[string][]bool) {
	t.Helper()
	var table strings.Builder
	fmt.Fprintf(&table, "| %s |", heading)
	for _, door := range doors {
		fmt.Fprintf(&table, " %s |", door.name)
	}
	table.WriteString("\n|---|:-:|:-:|:-:|:-:|\n")
	var same []string
	for _, name := range names {
		if !slices.Contains(rows[name], true) {
			same = append(same, name)
			continue
		}
		fmt.Fprintf(&table, "| %s |", name)
		for _, differs := range rows[name] {
			fmt.Fprintf(&table, " %s |", map[bool]string{true: "×", false: "–"}[differs])
		}
		table.WriteString("\n")
	}
	fmt.Fprintf(&table, "\nAs it was: %s.\n", strings.Join(same, "; "))
	assert.True(t, strings.Contains(page(t, "MIGRATING.md"), table.String()), "the guide's table is to be:\n%s", &table)
}
