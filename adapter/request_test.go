package adapter_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"io"
	"math/big"
	"mime/multipart"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/adapter"
)

// seen is a request as a handler sees it: every field of http.Request that net/http's
// server sets.
type seen struct {
	Method, RequestURI, Proto string
	ProtoMajor, ProtoMinor    int
	URL                       url.URL
	Header                    http.Header
	Host, RemoteAddr, Pattern string
	Body                      string
	ContentLength             int64
	TransferEncoding          []string
	Close                     bool
	Trailer                   http.Header
	PathValues                map[string]string // of the names a row asks for
	TLS                       *connection
}

// connection is what is known of the client's TLS connection.
type connection struct {
	Handshake       bool
	ServerName      string
	Version, Cipher uint16
	Peers           []string // the certificates' subjects
}

func look(t testing.TB, r *http.Request, pathValues map[string]string) *seen {
	body, err := io.ReadAll(r.Body)
	assert.NoError(t, err)
	s := &seen{
		Method: r.Method, RequestURI: r.RequestURI, Proto: r.Proto, ProtoMajor: r.ProtoMajor, ProtoMinor: r.ProtoMinor,
		URL: *r.URL, Header: r.Header.Clone(), Host: r.Host, RemoteAddr: r.RemoteAddr, Pattern: r.Pattern,
		Body: string(body), ContentLength: r.ContentLength, TransferEncoding: r.TransferEncoding, Close: r.Close, Trailer: r.Trailer,
	}
	for name := range pathValues {
		if s.PathValues == nil {
			s.PathValues = map[string]string{}
		}
		s.PathValues[name] = r.PathValue(name)
	}
	if r.TLS != nil {
		s.TLS = &connection{
			Handshake: r.TLS.HandshakeComplete, ServerName: r.TLS.ServerName, Version: r.TLS.Version, Cipher: r.TLS.CipherSuite,
		}
		for _, cert := range r.TLS.PeerCertificates {
			s.TLS.Peers = append(s.TLS.Peers, cert.Subject.String())
		}
	}
	return s
}

// notesRequest is what a handler sees of a door's plain event.
func notesRequest(host string) *seen {
	return &seen{
		Method: "GET", RequestURI: "/notes/1", Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		URL: url.URL{Path: "/notes/1"}, Header: http.Header{"Accept": {"*/*"}},
		Host: host, RemoteAddr: "203.0.113.9:0", TLS: &connection{Handshake: true, ServerName: host},
	}
}

// A requestRow is an event, given by what sets it apart from the plain one, and the
// request it becomes, given likewise.
type requestRow struct {
	name string
	edit string
	want func(*seen)
}

func testRequests(t *testing.T, event string, plain func() *seen, rows []requestRow) {
	rows = append([]requestRow{{name: "the plain event"}}, rows...)
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			want := plain()
			if row.want != nil {
				row.want(want)
			}
			var got *seen
			invoke(t, func(_ http.ResponseWriter, r *http.Request) {
				got = look(t, r, want.PathValues)
			}, edit(t, event, row.edit))
			assert.Equal(t, want, got)
		})
	}
}

// target expects a path and a query, and the request's target made of them.
func target(path, rawPath, rawQuery, requestURI string) func(*seen) {
	return func(s *seen) {
		s.URL = url.URL{Path: path, RawPath: rawPath, RawQuery: rawQuery}
		s.RequestURI = requestURI
	}
}

// header expects fields besides, or instead of, those of the plain event; without
// values, none of the name.
func header(name string, values ...string) func(*seen) {
	return func(s *seen) {
		if len(values) == 0 {
			delete(s.Header, name)
			return
		}
		s.Header[name] = values
	}
}

func remoteAddr(addr string) func(*seen) { return func(s *seen) { s.RemoteAddr = addr } }

// body expects the decoded body, and a Content-Length that is true if there is one.
func body(text string) func(*seen) {
	return func(s *seen) {
		s.Body, s.ContentLength = text, int64(len(text))
		if s.Header["Content-Length"] != nil {
			s.Header["Content-Length"] = []string{strconv.Itoa(len(text))}
		}
	}
}

func host(name, serverName string) func(*seen) {
	return func(s *seen) { s.Host, s.TLS.ServerName = name, serverName }
}

func pattern(p string) func(*seen) { return func(s *seen) { s.Pattern = p } }

func pathValue(name, value string) func(*seen) {
	return func(s *seen) { s.PathValues = map[string]string{name: value} }
}

func plainHTTP(s *seen) { s.TLS = nil }

func all(wants ...func(*seen)) func(*seen) {
	return func(s *seen) {
		for _, want := range wants {
			want(s)
		}
	}
}

// encodedPathRows hold wherever the path arrives as the client sent it; member is
// where it stands.
func encodedPathRows(member string) []requestRow {
	path := func(p string) string { return `{"` + member + `": "` + p + `"}` }
	return []requestRow{
		{"an escaped space (rules 1, 62 and 72)", path("/capture/space%20value"), target("/capture/space value", "", "", "/capture/space%20value")},
		{"escaped unicode (rule 2, pitfall 12)", path("/products/%E2%98%95%20Coffee/reviews/%F0%9F%98%8A"),
			target("/products/☕ Coffee/reviews/😊", "", "", "/products/%E2%98%95%20Coffee/reviews/%F0%9F%98%8A")},
		{"plus and %2B stay apart (rule 3, pitfall 8)", path("/a+b%2Bc"), target("/a+b+c", "/a+b%2Bc", "", "/a+b%2Bc")},
		{"a trailing slash stays (rule 5)", path("/notes/1/"), target("/notes/1/", "", "", "/notes/1/")},
		{"%25 is decoded once (rule 69)", path("/pa2%25Fth/1"), target("/pa2%Fth/1", "", "", "/pa2%25Fth/1")},
		{"an escaped slash is no slash (pitfall 1)", path("/a%2Fb%20c"), target("/a/b c", "/a%2Fb%20c", "", "/a%2Fb%20c")},
		{"two slashes are no host (pitfall 5)", path("//evil.com/x"), target("//evil.com/x", "", "", "//evil.com/x")},
		{"slashes inside stay (pitfall 6)", path("/a//b"), target("/a//b", "", "", "/a//b")},
		{"literal unicode is escaped (pitfall 12)", path("/é"), target("/é", "", "", "/%C3%A9")},
		{"marks that may stand in a path (pitfall 8)", path("/a!$'()*,:;=@~b"), target("/a!$'()*,:;=@~b", "/a!$'()*,:;=@~b", "", "/a!$'()*,:;=@~b")},
		{"lower-case escapes stay as they are (pitfall 8)", path("/a%2fb"), target("/a/b", "/a%2fb", "", "/a%2fb")},
		{"an empty path is the root, where no other member has it (pitfall 11)", path(`", "requestContext": {"http": {"path": "/"}}, "x": "`), target("/", "", "", "/")},
	}
}

