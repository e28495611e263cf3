// Command baselinestream serves the application through the adapter.Stream of an earlier
// commit.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"github.com/lambridge-go/lambridge/internal/bench/shop"
	"github.com/lambridge-go/yesterday/adapter"
)

func main() { lambda.Start(adapter.Stream(shop.Handler())) }
