//go:build !go1.27

package headercount

import "net/http"

// Unlimit does nothing: there is no limit yet.
func Unlimit(*http.Server) {}
