package gateway_test

import (
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/local/gateway"
)

func TestRequestValidator(t *testing.T) {
	models, err := gateway.CompileModels(map[string]json.RawMessage{
		"Pet": json.RawMessage(`{"type":"object","required":["email"],"properties":{"email":{"type":"string","minLength":3}}}`),
	})
	require.NoError(t, err)
	bad := func(message string) asked {
		return asked{400, map[string]string{"Content-Type": "application/json", "x-amzn-ErrorType": "BadRequestException"}, `{"message": "` + message + `"}`}
	}
	in := asked{200, map[string]string{"Content-Type": "application/json"}, "in"}
	both := gateway.RequestValidator{
		Parameters: gateway.RequiredParameters{Header: []string{"x-header-param"}, Path: []string{"issuer"}, Query: []string{"qs1"}},
		Models:     models, Bodies: map[string]string{"application/json": "Pet"},
	}
	body := gateway.RequestValidator{Models: models, Bodies: both.Bodies}
	fallback := gateway.RequestValidator{Models: models, Bodies: map[string]string{"$default": "Pet"}}
	for _, row := range []struct {
		name         string
		validator    gateway.RequestValidator
		method, body string
		header       []string
		want         asked
	}{
		{"all parameters are missing, the body is not looked at (docs/authorizers.md)", both, "POST", `{}`, nil, bad("Missing required request parameters: [x-header-param, issuer, qs1]")},
		{"the body does not fit (docs/authorizers.md)", body, "POST", `{"a":1}`, nil, bad("Invalid request body")},
		{"the body fits", body, "POST", `{"email":"a@b"}`, nil, in},
		{"no body (docs/authorizers.md: GET and POST)", body, "POST", ``, nil, bad("Invalid request body")},
		{"no body, GET", body, "GET", ``, []string{"Content-Type", "application/json"}, bad("Invalid request body")},
		{"no JSON", body, "POST", `{`, nil, bad("Invalid request body")},
		{"a type with parameters", body, "POST", `{"a":1}`, []string{"Content-Type", "Application/JSON; charset=utf-8"}, bad("Invalid request body")},
		{"a type without a model passes (docs/authorizers.md)", body, "POST", `x`, []string{"Content-Type", "text/plain"}, in},
		{"$default is for all types (docs/authorizers.md)", fallback, "POST", `x`, []string{"Content-Type", "text/plain"}, bad("Invalid request body")},
	} {
		t.Run(row.name, func(t *testing.T) {
			r := httptest.NewRequest(row.method, "/pets", strings.NewReader(row.body))
			for i := 0; i < len(row.header); i += 2 {
				r.Header.Set(row.header[i], row.header[i+1])
			}
			got, event := put(t, gateway.API{Kind: gateway.RESTAPI, Routes: []gateway.Route{{Key: "/pets", Validator: row.validator}}}, r)
			assert.Equal(t, row.want, got)
			if got.status == 200 {
				assert.Equal(t, row.body, event["body"], "the body is still there")
			}
		})
	}
	t.Run("templates see the mistakes (docs/authorizers.md, captured)", func(t *testing.T) {
		got, _ := put(t, gateway.API{Kind: gateway.RESTAPI, Routes: []gateway.Route{{Key: "/pets", Validator: body}},
			Responses: gateway.Responses{gateway.BadRequestBody: {Templates: map[string]string{"application/json": `{"why":"$context.error.validationErrorString"}`}}}},
			httptest.NewRequest("POST", "/pets", strings.NewReader(`{}`)))
		assert.Equal(t, `{"why":"[object has missing required properties (["email"])]"}`, got.body)
	})
}
