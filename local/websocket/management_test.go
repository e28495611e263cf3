package websocket_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	coder "github.com/coder/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/local/websocket"
)

func TestWebSocketManagement(t *testing.T) {
	f := new(wsFunction)
	s := serveWebSocket(t, websocket.Config{Default: lambda(f)})
	c := s.dial(t, &coder.DialOptions{HTTPHeader: http.Header{"User-Agent": {"test/1"}}})
	id := f.one(t, "CONNECT").RequestContext.ConnectionID

	t.Run("POST sends (E4)", func(t *testing.T) {
		resp := s.call(t, "POST", "/local/@connections/"+id, `{"hello":"☕"}`)
		assert.Equal(t, http.StatusOK, resp.StatusCode)
		assert.Empty(t, text(t, resp))
		assert.Regexp(t, `^[0-9a-f-]{36}$`, resp.Header.Get("X-Amzn-Requestid"))
		assert.Equal(t, `{"hello":"☕"}`, receive(t, c))
	})
	t.Run("@ and = escaped (E4)", func(t *testing.T) {
		resp := s.call(t, "POST", "/local/%40connections/"+strings.ReplaceAll(id, "=", "%3D"), "escaped")
		assert.Equal(t, http.StatusOK, resp.StatusCode)
		assert.Equal(t, "escaped", receive(t, c))
	})
	t.Run("POST of 128 KB (E4)", func(t *testing.T) {
		whole := strings.Repeat("x", 128<<10)
		assert.Equal(t, http.StatusOK, s.call(t, "POST", "/local/@connections/"+id, whole).StatusCode)
		assert.Equal(t, whole, receive(t, c))
	})
	t.Run("POST of what is not UTF-8", func(t *testing.T) {
		assert.Equal(t, http.StatusOK, s.call(t, "POST", "/local/@connections/"+id, "a\xffb").StatusCode)
		assert.Equal(t, "a\uFFFDb", receive(t, c))
	})
	t.Run("GET tells (E4)", func(t *testing.T) {
		resp := s.call(t, "GET", "/local/@connections/"+id, "")
		assert.Equal(t, http.StatusOK, resp.StatusCode)
		var info map[string]any
		require.NoError(t, json.Unmarshal([]byte(text(t, resp)), &info))
		for _, name := range []string{"connectedAt", "lastActiveAt"} {
			at, err := time.Parse("2006-01-02T15:04:05.000Z", info[name].(string))
			require.NoError(t, err)
			assert.WithinDuration(t, time.Now(), at, time.Minute)
			delete(info, name)
		}
		assert.Equal(t, map[string]any{"identity": map[string]any{"sourceIp": "127.0.0.1", "userAgent": "test/1"}}, info)
	})
	t.Run("DELETE closes (E4)", func(t *testing.T) {
		s.call(t, "POST", "/local/@connections/"+id, "last words")
		closed := make(chan coder.CloseError)
		go func() {
			assert.Equal(t, "last words", receive(t, c), "what was sent before arrives before")
			closed <- closedWith(t, c)
		}()
		resp := s.call(t, "DELETE", "/local/@connections/"+id, "")
		assert.Equal(t, http.StatusNoContent, resp.StatusCode)
		assert.Equal(t, coder.StatusNormalClosure, (<-closed).Code)
		assert.Equal(t, 1000, f.one(t, "DISCONNECT").RequestContext.DisconnectStatusCode)
	})
	t.Run("410 afterwards (E4)", func(t *testing.T) {
		for _, method := range []string{"GET", "POST", "DELETE"} {
			resp := s.call(t, method, "/local/@connections/"+id, "")
			assert.Equal(t, http.StatusGone, resp.StatusCode)
			assert.Equal(t, "GoneException", resp.Header.Get("X-Amzn-Errortype"))
			assert.Empty(t, text(t, resp))
		}
	})
}

