package main

import (
	"archive/zip"
	"bytes"
	"debug/buildinfo"
	"debug/elf"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// zipped builds a program in a folder of its own and returns the zip file.
func zipped(t *testing.T, flags ...string) []byte {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"go.mod":           "module example.com/shop\n\ngo 1.26\n",
		"cmd/api/main.go":  "package main\n\nfunc main() { println(word) }\n",
		"cmd/api/word.go":  "//go:build !loud\n\npackage main\n\nconst word = \"hello\"\n",
		"cmd/api/loud.go":  "//go:build loud\n\npackage main\n\nconst word = \"HELLO\"\n",
		"cmd/api/norpc.go": "//go:build !lambda.norpc\n\npackage main\n\nvar _ = withoutTheTag\n",
	} {
		require.NoError(t, os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644))
	}
	t.Chdir(dir)
	var stdout, stderr bytes.Buffer
	args := append([]string{"build"}, append(flags, "./cmd/api")...)
	require.Equal(t, exitAsked, run(args, append(os.Environ(), "GOWORK=off"), strings.NewReader(""), &stdout, &stderr), "%s", &stderr)
	assert.Regexp(t, `^function\.zip: example\.com/shop/cmd/api for linux/(arm64|amd64), 0\.\d MB, 1\.\d MB unpacked\n$`, stdout.String())
	left, err := filepath.Glob(filepath.Join(dir, ".lambridge-*"))
	require.NoError(t, err)
	assert.Empty(t, left)
	packed, err := os.ReadFile("function.zip")
	require.NoError(t, err)
	return packed
}

// program returns the program in a zip file that holds nothing else.
func program(t *testing.T, packed []byte) *bytes.Reader {
	t.Helper()
	r, err := zip.NewReader(bytes.NewReader(packed), int64(len(packed)))
	require.NoError(t, err)
	require.Len(t, r.File, 1)
	assert.Equal(t, "bootstrap", r.File[0].Name)
	assert.Equal(t, fs.FileMode(0o755), r.File[0].Mode())
	file, err := r.File[0].Open()
	require.NoError(t, err)
	data, err := io.ReadAll(file)
	require.NoError(t, err)
	return bytes.NewReader(data)
}

func TestBuild(t *testing.T) {
	first, second := zipped(t), zipped(t)
	assert.True(t, bytes.Equal(first, second), "two folders make two zip files")

	for _, test := range []struct {
		name    string
		flags   []string
		machine elf.Machine
		tags    string
	}{
		{"arm64 is the default", nil, elf.EM_AARCH64, "lambda.norpc"},
		{"as Lambda calls it", []string{"--arch", "x86_64"}, elf.EM_X86_64, "lambda.norpc"},
		{"as Go calls it, with tags", []string{"--arch=amd64", "--tags=loud"}, elf.EM_X86_64, "lambda.norpc,loud"},
	} {
		t.Run(test.name, func(t *testing.T) {
			built := program(t, zipped(t, test.flags...))
			binary, err := elf.NewFile(built)
			require.NoError(t, err)
			assert.Equal(t, test.machine, binary.Machine)
			libraries, err := binary.ImportedLibraries()
			require.NoError(t, err)
			assert.Empty(t, libraries, "it is linked statically")
			info, err := buildinfo.Read(built)
			require.NoError(t, err)
			settings := map[string]string{}
			for _, s := range info.Settings {
				settings[s.Key] = s.Value
			}
			assert.Equal(t, test.tags, settings["-tags"])
			assert.Equal(t, "true", settings["-trimpath"])
		})
	}
}

// What cannot be built leaves the zip file of the last time alone.
func TestBuildFails(t *testing.T) {
	zipped(t)
	before, err := os.ReadFile("function.zip")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile("cmd/api/word.go", []byte("package main\n"), 0o644))
	var stdout, stderr bytes.Buffer
	assert.Equal(t, exitFunction, run([]string{"build", "./cmd/api"}, append(os.Environ(), "GOWORK=off"), strings.NewReader(""), &stdout, &stderr))
	assert.Contains(t, stderr.String(), "undefined: word")
	assert.Equal(t, exitUsage, run([]string{"build", "--arch", "riscv64", "./cmd/api"}, nil, strings.NewReader(""), &stdout, &stderr))
	after, err := os.ReadFile("function.zip")
	require.NoError(t, err)
	assert.True(t, bytes.Equal(before, after))
	left, err := filepath.Glob(".lambridge-*")
	require.NoError(t, err)
	assert.Empty(t, left)
}
