package gateway_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/local/gateway"
	"github.com/lambridge-go/lambridge/local/invoke"
)

const broken = `{"message": "Internal server error"}`

// templates are those for application/json.
func templates(text string) map[string]string { return map[string]string{"application/json": text} }

func ok(templates map[string]string) []gateway.IntegrationResponse {
	return []gateway.IntegrationResponse{{StatusCode: 200, Templates: templates}}
}

// Mocks: docs/integrations.md.
func TestMock(t *testing.T) {
	for _, test := range []struct {
		name           string
		mapping        gateway.Mapping
		method, target string
		body           string
		header         []string
		want           string // status and body
	}{
		{name: "no response template", mapping: gateway.Mapping{RequestTemplates: templates(`{"statusCode": 200}`), Responses: ok(nil)}, want: "200 "},
		{name: "a template without quotes and with a comma too many (b8.4)", mapping: gateway.Mapping{RequestTemplates: templates(`{statusCode: 200,}`), Responses: ok(templates(`{"a": 1}`))}, want: `200 {"a": 1}`},
		{
			name: "the status chooses (b8.1)",
			mapping: gateway.Mapping{RequestTemplates: templates(`{"statusCode": $input.params('status')}`), Responses: []gateway.IntegrationResponse{
				{SelectionPattern: `2\d{2}`, StatusCode: 201, Templates: templates("two")}, {StatusCode: 400, Templates: templates("other")},
			}},
			target: "/x?status=234", want: "201 two",
		},
		{
			name: "or the default", mapping: gateway.Mapping{RequestTemplates: templates(`{"statusCode": $input.params('status')}`), Responses: []gateway.IntegrationResponse{
				{SelectionPattern: `2\d{2}`, StatusCode: 201, Templates: templates("two")}, {StatusCode: 400, Templates: templates("other")},
			}},
			target: "/x?status=2340", want: "400 other",
		},
		{name: "no response is for it (b5.4)", mapping: gateway.Mapping{RequestTemplates: templates(`{"statusCode": 300}`), Responses: []gateway.IntegrationResponse{{SelectionPattern: "200", StatusCode: 200}}}, want: "500 " + broken},
		{name: "no responses at all", mapping: gateway.Mapping{RequestTemplates: templates(`{"statusCode": 200}`)}, want: "500 " + broken},
		{name: "any number is a status (b8.3)", mapping: gateway.Mapping{RequestTemplates: templates(`{"statusCode": -1}`), Responses: ok(nil)}, want: "200 "},
		{name: "a text is none (b8.2)", mapping: gateway.Mapping{RequestTemplates: templates(`{"statusCode": "200"}`), Responses: ok(nil)}, want: "500 " + broken},
		{name: "no status (b8.2)", mapping: gateway.Mapping{RequestTemplates: templates(`{}`), Responses: ok(nil)}, want: "500 " + broken},
		{name: "the body in place of a template (b8.1)", mapping: gateway.Mapping{Responses: ok(nil)}, method: "POST", body: `{"statusCode": 200}`, want: "200 "},
		{name: "a template for another type, and a body without a status (b6)", mapping: gateway.Mapping{RequestTemplates: templates(`{"statusCode": 200}`), Responses: ok(nil)}, method: "POST", body: `x`, header: []string{"Content-Type", "text/plain"}, want: "500 " + broken},
		{
			name:    "a path parameter in both templates (b8.5)",
			mapping: gateway.Mapping{RequestTemplates: templates(`{"statusCode": $input.params('id')}`), Responses: ok(templates(`$input.params().path.id $input.params('id')`))},
			target:  "/x/200", want: "200 200 200",
		},
		{
			name: "the status that the request template overrides (b8.5)",
			mapping: gateway.Mapping{
				RequestTemplates: templates("#set($context.responseOverride.status = 444)\n#set($context.responseOverride.header.foo = \"bar\")\n#set($context.responseOverride.custom = \"is also passed around\")\n{\"statusCode\": 200}"),
				Responses:        ok(templates(`$context.responseOverride.status $context.responseOverride.header.foo $context.responseOverride.custom`)),
			},
			want: "444 444 bar is also passed around",
		},
		{
			name:    "without a response template too (docs/integrations.md)",
			mapping: gateway.Mapping{RequestTemplates: templates(`#set($context.responseOverride.status = 444){"statusCode": 200}`), Responses: ok(nil)}, want: "444 ",
		},
		{
			name: "what the request template overrides is there for the response template (b8.5)",
			mapping: gateway.Mapping{
				RequestTemplates: templates("#set($body = $util.base64Decode($input.params('id')))\n#set($context.requestOverride.path.body = $body)\n{\"statusCode\": 200}"),
				Responses:        ok(templates(`#set($body = $util.parseJson($context.requestOverride.path.body))$body.message`)),
			},
			target: "/x/" + base64.URLEncoding.EncodeToString([]byte(`{"message":"hello"}`)), want: "200 hello",
		},
		{
			name: "overrides by bracket and by put (b8.5)",
			mapping: gateway.Mapping{
				RequestTemplates: templates("#set($name = \"k\")\n#set($context.requestOverride.querystring[$name] = \"a\")\n$context.requestOverride.querystring.put(\"l\", \"b\")\n{\"statusCode\": 200}"),
				Responses:        ok(templates(`$context["requestOverride"].querystring["k"]$context.requestOverride.querystring.l`)),
			},
			want: "200 ab",
		},
		{
			name: "variables", mapping: gateway.Mapping{RequestTemplates: templates(`{"statusCode": 200}`), Responses: ok(templates(`$context.apiId $context.stage $context.resourcePath $context.httpMethod $context.identity.sourceIp $stageVariables.version`))},
			want: "200 a1b2c3d4e5 prod /x/{id} GET 192.0.2.1 v1",
		},
		{name: "a header, in the case that a server of net/http's alone does not keep (docs/integrations.md)", mapping: gateway.Mapping{RequestTemplates: templates(`{"statusCode": 200}`), Responses: ok(templates(`$input.params('HeaderFoo')`))}, header: []string{"HeaderFoo", "bar"}, want: "200 bar"},
		{name: "the request's body is not there in the response (docs/integrations.md)", mapping: gateway.Mapping{RequestTemplates: templates(`{"statusCode": 200}`), Responses: ok(templates(`<$input.path('$.a')>`))}, method: "POST", body: `{"a":1}`, want: "200 <>"},
		{name: "a template that fails (c1)", mapping: gateway.Mapping{RequestTemplates: templates(`#set($a = [1..2000])#foreach($i in $a)x#end`), Responses: ok(nil)}, want: "500 " + broken},
		{name: "NEVER with a template for the type (docs/integrations.md)", mapping: gateway.Mapping{PassthroughBehavior: "never", RequestTemplates: templates(`{"statusCode": 200}`), Responses: ok(nil)}, method: "POST", body: "{}", want: "200 "},
		{name: "NEVER without one (b6)", mapping: gateway.Mapping{PassthroughBehavior: "NEVER", Responses: ok(nil)}, want: `415 {"message": "Unsupported Media Type"}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			key := "ANY /x/{id}"
			if test.target == "" {
				test.target = "/x/1"
			} else if test.target[2] == '?' {
				key = "ANY /x"
			}
			g := oneRoute(t, gateway.RESTAPI, key, gateway.Mock(test.mapping), func(api *gateway.API, _ *gateway.Options) {
				api.StageVariables = map[string]string{"version": "v1"}
			})
			w := send(g, orElse(test.method, "GET"), test.target, test.body, test.header...)
			assert.Equal(t, test.want, fmt.Sprint(w.Code, " ", w.Body))
		})
	}
}

// CORS by mock, as the console, SAM and CDK write it: b8.7.
func TestCORSByMock(t *testing.T) {
	cors := map[string]string{
		"method.response.header.Access-Control-Allow-Origin":  "'*'",
		"method.response.header.Access-Control-Allow-Methods": "'GET,OPTIONS'",
		"method.response.header.Access-Control-Allow-Headers": "'Content-Type,X-Api-Key'",
	}
	for name, test := range map[string]struct {
		request  string
		response gateway.IntegrationResponse
		want     string
	}{
		"the console's": {`{"statusCode": 200}`, gateway.IntegrationResponse{StatusCode: 200, Parameters: cors}, "200 "},
		"SAM's":         {"{\n  \"statusCode\" : 200\n}\n", gateway.IntegrationResponse{StatusCode: 200, Parameters: cors, Templates: templates("{}\n")}, "200 {}\n"},
		"CDK's":         {`{ statusCode: 200 }`, gateway.IntegrationResponse{StatusCode: 204, Parameters: cors}, "204 "},
	} {
		t.Run(name, func(t *testing.T) {
			g := oneRoute(t, gateway.RESTAPI, "OPTIONS /x", gateway.Mock(gateway.Mapping{
				RequestTemplates: templates(test.request), Responses: []gateway.IntegrationResponse{test.response},
			}))
			w := send(g, "OPTIONS", "/x", "", "Origin", "https://example.com", "Access-Control-Request-Method", "GET")
			assert.Equal(t, test.want, fmt.Sprint(w.Code, " ", w.Body))
			assert.Equal(t, []string{"*", "GET,OPTIONS", "Content-Type,X-Api-Key", "application/json"}, []string{
				w.Header().Get("Access-Control-Allow-Origin"), w.Header().Get("Access-Control-Allow-Methods"),
				w.Header().Get("Access-Control-Allow-Headers"), w.Header().Get("Content-Type"),
			})
		})
	}
}

// What a server behind a mapping gets: b2, b3, b6.
func TestCustomHTTPRequests(t *testing.T) {
	for _, test := range []struct {
		name           string
		options        gateway.CustomHTTPOptions
		uri            string
		method, target string
		body           string
		header         []string
		want           string // method, target and body at the backend
		wantHeader     map[string]string
	}{
		{
			name: "nothing is mapped (docs/integrations.md)", options: gateway.CustomHTTPOptions{Method: "GET"},
			target: "/x/1?q=1", header: []string{"Accept", "application/xml", "User-Agent", "own", "X-Custom", "1", "Content-Type", "text/plain"},
			want:       "GET /y ",
			wantHeader: map[string]string{"Accept": "application/json", "User-Agent": "AmazonAPIGateway_a1b2c3d4e5", "X-Amzn-Apigateway-Api-Id": "a1b2c3d4e5", "X-Custom": "", "Content-Type": ""},
		},
		{name: "a body passes as it is", options: gateway.CustomHTTPOptions{Method: "POST"}, method: "PUT", body: "b", want: "POST /y b", wantHeader: map[string]string{"Content-Type": "application/json"}},
		{name: "with the client's type", options: gateway.CustomHTTPOptions{Method: "POST"}, method: "POST", body: "b", header: []string{"Content-Type", "text/csv; charset=x"}, want: "POST /y b", wantHeader: map[string]string{"Content-Type": "text/csv; charset=x"}},
		{name: "and not with GET (b3)", options: gateway.CustomHTTPOptions{Method: "GET"}, method: "POST", body: "b", want: "GET /y "},
		{name: "the client's method", options: gateway.CustomHTTPOptions{Method: "ANY"}, method: "PATCH", body: "b", want: "PATCH /y b"},
		{
			name: "mapped parameters (docs/integrations.md)", uri: "/y/{id}?own=1", target: "/x/a%20b?q=1&q=2",
			options: gateway.CustomHTTPOptions{Method: "GET", Mapping: gateway.Mapping{RequestParameters: map[string]string{
				"integration.request.path.id":              "method.request.path.id",
				"integration.request.querystring.all":      "method.request.multivaluequerystring.q",
				"integration.request.header.contextHeader": "context.resourceId",
				"integration.request.header.testHeader":    "method.request.header.customHeader",
				"integration.request.header.User-Agent":    "'mine'",
				"integration.request.header.Accept":        "'text/xml'",
			}}},
			header: []string{"customHeader", "v"}, want: "GET /y/a%20b?own=1&all=1&all=2 ",
			wantHeader: map[string]string{"Contextheader": "dqkcqu", "Testheader": "v", "User-Agent": "mine", "Accept": "text/xml"},
		},
		{
			name: "a template, chosen by type", method: "POST", body: `{"a":{"b":1}}`, header: []string{"Content-Type", "Application/JSON; charset=utf-8"},
			options: gateway.CustomHTTPOptions{Method: "POST", Mapping: gateway.Mapping{RequestTemplates: map[string]string{"application/json": `{"c": $input.json('$.a'), "q": "$input.params('q')"}`, "text/plain": "other"}}},
			target:  "/x/1?q=2", want: `POST /y {"c": {"b":1}, "q": "2"}`,
		},
		{name: "no type is application/json (docs/integrations.md)", method: "POST", body: `x`, options: gateway.CustomHTTPOptions{Method: "POST", Mapping: gateway.Mapping{RequestTemplates: templates("<$input.body>")}}, want: "POST /y <x>"},
		{name: "no body is an empty object (c1)", method: "POST", options: gateway.CustomHTTPOptions{Method: "POST", Mapping: gateway.Mapping{RequestTemplates: templates("Action=SendMessage&MessageBody=$input.body")}}, want: "POST /y Action=SendMessage&MessageBody={}"},
		{name: "a template for all types (b6)", method: "POST", body: "x", header: []string{"Content-Type", "text/csv"}, options: gateway.CustomHTTPOptions{Method: "POST", Mapping: gateway.Mapping{RequestTemplates: map[string]string{"$default": "<$input.body>"}}}, want: "POST /y <x>"},
		{name: "no template for the type: passes (b6)", method: "POST", body: "x", header: []string{"Content-Type", "text/csv"}, options: gateway.CustomHTTPOptions{Method: "POST", Mapping: gateway.Mapping{RequestTemplates: templates("no")}}, want: "POST /y x"},
		{name: "WHEN_NO_TEMPLATES and none (b6)", method: "POST", body: "x", options: gateway.CustomHTTPOptions{Method: "POST", Mapping: gateway.Mapping{PassthroughBehavior: "when_no_templates"}}, want: "POST /y x"},
		{
			name: "overrides (c3)", uri: "/y/{id}",
			options: gateway.CustomHTTPOptions{Method: "GET", Mapping: gateway.Mapping{
				RequestParameters: map[string]string{"integration.request.path.id": "'mapped'", "integration.request.querystring.q": "'mapped'", "integration.request.header.X-One": "'mapped'"},
				RequestTemplates:  templates(`#set($context.requestOverride.path.id = "o")#set($context.requestOverride.querystring.q = "o")#set($context.requestOverride.header.X-One = "o")`),
			}},
			want: "GET /y/o?q=o ", wantHeader: map[string]string{"X-One": "o"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			back := record(t, nil)
			test.options.Mapping.Responses = ok(nil)
			g := oneRoute(t, gateway.RESTAPI, "ANY /x/{id}", gateway.CustomHTTP(back.URL+orElse(test.uri, "/y"), test.options))
			w := send(g, orElse(test.method, "GET"), orElse(test.target, "/x/1"), test.body, test.header...)
			require.Equal(t, http.StatusOK, w.Code, "%s", w.Body)
			got, body := back.last()
			assert.Equal(t, test.want, got.Method+" "+got.RequestURI+" "+body)
			for name, want := range test.wantHeader {
				assert.Equal(t, want, got.Header.Get(name), name)
			}
		})
	}
}

