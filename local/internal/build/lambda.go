package build

import (
	"slices"
	"strings"
)

// OpenForLambda is Open for a program that is to run in Lambda on an architecture of
// GOARCH, "arm64" or "amd64", with tags of the developer's. The program depends on its
// sources, the tags and the version of Go alone: not on the folder it is built in, nor on
// the commit. It is linked statically, and without the RPC protocol of the runtime go1.x,
// which is gone: https://docs.aws.amazon.com/lambda/latest/dg/golang-package.html
func OpenForLambda(pattern string, environ []string, arch string, tags []string) *Package {
	p := Open(pattern, environ,
		"-trimpath", "-buildvcs=false", "-tags", strings.Join(append([]string{"lambda.norpc"}, tags...), ","))
	p.environ = slices.Concat(p.environ, []string{"GOOS=linux", "GOARCH=" + arch, "CGO_ENABLED=0"})
	return p
}
