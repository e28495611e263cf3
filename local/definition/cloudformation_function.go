package definition

import (
	"debug/elf"
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/lambridge-go/lambridge/local/internal/archive"
	"github.com/lambridge-go/lambridge/local/internal/cloudformation"
	"github.com/lambridge-go/lambridge/local/internal/document"
)

// function reads a function that a template declares.
//
// https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-function.html
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-function.html
func (r *reader) function(res *cloudformation.Resource) {
	f := &Function{
		LogicalID: res.LogicalID, Name: res.ID(),
		Runtime: res.Get("Runtime").Value(), Handler: res.Get("Handler").Value(),
		Origin: originOf(res.Node),
	}
	f.ARN = arnOf(res.Stack, f.Name)
	name := "function " + res.Name()
	var errs [3]error
	f.Timeout, errs[0] = seconds(res.Get("Timeout"), "Timeout")
	f.Memory, errs[1] = integer(res.Get("MemorySize"), "MemorySize")
	f.MaxConcurrency, errs[2] = integer(res.Get("CapacityProviderConfig").Find("LambdaManagedInstancesCapacityProviderConfig", "PerExecutionEnvironmentMaxConcurrency"), "PerExecutionEnvironmentMaxConcurrency")
	if f.Timeout > 900*time.Second {
		errs[0] = fmt.Errorf("the timeout %v is more than the 900s of Lambda", f.Timeout)
	}
	if f.Memory != 0 && (f.Memory < 128 || f.Memory > 10240) {
		errs[1] = fmt.Errorf("MemorySize %d is not between 128 and 10240, as Lambda has it", f.Memory)
	}
	if err := errors.Join(errs[:]...); err != nil {
		r.refuse(f.Origin, name, "%s", oneLine(err))
	}
	f.Architecture = architectureOf(res.Get("Architectures"))
	r.environment(f, res)
	f.Source = sourceOf(res)
	r.functions[f.Name] = f
	r.plan.Functions = append(r.plan.Functions, f)
	r.ignore(res.Get("Architectures"), "Architectures of functions: they run on this machine's")
}

// architectureOf reads a list of one, which is all that Lambda takes.
//
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-function.html
func architectureOf(list *document.Node) string {
	if list.IsNull() {
		return "x86_64"
	}
	if all := list.Strings(); len(all) == 1 && (all[0] == "arm64" || all[0] == "x86_64") {
		return all[0]
	}
	return ""
}

// environment reads the variables of a function: what resolves is given, what does
// not is named, and never is anything in its place.
func (r *reader) environment(f *Function, res *cloudformation.Resource) {
	for key, value := range res.Get("Environment").Get("Variables").All() {
		if slices.Contains(reservedVariables, key) {
			r.warn(originOf(value), "function "+res.Name(), "the variable %s is Lambda's own, which refuses it", key)
		}
		doubt := ""
		switch {
		case value.IsUnknown() || value.IsScalar() && value.Doubt != "":
			doubt = value.Doubt
		case value.IsNull():
			continue
		case !value.IsScalar():
			doubt = "it is no text"
		case strings.Contains(value.Text, "{{resolve:"):
			doubt = "it is read from Secrets Manager or Systems Manager when the stack is deployed"
		}
		if doubt != "" {
			f.Missing = append(f.Missing, Note{Origin: originOf(value), Name: key, Text: doubt})
			continue
		}
		f.Environment = append(f.Environment, Named[string]{Name: key, Value: value.Text, Origin: originOf(value)})
	}
}

// reservedVariables are those that nobody but Lambda sets.
//
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
var reservedVariables = strings.Fields(`
	_HANDLER _X_AMZN_TRACE_ID AWS_ACCESS_KEY AWS_ACCESS_KEY_ID AWS_DEFAULT_REGION AWS_EXECUTION_ENV AWS_LAMBDA_FUNCTION_MEMORY_SIZE
	AWS_LAMBDA_FUNCTION_NAME AWS_LAMBDA_FUNCTION_VERSION AWS_LAMBDA_INITIALIZATION_TYPE AWS_LAMBDA_LOG_GROUP_NAME
	AWS_LAMBDA_LOG_STREAM_NAME AWS_LAMBDA_RUNTIME_API AWS_REGION AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN LAMBDA_RUNTIME_DIR
	LAMBDA_TASK_ROOT
`)

