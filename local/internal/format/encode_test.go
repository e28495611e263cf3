package format_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/local/internal/arrival"
	"github.com/lambridge-go/lambridge/local/internal/door"
	"github.com/lambridge-go/lambridge/local/internal/format"
)

// formats are all of them, by the names of their files.
var formats = map[string]format.Format{
	"rest": format.REST{}, "httpv1": format.HTTPv1{}, "httpv2": format.HTTPv2{}, "functionurl": format.FunctionURL{},
	"alb": format.ALB{}, "albmulti": format.ALBMulti{}, "latticev1": format.LatticeV1{}, "latticev2": format.LatticeV2{},
}

// plain is a request with nothing in it.
func plain() *arrival.Arrival {
	return &arrival.Arrival{
		API: &arrival.API{ID: "a1b2", Stage: "$default"}, Method: "GET", Protocol: "HTTP/1.1", Header: http.Header{},
		Path: "/", RawPath: "/", Route: arrival.Route{Path: "$default"}, MaxEvent: 1 << 20,
	}
}

// withBody is a request with a body, or one whose length is unknown.
func withBody(contentType, body string, length int64) func(*arrival.Arrival) {
	return func(a *arrival.Arrival) {
		a.Body, a.ContentLength = strings.NewReader(body), length
		if contentType != "" {
			a.Header.Set("Content-Type", contentType)
		}
	}
}

// member is the JSON of a member of an event, "" where there is none.
func member(t *testing.T, event []byte, path string) string {
	t.Helper()
	at := json.RawMessage(event)
	for name := range strings.SplitSeq(path, ".") {
		var object map[string]json.RawMessage
		require.NoError(t, json.Unmarshal(at, &object), "%s in %s", path, event)
		at = object[name]
	}
	return string(at)
}

