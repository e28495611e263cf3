package parity_test

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"log"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"
)

//go:embed *.go
var sources embed.FS

// modified is when the corpus's files were last changed.
var modified = time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC)

// picture is binary: no UTF-8, with every byte in it.
func picture(size int) string {
	b := make([]byte, size)
	copy(b, "\x89PNG\r\n\x1a\n")
	for i := 8; i < size; i++ {
		b[i] = byte(i * 7)
	}
	return string(b)
}

// corpus are handlers of net/http's own making, and such as applications write.
func corpus() []scenario {
	return []scenario{
		{"many headers", serve(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, len(r.Header)) }), []request{
			get("/", lines(499)...), // with Host, that is as many as net/http takes
			get("/", lines(500)...),
			get("/", lines(1001)...),
		}},
		{"what a request looks like", same(func() http.Handler { return say("ok") }), []request{
			get("/"),
			get("/notes/a%2Fb"),
			get("/notes/a%20b/c+d%2Be"),
			get("/caf%C3%A9/%E2%98%95"),
			get("/what%3Fnow/%23tag"),
			get("/100%25/%252F"),
			get("/%FF%FE"),
			get("/a//b///"),
			get("//evil.example/x"),
			get("/./a/../b"),
			get("/a;v=1/b,c/@me/~x/!$&'()*=:[1]"),
			get("/%41%7e%2d"),
			get(`/a|b"c<d>`),
			get("/a#b"),
			get("/caf\xc3\xa9"),
			get("/a?"),
			get("/a??b=c"),
			get("/search?q=a+b%2Bc&q=%C3%A9&page=2"),
			get("/search?z=1&a=2&m=3&a=4&z=0"),
			get("/search?flag&empty=&=nameless&&x=y"),
			get("/search?q[]=1&q%5B%5D=2&filter[name]=x"),
			get("/search?a=1;b=2&c=3"),
			get("/search?bad=%zz&good=1"),
			get("/search?url=https%3A%2F%2Fexample.com%2F%3Fa%3Db%26c"),
			get("/search?q=%ff"),
			get("/search?q=\xc3\xa9&r=\"x\""),
			get("/100%"),
			get("/a b"),
			get("/", "Accept: text/html, application/json;q=0.9", "Accept-Language: de", "X-Custom: One", "x-lower: two"),
			get("/", "X-Probe: first", "X-Probe: second", "Accept: a/b", "Accept: c/d"),
			get("/", "X-Commas: a, b,c", "X-Commas: d"),
			get("/", "X-Empty:", "X-Spaces:   a  b  ", "X-Quote: \"a\\b\"", "X-Tab: a\tb"),
			get("/", "X-Latin: caf\xe9", "X-UTF8: café"),
			get("/", "X_Under-score: 1", "X-!#$%&'*+.^`|~: 2"),
			get("/", "Cookie: session=abc123; theme=dark"),
			get("/", "Cookie: a=1", "Cookie: b=2; c=\"3 4\""),
			get("/", "Cookie: a=1;b=2 ;;  c"),
			get("/", "Authorization: Bearer abc.def", "Referer: https://example.com/x", "Range: bytes=0-1", "Via: 1.1 proxy", "Pragma: no-cache"),
			get("/", "Content-MD5: abc", "Max-Forwards: 3", "Server: me", "Proxy-Authenticate: x", "WWW-Authenticate: y", "Date: Tue, 03 Feb 2026 04:05:06 GMT"),
			get("/", "Connection: keep-alive, X-Hop", "X-Hop: 1", "Keep-Alive: timeout=5", "TE: trailers", "Proxy-Connection: keep-alive"),
			get("/", "Connection: Upgrade", "Upgrade: websocket"),
			get("/", "Connection: Upgrade", "Upgrade:"),
			get("/", "Connection: Upgrade", "Upgrade:", "Upgrade: , websocket"),
			get("/", "Connection: Upgrade", "Upgrade: H2C"),
			get("/", "Connection: close"),
			get("/", "X-Forwarded-For: 203.0.113.9", "X-Forwarded-For: 198.51.100.1, 10.0.0.1", "X-Forwarded-Proto: ftp", "X-Forwarded-Port: 1", "X-Forwarded-Host: h"),
			get("/", "X-Amzn-Trace-Id: Root=1-67891233-abcdef012345678912345678;Sampled=1"),
			get("/", "X-Amzn-Trace-Id: nonsense", "X-Amzn-Tls-Version: none"),
			get("/", "Host: other.example.com:8443"),
			get("/", "Host: [2001:db8::1]:80"),
			get("/", "Host: two.example", "Host: hosts.example"),
			get("/", "Bad Name: x"),
			get("/", "X-Huge: "+strings.Repeat("h", 7000)),
			get("/", "X-Huge: "+strings.Repeat("h", 6000), "X-Huge: "+strings.Repeat("i", 6000)),
			get("/" + strings.Repeat("long/", 250)),
			get("/" + strings.Repeat("x", 1537)), get("/" + strings.Repeat("x", 1538)),
			send("DELETE", "//"+strings.Repeat("x", 1534)), send("DELETE", "/"+strings.Repeat("x", 1535)),
			get("/" + strings.Repeat("\xbe", 1537)), get("/" + strings.Repeat("\xbe", 1538)),
			send("HEAD", "/"),
			send("DELETE", "/x"),
			send("PATCH", "/x"),
			send("PROPFIND", "/dav"),
			send("get", "/lower"),
			send("POST", "/"),
			send("PUT", "/", "Content-Length: 0"),
			send("OPTIONS", "*"),
			send("GET", "*"),
			send("CONNECT", "app.example.com:443"),
			{line: "GET /old HTTP/1.0"},
			{line: "GET /old HTTP/1.0", header: []string{"Connection: keep-alive"}},
			{line: "GET /old HTTP/1.0", header: []string{"Connection: x Keep-Alive"}},
			{line: "GET /old HTTP/1.0", header: []string{"Connection: close, keep-alive"}},
			{line: "GET /old HTTP/1.0", header: []string{"Connection: x", "Connection: keep-alive"}},
			{line: "GET http://app.example.com/absolute?x=1"},
			{line: "GET /v HTTP/3.1"},
			{line: "GET nothing"},
			{line: "GET /hostless HTTP/1.0", header: []string{"Host:"}},
			{line: "GET /hostless HTTP/1.1", header: []string{"Host:"}},
		}},
		{"what a body looks like", serve(func(w http.ResponseWriter, r *http.Request) {
			n, err := io.Copy(io.Discard, r.Body)
			fmt.Fprintln(w, n, err)
			n, err = io.Copy(io.Discard, r.Body)
			fmt.Fprintln(w, n, err, r.Body.Close())
		}), []request{
			post("/", "application/json", `{"greeting":"hällo ☕","quote":"\"","n":1}`),
			post("/", "text/plain", "plain\r\n\x00\x01\x7f"),
			post("/", "text/plain; charset=iso-8859-1", "caf\xe9"),
			post("/", "text/html", "broken \xff\xfe utf-8 \xe2\x98"),
			post("/", "application/octet-stream", picture(3000)),
			post("/", "application/vnd.api+json", `{"a":1}`),
			post("/", "application/graphql", "{ me { name } }"),
			post("/", "application/xml", gzipped("<a>&amp;</a>"), "Content-Encoding: gzip"),
			post("/", "application/xml", gzipped("<a>&amp;</a>"), "Content-Encoding: X-GZIP"),
			post("/", "application/xml", gzipped(gzipped("<a>&amp;</a>")), "Content-Encoding: gzip"),
			post("/", "application/xml", zlibbed("<a>&amp;</a>"), "Content-Encoding: deflate"),
			post("/", "application/xml", "<a/>", "Content-Encoding: identity"),
			post("/", "application/xml", "<a/>", "Content-Encoding:"),
			post("/", "application/xml", "", "Content-Encoding: gzip"),
			{line: "POST /", chunked: true, header: []string{"Content-Encoding: gzip"}},
			post("/", "application/xml", gzipped("<a/>"), "Content-Encoding: gzip, gzip"),
			post("/", "application/xml", gzipped("<a/>"), "Content-Encoding: gzip", "Content-Encoding: gzip"),
			post("/", "application/xml", "no gzip", "Content-Encoding: gzip"),
			post("/", "application/xml", "a coding of its own", "Content-Encoding: br"),
			{line: "POST /", body: gzipped("cut short")[:30], chunked: true, header: []string{"Content-Encoding: gzip"}},
			{line: "POST /", body: gzipped("and more") + "more", chunked: true, header: []string{"Content-Encoding: gzip"}},
			post("/", "nonsense/;;", "x"),
			{line: "POST /", body: "a body without a type"},
			{line: "PUT /", body: strings.Repeat("é", 9000), header: []string{"Content-Type: text/plain"}},
			{line: "GET /", body: "a GET with a body", header: []string{"Content-Type: text/plain"}},
			{line: "DELETE /", body: "a DELETE with a body"},
			{line: "POST /", body: strings.Repeat("chunk ", 700), chunked: true, header: []string{"Content-Type: text/plain"}},
			{line: "POST /", body: picture(2500), chunked: true, header: []string{"Trailer: X-Sum"}, trailer: "X-Sum: 42"},
			{line: "POST /", chunked: true},
			post("/", "application/json", strings.Repeat("j", 900<<10)),
			post("/", "application/octet-stream", picture(2<<20)),
			post("/", "application/octet-stream", picture(7<<20)),
			post("/", "text/plain", "go ahead", "Expect: 100-continue"),
			post("/", "text/plain", "no way", "Expect: 200-maybe"),
			{line: "POST /", header: []string{"Transfer-Encoding: chunked", "", "5\r\nabcdefgh\r\n0"}},
			{line: "POST /", header: []string{"Transfer-Encoding: chunked", "", "zz\r\nabc\r\n0"}},
			{line: "POST /", header: []string{"Content-Length: five"}},
			{line: "POST /", header: []string{"Transfer-Encoding: gzip"}},
		}},
		{"patterns of ServeMux", same(func() http.Handler {
			mux := http.NewServeMux()
			show := func(w http.ResponseWriter, r *http.Request) {
				fmt.Fprintf(w, "%s id=%q rest=%q host=%s", r.Pattern, r.PathValue("id"), r.PathValue("rest"), r.Host)
			}
			for _, pattern := range []string{
				"GET /items/{id}", "PUT /items/{id}", "/items/{id}/parts/{rest...}", "/exact/{$}", "/tree/",
				"GET admin.example.com/", "POST /{id}", "GET /caf\u00e9",
			} {
				mux.HandleFunc(pattern, show)
			}
			return mux
		}), []request{
			get("/items/42"), get("/items/a%2Fb"), get("/items/a%20b%3F"), send("HEAD", "/items/42"), send("DELETE", "/items/42"),
			get("/items/7/parts/x/y/z%2F1"), get("/items//parts/"), get("/exact/"), get("/exact/x"), get("/tree"), get("/tree?keep=1&this"),
			get("/tree/../items/1"), get("/tree//x"), get("/", "Host: admin.example.com"), get("/", "Host: admin.example.com:8080"),
			post("/new", "text/plain", "x"), get("/new"), get("/caf%C3%A9"), send("OPTIONS", "/items/1"), send("CONNECT", "/items/1"),
		}},
		{"FileServer", same(func() http.Handler {
			page := "<!doctype html><title>t</title><p>" + strings.Repeat("line\n", 600)
			return http.FileServer(http.FS(fstest.MapFS{
				"index.html":     {Data: []byte("<h1>home</h1>"), ModTime: modified},
				"page.html":      {Data: []byte(page), ModTime: modified},
				"style.css":      {Data: []byte("body { color: #000 }"), ModTime: modified},
				"data/a b.txt":   {Data: []byte("spaces"), ModTime: modified},
				"data/pic.png":   {Data: []byte(picture(5000)), ModTime: modified},
				"data/noext":     {Data: []byte("%PDF-1.4 ..."), ModTime: modified},
				"data/empty.txt": {ModTime: modified},
			}))
		}), []request{
			get("/"), get("/index.html"), get("/page.html"), get("/style.css"), get("/data"), get("/data/"), get("/data/a%20b.txt"),
			get("/data/pic.png"), get("/data/noext"), get("/data/empty.txt"), get("/missing"), get("/data/pic.png/"), get("/data%2Fpic.png"),
			send("HEAD", "/page.html"), send("HEAD", "/data/pic.png"), get("/../page.html"), send("HEAD", "/missing"),
			get("/page.html", "Range: bytes=0-9"), get("/page.html", "Range: bytes=-5"), get("/page.html", "Range: bytes=3000-"),
			get("/page.html", "Range: bytes=9000-9999"), get("/data/pic.png", "Range: bytes=0-99,200-299"), get("/page.html", "Range: items=0-1"),
			get("/page.html", "If-Modified-Since: Tue, 03 Feb 2026 04:05:06 GMT"), get("/page.html", "If-Modified-Since: Mon, 02 Feb 2026 04:05:06 GMT"),
			get("/page.html", "If-Unmodified-Since: Mon, 02 Feb 2026 04:05:06 GMT"), get("/page.html", "If-Range: Tue, 03 Feb 2026 04:05:06 GMT", "Range: bytes=1-2"),
		}},
		{"ServeContent with an ETag", serve(func(w http.ResponseWriter, r *http.Request) {
			body := picture(4000)
			sum := sha256.Sum256([]byte(body))
			w.Header().Set("ETag", `"`+hex.EncodeToString(sum[:4])+`"`)
			http.ServeContent(w, r, "picture.png", modified, strings.NewReader(body))
		}), []request{
			get("/"), get("/", `If-None-Match: "x", "e3b0c442"`), get("/", "If-None-Match: *"), get("/", `If-Match: "nope"`), send("HEAD", "/", "If-None-Match: *"),
			get("/", "Range: bytes=10-19", `If-Range: "nope"`),
		}},
		{"files on disk", serve(func(w http.ResponseWriter, r *http.Request) {
			f, err := os.Open("corpus_test.go") // *os.File, which net/http sends by other means
			if err != nil {
				http.Error(w, "no file", http.StatusInternalServerError)
				return
			}
			defer f.Close()
			if strings.HasPrefix(r.URL.Path, "/whole") {
				io.Copy(w, f)
				return
			}
			fmt.Fprint(w, "// ")
			io.CopyN(w, f, 100)
			io.WriteString(w, "\n// end")
		}), []request{get("/whole"), get("/part"), send("HEAD", "/whole")}},
		{"embedded files", same(func() http.Handler {
			sub := must(fs.Sub(sources, "."))
			return http.StripPrefix("/static/", http.FileServerFS(sub))
		}), []request{get("/static/parity_test.go"), get("/static/"), get("/other"), get("/static/%70arity_test.go", "Range: bytes=0-20")}},
		{"redirects", serve(func(w http.ResponseWriter, r *http.Request) {
			switch r.URL.Path {
			case "/relative/here":
				http.Redirect(w, r, "../there?x=1&y=ä b", http.StatusFound)
			case "/absolute":
				http.Redirect(w, r, "https://example.com/to?a=b&c=%20#frag", http.StatusMovedPermanently)
			case "/query":
				http.Redirect(w, r, "?page=2", http.StatusSeeOther)
			case "/typed":
				w.Header().Set("Content-Type", "text/x-custom")
				http.Redirect(w, r, "/", http.StatusTemporaryRedirect)
			default:
				http.RedirectHandler("//other.example/x", http.StatusPermanentRedirect).ServeHTTP(w, r)
			}
		}), []request{get("/relative/here"), get("/absolute"), get("/query?page=1"), send("HEAD", "/absolute"), post("/typed", "text/plain", "x"), get("/x")}},
		{"cookies", serve(func(w http.ResponseWriter, r *http.Request) {
			http.SetCookie(w, &http.Cookie{Name: "plain", Value: "1"})
			if r.URL.Path == "/one" {
				return
			}
			http.SetCookie(w, &http.Cookie{
				Name: "full", Value: "a b,c", Quoted: true, Path: "/p", Domain: "example.com", Expires: modified, MaxAge: 60,
				Secure: true, HttpOnly: true, SameSite: http.SameSiteNoneMode, Partitioned: true,
			})
			http.SetCookie(w, &http.Cookie{Name: "gone", MaxAge: -1, SameSite: http.SameSiteStrictMode})
			w.Header().Add("Set-Cookie", "odd; =x; a=b=c")
			for _, c := range r.Cookies() {
				fmt.Fprintf(w, "%s=%s;", c.Name, c.Value)
			}
		}), []request{get("/one"), get("/"), get("/", "Cookie: plain=1; full=\"a b,c\"; odd"), get("/", "Cookie: x=1", "Cookie: y=2")}},
		{"forms and uploads", serve(func(w http.ResponseWriter, r *http.Request) {
			err := r.ParseMultipartForm(1 << 20)
			fmt.Fprintln(w, err, r.Form.Encode(), r.PostForm.Encode())
			if r.MultipartForm != nil {
				for name, files := range r.MultipartForm.File {
					f := must(files[0].Open())
					sum := sha256.New()
					n := must(io.Copy(sum, f))
					fmt.Fprintf(w, "%s %s %s %d %x\n", name, files[0].Filename, files[0].Header.Get("Content-Type"), n, sum.Sum(nil))
				}
			}
		}), []request{
			post("/f?q=1", "application/x-www-form-urlencoded", "a=1&a=2&b=%C3%A9+x&c"),
			post("/f", "application/x-www-form-urlencoded; charset=utf-8", "bad=%zz&good=1"),
			get("/f?x=1&y=2&x=3"),
			upload("/f", picture(40000)),
			upload("/f?q=2", "text"),
			post("/f", "multipart/form-data", "no boundary"),
			post("/f", "multipart/form-data; boundary=x", "--x\r\nbroken"),
			{line: "PUT /f", header: []string{"Content-Type: application/x-www-form-urlencoded"}, body: "a=put"},
		}},
		{"uploads that go to disk", serve(func(w http.ResponseWriter, r *http.Request) {
			err := r.ParseMultipartForm(1)
			file, header, err2 := r.FormFile("file")
			fmt.Fprintln(w, err, err2)
			if err2 == nil {
				n, err := io.Copy(io.Discard, file)
				_, onDisk := file.(*os.File)
				fmt.Fprintln(w, header.Filename, n, err, onDisk)
				file.Close()
			}
		}), []request{upload("/f", picture(40000)), upload("/f", "text"), post("/f", "multipart/form-data; boundary=x", "--x\r\nbroken")}},
		{"gzip", serve(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Vary", "Accept-Encoding")
			w.Header().Set("Content-Type", "text/plain; charset=utf-8")
			text := strings.Repeat("all work and no play ", 500)
			if !strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
				io.WriteString(w, text)
				return
			}
			w.Header().Set("Content-Encoding", "gzip")
			zip := gzip.NewWriter(w)
			io.WriteString(zip, text)
			zip.Close()
		}), []request{get("/"), get("/", "Accept-Encoding: gzip, br"), send("HEAD", "/", "Accept-Encoding: gzip")}},
		{"compressed without a type", serve(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Encoding", "x-test")
			w.Write([]byte("<html>"))
		}), []request{get("/")}},
		{"TimeoutHandler", same(func() http.Handler {
			h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/slow" {
					<-r.Context().Done()
				}
				w.Header().Set("X-From", "inner")
				fmt.Fprint(w, "in time")
			})
			mux := http.NewServeMux()
			mux.Handle("/slow", http.TimeoutHandler(h, 10*time.Millisecond, "too late"))
			mux.Handle("/quick", http.TimeoutHandler(h, time.Hour, "too late"))
			return mux
		}), []request{get("/quick"), get("/slow")}},
		{"MaxBytesHandler", same(func() http.Handler {
			return http.MaxBytesHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				b, err := io.ReadAll(r.Body)
				if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
					http.Error(w, err.Error(), http.StatusRequestEntityTooLarge)
					return
				}
				fmt.Fprintln(w, len(b), err)
			}), 1000)
		}), []request{
			post("/", "text/plain", strings.Repeat("x", 1000)), post("/", "text/plain", strings.Repeat("x", 1001)), get("/"),
			{line: "POST /", body: strings.Repeat("y", 5000), chunked: true},
		}},
		{"StripPrefix", same(func() http.Handler {
			return http.StripPrefix("/api/v1", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				fmt.Fprintf(w, "%q %q %q", r.URL.Path, r.URL.RawPath, r.RequestURI)
			}))
		}), []request{get("/api/v1/x%2Fy?z"), get("/api/v1"), get("/api/v2/x"), get("/api%2Fv1/x"), get("/api/v10")}},
		{"AllowQuerySemicolons", same(func() http.Handler {
			return http.AllowQuerySemicolons(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.URL.Query()["c"]) }))
		}), []request{get("/?c=1&d=2")}},
		{"CrossOriginProtection", same(func() http.Handler { return http.NewCrossOriginProtection().Handler(say("safe")) }), []request{
			get("/", "Sec-Fetch-Site: cross-site"), post("/", "text/plain", "x", "Sec-Fetch-Site: cross-site"),
			post("/", "text/plain", "x", "Origin: https://app.example.com"), post("/", "text/plain", "x", "Origin: https://evil.example"),
		}},
		{"ReverseProxy", reverseProxy, []request{
			get("/echo/a%2Fb?x=1&y", "X-Keep: yes", "Connection: X-Drop", "X-Drop: no"), post("/echo", "application/octet-stream", picture(3000)),
			get("/cookies"), get("/teapot"), get("/stream"), get("/broken"), send("HEAD", "/echo"), get("/down"), get("/trailer", "TE: trailers"),
			get("/notmodified", "If-None-Match: x"),
		}},
		{"JSON", serve(func(w http.ResponseWriter, r *http.Request) {
			var in map[string]any
			if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
				w.Header().Set("Content-Type", "application/problem+json")
				w.WriteHeader(http.StatusUnprocessableEntity)
				json.NewEncoder(w).Encode(map[string]string{"error": err.Error()})
				return
			}
			w.Header().Set("Content-Type", "application/json")
			json.NewEncoder(w).Encode(map[string]any{"in": in, "html": "<&>\u2028\x00", "unicode": "☕"})
		}), []request{post("/", "application/json", `{"a":[1,2,{"b":null}],"s":"\u00e9 \ud83d\ude0a"}`), post("/", "application/json", `{"a":`), get("/")}},
		{"XML and templates", same(func() http.Handler {
			page := template.Must(template.New("page").Parse(`<!doctype html><h1>{{.Title}}</h1>{{range .Rows}}<li>{{.}}</li>{{end}}`))
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/xml" {
					w.Header().Set("Content-Type", "application/xml")
					io.WriteString(w, xml.Header)
					xml.NewEncoder(w).Encode(struct {
						XMLName xml.Name `xml:"note"`
						Text    string   `xml:"text"`
					}{Text: "<é>"})
					return
				}
				page.Execute(w, map[string]any{"Title": r.URL.Query().Get("title"), "Rows": []string{"a", "<b>", "ç"}})
			})
		}), []request{get("/?title=%3Cscript%3E"), get("/xml"), send("HEAD", "/xml")}},
		{"basic auth", serve(func(w http.ResponseWriter, r *http.Request) {
			if user, password, ok := r.BasicAuth(); !ok || user != "ada" || password != "l:ove" {
				w.Header().Add("WWW-Authenticate", `Basic realm="notes", charset="UTF-8"`)
				w.Header().Add("WWW-Authenticate", "Bearer")
				http.Error(w, "who are you?", http.StatusUnauthorized)
				return
			}
			fmt.Fprint(w, "hello ada")
		}), []request{
			get("/"), get("/", "Authorization: Basic "+base64.StdEncoding.EncodeToString([]byte("ada:l:ove"))), get("/", "Authorization: Basic nonsense"),
		}},
		{"statuses", serve(func(w http.ResponseWriter, r *http.Request) {
			var status int
			fmt.Sscanf(path.Base(r.URL.Path), "%d", &status)
			w.Header().Set("X-Status", path.Base(r.URL.Path))
			w.WriteHeader(status)
			fmt.Fprintf(w, "body of %d", status)
		}), []request{
			get("/200"), get("/201"), get("/204"), get("/205"), get("/299"), get("/304"), get("/400"), get("/418"), get("/451"), get("/500"), get("/503"), get("/599"),
			get("/600"), get("/999"), get("/101"), get("/0"), get("/1000"), send("HEAD", "/404"), send("HEAD", "/204"),
			send("CONNECT", "/200"), send("CONNECT", "/204"), send("CONNECT", "/205"), send("CONNECT", "/304"), send("CONNECT", "/404"),
			send("CONNECT", "/200", "Connection: close"), send("CONNECT", "/204", "Connection: close"), send("CONNECT", "/404", "Connection: close"),
			send("CONNECT", "/204 HTTP/1.0"), send("CONNECT", "/204 HTTP/1.0", "Connection: keep-alive"), send("CONNECT", "/404 HTTP/1.0", "Connection: keep-alive"),
		}},
		{"answers without a body", serve(func(w http.ResponseWriter, r *http.Request) {
			switch r.URL.Path {
			case "/header":
				w.Header().Set("X-Only", "header")
			case "/typed":
				w.Header().Set("Content-Type", "application/json")
			case "/untyped":
				w.Header()["Content-Type"] = nil
				fmt.Fprint(w, "<html>but do not say so")
			case "/empty":
				w.Write(nil)
			case "/flush":
				w.(http.Flusher).Flush()
			case "/nocontent":
				w.Header().Set("Content-Type", "text/plain")
				w.Header().Set("Content-Length", "0")
				w.WriteHeader(http.StatusNoContent)
			}
		}), []request{
			get("/nothing"), get("/header"), get("/typed"), get("/untyped"), get("/empty"), get("/flush"), get("/nocontent"), send("HEAD", "/nothing"),
			send("OPTIONS", "/nothing"), post("/nothing", "text/plain", "unread"),
		}},
		{"headers of answers", serve(func(w http.ResponseWriter, r *http.Request) {
			h := w.Header()
			switch r.URL.Path {
			case "/repeated":
				h["X-Many"] = []string{"a", "b, c", "", "d"}
				h.Add("Vary", "Origin")
				h.Add("Vary", "Accept")
				h.Add("Link", "</a>; rel=preload")
				h.Add("Link", "</b>; rel=preload")
			case "/odd":
				h["x-lower"] = []string{"1"}
				h["X-LOWER"] = []string{"2"}
				h["X-Lower"] = []string{"3"}
				h["Bad Name"] = []string{"x"}
				h["X-Break"] = []string{"a\r\nX-Injected: b"}
				h["X-Trim"] = []string{"  a b  "}
				h["X-Latin"] = []string{"caf\xe9"}
				h["X-Utf8"] = []string{"café"}
			case "/reserved":
				for _, name := range []string{
					"Authorization", "Content-Md5", "Expect", "Host", "Max-Forwards", "Proxy-Authenticate", "User-Agent", "Via", "Age", "Pragma",
					"Server", "Keep-Alive", "Te", "Proxy-Connection", "Range", "Warning", "Alt-Svc", "Strict-Transport-Security",
				} {
					h.Set(name, "x-"+strings.ToLower(name))
				}
			case "/date":
				h.Set("Date", "Tue, 03 Feb 2026 04:05:06 GMT")
			case "/now":
				h.Set("Date", time.Now().UTC().Format(http.TimeFormat))
			case "/close":
				h.Set("Connection", "close")
			case "/huge":
				h.Set("X-Huge", strings.Repeat("h", 20000))
			case "/late":
				w.WriteHeader(http.StatusAccepted)
				h.Set("X-Late", "too late")
				w.WriteHeader(http.StatusOK)
			}
			fmt.Fprint(w, "done")
		}), []request{get("/repeated"), get("/odd"), get("/reserved"), get("/date"), get("/now"), get("/close"), get("/huge"), get("/late")}},
		{"lengths of answers", serve(func(w http.ResponseWriter, r *http.Request) {
			switch r.URL.Path {
			case "/declared":
				w.Header().Set("Content-Length", "5")
				fmt.Fprint(w, "12345")
			case "/short":
				w.Header().Set("Content-Length", "50")
				fmt.Fprint(w, "12345")
			case "/long":
				w.Header().Set("Content-Length", "5")
				n, err := fmt.Fprint(w, "123")
				m, err2 := fmt.Fprint(w, "45678")
				w.Header().Set("X-Late", fmt.Sprint(n, err, m, err2))
			case "/copied":
				w.Header().Set("Content-Length", "700")
				n, err := io.Copy(w, strings.NewReader(strings.Repeat("c", 750)))
				m, err2 := fmt.Fprint(w, "more")
				w.Header().Set("X-Late", fmt.Sprint(n, err, m, err2))
			case "/wrong":
				w.Header().Set("Content-Length", "five")
				fmt.Fprint(w, "12345")
			case "/identity":
				w.Header().Set("Transfer-Encoding", "identity")
				fmt.Fprint(w, "12345")
			case "/big":
				w.Write(bytes.Repeat([]byte("big "), 50_000))
			case "/larger":
				w.Header().Set("Access-Control-Allow-Origin", "*")
				w.Write(bytes.Repeat([]byte("big "), 300_000))
			case "/largest":
				w.Write(bytes.Repeat([]byte("big "), 1_700_000))
			}
		}), []request{
			get("/declared"), get("/short"), get("/long"), get("/copied"), get("/wrong"), get("/identity"), get("/big"), get("/larger"), get("/largest"),
			send("HEAD", "/declared"), send("HEAD", "/wrong"), send("HEAD", "/big"), send("HEAD", "/largest"),
		}},
		{"sniffed types", serve(func(w http.ResponseWriter, r *http.Request) {
			switch r.URL.Path {
			case "/html":
				fmt.Fprint(w, "  <!DOCTYPE HTML>")
			case "/pieces":
				fmt.Fprint(w, "<ht")
				fmt.Fprint(w, "ml>")
			case "/flushed":
				fmt.Fprint(w, "<ht")
				w.(http.Flusher).Flush()
				fmt.Fprint(w, "ml>")
			case "/image":
				io.WriteString(w, picture(100))
			case "/binary":
				w.Write([]byte{0, 1, 2, 0xff})
			case "/xml":
				io.WriteString(w, "<?xml version='1.0'?>")
			case "/from":
				io.Copy(w, strings.NewReader("<ht"))
				io.Copy(w, strings.NewReader("ml>"))
			case "/nosniff":
				w.Header().Set("X-Content-Type-Options", "nosniff")
				fmt.Fprint(w, "<html>")
			case "/empty":
				w.Header().Set("Content-Type", "")
				fmt.Fprint(w, "<html>")
			default:
				fmt.Fprint(w, "text")
			}
		}), []request{
			get("/html"), get("/pieces"), get("/flushed"), get("/image"), get("/binary"), get("/xml"), get("/from"), get("/nosniff"), get("/empty"), get("/text"),
			send("HEAD", "/html"), send("HEAD", "/binary"),
		}},
		{"types of answers", serve(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", r.URL.Query().Get("type"))
			io.WriteString(w, "caf\xc3\xa9 \x00\x1f\u2028 \"\\/")
			if r.URL.Query().Has("binary") {
				io.WriteString(w, "\xff\xfe")
			}
		}), []request{
			get("/?type=application/json"), get("/?type=image/png"), get("/?type=text/plain;charset%3Dlatin1&binary"), get("/?type=application/wasm"),
			get("/?type=text/css&binary"), get("/?type=nonsense"), get("/?type=image/svg%2Bxml"),
		}},
		{"the way back", serve(func(w http.ResponseWriter, r *http.Request) {
			c := http.NewResponseController(w)
			switch r.URL.Path {
			case "/hints":
				w.Header().Set("Link", "</style.css>; rel=preload")
				w.WriteHeader(http.StatusEarlyHints)
				w.WriteHeader(http.StatusProcessing)
				fmt.Fprint(w, "done")
			case "/events":
				w.Header().Set("Content-Type", "text/event-stream")
				for i := range 3 {
					fmt.Fprintf(w, "data: %d\n\n", i)
					c.Flush()
				}
			case "/trailers":
				w.Header().Set("Trailer", "X-Sum")
				fmt.Fprint(w, "body")
				w.Header().Set("X-Sum", "42")
				w.Header().Set(http.TrailerPrefix+"X-More", "43")
			case "/deadlines":
				fmt.Fprintln(w, c.SetReadDeadline(time.Now().Add(time.Hour)), c.SetWriteDeadline(time.Now().Add(time.Hour)), c.EnableFullDuplex())
			case "/forbidden":
				w.WriteHeader(http.StatusNoContent)
				_, err := fmt.Fprint(w, "no body")
				w.Header().Set("X-Late", fmt.Sprint(err))
			}
		}), []request{get("/hints"), get("/events"), get("/trailers"), get("/deadlines"), get("/forbidden"), send("HEAD", "/events")}},
		{"panics", serve(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Access-Control-Allow-Origin", "https://example.com")
			w.Header().Set("X-Secret", "no one's business")
			switch r.URL.Path {
			case "/written":
				fmt.Fprint(w, "half of the")
			case "/flushed":
				fmt.Fprint(w, "half of the")
				w.(http.Flusher).Flush()
			case "/abort":
				panic(http.ErrAbortHandler)
			}
			panic("secret")
		}), []request{get("/"), get("/written"), get("/flushed"), get("/abort"), send("HEAD", "/"), post("/", "text/plain", "unread"), {line: "GET / HTTP/1.0"}}},
		{"early answers", serve(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/some" {
				io.ReadFull(r.Body, make([]byte, 10))
			}
			if r.URL.Path == "/after" {
				fmt.Fprint(w, "first the answer, ")
				w.(http.Flusher).Flush()
				b, _ := io.ReadAll(r.Body)
				w.Header().Set("X-Late", fmt.Sprint(len(b)))
				return
			}
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprint(w, "I have read enough")
		}), []request{
			post("/", "application/octet-stream", picture(100)), post("/", "application/octet-stream", picture(600<<10)),
			post("/some", "text/plain", strings.Repeat("s", 5000)), post("/after", "text/plain", "and then the question"),
			{line: "POST /", body: strings.Repeat("c", 5000), chunked: true}, {line: "POST /some", body: strings.Repeat("c", 5000), chunked: true},
		}},
		{"the request's context", serve(func(w http.ResponseWriter, r *http.Request) {
			server := r.Context().Value(http.ServerContextKey) != nil // as httputil.ReverseProxy asks
			addr := r.Context().Value(http.LocalAddrContextKey)
			fmt.Fprintln(w, server, addr != nil, r.Context().Err(), r.URL.User, r.URL.Fragment, r.URL.Opaque, r.Form, r.MultipartForm, r.Response)
			fmt.Fprintln(w, r.UserAgent(), r.Referer(), r.ProtoMajor, r.ProtoMinor, r.Close)
		}), []request{get("/", "User-Agent: curl/8", "Referer: x"), get("/")}},
		{"a counter", func(testing.TB) http.Handler {
			var n atomic.Int64
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, n.Add(1)) })
		}, []request{get("/"), get("/"), get("/")}},
	}
}

