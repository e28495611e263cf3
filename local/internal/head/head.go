// Package head keeps how a client spelled the names of its headers. API Gateway passes
// them on so; net/http has made Content-Type of content-type before a handler sees it.
//
// A [Listener]'s connections read along with net/http, head by head, and a handler asks
// [SpellingsOf] for what stood in its own request's. HTTP/2 has lower case only.
package head

import (
	"bytes"
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"strings"
	"sync"
)

// A Listener accepts connections that keep the heads of their requests. Server must be
// the one that serves it.
type Listener struct {
	net.Listener
}

// Accept implements net.Listener.
func (l Listener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &Conn{Conn: conn}, nil
}

// Prepare sets server, whose Handler is its last, up for the connections of Listeners.
// Clients may speak HTTP/2 from the first byte (RFC 9113, section 3.3). Behind a listener
// of crypto/tls, that is how net/http serves those that have negotiated HTTP/2.
func Prepare(server *http.Server) {
	server.ConnContext = func(ctx context.Context, conn net.Conn) context.Context {
		if c, ok := conn.(*Conn); ok {
			return context.WithValue(ctx, connKey{}, c)
		}
		return ctx
	}
	server.ConnState = func(conn net.Conn, state http.ConnState) {
		if c, ok := conn.(*Conn); ok && state == http.StateHijacked {
			c.stop()
		}
	}
	server.Protocols = new(http.Protocols)
	server.Protocols.SetHTTP1(true)
	server.Protocols.SetUnencryptedHTTP2(true)
	served := server.Handler
	server.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if c, ok := r.Context().Value(connKey{}).(*Conn); ok {
			if r.ProtoMajor == 1 {
				c.advance()
			}
			if encrypted, ok := c.Conn.(*tls.Conn); ok { // which net/http does not see
				state := encrypted.ConnectionState()
				r.TLS = &state
			}
		}
		served.ServeHTTP(w, r)
	})
}

type connKey struct{}

// Spellings are how a client spelled the names of a request's fields.
type Spellings struct {
	lower bool
	names names
}

// SpellingsOf returns those of r.
func SpellingsOf(r *http.Request) Spellings {
	if r.ProtoMajor == 2 {
		return Spellings{lower: true}
	}
	if c, ok := r.Context().Value(connKey{}).(*Conn); ok {
		return Spellings{names: c.current}
	}
	return Spellings{}
}

// Of returns the name of a field, which is canonical, as the client spelled it first. Where
// that is not known the name stays as it is.
func (s Spellings) Of(name string) string {
	if s.lower {
		return strings.ToLower(name)
	}
	if spelled := s.names[name]; spelled != "" {
		return spelled
	}
	return name
}

// Known reports whether it is known how the client of r spells names.
func Known(r *http.Request) bool {
	c, ok := r.Context().Value(connKey{}).(*Conn)
	return r.ProtoMajor == 2 || ok && c.current != nil
}

// A Conn is a connection that keeps the heads of requests.
type Conn struct {
	net.Conn

	mu      sync.Mutex
	parser  parser
	begun   bool
	stopped bool
	heads   []names // of the requests that were read and not served yet

	current names // of the request that is being served: HTTP/1.1 serves one at a time
}

// names are the spellings in one head, by their canonical form.
type names map[string]string

// maxHeads is far more than net/http reads ahead of the request it serves.
const maxHeads = 1000

// Read implements net.Conn.
func (c *Conn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.mu.Lock()
	defer c.mu.Unlock()
	if n > 0 && !c.begun {
		c.begun = true
		c.stopped = c.stopped || isHTTP2(b[:n])
	}
	if !c.stopped {
		c.parser.feed(b[:n], func(head names) {
			if len(c.heads) < maxHeads {
				c.heads = append(c.heads, head)
			}
		})
	}
	return n, err
}

// isHTTP2 reports whether a connection begins as HTTP/2 does (RFC 9113, section 3.4).
func isHTTP2(b []byte) bool {
	const preface = "PRI * HTTP/2.0"
	return bytes.HasPrefix(b, []byte(preface)) || len(b) < len(preface) && strings.HasPrefix(preface, string(b))
}

// advance goes on to the head of the request that is served next.
func (c *Conn) advance() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.current = nil
	if len(c.heads) > 0 {
		c.current = c.heads[0]
		c.heads = append(c.heads[:0], c.heads[1:]...)
	}
}

// stop lets what comes on the connection pass unread: it is no HTTP any more.
func (c *Conn) stop() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stopped, c.parser, c.heads = true, parser{}, nil
}
