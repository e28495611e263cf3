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

// A signature reaches nobody behind a REST API, whether or not anybody asked for one: documented
// in Amazon API Gateway important notes.
func TestSignaturesAreTakenOff(t *testing.T) {
	const signature = "AWS4-HMAC-SHA256 Credential=AKIA/20261127/us-east-1/execute-api/aws4_request, SignedHeaders=host, Signature=00"
	for _, row := range []struct {
		kind          gateway.Kind
		name          string
		authorization []string
		kept          bool
	}{
		{gateway.RESTAPI, "Authorization", []string{signature}, false},
		{gateway.RESTAPI, "authorization", []string{signature}, false},
		{gateway.RESTAPI, "Authorization", []string{"Bearer " + signature}, true},
		{gateway.RESTAPI, "X-Authorization", []string{signature}, true},
		{gateway.HTTPAPI, "Authorization", []string{signature}, true},
	} {
		r := httptest.NewRequest("GET", "/x", nil)
		r.Header[row.name] = row.authorization
		_, event := put(t, gateway.API{Kind: row.kind, Routes: []gateway.Route{{Key: "GET /x"}}}, r)
		headers, err := json.Marshal(event["headers"])
		require.NoError(t, err)
		assert.Equal(t, row.kept, strings.Contains(string(headers), "AWS4"), "%s %s: %s", row.kind, row.name, headers)
	}
}

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
