package parameters_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/local/internal/parameters"
)

// The rows are those of https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-parameter-mapping.html (b7).
func TestHTTPRequest(t *testing.T) {
	const body = `{"id":7,"name":"Rex"}`
	for _, test := range []struct {
		name, key, value    string
		path, query, header string // what it makes; "" is as it was
	}{
		{name: "a header is added", key: "append:header.authors", value: "$context.resourceId", header: "authors: abc123"},
		{name: "to what is there", key: "append:header.x-one", value: "2", header: "x-one: 1,2"},
		{name: "or takes its place", key: "overwrite:header.x-one", value: "2", header: "x-one: 2"},
		{name: "or goes", key: "remove:header.x-one", value: "''", header: "x-one: "},
		{name: "several lines are joined", key: "overwrite:header.to", value: "$request.header.Foobar", header: "to: first,last"},
		{name: "in any case", key: "overwrite:header.to", value: "$request.header.fooBAR", header: "to: first,last"},
		{name: "a query parameter is added", key: "append:querystring.n", value: "a b", query: "q=1&q=2&Q=3&e=&sp=a+b&n=a%20b"},
		{name: "or takes the place of all of its name", key: "overwrite:querystring.q", value: "9", query: "Q=3&e=&sp=a+b&q=9"},
		{name: "or goes", key: "remove:querystring.q", value: "''", query: "Q=3&e=&sp=a+b"},
		{name: "several parameters are joined", key: "overwrite:header.to", value: "$request.querystring.q", header: "to: 1,2"},
		{name: "names of parameters have a case", key: "overwrite:header.to", value: "$request.querystring.Q", header: "to: 3"},
		{name: "the path", key: "overwrite:path", value: "/prod/$5", path: "/prod/$5"},
		{name: "the path of the request", key: "overwrite:path", value: "$request.path", path: "/pets/a%20b"},
		{name: "the path of the request within text", key: "overwrite:path", value: "/prod${request.path}/x", path: "/prod/pets/a%20b/x"},
		{name: "a parameter of the path", key: "overwrite:header.to", value: "$request.path.id", header: "to: a b"},
		{name: "the body", key: "overwrite:header.to", value: "$request.body", header: "to: " + body},
		{name: "a member of the body", key: "overwrite:header.to", value: "$request.body.name", header: "to: Rex"},
		{name: "a number of the body", key: "overwrite:header.to", value: "$request.body.id", header: "to: 7"},
		{name: "a variable of the stage", key: "overwrite:header.to", value: "$stageVariables.version", header: "to: v1"},
		{name: "a number of the context", key: "overwrite:header.to", value: "$context.requestTimeEpoch", header: "to: 1"},
		{name: "several within text", key: "overwrite:header.to", value: "${stageVariables.version}/${request.path.id}!", header: "to: v1/a b!"},
		{name: "what is not there changes nothing", key: "overwrite:header.x-one", value: "$request.header.nope", header: "x-one: 1"},
		{name: "and is empty within text", key: "overwrite:header.x-one", value: "<${request.header.nope}>", header: "x-one: <>"},
		{name: "static text", key: "overwrite:header.to", value: "text of $5, $requested", header: "to: text of $5, $requested"},
		{name: "static text that begins as a reference does not", key: "overwrite:header.to", value: "${x", header: "to: ${x"},
	} {
		t.Run(test.name, func(t *testing.T) {
			compiled, err := parameters.CompileHTTPRequest(map[string]string{test.key: test.value})
			require.NoError(t, err)
			from := source(body)
			got := parameters.Message{Path: "/as/it/was", Query: from.Query, Header: from.Header.Clone()}
			require.NoError(t, compiled.Apply(&got, from))
			want := source(body).Header
			if name, value, ok := strings.Cut(test.header, ": "); ok {
				delete(want, http.CanonicalHeaderKey(name))
				if value != "" {
					want[http.CanonicalHeaderKey(name)] = []string{value}
				}
			}
			for name, values := range got.Header {
				if strings.Contains(test.header, strings.ToLower(name)) {
					got.Header[name] = []string{strings.Join(values, ",")}
				}
			}
			assert.Equal(t, want, got.Header)
			assert.Equal(t, orElse(test.query, "q=1&q=2&Q=3&e=&sp=a+b"), got.Query.Encode())
			assert.Equal(t, orElse(test.path, "/as/it/was"), got.Path)
		})
	}
}

