// Package build makes a program of a Go package, and tells when its sources have
// changed. It runs the go command, which must be on the PATH.
package build

import (
	"bytes"
	"context"
	"debug/buildinfo"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/lambridge-go/lambridge/local/internal/group"
)

// A Package is a main package.
type Package struct {
	// ImportPath is what errors call it: the pattern, until it has been built.
	ImportPath string

	pattern string
	dir     string // where the go command runs, "" for the current directory
	target  string // the pattern seen from there
	environ []string
	flags   []string
}

// Open returns the main package that go build would take pattern for, seen from
// the current directory. It does not look for it: [Package.Sources] does. environ
// is the environment of the go command; nil means this process's. What it says of
// another platform, to deploy to, does not count: the program is to run here. flags
// are further ones of go build.
func Open(pattern string, environ []string, flags ...string) *Package {
	if environ == nil {
		environ = os.Environ()
	}
	p := &Package{ImportPath: pattern, pattern: pattern, target: pattern, environ: forThisMachine(environ), flags: flags}
	if folder := p.Folder(); folder != "" && isOfAnotherModule(folder, environ) {
		p.dir, p.target = folder, "."
	}
	return p
}

// isOfAnotherModule reports whether a folder has a module of its own that the go
// command would not find from here: one go.mod per function is common.
func isOfAnotherModule(folder string, environ []string) bool {
	here, err := os.Getwd()
	if err != nil || variable(environ, "GOWORK") != "" && variable(environ, "GOWORK") != "off" {
		return false
	}
	if variable(environ, "GOWORK") == "" && nearest(here, "go.work") != "" {
		return false
	}
	module := nearest(folder, "go.mod")
	return module != "" && module != nearest(here, "go.mod")
}

// nearest returns the file of that name in dir or the nearest folder above, or "".
func nearest(dir, name string) string {
	for {
		file := filepath.Join(dir, name)
		if info, err := os.Stat(file); err == nil && info.Mode().IsRegular() {
			return file
		}
		if dir == filepath.Dir(dir) {
			return ""
		}
		dir = filepath.Dir(dir)
	}
}

// runsIn is the folder that the go command runs in.
func (p *Package) runsIn() string {
	if p.dir != "" {
		return p.dir
	}
	here, err := os.Getwd()
	if err != nil {
		return string(filepath.Separator)
	}
	return here
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
// debugging information are left out, unless flags or GOFLAGS say with -ldflags what
// they want: it halves the time that linking takes, and stack traces do not need them.
// The error is an *Error if the sources are to blame.
func (p *Package) Build(ctx context.Context, output string) error {
	_, err := runGo(ctx, p.dir, p.environ, append(p.buildArgs(output), "--", p.target)...)
	if failure := (*commandError)(nil); errors.As(err, &failure) {
		if strings.Contains(failure.stderr, syscall.ENOSPC.Error()) {
			return fmt.Errorf("build: no room for the program: the disk of %s or of the go command's cache is full: %s", filepath.Dir(output), strings.TrimSpace(failure.stderr))
		}
		return &Error{ImportPath: p.ImportPath, Output: p.seenFromHere(failure.stderr)}
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

// buildArgs are the arguments of the go command that builds, but for the package.
func (p *Package) buildArgs(output string) []string {
	args := []string{"build", "-o", output}
	if !p.setsLinkerFlags() {
		args = append(args, "-ldflags", "-s -w")
	}
	return append(args, p.flags...)
}

// seenFromHere makes paths that begin with ./ ones that a terminal here can open.
func (p *Package) seenFromHere(output string) string {
	here, err := os.Getwd()
	if p.dir == "" || err != nil {
		return output
	}
	folder, err := filepath.Rel(here, p.dir)
	if err != nil {
		return output
	}
	return strings.TrimPrefix(strings.ReplaceAll("\n"+output, "\n./", "\n./"+filepath.ToSlash(folder)+"/"), "\n")
}

func runGo(ctx context.Context, dir string, environ []string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = dir
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
