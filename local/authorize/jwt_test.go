package authorize_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"maps"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/local/authorize"
	"github.com/lambridge-go/lambridge/local/gateway"
)

// rsaKey returns the same key for the same name.
var rsaKey = func() func(name string) *rsa.PrivateKey {
	var mu sync.Mutex
	made := map[string]*rsa.PrivateKey{}
	return func(name string) *rsa.PrivateKey {
		mu.Lock()
		defer mu.Unlock()
		if made[name] == nil {
			made[name] = must(rsa.GenerateKey(rand.Reader, 2048))
		}
		return made[name]
	}
}()

var ecKey = sync.OnceValue(func() *ecdsa.PrivateKey { return must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader)) })

// An issuer serves its configuration and its keys.
type issuer struct {
	*httptest.Server
	keys    atomic.Value // []map[string]any
	fetched atomic.Int64
	down    atomic.Bool
}

func newIssuer(t testing.TB, keys ...map[string]any) *issuer {
	i := &issuer{}
	i.keys.Store(keys)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		json.NewEncoder(w).Encode(map[string]string{"issuer": i.URL, "jwks_uri": i.URL + "/keys"})
	})
	mux.HandleFunc("GET /keys", func(w http.ResponseWriter, _ *http.Request) {
		i.fetched.Add(1)
		if i.down.Load() {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		json.NewEncoder(w).Encode(map[string]any{"keys": i.keys.Load()})
	})
	i.Server = httptest.NewServer(mux)
	t.Cleanup(i.Close)
	return i
}

// rsaJWK and ecJWK are public keys as key sets have them.
func rsaJWK(id string, key *rsa.PrivateKey) map[string]any {
	return map[string]any{"kty": "RSA", "use": "sig", "kid": id, "alg": "RS256",
		"n": base64.RawURLEncoding.EncodeToString(key.N.Bytes()), "e": base64.RawURLEncoding.EncodeToString(big.NewInt(int64(key.E)).Bytes())}
}

func ecJWK(id string, key *ecdsa.PrivateKey) map[string]any {
	point := must(key.PublicKey.Bytes())[1:]
	return map[string]any{"kty": "EC", "use": "sig", "kid": id, "crv": "P-256",
		"x": base64.RawURLEncoding.EncodeToString(point[:32]), "y": base64.RawURLEncoding.EncodeToString(point[32:])}
}

// claims are those of a good token, with changes: nil takes a claim away.
func claims(from string, changes map[string]any) jwt.MapClaims {
	c := jwt.MapClaims{"iss": from, "aud": "notes", "sub": "u1", "exp": now.Add(time.Hour).Unix(), "iat": now.Unix(), "scope": "read write"}
	for name, value := range changes {
		if c[name] = value; value == nil {
			delete(c, name)
		}
	}
	return c
}

func sign(method jwt.SigningMethod, kid string, key any, c jwt.MapClaims) string {
	token := jwt.NewWithClaims(method, c)
	if kid != "" {
		token.Header["kid"] = kid
	}
	return must(token.SignedString(key))
}

func jwtFor(i *issuer, keys *authorize.Keys, algorithms ...string) gateway.Authorizer {
	return must(authorize.JWT(authorize.JWTOptions{
		Issuers: []authorize.Issuer{{URL: i.URL, Audiences: []string{"notes", "other"}}}, Algorithms: algorithms, Keys: keys,
	}))
}

func challenge(description string) answer {
	return answer{401, "", `Bearer scope="" error="invalid_token" error_description="` + description + `"`, `{"message":"Unauthorized"}`}
}

