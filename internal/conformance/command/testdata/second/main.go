// Command second says who it is: its name, its process and its GREETING.
package main

import (
	"fmt"
	"net/http"
	"os"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/lambridge-go/lambridge/adapter"
)

func main() {
	lambda.Start(adapter.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "second %s %d %s", os.Getenv("AWS_LAMBDA_FUNCTION_NAME"), os.Getpid(), os.Getenv("GREETING"))
	})))
}
