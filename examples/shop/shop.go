// Package shop is four small functions behind three APIs, described by one template:
// a catalogue behind an HTTP API, orders behind a REST API, and prices that a page asks
// for over a WebSocket API. The catalogue's offers are for members, whose tokens the API
// checks; who may order, the fourth function says.
//
// Each function is a program of its own in cmd; what they share is here, so that the
// tests have it too. The template beside this file deploys them, and runs them on
// this machine:
//
//	go run ./local --definition examples/shop/template.yaml
package shop

import (
	"encoding/json"
	"net/http"
)

// A product is something that the shop sells.
type product struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Cents int    `json:"cents"`
}

var products = []product{
	{"tea", "Tea, 100 g", 450},
	{"cup", "A cup", 890},
	{"pot", "A pot for two", 2400},
}

// find returns the product with the id.
func find(id string) (product, bool) {
	for _, p := range products {
		if p.ID == id {
			return p, true
		}
	}
	return product{}, false
}

func writeJSON(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(value)
}