func TestJWT(t *testing.T) {
	key := rsaKey("k1")
	i := newIssuer(t, rsaJWK("k1", key), ecJWK("ec", ecKey()))
	good := sign(jwt.SigningMethodRS256, "k1", key, claims(i.URL, nil))
	with := func(changes map[string]any) string {
		return sign(jwt.SigningMethodRS256, "k1", key, claims(i.URL, changes))
	}
	head, rest, _ := strings.Cut(good, ".")
	payload, signature, _ := strings.Cut(rest, ".")
	encode := func(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }
	public := must(x509.MarshalPKIXPublicKey(&key.PublicKey))
	publicPEM := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public})

	for _, row := range []struct {
		name   string
		header []string
		want   answer
	}{
		{"a good token", []string{"Authorization", "Bearer " + good}, in},
		{"without Bearer (docs/authorizers.md: serverless)", []string{"Authorization", good}, in},
		{"none (docs/authorizers.md: serverless, captured)", nil, answer{401, "", "Bearer", `{"message":"Unauthorized"}`}},
		{"empty", []string{"Authorization", "Bearer "}, answer{401, "", "Bearer", `{"message":"Unauthorized"}`}},
		{"no JWT (docs/authorizers.md, captured)", []string{"Authorization", "Bearer token"},
			challenge("token contains an invalid number of segments")},
		{"four segments", []string{"Authorization", good + ".x"}, challenge("token contains an invalid number of segments")},
		{"another audience (docs/authorizers.md, http-api-troubleshooting-jwt)", []string{"Authorization", with(map[string]any{"aud": "x"})},
			challenge("the token does not have a valid audience")},
		{"another issuer (docs/authorizers.md, captured)", []string{"Authorization", with(map[string]any{"iss": i.URL + "/"})}, challenge("issuer does not match")},
		{"no issuer", []string{"Authorization", with(map[string]any{"iss": nil})}, challenge("issuer does not match")},
		{"one of several audiences", []string{"Authorization", with(map[string]any{"aud": []string{"x", "other"}})}, in},
		{"client_id where there is no aud (docs/authorizers.md)", []string{"Authorization", with(map[string]any{"aud": nil, "client_id": "notes"})}, in},
		{"client_id beside another aud (docs/authorizers.md)", []string{"Authorization", with(map[string]any{"aud": "x", "client_id": "notes"})},
			challenge("the token does not have a valid audience")},
		{"an audience that is no text", []string{"Authorization", with(map[string]any{"aud": []any{1}})}, challenge("the token does not have a valid audience")},
		{"expired (words unknown)", []string{"Authorization", with(map[string]any{"exp": now.Unix()})}, challenge("the token has expired")},
		{"no exp (words unknown)", []string{"Authorization", with(map[string]any{"exp": nil})}, challenge("the token does not expire")},
		{"exp is text (words unknown)", []string{"Authorization", with(map[string]any{"exp": "9999999999"})}, challenge("the token does not expire")},
		{"not valid yet (words unknown)", []string{"Authorization", with(map[string]any{"nbf": now.Unix() + 1})}, challenge("the token is not valid yet")},
		{"valid from now on", []string{"Authorization", with(map[string]any{"nbf": now.Unix()})}, in},
		{"issued in the future (words unknown)", []string{"Authorization", with(map[string]any{"iat": now.Unix() + 1})}, challenge("the token is not valid yet")},
		{"RS384", []string{"Authorization", sign(jwt.SigningMethodRS384, "k1", key, claims(i.URL, nil))}, in},
		{"RS512", []string{"Authorization", sign(jwt.SigningMethodRS512, "k1", key, claims(i.URL, nil))}, in},
		{"PS256 (docs/authorizers.md: the RSA family of RFC 7518, section 3.3)", []string{"Authorization", sign(jwt.SigningMethodPS256, "k1", key, claims(i.URL, nil))},
			challenge("the signing method is not accepted")},
		{"ES256 (docs/authorizers.md)", []string{"Authorization", sign(jwt.SigningMethodES256, "ec", ecKey(), claims(i.URL, nil))},
			challenge("the signing method is not accepted")},
		{"none as the algorithm", []string{"Authorization", encode(`{"alg":"none","kid":"k1"}`) + "." + payload + "."}, challenge("the signing method is not accepted")},
		{"nOnE as the algorithm, with a signature", []string{"Authorization", encode(`{"alg":"nOnE","kid":"k1"}`) + "." + payload + "." + signature},
			challenge("the signing method is not accepted")},
		{"no algorithm", []string{"Authorization", encode(`{"kid":"k1"}`) + "." + payload + "." + signature}, challenge("the signing method is not accepted")},
		{"HS256 with the public key for a secret", []string{"Authorization", sign(jwt.SigningMethodHS256, "k1", publicPEM, claims(i.URL, nil))},
			challenge("the signing method is not accepted")},
		{"RS256 by the kid of another kind of key", []string{"Authorization", sign(jwt.SigningMethodRS256, "ec", key, claims(i.URL, nil))},
			challenge("the signature is invalid")},
		{"another key", []string{"Authorization", sign(jwt.SigningMethodRS256, "k1", rsaKey("k2"), claims(i.URL, nil))}, challenge("the signature is invalid")},
		{"claims of another token", []string{"Authorization", head + "." + encode(`{"iss":"`+i.URL+`","aud":"notes","exp":9999999999}`) + "." + signature},
			challenge("the signature is invalid")},
		{"no kid (words unknown)", []string{"Authorization", sign(jwt.SigningMethodRS256, "", key, claims(i.URL, nil))}, challenge("the token names no key")},
		{"a kid that is a path", []string{"Authorization", sign(jwt.SigningMethodRS256, "../../etc/passwd", key, claims(i.URL, nil))},
			challenge("the key of the token is unknown")},
		{"a key that the token brings along", []string{"Authorization", encode(`{"alg":"RS256","kid":"mine","jwk":{"kty":"RSA"},"jku":"https://evil.example/keys","x5u":"https://evil.example"}`) +
			"." + payload + "." + signature}, challenge("the key of the token is unknown")},
		{"critical extensions", []string{"Authorization", encode(`{"alg":"RS256","kid":"k1","crit":["exp"]}`) + "." + payload + "." + signature},
			challenge("the token has critical extensions")},
		{"no base64", []string{"Authorization", "!." + payload + "." + signature}, challenge("the token cannot be decoded")},
		{"claims that are a list", []string{"Authorization", head + "." + encode(`[]`) + "." + signature}, challenge("the token cannot be decoded")},
		{"claims that are null", []string{"Authorization", head + "." + encode(`null`) + "." + signature}, challenge("the token cannot be decoded")},
		{"deep claims", []string{"Authorization", head + "." + encode(strings.Repeat("[", 5000)) + "." + signature}, challenge("the token cannot be decoded")},
		{"the last bits of the signature", []string{"Authorization", good[:len(good)-1] + string(good[len(good)-1]^1)}, challenge("the token cannot be decoded")},
	} {
		t.Run(row.name, func(t *testing.T) {
			a := newAPI(t, gateway.HTTPAPI, gateway.Format2, jwtFor(i, nil))
			assert.Equal(t, row.want, a.get(row.header...))
		})
	}

	t.Run("a token of 1 MB is not looked at", func(t *testing.T) {
		a := &gateway.Arrival{}
		a.API = arrivalAPI(gateway.HTTPAPI)
		a.Sent = http.Header{"Authorization": {"Bearer " + strings.Repeat("a", 1<<20) + "." + payload + "." + signature}}
		a.Time = now
		_, err := jwtFor(i, nil).Authorize(context.Background(), a)
		var refused *gateway.Denied
		require.ErrorAs(t, err, &refused)
		assert.Regexp(t, `^the token has 104\d{4} bytes, the limit is 10240$`, refused.Reason)
	})
}

