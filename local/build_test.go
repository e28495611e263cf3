package main

import (
	"archive/zip"
	"bytes"
	"debug/buildinfo"
	"debug/elf"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// zipped builds a program in a folder of its own and returns the zip file.
func zipped(t *testing.T, flags ...string) []byte {
	t.Helper()
	dir := t.TempDir()
	writeFiles(t, dir, map[string]string{
		"go.mod":           "module example.com/shop\n\ngo 1.26\n",
		"cmd/api/main.go":  "package main\n\nfunc main() { println(word) }\n",
		"cmd/api/word.go":  "//go:build !loud\n\npackage main\n\nconst word = \"hello\"\n",
		"cmd/api/loud.go":  "//go:build loud\n\npackage main\n\nconst word = \"HELLO\"\n",
		"cmd/api/norpc.go": "//go:build !lambda.norpc\n\npackage main\n\nvar _ = withoutTheTag\n",
	})
	t.Chdir(dir)
	var stdout, stderr bytes.Buffer
	args := append([]string{"build"}, append(flags, "./cmd/api")...)
	require.Equal(t, exitAsked, run(args, append(os.Environ(), "GOWORK=off"), strings.NewReader(""), &stdout, &stderr), "%s", &stderr)
	assert.Regexp(t, `^function\.zip: example\.com/shop/cmd/api for (arm64|x86_64), 0\.\d MB, 1\.\d MB unpacked\n$`, stdout.String())
	left, err := filepath.Glob(filepath.Join(dir, ".lambridge-*"))
	require.NoError(t, err)
	assert.Empty(t, left)
	packed, err := os.ReadFile("function.zip")
	require.NoError(t, err)
	return packed
}

func writeFiles(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		require.NoError(t, os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644))
	}
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

// buildCommandLine runs the command build in the working directory.
func buildCommandLine(args ...string) (code int, stdout, stderr string) {
	var out, err bytes.Buffer
	code = run(append([]string{"build"}, args...), append(os.Environ(), "GOWORK=off"), strings.NewReader(""), &out, &err)
	return code, out.String(), err.String()
}

// shop is a module with two programs, and a template of functions that are made of them.
func shop(t *testing.T) {
	t.Helper()
	dir := t.TempDir()
	writeFiles(t, dir, map[string]string{
		"go.mod":              "module example.com/shop\n\ngo 1.26\n",
		"cmd/orders/main.go":  "package main\n\nfunc main() { println(\"orders\") }\n",
		"cmd/catalog/main.go": "package main\n\nfunc main() { println(\"catalog\") }\n",
		"page/index.mjs":      "export const handler = async () => 'hello'\n",
		"template.yaml": `Transform: AWS::Serverless-2016-10-31
Parameters:
  Architecture: {Type: String, Default: arm64}
Globals: {Function: {Runtime: provided.al2023, Handler: bootstrap, Timeout: 5}}
Resources:
  Orders: {Type: AWS::Serverless::Function, Properties: {CodeUri: cmd/orders, Architectures: [!Ref Architecture]}}
  Catalog: {Type: AWS::Serverless::Function, Properties: {CodeUri: cmd/catalog}}
  Offers: {Type: AWS::Serverless::Function, Properties: {CodeUri: cmd/catalog, Architectures: [x86_64]}}
  Page: {Type: AWS::Serverless::Function, Properties: {CodeUri: page, Runtime: nodejs24.x, Handler: index.handler}}
`,
	})
	t.Chdir(dir)
}

