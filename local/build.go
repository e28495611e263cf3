package main

import (
	"cmp"
	"context"
	"debug/elf"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/lambridge-go/lambridge/local/definition"
	"github.com/lambridge-go/lambridge/local/internal/archive"
	"github.com/lambridge-go/lambridge/local/internal/build"
)

// buildFlags are those of the command build.
type buildFlags struct {
	Package    string    `arg:"" optional:"" help:"The function: the folder of a Go program that calls lambda.Start."`
	Definition string    `placeholder:"FILE|FOLDER" help:"Build all functions of a definition instead, each into a zip file of its name: a SAM or CloudFormation template, cdk.out or .serverless, or an OpenAPI document with --function."`
	Function   keyValues `placeholder:"NAME=PATH" help:"The folder of a function of the definition, by its logical id or name, where the definition does not say. Repeatable."`
	Parameter  keyValues `placeholder:"NAME=VALUE" help:"Value of a template's parameter. Repeatable."`
	Arch       string    `default:"" enum:",arm64,x86_64,amd64" placeholder:"ARCH" help:"The architecture: arm64 or x86_64. Default: what the definition says; arm64 without one."`
	Output     string    `short:"o" placeholder:"FILE|FOLDER" help:"The zip file, or with a definition the folder of all of them; what is there by these names is replaced. Default: function.zip, or the folder functions."`
	Tags       []string  `placeholder:"TAG" help:"Build tag of the program, beside lambda.norpc. Repeatable."`
}

// Help is what the command's help says of it.
func (buildFlags) Help() string {
	return `Builds a function, or all those of a definition, and zips them for Lambda: the runtime is provided.al2023, the handler's name does not matter. The same sources give the same bytes, whatever the folder, the commit and the day, as long as the version of Go is the same. cgo is off, and what the program reads from files is not in the zip: embed it. Of a function that its Makefile builds, the zip has what the Makefile makes. "local --exec function.zip" runs what has been built for this machine's architecture.`
}

// check refuses what does not go together.
func (f *buildFlags) check() error {
	switch {
	case f.Package == "" && f.Definition == "":
		return errors.New("local: build: which function? Name its folder, or give a --definition for all of them")
	case f.Package != "" && f.Definition != "":
		return fmt.Errorf("local: build: the definition names its functions: leave out %s, or give it with --function NAME=%s", f.Package, f.Package)
	case f.Definition == "" && len(f.Function)+len(f.Parameter) > 0:
		return errors.New("local: build: --function and --parameter are for a definition: add --definition or leave them out")
	}
	return nil
}

// A zipJob is a program, and the zip file to be made of it.
type zipJob struct {
	buildTarget
	output string
}

// A buildTarget is a program to be built, of a package or by a Makefile.
type buildTarget struct {
	source definition.Source
	arch   string // as Lambda calls it
}

// run builds all that is asked for beside where it is to be, of which there is all or
// nothing.
func (f *buildFlags) run(ctx context.Context, environ []string, stdout, stderr io.Writer) error {
	if f.Definition == "" {
		job := zipJob{buildTarget{definition.Source{Package: f.Package}, lambdaArch(f.Arch, "arm64")}, cmp.Or(f.Output, "function.zip")}
		return f.zip(ctx, []zipJob{job}, filepath.Dir(job.output), environ, stdout, stderr)
	}
	folder := cmp.Or(f.Output, "functions")
	jobs, err := f.jobs(folder, environ, stderr)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return fmt.Errorf("local: build: %w", err)
	}
	return f.zip(ctx, jobs, folder, environ, stdout, stderr)
}

// lambdaArch is an architecture as Lambda calls it, who calls it amd64 or not.
func lambdaArch(given, otherwise string) string {
	if given == "amd64" {
		return "x86_64"
	}
	return cmp.Or(given, otherwise)
}

