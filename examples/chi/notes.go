package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"sync"

	"github.com/go-chi/chi/v5"
)

// maxNotes bounds the memory that strangers can fill.
const maxNotes = 1000

type note struct {
	ID   int    `json:"id"`
	Text string `json:"text"`
}

// notes is safe for concurrent use, as every handler must be.
type notes struct {
	mu   sync.Mutex
	last int
	all  []note
}

func (n *notes) list(w http.ResponseWriter, _ *http.Request) {
	n.mu.Lock()
	defer n.mu.Unlock()
	writeJSON(w, http.StatusOK, append([]note{}, n.all...))
}

func (n *notes) create(w http.ResponseWriter, r *http.Request) {
	var posted note
	if err := json.NewDecoder(r.Body).Decode(&posted); err != nil || posted.Text == "" {
		http.Error(w, `want JSON like {"text": "buy milk"}`, http.StatusBadRequest)
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.all) == maxNotes {
		http.Error(w, "full: delete a note first", http.StatusInsufficientStorage)
		return
	}
	n.last++
	posted.ID = n.last
	n.all = append(n.all, posted)
	w.Header().Set("Location", fmt.Sprintf("/notes/%d", posted.ID))
	writeJSON(w, http.StatusCreated, posted)
}

func (n *notes) get(w http.ResponseWriter, r *http.Request) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if i := n.index(r); i >= 0 {
		writeJSON(w, http.StatusOK, n.all[i])
		return
	}
	http.NotFound(w, r)
}

func (n *notes) remove(w http.ResponseWriter, r *http.Request) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if i := n.index(r); i >= 0 {
		n.all = slices.Delete(n.all, i, i+1)
	}
	w.WriteHeader(http.StatusNoContent)
}

// index returns where the note of the request's path is, or -1.
func (n *notes) index(r *http.Request) int {
	return slices.IndexFunc(n.all, func(n note) bool { return strconv.Itoa(n.ID) == chi.URLParam(r, "id") })
}
