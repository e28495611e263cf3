package event_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/internal/event"
)

// decode reads an event that holds a request, or none.
func decode(t *testing.T, payload string) (event.Request, error) {
	t.Helper()
	require.True(t, len(payload) > 0 && payload[0] == '{')
	var r event.Request
	err := event.DecodeRequest([]byte(payload), &r)
	return r, err
}

// Path and query are what the client sent, as far as the front door tells it.
func TestTargets(t *testing.T) {
	rest := func(path, query string) string {
		return `{"resource":"/{p+}","path":"` + path + `","httpMethod":"GET","multiValueQueryStringParameters":` + query + `,"requestContext":{}}`
	}
	v2 := func(path string) string {
		return `{"version":"2.0","rawPath":"` + path + `","requestContext":{"http":{"method":"GET"}}}`
	}
	for name, row := range map[string]struct{ payload, target, path, rawPath string }{
		"REST: an escaped slash stays one":                    {rest("/a%2Fb", "null"), "/a%2Fb", "/a/b", "/a%2Fb"},
		"REST: an escape that Go would not have written":      {rest("/%61", "null"), "/%61", "/a", "/%61"},
		"REST: no path is the root (pitfall 11)":              {rest("", "null"), "/", "/", ""},
		"REST: names of the query are sorted, values are not": {rest("/", `{"b":["2","1"],"a":["x y"]}`), "/?a=x+y&b=2&b=1", "/", ""},
		"2.0: every byte is itself":                           {v2("/a%b?c"), "/a%25b%3Fc", "/a%b?c", ""},
		"Lattice: a query that stands in the path counts":     {`{"raw_path":"/a?x=%20","method":"GET","query_string_parameters":{"x":" "}}`, "/a?x=%20", "/a", ""},
		"ALB: the query is still encoded (rule 71)":           {`{"path":"/","httpMethod":"GET","queryStringParameters":{"a%20b":"%3F"},"requestContext":{"elb":{}}}`, "/?a%20b=%3F", "/", ""},
		"$connect: the query of the handshake":                {`{"multiValueQueryStringParameters":{"t":["1","2"]},"requestContext":{"connectionId":"c","eventType":"CONNECT","routeKey":"$connect"}}`, "/$connect?t=1&t=2", "/$connect", ""},
		"MESSAGE: a route that begins with a slash":           {`{"requestContext":{"connectionId":"c","eventType":"MESSAGE","routeKey":"/join"}}`, "/join", "/join", ""},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := decode(t, row.payload)
			require.NoError(t, err)
			assert.Equal(t, []string{row.target, row.path, row.rawPath}, []string{r.RequestURI, r.URL.Path, r.URL.RawPath})
		})
	}
	for name, row := range map[string]struct{ payload, want string }{
		"an escape that is none":    {rest("/a%zz", "null"), `invalid URL escape in path "/a%zz"`},
		"a path without its slash":  {rest("a", "null"), `path "a" does not begin with a slash`},
		"a method that is no token": {`{"resource":"/","path":"/","httpMethod":"G T","requestContext":{}}`, `malformed HTTP method "G T"`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := decode(t, row.payload)
			assert.Equal(t, &event.RequestError{Reason: row.want}, err)
		})
	}
}

// Routes are told by their own notation, catch-alls are not told, and variables are
// decoded once, wherever the front door has not done it.
func TestRoutes(t *testing.T) {
	rest := func(members string) string {
		return `{"path":"/","httpMethod":"GET","requestContext":{},` + members + `}`
	}
	v2 := func(members string) string {
		return `{"version":"2.0","rawPath":"/","requestContext":{"http":{"method":"GET"}},` + members + `}`
	}
	for name, row := range map[string]struct {
		payload, pattern string
		variables        map[string]string
	}{
		"REST: variables arrive encoded":              {rest(`"resource":"/a/{id}","pathParameters":{"id":"x%20y"}`), "/a/{id}", map[string]string{"id": "x y"}},
		"REST: what does not decode stays":            {rest(`"resource":"/a/{id}","pathParameters":{"id":"5%"}`), "/a/{id}", map[string]string{"id": "5%"}},
		"REST: a catch-all is no route, nor its rest": {rest(`"resource":"/{id}/{p+}","pathParameters":{"id":"1","p":"a/b"}`), "", map[string]string{"id": "1"}},
		"REST: the root is no route":                  {rest(`"resource":"/"`), "", map[string]string{}},
		"1.0: variables arrive decoded (rule 35)":     {rest(`"version":"1.0","resource":"/a/{id}","pathParameters":{"id":"5%2525"}`), "/a/{id}", map[string]string{"id": "5%2525"}},
		"2.0: the key of the route (rule 50)":         {v2(`"routeKey":"GET /a/{id}","pathParameters":{"id":"x%20y"}`), "GET /a/{id}", map[string]string{"id": "x%20y"}},
		"2.0: the default route is none":              {v2(`"routeKey":"$default"`), "", map[string]string{}},
		"2.0: nor is a catch-all":                     {v2(`"routeKey":"ANY /{p+}","pathParameters":{"p":"a"}`), "", map[string]string{}},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := decode(t, row.payload)
			require.NoError(t, err)
			assert.Equal(t, row.pattern, r.Pattern)
			variables := map[string]string{}
			for _, name := range []string{"id", "p"} {
				if value := r.HTTP().PathValue(name); value != "" {
					variables[name] = value
				}
			}
			assert.Equal(t, row.variables, variables)
		})
	}
}
