package connections_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/apigatewaymanagementapi/types"
	"github.com/coder/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/adapter"
	"github.com/lambridge-go/lambridge/adapter/connections"
	wsapi "github.com/lambridge-go/lambridge/local/websocket"
)

// testConfig has no credentials: the local gateway needs none.
func testConfig() aws.Config { return aws.Config{Region: "eu-west-1", RetryMaxAttempts: 1} }

// serve runs h as the function of a WebSocket API and returns the URL of its stage.
func serve(t *testing.T, h http.Handler) (endpoint string) {
	t.Helper()
	ws, err := wsapi.New(wsapi.Config{Default: wsapi.Lambda(adapter.Wrap(h), wsapi.LambdaOptions{}), Stage: "prod"})
	require.NoError(t, err)
	srv := httptest.NewServer(ws)
	t.Cleanup(func() {
		ws.Close()
		srv.Close()
	})
	return srv.URL + "/prod"
}

// connect opens a connection to an API that notes the ids of its connections.
func connect(t *testing.T, endpoint string, ids <-chan string) (*websocket.Conn, string) {
	t.Helper()
	c, _, err := websocket.Dial(t.Context(), endpoint, &websocket.DialOptions{HTTPHeader: http.Header{"User-Agent": {"test/1"}}})
	require.NoError(t, err)
	c.SetReadLimit(1 << 20)
	t.Cleanup(func() { c.CloseNow() })
	return c, <-ids
}

// noteIDs is a function that accepts every connection and notes its id.
func noteIDs(ids chan<- string) http.Handler {
	return http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if ws, ok := adapter.WebSocketFrom(r.Context()); ok && ws.EventType == "CONNECT" {
			ids <- ws.ConnectionID
		}
	})
}

func read(t *testing.T, c *websocket.Conn) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	_, data, err := c.Read(ctx)
	require.NoError(t, err)
	return string(data)
}

func TestClient(t *testing.T) {
	ids := make(chan string, 1)
	endpoint := serve(t, noteIDs(ids))
	client := connections.New(testConfig(), connections.Options{Endpoint: endpoint})
	c, id := connect(t, endpoint, ids)

	require.NoError(t, client.Send(t.Context(), id, []byte("hello ☕")))
	assert.Equal(t, "hello ☕", read(t, c))

	info, err := client.Info(t.Context(), id)
	require.NoError(t, err)
	assert.WithinDuration(t, time.Now(), info.ConnectedAt, time.Minute)
	assert.WithinDuration(t, time.Now(), info.LastActiveAt, time.Minute)
	assert.Equal(t, connections.Info{ConnectedAt: info.ConnectedAt, LastActiveAt: info.LastActiveAt, SourceIP: "127.0.0.1", UserAgent: "test/1"}, info)

	require.NoError(t, client.Close(t.Context(), id))
	_, _, err = c.Read(t.Context())
	assert.Equal(t, websocket.StatusNormalClosure, websocket.CloseStatus(err))

	calls := map[string]func() error{
		"send to":   func() error { return client.Send(t.Context(), id, []byte("late")) },
		"close":     func() error { return client.Close(t.Context(), id) },
		"ask about": func() error { _, err := client.Info(t.Context(), id); return err },
	}
	for action, call := range calls {
		err := call()
		assert.ErrorIs(t, err, connections.ErrGone, "%s (E4)", action)
		assert.ErrorAs(t, err, new(*types.GoneException), "%s: the SDK's type is kept (E4)", action)
		assert.ErrorContains(t, err, "connections: "+action+` "`+id+`": the connection is gone`)
	}
}

func TestClientErrors(t *testing.T) {
	ids := make(chan string, 1)
	endpoint := serve(t, noteIDs(ids))
	_, id := connect(t, endpoint, ids)
	client := connections.New(testConfig(), connections.Options{Endpoint: endpoint})

	t.Run("over 128 KB: refused before it is sent (rule 170, E4)", func(t *testing.T) {
		unreachable := connections.New(testConfig(), connections.Options{Endpoint: "http://127.0.0.1:1/prod"})
		err := unreachable.Send(t.Context(), id, make([]byte, connections.MaxMessage+1))
		require.EqualError(t, err, `connections: send to "`+id+`": the message has 131073 bytes, API Gateway sends at most 131072: send it in parts, or send a link to it`)
	})
	t.Run("128 KB", func(t *testing.T) {
		assert.NoError(t, client.Send(t.Context(), id, []byte(strings.Repeat("x", connections.MaxMessage))))
	})
	t.Run("the wrong stage (E4)", func(t *testing.T) {
		elsewhere := connections.New(testConfig(), connections.Options{Endpoint: strings.Replace(endpoint, "prod", "dev", 1)})
		err := elsewhere.Send(t.Context(), id, nil)
		assert.ErrorAs(t, err, new(*types.ForbiddenException))
		assert.NotErrorIs(t, err, connections.ErrGone)
	})
	t.Run("a malformed id (E4)", func(t *testing.T) {
		err := client.Send(t.Context(), "nonsense", nil)
		assert.ErrorContains(t, err, "BadRequestException: Invalid connectionId: nonsense")
		assert.NotErrorIs(t, err, connections.ErrGone)
	})
	t.Run("no endpoint", func(t *testing.T) {
		err := connections.New(testConfig(), connections.Options{}).Send(t.Context(), id, nil)
		assert.ErrorContains(t, err, "no endpoint: the context is not that of a WebSocket event")
	})
}

