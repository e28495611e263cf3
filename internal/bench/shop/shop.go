// Package shop is the application that every contestant serves: small, so that
// what is measured is the way to it and back.
package shop

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"
)

// Handler returns the application. It is safe for concurrent use.
func Handler() http.Handler {
	lines := make([]string, 1000)
	for i := range lines {
		lines[i] = fmt.Sprintf("%06d: one of a thousand order lines, \"quoted\" & with some żółw in it, a hundred bytes each", i)
	}
	export, err := json.Marshal(lines)
	if err != nil {
		panic(err) // strings always encode
	}

	image := make([]byte, 1<<20)
	for i := range image {
		image[i] = byte(i * 31 >> 3)
	}

	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/orders/{id}", order)
	mux.HandleFunc("POST /api/orders", receive)
	mux.HandleFunc("GET /api/export", func(w http.ResponseWriter, _ *http.Request) { send(w, "application/json", export) })
	mux.HandleFunc("POST /api/images", func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		send(w, "image/png", image)
	})
	mux.HandleFunc("GET /api/ticks", ticks)
	mux.HandleFunc("GET /api/clock", clock)
	mux.HandleFunc("GET /api/archive", archive)
	return mux
}

// Ticks and ArchiveSize are how much there is of what streams.
const (
	Ticks       = 1000
	ArchiveSize = 64 << 20
)

// ticks sends small events, each at once. A ResponseWriter that keeps nothing back
// need not know how to flush.
func ticks(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	for n := range Ticks {
		fmt.Fprintf(w, "data: tick %d\n\n", n)
		if f, ok := w.(http.Flusher); ok {
			f.Flush()
		}
	}
}

// clock sends the time, in nanoseconds, a thousand times with a rest between.
func clock(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	tick := time.NewTicker(3 * time.Millisecond)
	defer tick.Stop()
	for range Ticks {
		<-tick.C
		fmt.Fprintln(w, time.Now().UnixNano())
		http.NewResponseController(w).Flush()
	}
}

// archive copies from something that can only be read, as a file of a store is.
func archive(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/zip")
	io.Copy(w, io.LimitReader(zeros{}, ArchiveSize))
}

// zeros is a source that costs next to nothing.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// order looks at the path, the query, a header and a cookie, and answers with
// what it found.
func order(w http.ResponseWriter, r *http.Request) {
	session, err := r.Cookie("session")
	if err != nil {
		http.Error(w, "no session", http.StatusUnauthorized)
		return
	}
	body, err := json.Marshal(struct{ ID, Currency, Language, Session string }{
		ID:       r.PathValue("id"),
		Currency: r.URL.Query().Get("currency"),
		Language: r.Header.Get("Accept-Language"),
		Session:  session.Value[:8],
	})
	if err != nil {
		panic(err) // strings always encode
	}
	w.Header().Set("Cache-Control", "private, max-age=60")
	send(w, "application/json", body)
}

func receive(w http.ResponseWriter, r *http.Request) {
	n, err := io.Copy(io.Discard, r.Body)
	if err != nil {
		http.Error(w, "the body broke off", http.StatusBadRequest)
		return
	}
	send(w, "application/json", fmt.Appendf(nil, `{"received":%d}`, n))
}

func send(w http.ResponseWriter, contentType string, body []byte) {
	w.Header().Set("Content-Type", contentType)
	w.Write(body)
}
