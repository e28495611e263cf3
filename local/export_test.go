package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/local/definition"
)

// TestExport reads back what flags amount to.
func TestExport(t *testing.T) {
	for _, tt := range []struct {
		name, format string
		flags        []string
		want         string
	}{
		{"an HTTP API for everything", "sam", nil, "HTTP API $default: $default fn 2.0; 30s 128"},
		{"its routes, stage and CORS", "sam", []string{"--route", "GET /items/{id}", "--route", "/web", "--stage", "dev", "--stage-variable", "A=b", "--cors-origin", "*", "--cors-max-age", "1m", "--timeout", "5s", "--memory", "256"},
			"HTTP API dev map[A:b] cors[*]1m0s: GET /items/{id} fn 2.0, ANY /web fn 2.0; 5s 256"},
		{"payload format 1.0", "sam", []string{"--api", "http-v1"}, "HTTP API $default: $default fn 1.0; 30s 128"},
		{"a REST API", "sam", []string{"--api", "rest"}, "REST API prod binary[*/*]: ANY / fn, ANY /{proxy+} fn; 30s 128"},
		{"a REST API that streams, and has no binary types", "sam", []string{"--api", "rest", "--stream", "--binary-media-type", "none", "--route", "GET /a"}, "REST API prod: GET /a fn stream; 30s 128"},
		{"a function URL", "sam", []string{"--api", "url", "--stream", "--cors-origin", "https://a.example", "--cors-credentials"}, "url fn stream cors[https://a.example]0s; 30s 128"},
		{"a REST API that asks for signatures and keys", "sam", []string{"--api", "rest", "--route", "GET /a", "--iam-key", "AKIA=secret", "--api-key", "web=0123456789abcdefghij"}, "REST API prod binary[*/*]: GET /a fn AWS_IAM key; 30s 128"},
		{"an HTTP API that asks for signatures", "sam", []string{"--route", "GET /a", "--iam-accept-any"}, "HTTP API $default: GET /a fn 2.0 AWS_IAM; 30s 128"},
		{"a function URL that asks for signatures", "sam", []string{"--api", "url", "--iam-accept-any"}, "url fn AWS_IAM; 30s 128"},
		{"a document of an HTTP API", "openapi", []string{"--route", "GET /items/{id}", "--route", "PUT /items/{id}", "--route", "$default", "--cors-origin", "*"}, "HTTP API  cors[*]0s: GET /items/{id} fn 2.0, PUT /items/{id} fn 2.0, $default fn 2.0; 0s 0"},
		{"a document of a REST API with a stage", "openapi", []string{"--api", "rest", "--stage", "live", "--account", "111122223333"}, "REST API live binary[*/*]: ANY / fn, ANY /{proxy+} fn; 0s 0"},
		{"a document of a REST API that streams", "openapi", []string{"--api", "rest", "--stream"}, "REST API  binary[*/*]: ANY / fn stream, ANY /{proxy+} fn stream; 0s 0"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			folder := filepath.Join(dir, "fn")
			require.NoError(t, os.MkdirAll(folder, 0o700))
			require.NoError(t, os.WriteFile(filepath.Join(folder, "main.go"), []byte("package main\n"), 0o600))
			var stdout, stderr bytes.Buffer
			code := run(append(append([]string{"--export", tt.format}, tt.flags...), folder), nil, strings.NewReader(""), &stdout, &stderr)
			require.Equal(t, 0, code, "%s", &stderr)
			file := filepath.Join(dir, "definition.yaml")
			require.NoError(t, os.WriteFile(file, stdout.Bytes(), 0o600))
			plan, err := definition.Load(file, definition.Options{})
			require.NoError(t, err, "%s", &stdout)
			require.Empty(t, plan.Refused, "%s", &stdout)
			require.Len(t, plan.Functions, 1)
			assert.Equal(t, tt.want, summary(plan))
		})
	}
}

func summary(plan *definition.Plan) string {
	var b strings.Builder
	cors := func(c *definition.CORS) {
		if c != nil {
			fmt.Fprintf(&b, " cors%v%v", c.AllowOrigins, c.MaxAge)
		}
	}
	for _, api := range plan.APIs {
		fmt.Fprintf(&b, "%s %s", api.Kind, api.Stage)
		if len(api.StageVariables) > 0 {
			fmt.Fprintf(&b, " %v", api.StageVariables)
		}
		cors(api.CORS)
		if len(api.BinaryMediaTypes) > 0 {
			fmt.Fprintf(&b, " binary%v", api.BinaryMediaTypes)
		}
		for n, route := range api.Routes {
			fmt.Fprintf(&b, "%s %s fn", map[bool]string{true: ":", false: ","}[n == 0], route.Key)
			if route.Integration.PayloadFormat != "" {
				b.WriteString(" " + route.Integration.PayloadFormat)
			}
			if route.Integration.Stream {
				b.WriteString(" stream")
			}
			if route.Authorization != "NONE" {
				b.WriteString(" " + route.Authorization)
			}
			if route.APIKeyRequired {
				b.WriteString(" key")
			}
		}
	}
	for _, u := range plan.FunctionURLs {
		b.WriteString("url fn")
		if u.IAM {
			b.WriteString(" AWS_IAM")
		}
		if u.Stream {
			b.WriteString(" stream")
		}
		cors(u.CORS)
	}
	fmt.Fprintf(&b, "; %v %d", plan.Functions[0].Timeout, plan.Functions[0].Memory)
	return b.String()
}

