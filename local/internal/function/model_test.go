//go:build unix

package function_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/local/internal/function"
)

// modelProgram says what it is made of: to the Runtime API, or to its standard
// output if it is told to. It is linked quickly, having no more than a connection.
const modelProgram = `package main

import (
	"bufio"
	"embed"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"strconv"
	"strings"

	"example.com/lib"

	"example.com/app/gen"
	"example.com/app/words"
)

//go:embed static
var static embed.FS

func text() string {
	all := fmt.Sprint(words.Words, gen.Words, lib.Words)
	fs.WalkDir(static, ".", func(path string, d fs.DirEntry, err error) error {
		content, _ := fs.ReadFile(static, path)
		all += " " + path + "=" + string(content)
		return nil
	})
	return all
}

func main() {
	if os.Getenv("PRINT") != "" {
		fmt.Print(text())
		return
	}
	conn, err := net.Dial("tcp", os.Getenv("AWS_LAMBDA_RUNTIME_API"))
	if err != nil {
		os.Exit(1)
	}
	in := bufio.NewReader(conn)
	const base = "/2018-06-01/runtime/invocation/"
	for {
		fmt.Fprint(conn, "GET "+base+"next HTTP/1.1\r\nHost: localhost\r\n\r\n")
		header := read(in)
		body := strconv.Quote(text())
		fmt.Fprintf(conn, "POST %s%s/response HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n%s",
			base, header["lambda-runtime-aws-request-id"], len(body), body)
		read(in)
	}
}

func read(in *bufio.Reader) map[string]string {
	header := map[string]string{}
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			os.Exit(1)
		}
		if line = strings.TrimSpace(line); line == "" {
			break
		}
		name, value, _ := strings.Cut(line, ": ")
		header[strings.ToLower(name)] = value
	}
	length, _ := strconv.Atoi(header["content-length"])
	io.CopyN(io.Discard, in, int64(length))
	return header
}
`

// A modelProject is a repository that a developer edits without mercy.
type modelProject struct {
	t      *testing.T
	dir    string
	random *rand.Rand
	count  int
	branch string
}

func newModelProject(t *testing.T, seed uint64) *modelProject {
	p := &modelProject{t: t, dir: t.TempDir(), random: rand.New(rand.NewPCG(seed, 0)), branch: "main"}
	for name, text := range map[string]string{
		"app/go.mod":            "module example.com/app\n\ngo 1.26\n\nrequire example.com/lib v0.0.0\n\nreplace example.com/lib => ../lib\n",
		"app/main.go":           modelProgram,
		"app/words/words.go":    "package words\n\nvar Words []string\n",
		"app/gen/gen.go":        "package gen\n\nvar Words []string\n",
		"app/static/index.html": "index",
		"lib/go.mod":            "module example.com/lib\n\ngo 1.26\n",
		"lib/lib.go":            "package lib\n\nvar Words []string\n",
	} {
		p.write(name, text)
	}
	p.git("init", "-q", "-b", "main")
	p.git("add", "-A")
	p.git("commit", "-qm", "main")
	// The other branch has no generated code.
	p.git("checkout", "-qb", "other")
	p.remove("app/gen")
	p.write("app/main.go", strings.NewReplacer("\t\"example.com/app/gen\"\n", "", "gen.Words, ", "").Replace(modelProgram))
	p.git("add", "-A")
	p.git("commit", "-qm", "other")
	p.git("checkout", "-q", "main")
	return p
}

func (p *modelProject) in(name string) string { return filepath.Join(p.dir, filepath.FromSlash(name)) }

func (p *modelProject) write(name, text string) {
	p.t.Helper()
	require.NoError(p.t, os.MkdirAll(filepath.Dir(p.in(name)), 0o755))
	require.NoError(p.t, os.WriteFile(p.in(name), []byte(text), 0o644))
}

func (p *modelProject) remove(name string) {
	p.t.Helper()
	require.NoError(p.t, os.RemoveAll(p.in(name)))
}

