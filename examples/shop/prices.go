package shop

import (
	"encoding/json"
	"net/http"

	"github.com/lambridge-go/lambridge/adapter"
)

// NewPrices returns the handler of the WebSocket API: a page that sends
// {"action": "price", "product": "tea"} is answered with the price. The route has a
// response, so that what the handler writes goes back to the page.
func NewPrices() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		event, ok := adapter.WebSocketFrom(r.Context())
		if !ok {
			http.NotFound(w, r)
			return
		}
		if event.EventType != "MESSAGE" {
			return // anybody may connect
		}
		var asked struct{ Product string }
		if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
			writeJSON(w, http.StatusOK, map[string]string{"error": `want {"action": "price", "product": "tea"}`})
			return
		}
		p, ok := find(asked.Product)
		if !ok {
			writeJSON(w, http.StatusOK, map[string]string{"error": "there is no such product"})
			return
		}
		writeJSON(w, http.StatusOK, p)
	})
}