func TestBuildDefinition(t *testing.T) {
	machines := func() map[string]elf.Machine {
		names, err := filepath.Glob("functions/*")
		require.NoError(t, err)
		all := map[string]elf.Machine{}
		for _, name := range names {
			packed, err := os.ReadFile(name)
			require.NoError(t, err)
			binary, err := elf.NewFile(program(t, packed))
			require.NoError(t, err)
			all[filepath.Base(name)] = binary.Machine
		}
		return all
	}
	shop(t)
	code, stdout, stderr := buildCommandLine("--definition", "template.yaml")
	require.Equal(t, exitAsked, code, stderr)
	assert.Regexp(t, `^functions/Orders\.zip: example\.com/shop/cmd/orders for arm64, 0\.\d MB, 1\.\d MB unpacked
functions/Catalog\.zip: example\.com/shop/cmd/catalog for x86_64, 0\.\d MB, 1\.\d MB unpacked
functions/Offers\.zip: example\.com/shop/cmd/catalog for x86_64, 0\.\d MB, 1\.\d MB unpacked
$`, stdout)
	assert.Regexp(t, `^local: build: Page is not built: .*/page holds neither a package main nor a bootstrap: give it with --function Page=\./folder\n$`, stderr)
	assert.Equal(t, map[string]elf.Machine{"Orders.zip": elf.EM_AARCH64, "Catalog.zip": elf.EM_X86_64, "Offers.zip": elf.EM_X86_64}, machines(),
		"a template says which architecture; Lambda's own is x86_64")
	first, err := os.ReadFile("functions/Orders.zip")
	require.NoError(t, err)

	shop(t)
	code, _, stderr = buildCommandLine("--definition", ".", "-o", "out", "--parameter", "Architecture=x86_64", "--function", "Page=cmd/orders")
	require.Equal(t, exitAsked, code, stderr)
	assert.Contains(t, stderr, "template.yaml:9: Page has the runtime nodejs24.x, which starts no bootstrap: provided.al2023 does")
	entries, err := os.ReadDir("out")
	require.NoError(t, err)
	assert.Len(t, entries, 4, "and nothing else")
	orders, err := os.ReadFile("out/Orders.zip")
	require.NoError(t, err)
	page, err := os.ReadFile("out/Page.zip")
	require.NoError(t, err)
	assert.True(t, bytes.Equal(orders, page), "one program for x86_64, as the parameter says and as Lambda has it")

	code, _, stderr = buildCommandLine("--definition", "template.yaml", "--arch", "arm64")
	require.Equal(t, exitAsked, code, stderr)
	again, err := os.ReadFile("functions/Orders.zip")
	require.NoError(t, err)
	assert.True(t, bytes.Equal(first, again), "the same bytes, in another folder")
	assert.Equal(t, map[string]elf.Machine{"Orders.zip": elf.EM_AARCH64, "Catalog.zip": elf.EM_AARCH64, "Offers.zip": elf.EM_AARCH64}, machines())
}

func TestBuildDefinitionFails(t *testing.T) {
	const openAPI = `{"openapi": "3.0.1", "info": {"title": "t", "version": "1"}, "paths": {"/": {"get": {"x-amazon-apigateway-integration": {
		"type": "aws_proxy", "httpMethod": "POST", "payloadFormatVersion": "2.0", "uri": "arn:aws:lambda:us-east-1:123456789012:function:named"}}}}}`
	function := func(id, properties string) string {
		return `{"Resources": {"` + id + `": {"Type": "AWS::Lambda::Function", "Properties": {"Code": "cmd/orders", ` + properties + `"Runtime": "provided.al2023"}}}}`
	}
	for name, test := range map[string]struct {
		definition string
		args       []string
		code       int
		want       string
	}{
		"nothing to build":                  {"", nil, exitUsage, "local: build: which function? Name its folder, or give a --definition for all of them"},
		"a folder that is not there":        {"", []string{"./cmd/nothing"}, exitFunction, `build: find package "./cmd/nothing":`},
		"a folder without a program":        {"", []string{"./cmd"}, exitFunction, `build: "./cmd" has no Go files`},
		"a package beside a definition":     {"", []string{"--definition", "template.yaml", "./cmd/orders"}, exitUsage, "give it with --function NAME=./cmd/orders"},
		"a parameter without a definition":  {"", []string{"--parameter", "A=b", "./cmd/orders"}, exitUsage, "--function and --parameter are for a definition"},
		"no such definition":                {"", []string{"--definition", "missing.yaml"}, exitFailed, "missing.yaml"},
		"no such function":                  {"", []string{"--definition", "template.yaml", "--function", "Nobody=."}, exitUsage, `--function names the function "Nobody", which the definition does not have`},
		"a function without a source":       {openAPI, nil, exitFailed, "local: build: named is not built: the definition only names it"},
		"no folder":                         {openAPI, []string{"--function", "named=cmd/nothing"}, exitFailed, "--function named=cmd/nothing names no folder"},
		"an architecture that nobody knows": {openAPI, []string{"--function", "named=cmd/orders"}, exitFailed, "the definition does not say whether named runs on arm64 or x86_64: --arch does"},
		"an architecture that does not resolve": {function("Fn", `"Architectures": [{"Ref": "Unknown"}], `), nil, exitFailed,
			"x.json:1: the definition does not say whether Fn runs on arm64 or x86_64: --arch does"},
		"a name that leads elsewhere":  {function("../../Fn", ""), nil, exitFailed, `"../../Fn" is no name for a function`},
		"programs that do not compile": {function("Fn", ""), []string{"--tags", "broken"}, exitFunction, "/cmd/orders does not compile:"},
	} {
		t.Run(name, func(t *testing.T) {
			shop(t)
			writeFiles(t, ".", map[string]string{"cmd/orders/broken.go": "//go:build broken\n\npackage main\n\nvar _ = nothing\n", "functions/Fn.zip": "before"})
			args := test.args
			if test.definition != "" {
				writeFiles(t, ".", map[string]string{"x.json": test.definition})
				args = append([]string{"--definition", "x.json"}, args...)
			}
			code, stdout, stderr := buildCommandLine(args...)
			assert.Equal(t, test.code, code)
			assert.Empty(t, stdout)
			assert.Contains(t, stderr, test.want)
			entries, err := os.ReadDir("functions")
			require.NoError(t, err)
			require.Len(t, entries, 1)
			before, err := os.ReadFile("functions/Fn.zip")
			require.NoError(t, err)
			assert.Equal(t, "before", string(before))
			above, err := filepath.Glob("../*.zip")
			require.NoError(t, err)
			assert.Empty(t, above)
		})
	}
}

