package build_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/local/internal/build"
)

// writeModule writes a module and changes to its folder. Files are given by name
// and text.
func writeModule(t *testing.T, files ...string) string {
	t.Helper()
	dir := t.TempDir()
	for n := 0; n < len(files); n += 2 {
		name := filepath.Join(dir, filepath.FromSlash(files[n]))
		require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o755))
		require.NoError(t, os.WriteFile(name, []byte(files[n+1]), 0o644))
	}
	t.Chdir(dir)
	return dir
}

const versionProgram = "package main\n\nvar version, tag = \"dev\", \"none\"\n\nfunc main() { print(version, \" \", tag) }\n"

// output builds the package and returns what the program prints.
func output(t *testing.T, p *build.Package) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "program")
	require.NoError(t, p.Build(t.Context(), program))
	out, err := exec.Command(program).CombinedOutput()
	require.NoError(t, err)
	return string(out)
}

// What is exported to build for Lambda does not stop the program from running here;
// what is exported for every build holds.
func TestEnvironmentOfTheBuild(t *testing.T) {
	writeModule(t,
		"go.mod", "module example.com/version\n\ngo 1.26\n",
		"main.go", versionProgram,
		"tag.go", "//go:build special\n\npackage main\n\nfunc init() { tag = \"special\" }\n",
		"elsewhere.go", "//go:build !"+runtime.GOARCH+"\n\npackage main\n\nfunc init() { tag = \"elsewhere\" }\n",
	)
	other := map[string]string{"amd64": "arm64"}[runtime.GOARCH]
	if other == "" {
		other = "amd64"
	}
	configured := filepath.Join(t.TempDir(), "env")
	require.NoError(t, os.WriteFile(configured, []byte("GOFLAGS='-ldflags=-X=main.version=1.6'\n"), 0o644))
	for _, test := range []struct {
		name  string
		env   []string
		flags []string
		want  string
	}{
		{"as it is", nil, nil, "dev none"},
		{"another processor", []string{"GOARCH=" + other}, nil, "dev none"},
		{"another system and processor, without cgo", []string{"GOOS=plan9", "GOARCH=" + other, "CGO_ENABLED=0"}, nil, "dev none"},
		{"the C compiler of another platform", []string{"GOARCH=" + other, "CGO_ENABLED=1", "CC=no-such-compiler"}, nil, "dev none"},
		{"this platform", []string{"GOOS=" + runtime.GOOS, "GOARCH=" + runtime.GOARCH, "CGO_ENABLED=0"}, nil, "dev none"},
		{"linker flags", []string{"GOFLAGS=-ldflags=-X=main.version=1.2"}, nil, "1.2 none"},
		{"linker flags in quotes, among others", []string{"GOFLAGS=-p=2 '-ldflags=-s -X main.version=1.3' -tags=special"}, nil, "1.3 special"},
		{"linker flags of go env -w", []string{"GOENV=" + configured, "GOFLAGS="}, nil, "1.6 none"},
		{"tags", []string{"GOFLAGS=-tags=special"}, nil, "dev special"},
		{"flags of the build", nil, []string{"-tags", "special", "-ldflags", "-X main.version=1.4"}, "1.4 special"},
		{"flags of the build over the environment's", []string{"GOFLAGS=-ldflags=-X=main.version=1.2"}, []string{"-ldflags=-X=main.version=1.5"}, "1.5 none"},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := build.Open(".", append(append(os.Environ(), "GOWORK=off"), test.env...), test.flags...)
			assert.Equal(t, test.want, output(t, p))
			_, err := p.Sources(t.Context())
			assert.NoError(t, err, "the same flags list the sources")
		})
	}
}

// One go.mod per function is common, with no go.work around them.
func TestFolderWithAModuleOfItsOwn(t *testing.T) {
	for name, root := range map[string]string{"no module around": "readme", "another module around": "go.mod"} {
		t.Run(name, func(t *testing.T) {
			dir := writeModule(t,
				root, "module example.com/root\n\ngo 1.26\n",
				"functions/hello/go.mod", "module example.com/hello\n\ngo 1.26\n",
				"functions/hello/main.go", versionProgram,
			)
			p := build.Open("./functions/hello", append(os.Environ(), "GOWORK="))
			assert.Equal(t, "dev none", output(t, p))
			sources, err := p.Sources(t.Context())
			require.NoError(t, err)
			assert.Equal(t, []string{filepath.Join(dir, "functions", "hello")}, sources.Dirs)

			require.NoError(t, os.WriteFile("functions/hello/main.go", []byte("package main\n\nfunc main() { x }\n"), 0o644))
			failure := (*build.Error)(nil)
			require.ErrorAs(t, p.Build(t.Context(), filepath.Join(t.TempDir(), "program")), &failure)
			assert.Contains(t, failure.Output, "\n./functions/hello/main.go:3:15: ", "a path that leads there from here")
		})
	}
}

