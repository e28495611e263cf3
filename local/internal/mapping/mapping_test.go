package mapping_test

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/local/internal/javavalue"
	"github.com/lambridge-go/lambridge/local/internal/mapping"
	"github.com/lambridge-go/lambridge/local/internal/velocity"
)

// The rows marked recorded were recorded on a real REST API (LocalStack,
// test_apigateway_common and others); the rest is documented or inferred, see
// docs/templates.md.
func TestInput(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ name, template, body, want string }{
		// $input.path prints as Java prints (test_input_path_template_formatting).
		{"an object, recorded", `#set($result = $input.path("$.json"))$result`, `{"json":{"foo":"bar"}}`, `{foo=bar}`},
		{"an array, recorded", `#set($result = $input.path("$.json"))$result`, `{"json":[{"foo":"bar"}]}`, `[{"foo":"bar"}]`},
		{"an array in an object, recorded", `#set($result = $input.path("$.json"))$result`, `{"json":{"foo":[{"nested":"bar"}]}}`, `{foo=[{"nested":"bar"}]}`},
		{"several members, recorded", `#set($result = $input.path("$.json"))$result`, `{"json":{"bigger":"dict","to":"test","with":"separators"}}`, `{bigger=dict, to=test, with=separators}`},
		{"a member that is an object, recorded", `#set($result = $input.path("$.json"))$result.nested`, `{"json":{"nested":{"foo":"bar"}}}`, `{foo=bar}`},
		{"a member that is an array, recorded", `#set($result = $input.path("$.json"))$result.nested`, `{"json":{"nested":[{"foo":"bar"}]}}`, `[{"foo":"bar"}]`},
		{"an item that is an object, recorded", `#set($result = $input.path("$.json"))$result[0]`, `{"json":[{"foo":"bar"}]}`, `{foo=bar}`},
		{"an item that is an array, recorded", `#set($result = $input.path("$.json"))$result[0]`, `{"json":[[{"foo":"bar"}]]}`, `[{"foo":"bar"}]`},
		{"toString of an object, recorded", `#set($result = $input.path("$.json"))$result.toString()`, `{"json":{"foo":"bar"}}`, `{foo=bar}`},
		{"toString of an object with an array, recorded", `#set($result = $input.path("$.json"))$result.toString()`, `{"json":{"list":[{"foo":"bar"}]}}`, `{list=[{"foo":"bar"}]}`},
		{"what is not there, recorded", nothing("$.nonExisting"), ``, `[][] #true #true`},
		{"an empty array, recorded", nothing("$.json.listValue"), `{"json":{"listValue":[]}}`, `[[]][] #false #false`},
		{"null, recorded", nothing("$.json.listValue"), `{"json":{"listValue":null}}`, `[][] #true #true`},

		// $input.body (test_input_body_formatting).
		{"no body, recorded", `#set($result = $input.body)$result`, ``, `{}`},
		{"JSON, recorded", `#set($result = $input.body)$result`, `{"some": "value"}`, `{"some": "value"}`},
		{"text, recorded", `#set($result = $input.body)$result`, `some raw data`, `some raw data`},
		{"no body in other text, recorded", `Action=SendMessage&MessageBody=$input.body`, ``, `Action=SendMessage&MessageBody={}`},
		{"a member of the text, recorded", `#set($result = $input.body.testAccess)$result`, `{"testAccess":1}`, ``},
		{"encoded, recorded", `EncodedBody=$util.urlEncode($input.body)&EncodedBodyAccess=$util.urlEncode($input.body.testAccess)`, `{"some": "value"}`,
			`EncodedBody=%7B%22some%22%3A+%22value%22%7D&EncodedBodyAccess=`},
		{"no body encoded, recorded", `$util.urlEncode($input.body)`, ``, `%7B%7D`},
		{"text encoded, recorded", `$util.urlEncode($input.body)`, `some raw data`, `some+raw+data`},

		{"json of the whole body", `$input.json('$')`, `{ "b": [1, 2.50], "a": "x/y" }`, `{"b":[1,2.5],"a":"x/y"}`},
		{"json of a text", `$input.json('$.a')`, `{"a":"x\"y"}`, `"x\"y"`},
		{"json of null", `$input.json('$.a')`, `{"a":null}`, `null`},
		{"json of what is not there", `$input.json('$.b')`, `{"a":1}`, `""`},
		{"json of a body that is no JSON, recorded", `$input.json('$.b')`, `some raw data`, `""`},
		{"path of a body that is no JSON", `[$input.path('$.b')]`, `some raw data`, `[]`},
		{"path of a filter", `$input.path("$.l[?(@.n > 1)].n")`, `{"l":[{"n":1},{"n":2}]}`, `[2]`},
		{"a loop with a range to the size", `#set($n = $input.path('$.records').size() - 1)#foreach($i in [0..$n])$input.path("$.records[${i}].data")#if($foreach.hasNext),#end#end`,
			`{"records":[{"data":"a"},{"data":"b"}]}`, `a,b`},
		{"a change of the result", `#set($root = $input.path('$'))#set($root.b = 2)$root $input.json('$')`, `{"a":1}`, `{a=1, b=2} {"a":1}`},
		{"a call that does not exist", `[$input.nope('$')$input.path()$input.path(1)]`, `{}`, `[]`},
	} {
		got, err := render(row.template, &mapping.Input{Body: []byte(row.body)})
		require.NoError(t, err, row.name)
		assert.Equal(t, row.want, got, row.name)
	}
}

