// Package bucket limits how often something may happen, as API Gateway throttles routes: by
// a token bucket.
package bucket

import (
	"sync"
	"time"
)

// A Bucket holds what may still happen now. It is safe for concurrent use. A nil one holds
// any number.
type Bucket struct {
	rate  float64
	burst int

	mu     sync.Mutex
	tokens float64
	filled time.Time
}

// New returns a full bucket: burst may happen at once, and rate a second on average.
func New(rate float64, burst int) *Bucket {
	return &Bucket{rate: rate, burst: burst, tokens: float64(burst)}
}

// Rate and Burst are those that New was given.
func (b *Bucket) Rate() float64 { return b.rate }
func (b *Bucket) Burst() int    { return b.burst }

// Take reports whether there is room for one more now.
func (b *Bucket) Take(now time.Time) bool {
	if b == nil {
		return true
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.filled.IsZero() {
		b.tokens = min(float64(b.burst), b.tokens+now.Sub(b.filled).Seconds()*b.rate)
	}
	b.filled = now
	if b.tokens < 1 {
		return false
	}
	b.tokens--
	return true
}
