package schema

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

// Invalid says why a body is not what a model asks for.
type Invalid struct {
	Texts []string // one for each mistake

	// Places say the same without a word of the body's, for logs: "/name: pattern".
	Places []string
}

// Error is what API Gateway shows as $context.error.validationErrorString.
func (e *Invalid) Error() string { return "[" + strings.Join(e.Texts, ", ") + "]" }

// leaves are the mistakes themselves, without the rules that only hold others. What
// allOf, anyOf and oneOf ask for is one mistake, whatever is wrong below them.
func leaves(e *jsonschema.ValidationError) []*jsonschema.ValidationError {
	switch e.ErrorKind.(type) {
	case *kind.Schema, *kind.Group, *kind.Reference:
		if len(e.Causes) == 0 {
			break
		}
		slices.SortStableFunc(e.Causes, func(a, b *jsonschema.ValidationError) int {
			return slices.Compare(a.InstanceLocation, b.InstanceLocation)
		})
		var found []*jsonschema.ValidationError
		for _, cause := range e.Causes {
			found = append(found, leaves(cause)...)
		}
		return found
	}
	return []*jsonschema.ValidationError{e}
}

// invalid tells of the mistakes in a body.
func (m *Models) invalid(e *jsonschema.ValidationError, body any) *Invalid {
	told := &Invalid{}
	for _, leaf := range leaves(e) {
		told.Texts = append(told.Texts, m.text(leaf, at(body, leaf.InstanceLocation)))
		told.Places = append(told.Places, "/"+strings.Join(leaf.InstanceLocation, "/")+": "+strings.Join(leaf.ErrorKind.KeywordPath(), "/"))
	}
	return told
}

// at is the value at a place in a body.
func at(body any, place []string) any {
	for _, step := range place {
		switch in := body.(type) {
		case map[string]any:
			body = in[step]
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i >= len(in) {
				return nil
			}
			body = in[i]
		}
	}
	return body
}

// text words a mistake in a value as API Gateway does, which lets a Java library speak:
// the sentences of that were recorded for missing properties, types and oneOf.
//
// https://github.com/java-json-tools/json-schema-validator
func (m *Models) text(e *jsonschema.ValidationError, value any) string {
	s := m.places[e.SchemaURL]
	if s == nil {
		s = &jsonschema.Schema{}
	}
	switch k := e.ErrorKind.(type) {
	case *kind.Required:
		return "object has missing required properties (" + list(k.Missing) + ")"
	case *kind.AdditionalProperties:
		return "object instance has properties which are not allowed by the schema: " + list(k.Properties)
	case *kind.MinProperties:
		return fmt.Sprintf("object has too few properties (found %d but schema requires at least %d)", k.Got, k.Want)
	case *kind.MaxProperties:
		return fmt.Sprintf("object has too many properties (found %d but schema requires at most %d)", k.Got, k.Want)
	case *kind.Dependency:
		asked, _ := s.Dependencies[k.Prop].([]string)
		return fmt.Sprintf("property %s of object has missing property dependencies (schema requires %s; missing: %s)", quote(k.Prop), list(asked), list(k.Missing))
	case *kind.Type:
		return fmt.Sprintf("instance type (%s) does not match any allowed primitive type (allowed: %s)", typeOf(k.Got, value), list(k.Want))
	case *kind.Enum:
		return fmt.Sprintf("instance value (%s) not found in enum (possible values: %s)", quote(k.Got), quote(k.Want))
	case *kind.Pattern:
		return fmt.Sprintf(`ECMA 262 regex "%s" does not match input string "%s"`, k.Want, k.Got)
	case *kind.MinLength:
		return fmt.Sprintf(`string "%v" is too short (length: %d, required minimum: %d)`, value, k.Got, k.Want)
	case *kind.MaxLength:
		return fmt.Sprintf(`string "%v" is too long (length: %d, maximum allowed: %d)`, value, k.Got, k.Want)
	case *kind.Format:
		return fmt.Sprintf(formatOf(k.Want), value)
	case *kind.Minimum:
		return fmt.Sprintf("numeric instance is lower than the required minimum (minimum: %s, found: %s)", number(k.Want), number(k.Got))
	case *kind.Maximum:
		return fmt.Sprintf("numeric instance is greater than the required maximum (maximum: %s, found: %s)", number(k.Want), number(k.Got))
	case *kind.ExclusiveMaximum:
		if k.Got.Cmp(k.Want) > 0 {
			return fmt.Sprintf("numeric instance is greater than the required maximum (maximum: %s, found: %s)", number(k.Want), number(k.Got))
		}
		return "numeric instance is not strictly lower than the required maximum " + number(k.Want)
	case *kind.MultipleOf:
		return fmt.Sprintf("remainder of division is not zero (%s / %s)", number(k.Got), number(k.Want))
	case *kind.ExclusiveMinimum:
		if k.Got.Cmp(k.Want) < 0 {
			return fmt.Sprintf("numeric instance is lower than the required minimum (minimum: %s, found: %s)", number(k.Want), number(k.Got))
		}
		return "numeric instance is not strictly greater than the required minimum " + number(k.Want)
	case *kind.MinItems:
		return fmt.Sprintf("array is too short: must have at least %d elements but instance has %d elements", k.Want, k.Got)
	case *kind.MaxItems:
		return fmt.Sprintf("array is too long: must have at most %d elements but instance has %d elements", k.Want, k.Got)
	case *kind.UniqueItems:
		return "array must not contain duplicate elements"
	case *kind.AdditionalItems:
		schemas, _ := s.Items.([]*jsonschema.Schema)
		return fmt.Sprintf("schema only allows %d elements in array but instance has %d elements", len(schemas), len(schemas)+k.Count)
	case *kind.AllOf:
		return fmt.Sprintf("instance failed to match all required schemas (matched only %d out of %d)", matched(s.AllOf, value), len(s.AllOf))
	case *kind.AnyOf:
		return fmt.Sprintf("instance failed to match at least one required schema among %d", len(s.AnyOf))
	case *kind.OneOf:
		return fmt.Sprintf("instance failed to match exactly one schema (matched %d out of %d)", matched(s.OneOf, value), len(s.OneOf))
	case *kind.Not:
		return "instance matched a schema which it should not have"
	}
	return e.ErrorKind.LocalizedString(message.NewPrinter(language.English))
}

