// Package arrival tells what every front door knows of a request before it looks at
// what the request says: where it came from, by which port, and the ids it is given.
package arrival

import (
	"net"
	"net/http"
	"strconv"
)

// SourceIP returns the address that r came from. What is not the address of a
// network, such as the name of a pipe, is 127.0.0.1.
func SourceIP(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil || net.ParseIP(host) == nil {
		return "127.0.0.1"
	}
	return host
}

// Listener returns the protocol and the port that a client used.
func Listener(r *http.Request) (proto, port string) {
	proto, port = "http", "80"
	if r.TLS != nil {
		proto, port = "https", "443"
	}
	if addr, ok := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr); ok {
		return proto, strconv.Itoa(addr.Port)
	}
	if _, p, err := net.SplitHostPort(r.Host); err == nil {
		port = p
	}
	return proto, port
}