// nothing is the recorded template that finds out whether a value is there.
func nothing(path string) string {
	return `#set($v = $input.path("` + path + `"))[$v][$v.nested] #if($v == $null)#true#else#false#end #if($v == "")#true#else#false#end`
}

func TestParams(t *testing.T) {
	t.Parallel()
	in := &mapping.Input{
		Path:        []mapping.Param{{"id", "7"}, {"all", "path"}},
		Querystring: []mapping.Param{{"q", "first"}, {"q", "last"}, {"all", "query"}, {"both", "query"}},
		Header:      []mapping.Param{{"X-Trace", "t"}, {"all", "header"}, {"both", "header"}},
	}
	for _, row := range []struct{ name, template, want string }{
		{"path before query before header", `$input.params('all') $input.params('both')`, `path query`},
		{"the last of repeated values", `$input.params('q')`, `last`},
		{"a header as it was written", `$input.params('X-Trace') [$input.params('x-trace')]`, `t []`},
		{"all, with a path", `$input.params().path.id $input.params().header.get("X-Trace")`, `7 t`},
		{"all, in a loop", `#foreach($k in $input.params().keySet())$k#foreach($n in $input.params().get($k).keySet()).$n#end #end`,
			`path.id.all querystring.q.all.both header.X-Trace.all.both `},
		{"as a map", `$input.params().path`, `{id=7, all=path}`},
	} {
		got, err := render(row.template, in)
		require.NoError(t, err, row.name)
		assert.Equal(t, row.want, got, row.name)
	}
}

