package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/lambridge-go/lambridge/local/function"
	"github.com/lambridge-go/lambridge/local/function/invokeapi"
	"github.com/lambridge-go/lambridge/local/function/logs"
	"github.com/lambridge-go/lambridge/local/gateway"
)

// A frontDoor is one that the command can stand in for.
type frontDoor struct {
	source gateway.Source
	name   string
}

// The list is what --every serves, in the order of the ports.
func frontDoors() []frontDoor {
	return []frontDoor{
		{gateway.HTTPv2, "HTTP API"},
		{gateway.HTTPv1, "HTTP API, payload format 1.0"},
		{gateway.REST, "REST API"},
		{gateway.FunctionURL, "function URL"},
		{gateway.ALB, "Application Load Balancer"},
		{gateway.ALBMulti, "Application Load Balancer, multi-value headers"},
		{gateway.LatticeV2, "VPC Lattice"},
		{gateway.LatticeV1, "VPC Lattice, event structure 1.0"},
	}
}

// closePatience is how long requests may take to end after Ctrl-C.
const closePatience = 3 * time.Second

// serve runs the command until ctx ends, and then ends everything it started.
func serve(ctx context.Context, f flags, environ []string, stdout io.Writer, printer *logs.Printer) (err error) {
	var s server
	defer func() { err = errors.Join(err, s.close()) }()

	// The ports come first: a port in use is quickly told, a build takes a while.
	doors := frontDoors()
	if !f.Every {
		doors = slices.DeleteFunc(doors, func(d frontDoor) bool { return string(d.source) != f.API })
	}
	for n := range doors {
		if err := s.listen(addrOf(f.Addr, n), "--addr"); err != nil {
			return err
		}
	}
	if f.Inspect != "off" {
		if err := s.listen(f.Inspect, "--inspect"); err != nil {
			return err
		}
	}

	webSocketStage := f.webSocketStage()
	b := banner{flags: f, webSocketURL: s.addr(0) + "/" + webSocketStage}
	config, err := functionConfig(f, environ, b.webSocketURL, printer)
	if err != nil {
		return err
	}
	s.function, err = function.Start(ctx, config)
	if ctx.Err() != nil {
		return nil // Ctrl-C during the build
	}
	if err != nil {
		return err
	}
	b.function, b.watching = s.function, config.Watch

	timeout, webSocketTimeout := time.Duration(0), time.Duration(0)
	if f.Attach { // front doors wait as long as a debugger takes
		timeout, webSocketTimeout = 24*time.Hour, -1
	}
	s.webSocket, err = gateway.NewWebSocket(gateway.WebSocketConfig{
		Function: s.function, Stage: webSocketStage, IntegrationTimeout: webSocketTimeout, Logger: printer.Logger(),
		RouteSelectionExpression: f.RouteSelection, Routes: f.WSRoute, TwoWay: f.WSTwoWay,
	})
	if err != nil {
		return err
	}
	for n, door := range doors {
		set := gateway.Config{
			Source: door.source, Function: s.function,
			Stage: f.Stage, BasePath: f.BasePath, Stream: f.Stream, Throttle: f.Throttle, Timeout: timeout,
			Observe: observer(printer, f.Every), Logger: printer.Logger(),
		}
		if door.source == gateway.REST {
			// Without it a REST API corrupts images and uploads; lambdatest has it too.
			set.BinaryMediaTypes = []string{"*/*"}
		}
		front, err := gateway.New(set)
		if err != nil {
			return err
		}
		s.serve(n, withWebSocket(s.webSocket, withBuildPage(s.function, front)))
		b.doors = append(b.doors, doorLine{door.name, "http://" + s.addr(n)})
	}
	if f.Inspect != "off" {
		s.invokes = invokeapi.New(invokeapi.Config{
			Function: s.function, Name: s.function.Name(), ARN: s.function.ARN(), Logger: printer.Logger(),
		})
		// A web page must not be able to invoke the function behind its user's back.
		s.serve(len(doors), http.NewCrossOriginProtection().Handler(s.invokes))
		b.invokeURL = "http://" + s.addr(len(doors))
	}
	if f.Log == "pretty" {
		b.print(stdout)
	}

	select {
	case <-ctx.Done():
		return nil
	case err := <-s.failed:
		return err
	}
}

