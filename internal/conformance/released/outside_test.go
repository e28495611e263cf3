//go:build unix

package main

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/internal/conformance/running"
)

const lambridge = "github.com/lambridge-go/lambridge"

// An outside is what a user has: folders of their own, and our modules from a proxy.
type outside struct {
	*release
	environ []string
}

func newOutside(t *testing.T) outside {
	if os.Getenv("LAMBRIDGE_LONG") != "1" {
		t.Skip("builds for users who have nothing yet; LAMBRIDGE_LONG=1 runs it")
	}
	r, err := newRelease("../../..", t.TempDir())
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, r.forget()) })
	environ, err := r.environ()
	require.NoError(t, err)
	return outside{r, environ}
}

// module makes a module of files, given as name and content, in a folder of its own.
func (o outside) module(t *testing.T, files map[string]string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for name, content := range files {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600))
	}
	return dir
}

// command prepares a command as a user types it, in which VERSION is the release's.
func (o outside) command(t *testing.T, dir, line string) *exec.Cmd {
	args := strings.Fields(strings.ReplaceAll(line, "VERSION", o.version))
	cmd := exec.CommandContext(t.Context(), args[0], args[1:]...)
	cmd.Dir, cmd.Env = dir, o.environ
	return cmd
}

func (o outside) run(t *testing.T, dir, line string) string {
	t.Helper()
	out, err := o.command(t, dir, line).CombinedOutput()
	require.NoError(t, err, "%s: %s", line, out)
	return string(out)
}

// hello serves the function in dir with the command that line runs, and asks it.
func (o outside) hello(t *testing.T, dir, line string) {
	t.Helper()
	cmd := o.command(t, dir, line)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // Ctrl-C reaches all that the go command has started
	served := running.Start(t, cmd)
	served.Interrupt = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGINT) }
	response, err := http.Get(served.Find(running.Address)[0] + "hello/world")
	require.NoError(t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	assert.Equal(t, "Hello, world!\n", string(body))
}

// TestFirstFunction holds the commands of README.md and of docs/laptop.md for whoever has
// no checkout.
func TestFirstFunction(t *testing.T) {
	o := newOutside(t)
	said := map[string]string{}
	for page, commands := range map[string][]string{
		"README.md": {"go mod init example.com/hello", "go mod tidy", "go run github.com/lambridge-go/lambridge/local@latest ."},
		"docs/laptop.md": {
			"go mod init -modfile=tools.mod tools",
			"go get -tool -modfile=tools.mod github.com/lambridge-go/lambridge/local",
			"go tool -modfile=tools.mod local .",
		},
	} {
		text, err := os.ReadFile(filepath.Join("../../..", page))
		require.NoError(t, err)
		said[page] = string(text)
		for _, command := range commands {
			require.Contains(t, said[page], "\n"+command, page)
		}
	}
	_, program, found := strings.Cut(said["README.md"], "```go\npackage main\n")
	require.True(t, found, "README.md begins with a whole program")
	program, _, _ = strings.Cut(program, "```")

	dir := o.module(t, map[string]string{"main.go": "package main\n" + program})
	o.run(t, dir, "go mod init example.com/hello")
	o.run(t, dir, "go mod tidy")
	before, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	require.NoError(t, err)

	o.hello(t, dir, "go run "+lambridge+"/local@VERSION --addr 127.0.0.1:0 --inspect off .")
	o.run(t, dir, "go mod init -modfile=tools.mod tools")
	o.run(t, dir, "go get -tool -modfile=tools.mod "+lambridge+"/local@VERSION")
	o.hello(t, dir, "go tool -modfile=tools.mod local --addr 127.0.0.1:0 --inspect off .")

	after, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	require.NoError(t, err)
	assert.Equal(t, string(before), string(after), "the command asks nothing of the function's own go.mod")
}

// An application has chosen its versions, older ones than ours.
const application = `module example.com/shop

go 1.26

require (
	github.com/aws/aws-sdk-go-v2 v1.30.0
	github.com/gin-gonic/gin v1.10.0
	github.com/go-chi/chi/v5 v5.1.0
	github.com/stretchr/testify v1.9.0
)
`

const applicationMain = `package main

import (
	_ "github.com/aws/aws-sdk-go-v2/aws"
	_ "github.com/gin-gonic/gin"
	_ "github.com/go-chi/chi/v5"
)

func main() {}
`

const applicationTest = `package main

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func Test(t *testing.T) { assert.True(t, true) }
`

// TestApplicationKeepsItsVersions holds what an import of ours does to go.mod.
func TestApplicationKeepsItsVersions(t *testing.T) {
	o := newOutside(t)
	for _, test := range []struct {
		imported, file string
		gains          []string // besides our own
		forTests       bool     // may gain what the gateways stand on, and raise what is indirect
	}{
		{imported: "adapter", file: "import.go"},
		{imported: "adapter/connections", file: "import.go", gains: []string{
			"github.com/aws/aws-sdk-go-v2/internal/configsources", "github.com/aws/aws-sdk-go-v2/internal/endpoints/v2",
			"github.com/aws/aws-sdk-go-v2/service/apigatewaymanagementapi",
		}},
		{imported: "lambdatest", file: "import_test.go", forTests: true},
	} {
		t.Run(test.imported, func(t *testing.T) {
			dir := o.module(t, map[string]string{"go.mod": application, "main.go": applicationMain, "main_test.go": applicationTest})
			o.run(t, dir, "go mod tidy")
			before := requirements(t, dir)
			require.NoError(t, os.WriteFile(filepath.Join(dir, test.file), []byte("package main\n\nimport _ \""+lambridge+"/"+test.imported+"\"\n"), 0o600))
			o.run(t, dir, "go get "+lambridge+"/"+test.imported+"@VERSION")
			o.run(t, dir, "go mod tidy")
			o.run(t, dir, "go vet .")

			after := requirements(t, dir)
			for path, r := range before {
				if !r.Indirect || !test.forTests {
					assert.Equal(t, r, after[path], "kept")
				}
			}
			var gained []string
			for path := range after {
				if _, had := before[path]; !had && !strings.HasPrefix(path, lambridge) {
					gained = append(gained, path)
				}
			}
			if !test.forTests {
				assert.ElementsMatch(t, test.gains, gained)
			}
		})
	}
}

type requirement struct {
	Path, Version string
	Indirect      bool
}

// requirements are those of the module in a folder, by path.
func requirements(t *testing.T, dir string) map[string]requirement {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "mod", "edit", "-json")
	cmd.Dir = dir
	out, err := cmd.Output()
	require.NoError(t, err)
	var file struct{ Require []requirement }
	require.NoError(t, json.Unmarshal(out, &file))
	all := map[string]requirement{}
	for _, r := range file.Require {
		all[r.Path] = r
	}
	return all
}
