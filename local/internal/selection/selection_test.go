package selection_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/local/internal/selection"
)

var all = []selection.Variable{
	selection.RequestBody, selection.ResponseBody, selection.ResponseStatus, selection.ResponseHeader, selection.ResponseHeaders,
}

func TestExpressions(t *testing.T) {
	request, err := selection.ParseBody(`{"action":"join","version":1.0,"tags":["a",{"b":"x"}],"on":true,"none":null,"nested":"${request.body.action}","o":{"k":"v"}}`)
	require.NoError(t, err)
	response, err := selection.ParseBody(`{"errorMessage":"no such room"}`)
	require.NoError(t, err)
	values := selection.Values{
		RequestBody: request, ResponseBody: response, ResponseStatus: 404,
		ResponseHeader: http.Header{"X-Kind": {"first", "last"}},
	}
	for _, row := range []struct{ name, expression, want string }{
		{"a variable", `$request.body.action`, "join"},
		{"a variable in braces", `${request.body.action}`, "join"},
		{"several, with text between them", `${request.body.action}-${request.body.version}`, "join-1.0"},
		{"a text", `200`, "200"},
		{"nothing", ``, ""},
		{"a dollar sign in a text", `\$default`, "$default"},
		{"a boolean", `$request.body.on`, "true"},
		{"an element of an array", `$request.body.tags[1].b`, "x"},
		{"an element that is not there", `$request.body.tags[7]`, ""},
		{"a name that is not there", `$request.body.x.y`, ""},
		{"null", `$request.body.none`, ""},
		{"an array", `$request.body.tags`, `[a, {"b":"x"}]`},
		{"an object, of which AWS says nothing", `$request.body.o`, `{"k":"v"}`},
		{"what a variable stands for is not read again", `$request.body.nested`, "${request.body.action}"},
		{"the status of an integration", `$integration.response.statuscode`, "404"},
		{"its header, the last of several, in any case", `$integration.response.header.x-kind`, "last"},
		{"all of several", `$integration.response.multivalueheader.X-Kind`, "first,last"},
		{"a header that is not there", `${integration.response.header.X-None}`, ""},
		{"its body", `$integration.response.body.errorMessage`, "no such room"},
	} {
		t.Run(row.name, func(t *testing.T) {
			e, err := selection.Parse(row.expression, all...)
			require.NoError(t, err)
			assert.Equal(t, row.want, e.Evaluate(values))
		})
	}
	e, err := selection.Parse(`x${request.body.a}${integration.response.statuscode}`, all...)
	require.NoError(t, err)
	assert.Equal(t, "x", e.Evaluate(selection.Values{}), "nothing is there")
}

func TestWhatIsNoExpression(t *testing.T) {
	for _, row := range []struct{ text, want string }{
		{`$request.header.x`, `"$request.header.x": "request.header.x" is none of ["request.body" "integration.response.body"`},
		{`${request.bodyaction}`, `is none of`},
		{`a$b`, `"a$b": a dollar sign is not request.body, ${request.body} or \$`},
		{`$request.body.`, `cannot read ""`},
		{`$request.body.a[x]`, `cannot read "a[x]"`},
		{`$integration.response.header`, `names no header`},
		{`$integration.response.statuscode.x`, `there is no "integration.response.statuscode.x"`},
	} {
		_, err := selection.Parse(row.text, all...)
		assert.ErrorContains(t, err, row.want)
	}
	_, err := selection.Parse(`$integration.response.statuscode`, selection.RequestBody)
	assert.ErrorContains(t, err, `is none of ["request.body"]`, "not everything may be spoken of everywhere")
}

func TestKeys(t *testing.T) {
	for _, row := range []struct {
		name, key, computed string
		want                bool
	}{
		{"a text", "200", "200", true},
		{"another text", "200", "2000", false},
		{"a pattern", `/2\d\d/`, "204", true},
		{"a pattern has to match all", `/2\d\d/`, "2044", false},
		{"a slash alone is a text", "/", "/", true},
		{"the default is a text", "$default", "$default", true},
	} {
		t.Run(row.name, func(t *testing.T) {
			k, err := selection.ParseKey(row.key)
			require.NoError(t, err)
			got, err := k.Matches(row.computed)
			require.NoError(t, err)
			assert.Equal(t, row.want, got)
		})
	}
	_, err := selection.ParseKey(`/(/`)
	assert.Error(t, err)
}
