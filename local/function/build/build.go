// Package build makes a program of a Go package, and tells when its sources have
// changed. It runs the go command, which must be on the PATH.
package build

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
)

// A Package is a main package.
type Package struct {
	// ImportPath and Dir are what the go command calls it, and where it lies.
	ImportPath string
	Dir        string

	environ []string
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

// Find looks up a main package by the pattern that go build would take, seen from
// the current directory. environ is the environment of the go command; nil means
// this process's.
func Find(ctx context.Context, pattern string, environ []string) (*Package, error) {
	out, err := goCommand(ctx, "", environ, "list", "-e", "-find", "-json=ImportPath,Dir,Name,Error", "--", pattern)
	if err != nil {
		return nil, fmt.Errorf("build: find package %q: %w", pattern, err)
	}
	var found []listed
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		if err := decoder.Decode(&p); err == io.EOF {
			break
		} else if err != nil {
			return nil, fmt.Errorf("build: read what go list says of %q: %w", pattern, err)
		}
		found = append(found, p)
	}
	switch {
	case len(found) != 1:
		return nil, fmt.Errorf("build: %q names %d packages: name the one folder that holds your func main", pattern, len(found))
	case found[0].Dir == "" && found[0].Error != nil:
		return nil, fmt.Errorf("build: find package %q: %s (a folder is written with a leading ./)", pattern, strings.TrimSpace(found[0].Error.Err))
	case found[0].Name != "main" && found[0].Name != "":
		return nil, fmt.Errorf("build: %q is package %s, not a program: name the folder that holds your func main", pattern, found[0].Name)
	}
	return &Package{ImportPath: found[0].ImportPath, Dir: found[0].Dir, environ: environ}, nil
}

// Build compiles and links the package into output. The symbol table and the
// debugging information are left out: it halves the time that linking takes, and
// stack traces do not need them. The error is an *Error if the sources are to blame.
func (p *Package) Build(ctx context.Context, output string) error {
	_, err := goCommand(ctx, p.Dir, p.environ, "build", "-ldflags", "-s -w", "-o", output, ".")
	if failure := (*commandError)(nil); errors.As(err, &failure) {
		return &Error{ImportPath: p.ImportPath, Output: failure.stderr}
	}
	return err
}

// Sources are the files that a program is made of, as far as a developer would
// edit them.
type Sources struct {
	// Dirs hold the packages of the module, of its workspace and of the modules
	// that a local directory replaces.
	Dirs []string
	// Embedded are the files that go:embed takes in, EmbedPatterns the patterns it
	// does so by, below the directory of their package.
	Embedded      []string
	EmbedPatterns []string
	// ModFiles are the go.mod files of these modules.
	ModFiles []string
}

// Sources lists the package's sources as they stand. It does so even if they do
// not compile.
func (p *Package) Sources(ctx context.Context) (Sources, error) {
	out, err := goCommand(ctx, p.Dir, p.environ, "list", "-e", "-deps",
		"-json=Dir,Standard,Module,EmbedFiles,EmbedPatterns", "--", ".")
	if err != nil {
		return Sources{}, fmt.Errorf("build: list the sources of %s: %w", p.ImportPath, err)
	}
	var s Sources
	mods := map[string]bool{}
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var dep listed
		if err := decoder.Decode(&dep); err == io.EOF {
			return s, nil
		} else if err != nil {
			return Sources{}, fmt.Errorf("build: read what go list says of %s: %w", p.ImportPath, err)
		}
		if !dep.isEdited() {
			continue
		}
		s.Dirs = append(s.Dirs, dep.Dir)
		for _, file := range dep.EmbedFiles {
			s.Embedded = append(s.Embedded, filepath.Join(dep.Dir, file))
		}
		for _, pattern := range dep.EmbedPatterns {
			s.EmbedPatterns = append(s.EmbedPatterns, filepath.Join(dep.Dir, strings.TrimPrefix(pattern, "all:")))
		}
		if dep.Module != nil && dep.Module.GoMod != "" && !mods[dep.Module.GoMod] {
			mods[dep.Module.GoMod] = true
			s.ModFiles = append(s.ModFiles, dep.Module.GoMod)
		}
	}
}

// listed is what go list says of a package (go help list).
type listed struct {
	Dir           string
	ImportPath    string
	Name          string
	Standard      bool
	EmbedFiles    []string
	EmbedPatterns []string
	Module        *module
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

func goCommand(ctx context.Context, dir string, environ []string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir, cmd.Env = dir, environ
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
