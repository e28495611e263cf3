// Package sniff tells TLS from plain HTTP by the first byte that a client sends. A
// port speaks one of the two, and a client that speaks the other sees no more than a
// connection that breaks: somebody has to tell why.
package sniff

import (
	"errors"
	"net"
	"sync"
	"time"
)

// handshake is the first byte of TLS: a record that holds a handshake (RFC 8446,
// section 5.1). No method of HTTP begins with it.
const handshake = 0x16

// Notice returns a listener for plain HTTP that calls tls once, when the first client
// comes that speaks TLS.
func Notice(l net.Listener, tls func(from net.Addr)) net.Listener {
	return &noticing{Listener: l, tls: tls}
}

type noticing struct {
	net.Listener
	once sync.Once
	tls  func(from net.Addr)
}

func (n *noticing) Accept() (net.Conn, error) {
	c, err := n.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &noticed{Conn: c, listener: n}, nil
}

// A noticed connection looks at the first byte that is read from it.
type noticed struct {
	net.Conn
	listener *noticing
	begun    bool
}

func (c *noticed) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if !c.begun && n > 0 {
		c.begun = true
		if p[0] == handshake {
			c.listener.once.Do(func() { c.listener.tls(c.RemoteAddr()) })
		}
	}
	return n, err
}

// patience is how long a client may take to send its first byte.
const patience = 30 * time.Second

// Split returns two listeners for one: what speaks TLS, and what does not. Both are
// closed when l is.
func Split(l net.Listener) (tls, plain net.Listener) {
	s := &splitter{Listener: l, done: make(chan struct{}), waiting: map[net.Conn]bool{}}
	sides := [2]*side{{splitter: s, conns: make(chan net.Conn)}, {splitter: s, conns: make(chan net.Conn)}}
	go s.accept(sides[0], sides[1])
	return sides[0], sides[1]
}

type splitter struct {
	net.Listener
	done chan struct{} // closed when there are no more connections

	mu      sync.Mutex
	waiting map[net.Conn]bool // those that have sent nothing yet; nil at the end
}

// accept runs until the listener is closed.
func (s *splitter) accept(tls, plain *side) {
	defer s.end()
	const most = time.Second
	for pause := time.Millisecond; ; {
		c, err := s.Listener.Accept()
		switch {
		case errors.Is(err, net.ErrClosed):
			return
		case err != nil: // such as too many open files
			time.Sleep(pause)
			pause = min(2*pause, most)
			continue
		}
		pause = time.Millisecond
		s.mu.Lock()
		s.waiting[c] = true
		s.mu.Unlock()
		go s.route(c, tls, plain)
	}
}

// end lets go of who has sent nothing yet.
func (s *splitter) end() {
	close(s.done)
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.waiting {
		c.Close()
	}
	s.waiting = nil
}

// route waits for the first byte, so that nobody who sends none is in others' way.
func (s *splitter) route(c net.Conn, tls, plain *side) {
	first := make([]byte, 1)
	_ = c.SetReadDeadline(time.Now().Add(patience))
	n, err := c.Read(first)
	_ = c.SetReadDeadline(time.Time{})
	s.mu.Lock()
	delete(s.waiting, c)
	s.mu.Unlock()
	if n == 0 || err != nil {
		c.Close()
		return
	}
	to := plain
	if first[0] == handshake {
		to = tls
	}
	select {
	case to.conns <- &begun{Conn: c, first: first}:
	case <-s.done:
		c.Close()
	}
}

// A side is one of the two listeners.
type side struct {
	*splitter
	conns chan net.Conn
}

func (s *side) Accept() (net.Conn, error) {
	select {
	case c := <-s.conns:
		return c, nil
	case <-s.done:
		return nil, net.ErrClosed
	}
}

// A begun connection has its first byte read already.
type begun struct {
	net.Conn
	first []byte
}

func (c *begun) Read(p []byte) (int, error) {
	if len(c.first) > 0 && len(p) > 0 {
		p[0], c.first = c.first[0], nil
		return 1, nil
	}
	return c.Conn.Read(p)
}
