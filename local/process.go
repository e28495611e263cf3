package main

import (
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/joho/godotenv"

	"github.com/lambridge-go/lambridge/local/internal/function"
	"github.com/lambridge-go/lambridge/local/internal/logs"
)

// connectionsVariable tells the AWS SDK, and so adapter/connections, where the
// @connections API is.
const connectionsVariable = "AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI"

// functionConfig says what to run and how.
func (f *flags) functionConfig(environ []string, webSocketURL string, printer *logs.Printer) (function.Config, error) {
	variables, err := f.variables()
	if err != nil {
		return function.Config{}, err
	}
	config := function.Config{
		Environ: environ, Env: append([]string{connectionsVariable + "=http://" + webSocketURL}, variables...),
		AccountID: f.Account, Timeout: f.Timeout, Memory: f.Memory,
		Concurrency: f.Concurrency, MaxConcurrency: f.MaxConcurrency,
		Watch: !f.NoWatch && !f.Attach && f.Diff == "", Globs: f.Watch,
		OnLine: printer.Line, OnReport: printer.Report, Logger: printer.Logger(),
	}
	if f.Diff != "" {
		config.OnReport = nil
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
		config.Command, config.Name, config.Watch = []string{self}, "tour", false
		config.Env = append(config.Env, tourVariable+"=1")
	}
	return config, nil
}

// variables are the function's own: those of the files, then those of --env.
func (f *flags) variables() ([]string, error) {
	var all []string
	for _, name := range f.EnvFile {
		file, err := godotenv.Read(name)
		if err != nil {
			return nil, fmt.Errorf("local: read --env-file %q: %w", name, err)
		}
		for _, key := range slices.Sorted(maps.Keys(file)) {
			if !variableName.MatchString(key) { // godotenv takes any text for a variable
				return nil, fmt.Errorf("local: read --env-file %q: %q is no variable: write KEY=VALUE lines", name, key+file[key])
			}
			all = append(all, key+"="+file[key])
		}
	}
	return append(all, f.Env...), nil
}

var variableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

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
