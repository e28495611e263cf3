package bucket_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/lambridge-go/lambridge/local/internal/bucket"
)

func TestABucketFillsAgain(t *testing.T) {
	b, now := bucket.New(2, 3), time.Unix(0, 0)
	taken := func(n int) (taken int) {
		for range n {
			if b.Take(now) {
				taken++
			}
		}
		return taken
	}
	assert.Equal(t, 3, taken(5), "the burst")
	now = now.Add(500 * time.Millisecond)
	assert.Equal(t, 1, taken(5), "two a second")
	now = now.Add(time.Hour)
	assert.Equal(t, 3, taken(5), "never more than the burst")
	b = nil
	assert.Equal(t, 9, taken(9), "there is no limit")
}