// headerRows hold wherever a header travels as it was sent; edit puts one into the
// event.
func headerRows(edit func(name string, values ...string) string) []requestRow {
	return []requestRow{
		{"two cookies (rule 18)", edit("cookie", "session=abc123; theme=dark"), header("Cookie", "session=abc123; theme=dark")},
		{"a comma separates no values (rules 25 and 46, pitfall 33)", edit("accept", "text/html, application/json;q=0.9"),
			header("Accept", "text/html, application/json;q=0.9")},
		{"what the front door says of the client stays (pitfall 18)", edit("x-forwarded-port", "443"), header("X-Forwarded-Port", "443")},
		{"an odd cookie (pitfall 41)", edit("cookie", "=; a==b;; ünï"), header("Cookie", "=; a==b;; ünï")},
		{"nothing is taken from headers (pitfall 42)", edit("x-golambdaproxy-apigw-context", `{}`), header("X-Golambdaproxy-Apigw-Context", "{}")},
		{"the trace header stays (pitfall 45)", edit("x-amzn-trace-id", "Root=1-5c34e7d4-00ca239424b68028d4c56d68"),
			header("X-Amzn-Trace-Id", "Root=1-5c34e7d4-00ca239424b68028d4c56d68")},
		{"an empty value (pitfall 59)", edit("x-empty", ""), header("X-Empty", "")},
	}
}

// inMaps puts a field into both maps of payload format 1.0, the last value in the
// single one.
func inMaps(name string, values ...string) string {
	multi, _ := json.Marshal(values)
	single, _ := json.Marshal(values[len(values)-1])
	return `{"multiValueHeaders": {"` + name + `": ` + string(multi) + `}, "headers": {"` + name + `": ` + string(single) + `}}`
}

// inMap puts a field into a map of single values.
func inMap(name string, values ...string) string {
	single, _ := json.Marshal(strings.Join(values, ","))
	return `{"headers": {"` + name + `": ` + string(single) + `}}`
}

// inLists puts a field into the multi-value map alone.
func inLists(member string) func(name string, values ...string) string {
	return func(name string, values ...string) string {
		multi, _ := json.Marshal(values)
		return `{"` + member + `": {"` + name + `": ` + string(multi) + `}}`
	}
}

// bodyRows hold for every front door but for the name of the member that tells base64.
func bodyRows(isBase64 string) []requestRow {
	return []requestRow{
		{"base64 (rules 16 and 38)", `{"body": "AQIDBAU=", "` + isBase64 + `": true}`, body("\x01\x02\x03\x04\x05")},
		{"text (rules 14 and 17)", `{"body": "{\"unicode\":\"lambda-λ\"}", "` + isBase64 + `": false}`, body(`{"unicode":"lambda-λ"}`)},
		{"null (rules 15 and 47, pitfall 22)", `{"body": null}`, body("")},
		{"empty (rule 76)", `{"body": "", "` + isBase64 + `": false}`, body("")},
		{"empty base64 (rule 76)", `{"body": "", "` + isBase64 + `": true}`, body("")},
		{"absent (rule 47)", `{"-body": 0}`, body("")},
		{"nothing said of base64 (rule 82)", `{"body": "aGk=", "-` + isBase64 + `": 0}`, body("aGk=")},
		{"base64 with line breaks (pitfall 23)", `{"body": "AQID\r\nBAU=", "` + isBase64 + `": true}`, body("\x01\x02\x03\x04\x05")},
	}
}

func version1QueryRows() []requestRow {
	query := func(raw string) func(*seen) { return target("/notes/1", "", raw, "/notes/1?"+raw) }
	return []requestRow{
		{"decoded lists are encoded again (rule 7, pitfall 27)", `{"multiValueQueryStringParameters": {"tag": ["C# Programming", ".NET Core"], "q": ["Hello World"]}}`,
			query("q=Hello+World&tag=C%23+Programming&tag=.NET+Core")},
		{"the single map says nothing new (rule 8, pitfall 28)", `{"queryStringParameters": {"tag": "b"}, "multiValueQueryStringParameters": {"tag": ["a", "b"]}}`, query("tag=a&tag=b")},
		{"the single map alone (rule 9, pitfall 28)", `{"queryStringParameters": {"tag": "b"}}`, query("tag=b")},
		{"an empty list map (rule 9)", `{"queryStringParameters": {"tag": "b"}, "multiValueQueryStringParameters": {}}`, query("tag=b")},
		{"a plus is %2B (rule 10)", `{"multiValueQueryStringParameters": {"empty": [""], "encodedPlus": ["a+b"], "literalPlus": ["a b"]}}`,
			query("empty=&encodedPlus=a%2Bb&literalPlus=a+b")},
		{"names are sorted and encoded (pitfall 27)", `{"multiValueQueryStringParameters": {"z": ["1"], "a&b": ["="], "ü": ["%"]}}`, query("a%26b=%3D&z=1&%C3%BC=%25")},
		{"no query (rule 11, pitfall 32)", `{"queryStringParameters": null, "multiValueQueryStringParameters": null}`, nil},
		{"empty maps (pitfall 32)", `{"queryStringParameters": {}, "multiValueQueryStringParameters": {}}`, nil},
	}
}