func TestHTTPResponse(t *testing.T) {
	compiled, err := parameters.CompileHTTPResponse(map[string]map[string]string{
		"200": {"overwrite:statuscode": "201", "append:header.x-id": "$response.body.id", "remove:header.server": ""},
		"403": {"overwrite:statuscode": "$response.header.x-status", "overwrite:header.error": "$stageVariables.version"},
		"500": {"overwrite:statuscode": "none"},
	})
	require.NoError(t, err)
	for _, test := range []struct {
		name string
		from int
		want parameters.Message
	}{
		{"an answer is another", 200, parameters.Message{Status: 201, Header: http.Header{"X-Status": {"404"}, "X-Id": {"7"}}}},
		{"by what it says itself", 403, parameters.Message{Status: 404, Header: http.Header{"X-Status": {"404"}, "Server": {"s"}, "Error": {"v1"}}}},
		{"a status that is no number changes nothing", 500, parameters.Message{Status: 500, Header: http.Header{"X-Status": {"404"}, "Server": {"s"}}}},
		{"a status without a mapping", 302, parameters.Message{Status: 302, Header: http.Header{"X-Status": {"404"}, "Server": {"s"}}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			header := http.Header{"X-Status": {"404"}, "Server": {"s"}}
			from := source("")
			from.Response = &parameters.Response{Header: header, Body: func() ([]byte, error) { return []byte(`{"id":7}`), nil }}
			got := parameters.Message{Status: test.from, Header: header.Clone()}
			require.NoError(t, compiled[test.from].Apply(&got, from))
			assert.Equal(t, test.want, got)
		})
	}
	assert.Equal(t, []bool{true, false, false}, []bool{compiled[200].Body(), compiled[403].Body(), compiled[302].Body()}, "which look at the body")
}

func TestHTTPBodies(t *testing.T) {
	compiled, err := parameters.CompileHTTPRequest(map[string]string{"overwrite:header.x": "$request.body.id"})
	require.NoError(t, err)
	assert.True(t, compiled.Body())
	for name, body := range map[string]string{
		"a body that is not JSON has no members":     "id",
		"a body over 100 KB is not looked into (b7)": `{"id":7,"x":"` + strings.Repeat("x", 100<<10) + `"}`,
		"a body without the member":                  `{}`,
		"a member that is null":                      `{"id":null}`,
	} {
		t.Run(name, func(t *testing.T) {
			got := parameters.Message{Header: http.Header{}}
			require.NoError(t, compiled.Apply(&got, source(body)))
			assert.Empty(t, got.Header)
		})
	}
	broken := source("")
	broken.Body = func() ([]byte, error) { return nil, errors.New("the client went away") }
	assert.EqualError(t, compiled.Apply(&parameters.Message{}, broken), "the client went away")
}

// Names that documents may not map to: b7.
func TestReservedHeaders(t *testing.T) {
	for _, name := range []string{
		"access-control-allow-origin", "apigw-requestid", "Authorization", "Connection", "Content-Encoding", "Content-Length",
		"Content-Location", "Forwarded", "Keep-Alive", "Origin", "Proxy-Authenticate", "Proxy-Authorization", "TE", "Trailers",
		"Transfer-Encoding", "Upgrade", "x-amz-date", "x-amzn-trace-id", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "Via",
	} {
		_, err := parameters.CompileHTTPRequest(map[string]string{"overwrite:header." + name: "x"})
		assert.EqualError(t, err, `requestParameters "overwrite:header.`+name+`": API Gateway keeps the header `+name+` to itself`)
		_, err = parameters.CompileHTTPResponse(map[string]map[string]string{"200": {"remove:header." + name: "''"}})
		assert.Error(t, err, name)
	}
	_, err := parameters.CompileHTTPRequest(map[string]string{"overwrite:header.Host": "x", "remove:header.Accept": "''"})
	assert.NoError(t, err, "others they may")
}

