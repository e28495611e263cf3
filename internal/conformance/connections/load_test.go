//go:build unix

package connections_test

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/adapter"
	"github.com/lambridge-go/lambridge/adapter/connections"
	wsapi "github.com/lambridge-go/lambridge/local/websocket"
)

// What the thousands do: 5 % read nothing until all has been sent, 1 % vanish.
const (
	thousands  = 5000
	slowEvery  = 20
	goneEvery  = 100
	senders    = 2
	broadcasts = 5 // of each sender
	spoken     = 10
)

// TestThousands holds a gateway to what it has to bear for people to trust it: with slow
// and vanishing clients among them, everybody who is there gets each message once, in the
// order of its sender, and memory and the end have their bounds.
func TestThousands(t *testing.T) {
	if os.Getenv("LAMBRIDGE_LONG") != "1" {
		t.Skip("opens 5,000 connections; LAMBRIDGE_LONG=1 does it")
	}
	f := &crowd{ids: make(map[string]string), heard: make(map[string][]string)}
	var sent atomic.Int64 // messages that clients have taken
	api, err := wsapi.New(wsapi.Config{
		Default: wsapi.Lambda(adapter.Wrap(f), wsapi.LambdaOptions{}), Stage: "prod",
		Observe: func(e wsapi.Event) {
			if e.Type == wsapi.Sent && e.Err == nil {
				sent.Add(1)
			}
		},
	})
	require.NoError(t, err)
	srv := httptest.NewUnstartedServer(api)
	srv.Listener = narrow{srv.Listener}
	srv.Start()
	t.Cleanup(func() {
		assert.NoError(t, api.Close())
		srv.Close()
	})

	before := inUse()
	clients := openThousands(t, srv.Listener.Addr().String())
	t.Logf("a connection and its client take %.1f KB", float64(inUse()-before)/thousands/1024)
	// The clients are in this process, and so their share is in the figure.
	assert.Less(t, int64(inUse()-before)/thousands, int64(20<<10), "bytes that a connection takes")
	require.Len(t, f.ids, thousands)

	var vanished []string
	for n := 1; n < thousands; n += goneEvery {
		require.NoError(t, clients[n].SetLinger(0)) // no close frame, nor an end of TCP's
		clients[n].Close()
		vanished = append(vanished, f.ids[strconv.Itoa(n)])
	}
	require.Eventually(t, func() bool { return f.disconnected() == len(vanished) }, 5*time.Minute, time.Millisecond)

	// The slow begin to read when those who read have heard all.
	slow := make(chan struct{})
	var quick, all sync.WaitGroup
	for n, c := range clients {
		switch {
		case n%goneEvery == 1:
		case n%slowEvery == 0:
			all.Go(func() {
				<-slow
				c.listen(senders * broadcasts)
			})
		default:
			quick.Go(func() { c.listen(senders * broadcasts) })
		}
	}

	client := connections.New(testConfig(), connections.Options{Endpoint: srv.URL + "/prod"})
	ids := make([]string, 0, thousands)
	for _, id := range f.ids {
		ids = append(ids, id)
	}
	began := time.Now()
	var sending sync.WaitGroup
	for sender := range senders {
		sending.Go(func() {
			for n := range broadcasts {
				message := fmt.Sprintf("%-1024s", fmt.Sprintf("%d %d", sender, n))
				result, err := client.Broadcast(t.Context(), slices.Values(ids), []byte(message))
				assert.NoError(t, err)
				assert.Len(t, result.Reached, thousands-len(vanished))
				assert.ElementsMatch(t, vanished, result.Gone, "who has vanished is reported")
			}
		})
	}
	sending.Wait()
	took := time.Since(began)
	t.Logf("%d messages of 1 KB sent in %s: %.0f a second", senders*broadcasts*thousands, took.Round(time.Millisecond), senders*broadcasts*thousands/took.Seconds())
	quick.Wait()
	there := int64(thousands - len(vanished))
	assert.Less(t, sent.Load(), there*senders*broadcasts, "the slow have messages to come")
	close(slow)
	all.Wait()
	for n, c := range clients {
		if n%goneEvery == 1 {
			continue
		}
		require.NoError(t, c.err, "client %d", n)
		for sender := range senders {
			var want []string
			for n := range broadcasts {
				want = append(want, fmt.Sprintf("%d %d", sender, n))
			}
			require.Equal(t, want, from(sender, c.got), "what client %d hears of sender %d: each once, in order", n, sender)
		}
	}

	var speaking sync.WaitGroup
	for n := 2; n < thousands; n += goneEvery {
		speaking.Go(func() {
			for said := range spoken {
				clients[n].send(strconv.Itoa(said))
			}
		})
	}
	speaking.Wait()
	require.Eventually(t, func() bool { return f.messages() == thousands/goneEvery*spoken }, 5*time.Minute, time.Millisecond)
	for id, heard := range f.heard {
		for said := range spoken {
			require.Equal(t, strconv.Itoa(said), heard[said], "of %s", id)
		}
	}

	// The slow do not answer the close.
	var answering sync.WaitGroup
	for n, c := range clients {
		if n%goneEvery != 1 && n%slowEvery != 0 {
			answering.Go(c.answerClose)
		}
	}
	began = time.Now()
	require.NoError(t, api.Close())
	took = time.Since(began)
	t.Logf("closed in %s", took.Round(time.Millisecond))
	// The grace is 3 s. What comes after it waits for the processor, not for clients.
	assert.Less(t, took, time.Minute)
	answering.Wait()
	assert.Equal(t, thousands, f.disconnected(), "the function has heard of every end")
}

