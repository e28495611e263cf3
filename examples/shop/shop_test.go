package shop_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/adapter"
	"github.com/lambridge-go/lambridge/examples/shop"
	"github.com/lambridge-go/lambridge/lambdatest"
)

// open returns an API of the template with the shop's functions behind it.
func open(t *testing.T, api string) *lambdatest.API {
	t.Helper()
	return lambdatest.NewAPI(t, "template.yaml", lambdatest.Functions{
		"Catalog": adapter.Wrap(shop.NewCatalog()),
		"Orders":  adapter.Wrap(shop.NewOrders()),
		"Prices":  adapter.Wrap(http.NotFoundHandler(), adapter.WithWebSocket(shop.NewPrices())),
	}, lambdatest.WithAPI(api))
}

// A turn is a request and what comes back.
type turn struct {
	name, method, path, body string
	status                   int
	want                     string
}

func (turn turn) take(t *testing.T, api *lambdatest.API) {
	t.Helper()
	req := httptest.NewRequest(turn.method, turn.path, strings.NewReader(turn.body))
	if turn.body != "" {
		req.Header.Set("Content-Type", "application/json")
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
		{"the list", "GET", "/products", "", 200, `[{"id":"tea","name":"Tea, 100 g","cents":450},{"id":"cup","name":"A cup","cents":890},{"id":"pot","name":"A pot for two","cents":2400}]` + "\n"},
		{"one product", "GET", "/products/cup", "", 200, `{"id":"cup","name":"A cup","cents":890}` + "\n"},
		{"one that is not sold", "GET", "/products/car", "", 404, "404 page not found\n"},
		{"a route that the API does not have", "GET", "/orders/1", "", 404, `{"message":"Not Found"}`},
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

func TestOrders(t *testing.T) {
	api := open(t, "Till")
	for _, turn := range []turn{
		{"place one", "POST", "/live/orders", `{"product":"tea","quantity":2}`, 201, `{"id":1,"product":"tea","quantity":2,"cents":900}` + "\n"},
		{"look at it", "GET", "/live/orders/1", "", 200, `{"id":1,"product":"tea","quantity":2,"cents":900}` + "\n"},
		{"one that is not there", "GET", "/live/orders/2", "", 404, "404 page not found\n"},
		{"a product that is not sold", "POST", "/live/orders", `{"product":"car","quantity":1}`, 422, "there is no such product\n"},
		{"a body that the model does not allow", "POST", "/live/orders", `{"product":"tea"}`, 400, `{"message": "Invalid request body"}`},
		{"a method that the API does not have", "DELETE", "/live/orders/1", "", 403, `{"message":"Missing Authentication Token"}`},
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
