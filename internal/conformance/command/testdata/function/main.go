// Command function is a function that browsers and curl have something to do with.
package main

import (
	"crypto/sha256"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/jub0bs/cors"

	"github.com/lambridge-go/lambridge/adapter"
)

func main() {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /cookie", func(w http.ResponseWriter, r *http.Request) {
		if cookie, err := r.Cookie("visits"); err == nil {
			fmt.Fprint(w, "again ", cookie.Value)
			return
		}
		http.SetCookie(w, &http.Cookie{Name: "visits", Value: "1"})
		fmt.Fprint(w, "first")
	})
	mux.HandleFunc("PUT /upload", func(w http.ResponseWriter, r *http.Request) {
		sum := sha256.New()
		size, err := io.Copy(sum, r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		fmt.Fprintf(w, "%d %x", size, sum.Sum(nil))
	})
	mux.HandleFunc("GET /download", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/octet-stream")
		file := make([]byte, 100_000)
		for i := range file {
			file[i] = byte(i % 251)
		}
		w.Write(file)
	})

	page, err := cors.NewMiddleware(cors.Config{
		Origins:        []string{os.Getenv("PAGE_ORIGIN")},
		Methods:        []string{http.MethodPut},
		RequestHeaders: []string{"X-Page"},
		Credentialed:   true,

		DangerouslyTolerateInsecureOrigins: true,
	})
	if err != nil {
		log.Fatal(err)
	}
	lambda.Start(adapter.Wrap(page.Wrap(mux)))
}
