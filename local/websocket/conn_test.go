package websocket_test

import (
	"bufio"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	coder "github.com/coder/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/local/invoke"
	"github.com/lambridge-go/lambridge/local/websocket"
)

func TestWebSocketMessageEvent(t *testing.T) {
	f := new(wsFunction)
	s := serveWebSocket(t, websocket.Config{Default: lambda(f), Routes: routes("join")})
	c := s.dial(t, nil)
	send(t, c, `{"action":"join","text":"<b>☕</b>"}`)

	e := f.one(t, "MESSAGE")
	connect := f.one(t, "CONNECT").RequestContext
	assert.Equal(t, `{"action":"join","text":"<b>☕</b>"}`, e.body())
	assert.Nil(t, e.Headers, "no headers (E1)")
	assert.Equal(t, "join", e.RequestContext.RouteKey)
	assert.Equal(t, connect.ConnectionID, e.RequestContext.ConnectionID)
	assert.Equal(t, connect.ConnectedAt, e.RequestContext.ConnectedAt)
	assert.Equal(t, connect.Identity, e.RequestContext.Identity)
	assert.NotEqual(t, connect.RequestID, e.RequestContext.RequestID)
	assert.Regexp(t, websocketID, e.RequestContext.MessageID)
	assert.Regexp(t, websocketID, e.RequestContext.RequestID)
}

func TestWebSocketRouting(t *testing.T) {
	tests := []struct {
		name, expression string
		routes           []string
		message          string
		want             string
	}{
		{"one variable (E3)", "$request.body.action", []string{"join"}, `{"action":"join"}`, "join"},
		{"one variable in braces (E3)", "${request.body.action}", []string{"join"}, `{"action":"join"}`, "join"},
		{"several variables (E3)", "${request.body.service}/${request.body.action}", []string{"chat/join"}, `{"service":"chat","action":"join"}`, "chat/join"},
		{"what is missing is empty (E3)", "${request.body.action}-${request.body.room}", []string{"join-"}, `{"action":"join"}`, "join-"},
		{"static (E3)", "action", []string{"action"}, `{}`, "action"},
		{"an escaped dollar sign (E3)", `\$default`, nil, `{}`, "$default"},
		{"arrays in brackets (E3)", "$request.body.tags", []string{"[a, b]"}, `{"tags":["a","b"]}`, "[a, b]"},
		{"a number as it is written (E3)", "$request.body.v", []string{"1.0"}, `{"v":1.0}`, "1.0"},
		{"a boolean (E3)", "$request.body.v", []string{"true"}, `{"v":true}`, "true"},
		{"a path", "$request.body.a.b", []string{"x"}, `{"a":{"b":"x"}}`, "x"},
		{"an element", "$request.body.a[1].b", []string{"y"}, `{"a":[0,{"b":"y"}]}`, "y"},
		{"evaluated once (E3)", "$request.body.action", []string{"a ${request.body.x}", "a y"}, `{"action":"a ${request.body.x}","x":"y"}`, "a ${request.body.x}"},
		{"not JSON (E3)", "$request.body.action", []string{"join"}, `join`, "$default"},
		{"two JSON values (E3)", "$request.body.action", []string{"join"}, `{"action":"join"} {}`, "$default"},
		{"JSON that is no object", "$request.body.action", []string{"join"}, `["join"]`, "$default"},
		{"no such route (E3)", "$request.body.action", []string{"join"}, `{"action":"leave"}`, "$default"},
		{"a client cannot select $connect", "$request.body.action", nil, `{"action":"$connect"}`, "$default"},
		{"an empty message", "$request.body.action", nil, ``, "$default"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := new(wsFunction)
			s := serveWebSocket(t, websocket.Config{Default: lambda(f), RouteSelectionExpression: tt.expression, Routes: routes(tt.routes...)})
			send(t, s.dial(t, nil), tt.message)
			e := f.one(t, "MESSAGE")
			assert.Equal(t, tt.want, e.RequestContext.RouteKey)
			assert.Equal(t, tt.message, e.body())
		})
	}
}

func TestWebSocketRejectsExpressions(t *testing.T) {
	for _, expression := range []string{"$request.header.x", "$request.body.", "${request.body..a}", "$x", "${}", "a$b", "$request.bodyaction", "$request.body.a[x]", "${request.querystring.a}"} {
		t.Run(expression, func(t *testing.T) {
			_, err := websocket.New(websocket.Config{Default: lambda(new(wsFunction)), RouteSelectionExpression: expression})
			assert.ErrorContains(t, err, fmt.Sprintf("route selection expression %q", expression))
		})
	}
}

// echo answers messages with their body, and does what a message says.
func echo(_ context.Context, e wsEvent) (string, error) {
	switch {
	case e.body() == "fail":
		return "", &invoke.Error{Type: invoke.TypeExit, Message: "exit status 2"}
	case e.body() == "malformed":
		return `"ok"`, nil
	case e.RequestContext.EventType == "MESSAGE":
		b, err := json.Marshal(map[string]any{"statusCode": 200, "body": e.body()})
		return string(b), err
	}
	return accepted, nil
}

func TestWebSocketFrames(t *testing.T) {
	tests := []struct {
		name    string
		config  websocket.Config
		message string
		want    string // with C and R in place of the ids
	}{
		{"no route (E3)", websocket.Config{WithoutDefault: true}, `{"action":"x"}`,
			`{"message": "Forbidden", "connectionId":"C", "requestId":"R"}`},
		{"no route, malformed JSON (E3)", websocket.Config{WithoutDefault: true}, `{"action":`,
			`{"message": "Forbidden", "connectionId":"C", "requestId":"R"}`},
		{"the function fails (E3)", websocket.Config{}, "fail",
			`{"message": "Internal server error", "connectionId":"C", "requestId":"R"}`},
		{"the function fails, two-way (E3)", websocket.Config{TwoWay: true}, "fail",
			`{"message": "Internal server error", "connectionId":"C", "requestId":"R"}`},
		{"a malformed reply, two-way", websocket.Config{TwoWay: true}, "malformed",
			`{"message": "Internal server error", "connectionId":"C", "requestId":"R"}`},
		{"two-way (E3)", websocket.Config{TwoWay: true}, "hello", "hello"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := &wsFunction{answer: echo}
			tt.config.Default = lambda(f)
			s := serveWebSocket(t, tt.config)
			c := s.dial(t, nil)
			send(t, c, tt.message)
			got := receive(t, c)
			var ids struct{ ConnectionID, RequestID string }
			if json.Unmarshal([]byte(got), &ids) == nil {
				assert.Equal(t, f.one(t, "CONNECT").RequestContext.ConnectionID, ids.ConnectionID)
				assert.Regexp(t, websocketID, ids.RequestID)
				got = strings.NewReplacer(ids.ConnectionID, "C", ids.RequestID, "R").Replace(got)
			}
			assert.Equal(t, tt.want, got)

			send(t, c, tt.message) // E3: the socket stays open
			receive(t, c)
		})
	}
}

func TestWebSocketOneWay(t *testing.T) { // E3: without a route response, an answer is dropped
	f := &wsFunction{answer: echo}
	s := serveWebSocket(t, websocket.Config{Default: lambda(f)})
	c := s.dial(t, nil)
	send(t, c, "dropped")
	send(t, c, "malformed")
	send(t, c, "fail")
	assert.Contains(t, receive(t, c), "Internal server error", "the first thing to arrive is the third answer")
	assert.Contains(t, s.log.String(), "not one of a proxy integration")
}

func TestWebSocketKeepsOrder(t *testing.T) {
	s := serveWebSocket(t, websocket.Config{Default: lambda(&wsFunction{answer: echo}), TwoWay: true})
	c := s.dial(t, nil)
	const n = 500
	go func() {
		for i := range n {
			c.Write(context.Background(), coder.MessageText, fmt.Append(nil, i))
		}
	}()
	for i := range n {
		require.Equal(t, fmt.Sprint(i), receive(t, c))
	}
}

// However many functions are at work, each client's pings are answered meanwhile, and what
// other clients say.
func TestWebSocketListensWhileFunctionsWork(t *testing.T) {
	release := make(chan struct{})
	s := serveWebSocket(t, websocket.Config{TwoWay: true, Default: lambda(&wsFunction{answer: func(ctx context.Context, e wsEvent) (string, error) {
		if e.body() == "wait" {
			<-release
		}
		return echo(ctx, e)
	}})})
	slow, quick := []*rawClient{s.dialRaw(t), s.dialRaw(t), s.dialRaw(t)}, s.dialRaw(t)
	for round := range 3 {
		for _, c := range slow {
			c.frame(fin|1, "wait")
			c.frame(fin|9, "ping")
			quick.frame(fin|1, "quick")
			_, text := quick.next(t)
			require.Equal(t, "quick", text)
		}
		for n, c := range slow {
			first, _ := c.next(t)
			require.EqualValues(t, fin|10, first, "round %d, client %d: a pong comes before the answer", round, n)
		}
		for range slow {
			release <- struct{}{}
		}
		for _, c := range slow {
			_, text := c.next(t)
			require.Equal(t, "wait", text)
		}
	}
}

// A rawClient sends frames that coder/websocket would not.
type rawClient struct {
	net.Conn
	in *bufio.Reader
}

func (s *wsServer) dialRaw(t *testing.T) *rawClient {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.URL, "http://"))
	require.NoError(t, err)
	t.Cleanup(func() { conn.Close() })
	require.NoError(t, conn.SetDeadline(time.Now().Add(patience)))
	fmt.Fprint(conn, handshake)
	c := &rawClient{conn, bufio.NewReader(conn)}
	resp, err := http.ReadResponse(c.in, nil)
	require.NoError(t, err)
	require.Equal(t, http.StatusSwitchingProtocols, resp.StatusCode)
	return c
}

const fin = 0x80

// frame sends one masked frame with a mask of zeros. Errors are left to reading:
// the other side may close while it is written.
func (c *rawClient) frame(first byte, payload string) {
	header := []byte{first}
	switch n := len(payload); {
	case n < 126:
		header = append(header, 0x80|byte(n))
	case n <= 0xffff:
		header = binary.BigEndian.AppendUint16(append(header, 0x80|126), uint16(n))
	default:
		header = binary.BigEndian.AppendUint64(append(header, 0x80|127), uint64(n))
	}
	c.Write(append(append(header, 0, 0, 0, 0), payload...))
}

// next reads one frame.
func (c *rawClient) next(t *testing.T) (first byte, payload string) {
	t.Helper()
	var h [2]byte
	_, err := io.ReadFull(c.in, h[:])
	require.NoError(t, err)
	n := uint64(h[1])
	switch h[1] {
	case 126:
		var b [2]byte
		_, err = io.ReadFull(c.in, b[:])
		n = uint64(binary.BigEndian.Uint16(b[:]))
	case 127:
		var b [8]byte
		_, err = io.ReadFull(c.in, b[:])
		n = binary.BigEndian.Uint64(b[:])
	}
	require.NoError(t, err)
	b := make([]byte, n)
	_, err = io.ReadFull(c.in, b)
	require.NoError(t, err)
	return h[0], string(b)
}

// closeCode reads up to the close frame and returns its code.
func (c *rawClient) closeCode(t *testing.T) int {
	t.Helper()
	for {
		first, payload := c.next(t)
		if first == fin|0x8 {
			require.GreaterOrEqual(t, len(payload), 2)
			return int(binary.BigEndian.Uint16([]byte(payload)))
		}
	}
}