// A function that its Makefile builds has what that makes in its zip file.
func TestBuildByMakefile(t *testing.T) {
	if _, err := exec.LookPath("make"); err != nil {
		t.Skip("make is missing")
	}
	shop(t)
	writeFiles(t, ".", map[string]string{
		"Makefile": "build-Made:\n\tprintf '#!/bin/sh\\n' > $(ARTIFACTS_DIR)/bootstrap\n\tmkdir $(ARTIFACTS_DIR)/pages\n\tprintf hello > $(ARTIFACTS_DIR)/pages/index.html\n\n" +
			"build-Broken:\n\tfalse\n\nbuild-Elsewhere:\n\tGOOS=linux GOARCH=arm64 go build -o $(ARTIFACTS_DIR)/bootstrap ./cmd/orders\n",
	})
	template := func(id string) {
		writeFiles(t, ".", map[string]string{"template.yaml": "Transform: AWS::Serverless-2016-10-31\nResources:\n  " + id +
			": {Type: AWS::Serverless::Function, Metadata: {BuildMethod: makefile}, Properties: {CodeUri: ., Handler: bootstrap, Runtime: provided.al2023}}\n"})
	}
	template("Made")
	code, stdout, stderr := buildCommandLine("--definition", "template.yaml")
	require.Equal(t, exitAsked, code, stderr)
	assert.Equal(t, "functions/Made.zip: build-Made for x86_64, 0.0 MB, 0.0 MB unpacked\n", stdout)
	packed, err := zip.OpenReader("functions/Made.zip")
	require.NoError(t, err)
	defer packed.Close()
	modes := map[string]fs.FileMode{}
	for _, file := range packed.File {
		modes[file.Name] = file.Mode()
	}
	assert.Equal(t, map[string]fs.FileMode{"bootstrap": 0o755, "pages/index.html": 0o644}, modes)

	template("Broken")
	code, _, stderr = buildCommandLine("--definition", "template.yaml")
	assert.Equal(t, exitFunction, code)
	assert.Contains(t, stderr, "make build-Broken in ")
	template("Elsewhere")
	code, _, stderr = buildCommandLine("--definition", "template.yaml")
	assert.Equal(t, exitFunction, code)
	assert.Contains(t, stderr, "make build-Elsewhere has built a program for EM_AARCH64, and the function runs on x86_64")
}

// A zip file runs as it is, with its files around it.
func TestZipRuns(t *testing.T) {
	t.Parallel()
	packed, err := os.Create(filepath.Join(t.TempDir(), "mirror.zip"))
	require.NoError(t, err)
	self, err := os.ReadFile(os.Args[0])
	require.NoError(t, err)
	w := zip.NewWriter(packed)
	header := &zip.FileHeader{Name: "bootstrap"} // stored: compressing the test's own program takes a while
	header.SetMode(0o755)
	entry, err := w.CreateHeader(header)
	require.NoError(t, err)
	_, err = entry.Write(self)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	require.NoError(t, packed.Close())

	c := startCommand(t, t.TempDir(), "--addr", "127.0.0.1:0", "--inspect", "off", "--env", mirrorVariable+"=1", "--exec", packed.Name())
	assert.Equal(t, "mirror", c.find(`serves the function (\w+)`))
	status, _ := get(t, c.find(`(http://127\.0\.0\.1:\d+/)`))
	assert.Equal(t, 200, status)
	assert.Equal(t, exitAsked, c.interrupt())
}

func TestZipForAnotherMachine(t *testing.T) {
	shop(t)
	other := map[string]string{"amd64": "arm64", "arm64": "x86_64"}[runtime.GOARCH]
	code, _, stderr := buildCommandLine("--arch", other, "./cmd/orders")
	require.Equal(t, exitAsked, code, stderr)
	c := startCommand(t, ".", "--addr", "127.0.0.1:0", "--inspect", "off", "function.zip")
	assert.Equal(t, exitFunction, c.wait())
	assert.Contains(t, c.stderr.String(), `function.zip" holds a program for linux/`)
}
