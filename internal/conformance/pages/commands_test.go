package pages_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"mvdan.cc/sh/v3/expand"
	"mvdan.cc/sh/v3/syntax"
)

// programs are those that pages tell readers to run, and what holds a command of each:
// nothing, where the program is somebody else's and speaks to a network.
var programs = map[string]func(*testing.T, command){
	"go":          checkGo,
	"aws":         checkAWS,
	".ci/run":     checkFile,
	".ci/release": checkFile,
	"curl":        nil,
}

// A command is one of a shell's, with its words as the program gets them.
type command struct {
	at    block
	words []string
}

// Commands of the shell are written correctly, and what they name is there.
func TestCommands(t *testing.T) {
	checked := map[string]bool{} // several pages may have the same
	for _, b := range blocksOf(t, "sh") {
		for _, c := range commandsOf(t, b) {
			if line := strings.Join(c.words, "\x00"); checked[line] {
				continue
			} else {
				checked[line] = true
			}
			check, known := programs[c.words[0]]
			if assert.True(t, known, "%s:%d: nothing checks commands of %s", b.page, b.line, c.words[0]) && check != nil {
				check(t, c)
			}
		}
	}
}

// commandsOf are those of a block, pipelines and all.
func commandsOf(t *testing.T, b block) []command {
	t.Helper()
	script, err := syntax.NewParser().Parse(strings.NewReader(b.code), b.page)
	require.NoError(t, err, "%s:%d", b.page, b.line)
	var found []command
	syntax.Walk(script, func(n syntax.Node) bool {
		if call, ok := n.(*syntax.CallExpr); ok && len(call.Args) > 0 {
			words, err := expand.Fields(nil, call.Args...)
			require.NoError(t, err, "%s:%d", b.page, b.line)
			found = append(found, command{b, words})
		}
		return true
	})
	return found
}

// checkGo checks what the go command is to run; of our own commands, their flags too.
func checkGo(t *testing.T, c command) {
	words := c.words[1:]
	folder := root
	if len(words) > 1 && words[0] == "-C" {
		folder = filepath.Join(root, words[1])
		assert.DirExists(t, folder, "%s:%d", c.at.page, c.at.line)
		words = words[2:]
	}
	verb := words[0]
	for len(words) > 1 && strings.HasPrefix(words[1], "-") {
		words = words[1:] // flags of the go command
	}
	switch verb {
	case "run", "tool":
		name, _, _ := strings.Cut(words[1], "@")
		name = strings.TrimPrefix(name, "github.com/lambridge-go/lambridge/")
		switch path := filepath.Join(folder, name); {
		case filepath.Base(path) == "local":
			checkLocal(t, c, words[2:])
		default:
			assert.DirExists(t, path, "%s:%d", c.at.page, c.at.line)
		}
	case "build", "test", "vet", "get", "mod", "work":
	default:
		assert.Fail(t, "a verb of go that nothing checks", "%s:%d: %s", c.at.page, c.at.line, verb)
	}
}

// checkLocal checks words of the command local: that it has the flags, and that paths into
// the repository lead to something.
func checkLocal(t *testing.T, c command, words []string) {
	known := flagsOfLocal(t)
	for _, word := range words {
		if flag, _, _ := strings.Cut(word, "="); strings.HasPrefix(word, "--") {
			assert.True(t, slices.Contains(known, flag), "%s:%d: local has no %s", c.at.page, c.at.line, flag)
		}
		if path := strings.TrimPrefix(word, "./"); strings.HasPrefix(path, "examples/") {
			_, err := os.Stat(filepath.Join(root, path))
			assert.NoError(t, err, "%s:%d", c.at.page, c.at.line)
		}
	}
}

// checkAWS has AWS's own client send a command to a server here, which takes everything:
// the client knows what AWS does not take.
// It takes two seconds to begin, so that it is asked where there is time.
func checkAWS(t *testing.T, c command) {
	if os.Getenv("LAMBRIDGE_LONG") != "1" {
		return
	}
	aws := program(t, "aws")
	asked := false
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = true
		if strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") { // IAM, for one
			name := r.PostFormValue("Action")
			fmt.Fprintf(w, "<%[1]sResponse><%[1]sResult/></%[1]sResponse>", name)
			return
		}
		io.WriteString(w, "{}")
	}))
	defer server.Close()

	dir := t.TempDir()
	var empty bytes.Buffer
	require.NoError(t, zip.NewWriter(&empty).Close())
	require.NoError(t, os.WriteFile(filepath.Join(dir, "function.zip"), empty.Bytes(), 0o600))
	cmd := exec.CommandContext(t.Context(), aws, append(c.words[1:], "--endpoint-url", server.URL)...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "AWS_DEFAULT_REGION=us-east-1", "AWS_ACCESS_KEY_ID=id", "AWS_SECRET_ACCESS_KEY=secret", "AWS_PAGER=")
	out, err := cmd.CombinedOutput()
	assert.NoError(t, err, "%s:%d: %s", c.at.page, c.at.line, out)
	assert.True(t, asked, "%s:%d: it asks nobody", c.at.page, c.at.line)
}

