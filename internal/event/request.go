package event

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/lambridge-go/lambridge/internal/jsontape"
	"github.com/lambridge-go/lambridge/internal/source"
)

// A Request is an event read as an HTTP request: what net/http's server would have made of
// the client's bytes, but for the context and the reader of the body, which belong to the
// invocation. It shares no memory with the event, but for its Content.
//
// Its RemoteAddr is always fit for net.SplitHostPort. Its Pattern is the route that the front
// door matched, in its own notation; what the variables of that stood for, decoded, are path
// values.
type Request struct {
	plainRequest
	Content *Body // nil for none

	// StagePrefix is the stage that stands in front of the path, as in "/prod",
	// "" where none does.
	StagePrefix string

	// ClientPrefix is what stood in front of the path for the client, and does not here:
	// the stage of a REST API, as in "/prod".
	ClientPrefix string

	// Connection is set for the events of WebSocket APIs.
	Connection *Connection

	format format
	url    url.URL
	tls    tls.ConnectionState
	room   [23]string // for most headers' values
	in     *reading   // while it is read
}

// A plainRequest has the fields of net/http's and none of its methods, which would all be
// linked into a function once more.
type plainRequest http.Request

// A Connection is what a WebSocket API says of one event of a connection.
type Connection struct {
	_ [0]func() // more fields may come: keyed literals, no comparison

	// ConnectionID is what messages to the client are addressed to.
	ConnectionID string
	// RouteKey is the route that was selected, such as "$connect" or "sendmessage".
	RouteKey string
	// EventType is "CONNECT", "MESSAGE" or "DISCONNECT".
	EventType string
	// MessageID names a message; "" for the other events.
	MessageID string
	// ConnectedAt is when the client connected, to the millisecond.
	ConnectedAt time.Time
	// DomainName and Stage are where the API's callback URL begins.
	DomainName string
	Stage      string
	// DisconnectStatusCode is the close code of RFC 6455, section 7.4, and
	// DisconnectReason its text; 0 and "" before the connection ends.
	DisconnectStatusCode int
	DisconnectReason     string
}

// HTTP is the request itself.
func (r *Request) HTTP() *http.Request { return (*http.Request)(&r.plainRequest) }

// Source names the front door of a decoded request, "" if it was none.
func (r *Request) Source() source.Source {
	if r.format == nil {
		return ""
	}
	return r.format.source()
}

// keep copies the text of v beside the request's other strings.
func (r *Request) keep(v jsontape.Value) string { return r.in.text.keep(text(v)) }

// setMethod takes the method, and HTTP's version from text such as "HTTP/1.1".
func (r *Request) setMethod(method, proto jsontape.Value) error {
	r.Method = standardMethod(method.Bytes())
	if r.Method == "" {
		r.Method = r.keep(method)
	}
	if !IsToken(r.Method) {
		return badRequest("malformed HTTP method %q", r.Method)
	}
	r.ProtoMajor, r.ProtoMinor = 1, 1
	if !proto.Is("HTTP/1.1") {
		if major, minor, ok := http.ParseHTTPVersion(string(text(proto))); ok {
			r.ProtoMajor, r.ProtoMinor = major, minor
		}
	}
	return nil
}

func standardMethod(name []byte) string {
	switch string(name) {
	case http.MethodGet:
		return http.MethodGet
	case http.MethodHead:
		return http.MethodHead
	case http.MethodPost:
		return http.MethodPost
	case http.MethodPut:
		return http.MethodPut
	case http.MethodPatch:
		return http.MethodPatch
	case http.MethodDelete:
		return http.MethodDelete
	case http.MethodOptions:
		return http.MethodOptions
	}
	return ""
}

// setClient takes the client's address from what the gateway wrote.
func (r *Request) setClient(ip jsontape.Value) {
	r.RemoteAddr = r.hostPort(r.keep(ip))
}

// unknownAddr stands in for a client of whom nothing is known, such as a load
// balancer's health check. It is no address that anybody trusts.
const unknownAddr = "0.0.0.0:0"

// hostPort makes an address that net.SplitHostPort accepts of an IP address with
// or without a port. API Gateway does not tell the port: it is 0. Brackets that belong to
// no address leave a client of whom nothing is known.
func (r *Request) hostPort(addr string) string {
	if addr == "" {
		return unknownAddr
	}
	if !strings.ContainsAny(addr, ":[]") {
		mark := r.in.text.extend(addr)
		r.in.text.write(":0")
		return r.in.text.since(mark)
	}
	if _, _, err := net.SplitHostPort(addr); err == nil {
		return addr
	}
	host := strings.TrimSuffix(strings.TrimPrefix(addr, "["), "]")
	if strings.ContainsAny(host, "[]") {
		return unknownAddr
	}
	return net.JoinHostPort(host, "0")
}

