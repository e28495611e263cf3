package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTemplate(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	file := func(name, content string) string {
		path := filepath.Join(folder, name)
		require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
		return path
	}
	request := file("request.vtl", `$context.httpMethod $input.params('id') $input.params('q') $input.params('X-Note') $input.json('$.a') [$context.identity.sourceIp]`)
	override := file("override.vtl", `#set($context.responseOverride.status = 404)#set($context.requestOverride.header.X-A = "b")$stageVariables.v`)
	broken := file("broken.vtl", "{\n  \"a\": #if($x ==)\n}")
	fails := file("fails.vtl", "a\r\n  $input.path('$.a.')")
	macro := file("macro.vtl", `#macro(m)x#end#m()`)
	event := file("event.json", `{"headers":{"X-Note":"n"},"queryStringParameters":{"q":"1"},"pathParameters":{"id":"7"},"stageVariables":{"v":"one"},
		"requestContext":{"httpMethod":"PUT","identity":{"sourceIp":"192.0.2.1"}},"body":"{\"a\":[1]}","isBase64Encoded":false}`)
	encoded := file("encoded.json", `{"requestContext":{"httpMethod":"PUT"},"body":"eyJhIjp7ImIiOjJ9fQ==","isBase64Encoded":true}`)
	message := file("message.http", "PATCH /items/8?q=2\nx-other: 1\nX-Note: m\n\n{\"a\": \"t\"}")
	answer := file("answer.json", `{"a": true}`)

	for name, test := range map[string]struct {
		args   []string
		code   int
		stdout string
		stderr string
	}{
		"an event":                    {[]string{request, "--event", event}, 0, "PUT 7 1 n [1] [192.0.2.1]", ""},
		"an event with a binary body": {[]string{request, "--event", encoded}, 0, `PUT    {"b":2} []`, ""},
		"an event, and an answer":     {[]string{request, "--event", event, "--body", "@" + answer}, 0, "PUT 7 1 n true [192.0.2.1]", ""},
		"a request": {[]string{request, "--request", "POST /items/7?q=1", "--resource", "/items/{id}", "--header", "X-Note: n", "--body", `{"a":null}`}, 0,
			"POST 7 1 n null [127.0.0.1]", ""},
		"a request in a file": {[]string{request, "--request", message, "--resource", "/items/{id}"}, 0, `PATCH 8 2 m "t" [127.0.0.1]`, ""},
		"overrides, and a stage variable": {[]string{override, "--request", "GET /", "--stage-variable", "v=two"}, 0, "two",
			"requestOverride.header.X-A: \"b\"\nresponseOverride.status: 404\n"},
		"a warning": {[]string{macro, "--request", "GET /"}, 0, "x", macro + ": #macro works here; users report both that API Gateway runs it and that it does not\n"},

		"a mistake":                    {[]string{broken, "--request", "GET /"}, 1, "", broken + ":2:17: unexpected \")\"\n\t  \"a\": #if($x ==)\n\t                ^\n"},
		"a failure":                    {[]string{fails, "--request", "GET /"}, 1, "", fails + ":2:10: jsonpath: \"$.a.\": invalid path: "},
		"no template":                  {[]string{folder + "/none", "--request", "GET /"}, 1, "", "local: template: open "},
		"no event":                     {[]string{request, "--event", folder + "/none"}, 1, "", "local: template: open "},
		"an event that is no JSON":     {[]string{request, "--event", request}, 1, "", "local: template: " + request + ": javavalue: unexpected '$' in JSON at offset 0\n"},
		"an event of something else":   {[]string{request, "--event", answer}, 1, "", "local: template: the event has no requestContext: it is none of a REST API or a WebSocket API\n"},
		"neither event nor request":    {[]string{request}, 2, "", "local: missing flags: --event=FILE or --request="},
		"both event and request":       {[]string{request, "--event", event, "--request", "GET /"}, 2, "", "local: --event and --request can't be used together"},
		"a header beside an event":     {[]string{request, "--event", event, "--header", "A: b"}, 2, "", "local: template: --resource and --header belong to --request"},
		"a header that is none":        {[]string{request, "--request", "GET /", "--header", "A"}, 1, "", `local: template: --header "A" is not of the form 'NAME: VALUE'`},
		"a resource that is not met":   {[]string{request, "--request", "GET /a", "--resource", "/b"}, 1, "", "local: template: "},
		"an event of an HTTP API":      {[]string{request, "--event", file("v2.json", `{"version":"2.0"}`)}, 1, "", "local: template: the event is that of an HTTP API (version 2.0), which has no mapping templates\n"},
		"a stage variable without key": {[]string{request, "--request", "GET /", "--stage-variable", "x"}, 2, "", "local: --stage-variable"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var stdout, stderr bytes.Buffer
			code := run(append([]string{"template"}, test.args...), nil, nil, &stdout, &stderr)
			assert.Equal(t, test.code, code, stderr.String())
			assert.Equal(t, test.stdout, stdout.String())
			assert.Contains(t, stderr.String(), test.stderr)
			assert.Equal(t, test.stderr == "", stderr.Len() == 0, stderr.String())
		})
	}
}
