package gateway_test

import (
	"bufio"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/local/gateway"
)

// A recorder is a backend that remembers the last request and answers what it is told to.
type recorder struct {
	*httptest.Server
	mu     sync.Mutex
	got    *http.Request
	body   string
	answer http.HandlerFunc // nil is 200 with "back"
}

func record(t *testing.T, answer http.HandlerFunc) *recorder {
	b := &recorder{answer: answer}
	b.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		b.mu.Lock()
		b.got, b.body = r, string(body)
		b.mu.Unlock()
		if b.answer != nil {
			b.answer(w, r)
			return
		}
		_, _ = io.WriteString(w, "back")
	}))
	t.Cleanup(b.Close)
	return b
}

// last returns the last request and its body.
func (b *recorder) last() (request *http.Request, body string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.got, b.body
}

// oneRoute makes a gateway of an API with one route.
func oneRoute(t *testing.T, kind gateway.Kind, key string, to gateway.Integration, change ...func(*gateway.API, *gateway.Options)) *gateway.Gateway {
	t.Helper()
	api := gateway.API{Kind: kind, Routes: []gateway.Route{{Key: key, To: to}}}
	options := gateway.Options{Now: clock}
	for _, f := range change {
		f(&api, &options)
	}
	g, err := gateway.New(api, options)
	require.NoError(t, err)
	return g
}