func TestJWTScopes(t *testing.T) {
	key := rsaKey("k1")
	i := newIssuer(t, rsaJWK("k1", key))
	for _, row := range []struct {
		name   string
		scopes []string
		claims map[string]any
		want   answer
		event  string
	}{
		{"a route without scopes shows none (docs/authorizers.md: floci BuildV2ProxyEventJwtClaimsTest)", nil, nil, in, `null`},
		{"one scope is enough, and all of the token's are shown (docs/authorizers.md: floci HttpApiJwtAuthorizerScopesTest)", []string{"write", "admin"}, nil, in, `["read","write"]`},
		{"scp, a list, goes before scope (docs/authorizers.md: floci HttpApiJwtAuthorizerScopesTest)", []string{"a"}, map[string]any{"scp": []string{"a", "b"}}, in, `["a","b"]`},
		{"scp as text", []string{"b"}, map[string]any{"scp": "a b"}, in, `["a","b"]`},
		{"none of them (docs/authorizers.md, captured)", []string{"A", "B"}, nil,
			answer{403, "", `Bearer scope="A B" error="insufficient_scope" error_description="expected scopes: [A B]"`, `{"message":"Forbidden"}`}, ""},
		{"no scopes at all, as a Cognito id token (docs/authorizers.md: floci)", []string{"A"}, map[string]any{"scope": nil},
			answer{403, "", `Bearer scope="A" error="insufficient_scope" error_description="expected scopes: [A]"`, `{"message":"Forbidden"}`}, ""},
		{"a scope is not part of another", []string{"rea"}, nil,
			answer{403, "", `Bearer scope="rea" error="insufficient_scope" error_description="expected scopes: [rea]"`, `{"message":"Forbidden"}`}, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			a := newAPI(t, gateway.HTTPAPI, gateway.Format2, jwtFor(i, nil), gateway.Route{Key: "GET /notes/{id}", Scopes: row.scopes})
			require.Equal(t, row.want, a.get("Authorization", sign(jwt.SigningMethodRS256, "k1", key, claims(i.URL, row.claims))))
			if row.event == "" {
				return
			}
			var authorizer struct {
				JWT struct {
					Claims map[string]string
					Scopes json.RawMessage
				}
			}
			require.NoError(t, json.Unmarshal([]byte(a.context("authorizer")), &authorizer))
			assert.Equal(t, row.event, string(authorizer.JWT.Scopes))
			if row.claims == nil {
				assert.Equal(t, "read write", authorizer.JWT.Claims["scope"], "the claim stays as it is")
			}
		})
	}
}

