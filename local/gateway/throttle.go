package gateway

import (
	"fmt"
	"sync"
	"time"
)

// A Throttle limits how many requests a route takes: Rate a second on average, Burst at
// once. What is over it is answered with 429.
//
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html
type Throttle struct {
	Rate  float64
	Burst int
}

// A bucket holds the requests that a Throttle still lets through. A nil one holds any
// number.
type bucket struct {
	Throttle
	mu     sync.Mutex
	tokens float64
	filled time.Time
}

func newBucket(t *Throttle) (*bucket, error) {
	switch {
	case t == nil:
		return nil, nil
	case t.Rate < 0 || t.Burst < 0:
		return nil, fmt.Errorf("Throttle %v a second, %d at once: neither can be negative", t.Rate, t.Burst)
	}
	return &bucket{Throttle: *t, tokens: float64(t.Burst)}, nil
}

// take reports whether there is room for a request now.
func (b *bucket) take(now time.Time) bool {
	if b == nil {
		return true
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.filled.IsZero() {
		b.tokens = min(float64(b.Burst), b.tokens+now.Sub(b.filled).Seconds()*b.Rate)
	}
	b.filled = now
	if b.tokens < 1 {
		return false
	}
	b.tokens--
	return true
}
