package function

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"math"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// A server is the HTTP server of one process's Runtime API.
//
// It is not net/http's, since nearly all that happens here is one thing: a process
// asks for its next invocation and waits, often for hours. net/http's has a
// goroutine wait with it and another watch the connection, and wakes both for every
// invocation. Here a connection has one goroutine, which does nothing but read, and
// so notices that the process has gone. An answer is written by whoever has it: the
// event of an invocation by the goroutine that brought it.
type server struct {
	listener net.Listener
	handler  http.Handler // whose ResponseWriters can be parked

	running sync.WaitGroup
	mu      sync.Mutex
	closed  bool
	open    map[*connection]struct{}
	stamp   atomic.Pointer[stamp] // of the last answer
}

func newServer(listener net.Listener, handler http.Handler) *server {
	return &server{listener: listener, handler: handler, open: map[*connection]struct{}{}}
}

// serve begins to accept connections.
func (s *server) serve() { s.start(s.accept) }

func (s *server) accept() {
	for {
		network, err := s.listener.Accept()
		switch {
		case errors.Is(err, net.ErrClosed):
			return
		case err != nil: // too many files are open, most likely
			time.Sleep(acceptPause)
		default:
			s.begin(network)
		}
	}
}

// acceptPause is the time between attempts to accept a connection.
const acceptPause = 50 * time.Millisecond

func (s *server) begin(network net.Conn) {
	c := &connection{server: s, network: network, limited: io.LimitedReader{R: network}}
	c.in.Reset(&c.limited)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		network.Close()
		return
	}
	s.open[c] = struct{}{}
	s.running.Go(c.serve)
}

func (s *server) end(c *connection) {
	c.network.Close()
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.open, c)
}

// start runs work on a goroutine that close waits for, unless that has begun.
func (s *server) start(work func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		s.running.Go(work)
	}
}

// close ends every connection and waits until nothing of the server is left.
func (s *server) close() {
	s.mu.Lock()
	s.closed = true
	s.listener.Close()
	for c := range s.open {
		c.network.Close()
	}
	s.mu.Unlock()
	s.running.Wait()
}

// A connection carries one request after another: RFC 9112, section 9.3.
type connection struct {
	server  *server
	network net.Conn
	limited io.LimitedReader // of network
	in      bufio.Reader     // of limited
	turn    sync.Mutex       // held from the beginning of a request to the end of its answer

	words   []byte        // of the last request that was nothing but a head
	meaning *http.Request // what they say
}

const (
	maxHead  = 2 << 20  // of a request: an X-Ray cause alone may have 1 MB
	maxDrain = 64 << 20 // of a body that nobody wants
)

// serve has requests answered until the process, or the server, closes the
// connection.
func (c *connection) serve() {
	defer c.server.end(c)
	var last *call
	for {
		c.limited.N = maxHead
		if _, err := c.in.Peek(1); err != nil {
			break
		}
		c.turn.Lock()
		last = &call{connection: c, header: http.Header{}}
		last.serve()
	}
	if last != nil && last.left != nil {
		last.left()
	}
}

// read reads the head of a request. A process asks for its next invocation in the same
// words each time, which are read once.
func (c *connection) read() (*http.Request, error) {
	there, _ := c.in.Peek(c.in.Buffered())
	if len(c.words) > 0 && bytes.HasPrefix(there, c.words) {
		_, _ = c.in.Discard(len(c.words))
		return c.meaning, nil
	}
	head, rest, whole := bytes.Cut(there, []byte("\r\n\r\n"))
	var words []byte
	if whole && bytes.HasPrefix(head, []byte(http.MethodGet)) {
		words = bytes.Clone(there[:len(there)-len(rest)])
	}
	r, err := http.ReadRequest(&c.in)
	if err == nil && words != nil && r.Body == http.NoBody && c.in.Buffered() == len(rest) {
		c.words, c.meaning = words, r
	}
	return r, err
}

// A call is one request, and the http.ResponseWriter for its answer, which is sent
// whole.
type call struct {
	connection *connection
	request    *http.Request // nil if it could not be read
	header     http.Header   // of the answer,
	fields     []byte        // which has these besides, each behind a line end
	status     int
	body       []byte
	ends       bool   // the answer is the last of the connection
	left       func() // of a call that is parked, else nil
}

