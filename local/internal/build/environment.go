package build

import (
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
)

// forThisMachine returns an environment in which go build makes a program that runs
// here. Deployment scripts export GOOS and GOARCH, and with them what the other
// platform's C compiler and processor need; none of that holds here. What is exported
// for this platform does, as do GOFLAGS, GOEXPERIMENT, GOTOOLCHAIN and the rest.
func forThisMachine(environ []string) []string {
	isElsewhere := func(name, here string) bool {
		there := variable(environ, name)
		return there != "" && there != here
	}
	if !isElsewhere("GOOS", runtime.GOOS) && !isElsewhere("GOARCH", runtime.GOARCH) {
		return environ
	}
	there := []string{
		"GOOS", "GOARCH", "GOARM", "GOARM64", "GOAMD64", "GO386", "GOMIPS", "GOMIPS64", "GOPPC64", "GORISCV64", "GOWASM",
		"CGO_ENABLED", "CC", "CXX", "FC", "AR", "PKG_CONFIG", "CGO_CFLAGS", "CGO_CPPFLAGS", "CGO_CXXFLAGS", "CGO_FFLAGS", "CGO_LDFLAGS",
	}
	return slices.DeleteFunc(slices.Clone(environ), func(v string) bool {
		name, _, _ := strings.Cut(v, "=")
		return slices.Contains(there, name)
	})
}

// variable returns the value of a variable, the last one, or "".
func variable(environ []string, name string) string {
	for _, v := range slices.Backward(environ) {
		if value, ok := strings.CutPrefix(v, name+"="); ok {
			return value
		}
	}
	return ""
}

var linkerFlags = regexp.MustCompile(`(^|[\s'"])--?ldflags\b`)

// setsLinkerFlags reports whether the developer says what the linker is to do. On
// the command line ours would replace what GOFLAGS says, without a word.
func (p *Package) setsLinkerFlags() bool {
	goflags := variable(p.environ, "GOFLAGS")
	if goflags == "" {
		goflags = p.configured("GOFLAGS")
	}
	return linkerFlags.MatchString(goflags) || slices.ContainsFunc(p.flags, linkerFlags.MatchString)
}

// configured returns what "go env -w" has set. The file is read here, since the go
// command would take as long to tell as it takes to start.
func (p *Package) configured(name string) string {
	file := variable(p.environ, "GOENV")
	if file == "off" {
		return ""
	}
	if file == "" {
		folder, err := os.UserConfigDir()
		if err != nil {
			return ""
		}
		file = filepath.Join(folder, "go", "env")
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return ""
	}
	return variable(strings.Split(string(text), "\n"), name)
}
