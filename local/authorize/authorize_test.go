// The tests hold authorizers to what API Gateway was recorded to do, through gateways
// that they stand in: a request goes in, the event of the function behind and the
// answer come out. Rows cite where their truth is from.
package authorize_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/local/gateway"
	"github.com/lambridge-go/lambridge/local/internal/arrival"
	"github.com/lambridge-go/lambridge/local/invoke"
)

// now is when all requests come.
var now = time.Date(2026, 11, 27, 4, 30, 0, 0, time.UTC)

// A function is what invokes tests write.
type function func(ctx context.Context, payload []byte) ([]byte, error)

func (f function) Invoke(ctx context.Context, payload []byte) ([]byte, error) { return f(ctx, payload) }

// returns is a function that returns the same every time, and counts how often.
func returns(reply string, calls *int) invoke.Invoker {
	return function(func(context.Context, []byte) ([]byte, error) {
		if calls != nil {
			*calls++
		}
		return []byte(reply), nil
	})
}

// An api is a gateway with a function behind it that remembers its last event.
type api struct {
	t       *testing.T
	gateway *gateway.Gateway
	mu      sync.Mutex
	event   []byte
	logs    *logs
	clock   time.Time
}

// newAPI serves one authorizer on all of some routes, which lead to a function in a
// payload format.
func newAPI(t *testing.T, kind gateway.Kind, format gateway.Format, authorizer gateway.Authorizer, routes ...gateway.Route) *api {
	a := &api{t: t, logs: &logs{}, clock: now}
	for i := range routes {
		if routes[i].Authorizer == nil {
			routes[i].Authorizer = authorizer
		}
	}
	if routes == nil {
		key := "/{proxy+}"
		if kind == gateway.LambdaURL {
			key = "$default"
		}
		routes = []gateway.Route{{Key: key, Authorizer: authorizer}}
	}
	behind := function(func(_ context.Context, payload []byte) ([]byte, error) {
		a.mu.Lock()
		defer a.mu.Unlock()
		a.event = bytes.Clone(payload)
		return []byte(`{"statusCode":200,"body":"in"}`), nil
	})
	var err error
	a.gateway, err = gateway.New(
		gateway.API{Kind: kind, Routes: routes, Default: gateway.Lambda(behind, gateway.LambdaOptions{Format: format})},
		gateway.Options{Now: func() time.Time { return a.clock }, Logger: a.logs.logger()},
	)
	require.NoError(t, err)
	return a
}

// An answer is what the client got.
type answer struct {
	status    int
	errorType string
	challenge string
	body      string
}

func (a *api) send(r *http.Request) answer {
	a.t.Helper()
	a.event = nil
	w := httptest.NewRecorder()
	a.gateway.ServeHTTP(w, r)
	body, err := io.ReadAll(w.Body)
	require.NoError(a.t, err)
	sent := func(name string) string { return first(w.Header()[name]) } // spelled so on the wire
	return answer{w.Code, sent("x-amzn-ErrorType"), sent("www-authenticate"), string(body)}
}

// get sends GET /notes/1 with a header.
func (a *api) get(header ...string) answer {
	a.t.Helper()
	return a.send(request("GET", "/notes/1", header...))
}

func request(method, target string, header ...string) *http.Request {
	r := httptest.NewRequest(method, target, nil)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Add(header[i], header[i+1])
	}
	return r
}

func first(values []string) string {
	if len(values) == 0 {
		return ""
	}
	return values[0]
}

var in = answer{status: 200, body: "in"}

// context is a member of the event's requestContext, "absent" if it is not there.
func (a *api) context(name string) string {
	a.t.Helper()
	var event struct {
		RequestContext map[string]json.RawMessage `json:"requestContext"`
	}
	require.NoError(a.t, json.Unmarshal(a.event, &event), "the function was not called")
	if value, ok := event.RequestContext[name]; ok {
		return string(value)
	}
	return "absent"
}

// logs keep what was logged.
type logs struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logs) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logs) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func (l *logs) logger() *slog.Logger { return slog.New(slog.NewJSONHandler(l, nil)) }

// must is the authorizer that a constructor made.
func must[T any](made T, err error) T {
	if err != nil {
		panic(err)
	}
	return made
}

func assertJSON(t *testing.T, want, got string) {
	t.Helper()
	assert.JSONEq(t, want, got)
}

// arrivalAPI is what requests to a kind of API have in common.
func arrivalAPI(kind gateway.Kind) (found *arrival.API) {
	keep := gateway.AuthorizerFunc(func(_ context.Context, a *gateway.Arrival) (gateway.Authorization, error) {
		found = a.API
		return gateway.Authorization{}, nil
	})
	g := must(gateway.New(gateway.API{Kind: kind, Routes: []gateway.Route{{Key: "/{proxy+}", Authorizer: keep}},
		Default: gateway.Lambda(returns(`{"statusCode":200}`, nil), gateway.LambdaOptions{})}, gateway.Options{}))
	g.ServeHTTP(httptest.NewRecorder(), request("GET", "/x"))
	return found
}
