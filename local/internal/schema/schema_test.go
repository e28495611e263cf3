package schema_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/local/internal/schema"
)

// Rows that say so were recorded: docs/authorizers.md, "Validators".
func TestCheck(t *testing.T) {
	models := map[string]json.RawMessage{
		"Empty":   json.RawMessage(`{"$schema":"http://json-schema.org/draft-04/schema#","title":"Empty Schema","type":"object"}`),
		"Any":     json.RawMessage(`{}`),
		"Status":  json.RawMessage(`{"type":"object","required":["id"],"properties":{"id":{"type":"integer"}}}`),
		"Order":   json.RawMessage(`{"type":"object","required":["status"],"properties":{"status":{"oneOf":[{"type":"null"},{"$ref":"https://apigateway.amazonaws.com/restapis/abc123/models/Status"}]}}}`),
		"Orders":  json.RawMessage(`{"type":"array","items":{"$ref":"https://apigateway.amazonaws.com/restapis/abc123/models/Status"}}`),
		"Person":  json.RawMessage(`{"type":"object","required":["name"],"properties":{"name":{"type":"string"},"house":{"$ref":"#/components/schemas/House"}}}`),
		"House":   json.RawMessage(`{"type":"object","required":["owner"],"properties":{"owner":{"$ref":"#/definitions/Person"}}}`),
		"Own":     json.RawMessage(`{"$ref":"#/definitions/Status","definitions":{"Status":{"type":"string"}}}`),
		"Bounds":  json.RawMessage(`{"type":"object","properties":{"n":{"type":"number","minimum":1,"exclusiveMinimum":true,"maximum":5.5},"list":{"type":"array","minItems":2,"maxItems":3},"minItems":{"type":"string"}},"additionalProperties":false}`),
		"Strict":  json.RawMessage(`{"properties":{"n":{"minimum":1,"exclusiveMinimum":true},"list":{"minItems":2,"maxItems":3}}}`),
		"Words":   json.RawMessage(`{"type":"object","properties":{"a":{"type":"string","minLength":2,"maxLength":3},"b":{"enum":["x","y"]},"c":{"type":"string","pattern":"^a+$"},"d":{"type":"string","pattern":"^(?!admin).+"},"e":{"type":"string","format":"email"}}}`),
		"Formats": json.RawMessage(`{"$schema":"http://json-schema.org/draft-07/schema#","properties":{"day":{"format":"date"},"at":{"format":"date-time"},"id":{"format":"uuid"},"n":{"format":"int32"},"link":{"format":"uri"},"pin":{"const":5},"format":{"type":"string"}}}`),
		"Below":   json.RawMessage(`{"$schema":"http://json-schema.org/draft-04/schema","maximum":5,"exclusiveMaximum":true}`),
		"Big":     json.RawMessage(`{"type":"integer"}`),
		"Nothing": json.RawMessage(`{"not":{}}`),
		"Many": json.RawMessage(`{"properties":{"all":{"allOf":[{"type":"integer"},{"minimum":3},{"maximum":1}]},"any":{"anyOf":[{"type":"string"},{"type":"null"},{"$ref":"#/definitions/Big"}]},` +
			`"one":{"oneOf":[{"minimum":1},{"minimum":2},{"minimum":3},{"type":"string"}]},"step":{"multipleOf":0.5},"set":{"uniqueItems":true},"pair":{"items":[{},{}],"additionalItems":false},` +
			`"few":{"minProperties":2},"most":{"maxProperties":0},"on":{"dependencies":{"a":["b","c"]}},"mail":{"format":"email"},"rest":{"additionalProperties":{"type":"string"}}}}`),
	}
	m, err := schema.Compile(models, "Bounds")
	require.NoError(t, err)

	for _, row := range []struct{ name, model, body, want string }{
		{"no body is an empty object (recorded: GET and POST without body)", "Status", "", `[object has missing required properties (["id"])]`},
		{"white space is an empty object", "Empty", " \n", ""},
		{"an array of references, right (recorded)", "Orders", `[{"id":1},{"id":2}]`, ""},
		{"an array of references, wrong (recorded)", "Orders", `[{"id":1},{"x":2}]`, `[object has missing required properties (["id"])]`},
		{"oneOf, null (recorded)", "Order", `{"status":null}`, ""},
		{"oneOf, a full object (recorded)", "Order", `{"status":{"id":1}}`, ""},
		{"oneOf, nothing (recorded)", "Order", `{}`, `[object has missing required properties (["status"])]`},
		{"oneOf, a wrong object (recorded)", "Order", `{"status":{"id":"x"}}`, `[instance failed to match exactly one schema (matched 0 out of 2)]`},
		{"models in a circle, right (recorded)", "Person", `{"name":"a","house":{"owner":{"name":"b"}}}`, ""},
		{"models in a circle, wrong (recorded)", "Person", `{"name":"a","house":{"owner":{}}}`, `[object has missing required properties (["name"])]`},
		{"a definition of the model's own goes before a model", "Own", `"text"`, ""},
		{"a definition of the model's own, wrong", "Own", `{"id":1}`, `[instance type (object) does not match any allowed primitive type (allowed: ["string"])]`},
		{"every value fits an empty model", "Any", `[1,"x",null]`, ""},
		{"not JSON", "Any", `{"a":`, `[the body is not JSON]`},
		{"JSON and more", "Any", `{} {}`, `[the body is not JSON]`},
		{"exclusiveMinimum, outside of documents", "Strict", `{"n":1}`, `[numeric instance is not strictly greater than the required minimum 1]`},
		{"below it", "Strict", `{"n":0.5}`, `[numeric instance is lower than the required minimum (minimum: 1, found: 0.5)]`},
		{"minItems", "Strict", `{"list":[1]}`, `[array is too short: must have at least 2 elements but instance has 1 elements]`},
		{"maxItems", "Strict", `{"list":[1,2,3,4]}`, `[array is too long: must have at most 3 elements but instance has 4 elements]`},
		{"exclusiveMinimum, minItems and maxItems are passed over in documents (documented)", "Bounds", `{"n":1,"list":[1]}`, ""},
		{"a property may bear the name of what is passed over", "Bounds", `{"minItems":1}`, `[instance type (integer) does not match any allowed primitive type (allowed: ["string"])]`},
		{"minimum", "Bounds", `{"n":0.5}`, `[numeric instance is lower than the required minimum (minimum: 1, found: 0.5)]`},
		{"a fraction keeps its digits", "Bounds", `{"n":0.123456789012345}`, `[numeric instance is lower than the required minimum (minimum: 1, found: 0.123456789012345)]`},
		{"a small fraction is written as in Java", "Bounds", `{"n":-0.000000000001234}`, `[numeric instance is lower than the required minimum (minimum: 1, found: -1.234E-12)]`},
		{"one that Java writes without an exponent", "Bounds", `{"n":1e-6}`, `[numeric instance is lower than the required minimum (minimum: 1, found: 0.000001)]`},
		{"and the next", "Bounds", `{"n":1e-7}`, `[numeric instance is lower than the required minimum (minimum: 1, found: 1E-7)]`},
		{"maximum", "Bounds", `{"n":6}`, `[numeric instance is greater than the required maximum (maximum: 5.5, found: 6)]`},
		{"additionalProperties", "Bounds", `{"z":1,"y":2}`, `[object instance has properties which are not allowed by the schema: ["y","z"]]`},
		{"minLength", "Words", `{"a":"x"}`, `[string "x" is too short (length: 1, required minimum: 2)]`},
		{"maxLength counts characters", "Words", `{"a":"äöü"}`, ``},
		{"maxLength", "Words", `{"a":"xxxx"}`, `[string "xxxx" is too long (length: 4, maximum allowed: 3)]`},
		{"enum", "Words", `{"b":"z"}`, `[instance value ("z") not found in enum (possible values: ["x","y"])]`},
		{"pattern", "Words", `{"c":"b"}`, `[ECMA 262 regex "^a+$" does not match input string "b"]`},
		{"a pattern that looks ahead", "Words", `{"d":"administrator"}`, `[ECMA 262 regex "^(?!admin).+" does not match input string "administrator"]`},
		{"a number that is none of the integers", "Big", `1.5`, `[instance type (number) does not match any allowed primitive type (allowed: ["integer"])]`},
		{"allOf", "Many", `{"all":2}`, `[instance failed to match all required schemas (matched only 1 out of 3)]`},
		{"anyOf", "Many", `{"any":true}`, `[instance failed to match at least one required schema among 3]`},
		{"oneOf, more than one", "Many", `{"one":5}`, `[instance failed to match exactly one schema (matched 3 out of 4)]`},
		{"not", "Nothing", `1`, `[instance matched a schema which it should not have]`},
		{"multipleOf", "Many", `{"step":1.3}`, `[remainder of division is not zero (1.3 / 0.5)]`},
		{"uniqueItems", "Many", `{"set":[1,1]}`, `[array must not contain duplicate elements]`},
		{"additionalItems", "Many", `{"pair":[1,2,3]}`, `[schema only allows 2 elements in array but instance has 3 elements]`},
		{"minProperties", "Many", `{"few":{"a":1}}`, `[object has too few properties (found 1 but schema requires at least 2)]`},
		{"maxProperties", "Many", `{"most":{"a":1}}`, `[object has too many properties (found 1 but schema requires at most 0)]`},
		{"dependencies", "Many", `{"on":{"a":1,"b":1}}`, `[property "a" of object has missing property dependencies (schema requires ["b","c"]; missing: ["c"])]`},
		{"format", "Many", `{"mail":"x"}`, `[string "x" is not a valid email address]`},
		{"a property of another name", "Many", `{"rest":{"<b>":1}}`, `[instance type (integer) does not match any allowed primitive type (allowed: ["string"])]`},
		{"a format that draft 4 does not have", "Formats", `{"day":"2026-13-45"}`, ``},
		{"one that it has", "Formats", `{"at":"2026-13-45"}`, `[string "2026-13-45" is invalid against requested date format(s) [yyyy-MM-dd'T'HH:mm:ssZ, yyyy-MM-dd'T'HH:mm:ss.[0-9]{1,12}Z]]`},
		{"one that the library adds", "Formats", `{"id":"x"}`, `[string "x" is invalid against requested format uuid]`},
		{"formats of numbers (documented)", "Formats", `{"n":99999999999}`, ``},
		{"a reference is a URI", "Formats", `{"link":"a/b?c=é"}`, ``},
		{"and white space is not", "Formats", `{"link":"http://a b"}`, `[string "http://a b" is not a valid URI]`},
		{"what is no text has no format", "Formats", `{"link":1}`, ``},
		{"keywords of later drafts, whatever $schema says (documented: draft 4)", "Formats", `{"pin":6}`, ``},
		{"a property may be called format", "Formats", `{"format":1}`, `[instance type (integer) does not match any allowed primitive type (allowed: ["string"])]`},
		{"exclusiveMaximum, at the maximum", "Below", `5`, `[numeric instance is not strictly lower than the required maximum 5]`},
		{"exclusiveMaximum, beyond it", "Below", `6`, `[numeric instance is greater than the required maximum (maximum: 5, found: 6)]`},
		{"big integers keep their digits", "Big", `123456789012345678901234567890`, ``},
	} {
		t.Run(row.name, func(t *testing.T) {
			err := m.Check(row.model, []byte(row.body))
			if row.want == "" {
				assert.NoError(t, err)
				return
			}
			var invalid *schema.Invalid
			require.ErrorAs(t, err, &invalid)
			assert.Equal(t, row.want, invalid.Error())
		})
	}

	t.Run("several mistakes are all told", func(t *testing.T) {
		var invalid *schema.Invalid
		require.ErrorAs(t, m.Check("Words", []byte(`{"a":"x","b":"z"}`)), &invalid)
		assert.Equal(t, []string{
			`string "x" is too short (length: 1, required minimum: 2)`,
			`instance value ("z") not found in enum (possible values: ["x","y"])`,
		}, invalid.Texts)
		assert.Equal(t, []string{"/a: minLength", "/b: enum"}, invalid.Places, "nothing of the body's")
	})
	t.Run("a model that is not there", func(t *testing.T) {
		assert.EqualError(t, m.Check("Nobody", nil), `schema: there is no model "Nobody"`)
	})
	t.Run("what is passed over is told", func(t *testing.T) {
		assert.ElementsMatch(t, []string{
			"model Bounds: properties/n/exclusiveMinimum",
			"model Bounds: properties/list/minItems",
			"model Bounds: properties/list/maxItems",
			"model Formats: $schema",
			"model Formats: properties/day/format",
		}, m.Ignored())
	})
}

func TestCompileErrors(t *testing.T) {
	for _, row := range []struct{ name, document, want string }{
		{"no JSON", `{`, `schema: model "M": unexpected EOF`},
		{"a reference to nobody", `{"$ref":"https://apigateway.amazonaws.com/restapis/a/models/Gone"}`, `there is no model "Gone"`},
		{"a reference into the net", `{"$ref":"https://example.com/schema.json"}`, `there is no model "https://example.com/schema.json"`},
		{"required of draft 3", `{"type":"object","properties":{"a":{"required":true}}}`, `schema: model "M"`},
		{"a pattern that is none", `{"pattern":"("}`, `schema: model "M"`},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, err := schema.Compile(map[string]json.RawMessage{"M": json.RawMessage(row.document)})
			assert.ErrorContains(t, err, row.want)
		})
	}
}
