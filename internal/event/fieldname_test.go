package event_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/lambridge-go/lambridge/internal/event"
	"github.com/stretchr/testify/require"
)

// net/http is the oracle, with each byte there is at each place of names that end
// within a word of eight bytes, at its end, and beyond the room.
func TestCanonicalName(t *testing.T) {
	for _, name := range []string{
		"x", "sec-ch-ua", "ACCEPT-ENCODING", "x-Forwarded-pROTO", "a-b--c-", "x-b3-traceid", "x_under.score",
		strings.Repeat("a-b", 21), strings.Repeat("a", 64), strings.Repeat("a-", 40),
	} {
		for at := range len(name) {
			for c := range 256 {
				changed := []byte(name)
				changed[at] = byte(c)
				var want []byte
				if event.IsToken(string(changed)) {
					want = []byte(http.CanonicalHeaderKey(string(changed)))
				}
				require.Equal(t, want != nil && string(want) == string(changed), event.IsCanonical(string(changed)), "%q", changed)
				var room [64]byte
				require.Equal(t, want, event.CanonicalName(&room, slices.Clip(changed)), "%q", changed)

				behind := append(changed, "Ab-cDef\xff"...)[:len(name)]
				require.Equal(t, want, event.CanonicalName(&room, behind), "%q with something behind it", changed)
			}
		}
	}
	var room [64]byte
	require.Nil(t, event.CanonicalName(&room, nil))
	require.False(t, event.IsCanonical(""))
	require.True(t, event.IsCanonical("X-Amzn-Trace-Id"))
}