func TestUtil(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ name, template, want string }{
		{"escapeJavaScript", `$util.escapeJavaScript("it's ""a"" \ / é")`, `it\'s \"a\" \\ \/ \u00E9`},
		{"escapeJavaScript, with the apostrophe of JSON", `$util.escapeJavaScript("it's").replaceAll("\\'","'")`, `it's`},
		{"escapeJavaScript of lines", "$util.escapeJavaScript('a\nb\tc')", `a\nb\tc`},
		{"escapeJavaScript beyond the first plane", `$util.escapeJavaScript('😀')`, `\uD83D\uDE00`},
		{"escapeJavaScript of a number", `$util.escapeJavaScript(1.50)`, `1.5`},
		{"escapeJavaScript of nothing", `[$util.escapeJavaScript($nope)]`, `[]`},
		{"parseJson", `#set($o = $util.parseJson('{"a":[{"b":1}]}'))$o.a[0].b $o`, `1 {a=[{"b":1}]}`},
		{"urlEncode", `$util.urlEncode("a b&c=d/é~*-._")`, `a+b%26c%3Dd%2F%C3%A9%7E*-._`},
		{"urlDecode", `$util.urlDecode("a+b%26%C3%A9")`, `a b&é`},
		{"base64Encode", `$util.base64Encode("naïve?")`, `bmHDr3ZlPw==`},
		{"base64Decode", `$util.base64Decode("bmHDr3ZlPw==") $util.base64Decode("bmHDr3ZlPw")`, `naïve? naïve?`},
		{"a function that does not exist", `[$util.nope("x")$util.qr("x")$util.urlEncode()]`, `[]`},
	} {
		got, err := render(row.template, &mapping.Input{})
		require.NoError(t, err, row.name)
		assert.Equal(t, row.want, got, row.name)
	}
}

func TestContext(t *testing.T) {
	t.Parallel()
	claims := javavalue.NewMap()
	claims.Put("sub", "me")
	authorizer := javavalue.NewMap()
	authorizer.Put("principalId", "me")
	authorizer.Put("claims", claims)
	for _, row := range []struct {
		name     string
		values   mapping.Values
		template string
		want     string
	}{
		{"names in the recorded order", mapping.Values{}, `$context.keySet()`,
			`[resourceId, resourcePath, httpMethod, extendedRequestId, requestTime, path, accountId, protocol, requestOverride, stage, domainPrefix, requestTimeEpoch, requestId, identity, domainName, deploymentId, responseOverride, apiId]`},
		{"names of the identity, recorded", mapping.Values{}, `$context.identity.keySet()`,
			`[cognitoIdentityPoolId, accountId, cognitoIdentityId, caller, sourceIp, principalOrgId, accessKey, cognitoAuthenticationType, cognitoAuthenticationProvider, userArn, userAgent, user]`},
		{"names of the overrides, recorded", mapping.Values{}, `$context.requestOverride.keySet() $context.responseOverride.keySet()`, `[path, header, querystring] [header]`},
		{"maps print nothing, recorded", mapping.Values{}, `#foreach($k in ["identity", "requestOverride", "responseOverride"])[$context.get($k)]#end`, `[][][]`},
		{"no authorizer, recorded", mapping.Values{}, `[$context.authorizer.keySet()]`, `[]`},
		{"values", mapping.Values{HTTPMethod: "GET", Stage: "dev", RequestTimeEpoch: 1700000000000, Identity: mapping.Identity{SourceIP: "192.0.2.1"}},
			`$context.httpMethod ${context.stage} $context.requestTimeEpoch $context.identity.sourceIp [$context.identity.user]`, `GET dev 1700000000000 192.0.2.1 []`},
		{"an authorizer", mapping.Values{Authorizer: authorizer}, `$context.authorizer.principalId $context.authorizer.claims.sub $context.authorizer["principalId"]`, `me me me`},
		{"an authorizer and its claims as a whole", mapping.Values{Authorizer: authorizer}, `[$context.authorizer][$context.authorizer.claims][$context.authorizer.claims.keySet()]`, `[][][[sub]]`},
		{"a WebSocket event", mapping.Values{WebSocket: &mapping.WebSocketValues{ConnectionID: "L0SM9cOFvHcCIhw=", RouteKey: "$default"}},
			`$context.connectionId $context.routeKey`, `L0SM9cOFvHcCIhw= $default`},
		{"a name that does not exist", mapping.Values{}, `[$context.nope$context.nope.deeper]`, `[]`},
	} {
		got, err := render(row.template, &mapping.Input{Context: mapping.NewContext(row.values)})
		require.NoError(t, err, row.name)
		assert.Equal(t, row.want, got, row.name)
	}
}

