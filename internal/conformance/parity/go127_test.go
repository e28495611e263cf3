//go:build go1.27

package parity_test

import "net/http"

// asGo127 is the ResponseWriter of net/http's server, which is the one to go by.
func asGo127(w http.ResponseWriter, _ *http.Request) http.ResponseWriter { return w }
