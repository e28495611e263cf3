// Command orders is the function that serves the orders behind a REST API.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"github.com/lambridge-go/lambridge/adapter"
	"github.com/lambridge-go/lambridge/examples/shop"
)

func main() { lambda.Start(adapter.Wrap(shop.NewOrders())) }
