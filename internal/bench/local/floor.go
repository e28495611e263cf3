package main

import (
	"encoding/json"
	"io"
	"net/http"
	"time"

	"github.com/lambridge-go/lambridge/internal/bench/broker"
)

// serveFloor makes an event of a request and copies the body of the reply back,
// until the process is killed.
func serveFloor(addr string, instances int, function string) error {
	b, err := broker.Start(instances, function)
	if err != nil {
		return err
	}
	return http.ListenAndServe(addr, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := broker.NewID()
		headers := map[string]string{"host": r.Host}
		for name, values := range r.Header {
			headers[name] = values[0]
		}
		event, _ := json.Marshal(map[string]any{
			"version": "2.0", "routeKey": "$default", "rawPath": r.URL.Path, "rawQueryString": r.URL.RawQuery,
			"headers": headers, "isBase64Encoded": false,
			"requestContext": map[string]any{
				"accountId": "123456789012", "apiId": "api", "domainName": "api.execute-api.us-east-1.amazonaws.com",
				"requestId": id, "stage": "$default", "timeEpoch": time.Now().UnixMilli(),
				"http": map[string]any{"method": r.Method, "path": r.URL.Path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": ""},
			},
		})
		var reply struct {
			StatusCode int               `json:"statusCode"`
			Headers    map[string]string `json:"headers"`
			Body       string            `json:"body"`
		}
		json.Unmarshal(b.Invoke(id, event), &reply)
		for name, value := range reply.Headers {
			w.Header().Set(name, value)
		}
		w.WriteHeader(reply.StatusCode)
		io.WriteString(w, reply.Body)
	}))
}
