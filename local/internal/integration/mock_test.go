package integration_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/local/internal/integration"
)

// What AWS takes for a mock's request: docs/integrations.md.
func TestMockStatus(t *testing.T) {
	for _, test := range []struct {
		name, rendered string
		want           int
		wrong          string
	}{
		{"JSON", `{"statusCode": 200}`, 200, ""},
		{"as SAM writes it", "{\n  \"statusCode\" : 200\n}\n", 200, ""},
		{"a name without quotes, as CDK writes it", `{ statusCode: 200 }`, 200, ""},
		{"a name in single quotes", `{'statusCode': 204}`, 204, ""},
		{"a comma too many", `{"statusCode": 200,}`, 200, ""},
		{"two", `{,"a": 1,, "statusCode": 201}`, 201, ""},
		{"an empty name", `{"": 1, statusCode: 200}`, 200, ""},
		{"rubbish behind it", `{"statusCode": 200, what ever}`, 200, ""},
		{"values with commas and braces", `{"a": {"b": [1,2]}, 'c': "d,}", statusCode: 200,}`, 200, ""},
		{"zero", `{"statusCode": 0}`, 0, ""},
		{"less than zero", `{"statusCode": -7}`, -7, ""},
		{"none", `{"a": 1}`, 0, "integration: the mock's request has no statusCode"},
		{"a text", `{"statusCode": "200"}`, 0, `integration: the mock's request has the statusCode "\"200\"", which is not a whole number`},
		{"a text, leniently", `{statusCode: '200'}`, 0, `integration: the mock's request has the statusCode "'200'", which is not a whole number`},
		{"a fraction", `{"statusCode": 200.5}`, 0, `integration: the mock's request has the statusCode "200.5", which is not a whole number`},
		{"another case", `{"statuscode": 200}`, 0, "integration: the mock's request has no statusCode"},
		{"quotes that do not match", `{"statusCode': 200}`, 0, `integration: the name "\"statusCode'" in the mock's request is not closed`},
		{"no braces", `"statusCode": 200`, 0, `integration: the mock's request is not an object: "\"statusCode\": 200"`},
		{"an object for a name", `{{"a": 1}, statusCode: 200}`, 0, `integration: a member of the mock's request has no name: "{\"a\": 1}"`},
		{"nothing", ``, 0, `integration: the mock's request is not an object: ""`},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := integration.MockStatus(test.rendered)
			if test.wrong != "" {
				assert.EqualError(t, err, test.wrong)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, test.want, got)
		})
	}
}
