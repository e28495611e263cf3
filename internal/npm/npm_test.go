package npm_test

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/internal/npm"
)

// pretend puts a node and an npm of the test's own first in PATH, with an empty cache.
// The npm does what script says, in which $log is a file that the test can read.
func pretend(t *testing.T, script string) (cache, log string) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("the programs are shell scripts")
	}
	programs, home := t.TempDir(), t.TempDir()
	log = filepath.Join(home, "log")
	for name, content := range map[string]string{"node": "", "npm": "log=" + log + "\n" + script} {
		require.NoError(t, os.WriteFile(filepath.Join(programs, name), []byte("#!/bin/sh\n"+content+"\n"), 0o700))
	}
	t.Setenv("PATH", programs+string(os.PathListSeparator)+os.Getenv("PATH"))
	t.Setenv("HOME", home) // where macOS has its cache
	t.Setenv("XDG_CACHE_HOME", filepath.Join(home, "cache"))
	cache, err := os.UserCacheDir()
	require.NoError(t, err)
	return filepath.Join(cache, "lambridge", "npm"), log
}

func TestInstallOnce(t *testing.T) {
	cache, log := pretend(t, `echo "$@" >> "$log"; while [ "$1" != --prefix ]; do shift; done; mkdir "$2/node_modules"`)
	dir, err := npm.Install(t.Context(), "left@1.0.0", "@scope/right@2.0.0")
	require.NoError(t, err)
	assert.DirExists(t, filepath.Join(dir, "node_modules"))
	again, err := npm.Install(t.Context(), "left@1.0.0", "@scope/right@2.0.0")
	require.NoError(t, err)
	assert.Equal(t, dir, again)
	other, err := npm.Install(t.Context(), "left@1.0.1")
	require.NoError(t, err)
	assert.NotEqual(t, dir, other, "another version")

	ran, err := os.ReadFile(log)
	require.NoError(t, err)
	lines := strings.Split(strings.TrimSpace(string(ran)), "\n")
	require.Len(t, lines, 2, "npm ran once for each")
	assert.True(t, strings.HasSuffix(lines[0], " left@1.0.0 @scope/right@2.0.0"), lines[0])
	assert.Len(t, entries(t, cache), 2)
}

func TestInstallThatFails(t *testing.T) {
	cache, _ := pretend(t, "echo no such package >&2; exit 1")
	_, err := npm.Install(t.Context(), "left@9.9.9")
	assert.ErrorContains(t, err, "npm: install left@9.9.9: exit status 1: no such package")
	assert.Empty(t, entries(t, cache), "half a folder is not taken for a whole one")
}

func TestInstallWithoutNode(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	_, err := npm.Install(t.Context(), "left@1.0.0")
	assert.ErrorIs(t, err, npm.ErrMissing)
}

func entries(t *testing.T, dir string) []os.DirEntry {
	t.Helper()
	all, err := os.ReadDir(dir)
	require.NoError(t, err)
	return all
}
