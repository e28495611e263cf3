package main

import (
	"cmp"
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/lambridge-go/lambridge/local/internal/function"
	"github.com/lambridge-go/lambridge/local/internal/logs"
	"github.com/lambridge-go/lambridge/local/invoke"
)

// These tell the AWS SDK, and so adapter/connections, where the @connections API
// and the Invoke API are: a function that invokes another, or itself, does not reach
// real AWS with real credentials.
const (
	connectionsVariable = "AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI"
	invokeVariable      = "AWS_ENDPOINT_URL_LAMBDA"
)

// functionConfig says what to run and how. invokeURL is "" if there is no Invoke
// API.
func (f *flags) functionConfig(environ []string, webSocketURL, invokeURL string, printer *logs.Printer) (function.Config, error) {
	environ = append(slices.Clone(environ), connectionsVariable+"=http://"+webSocketURL)
	if invokeURL != "" && lookup(environ, invokeVariable) == "" { // else the developer has an emulator of more
		environ = append(environ, invokeVariable+"="+invokeURL)
	}
	config := function.Config{
		Environ: environ, Env: f.Env, EnvFiles: f.EnvFile, Name: f.Name,
		Account: invoke.Account{ID: f.Account}, Timeout: f.Timeout, Memory: f.Memory,
		Concurrency: f.Concurrency, MaxConcurrency: f.MaxConcurrency,
		Watch: !f.NoWatch && !f.Attach && f.Diff == "", Globs: f.Watch, Poll: f.Poll, Freeze: f.Freeze,
		OnLine: printer.Line, OnReport: printer.Report, Logger: printer.Logger(),
		AllowHosts: f.AllowHost,
	}
	if f.Diff != "" || f.Quiet {
		config.OnReport = nil
	}
	var err error
	if config.BuildFlags, err = f.buildFlags(); err != nil {
		return config, err
	}
	switch executable := f.executable(); {
	case f.Attach:
		config.Attach = f.RuntimeAPI
	case executable != "":
		config.Command = []string{executable}
	case f.Target != "":
		config.Package = f.Target
	default:
		self, err := os.Executable()
		if err != nil {
			return config, fmt.Errorf("local: find the tour, which is this program: %w", err)
		}
		config.Command, config.Watch = []string{self}, false
		config.Name = cmp.Or(config.Name, "tour")
		config.Environ = append(config.Environ, tourVariable+"=1")
	}
	return config, nil
}

// buildFlags are the flags in --build-flags, which are separated by white space. One
// that has some in it stands in quotes, as in GOFLAGS.
func (f *flags) buildFlags() ([]string, error) {
	var all []string
	for _, given := range f.BuildFlags {
		for rest := strings.TrimSpace(given); rest != ""; rest = strings.TrimSpace(rest) {
			var one strings.Builder
			for rest != "" && !strings.ContainsAny(rest[:1], " \t\n") {
				quote := rest[:1]
				if quote != `"` && quote != "'" {
					one.WriteString(quote)
					rest = rest[1:]
					continue
				}
				quoted, after, closed := strings.Cut(rest[1:], quote)
				if !closed {
					return nil, errors.New("local: --build-flags has a quote that is never closed")
				}
				one.WriteString(quoted)
				rest = after
			}
			all = append(all, one.String())
		}
	}
	return all, nil
}

// executable is the program to run, or "" if a package is to be built.
func (f *flags) executable() string {
	if f.Exec != "" {
		return f.Exec
	}
	if info, err := os.Stat(f.Target); err == nil && info.Mode().IsRegular() && !strings.HasSuffix(f.Target, ".go") {
		return f.Target
	}
	return ""
}

// servedHere is how a folder is served: as a Go program, or by the definition that is in it
// by one of the names that SAM, CDK and the Serverless Framework look for. "" is not at all.
func servedHere(dir string) string {
	if holdsProgram(dir) {
		return "."
	}
	for _, name := range []string{"template.yaml", "template.yml", "template.json", "cdk.out", ".serverless"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
			return "--definition " + name
		}
	}
	return ""
}

// holdsProgram reports whether a folder is that of a Go program.
func holdsProgram(dir string) bool {
	files, _ := filepath.Glob(filepath.Join(dir, "*.go"))
	for _, file := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.PackageClauseOnly)
		if err == nil && parsed.Name.Name == "main" && !strings.HasSuffix(file, "_test.go") {
			return true
		}
	}
	return false
}
