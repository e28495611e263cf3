// Command plain is the application as a function.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"github.com/lambridge-go/lambridge/adapter"
	"github.com/lambridge-go/lambridge/internal/conformance/command/app"
)

func main() { lambda.Start(adapter.Wrap(app.Handler())) }