func (p *modelProject) git(args ...string) {
	p.t.Helper()
	args = append([]string{"-C", p.dir, "-c", "user.name=x", "-c", "user.email=x@localhost", "-c", "gc.auto=0", "-c", "maintenance.auto=false"}, args...)
	out, err := exec.Command("git", args...).CombinedOutput()
	require.NoError(p.t, err, "%s: %s", args, out)
}

// edit does one thing that a developer, or a developer's tool, does.
func (p *modelProject) edit() string {
	p.count++
	word := fmt.Sprintf("w%d", p.count)
	packages := p.packages()
	dir := packages[p.random.IntN(len(packages))]
	file := fmt.Sprintf("%s/word%d.go", dir, p.random.IntN(3))
	source := fmt.Sprintf("package %s\n\nfunc init() { Words = append(Words, %q) }\n", filepath.Base(dir), word)
	page := []string{"a.txt", "css/b.txt", "css/dark/c.txt", "_hidden/d.txt", "new " + strconv.Itoa(p.count) + "/e.txt"}[p.random.IntN(5)]
	page = "app/static/" + page
	switch what := p.random.IntN(16); what {
	case 0, 1:
		p.write(file, source)
		return "write " + file
	case 2: // as editors do
		p.write(file+"~", source)
		require.NoError(p.t, os.Rename(p.in(file+"~"), p.in(file)))
		return "replace " + file
	case 3:
		p.remove(file)
		return "remove " + file
	case 4:
		if os.Rename(p.in(file), p.in(fmt.Sprintf("%s/renamed%d.go", dir, p.random.IntN(2)))) == nil {
			return "rename " + file
		}
		return "nothing"
	case 5, 6:
		p.write(page, word)
		return "write " + page
	case 7:
		p.remove(page)
		return "remove " + page
	case 8:
		p.remove(filepath.ToSlash(filepath.Dir(page)))
		p.write("app/static/index.html", word) // an empty folder cannot be embedded
		return "remove the folder of " + page
	case 9: // a code generator at work
		p.remove(dir)
		p.makePackage(dir)
		p.write(file, source)
		return "make anew " + dir
	case 10: // one that has just begun
		p.remove(dir)
		return "remove " + dir
	case 11:
		p.makePackage(dir)
		return "make " + dir
	case 12:
		p.write(dir+"/broken.go", "package broken(\n")
		return "break " + dir
	case 13:
		return p.mend()
	case 14:
		p.git("add", "-A")
		p.git("commit", "-q", "--allow-empty", "-m", word)
		p.branch = map[string]string{"main": "other", "other": "main"}[p.branch]
		p.git("checkout", "-q", p.branch)
		return "check out " + p.branch
	default:
		// The whole folder is away for a moment.
		require.NoError(p.t, os.Rename(p.in("app"), p.in("away")))
		require.NoError(p.t, os.Rename(p.in("away"), p.in("app")))
		return "move the folder away and back"
	}
}

// mend makes the program one that compiles.
func (p *modelProject) mend() string {
	p.count++
	for _, dir := range p.packages() {
		p.remove(dir + "/broken.go")
		p.makePackage(dir)
	}
	return "mend"
}

// packages are those of the branch that is checked out.
func (p *modelProject) packages() []string {
	packages := []string{"app/words", "lib"}
	if p.branch == "main" {
		packages = append(packages, "app/gen")
	}
	return packages
}

// makePackage makes what a package needs at least.
func (p *modelProject) makePackage(dir string) {
	name := filepath.Base(dir)
	p.write(fmt.Sprintf("%s/%s.go", dir, name), fmt.Sprintf("package %s\n\nvar Words []string\n", name))
	if dir == "lib" {
		p.write("lib/go.mod", "module example.com/lib\n\ngo 1.26\n")
	}
}