// TestClientAnswersInContext is the ordinary use: the event says where to send.
func TestClientAnswersInContext(t *testing.T) {
	client := connections.New(testConfig(), connections.Options{})
	during := make(chan error, 1)
	endpoint := serve(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		ws, _ := adapter.WebSocketFrom(r.Context())
		switch ws.EventType {
		case "CONNECT":
			during <- client.Send(r.Context(), ws.ConnectionID, []byte("too early"))
		case "MESSAGE":
			client.Send(r.Context(), ws.ConnectionID, []byte("hello"))
		}
	}))
	c, _, err := websocket.Dial(t.Context(), endpoint, nil)
	require.NoError(t, err)
	defer c.CloseNow()
	assert.ErrorIs(t, <-during, connections.ErrGone, "not before $connect has returned (E2)")
	require.NoError(t, c.Write(t.Context(), websocket.MessageText, []byte("hi")))
	assert.Equal(t, "hello", read(t, c))
}

// A recorder is an HTTP client that keeps the URL of a request and fails it.
type recorder struct{ url string }

func (r *recorder) Do(req *http.Request) (*http.Response, error) {
	r.url = req.URL.String()
	return nil, errors.New("recorded")
}

func TestClientEndpoint(t *testing.T) {
	const id = "R1kmxc2VNjMCFIA="
	tests := []struct {
		name, domain, stage, given, env string
		want                            string
	}{
		{"the event of an API", "abc.execute-api.eu-west-1.amazonaws.com", "prod", "", "", "https://abc.execute-api.eu-west-1.amazonaws.com/prod/@connections/R1kmxc2VNjMCFIA%3D"},
		{"an API in China", "abc.execute-api.cn-north-1.amazonaws.com.cn", "prod", "", "", "https://abc.execute-api.cn-north-1.amazonaws.com.cn/prod/@connections/R1kmxc2VNjMCFIA%3D"},
		{"a custom domain has no stage", "ws.example.com", "prod", "", "", "https://ws.example.com/@connections/R1kmxc2VNjMCFIA%3D"},
		{"the local gateway", "127.0.0.1:3000", "local", "", "", "http://127.0.0.1:3000/local/@connections/R1kmxc2VNjMCFIA%3D"},
		{"the local gateway, IPv6", "[::1]:3000", "local", "", "", "http://[::1]:3000/local/@connections/R1kmxc2VNjMCFIA%3D"},
		{"the environment wins over the event", "ws.example.com", "prod", "", "http://127.0.0.1:4000/dev", "http://127.0.0.1:4000/dev/@connections/R1kmxc2VNjMCFIA%3D"},
		{"Options win over the environment", "ws.example.com", "prod", "https://ws.example.com/chat", "http://127.0.0.1:4000/dev", "https://ws.example.com/chat/@connections/R1kmxc2VNjMCFIA%3D"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Setenv("AWS_CONFIG_FILE", "none")
			if tt.env != "" {
				t.Setenv("AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI", tt.env)
			}
			sent := new(recorder)
			cfg, err := config.LoadDefaultConfig(t.Context(), config.WithRegion("eu-west-1"),
				config.WithCredentialsProvider(credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", "")), config.WithRetryMaxAttempts(1))
			require.NoError(t, err)
			cfg.HTTPClient = sent
			client := connections.New(cfg, connections.Options{Endpoint: tt.given})

			f := adapter.Wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { client.Send(r.Context(), id, nil) }))
			payload := fmt.Sprintf(`{
				"requestContext": {"routeKey": "$default", "messageId": %[1]q, "eventType": "MESSAGE", "domainName": %[2]q, "stage": %[3]q, "connectionId": %[1]q},
				"body": "", "isBase64Encoded": false
			}`, id, tt.domain, tt.stage)
			_, err = f.Invoke(t.Context(), []byte(payload))
			require.NoError(t, err)
			assert.Equal(t, tt.want, sent.url)
		})
	}
}

// Whoever sends one message after another is heard in that order.
func TestSendKeepsOrder(t *testing.T) {
	const n = 300
	ids := make(chan string, 1)
	endpoint := serve(t, noteIDs(ids))
	client := connections.New(testConfig(), connections.Options{Endpoint: endpoint})
	c, id := connect(t, endpoint, ids)
	sent := make(chan error, 1)
	go func() {
		for i := range n {
			if err := client.Send(t.Context(), id, fmt.Append(nil, i)); err != nil {
				sent <- err
				return
			}
		}
		sent <- nil
	}()
	for i := range n {
		_, got, err := c.Read(t.Context())
		require.NoError(t, err)
		require.Equal(t, fmt.Sprint(i), string(got))
	}
	require.NoError(t, <-sent)
}
