//go:build go1.27

package parity_test

import "net/http"

// connectEnds tells that the server, which is that of the front door as well, takes an
// answer to CONNECT for the end of HTTP on a connection, which it closes then.
const connectEnds = true

// limitHeaders leaves the server's own limit of 500 lines of headers.
func limitHeaders(*http.Server) {}

// asGo127 is the ResponseWriter of net/http's server, which is the one to go by.
func asGo127(w http.ResponseWriter, _ *http.Request) http.ResponseWriter { return w }