// fresh builds the program as it stands and returns what it says.
func (p *modelProject) fresh() (text string, ok bool) {
	program := filepath.Join(p.t.TempDir(), "fresh")
	command := exec.Command("go", "build", "-o", program, ".")
	command.Dir = p.in("app")
	command.Env = append(os.Environ(), "GOWORK=off")
	if command.Run() != nil {
		return "", false
	}
	command = exec.Command(program)
	command.Env = []string{"PRINT=1"}
	out, err := command.Output()
	require.NoError(p.t, err)
	return string(out), true
}

// Whatever is edited, in whatever order, in the end the program that is served is the
// one that a fresh go build makes; or, if that fails, the failure is known. With
// LAMBRIDGE_EDITS=1000 there are so many edits, others each time, and the test tells how
// long the served program lagged behind the last of each burst.
func TestServedProgramIsAFreshBuild(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is missing")
	}
	edits, seed := 60, uint64(1)
	if given, err := strconv.Atoi(os.Getenv("LAMBRIDGE_EDITS")); err == nil {
		edits, seed = given, uint64(time.Now().UnixNano())
	}
	if given, err := strconv.ParseUint(os.Getenv("LAMBRIDGE_SEED"), 10, 64); err == nil {
		seed = given
	}
	t.Logf("LAMBRIDGE_SEED=%d makes the same edits", seed)
	p := newModelProject(t, seed)
	f := start(t, "", func(c *function.Config) {
		c.Command, c.Env = nil, nil
		c.Package = p.in("app")
		c.Environ = append(c.Environ, "GOWORK=off")
		c.Watch = true
		c.Concurrency = 1
	})
	long := edits > 60
	var lags []time.Duration
	for p.count < edits {
		var did []string
		for range 1 + p.random.IntN(15) {
			did = append(did, p.edit())
			if p.random.IntN(20) == 0 {
				p.fresh() // time for a build, which the next edit comes in the middle of
			}
		}
		if p.random.IntN(3) > 0 {
			did = append(did, p.mend())
		}
		edited := time.Now()
		var seen []sighting
		if long {
			seen = watchServed(t, f, 3*time.Second)
		}
		good, ok := p.fresh()
		want := func() bool { return see(t, f).is(good, ok) }
		if !assert.Eventually(t, want, patience, 5*time.Millisecond) {
			require.FailNow(t, "another program is served", "after %d edits, the last ones %q\nserved: %s\nfresh:  %s (%t)\nfailure: %v", p.count, did, served(f, t), good, ok, f.BuildError())
		}
		if long {
			seen = append(seen, see(t, f))
			for len(seen) > 1 && seen[len(seen)-2].is(good, ok) {
				seen = seen[:len(seen)-1]
			}
			lags = append(lags, seen[len(seen)-1].at.Sub(edited))
		}
	}
	if long {
		slices.Sort(lags)
		t.Logf("%d edits in %d bursts: what is served is a fresh build %v (median), %v (nine of ten), at most %v after the last edit",
			p.count, len(lags), lags[len(lags)/2], lags[len(lags)*9/10], lags[len(lags)-1])
	}
}

// A sighting is what was served at a time.
type sighting struct {
	at     time.Time
	text   string
	failed bool // the last build
}

func see(t *testing.T, f *function.Function) sighting {
	text, failed := served(f, t), f.BuildError() != nil
	return sighting{time.Now(), text, failed}
}

// is reports whether that is what a fresh build says, or that none is ok: which program
// was the last that could be built is a matter of chance then.
func (s sighting) is(good string, ok bool) bool {
	return s.failed == !ok && (!ok || s.text == good)
}

// watchServed sees for a while what is served, with the machine to itself.
func watchServed(t *testing.T, f *function.Function, while time.Duration) (seen []sighting) {
	for over := time.After(while); ; {
		seen = append(seen, see(t, f))
		select {
		case <-time.After(5 * time.Millisecond):
		case <-over:
			return seen
		}
	}
}

// served is what the function says.
func served(f *function.Function, t *testing.T) string {
	reply, err := f.Invoke(t.Context(), []byte(`{}`))
	if err != nil {
		return err.Error()
	}
	var text string
	if json.Unmarshal(reply, &text) != nil {
		return string(reply)
	}
	return text
}