func TestOverrides(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name, template string
		request        mapping.Override
		response       mapping.Override
	}{
		{name: "none", template: `x`},
		{
			name:     "with dots, brackets and put, recorded",
			template: `#set($context.requestOverride.header.a = "1")#set($context["requestOverride"].querystring["k"] = 2)$context.requestOverride.path.put("p", "3")`,
			request: mapping.Override{
				Header: []mapping.Param{{"a", "1"}}, Querystring: []mapping.Param{{"k", "2"}}, Path: []mapping.Param{{"p", "3"}},
			},
		},
		{
			name:     "of the response, recorded",
			template: `#set($context.responseOverride.status = 444)#set($context.responseOverride.header.foo = "bar")#set($context.responseOverride.custom = "own")`,
			response: mapping.Override{Status: 444, Header: []mapping.Param{{"foo", "bar"}}},
		},
		{name: "a status in digits", template: `#set($context.responseOverride.status = "404")`, response: mapping.Override{Status: 404}},
		{name: "a status that is none", template: `#set($context.responseOverride.status = 700)`},
		{name: "a status that is no number", template: `#set($context.responseOverride.status = "gone")`},
		{name: "the whole replaced by a text", template: `#set($context.responseOverride = "x")#set($context.requestOverride.header = "y")`},
	} {
		c := mapping.NewContext(mapping.Values{})
		_, err := render(row.template, &mapping.Input{Context: c})
		require.NoError(t, err, row.name)
		assert.Equal(t, row.request, c.RequestOverride(), row.name)
		assert.Equal(t, row.response, c.ResponseOverride(), row.name)
	}
}

func TestOverridesReachTheResponseTemplate(t *testing.T) {
	t.Parallel()
	c := mapping.NewContext(mapping.Values{})
	_, err := render(`#set($context.requestOverride.path.body = $util.base64Decode($input.params('testPath')))`+
		`#set($context.responseOverride.status = 444)#set($context.responseOverride.custom = "is also passed around")`,
		&mapping.Input{Context: c, Path: []mapping.Param{{"testPath", "eyJtZXNzYWdlIjoiaGkifQ=="}}})
	require.NoError(t, err)
	got, err := render(`#set($body = $util.parseJson($context.requestOverride.path.body))$body.message $context.responseOverride.status $context.responseOverride.custom`,
		&mapping.Input{Context: c})
	require.NoError(t, err)
	assert.Equal(t, "hi 444 is also passed around", got, "recorded: test_request_overrides_in_response_template, test_integration_mock_with_response_override_in_request_template")
}

func TestContextValue(t *testing.T) {
	t.Parallel()
	c := mapping.NewContext(mapping.Values{APIID: "abc", Identity: mapping.Identity{SourceIP: "192.0.2.1"}})
	assert.Equal(t, "abc", c.Value("apiId"))
	assert.Equal(t, "192.0.2.1", c.Value("identity.sourceIp"))
	assert.Nil(t, c.Value("identity.sourceIp.deeper"))
	assert.Nil(t, c.Value("nope"))
}

func TestStageVariables(t *testing.T) {
	t.Parallel()
	in := &mapping.Input{StageVariables: map[string]string{"version": "1.0"}}
	got, err := render(`{ "version": "$stageVariables.version" } ${stageVariables.version} $stageVariables['version'] [$stageVariables.nope]`, in)
	require.NoError(t, err)
	assert.Equal(t, `{ "version": "1.0" } 1.0 1.0 []`, got)
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ name, template, want string }{
		{"a broken template", "{\n  \"a\": #if(}", `line 2, column 12: unexpected "}"`},
		{"#evaluate", "a\n #evaluate($b)", `line 2, column 2: #evaluate is not available in API Gateway`},
		{"#evaluate within a text", `#set($a = "#evaluate($b)")`, `line 1, column 12: #evaluate is not available in API Gateway`},
		{"#include", `#include("a")`, `line 1, column 1: #include reads files, which API Gateway does not have`},
		{"a lone $ at the end, recorded as 500", `US$`, `line 1, column 3: the template ends within "$"`},
		{"a template that is too large", string(make([]byte, mapping.MaxTemplate+1)), "line 1, column 1: the template is larger than 300 KB, which API Gateway refuses"},
	} {
		_, err := mapping.Parse(row.template)
		require.EqualError(t, err, row.want, row.name)
		var place *velocity.Error
		require.ErrorAs(t, err, &place, row.name)
	}
}

