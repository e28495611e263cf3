package command_test

import (
	"context"
	"encoding/json"
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/lambdatest"
)

// TestAPIOfCDK holds a WebSocket API that CDK wrote to what AWS does: an authorizer at
// $connect, a route that answers beside one that does not.
func TestAPIOfCDK(t *testing.T) {
	var authorized atomic.Int32
	route := func(_ context.Context, event struct {
		RequestContext struct{ RouteKey string }
	}) (map[string]any, error) {
		return map[string]any{"statusCode": 200, "body": "route " + event.RequestContext.RouteKey}, nil
	}
	api := lambdatest.NewAPI(t, "../../../local/definition/testdata/tools/cdk-ws.json", lambdatest.Functions{
		"Fn9270CBC0": route, "Conn48E61EBD": route,
		"AuthC256A5EC": func(_ context.Context, event json.RawMessage) (map[string]any, error) {
			authorized.Add(1)
			var request struct{ MethodARN string }
			err := json.Unmarshal(event, &request)
			return map[string]any{"principalId": "p", "policyDocument": map[string]any{"Version": "2012-10-17", "Statement": []any{
				map[string]any{"Action": "execute-api:Invoke", "Effect": "Allow", "Resource": request.MethodARN},
			}}}, err
		},
	})
	_, refused := api.Handshake("/dev")
	require.NotNil(t, refused)
	assert.Equal(t, http.StatusUnauthorized, refused.StatusCode)
	assert.Zero(t, authorized.Load(), "without an identity the authorizer is not asked")

	c := api.Dial("/dev", lambdatest.WithHeader("Authorization", "t"))
	assert.Equal(t, int32(1), authorized.Load())
	c.Send(`{"action":"oneway"}`)
	c.Send(`{"action":"echo"}`)
	assert.Equal(t, "route echo", c.Receive(), "oneway has no response")
	c.Close()
}
