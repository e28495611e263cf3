package connections

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	api "github.com/aws/aws-sdk-go-v2/service/apigatewaymanagementapi"
)

// A Result says what became of a Broadcast, connection by connection. The ids are
// in no particular order. An id that is nowhere in it was not tried.
type Result struct {
	// Reached are the connections that API Gateway took the message for.
	Reached []string

	// Gone are the connections that do not exist any more. Remove them from the
	// store.
	Gone []string

	// Failed are the connections that were tried and may or may not have the message:
	// API Gateway kept refusing, the network failed, or the context ended meanwhile.
	Failed map[string]error
}

// Broadcast sends data to every connection of ids, some at a time, in no
// particular order. 429 answers are retried with growing delays. It returns an
// error if the context ended or a connection failed for any other reason than
// being gone; the Result is complete even then.
//
// ids may read a store while it is ranged over. It is ranged over in the calling
// goroutine and not after Broadcast has returned. When ctx ends, Broadcast returns
// as soon as ids yields; calls under way are broken off.
func (c *Client) Broadcast(ctx context.Context, ids iter.Seq[string], data []byte) (Result, error) {
	var result Result
	if err := checkSize(data); err != nil {
		return result, fmt.Errorf("connections: broadcast: %w", err)
	}
	at, err := c.at(ctx)
	if err != nil {
		return result, fmt.Errorf("connections: broadcast: %w", err)
	}
	retrying := patiently()

	var mu sync.Mutex
	note := func(id string, err error) {
		mu.Lock()
		defer mu.Unlock()
		switch {
		case err == nil:
			result.Reached = append(result.Reached, id)
		case errors.Is(err, ErrGone):
			result.Gone = append(result.Gone, id)
		default:
			if result.Failed == nil {
				result.Failed = make(map[string]error)
			}
			result.Failed[id] = err
		}
	}

	work := make(chan string)
	var workers sync.WaitGroup
	for range c.concurrency {
		workers.Go(func() {
			for id := range work {
				note(id, failure("send to", id, c.post(ctx, id, data, at, retrying)))
			}
		})
	}
	for id := range ids {
		if ctx.Err() != nil { // select alone would choose at random
			break
		}
		select {
		case work <- id:
		case <-ctx.Done():
		}
	}
	close(work)
	workers.Wait()

	if err := ctx.Err(); err != nil {
		return result, fmt.Errorf("connections: broadcast: stopped after %d connections: %w", len(result.Reached)+len(result.Gone), err)
	}
	for id, err := range result.Failed {
		return result, fmt.Errorf("connections: broadcast: %d connections failed, among them %q: %w", len(result.Failed), id, err)
	}
	return result, nil
}

// patiently makes the SDK try again on 429 for about half a minute.
//
// The SDK's own retries share a budget, so that a service in trouble is not made
// worse; in a broadcast one full buffer would use it up for everyone. The delays
// are random in their whole range, so that sends refused together do not come back
// together.
func patiently() func(*api.Options) {
	const attempts, shortest, longest = 10, 50 * time.Millisecond, 5 * time.Second
	retryer := retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts = attempts
		o.RateLimiter = ratelimit.None
		o.Backoff = retry.BackoffDelayerFunc(func(attempt int, _ error) (time.Duration, error) {
			ceiling := min(shortest<<min(attempt, 10), longest)
			return ceiling/10 + rand.N(ceiling), nil
		})
	})
	return func(o *api.Options) { o.Retryer = retryer }
}
