package authorize_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http/httptest"

	"github.com/lambridge-go/lambridge/local/authorize"
	"github.com/lambridge-go/lambridge/local/gateway"
)

// caller answers with what its event says of the caller.
type caller struct{}

// Invoke implements invoke.Invoker.
func (caller) Invoke(_ context.Context, event []byte) ([]byte, error) {
	var e struct {
		RequestContext struct {
			Authorizer struct{ JWT json.RawMessage }
		}
	}
	if err := json.Unmarshal(event, &e); err != nil {
		return nil, err
	}
	return json.Marshal(map[string]any{"statusCode": 200, "body": string(e.RequestContext.Authorizer.JWT)})
}

// A document says who calls, where nobody can be asked for a token: the event then has the
// caller as its front door tells it.
func ExampleFixed() {
	authorizer, err := authorize.Fixed([]byte(`{"claims": {"sub": "ann"}}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	g, err := gateway.New(gateway.API{
		Kind:    gateway.HTTPAPI,
		Routes:  []gateway.Route{{Key: "GET /notes", Authorizer: authorizer}},
		Default: gateway.Lambda(caller{}, gateway.LambdaOptions{}),
	}, gateway.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	w := httptest.NewRecorder()
	g.ServeHTTP(w, httptest.NewRequest("GET", "/notes", nil))
	fmt.Println(w.Body)
	// Output:
	// {"claims":{"sub":"ann"},"scopes":null}
}
