package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"time"
)

// A runtimeAPI is as much of the Lambda Runtime API as a function needs to live:
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html. It hands out one event
// again and again, as often as it has been granted.
type runtimeAPI struct {
	event   []byte
	grants  chan struct{} // one for each event that may be handed out; closed: no limit
	first   chan time.Time
	replies atomic.Int64
	failed  atomic.Pointer[string]

	server   *http.Server
	listener net.Listener
	served   chan struct{}
}

// startRuntimeAPI serves on a loopback port until close.
func startRuntimeAPI(event []byte) (*runtimeAPI, error) {
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	api := &runtimeAPI{event: event, grants: make(chan struct{}, 1), first: make(chan time.Time, 1), listener: listener, served: make(chan struct{})}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /2018-06-01/runtime/invocation/next", api.next)
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/response", api.response)
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/error", api.fail)
	mux.HandleFunc("POST /2018-06-01/runtime/init/error", api.fail)
	api.server = &http.Server{Handler: mux, ReadHeaderTimeout: time.Minute}
	go func() {
		defer close(api.served)
		api.server.Serve(listener)
	}()
	return api, nil
}

func (api *runtimeAPI) addr() string { return api.listener.Addr().String() }

// grantOne lets one event through; grantAll every one from now on.
func (api *runtimeAPI) grantOne() { api.grants <- struct{}{} }
func (api *runtimeAPI) grantAll() { close(api.grants) }

func (api *runtimeAPI) close() {
	api.server.Close()
	<-api.served
}

func (api *runtimeAPI) next(w http.ResponseWriter, r *http.Request) {
	select {
	case <-api.grants:
	case <-r.Context().Done():
		return
	}
	h := w.Header()
	h.Set("Lambda-Runtime-Aws-Request-Id", "0b1c2d3e-4f50-4172-8394-a5b6c7d8e9f0")
	h.Set("Lambda-Runtime-Deadline-Ms", fmt.Sprint(time.Now().Add(time.Minute).UnixMilli()))
	h.Set("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:eu-central-1:123456789012:function:shop")
	h.Set("Lambda-Runtime-Trace-Id", "Root=1-683f1c2e-0b1c2d3e4f5061728394a5b6;Parent=0b1c2d3e4f506172;Sampled=0")
	h.Set("Content-Type", "application/json")
	w.Write(api.event)
}

func (api *runtimeAPI) response(w http.ResponseWriter, r *http.Request) {
	io.Copy(io.Discard, r.Body)
	if api.replies.Add(1) == 1 {
		api.first <- time.Now()
	}
	w.WriteHeader(http.StatusAccepted)
}

func (api *runtimeAPI) fail(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(io.LimitReader(r.Body, 1<<10))
	what := string(body)
	api.failed.Store(&what)
	w.WriteHeader(http.StatusAccepted)
}

// err returns what the function reported instead of an answer, if it did.
func (api *runtimeAPI) err() error {
	if what := api.failed.Load(); what != nil {
		return errors.New("the function failed: " + *what)
	}
	return nil
}
