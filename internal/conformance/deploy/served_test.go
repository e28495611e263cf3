package deploy_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/awslabs/goformation/v7/schema"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/adapter"
	"github.com/lambridge-go/lambridge/internal/conformance/running"
	"github.com/lambridge-go/lambridge/internal/npm"
	"github.com/lambridge-go/lambridge/lambdatest"
)

// The template of the page leads every request to its function.
func TestSAMTemplate(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "template.yaml", snippet(t, "yaml"))
	api := lambdatest.NewAPI(t, filepath.Join(dir, "template.yaml"), lambdatest.Functions{"Api": adapter.Wrap(http.HandlerFunc(
		func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, r.Method+" "+r.URL.Path) }))})
	for _, asked := range []string{"GET /", "GET /notes", "DELETE /notes/7"} {
		method, path, _ := strings.Cut(asked, " ")
		req, err := http.NewRequestWithContext(t.Context(), method, path, nil)
		require.NoError(t, err)
		resp := api.Do(req)
		body, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		assert.Equal(t, asked, string(body))
	}
}

// A project is a folder with a function.zip for this machine, and the command local.
type project struct{ dir, local string }

func newProject(t *testing.T) project {
	t.Helper()
	if os.Getenv("LAMBRIDGE_LONG") != "1" {
		t.Skip("builds programs and runs them; LAMBRIDGE_LONG=1 runs it")
	}
	if runtime.GOOS != "linux" {
		t.Skip("runs what is built for Lambda, which is for Linux")
	}
	p := project{dir: t.TempDir()}
	p.local = filepath.Join(p.dir, "local")
	run(t, ".", "go", "build", "-o", p.local, "github.com/lambridge-go/lambridge/local")
	example, err := filepath.Abs(filepath.Join(root, "examples", "nethttp"))
	require.NoError(t, err)
	run(t, example, p.local, "build", "--arch", runtime.GOARCH, "-o", filepath.Join(p.dir, "function.zip"), ".")
	return p
}

// here makes a program of the page one for this machine's architecture.
func here(code string) string {
	if runtime.GOARCH == "arm64" {
		return code
	}
	return strings.NewReplacer("[arm64]", "[x86_64]", "ARM_64", "X86_64").Replace(code)
}

// assertServes serves a zip file or a definition with local, and asks the function.
func (p project) assertServes(t *testing.T, flag, file string) {
	t.Helper()
	cmd := exec.Command(p.local, flag, file, "--addr", "127.0.0.1:0", "--inspect", "off")
	cmd.Dir = p.dir
	url := running.Start(t, cmd).Find(running.Address)[0]
	resp, err := http.Get(url + "notes")
	require.NoError(t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	assert.Equal(t, http.StatusOK, resp.StatusCode, "%s", body)
	assert.JSONEq(t, "[]", string(body))
}

// What local build makes is served from the zip file, by itself and in a template.
func TestServed(t *testing.T) {
	p := newProject(t)
	p.assertServes(t, "--exec", "function.zip")
	write(t, p.dir, "template.yaml", here(snippet(t, "yaml")))
	p.assertServes(t, "--definition", "template.yaml")
}

// CDK's program is compiled and run, what it writes is what CloudFormation's published
// schema takes, and local serves it.
func TestCDK(t *testing.T) {
	p := newProject(t)
	packages, err := npm.Install(t.Context(), "aws-cdk@2.1148.1", "aws-cdk-lib@2.276.0", "constructs@10.8.1", "typescript@6.0.3", "@types/node@20.19.43")
	if errors.Is(err, npm.ErrMissing) {
		skip(t, err.Error())
	}
	require.NoError(t, err)
	modules := filepath.Join(packages, "node_modules")
	require.NoError(t, os.Symlink(modules, filepath.Join(p.dir, "node_modules")))
	write(t, p.dir, "package.json", `{"type": "module"}`)
	write(t, p.dir, "api.ts", here(snippet(t, "ts")))
	run(t, p.dir, "node", filepath.Join(modules, "typescript", "bin", "tsc"), "--strict", "--module", "nodenext", "--target", "es2022", "--types", "node", "--skipLibCheck", "api.ts")
	run(t, p.dir, "node", filepath.Join(modules, "aws-cdk", "bin", "cdk"), "synth", "--quiet", "--no-version-reporting", "--no-notices", "--app", "node api.js")

	text, err := os.ReadFile(filepath.Join(p.dir, "cdk.out", "Api.template.json"))
	require.NoError(t, err)
	var template map[string]any
	require.NoError(t, json.Unmarshal(text, &template))
	delete(template, "Rules") // of the CDK's own bootstrap stack; the schema does not know any
	newSchema(t, schema.CloudformationSchema).assertTakes(t, "cdk.out", resolved(template))
	p.assertServes(t, "--definition", "cdk.out")
}
