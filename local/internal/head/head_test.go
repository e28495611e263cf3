package head_test

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/local/internal/head"
)

// serve serves h with a listener of the package until the test ends.
func serve(t *testing.T, h http.Handler, change func(*head.Listener)) (addr string) {
	t.Helper()
	tcp, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	listener := head.Listener{Listener: tcp}
	if change != nil {
		change(&listener)
	}
	server := &http.Server{Handler: h}
	head.Prepare(server)
	done := make(chan struct{})
	go func() { defer close(done); server.Serve(listener) }()
	t.Cleanup(func() { server.Close(); <-done })
	return tcp.Addr().String()
}

// spellings answers with the names in the request's header as they were spelled.
var spellings = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("X-Read") != "no" {
		io.Copy(io.Discard, r.Body)
	}
	var names []string
	for name := range strings.SplitSeq(r.URL.Query().Get("names"), ",") {
		names = append(names, head.SpellingsOf(r).Of(http.CanonicalHeaderKey(name)))
	}
	fmt.Fprint(w, strings.Join(names, ","))
})

func TestSpelling(t *testing.T) {
	t.Parallel()
	addr := serve(t, spellings, nil)
	for _, test := range []struct{ name, head, names, want string }{
		{"as it was", "tEsT-HEADeR: 1\r\nfoobar: 2\r\nX-API-key: 3\r\n", "test-header,foobar,x-api-key", "tEsT-HEADeR,foobar,X-API-key"},
		{"canonical", "X-Test: 1\r\n", "x-test", "X-Test"},
		{"the first of several", "x-a: 1\r\nX-A: 2\r\n", "x-a", "x-a"},
		{"a name that is not there", "x-a: 1\r\n", "x-b", "X-B"},
		{"lines that end in LF alone", "x-lf: 1\nx-too: 2\n", "x-lf,x-too", "x-lf,x-too"},
		{"larger than is kept", "x-a: 1\r\nx-big: " + strings.Repeat("b", 70<<10) + "\r\n", "x-a,x-big", "X-A,X-Big"},
	} {
		t.Run(test.name, func(t *testing.T) {
			conn, err := net.Dial("tcp", addr)
			require.NoError(t, err)
			defer conn.Close()
			fmt.Fprintf(conn, "GET /?names=%s HTTP/1.1\r\nHost: x\r\n%s\r\n", test.names, test.head)
			response, err := http.ReadResponse(bufio.NewReader(conn), nil)
			require.NoError(t, err)
			body, err := io.ReadAll(response.Body)
			require.NoError(t, err)
			assert.Equal(t, test.want, string(body))
		})
	}
}

// Many requests on one connection, sent ahead of their answers in pieces of any size,
// with bodies of every kind, are each told their own spelling.
func TestSpellingOfPipelinedRequests(t *testing.T) {
	t.Parallel()
	addr := serve(t, spellings, nil)
	random := rand.New(rand.NewPCG(1, 2))
	for range 20 {
		var all strings.Builder
		var want []string
		for n := range 30 {
			name := []byte("x-name-of-request")
			for i := range name {
				if random.IntN(2) == 0 {
					name[i] = strings.ToUpper(string(name[i]))[0]
				}
			}
			want = append(want, string(name))
			begin := fmt.Sprintf("POST /?names=x-name-of-request HTTP/1.1\r\nHost: x\r\n%s: %d\r\n", name, n)
			trap := "GET / HTTP/1.1\r\nX-NAME-OF-REQUEST: trap\r\n\r\n"
			body := strings.Repeat(trap, random.IntN(4))
			switch random.IntN(5) {
			case 0:
				fmt.Fprintf(&all, "%scontent-LENGTH: %d\r\n\r\n%s", begin, len(body), body)
			case 1:
				fmt.Fprintf(&all, "%sTransfer-encoding: chunked\r\n\r\n", begin)
				for len(body) > 0 {
					size := 1 + random.IntN(len(body))
					fmt.Fprintf(&all, "%x;ext=1\r\n%s\r\n", size, body[:size])
					body = body[size:]
				}
				fmt.Fprint(&all, "0\r\nX-Trailer: 1\r\n\r\n")
			case 2: // nobody reads the body
				fmt.Fprintf(&all, "%sX-Read: no\r\nContent-Length: %d\r\n\r\n%s", begin, len(body), body)
			case 3:
				fmt.Fprintf(&all, "%sConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\ncontent-length: 0\r\n\r\n", begin)
			default:
				if n > 0 { // net/http allows for it behind a POST
					fmt.Fprint(&all, "\r\n")
				}
				fmt.Fprintf(&all, "%s\r\n", begin)
			}
		}
		conn, err := net.Dial("tcp", addr)
		require.NoError(t, err)
		go func() {
			for text := all.String(); len(text) > 0; {
				size := min(len(text), 1+rand.IntN(200))
				if _, err := io.WriteString(conn, text[:size]); err != nil {
					return
				}
				text = text[size:]
			}
		}()
		in := bufio.NewReader(conn)
		for n := range want {
			response, err := http.ReadResponse(in, nil)
			require.NoError(t, err)
			body, err := io.ReadAll(response.Body)
			require.NoError(t, err)
			require.Equal(t, want[n], string(body), "request %d", n)
		}
		conn.Close()
	}
}

