package deploy_test

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/awslabs/goformation/v7/schema"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v4"
)

// The template of the page, and those of the examples, are what SAM's published schema
// takes.
func TestSAMTemplates(t *testing.T) {
	templates, err := filepath.Glob(filepath.Join(root, "examples", "*", "template.yaml"))
	require.NoError(t, err)
	require.NotEmpty(t, templates)
	texts := map[string]string{"docs/deploy.md": snippet(t, "yaml")}
	for _, name := range templates {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		texts[name] = string(text)
	}
	sam := newSchema(t, schema.SamSchema)
	for _, property := range []string{"ScalingConfig", "FunctionResponseTypes"} {
		// https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-function-sqs.html
		sam.add("AWS::Serverless::Function.SQSEvent", property)
	}
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		var document yaml.Node
		require.NoError(t, yaml.Unmarshal([]byte(texts[name]), &document), name)
		sam.assertTakes(t, name, resolved(plain(&document)))
	}
}

// A templateSchema is a published schema of templates, of a thousand resources.
type templateSchema struct{ properties, definitions map[string]any }

func newSchema(t *testing.T, text string) templateSchema {
	t.Helper()
	var all struct{ Properties, Definitions map[string]any }
	require.NoError(t, json.Unmarshal([]byte(text), &all))
	return templateSchema{all.Properties, all.Definitions}
}

// add lets a definition have a property that AWS has documented since the schema was published.
func (s templateSchema) add(definition, property string) {
	s.definitions[definition].(map[string]any)["properties"].(map[string]any)[property] = map[string]any{}
}

// only is the schema of one part with what it refers to: all of it takes long to compile.
func (s templateSchema) only(t *testing.T, part any) *jsonschema.Schema {
	t.Helper()
	needed := map[string]any{}
	var follow func(any)
	follow = func(value any) {
		switch value := value.(type) {
		case map[string]any:
			if ref, ok := value["$ref"].(string); ok {
				name := strings.TrimPrefix(ref, "#/definitions/")
				if _, seen := needed[name]; !seen {
					needed[name] = s.definitions[name]
					follow(needed[name])
				}
			}
			for _, member := range value {
				follow(member)
			}
		case []any:
			for _, item := range value {
				follow(item)
			}
		}
	}
	follow(part)
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft4)
	require.NoError(t, compiler.AddResource("template.json", map[string]any{"definitions": needed, "allOf": []any{part}}))
	schema, err := compiler.Compile("template.json")
	require.NoError(t, err)
	return schema
}

// assertTakes checks a template. Resources are checked by their types: of a resource that
// is wrong the whole schema only says that it is none of the thousand that there are.
func (s templateSchema) assertTakes(t *testing.T, name string, template any) {
	t.Helper()
	for section, content := range template.(map[string]any) {
		if section != "Resources" {
			if assert.Contains(t, s.properties, section, name) {
				assert.NoError(t, s.only(t, s.properties[section]).Validate(content), "%s: %s", name, section)
			}
			continue
		}
		for id, resource := range content.(map[string]any) {
			kind, _ := resource.(map[string]any)["Type"].(string)
			if assert.Contains(t, s.definitions, kind, "%s: %s", name, id) {
				assert.NoError(t, s.only(t, s.definitions[kind]).Validate(resource), "%s: %s", name, id)
			}
		}
	}
}

// plain is a template as JSON has it. References in their short forms are resolved.
func plain(n *yaml.Node) any {
	switch {
	case n.Kind == yaml.DocumentNode:
		return plain(n.Content[0])
	case strings.HasPrefix(n.Tag, "!") && !strings.HasPrefix(n.Tag, "!!"):
		return anyText
	case n.Kind == yaml.MappingNode:
		object := map[string]any{}
		for i := 0; i < len(n.Content); i += 2 {
			object[n.Content[i].Value] = plain(n.Content[i+1])
		}
		return object
	case n.Kind == yaml.SequenceNode:
		list := []any{}
		for _, item := range n.Content {
			list = append(list, plain(item))
		}
		return list
	}
	var scalar any
	if err := n.Decode(&scalar); err != nil {
		return n.Value
	}
	return scalar
}

// anyText stands for what CloudFormation makes of a reference.
const anyText = "resolved"

// resolved is a template whose references in their long forms are resolved, too.
func resolved(value any) any {
	switch value := value.(type) {
	case map[string]any:
		object := map[string]any{}
		for key, member := range value {
			if len(value) == 1 && (key == "Ref" || strings.HasPrefix(key, "Fn::")) {
				return anyText
			}
			object[key] = resolved(member)
		}
		return object
	case []any:
		list := []any{}
		for _, item := range value {
			list = append(list, resolved(item))
		}
		return list
	}
	return value
}