// version1HeaderRows concern the two maps of payload format 1.0; domain is the API's.
func version1HeaderRows(domain string) []requestRow {
	return append(headerRows(inMaps), []requestRow{
		{"all values, once (rule 12, pitfall 35)", inMaps("x-voker-probe", "first", "second"), header("X-Voker-Probe", "first", "second")},
		{"names that differ in case are one (rule 13, pitfalls 34 and 44)", `{"multiValueHeaders": {"x-thing": ["a", "b"]}, "headers": {"X-THING": "b"}}`, header("X-Thing", "a", "b")},
		{"a name only in the single map (pitfall 34)", `{"headers": {"x-only": "1"}}`, header("X-Only", "1")},
		{"null maps (rules 23 and 24, pitfalls 32, 37 and 118)", `{"headers": null, "multiValueHeaders": null}`,
			all(host(domain, domain), header("Accept"), header("Content-Length"))},
		{"an empty list map (pitfall 36)", `{"=multiValueHeaders": {}}`, nil},
		{"cookies in several lines become one (pitfall 40)", inMaps("cookie", "a=1", "b=2"), header("Cookie", "a=1; b=2")},
		{"Host of any case (pitfall 15)", `{"=multiValueHeaders": {"hOST": ["other.example.com:8443"], "accept": ["*/*"]}}`, host("other.example.com:8443", "other.example.com")},
		{"no Host (rule 21, pitfall 13)", `{"=multiValueHeaders": {"accept": ["*/*"]}, "=headers": {"accept": "*/*"}}`,
			all(host(domain, domain), header("Content-Length"))},
	}...)
}

func TestRequestOfREST(t *testing.T) {
	plain := func() *seen { return notesRequest("api.example.com") }
	sourceIP := func(v string) string { return `{"requestContext": {"identity": {"sourceIp": ` + v + `}}}` }
	clientCert := func(v string) string { return `{"requestContext": {"identity": {"clientCert": ` + v + `}}}` }
	testRequests(t, restEvent, plain, slices.Concat(
		encodedPathRows("path"), bodyRows("isBase64Encoded"), version1QueryRows(),
		version1HeaderRows("r3st.execute-api.us-west-2.amazonaws.com"), addressRows(sourceIP),
		certificateRows(clientCert), []requestRow{
			{"the path is that without the stage (rule 4, pitfall 6)", `{"path": "/proxy-value", "requestContext": {"path": "/stage//proxy-value"}}`,
				target("/proxy-value", "", "", "/proxy-value")},
			{"pathParameters.proxy is no path (rule 5, pitfall 7)", `{"path": "/users/42/x/", "pathParameters": {"proxy": "42/x"}}`,
				target("/users/42/x/", "", "", "/users/42/x/")},
			{"a catch-all says nothing, of any name", `{"resource": "/{rest+}", "=pathParameters": {"rest": "users/42"}}`, nil},
			{"nor does one below a path", `{"resource": "/api/{tenant}/{proxy+}", "=pathParameters": {"tenant": "t1", "proxy": "x/y"}}`, pathValue("tenant", "t1")},
			{"nor does the root beside it", `{"resource": "/"}`, nil},
			{"a body that the front door has inflated has no coding any more", both(inMaps("content-encoding", "gzip"), `{"body": "{\"a\": 1}"}`), body(`{"a": 1}`)},
			{"nor has one that was deflated", both(inMaps("content-encoding", "Deflate"), `{"body": "{\"a\": 1}"}`), body(`{"a": 1}`)},
			{"nor has nothing", inMaps("content-encoding", "gzip"), nil},
			{"a body that is still compressed keeps its coding", both(inMaps("content-encoding", "gzip"), `{"body": "H4sI", "isBase64Encoded": true}`),
				all(body("\x1f\x8b\x08"), header("Content-Encoding", "gzip"))},
			{"also in the zlib format", both(inMaps("content-encoding", "deflate"), `{"body": "eJw=", "isBase64Encoded": true}`),
				all(body("\x78\x9c"), header("Content-Encoding", "deflate"))},
			{"codings that the front door does not know stay", both(inMaps("content-encoding", "br"), `{"body": "x"}`), all(body("x"), header("Content-Encoding", "br"))},
			{"path parameters are decoded once (rule 6)", `{"resource": "/users/{username}", "=pathParameters": {"username": "John%20Doe%2525"}}`,
				all(pattern("/users/{username}"), pathValue("username", "John Doe%25"))},
			{"no Content-Length is invented (rule 14, pitfall 24)", `{"body": "hi"}`, body("hi")},
			{"no User-Agent (rule 20)", `{"requestContext": {"identity": {"userAgent": null}}}`, nil},
			{"a test event of the console (rule 23, pitfalls 11 and 118)", `{"headers": null, "multiValueHeaders": null, "path": null, "requestContext": {"-domainName": 0, "identity": {"sourceIp": "test-invoke-source-ip"}}}`,
				all(target("/", "", "", "/"), host("", ""), header("Accept"), remoteAddr("test-invoke-source-ip:0"))},
			{"unknown members (rule 24)", `{"requestContext": {"tomorrow": {"deep": [1, {"x": null}]}}, "new": 7}`, nil},
			{"no path (pitfall 11)", `{"-path": 0}`, target("/", "", "", "/")},
			{"a proxy before the gateway says http (pitfall 19)", inMaps("X-Forwarded-Proto", "http"), all(header("X-Forwarded-Proto", "http"), plainHTTP)},
			{"method and protocol (pitfall 20)", `{"httpMethod": "PROPFIND", "requestContext": {"protocol": "HTTP/1.0"}}`,
				func(s *seen) { s.Method, s.Proto, s.ProtoMinor = "PROPFIND", "HTTP/1.0", 0 }},
			{"Content-Length is true (pitfall 23)", `{"multiValueHeaders": {"Content-Length": ["1"]}, "body": "hi"}`, all(header("Content-Length", "2"), body("hi"))},
			{"a first segment like the stage is no stage (pitfall 97)", `{"path": "/prod/x"}`, target("/prod/x", "", "", "/prod/x")},
			{"behind a base path mapping (pitfall 98)", `{"path": "/base/notes/1", "requestContext": {"path": "/base/notes/1"}}`, target("/base/notes/1", "", "", "/base/notes/1")},
			{"behind a mapping, with rawPath and version (pitfall 99)", `{"version": "1.0", "rawPath": "/base/notes/1"}`, nil},
			{"certificate in a repeated header is nobody's (rule 22)", inMaps("X-Amzn-Mtls-Clientcert-Leaf", "x"), header("X-Amzn-Mtls-Clientcert-Leaf", "x")},
		}))
}

