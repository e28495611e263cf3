package gateway_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/local/gateway"
	"github.com/lambridge-go/lambridge/local/invoke"
)

// A config is one front door before one function, as most tests need it.
type config struct {
	Source           gateway.Source
	Function         invoke.Invoker
	Stage, BasePath  string
	StageVariables   map[string]string
	Routes           []string
	BinaryMediaTypes []string
	Account          invoke.Account
	APIID, Domain    string
	CORS             *gateway.CORS
	Stream, Pace     bool
	Timeout          time.Duration

	// Authorizer's errors turn requests down.
	Authorizer func(*gateway.Arrival) (gateway.Authorization, error)

	Observe func(gateway.Exchange)
	Now     func() time.Time
	Logger  *slog.Logger
}

func (c config) new() (*gateway.Gateway, error) {
	facts, _ := gateway.Facts(c.Source)
	api := gateway.API{
		Kind: facts.Kind, ID: c.APIID, Domain: c.Domain, Account: c.Account,
		Stage: c.Stage, StageVariables: c.StageVariables, BasePath: c.BasePath,
		BinaryMediaTypes: c.BinaryMediaTypes, CORS: c.CORS,
		Default: gateway.Lambda(c.Function, gateway.LambdaOptions{
			Format: facts.Format, Stream: c.Stream, Pace: c.Pace, Timeout: c.Timeout,
		}),
	}
	keys := c.Routes
	if c.Authorizer != nil && keys == nil {
		keys = []string{"$default"}
		if c.Source == gateway.REST {
			keys = []string{"/", "/{proxy+}"}
		}
	}
	for _, key := range keys {
		route := gateway.Route{Key: key}
		if c.Authorizer != nil {
			route.Authorizer = gateway.AuthorizerFunc(func(_ context.Context, a *gateway.Arrival) (gateway.Authorization, error) {
				granted, err := c.Authorizer(a)
				if err != nil {
					err = &gateway.Denied{Type: gateway.Unauthorized, Reason: "the authorizer turned the request down: " + err.Error()}
				}
				return granted, err
			})
		}
		api.Routes = append(api.Routes, route)
	}
	return gateway.New(api, gateway.Options{Observe: c.Observe, Now: c.Now, Logger: c.Logger})
}

// open returns a gateway with c, and with a function and a clock if it has none.
func open(t *testing.T, c config) *gateway.Gateway {
	t.Helper()
	if c.Function == nil {
		c.Function = replies(`{"statusCode":200}`)
	}
	if c.Now == nil {
		c.Now = clock
	}
	g, err := c.new()
	require.NoError(t, err)
	return g
}
