package arrival_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/lambridge-go/lambridge/local/internal/arrival"
)

func TestClockTime(t *testing.T) {
	zone := time.FixedZone("", -5*60*60)
	for _, at := range []time.Time{
		time.Date(2024, 1, 20, 11, 55, 8, 999, time.UTC),
		time.Date(2026, 12, 31, 23, 59, 59, 0, zone),
		time.Unix(0, 0),
	} {
		assert.Equal(t, at.UTC().Format("02/Jan/2006:15:04:05 -0700"), arrival.ClockTime(at))
	}
}
