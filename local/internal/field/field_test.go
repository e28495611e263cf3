package field_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/lambridge-go/lambridge/local/internal/field"
)

func TestNamesInAnyCase(t *testing.T) {
	t.Parallel()
	h := http.Header{"X-A": {"1", "2"}, "x-a": {"3"}, "y": {"4"}}
	assert.Equal(t, []string{"1", "2", "3"}, field.Values(h, "X-a"))
	assert.Equal(t, "3", field.Last(h, "X-a"))
	assert.Empty(t, field.Values(h, "Z"))
	assert.Empty(t, field.Last(h, "Z"))

	key, ok := field.Spelling(h, "x-A")
	assert.Equal(t, "X-A", key)
	assert.True(t, ok)
	key, ok = field.Spelling(h, "Z")
	assert.Equal(t, "Z", key)
	assert.False(t, ok)

	assert.Equal(t, http.Header{"X-A": {"1", "2", "3"}, "Y": {"4"}}, field.Canonical(h))

	field.Drop(h, "X-a", "z")
	assert.Equal(t, http.Header{"y": {"4"}}, h)
}
