package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/lambridge-go/lambridge/local/definition"
	"github.com/lambridge-go/lambridge/local/internal/logs"
)

// jobs are those of a definition: one for each function whose source is here.
// The others are named on stderr, with the reason.
func (f *buildFlags) jobs(folder string, environ []string, stderr io.Writer) ([]zipJob, error) {
	served := flags{definitionFlags: definitionFlags{Function: f.Function, Parameter: f.Parameter}}
	plan, err := definition.Load(f.Definition, served.definitionOptions(environ))
	if err != nil {
		return nil, fmt.Errorf("local: build: %w", err)
	}
	if err := served.checkNames(plan); err != nil {
		return nil, err
	}
	var jobs []zipJob
	var wrong []error
	outputs := map[string]*definition.Function{}
	for _, fn := range plan.Functions {
		source := f.sourceOf(fn)
		if source.Missing != "" {
			fmt.Fprintf(stderr, "local: build: %s\n", logs.Quote(labelOf(fn)+" is not built: "+source.Missing))
			continue
		}
		job := zipJob{buildTarget{source, lambdaArch(f.Arch, fn.Architecture)}, filepath.Join(folder, labelOf(fn)+".zip")}
		switch other := outputs[job.output]; {
		case !fileName.MatchString(labelOf(fn)):
			wrong = append(wrong, fmt.Errorf("local: build: %v: %q is no name for a function", fn.Origin, labelOf(fn)))
		case other != nil:
			wrong = append(wrong, fmt.Errorf("local: build: %v and %v: two functions are called %s, and so would be their zip files", other.Origin, fn.Origin, labelOf(fn)))
		case job.arch == "":
			wrong = append(wrong, fmt.Errorf("local: build: %v: the definition does not say whether %s runs on arm64 or x86_64: --arch does", fn.Origin, labelOf(fn)))
		}
		if fn.Runtime != "" && !strings.HasPrefix(fn.Runtime, "provided.") {
			fmt.Fprintf(stderr, "local: build: %v: %s has the runtime %s, which starts no bootstrap: provided.al2023 does\n", fn.Origin, logs.Quote(labelOf(fn)), logs.Quote(fn.Runtime))
		}
		outputs[job.output] = fn
		jobs = append(jobs, job)
	}
	if len(jobs) == 0 {
		wrong = append(wrong, fmt.Errorf("local: build: %s has no function whose source is here", f.Definition))
	}
	return jobs, errors.Join(wrong...)
}

// fileName is what a function may be called that is to have a file of its name: what
// CloudFormation lets resources, and Lambda functions, be called.
var fileName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,128}$`)

// sourceOf is what a function is built from, or why there is nothing.
func (f *buildFlags) sourceOf(fn *definition.Function) definition.Source {
	for name, path := range f.Function {
		if isCalled(fn, name) {
			folder, err := filepath.Abs(path) // else it might be an import path
			if info, statErr := os.Stat(folder); err != nil || statErr != nil || !info.IsDir() {
				return definition.Source{Missing: fmt.Sprintf("--function %s=%s names no folder", name, path)}
			}
			return definition.Source{Package: folder}
		}
	}
	if fn.Source.Executable != "" {
		return definition.Source{Missing: "its program is built already: " + fn.Source.Executable}
	}
	return fn.Source
}