// upload is a form with a file.
func upload(target, content string) request {
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	form.SetBoundary("a-boundary")
	form.WriteField("title", "Ünïcode & more")
	io.WriteString(must(form.CreateFormFile("file", "pic \"1\".png")), content)
	form.Close()
	return post(target, form.FormDataContentType(), b.String())
}

// reverseProxy stands in front of a server of its own.
func reverseProxy(tb testing.TB) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/echo/", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Date", "Tue, 03 Feb 2026 04:05:06 GMT")
		body, err := io.ReadAll(r.Body)
		fmt.Fprintf(w, "%s %s %q %q %d %v", r.Method, r.RequestURI, r.Header["X-Keep"], r.Header["X-Drop"], len(body), err)
	})
	mux.HandleFunc("/cookies", func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "a", Value: "1"})
		http.SetCookie(w, &http.Cookie{Name: "b", Value: "2"})
	})
	mux.HandleFunc("/teapot", func(w http.ResponseWriter, r *http.Request) { http.Error(w, "short and stout", http.StatusTeapot) })
	mux.HandleFunc("/stream", func(w http.ResponseWriter, r *http.Request) {
		for range 3 {
			fmt.Fprint(w, strings.Repeat("s", 100))
			w.(http.Flusher).Flush()
		}
	})
	mux.HandleFunc("/broken", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "100")
		fmt.Fprint(w, "cut")
	})
	mux.HandleFunc("/trailer", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Trailer", "X-Sum")
		fmt.Fprint(w, "body")
		w.Header().Set("X-Sum", "1")
	})
	mux.HandleFunc("/notmodified", func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusNotModified) })
	backend := httptest.NewServer(mux)
	tb.Cleanup(backend.Close)

	to, err := url.Parse(backend.URL)
	require.NoError(tb, err)
	quiet := log.New(io.Discard, "", 0)
	up := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(to) }, ErrorLog: quiet}
	down := &httputil.ReverseProxy{
		Rewrite:  func(r *httputil.ProxyRequest) { r.SetURL(&url.URL{Scheme: "http", Host: "127.0.0.1:0"}) },
		ErrorLog: quiet,
	}
	front := http.NewServeMux()
	front.Handle("/", up)
	front.Handle("/down", down)
	return front
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// lines are n headers that mean nothing, as short as they come.
func lines(n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf("X%d: 1", i)
	}
	return all
}

// zlibbed is a text in the coding deflate.
func zlibbed(text string) string {
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	io.WriteString(w, text)
	w.Close()
	return b.String()
}

// gzipped is a text in gzip's coding.
func gzipped(text string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	io.WriteString(w, text)
	w.Close()
	return b.String()
}
