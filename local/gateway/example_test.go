package gateway_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/lambridge-go/lambridge/local/gateway"
)

// orders and pages stand for functions: any lambda.Handler is one, such as adapter.Wrap
// returns.
var (
	orders = lambdaFunc(func(context.Context, []byte) ([]byte, error) {
		return []byte(`{"statusCode":200,"body":"an order"}`), nil
	})
	pages = lambdaFunc(func(context.Context, []byte) ([]byte, error) {
		return []byte(`{"statusCode":200,"body":"a page"}`), nil
	})
)

// Two functions behind one HTTP API.
func ExampleNew() {
	api := gateway.API{
		Kind:    gateway.HTTPAPI,
		Routes:  []gateway.Route{{Key: "GET /orders/{id}", To: gateway.Lambda(orders, gateway.LambdaOptions{})}, {Key: "$default"}},
		Default: gateway.Lambda(pages, gateway.LambdaOptions{}),
	}
	g, err := gateway.New(api, gateway.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, path := range []string{"/orders/7", "/about"} {
		w := httptest.NewRecorder()
		g.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		fmt.Println(w.Body)
	}
	// Output:
	// an order
	// a page
}

// What is wrong with an API is said before anything is built.
func ExampleAPI_Check() {
	api := gateway.API{
		Kind:    gateway.RESTAPI,
		Routes:  []gateway.Route{{Key: "GET /items/{id}"}, {Key: "GET /items/{name}"}},
		Default: gateway.Lambda(nil, gateway.LambdaOptions{Format: gateway.Format2}),
	}
	fmt.Println(api.Check())
	// Output:
	// gateway: REST APIs have no payload format "2.0"
	// gateway: route "GET /items/{name}" serves the same requests as "GET /items/{id}"
}
