package gateway

import (
	"net/http"
	"slices"

	"github.com/lambridge-go/lambridge/local/internal/field"
)

// override finds the method that a request is for. A REST API lets a POST say that it
// is another one, and keeps the header that says so to itself.
//
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html
func (x *exchange) override() {
	const name = "X-HTTP-Method-Override"
	a := x.arrival
	if a.API.Kind != RESTAPI || a.Method != http.MethodPost {
		return
	}
	if method := field.Last(a.Sent, name); slices.Contains(httpMethods(), method) {
		a.Method = method
		field.Drop(a.Header, name)
	}
}