// No server can be asked with a header that HTTP has no way to write, and none is to blame
// (docs/integrations.md).
func TestHeadersThatAreNone(t *testing.T) {
	custom := func(mapping gateway.Mapping) func(string) gateway.Integration {
		mapping.Responses = ok(nil)
		return func(uri string) gateway.Integration {
			return gateway.CustomHTTP(uri, gateway.CustomHTTPOptions{Method: "POST", Mapping: mapping})
		}
	}
	const body = `{"text": "one\nX-Two: 2", "zero": "\u0000"}`
	for _, test := range []struct {
		name string
		kind gateway.Kind
		to   func(uri string) gateway.Integration
		want string
	}{
		{
			name: "a line break of the body, mapped", kind: gateway.RESTAPI, want: `500 {"message": "Internal server error"}`,
			to: custom(gateway.Mapping{RequestParameters: map[string]string{"integration.request.header.X-One": "method.request.body.text"}}),
		},
		{
			name: "overridden by a template", kind: gateway.RESTAPI, want: `500 {"message": "Internal server error"}`,
			to: custom(gateway.Mapping{RequestTemplates: templates(`#set($context.requestOverride.header.X-One = $input.path('$.text'))`)}),
		},
		{
			name: "another control character", kind: gateway.RESTAPI, want: `500 {"message": "Internal server error"}`,
			to: custom(gateway.Mapping{RequestTemplates: templates(`#set($context.requestOverride.header.X-One = $input.path('$.zero'))`)}),
		},
		{
			name: "a name that is none", kind: gateway.RESTAPI, want: `500 {"message": "Internal server error"}`,
			to: custom(gateway.Mapping{RequestTemplates: templates(`#set($x = $context.requestOverride.header.put("X One", "1"))`)}),
		},
		{
			name: "of an HTTP API", kind: gateway.HTTPAPI, want: `500 {"message":"Internal Server Error"}`,
			to: func(uri string) gateway.Integration {
				return gateway.HTTPProxy(uri, mapping(map[string]string{"append:header.x-one": "$request.body.text"}))
			},
		},
		{
			name: "a tab and what is not ASCII pass", kind: gateway.RESTAPI, want: `200 back`,
			to: custom(gateway.Mapping{RequestParameters: map[string]string{"integration.request.header.X-One": "'a\té'"}}),
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			back := record(t, nil)
			w := send(oneRoute(t, test.kind, "POST /x", test.to(back.URL)), "POST", "/x", body, "Content-Type", "application/json")
			assert.Equal(t, test.want, fmt.Sprint(w.Code, " ", w.Body))
		})
	}
}