// What no recording has: the members that depend on how an API is set up, and what is
// left out where there is nothing to say.
func TestMembers(t *testing.T) {
	t.Parallel()
	route := func(method, path string, params map[string]string) func(*arrival.Arrival) {
		return func(a *arrival.Arrival) { a.Route = arrival.Route{Method: method, Path: path, Params: params} }
	}
	authorized := func(context, contextV1, identity string) func(*arrival.Arrival) {
		return func(a *arrival.Arrival) {
			a.Authorization.Context = json.RawMessage(context)
			if contextV1 != "" {
				a.Authorization.ContextV1 = json.RawMessage(contextV1)
			}
			if identity != "" {
				a.Authorization.Identity = json.RawMessage(identity)
			}
		}
	}
	paths := func(path, rawPath, mapping string) func(*arrival.Arrival) {
		return func(a *arrival.Arrival) { a.Path, a.RawPath, a.Mapping = path, rawPath, mapping }
	}
	query := func(raw string) func(*arrival.Arrival) { return func(a *arrival.Arrival) { a.RawQuery = raw } }
	header := func(h http.Header) func(*arrival.Arrival) { return func(a *arrival.Arrival) { a.Header = h } }
	variables := func(a *arrival.Arrival) { a.API.StageVariables = map[string]string{"color": "<grün>"} }
	nothing := func(*arrival.Arrival) {}

	for name, row := range map[string]struct {
		format, path string
		change       func(*arrival.Arrival)
		want         string
	}{
		"REST: no body is null (section 1.1)":                 {"rest", "body", nothing, `null`},
		"REST: no query is null (section 1.1)":                {"rest", "multiValueQueryStringParameters", nothing, `null`},
		"REST: no User-Agent is null (section 1.1)":           {"rest", "requestContext.identity.userAgent", nothing, `null`},
		"REST: without an authorizer it has no place":         {"rest", "requestContext.authorizer", nothing, ``},
		"REST: what the authorizer said":                      {"rest", "requestContext.authorizer", authorized(`{"principalId":"p"}`, `{"v":1}`, ""), `{"principalId":"p"}`},
		"REST: who signed":                                    {"rest", "requestContext.identity.accessKey", authorized(`{}`, "", `{"accessKey":"AKIA"}`), `"AKIA"`},
		"REST: all of the identity (section 1.1)":             {"rest", "requestContext.identity", authorized(`{}`, "", `{"apiKey":"k","apiKeyId":"i","userAgent":"\"<é","user":"u"}`), `{"cognitoIdentityPoolId":null,"accountId":null,"cognitoIdentityId":null,"caller":null,"sourceIp":"","principalOrgId":null,"accessKey":null,"cognitoAuthenticationType":null,"cognitoAuthenticationProvider":null,"userArn":null,"userAgent":"\"<é","user":"u","apiKey":"k","apiKeyId":"i"}`},
		"REST: stage variables":                               {"rest", "stageVariables", variables, `{"color":"<grün>"}`},
		"REST: the path with a custom domain's base path":     {"rest", "path", paths("/a", "/shop/a", "/shop"), `"/shop/a"`},
		"REST: both paths have it, and not the stage":         {"rest", "requestContext.path", paths("/a", "/shop/a", "/shop"), `"/shop/a"`},
		"REST: the last value of a header (section 1.1)":      {"rest", "headers", header(http.Header{"a": {"1", "2"}}), `{"a":"2"}`},
		"REST: names of the query that are not UTF-8":         {"rest", "multiValueQueryStringParameters", query("%FF=1&%FE=2"), `{"` + "�" + `":["1","2"]}`},
		"REST: a parameter that does not decode is left out":  {"rest", "queryStringParameters", query("%zz=1&a=2"), `{"a":"2"}`},
		"REST: parameters that all do not decode are none":    {"rest", "queryStringParameters", query("%zz=1"), `null`},
		"REST: text is quoted":                                {"rest", "body", withBody("text/plain", "\"\\\n\r\t\x01<é", 9), `"\"\\\n\r\t\u0001<é"`},
		"REST: bytes are text too":                            {"rest", "body", withBody("image/png", "\xff\xd8", 2), `"` + "��" + `"`},
		"REST: but for the types of its list (section 1.3)":   {"rest", "body", both(binary("image/png"), withBody("image/png; q=1", "\xff\xd8", 2)), `"/9g="`},
		"REST: a wildcard of the list (section 1.3)":          {"rest", "body", both(binary("image/*"), withBody("IMAGE/png", "hi", -1)), `"aGk="`},
		"REST: the wildcard for all (section 1.3)":            {"rest", "isBase64Encoded", both(binary("*/*"), withBody("", "hi", 2)), `true`},
		"REST: where everything is binary nothing is text":    {"rest", "body", both(binary("*/*"), withBody("", "", 0)), `null`},
		"REST: a body that is said to have no bytes has none": {"rest", "body", withBody("text/plain", "x", 0), `null`},
		"REST: a body without a byte, of unknown length":      {"rest", "body", both(binary("*/*"), withBody("", "", -1)), `null`},

		"1.0: the key of the route (section 2)":       {"httpv1", "requestContext.resourceId", route("GET", "/a/{id}", nil), `"GET /a/{id}"`},
		"1.0: its parameters are decoded (section 2)": {"httpv1", "pathParameters", route("GET", "/a/{id}", map[string]string{"id": "x%20y", "b": "%zz"}), `{"b":"%zz","id":"x y"}`},
		"1.0: the path is encoded (section 2)":        {"httpv1", "path", paths("/a%20b", "/shop/a%20b", "/shop"), `"/shop/a%20b"`},
		"1.0: that of the context is not (section 2)": {"httpv1", "requestContext.path", paths("/a%20b", "/shop/a%20b", "/shop"), `"/shop/a b"`},
		"1.0: no User-Agent is empty (section 2)":     {"httpv1", "requestContext.identity.userAgent", nothing, `""`},
		"1.0: all of the identity (section 2)":        {"httpv1", "requestContext.identity", authorized(`{}`, "", `{"user":"u"}`), `{"accessKey":null,"accountId":null,"caller":null,"cognitoAmr":null,"cognitoAuthenticationProvider":null,"cognitoAuthenticationType":null,"cognitoIdentityId":null,"cognitoIdentityPoolId":null,"principalOrgId":null,"sourceIp":"","user":"u","userAgent":"","userArn":null}`},
		"1.0: what the authorizer said":               {"httpv1", "requestContext.authorizer", authorized(`{"lambda":{"a":1}}`, `{"a":1}`, ""), `{"a":1}`},
		"1.0: what it said to all":                    {"httpv1", "requestContext.authorizer", authorized(`{"a":1}`, "", ""), `{"a":1}`},
		"1.0: stage variables":                        {"httpv1", "stageVariables", variables, `{"color":"<grün>"}`},

		"2.0: no body is left out (section 3.1)":                   {"httpv2", "body", nothing, ``},
		"2.0: nor cookies":                                         {"httpv2", "cookies", nothing, ``},
		"2.0: nor a query":                                         {"httpv2", "queryStringParameters", nothing, ``},
		"2.0: nor stage variables":                                 {"httpv2", "stageVariables", nothing, ``},
		"2.0: stage variables":                                     {"httpv2", "stageVariables", variables, `{"color":"<grün>"}`},
		"2.0: parameters are decoded (rule 50)":                    {"httpv2", "pathParameters", route("GET", "/a/{id}", map[string]string{"id": "x%20y"}), `{"id":"x y"}`},
		"2.0: a decoded question mark ends the path (section 3.1)": {"httpv2", "rawPath", paths("/a%3Fb", "/a%3Fb", ""), `"/a"`},
		"2.0: a custom domain's base path is not in it":            {"httpv2", "rawPath", paths("/a", "/shop/a", "/shop"), `"/a"`},
		"2.0: what the authorizer said":                            {"httpv2", "requestContext.authorizer", authorized(`{"lambda":{"a":1}}`, `{"a":1}`, ""), `{"lambda":{"a":1}}`},
		"2.0: cookies of several lines are trimmed":                {"httpv2", "cookies", header(http.Header{"Cookie": {"a=1;b=2;", " c=3"}}), `["a=1","b=2","c=3"]`},
		"2.0: names that differ in case are one":                   {"httpv2", "headers", header(http.Header{"x-a": {"2"}, "X-A": {"1"}}), `{"x-a":"1,2"}`},

		"a function URL: nobody is anonymous (rule 65)":           {"functionurl", "requestContext.accountId", nothing, `"anonymous"`},
		"a function URL: whoever signed is not (section 4.1)":     {"functionurl", "requestContext.accountId", both(authorized(`{"iam":{}}`, "", ""), func(a *arrival.Arrival) { a.API.Account.ID = "123456789012" }), `"123456789012"`},
		"a function URL: the context's path is decoded (rule 62)": {"functionurl", "requestContext.http.path", paths("/a%20b", "/a%20b", ""), `"/a b"`},
		"a function URL: bytes are base64 (rule 68)":              {"functionurl", "body", withBody("multipart/form-data; boundary=x", "hi", 2), `"aGk="`},

		"a load balancer: no body is empty (section 5.1)":    {"alb", "body", nothing, `""`},
		"a load balancer: the query as sent (rule 71)":       {"alb", "queryStringParameters", query("a%20b=%2F&c"), `{"a%20b":"%2F","c":""}`},
		"a load balancer: no query is an empty object":       {"albmulti", "multiValueQueryStringParameters", nothing, `{}`},
		"Lattice 1.0: no query is an empty object":           {"latticev1", "query_string_parameters", nothing, `{}`},
		"Lattice 1.0: several values are one (section 6)":    {"latticev1", "headers", header(http.Header{"a": {"1", "2"}}), `{"a":"1, 2"}`},
		"Lattice 2.0: text says nothing of base64 (rule 82)": {"latticev2", "isBase64Encoded", withBody("text/plain", "hi", 2), ``},
		"Lattice 2.0: bytes do (section 6)":                  {"latticev2", "isBase64Encoded", withBody("image/png", "hi", 2), `true`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := plain()
			row.change(a)
			event, err := formats[row.format].Encode(a)
			require.NoError(t, err)
			assert.Equal(t, row.want, member(t, event, row.path))
		})
	}
}

