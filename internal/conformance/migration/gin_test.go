package migration_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A service with a global, a Handler and tests moves in two edits, both of imports, and
// its tests pass as they are. What is edited is a copy that the go command takes in the
// place of the file.
func TestGinServiceMovesInTwoEdits(t *testing.T) {
	const folder = "ginservice"
	source, err := os.ReadFile(filepath.Join(folder, "main.go"))
	require.NoError(t, err)
	moved := string(source)
	for _, edit := range []struct{ from, to string }{
		{`ginadapter "github.com/awslabs/aws-lambda-go-api-proxy/gin"`, `ginadapter "github.com/lambridge-go/lambridge/adapter/proxycompat"`},
		{`"github.com/awslabs/aws-lambda-go-api-proxy/core"`, `core "github.com/lambridge-go/lambridge/adapter/proxycompat"`},
	} {
		require.Equal(t, 1, strings.Count(moved, edit.from))
		moved = strings.Replace(moved, edit.from, edit.to, 1)
	}
	overlay := overlay(t, filepath.Join(folder, "main.go"), moved)

	tests, err := exec.CommandContext(t.Context(), "go", "test", "-count=1", "-v", "-overlay", overlay, "./"+folder).CombinedOutput()
	require.NoError(t, err, "%s", tests)
	for _, name := range []string{"TestHandler", "TestHandlerAnswersInBase64", "TestHandlerReadsEventsAsJSON"} {
		assert.Contains(t, string(tests), "--- PASS: "+name+" (")
	}
	linked, err := exec.CommandContext(t.Context(), "go", "list", "-deps", "-overlay", overlay, "./"+folder).CombinedOutput()
	require.NoError(t, err, "%s", linked)
	assert.Contains(t, string(linked), "github.com/lambridge-go/lambridge/adapter\n")
	assert.NotContains(t, string(linked), "aws-lambda-go-api-proxy", "nothing of it is left")
}

// overlay writes what the go command's -overlay reads: that a file has another content.
func overlay(t *testing.T, file, content string) string {
	t.Helper()
	dir := t.TempDir()
	replaced, err := filepath.Abs(file)
	require.NoError(t, err)
	replacement := filepath.Join(dir, "main.go")
	require.NoError(t, os.WriteFile(replacement, []byte(content), 0o600))
	text, err := json.Marshal(map[string]any{"Replace": map[string]string{replaced: replacement}})
	require.NoError(t, err)
	name := filepath.Join(dir, "overlay.json")
	require.NoError(t, os.WriteFile(name, text, 0o600))
	return name
}