func TestUnsupportedMediaTypes(t *testing.T) {
	for _, behavior := range []string{"WHEN_NO_TEMPLATES", "NEVER"} {
		g := oneRoute(t, gateway.RESTAPI, "POST /x", gateway.CustomHTTP("http://127.0.0.1:9999", gateway.CustomHTTPOptions{
			Method: "POST", Mapping: gateway.Mapping{PassthroughBehavior: behavior, RequestTemplates: templates("x"), Responses: ok(nil)},
		}))
		w := send(g, "POST", "/x", "x", "Content-Type", "text/csv")
		assert.Equal(t, `415 {"message": "Unsupported Media Type"}`, fmt.Sprint(w.Code, " ", w.Body), behavior)
		assert.Equal(t, []string{"BadRequestException"}, map[string][]string(w.Header())["x-amzn-ErrorType"])
	}
}

// What comes back through a mapping: b3, b5, c4.
func TestCustomHTTPAnswers(t *testing.T) {
	backend := func(status int, header map[string]string, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			for name, value := range header {
				w.Header().Set(name, value)
			}
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		}
	}
	for _, test := range []struct {
		name      string
		back      http.HandlerFunc
		responses []gateway.IntegrationResponse
		accept    string
		want      string
		header    map[string]string
	}{
		{
			name: "a default turns a failure into a success (b5.5)", back: backend(400, map[string]string{"X-Back": "1", "Content-Type": "text/html"}, "no"), responses: ok(nil),
			want: "200 no", header: map[string]string{"X-Back": "", "Content-Type": "application/json"},
		},
		{
			name: "a pattern chooses by status (docs/integrations.md)", back: backend(404, nil, "x"),
			responses: []gateway.IntegrationResponse{{StatusCode: 200}, {SelectionPattern: `4\d{2}`, StatusCode: 400}}, want: "400 x",
		},
		{
			name: "it has to match the whole status (b5.2)", back: backend(404, nil, "x"),
			responses: []gateway.IntegrationResponse{{StatusCode: 200}, {SelectionPattern: `40`, StatusCode: 400}}, want: "200 x",
		},
		{
			name: "several match: the first", back: backend(404, nil, "x"),
			responses: []gateway.IntegrationResponse{{SelectionPattern: `4.*`, StatusCode: 400}, {SelectionPattern: `.*4`, StatusCode: 404}}, want: "400 x",
		},
		{
			name: "headers are mapped, and some renamed (docs/integrations.md)", back: backend(200, map[string]string{"X-Back": "1", "Server": "s", "Content-Type": "text/html"}, `{"id":7}`),
			responses: []gateway.IntegrationResponse{{StatusCode: 200, Parameters: map[string]string{
				"method.response.header.X-One":        "integration.response.header.X-Back",
				"method.response.header.Server":       "integration.response.header.server",
				"method.response.header.Date":         "'d'",
				"method.response.header.X-Id":         "integration.response.body.id",
				"method.response.header.Content-Type": "integration.response.header.Content-Type",
				"method.response.header.X-None":       "integration.response.header.nope",
			}}},
			want:   `200 {"id":7}`,
			header: map[string]string{"X-One": "1", "x-amzn-Remapped-Server": "s", "x-amzn-Remapped-Date": "d", "X-Id": "7", "Content-Type": "text/html", "X-None": ""},
		},
		{
			name: "a mapping that needs JSON (b4)", back: backend(200, nil, "{text"),
			responses: []gateway.IntegrationResponse{{StatusCode: 200, Parameters: map[string]string{"method.response.header.X-Id": "integration.response.body.id"}}}, want: "500 " + broken,
		},
		{
			name: "a template", back: backend(200, nil, `{"pets":[{"id":1},{"id":2}]}`), responses: ok(templates(`{"ids":[#foreach($p in $input.path('$.pets'))$p.id#if($foreach.hasNext),#end#end], "q": "$input.params('q')"}`)),
			want: `200 {"ids":[1,2], "q": "1"}`,
		},
		{
			name: "a template for what the client accepts (c4)", back: backend(200, nil, `x`), accept: "text/html",
			responses: ok(map[string]string{"application/json": "json", "text/html": "html"}), want: "200 html", header: map[string]string{"Content-Type": "text/html"},
		},
		{
			name: "which is compared whole (c4)", back: backend(200, nil, `x`), accept: "text/html, */*",
			responses: ok(map[string]string{"application/json": "json", "text/html": "html"}), want: "200 json", header: map[string]string{"Content-Type": "application/json"},
		},
		{name: "or any (c4)", back: backend(200, nil, `x`), accept: "*/*", responses: ok(map[string]string{"text/html": "html"}), want: "200 html", header: map[string]string{"Content-Type": "text/html"}},
		{
			name: "overrides (c3)", back: backend(200, nil, `x`),
			responses: []gateway.IntegrationResponse{{StatusCode: 200, Parameters: map[string]string{"method.response.header.X-One": "'mapped'"}, Templates: templates(`#set($context.responseOverride.status = 418)#set($context.responseOverride.header.X-One = "o")y`)}},
			want:      "418 y", header: map[string]string{"X-One": "o"},
		},
		{
			name: "a status that is none is ignored (c3)", back: backend(200, nil, `x`),
			responses: ok(templates(`#set($context.responseOverride.status = 42)y`)), want: "200 y",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			g := oneRoute(t, gateway.RESTAPI, "GET /x", gateway.CustomHTTP(record(t, test.back).URL, gateway.CustomHTTPOptions{Method: "GET", Mapping: gateway.Mapping{Responses: test.responses}}))
			w := send(g, "GET", "/x?q=1", "", "Accept", test.accept)
			assert.Equal(t, test.want, fmt.Sprint(w.Code, " ", w.Body))
			for name, want := range test.header {
				var got string
				if values := w.Header()[name]; len(values) > 0 {
					got = values[0]
				}
				assert.Equal(t, want, got, name)
			}
		})
	}
}