func TestWebSocketManagementErrors(t *testing.T) {
	f := new(wsFunction)
	s := serveWebSocket(t, websocket.Config{Default: lambda(f)})
	s.dial(t, nil)
	id := f.one(t, "CONNECT").RequestContext.ConnectionID
	tests := []struct {
		name, method, path, body string
		status                   int
		errorType, answer        string
	}{
		{"an id that never was (E4)", "POST", "/local/@connections/R1kmxc2VNjMCFIA=", "x", 410, "GoneException", ""},
		{"a malformed id (E4)", "POST", "/local/@connections/nonsense", "x", 400, "BadRequestException", `{"message":"Invalid connectionId: nonsense"}`},
		{"a malformed id of 16 characters (E4)", "GET", "/local/@connections/0123456789abcdef", "", 400, "BadRequestException", `{"message":"Invalid connectionId: 0123456789abcdef"}`},
		{"over 128 KB (rule 170, E4)", "POST", "/local/@connections/" + id, strings.Repeat("x", 128<<10+1), 413, "PayloadTooLargeException", `{"message":"Message too long: the limit is 131072 bytes"}`},
		{"the wrong stage (E4)", "POST", "/prod/@connections/" + id, "x", 403, "ForbiddenException", `{"message":"Forbidden"}`},
		{"another method", "PUT", "/local/@connections/" + id, "x", 403, "MissingAuthenticationTokenException", `{"message":"Missing Authentication Token"}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			resp := s.call(t, tt.method, tt.path, tt.body)
			assert.Equal(t, tt.status, resp.StatusCode)
			assert.Equal(t, tt.errorType, resp.Header.Get("X-Amzn-Errortype"))
			assert.Equal(t, tt.answer, text(t, resp))
		})
	}
	t.Run("unsigned (E4)", func(t *testing.T) {
		req, err := http.NewRequest("POST", s.URL+"/local/@connections/"+id, strings.NewReader("x"))
		require.NoError(t, err)
		resp := do(t, req)
		assert.Equal(t, http.StatusForbidden, resp.StatusCode)
		assert.Equal(t, "MissingAuthenticationTokenException", resp.Header.Get("X-Amzn-Errortype"))
		assert.Contains(t, s.log.String(), "curl --aws-sigv4", "the log says how to sign")
	})
}

func TestWebSocketPostDuringConnect(t *testing.T) { // E2: 410 until $connect has returned
	var s *wsServer
	during := make(chan *http.Response, 1)
	f := &wsFunction{}
	f.answer = func(_ context.Context, e wsEvent) (string, error) {
		if e.RequestContext.EventType == "CONNECT" {
			during <- s.call(t, "POST", "/local/@connections/"+e.RequestContext.ConnectionID, "welcome")
		}
		return accepted, nil
	}
	s = serveWebSocket(t, websocket.Config{Default: lambda(f)})
	s.dial(t, nil)
	resp := <-during
	assert.Equal(t, http.StatusGone, resp.StatusCode)
	assert.Equal(t, "GoneException", resp.Header.Get("X-Amzn-Errortype"))
	assert.Contains(t, s.log.String(), "until then @connections answers 410", "the log says why")
}

func TestWebSocketPostToAClientThatDoesNotRead(t *testing.T) { // E4: 429
	t.Parallel()
	f := new(wsFunction)
	s := serveWebSocket(t, websocket.Config{Default: lambda(f)})
	s.dialRaw(t) // and never reads
	id := f.one(t, "CONNECT").RequestContext.ConnectionID
	message := strings.Repeat("x", 128<<10)
	for range 1000 {
		resp := s.call(t, "POST", "/local/@connections/"+id, message)
		if resp.StatusCode == http.StatusOK {
			continue
		}
		assert.Equal(t, http.StatusTooManyRequests, resp.StatusCode)
		assert.Equal(t, "LimitExceededException", resp.Header.Get("X-Amzn-Errortype"))
		return
	}
	t.Fatal("1000 messages of 128 KB fitted into the buffers")
}