func TestRequestOfHTTPv1(t *testing.T) {
	plain := func() *seen {
		s := notesRequest("api.example.com")
		s.Header["Content-Length"] = []string{"0"}
		return s
	}
	sourceIP := func(v string) string { return `{"requestContext": {"identity": {"sourceIp": ` + v + `}}}` }
	clientCert := func(v string) string { return `{"requestContext": {"identity": {"clientCert": ` + v + `}}}` }
	testRequests(t, httpV1Event, plain, slices.Concat(
		encodedPathRows("path"), bodyRows("isBase64Encoded"), version1QueryRows(),
		version1HeaderRows("h77p.execute-api.us-west-2.amazonaws.com"), addressRows(sourceIP),
		certificateRows(clientCert), []requestRow{
			{"requestContext.path is decoded and not used (rule 34)", `{"path": "/x/Summer%20Sale", "requestContext": {"path": "/x/Summer Sale"}}`,
				target("/x/Summer Sale", "", "", "/x/Summer%20Sale")},
			{"path parameters arrive decoded (rule 35)", `{"resource": "/orders/{orderName}", "pathParameters": {"orderName": "Summer%20Sale 100%"}}`,
				all(pattern("/orders/{orderName}"), pathValue("orderName", "Summer%20Sale 100%"))},
			{"names of mixed case, a Content-Length that is true (rule 36)", `{"headers": {"Content-Length": "45"}, "multiValueHeaders": {"Content-Length": ["45"]}, "body": "{}"}`, body("{}")},
			{"an empty userAgent (rule 37)", `{"requestContext": {"identity": {"userAgent": ""}}}`, nil},
			{"a named stage stands in the path (rule 52, pitfall 96)", `{"path": "/dev/x", "requestContext": {"stage": "dev"}}`, target("/dev/x", "", "", "/dev/x")},
			{"an emulator's REST event has a version (rule 96)", `{"resource": "/{name}", "requestContext": {"resourcePath": "/{name}", "resourceId": "u0x5wr"}}`, pattern("/{name}")},
			{"an authorizer nested under lambda (pitfall 104)", `{"requestContext": {"authorizer": {"lambda": {"n": 1, "deep": {"a": [true]}}}}}`, nil},
		}))
}

func TestRequestOfHTTPv2(t *testing.T) {
	plain := func() *seen {
		s := notesRequest("api.example.com")
		s.Header["Content-Length"] = []string{"0"}
		return s
	}
	sourceIP := func(v string) string { return `{"requestContext": {"http": {"sourceIp": ` + v + `}}}` }
	clientCert := func(v string) string {
		return `{"requestContext": {"authentication": {"clientCert": ` + v + `}}}`
	}
	testRequests(t, httpV2Event, plain, slices.Concat(
		version2QueryRows(), headerRows(inMap), bodyRows("isBase64Encoded"), addressRows(sourceIP), certificateRows(clientCert), []requestRow{
			{"the path is decoded, the query verbatim (rule 39, pitfall 2)",
				`{"rawPath": "/capture/space value", "rawQueryString": "repeat=one&repeat=two&redirect=https%3A%2F%2Fexample.com%2Fa%2Fb&literalPlus=a+b&encodedPlus=a%2Bb&empty="}`,
				target("/capture/space value", "", "repeat=one&repeat=two&redirect=https%3A%2F%2Fexample.com%2Fa%2Fb&literalPlus=a+b&encodedPlus=a%2Bb&empty=",
					"/capture/space%20value?repeat=one&repeat=two&redirect=https%3A%2F%2Fexample.com%2Fa%2Fb&literalPlus=a+b&encodedPlus=a%2Bb&empty=")},
			{"a percent sign is itself (rule 40, pitfall 9)", `{"rawPath": "/pa2%Fth/100%"}`, target("/pa2%Fth/100%", "", "", "/pa2%25Fth/100%25")},
			{"what looks like an escape is none (rule 40, pitfall 2)", `{"rawPath": "/a%20b"}`, target("/a%20b", "", "", "/a%2520b")},
			{"a question mark is no query (rule 41, pitfall 3)", `{"rawPath": "/users/me?admin=true"}`, target("/users/me?admin=true", "", "", "/users/me%3Fadmin=true")},
			{"a hash is no fragment (rule 41, pitfall 4)", `{"rawPath": "/RSC/@id/assets/rsf0.js#save.txt", "rawQueryString": "a=1"}`,
				target("/RSC/@id/assets/rsf0.js#save.txt", "", "a=1", "/RSC/@id/assets/rsf0.js%23save.txt?a=1")},
			{"unicode (rule 39, pitfall 12)", `{"rawPath": "/☕ Coffee"}`, target("/☕ Coffee", "", "", "/%E2%98%95%20Coffee")},
			{"marks that may stand in a path (pitfall 2)", `{"rawPath": "/a!$'()*,:;=@~b"}`, target("/a!$'()*,:;=@~b", "/a!$'()*,:;=@~b", "", "/a!$'()*,:;=@~b")},
			{"two slashes are no host (pitfall 5)", `{"rawPath": "//evil.com/x"}`, target("//evil.com/x", "", "", "//evil.com/x")},
			{"an empty path, and the other member that has it (pitfall 11)", `{"rawPath": "", "requestContext": {"http": {"path": "/other a/1"}}}`,
				target("/other a/1", "", "", "/other%20a/1")},
			{"no path, and the other member that has it (pitfall 11)", `{"-rawPath": 0, "requestContext": {"http": {"path": "/other"}}}`, target("/other", "", "", "/other")},
			{"an event that a test has made, without a version (pitfall 107)", `{"version": ""}`, nil},
			{"a list of cookies is one line (rule 44, pitfall 38)", `{"cookies": ["session=abc123", "theme=dark"]}`, header("Cookie", "session=abc123; theme=dark")},
			{"joined values cannot be taken apart (rule 45, pitfall 33)", inMap("x-voker-probe", "first", "second"), header("X-Voker-Probe", "first,second")},
			{"a date, an address list, JSON (pitfall 33)", `{"headers": {"if-modified-since": "Wed, 21 Oct 2015 07:28:00 GMT", "x-forwarded-for": "192.0.2.1, 192.0.2.2", "x-json": "{\"a\":1,\"b\":2}"}}`,
				all(header("If-Modified-Since", "Wed, 21 Oct 2015 07:28:00 GMT"), header("X-Forwarded-For", "192.0.2.1, 192.0.2.2"), header("X-Json", `{"a":1,"b":2}`))},
			{"method and protocol (rule 48, pitfall 20)", `{"requestContext": {"http": {"method": "PATCH", "protocol": "HTTP/2.0"}}}`,
				func(s *seen) { s.Method, s.Proto, s.ProtoMajor, s.ProtoMinor = "PATCH", "HTTP/2.0", 2, 0 }},
			{"the route (rule 50)", `{"routeKey": "POST /users/{username}/orders/{orderName}", "pathParameters": {"username": "Jo%20hn", "orderName": "a b"}}`,
				all(pattern("POST /users/{username}/orders/{orderName}"), func(s *seen) { s.PathValues = map[string]string{"username": "Jo%20hn", "orderName": "a b"} })},
			{"scopes null (rule 51)", `{"requestContext": {"authorizer": {"jwt": {"claims": {"sub": "1"}, "scopes": null}}}}`, nil},
			{"claims of odd types (pitfall 103)", `{"requestContext": {"authorizer": {"jwt": {"claims": {"admin": true, "n": 1.5e300, "deep": {"a": []}, "aud": "[a b]"}, "scopes": "x"}}}}`, nil},
			{"a named stage stands in the path (rule 52, pitfall 96)", `{"rawPath": "/dev/testApi", "requestContext": {"stage": "dev"}}`, target("/dev/testApi", "", "", "/dev/testApi")},
			{"no Host (pitfall 13)", `{"headers": {"-host": 0}}`, host("h77p.execute-api.us-west-2.amazonaws.com", "h77p.execute-api.us-west-2.amazonaws.com")},
			{"no headers (pitfall 37)", `{"headers": null}`, all(host("h77p.execute-api.us-west-2.amazonaws.com", "h77p.execute-api.us-west-2.amazonaws.com"), header("Accept"), header("Content-Length"))},
			{"a form (pitfall 119)", `{"headers": {"content-type": "application/x-www-form-urlencoded"}, "body": "YT0xJmI9Mg==", "isBase64Encoded": true}`,
				all(header("Content-Type", "application/x-www-form-urlencoded"), body("a=1&b=2"))},
		}))
}