func TestJWTClaims(t *testing.T) {
	key := rsaKey("k1")
	i := newIssuer(t, rsaJWK("k1", key))
	odd := map[string]any{
		"exp": 9999999999, "iat": 1516239022, "scope": nil, "yes": true, "groups": []any{"admin", "poweruser"}, "none": json.RawMessage("null"),
		"country": map[string]any{"country": "JP"}, "name": `Zoë "Z"`, "version": "42", "emoji": "😀",
	}
	token := sign(jwt.SigningMethodRS256, "k1", key, claims(i.URL, odd))

	spoken := map[string]any{"iss": i.URL, "aud": "notes", "sub": "u1", "exp": "9999999999", "iat": "1516239022", "yes": "true",
		"groups": "[admin poweruser]", "country": `{"country":"JP"}`, "name": `Zoë "Z"`, "version": "42", "emoji": "😀"}
	t.Run("HTTP API 2.0: text (docs/authorizers.md: floci JwtClaimsWireFormatTest)", func(t *testing.T) {
		a := newAPI(t, gateway.HTTPAPI, gateway.Format2, jwtFor(i, nil))
		require.Equal(t, in, a.get("Authorization", token))
		var authorizer map[string]map[string]any
		require.NoError(t, json.Unmarshal([]byte(a.context("authorizer")), &authorizer))
		assert.Equal(t, map[string]map[string]any{"jwt": {"claims": spoken, "scopes": nil}}, authorizer)
	})
	t.Run("HTTP API 1.0: the same, one level up (docs/authorizers.md)", func(t *testing.T) {
		a := newAPI(t, gateway.HTTPAPI, gateway.Format1, jwtFor(i, nil))
		require.Equal(t, in, a.get("Authorization", token))
		var authorizer map[string]any
		require.NoError(t, json.Unmarshal([]byte(a.context("authorizer")), &authorizer))
		assert.Equal(t, map[string]any{"claims": spoken, "scopes": nil}, authorizer)
	})
	t.Run("REST API: types, beyond ASCII escaped (new on AWS A.5)", func(t *testing.T) {
		a := newAPI(t, gateway.RESTAPI, "", jwtFor(i, nil, "RS256"))
		require.Equal(t, in, a.get("Authorization", token))
		authorizer := a.context("authorizer")
		assert.Contains(t, authorizer, `"name":"Zo\u00EB \"Z\""`)
		assert.Contains(t, authorizer, `"emoji":"\uD83D\uDE00"`)
		assert.Contains(t, authorizer, `"groups":["admin","poweruser"]`)
		assert.Contains(t, authorizer, `"exp":9999999999`)
		assert.Contains(t, authorizer, `"version":"42"`)
		assert.Contains(t, authorizer, `"country":{"country":"JP"}`)
	})
	t.Run("REST API: templates see JSON text (new on AWS A.5)", func(t *testing.T) {
		var left gateway.Authorization
		keep := gateway.AuthorizerFunc(func(ctx context.Context, a *gateway.Arrival) (_ gateway.Authorization, err error) {
			left, err = jwtFor(i, nil, "RS256").Authorize(ctx, a)
			return left, err
		})
		require.Equal(t, in, newAPI(t, gateway.RESTAPI, "", keep).get("Authorization", token))
		var variables struct{ Claims map[string]string }
		require.NoError(t, json.Unmarshal(left.Variables, &variables))
		assert.Equal(t, `"Zo\u00EB \"Z\""`, variables.Claims["name"])
		assert.Equal(t, `9999999999`, variables.Claims["exp"])
		assert.Equal(t, `"42"`, variables.Claims["version"])
		assert.Equal(t, `["admin","poweruser"]`, variables.Claims["groups"])
		assert.Equal(t, "u1", left.Principal)
	})
}

