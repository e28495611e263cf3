package websocket

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/coder/websocket"

	"github.com/lambridge-go/lambridge/local/internal/arrival"
	"github.com/lambridge-go/lambridge/local/internal/door"
)

// A conn is one connection, from its handshake until the function has
// heard that it is gone.
//
// One goroutine at a time reads frames. A message that does not take long is served by
// it; while one takes longer another reads on, so that pings are answered and a close is
// noticed while the function works. Messages go through the lane in, and everything for
// the client goes through the lane out, which closes the connection too: what was
// sent before a close arrives before it.
type conn struct {
	connection
	api *API

	frames     frameReader
	ws         *websocket.Conn
	network    net.Conn
	in         lane[string]
	told       request // of the message at work, which is the only one
	out        lane[outgoing]
	lost       bool // for out alone: the client takes nothing any more
	timer      *time.Timer
	watched    watched      // by the API's patience
	lastActive atomic.Int64 // Unix time in ns
	writable   atomic.Int64 // how long a write may take: ns since ConnectedAt

	mu      sync.Mutex
	state   connState
	closing closeStatus // once state is closing
}

type connState int

const (
	stateConnecting connState = iota // $connect is running
	stateOpen
	stateLeaving // the client's close frame has come
	stateClosing // and, at the end, gone
)

// A closeStatus is the code and the reason of a close frame.
type closeStatus struct {
	code   int
	reason string
}

// outgoing is a message, or the close that ends them.
type outgoing struct {
	message []byte
	binary  bool
	close   *closeStatus
}

const (
	// Messages that may wait, to and from one client. API Gateway's buffers are not
	// documented; both bounds hold more than a program that works needs.
	maxWaitingIn  = 16
	maxWaitingOut = 128

	// writeTimeout is how long a client may leave a message unread before
	// it counts as lost, or a deadlineStep less.
	writeTimeout = 30 * time.Second
	deadlineStep = time.Second
)

func newConn(a *API, r *http.Request) *conn {
	domain := a.cfg.Domain
	if domain == "" {
		domain = localAddr(r)
	}
	c := &conn{
		api: a,
		connection: connection{
			ID:          arrival.NewConnectionID(),
			APIID:       a.apiID,
			DomainName:  domain,
			Stage:       a.cfg.Stage,
			SourceIP:    arrival.SourceIP(r),
			UserAgent:   r.UserAgent(),
			ConnectedAt: time.Now(),
			variables:   a.cfg.StageVariables,
		},
	}
	c.frames.active, c.frames.control, c.frames.closing = c.touch, c.mayWrite, c.leaving
	c.in.init(maxWaitingIn, c.receive)
	c.out.init(maxWaitingOut, c.write)
	return c
}

// serve reads messages and serves them, until the connection ends or another goroutine
// reads on.
func (c *conn) serve() {
	for {
		message, err := c.readMessage()
		if err != nil {
			c.ended(err)
			return
		}
		if !c.serveMessage(message) {
			return
		}
	}
}

// serveMessage reports whether its goroutine is still the one that reads. No other reads
// before the message has its place in the lane.
func (c *conn) serveMessage(message string) (reads bool) {
	if !c.in.begins(message) {
		return true
	}
	returned := false
	defer func() {
		if reads = c.api.serving.end(c); reads && !returned { // a function has ended the goroutine
			go c.serve()
		}
	}()
	c.api.serving.begin(c)
	c.in.complete(message)
	returned = true
	return
}

// ended sees the function through what it still has to hear when nothing can be read any
// more.
func (c *conn) ended(err error) {
	defer c.api.leave(c)
	if refused, ok := errors.AsType[*frameError](err); ok {
		c.in.wait() // what came before is answered before the close
		c.shut(refused.closeStatus)
	}
	status, ours := c.end(err)
	c.api.forget(c)
	c.timer.Stop()
	if !ours {
		c.cut() // releases a write that the lost client keeps waiting
	}
	c.out.wait()
	c.ws.CloseNow()
	c.in.wait()
	c.out.wait() // for answers that came too late
	c.disconnected(status)
}

func (c *conn) readMessage() (string, error) {
	_, frames, err := c.ws.Reader(context.Background())
	if err != nil {
		return "", err
	}
	buffer := messages.Get().(*bytes.Buffer)
	defer messages.Put(buffer)
	buffer.Reset()
	_, err = buffer.ReadFrom(frames)
	if err == nil && !utf8.Valid(buffer.Bytes()) { // RFC 6455 section 8.1; and JSON could not hold it
		err = &frameError{notUTF8}
	}
	return buffer.String(), err
}

// messages are buffers that messages are read into. None grows far beyond the largest.
var messages = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// leaving notes that the client closes the connection, so that a Close of the gateway's
// that comes while the client is answered does not count as the cause.
func (c *conn) leaving() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.state == stateOpen {
		c.state = stateLeaving
	}
}

// end makes the connection one that is gone. It returns how it closed, and
// whether the gateway closed it.
func (c *conn) end(err error) (_ closeStatus, ours bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.state == stateClosing {
		return c.closing, true
	}
	c.state = stateClosing
	c.closing = clientClose(err)
	return c.closing, false
}

// clientClose says how the client closed the connection.
func clientClose(err error) closeStatus {
	var frame websocket.CloseError
	switch {
	case !errors.As(err, &frame):
		// No close frame came. The words for this are not recorded from AWS.
		return closeStatus{1006, "Connection Closed Abnormally"}
	case frame.Code == websocket.StatusNoStatusRcvd:
		return closeStatus{1005, "Client-side close frame status not set"}
	default:
		return closeStatus{int(frame.Code), frame.Reason}
	}
}

