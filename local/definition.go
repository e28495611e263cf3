package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/lambridge-go/lambridge/local/definition"
	"github.com/lambridge-go/lambridge/local/gateway"
)

type definitionFlags struct {
	Definition string    `placeholder:"FILE|FOLDER" help:"Serve the APIs that a file defines, with all their functions: an OpenAPI document, a SAM or CloudFormation template, cdk.out or .serverless."`
	Function   keyValues `placeholder:"NAME=PATH" help:"The program of a function of the definition, by its logical id or name: a folder to build, an executable or a zip file. Repeatable."`
	Backend    keyValues `placeholder:"HOST=ADDR" help:"Address on this machine that stands in for a host in the URIs of HTTP integrations, such as pets.example.com=127.0.0.1:8080. Repeatable."`
	Export     string    `enum:",openapi,sam" default:"" placeholder:"openapi|sam" help:"Write the definition that the other flags amount to, instead of serving it. Environment variables are left out."`
	Parameter  keyValues `placeholder:"NAME=VALUE" help:"Value of a template's parameter; a resource's logical id says what a Ref to it is. Repeatable."`
}

// definitionOptions say how the definition is read.
func (f *flags) definitionOptions(environ []string) definition.Options {
	o := definition.Options{Parameters: f.Parameter, Account: f.Account, StageVariables: f.StageVariable}
	for _, name := range []string{"AWS_DEFAULT_REGION", "AWS_REGION"} { // the later wins
		if region := lookup(environ, name); region != "" {
			o.Region = region
		}
	}
	if f.apiGiven {
		o.API = gateway.HTTPAPI
		if f.API == "rest" {
			o.API = gateway.RESTAPI
		}
	}
	return o
}

// checkDefinition refuses what does not go with a definition, or without one.
func (f *flags) checkDefinition(refuse func(condition bool, message string)) {
	if f.Definition == "" {
		refuse(len(f.Function) > 0, "--function names the program of a function of a definition: add --definition, or name the folder without a flag")
		refuse(len(f.Backend) > 0, "--backend stands in for a host of a definition's integrations: add --definition or leave it out")
		refuse(len(f.Parameter) > 0, "--parameter is for a template: add --definition or leave it out")
		for _, list := range [][]string{f.Env, f.EnvFile} {
			for _, value := range list {
				name, _ := ofFunction(value)
				refuse(name != "" && !looksLikePath(value), fmt.Sprintf("--env and --env-file name the function %s, and there is one: leave the name out, or add --definition", name))
			}
		}
		return
	}
	for _, decided := range []struct {
		given bool
		flag  string
	}{
		{len(f.Route) > 0, "--route"}, {f.Stage != "", "--stage"}, {f.Stream, "--stream"}, {f.cors() != nil, "--cors-..."},
		{f.BasePath != "", "--base-path"}, {len(f.BinaryMediaType) > 0, "--binary-media-type"}, {len(f.WSRoute) > 0, "--ws-route"},
		{f.WSTwoWay, "--ws-two-way"}, {f.RouteSelection != defaultRouteSelection, "--route-selection"}, {f.Every, "--every"},
		{f.Diff != "", "--diff"}, {f.Name != "", "--name"}, {f.Exec != "", "--exec"},
	} {
		refuse(decided.given, decided.flag+" is for one function without a definition, which decides that: leave it out")
	}
	for _, host := range slices.Sorted(maps.Keys(f.Backend)) {
		_, port, err := net.SplitHostPort(f.Backend[host])
		refuse(err != nil || port == "", fmt.Sprintf("--backend %s=%s has no address with a port, such as 127.0.0.1:8080", host, f.Backend[host]))
	}
	refuse(f.Target != "" && !f.Attach, "the definition names its functions: leave out the package or executable, or give it with --function NAME="+f.Target)
	refuse(f.Attach && f.Target == "", "--attach takes the name of a function beside a definition: --attach NAME")
	refuse(f.apiGiven && f.API != "rest" && !strings.HasPrefix(f.API, "http"), fmt.Sprintf("--api %s is no API that a document defines: rest or http", f.API))
}

// defaultRouteSelection is what --route-selection is if nobody gives it.
const defaultRouteSelection = "$request.body.action"

