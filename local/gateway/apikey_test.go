package gateway_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/lambridge-go/lambridge/local/gateway"
)

// keysOf admits the keys that are ids of themselves.
type keysOf []string

func (k keysOf) Admit(key string, _ time.Time) (string, error) {
	if slices.Contains(k, key) {
		return "id-" + key, nil
	}
	return "", &gateway.Denied{Type: gateway.InvalidAPIKey, Reason: "unknown"}
}

func TestAPIKeys(t *testing.T) {
	forbidden := asked{403, map[string]string{"Content-Type": "application/json", "x-amzn-ErrorType": "ForbiddenException"}, `{"message":"Forbidden"}`}
	in := asked{200, map[string]string{"Content-Type": "application/json"}, "in"}
	grants := gateway.AuthorizerFunc(func(_ context.Context, a *gateway.Arrival) (gateway.Authorization, error) {
		if a.Sent.Get("Authorization") == "" {
			return gateway.Authorization{}, &gateway.Denied{Type: gateway.Unauthorized}
		}
		return gateway.Authorization{UsageKey: "k1", Identity: json.RawMessage(`{"user":"ann"}`)}, nil
	})
	api := func(keys gateway.APIKeys, source gateway.KeySource, authorizer gateway.Authorizer) gateway.API {
		return gateway.API{Kind: gateway.RESTAPI, APIKeys: keys, APIKeySource: source, Routes: []gateway.Route{{Key: "GET /x", APIKeyRequired: true, Authorizer: authorizer}}}
	}
	send := func(header ...string) *http.Request {
		r := httptest.NewRequest("GET", "/x", nil)
		for i := 0; i < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		return r
	}
	for _, row := range []struct {
		name string
		api  gateway.API
		r    *http.Request
		want asked
	}{
		{"none (docs/authorizers.md: localstack, serverless-application-model, serverless, chalice)", api(keysOf{"k1"}, "", nil), send(), forbidden},
		{"known (docs/authorizers.md)", api(keysOf{"k1"}, gateway.KeyFromHeader, nil), send("X-Api-Key", "k1"), in},
		{"unknown", api(keysOf{"k1"}, "", nil), send("X-Api-Key", "k2"), forbidden},
		{"an API without keys", api(nil, "", nil), send("X-Api-Key", "k1"), forbidden},
		{"from the authorizer, no Authorization (docs/authorizers.md: serverless-application-model test_api_with_authorizer_apikey)", api(keysOf{"k1"}, gateway.KeyFromAuthorizer, grants), send(),
			asked{401, map[string]string{"Content-Type": "application/json", "x-amzn-ErrorType": "UnauthorizedException"}, `{"message":"Unauthorized"}`}},
		{"from the authorizer, only x-api-key (docs/authorizers.md: serverless-application-model)", api(keysOf{"k1"}, gateway.KeyFromAuthorizer, grants), send("X-Api-Key", "k1"),
			asked{401, map[string]string{"Content-Type": "application/json", "x-amzn-ErrorType": "UnauthorizedException"}, `{"message":"Unauthorized"}`}},
		{"from the authorizer, allowed (docs/authorizers.md: serverless-application-model)", api(keysOf{"k1"}, gateway.KeyFromAuthorizer, grants), send("Authorization", "a"), in},
	} {
		t.Run(row.name, func(t *testing.T) {
			got, event := put(t, row.api, row.r)
			assert.Equal(t, row.want, got)
			if row.want.status == 200 {
				identity := event["requestContext"].(map[string]any)["identity"].(map[string]any)
				assert.Equal(t, "k1", identity["apiKey"])
				assert.Equal(t, "id-k1", identity["apiKeyId"])
				if row.api.APIKeySource == gateway.KeyFromAuthorizer {
					assert.Equal(t, "ann", identity["user"], "what the authorizer says is still there")
				}
			}
		})
	}
	to := gateway.Lambda(nil, gateway.LambdaOptions{})
	assert.ErrorContains(t, gateway.API{Kind: gateway.HTTPAPI, Default: to, Routes: []gateway.Route{{Key: "GET /x", APIKeyRequired: true}}}.Check(), "HTTP APIs have no API keys")
	assert.ErrorContains(t, gateway.API{Kind: gateway.HTTPAPI, Default: to, APIKeys: keysOf{}}.Check(), "HTTP APIs have no APIKeys")
	assert.ErrorContains(t, gateway.API{Kind: gateway.RESTAPI, Default: to, APIKeySource: "QUERY"}.Check(), `APIKeySource "QUERY" is neither`)
}
