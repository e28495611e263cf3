// Package app is an application that runs twice: in a function's process and in a test.
package app

import (
	"bytes"
	"fmt"
	"net/http"
)

// Handler has text, bytes, a form that sets a cookie and redirects, and nothing else.
func Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /text", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintln(w, "żółw ☕")
	})
	mux.HandleFunc("GET /bytes", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "image/png")
		w.Write(bytes.Repeat([]byte{0x89, 'P', 'N', 'G', 0, 0xff}, 20_000))
	})
	mux.HandleFunc("POST /colour", func(w http.ResponseWriter, r *http.Request) {
		colour := r.PostFormValue("colour")
		if colour != "moss" {
			http.Error(w, "no such colour", http.StatusBadRequest)
			return
		}
		http.SetCookie(w, &http.Cookie{Name: "colour", Value: colour, HttpOnly: true})
		http.Redirect(w, r, "./text", http.StatusSeeOther)
	})
	return mux
}
