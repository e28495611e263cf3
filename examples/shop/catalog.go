package shop

import (
	"net/http"

	"github.com/lambridge-go/lambridge/adapter"
)

// NewCatalog returns the catalogue: GET /products and GET /products/{id} for everybody,
// and GET /offers for members.
func NewCatalog() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /products", func(w http.ResponseWriter, r *http.Request) {
		writeJSON(w, http.StatusOK, products)
	})
	mux.HandleFunc("GET /products/{id}", func(w http.ResponseWriter, r *http.Request) {
		p, ok := find(r.PathValue("id"))
		if !ok {
			http.NotFound(w, r)
			return
		}
		writeJSON(w, http.StatusOK, p)
	})
	mux.HandleFunc("GET /offers", func(w http.ResponseWriter, r *http.Request) {
		member, ok := adapter.CallerFrom(r.Context())
		if !ok { // the API has let in somebody whom it does not know
			http.Error(w, "offers are for members", http.StatusUnauthorized)
			return
		}
		offer := products[len(products)-1]
		offer.Cents -= offer.Cents / 10
		writeJSON(w, http.StatusOK, map[string]any{"for": member.Claims.Get("sub"), "offer": offer})
	})
	return mux
}