func TestRequestOfFunctionURL(t *testing.T) {
	plain := func() *seen {
		s := notesRequest("url1d.lambda-url.us-west-2.on.aws")
		s.Header = http.Header{
			"Accept": {"*/*"}, "X-Amzn-Tls-Cipher-Suite": {"TLS_AES_128_GCM_SHA256"},
			"X-Amzn-Tls-Version": {"TLSv1.3"}, "X-Forwarded-Proto": {"https"},
		}
		s.TLS.Version, s.TLS.Cipher = tls.VersionTLS13, tls.TLS_AES_128_GCM_SHA256
		return s
	}
	sourceIP := func(v string) string { return `{"requestContext": {"http": {"sourceIp": ` + v + `}}}` }
	testRequests(t, functionURLEvent, plain, slices.Concat(
		encodedPathRows("rawPath"), version2QueryRows(), headerRows(inMap), bodyRows("isBase64Encoded"), addressRows(sourceIP), []requestRow{
			{"the decoded path is not used (rule 62)", `{"rawPath": "/capture/space%20value", "requestContext": {"http": {"path": "/capture/space value"}}}`,
				target("/capture/space value", "", "", "/capture/space%20value")},
			{"cookies come twice and are seen once (rule 63, pitfall 39)", `{"cookies": ["a=1", "b=2"], "headers": {"cookie": "a=1; b=2"}}`, header("Cookie", "a=1; b=2")},
			{"the list alone (rule 63)", `{"cookies": ["a=1", "b=2"]}`, header("Cookie", "a=1; b=2")},
			{"no routeKey, no stage (rules 64 and 65)", `{"-routeKey": 0, "requestContext": {"-routeKey": 0, "-stage": 0, "-authorizer": 0}}`, nil},
			{"IAM, and no client certificate (rules 66 and 67, pitfall 106)", `{"requestContext": {"authorizer": {"iam": {"accessKey": "AKIA", "callerId": "AIDA"}}, "authentication": null}}`, nil},
			{"a multipart body (rule 68, pitfall 119)", `{"headers": {"content-type": "multipart/form-data; boundary=b"}, "body": "LS1iDQo=", "isBase64Encoded": true}`,
				all(header("Content-Type", "multipart/form-data; boundary=b"), body("--b\r\n"))},
			{"the path of the event, not of its context (rule 69)", `{"rawPath": "/pa2%25Fth/1", "requestContext": {"http": {"path": "/pa2%Fth/1"}}}`, target("/pa2%Fth/1", "", "", "/pa2%25Fth/1")},
			{"no Host (pitfall 13)", `{"headers": {"-host": 0}}`, nil},
		}))
}

func TestRequestOfALB(t *testing.T) {
	plain := func() *seen { return balanced("alb.example.com") }
	forwarded := func(v string) string { return inMap("x-forwarded-for", v) }
	query := func(q string) string { return `{"queryStringParameters": ` + q + `}` }
	testRequests(t, albEvent, plain, slices.Concat(
		encodedPathRows("path"), headerRows(inMap), bodyRows("isBase64Encoded"), forwardedRows(forwarded), []requestRow{
			{"the query is raw (rule 70, pitfall 29)", query(`{"myKey": "%3FshowAll%3Dtrue"}`), target("/notes/1", "", "myKey=%3FshowAll%3Dtrue", "/notes/1?myKey=%3FshowAll%3Dtrue")},
			{"raw names (pitfall 29)", query(`{"q%5B%5D": "a%20b", "b": "c+d"}`), target("/notes/1", "", "b=c+d&q%5B%5D=a%20b", "/notes/1?b=c+d&q%5B%5D=a%20b")},
			{"an invalid escape passes (pitfall 30)", query(`{"p": "100%"}`), target("/notes/1", "", "p=100%", "/notes/1?p=100%")},
			{"what cannot stand in a query is escaped (pitfall 31)", query(`{"a b": "\"|\u0001é#"}`), target("/notes/1", "", "a%20b=%22|%01%C3%A9%23", "/notes/1?a%20b=%22|%01%C3%A9%23")},
			{"a health check (rule 75, pitfall 115)", `{"path": "/", "=headers": {"user-agent": "ELB-HealthChecker/2.0"}}`,
				all(target("/", "", "", "/"), func(s *seen) {
					s.Host, s.RemoteAddr, s.Header = "", "0.0.0.0:0", http.Header{"User-Agent": {"ELB-HealthChecker/2.0"}}
				}, plainHTTP)},
			{"plain HTTP (rule 77)", inMap("x-forwarded-proto", "http"), all(header("X-Forwarded-Proto", "http"), plainHTTP)},
			{"method (pitfall 20)", `{"httpMethod": "DELETE"}`, func(s *seen) { s.Method = "DELETE" }},
			{"header names of any case (pitfall 43)", `{"headers": {"-x-forwarded-for": 0, "X-Forwarded-For": "192.0.2.7"}}`, all(header("X-Forwarded-For", "192.0.2.7"), remoteAddr("192.0.2.7:0"))},
		}))
}

