package policy_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The program that greets a newcomer in README.md is one that builds.
func TestReadmeProgram(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	_, snippet, found := strings.Cut(string(readme), "```go\npackage main\n")
	require.True(t, found, "README.md begins with a whole program")
	body, _, found := strings.Cut(snippet, "```")
	require.True(t, found, "the program ends")

	program := filepath.Join(t.TempDir(), "main.go")
	require.NoError(t, os.WriteFile(program, []byte("package main\n"+body), 0o600))
	out, err := exec.Command("go", "vet", program).CombinedOutput()
	require.NoError(t, err, "go vet: %s", out)
}