func TestJWTSource(t *testing.T) {
	key := rsaKey("k1")
	i := newIssuer(t, rsaJWK("k1", key))
	o := authorize.JWTOptions{Issuers: []authorize.Issuer{{URL: i.URL, Audiences: []string{"notes"}}}, Source: "$request.querystring.token"}
	a := newAPI(t, gateway.HTTPAPI, gateway.Format2, must(authorize.JWT(o)))
	token := sign(jwt.SigningMethodRS256, "k1", key, claims(i.URL, nil))
	assert.Equal(t, in, a.send(request("GET", "/notes/1?token="+token)), "by the query (docs/authorizers.md: floci HttpApiJwtAuthorizerQuerystringTest)")
	assert.Equal(t, 401, a.send(request("GET", "/notes/1", "Authorization", token)).status)
}

func TestJWTAnyAudience(t *testing.T) {
	key := rsaKey("k1")
	i := newIssuer(t, rsaJWK("k1", key))
	a := newAPI(t, gateway.HTTPAPI, gateway.Format2, must(authorize.JWT(authorize.JWTOptions{Issuers: []authorize.Issuer{{URL: i.URL, AnyAudience: true}}})))
	assert.Equal(t, in, a.get("Authorization", sign(jwt.SigningMethodRS256, "k1", key, claims(i.URL, map[string]any{"aud": nil}))))
	assert.Equal(t, 401, a.get("Authorization", sign(jwt.SigningMethodRS256, "k1", rsaKey("k2"), claims(i.URL, nil))).status)
}

func TestJWTREST(t *testing.T) {
	k1, k2 := rsaKey("k1"), rsaKey("k2")
	one, two := newIssuer(t, rsaJWK("k1", k1), ecJWK("ec", ecKey())), newIssuer(t, rsaJWK("k2", k2))
	authorizer := must(authorize.JWT(authorize.JWTOptions{
		Algorithms: []string{"RS256", "ES256"},
		Source:     "method.request.header.Authorization",
		Issuers: []authorize.Issuer{
			{URL: one.URL, Audiences: []string{"notes"}},
			{URL: two.URL, Audiences: []string{"two"}, Claims: []authorize.ClaimRule{
				{Name: "tenant", Values: []string{"acme"}, Required: true}, {Name: "plan", Values: []string{"pro"}}, {Name: "token_use", Required: true},
			}},
		},
	}))
	fromTwo := func(changes map[string]any) string {
		c := map[string]any{"aud": "two", "tenant": "acme", "token_use": "access"}
		maps.Copy(c, changes)
		return sign(jwt.SigningMethodRS256, "k2", k2, claims(two.URL, c))
	}
	for _, row := range []struct {
		name, token string
		scopes      []string
		want        answer
	}{
		{"one issuer", sign(jwt.SigningMethodRS256, "k1", k1, claims(one.URL, nil)), nil, in},
		{"the other, with its claims", fromTwo(nil), nil, in},
		{"the audience of the other issuer", sign(jwt.SigningMethodRS256, "k1", k1, claims(one.URL, map[string]any{"aud": "two"})), nil, unauthorized},
		{"the key of the other issuer", sign(jwt.SigningMethodRS256, "k2", k2, claims(one.URL, nil)), nil, unauthorized},
		{"ES256, which is listed", sign(jwt.SigningMethodES256, "ec", ecKey(), claims(one.URL, nil)), nil, in},
		{"RS512, which is not", sign(jwt.SigningMethodRS512, "k1", k1, claims(one.URL, nil)), nil, unauthorized},
		{"a claim that is required and missing", fromTwo(map[string]any{"tenant": nil}), nil, unauthorized},
		{"a claim in another case", fromTwo(map[string]any{"tenant": "Acme"}), nil, unauthorized},
		{"a claim that is a list", fromTwo(map[string]any{"tenant": []string{"acme"}}), nil, unauthorized},
		{"a claim that may be missing and is another", fromTwo(map[string]any{"plan": "free"}), nil, unauthorized},
		{"a claim that may be missing and is right", fromTwo(map[string]any{"plan": "pro"}), nil, in},
		{"a claim that is asked to be there only", fromTwo(map[string]any{"token_use": nil}), nil, unauthorized},
		{"expired", sign(jwt.SigningMethodRS256, "k1", k1, claims(one.URL, map[string]any{"exp": now.Unix()})), nil, unauthorized},
		{"none", "", nil, unauthorized},
		{"one scope is enough (new on AWS A.3)", sign(jwt.SigningMethodRS256, "k1", k1, claims(one.URL, nil)), []string{"read", "x"}, in},
		{"no scope: 403 (new on AWS A.6; its words are unknown)", sign(jwt.SigningMethodRS256, "k1", k1, claims(one.URL, nil)), []string{"x"},
			answer{403, "AccessDeniedException", "", `{"Message":"User is not authorized to access this resource"}`}},
	} {
		t.Run(row.name, func(t *testing.T) {
			a := newAPI(t, gateway.RESTAPI, "", authorizer, gateway.Route{Key: "GET /notes/{id}", Scopes: row.scopes})
			assert.Equal(t, row.want, a.get("Authorization", row.token))
			if row.want.status != 200 {
				assert.Contains(t, a.logs.String(), "how AWS words this answer is not known")
			}
		})
	}
}

