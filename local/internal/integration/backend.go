package integration

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"
)

// maxBackendHeader is how many bytes a backend's header may have, status line and all.
const maxBackendHeader = 64 << 10

// Backends call HTTP servers as API Gateway does: over HTTP/1.1, without following
// redirects, and without a mind of their own about headers. They are safe for concurrent
// use.
type Backends struct {
	addresses map[string]string

	mu         sync.Mutex
	transports map[TLS]*http.Transport
}

// TLS is how the certificate of a server is judged. The zero value wants one for the name
// in the URL that the system trusts.
type TLS struct {
	// InsecureSkipVerification takes any certificate.
	InsecureSkipVerification bool
	// ServerName is the name that the certificate has to be for. "" is that in the URL.
	ServerName string
}

// NewBackends returns Backends that dial addresses of their own for some hosts: the keys
// are hosts of URLs, with or without a port, the values addresses such as
// "127.0.0.1:8080". Nothing else changes, so that TLS is still asked for the host.
func NewBackends(addresses map[string]string) (*Backends, error) {
	b := &Backends{addresses: make(map[string]string, len(addresses)), transports: make(map[TLS]*http.Transport)}
	for host, address := range addresses {
		if _, port, err := net.SplitHostPort(address); err != nil || port == "" {
			return nil, fmt.Errorf("the backend %q has the address %q, which is not like 127.0.0.1:8080", host, address)
		}
		if host == "" || strings.ContainsAny(host, "/@") {
			return nil, fmt.Errorf("the backend %q is not a host", host)
		}
		b.addresses[strings.ToLower(host)] = address
	}
	return b, nil
}

// Do calls a server and returns its answer as soon as that begins. The call ends when
// timeout has passed, if it is positive, also while the body is read. Errors, those of
// reading the body too, are an *Error: TimedOut, Unreachable if the server does not
// answer or not as HTTP/1.1 says, Misconfigured if there is no such host, or no such
// header in HTTP.
func (b *Backends) Do(ctx context.Context, call Call, t TLS, timeout time.Duration) (*Result, error) {
	target, err := callURL(call.URL)
	if err != nil {
		return nil, err
	}
	if err := checkHeader(call.Header); err != nil {
		return nil, err
	}
	var cancel context.CancelFunc
	if timeout > 0 {
		ctx, cancel = context.WithTimeoutCause(ctx, timeout, errTimeout)
	} else {
		ctx, cancel = context.WithCancel(ctx)
	}
	w := &waiting{ctx: ctx, cancel: cancel, timeout: timeout}
	response, err := b.transport(t).RoundTrip(w.request(call, target))
	if err == nil {
		if err = finalStatus(response.StatusCode); err != nil {
			response.Body.Close()
		}
	}
	if err != nil {
		err = w.failure(err)
		cancel()
		return nil, err
	}
	dropNamed(response.Header)
	return &Result{Status: response.StatusCode, Header: response.Header, Body: &receivedBody{response.Body, w}}, nil
}

// checkHeader reports what HTTP has no way to write in a header, which a mapping or a
// template may have put there: RFC 9110, sections 5.1 and 5.5.
func checkHeader(h http.Header) error {
	for name, values := range h {
		if name == "" || strings.ContainsFunc(name, func(c rune) bool { return !isTokenRune(c) }) {
			return failf(Misconfigured, "the server would get a header with the name %q, which is none", name)
		}
		for _, value := range values {
			if strings.ContainsFunc(value, isControl) {
				return failf(Misconfigured, "the server would get the header %s with a line break or another control character in its value", name)
			}
		}
	}
	return nil
}

func isTokenRune(c rune) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || strings.ContainsRune("!#$%&'*+-.^_`|~", c)
}

func isControl(c rune) bool { return c < ' ' && c != '\t' || c == 0x7f }

// finalStatus reports why a status cannot be that of an answer. The transport takes any
// number of three digits.
func finalStatus(status int) error {
	switch {
	case status == http.StatusSwitchingProtocols:
		return errors.New("the backend wants to change the protocol")
	case status < 100:
		return fmt.Errorf("the backend answers with the status %03d, which HTTP does not have", status)
	}
	return nil
}

// dropNamed drops the fields that Connection says belong to the connection.
func dropNamed(h http.Header) {
	for _, line := range h["Connection"] {
		for name := range strings.SplitSeq(line, ",") {
			if name = strings.TrimSpace(name); !strings.EqualFold(name, "Connection") {
				h.Del(name)
			}
		}
	}
}

