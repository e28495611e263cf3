package build_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/local/internal/build"
)

// TestTogether builds the programs of a module that is none of this one's, by one
// command; of two folders by one name the first.
func TestTogether(t *testing.T) {
	module, output := t.TempDir(), t.TempDir()
	folder := func(name, text string) string {
		dir := filepath.Join(module, name)
		require.NoError(t, os.MkdirAll(dir, 0o700))
		require.NoError(t, os.WriteFile(filepath.Join(dir, "main.go"), []byte(text), 0o600))
		return dir
	}
	require.NoError(t, os.WriteFile(filepath.Join(module, "go.mod"), []byte("module example.com/shop\n\ngo 1.26\n"), 0o600))
	a := folder("cmd/a", "package main\n\nfunc main() { print(`a`) }\n")
	b := folder("cmd/b", "package main\n\nfunc main() { print(`b`) }\n")
	other := folder("other/a", "package main\n\nfunc main() { print(`other`) }\n")
	environ := append(os.Environ(), "GOWORK=off")

	programs, err := build.Together(t.Context(), output, []string{a, b, other}, environ)
	require.NoError(t, err)
	require.Len(t, programs, 2)
	for folder, want := range map[string]string{a: "a", b: "b"} {
		said, err := exec.Command(programs[folder]).CombinedOutput()
		require.NoError(t, err)
		assert.Equal(t, want, string(said))
	}
	assert.Equal(t, module, build.Module(other))

	_, err = build.Together(t.Context(), output, []string{a, folder("cmd/c", "package main\n")}, environ)
	require.Error(t, err)
	assert.Contains(t, strings.ReplaceAll(err.Error(), "\\", "/"), "function main is undeclared in the main package")
}
