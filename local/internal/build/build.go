// Package build makes a program of a Go package, and tells when its sources have
// changed. It runs the go command, which must be on the PATH.
package build

import (
	"bytes"
	"context"
	"debug/buildinfo"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/lambridge-go/lambridge/local/internal/group"
)

// A Package is a main package.
type Package struct {
	// ImportPath is what errors call it: the pattern, until it has been built.
	ImportPath string

	pattern string
	environ []string
}

// Open returns the main package that go build would take pattern for, seen from
// the current directory. It does not look for it: [Package.Sources] does. environ
// is the environment of the go command; nil means this process's.
func Open(pattern string, environ []string) *Package {
	return &Package{ImportPath: pattern, pattern: pattern, environ: environ}
}

// Folder returns where the package lies if its pattern is the path of a folder
// (go help packages), and "" if only [Package.Sources] can tell.
func (p *Package) Folder() string {
	first, _, _ := strings.Cut(filepath.ToSlash(p.pattern), "/")
	if first != "." && first != ".." && !filepath.IsAbs(p.pattern) {
		return ""
	}
	folder, err := filepath.Abs(p.pattern)
	if err != nil {
		return ""
	}
	if info, err := os.Stat(folder); err != nil || !info.IsDir() {
		return ""
	}
	return folder
}

// An Error is a build that failed for the sources' sake.
type Error struct {
	// ImportPath names the package.
	ImportPath string
	// Output is what the go command had to say: the compiler's words.
	Output string
}

func (e *Error) Error() string {
	return fmt.Sprintf("build: %s does not compile:\n%s", e.ImportPath, strings.TrimRight(e.Output, "\n"))
}

// Build compiles and links the package into output. The symbol table and the
// debugging information are left out: it halves the time that linking takes, and
// stack traces do not need them. The error is an *Error if the sources are to blame.
func (p *Package) Build(ctx context.Context, output string) error {
	_, err := goCommand(ctx, p.environ, "build", "-ldflags", "-s -w", "-o", output, "--", p.pattern)
	if failure := (*commandError)(nil); errors.As(err, &failure) {
		return &Error{ImportPath: p.ImportPath, Output: failure.stderr}
	}
	if err != nil {
		return err
	}
	// Of a package that is not main, go build makes an archive and is content.
	info, err := buildinfo.ReadFile(output)
	if err != nil {
		return &Error{ImportPath: p.ImportPath, Output: "it is not package main"}
	}
	p.ImportPath = info.Path
	return nil
}

// Sources are the files that a program is made of, as far as a developer would
// edit them.
type Sources struct {
	// ImportPath and Dir are what the go command calls the main package, and where
	// it lies.
	ImportPath, Dir string
	// Dirs hold the packages of the module, of its workspace and of the modules
	// that a local directory replaces.
	Dirs []string
	// Embedded are the files that go:embed takes in, EmbedPatterns the patterns it
	// does so by, below the directory of their package.
	Embedded      []string
	EmbedPatterns []string
	// ModFiles are the go.mod files of these modules.
	ModFiles []string
	// Incomplete reports whether something that they need is missing.
	Incomplete bool
}

// Sources finds the package and lists its sources as they stand. It does so even if
// they do not compile.
func (p *Package) Sources(ctx context.Context) (Sources, error) {
	out, err := goCommand(ctx, p.environ, "list", "-e", "-deps",
		"-json=ImportPath,Dir,Name,DepOnly,Standard,Module,EmbedFiles,EmbedPatterns,Incomplete,Error", "--", p.pattern)
	if err != nil {
		return Sources{}, fmt.Errorf("build: find package %q: %w", p.pattern, err)
	}
	var s Sources
	var found []listed
	mods := map[string]bool{}
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var l listed
		if err := decoder.Decode(&l); err == io.EOF {
			break
		} else if err != nil {
			return Sources{}, fmt.Errorf("build: read what go list says of %q: %w", p.pattern, err)
		}
		if !l.DepOnly {
			found = append(found, l)
		}
		if l.isEdited() {
			s.add(l, mods)
		}
	}
	switch {
	case len(found) != 1:
		return Sources{}, fmt.Errorf("build: %q names %d packages: name the one folder that holds your func main", p.pattern, len(found))
	case found[0].Dir == "" && found[0].Error != nil:
		hint := ""
		if !filepath.IsAbs(p.pattern) && !strings.HasPrefix(p.pattern, ".") {
			hint = " (a folder is written with a leading ./)"
		}
		return Sources{}, fmt.Errorf("build: find package %q: %s%s", p.pattern, strings.TrimSpace(found[0].Error.Err), hint)
	case found[0].Name != "main" && found[0].Name != "":
		return Sources{}, fmt.Errorf("build: %q is package %s, not a program: name the folder that holds your func main", p.pattern, found[0].Name)
	}
	s.ImportPath, s.Dir, s.Incomplete = found[0].ImportPath, found[0].Dir, found[0].Incomplete
	return s, nil
}

// add adds a package. mods are the modules that are known.
func (s *Sources) add(l listed, mods map[string]bool) {
	s.Dirs = append(s.Dirs, l.Dir)
	for _, file := range l.EmbedFiles {
		s.Embedded = append(s.Embedded, filepath.Join(l.Dir, file))
	}
	for _, pattern := range l.EmbedPatterns {
		s.EmbedPatterns = append(s.EmbedPatterns, filepath.Join(l.Dir, strings.TrimPrefix(pattern, "all:")))
	}
	if l.Module != nil && l.Module.GoMod != "" && !mods[l.Module.GoMod] {
		mods[l.Module.GoMod] = true
		s.ModFiles = append(s.ModFiles, l.Module.GoMod)
	}
}

// listed is what go list says of a package (go help list).
type listed struct {
	Dir           string
	ImportPath    string
	Name          string
	DepOnly       bool
	Standard      bool
	EmbedFiles    []string
	EmbedPatterns []string
	Module        *module
	Incomplete    bool
	Error         *struct{ Err string }
}

type module struct {
	Main    bool
	GoMod   string
	Replace *struct{ Version string }
}

// isEdited reports whether the package lies in this module, its workspace, or a
// directory that replaces a module, and not in the module cache.
func (l *listed) isEdited() bool {
	if l.Standard || l.Dir == "" {
		return false
	}
	return l.Module == nil || l.Module.Main || l.Module.Replace != nil && l.Module.Replace.Version == ""
}

// A commandError is a go command that ended with an error.
type commandError struct {
	stderr string
	err    error
}

func (e *commandError) Error() string {
	if words := strings.TrimSpace(e.stderr); words != "" {
		return words
	}
	return e.err.Error()
}

func goCommand(ctx context.Context, environ []string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Env = environ
	group.Lead(cmd) // of compilers and linkers
	cmd.Cancel = func() error { group.Kill(cmd); return nil }
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		return nil, &commandError{stderr: stderr.String(), err: err}
	}
	if err != nil {
		return nil, fmt.Errorf("build: run the go command (is Go installed and on the PATH?): %w", err)
	}
	return stdout.Bytes(), nil
}