// send sends a request through a gateway.
func send(g http.Handler, method, target, body string, header ...string) *httptest.ResponseRecorder {
	var from io.Reader
	if body != "" {
		from = strings.NewReader(body)
	}
	r := httptest.NewRequest(method, target, from)
	for i := 0; i < len(header); i += 2 {
		r.Header.Add(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	g.ServeHTTP(w, r)
	return w
}

// The matrix is docs/integrations.md, "Headers of REST APIs": a client sends each
// header, a mapping sets each to 'static', and a backend sends each in its answer.
func TestHeadersOfRESTProxies(t *testing.T) {
	const (
		client  = "client"  // the client's value arrives
		static  = "static"  // the mapped one
		absent  = ""        // none
		own     = "own"     // one of the gateway's or the connection's
		refused = "refused" // the request fails
	)
	for _, row := range []struct {
		name            string
		proxied, mapped string // what the backend sees
		answered        string // by which name the client sees the backend's
	}{
		{name: "Accept", proxied: client, mapped: static, answered: "Accept"},
		{name: "Accept-Charset", proxied: client, mapped: static, answered: "Accept-Charset"},
		{name: "Accept-Encoding", proxied: client, mapped: static, answered: "Accept-Encoding"},
		{name: "Age", proxied: client, mapped: static, answered: "Age"},
		{name: "Authorization", proxied: client, mapped: static, answered: "Authorization"},
		{name: "Connection", proxied: absent, mapped: absent, answered: "x-amzn-Remapped-Connection"},
		{name: "Content-Encoding", proxied: absent, mapped: static, answered: "Content-Encoding"}, // unless it is undone, see TestRESTProxyAnswers
		{name: "Content-Length", proxied: own, mapped: refused, answered: "x-amzn-Remapped-Content-Length"},
		{name: "Content-MD5", proxied: absent, mapped: static, answered: "Content-MD5"},
		{name: "Content-Type", proxied: client, mapped: static, answered: "Content-Type"},
		{name: "Date", proxied: client, mapped: static, answered: "x-amzn-Remapped-Date"},
		{name: "Expect", proxied: absent, mapped: absent, answered: "Expect"},
		{name: "Host", proxied: own, mapped: static, answered: "Host"},
		{name: "Max-Forwards", proxied: absent, mapped: static, answered: "Max-Forwards"},
		{name: "Pragma", proxied: client, mapped: static, answered: "Pragma"},
		{name: "Proxy-Authenticate", proxied: absent, mapped: absent, answered: "Proxy-Authenticate"},
		{name: "Range", proxied: client, mapped: static, answered: "Range"},
		{name: "Referer", proxied: client, mapped: static, answered: "Referer"},
		{name: "Server", proxied: absent, mapped: static, answered: "x-amzn-Remapped-Server"},
		{name: "TE", proxied: absent, mapped: absent, answered: ""},
		{name: "Trailer", proxied: absent, mapped: static, answered: "-"},
		{name: "Transfer-Encoding", proxied: absent, mapped: refused, answered: "-"},
		{name: "Upgrade", proxied: absent, mapped: static, answered: ""},
		{name: "Keep-Alive", proxied: absent, mapped: static, answered: ""},
		{name: "User-Agent", proxied: client, mapped: static, answered: "User-Agent"},
		{name: "Via", proxied: absent, mapped: absent, answered: ""},
		{name: "WWW-Authenticate", proxied: absent, mapped: static, answered: "WWW-Authenticate"},
		{name: "Warn", proxied: client, mapped: static, answered: "Warn"},
		{name: "X-Custom", proxied: client, mapped: static, answered: "X-Custom"},
		{name: "X-Amzn-Trace-Id", proxied: own, mapped: refused, answered: "X-Amzn-Trace-Id"},
		{name: "X-Amzn-Apigateway-Api-Id", proxied: own, mapped: refused, answered: "X-Amzn-Apigateway-Api-Id"},
		{name: "x-amzn-requestid", proxied: client, mapped: static, answered: "x-amzn-Remapped-X-Amzn-Requestid"},
		{name: "Access-Control-Allow-Origin", proxied: client, mapped: static, answered: "Access-Control-Allow-Origin"},
	} {
		t.Run(row.name, func(t *testing.T) {
			back, sent := raw(t, row.name), "sent"
			if row.name == "Content-Encoding" {
				sent = "" // a body would have to be what it says
			}
			value := func(g http.Handler) string {
				w := send(g, "POST", "/x", sent, row.name, client)
				if w.Code == http.StatusInternalServerError {
					assert.Equal(t, `{"message": "Internal server error"}`, w.Body.String())
					return refused
				}
				require.Equal(t, http.StatusOK, w.Code, "%s", w.Body)
				switch seen := back.header.Get(row.name); seen {
				case client, static, absent:
					return seen
				}
				return own
			}
			plain := oneRoute(t, gateway.RESTAPI, "POST /x", gateway.HTTPProxy(back.url+"/x", gateway.HTTPProxyOptions{}))
			assert.Equal(t, row.proxied, value(plain), "as the client sent it")
			mapped := oneRoute(t, gateway.RESTAPI, "POST /x", gateway.HTTPProxy(back.url+"/x", gateway.HTTPProxyOptions{
				Parameters: gateway.ParameterMapping{Request: map[string]string{"integration.request.header." + row.name: "'static'"}},
			}))
			assert.Equal(t, row.mapped, value(mapped), "as it was mapped")
			if row.answered == "-" {
				return // it would change how the answer is read
			}
			w := send(plain, "POST", "/x", "sent")
			var names []string
			for name, values := range w.Header() {
				if len(values) > 0 && (values[0] == "backend's" || strings.EqualFold(name, "x-amzn-Remapped-"+row.name) || row.name == "Content-Length" && strings.Contains(name, "Remapped")) {
					names = append(names, name)
				}
			}
			assert.Equal(t, strings.ToLower(row.answered), strings.ToLower(strings.Join(names, " ")), "as the client sees the backend's")
			assert.Equal(t, "back", w.Body.String())
		})
	}
}

func TestRESTProxyRequests(t *testing.T) {
	path := map[string]string{"integration.request.path.proxy": "method.request.path.proxy"}
	for _, test := range []struct {
		name, key, uri string
		options        gateway.HTTPProxyOptions
		method, target string
		body           string
		want           string // method, target and body as the backend sees them
	}{
		{name: "a path parameter (b3)", key: "ANY /{proxy+}", uri: "/petstore/{proxy}", options: mapping(path), target: "/pets/1?type=dog", want: "GET /petstore/pets/1?type=dog "},
		{name: "a path parameter with its plus", key: "ANY /{proxy+}", uri: "/petstore/{proxy+}", options: mapping(path), target: "/pets", want: "GET /petstore/pets "},
		{name: "the client's method for ANY (b3)", key: "ANY /{proxy+}", uri: "/{proxy}", options: gateway.HTTPProxyOptions{Method: "ANY", Parameters: mapping(path).Parameters}, method: "DELETE", target: "/pets", want: "DELETE /pets "},
		{name: "the integration's method, with the client's body (b3)", key: "ANY /x", uri: "/x", options: gateway.HTTPProxyOptions{Method: "POST"}, method: "PUT", target: "/x", body: "b\x00dy", want: "POST /x b\x00dy"},
		{name: "the integration's method for GET", key: "GET /x", uri: "/x", options: gateway.HTTPProxyOptions{Method: "post"}, target: "/x", want: "POST /x "},
		{
			name: "the query of the URI, then the client's; the same name twice (docs/integrations.md)", key: "GET /{pathVar}", uri: "/x?testVar={pathVar}&testQs={qsVar}",
			options: mapping(map[string]string{
				"integration.request.path.pathVar":                "method.request.path.pathVar",
				"integration.request.path.qsVar":                  "method.request.querystring.qsVar",
				"integration.request.querystring.testQueryString": "method.request.querystring.testQueryString",
				"integration.request.querystring.testEmptyQs":     "method.request.header.emptyQueryString",
			}),
			target: "/foobar?testVar=bar&testQs=foo&queryString=foo&testQueryString=foo&qsVar=bar",
			want:   "GET /x?testVar=foobar&testQs=bar&testVar=bar&testQs=foo&queryString=foo&qsVar=bar&testQueryString=foo ",
		},
		{name: "a query as it was sent", key: "GET /x", uri: "/x", target: "/x?a=1+2&a=%20&b&c=", want: "GET /x?a=1+2&a=%20&b&c= "},
		{name: "spaces and slashes of a path parameter", key: "GET /{proxy+}", uri: "/{proxy}", options: mapping(path), target: "/a%20b/c%25d", want: "GET /a%20b/c%25d "},
		{name: "a path parameter in the query", key: "GET /{id}", uri: "/x?id={id}", options: mapping(map[string]string{"integration.request.path.id": "method.request.path.id"}), target: "/a%26b", want: "GET /x?id=a%26b "},
		{name: "a variable of the stage", key: "GET /x", uri: "/${stageVariables.version}/x?${stageVariables.query}", target: "/x", want: "GET /v1/x?a=b "},
		{name: "a parameter without a value", key: "GET /x", uri: "/x/{id}", options: mapping(map[string]string{"integration.request.path.id": "method.request.querystring.id"}), target: "/x", want: "GET /x/ "},
		{name: "a mapping that reads the body leaves it there", key: "POST /x", uri: "/x", options: mapping(map[string]string{"integration.request.querystring.n": "method.request.body.n"}), method: "POST", target: "/x", body: `{"n":7}`, want: `POST /x?n=7 {"n":7}`},
		{name: "a body of unknown length", key: "POST /x", uri: "/x", method: "POST", target: "/x", body: "chunked", want: "POST /x chunked"},
	} {
		t.Run(test.name, func(t *testing.T) {
			back := record(t, nil)
			g := oneRoute(t, gateway.RESTAPI, test.key, gateway.HTTPProxy(back.URL+test.uri, test.options), func(api *gateway.API, _ *gateway.Options) {
				api.StageVariables = map[string]string{"version": "v1", "query": "a=b"}
			})
			r := httptest.NewRequest(orElse(test.method, "GET"), test.target, strings.NewReader(test.body))
			if test.body == "chunked" {
				r.ContentLength = -1
			}
			w := httptest.NewRecorder()
			g.ServeHTTP(w, r)
			require.Equal(t, http.StatusOK, w.Code, "%s", w.Body)
			got, body := back.last()
			assert.Equal(t, test.want, got.Method+" "+got.RequestURI+" "+body)
			assert.Equal(t, int64(len(test.body)), got.ContentLength)
		})
	}
}

// A compressed body is undone before an integration of a REST API sees it (documented:
// compressed payloads), and what cannot be is refused.
func TestCompressedRequests(t *testing.T) {
	var compressed strings.Builder
	z := gzip.NewWriter(&compressed)
	_, _ = io.WriteString(z, "plain")
	require.NoError(t, z.Close())
	for _, test := range []struct{ name, coding, sent, want string }{
		{"gzip", "gzip", compressed.String(), "200 plain"},
		{"none", "identity", "plain", "200 plain"},
		{"no gzip after all", "gzip", "plain", `415 {"message": "Unsupported Media Type"}`},
		{"another coding", "br", "plain", `415 {"message": "Unsupported Media Type"}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			back := record(t, nil)
			back.answer = func(w http.ResponseWriter, r *http.Request) {
				_, body := back.last()
				_, _ = io.WriteString(w, body)
			}
			for name, to := range map[string]gateway.Integration{
				"proxy":  gateway.HTTPProxy(back.URL, gateway.HTTPProxyOptions{}),
				"custom": gateway.CustomHTTP(back.URL, gateway.CustomHTTPOptions{Method: "POST", Mapping: gateway.Mapping{Responses: ok(nil)}}),
			} {
				w := send(oneRoute(t, gateway.RESTAPI, "POST /x", to), "POST", "/x", test.sent, "Content-Encoding", test.coding)
				assert.Equal(t, test.want, fmt.Sprint(w.Code, " ", w.Body), name)
			}
		})
	}
}

func mapping(request map[string]string) gateway.HTTPProxyOptions {
	return gateway.HTTPProxyOptions{Parameters: gateway.ParameterMapping{Request: request}}
}

func orElse(value, otherwise string) string {
	if value == "" {
		return otherwise
	}
	return value
}

// What the backend of a REST API is told, whether the client says anything or not: b2.
func TestRESTProxyIntroducesItself(t *testing.T) {
	back := record(t, nil)
	g := oneRoute(t, gateway.RESTAPI, "GET /x", gateway.HTTPProxy(back.URL, mapping(map[string]string{
		"integration.request.header.headerVar":   "method.request.header.foobar",
		"integration.request.header.emptyheader": "method.request.header.nope",
		"integration.request.header.resource":    "context.resourceId",
	})))
	w := send(g, "GET", "/x", "", "foobar", "mapped-value", "headerVar", "request-value", "X-Amzn-Trace-Id", "Root=1-67891233-abcdef012345678912345678")
	require.Equal(t, http.StatusOK, w.Code)
	got, _ := back.last()
	assert.Equal(t, http.Header{
		"Accept":                   {"application/json"},
		"Foobar":                   {"mapped-value"},
		"Headervar":                {"mapped-value"},
		"Resource":                 {"ao6ohs"},
		"User-Agent":               {"AmazonAPIGateway_a1b2c3d4e5"},
		"X-Amzn-Apigateway-Api-Id": {"a1b2c3d4e5"},
		"X-Amzn-Trace-Id":          {"Root=1-67891233-abcdef012345678912345678"},
	}, got.Header)
	assert.Equal(t, strings.TrimPrefix(back.URL, "http://"), got.Host)
}

func TestRESTProxyAnswers(t *testing.T) {
	compressed := func(w http.ResponseWriter, text string) {
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		_, _ = io.WriteString(z, text)
		_ = z.Close()
	}
	for _, test := range []struct {
		name   string
		answer http.HandlerFunc
		method string
		status int
		header http.Header // besides those of every answer, and the lengths
		body   string
	}{
		{"a status and a body as they are (b5)", func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", 400) }, "", 400, http.Header{"Content-Type": {"text/plain; charset=utf-8"}, "X-Content-Type-Options": {"nosniff"}}, "no\n"},
		{"a redirect is the client's to follow (b3)", func(w http.ResponseWriter, r *http.Request) { w.Header().Set("Location", "/y"); w.WriteHeader(302) }, "", 302, http.Header{"Content-Type": {"application/json"}, "Location": {"/y"}}, ""},
		{"what belongs to the connection", func(w http.ResponseWriter, _ *http.Request) {
			w.Header()["Connection"] = []string{"X-Hop"}
			w.Header()["X-Hop"] = []string{"1"}
			w.Header().Set("Content-Type", "text/html")
		}, "", 200, http.Header{"Content-Type": {"text/html"}, "x-amzn-Remapped-Connection": {"X-Hop"}}, ""},
		{"several cookies (b3)", func(w http.ResponseWriter, _ *http.Request) {
			w.Header()["Set-Cookie"] = []string{"a=1", "b=2"}
			w.Header().Set("Content-Type", "text/html")
		}, "", 200, http.Header{"Content-Type": {"text/html"}, "Set-Cookie": {"a=1", "b=2"}}, ""},
		{"a compressed answer, whose coding is not passed on (b3)", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/plain")
			compressed(w, "plain")
		}, "", 200, http.Header{"Content-Type": {"text/plain"}}, "plain"},
		{"a compressed answer to HEAD", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/plain")
			w.Header().Set("Content-Encoding", "gzip")
		}, "HEAD", 200, http.Header{"Content-Type": {"text/plain"}}, ""},
		{"nothing", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204) }, "", 204, http.Header{"Content-Type": {"application/json"}}, ""},
		{"a status of one's own", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(299) }, "", 299, http.Header{"Content-Type": {"application/json"}}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			g := oneRoute(t, gateway.RESTAPI, "ANY /x", gateway.HTTPProxy(record(t, test.answer).URL, gateway.HTTPProxyOptions{}))
			w := send(g, orElse(test.method, "GET"), "/x", "")
			got := w.Header()
			for _, name := range []string{"x-amzn-RequestId", "x-amz-apigw-id", "Connection", "x-amzn-Remapped-Date"} {
				assert.Contains(t, got, name)
				delete(got, name)
			}
			delete(got, "Content-Length")
			delete(got, "x-amzn-Remapped-Content-Length")
			assert.Equal(t, test.status, w.Code)
			assert.Equal(t, test.header, got)
			assert.Equal(t, test.body, w.Body.String())
		})
	}
}

// The failures of b3, with the bodies recorded there.
func TestProxyFailures(t *testing.T) {
	closed := httptest.NewServer(nil)
	closed.Close()
	secure := httptest.NewUnstartedServer(http.NotFoundHandler())
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.StartTLS()
	defer secure.Close()
	plain := httptest.NewServer(http.NotFoundHandler())
	defer plain.Close()
	hanging := make(chan struct{})
	slow := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-hanging }))
	defer slow.Close()
	defer close(hanging)
	half := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "10")
		_, _ = io.WriteString(w, "half")
	}))
	defer half.Close()

	const (
		network = `504 {"message": "Network error communicating with endpoint"}`
		broken  = `500 {"message": "Internal server error"}`
	)
	for _, test := range []struct {
		name, uri  string
		options    gateway.HTTPProxyOptions
		rest, http string
	}{
		{"nobody listens", closed.URL, gateway.HTTPProxyOptions{}, network, `503 {"message":"Service Unavailable"}`},
		{"a certificate that nobody trusts", secure.URL, gateway.HTTPProxyOptions{}, network, `503 {"message":"Service Unavailable"}`},
		{"plain HTTP to a port with TLS", strings.Replace(secure.URL, "https", "http", 1), gateway.HTTPProxyOptions{}, "400 Client sent an HTTP request to an HTTPS server.\n", "400 Client sent an HTTP request to an HTTPS server.\n"},
		{"TLS to a port without", strings.Replace(plain.URL, "http", "https", 1), gateway.HTTPProxyOptions{}, network, `503 {"message":"Service Unavailable"}`},
		{"another protocol", saying(t, "SSH-2.0-OpenSSH\r\n\r\n"), gateway.HTTPProxyOptions{}, network, `503 {"message":"Service Unavailable"}`},
		{"a status below 100", saying(t, "HTTP/1.1 099 None\r\n\r\n"), gateway.HTTPProxyOptions{}, network, `503 {"message":"Service Unavailable"}`},
		{"another protocol in the middle", saying(t, "HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n"), gateway.HTTPProxyOptions{}, network, `503 {"message":"Service Unavailable"}`},
		{"an answer that is not compressed as it says", saying(t, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\nplain text"), gateway.HTTPProxyOptions{}, network, "200 plain text"},
		{"a compressed answer that ends too early", saying(t, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n\x1f\x8b"), gateway.HTTPProxyOptions{}, network, "200 \x1f\x8b"},
		{"an answer that ends too early", half.URL, gateway.HTTPProxyOptions{}, network, `503 {"message":"Service Unavailable"}`},
		{"no answer in time", slow.URL, gateway.HTTPProxyOptions{Timeout: 50 * time.Millisecond}, `504 {"message": "Endpoint request timed out"}`, `504 {"message":"Gateway Timeout"}`},
		{"a stage variable that is not there", "http://${stageVariables.url}/x", gateway.HTTPProxyOptions{}, broken, `500 {"message":"Internal Server Error"}`},
		{"a port that only a stage variable makes", "http://127.0.0.1:${stageVariables.port}/x", gateway.HTTPProxyOptions{}, broken, `500 {"message":"Internal Server Error"}`},
		{"a certificate that need not be trusted", secure.URL, gateway.HTTPProxyOptions{TLS: gateway.BackendTLS{InsecureSkipVerification: true}}, "404 404 page not found\n", "404 404 page not found\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			for kind, want := range map[gateway.Kind]string{gateway.RESTAPI: test.rest, gateway.HTTPAPI: test.http} {
				g := oneRoute(t, kind, "GET /x", gateway.HTTPProxy(test.uri, test.options), func(api *gateway.API, _ *gateway.Options) {
					api.StageVariables = map[string]string{"port": "22"}
				})
				w := send(g, "GET", "/x", "")
				assert.Equal(t, want, fmt.Sprint(w.Code, " ", w.Body), "%s", kind)
			}
		})
	}
}

// saying starts a server that says the same to every client, whatever it asks, and returns
// its URL.
func saying(t *testing.T, answer string) string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			_, _ = readHeader(bufio.NewReader(conn)) // unread bytes would make the end a reset
			_, _ = io.WriteString(conn, answer)
			conn.Close()
		}
	}()
	return "http://" + listener.Addr().String()
}

// The failure of a call is not taken for one of what decodes its answer.
func TestCompressedAnswersInTime(t *testing.T) {
	hanging := make(chan struct{})
	slow := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		compressed := gzip.NewWriter(w)
		_, _ = io.WriteString(compressed, "begun")
		_ = compressed.Flush()
		_ = http.NewResponseController(w).Flush()
		<-hanging
	}))
	defer slow.Close()
	defer close(hanging)
	g := oneRoute(t, gateway.RESTAPI, "GET /x", gateway.HTTPProxy(slow.URL, gateway.HTTPProxyOptions{Timeout: 50 * time.Millisecond}))
	w := send(g, "GET", "/x", "")
	assert.Equal(t, `504 {"message": "Endpoint request timed out"}`, fmt.Sprint(w.Code, " ", w.Body))
}

func TestProxyMistakes(t *testing.T) {
	for _, test := range []struct {
		name, uri string
		kind      gateway.Kind
		options   gateway.HTTPProxyOptions
		want      string
	}{
		{"no scheme", "example.com", gateway.RESTAPI, gateway.HTTPProxyOptions{}, `gateway: route "GET /x": uri "example.com": Invalid HTTP endpoint specified for URI: it does not begin with http:// or https://`},
		{"a stage variable in place of the scheme (a5.7)", "${stageVariables.url}", gateway.RESTAPI, gateway.HTTPProxyOptions{}, `gateway: route "GET /x": uri "${stageVariables.url}": Invalid HTTP endpoint specified for URI: it does not begin with http:// or https://`},
		{"no host", "http:///x", gateway.RESTAPI, gateway.HTTPProxyOptions{}, `gateway: route "GET /x": uri: the URL "http:///x" does not begin with http:// or https:// and a host`},
		{"a port below 1024 (g)", "http://example.com:22/", gateway.HTTPAPI, gateway.HTTPProxyOptions{}, `gateway: route "GET /x": uri: the URL "http://example.com:22/" has the port 22: API Gateway calls the ports 80, 443 and 1024 to 65535`},
		{"a user", "http://u:secret@example.com/", gateway.HTTPAPI, gateway.HTTPProxyOptions{}, `gateway: route "GET /x": uri: the URL "http://u:xxxxx@example.com/" names a user`},
		{"a method", "http://example.com", gateway.RESTAPI, gateway.HTTPProxyOptions{Method: "FETCH"}, `gateway: route "GET /x": httpMethod "FETCH" is not ANY or one of DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT`},
		{"a placeholder that nothing fills (a5.8)", "http://example.com/{id}", gateway.RESTAPI, gateway.HTTPProxyOptions{}, `gateway: route "GET /x": uri: {id} needs requestParameters to have "integration.request.path.id"`},
		{"a stream of an HTTP API", "http://example.com", gateway.HTTPAPI, gateway.HTTPProxyOptions{Stream: true}, `gateway: route "GET /x": HTTP APIs do not stream`},
		{"a timeout that is too long", "http://example.com", gateway.HTTPAPI, gateway.HTTPProxyOptions{Timeout: time.Minute}, `gateway: route "GET /x": Timeout 1m0s is more than the 30s that HTTP APIs allow`},
		{"a mapping of the wrong kind of API", "http://example.com", gateway.HTTPAPI, mapping(map[string]string{"integration.request.header.x": "'x'"}), `gateway: route "GET /x": requestParameters "integration.request.header.x": the key is none of append:header.NAME, overwrite:header.NAME, remove:header.NAME, append:querystring.NAME, overwrite:querystring.NAME, remove:querystring.NAME, overwrite:path`},
	} {
		t.Run(test.name, func(t *testing.T) {
			err := gateway.API{Kind: test.kind, Routes: []gateway.Route{{Key: "GET /x", To: gateway.HTTPProxy(test.uri, test.options)}}}.Check()
			assert.EqualError(t, err, test.want)
		})
	}
	err := gateway.API{Kind: gateway.LoadBalancer, Default: gateway.HTTPProxy("http://example.com", gateway.HTTPProxyOptions{})}.Check()
	assert.EqualError(t, err, "gateway: Application Load Balancers have no HTTP integrations")
}

// What a server behind an HTTP API gets: b7, and the captures it names.
func TestHTTPAPIProxy(t *testing.T) {
	for _, test := range []struct {
		name, key, uri string
		options        gateway.HTTPProxyOptions
		target, want   string
		header         []string // name and value that the backend sees
	}{
		{name: "parameters by their names", key: "ANY /{proxy+}", uri: "/base/{proxy}", target: "/a/b%20c?q=1&q=2", want: "GET /base/a/b%20c?q=1&q=2"},
		{name: "no parameter in the URI", key: "$default", uri: "/base", target: "/a/b?q=1", want: "GET /base?q=1"},
		{name: "the client is told of", key: "GET /x", uri: "/", target: "/x", want: "GET /", header: []string{"Forwarded", "for=192.0.2.1;host=a1b2c3d4e5.execute-api.us-east-1.amazonaws.com;proto=https", "Via", "HTTP/1.1 AmazonAPIGateway", "X-Forwarded-For", "", "X-Amzn-Apigateway-Api-Id", ""}},
		{name: "the path is another", key: "GET /x/{id}", uri: "/base?own=1", options: mapping(map[string]string{"overwrite:path": "/y/${request.path.id}"}), target: "/x/7?q=1", want: "GET /y/7?own=1&q=1"},
		{name: "a mapping that reads the body", key: "ANY /x", uri: "/", options: mapping(map[string]string{"overwrite:querystring.n": "$request.body.n"}), target: "/x", want: "GET /?n=7"},
		{name: "headers and query are mapped", key: "GET /x", uri: "/", options: mapping(map[string]string{"append:header.trace": "$context.requestId", "overwrite:querystring.q": "$stageVariables.version", "remove:header.x-gone": "''"}), target: "/x?q=1&r=2", want: "GET /?r=2&q=v1", header: []string{"Trace", "ID", "X-Gone", ""}},
	} {
		t.Run(test.name, func(t *testing.T) {
			back := record(t, nil)
			g := oneRoute(t, gateway.HTTPAPI, test.key, gateway.HTTPProxy(back.URL+test.uri, test.options), func(api *gateway.API, _ *gateway.Options) {
				api.StageVariables = map[string]string{"version": "v1"}
			})
			w := send(g, "GET", test.target, `{"n":7}`, "X-Gone", "1")
			require.Equal(t, http.StatusOK, w.Code, "%s", w.Body)
			assert.Equal(t, "text/plain; charset=utf-8", w.Header().Get("Content-Type"))
			got, body := back.last()
			assert.Equal(t, `{"n":7}`, body)
			assert.Equal(t, test.want, got.Method+" "+got.RequestURI)
			for i := 0; i < len(test.header); i += 2 {
				want := test.header[i+1]
				if want == "ID" {
					want = w.Header().Get("Apigw-Requestid")
				}
				assert.Equal(t, want, got.Header.Get(test.header[i]), test.header[i])
			}
			assert.NotEqual(t, "example.com", got.Host, "the backend's own host")
		})
	}
}

func TestHTTPAPIAnswersAreMapped(t *testing.T) {
	back := record(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Server", "back")
		w.WriteHeader(http.StatusNotFound)
		_, _ = io.WriteString(w, `{"id":7}`)
	})
	options := gateway.HTTPProxyOptions{Parameters: gateway.ParameterMapping{Response: map[string]map[string]string{
		"404": {"overwrite:statuscode": "410", "append:header.x-id": "$response.body.id", "remove:header.server": "''"},
	}}}
	w := send(oneRoute(t, gateway.HTTPAPI, "GET /x", gateway.HTTPProxy(back.URL, options)), "GET", "/x", "")
	assert.Equal(t, http.StatusGone, w.Code)
	assert.Equal(t, []string{"7", ""}, []string{w.Header().Get("X-Id"), w.Header().Get("Server")})
	assert.Equal(t, `{"id":7}`, w.Body.String())
}

// Functions of HTTP APIs have their parameters mapped too; those of REST APIs do not.
func TestFunctionsHaveTheirParametersMapped(t *testing.T) {
	mapped := gateway.LambdaOptions{Parameters: gateway.ParameterMapping{
		Request:  map[string]string{"overwrite:path": "/other", "append:header.x-one": "2", "overwrite:querystring.q": "$request.path.id"},
		Response: map[string]map[string]string{"200": {"overwrite:statuscode": "201", "overwrite:header.x-two": "$stageVariables.version"}},
	}}
	g := oneRoute(t, gateway.HTTPAPI, "GET /x/{id}", gateway.Lambda(lambdaFunc(func(_ context.Context, payload []byte) ([]byte, error) {
		return []byte(fmt.Sprintf(`{"statusCode":200,"body":%q}`, fmt.Sprint(
			member(t, string(payload), "rawPath"), " ", member(t, string(payload), "headers", "x-one"), " ", member(t, string(payload), "rawQueryString"),
		))), nil
	}), mapped), func(api *gateway.API, _ *gateway.Options) { api.StageVariables = map[string]string{"version": "v1"} })
	w := send(g, "GET", "/x/7?q=1", "", "X-One", "1")
	assert.Equal(t, "201 v1 /other 1,2 q=7", fmt.Sprint(w.Code, " ", w.Header().Get("X-Two"), " ", w.Body))

	for name, want := range map[string]int{"headerVar": 200, "Content-Length": 500, "transfer-encoding": 500, "Authorization": 500, "Date": 200} {
		ignored := gateway.LambdaOptions{Parameters: gateway.ParameterMapping{Request: map[string]string{"integration.request.header." + name: "'mapped'"}}}
		g := oneRoute(t, gateway.RESTAPI, "GET /x", gateway.Lambda(lambdaFunc(func(_ context.Context, payload []byte) ([]byte, error) {
			assert.Equal(t, "sent", member(t, string(payload), "headers", "Headervar"), "what the client sent (b2)")
			return []byte(`{"statusCode":200}`), nil
		}), ignored))
		w := send(g, "GET", "/x", "", "headerVar", "sent")
		assert.Equal(t, want, w.Code, "a mapping to %s (b2)", name)
	}
}

func TestBackendsNeedAddresses(t *testing.T) {
	api := gateway.API{Kind: gateway.RESTAPI, Routes: []gateway.Route{{Key: "/", To: gateway.HTTPProxy("http://example.com", gateway.HTTPProxyOptions{})}}}
	_, err := gateway.New(api, gateway.Options{Backends: map[string]string{"example.com": "localhost"}})
	assert.EqualError(t, err, `gateway: the backend "example.com" has the address "localhost", which is not like 127.0.0.1:8080`)
}

// The answer goes on while it comes, and nothing of it is held.
func TestProxyStreams(t *testing.T) {
	more := make(chan struct{})
	back := record(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = io.WriteString(w, "one ")
		_ = http.NewResponseController(w).Flush()
		<-more
		_, _ = io.WriteString(w, "two")
	})
	front := httptest.NewServer(oneRoute(t, gateway.RESTAPI, "GET /x", gateway.HTTPProxy(back.URL, gateway.HTTPProxyOptions{Stream: true})))
	defer front.Close()
	response, err := http.Get(front.URL + "/x")
	require.NoError(t, err)
	defer response.Body.Close()
	first := make([]byte, 4)
	_, err = io.ReadFull(response.Body, first)
	require.NoError(t, err)
	close(more)
	rest, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	assert.Equal(t, "one two", string(first)+string(rest))
	assert.Equal(t, "text/event-stream", response.Header.Get("Content-Type"))
}

// Observe is shown both sides of the backend.
func TestObserveSeesTheBackend(t *testing.T) {
	back := record(t, func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", http.StatusTeapot) })
	var seen gateway.Exchange
	g := oneRoute(t, gateway.RESTAPI, "POST /x", gateway.HTTPProxy(back.URL+"/y", gateway.HTTPProxyOptions{}), func(_ *gateway.API, o *gateway.Options) {
		o.Observe = func(x gateway.Exchange) { seen = x }
	})
	send(g, "POST", "/x", "sent", "X-One", "1")
	require.NotNil(t, seen.Mapped)
	assert.Equal(t, "http_proxy", seen.Integration)
	assert.Equal(t, "POST "+back.URL+"/y sent", seen.Mapped.Method+" "+seen.Mapped.URL+" "+string(seen.Mapped.Body))
	assert.Equal(t, "1", seen.Mapped.Header.Get("X-One"))
	assert.Equal(t, "418 no\n", fmt.Sprint(seen.Mapped.Status, " ", string(seen.Mapped.Answer)))
	assert.Equal(t, "text/plain; charset=utf-8", seen.Mapped.AnswerHeader.Get("Content-Type"))
}

// 10 MB is what API Gateway takes and gives (b7; g).
func TestProxiesHaveTheLimitsOfTheirAPI(t *testing.T) {
	const limit = 10 << 20
	back := record(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.CopyN(w, endless{}, 1+limit)
	})
	for kind, want := range map[gateway.Kind][2]string{
		gateway.RESTAPI: {`413 {"message":"Request Too Long"}`, `500 {"message": "Internal server error"}`},
		gateway.HTTPAPI: {`413 {"message":"Request Entity Too Large"}`, `500 {"message":"Internal Server Error"}`},
	} {
		g := oneRoute(t, kind, "POST /x", gateway.HTTPProxy(back.URL, gateway.HTTPProxyOptions{}))
		for _, length := range []int64{1 + limit, -1} {
			r := httptest.NewRequest("POST", "/x", io.LimitReader(endless{}, 1+limit))
			r.ContentLength = length
			w := httptest.NewRecorder()
			g.ServeHTTP(w, r)
			assert.Equal(t, want[0], fmt.Sprint(w.Code, " ", w.Body), "%s: a request of %d bytes", kind, length)
		}
		w := send(g, "POST", "/x", "")
		assert.Equal(t, want[1], fmt.Sprint(w.Code, " ", w.Body), "%s: an answer", kind)
	}
}

// endless reads as zeros.
type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }
