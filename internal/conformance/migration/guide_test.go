// Package migration_test holds MIGRATING.md: what it quotes is code that compiles, the
// code before and after does the same, and where they differ the guide says so.
package migration_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What a diff takes away is code of package before, what it adds is code of package
// after, both with the lines around it.
func TestDiffsAreOfCodeThatCompiles(t *testing.T) {
	before, after := codeOf(t, "before"), codeOf(t, "after")
	diffs := blocks(t, "diff")
	require.NotEmpty(t, diffs)
	for _, diff := range diffs {
		var left, right strings.Builder
		for line := range strings.Lines(diff) {
			switch code := strings.Join(strings.Fields(line[1:]), " ") + "\n"; line[0] {
			case '-':
				left.WriteString(code)
			case '+':
				right.WriteString(code)
			default:
				left.WriteString(code)
				right.WriteString(code)
			}
		}
		assert.Contains(t, before, "\n"+left.String(), "%s", diff)
		assert.Contains(t, after, "\n"+right.String(), "%s", diff)
	}
}

// Go in the guide is code of package after, or of this package's tests.
func TestGoIsOfCodeThatCompiles(t *testing.T) {
	code := codeOf(t, "after") + codeOf(t, ".")
	quoted := blocks(t, "go")
	require.NotEmpty(t, quoted)
	for _, block := range quoted {
		var lines strings.Builder
		for line := range strings.Lines(block) {
			lines.WriteString(strings.Join(strings.Fields(line), " ") + "\n")
		}
		assert.Contains(t, code, "\n"+lines.String(), "%s", block)
	}
}

func guide(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../../MIGRATING.md")
	require.NoError(t, err)
	return string(text)
}

// blocks returns the code of one language in the guide.
func blocks(t *testing.T, language string) []string {
	t.Helper()
	var found []string
	for _, rest := range strings.Split("\n"+guide(t), "\n```"+language+"\n")[1:] {
		block, _, closed := strings.Cut(rest, "```")
		require.True(t, closed, "a block does not end")
		found = append(found, block)
	}
	return found
}

// codeOf returns the Go files of a folder without their indentation.
func codeOf(t *testing.T, folder string) string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(folder, "*.go"))
	require.NoError(t, err)
	require.NotEmpty(t, names)
	var code strings.Builder
	for _, name := range names {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		for line := range strings.Lines(string(text)) {
			code.WriteString(strings.Join(strings.Fields(line), " ") + "\n")
		}
	}
	return code.String()
}
