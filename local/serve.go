package main

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"syscall"

	"github.com/lambridge-go/lambridge/local/gateway"
	"github.com/lambridge-go/lambridge/local/internal/function"
	"github.com/lambridge-go/lambridge/local/internal/guard"
	"github.com/lambridge-go/lambridge/local/internal/invokeapi"
	"github.com/lambridge-go/lambridge/local/internal/logs"
	"github.com/lambridge-go/lambridge/local/invoke"
	"github.com/lambridge-go/lambridge/local/websocket"
)

// serve runs the command until ctx ends, or until the front doors are compared,
// and then ends everything it started.
func serve(ctx context.Context, f flags, environ []string, enter *enter, stdout outlet, printer *logs.Printer) (err error) {
	s := newServer(printer.Logger())
	if s.tls, err = f.tlsFlags.config(s.logger); err != nil {
		return err
	}
	if f.Definition != "" {
		return servePlan(ctx, s, f, environ, enter, printer)
	}
	defer func() { err = errors.Join(err, s.close()) }()

	b, err := s.start(ctx, f, environ, printer)
	switch {
	case ctx.Err() != nil && f.Diff == "":
		return nil // Ctrl-C during the build
	case err != nil:
		return err
	case f.Diff != "":
		return diff(ctx, f, b.doors, paint{stdout, logs.Coloured(stdout.Writer, environ)})
	}
	enter.calls(s.function.Rebuild)
	b.entered = enter.pressed
	r := b.ready()
	withdraw, err := f.announce(r, func() { printer.Logger().Info("serving", r.attrs()...) }, func() { inOnePiece(printer, b.print) })
	if err != nil {
		return err
	}
	defer withdraw()
	select {
	case <-ctx.Done():
		return nil
	case err := <-s.failed:
		return err
	}
}

// start starts the function and serves its front doors. The server is to be
// closed even if that fails.
func (s *server) start(ctx context.Context, f flags, environ []string, printer *logs.Printer) (banner, error) {
	if f.Diff != "" { // nobody else is to come, and a server that runs already is not in the way
		f.Addr, f.Inspect = "127.0.0.1:0", "off"
	}
	// The ports come first: a port in use is quickly told, a build takes a while.
	doors := f.frontDoors()
	if err := s.listenAll(f, len(doors)); err != nil {
		return banner{}, err
	}

	b := banner{flags: f, webSocketURL: s.addr(0) + "/" + f.webSocketStage()}
	if f.Inspect != "off" {
		b.invokeURL = "http://" + s.addr(len(doors))
		if !isLoopback(f.Inspect) {
			b.token = rand.Text()
		}
		s.inspector = s.inspect(&f, &b)
	}
	if f.Target == "" && f.Exec == "" && !f.Attach {
		if flags := servedHere("."); flags != "" {
			printer.Logger().Warn("this is the tour; to serve what is in this folder, say: local " + flags)
		}
	}
	if err := s.startFunction(ctx, &b, environ, printer); err != nil {
		return b, err
	}
	watched := procs.invoked(s.inspector.Watch(s.function.Name(), s.function))
	if err := s.makeWebSocket(&f, watched); err != nil {
		return b, err
	}
	strangers := &strangers{hosts: f.AllowHost, logger: s.logger}
	for n, door := range doors {
		front, err := f.front(door, watched, s.function.Account(), printer)
		if err != nil {
			return b, err
		}
		url := f.scheme("http") + "://" + s.addr(n)
		inspected := s.inspector.Door(door.Name, url, front)
		s.serve(n, strangers.notice(withWebSocket(s.webSocket, withBuildPage(s.function, front))), inspected.Context)
		b.doors = append(b.doors, servedDoor{door, url})
	}
	if f.Inspect != "off" {
		s.serveTools(len(doors), &f, b.token)
	}
	return b, nil
}

// startFunction starts the function that the banner is about.
func (s *server) startFunction(ctx context.Context, b *banner, environ []string, printer *logs.Printer) error {
	config, err := b.flags.functionConfig(environ, b.webSocketURL, b.invokeURL, printer)
	if err != nil {
		return err
	}
	if s.function, err = function.Start(ctx, config); err != nil {
		code := exitFunction
		if errors.Is(err, syscall.EADDRINUSE) { // that of --runtime-api
			code = exitAddress
		}
		return exitError{err, code}
	}
	b.function, b.watching = s.function, config.Watch
	return nil
}

// makeWebSocket makes the WebSocket API that is served beside every front door.
func (s *server) makeWebSocket(f *flags, fn invoke.Streamer) (err error) {
	config := f.webSocketConfig(fn, s.function.Account())
	if err := f.guardWebSocket(&config, s.logger); err != nil {
		return err
	}
	if len(f.JWKS) > 0 {
		s.logger.Warn("--jwks does not guard the WebSocket API: API Gateway's check no tokens, so that everybody may connect whom the function's $connect lets in")
	}
	config.Logger = s.logger
	config.Observe = s.inspector.WebSocket("WebSocket API", func() (http.Handler, string) { return s.webSocket, "/" + f.webSocketStage() })
	s.webSocket, err = websocket.New(config)
	return err
}

// front makes the gateway of a front door.
func (f *flags) front(door gateway.SourceFacts, fn invoke.Streamer, account invoke.Account, printer *logs.Printer) (*gateway.Gateway, error) {
	options := gateway.Options{Logger: printer.Logger()}
	if f.Diff == "" && !f.Quiet {
		options.Observe = observer(printer, f.Every)
	}
	api := f.api(door, fn, account)
	if err := f.guard(&api, door, printer.Logger()); err != nil {
		return nil, err
	}
	return gateway.New(api, options)
}

// serveTools serves the Invoke API and the inspector at the n-th port.
func (s *server) serveTools(n int, f *flags, token string) {
	s.invokes = invokeapi.New(invokeapi.Config{
		Functions: []invokeapi.Function{{Invoker: s.inspector.Direct(s.function.Name(), s.function), Name: s.function.Name(), ARN: s.function.ARN()}},
		Logger:    s.logger,
	})
	// A web page must not be able to invoke the function behind its user's back.
	s.serve(n, guard.Tools(tools(s.invokes, s.inspector), f.AllowHost, token), nil)
}

// listenAll takes the ports of so many front doors, and behind them that of the tools.
func (s *server) listenAll(f flags, doors int) error {
	for n := range doors {
		if err := s.listen(addrOf(f.Addr, n), addrFlag); err != nil {
			return err
		}
	}
	if f.Inspect == "off" {
		return nil
	}
	return s.listen(f.Inspect, "--inspect")
}

// withWebSocket lets the WebSocket API have the requests that are for it.
func withWebSocket(api *websocket.API, h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if api.Handles(r) {
			api.ServeHTTP(w, r)
			return
		}
		h.ServeHTTP(w, r)
	})
}
