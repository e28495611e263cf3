//go:build unix

package build_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/local/internal/build"
)

// The compilers and linkers that the go command has started end with it.
func TestCancelledBuildLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	running := filepath.Join(dir, "running")
	script := "#!/bin/sh\nsleep 1000 &\necho $! > '" + running + "'\nwait\n"
	require.NoError(t, os.WriteFile(filepath.Join(dir, "go"), []byte(script), 0o755))
	t.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))

	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	built := make(chan error, 1)
	go func() { built <- build.Open(".", nil).Build(ctx, filepath.Join(dir, "bootstrap")) }()
	var compiler int
	require.Eventually(t, func() bool {
		id, _ := os.ReadFile(running)
		_, err := fmt.Sscanln(string(id), &compiler)
		return err == nil
	}, patience, 5*time.Millisecond, "nothing is compiled")
	cancel()
	select {
	case err := <-built:
		assert.ErrorIs(t, err, context.Canceled)
	case <-time.After(patience):
		assert.Fail(t, "the build goes on")
	}
	gone := func() bool {
		status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", compiler))
		return syscall.Kill(compiler, 0) != nil || strings.Contains(string(status), ") Z ")
	}
	if !assert.Eventually(t, gone, patience, 5*time.Millisecond, "the compiler goes on") {
		syscall.Kill(compiler, syscall.SIGKILL)
	}
}

// A full disk is no mistake of the sources.
func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	script := "#!/bin/sh\necho 'go: creating work dir: mkdir go-build1: no space left on device' >&2\nexit 1\n"
	require.NoError(t, os.WriteFile(filepath.Join(dir, "go"), []byte(script), 0o755))
	t.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
	err := build.Open(".", nil).Build(t.Context(), filepath.Join(dir, "bootstrap"))
	var failure *build.Error
	assert.False(t, errors.As(err, &failure), "%v", err) //nolint:testifylint // testify 1.9.0, the lowest that is promised, has no NotErrorAs
	assert.ErrorContains(t, err, "build: no room for the program: the disk of "+dir+" or of the go command's cache is full")
}
