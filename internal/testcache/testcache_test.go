package testcache_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// go test remembers the result of a test, and of one that calls Bypass it does not.
func TestBypass(t *testing.T) {
	source, err := os.ReadFile("testcache.go")
	require.NoError(t, err)
	for name, test := range map[string]struct {
		call   string
		cached bool
	}{
		"a test":                   {"testcache.Bypass", true},
		"a test that calls Bypass": {"testcache.Bypass()", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			for file, text := range map[string]string{
				"go.mod":                 "module example.com/m\n\ngo 1.26\n",
				"testcache/testcache.go": string(source),
				"m_test.go":              "package m\n\nimport (\n\t\"testing\"\n\n\t\"example.com/m/testcache\"\n)\n\nfunc Test(t *testing.T) { _ = " + test.call + " }\n",
			} {
				require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, file)), 0o755))
				require.NoError(t, os.WriteFile(filepath.Join(dir, file), []byte(text), 0o644))
			}
			var said string
			for range 2 {
				cmd := exec.CommandContext(t.Context(), "go", "test", ".")
				cmd.Dir, cmd.Env = dir, append(os.Environ(), "GOWORK=off", "GOFLAGS=")
				out, err := cmd.CombinedOutput()
				require.NoError(t, err, "%s", out)
				said = string(out)
			}
			assert.Equal(t, test.cached, strings.Contains(said, "(cached)"), said)
		})
	}
}
