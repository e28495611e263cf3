package definition_test

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/local/definition"
)

// TestBounds holds that templates which would make too much of themselves are told
// so, and read all the same.
func TestBounds(t *testing.T) {
	doubling := func(property, leaf string) string {
		var b strings.Builder
		b.WriteString("Resources:\n")
		for i := range 60 {
			fmt.Fprintf(&b, "  T%d: {Type: AWS::DynamoDB::Table, Properties: {TableName: !%s}}\n", i, strings.ReplaceAll(property, "NEXT", fmt.Sprintf("T%d", i+1)))
		}
		fmt.Fprintf(&b, "  T60: {Type: AWS::DynamoDB::Table, Properties: {TableName: %q}}\n", leaf)
		return b.String() + "  Fn: {Type: AWS::Lambda::Function, Properties: {Code: fn, Environment: {Variables: {A: !Ref T0}}}}\n"
	}
	for _, tt := range []struct{ name, template, want string }{
		{"references that double", doubling(`Sub "${NEXT}${NEXT}"`, "x"), "the template makes too much of itself"},
		{"a large text, often", "Parameters: {P: {Type: String, Default: " + strings.Repeat("x", 1<<20) + "}}\nResources: {Fn: {Type: AWS::Lambda::Function, Properties: {Code: fn, Environment: {Variables: {" +
			strings.Repeat("A", 1) + ": !Sub \"" + strings.Repeat("${P}", 100) + "\", B: !Ref P}}}}}", "the template makes too much of itself"},
		{"a name that is its own", "Resources: {Fn: {Type: AWS::Lambda::Function, Properties: {Code: fn, FunctionName: !Sub \"${Fn}-x\", Environment: {Variables: {A: !Ref Fn}}}}}", ""},
		{"a map that leads to itself", "Mappings: {M: {a: {b: !FindInMap [M, a, b]}}}\nResources: {Fn: {Type: AWS::Lambda::Function, Properties: {Code: fn, Environment: {Variables: {A: !FindInMap [M, a, b]}}}}}", "lead back to themselves"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := project(t, "template.yaml", tt.template)
			plan, err := definition.Load(filepath.Join(dir, "template.yaml"), definition.Options{})
			require.NoError(t, err)
			if tt.want != "" {
				require.NotEmpty(t, plan.Refused)
				assert.Contains(t, plan.Refused[0].Text, tt.want)
			}
			assert.Len(t, plan.Functions, 1)
		})
	}
}

// BenchmarkLimits reads what is at the limits, and reports the memory that it takes
// from the system.
func BenchmarkLimits(b *testing.B) {
	bomb := "a: &a [x,x,x,x,x,x,x,x,x]\n"
	for c := 'b'; c <= 'i'; c++ {
		bomb += fmt.Sprintf("%c: &%c [%s]\n", c, c, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*%c,", c-1), 9), ","))
	}
	document := func(size int) string {
		var text strings.Builder
		text.WriteString("openapi: 3.0.1\ninfo: {title: Large}\npaths:\n")
		for i := 0; text.Len() < size-1000; i++ {
			fmt.Fprintf(&text, "  /resource%d/{id}:\n    get:\n      parameters:\n      - {name: id, in: path, required: true, schema: {type: string}}\n      x-amazon-apigateway-integration:\n        type: aws_proxy\n        httpMethod: POST\n        uri: %q\n        passthroughBehavior: when_no_match\n", i, fn)
		}
		return text.String() + strings.Repeat("#", size-text.Len())
	}
	for _, row := range []struct{ name, text string }{
		{"6 MB", document(6 << 20)},
		{"6 MB and a byte", document(6<<20 + 1)},
		{"200 levels", "a: " + strings.Repeat("[", 200) + strings.Repeat("]", 200)},
		{"alias bomb", bomb},
		{"cyclic reference", "openapi: 3.0.1\npaths: {/a: {get: {parameters: [{$ref: '#/components/parameters/A'}], x-amazon-apigateway-integration: {type: mock}}}}\ncomponents: {parameters: {A: {$ref: '#/components/parameters/A'}}}"},
		{"missing include", "Resources: {A: {Type: AWS::Serverless::Api, Properties: {StageName: s, DefinitionBody: {Fn::Transform: {Name: AWS::Include, Parameters: {Location: missing.yaml}}}}}}"},
		{"half a million values", strings.Repeat("- 1\n", 499_999)},
	} {
		file := filepath.Join(b.TempDir(), "document.yaml")
		require.NoError(b, os.WriteFile(file, []byte(row.text), 0o600))
		b.Run(row.name, func(b *testing.B) {
			for b.Loop() {
				plan, err := definition.Load(file, definition.Options{})
				if err == nil && len(plan.Refused) > 0 {
					err = fmt.Errorf("%s", plan.Refused[0])
				}
				if err != nil && b.N == 1 {
					b.Log(err)
				}
			}
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			b.ReportMetric(float64(m.Sys)/(1<<20), "MB-from-system")
		})
	}
}