func TestRequestOfALBMulti(t *testing.T) {
	plain := func() *seen { return balanced("alb.example.com") }
	inList := inLists("multiValueHeaders")
	forwarded := func(v string) string { return inList("x-forwarded-for", v) }
	testRequests(t, albMultiEvent, plain, slices.Concat(
		encodedPathRows("path"), headerRows(inList), bodyRows("isBase64Encoded"), forwardedRows(forwarded), []requestRow{
			{"the query is raw (rule 71, pitfall 29)", `{"multiValueQueryStringParameters": {"repeat": ["one", "two"], "encodedPlus": ["a%2Bb"], "literalPlus": ["a+b"]}}`,
				target("/notes/1", "", "encodedPlus=a%2Bb&literalPlus=a+b&repeat=one&repeat=two", "/notes/1?encodedPlus=a%2Bb&literalPlus=a+b&repeat=one&repeat=two")},
			{"Host only in the lists (pitfall 14)", inList("host", "other.example.com"), host("other.example.com", "other.example.com")},
			{"a repeated header (rule 12)", inList("x-thing", "a", "b"), header("X-Thing", "a", "b")},
			{"X-Forwarded-For in two lines (rule 78, pitfall 17)", inList("x-forwarded-for", "6.6.6.6", "192.0.2.7"), all(header("X-Forwarded-For", "6.6.6.6", "192.0.2.7"), remoteAddr("192.0.2.7:0"))},
			{"cookies in several lines become one (pitfall 40)", inList("cookie", "a=1", "b=2"), header("Cookie", "a=1; b=2")},
			{"what cannot stand in a query is escaped (pitfall 31)", `{"multiValueQueryStringParameters": {"a": ["x y", "|"]}}`, target("/notes/1", "", "a=x%20y&a=|", "/notes/1?a=x%20y&a=|")},
			{"plain HTTP (rule 77)", inList("x-forwarded-proto", "http"), all(header("X-Forwarded-Proto", "http"), plainHTTP)},
		}))
}

// Whether Lattice encodes path and query is not known: rows about that are left out.
func TestRequestOfLatticeV1(t *testing.T) {
	plain := func() *seen { return balanced("lattice.example.com") }
	testRequests(t, latticeV1Event, plain, slices.Concat(
		headerRows(inMap), bodyRows("is_base64_encoded"), forwardedRows(func(v string) string { return inMap("x-forwarded-for", v) }), []requestRow{
			{"query and body (rule 80, pitfall 116)", `{"raw_path": "/testpath", "query_string_parameters": {"order-id": "1"}, "body": "eyJ0ZXN0IjogImV2ZW50In0=", "is_base64_encoded": true}`,
				all(target("/testpath", "", "order-id=1", "/testpath?order-id=1"), body(`{"test": "event"}`))},
			{"the query stands in the path, too (pitfall 117)", `{"raw_path": "/testpath?order-id=1", "query_string_parameters": {"order-id": "1"}}`, target("/testpath", "", "order-id=1", "/testpath?order-id=1")},
			{"an empty path (pitfall 11)", `{"raw_path": ""}`, target("/", "", "", "/")},
		}))
}

func TestRequestOfLatticeV2(t *testing.T) {
	plain := func() *seen { return balanced("lattice.example.com") }
	inList := inLists("headers")
	testRequests(t, latticeV2Event, plain, slices.Concat(
		headerRows(inList), headerRows(inMap), bodyRows("isBase64Encoded"), forwardedRows(func(v string) string { return inList("x-forwarded-for", v) }), []requestRow{
			{"lists (rule 81, pitfall 117)", `{"headers": {"x-thing": ["a", "b"]}, "queryStringParameters": {"q": ["1", "2"]}}`,
				all(header("X-Thing", "a", "b"), target("/notes/1", "", "q=1&q=2", "/notes/1?q=1&q=2"))},
			{"strings (rule 81, pitfall 117)", `{"headers": {"x-thing": "a"}, "queryStringParameters": {"q": "1"}}`,
				all(header("X-Thing", "a"), target("/notes/1", "", "q=1", "/notes/1?q=1"))},
			{"text, and nothing said of base64 (rule 82)", `{"body": "eyJ9"}`, body("eyJ9")},
			{"the query stands in the path, too (pitfall 117)", `{"path": "/notes/1?q=1", "queryStringParameters": {"q": ["1"]}}`, target("/notes/1", "", "q=1", "/notes/1?q=1")},
		}))
}

// balanced is the plain request through a front door that tells the client's address
// and protocol in headers only.
func balanced(host string) *seen {
	s := notesRequest(host)
	s.Header["X-Forwarded-For"] = []string{"203.0.113.9"}
	s.Header["X-Forwarded-Proto"] = []string{"https"}
	return s
}

func forwardedRows(edit func(value string) string) []requestRow {
	row := func(name, value, addr string) requestRow {
		return requestRow{name, edit(value), all(header("X-Forwarded-For", value), remoteAddr(addr))}
	}
	return []requestRow{
		row("the last address counts (pitfall 17)", "6.6.6.6, 203.0.113.10", "203.0.113.10:0"),
		row("with a port (rule 78)", "72.12.164.125:51234", "72.12.164.125:51234"),
		row("IPv6 with a port (rule 78)", "[2001:db8::1]:51234", "[2001:db8::1]:51234"),
		row("IPv6 (rule 78, pitfall 16)", "2001:db8::1", "[2001:db8::1]:0"),
		row("empty (pitfall 115)", "", "0.0.0.0:0"),
	}
}

func version2QueryRows() []requestRow {
	return []requestRow{
		{"the string is passed byte by byte (rule 42, pitfall 26)", `{"rawQueryString": "b=1&a=2&b=3&y=&z&p=a+b%2B&s=1;2", "queryStringParameters": {"a": "2", "b": "1,3"}}`,
			target("/notes/1", "", "b=1&a=2&b=3&y=&z&p=a+b%2B&s=1;2", "/notes/1?b=1&a=2&b=3&y=&z&p=a+b%2B&s=1;2")},
		{"the map where there is no string (rule 43)", `{"-rawQueryString": 0, "queryStringParameters": {"q": "a b", "p": "1"}}`, target("/notes/1", "", "p=1&q=a+b", "/notes/1?p=1&q=a+b")},
		{"the map where the string is empty (rule 43)", `{"queryStringParameters": {"q": "a,b"}}`, target("/notes/1", "", "q=a%2Cb", "/notes/1?q=a%2Cb")},
		{"no query (pitfall 32)", `{"rawQueryString": "", "queryStringParameters": null}`, nil},
	}
}

