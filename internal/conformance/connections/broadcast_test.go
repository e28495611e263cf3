package connections_test

import (
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/adapter/connections"
)

func TestBroadcastToManyOfWhomSomeAreGone(t *testing.T) {
	const n = 2000
	ids := make(chan string, n)
	endpoint := serve(t, noteIDs(ids))
	client := connections.New(testConfig(), connections.Options{Endpoint: endpoint})

	var all, gone []string
	var received sync.WaitGroup
	var right atomic.Int64
	for i := range n {
		c, id := connect(t, endpoint, ids)
		all = append(all, id)
		if i%100 == 0 { // 1 % are gone
			gone = append(gone, id)
			require.NoError(t, client.Close(t.Context(), id))
			continue
		}
		received.Go(func() {
			if _, data, err := c.Read(t.Context()); err == nil && string(data) == "to all" {
				right.Add(1)
			}
		})
	}

	start := time.Now()
	result, err := client.Broadcast(t.Context(), slices.Values(all), []byte("to all"))
	t.Logf("%d connections in %s", n, time.Since(start).Round(time.Millisecond))
	require.NoError(t, err)
	assert.ElementsMatch(t, gone, result.Gone)
	assert.Len(t, result.Reached, n-len(gone))
	assert.Empty(t, result.Failed)
	received.Wait()
	assert.EqualValues(t, n-len(gone), right.Load(), "each of them received it")
}

func TestBroadcastWhileClientsLeave(t *testing.T) {
	const n = 200
	ids := make(chan string, n)
	endpoint := serve(t, noteIDs(ids))
	client := connections.New(testConfig(), connections.Options{Endpoint: endpoint, Concurrency: 8})
	var all []string
	var leaving sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		c, id := connect(t, endpoint, ids)
		all = append(all, id)
		if i%2 == 0 {
			leaving.Go(func() {
				<-start
				c.CloseNow()
			})
		}
	}
	close(start)
	result, err := client.Broadcast(t.Context(), slices.Values(all), []byte(strings.Repeat("x", 64<<10)))
	leaving.Wait()
	require.NoError(t, err)
	assert.ElementsMatch(t, all, append(result.Reached, result.Gone...), "each is one or the other")
	for i := 1; i < n; i += 2 {
		assert.Contains(t, result.Reached, all[i], "who stayed was reached")
	}
}
