package schema

import (
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
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

// leaves are the mistakes themselves, without the rules that only hold others.
func leaves(e *jsonschema.ValidationError) []*jsonschema.ValidationError {
	switch e.ErrorKind.(type) {
	case *kind.Schema, *kind.Group, *kind.Reference, *kind.AllOf:
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
func invalid(e *jsonschema.ValidationError) *Invalid {
	told := &Invalid{}
	for _, leaf := range leaves(e) {
		told.Texts = append(told.Texts, textOf(leaf))
		told.Places = append(told.Places, "/"+strings.Join(leaf.InstanceLocation, "/")+": "+strings.Join(leaf.ErrorKind.KeywordPath(), "/"))
	}
	return told
}

// textOf words a mistake as API Gateway does. One of its sentences was recorded,
// that of missing properties; it is one of the Java library json-schema-validator's,
// from which those of the other common keywords are taken. What that library says of
// the rest is not known here.
func textOf(e *jsonschema.ValidationError) string {
	switch k := e.ErrorKind.(type) {
	case *kind.Required:
		return "object has missing required properties (" + list(k.Missing) + ")"
	case *kind.AdditionalProperties:
		return "object instance has properties which are not allowed by the schema: " + list(k.Properties)
	case *kind.Type:
		return fmt.Sprintf("instance type (%s) does not match any allowed primitive type (allowed: %s)", k.Got, list(k.Want))
	case *kind.Enum:
		return fmt.Sprintf("instance value (%s) not found in enum (possible values: %s)", text(k.Got), text(k.Want))
	case *kind.Pattern:
		return fmt.Sprintf("ECMA 262 regex %s does not match input string %s", text(k.Want), text(k.Got))
	case *kind.MinLength:
		return fmt.Sprintf("string is too short (length: %d, required minimum: %d)", k.Got, k.Want)
	case *kind.MaxLength:
		return fmt.Sprintf("string is too long (length: %d, maximum allowed: %d)", k.Got, k.Want)
	case *kind.Minimum:
		return fmt.Sprintf("numeric instance is lower than the required minimum (minimum: %s, found: %s)", number(k.Want), number(k.Got))
	case *kind.Maximum:
		return fmt.Sprintf("numeric instance is greater than the required maximum (maximum: %s, found: %s)", number(k.Want), number(k.Got))
	case *kind.OneOf:
		return fmt.Sprintf("instance failed to match exactly one schema (matched %d)", len(k.Subschemas))
	case *kind.AnyOf:
		return "instance failed to match at least one required schema"
	}
	return e.ErrorKind.LocalizedString(message.NewPrinter(language.English))
}

// list writes names in the order of the alphabet.
func list(names []string) string { return text(slices.Sorted(slices.Values(names))) }

func text(v any) string {
	out, err := json.Marshal(v)
	if err != nil {
		return "?"
	}
	return string(out)
}

func number(n *big.Rat) string {
	if n.IsInt() {
		return n.Num().String()
	}
	return strings.TrimRight(n.FloatString(10), "0")
}
