package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/lambridge-go/lambridge/internal/headercount"
	"github.com/lambridge-go/lambridge/local/internal/clients"
	"github.com/lambridge-go/lambridge/local/internal/function"
	"github.com/lambridge-go/lambridge/local/internal/head"
	"github.com/lambridge-go/lambridge/local/internal/inspector"
	"github.com/lambridge-go/lambridge/local/internal/invokeapi"
	"github.com/lambridge-go/lambridge/local/internal/logs"
	"github.com/lambridge-go/lambridge/local/websocket"
)

// closePatience is how long requests may take to end after Ctrl-C.
const closePatience = 3 * time.Second

// A server is everything the command has started.
type server struct {
	listeners []net.Listener
	secure    []bool // which of them speak TLS
	tls       *tls.Config
	servers   []*http.Server
	serving   sync.WaitGroup
	failed    chan error
	logger    *slog.Logger
	clients   *clients.Limiter
	webSocket *websocket.API
	invokes   *invokeapi.API
	inspector *inspector.Inspector // nil for --inspect off
	function  *function.Function
}

func newServer(logger *slog.Logger) *server {
	return &server{logger: logger, clients: clients.New(clients.Limits{}, logger)}
}

func (s *server) listen(addr, flag string) error {
	listener, err := net.Listen("tcp", addr)
	if errors.Is(err, syscall.EADDRINUSE) {
		return exitError{fmt.Errorf("local: %s is in use, perhaps by another local: stop that, or choose another port with %s", addr, flag), exitAddress}
	}
	if err != nil {
		return exitError{fmt.Errorf("local: listen at %s %q: %w", flag, addr, err), exitAddress}
	}
	s.listeners = append(s.listeners, listener)
	s.secure = append(s.secure, s.tls != nil && flag == addrFlag)
	return nil
}

// addrFlag is the flag that says where the front doors are. The other ports are for
// tools, which speak plain HTTP.
const addrFlag = "--addr"

// addr is where programs on this machine reach a listener.
func (s *server) addr(n int) string {
	addr := s.listeners[n].Addr().(*net.TCPAddr)
	if addr.IP.IsUnspecified() {
		return net.JoinHostPort("127.0.0.1", strconv.Itoa(addr.Port))
	}
	return addr.String()
}

// serve serves h at a listener. base makes the context of its requests; nil leaves it as it
// is.
func (s *server) serve(n int, h http.Handler, base func(context.Context) context.Context) {
	server := s.httpServer(h)
	if base != nil {
		server.BaseContext = func(net.Listener) context.Context { return base(context.Background()) }
	}
	if s.secure[n] {
		s.serveSecure(s.clients.Listener(s.listeners[n]), server, h)
		return
	}
	s.servePlain(s.clients.Listener(s.listeners[n]), server)
}

// httpServer is one that ends with the others.
func (s *server) httpServer(h http.Handler) *http.Server {
	server := &http.Server{
		Handler: s.clients.Handler(procs.serve(s.surviving(h))), ReadHeaderTimeout: 30 * time.Second, IdleTimeout: 10 * time.Minute,
		ErrorLog: slog.NewLogLogger(s.logger.Handler(), slog.LevelWarn),
	}
	headercount.Unlimit(server)
	head.Prepare(server)
	s.servers = append(s.servers, server)
	return server
}

// run serves until the servers are closed.
func (s *server) run(at net.Addr, serve func() error) {
	if s.failed == nil {
		s.failed = make(chan error, 1)
	}
	s.serving.Go(func() {
		if err := serve(); !errors.Is(err, http.ErrServerClosed) && !errors.Is(err, net.ErrClosed) {
			select {
			case s.failed <- fmt.Errorf("local: serve at %s: %w", at, err):
			default: // one is enough to end
			}
		}
	})
}

// surviving answers 500 where h, which is the gateway and no function, panics.
func (s *server) surviving(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := &begunWriter{ResponseWriter: w}
		defer func() {
			switch reason := recover(); reason {
			case nil:
			case http.ErrAbortHandler:
				panic(reason) // it is how a connection is broken off on purpose
			default:
				s.logger.Error("the gateway failed, which is a mistake of local's own: please report it", "panic", fmt.Sprint(reason), "stack", logs.Lines(debug.Stack()))
				if answer.begun { // the client is to see that it is not whole
					panic(http.ErrAbortHandler)
				}
				http.Error(w, "Internal Server Error", http.StatusInternalServerError)
			}
		}()
		h.ServeHTTP(answer, r)
	})
}

// A begunWriter knows whether the answer has begun.
type begunWriter struct {
	http.ResponseWriter
	begun bool
}

// Unwrap is for http.ResponseController.
func (b *begunWriter) Unwrap() http.ResponseWriter { return b.ResponseWriter }

// WriteHeader implements http.ResponseWriter.
func (b *begunWriter) WriteHeader(status int) {
	b.begun = true
	b.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (b *begunWriter) Write(p []byte) (int, error) {
	b.begun = true
	return b.ResponseWriter.Write(p)
}

// close lets requests end, for a while, and then stops the function, which has
// heard of every connection's end by then.
func (s *server) close() error {
	s.inspector.Close()
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
