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

func TestIDsOfAMessage(t *testing.T) {
	now := time.Unix(0x5759e988, 0)
	request, message, trace := arrival.NewMessageIDs(now)
	assert.Regexp(t, `^[\w-]{15}=$`, request)
	assert.Regexp(t, `^[\w-]{15}=$`, message)
	assert.Regexp(t, `^Root=1-5759e988-[0-9a-f]{24}$`, trace)
	again, _, anew := arrival.NewMessageIDs(now)
	assert.NotEqual(t, request, message)
	assert.NotEqual(t, request, again)
	assert.NotEqual(t, trace, anew)
}