// withWebSocket lets the WebSocket API have the requests that are for it.
func withWebSocket(api *gateway.WebSocketAPI, h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if api.Handles(r) {
			api.ServeHTTP(w, r)
			return
		}
		h.ServeHTTP(w, r)
	})
}

// connectionsVariable tells the AWS SDK, and so adapter/connections, where the
// @connections API is.
const connectionsVariable = "AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI"

func functionConfig(f flags, environ []string, webSocketURL string, printer *logs.Printer) (function.Config, error) {
	variables, err := f.variables()
	if err != nil {
		return function.Config{}, err
	}
	config := function.Config{
		Environ: environ, Env: append([]string{connectionsVariable + "=http://" + webSocketURL}, variables...),
		Timeout: f.Timeout, Memory: f.Memory,
		Concurrency: f.Concurrency, MaxConcurrency: f.MaxConcurrency,
		Watch: !f.NoWatch && !f.Attach, Globs: f.Watch,
		OnLine: printer.Line, OnReport: printer.Report, Logger: printer.Logger(),
	}
	switch executable := f.executable(); {
	case f.Attach:
		config.Attach = f.RuntimeAPI
	case executable != "":
		config.Command = []string{executable}
	case f.Target != "":
		config.Package = f.Target
	default:
		self, err := os.Executable()
		if err != nil {
			return config, fmt.Errorf("local: find the tour, which is this program: %w", err)
		}
		config.Command, config.Name, config.Watch = []string{self}, "tour", false
		config.Env = append(config.Env, tourVariable+"=1")
	}
	return config, nil
}

// observer shows each request, and through which front door it came if there are
// several.
func observer(printer *logs.Printer, every bool) func(gateway.Exchange) {
	return func(e gateway.Exchange) {
		r := logs.Request{Method: e.Method, URI: e.URI, Status: e.Status, Duration: e.Duration}
		if every {
			r.FrontDoor = string(e.Source)
		}
		printer.Request(r)
	}
}

// A server is everything the command has started.
type server struct {
	listeners []net.Listener
	servers   []*http.Server
	serving   sync.WaitGroup
	failed    chan error
	function  *function.Function
	webSocket *gateway.WebSocketAPI
	invokes   *invokeapi.API
}

func (s *server) listen(addr, flag string) error {
	listener, err := net.Listen("tcp", addr)
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("local: %s is in use, perhaps by another local: stop that, or choose another port with %s", addr, flag)
	}
	if err != nil {
		return fmt.Errorf("local: listen at %s %q: %w", flag, addr, err)
	}
	s.listeners = append(s.listeners, listener)
	return nil
}

func (s *server) addr(n int) string { return s.listeners[n].Addr().String() }

func (s *server) serve(n int, h http.Handler) {
	if s.failed == nil {
		s.failed = make(chan error, len(s.listeners))
	}
	server := &http.Server{Handler: h, ReadHeaderTimeout: 30 * time.Second, ErrorLog: log.New(io.Discard, "", 0)}
	s.servers = append(s.servers, server)
	s.serving.Go(func() {
		if err := server.Serve(s.listeners[n]); !errors.Is(err, http.ErrServerClosed) {
			s.failed <- fmt.Errorf("local: serve at %s: %w", s.addr(n), err)
		}
	})
}

// close lets requests end, for a while, and then stops the function, which has
// heard of every connection's end by then.
func (s *server) close() error {
	if s.webSocket != nil {
		s.webSocket.Close()
	}
	ctx, cancel := context.WithTimeout(context.Background(), closePatience)
	defer cancel()
	var closing sync.WaitGroup
	for _, server := range s.servers {
		closing.Go(func() {
			if server.Shutdown(ctx) != nil {
				server.Close()
			}
		})
	}
	closing.Wait()
	for _, listener := range s.listeners {
		listener.Close() // those that are not served yet
	}
	s.serving.Wait()
	if s.invokes != nil {
		s.invokes.Close()
	}
	if s.function != nil {
		return s.function.Close()
	}
	return nil
}

// addrOf is the address n ports further, or another free port for port 0.
func addrOf(addr string, n int) string {
	host, port, _ := net.SplitHostPort(addr)
	number, err := strconv.Atoi(port)
	if err != nil || number == 0 {
		return addr
	}
	return net.JoinHostPort(host, strconv.Itoa(number+n))
}