func both(one, another func(*arrival.Arrival)) func(*arrival.Arrival) {
	return func(a *arrival.Arrival) { one(a); another(a) }
}

func binary(types ...string) func(*arrival.Arrival) {
	return func(a *arrival.Arrival) { a.API.BinaryMediaTypes = types }
}

// A body is text or base64, by its type, and load balancers look at its coding.
func TestTextOrBytes(t *testing.T) {
	t.Parallel()
	for contentType, isBinary := range map[string][2]bool{ // HTTP APIs, load balancers
		"text/plain":                        {false, false},
		"TEXT/PLAIN; CHARSET=UTF-8":         {false, false}, // (rule 56)
		"text/plain; charset=iso-8859-1":    {true, false},  // (rule 56)
		"text/csv":                          {false, false},
		"application/json":                  {false, false},
		"application/json; charset=utf-8":   {false, false},
		"application/xml":                   {false, false},
		"application/javascript":            {false, false},
		"application/graphql":               {false, true}, // (section 3.3)
		"application/x-www-form-urlencoded": {true, true},  // (rule 54)
		"multipart/form-data; boundary=x":   {true, true},  // (rule 58)
		"application/octet-stream":          {true, true},
		"image/png":                         {true, true},
		"no type":                           {true, true},
		"":                                  {true, true}, // (rule 55)
	} {
		t.Run(contentType, func(t *testing.T) {
			t.Parallel()
			for name, want := range map[string]bool{"httpv1": isBinary[0], "httpv2": isBinary[0], "alb": isBinary[1]} {
				a := plain()
				withBody(contentType, "hi", 2)(a)
				event, err := formats[name].Encode(a)
				require.NoError(t, err)
				text := map[bool]string{false: `"hi"`, true: `"aGk="`}[want]
				assert.Equal(t, text, member(t, event, "body"), name)
			}
		})
	}
	a := plain()
	withBody("text/plain", "hi", 2)(a)
	a.Header.Set("Content-Encoding", "gzip")
	event, err := format.ALB{}.Encode(a)
	require.NoError(t, err)
	assert.Equal(t, `"aGk="`, member(t, event, "body"), "a load balancer's, with a coding (section 5.1)")
}

