package websocket

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// An address is where an API is reached: below its own domain at its stage, below a custom
// domain at the base paths that are mapped to the stage. Both are one address here.
//
// https://docs.aws.amazon.com/apigateway/latest/developerguide/websocket-api-mappings.html
type address struct {
	paths []string // "/local", "/chat/v2", or "" for the root; longer ones first
}

// basePath is what a base path may have, besides slashes between its segments.
var basePath = regexp.MustCompile(`^[A-Za-z0-9$\-_.+!*'()]+(/[A-Za-z0-9$\-_.+!*'()]+)*$`)

// maxBasePath is how many characters one may have.
const maxBasePath = 300

func newAddress(stage string, basePaths []string) (address, []error) {
	a := address{paths: []string{"/" + stage}}
	var wrong []error
	for _, path := range basePaths {
		switch path = strings.Trim(path, "/"); {
		case path == "":
			a.paths = append(a.paths, "")
			continue
		case !basePath.MatchString(path):
			wrong = append(wrong, fmt.Errorf("websocket: base path %q: want letters, digits and $-_.+!*'()", path))
		case len(path) > maxBasePath:
			wrong = append(wrong, fmt.Errorf("websocket: base path %.20q… has more than %d characters", path, maxBasePath))
		}
		a.paths = append(a.paths, "/"+path)
	}
	slices.SortFunc(a.paths, func(x, y string) int { return len(y) - len(x) })
	return a, wrong
}

// management is what follows the address of the @connections API, before an id.
const management = "/@connections/"

// locate finds the path that the API is reached at, and what follows it: nothing, or what is
// for @connections. There is nothing else below an API.
func (a address) locate(path string) (of, rest string, ok bool) {
	for _, of = range a.paths {
		rest, below := strings.CutPrefix(path, of)
		switch {
		case !below:
		case rest == "", rest == "/":
			return of, "", true
		case strings.HasPrefix(rest, management):
			return of, rest, true
		}
	}
	return "", "", false
}

// lowers reports whether names of headers reach the function in lower case: they do behind a
// custom domain's base path of several segments.
func (a address) lowers(r *http.Request) bool {
	of, _, _ := a.locate(r.URL.Path)
	return strings.Count(of, "/") > 1
}
