package schema

import (
	"encoding/json"
	"maps"
	"regexp"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/lambridge-go/lambridge/local/internal/javaregexp"
)

// A reader makes of a model what the compiler takes for a schema: references lead to
// models by their address, and what API Gateway passes over is gone.
type reader struct {
	model   string
	models  map[string]json.RawMessage
	root    map[string]any
	ignored []string
}

// The keywords that API Gateway passes over, and those that hold schemas: one, a list
// of them, or some by name.
var (
	passedOver = []string{"exclusiveMinimum", "minItems", "maxItems"}
	oneSchema  = []string{"items", "additionalItems", "additionalProperties", "not"}
	schemaList = []string{"items", "allOf", "anyOf", "oneOf"}
	namedOnes  = []string{"properties", "patternProperties", "definitions", "dependencies"}
)

func (r *reader) schema(value any, at string) any {
	given, ok := value.(map[string]any)
	if !ok {
		return value
	}
	if r.root == nil {
		r.root = given
	}
	read := make(map[string]any, len(given))
	maps.Copy(read, given)
	if ref, ok := given["$ref"].(string); ok {
		read["$ref"] = r.reference(ref)
	}
	for _, key := range passedOver {
		if _, ok := read[key]; ok {
			delete(read, key)
			r.ignored = append(r.ignored, "model "+r.model+": "+strings.TrimPrefix(at+"/"+key, "/"))
		}
	}
	for _, key := range oneSchema {
		if _, ok := read[key].(map[string]any); ok {
			read[key] = r.schema(read[key], at+"/"+key)
		}
	}
	for _, key := range schemaList {
		if list, ok := read[key].([]any); ok {
			schemas := make([]any, len(list))
			for i := range list {
				schemas[i] = r.schema(list[i], at+"/"+key)
			}
			read[key] = schemas
		}
	}
	for _, key := range namedOnes {
		if named, ok := read[key].(map[string]any); ok {
			schemas := make(map[string]any, len(named))
			for name, value := range named {
				schemas[name] = r.schema(value, at+"/"+key+"/"+name)
			}
			read[key] = schemas
		}
	}
	return read
}

// modelURL is how API Gateway writes a reference to a model, in the API of any id.
var modelURL = regexp.MustCompile(`^https://apigateway\.[^/]*amazonaws\.com(?:\.cn)?/restapis/[^/]+/models/([A-Za-z0-9]+)(#.*)?$`)

func (r *reader) reference(ref string) string {
	if m := modelURL.FindStringSubmatch(ref); m != nil {
		return address(m[1]) + m[2]
	}
	for _, place := range []string{"#/components/schemas/", "#/definitions/"} {
		name, ok := strings.CutPrefix(ref, place)
		if _, known := r.models[name]; !ok || !known || r.defines(name) && place == "#/definitions/" {
			continue
		}
		return address(name)
	}
	return ref
}

// defines reports whether the model has a definition of that name itself.
func (r *reader) defines(name string) bool {
	definitions, _ := r.root["definitions"].(map[string]any)
	_, ok := definitions[name]
	return ok
}

// A pattern is one of Java's regular expressions, as API Gateway's validator is
// Java's. A text that it takes too long for does not match.
type pattern struct{ *javaregexp.Regexp }

func (p pattern) MatchString(text string) bool {
	found, err := p.Find(text)
	return err == nil && found
}

func compilePattern(text string) (jsonschema.Regexp, error) {
	compiled, err := javaregexp.Compile(text)
	return pattern{compiled}, err
}