func TestWebSocketLimits(t *testing.T) {
	type frame struct {
		first   byte
		payload string
	}
	kb := func(n int) string { return strings.Repeat("x", n<<10) }
	tests := []struct {
		name   string
		frames []frame
		want   int // close code; 0: the message arrives whole
	}{
		{"a frame of 32 KB (E3)", []frame{{fin | 1, kb(32)}}, 0},
		{"a frame of 32 KB and 1 byte (E3)", []frame{{fin | 1, kb(32) + "x"}}, 1009},
		{"a frame of 200 KB (E3)", []frame{{fin | 1, kb(200)}}, 1009},
		{"a message of 128 KB in frames (E3)", []frame{{1, kb(32)}, {0, kb(32)}, {0, kb(32)}, {fin, kb(32)}}, 0},
		{"a message of 128 KB and 1 byte (E3)", []frame{{1, kb(32)}, {0, kb(32)}, {0, kb(32)}, {0, kb(32)}, {fin, "x"}}, 1009},
		{"a later frame over 32 KB (E3)", []frame{{1, "x"}, {fin, kb(33)}}, 1009},
		{"binary (E3)", []frame{{fin | 2, "\x01\x02\x03"}}, 1003},
		{"binary of 200 KB (E3)", []frame{{fin | 2, kb(200)}}, 1003},
		{"binary in frames (E3)", []frame{{2, "x"}, {fin, "x"}}, 1003},
		{"a ping between the frames of a message", []frame{{1, "x"}, {fin | 9, "ping"}, {fin, "y"}}, 0},
		{"text that is not UTF-8", []frame{{fin | 1, "\xff"}}, 1007},
		{"a reason that is not UTF-8", []frame{{fin | 8, "\x03\xe8\xff"}}, 1007},
		{"a reason that is cut within a character", []frame{{fin | 8, "\x0b\xb8caf\xc3"}}, 1007},
		{"a reserved opcode", []frame{{fin | 3, "x"}}, 1002},
		{"a continuation of nothing", []frame{{fin, "x"}}, 1002},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := new(wsFunction)
			s := serveWebSocket(t, websocket.Config{Default: lambda(f)})
			c := s.dialRaw(t)
			var whole string
			for _, frame := range tt.frames {
				c.frame(frame.first, frame.payload)
				if frame.first&0x8 == 0 {
					whole += frame.payload
				}
			}
			if tt.want == 0 {
				assert.Equal(t, whole, f.one(t, "MESSAGE").body())
				return
			}
			assert.Equal(t, tt.want, c.closeCode(t), "the close frame arrives although the client was sending")
			c.frame(fin|0x8, "")
			assert.Equal(t, tt.want, f.one(t, "DISCONNECT").RequestContext.DisconnectStatusCode)
			assert.Empty(t, f.seen("MESSAGE"))
			c.SetReadDeadline(time.Now().Add(patience))
			_, err := c.in.ReadByte()
			assert.ErrorIs(t, err, io.EOF, "and the connection ends")
		})
	}
}

func TestWebSocketCountsEachMessageByItself(t *testing.T) { // E3
	s := serveWebSocket(t, websocket.Config{Default: lambda(&wsFunction{answer: echo}), TwoWay: true})
	c := s.dial(t, nil)
	for i := range 6 {
		message := strings.Repeat(fmt.Sprint(i), 32<<10)
		send(t, c, message)
		require.Equal(t, message, receive(t, c), "message %d, after %d KB", i, i*32)
	}
}

func TestWebSocketSplitsWhatItSends(t *testing.T) { // E3
	s := serveWebSocket(t, websocket.Config{Default: lambda(&wsFunction{answer: echo}), TwoWay: true})
	c := s.dialRaw(t)
	var want string
	for i, first := range []byte{1, 0, 0, fin} {
		part := strings.Repeat(string(rune('a'+i)), 32<<10)
		c.frame(first, part)
		want += part
	}
	var got string
	for first := byte(0); first&fin == 0; {
		var part string
		first, part = c.next(t)
		assert.LessOrEqual(t, len(part), 32<<10)
		got += part
	}
	assert.Equal(t, want, got)
}

func TestWebSocketDisconnectEvent(t *testing.T) {
	tests := []struct {
		name   string
		leave  func(*testing.T, *rawClient)
		code   int
		reason string
	}{
		{"a closed tab (E1)", func(_ *testing.T, c *rawClient) { c.frame(fin|8, "\x03\xe9") }, 1001, ""},
		{"code and reason (E1)", func(_ *testing.T, c *rawClient) { c.frame(fin|8, "\x03\xe9Going away") }, 1001, "Going away"},
		{"a code of its own (E1)", func(_ *testing.T, c *rawClient) { c.frame(fin|8, "\x0f\xa0bye") }, 4000, "bye"},
		{"no status (E1)", func(_ *testing.T, c *rawClient) { c.frame(fin|8, "") }, 1005, "Client-side close frame status not set"},
		{"no close frame", func(_ *testing.T, c *rawClient) { c.Close() }, 1006, "Connection Closed Abnormally"},
		{"reset in the middle of a frame", func(t *testing.T, c *rawClient) {
			c.Write([]byte{fin | 1, 0x80 | 100, 0, 0, 0, 0, 'x'})
			require.NoError(t, c.Conn.(*net.TCPConn).SetLinger(0))
			c.Close()
		}, 1006, "Connection Closed Abnormally"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := &wsFunction{answer: func(_ context.Context, e wsEvent) (string, error) {
				if e.RequestContext.EventType == "DISCONNECT" {
					return "", fmt.Errorf("the answer to $disconnect is ignored (E3)")
				}
				return accepted, nil
			}}
			s := serveWebSocket(t, websocket.Config{Default: lambda(f)})
			tt.leave(t, s.dialRaw(t))
			e := f.one(t, "DISCONNECT")
			assert.Equal(t, "$disconnect", e.RequestContext.RouteKey)
			assert.Equal(t, tt.code, e.RequestContext.DisconnectStatusCode)
			assert.Equal(t, tt.reason, e.RequestContext.DisconnectReason)
			assert.Equal(t, map[string]string{"Host": e.RequestContext.DomainName, "x-api-key": "", "X-Forwarded-For": "", "x-restapi": ""}, e.Headers)
		})
	}
}

func TestWebSocketWithoutDisconnect(t *testing.T) {
	f := new(wsFunction)
	s := serveWebSocket(t, websocket.Config{Default: lambda(f), WithoutDisconnect: true})
	require.NoError(t, s.dial(t, nil).Close(coder.StatusNormalClosure, ""))
	require.NoError(t, s.api.Close())
	assert.Empty(t, f.seen("DISCONNECT"))
}

func TestWebSocketDisconnectComesLast(t *testing.T) {
	release := make(chan struct{})
	f := &wsFunction{answer: func(_ context.Context, e wsEvent) (string, error) {
		if e.body() == "slow" {
			<-release
		}
		return accepted, nil
	}}
	s := serveWebSocket(t, websocket.Config{Default: lambda(f)})
	c := s.dial(t, nil)
	send(t, c, "slow")
	send(t, c, "next")
	require.NoError(t, c.Close(coder.StatusNormalClosure, ""), "a close is answered while the function works")
	close(release)
	f.one(t, "DISCONNECT")
	var order []string
	for _, e := range f.events {
		order = append(order, e.RequestContext.EventType+e.body())
	}
	assert.Equal(t, []string{"CONNECT", "MESSAGEslow", "MESSAGEnext", "DISCONNECT"}, order)
}

func TestWebSocketSurvivesReload(t *testing.T) {
	var version atomic.Int32
	f := &wsFunction{answer: func(_ context.Context, e wsEvent) (string, error) {
		if version.Load() == 1 {
			return "", invoke.ErrThrottled // the old one is gone, the new one not there yet
		}
		return fmt.Sprintf(`{"statusCode":200,"body":"version %d"}`, version.Load()), nil
	}}
	s := serveWebSocket(t, websocket.Config{Default: lambda(f), TwoWay: true})
	c := s.dial(t, nil)
	for _, want := range []string{"version 0", "Internal server error", "version 2"} {
		send(t, c, "which?")
		assert.Contains(t, receive(t, c), want)
		version.Add(1)
	}
	assert.Len(t, f.seen("CONNECT"), 1)
}

