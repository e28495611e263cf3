package definition

import (
	"context"
	"errors"
	"fmt"

	"github.com/lambridge-go/lambridge/local/gateway"
	"github.com/lambridge-go/lambridge/local/invoke"
)

// integration makes what a route leads to.
func (a *assembler) integration(api *API, route *Route) (gateway.Integration, error) {
	switch i := route.Integration; i.Type {
	case "AWS_PROXY":
		return a.lambda(api, i)
	default:
		return nil, fmt.Errorf("integrations of the type %s are not served", i.Type)
	}
}

// lambda makes a Lambda proxy integration.
func (a *assembler) lambda(api *API, i *Integration) (gateway.Integration, error) {
	if api.Kind == HTTP && (len(i.RequestParameters) > 0 || len(i.Responses) > 0) {
		return nil, errors.New("parameter mapping of an HTTP API is not served")
	}
	f, err := a.invoker(i.Function)
	if err != nil {
		return nil, err
	}
	o := gateway.LambdaOptions{Stream: i.Stream, Pace: i.Stream && a.options.Pace, Timeout: a.timeout(i.Function, i.Timeout)}
	if api.Kind == HTTP {
		o.Format = gateway.Format(i.PayloadFormat)
	}
	return gateway.Lambda(f, o), nil
}

// unreachable is the function of routes that are refused before it is invoked.
type unreachable struct{}

// Invoke implements invoke.Invoker.
func (unreachable) Invoke(context.Context, []byte) ([]byte, error) {
	return nil, &invoke.Error{Type: "Refused", Message: "the definition asks for what is not served"}
}