// typeOf tells integers from other numbers by how they are written.
func typeOf(found string, value any) string {
	if n, ok := value.(json.Number); ok && !strings.ContainsAny(n.String(), ".eE") {
		return "integer"
	}
	return found
}

// formatOf is what is wrong with a string that lacks a format.
func formatOf(name string) string {
	switch name {
	case "date-time":
		return `string "%v" is invalid against requested date format(s) [yyyy-MM-dd'T'HH:mm:ssZ, yyyy-MM-dd'T'HH:mm:ss.[0-9]{1,12}Z]`
	case "email":
		return `string "%v" is not a valid email address`
	case "hostname":
		return `string "%v" is not a valid hostname`
	case "ipv4":
		return `string "%v" is not a valid IPv4 address`
	case "ipv6":
		return `string "%v" is not a valid IPv6 address`
	case "regex":
		return `string "%v" is not a valid ECMA 262 regular expression`
	case "uri":
		return `string "%v" is not a valid URI`
	}
	return `string "%v" is invalid against requested format ` + name
}

// matched counts the schemas that a value fits.
func matched(all []*jsonschema.Schema, value any) (n int) {
	for _, s := range all {
		if s.Validate(value) == nil {
			n++
		}
	}
	return n
}

// list writes names in the order of the alphabet.
func list(names []string) string { return quote(slices.Sorted(slices.Values(names))) }

// quote writes a value as JSON.
func quote(v any) string {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return "?"
	}
	return strings.TrimSuffix(out.String(), "\n")
}

// number writes a number with all its digits. A fraction that begins behind the sixth place
// has an exponent, as in Java.
func number(n *big.Rat) string {
	if n.IsInt() {
		return n.Num().String()
	}
	places, _ := n.FloatPrec() // exact: fractions of JSON come to an end
	text := n.FloatString(places)
	digits := strings.TrimLeft(text, "-0.")
	exponent := places - len(digits) + 1
	if exponent <= 6 {
		return text
	}
	if len(digits) > 1 {
		digits = digits[:1] + "." + digits[1:]
	}
	if n.Sign() < 0 {
		digits = "-" + digits
	}
	return digits + "E-" + strconv.Itoa(exponent)
}
