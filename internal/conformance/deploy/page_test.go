// Package deploy_test holds docs/deploy.md to what the tools it names would say, as far as
// that can be asked without an account.
package deploy_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/internal/testcache"
)

// root is where the repository is.
const root = "../../.."

// snippet returns the page's one block of a language.
func snippet(t *testing.T, language string) string {
	t.Helper()
	require.NoError(t, testcache.Bypass())
	page, err := os.ReadFile(filepath.Join(root, "docs", "deploy.md"))
	require.NoError(t, err)
	parts := strings.Split(string(page), "\n```"+language+"\n")
	require.Len(t, parts, 2, "blocks of %s", language)
	code, _, found := strings.Cut(parts[1], "\n```\n")
	require.True(t, found, "the block does not end")
	return code + "\n"
}

// skip skips a test without a tool, unless the environment demands that all tests run.
func skip(t *testing.T, why string) {
	t.Helper()
	if os.Getenv("LAMBRIDGE_REQUIRE_TOOLS") == "1" {
		require.FailNow(t, "LAMBRIDGE_REQUIRE_TOOLS asks for it: "+why)
	}
	t.Skip(why)
}

// write writes a file of a folder.
func write(t *testing.T, dir, name, text string) {
	t.Helper()
	require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
}

// run runs a command in a folder and returns what it prints.
func run(t *testing.T, dir string, command ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), command[0], command[1:]...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s: %s", strings.Join(command, " "), out)
	return string(out)
}
