package build

import (
	"debug/buildinfo"
	"slices"
)

// The modules that are not to be linked into one program.
const (
	lambridge = "github.com/lambridge-go/lambridge"
	goProxy   = "github.com/awslabs/aws-lambda-go-api-proxy"
)

// Leftover says what is wrong with a program that has come to Lambridge half-way, or "".
// What it still asks aws-lambda-go-api-proxy about a request answers that there is none,
// as it does outside of Lambda, and a fallback for developers' machines then believes the
// client. Only modules that are linked count, so that a requirement in go.mod which
// nothing imports is no reason. A program without build information, such as one in
// another language, is passed over.
func Leftover(program string) string {
	info, err := buildinfo.ReadFile(program)
	if err != nil {
		return ""
	}
	linked := []string{info.Main.Path}
	for _, m := range info.Deps {
		linked = append(linked, m.Path)
	}
	if !slices.Contains(linked, lambridge) || !slices.Contains(linked, goProxy) {
		return ""
	}
	return info.Path + " still links " + goProxy + ": what it asks that module about a request answers that there is none, and fallbacks then believe the client. MIGRATING.md of Lambridge says what to do; begin with go get " + goProxy + "@none"
}
