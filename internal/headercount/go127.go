//go:build go1.27

package headercount

import "net/http"

// Unlimit leaves the limit to server.MaxHeaderBytes, which no line is shorter than a
// byte of.
func Unlimit(server *http.Server) {
	server.MaxHeaderValueCount = max(server.MaxHeaderBytes, http.DefaultMaxHeaderBytes)
}