func TestKeys(t *testing.T) {
	k1, k2, k3 := rsaKey("k1"), rsaKey("k2"), rsaKey("k3")
	clock := now
	newKeys := func(o authorize.KeyOptions) *authorize.Keys {
		o.Now = func() time.Time { return clock }
		return authorize.NewKeys(o)
	}
	token := func(i *issuer, kid string, key *rsa.PrivateKey) string {
		return sign(jwt.SigningMethodRS256, kid, key, claims(i.URL, nil))
	}

	t.Run("keys that change twice within a second are followed", func(t *testing.T) {
		i := newIssuer(t, rsaJWK("k1", k1))
		a := newAPI(t, gateway.HTTPAPI, gateway.Format2, jwtFor(i, newKeys(authorize.KeyOptions{})))
		for range 3 {
			assert.Equal(t, in, a.get("Authorization", token(i, "k1", k1)))
		}
		assert.EqualValues(t, 1, i.fetched.Load())
		i.keys.Store([]map[string]any{rsaJWK("k2", k2)})
		assert.Equal(t, in, a.get("Authorization", token(i, "k2", k2)))
		i.keys.Store([]map[string]any{rsaJWK("k3", k3)})
		assert.Equal(t, in, a.get("Authorization", token(i, "k3", k3)))
		assert.EqualValues(t, 3, i.fetched.Load())
		assert.Equal(t, challenge("the key of the token is unknown"), a.get("Authorization", token(i, "k1", k1)), "a key that is gone")
	})
	t.Run("tokens with made-up keys have the set read once a second", func(t *testing.T) {
		i := newIssuer(t, rsaJWK("k1", k1))
		a := newAPI(t, gateway.HTTPAPI, gateway.Format2, jwtFor(i, newKeys(authorize.KeyOptions{})))
		for range 50 {
			a.get("Authorization", token(i, "x", k1))
		}
		assert.EqualValues(t, 10, i.fetched.Load())
		assert.Equal(t, in, a.get("Authorization", token(i, "k1", k1)), "the keys that are known stay so")
		clock = clock.Add(time.Second)
		for range 50 {
			a.get("Authorization", token(i, "x", k1))
		}
		assert.EqualValues(t, 11, i.fetched.Load())
	})
	t.Run("a set is read again after an hour, and kept while it cannot be", func(t *testing.T) {
		i := newIssuer(t, rsaJWK("k1", k1))
		a := newAPI(t, gateway.HTTPAPI, gateway.Format2, must(authorize.JWT(authorize.JWTOptions{
			Issuers: []authorize.Issuer{{URL: i.URL, Audiences: []string{"notes"}}}, Keys: newKeys(authorize.KeyOptions{}),
		})))
		long := sign(jwt.SigningMethodRS256, "k1", k1, claims(i.URL, map[string]any{"exp": now.Add(24 * time.Hour).Unix()}))
		a.get("Authorization", long)
		clock = clock.Add(time.Hour)
		assert.Equal(t, in, a.get("Authorization", long))
		assert.EqualValues(t, 2, i.fetched.Load())
		i.down.Store(true)
		clock = clock.Add(time.Hour)
		assert.Equal(t, in, a.get("Authorization", long))
		assert.EqualValues(t, 3, i.fetched.Load())
	})
	t.Run("many at once fetch once", func(t *testing.T) {
		i := newIssuer(t, rsaJWK("k1", k1))
		a := newAPI(t, gateway.HTTPAPI, gateway.Format2, jwtFor(i, newKeys(authorize.KeyOptions{})))
		var group sync.WaitGroup
		for range 20 {
			group.Go(func() {
				w := httptest.NewRecorder()
				a.gateway.ServeHTTP(w, request("GET", "/notes/1", "Authorization", token(i, "k1", k1)))
				assert.Equal(t, 200, w.Code)
			})
		}
		group.Wait()
		assert.EqualValues(t, 1, i.fetched.Load())
	})
	t.Run("a file, read again for a key that it did not have", func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "keys.json")
		write := func(keys ...map[string]any) {
			require.NoError(t, os.WriteFile(file, must(json.Marshal(map[string]any{"keys": keys})), 0o600))
		}
		write(rsaJWK("k1", k1))
		const url = "https://id.example.com/"
		a := newAPI(t, gateway.HTTPAPI, gateway.Format2, must(authorize.JWT(authorize.JWTOptions{
			Issuers: []authorize.Issuer{{URL: url, Audiences: []string{"notes"}}}, Keys: newKeys(authorize.KeyOptions{Sets: map[string]string{url: file}}),
		})))
		assert.Equal(t, in, a.get("Authorization", sign(jwt.SigningMethodRS256, "k1", k1, claims(url, nil))))
		write(rsaJWK("k2", k2))
		assert.Equal(t, in, a.get("Authorization", sign(jwt.SigningMethodRS256, "k2", k2, claims(url, nil))))
	})
	t.Run("a set by its URL, without a configuration", func(t *testing.T) {
		i := newIssuer(t, rsaJWK("k1", k1))
		const url = "https://id.example.com/"
		a := newAPI(t, gateway.HTTPAPI, gateway.Format2, must(authorize.JWT(authorize.JWTOptions{
			Issuers: []authorize.Issuer{{URL: url, Audiences: []string{"notes"}}}, Keys: newKeys(authorize.KeyOptions{Sets: map[string]string{url: i.URL + "/keys"}}),
		})))
		assert.Equal(t, in, a.get("Authorization", sign(jwt.SigningMethodRS256, "k1", k1, claims(url, nil))))
	})
	for name, body := range map[string]string{
		"another issuer's": `{"issuer":"https://evil.example","jwks_uri":"https://evil.example/keys"}`,
		"no URL of keys":   `{"issuer":"ISSUER","jwks_uri":"file:///etc/passwd"}`,
		"no JSON":          `<html>`,
		"too large":        `{"issuer":"ISSUER","x":"` + strings.Repeat("x", 150_000) + `"}`,
	} {
		t.Run("a configuration that is "+name, func(t *testing.T) {
			var server *httptest.Server
			server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Write([]byte(strings.ReplaceAll(body, "ISSUER", server.URL)))
			}))
			t.Cleanup(server.Close)
			a := newAPI(t, gateway.HTTPAPI, gateway.Format2, must(authorize.JWT(authorize.JWTOptions{
				Issuers: []authorize.Issuer{{URL: server.URL, Audiences: []string{"notes"}}},
			})))
			assert.Equal(t, challenge("the key of the token is unknown"), a.get("Authorization", sign(jwt.SigningMethodRS256, "k1", k1, claims(server.URL, nil))))
		})
	}
	t.Run("keys that are for something else, or too large", func(t *testing.T) {
		encryption := rsaJWK("k1", k1)
		encryption["use"] = "enc"
		huge := rsaJWK("k2", k2)
		huge["n"] = base64.RawURLEncoding.EncodeToString(make([]byte, 4096))
		offCurve := ecJWK("k3", ecKey())
		offCurve["y"] = offCurve["x"]
		i := newIssuer(t, encryption, huge, offCurve)
		a := newAPI(t, gateway.HTTPAPI, gateway.Format2, jwtFor(i, nil))
		for kid, key := range map[string]*rsa.PrivateKey{"k1": k1, "k2": k2} {
			assert.Equal(t, challenge("the key of the token is unknown"), a.get("Authorization", token(i, kid, key)))
		}
	})
}

