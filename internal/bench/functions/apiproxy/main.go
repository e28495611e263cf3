// Command apiproxy serves the application through aws-lambda-go-api-proxy.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/awslabs/aws-lambda-go-api-proxy/httpadapter"

	"github.com/lambridge-go/lambridge/internal/bench/shop"
)

func main() { lambda.Start(httpadapter.NewV2(shop.Handler()).ProxyWithContext) }
