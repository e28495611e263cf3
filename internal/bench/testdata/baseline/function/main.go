// Command baseline serves the application through the adapter.Wrap of an earlier commit.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"github.com/lambridge-go/lambridge/internal/bench/shop"
	"github.com/lambridge-go/yesterday/adapter"
)

func main() { lambda.Start(adapter.Wrap(shop.Handler())) }