// Text that is not UTF-8 is said to have been changed, and a character that stands at
// the end of what was read at once is not broken.
func TestTextThatIsNone(t *testing.T) {
	t.Parallel()
	whole := strings.Repeat("a", 32<<10-1) + "é" + strings.Repeat("b", 10)
	for name, row := range map[string]struct {
		body    string
		mangled bool
	}{"UTF-8, across two reads": {whole, false}, "not UTF-8": {"\xff", true}, "a replacement character that the client sent": {"�", false}, "half a character at the end": {"\xc3", true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := plain()
			withBody("text/plain", row.body, -1)(a)
			event, err := format.REST{}.Encode(a)
			require.NoError(t, err)
			var got struct{ Body string }
			require.NoError(t, json.Unmarshal(event, &got))
			assert.Equal(t, strings.ToValidUTF8(row.body, "�"), got.Body)
			assert.Equal(t, row.mangled, a.Mangled)
		})
	}
}

// What cannot be an event is refused with the door's own reason.
func TestRefusals(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		format string
		change func(*arrival.Arrival)
		want   door.Refusal
	}{
		"a body that is said to be too large": {"httpv2", both(limit(900), withBody("text/plain", "a", 901)), door.Refusal{Failure: door.RequestTooLarge, Reason: "the event is larger than the 900 bytes that Lambda accepts"}},
		"a body that is, of unknown length":   {"httpv2", both(limit(900), withBody("text/plain", strings.Repeat("a", 1000), -1)), door.Refusal{Failure: door.RequestTooLarge, Reason: "the event is larger than the 900 bytes that Lambda accepts"}},
		"a body that is when it is base64":    {"httpv2", both(limit(900), withBody("image/png", strings.Repeat("a", 600), 600)), door.Refusal{Failure: door.RequestTooLarge, Reason: "the event is larger than the 900 bytes that Lambda accepts"}},
		"REST: a method's ARN of 1,601 bytes (section 1.6)": {"rest", func(a *arrival.Arrival) {
			a.Path = "/" + strings.Repeat("a", 1600-len("arn:aws:execute-api:::a1b2/$default/GET"))
		}, door.Refusal{Failure: door.URITooLong, Reason: "the ARN of the method and path has 1601 bytes, REST APIs allow 1600"}},
		"REST: an identity that is none": {"rest", func(a *arrival.Arrival) { a.Authorization.Identity = json.RawMessage(`{"sourceIp":1}`) },
			door.Refusal{Failure: door.BadRequest, Reason: "the identity given for the request does not fit the event: json: cannot unmarshal number into Go struct field restIdentity.sourceIp of type string"}},
		"2.0: an identity": {"httpv2", func(a *arrival.Arrival) { a.Authorization.Identity = json.RawMessage(`{}`) },
			door.Refusal{Failure: door.BadRequest, Reason: "payload format 2.0 has no identity, the authorizer shows who IAM users are"}},
		"Lattice: an authorizer": {"latticev2", func(a *arrival.Arrival) { a.Authorization.Context = json.RawMessage(`{}`) },
			door.Refusal{Failure: door.BadRequest, Reason: "VPC Lattice shows an identity and no authorizer"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := plain()
			row.change(a)
			_, err := formats[row.format].Encode(a)
			var refused *door.Refusal
			require.ErrorAs(t, err, &refused)
			assert.Equal(t, row.want, *refused)
		})
	}
}

func limit(bytes int) func(*arrival.Arrival) {
	return func(a *arrival.Arrival) { a.MaxEvent = bytes }
}
