package authorize_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/local/authorize"
	"github.com/lambridge-go/lambridge/local/gateway"
	"github.com/lambridge-go/lambridge/local/invoke"
)

// canary is part of every secret here.
const canary = "C4N4RY"

// Secrets on every way through the authorizers stay out of the log and out of errors.
func TestNoSecretIsLogged(t *testing.T) {
	key := rsaKey("k1")
	i := newIssuer(t, rsaJWK("k1", key))
	token := func(changes map[string]any) string {
		return sign(jwt.SigningMethodRS256, "k1", key, claims(i.URL, changes))
	}
	encoded := base64.RawURLEncoding.EncodeToString([]byte(canary + canary)) // aligned, as a claim of its own is not
	good := token(map[string]any{"secret": canary})
	_, payload, _ := strings.Cut(good, ".")
	payload, signature, _ := strings.Cut(payload, ".")
	byQuery := must(authorize.JWT(authorize.JWTOptions{
		Issuers: []authorize.Issuer{{URL: i.URL, Audiences: []string{"notes"}}}, Source: "$request.querystring.token",
	}))
	failing := function(func(_ context.Context, payload []byte) ([]byte, error) {
		return nil, &invoke.Error{Type: "Error", Message: "bad token " + string(payload)}
	})
	leaking := function(func(_ context.Context, payload []byte) ([]byte, error) {
		return nil, fmt.Errorf("bad token %s", payload)
	})
	odd := returns(`{"principalId":"p","policyDocument":"`+canary+`","context":{"a":{"b":"`+canary+`"}}}`, nil)
	iam := must(authorize.IAM(authorize.IAMOptions{Keys: []authorize.AccessKey{{ID: keyID, Secret: secret + canary}}}))
	sources := []string{"method.request.querystring.token", "method.request.header.X-Auth"}

	for _, row := range []struct {
		name       string
		kind       gateway.Kind
		authorizer gateway.Authorizer
		target     string
		header     []string
	}{
		{"a good token", gateway.HTTPAPI, jwtFor(i, nil), "/notes/1", []string{"Authorization", good}},
		{"an expired one", gateway.HTTPAPI, jwtFor(i, nil), "/notes/1", []string{"Authorization", token(map[string]any{"exp": 1, "secret": canary})}},
		{"another signature", gateway.HTTPAPI, jwtFor(i, nil), "/notes/1", []string{"Authorization", good[:len(good)-8] + "AAAAAAAA"}},
		{"no JWT", gateway.HTTPAPI, jwtFor(i, nil), "/notes/1", []string{"Authorization", canary}},
		{"no JSON", gateway.HTTPAPI, jwtFor(i, nil), "/notes/1", []string{"Authorization", encoded + "." + encoded + "." + encoded}},
		{"a REST API", gateway.RESTAPI, jwtFor(i, nil, "RS256"), "/notes/1", []string{"Authorization", canary}},
		{"a good token in the query", gateway.HTTPAPI, byQuery, "/notes/1?a=1&token=" + good, nil},
		{"a bad token in the query", gateway.HTTPAPI, byQuery, "/notes/1?to%6ben=" + canary + "&a=1", nil},
		{"a function that fails with the token", gateway.RESTAPI, must(authorize.Lambda(failing, authorize.LambdaOptions{Token: true})), "/notes/1", []string{"Authorization", canary}},
		{"a function of the same process that does", gateway.RESTAPI, must(authorize.Lambda(leaking, authorize.LambdaOptions{Token: true})), "/notes/1", []string{"Authorization", canary}},
		{"a function that answers with it", gateway.RESTAPI, must(authorize.Lambda(odd, authorize.LambdaOptions{Token: true})), "/notes/1", []string{"Authorization", canary}},
		{"a token that does not match", gateway.RESTAPI, must(authorize.Lambda(odd, authorize.LambdaOptions{Token: true, Validation: "x"})), "/notes/1", []string{"Authorization", canary}},
		{"identity sources, one of them missing", gateway.RESTAPI, must(authorize.Lambda(odd, authorize.LambdaOptions{Sources: sources})), "/notes/1?token=" + canary, nil},
		{"identity sources", gateway.RESTAPI, must(authorize.Lambda(returns(policy("Deny", "*"), nil), authorize.LambdaOptions{Sources: sources})), "/notes/1?token=" + canary, []string{"X-Auth", canary}},
		{"a bearer token for IAM", gateway.RESTAPI, iam, "/notes/1", []string{"Authorization", "Bearer " + canary}},
		{"another scheme", gateway.RESTAPI, iam, "/notes/1", []string{"Authorization", canary + " a=" + canary, "X-Amz-Date", "20261127T043000Z"}},
		{"a signature", gateway.RESTAPI, iam, "/notes/1", []string{"X-Amz-Date", "20261127T043000Z", "X-Amz-Security-Token", canary,
			"Authorization", "AWS4-HMAC-SHA256 Credential=" + keyID + "/20261127/us-east-1/execute-api/aws4_request, SignedHeaders=host;x-amz-security-token, Signature=" + canary}},
		{"a presigned URL", gateway.RESTAPI, iam, "/notes/1?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=" + keyID + "%2F20261127%2Fus-east-1%2Fexecute-api%2Faws4_request" +
			"&X-Amz-Date=20261127T043000Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Security-Token=" + canary + "&X-Amz-Signature=" + canary, nil},
		{"a route that is not there", gateway.RESTAPI, nil, "/nowhere", []string{"Authorization", "Bearer " + canary}},
		{"a path that is not there, and a presigned URL", gateway.RESTAPI, nil, "/nowhere?X-Amz-Signature=" + canary, nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			a := newAPI(t, row.kind, "", row.authorizer, gateway.Route{Key: "GET /notes/{id}"})
			var observed gateway.Exchange
			r := request("GET", row.target, row.header...)
			r = r.WithContext(gateway.WithRequest(r.Context(), gateway.Request{Observe: func(e gateway.Exchange) { observed = e }}))
			a.gateway.ServeHTTP(httptest.NewRecorder(), r)

			told := a.logs.String() + observed.Shown()
			if observed.Err != nil {
				told += observed.Err.Error()
			}
			require.NotEmpty(t, told)
			for what, text := range map[string]string{"canary": canary, "its base64": encoded, "claims": payload, "signature": signature, "secret key": secret} {
				assert.NotContains(t, told, text, what)
			}
			if strings.Contains(row.target, "?") {
				assert.Contains(t, told, "=***", "secret parameters are named")
			}
		})
	}
}
