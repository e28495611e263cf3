package command_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/internal/conformance/running"
)

// startDefinition writes a template, in which FIRST and SECOND are the folders of two
// functions, and serves it with the command until the test ends.
func startDefinition(t *testing.T, template string, args ...string) (l *running.Command, file string) {
	t.Helper()
	dir := t.TempDir()
	build := exec.CommandContext(t.Context(), "go", "build", "-o", dir, "github.com/lambridge-go/lambridge/local")
	output, err := build.CombinedOutput()
	require.NoError(t, err, "%s", output)
	file = filepath.Join(dir, "template.yaml")
	write(t, file, template)

	return run(t, "", filepath.Join(dir, "local"), append([]string{"--inspect", "127.0.0.1:0", "--definition", file}, args...)...), file
}

// write writes the template in one step, as editors do.
func write(t *testing.T, file, template string) {
	t.Helper()
	for name, folder := range map[string]string{"FIRST": "testdata/first", "SECOND": "testdata/second"} {
		abs, err := filepath.Abs(folder)
		require.NoError(t, err)
		template = strings.ReplaceAll(template, name, abs)
	}
	require.NoError(t, os.WriteFile(file+".new", []byte(template), 0o600))
	require.NoError(t, os.Rename(file+".new", file))
}

func get(t *testing.T, url string) string {
	t.Helper()
	resp, err := http.Get(url)
	require.NoError(t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return fmt.Sprintf("%d %s", resp.StatusCode, body)
}

const twoFunctions = `
Transform: AWS::Serverless-2016-10-31
Resources:
  First:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: the-first
      CodeUri: FIRST
      Environment: {Variables: {GREETING: hello, TABLE: !Ref Table}}
      Events:
        One: {Type: HttpApi, Properties: {Path: /one, Method: GET}}
  Second:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: SECOND
      FunctionUrlConfig: {AuthType: NONE}
      Events:
        Two: {Type: HttpApi, Properties: {Path: /two, Method: GET}}
  Unused:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: nowhere}
  Table: {Type: AWS::DynamoDB::Table}
`

// TestDefinition serves two functions behind one API and a URL, and reloads the
// template while they run.
func TestDefinition(t *testing.T) {
	l, file := startDefinition(t, twoFunctions, "--env", "Second:GREETING=good evening")
	api := l.Find(`^  (http://127\.0\.0\.1:\d+)/\s+HTTP API ServerlessHttpApi$`)[0]
	functionURL := l.Find(`^  (http://127\.0\.0\.1:\d+)/\s+function URL SecondUrl$`)[0]
	invokeAPI := l.Find(`^  (http://127\.0\.0\.1:\d+)\s+Lambda Invoke API`)[0]
	l.Find(`template\.yaml:9: First is without TABLE: the AWS::DynamoDB::Table Table exists in AWS only$`)

	first, second := get(t, api+"/one"), get(t, api+"/two")
	assert.Regexp(t, `^200 first the-first \d+ hello$`, first)
	assert.Regexp(t, `^200 second Second \d+ good evening$`, second)
	assert.Equal(t, second, get(t, functionURL+"/"), "the URL leads to the same process")
	assert.Equal(t, `404 {"message":"Not Found"}`, get(t, api+"/three"))

	for _, name := range []string{"the-first", "First", "arn:aws:lambda:us-east-1:123456789012:function:the-first"} {
		resp, err := http.Post(invokeAPI+"/2015-03-31/functions/"+name+"/invocations", "", strings.NewReader(`{"version":"2.0","requestContext":{"http":{"method":"GET","path":"/"}},"rawPath":"/"}`))
		require.NoError(t, err)
		var reply struct{ Body string }
		require.NoError(t, json.NewDecoder(resp.Body).Decode(&reply))
		resp.Body.Close()
		assert.Equal(t, strings.TrimPrefix(first, "200 "), reply.Body, name)
	}

	assert.Regexp(t, `"api":"ServerlessHttpApi".*"function":"the-first","method":"GET","target":"/one","route":"GET /one"`, get(t, invokeAPI+"/api/exchanges/1"), "the inspector sees it")
	assert.Regexp(t, `"key":"GET /one","integration":"AWS_PROXY the-first","origin":"\S+template.yaml:\d+"`, get(t, invokeAPI+"/api/apis"))

	// A broken edit keeps what was there, and says why.
	write(t, file, twoFunctions+"  Broken: [\n")
	l.Find(`the definition is as it was before.*template\.yaml:\d+: is not YAML`)
	assert.Equal(t, first, get(t, api+"/one"))

	// A route more, and the same processes; a variable more, and the one process anew.
	write(t, file, strings.ReplaceAll(twoFunctions, "        Two:", "        Three: {Type: HttpApi, Properties: {Path: /three, Method: GET}}\n        Two:"))
	l.Find(`reloaded the definition`)
	assert.Equal(t, second, get(t, api+"/three"))
	assert.Equal(t, first, get(t, api+"/one"))
	write(t, file, strings.ReplaceAll(twoFunctions, "hello", "hi"))
	l.Find(`reloaded the definition`)
	assert.Regexp(t, `^200 first the-first \d+ hi$`, get(t, api+"/one"))
	assert.Equal(t, second, get(t, api+"/two"))
	assert.Equal(t, `404 {"message":"Not Found"}`, get(t, api+"/three"))
}

// TestDefinitionWithFunctionsOfTheCommandLine serves a document that only names its
// functions: one gets the folder of its program from a flag, one an executable, as a
// function in another language does, and one is refused.
func TestDefinitionWithFunctionsOfTheCommandLine(t *testing.T) {
	folder, err := filepath.Abs("testdata/first")
	require.NoError(t, err)
	executable := filepath.Join(t.TempDir(), "bootstrap")
	output, err := exec.CommandContext(t.Context(), "go", "build", "-o", executable, "./testdata/second").CombinedOutput()
	require.NoError(t, err, "%s", output)
	uri := "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:111122223333:function:%s/invocations"
	l, _ := startDefinition(t, `
openapi: 3.0.1
info: {title: Named}
servers: [{url: "https://x.example/v1"}]
paths:
  /one: {get: {x-amazon-apigateway-integration: {type: aws_proxy, httpMethod: POST, uri: "`+fmt.Sprintf(uri, "${stageVariables.fn}:live")+`"}}}
  /three: {get: {x-amazon-apigateway-integration: {type: aws_proxy, httpMethod: POST, uri: "`+fmt.Sprintf(uri, "built")+`"}}}
  /two: {get: {x-amazon-apigateway-integration: {type: aws_proxy, httpMethod: POST, uri: "`+fmt.Sprintf(uri, "missing")+`"}}}
`, "--function", "given="+folder, "--function", "built="+executable, "--stage-variable", "fn=given", "--log", "json")
	var record struct {
		Doors     []struct{ Kind, Name, URL string }
		Functions []struct{ Name, ARN string }
		Refused   []string
	}
	line := l.Find(`^(\{.*"msg":"serving".*\})$`)[0]
	require.NoError(t, json.Unmarshal([]byte(line), &record))
	require.Len(t, record.Doors, 1)
	assert.Equal(t, "REST API", record.Doors[0].Kind)
	require.Len(t, record.Functions, 2)
	assert.Equal(t, "arn:aws:lambda:us-east-1:111122223333:function:given", record.Functions[0].ARN)
	require.Len(t, record.Refused, 1)
	assert.Contains(t, record.Refused[0], "API Named: GET /two: the function missing: the definition only names it: give its program with --function missing=./folder")

	assert.Regexp(t, `^200 first given \d+ $`, get(t, record.Doors[0].URL+"one"))
	assert.Regexp(t, `^200 second built \d+ $`, get(t, record.Doors[0].URL+"three"))
	assert.Equal(t, `500 {"message": "Internal server error"}`, get(t, record.Doors[0].URL+"two"))
}
