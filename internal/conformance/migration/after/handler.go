package after

import (
	"context"
	"net/http"

	"github.com/aws/aws-lambda-go/events"

	ginadapter "github.com/lambridge-go/lambridge/adapter/proxycompat"
)

var proxy *ginadapter.HandlerAdapter

// Init is what init or main does first.
func Init(r http.Handler) { proxy = ginadapter.New(r) }

// Handler is what main starts, and what tests call.
func Handler(ctx context.Context, e events.APIGatewayProxyRequest) (events.APIGatewayProxyResponse, error) {
	return proxy.ProxyWithContext(ctx, e)
}
