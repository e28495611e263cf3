package shop_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/adapter"
	"github.com/lambridge-go/lambridge/examples/shop"
	"github.com/lambridge-go/lambridge/lambdatest"
)

const (
	issuer = "https://id.shop.example.com/"
	secret = "a secret of the tests"
)

// open returns an API of the template with the shop's functions behind it.
func open(t *testing.T, api string, options ...lambdatest.Option) *lambdatest.API {
	t.Helper()
	return lambdatest.NewAPI(t, "template.yaml", lambdatest.Functions{
		"Catalog": adapter.Wrap(shop.NewCatalog()),
		"Orders":  adapter.Wrap(shop.NewOrders()),
		"Doorman": shop.NewDoorman(secret),
		"Prices":  adapter.Wrap(http.NotFoundHandler(), adapter.WithWebSocket(shop.NewPrices())),
	}, append(options, lambdatest.WithAPI(api))...)
}

// An identityProvider is the issuer of members' tokens, who publishes his key in a file.
type identityProvider struct {
	key  *rsa.PrivateKey
	file string
}

func newIdentityProvider(t *testing.T) identityProvider {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	set, err := json.Marshal(map[string]any{"keys": []any{map[string]string{
		"kty": "RSA", "kid": "1", "n": encode(key.N.Bytes()), "e": encode(big.NewInt(int64(key.E)).Bytes()),
	}}})
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "keys.json")
	require.NoError(t, os.WriteFile(file, set, 0o600))
	return identityProvider{key, file}
}

// sign returns a token: RFC 7519.
func (p identityProvider) sign(t *testing.T, claims map[string]any) string {
	t.Helper()
	payload, err := json.Marshal(claims)
	require.NoError(t, err)
	signed := encode([]byte(`{"alg":"RS256","kid":"1"}`)) + "." + encode(payload)
	sum := sha256.Sum256([]byte(signed))
	signature, err := rsa.SignPKCS1v15(rand.Reader, p.key, crypto.SHA256, sum[:])
	require.NoError(t, err)
	return signed + "." + encode(signature)
}

func encode(data []byte) string { return base64.RawURLEncoding.EncodeToString(data) }

// A turn is a request and what comes back.
type turn struct {
	name, method, path, body string
	status                   int
	want                     string
	token                    string
}

func (turn turn) take(t *testing.T, api *lambdatest.API) {
	t.Helper()
	req := httptest.NewRequest(turn.method, turn.path, strings.NewReader(turn.body))
	if turn.body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	if turn.token != "" {
		req.Header.Set("Authorization", "Bearer "+turn.token)
	}
	resp := api.Do(req)
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	assert.Equal(t, turn.status, resp.StatusCode, turn.name)
	assert.Equal(t, turn.want, string(body), turn.name)
}

func TestCatalog(t *testing.T) {
	api := open(t, "Web")
	for _, turn := range []turn{
		{"the list", "GET", "/products", "", 200, `[{"id":"tea","name":"Tea, 100 g","cents":450},{"id":"cup","name":"A cup","cents":890},{"id":"pot","name":"A pot for two","cents":2400}]` + "\n", ""},
		{"one product", "GET", "/products/cup", "", 200, `{"id":"cup","name":"A cup","cents":890}` + "\n", ""},
		{"one that is not sold", "GET", "/products/car", "", 404, "404 page not found\n", ""},
		{"a route that the API does not have", "GET", "/orders/1", "", 404, `{"message":"Not Found"}`, ""},
	} {
		turn.take(t, api)
	}
}

func TestPagesOfTheShopReadTheCatalog(t *testing.T) {
	req := httptest.NewRequest("GET", "/products", nil)
	req.Header.Set("Origin", "https://shop.example.com")
	resp := open(t, "Web").Do(req)
	assert.Equal(t, "https://shop.example.com", resp.Header.Get("Access-Control-Allow-Origin"))
}

func TestOffers(t *testing.T) {
	provider := newIdentityProvider(t)
	api := open(t, "Web", lambdatest.WithKeySet(issuer, provider.file))
	token := func(scope string, expires time.Duration) string {
		return provider.sign(t, map[string]any{"iss": issuer, "aud": "shop", "sub": "ann", "scope": scope, "exp": time.Now().Add(expires).Unix()})
	}
	for _, turn := range []turn{
		{"a member", "GET", "/offers", "", 200, `{"for":"ann","offer":{"id":"pot","name":"A pot for two","cents":2160}}` + "\n", token("offers:read", time.Hour)},
		{"without a token", "GET", "/offers", "", 401, `{"message":"Unauthorized"}`, ""},
		{"with one that has expired", "GET", "/offers", "", 401, `{"message":"Unauthorized"}`, token("offers:read", -time.Second)},
		{"with one for something else", "GET", "/offers", "", 403, `{"message":"Forbidden"}`, token("profile", time.Hour)},
		{"the catalogue is for everybody", "GET", "/products/cup", "", 200, `{"id":"cup","name":"A cup","cents":890}` + "\n", ""},
	} {
		turn.take(t, api)
	}
}

// A test that is not about tokens says who calls, and none has to be signed.
func TestOffersForAnyMember(t *testing.T) {
	api := open(t, "Web", lambdatest.WithCaller(adapter.Caller{Claims: adapter.Attributes(`{"sub": "bob"}`)}))
	turn{"a member", "GET", "/offers", "", 200, `{"for":"bob","offer":{"id":"pot","name":"A pot for two","cents":2160}}` + "\n", ""}.take(t, api)
}

func TestOrders(t *testing.T) {
	api := open(t, "Till")
	ann, bob := shop.NewToken(secret, "ann"), shop.NewToken(secret, "bob")
	for _, turn := range []turn{
		{"place one", "POST", "/live/orders", `{"product":"tea","quantity":2}`, 201, `{"id":1,"product":"tea","quantity":2,"cents":900}` + "\n", ann},
		{"look at it", "GET", "/live/orders/1", "", 200, `{"id":1,"product":"tea","quantity":2,"cents":900}` + "\n", ann},
		{"one that is not there", "GET", "/live/orders/2", "", 404, "404 page not found\n", ann},
		{"a product that is not sold", "POST", "/live/orders", `{"product":"car","quantity":1}`, 422, "there is no such product\n", ann},
		{"a body that the model does not allow", "POST", "/live/orders", `{"product":"tea"}`, 400, `{"message": "Invalid request body"}`, ann},
		{"a method that the API does not have", "DELETE", "/live/orders/1", "", 403, `{"message":"Missing Authentication Token"}`, ""},
		{"without a token", "GET", "/live/orders/1", "", 401, `{"message":"Unauthorized"}`, ""},
		{"with a token that the shop has not made", "GET", "/live/orders/1", "", 401, `{"message":"Unauthorized"}`, shop.NewToken("x", "ann")},
		{"the order of somebody else", "GET", "/live/orders/1", "", 404, "404 page not found\n", bob},
	} {
		turn.take(t, api)
	}
}

func TestPrices(t *testing.T) {
	c := open(t, "Talk").Dial("/")
	c.Send(`{"action":"price","product":"pot"}`)
	assert.JSONEq(t, `{"id":"pot","name":"A pot for two","cents":2400}`, c.Receive())
	c.Send(`{"action":"price","product":"car"}`)
	assert.JSONEq(t, `{"error":"there is no such product"}`, c.Receive())
}