// contentHandling through the whole of an API: docs/integrations.md.
func TestBinaryContent(t *testing.T) {
	const bytes, encoded = "\x89PNG\xff", "iVBOR/8="
	for _, test := range []struct {
		name               string
		request, response  string // contentHandling
		template, answered string // templates
		sent, kind, accept string
		back               string // what the backend sees
		want               string
	}{
		{name: "binary both ways", sent: bytes, kind: "image/png", accept: "image/png", back: bytes, want: "200 " + bytes},
		{name: "binary, and text for the client", sent: bytes, kind: "image/png", accept: "text/plain", back: bytes, want: "200 " + encoded},
		{name: "to text", request: "CONVERT_TO_TEXT", sent: bytes, kind: "image/png", accept: "text/plain", back: encoded, want: "200 " + base64.StdEncoding.EncodeToString([]byte(encoded))},
		{name: "to binary", request: "CONVERT_TO_BINARY", response: "CONVERT_TO_TEXT", sent: encoded, kind: "text/plain", accept: "text/plain", back: bytes, want: "200 \x89PNG\xff"},
		{name: "to binary what is no base64", request: "CONVERT_TO_BINARY", sent: "text!", kind: "text/plain", want: "500 " + broken},
		{name: "a template of a binary body", template: "$input.body", sent: bytes, kind: "image/png", want: "500 " + broken},
		{name: "a template of a body made text", request: "CONVERT_TO_TEXT", template: `{"data": "$input.body"}`, sent: bytes, kind: "image/png", accept: "image/png", back: `{"data": "` + encoded + `"}`, want: `200 {"data": "` + encoded + `"}`},
		{name: "a response template of an answer made text", response: "CONVERT_TO_TEXT", answered: `{"data": "$input.body"}`, sent: bytes, kind: "image/png", accept: "image/png", back: bytes, want: `200 {"data": "` + encoded + `"}`},
		{name: "and of one made binary", response: "CONVERT_TO_BINARY", answered: `{"data": "$input.body"}`, sent: bytes, kind: "image/png", accept: "image/png", back: bytes, want: "500 " + broken},
	} {
		t.Run(test.name, func(t *testing.T) {
			back := record(t, nil)
			back.answer = func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", "image/png")
				_, body := back.last()
				_, _ = io.WriteString(w, body)
			}
			m := gateway.Mapping{ContentHandling: test.request}
			if test.template != "" {
				m.RequestTemplates = map[string]string{"$default": test.template}
			}
			response := gateway.IntegrationResponse{StatusCode: 200, ContentHandling: test.response}
			if test.answered != "" {
				response.Templates = templates(test.answered)
			}
			m.Responses = []gateway.IntegrationResponse{response}
			if test.name == "to binary" {
				m.Responses[0].ContentHandling = "CONVERT_TO_BINARY"
			}
			g := oneRoute(t, gateway.RESTAPI, "POST /x", gateway.CustomHTTP(back.URL, gateway.CustomHTTPOptions{Method: "POST", Mapping: m}), func(api *gateway.API, _ *gateway.Options) {
				api.BinaryMediaTypes = []string{"image/png"}
			})
			w := send(g, "POST", "/x", test.sent, "Content-Type", test.kind, "Accept", test.accept)
			assert.Equal(t, test.want, fmt.Sprint(w.Code, " ", w.Body))
			if test.back != "" {
				_, got := back.last()
				assert.Equal(t, test.back, got)
			}
		})
	}
}

