package gateway

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/lambridge-go/lambridge/local/internal/door"
	"github.com/lambridge-go/lambridge/local/internal/integration"
	"github.com/lambridge-go/lambridge/local/invoke"
)

// CustomLambdaOptions say how a function is invoked, and with what of a request.
type CustomLambdaOptions struct {
	_ struct{}

	// Timeout is how long the API waits for the function. 0 is 29 s. A negative value
	// waits for ever, for a function in a debugger.
	Timeout time.Duration

	// Mapping makes the event of the request, and the client's answer of the function's
	// result. Of headers mapped to, X-Amz-Invocation-Type alone has an effect: the value
	// Event does not wait for the function.
	Mapping Mapping
}

// CustomLambda invokes a function with what a mapping makes of a request of a REST API: an
// integration of the type AWS. Of an API that is only checked, f may be nil.
//
// https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-custom-integrations.html
func CustomLambda(f invoke.Invoker, o CustomLambdaOptions) Integration {
	return &customLambda{f, o}
}

// A customLambda is what CustomLambda returns.
type customLambda struct {
	f invoke.Invoker
	CustomLambdaOptions
}

func (c *customLambda) bind(b *binding) endpoint {
	bound := &customLambdaEndpoint{
		function:    integration.Function{Invoker: c.f, Timeout: c.Timeout},
		translation: bindMapping(b, c.Mapping, nil, true),
		running:     make(chan struct{}, maxRunning),
	}
	if c.Timeout == 0 {
		bound.function.Timeout = b.facts.Waits.Timeout
	}
	if max := b.facts.Waits.Max; c.Timeout > max && max > 0 {
		b.fail("Timeout %v is more than the %v that %s allow", c.Timeout, max, b.facts.Plural)
	}
	if c.f == nil && b.complete {
		b.fail("the function is missing")
	}
	return bound
}

// maxRunning is how many invocations may run of a function that nobody waits for.
const maxRunning = 100

// A customLambdaEndpoint is a function behind a route and a mapping.
type customLambdaEndpoint struct {
	function integration.Function
	*translation
	running chan struct{} // holds a token for each invocation that nobody waits for
}

func (*customLambdaEndpoint) name() string { return "aws" }

func (c *customLambdaEndpoint) serve(ctx context.Context, x *exchange) error {
	rendered, err := c.render(ctx, x)
	if err != nil {
		return err
	}
	payload, err := integration.CustomPayload(rendered.body)
	x.seen.Mapped, x.seen.Event = &Mapped{}, payload
	x.seen.Mapped.Body, x.seen.Mapped.Size = observed(payload)
	if err != nil {
		return &Denied{Type: BadRequestBody, Message: "Could not parse request body into json: " + errors.Unwrap(err).Error(), Reason: err.Error()}
	}
	var back reply
	if strings.EqualFold(rendered.mapped.Header.Get("X-Amz-Invocation-Type"), "Event") {
		err = c.start(ctx, x, payload)
	} else {
		back, err = c.invoke(ctx, x, payload)
	}
	if err != nil {
		return err
	}
	x.seen.Mapped.Answer, x.seen.Mapped.AnswerSize = observed(back.body)
	answer, err := c.answer(ctx, rendered, back)
	if err != nil {
		return err
	}
	x.send(answer)
	return nil
}

// invoke returns the result of the function, or the object that tells of its failure, whose
// errorMessage patterns are tried on.
func (c *customLambdaEndpoint) invoke(ctx context.Context, x *exchange, payload []byte) (reply, error) {
	result, err := c.function.Invoke(ctx, payload)
	x.phase("function")
	back := reply{media: "application/json", header: make(http.Header), body: result}
	if object, message, ok := integration.FailureOf(err); ok {
		back.selector, back.body, err = message, object, nil
	}
	x.seen.Reply = back.body
	return back, err
}

// start invokes the function and does not wait for it. The invocation ends by itself.
func (c *customLambdaEndpoint) start(ctx context.Context, x *exchange, payload []byte) error {
	select {
	case c.running <- struct{}{}:
	default:
		return door.Refusef(door.FunctionBusy, "%d invocations run that nobody waits for", maxRunning)
	}
	log := x.g.log.With(slog.String("requestId", x.seen.RequestID))
	go func() {
		defer func() { <-c.running }()
		if _, err := c.function.Invoker.Invoke(context.WithoutCancel(ctx), payload); err != nil {
			log.Error("a function that nobody waits for failed", slog.Any("error", err))
		}
	}()
	return nil
}
