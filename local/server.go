package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/lambridge-go/lambridge/internal/headercount"
	"github.com/lambridge-go/lambridge/local/internal/function"
	"github.com/lambridge-go/lambridge/local/internal/invokeapi"
	"github.com/lambridge-go/lambridge/local/websocket"
)

// closePatience is how long requests may take to end after Ctrl-C.
const closePatience = 3 * time.Second

// A server is everything the command has started.
type server struct {
	listeners []net.Listener
	servers   []*http.Server
	serving   sync.WaitGroup
	failed    chan error
	function  *function.Function
	webSocket *websocket.API
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
	headercount.Unlimit(server)
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
