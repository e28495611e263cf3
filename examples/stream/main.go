// Command stream answers while it still works: a clock and a story as server-sent
// events, an export of a million rows, and a large file, of which none is ever in
// memory as a whole.
package main

import (
	"context"
	_ "embed"
	"encoding/csv"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/lambridge-go/lambridge/adapter"
)

func main() { lambda.Start(adapter.Stream(newApp(time.Second))) }

//go:embed page.html
var page []byte

// newApp returns the whole application. Its clock ticks, and its story gets longer,
// at that pace.
func newApp(pace time.Duration) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Write(page)
	})
	mux.HandleFunc("GET /clock", clock(pace))
	mux.HandleFunc("GET /story", story(pace/10))
	mux.HandleFunc("GET /orders.csv", export)
	mux.HandleFunc("GET /film.bin", download)
	return mux
}

// clock tells the time for a minute; an EventSource then connects again by itself. On
// Lambda nobody tells a function that its client has left: without an end of its own the
// clock would tick, and cost, until the function's timeout.
func clock(pace time.Duration) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		tick := time.NewTicker(pace)
		defer tick.Stop()
		end := time.After(time.Minute)
		for now := time.Now(); send(w, "tick", now.UTC().Format(time.RFC3339Nano)) == nil; {
			select {
			case now = <-tick.C:
			case <-end:
				return
			case <-r.Context().Done():
				return
			}
		}
	}
}

const tale = "A browser asked a function for a story. The function did not know the end yet, " +
	"but it knew the first word, so it sent that. Then the second. Nobody had to wait for the last one."

// story answers word by word, as language models do.
func story(pace time.Duration) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		for word := range strings.FieldsSeq(tale) {
			if send(w, "word", word) != nil || !pause(r.Context(), pace) {
				return
			}
		}
		send(w, "end", "")
	}
}

// send writes one event and pushes it to the client:
// https://html.spec.whatwg.org/multipage/server-sent-events.html
func send(w http.ResponseWriter, event, data string) error {
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	if _, err := fmt.Fprintf(w, "event: %s\ndata: %s\n\n", event, data); err != nil {
		return err
	}
	return http.NewResponseController(w).Flush()
}

// pause reports false if the context ends first.
func pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-ctx.Done():
		return false
	}
}

// export writes as many rows as are asked for, a million by default. A slow client
// slows the loop down, so that memory stays as it is however long the table gets.
func export(w http.ResponseWriter, r *http.Request) {
	rows := 1_000_000
	if asked := r.FormValue("rows"); asked != "" {
		var err error
		if rows, err = strconv.Atoi(asked); err != nil || rows < 0 {
			http.Error(w, "rows is not a number of rows", http.StatusBadRequest)
			return
		}
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="orders.csv"`)
	table := csv.NewWriter(w)
	table.Write([]string{"id", "customer", "cents"})
	for id := range rows {
		if table.Write([]string{strconv.Itoa(id), "customer " + strconv.Itoa(id%1000), strconv.Itoa(id * 7919 % 100_000)}) != nil {
			return // the client has left
		}
	}
	table.Flush()
}
