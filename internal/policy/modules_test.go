package policy_test

import (
	"encoding/json"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A moduleFile is a go.mod as `go mod edit -json` prints it.
type moduleFile struct {
	Module  struct{ Path string }
	Require []struct {
		Path, Version string
		Indirect      bool
	}
	Replace, Exclude []json.RawMessage
}

// modules are the go.mod files of the modules that go.work lists, in its order. It is
// the one list of modules; whoever needs them reads it.
func modules(t *testing.T) []moduleFile {
	t.Helper()
	var workspace struct{ Use []struct{ DiskPath string } }
	decode(t, &workspace, "go", "work", "edit", "-json", "../../go.work")
	var files []moduleFile
	for _, use := range workspace.Use {
		var file moduleFile
		decode(t, &file, "go", "mod", "edit", "-json", filepath.Join("../..", use.DiskPath, "go.mod"))
		require.Equal(t, path.Join(module, filepath.ToSlash(use.DiskPath)), file.Module.Path, "a module is named after its folder")
		files = append(files, file)
	}
	return files
}

// decode reads the JSON that a command prints.
func decode(t *testing.T, into any, command ...string) {
	t.Helper()
	out, err := exec.Command(command[0], command[1:]...).Output()
	require.NoError(t, err, "%s", strings.Join(command, " "))
	require.NoError(t, json.Unmarshal(out, into))
}

// A module requires those of ours that stand above it in go.work, and so no two of them
// each other: a circle could not be released, since a version needs the hash of another.
func TestModulesRequireThoseAbove(t *testing.T) {
	var above []string
	versions := map[string]bool{}
	for _, file := range modules(t) {
		for _, r := range file.Require {
			if strings.HasPrefix(r.Path, module) {
				assert.Contains(t, above, r.Path, "%s requires what has to stand above it in go.work", file.Module.Path)
				versions[r.Version] = true
			}
		}
		assert.Empty(t, file.Replace, "%s: a replacement breaks `go run .../local@version`; it belongs in go.work", file.Module.Path)
		assert.Empty(t, file.Exclude, "%s: an exclusion holds in nobody's build but ours", file.Module.Path)
		above = append(above, file.Module.Path)
	}
	assert.Len(t, versions, 1, "all modules are released with one version")
}

// forTests says what the modules that users import may require for tests alone. All else
// that they require, their packages import: every requirement is a floor for the
// versions in a user's own go.mod, whether a package is linked or not.
var forTests = map[string][]string{
	module:                                         {"github.com/stretchr/testify", "github.com/aws/aws-lambda-go"},
	module + "/local":                              {"github.com/stretchr/testify"},
	module + "/lambdatest":                         {"github.com/stretchr/testify"},
	module + "/adapter/connections":                {"github.com/stretchr/testify"},
	module + "/adapter/proxycompat":                {"github.com/stretchr/testify"},
	module + "/adapter/serve":                      {"github.com/stretchr/testify"},
	module + "/examples":                           nil, // nobody imports these
	module + "/internal/conformance":               nil,
	module + "/internal/conformance/migration":     nil,
	module + "/internal/conformance/observability": nil,
	module + "/internal/bench":                     nil,
}

func TestModulesRequireWhatTheyImport(t *testing.T) {
	packages := list(t)
	for _, file := range modules(t) {
		tests, known := forTests[file.Module.Path]
		require.True(t, known, "%s is missing in forTests", file.Module.Path)
		if tests == nil {
			continue
		}
		t.Run(file.Module.Path, func(t *testing.T) {
			imported := importedBy(packages, file.Module.Path)
			for _, r := range file.Require {
				if r.Indirect || slices.Contains(tests, r.Path) {
					continue
				}
				assert.True(t, slices.ContainsFunc(imported, func(name string) bool { return within(name, r.Path) }),
					"%s is required and only tests import it: such tests belong in internal/conformance", r.Path)
			}
		})
	}
	for _, r := range modules(t)[0].Require {
		assert.True(t, r.Indirect || slices.Contains(forTests[module], r.Path),
			"%s: whoever imports adapter would have to have it too", r.Path)
	}
}

// internals are the packages below internal/ that a module imports from another. They
// keep their signatures within a minor version: go get may raise one of our modules and
// leave another.
var internals = map[string][]string{
	module + "/local":      {"/internal/headercount", "/internal/record", "/internal/source"},
	module + "/lambdatest": {"/internal/headercount", "/internal/record", "/internal/source"},
}

func TestInternalsThatOtherModulesImport(t *testing.T) {
	packages := list(t)
	for _, file := range modules(t)[1:] {
		if forTests[file.Module.Path] == nil {
			continue
		}
		var found []string
		for _, imported := range importedBy(packages, file.Module.Path) {
			if rest, ours := strings.CutPrefix(imported, module); ours && strings.HasPrefix(rest, "/internal/") {
				found = append(found, rest)
			}
		}
		slices.Sort(found)
		assert.Equal(t, internals[file.Module.Path], slices.Compact(found), "%s", file.Module.Path)
	}
}

// importedBy returns what the packages of a module import themselves, tests apart.
func importedBy(packages map[string]listed, of string) []string {
	var imported []string
	for _, p := range packages {
		if p.Module.Path == of {
			imported = append(imported, p.Imports...)
		}
	}
	return imported
}

// within reports whether a package is one of a module, or could be.
func within(pkg, mod string) bool { return pkg == mod || strings.HasPrefix(pkg, mod+"/") }