// certificateRows hold wherever a gateway with mutual TLS writes the client's
// certificate.
func certificateRows(edit func(clientCert string) string) []requestRow {
	certificate, _ := json.Marshal(certificatePEM("client"))
	return []requestRow{
		{"a client certificate (rules 22 and 49)", edit(`{"clientCertPem": ` + string(certificate) + `, "subjectDN": "CN=client"}`),
			func(s *seen) { s.TLS.Peers = []string{"CN=client"} }},
		{"an empty certificate (rule 22)", edit(`{"clientCertPem": ""}`), nil},
		{"no certificate in it (rule 22)", edit(`{}`), nil},
		{"null (rule 22)", edit(`null`), nil},
		{"no PEM (rule 22)", edit(`{"clientCertPem": "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"}`), nil},
	}
}

func TestALBClientCertificates(t *testing.T) {
	leaf, ca := certificatePEM("leaf"), certificatePEM("ca")
	// The load balancer percent-encodes all but these three.
	escape := func(text string) string {
		return strings.NewReplacer("%2B", "+", "%2F", "/", "%3D", "=", "+", "%20").Replace(url.QueryEscape(text))
	}
	for name, row := range map[string]struct {
		header, value string
		want          []string
	}{
		"the verified leaf (rule 79)":         {"x-amzn-mtls-clientcert-leaf", escape(leaf), []string{"CN=leaf"}},
		"the chain passed through (rule 79)":  {"x-amzn-mtls-clientcert", escape(leaf + ca), []string{"CN=leaf", "CN=ca"}},
		"what is no PEM is ignored (rule 79)": {"x-amzn-mtls-clientcert-leaf", "%zz", nil},
	} {
		t.Run(name, func(t *testing.T) {
			var got *seen
			invoke(t, func(_ http.ResponseWriter, r *http.Request) { got = look(t, r, nil) },
				edit(t, albEvent, inMap(row.header, row.value)), adapter.WithClientCertificateHeaders())
			assert.Equal(t, row.want, got.TLS.Peers)
		})
	}
	peers := func(t *testing.T, e string, edits []string, opts ...adapter.Option) []string {
		var got *seen
		invoke(t, func(_ http.ResponseWriter, r *http.Request) { got = look(t, r, nil) }, edit(t, e, edits...), opts...)
		return got.TLS.Peers
	}
	renamed := []string{inMap("x-cert", escape(leaf)), inMap("x-amzn-mtls-clientcert", escape(ca))}
	t.Run("without the option nobody is believed", func(t *testing.T) {
		assert.Nil(t, peers(t, albEvent, []string{inMap("x-amzn-mtls-clientcert", escape(leaf))}))
	})
	t.Run("a listener that writes another name, and a client that sends the old one", func(t *testing.T) {
		assert.Equal(t, []string{"CN=leaf"}, peers(t, albEvent, renamed, adapter.WithClientCertificateHeaders("x-cert")))
		assert.Nil(t, peers(t, albEvent, renamed[1:], adapter.WithClientCertificateHeaders("X-Cert")))
	})
	t.Run("with lists", func(t *testing.T) {
		assert.Equal(t, []string{"CN=leaf"}, peers(t, albMultiEvent, []string{`{"multiValueHeaders": {"x-cert": ["` + escape(leaf) + `"]}}`}, adapter.WithClientCertificateHeaders("x-cert")))
	})
	t.Run("a header says nothing behind other front doors", func(t *testing.T) {
		assert.Nil(t, peers(t, functionURLEvent, renamed, adapter.WithClientCertificateHeaders("x-cert")))
	})
	require.Contains(t, escape(leaf), "%0A", "the PEM is encoded")
	require.Contains(t, escape(leaf), "+", "a plus sign is no space")
}

// certificatePEM makes a self-signed certificate.
func certificatePEM(name string) string {
	key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize))
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Unix(0, 0), NotAfter: time.Unix(1<<33, 0),
	}
	der, err := x509.CreateCertificate(nil, template, template, key.Public(), key)
	if err != nil {
		panic(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

// addressRows hold where the gateway tells the client's address.
func addressRows(edit func(value string) string) []requestRow {
	return []requestRow{
		{"IPv4 (rules 19 and 48, pitfall 16)", edit(`"68.8.83.18"`), remoteAddr("68.8.83.18:0")},
		{"IPv6 (pitfall 16)", edit(`"2001:db8::1"`), remoteAddr("[2001:db8::1]:0")},
		{"empty (pitfall 16)", edit(`""`), remoteAddr("0.0.0.0:0")},
		{"null (pitfall 16)", edit(`null`), remoteAddr("0.0.0.0:0")},
	}
}

// What net/http answers with status 400 before any handler runs is answered so here.
func TestRefusedRequests(t *testing.T) {
	rows := []struct {
		name, event, edit, reason string
	}{
		{"REST, a bad escape (pitfall 9)", restEvent, `{"path": "/100%"}`, `invalid URL escape in path "/100%"`},
		{"HTTP API 1.0, a bad escape (pitfall 9)", httpV1Event, `{"path": "/pa2%Fth/1"}`, `invalid URL escape in path "/pa2%Fth/1"`},
		{"function URL, a bad escape (pitfall 9)", functionURLEvent, `{"rawPath": "/pa2%Fth/1"}`, `invalid URL escape in path "/pa2%Fth/1"`},
		{"function URL, a control character in the query", functionURLEvent, `{"rawQueryString": "q=%\u007f"}`, `invalid control character in query "q=%\x7f"`},
		{"HTTP API 2.0, a line end in the query", httpV2Event, `{"rawQueryString": "q=1\n"}`, `invalid control character in query "q=1\n"`},
		{"Lattice, a control character in the query", latticeV1Event, `{"raw_path": "/a?q=\u0001"}`, `invalid control character in query "q=\x01"`},
		{"ALB, a bad escape (pitfall 9)", albEvent, `{"path": "/%zz"}`, `invalid URL escape in path "/%zz"`},
		{"REST, a name that is no token (pitfall 10)", restEvent, inMaps(`a\"a`, "x"), `invalid header name "a\"a"`},
		{"HTTP API, a name that is no token (pitfall 10)", httpV2Event, inMap("bad name", "x"), `invalid header name "bad name"`},
		{"Lattice, an empty name (pitfall 10)", latticeV2Event, inLists("headers")("", "x"), `invalid header name ""`},
		{"a line break in a value (pitfall 59)", httpV2Event, inMap("x-a", "a\r\nb: c"), `invalid value of header "X-A"`},
		{"REST, bad base64 (pitfall 25)", restEvent, `{"body": "*", "isBase64Encoded": true}`, "the event's body is not base64: illegal base64 data at input byte 0"},
		{"ALB, bad base64 (pitfall 25)", albMultiEvent, `{"body": "AQI", "isBase64Encoded": true}`, "the event's body is not base64: illegal base64 data at input byte 0"},
		{"Lattice, bad base64 (pitfall 25)", latticeV1Event, `{"body": "====", "is_base64_encoded": true}`, "the event's body is not base64: illegal base64 data at input byte 0"},
		{"a body that is no string (pitfall 64)", httpV2Event, `{"body": {"a": 1}}`, "the event's body is an object, not a string"},
		{"a method that is no token (pitfall 20)", httpV2Event, `{"requestContext": {"http": {"method": "GET /"}}}`, `malformed HTTP method "GET /"`},
		{"a path that is none (pitfall 5)", restEvent, `{"path": "http://evil.com/"}`, `path "http://evil.com/" does not begin with a slash`},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			never := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the handler was called") })
			out, err := adapter.Wrap(never).Invoke(context.Background(), edit(t, row.event, row.edit))
			require.NoError(t, err)
			got := decode(t, out)
			assert.Equal(t, float64(400), got["statusCode"])
			assert.Equal(t, "400 Bad Request: "+row.reason+"\n", got["body"])
		})
	}
}

