package gateway

import (
	"context"
)

// An Integration is what a route leads to. Those of this package are all there are:
// [Lambda], [HTTPProxy], [CustomLambda], [CustomHTTP] and [Mock].
//
// What an integration does to bytes stands in package integration, below
// local/internal. A type here only turns its exchange into a payload or a Call, and what
// comes back into an answer.
type Integration interface {
	// bind prepares the integration for a route and reports what is wrong with it
	// there. The endpoint counts only if nothing is.
	bind(b *binding) endpoint
}

// A binding is the place of an integration: a route of an API.
type binding struct {
	*compiler
	route *route
	// fail reports a mistake, with the route's name.
	fail func(format string, args ...any)
}

// An endpoint is an Integration in use.
type endpoint interface {
	// name is the integration's in an Exchange: "lambda".
	name() string

	// serve sends the answer to a request. If it returns an error it has sent nothing,
	// and the front door answers by itself: see exchange.refuse.
	serve(ctx context.Context, x *exchange) error
}