// sourceOf finds what a function's program is made of.
func sourceOf(res *cloudformation.Resource) Source {
	hint := fmt.Sprintf("give it with --function %s=./folder", res.LogicalID)
	missing := func(format string, args ...any) Source {
		return Source{Missing: fmt.Sprintf(format, args...) + ": " + hint}
	}
	if strings.EqualFold(res.Get("PackageType").Value(), "Image") {
		return missing("its program is a container image")
	}
	var dir string
	if path := res.Node.Find("Metadata", "aws:asset:path").Value(); path != "" {
		dir = path
	} else if res.Get("InlineCode") != nil {
		return missing("its program is written in the template")
	} else if code := res.Get("CodeUri"); code != nil {
		switch dir = code.Value(); {
		case code.IsUnknown():
			return missing("its CodeUri cannot be resolved, since %s", code.Doubt)
		case dir == "":
			return missing("its CodeUri is in S3")
		}
	} else if code := res.Get("Code"); code != nil {
		switch {
		case code.IsUnknown():
			return missing("its Code cannot be resolved, since %s", code.Doubt)
		case code.Get("ZipFile") != nil:
			return missing("its program is written in the template")
		case code.Get("S3Key") != nil:
			if dir = res.Stack.Asset(code.Get("S3Key").Value()); dir == "" {
				return missing("its program is in S3")
			}
		case code.IsScalar():
			dir = code.Text
		default:
			return missing("its program is not on this machine")
		}
	} else {
		return missing("the template does not say where its program is")
	}
	if strings.Contains(dir, "://") {
		return missing("its program is at %s, and nothing is fetched", dir)
	}
	if !filepath.IsAbs(dir) {
		dir = filepath.Join(res.Stack.Dir, dir)
	}
	if res.Node.Find("Metadata", "BuildMethod").Value() == "makefile" {
		if context := res.Node.Find("Metadata", "ContextDir").Value(); context != "" {
			dir = filepath.Join(res.Stack.Dir, context)
		}
		return Source{Makefile: dir, Target: "build-" + res.LogicalID}
	}
	return sourceIn(dir, missing)
}

// sourceIn tells a package main from a built program, and both from anything else.
func sourceIn(dir string, missing func(format string, args ...any) Source) Source {
	info, err := os.Stat(dir)
	switch {
	case err != nil:
		return missing("there is no %s", dir)
	case !info.IsDir() && archive.HasProgram(dir):
		return Source{Executable: dir}
	case !info.IsDir():
		return missing("its program is packed in %s", filepath.Base(dir))
	case isMain(dir):
		return Source{Package: dir}
	}
	executable := filepath.Join(dir, "bootstrap")
	if info, err := os.Stat(executable); err != nil || info.IsDir() {
		return missing("%s holds neither a package main nor a bootstrap", dir)
	}
	if why := foreign(executable); why != "" {
		return missing("its bootstrap %s", why)
	}
	return Source{Executable: executable}
}

// isMain reports whether a folder holds a package main: what its first file without
// tests says of itself.
func isMain(dir string) bool {
	files, _ := filepath.Glob(filepath.Join(dir, "*.go"))
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		if parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.PackageClauseOnly); err == nil && parsed.Name.Name == "main" {
			return true
		}
	}
	return false
}

// foreign says why a program does not run on this machine, or "".
func foreign(executable string) string {
	file, err := elf.Open(executable)
	if err != nil {
		return "" // a script, or this system's own format
	}
	defer file.Close()
	if runtime.GOOS != "linux" {
		return "is built for Linux"
	}
	built := map[elf.Machine]string{elf.EM_X86_64: "amd64", elf.EM_AARCH64: "arm64"}[file.Machine]
	if built != "" && built != runtime.GOARCH {
		return "is built for " + built
	}
	return ""
}

func arnOf(stack *cloudformation.Stack, name string) string {
	return fmt.Sprintf("arn:aws:lambda:%s:%s:function:%s", stack.Region(), stack.Account(), name)
}
