package websocket

import (
	"context"
	"net/http"
	"time"

	"github.com/lambridge-go/lambridge/local/internal/integration"
	"github.com/lambridge-go/lambridge/local/invoke"
)

// CustomLambdaOptions say how a function is invoked, and with what of a message.
type CustomLambdaOptions struct {
	_ struct{}

	// Timeout is how long the API waits for the function. 0 is 29 s. A negative value
	// waits for ever, for a function in a debugger.
	Timeout time.Duration

	// Mapping makes the function's event of a message, and the sender's answer of the
	// function's result. Parameters that it maps to headers have no effect: what
	// X-Amz-Invocation-Type does in a WebSocket API is not documented.
	Mapping Mapping
}

// CustomLambda invokes a function with what a mapping makes of a message: an integration of
// the type AWS. Without a template that is the message itself, which has to be JSON. As a
// $connect the function accepts every connection, unless it fails. Of an API that is only
// checked, f may be nil.
//
// https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-integrations.html
func CustomLambda(f invoke.Invoker, o CustomLambdaOptions) Integration {
	return &customLambda{f, o}
}

// A customLambda is what CustomLambda returns.
type customLambda struct {
	f invoke.Invoker
	CustomLambdaOptions
}

func (c *customLambda) bind(b *binding) endpoint {
	return &customLambdaEndpoint{bindFunction(b, c.f, c.Timeout), bindMapping(b, c.Mapping, byFailure)}
}

// A customLambdaEndpoint is a function behind a route and a mapping.
type customLambdaEndpoint struct {
	function integration.Function
	*translation
}

func (*customLambdaEndpoint) name() string { return "aws" }

func (c *customLambdaEndpoint) serve(ctx context.Context, r *request) (*reply, error) {
	on, err := c.render(ctx, r)
	if err != nil {
		return nil, err
	}
	payload, err := integration.CustomPayload(on.body)
	if err != nil {
		return nil, misconfigured("%w", err)
	}
	back := returned{status: http.StatusOK}
	back.body, err = invokeFor(ctx, r, c.function, payload)
	if object, _, ok := integration.FailureOf(err); ok && r.kind == Message {
		back.body, err = object, nil
	}
	if err != nil {
		return nil, err
	}
	r.returned(back.body)
	return c.reply(ctx, on, back)
}
