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
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/lambridge-go/lambridge/local/function"
	"github.com/lambridge-go/lambridge/local/function/invokeapi"
	"github.com/lambridge-go/lambridge/local/function/logs"
	"github.com/lambridge-go/lambridge/local/gateway"
)

// frontDoors are those that --every serves, in the order of their ports.
var frontDoors = []gateway.Source{
	gateway.HTTPv2, gateway.HTTPv1, gateway.REST, gateway.FunctionURL,
	gateway.ALB, gateway.ALBMulti, gateway.LatticeV2, gateway.LatticeV1,
}

// closePatience is how long requests may take to end after Ctrl-C.
const closePatience = 3 * time.Second

// serve runs the command until ctx ends, and then ends everything it started.
func serve(ctx context.Context, f flags, environ []string, stdout io.Writer, printer *logs.Printer) (err error) {
	var s server
	defer func() { err = errors.Join(err, s.close()) }()

	// The ports come first: a port in use is quickly told, a build takes a while.
	sources := []gateway.Source{gateway.Source(f.API)}
	if f.Every {
		sources = frontDoors
	}
	for n := range sources {
		if err := s.listen(addrOf(f.Addr, n), "--addr"); err != nil {
			return err
		}
	}
	if f.Inspect != "off" {
		if err := s.listen(f.Inspect, "--inspect"); err != nil {
			return err
		}
	}

	config, err := functionConfig(f, environ, printer)
	if err != nil {
		return err
	}
	if s.function, err = function.Start(ctx, config); err != nil {
		return err
	}
	b := banner{function: s.function, flags: f, watching: config.Watch}
	for n, source := range sources {
		set := gateway.Config{
			Source: source, Function: s.function,
			Stage: f.Stage, BasePath: f.BasePath, Stream: f.Stream,
			Observe: observer(printer, f.Every), Logger: printer.Logger(),
		}
		if source == gateway.REST {
			// Without it a REST API corrupts images and uploads; lambdatest has it too.
			set.BinaryMediaTypes = []string{"*/*"}
		}
		door, err := gateway.New(set)
		if err != nil {
			return err
		}
		s.serve(n, withBuildPage(s.function, door))
		b.doors = append(b.doors, doorLine{source, s.url(n)})
	}
	if f.Inspect != "off" {
		s.invokes = invokeapi.New(invokeapi.Config{
			Function: s.function, Name: s.function.Name(), ARN: s.function.ARN(), Logger: printer.Logger(),
		})
		// A web page must not be able to invoke the function behind its user's back.
		s.serve(len(sources), http.NewCrossOriginProtection().Handler(s.invokes))
		b.invokeURL = s.url(len(sources))
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

func functionConfig(f flags, environ []string, printer *logs.Printer) (function.Config, error) {
	variables, err := f.variables()
	if err != nil {
		return function.Config{}, err
	}
	config := function.Config{
		Environ: environ, Env: variables,
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

func (s *server) url(n int) string { return "http://" + s.listeners[n].Addr().String() }

func (s *server) serve(n int, h http.Handler) {
	if s.failed == nil {
		s.failed = make(chan error, len(s.listeners))
	}
	server := &http.Server{Handler: h, ReadHeaderTimeout: 30 * time.Second, ErrorLog: log.New(io.Discard, "", 0)}
	s.servers = append(s.servers, server)
	s.serving.Go(func() {
		if err := server.Serve(s.listeners[n]); !errors.Is(err, http.ErrServerClosed) {
			s.failed <- fmt.Errorf("local: serve at %s: %w", s.url(n), err)
		}
	})
}

// close lets requests end, for a while, and then stops the function.
func (s *server) close() error {
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