func TestRenderFails(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ name, template, want string }{
		{"a path that is none", "\n$input.path('$.a.')", "line 2, column 8: jsonpath: \"$.a.\": invalid path"},
		{"JSON that is none", `$util.parseJson('{')`, "line 1, column 7: $util.parseJson: javavalue: JSON ends early"},
		{"base64 that is none", `$util.base64Decode('*')`, "line 1, column 7: $util.base64Decode: illegal base64 data"},
		{"$input as a whole", `a $input`, "line 1, column 3: what $input prints as a whole is not known; $input.body is the text of the body"},
		{"$input in a list", `#set($l = [$input])$l`, "line 1, column 20: what $input prints as a whole is not known"},
		{"$input in a text", `#set($text = "$input")`, "what $input prints as a whole is not known"},
		{"$util as a whole", `$util`, "line 1, column 1: what $util prints as a whole is not known"},
		{"an escape that is none", `$util.urlDecode('%zz')`, "line 1, column 7: $util.urlDecode: invalid URL escape"},
	} {
		_, err := render(row.template, &mapping.Input{})
		require.ErrorContains(t, err, row.want, row.name)
	}
}

// What $input and $util give counts, once the template keeps it.
func TestRenderBounds(t *testing.T) {
	// Not parallel: a rendering must not take longer than 5 seconds of the clock.
	body := `{"list": [` + strings.Repeat(`"`+strings.Repeat("x", 20<<10)+`", `, 20) + `1], "small": {"n": "v"}}`
	// Texts take nearly all that there is, so that documents need not take long.
	const start = `#set($x = "x")#foreach($i in [1..4])#set($s = $x.repeat(9900000))#end#set($l = [])#set($m = {})`
	for _, row := range []struct{ name, kept string }{
		{"encoded texts", `$l.add($util.base64Encode($input.body))`},
		{"JSON", `$l.add($input.json('$'))`},
		{"documents", `$l.add($input.path('$'))`},
		{"documents in a map", `$m.put($l.size(), $input.path('$'))$l.add(1)`},
		{"documents in lists of their own", `$l.add([$input.path('$')])`},
		{"a document's list", `$l.add($input.path('$.list'))`},
		{"documents in a text", `$l.add($util.parseJson($input.body))`},
	} {
		t.Run(row.name, func(t *testing.T) {
			template, err := mapping.Parse(start + `#foreach($i in [1..1000])` + row.kept + `#end`)
			require.NoError(t, err)
			_, err = template.Render(t.Context(), &mapping.Input{Body: []byte(body)})
			require.ErrorContains(t, err, "the values of the template take more than")
		})
	}
	t.Run("a part of many documents, of which none is kept", func(t *testing.T) {
		template, err := mapping.Parse(start + `#foreach($i in [1..10])#set($x = $l.add($input.path('$').small.n))#end$l.size()`)
		require.NoError(t, err)
		got, err := template.Render(t.Context(), &mapping.Input{Body: []byte(body)})
		require.NoError(t, err)
		require.Equal(t, "10", got)
	})
}

func TestWarnings(t *testing.T) {
	t.Parallel()
	with, err := mapping.Parse(`#macro(m)x#end#m()`)
	require.NoError(t, err)
	assert.Equal(t, []string{"#macro works here; users report both that API Gateway runs it and that it does not"}, with.Warnings())
	without, err := mapping.Parse(`x`)
	require.NoError(t, err)
	assert.Empty(t, without.Warnings())
}

func render(template string, in *mapping.Input) (string, error) {
	t, err := mapping.Parse(template)
	if err != nil {
		return "", err
	}
	return t.Render(context.Background(), in)
}
