// Command lambridgestream serves the application through adapter.Stream.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"github.com/lambridge-go/lambridge/adapter"
	"github.com/lambridge-go/lambridge/internal/bench/shop"
)

func main() { lambda.Start(adapter.Stream(shop.Handler())) }