// A request goes on through net/http's own parts as one from net/http's server does.
func TestRequestInNetHTTP(t *testing.T) {
	post := `{"requestContext": {"http": {"method": "POST"}}}`
	t.Run("ServeMux's patterns (pitfall 21)", func(t *testing.T) {
		mux := http.NewServeMux()
		mux.HandleFunc("GET /items/{id}/{rest...}", func(w http.ResponseWriter, r *http.Request) {
			io.WriteString(w, r.Pattern+" "+r.PathValue("id")+" "+r.PathValue("rest"))
		})
		out := invoke(t, mux.ServeHTTP, edit(t, restEvent, `{"path": "/items/a%2Fb/c/d"}`))
		assert.Equal(t, "GET /items/{id}/{rest...} a/b c/d", decode(t, out)["body"])
	})
	t.Run("a multipart form (pitfall 119)", func(t *testing.T) {
		var form bytes.Buffer
		mw := multipart.NewWriter(&form)
		require.NoError(t, mw.WriteField("title", "Ünïcode"))
		file, err := mw.CreateFormFile("file", "x.bin")
		require.NoError(t, err)
		file.Write([]byte{0, 0xff})
		require.NoError(t, mw.Close())
		e := edit(t, httpV2Event, post, inMap("content-type", mw.FormDataContentType()),
			`{"isBase64Encoded": true, "body": "`+base64.StdEncoding.EncodeToString(form.Bytes())+`"}`)
		out := invoke(t, func(w http.ResponseWriter, r *http.Request) {
			f, _, err := r.FormFile("file")
			require.NoError(t, err)
			data, err := io.ReadAll(f)
			require.NoError(t, err)
			io.WriteString(w, r.FormValue("title")+" "+strconv.Quote(string(data)))
		}, e)
		assert.Equal(t, `Ünïcode "\x00\xff"`, decode(t, out)["body"])
	})
	t.Run("the address is one for net.SplitHostPort (pitfall 16)", func(t *testing.T) {
		for _, d := range httpDoors() {
			invoke(t, func(_ http.ResponseWriter, r *http.Request) {
				ip, port, err := net.SplitHostPort(r.RemoteAddr)
				assert.NoError(t, err)
				assert.Equal(t, "203.0.113.9 0", ip+" "+port)
			}, []byte(d.event))
		}
	})
	t.Run("a body is never nil (pitfall 22)", func(t *testing.T) {
		for _, d := range httpDoors() {
			invoke(t, func(_ http.ResponseWriter, r *http.Request) {
				assert.Equal(t, http.NoBody, r.Body, d.source)
				assert.NoError(t, r.ParseForm())
			}, []byte(d.event))
		}
	})
	t.Run("a closed body cannot be read (pitfall 22)", func(t *testing.T) {
		invoke(t, func(_ http.ResponseWriter, r *http.Request) {
			assert.NoError(t, r.Body.Close())
			_, err := r.Body.Read(make([]byte, 1))
			assert.Equal(t, http.ErrBodyReadAfterClose, err)
		}, edit(t, httpV2Event, `{"body": "hi"}`))
	})
	t.Run("the same event makes the same query (pitfall 27)", func(t *testing.T) {
		e := edit(t, restEvent, `{"multiValueQueryStringParameters": {"a": ["1"], "b": ["2"], "c": ["3"], "d": ["4"], "e": ["5"]}}`)
		for range 20 {
			invoke(t, func(_ http.ResponseWriter, r *http.Request) { assert.Equal(t, "a=1&b=2&c=3&d=4&e=5", r.URL.RawQuery) }, e)
		}
	})
	t.Run("the query reads as it was meant (rule 70)", func(t *testing.T) {
		invoke(t, func(_ http.ResponseWriter, r *http.Request) {
			assert.Equal(t, url.Values{"myKey": {"?showAll=true"}, "q[]": {"a b"}}, r.URL.Query())
		}, edit(t, albEvent, `{"queryStringParameters": {"myKey": "%3FshowAll%3Dtrue", "q%5B%5D": "a%20b"}}`))
	})
	t.Run("a read deadline that has passed (pitfall 87)", func(t *testing.T) {
		invoke(t, func(w http.ResponseWriter, r *http.Request) {
			require.NoError(t, http.NewResponseController(w).SetReadDeadline(time.Unix(1, 0)))
			_, err := r.Body.Read(make([]byte, 1))
			assert.ErrorIs(t, err, os.ErrDeadlineExceeded)
		}, edit(t, httpV2Event, `{"body": "hi"}`))
	})
}

// both are two edits of one event.
func both(a, b string) string { return strings.TrimSuffix(a, "}") + ", " + strings.TrimPrefix(b, "{") }
