package integration

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/lambridge-go/lambridge/local/invoke"
)

// A Passthrough is an integration's passthroughBehavior: what becomes of a body that no
// template is for.
type Passthrough string

// The behaviors.
const (
	WhenNoMatch     Passthrough = "WHEN_NO_MATCH"     // it passes as it is
	WhenNoTemplates Passthrough = "WHEN_NO_TEMPLATES" // it passes if there are no templates at all
	Never           Passthrough = "NEVER"
)

// ParsePassthrough reads a behavior in any case. "" is WhenNoMatch.
func ParsePassthrough(text string) (Passthrough, error) {
	switch p := Passthrough(strings.ToUpper(text)); p {
	case "":
		return WhenNoMatch, nil
	case WhenNoMatch, WhenNoTemplates, Never:
		return p, nil
	}
	return WhenNoMatch, fmt.Errorf("%q is none of %s, %s and %s", text, WhenNoMatch, WhenNoTemplates, Never)
}

// Passes reports whether a body passes that none of so many templates is for.
func (p Passthrough) Passes(templates int) bool {
	return p == WhenNoMatch || p == WhenNoTemplates && templates == 0
}

// CustomPayload returns what a function is invoked with that is no proxy's: the body that a
// mapping made, which has to be JSON, or {} if that is nothing. With an error, which wraps
// what is wrong with the JSON, it is what the function would have got.
func CustomPayload(body []byte) ([]byte, error) {
	if len(body) == 0 {
		return []byte("{}"), nil
	}
	if err := json.Unmarshal(body, new(json.RawMessage)); err != nil {
		return body, fmt.Errorf("the function would get what is not JSON: %.200q: %w", body, err)
	}
	return body, nil
}

// FailureOf returns the object that tells of a function's failure, in place of a result, and
// the errorMessage in it. ok is false of an err that is not the function's own.
func FailureOf(err error) (object []byte, message string, ok bool) {
	failed, ok := errors.AsType[*invoke.Error](err)
	if !ok {
		return nil, "", false
	}
	if failed.Payload != nil {
		return failed.Payload, failed.Message, true
	}
	object, _ = json.Marshal(map[string]string{"errorMessage": failed.Message, "errorType": failed.Type}) // text never fails
	return object, failed.Message, true
}