// serve reads the request and has it answered.
func (c *call) serve() {
	conn := c.connection
	r, err := conn.read()
	if err != nil {
		c.refuse()
		return
	}
	conn.limited.N = math.MaxInt64
	c.request, c.ends = r, r.Close
	if strings.EqualFold(r.Header.Get("Expect"), "100-continue") {
		io.WriteString(conn.network, "HTTP/1.1 100 Continue\r\n\r\n")
	}
	if r.Method == http.MethodGet {
		c.drain() // the call may be parked
	}
	conn.server.handler.ServeHTTP(c, r)
	if c.left == nil {
		c.drain()
		c.send()
	}
}

// park lets the handler, which calls it, return without an answer: whoever has one
// sends it, or has sent it already. left is called if the process goes away before
// its next call.
func (c *call) park(left func()) { c.left = left }

// drain reads what is left of the request's body, for a while, so that the process
// sees the answer and not a connection that broke while it was writing.
func (c *call) drain() {
	if n, _ := io.CopyN(io.Discard, c.request.Body, maxDrain); n == maxDrain {
		c.ends = true
	}
}

// refuse answers what is not HTTP, or too much of it.
func (c *call) refuse() {
	c.ends = true
	c.status = http.StatusBadRequest
	if c.connection.limited.N <= 0 {
		c.status = http.StatusRequestHeaderFieldsTooLarge
	}
	c.send()
}

// send writes the answer. Its errors end the connection, which its goroutine
// notices.
func (c *call) send() {
	conn := c.connection
	defer conn.turn.Unlock()
	if c.status == 0 {
		c.status = http.StatusOK
	}
	if c.ends {
		c.header["Connection"] = []string{"close"}
		defer conn.network.Close()
	}
	for name, values := range c.header {
		for _, value := range values {
			c.field(name, value)
		}
	}
	small := len(c.body) <= maxJoined
	answer := make([]byte, 0, usualHead+len(c.fields)+min(len(c.body), maxJoined))
	answer = strconv.AppendInt(append(answer, "HTTP/1.1 "...), int64(c.status), 10)
	answer = append(append(append(answer, ' '), http.StatusText(c.status)...), "\r\nContent-Length: "...)
	answer = append(strconv.AppendInt(answer, int64(len(c.body)), 10), "\r\nDate: "...)
	answer = append(append(answer, conn.server.date()...), c.fields...)
	answer = append(answer, "\r\n\r\n"...)
	if small {
		conn.network.Write(append(answer, c.body...))
		return
	}
	(&net.Buffers{answer, c.body}).WriteTo(conn.network)
}

const (
	usualHead = 128     // bytes of an answer's head but for its fields
	maxJoined = 8 << 10 // bytes of a body that is copied to be sent with the head at once
)

// field adds one to the head of the answer. Line ends cannot stand in it: a caller's client
// context may have some.
func (c *call) field(name, value string) {
	c.fields = append(append(c.fields, "\r\n"...), name...)
	c.fields = append(append(c.fields, ": "...), value...)
	for n := len(c.fields) - len(value); n < len(c.fields); n++ {
		if c.fields[n] == '\r' || c.fields[n] == '\n' {
			c.fields[n] = ' '
		}
	}
}

// A stamp is a second as HTTP writes it.
type stamp struct {
	second int64
	text   string
}

// date is the time as HTTP writes it.
func (s *server) date() string {
	now := time.Now()
	last := s.stamp.Load()
	if last == nil || last.second != now.Unix() {
		last = &stamp{now.Unix(), now.UTC().Format(http.TimeFormat)}
		s.stamp.Store(last)
	}
	return last.text
}

var _ http.ResponseWriter = (*call)(nil)

func (c *call) Header() http.Header { return c.header }

func (c *call) WriteHeader(status int) {
	if c.status == 0 {
		c.status = status
	}
}

func (c *call) Write(b []byte) (int, error) {
	c.body = append(c.body, b...)
	return len(b), nil
}
