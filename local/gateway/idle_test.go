package gateway_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/lambridge-go/lambridge/local/gateway"
	"github.com/lambridge-go/lambridge/local/invoke"
)

// slow is a function that waits before each piece of its stream, until nobody reads it.
type slow struct {
	streams
	wait   time.Duration
	pieces int
}

func (s slow) InvokeStream(ctx context.Context, _ []byte) (*invoke.Stream, error) {
	body, to := io.Pipe()
	go func() {
		_, _ = io.WriteString(to, "{}"+nuls)
		for range s.pieces {
			select {
			case <-time.After(s.wait):
			case <-ctx.Done():
				to.CloseWithError(ctx.Err())
				return
			}
			_, _ = io.WriteString(to, "x")
		}
		to.Close()
	}()
	return &invoke.Stream{ContentType: invoke.IntegrationResponse, Body: body}, nil
}

// A REST API ends a stream of which nothing comes for five minutes
// (docs/front-doors.md). How long the whole takes is another limit.
func TestIdleStreams(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		source        gateway.Source
		timeout, wait time.Duration
		pieces        int
		want, why     string
		took          time.Duration
	}{
		"REST: a piece every 4 minutes":       {gateway.REST, 0, 4 * time.Minute, 3, "xxx", "", 12 * time.Minute},
		"REST: nothing for 5 minutes":         {gateway.REST, 0, 6 * time.Minute, 3, "", "gateway: the stream is cut, nothing of it has come for 5m0s", 5 * time.Minute},
		"REST: all of it may take 15 minutes": {gateway.REST, 0, 4 * time.Minute, 9, "xxx", "gateway: the stream is cut after 15m0s", 15 * time.Minute},
		"REST with a debugger waits for ever": {gateway.REST, -1, time.Hour, 1, "x", "", time.Hour},
		"a function URL has no such limit":    {gateway.FunctionURL, 0, 10 * time.Minute, 1, "x", "", 10 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var seen gateway.Exchange
				g := open(t, config{Source: test.source, Stream: true, Timeout: test.timeout, Function: slow{wait: test.wait, pieces: test.pieces}, Observe: func(x gateway.Exchange) { seen = x }})
				began := time.Now()
				w := send(g, "GET", "/", "")
				assert.Equal(t, test.took, time.Since(began))
				assert.Equal(t, test.want, w.Body.String())
				why := ""
				if seen.Err != nil {
					why = seen.Err.Error()
				}
				assert.Equal(t, test.why, why)
			})
		})
	}
}

// So it ends that of an HTTP server, whose call ends with it.
func TestIdleStreamOfAServer(t *testing.T) {
	t.Parallel()
	left := make(chan struct{})
	back := record(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "one ")
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
		close(left)
	})
	var seen gateway.Exchange
	g := oneRoute(t, gateway.RESTAPI, "GET /x", gateway.HTTPProxy(back.URL, gateway.HTTPProxyOptions{Stream: true}), func(_ *gateway.API, o *gateway.Options) {
		o.Observe = func(x gateway.Exchange) { seen = x }
	})
	gateway.SetIdle(g, 100*time.Millisecond)
	w := httptest.NewRecorder()
	g.ServeHTTP(w, httptest.NewRequest("GET", "/x", nil))
	<-left
	assert.EqualError(t, seen.Err, "gateway: the stream is cut, nothing of it has come for 100ms")
	assert.Equal(t, "200", fmt.Sprint(w.Code))
}