// variablesOf are what the command line gives a function, the later winning: of
// --env-file and --env, what is for all and what is for the function.
func (f *flags) variablesOf(fn *definition.Function) ([]string, []string, error) {
	var files, variables, named []string
	for _, value := range f.EnvFile {
		name, file := ofFunction(value)
		if _, err := os.Stat(value); err == nil { // a file whose name looks like the rest
			name, file = "", value
		}
		switch {
		case name != "" && !isCalled(fn, name):
		case filepath.Ext(file) == ".json":
			fromJSON, err := readEnvJSON(file, fn)
			if err != nil {
				return nil, nil, err
			}
			variables = append(variables, fromJSON...)
		default:
			files = append(files, file)
		}
	}
	for _, value := range f.Env {
		switch name, variable := ofFunction(value); {
		case name == "":
			variables = append(variables, variable)
		case isCalled(fn, name):
			named = append(named, variable)
		}
	}
	return files, append(variables, named...), nil
}

// forFunction begins a value that is for one function: "Notes:" of "Notes:KEY=VALUE".
var forFunction = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9_-]+):(.+)$`)

// ofFunction cuts the name of a function off a value, if it begins with one.
func ofFunction(value string) (name, rest string) {
	key, _, _ := strings.Cut(value, "=")
	if found := forFunction.FindStringSubmatch(value); found != nil && strings.Contains(key, ":") || found != nil && !strings.Contains(value, "=") {
		return found[1], found[2]
	}
	return "", value
}

// looksLikePath reports whether a value is a file that is there, whatever its name.
func looksLikePath(value string) bool {
	_, err := os.Stat(value)
	return err == nil
}

// isCalled reports whether a name means the function: its logical id or its name.
func isCalled(fn *definition.Function, name string) bool {
	return name == fn.LogicalID || name == fn.Name
}

// readEnvJSON reads a file of variables as sam local has it: those of Parameters are
// for all functions, the others by logical id or name.
//
// https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-sam-cli-using-invoke.html
func readEnvJSON(file string, fn *definition.Function) ([]string, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("local: read --env-file: %w", err)
	}
	var sections map[string]map[string]any
	if err := json.Unmarshal(text, &sections); err != nil {
		return nil, fmt.Errorf("local: read --env-file %q: it is no JSON object of objects, such as {\"Parameters\": {\"KEY\": \"VALUE\"}}", file)
	}
	var variables []string
	for _, section := range []string{"Parameters", fn.LogicalID, fn.Name} {
		for _, key := range slices.Sorted(maps.Keys(sections[section])) {
			variables = append(variables, fmt.Sprintf("%s=%v", key, sections[section][key]))
		}
	}
	return variables, nil
}

// checkNames refuses names of functions and hosts that the plan does not have.
func (f *flags) checkNames(plan *definition.Plan) error {
	var wrong []error
	check := func(flag, name string) {
		if !slices.ContainsFunc(plan.Functions, func(fn *definition.Function) bool { return isCalled(fn, name) }) {
			wrong = append(wrong, fmt.Errorf("local: %s names the function %q, which the definition does not have: it has %s", flag, name, namesOf(plan)))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(f.Function)) {
		check("--function", name)
	}
	for _, host := range slices.Sorted(maps.Keys(f.Backend)) {
		if !leadsTo(plan, host) {
			wrong = append(wrong, fmt.Errorf("local: --backend names the host %q, to which no integration of the definition leads", host))
		}
	}
	if f.Attach {
		check("--attach", f.Target)
	}
	for _, value := range f.Env {
		if name, _ := ofFunction(value); name != "" {
			check("--env", name)
		}
	}
	for _, value := range f.EnvFile {
		if name, _ := ofFunction(value); name != "" && !looksLikePath(value) {
			check("--env-file", name)
		}
	}
	if err := errors.Join(wrong...); err != nil {
		return exitError{err, exitUsage}
	}
	return nil
}

// leadsTo reports whether a URI of an integration has the host, which may have a port.
func leadsTo(plan *definition.Plan, host string) bool {
	name, _, _ := strings.Cut(strings.ToLower(host), ":")
	has := func(i *definition.Integration) bool {
		return i != nil && strings.Contains(strings.ToLower(i.URI), "://"+name)
	}
	for _, api := range plan.APIs {
		if slices.ContainsFunc(api.Routes, func(r *definition.Route) bool { return has(r.Integration) }) {
			return true
		}
	}
	for _, api := range plan.WebSocketAPIs {
		if slices.ContainsFunc(api.Routes, func(r *definition.WebSocketRoute) bool { return has(r.Integration) }) {
			return true
		}
	}
	return false
}

// namesOf are the names that --function takes.
func namesOf(plan *definition.Plan) string {
	var names []string
	for _, fn := range plan.Functions {
		if fn.LogicalID != "" {
			names = append(names, fn.LogicalID)
		} else {
			names = append(names, fn.Name)
		}
	}
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}