func TestHTTPMistakes(t *testing.T) {
	_, err := parameters.CompileHTTPRequest(map[string]string{
		"overwrite:header.Authorization": "x",
		"append:header.X-Amzn-Trace-Id":  "x",
		"append:header.access-control-x": "x",
		"append:path":                    "x",
		"header.x":                       "x",
		"append:header.":                 "x",
		"append:header.ok":               "$request.header.x",
		"append:header.unknown":          "$request.cookie.x",
		"append:header.response":         "$response.header.x",
		"append:header.scan":             "$request.body..x",
		"append:header.filter":           "${request.body.x[?(@.y)]}",
		"overwrite:path":                 "/x/$request.path.id",
		"append:header.bare":             "$request.path.id/$context.stage",
		"append:header.slash":            "$request.path.id/x",
		"append:header.open":             "v${stageVariables.version",
		"append:header.both":             "${request.path.id}-$request.header.x-y!",
	})
	assert.EqualError(t, err, strings.Join([]string{
		`requestParameters "append:header.": the key is none of append:header.NAME, overwrite:header.NAME, remove:header.NAME, append:querystring.NAME, overwrite:querystring.NAME, remove:querystring.NAME, overwrite:path`,
		`requestParameters "append:header.X-Amzn-Trace-Id": API Gateway keeps the header X-Amzn-Trace-Id to itself`,
		`requestParameters "append:header.access-control-x": API Gateway keeps the header access-control-x to itself`,
		`requestParameters "append:header.bare": $request.path.id stands among text without braces around it, as in ${request.path.id}`,
		`requestParameters "append:header.both": $request.header.x-y stands among text without braces around it, as in ${request.header.x-y}`,
		`requestParameters "append:header.filter": the reference $request.body.x[?(@.y)] scans or filters, which HTTP APIs do not`,
		`requestParameters "append:header.open": ${stageVariables.version stands among text without braces around it, as in ${stageVariables.version}`,
		`requestParameters "append:header.response": the reference $response.header.x is none of $context.NAME, $stageVariables.NAME, $request.header.NAME, $request.querystring.NAME, $request.path.NAME, $request.body`,
		`requestParameters "append:header.scan": the reference $request.body..x scans or filters, which HTTP APIs do not`,
		`requestParameters "append:header.slash": $request.path.id stands among text without braces around it, as in ${request.path.id}`,
		`requestParameters "append:header.unknown": the reference $request.cookie.x is none of $context.NAME, $stageVariables.NAME, $request.header.NAME, $request.querystring.NAME, $request.path.NAME, $request.body`,
		`requestParameters "append:path": the key is none of append:header.NAME, overwrite:header.NAME, remove:header.NAME, append:querystring.NAME, overwrite:querystring.NAME, remove:querystring.NAME, overwrite:path`,
		`requestParameters "header.x": the key is none of append:header.NAME, overwrite:header.NAME, remove:header.NAME, append:querystring.NAME, overwrite:querystring.NAME, remove:querystring.NAME, overwrite:path`,
		`requestParameters "overwrite:header.Authorization": API Gateway keeps the header Authorization to itself`,
		`requestParameters "overwrite:path": $request.path.id stands among text without braces around it, as in ${request.path.id}`,
	}, "\n"))

	_, err = parameters.CompileHTTPResponse(map[string]map[string]string{
		"default": {"overwrite:statuscode": "200"},
		"100":     {"overwrite:statuscode": "200"},
		"200":     {"overwrite:path": "/", "append:header.x": "$request.header.x"},
	})
	assert.EqualError(t, err, `responseParameters "100": the status code is not one from 200 to 599
responseParameters "200" "append:header.x": the reference $request.header.x is none of $context.NAME, $stageVariables.NAME, $response.header.NAME, $response.body
responseParameters "200" "overwrite:path": the key is none of append:header.NAME, overwrite:header.NAME, remove:header.NAME, overwrite:statuscode
responseParameters "default": the status code is not one from 200 to 599`)
}

func orElse(value, otherwise string) string {
	if value == "" {
		return otherwise
	}
	return value
}
