package adapter

import (
	"io"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/lambridge-go/lambridge/internal/event"
)

// A requestBody is the body of a request, as net/http's server has it: reading
// after Close fails, and so does reading after the handler has returned, or after the
// deadline that a ResponseController has set. Like net/http's it allows for concurrent
// use.
type requestBody struct {
	mu       sync.Mutex
	source   *event.Body // nil for a request without a body
	closed   bool
	deadline *time.Time // nil for none
}

// Read is part of io.ReadCloser.
func (b *requestBody) Read(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.closed:
		return 0, http.ErrBodyReadAfterClose
	case past(b.deadline):
		return 0, os.ErrDeadlineExceeded
	}
	return b.source.Read(p)
}

// left is how much there still is to read of a source, at most, if that is the body of a
// request, and no limit for any other.
func left(src io.Reader) int64 {
	b, ok := src.(*requestBody)
	if !ok {
		return 1 << 62
	}
	b.mu.Lock()
	n := b.source.Left()
	b.mu.Unlock()
	return max(int64(n), 1) // one more read tells the end
}

// Close is part of io.ReadCloser.
func (b *requestBody) Close() error {
	b.mu.Lock()
	b.closed = true
	b.mu.Unlock()
	return nil
}

// finish closes the body for good, whoever still holds it. A Read under way is waited
// for: from then on nobody looks at what the body was read from.
func (b *requestBody) finish() {
	b.mu.Lock()
	b.closed = true
	b.source.Close()
	b.mu.Unlock()
}

func (b *requestBody) setDeadline(t time.Time) {
	b.mu.Lock()
	b.deadline = &t
	b.mu.Unlock()
}

// past reports whether a deadline is over. The zero time is none.
func past(deadline *time.Time) bool {
	return deadline != nil && !deadline.IsZero() && !time.Now().Before(*deadline)
}