// Functions behind a mapping: docs/integrations.md.
func TestCustomLambda(t *testing.T) {
	failing := func(message string) lambdaFunc {
		return fails(&invoke.Error{Type: "errorString", Message: message, Payload: []byte(`{"errorMessage":"` + message + `","errorType":"errorString"}`)})
	}
	echo := lambdaFunc(func(_ context.Context, payload []byte) ([]byte, error) { return payload, nil })
	choices := []gateway.IntegrationResponse{
		{StatusCode: 200},
		{SelectionPattern: ".*four hundred.*", StatusCode: 405},
		{SelectionPattern: ".+", StatusCode: 502},
		{SelectionPattern: "200", StatusCode: 504},
	}
	for _, test := range []struct {
		name     string
		function invoke.Invoker
		mapping  gateway.Mapping
		body     string
		want     string
	}{
		{name: "no template: the body is the event, the result the body", function: echo, mapping: gateway.Mapping{Responses: ok(nil)}, body: `{"a":1}`, want: `200 {"a":1}`},
		{name: "no body is an empty object", function: echo, mapping: gateway.Mapping{Responses: ok(nil)}, want: `200 {}`},
		{name: "a request template", function: echo, mapping: gateway.Mapping{RequestTemplates: templates(`{"param1": "$input.params('param1')"}`), Responses: ok(nil)}, want: `200 {"param1": "foobar"}`},
		{name: "a success matches no pattern (b5.1)", function: replies(`"Pass"`), mapping: gateway.Mapping{Responses: choices}, want: `200 "Pass"`},
		{name: "a failure is chosen by its message", function: failing("this is four hundred"), mapping: gateway.Mapping{Responses: choices}, want: `405 {"errorMessage":"this is four hundred","errorType":"errorString"}`},
		{name: "or by what is left, here the first of two", function: failing("200"), mapping: gateway.Mapping{Responses: choices}, want: `502 {"errorMessage":"200","errorType":"errorString"}`},
		{name: "a failure that nobody asked about (b5.6)", function: failing("no"), mapping: gateway.Mapping{Responses: ok(nil)}, want: `200 {"errorMessage":"no","errorType":"errorString"}`},
		{name: "a failure of which only the words are known", function: fails(&invoke.Error{Type: "Runtime.ExitError", Message: "gone"}), mapping: gateway.Mapping{Responses: ok(nil)}, want: `200 {"errorMessage":"gone","errorType":"Runtime.ExitError"}`},
		{
			name: "a response template by content (docs/integrations.md)", function: replies(`{"statusCode":200,"body":"noerror"}`),
			mapping: gateway.Mapping{Responses: ok(templates("#set($body = $input.json('$'))\n#if($input.path('$').toString().contains(\"noerror\"))\n#set($context.responseOverride.status = 202)\n#else\n#set($context.responseOverride.status = 400)\n#end\n$body"))},
			want:    "202 {\"statusCode\":200,\"body\":\"noerror\"}",
		},
		{name: "what is not JSON", function: echo, mapping: gateway.Mapping{RequestTemplates: templates("text"), Responses: ok(nil)}, want: `400 {"message": "Could not parse request body into json: invalid character 'e' in literal true (expecting 'r')"}`},
		{name: "what is not JSON, for a function that nobody waits for", function: echo, mapping: gateway.Mapping{RequestTemplates: templates(`{"a": "`), RequestParameters: map[string]string{"integration.request.header.X-Amz-Invocation-Type": "'Event'"}, Responses: ok(nil)}, want: `400 {"message": "Could not parse request body into json: unexpected end of JSON input"}`},
		{name: "a header that may not be mapped (docs/integrations.md)", function: echo, mapping: gateway.Mapping{RequestParameters: map[string]string{"integration.request.header.Authorization": "'x'"}, Responses: ok(nil)}, want: "500 " + broken},
		{name: "throttled (b3)", function: fails(invoke.ErrThrottled), mapping: gateway.Mapping{Responses: ok(nil)}, want: "500 " + broken},
	} {
		t.Run(test.name, func(t *testing.T) {
			g := oneRoute(t, gateway.RESTAPI, "POST /x", gateway.CustomLambda(test.function, gateway.CustomLambdaOptions{Mapping: test.mapping}))
			w := send(g, "POST", "/x?param1=foobar", test.body)
			assert.Equal(t, test.want, fmt.Sprint(w.Code, " ", w.Body))
		})
	}
}