// TestExportRefuses holds what no definition can say.
func TestExportRefuses(t *testing.T) {
	for _, tt := range []struct {
		flags []string
		want  string
	}{
		{[]string{"./fn", "--api", "alb", "--export", "sam"}, "local: --export sam has no short form for load balancers and VPC Lattice: --api rest, http, http-v1 or url"},
		{[]string{"./fn", "--api", "url", "--export", "openapi"}, "local: --export openapi is for APIs: --api rest, http or http-v1"},
		{[]string{"./fn", "--base-path", "/shop", "--export", "sam"}, "local: --export has no custom domain: leave out --base-path"},
		{[]string{"./fn", "--jwks", "https://id.example.com/=keys.json", "--export", "sam"}, "local: --export knows no audiences, which an authorizer of tokens needs: leave out --jwks, and write the authorizer into the definition"},
		{[]string{"./fn", "--api", "rest", "--api-key", "web=0123456789abcdefghij", "--export", "openapi"}, "local: --export openapi writes no authorization: leave out --iam-key, --iam-accept-any and --api-key, or take --export sam"},
		{[]string{"--export", "sam"}, "local: --export names the folder of the function's source: give it"},
		{[]string{"./fn", "--every", "--export", "sam"}, "local: --export is about one front door: leave out --every, --diff and --attach"},
	} {
		var stdout, stderr bytes.Buffer
		assert.Equal(t, exitUsage, run(tt.flags, nil, strings.NewReader(""), &stdout, &stderr))
		assert.Equal(t, tt.want+"\n", stderr.String())
		assert.Empty(t, stdout.String())
	}
}

// TestDefinitionFlagsRefuse holds what does not go with a definition, or without one.
func TestDefinitionFlagsRefuse(t *testing.T) {
	for _, tt := range []struct {
		flags []string
		want  string
	}{
		{[]string{"--definition", "t.yaml", "--route", "GET /"}, "local: --route is for one function without a definition, which decides that: leave it out"},
		{[]string{"--definition", "t.yaml", "--stage", "x", "--cors-origin", "*"}, "local: --stage is for one function without a definition, which decides that: leave it out\nlocal: --cors-... is for one function without a definition, which decides that: leave it out"},
		{[]string{"--definition", "t.yaml", "./fn"}, "local: the definition names its functions: leave out the package or executable, or give it with --function NAME=./fn"},
		{[]string{"--definition", "t.yaml", "--attach"}, "local: --attach takes the name of a function beside a definition: --attach NAME"},
		{[]string{"--definition", "t.yaml", "--api", "url"}, "local: --api url is no API that a document defines: rest or http"},
		{[]string{"./fn", "--function", "A=./a"}, "local: --function names the program of a function of a definition: add --definition, or name the folder without a flag"},
		{[]string{"./fn", "--parameter", "A=b"}, "local: --parameter is for a template: add --definition or leave it out"},
		{[]string{"./fn", "--env", "Notes:A=b"}, "local: --env and --env-file name the function Notes, and there is one: leave the name out, or add --definition"},
	} {
		var stdout, stderr bytes.Buffer
		assert.Equal(t, exitUsage, run(tt.flags, nil, strings.NewReader(""), &stdout, &stderr), tt.flags)
		assert.Equal(t, tt.want+"\n", stderr.String())
	}
}

// TestEnvJSON gives functions variables by SAM's file, by files and by flags, and the
// later win.
func TestEnvJSON(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "env.json")
	require.NoError(t, os.WriteFile(file, []byte(`{"Parameters": {"A": "all", "B": "all"}, "Notes": {"B": 5}, "Other": {"B": "other"}}`), 0o600))
	f := flags{functionFlags: functionFlags{EnvFile: []string{file, "Notes:" + filepath.Join(dir, "notes.env"), "Other:" + filepath.Join(dir, "other.env")}, Env: []string{"Notes:C=named", "C=all", "Other:C=other", "D=x:y=z"}}}
	files, variables, err := f.variablesOf(&definition.Function{LogicalID: "Notes", Name: "stack-notes"})
	require.NoError(t, err)
	assert.Equal(t, []string{filepath.Join(dir, "notes.env")}, files)
	assert.Equal(t, []string{"A=all", "B=all", "B=5", "C=all", "D=x:y=z", "C=named"}, variables)

	require.NoError(t, os.WriteFile(file, []byte(`{"A": "secret"}`), 0o600))
	_, _, err = f.variablesOf(&definition.Function{Name: "Notes"})
	assert.EqualError(t, err, `local: read --env-file "`+file+`": it is no JSON object of objects, such as {"Parameters": {"KEY": "VALUE"}}`)
}