// lastForwarded is the last address of X-Forwarded-For: the one that the load
// balancer added. Those ahead of it are what the client claims.
func (r *Request) lastForwarded() string {
	values := r.Header["X-Forwarded-For"]
	if len(values) == 0 {
		return ""
	}
	last := values[len(values)-1]
	return strings.TrimSpace(last[strings.LastIndexByte(last, ',')+1:])
}

// setBody takes the body, decoding base64 where the event says so.
func (r *Request) setBody(body, isBase64 jsontape.Value) error {
	switch body.Kind() {
	case jsontape.Absent, jsontape.Null:
	case jsontape.String:
		var err error
		if r.Content, err = readBody(body, isBase64.True()); err != nil {
			return err
		}
	default:
		return badRequest("the event's body is %s, not a string", body.Kind())
	}
	if declared := r.Header["Content-Length"]; declared != nil {
		if n := strconv.Itoa(r.Content.Len()); declared[0] != n || len(declared) > 1 {
			r.Header["Content-Length"] = []string{n}
		}
	}
	return nil
}

// setTLS notes that the client's connection was encrypted.
func (r *Request) setTLS() *tls.ConnectionState {
	r.tls.HandshakeComplete = true
	r.tls.ServerName = hostname(r.Host)
	r.TLS = &r.tls
	return r.TLS
}

func hostname(host string) string {
	if i := strings.LastIndexByte(host, ':'); i >= 0 && !strings.HasSuffix(host, "]") {
		return host[:i]
	}
	return host
}

// setTLSUnlessHTTP is setTLS for front doors that speak nothing but HTTPS, unless
// something in between says otherwise.
func (r *Request) setTLSUnlessHTTP() {
	if proto := r.Header["X-Forwarded-Proto"]; len(proto) == 0 || proto[len(proto)-1] != "http" {
		r.setTLS()
	}
}

// setTLSIfHTTPS is setTLS for front doors with listeners of either kind.
func (r *Request) setTLSIfHTTPS() {
	if proto := r.Header["X-Forwarded-Proto"]; len(proto) > 0 && proto[len(proto)-1] == "https" {
		r.setTLS()
	}
}

// setCertificates takes the client's certificates, leaf first, from PEM. What does
// not parse is no certificate: the front door has checked those that matter.
func (r *Request) setCertificates(text []byte) {
	for len(text) > 0 {
		var block *pem.Block
		if block, text = pem.Decode(text); block == nil {
			return
		}
		if cert, err := x509.ParseCertificate(block.Bytes); err == nil {
			r.tls.PeerCertificates = append(r.tls.PeerCertificates, cert)
		}
	}
}

// setRoute takes the route that was matched, and its variables. Those that arrive
// percent-encoded are decoded once; what does not decode stays as it is.
//
// A catch-all says no more than that a request has come, and would pass for a route of
// the application's: otelhttp, for one, would call every span by it.
func (r *Request) setRoute(route, params jsontape.Value, encoded bool) {
	greedy := ""
	if name := route.Bytes(); route.IsString() && len(name) > 0 && string(name) != "/" && string(name) != "$default" {
		if greedy = greedyVariable(name); greedy == "" {
			r.Pattern = r.keep(route)
		}
	}
	for m := jsontape.MembersOf(params); m.More(); m = m.Next() {
		if greedy != "" && string(m.Key()) == greedy {
			continue
		}
		value := r.keep(m.Value())
		if encoded && strings.IndexByte(value, '%') >= 0 {
			if decoded, err := url.PathUnescape(value); err == nil {
				value = decoded
			}
		}
		r.HTTP().SetPathValue(r.in.text.keep(m.Key()), value)
	}
}

// greedyVariable is the name of the variable that a catch-all ends with, as in
// "ANY /{proxy+}", "" for any other route.
func greedyVariable(route []byte) string {
	name, ok := bytes.CutSuffix(route[bytes.LastIndexByte(route, '/')+1:], []byte("+}"))
	if !ok || len(name) == 0 || name[0] != '{' {
		return ""
	}
	return string(name[1:])
}

// setClientPrefix notes the stage that stood in front of the client's path and does not
// in front of the event's: the front door tells the client's path as well.
func (r *Request) setClientPrefix(stage, clientPath, path jsontape.Value) {
	given, ok := bytes.CutPrefix(clientPath.Bytes(), []byte("/"))
	rest, ok2 := bytes.CutPrefix(given, stage.Bytes())
	if !ok || !ok2 || !stage.IsString() || len(rest) > 0 && rest[0] != '/' {
		return
	}
	if clientPath.Is(r.URL.Path) || bytes.Equal(clientPath.Bytes(), path.Bytes()) {
		return
	}
	mark := r.in.text.mark()
	r.in.text.write("/")
	r.in.text.writeBytes(stage.Bytes())
	r.ClientPrefix = r.in.text.since(mark)
}
