package gateway_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/lambridge-go/lambridge/local/gateway"
)

func TestNoRoute(t *testing.T) {
	for _, row := range []struct{ name, authorization, errorType, message string }{
		{"no Authorization (docs/authorizers.md)", "", "MissingAuthenticationTokenException", "Missing Authentication Token"},
		{"a bearer token (docs/authorizers.md, captured)", "Bearer x", "IncompleteSignatureException",
			"Invalid key=value pair (missing equal-sign) in Authorization header (hashed with SHA-256 and encoded with Base64): '"},
		{"key=value (docs/authorizers.md)", "Basic dXNlcjo=", "IncompleteSignatureException", "Authorization header requires 'Credential' parameter."},
	} {
		t.Run(row.name, func(t *testing.T) {
			r := httptest.NewRequest("GET", "/nowhere", nil)
			if row.authorization != "" {
				r.Header.Set("Authorization", row.authorization)
			}
			got, _ := put(t, gateway.API{Kind: gateway.RESTAPI, Routes: []gateway.Route{{Key: "GET /somewhere"}}}, r)
			assert.Equal(t, 403, got.status)
			assert.Equal(t, row.errorType, got.header["x-amzn-ErrorType"])
			assert.True(t, strings.HasPrefix(got.body, `{"message":"`+row.message), got.body)
		})
	}
}
