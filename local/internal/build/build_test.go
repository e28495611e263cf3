package build_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/local/internal/build"
)

func TestFolder(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "cmd", "api"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "main.go"), nil, 0o644))
	for _, test := range []struct{ name, pattern, want string }{
		{"this folder", ".", dir},
		{"folder below", "./cmd/api", filepath.Join(dir, "cmd", "api")},
		{"folder above", "..", filepath.Dir(dir)},
		{"absolute path", filepath.Join(dir, "cmd"), filepath.Join(dir, "cmd")},
		{"import path that looks like a folder", "cmd/api", ""},
		{"import path that begins with a dot", ".cmd/api", ""},
		{"missing folder", "./missing", ""},
		{"several packages", "./...", ""},
		{"file", "./main.go", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			assert.Equal(t, test.want, build.Open(test.pattern, nil).Folder())
		})
	}
}

// Go takes a folder without a leading dot for a package of the standard library.
func TestPackageThatIsNotThere(t *testing.T) {
	t.Chdir(t.TempDir())
	require.NoError(t, os.WriteFile("go.mod", []byte("module example.com/empty\n\ngo 1.26\n"), 0o644))
	const hint = "a folder is written with a leading ./"
	for pattern, hinted := range map[string]bool{"cmd/fn": true, "./cmd/fn": false, filepath.Join(t.TempDir(), "fn"): false} {
		_, err := build.Open(pattern, append(os.Environ(), "GOWORK=off")).Sources(t.Context())
		require.Error(t, err, pattern)
		assert.Equal(t, hinted, strings.Contains(err.Error(), hint), "%v", err)
	}
}

// A program begins with a file main.go, and the module is what one does not think of.
func TestProgramWithoutAModule(t *testing.T) {
	t.Chdir(t.TempDir())
	require.NoError(t, os.WriteFile("main.go", []byte("package main\n\nfunc main() {}\n"), 0o644))
	_, err := build.Open(".", append(os.Environ(), "GOWORK=off")).Sources(t.Context())
	assert.ErrorContains(t, err, "go.mod file not found")
	assert.ErrorContains(t, err, "go mod init example.com/name makes one")
}

func TestBuildNamesThePackage(t *testing.T) {
	t.Chdir(t.TempDir())
	write := func(name, text string) {
		require.NoError(t, os.WriteFile(name, []byte(text), 0o644))
	}
	write("go.mod", "module example.com/named\n\ngo 1.26\n")
	p := build.Open(".", append(os.Environ(), "GOWORK=off"))

	write("main.go", "package main\n\nfunc main() {}\n")
	require.NoError(t, p.Build(t.Context(), filepath.Join(t.TempDir(), "bootstrap")))
	assert.Equal(t, "example.com/named", p.ImportPath)

	write("main.go", "package named\n")
	assert.Equal(t, &build.Error{ImportPath: "example.com/named", Output: "it is not package main"},
		p.Build(t.Context(), filepath.Join(t.TempDir(), "bootstrap")))
}
