package shop

import (
	"encoding/json"
	"net/http"
	"strconv"
	"sync"

	"github.com/lambridge-go/lambridge/adapter"
)

// An order is so many of a product.
type order struct {
	ID       int    `json:"id"`
	Product  string `json:"product"`
	Quantity int    `json:"quantity"`
	Cents    int    `json:"cents"`

	customer string
}

// orders are those of one instance of the function. A real shop keeps them in a
// database, since instances come and go.
type orders struct {
	mu  sync.Mutex
	all []order
}

// NewOrders returns the orders: POST /orders and GET /orders/{id}. Who the customer is,
// the API's authorizer says; nobody sees the orders of others.
func NewOrders() http.Handler {
	var o orders
	mux := http.NewServeMux()
	mux.HandleFunc("POST /orders", o.place)
	mux.HandleFunc("GET /orders/{id}", o.show)
	return http.MaxBytesHandler(mux, 64<<10)
}

func (o *orders) place(w http.ResponseWriter, r *http.Request) {
	var wanted order
	if err := json.NewDecoder(r.Body).Decode(&wanted); err != nil || wanted.Quantity < 1 || wanted.Quantity > 100 {
		http.Error(w, `want JSON like {"product": "tea", "quantity": 2}`, http.StatusBadRequest)
		return
	}
	p, ok := find(wanted.Product)
	if !ok {
		http.Error(w, "there is no such product", http.StatusUnprocessableEntity)
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	placed := order{len(o.all) + 1, p.ID, wanted.Quantity, p.Cents * wanted.Quantity, customer(r)}
	o.all = append(o.all, placed)
	writeJSON(w, http.StatusCreated, placed)
}

func (o *orders) show(w http.ResponseWriter, r *http.Request) {
	id, err := strconv.Atoi(r.PathValue("id"))
	o.mu.Lock()
	defer o.mu.Unlock()
	if err != nil || id < 1 || id > len(o.all) || o.all[id-1].customer != customer(r) {
		http.NotFound(w, r)
		return
	}
	writeJSON(w, http.StatusOK, o.all[id-1])
}

// customer is who sends the request: API Gateway has asked the doorman.
func customer(r *http.Request) string {
	caller, _ := adapter.CallerFrom(r.Context())
	return caller.PrincipalID
}
