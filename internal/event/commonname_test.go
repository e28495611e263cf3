package event_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/lambridge-go/lambridge/internal/event"
	"github.com/stretchr/testify/require"
)

// Each common name is spelt as net/http spells it, and found in whatever case, with nothing or
// something behind it; with a byte changed it is another name, or the same in another case.
func TestCommonNames(t *testing.T) {
	names := event.CommonNames()
	require.NotEmpty(t, names)
	for _, name := range names {
		require.Equal(t, http.CanonicalHeaderKey(name), name)
		for _, spelt := range []string{name, strings.ToLower(name), strings.ToUpper(name)} {
			require.Equal(t, name, event.CommonName(slices.Clip([]byte(spelt))))
			require.Equal(t, name, event.CommonName([]byte(spelt + "Ab-cDef\xff")[:len(spelt)]))
		}
		for at := range len(name) {
			for c := range 256 {
				changed := []byte(name)
				changed[at] = byte(c)
				if found := event.CommonName(changed); found != "" {
					require.True(t, event.IsToken(string(changed)), "%q", changed)
					require.Equal(t, http.CanonicalHeaderKey(string(changed)), found)
				}
			}
		}
	}
	for _, other := range []string{"", "x", "accep", "accept-", "x-forwarded-fo", strings.Repeat("a", 32), strings.Repeat("a", 33)} {
		require.Empty(t, event.CommonName([]byte(other)), other)
	}
}
