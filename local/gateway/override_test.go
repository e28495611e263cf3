package gateway_test

import (
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/lambridge-go/lambridge/local/gateway"
)

func TestMethodOverride(t *testing.T) {
	routes := []gateway.Route{{Key: "POST /x"}, {Key: "PUT /x"}}
	send := func(method, to string) map[string]any {
		r := httptest.NewRequest(method, "/x", nil)
		r.Header.Set("X-HTTP-Method-Override", to)
		_, event := put(t, gateway.API{Kind: gateway.RESTAPI, Routes: routes}, r)
		return event
	}
	event := send("POST", "PUT")
	assert.Equal(t, "PUT", event["httpMethod"], "documented in Amazon API Gateway important notes")
	assert.NotContains(t, event["headers"], "X-Http-Method-Override")
	assert.Equal(t, "POST", send("POST", "TRACE")["httpMethod"], "a method that APIs do not know")
	assert.Equal(t, "PUT", send("PUT", "POST")["httpMethod"], "another method than POST")
}
