package pages_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v4"
)

// languages say what holds a block: a function here, or a test elsewhere that is named.
// A block of any other language is held by nothing, and does not pass.
var languages = map[string]string{
	"go":      "TestGo",
	"diff":    "TestDiffs",
	"json":    "TestJSON",
	"yaml":    "TestYAML",
	"sh":      "TestCommands",
	"":        "TestOutput", // what a command prints
	"mermaid": "TestDrawings",
	"ts":      "TestCDK in internal/conformance/deploy",
	"hcl":     "TestTerraform in internal/conformance/deploy",
}

func TestBlocksAreHeldByATest(t *testing.T) {
	for _, p := range pages(t) {
		for _, b := range p.blocks() {
			assert.Contains(t, languages, b.language, "%s:%d", b.page, b.line)
		}
	}
}

// A whole program builds, and every other piece of Go is quoted from a file that does.
func TestGo(t *testing.T) {
	code := codeOf(t, ".")
	for _, b := range blocksOf(t, "go") {
		if strings.HasPrefix(b.code, "package ") {
			program := filepath.Join(t.TempDir(), "main.go")
			require.NoError(t, os.WriteFile(program, []byte(b.code), 0o600))
			out, err := exec.CommandContext(t.Context(), "go", "vet", program).CombinedOutput()
			assert.NoError(t, err, "%s:%d: %s", b.page, b.line, out)
			continue
		}
		for part := range strings.SplitSeq(unindented(b.code), "\n...\n") {
			assert.True(t, strings.Contains(code, "\n"+strings.TrimSpace(part)+"\n"), "%s:%d: no file that compiles has\n%s", b.page, b.line, part)
		}
	}
}

// What a diff takes away is code of a program before its migration, what it adds is code
// of one after, both with the lines around it.
func TestDiffs(t *testing.T) {
	before, after := codeOf(t, "internal/conformance/migration/before"), codeOf(t, "internal/conformance/migration/after")
	for _, b := range blocksOf(t, "diff") {
		var left, right strings.Builder
		for line := range strings.Lines(b.code) {
			switch line[0] {
			case '-':
				left.WriteString(line[1:])
			case '+':
				right.WriteString(line[1:])
			default:
				left.WriteString(line)
				right.WriteString(line)
			}
		}
		assert.True(t, strings.Contains(before, "\n"+unindented(left.String())), "%s:%d: no program before has\n%s", b.page, b.line, &left)
		assert.True(t, strings.Contains(after, "\n"+unindented(right.String())), "%s:%d: no program after has\n%s", b.page, b.line, &right)
	}
}

// A drawing draws packages that there are.
func TestDrawings(t *testing.T) {
	folder := regexp.MustCompile(`\[((?:local|internal|adapter|lambdatest)(?:/[a-z]+)*)\b`)
	for _, b := range blocksOf(t, "mermaid") {
		for _, found := range folder.FindAllStringSubmatch(b.code, -1) {
			assert.DirExists(t, filepath.Join(root, found[1]), "%s:%d", b.page, b.line)
		}
	}
}

func TestJSON(t *testing.T) {
	for _, p := range pages(t) {
		for _, b := range p.blocks() {
			if b.language == "json" {
				assert.True(t, json.Valid([]byte(b.code)), "%s:%d is not JSON", b.page, b.line)
			}
		}
	}
}

func TestYAML(t *testing.T) {
	for _, p := range pages(t) {
		for _, b := range p.blocks() {
			if b.language == "yaml" {
				var tree yaml.Node
				assert.NoError(t, yaml.Unmarshal([]byte(b.code), &tree), "%s:%d", b.page, b.line)
			}
		}
	}
}

// blocksOf are the blocks of one language in all pages. There are some.
func blocksOf(t *testing.T, language string) []block {
	t.Helper()
	var found []block
	for _, p := range pages(t) {
		for _, b := range p.blocks() {
			if b.language == language {
				found = append(found, b)
			}
		}
	}
	require.NotEmpty(t, found)
	return found
}

// codeOf returns the Go files below a folder, as unindented returns them. Those of testdata
// are left out: nothing says that they compile.
func codeOf(t *testing.T, folder string) string {
	t.Helper()
	var code strings.Builder
	for _, name := range files(t, ".go") {
		if folder != "." && !strings.HasPrefix(name, folder+"/") || strings.Contains(path.Dir(name), "testdata") {
			continue
		}
		text, err := os.ReadFile(filepath.Join(root, name))
		require.NoError(t, err)
		code.WriteString("\n" + unindented(string(text)))
	}
	require.NotEmpty(t, code.String(), folder)
	return code.String()
}

// unindented is code with one space wherever there is room between words: where a line
// begins and how comments are aligned is another in a page than in a file.
func unindented(code string) string {
	var b strings.Builder
	for line := range strings.Lines(code) {
		b.WriteString(strings.Join(strings.Fields(line), " ") + "\n")
	}
	return b.String()
}