func TestHTTP2AndTLS(t *testing.T) {
	t.Parallel()
	certificate := httptest.NewUnstartedServer(nil)
	certificate.StartTLS()
	t.Cleanup(certificate.Close)
	own := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintln(w, r.ProtoMajor, r.TLS != nil, head.SpellingsOf(r).Of("X-Test"))
	})
	plain := serve(t, own, nil)
	encrypted := serve(t, own, func(l *head.Listener) {
		l.Listener = tls.NewListener(l.Listener, &tls.Config{Certificates: certificate.TLS.Certificates, NextProtos: []string{"h2", "http/1.1"}})
	})
	for name, test := range map[string]struct {
		url  string
		set  func(*http.Protocols)
		want string
	}{
		"HTTP/1.1":             {"http://" + plain, func(p *http.Protocols) { p.SetHTTP1(true) }, "1 false x-teST"},
		"HTTP/2, unannounced":  {"http://" + plain, func(p *http.Protocols) { p.SetUnencryptedHTTP2(true) }, "2 false x-test"},
		"HTTP/1.1 within TLS":  {"https://" + encrypted, func(p *http.Protocols) { p.SetHTTP1(true) }, "1 true x-teST"},
		"HTTP/2, negotiated":   {"https://" + encrypted, func(p *http.Protocols) { p.SetHTTP2(true) }, "2 true x-test"},
		"HTTP/1.1 after HTTP2": {"http://" + plain, func(p *http.Protocols) { p.SetHTTP1(true) }, "1 false x-teST"},
	} {
		t.Run(name, func(t *testing.T) {
			transport := &http.Transport{Protocols: new(http.Protocols), TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
			test.set(transport.Protocols)
			defer transport.CloseIdleConnections()
			request, err := http.NewRequestWithContext(t.Context(), "GET", test.url, nil)
			require.NoError(t, err)
			request.Header["x-teST"] = []string{"1"}
			response, err := transport.RoundTrip(request)
			require.NoError(t, err)
			defer response.Body.Close()
			body, err := io.ReadAll(response.Body)
			require.NoError(t, err)
			assert.Equal(t, test.want+"\n", string(body))
		})
	}
}

func FuzzSpelling(f *testing.F) {
	f.Add("GET / HTTP/1.1\r\nHost: x\r\nx-a: 1\r\n\r\n")
	f.Add("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n")
	f.Add("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
	f.Add("POST / HTTP/1.1\r\nContent-Length: 9223372036854775807\r\n\r\nx")
	f.Fuzz(func(t *testing.T, sent string) {
		// Whatever comes, a name is spelled anew in case only.
		client, server := net.Pipe()
		accepted := &once{conns: []net.Conn{server}, closed: make(chan struct{})}
		s := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			for name := range r.Header {
				assert.True(t, strings.EqualFold(name, head.SpellingsOf(r).Of(name)))
			}
		})}
		head.Prepare(s)
		done := make(chan struct{})
		go func() { defer close(done); s.Serve(head.Listener{Listener: accepted}) }()
		go io.Copy(io.Discard, client)
		io.WriteString(client, sent)
		client.Close()
		s.Close()
		<-done
	})
}

// once accepts connections that are there, and then none.
type once struct {
	conns  []net.Conn
	closed chan struct{}
}

func (l *once) Accept() (net.Conn, error) {
	if len(l.conns) == 0 {
		<-l.closed
		return nil, net.ErrClosed
	}
	conn := l.conns[0]
	l.conns = l.conns[1:]
	return conn, nil
}

func (l *once) Close() error { close(l.closed); return nil }

func (l *once) Addr() net.Addr { return &net.TCPAddr{} }