func TestWebSocketClose(t *testing.T) {
	f := new(wsFunction)
	s := serveWebSocket(t, websocket.Config{Default: lambda(f)})
	c := s.dial(t, nil)
	closed := make(chan coder.CloseError)
	go func() { closed <- closedWith(t, c) }()
	require.NoError(t, s.api.Close())
	assert.Equal(t, coder.CloseError{Code: 1001, Reason: "Going away"}, <-closed)
	assert.Equal(t, 1001, f.one(t, "DISCONNECT").RequestContext.DisconnectStatusCode, "$disconnect has run when Close returns")

	_, resp, err := coder.Dial(t.Context(), s.URL+"/local", nil)
	require.Error(t, err)
	assert.Equal(t, http.StatusServiceUnavailable, resp.StatusCode)
}

// A client that has been told that its close is understood has closed the connection,
// whatever happens to the API then.
func TestWebSocketCloseAfterTheClients(t *testing.T) {
	for range 20 {
		f := new(wsFunction)
		s := serveWebSocket(t, websocket.Config{Default: lambda(f)})
		c := s.dialRaw(t)
		c.frame(fin|8, closing(4000, "bye"))
		require.Equal(t, 4000, c.closeCode(t))
		require.NoError(t, s.api.Close())
		require.Equal(t, 4000, f.one(t, "DISCONNECT").RequestContext.DisconnectStatusCode)
	}
}

// serveInBubble runs a WebSocket API in memory, where synctest has the clock.
func serveInBubble(t *testing.T, cfg websocket.Config) (dial func() *coder.Conn, closeAll func()) {
	api, err := websocket.New(cfg)
	require.NoError(t, err)
	l := make(pipeListener)
	srv := &http.Server{Handler: api}
	served := make(chan struct{})
	go func() {
		defer close(served)
		srv.Serve(l)
	}()
	transport := &http.Transport{DialContext: l.dial}
	dial = func() *coder.Conn {
		c, _, err := coder.Dial(t.Context(), "http://in.memory/local", &coder.DialOptions{HTTPClient: &http.Client{Transport: transport}})
		require.NoError(t, err)
		return c
	}
	return dial, func() {
		require.NoError(t, api.Close())
		srv.Close()
		<-served
		transport.CloseIdleConnections()
	}
}

type pipeListener chan net.Conn

func (l pipeListener) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case l <- server:
		return client, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (l pipeListener) Accept() (net.Conn, error) {
	c, ok := <-l
	if !ok {
		return nil, net.ErrClosed
	}
	return c, nil
}

func (l pipeListener) Close() error   { close(l); return nil }
func (l pipeListener) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 3000} }

func TestWebSocketTimeLimits(t *testing.T) {
	tests := []struct {
		name   string
		config websocket.Config
		every  time.Duration // between messages; 0: none
		want   time.Duration
	}{
		{"idle for 10 minutes (E3)", websocket.Config{}, 0, 10 * time.Minute},
		{"never idle, for 2 hours (E3)", websocket.Config{}, 9 * time.Minute, 2 * time.Hour},
		{"an idle time of its own", websocket.Config{IdleTimeout: time.Second}, 0, time.Second},
		{"a duration of its own", websocket.Config{MaxDuration: time.Minute}, 10 * time.Second, time.Minute},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := new(wsFunction)
				tt.config.Default = lambda(f)
				dial, closeAll := serveInBubble(t, tt.config)
				defer closeAll()
				c := dial()
				start := time.Now()
				talk := make(chan struct{})
				go func() {
					defer close(talk)
					for tt.every > 0 {
						<-time.After(tt.every)
						if c.Write(context.Background(), coder.MessageText, []byte("hi")) != nil {
							return
						}
					}
				}()
				_, _, err := c.Read(context.Background())
				var closed coder.CloseError
				require.ErrorAs(t, err, &closed)
				assert.Equal(t, coder.CloseError{Code: 1001, Reason: "Going away"}, closed)
				assert.Equal(t, tt.want, time.Since(start))
				<-talk
				synctest.Wait()
				e := f.seen("DISCONNECT")
				require.Len(t, e, 1)
				assert.Equal(t, 1001, e[0].RequestContext.DisconnectStatusCode)
				assert.Equal(t, "Going away", e[0].RequestContext.DisconnectReason)
			})
		})
	}
}

func TestWebSocketIntegrationTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &wsFunction{answer: func(ctx context.Context, e wsEvent) (string, error) {
			if e.RequestContext.EventType != "MESSAGE" {
				return accepted, nil
			}
			<-ctx.Done()
			return "", ctx.Err()
		}}
		dial, closeAll := serveInBubble(t, websocket.Config{Default: lambda(f)})
		defer closeAll()
		c := dial()
		start := time.Now()
		send(t, c, "hang")
		_, data, err := c.Read(context.Background())
		require.NoError(t, err)
		assert.Regexp(t, `^\{"message": "Endpoint request timed out", "connectionId":"[^"]+", "requestId":"[^"]+"\}$`, string(data))
		assert.Equal(t, 29*time.Second, time.Since(start))
		c.CloseNow()
	})
}

func TestWebSocketClientThatStopsReading(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &wsFunction{answer: echo}
		dial, closeAll := serveInBubble(t, websocket.Config{Default: lambda(f), TwoWay: true})
		defer closeAll()
		c := dial()
		send(t, c, "never read")
		synctest.Wait()
		<-time.After(30*time.Second - 1)
		synctest.Wait()
		assert.Empty(t, f.seen("DISCONNECT"))
		<-time.After(1)
		synctest.Wait()
		require.Len(t, f.seen("DISCONNECT"), 1, "it counts as lost")
		assert.Equal(t, 1006, f.seen("DISCONNECT")[0].RequestContext.DisconnectStatusCode)
		c.CloseNow()
	})
}

// What one message has been given for its time says nothing of what is written long after it.
func TestWebSocketWritesAfterSilence(t *testing.T) {
	for _, test := range []struct {
		name string
		do   func(t *testing.T, c *coder.Conn)
	}{
		{"a message", func(t *testing.T, c *coder.Conn) {
			send(t, c, "again")
			_, data, err := c.Read(context.Background())
			require.NoError(t, err)
			assert.Equal(t, "again", string(data))
		}},
		{"a pong", func(t *testing.T, c *coder.Conn) {
			ctx := c.CloseRead(t.Context())
			require.NoError(t, c.Ping(ctx))
		}},
		{"the answer to a close", func(t *testing.T, c *coder.Conn) {
			require.NoError(t, c.Close(coder.StatusNormalClosure, ""))
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				dial, closeAll := serveInBubble(t, websocket.Config{Default: lambda(&wsFunction{answer: echo}), TwoWay: true})
				defer closeAll()
				c := dial()
				defer c.CloseNow()
				send(t, c, "first")
				_, _, err := c.Read(context.Background())
				require.NoError(t, err)
				<-time.After(5 * time.Minute)
				test.do(t, c)
			})
		})
	}
}

// Not parallel, so that no other test's goroutines are counted.
func TestWebSocketLeavesNothingBehind(t *testing.T) {
	f := &wsFunction{answer: echo}
	s := serveWebSocket(t, websocket.Config{Default: lambda(f), TwoWay: true, WithoutDefault: true})
	for range 20 {
		c := s.dialRaw(t)
		c.frame(fin|1, `{"action":`)
		c.frame(fin|2, "binary")
		c.Close()
		c = s.dialRaw(t)
		c.frame(fin|1, "fail")
		c.frame(fin|1, strings.Repeat("x", 200<<10))
		c.Conn.(*net.TCPConn).SetLinger(0)
		c.Close()
		s.dial(t, nil)
	}
	require.NoError(t, s.api.Close())
	// The last goroutines may have said that they are done and still be on their way out.
	stacks := make([]byte, 1<<20)
	var left []string
	assert.Eventually(t, func() bool {
		left = nil
		for goroutine := range strings.SplitSeq(string(stacks[:runtime.Stack(stacks, true)]), "\n\n") {
			if strings.Contains(goroutine, "websocket.(*conn") || strings.Contains(goroutine, "websocket.(*lane") {
				left = append(left, goroutine)
			}
		}
		return len(left) == 0
	}, patience, time.Millisecond)
	assert.Empty(t, left, "left behind")
	assert.Len(t, f.seen("DISCONNECT"), len(f.seen("CONNECT")), "each that opened was seen to close")
}
