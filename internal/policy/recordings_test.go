package policy_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What one half reads the other writes: both are held to the same recordings, of which
// each module has a copy of its own.
func TestRecordingsAreTheSame(t *testing.T) {
	copies, err := filepath.Glob("../../local/internal/format/testdata/events/*.json")
	require.NoError(t, err)
	require.NotEmpty(t, copies)
	for _, path := range copies {
		name := filepath.Base(path)
		read, err := os.ReadFile("../event/testdata/recorded/" + name)
		if os.IsNotExist(err) {
			read, err = os.ReadFile("../event/testdata/samples/" + name)
		}
		require.NoError(t, err)
		written, err := os.ReadFile(path)
		require.NoError(t, err)
		assert.Equal(t, string(read), string(written), name)
	}
}
