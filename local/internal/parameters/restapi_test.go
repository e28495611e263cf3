package parameters_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/local/internal/parameters"
)

func source(body string) parameters.Source {
	return parameters.Source{
		Path:        map[string]string{"id": "a b", "proxy": "x/y"},
		RequestPath: "/pets/a%20b",
		Query:       parameters.ParseQuery("q=1&q=2&Q=3&e=&sp=a+b"),
		Header:      http.Header{"Foobar": {"first", "last"}, "X-One": {"1"}},
		Body:        func() ([]byte, error) { return []byte(body), nil },
		Context: func(name string) (any, bool) {
			value, ok := map[string]any{"resourceId": "abc123", "requestTimeEpoch": int64(1)}[name]
			return value, ok
		},
		StageVariables: map[string]string{"version": "v1"},
	}
}

func TestRESTRequest(t *testing.T) {
	const document = `{"name":"Rex","age":3,"tags":["a","b"],"none":null}`
	for _, test := range []struct {
		name, target, source, body string
		want                       parameters.Targets
		err                        error
	}{
		{name: "a path parameter to the path", target: "path.x", source: "method.request.path.id", want: path("x", "a b")},
		{name: "a query parameter to a header, the last of several", target: "header.X", source: "method.request.querystring.q", want: head("X", "2")},
		{name: "names of query parameters have a case", target: "header.X", source: "method.request.querystring.Q", want: head("X", "3")},
		{name: "an empty query parameter is one", target: "header.X", source: "method.request.querystring.e", want: head("X", "")},
		{name: "a header to a header, the last of several", target: "header.headerVar", source: "method.request.header.foobar", want: head("headerVar", "last")},
		{name: "a header to the query", target: "querystring.h", source: "method.request.header.X-One", want: query("h=1")},
		{name: "several query parameters to one line of a header (b4)", target: "header.X", source: "method.request.multivaluequerystring.q", want: head("X", "1,2")},
		{name: "several query parameters to several (b4)", target: "querystring.n", source: "method.request.multivaluequerystring.q", want: query("n=1&n=2")},
		{name: "several header lines to one (b4)", target: "header.X", source: "method.request.multivalueheader.foobar", want: head("X", "first,last")},
		{name: "several header lines to several parameters (b4)", target: "querystring.n", source: "method.request.multivalueheader.foobar", want: query("n=first&n=last")},
		{name: "text", target: "header.X", source: "'Event'", want: head("X", "Event")},
		{name: "empty text", target: "header.X", source: "''", want: head("X", "")},
		{name: "a variable of the stage", target: "querystring.v", source: "stageVariables.version", want: query("v=v1")},
		{name: "a variable of the context (docs/integrations.md)", target: "header.contextHeader", source: "context.resourceId", want: head("contextHeader", "abc123")},
		{name: "a number of the context is not mapped (b4)", target: "header.X", source: "context.requestTimeEpoch"},
		{name: "what is not there is not mapped (b4)", target: "header.emptyheader", source: "method.request.header.nope"},
		{name: "nor is a stage variable that is not there", target: "header.X", source: "stageVariables.nope"},
		{name: "the body", target: "header.X", source: "method.request.body", body: `{"a": 1}`, want: head("X", `{"a": 1}`)},
		{name: "no body is an empty object (b4)", target: "header.X", source: "method.request.body", want: head("X", "{}")},
		{name: "a body that is not JSON", target: "header.X", source: "method.request.body", body: "text", want: head("X", "text")},
		{name: "a body that only begins like JSON (b4)", target: "header.X", source: "method.request.body", body: " {text", err: parameters.ErrBody},
		{name: "a member of the body", target: "header.X", source: "method.request.body.name", body: document, want: head("X", "Rex")},
		{name: "a number of the body", target: "querystring.n", source: "method.request.body.age", body: document, want: query("n=3")},
		{name: "an item of the body", target: "header.X", source: "method.request.body.tags[1]", body: document, want: head("X", "b")},
		{name: "an array of the body", target: "header.X", source: "method.request.body.tags", body: document, want: head("X", `["a","b"]`)},
		{name: "null", target: "header.X", source: "method.request.body.none", body: document},
		{name: "a member that is not there", target: "header.X", source: "method.request.body.nope", body: document},
		{name: "a member of what is not JSON (b4)", target: "header.X", source: "method.request.body.name", body: "text"},
		{name: "a member of an array is not looked for (b4)", target: "header.X", source: "method.request.body.name", body: `[{"name":"Rex"}]`},
		{name: "a member of a body that only begins like JSON (b4)", target: "header.X", source: "method.request.body.name", body: "{text", err: parameters.ErrBody},
	} {
		t.Run(test.name, func(t *testing.T) {
			compiled, err := parameters.CompileRequest(map[string]string{"integration.request." + test.target: test.source})
			require.NoError(t, err)
			got, err := compiled.Apply(source(test.body))
			require.ErrorIs(t, err, test.err)
			assert.Equal(t, test.want, got)
		})
	}
}

