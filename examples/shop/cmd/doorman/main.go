// Command doorman is the function that says who may place orders.
package main

import (
	"log"
	"os"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/lambridge-go/lambridge/examples/shop"
)

func main() {
	secret := os.Getenv("DOORMAN_SECRET")
	if secret == "" {
		log.Fatal("DOORMAN_SECRET is not set: without it anybody could make tokens")
	}
	lambda.Start(shop.NewDoorman(secret))
}
