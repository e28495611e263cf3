package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"time"
)

// A broker is the floor: the least that can stand between an HTTP client and a
// function. It makes an event of a request, hands it to whichever process asks
// next, and copies the reply's body back. It knows no errors, timeouts or limits.
type broker struct {
	events chan *pending
	open   chan map[string]*pending // holds the one map; a lock that is a value
}

type pending struct {
	id    string
	event []byte
	reply chan []byte
}

// runBroker serves at addr until the process is killed.
func runBroker(addr string, instances int, function string) error {
	b := &broker{events: make(chan *pending), open: make(chan map[string]*pending, 1)}
	b.open <- map[string]*pending{}
	front, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	runtime, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	for range instances {
		cmd := exec.Command(function)
		cmd.Env = append(os.Environ(), "AWS_LAMBDA_RUNTIME_API="+runtime.Addr().String())
		if err := cmd.Start(); err != nil {
			return err
		}
		go cmd.Wait()
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /2018-06-01/runtime/invocation/next", b.next)
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/response", b.response)
	go http.Serve(runtime, mux)
	return http.Serve(front, http.HandlerFunc(b.request))
}

func (b *broker) request(w http.ResponseWriter, r *http.Request) {
	id := strconv.FormatInt(time.Now().UnixNano(), 36)
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
	p := &pending{id: id, event: event, reply: make(chan []byte, 1)}
	b.events <- p
	var reply struct {
		StatusCode int               `json:"statusCode"`
		Headers    map[string]string `json:"headers"`
		Body       string            `json:"body"`
	}
	json.Unmarshal(<-p.reply, &reply)
	for name, value := range reply.Headers {
		w.Header().Set(name, value)
	}
	w.WriteHeader(reply.StatusCode)
	io.WriteString(w, reply.Body)
}

func (b *broker) next(w http.ResponseWriter, r *http.Request) {
	select {
	case p := <-b.events:
		open := <-b.open
		open[p.id] = p
		b.open <- open
		w.Header().Set("Lambda-Runtime-Aws-Request-Id", p.id)
		w.Header().Set("Lambda-Runtime-Deadline-Ms", fmt.Sprint(time.Now().Add(time.Minute).UnixMilli()))
		w.Write(p.event)
	case <-r.Context().Done():
	}
}

func (b *broker) response(w http.ResponseWriter, r *http.Request) {
	open := <-b.open
	p := open[r.PathValue("id")]
	delete(open, p.id)
	b.open <- open
	body, _ := io.ReadAll(r.Body)
	p.reply <- body
	w.WriteHeader(http.StatusAccepted)
}
