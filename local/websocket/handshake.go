package websocket

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/coder/websocket"

	"github.com/lambridge-go/lambridge/local/internal/arrival"
	"github.com/lambridge-go/lambridge/local/internal/head"
)

// connect answers a request to upgrade. The 101 waits for the function's answer
// to $connect: a 2xx opens the connection, anything else refuses it with that
// status.
//
// https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-route-keys-connect-disconnect.html
func (a *API) connect(w http.ResponseWriter, r *http.Request) {
	if problem := checkHandshake(r); problem != "" {
		w.Header().Set("Sec-WebSocket-Version", "13")
		refuse(w, http.StatusBadRequest, "BadRequestException", problem)
		return
	}
	c := newConn(a, r)
	if status := a.enter(c); status != http.StatusOK {
		c.log().Warn("websocket refused", "status", status, "limit", a.cfg.MaxConnections)
		refuse(w, status, "LimitExceededException", http.StatusText(status))
		return
	}
	var subprotocol string
	refusal := c.admit(r)
	if refusal == nil {
		subprotocol, refusal = c.askFunction(r)
	} else {
		c.observe(Event{Type: Connect, Start: c.ConnectedAt, Route: connectRoute, Status: refusal.status, Err: errors.New(refusal.why)})
	}
	if refusal != nil {
		a.leave(c)
		c.log().Info("websocket refused", "status", refusal.status, "why", refusal.why)
		if refusal.body != "" {
			w.Header().Set("Content-Type", "application/json")
		}
		if refusal.errorType != "" {
			w.Header().Set("X-Amzn-Errortype", refusal.errorType)
		}
		w.WriteHeader(refusal.status)
		io.WriteString(w, refusal.body)
		return
	}

	if err := c.open(w, r, subprotocol); err != nil {
		c.log().Error("websocket handshake failed", "error", err)
		c.abort()
		return
	}
	if a.isClosed() {
		c.shut(goingAway) // Close came too early to do it
	}
	go c.serve()
}

// open completes the handshake. A call of @connections that comes meanwhile waits
// for it: whoever knows that the connection is open can send to it.
func (c *conn) open(w http.ResponseWriter, r *http.Request, subprotocol string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	// Never negotiated by the gateway: a browser that offered subprotocols and gets
	// none closes the connection, which a function has to find out here and not in AWS.
	if subprotocol != "" {
		w.Header().Set("Sec-WebSocket-Protocol", subprotocol)
	}
	hijack := &frameHijacker{ResponseWriter: w, frames: &c.frames}
	ws, err := websocket.Accept(hijack, r, &websocket.AcceptOptions{InsecureSkipVerify: true})
	if err != nil {
		return err
	}
	ws.SetReadLimit(-1) // c.frames holds API Gateway's limits
	c.ws, c.network = ws, hijack.conn
	c.state = stateOpen
	c.touch(time.Now())
	c.timer = time.AfterFunc(min(c.api.cfg.IdleTimeout, c.api.cfg.MaxDuration), c.checkTime)
	c.log().Info("websocket open", "from", c.SourceIP)
	return nil
}

// A handshakeRefusal is the end of a handshake: what the client gets, and why.
type handshakeRefusal struct {
	status    int
	errorType string // "" is none
	body      string
	why       string
}

// askFunction runs $connect and returns the subprotocol that the function chose.
//
// Only the status of a refusal reaches the client. AWS does not document what
// becomes of the body, so no one can rely on it here either.
func (c *conn) askFunction(r *http.Request) (subprotocol string, _ *handshakeRefusal) {
	if !c.api.routes.has(connectRoute) {
		c.observe(Event{Type: Connect, Start: c.ConnectedAt})
		return "", nil
	}
	req := c.request(Connect, connectRoute)
	req.time, req.query = c.ConnectedAt, r.URL.Query()
	req.header, req.traceID = c.handshakeHeader(r)
	reply, err := c.api.tell(&req)
	switch {
	case err != nil:
		return "", &handshakeRefusal{
			status: http.StatusBadGateway,
			body:   string(c.errorFrame("Internal server error", req.id)),
			why:    err.Error(),
		}
	case reply.StatusCode >= 300:
		return "", &handshakeRefusal{status: reply.StatusCode, why: "the function's answer to $connect: " + string(reply.Body)}
	}
	c.checkSubprotocol(r, reply.Subprotocol)
	return reply.Subprotocol, nil
}

// checkSubprotocol warns of what browsers end a connection for: a subprotocol that they have
// not offered, or none of those they have (RFC 6455, section 4.1).
func (c *conn) checkSubprotocol(r *http.Request, chosen string) {
	offered := r.Header["Sec-Websocket-Protocol"]
	switch {
	case chosen != "" && !hasToken(offered, chosen):
		c.log().Warn("$connect chose a subprotocol that the client does not offer: browsers end the connection", "chosen", chosen, "offered", offered)
	case chosen == "" && len(offered) > 0:
		c.log().Warn("$connect chose none of the subprotocols that the client offers, by the header Sec-WebSocket-Protocol: browsers end the connection", "offered", offered)
	}
}

// isUpgrade reports whether r asks to become a WebSocket (RFC 6455
// section 4.2.1).
func isUpgrade(r *http.Request) bool {
	return hasToken(r.Header["Connection"], "upgrade") && hasToken(r.Header["Upgrade"], "websocket")
}