func TestRESTResponse(t *testing.T) {
	for _, test := range []struct {
		name, source string
		want         parameters.Targets
	}{
		{"a header", "integration.response.header.foobar", head("X-Back", "last")},
		{"several header lines", "integration.response.multivalueheader.Foobar", head("X-Back", "first,last")},
		{"the body", "integration.response.body", head("X-Back", `{"id":7}`)},
		{"a member of the body", "integration.response.body.id", head("X-Back", "7")},
		{"text, as CORS by mock has it", "'Content-Type,X-Api-Key'", head("X-Back", "Content-Type,X-Api-Key")},
		{"a variable of the stage", "stageVariables.version", head("X-Back", "v1")},
		{"a variable of the context", "context.resourceId", head("X-Back", "abc123")},
	} {
		t.Run(test.name, func(t *testing.T) {
			compiled, err := parameters.CompileResponse(map[string]string{"method.response.header.X-Back": test.source})
			require.NoError(t, err)
			got, err := compiled.Apply(source(`{"id":7}`))
			require.NoError(t, err)
			assert.Equal(t, test.want, got)
		})
	}
}

// Names of headers have the client's case where that is known: b4.
func TestRESTHeadersAsTheyWereSpelled(t *testing.T) {
	for source, want := range map[string]parameters.Targets{
		"method.request.header.x-lower": head("X", "v"), "method.request.header.X-Lower": {},
		"method.request.multivalueheader.x-lower": head("X", "v"), "method.request.multivalueheader.X-LOWER": {},
	} {
		compiled, err := parameters.CompileRequest(map[string]string{"integration.request.header.X": source})
		require.NoError(t, err)
		from := parameters.Source{Header: http.Header{"x-lower": {"v"}}, Spelled: true}
		got, err := compiled.Apply(from)
		require.NoError(t, err)
		assert.Equal(t, want, got, source)
		from.Spelled = false
		got, err = compiled.Apply(from)
		require.NoError(t, err)
		assert.Equal(t, head("X", "v"), got, source)
	}
}

func TestRESTMistakes(t *testing.T) {
	_, err := parameters.CompileRequest(map[string]string{
		"integration.request.header.A":   "true",
		"integration.request.body.x":     "'x'",
		"method.request.header.A":        "'x'",
		"integration.request.header.a b": "'x'",
		"integration.request.path.ok":    "method.request.path.ok",
		"integration.request.header.B":   "integration.response.header.B",
		"integration.request.header.C":   "method.request.body.a b",
	})
	assert.EqualError(t, err, `requestParameters "integration.request.body.x": the target is not like integration.request.header.NAME
requestParameters "integration.request.header.A": the source "true" is not like method.request.header.NAME, context.NAME, stageVariables.NAME or 'text'
requestParameters "integration.request.header.B": the source "integration.response.header.B" is not like method.request.header.NAME, context.NAME, stageVariables.NAME or 'text'
requestParameters "integration.request.header.C": jsonpath: "$.a b": invalid path: a name with blanks must stand in brackets, like ['my name']
requestParameters "integration.request.header.a b": the target is not like integration.request.header.NAME
requestParameters "method.request.header.A": the target is not like integration.request.header.NAME`)

	_, err = parameters.CompileResponse(map[string]string{
		"method.response.querystring.A": "'x'",
		"method.response.header.B":      "method.request.header.B",
	})
	assert.EqualError(t, err, `responseParameters "method.response.header.B": the source "method.request.header.B" is not like integration.response.header.NAME, context.NAME, stageVariables.NAME or 'text'
responseParameters "method.response.querystring.A": the target is not like method.response.header.NAME`)
}

func head(name, value string) parameters.Targets {
	return parameters.Targets{Header: http.Header{name: {value}}}
}

func path(name, value string) parameters.Targets {
	return parameters.Targets{Path: map[string]string{name: value}}
}

func query(encoded string) parameters.Targets {
	var q parameters.Query
	for _, p := range parameters.ParseQuery(encoded) {
		q = q.With(p.Name, p.Value)
	}
	return parameters.Targets{Query: q}
}

func TestRouteRequest(t *testing.T) {
	mapped, err := parameters.CompileRoute(map[string]string{
		"integration.request.header.Room":      "route.request.body.room",
		"integration.request.header.Token":     "route.request.header.X-One",
		"integration.request.querystring.many": "route.request.multivaluequerystring.q",
		"integration.request.path.version":     "stageVariables.version",
	})
	require.NoError(t, err)
	got, err := mapped.Apply(source(`{"room":"a"}`))
	require.NoError(t, err)
	assert.Equal(t, http.Header{"Room": {"a"}, "Token": {"1"}}, got.Header)
	assert.Equal(t, "many=1&many=2", got.Query.Encode())
	assert.Equal(t, map[string]string{"version": "v1"}, got.Path)
	for _, source := range []string{"route.request.path.id", "method.request.header.X"} {
		_, err := parameters.CompileRoute(map[string]string{"integration.request.header.X": source})
		assert.ErrorContains(t, err, `the source "`+source+`" is not like route.request.header.NAME`)
	}
}
