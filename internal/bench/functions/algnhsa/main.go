// Command algnhsa serves the application through algnhsa.
package main

import (
	"github.com/akrylysov/algnhsa"

	"github.com/lambridge-go/lambridge/internal/bench/shop"
)

func main() { algnhsa.ListenAndServe(shop.Handler(), nil) }
