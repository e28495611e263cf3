// Package serve is one main for everywhere: the same program is a Lambda function, a
// Lambda Web Function, or a server.
//
//	func main() {
//		if err := serve.Run(newApp(), serve.Options{}); err != nil {
//			log.Fatal(err)
//		}
//	}
//
// Where it runs is decided by the environment, in this order:
//
//   - AWS_LAMBDA_HTTP_ENDPOINT is set, or AWS_LAMBDA_INITIALIZATION_TYPE is
//     "native-http": a Web Function, which Lambda sends plain HTTP requests. The server
//     listens on exactly that address. This is experimental: Lambda does not offer Web
//     Functions in Go yet. It is asked first because such functions have the variable
//     of the next point as well.
//   - AWS_LAMBDA_RUNTIME_API is set: a function behind the Runtime API, in Lambda or
//     under `go run .../local`. It is what lambda.Start(adapter.Wrap(h)) is.
//   - Otherwise it is a server, on the port in PORT or the Options' Address.
package serve

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/lambridge-go/lambridge/adapter"
)

// Options say how a program is to be run. The zero value is of use as it is.
type Options struct {
	_ struct{}

	// Address is where a server listens, such as "127.0.0.1:8080" or ":8080". It counts
	// where PORT is not set, which container platforms set: a server then listens on all
	// addresses of that port. "" is "127.0.0.1:8080".
	Address string

	// Server is what a server is made from: its timeouts, its ErrorLog, its TLSConfig, with
	// which it serves HTTPS. Its Addr and Handler are set by Run. A Web Function serves
	// plain HTTP, whatever it says: TLS ends at Lambda's endpoint. nil is a Server that
	// gives clients 10 seconds for the header of a request.
	Server *http.Server

	// Stream answers as adapter.Stream does where the program is a function behind the
	// Runtime API. false keeps replies until they are whole. Servers always stream.
	Stream bool

	// Adapter are the options of the adapter. They change nothing where the program is a
	// server: WithBasePath and its kind are about what API Gateway puts in front of
	// paths.
	Adapter []adapter.Option

	// Grace is how long requests that are being answered may go on once the program is
	// told to end, by SIGTERM or an interrupt. 0 is 10 seconds. Web Functions have less
	// than a second, whatever it says.
	Grace time.Duration

	// OnShutdown is called once before the program ends: to flush traces, to close a
	// database. Its context ends when the time is over. In Lambda that is about 300 ms,
	// and a function with an OnShutdown registers as its own extension, because Lambda
	// sends SIGTERM to nobody else. nil registers nothing.
	OnShutdown func(context.Context)
}

const (
	// webFunctionGrace leaves OnShutdown a part of the second that Lambda gives a Web
	// Function between SIGTERM and SIGKILL.
	webFunctionGrace = 700 * time.Millisecond

	// shutdownTime is what OnShutdown gets where the platform says how little there is.
	shutdownTime = 250 * time.Millisecond
)

// Run runs h; nil is http.DefaultServeMux. A server returns nil after it was told to end
// and has ended, and an error when it cannot listen, or cannot end in time. A Lambda
// function never returns: the process ends with its environment.
//
// Whoever calls the Shutdown of the Options' Server waits for it himself, as with net/http:
// Run returns nil at once.
//
// Run is to be called once, from main: it takes SIGTERM and interrupts for itself.
func Run(h http.Handler, o Options) error {
	if address, ok := webFunction(); ok {
		if address == "" {
			return errors.New("serve: AWS_LAMBDA_INITIALIZATION_TYPE is native-http and AWS_LAMBDA_HTTP_ENDPOINT is missing: nobody says where to listen")
		}
		o.Grace = webFunctionGrace
		return o.serve(h, address, (*http.Server).Serve, shutdownTime)
	}
	if os.Getenv("AWS_LAMBDA_RUNTIME_API") != "" {
		o.start(h)
		return nil
	}
	address, err := o.address()
	if err != nil {
		return err
	}
	if o.Grace == 0 {
		o.Grace = 10 * time.Second
	}
	serve := (*http.Server).Serve
	if o.Server != nil && o.Server.TLSConfig != nil {
		serve = func(s *http.Server, l net.Listener) error { return s.ServeTLS(l, "", "") }
	}
	return o.serve(h, address, serve, o.Grace)
}

// webFunction reports whether the program is a Web Function, and where it is to listen.
func webFunction() (address string, ok bool) {
	address = os.Getenv("AWS_LAMBDA_HTTP_ENDPOINT")
	return address, address != "" || os.Getenv("AWS_LAMBDA_INITIALIZATION_TYPE") == "native-http"
}

// address is where a server listens.
func (o Options) address() (string, error) {
	port := os.Getenv("PORT")
	if port == "" {
		if o.Address == "" {
			return "127.0.0.1:8080", nil
		}
		return o.Address, nil
	}
	if n, err := strconv.Atoi(port); err != nil || n < 0 || n > 65535 {
		return "", fmt.Errorf("serve: PORT is %q, which is no port: unset it, or give a number up to 65535", port)
	}
	return ":" + port, nil
}

// serve serves h until the program is told to end, and for as long after that as the
// requests that have begun need, but not beyond the Grace. OnShutdown then has so long.
func (o Options) serve(h http.Handler, address string, serve func(*http.Server, net.Listener) error, last time.Duration) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()

	server := o.Server
	if server == nil {
		server = &http.Server{ReadHeaderTimeout: 10 * time.Second}
	}
	if h == nil {
		h = http.DefaultServeMux
	}
	var running atomic.Int64
	server.Addr = address
	server.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		running.Add(1)
		defer running.Add(-1)
		h.ServeHTTP(w, r)
	})
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return fmt.Errorf("serve: %w", err)
	}
	served := make(chan error, 1)
	go func() { served <- serve(server, listener) }()

	select {
	case err = <-served:
		if errors.Is(err, http.ErrServerClosed) {
			err = nil
		} else {
			err = fmt.Errorf("serve: %w", err)
		}
	case <-ctx.Done():
		stop() // a second interrupt ends the program at once
		err = end(server, &running, o.Grace)
		<-served
	}
	if o.OnShutdown != nil {
		ctx, cancel := context.WithTimeout(context.Background(), last)
		defer cancel()
		o.OnShutdown(ctx)
	}
	return err
}

// end lets requests that have begun end, and cuts off what is left after the grace.
func end(server *http.Server, running *atomic.Int64, grace time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	err := server.Shutdown(ctx)
	switch {
	case err == nil:
		return nil
	case running.Load() == 0: // Shutdown waits for connections, also for new ones that ask nothing
		return server.Close()
	}
	return errors.Join(fmt.Errorf("serve: requests had not ended %v after the program was told to: %w", grace, err), server.Close())
}
