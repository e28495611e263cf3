package serve_test

import (
	"context"
	"fmt"
	"log"
	"net/http"

	"github.com/lambridge-go/lambridge/adapter/serve"
)

func ExampleRun() {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintln(w, "hello from wherever this is")
	})
	err := serve.Run(mux, serve.Options{
		Address:    "127.0.0.1:8080",
		OnShutdown: func(ctx context.Context) { log.Print("flushed") },
	})
	if err != nil {
		log.Fatal(err)
	}
}