// callURL reads the URL of a call. API Gateway's ports are 80, 443 and those from 1024
// on:
// https://docs.aws.amazon.com/apigateway/latest/developerguide/setup-http-integrations.html
func callURL(text string) (*url.URL, error) {
	target, err := url.Parse(text)
	if err != nil {
		return nil, failf(Misconfigured, "the URL %q is none: %v", text, errors.Unwrap(err))
	}
	if err := checkTarget(target); err != nil {
		return nil, &Error{Misconfigured, err}
	}
	return target, nil
}

// checkTarget reports what is wrong with the URL of a backend.
func checkTarget(target *url.URL) error {
	if target.Scheme != "http" && target.Scheme != "https" || target.Hostname() == "" {
		return fmt.Errorf("the URL %q does not begin with http:// or https:// and a host", target.Redacted())
	}
	if target.User != nil {
		return fmt.Errorf("the URL %q names a user", target.Redacted())
	}
	if port := target.Port(); port != "" && port != "80" && port != "443" {
		if n, err := strconv.Atoi(port); err != nil || n < 1024 || n > 65535 {
			return fmt.Errorf("the URL %q has the port %s: API Gateway calls the ports 80, 443 and 1024 to 65535", target.Redacted(), port)
		}
	}
	return nil
}

// transport returns the one for a way of judging certificates.
func (b *Backends) transport(t TLS) *http.Transport {
	b.mu.Lock()
	defer b.mu.Unlock()
	transport, ok := b.transports[t]
	if !ok {
		transport = &http.Transport{
			DialContext: b.dial,
			TLSClientConfig: &tls.Config{
				InsecureSkipVerify: t.InsecureSkipVerification,
				ServerName:         t.ServerName,
			},
			// An empty table keeps to HTTP/1.1.
			TLSNextProto:           map[string]func(string, *tls.Conn) http.RoundTripper{},
			DisableCompression:     true,
			MaxIdleConnsPerHost:    64,
			IdleConnTimeout:        30 * time.Second,
			MaxResponseHeaderBytes: maxBackendHeader,
			WriteBufferSize:        32 << 10,
			ReadBufferSize:         32 << 10,
		}
		b.transports[t] = transport
	}
	return transport
}

func (b *Backends) dial(ctx context.Context, network, address string) (net.Conn, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	if own, ok := b.addresses[strings.ToLower(address)]; ok {
		address = own
	} else if own, ok := b.addresses[strings.ToLower(host)]; ok {
		address = own
	}
	return new(net.Dialer).DialContext(ctx, network, address)
}

// waiting is a call whose answer has not come, or not whole.
type waiting struct {
	ctx     context.Context
	cancel  context.CancelFunc
	timeout time.Duration
}

// request makes the request of a call. The transport would add a User-Agent of its own,
// and would not send a Trailer.
func (w *waiting) request(call Call, target *url.URL) *http.Request {
	header := call.Header
	if header == nil {
		header = make(http.Header)
	}
	r := &http.Request{
		Method: call.Method, URL: target, Header: header, ContentLength: call.ContentLength,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
	}
	if hosts := header["Host"]; len(hosts) > 0 {
		r.Host = hosts[len(hosts)-1]
		delete(header, "Host")
	}
	if _, ok := header["User-Agent"]; !ok {
		header["User-Agent"] = []string{""}
	}
	if trailer, ok := header["Trailer"]; ok {
		delete(header, "Trailer")
		header["trailer"] = trailer
	}
	if call.Body != nil && call.ContentLength != 0 {
		r.Body = io.NopCloser(call.Body)
	}
	if whole, ok := call.Body.(*bytes.Reader); ok {
		// A connection that the server has closed meanwhile is then no failure.
		start := *whole
		r.GetBody = func() (io.ReadCloser, error) {
			again := start
			return io.NopCloser(&again), nil
		}
	}
	return r.WithContext(w.ctx)
}

// failure says what an error of the transport means.
func (w *waiting) failure(err error) error {
	switch {
	case errors.Is(context.Cause(w.ctx), errTimeout):
		return failf(TimedOut, "the backend had not answered after %v", w.timeout)
	case w.ctx.Err() != nil:
		return failf(TimedOut, "the call was given up: %v", context.Cause(w.ctx))
	}
	if _, ok := errors.AsType[*net.DNSError](err); ok {
		return failf(Misconfigured, "%v", err)
	}
	return failf(Unreachable, "%v", err)
}

// A receivedBody is the body of an answer. The call ends with it.
type receivedBody struct {
	io.ReadCloser
	w *waiting
}

func (b *receivedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil && err != io.EOF {
		err = b.w.failure(err)
	}
	return n, err
}

func (b *receivedBody) Close() error {
	defer b.w.cancel()
	return b.ReadCloser.Close()
}
