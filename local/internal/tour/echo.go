package tour

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
)

// maxEcho is how much of a body echo gives back, in bytes.
const maxEcho = 64 << 10

// seen is a request as the handler saw it.
type seen struct {
	Method     string      `json:"method"`
	Path       string      `json:"path"`
	Query      url.Values  `json:"query"`
	Host       string      `json:"host"`
	RemoteAddr string      `json:"remoteAddr"`
	Headers    http.Header `json:"headers"`
	Body       string      `json:"body"`
	FrontDoor  string      `json:"frontDoor"`
	RequestID  string      `json:"requestId"`
}

// echo answers any request with what it saw of it.
func echo(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxEcho))
	if err != nil {
		http.Error(w, "echo takes bodies up to 64 KB; upload takes larger ones", http.StatusRequestEntityTooLarge)
		return
	}
	writeJSON(w, seen{
		Method:     r.Method,
		Path:       r.URL.Path,
		Query:      r.URL.Query(),
		Host:       r.Host,
		RemoteAddr: r.RemoteAddr,
		Headers:    r.Header,
		Body:       string(body),
		FrontDoor:  frontDoor(r),
		RequestID:  requestID(r),
	})
}

func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	enc.Encode(v) // nothing in v can fail to encode
}
