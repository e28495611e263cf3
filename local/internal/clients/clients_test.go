package clients_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/local/internal/clients"
)

// patience is how long a test waits for what must happen. It matters only when that
// never does, so that it is longer than any machine needs.
const patience = 3 * time.Minute

// A log can be read while it is written.
type log struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *log) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// serve serves h within limits until the test ends, by HTTP/1.1 and HTTP/2.
func serve(t *testing.T, limits clients.Limits, h http.HandlerFunc) (addr string, logged *log) {
	t.Helper()
	tcp, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	logged = new(log)
	limiter := clients.New(limits, slog.New(slog.NewTextHandler(logged, nil)))
	server := &http.Server{Handler: limiter.Handler(h), Protocols: new(http.Protocols)}
	server.Protocols.SetHTTP1(true)
	server.Protocols.SetUnencryptedHTTP2(true)
	done := make(chan struct{})
	go func() { defer close(done); server.Serve(limiter.Listener(tcp)) }()
	t.Cleanup(func() { server.Close(); <-done })
	return tcp.Addr().String(), logged
}

// dial opens a connection until the test ends, and sends what there is to send.
func dial(t *testing.T, addr, send string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	require.NoError(t, err)
	t.Cleanup(func() { conn.Close() })
	require.NoError(t, conn.SetDeadline(time.Now().Add(patience)))
	_, err = io.WriteString(conn, send)
	require.NoError(t, err)
	return conn
}

// answer reads what comes on a connection until it ends.
func answer(t *testing.T, conn net.Conn) string {
	t.Helper()
	all, err := io.ReadAll(conn)
	require.NoError(t, err)
	return string(all)
}

// client speaks HTTP/2 if it is to.
func client(t *testing.T, http2 bool) *http.Client {
	transport := &http.Transport{Protocols: new(http.Protocols)}
	transport.Protocols.SetHTTP1(!http2)
	transport.Protocols.SetUnencryptedHTTP2(http2)
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

func receive[T any](t *testing.T, from <-chan T) T {
	t.Helper()
	select {
	case value := <-from:
		return value
	case <-time.After(patience):
		require.FailNow(t, "nothing came")
		panic("unreachable")
	}
}

const get = "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"

func TestConnections(t *testing.T) {
	t.Parallel()
	addr, logged := serve(t, clients.Limits{Connections: 2}, func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "served") })
	first, second := dial(t, addr, ""), dial(t, addr, "")
	var waiting sync.WaitGroup
	for range 5 {
		conn := dial(t, addr, get)
		waiting.Go(func() {
			all, err := io.ReadAll(conn)
			assert.NoError(t, err)
			assert.True(t, strings.HasSuffix(string(all), "served"), "%q", all)
		})
	}
	require.Eventually(t, func() bool { return strings.Contains(logged.String(), "many connections are open") }, patience, time.Millisecond)
	first.Close()
	waiting.Wait()
	second.Close()
	assert.Equal(t, 1, strings.Count(logged.String(), "many connections are open"), "it is told once")
}

// A full server can be stopped.
func TestCloseWhileConnectionsWait(t *testing.T) {
	t.Parallel()
	tcp, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	logged := new(log)
	listener := clients.New(clients.Limits{Connections: 1}, slog.New(slog.NewTextHandler(logged, nil))).Listener(tcp)
	dial(t, tcp.Addr().String(), "")
	conn, err := listener.Accept()
	require.NoError(t, err)
	defer conn.Close()
	ended := make(chan error, 1)
	go func() {
		_, err := listener.Accept()
		ended <- err
	}()
	require.Eventually(t, func() bool { return logged.String() != "" }, patience, time.Millisecond)
	require.NoError(t, listener.Close())
	assert.ErrorIs(t, receive(t, ended), net.ErrClosed)
}

// A client that asks and does not read is not waited for for ever.
func TestPatienceWithReaders(t *testing.T) {
	t.Parallel()
	for name, http2 := range map[string]bool{"HTTP/1.1": false, "HTTP/2": true} {
		for size, piece := range map[string]int{"small pieces": 1 << 10, "large pieces": 1 << 20} {
			t.Run(name+", "+size, func(t *testing.T) {
				t.Parallel()
				ended := make(chan error, 1)
				addr, _ := serve(t, clients.Limits{Patience: 50 * time.Millisecond}, func(w http.ResponseWriter, _ *http.Request) {
					var err error
					for err == nil { // until the buffers in between are full, and then the patience over
						_, err = w.Write(make([]byte, piece))
					}
					ended <- err
				})
				response, err := client(t, http2).Get("http://" + addr)
				require.NoError(t, err)
				defer response.Body.Close()
				assert.Error(t, receive(t, ended))
			})
		}
	}
}

