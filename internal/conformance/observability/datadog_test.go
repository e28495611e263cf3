package observability_test

import (
	"os"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/assert"
)

// Datadog's wrappers have a module of their own, which brings more than a hundred others: it
// is tested where its modules can be had, and there is time.
func TestDatadog(t *testing.T) {
	if os.Getenv("LAMBRIDGE_LONG") != "1" {
		t.Skip("builds Datadog's agent; LAMBRIDGE_LONG=1 runs it")
	}
	goCommand := func(args ...string) ([]byte, error) {
		cmd := exec.CommandContext(t.Context(), "go", args...)
		cmd.Dir, cmd.Env = "testdata/datadog", append(os.Environ(), "GOWORK=off", "GOFLAGS=")
		return cmd.CombinedOutput()
	}
	if out, err := goCommand("mod", "download"); err != nil {
		t.Skipf("its modules cannot be downloaded: %v: %s", err, out)
	}
	out, err := goCommand("test", "./...")
	assert.NoError(t, err, "%s", out)
}
