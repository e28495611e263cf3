package definition_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/local/definition"
)

// FuzzLoad reads any document: it never panics nor hangs, and what it makes a plan of
// can be put into use.
func FuzzLoad(f *testing.F) {
	files, err := filepath.Glob("testdata/*/*.json")
	require.NoError(f, err)
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(f, err)
		f.Add(text)
	}
	f.Add([]byte(largeTemplate(2, 4)))
	for _, text := range []string{
		"Resources: {A: {Type: AWS::Serverless::Function, Properties: {FunctionName: !Ref A, Events: {E: {Type: Api, Properties: {Path: /, Method: get}}}}}}",
		"Resources: {A: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: fuzz.yaml}}, B: {Type: AWS::Lambda::Url, Properties: {TargetFunctionArn: !GetAtt A.Outputs.x}}}\nOutputs: {x: {Value: !GetAtt A.Outputs.x, Export: {Name: !ImportValue x}}}",
		"Conditions: {A: !Not [!Condition A]}\nResources: {R: {Type: T, Condition: A}}",
		"openapi: 3.0.1\npaths: {/a: {get: {$ref: '#/paths/~1a/get'}}}",
		"Mappings: {M: {a: {b: !FindInMap [M, a, b]}}}\nResources: {A: {Type: AWS::Lambda::Function, Properties: {FunctionName: !FindInMap [M, a, b], Environment: {Variables: {X: !Sub '${A}${A}'}}}}}",
	} {
		f.Add([]byte(text))
	}
	dir := f.TempDir()
	require.NoError(f, os.WriteFile(filepath.Join(dir, "samconfig.toml"), nil, 0o600))
	file := filepath.Join(dir, "fuzz.yaml")
	f.Fuzz(func(t *testing.T, text []byte) {
		require.NoError(t, os.WriteFile(file, text, 0o600))
		plan, err := definition.Load(file, definition.Options{})
		if err != nil {
			return
		}
		if assembly, err := plan.Assemble(echoes, definition.Assembling{}); err == nil {
			require.NoError(t, assembly.Close())
		}
		for _, fn := range plan.Functions {
			fn.Variables(map[string]string{"a": "b"})
		}
	})
}