// A stream may be quiet for longer than that.
func TestPatienceWithQuietStreams(t *testing.T) {
	t.Parallel()
	for name, http2 := range map[string]bool{"HTTP/1.1": false, "HTTP/2": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			addr, _ := serve(t, clients.Limits{Patience: 2 * time.Second}, func(w http.ResponseWriter, r *http.Request) {
				io.Copy(io.Discard, r.Body)
				fmt.Fprint(w, "tick ")
				http.NewResponseController(w).Flush()
				<-time.After(2500 * time.Millisecond)
				fmt.Fprint(w, r.Context().Err())
			})
			response, err := client(t, http2).Post("http://"+addr, "text/plain", strings.NewReader("x"))
			require.NoError(t, err)
			defer response.Body.Close()
			all, err := io.ReadAll(response.Body)
			require.NoError(t, err)
			assert.Equal(t, "tick <nil>", string(all))
		})
	}
}

// A body that comes byte by byte is not waited for either, be it read by the handler or
// by the server after it.
func TestPatienceWithSenders(t *testing.T) {
	t.Parallel()
	for name, reads := range map[string]bool{"read": true, "not read": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			failed := make(chan error, 1)
			addr, logged := serve(t, clients.Limits{Patience: 50 * time.Millisecond}, func(w http.ResponseWriter, r *http.Request) {
				if reads {
					_, err := io.ReadAll(r.Body)
					failed <- err
				}
				w.WriteHeader(400)
			})
			conn := dial(t, addr, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n")
			gone := make(chan struct{})
			go func() {
				defer close(gone)
				for tick := time.NewTicker(time.Millisecond); ; <-tick.C {
					if _, err := io.WriteString(conn, "x"); err != nil {
						return
					}
				}
			}()
			if reads {
				assert.ErrorContains(t, receive(t, failed), "i/o timeout")
				assert.Contains(t, logged.String(), "a client takes too long to send its body")
			}
			receive(t, gone)
		})
	}
}

// A body that is large and moves on is waited for.
func TestPatienceWithLargeBodies(t *testing.T) {
	t.Parallel()
	for name, http2 := range map[string]bool{"HTTP/1.1": false, "HTTP/2": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			addr, _ := serve(t, clients.Limits{Memory: 1 << 20, Pressed: patience}, func(w http.ResponseWriter, r *http.Request) {
				n, err := io.Copy(io.Discard, r.Body)
				fmt.Fprint(w, n, " ", err)
			})
			response, err := client(t, http2).Post("http://"+addr, "text/plain", io.LimitReader(zeros{}, 10<<20))
			require.NoError(t, err)
			defer response.Body.Close()
			all, err := io.ReadAll(response.Body)
			require.NoError(t, err)
			assert.Equal(t, "10485760 <nil>", string(all))
		})
	}
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

// While much waits for clients, new requests wait, and those that move nothing are broken
// off long before their patience is over.
func TestMemory(t *testing.T) {
	t.Parallel()
	limits := clients.Limits{Memory: 4 << 20, Pressed: 50 * time.Millisecond, Patience: time.Hour}
	for name, slow := range map[string]func(t *testing.T, addr string){
		"readers, HTTP/1.1": func(t *testing.T, addr string) { dial(t, addr, "GET /large HTTP/1.1\r\nHost: x\r\n\r\n") },
		"readers, HTTP/2": func(t *testing.T, addr string) {
			response, err := client(t, true).Get("http://" + addr + "/large")
			require.NoError(t, err)
			t.Cleanup(func() { response.Body.Close() })
		},
		"senders, HTTP/1.1": func(t *testing.T, addr string) {
			dial(t, addr, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10000000\r\n\r\n"+strings.Repeat("x", 3<<20))
		},
		"senders, HTTP/2": func(t *testing.T, addr string) {
			ctx, cancel := context.WithCancel(t.Context())
			t.Cleanup(cancel)
			never, _ := io.Pipe()
			request, err := http.NewRequestWithContext(ctx, "POST", "http://"+addr, io.MultiReader(strings.NewReader(strings.Repeat("x", 3<<20)), never))
			require.NoError(t, err)
			go client(t, true).Do(request)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			broken := make(chan error, 3)
			addr, logged := serve(t, limits, func(w http.ResponseWriter, r *http.Request) {
				var err error
				if _, err = io.Copy(io.Discard, r.Body); err == nil && r.URL.Path == "/large" {
					_, err = w.Write(make([]byte, 40<<20)) // more than the system's buffers hold
				}
				if err != nil {
					broken <- err
				}
				fmt.Fprint(w, "served")
			})
			for range 3 {
				slow(t, addr)
			}
			require.Eventually(t, func() bool { return strings.Contains(logged.String(), "clients are slow") }, patience, time.Millisecond)
			assert.True(t, strings.HasSuffix(answer(t, dial(t, addr, get)), "served"), "a client that is not slow")
			for range 2 {
				receive(t, broken)
			}
		})
	}
}
