package policy_test

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Every package is in the map of CONTRIBUTING.md: in a row of its own, or by its name in
// a row of the folder it stands in. The programs of examples, benchmarks and tests are
// as many as there are things to show, and the row of their folder stands for them.
func TestMap(t *testing.T) {
	text, err := os.ReadFile("../../CONTRIBUTING.md")
	require.NoError(t, err)
	rows := map[string]string{}
	for line := range strings.Lines(string(text)) {
		if folder, row, found := strings.Cut(strings.TrimPrefix(line, "| `"), "/` |"); found && strings.HasPrefix(line, "| `") {
			rows[folder] += row // a folder of many packages has several
		}
	}
	for _, folder := range packageFolders(t) {
		_, own := rows[folder]
		assert.True(t, own || strings.Contains(rows[path.Dir(folder)], "`"+path.Base(folder)+"`"), "%s is not in the map of CONTRIBUTING.md", folder)
	}
}

// PackageFolders are those with Go files of which a map has to tell.
func packageFolders(t *testing.T) []string {
	t.Helper()
	seen := map[string]bool{}
	var folders []string
	require.NoError(t, filepath.WalkDir("../..", func(name string, entry fs.DirEntry, err error) error {
		folder := strings.TrimPrefix(filepath.ToSlash(name), "../../")
		if err != nil {
			return err
		}
		if entry.IsDir() {
			switch {
			case entry.Name() == "testdata", entry.Name() == "node_modules", entry.Name() == ".git",
				path.Dir(folder) == "examples", path.Dir(folder) == "internal/bench",
				strings.HasPrefix(folder, "internal/conformance/") && strings.Count(folder, "/") > 2:
				return filepath.SkipDir
			}
			return nil
		}
		if parent := path.Dir(folder); strings.HasSuffix(folder, ".go") && parent != "." && !seen[parent] {
			seen[parent] = true
			folders = append(folders, parent)
		}
		return nil
	}))
	require.NotEmpty(t, folders)
	return folders
}