func TestJWTOptions(t *testing.T) {
	issuer := authorize.Issuer{URL: "https://id.example.com/", Audiences: []string{"notes"}}
	for _, row := range []struct {
		name    string
		options authorize.JWTOptions
		want    string
	}{
		{"no issuer", authorize.JWTOptions{}, "authorize: JWT has no Issuers"},
		{"an issuer that is no URL", authorize.JWTOptions{Issuers: []authorize.Issuer{{URL: "id", Audiences: []string{"a"}}}}, `the issuer "id" is no URL`},
		{"an issuer with a query (new on AWS A.2)", authorize.JWTOptions{Issuers: []authorize.Issuer{{URL: "https://id/?a", Audiences: []string{"a"}}}}, "is no URL without query"},
		{"no audience", authorize.JWTOptions{Issuers: []authorize.Issuer{{URL: "https://id/"}}}, `the issuer "https://id/" has no Audiences`},
		{"a rule for exp (new on AWS A.2)", authorize.JWTOptions{Issuers: []authorize.Issuer{{URL: "https://id/", Audiences: []string{"a"},
			Claims: []authorize.ClaimRule{{Name: "exp"}}}}}, `a rule for the claim "exp"`},
		{"HS256", authorize.JWTOptions{Issuers: []authorize.Issuer{issuer}, Algorithms: []string{"HS256"}}, `the algorithm "HS256"`},
		{"a source that is none", authorize.JWTOptions{Issuers: []authorize.Issuer{issuer}, Source: "Authorization"}, `the identity source "Authorization"`},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, err := authorize.JWT(row.options)
			assert.ErrorContains(t, err, row.want)
		})
	}
}