func TestWhatIsNoProgram(t *testing.T) {
	writeModule(t,
		"go.mod", "module example.com/shop\n\ngo 1.26\n",
		"cmd/api/main.go", versionProgram, "cmd/worker/main.go", versionProgram,
		"lib/lib.go", "package lib\n", "notes/readme.md", "",
	)
	for pattern, want := range map[string]string{
		".":       `build: "." has no Go files: here are programs: ./cmd/api ./cmd/worker`,
		"./cmd":   `build: "./cmd" has no Go files: here are programs: ./cmd/api ./cmd/worker`,
		"./lib":   `build: "./lib" is package lib, not a program: name the folder that holds your func main`,
		"./notes": `build: "./notes" has no Go files`,
	} {
		_, err := build.Open(pattern, append(os.Environ(), "GOWORK=off")).Sources(t.Context())
		assert.EqualError(t, err, want)
	}
}

func TestSources(t *testing.T) {
	dir := writeModule(t,
		"ws/go.work", "go 1.26\n\nuse (\n\t./app\n\t./lib\n)\n",
		"ws/app/go.mod", "module example.com/app\n\ngo 1.26\n",
		"ws/app/main.go", "package main\n\nimport (\n\t_ \"embed\"\n\t_ \"example.com/app/gone/pkg\"\n\t\"example.com/lib\"\n)\n\n//go:embed all:static *.txt\nvar text string\n\nfunc main() { lib.F() }\n",
		"ws/lib/go.mod", "module example.com/lib\n\ngo 1.26\n",
		"ws/lib/lib.go", "package lib\n\nfunc F() {}\n",
		".git/HEAD", "",
	)
	t.Chdir(filepath.Join(dir, "ws", "app"))
	in := func(name string) string { return filepath.Join(dir, filepath.FromSlash(name)) }
	s, err := build.Open(".", append(os.Environ(), "GOWORK=", "GOFLAGS=")).Sources(t.Context())
	require.NoError(t, err)
	assert.ElementsMatch(t, []string{in("ws/app"), in("ws/lib"), in("ws/app/gone/pkg")}, s.Dirs, "one of them is missing")
	assert.ElementsMatch(t, []build.Embed{{Dir: in("ws/app"), Pattern: "all:static"}, {Dir: in("ws/app"), Pattern: "*.txt"}}, s.Embeds)
	assert.True(t, s.Incomplete)
	for _, file := range []string{"ws/go.work", "ws/go.work.sum", "ws/app/go.mod", "ws/lib/go.mod", "ws/app/gone/go.mod", "ws/app/vendor/modules.txt"} {
		assert.Contains(t, s.Files, in(file))
	}
	for _, root := range []string{"ws/app", "ws/lib", "ws", "."} {
		assert.Contains(t, s.Roots, in(root))
	}
	root, err := exec.Command("go", "env", "GOROOT").Output()
	require.NoError(t, err)
	for _, dir := range s.Dirs {
		assert.NotContains(t, dir, strings.TrimSpace(string(root)))
	}
}

// What is vendored is edited where it lies, to look for a mistake.
func TestVendoredSources(t *testing.T) {
	dir := writeModule(t,
		"go.mod", "module example.com/app\n\ngo 1.26\n\nrequire example.com/dep v1.0.0\n",
		"main.go", "package main\n\nimport \"example.com/dep\"\n\nfunc main() { dep.F() }\n",
		"vendor/modules.txt", "# example.com/dep v1.0.0\n## explicit\nexample.com/dep\n",
		"vendor/example.com/dep/dep.go", "package dep\n\nfunc F() {}\n",
	)
	s, err := build.Open(".", append(os.Environ(), "GOWORK=off", "GOFLAGS=")).Sources(t.Context())
	require.NoError(t, err)
	assert.Contains(t, s.Dirs, filepath.Join(dir, "vendor", "example.com", "dep"))
	assert.Contains(t, s.Files, filepath.Join(dir, "vendor", "modules.txt"))
}
