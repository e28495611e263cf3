package before

import (
	"context"
	"net/http"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	ginadapter "github.com/awslabs/aws-lambda-go-api-proxy/httpadapter"
)

var proxy *ginadapter.HandlerAdapter

// Init is what init or main does first.
func Init(r http.Handler) { proxy = ginadapter.New(r) }

// Handler is what main starts, and what tests call.
func Handler(ctx context.Context, e events.APIGatewayProxyRequest) (events.APIGatewayProxyResponse, error) {
	return proxy.ProxyWithContext(ctx, e)
}

// Start is the main of a program that has no Handler.
func Start(r http.Handler) {
	lambda.Start(ginadapter.New(r).ProxyWithContext)
}