func TestCognito(t *testing.T) {
	const (
		pool = "arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_AbCdEfGhI"
		from = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEfGhI"
	)
	key := rsaKey("k1")
	keys := authorize.NewKeys(authorize.KeyOptions{Sets: map[string]string{from: newIssuer(t, rsaJWK("k1", key)).URL + "/keys"}})
	token := func(changes map[string]any) string {
		return sign(jwt.SigningMethodRS256, "k1", key, claims(from, changes))
	}
	access := map[string]any{"aud": nil, "client_id": "c1", "token_use": "access"}
	for _, row := range []struct {
		name       string
		validation string
		scopes     []string
		header     []string
		want       answer
	}{
		{"no token (docs/authorizers.md: serverless-application-model)", "", nil, nil, unauthorized},
		{"an id token", "", nil, []string{"Authorization", token(nil)}, in},
		{"with Bearer", "", nil, []string{"Authorization", "Bearer " + token(nil)}, in},
		{"no token at all", "", nil, []string{"Authorization", "allow"}, unauthorized},
		{"expired (docs/authorizers.md, captured)", "", nil, []string{"Authorization", token(map[string]any{"exp": now.Unix()})},
			answer{401, "UnauthorizedException", "", `{"message":"The incoming token has expired"}`}},
		{"another pool's", "", nil, []string{"Authorization", token(map[string]any{"iss": from + "J"})}, unauthorized},
		{"an access token without scopes on the method (docs/authorizers.md)", "", nil, []string{"Authorization", token(access)}, unauthorized},
		{"an access token with a scope of the method (docs/authorizers.md)", "", []string{"read"}, []string{"Authorization", token(access)}, in},
		{"an access token without one (docs/authorizers.md)", "", []string{"admin"}, []string{"Authorization", token(access)},
			answer{403, "AccessDeniedException", "", notAllowed.body}},
		{"an audience that matches the expression (docs/authorizers.md)", "no.*", nil, []string{"Authorization", token(nil)}, in},
		{"an audience that does not (docs/authorizers.md)", "no", nil, []string{"Authorization", token(nil)}, unauthorized},
	} {
		t.Run(row.name, func(t *testing.T) {
			authorizer := must(authorize.Cognito(authorize.CognitoOptions{Pools: []string{pool}, Validation: row.validation, Keys: keys}))
			a := newAPI(t, gateway.RESTAPI, "", authorizer, gateway.Route{Key: "GET /notes/{id}", Scopes: row.scopes})
			assert.Equal(t, row.want, a.get(row.header...))
		})
	}
	t.Run("claims are text (docs/authorizers.md)", func(t *testing.T) {
		a := newAPI(t, gateway.RESTAPI, "", must(authorize.Cognito(authorize.CognitoOptions{Pools: []string{pool}, Keys: keys})))
		require.Equal(t, in, a.get("Authorization", token(map[string]any{"cognito:groups": []string{"a", "b"}, "email_verified": true, "iat": 1516239022, "exp": 9999999999, "scope": nil})))
		assertJSON(t, `{"claims":{"iss":"`+from+`","aud":"notes","sub":"u1","exp":"9999999999","iat":"1516239022","cognito:groups":"a,b","email_verified":"true"}}`, a.context("authorizer"))
	})
	_, err := authorize.Cognito(authorize.CognitoOptions{Pools: []string{"eu-west-1_AbCdEfGhI"}})
	assert.ErrorContains(t, err, `"eu-west-1_AbCdEfGhI" is no ARN of a user pool`)
}