// b5.8: nobody waits for a function whose invocation type is Event.
func TestAsynchronousInvocation(t *testing.T) {
	got, release := make(chan string, 1), make(chan struct{})
	g := oneRoute(t, gateway.RESTAPI, "POST /x", gateway.CustomLambda(lambdaFunc(func(_ context.Context, payload []byte) ([]byte, error) {
		<-release
		got <- string(payload)
		return nil, nil
	}), gateway.CustomLambdaOptions{Mapping: gateway.Mapping{
		RequestParameters: map[string]string{"integration.request.header.X-Amz-Invocation-Type": "'Event'"}, Responses: ok(nil),
	}}))
	w := send(g, "POST", "/x", `{"a":1}`)
	assert.Equal(t, "200 ", fmt.Sprint(w.Code, " ", w.Body))
	close(release)
	assert.Equal(t, `{"a":1}`, <-got)
}

func TestMappingMistakes(t *testing.T) {
	check := func(to gateway.Integration, kind gateway.Kind) error {
		return gateway.API{Kind: kind, Routes: []gateway.Route{{Key: "GET /x", To: to}}}.Check()
	}
	err := check(gateway.CustomHTTP("http://example.com/{id}", gateway.CustomHTTPOptions{Mapping: gateway.Mapping{
		PassthroughBehavior: "SOMETIMES",
		ContentHandling:     "BASE64",
		RequestParameters:   map[string]string{"integration.request.header.x": "x"},
		RequestTemplates:    templates("#if(\n"),
		Responses: []gateway.IntegrationResponse{
			{SelectionPattern: "(", StatusCode: 200},
			{StatusCode: 42, Parameters: map[string]string{"method.response.body": "'x'"}},
		},
	}}), gateway.RESTAPI)
	require.Error(t, err)
	for _, want := range []string{
		`gateway: route "GET /x": httpMethod: Enumeration value for HttpMethod must be non-empty`,
		`gateway: route "GET /x": uri: {id} needs requestParameters to have "integration.request.path.id"`,
		`gateway: route "GET /x": passthroughBehavior "SOMETIMES" is none of WHEN_NO_MATCH, WHEN_NO_TEMPLATES and NEVER`,
		`gateway: route "GET /x": contentHandling "BASE64" is neither CONVERT_TO_TEXT nor CONVERT_TO_BINARY`,
		`gateway: route "GET /x": requestParameters "integration.request.header.x": the source "x" is not like method.request.header.NAME, context.NAME, stageVariables.NAME or 'text'`,
		`gateway: route "GET /x": requestTemplates "application/json": `,
		`gateway: route "GET /x": selectionPattern: javaregexp: pattern "(": a ( is not closed`,
		`gateway: route "GET /x": the response "" has the statusCode 42`,
		`gateway: route "GET /x": responseParameters "method.response.body": the target is not like method.response.header.NAME`,
	} {
		assert.ErrorContains(t, err, want)
	}
	assert.EqualError(t, check(gateway.Mock(gateway.Mapping{}), gateway.HTTPAPI), `gateway: route "GET /x": HTTP APIs have proxy integrations only`)
	assert.NoError(t, check(gateway.CustomLambda(nil, gateway.CustomLambdaOptions{}), gateway.RESTAPI))
	_, err = gateway.New(gateway.API{Kind: gateway.RESTAPI, Default: gateway.CustomLambda(nil, gateway.CustomLambdaOptions{})}, gateway.Options{})
	assert.EqualError(t, err, "gateway: the function is missing")
}

