package adapter_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A function carries the half of the wire formats that it uses, and is hardly larger
// than one that does without this package.
func TestBinary(t *testing.T) {
	if testing.Short() {
		t.Skip("builds two functions")
	}
	build := func(program string) string {
		t.Helper()
		binary := filepath.Join(t.TempDir(), program)
		cmd := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-o", binary, "./testdata/"+program)
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s", out)
		return binary
	}
	size := func(binary string) float64 {
		info, err := os.Stat(binary)
		require.NoError(t, err)
		return float64(info.Size())
	}
	wrapped, bare := build("wrapped"), build("bare")

	symbols, err := exec.Command("go", "tool", "nm", wrapped).Output()
	require.NoError(t, err)
	own := regexp.MustCompile(`lambridge/internal/event\.\S+`)
	require.Contains(t, string(symbols), "lambridge/internal/event.DecodeRequest")
	gateways := regexp.MustCompile(`(?i)event\.\S*(encodeEvent|decodeReply|gateway|response)`)
	for _, symbol := range own.FindAllString(string(symbols), -1) {
		assert.NotRegexp(t, gateways, symbol, "the gateway's half")
	}

	more := 100 * (size(wrapped)/size(bare) - 1)
	t.Logf("bare %.0f bytes, wrapped %.0f bytes, %+.2f %%", size(bare), size(wrapped), more)
	assert.LessOrEqual(t, more, 4.0, "per cent more than a function without this package")
}