func checkFile(t *testing.T, c command) {
	assert.FileExists(t, filepath.Join(root, c.words[0]), "%s:%d", c.at.page, c.at.line)
}

// Flags that a sentence names are those of local, or of another command that it speaks of.
func TestFlags(t *testing.T) {
	others := []string{
		"--write", "--in", "--unchanged", "--compare", "--rounds", "--check", "--scaling", // of the commands in internal/
		"--guided", "--cacert", // of sam deploy and of curl
	}
	known := append(flagsOfLocal(t), others...)
	flag := regexp.MustCompile(`(?:^| )(--[a-z][a-z-]*)`)
	for _, p := range pages(t) {
		for _, span := range p.spans() {
			for _, match := range flag.FindAllStringSubmatch(span, -1) {
				family := strings.HasSuffix(match[1], "-") && slices.ContainsFunc(known, func(flag string) bool { return strings.HasPrefix(flag, match[1]) })
				assert.True(t, family || slices.Contains(known, match[1]), "%s: `%s`", p.name, span)
			}
		}
	}
}

// TestOutput runs the commands whose output pages show. A block without a language is a
// command behind a dollar sign and what it prints, or what the block of commands before it
// prints. A line "..." stands for any lines, "(...)" for any words.
func TestOutput(t *testing.T) {
	for _, p := range pages(t) {
		var before block
		for _, b := range p.blocks() {
			if b.language != "" {
				before = b
				continue
			}
			if typed, shown, found := strings.Cut(strings.TrimPrefix(b.code, "$ "), "\n"); found && strings.HasPrefix(b.code, "$ ") {
				typed := commandsOf(t, block{page: b.page, line: b.line, code: typed})[0]
				assertPrinted(t, b, shown, runLocal(t, typed.words))
				continue
			}
			require.Equal(t, "sh", before.language, "%s:%d: the output of which command?", b.page, b.line)
			commands := commandsOf(t, before)
			assertPrinted(t, b, b.code, serveLocal(t, commands[len(commands)-1].words))
		}
	}
}

// assertPrinted compares what a page shows with what a command prints, whose ports are others.
func assertPrinted(t *testing.T, b block, shown, printed string) {
	t.Helper()
	port, room := regexp.MustCompile(`127\.0\.0\.1:[0-9]+`), regexp.MustCompile(`[ \t]+`)
	plain := func(text string) string {
		return room.ReplaceAllString(port.ReplaceAllString(text, "127.0.0.1:PORT"), " ")
	}
	pattern := regexp.QuoteMeta(plain(strings.TrimSpace(shown)))
	pattern = regexp.MustCompile(`\n\\\.\\\.\\\.(\n|$)`).ReplaceAllString(pattern, "(?:\n.*)*$1")
	pattern = strings.ReplaceAll(pattern, `\(\.\.\.\)`, `\(.*\)`)
	assert.Regexp(t, `^\s*`+pattern, plain(printed), "%s:%d", b.page, b.line)
}

// program returns where a program is, or skips the test without it, unless the environment
// demands that all tests run.
func program(t *testing.T, name string) string {
	t.Helper()
	found, err := exec.LookPath(name)
	if err != nil && os.Getenv("LAMBRIDGE_REQUIRE_TOOLS") == "1" {
		t.Fatalf("%s is missing, and LAMBRIDGE_REQUIRE_TOOLS asks for it", name)
	}
	if err != nil {
		t.Skipf("%s is missing", name)
	}
	return found
}

// flagsOfLocal are the flags that its commands list.
func flagsOfLocal(t *testing.T) []string {
	t.Helper()
	listed := regexp.MustCompile(`(?m)^ +(?:-[a-z], )?(--[a-z-]+)`)
	var flags []string
	for _, verb := range []string{"serve", "build", "template", "invoke", "wait"} {
		out, err := exec.CommandContext(t.Context(), local(t), verb, "--help").CombinedOutput()
		require.NoError(t, err, "%s", out)
		for _, match := range listed.FindAllStringSubmatch(string(out), -1) {
			flags = append(flags, match[1])
		}
	}
	slices.Sort(flags)
	return slices.Compact(flags)
}
