package clients

import (
	"net"
	"sync"
	"time"
)

// Listener returns a listener for l's connections.
func (l *Limiter) Listener(inner net.Listener) net.Listener {
	return &listener{Listener: inner, of: l, closed: make(chan struct{})}
}

type listener struct {
	net.Listener
	of     *Limiter
	once   sync.Once
	closed chan struct{}
}

// Accept implements net.Listener.
func (l *listener) Accept() (net.Conn, error) {
	if !l.enter() {
		return nil, net.ErrClosed
	}
	c, err := l.Listener.Accept()
	if err != nil {
		<-l.of.open
		return nil, err
	}
	return &conn{Conn: c, of: l.of}, nil
}

// enter waits until there may be one more connection, and reports whether that came
// before the listener's end.
func (l *listener) enter() bool {
	select {
	case l.of.open <- struct{}{}:
		return true
	default:
	}
	l.of.full.Do(func() {
		l.of.logger.Warn("so many connections are open that more have to wait until some end", "connections", l.of.limits.Connections)
	})
	select {
	case l.of.open <- struct{}{}:
		return true
	case <-l.closed:
		return false
	}
}

// Close implements net.Listener.
func (l *listener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return l.Listener.Close()
}

// A conn is a connection whose client must read.
type conn struct {
	net.Conn
	of   *Limiter
	once sync.Once
}

// Write implements net.Conn.
func (c *conn) Write(b []byte) (int, error) {
	written := 0
	for {
		if err := c.SetWriteDeadline(time.Now().Add(c.of.limits.Patience)); err != nil {
			return written, err
		}
		n, err := c.Conn.Write(b[written:min(len(b), written+piece)])
		if written += n; err != nil || written == len(b) {
			return written, err
		}
	}
}

// Close implements net.Conn.
func (c *conn) Close() error {
	c.once.Do(func() { <-c.of.open })
	return c.Conn.Close()
}
