package gateway_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/internal/source"
	"github.com/lambridge-go/lambridge/local/gateway"
)

// The names that functions know and the front doors that are stood in for are the same,
// but for WebSocket APIs, which carry no requests.
func TestSourcesAreThoseOfFunctions(t *testing.T) {
	t.Parallel()
	names := slices.DeleteFunc(source.All(), func(s source.Source) bool { return s == source.WebSocket })
	assert.ElementsMatch(t, names, gateway.Sources())
	for _, s := range gateway.Sources() {
		facts, ok := gateway.Facts(s)
		require.True(t, ok)
		assert.Equal(t, s, facts.Source)
	}
	_, ok := gateway.Facts(source.WebSocket)
	assert.False(t, ok, "WebSocket APIs are another package's")
}