// zip makes the zip files in a folder inside beside, and puts them in their places when
// all of them are there.
func (f *buildFlags) zip(ctx context.Context, jobs []zipJob, beside string, environ []string, stdout, stderr io.Writer) (err error) {
	dir, err := os.MkdirTemp(beside, ".lambridge-build-")
	if err != nil {
		return fmt.Errorf("local: build: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if dir, err = filepath.Abs(dir); err != nil { // go runs elsewhere
		return fmt.Errorf("local: build: %w", err)
	}
	built := map[buildTarget]*builtProgram{} // functions may share one
	var failed []error
	for _, job := range jobs {
		if built[job.buildTarget] != nil {
			continue
		}
		p := &builtProgram{dir: filepath.Join(dir, fmt.Sprintf("program-%d", len(built)))}
		built[job.buildTarget] = p
		failed = append(failed, f.build(ctx, job.buildTarget, p, environ, stderr))
	}
	if err := errors.Join(failed...); err != nil {
		return err
	}
	packed := func(n int) string { return filepath.Join(dir, fmt.Sprintf("%d.zip", n)) }
	for n, job := range jobs {
		p := built[job.buildTarget]
		if p.size, err = archive.Write(packed(n), p.dir); err != nil {
			return fmt.Errorf("local: build: %w", err)
		}
	}
	for n, job := range jobs {
		info, err := os.Stat(packed(n))
		if err == nil {
			err = os.Rename(packed(n), job.output)
		}
		if err != nil {
			return fmt.Errorf("local: build: %w", err)
		}
		p := built[job.buildTarget]
		if _, err := fmt.Fprintf(stdout, "%s: %s for %s, %.1f MB, %.1f MB unpacked\n", job.output, p.name, job.arch, megabytes(info.Size()), megabytes(p.size)); err != nil {
			return err
		}
		if p.size > archive.MaxUnpacked {
			fmt.Fprintf(stderr, "local: build: %s is more than the %d MB that Lambda takes unpacked\n", job.output, archive.MaxUnpacked>>20)
		}
	}
	return nil
}

func megabytes(n int64) float64 { return float64(n) / (1 << 20) }

// A builtProgram is what has been built for one or more functions.
type builtProgram struct {
	dir  string // of its files
	name string // of its package, or of what its Makefile made
	size int64
}

// build builds what into p.
func (f *buildFlags) build(ctx context.Context, what buildTarget, p *builtProgram, environ []string, stderr io.Writer) error {
	if err := os.Mkdir(p.dir, 0o700); err != nil {
		return fmt.Errorf("local: build: %w", err)
	}
	executable := filepath.Join(p.dir, archive.Program)
	if what.source.Makefile != "" {
		p.name = what.source.Target
		err := runMakefile(ctx, what.source, p.dir, environ)
		if err == nil {
			err = checkArch(executable, what)
		}
		if err != nil {
			return exitError{fmt.Errorf("local: build: %w", err), exitFunction}
		}
	} else {
		pkg := build.OpenForLambda(what.source.Package, environ, goarch[what.arch], f.Tags)
		_, err := pkg.Sources(ctx) // which tells what is no program from one that does not compile
		if err == nil {
			err = pkg.Build(ctx, executable)
		}
		if err != nil {
			return exitError{err, exitFunction}
		}
		p.name = pkg.ImportPath
	}
	if words := build.Leftover(executable); words != "" {
		fmt.Fprintf(stderr, "local: build: %s\n", words)
	}
	return nil
}

// goarch is what Go calls Lambda's architectures, and machines what ELF files do.
var (
	goarch   = map[string]string{"arm64": "arm64", "x86_64": "amd64"}
	machines = map[string]elf.Machine{"arm64": elf.EM_AARCH64, "x86_64": elf.EM_X86_64}
)

// checkArch refuses what a Makefile has built for another architecture than the function's.
// A bootstrap may be a script, too.
func checkArch(executable string, what buildTarget) error {
	file, err := elf.Open(executable)
	if err != nil {
		return nil
	}
	defer file.Close()
	if file.Machine != machines[what.arch] {
		return fmt.Errorf("make %s has built a program for %v, and the function runs on %s", what.source.Target, file.Machine, what.arch)
	}
	return nil
}
