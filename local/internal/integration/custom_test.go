package integration_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/local/internal/integration"
	"github.com/lambridge-go/lambridge/local/invoke"
)

func TestPassthrough(t *testing.T) {
	for _, row := range []struct {
		text          string
		without, with bool // passes without templates, with some that do not match
	}{
		{"", true, true}, {"when_no_match", true, true}, {"WHEN_NO_TEMPLATES", true, false}, {"Never", false, false},
	} {
		p, err := integration.ParsePassthrough(row.text)
		require.NoError(t, err, row.text)
		assert.Equal(t, []bool{row.without, row.with}, []bool{p.Passes(0), p.Passes(2)}, row.text)
	}
	_, err := integration.ParsePassthrough("always")
	assert.EqualError(t, err, `"always" is none of WHEN_NO_MATCH, WHEN_NO_TEMPLATES and NEVER`)
}

func TestParseHandling(t *testing.T) {
	h, err := integration.ParseHandling("convert_to_text")
	require.NoError(t, err)
	assert.Equal(t, integration.ToText, h)
	_, err = integration.ParseHandling("text")
	assert.EqualError(t, err, `"text" is neither CONVERT_TO_TEXT nor CONVERT_TO_BINARY`)
}

func TestCustomPayload(t *testing.T) {
	for _, row := range []struct{ name, body, want, err string }{
		{"JSON", `{"a":1}`, `{"a":1}`, ""},
		{"nothing", ``, `{}`, ""},
		{"no JSON", `a`, `a`, `the function would get what is not JSON: "a": invalid character 'a' looking for beginning of value`},
	} {
		payload, err := integration.CustomPayload([]byte(row.body))
		assert.Equal(t, row.want, string(payload), row.name)
		if row.err == "" {
			assert.NoError(t, err, row.name)
		} else {
			assert.EqualError(t, err, row.err, row.name)
		}
	}
}

func TestFailureOf(t *testing.T) {
	for _, row := range []struct {
		name            string
		err             error
		object, message string
		ok              bool
	}{
		{"what the function said", &integration.Error{Err: &invoke.Error{Message: "boom", Payload: []byte(`{"errorMessage":"boom","trace":[]}`)}}, `{"errorMessage":"boom","trace":[]}`, "boom", true},
		{"what is said of it", &invoke.Error{Type: "Exit", Message: "status 2"}, `{"errorMessage":"status 2","errorType":"Exit"}`, "status 2", true},
		{"no failure of the function", errors.New("busy"), ``, "", false},
		{"none at all", nil, ``, "", false},
	} {
		object, message, ok := integration.FailureOf(row.err)
		assert.Equal(t, []any{row.object, row.message, row.ok}, []any{string(object), message, ok}, row.name)
	}
}
