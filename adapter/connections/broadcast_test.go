package connections_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/adapter/connections"
)

// patience is how long a test waits for what must happen. It matters only when that
// never does, so that it is longer than any machine needs.
const patience = 3 * time.Minute

// testConfig has no credentials: an endpoint on the loopback needs none.
func testConfig() aws.Config { return aws.Config{Region: "eu-west-1", RetryMaxAttempts: 1} }

// stub is an endpoint that answers POST /@connections/{id} as answer says.
func stub(t *testing.T, o connections.Options, answer func(w http.ResponseWriter, r *http.Request, id string)) *connections.Client {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer(w, r, strings.TrimPrefix(r.URL.Path, "/@connections/"))
	}))
	t.Cleanup(srv.Close)
	o.Endpoint = srv.URL
	return connections.New(testConfig(), o)
}

func TestBroadcastRetriesWhenThrottled(t *testing.T) {
	const n, refused = 50, 200 // retries that the SDK's own budget would not allow
	var calls atomic.Int64
	client := stub(t, connections.Options{}, func(w http.ResponseWriter, _ *http.Request, _ string) {
		if calls.Add(1) <= refused {
			w.Header().Set("X-Amzn-Errortype", "LimitExceededException")
			w.WriteHeader(http.StatusTooManyRequests)
		}
	})
	var ids []string
	for i := range n {
		ids = append(ids, strconv.Itoa(i))
	}
	result, err := client.Broadcast(t.Context(), slices.Values(ids), nil)
	require.NoError(t, err)
	assert.ElementsMatch(t, ids, result.Reached)
	assert.Empty(t, result.Gone)
	assert.EqualValues(t, n+refused, calls.Load())
}

func TestBroadcastSaysWhoFailed(t *testing.T) {
	client := stub(t, connections.Options{}, func(w http.ResponseWriter, _ *http.Request, id string) {
		switch id {
		case "forbidden":
			w.Header().Set("X-Amzn-Errortype", "ForbiddenException")
			w.WriteHeader(http.StatusForbidden)
		case "gone":
			w.Header().Set("X-Amzn-Errortype", "GoneException")
			w.WriteHeader(http.StatusGone)
		}
	})
	result, err := client.Broadcast(t.Context(), slices.Values([]string{"ok", "forbidden", "gone"}), nil)
	require.ErrorContains(t, err, `connections: broadcast: 1 connections failed, among them "forbidden"`)
	assert.Equal(t, []string{"ok"}, result.Reached)
	assert.Equal(t, []string{"gone"}, result.Gone)
	assert.Len(t, result.Failed, 1)
	assert.ErrorContains(t, result.Failed["forbidden"], "ForbiddenException")
}

func TestBroadcastStopsWhenTheContextEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	client := stub(t, connections.Options{Concurrency: 4}, func(_ http.ResponseWriter, r *http.Request, id string) {
		if strings.HasPrefix(id, "hangs") {
			cancel()
			<-r.Context().Done()
		}
	})
	var yielded []string
	ids := func(yield func(string) bool) {
		for _, id := range []string{"a", "b", "c", "hangs", "never"} {
			if id == "never" {
				<-ctx.Done()
			}
			yielded = append(yielded, id)
			if !yield(id) {
				return
			}
		}
		t.Error("asked for more ids after the end")
	}
	result, err := client.Broadcast(ctx, ids, nil)
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorContains(t, err, "connections: broadcast: stopped after")
	var accounted []string
	accounted = append(accounted, result.Reached...)
	for id := range result.Failed {
		accounted = append(accounted, id)
	}
	assert.Contains(t, result.Failed, "hangs", "tried, and nobody knows")
	for _, id := range accounted {
		assert.Contains(t, yielded, id)
	}
	assert.Len(t, accounted, len(slices.Compact(slices.Sorted(slices.Values(accounted)))), "each id once")
}

func TestBroadcastStopsBackingOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		config := testConfig()
		config.HTTPClient = roundTripper(func(r *http.Request) *http.Response {
			cancel()
			w := httptest.NewRecorder()
			w.Header().Set("X-Amzn-Errortype", "LimitExceededException")
			w.WriteHeader(http.StatusTooManyRequests)
			return w.Result()
		})
		start := time.Now()
		result, err := connections.New(config, connections.Options{Endpoint: "http://127.0.0.1"}).Broadcast(ctx, slices.Values([]string{"a"}), nil)
		require.ErrorIs(t, err, context.Canceled)
		assert.Contains(t, result.Failed, "a")
		assert.Zero(t, time.Since(start), "it waits for no second attempt")
	})
}

// A roundTripper is an HTTP client without a network.
type roundTripper func(*http.Request) *http.Response

func (f roundTripper) Do(r *http.Request) (*http.Response, error) { return f(r), nil }

func TestBroadcastRunsAsManyAtOnceAsItMay(t *testing.T) {
	var mu sync.Mutex
	var running, most int
	hold := make(chan struct{})
	release := sync.OnceFunc(func() { close(hold) })
	defer release()
	client := stub(t, connections.Options{Concurrency: 3}, func(http.ResponseWriter, *http.Request, string) {
		mu.Lock()
		running++
		most = max(most, running)
		mu.Unlock()
		<-hold
		mu.Lock()
		running--
		mu.Unlock()
	})
	ended := make(chan error, 1)
	go func() {
		_, err := client.Broadcast(t.Context(), slices.Values(slices.Repeat([]string{"x"}, 50)), nil)
		ended <- err
	}()
	require.Eventually(t, func() bool {
		mu.Lock()
		defer mu.Unlock()
		return running >= 3
	}, patience, 10*time.Millisecond)
	release()
	require.NoError(t, <-ended)
	assert.Equal(t, 3, most)
}

func TestBroadcastRefusesLargeMessages(t *testing.T) {
	client := stub(t, connections.Options{}, func(http.ResponseWriter, *http.Request, string) { t.Error("sent") })
	_, err := client.Broadcast(t.Context(), slices.Values([]string{"a"}), make([]byte, connections.MaxMessage+1))
	require.ErrorContains(t, err, "connections: broadcast: the message has 131073 bytes")
}

// BenchmarkBroadcast says how many connections a second one Broadcast reaches: what the
// processor allows, and what is left of it when an answer takes 10 ms. The server takes its
// share of the processor.
func BenchmarkBroadcast(b *testing.B) {
	for name, answers := range map[string]time.Duration{"answers at once": 0, "answers after 10 ms": 10 * time.Millisecond} {
		b.Run(name, func(b *testing.B) {
			srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
				if answers > 0 {
					<-time.After(answers)
				}
			}))
			defer srv.Close()
			client := connections.New(testConfig(), connections.Options{Endpoint: srv.URL})
			message := make([]byte, 1<<10)
			b.ReportAllocs()
			b.ResetTimer()
			_, err := client.Broadcast(b.Context(), slices.Values(slices.Repeat([]string{"R1kmxc2VNjMCFIA="}, b.N)), message)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "connections/s")
		})
	}
}