// inUse is the memory that the process uses when garbage is gone: its heap and its stacks.
func inUse() uint64 {
	runtime.GC()
	runtime.GC() // what pools keep for one more
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse + m.StackInuse
}

// from are the messages of one sender.
func from(sender int, messages []string) []string {
	return slices.DeleteFunc(slices.Clone(messages), func(m string) bool { return !strings.HasPrefix(m, strconv.Itoa(sender)+" ") })
}

// A crowd is a function that remembers who is there, and what they say.
type crowd struct {
	mu    sync.Mutex
	ids   map[string]string // by the client's number
	heard map[string][]string
	said  int
	ended int
}

func (f *crowd) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	ws, _ := adapter.WebSocketFrom(r.Context())
	body, _ := io.ReadAll(r.Body)
	f.mu.Lock()
	defer f.mu.Unlock()
	switch ws.EventType {
	case "CONNECT":
		f.ids[r.URL.Query().Get("n")] = ws.ConnectionID
	case "MESSAGE":
		f.heard[ws.ConnectionID] = append(f.heard[ws.ConnectionID], string(body))
		f.said++
	case "DISCONNECT":
		f.ended++
	}
}

func (f *crowd) disconnected() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.ended
}

func (f *crowd) messages() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.said
}

// A narrow listener has connections with small buffers, so that who does not read is
// noticed after a few messages.
type narrow struct{ net.Listener }

func (l narrow) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err == nil {
		err = c.(*net.TCPConn).SetWriteBuffer(1)
	}
	return c, err
}

// A member is a client that costs little.
type member struct {
	*net.TCPConn
	got []string
	err error
}

// openThousands connects them, some at a time.
func openThousands(t *testing.T, addr string) []*member {
	t.Helper()
	dialer := net.Dialer{Control: func(_, _ string, c syscall.RawConn) error {
		return c.Control(func(fd uintptr) { syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, 1) })
	}}
	clients := make([]*member, thousands)
	t.Cleanup(func() {
		for _, c := range clients {
			if c != nil && c.TCPConn != nil {
				c.Close()
			}
		}
	})
	next := make(chan int)
	var opening sync.WaitGroup
	for range 32 {
		opening.Go(func() {
			for n := range next {
				c := &member{}
				clients[n] = c
				c.TCPConn, c.err = open(&dialer, addr, n)
			}
		})
	}
	for n := range clients {
		next <- n
	}
	close(next)
	opening.Wait()
	for n, c := range clients {
		require.NoError(t, c.err, "client %d", n)
	}
	return clients
}

func open(dialer *net.Dialer, addr string, n int) (*net.TCPConn, error) {
	c, err := dialer.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(c, "GET /prod?n=%d HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n", n)
	resp, err := http.ReadResponse(bufio.NewReader(c), nil) // nothing follows yet
	if err == nil && resp.StatusCode != http.StatusSwitchingProtocols {
		err = fmt.Errorf("status %d", resp.StatusCode)
	}
	return c.(*net.TCPConn), err
}

// listen reads n messages, and keeps what they begin with.
func (m *member) listen(n int) {
	for range n {
		opcode, payload, err := m.frame()
		if err == nil && opcode != 0x81 {
			err = fmt.Errorf("frame %#x", opcode)
		}
		if m.err = err; err != nil {
			return
		}
		m.got = append(m.got, strings.TrimSpace(string(payload)))
	}
}

func (m *member) frame() (first byte, payload []byte, err error) {
	var header [4]byte
	if _, err = io.ReadFull(m, header[:2]); err != nil {
		return 0, nil, err
	}
	length := int(header[1])
	if length == 126 {
		if _, err = io.ReadFull(m, header[2:]); err != nil {
			return 0, nil, err
		}
		length = int(binary.BigEndian.Uint16(header[2:]))
	}
	payload = make([]byte, length)
	_, err = io.ReadFull(m, payload)
	return header[0], payload, err
}

// send sends a short text, with a mask of zeros.
func (m *member) send(text string) {
	m.Write(append([]byte{0x81, 0x80 | byte(len(text)), 0, 0, 0, 0}, text...))
}

// answerClose reads up to the close frame and sends it back.
func (m *member) answerClose() {
	for {
		first, payload, err := m.frame()
		if err != nil {
			return
		}
		if first == 0x88 {
			m.Write(append([]byte{0x88, 0x80 | byte(len(payload)), 0, 0, 0, 0}, payload...))
			return
		}
	}
}