// The rest of the matrix of docs/integrations.md: a mapping sets each header for a
// function and for the client, and a template reads each of the client's.
func TestHeadersOfRESTMappings(t *testing.T) {
	const remapped = "x-amzn-Remapped-"
	for _, row := range []struct {
		name     string
		function int    // the status if it is mapped for a function
		read     string // what $input.params says
		replied  string // the name that the client sees
	}{
		{"Accept", 200, "client", "Accept"},
		{"Accept-Charset", 200, "client", "Accept-Charset"},
		{"Accept-Encoding", 200, "client", "Accept-Encoding"},
		{"Age", 200, "client", "Age"},
		{"Pragma", 200, "client", "Pragma"},
		{"Range", 200, "client", "Range"},
		{"Referer", 200, "client", "Referer"},
		{"Warn", 200, "client", "Warn"},
		{"Authorization", 500, "client", remapped + "Authorization"},
		{"Connection", 500, "", remapped + "Connection"},
		{"Content-Encoding", 200, "client", "Content-Encoding"},
		{"Content-Length", 500, "", remapped + "Content-Length"},
		{"Content-MD5", 200, "", remapped + "Content-MD5"},
		{"Content-Type", 200, "client", "Content-Type"},
		{"Date", 200, "client", remapped + "Date"},
		{"Expect", 500, "", remapped + "Expect"},
		{"Host", 200, "example.com", remapped + "Host"},
		{"Max-Forwards", 200, "", remapped + "Max-Forwards"},
		{"Proxy-Authenticate", 500, "", remapped + "Proxy-Authenticate"},
		{"Server", 200, "", remapped + "Server"},
		{"TE", 500, "", "TE"},
		{"Trailer", 200, "", remapped + "Trailer"},
		{"Transfer-Encoding", 500, "", ""},
		{"Upgrade", 200, "", remapped + "Upgrade"},
		{"User-Agent", 200, "client", remapped + "User-Agent"},
		{"Via", 200, "client", "Via"},
		{"WWW-Authenticate", 200, "", remapped + "WWW-Authenticate"},
	} {
		t.Run(row.name, func(t *testing.T) {
			mapped := map[string]string{"integration.request.header." + row.name: "'static'"}
			for name, to := range map[string]gateway.Integration{
				"AWS":       gateway.CustomLambda(replies(`{}`), gateway.CustomLambdaOptions{Mapping: gateway.Mapping{RequestParameters: mapped, Responses: ok(nil)}}),
				"AWS_PROXY": gateway.Lambda(replies(`{"statusCode":200}`), gateway.LambdaOptions{Parameters: gateway.ParameterMapping{Request: mapped}}),
			} {
				w := send(oneRoute(t, gateway.RESTAPI, "GET /x", to), "GET", "/x", "")
				assert.Equal(t, row.function, w.Code, "mapped for %s", name)
			}
			w := send(oneRoute(t, gateway.RESTAPI, "GET /x", gateway.Mock(gateway.Mapping{
				RequestTemplates: map[string]string{"$default": `{"statusCode": 200}`},
				Responses: []gateway.IntegrationResponse{{
					StatusCode: 200, Templates: templates(`$input.params('` + row.name + `')`),
					Parameters: map[string]string{"method.response.header." + row.name: "'static'"},
				}},
			})), "GET", "/x", "", row.name, "client")
			assert.Equal(t, row.read, w.Body.String(), "as a template reads it")
			var seen string
			for name, values := range w.Header() {
				if values[0] == "static" {
					seen = name
				}
			}
			assert.Equal(t, row.replied, seen, "as the client sees it")
		})
	}
}

// A dot does not match a line end, so that a message of several lines needs more: b5.2.
func TestSelectionPatternsAndLines(t *testing.T) {
	for pattern, want := range map[string]int{".*Error.*": 200, `(\n|.)*Error(\n|.)*`: 400, "(?s).*Error.*": 400, "Error": 200} {
		g := oneRoute(t, gateway.RESTAPI, "GET /x", gateway.CustomLambda(
			fails(&invoke.Error{Type: "E", Message: "Error: a\nat b"}),
			gateway.CustomLambdaOptions{Mapping: gateway.Mapping{Responses: []gateway.IntegrationResponse{{SelectionPattern: pattern, StatusCode: 400}, {StatusCode: 200}}}},
		))
		assert.Equal(t, want, send(g, "GET", "/x", "").Code, pattern)
	}
}
