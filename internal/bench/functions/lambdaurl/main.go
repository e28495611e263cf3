// Command lambdaurl serves the application through aws-lambda-go's own lambdaurl, which streams.
package main

import (
	"github.com/aws/aws-lambda-go/lambdaurl"

	"github.com/lambridge-go/lambridge/internal/bench/shop"
)

func main() { lambdaurl.Start(shop.Handler()) }