// disconnected runs $disconnect. Nothing depends on its outcome.
func (c *conn) disconnected(status closeStatus) {
	c.log().Info("websocket closed", "code", status.code, "reason", status.reason)
	if !c.api.routes.has(disconnectRoute) {
		c.observe(Event{Type: Disconnect, Start: time.Now(), Status: status.code})
		return
	}
	r := c.request(Disconnect, disconnectRoute)
	r.status = status
	if _, err := c.api.tell(&r); err != nil && !isMalformed(err) {
		c.log().Warn("$disconnect failed", "error", err)
	}
}

// request begins a request of the connection to its API's integrations.
func (c *conn) request(kind EventType, route string) request {
	now := time.Now()
	id, messageID, traceID := arrival.NewMessageIDs(now)
	if kind != Message {
		messageID = ""
	}
	return request{of: &c.connection, kind: kind, route: route, id: id, messageID: messageID, time: now, traceID: traceID}
}

// isMalformed reports whether an integration has replied, with what is no reply.
func isMalformed(err error) bool {
	_, is := errors.AsType[*door.Refusal](err)
	return is
}

// abort ends a connection that the function accepted and that never opened.
func (c *conn) abort() {
	defer c.api.leave(c)
	status, _ := c.end(errors.New("no handshake"))
	c.disconnected(status)
}

func (c *conn) log() *slog.Logger { return c.api.cfg.Logger.With("connection", c.ID) }

// The ways in which a message cannot be sent.
var (
	errConnecting  = errors.New("its $connect is still running")
	errGone        = errors.New("the connection is closed")
	errBufferFull  = errors.New("the client does not read what it is sent")
	errMessageSize = errors.New("the message is larger than 128 KB")
)

// text is a message as a frame of text may hold it: clients end the connection for one that is
// not UTF-8.
func (c *conn) text(message []byte) []byte {
	if utf8.Valid(message) {
		return message
	}
	c.log().Warn("the message is not UTF-8 and is changed: WebSocket APIs send text only")
	return bytes.ToValidUTF8(message, []byte("\uFFFD"))
}

// send passes a message to the client, after those sent before. It does not wait
// for the client.
func (c *conn) send(message []byte) error {
	if len(message) > maxMessage {
		return errMessageSize
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.unreachable(); err != nil {
		return err
	}
	if !c.out.offer(outgoing{message: message}) {
		return errBufferFull
	}
	return nil
}

// reachable returns why the connection cannot be reached, if it cannot.
func (c *conn) reachable() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.unreachable()
}

func (c *conn) unreachable() error {
	switch c.state {
	case stateConnecting:
		return errConnecting
	case stateLeaving, stateClosing:
		return errGone
	}
	return nil
}

// write passes one message to the client, or the close frame.
func (c *conn) write(o outgoing) {
	if c.lost {
		return
	}
	began := time.Now()
	c.mayWrite(began)
	if o.close != nil {
		c.ws.Close(websocket.StatusCode(o.close.code), o.close.reason)
		return
	}
	err := c.writeFrames(o)
	c.observe(Event{Type: Sent, Start: began, Message: o.message, Err: err})
	if err != nil {
		c.lost = true // half a message may be written, so that no other can follow
		c.cut()
		return
	}
	c.touch(began)
}

// mayWrite gives what is written from now on its time. To set a deadline takes a part of what
// a message does, so that one is for all that are written within a deadlineStep.
func (c *conn) mayWrite(now time.Time) {
	until := now.Add(writeTimeout).Sub(c.ConnectedAt)
	if c.writable.Load() >= int64(until-deadlineStep) {
		return
	}
	c.writable.Store(int64(until))
	c.network.SetWriteDeadline(c.ConnectedAt.Add(until))
}

// writeFrames sends a message in frames of no more than 32 KB.
func (c *conn) writeFrames(o outgoing) error {
	ctx := context.Background() // whoever ends the connection closes the network below
	kind, message := websocket.MessageText, o.message
	if o.binary {
		kind = websocket.MessageBinary
	}
	if len(message) <= maxFrame {
		return c.ws.Write(ctx, kind, message)
	}
	w, err := c.ws.Writer(ctx, kind)
	if err != nil {
		return err
	}
	for len(message) > 0 {
		n := min(len(message), maxFrame)
		if _, err := w.Write(message[:n]); err != nil {
			return err
		}
		message = message[n:]
	}
	return w.Close()
}

// shut closes the connection after what was sent so far. It does not wait, and
// does nothing to a connection that is not open.
func (c *conn) shut(status closeStatus) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.state != stateOpen {
		return
	}
	c.state = stateClosing
	c.closing = status
	c.out.finish(outgoing{close: &status})
}

// cut ends the connection without a closing handshake.
func (c *conn) cut() {
	c.mu.Lock()
	network := c.network
	c.mu.Unlock()
	if network != nil {
		network.Close()
	}
}

// touch notes that something moved. A ping counts: whether it does in AWS is not
// documented, and clients that ping to stay connected are common.
func (c *conn) touch(now time.Time) { c.lastActive.Store(now.UnixNano()) }

// checkTime closes the connection when its time is over, or comes back when it
// might be.
func (c *conn) checkTime() {
	idle := time.Unix(0, c.lastActive.Load()).Add(c.api.cfg.IdleTimeout)
	over := c.ConnectedAt.Add(c.api.cfg.MaxDuration)
	deadline := idle
	if over.Before(idle) {
		deadline = over
	}
	if left := time.Until(deadline); left > 0 {
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.state == stateOpen {
			c.timer.Reset(left)
		}
		return
	}
	c.shut(goingAway)
}