func hasToken(values []string, token string) bool {
	for _, value := range values {
		for t := range strings.SplitSeq(value, ",") {
			if strings.EqualFold(strings.TrimSpace(t), token) {
				return true
			}
		}
	}
	return false
}

// checkHandshake says what is wrong with a handshake, before the function hears
// of it.
func checkHandshake(r *http.Request) (problem string) {
	keys := r.Header["Sec-Websocket-Key"]
	switch {
	case r.Method != http.MethodGet:
		return "a WebSocket handshake is a GET request"
	case !r.ProtoAtLeast(1, 1):
		return "a WebSocket handshake needs HTTP/1.1"
	case r.Header.Get("Sec-Websocket-Version") != "13":
		return "Sec-WebSocket-Version must be 13"
	case len(keys) != 1:
		return "Sec-WebSocket-Key must be given once"
	}
	if key, err := base64.StdEncoding.DecodeString(strings.TrimSpace(keys[0])); err != nil || len(key) != 16 {
		return "Sec-WebSocket-Key must be 16 bytes in base64"
	}
	// net/http does not complete a handshake before its body has come, and a client may promise
	// one that never does. Nobody is to wait for that but the client.
	if _, err := io.Copy(io.Discard, http.MaxBytesReader(nil, r.Body, maxMessage)); err != nil {
		return "the body of a WebSocket handshake cannot be read"
	}
	return ""
}

// handshakeHeader returns the headers that $connect shows the function. What
// belongs to the hop between client and gateway is gone; what API Gateway adds
// is there, whatever the client said in its place.
func (c *conn) handshakeHeader(r *http.Request) (header http.Header, traceID string) {
	header = make(http.Header, len(r.Header)+4)
	for name, values := range r.Header {
		switch name {
		case "Connection", "Upgrade", "Content-Length":
			continue
		}
		if spelled := head.SpellingsOf(r).Of(name); spelled != name && name != "Authorization" && name != "User-Agent" {
			header[spelled] = values
			continue
		}
		// net/http writes Sec-Websocket-Key; every client writes Sec-WebSocket-Key.
		if rest, ok := strings.CutPrefix(name, "Sec-Websocket-"); ok {
			name = "Sec-WebSocket-" + rest
		}
		header[name] = values
	}
	if traceID = r.Header.Get("X-Amzn-Trace-Id"); traceID == "" {
		traceID = arrival.NewTraceHeader(c.ConnectedAt)
	}
	forwardedFor := append(r.Header.Values("X-Forwarded-For"), arrival.SourceIP(r))
	header["Host"] = []string{r.Host}
	header["X-Amzn-Trace-Id"] = []string{traceID}
	header["X-Forwarded-For"] = []string{strings.Join(forwardedFor, ", ")}
	// API Gateway is reached over TLS only, and its events say so.
	header["X-Forwarded-Port"] = []string{"443"}
	header["X-Forwarded-Proto"] = []string{"https"}
	if c.api.address.lowers(r) {
		header = lowered(header)
	}
	return header, traceID
}

func lowered(header http.Header) http.Header {
	lower := make(http.Header, len(header))
	for _, name := range slices.Sorted(maps.Keys(header)) {
		lower[strings.ToLower(name)] = append(lower[strings.ToLower(name)], header[name]...)
	}
	return lower
}

// localAddr returns the address that the client connected to, "" if the server
// does not say.
func localAddr(r *http.Request) string {
	if addr, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr); ok {
		return addr.String()
	}
	return ""
}

// A frameHijacker is a ResponseWriter that, when it is hijacked, puts a
// frameReader between the connection and who hijacks it.
type frameHijacker struct {
	http.ResponseWriter
	frames *frameReader
	conn   net.Conn // set by Hijack
}

// hijackedBuffer is the size in bytes of a connection's buffers. They are most of
// what an idle connection costs, and larger reads and writes go around them.
const hijackedBuffer = 1 << 10

func (h *frameHijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(h.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	h.conn = conn
	// Frames that came along with the handshake are in the server's buffer.
	early := make([]byte, rw.Reader.Buffered())
	io.ReadFull(rw.Reader, early)
	var in io.Reader = conn
	if len(early) > 0 {
		in = io.MultiReader(bytes.NewReader(early), conn)
	}
	h.frames.in = bufio.NewReaderSize(in, hijackedBuffer)
	guarded := frameConn{Conn: conn, frames: h.frames}
	return guarded, bufio.NewReadWriter(
		bufio.NewReaderSize(guarded, 16), // h.frames has the buffer already
		bufio.NewWriterSize(conn, hijackedBuffer),
	), nil
}

// A frameConn is a connection that is read through a frameReader.
type frameConn struct {
	net.Conn
	frames *frameReader
}

func (c frameConn) Read(p []byte) (int, error) { return c.frames.Read(p) }

// refuse answers as API Gateway answers with errors of its own. SDKs
// tell errors apart by the header, not by the body.
func refuse(w http.ResponseWriter, status int, errorType, message string) {
	w.Header().Set("X-Amzn-Errortype", errorType)
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	body, _ := json.Marshal(map[string]string{"message": message}) // strings never fail
	w.Write(body)
}

var _ http.Hijacker = (*frameHijacker)(nil)
