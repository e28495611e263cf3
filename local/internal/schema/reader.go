package schema

import (
	"encoding/json"
	"errors"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/lambridge-go/lambridge/local/internal/javaregexp"
)

// A reader makes of a model what the compiler takes for a schema: references lead to
// models by their address, and what API Gateway passes over is gone.
type reader struct {
	model    string
	models   map[string]json.RawMessage
	imported bool
	root     map[string]any
	ignored  []string
}

// The keywords that the import of a document passes over, the formats that it knows, those that others
// know and it does not, and the keywords that hold schemas: one, a list of them, or some by
// name.
var (
	passedOver = []string{"exclusiveMinimum", "minItems", "maxItems"}
	formats    = []string{"date-time", "email", "hostname", "ipv4", "ipv6", "uri", "regex", "uuid", "json-pointer", "uri-template"}
	unknown    = []string{"date", "time", "duration"}
	oneSchema  = []string{"items", "additionalItems", "additionalProperties", "not"}
	schemaList = []string{"items", "allOf", "anyOf", "oneOf"}
	namedOnes  = []string{"properties", "patternProperties", "definitions", "dependencies"}
)

func (r *reader) schema(value any, at string) any {
	given, ok := value.(map[string]any)
	if !ok {
		return value
	}
	read := make(map[string]any, len(given))
	maps.Copy(read, given)
	ignore := func(key string) {
		delete(read, key)
		r.ignored = append(r.ignored, "model "+r.model+": "+strings.TrimPrefix(at+"/"+key, "/"))
	}
	if r.root == nil {
		r.root = given
		if draft, ok := given["$schema"].(string); ok && !draft4.MatchString(draft) {
			ignore("$schema")
		}
	}
	if format, ok := given["format"].(string); ok && !slices.Contains(formats, format) {
		if delete(read, "format"); slices.Contains(unknown, format) {
			ignore("format")
		}
	}
	if ref, ok := given["$ref"].(string); ok {
		read["$ref"] = r.reference(ref)
	}
	for _, key := range passedOver {
		if _, ok := read[key]; ok && r.imported {
			ignore(key)
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

// draft4 is how models say that they are of draft 4, which they are in any case.
var draft4 = regexp.MustCompile(`^https?://json-schema\.org/(draft-04/)?schema#?$`)

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

// isURI reports whether a text is a URI, or a reference to one, as Java takes them: RFC 2396
// with characters beyond ASCII.
func isURI(value any) error {
	text, ok := value.(string)
	if !ok {
		return nil
	}
	if _, err := url.Parse(text); err != nil || strings.ContainsAny(text, " \"<>\\^`{|}") {
		return errNoURI
	}
	return nil
}

var errNoURI = errors.New("no URI")
