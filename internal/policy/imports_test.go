// Package policy_test holds this repository to its own rules: what its packages may
// import, what its modules may require, and what its tests cite.
package policy_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const module = "github.com/lambridge-go/lambridge"

// A rule says what some packages may depend on, directly or through others.
// Patterns are those of the go command: "./adapter" is a package of this repository,
// "./local/..." a tree of them, whatever their modules, "std" the standard library, and
// anything else an import path. Test files are free to import what they like.
type rule struct {
	packages []string // whom it binds
	except   []string // whom it does not bind after all
	only     []string // what they may depend on, or
	never    []string // what they may not
	directly bool     // what others import for them does not count
	reason   string
}

var rules = []rule{
	{
		packages: []string{"./adapter"},
		only:     []string{"std", "./internal/..."},
		reason:   "adapter is linked into every function: each dependency is paid for at every cold start and in every user's go.sum",
	},
	{
		packages: []string{"./internal/event/...", "./internal/source"},
		only:     []string{"std", "./internal/..."},
		reason:   "the wire formats are a part of adapter, so they cost what adapter may cost",
	},
	{
		packages: []string{"./local/internal/field", "./internal/base64", "./internal/headercount", "./internal/source", "./internal/swar"},
		only:     []string{"std"},
		reason:   "they are small and know nothing of what they are used for",
	},
	{
		packages: []string{"./internal/record"},
		only:     []string{"std", "./internal/source"},
		reason:   "it is a file format: what writes the files and what replays them are apart",
	},
	{
		packages: []string{"./internal/jsontape"},
		only:     []string{"std", "./internal/swar"},
		reason:   "it reads JSON, whatever the JSON says",
	},
	{
		packages: []string{"./adapter/connections"},
		only:     []string{"std", "./adapter", "./internal/...", "github.com/aws/aws-sdk-go-v2/...", "github.com/aws/smithy-go/..."},
		reason:   "it ships inside functions, which pay for the AWS SDK here and for nothing else",
	},
	{
		packages: []string{"./adapter/proxycompat", "./adapter/serve"},
		only:     []string{"std", "./adapter", "./internal/...", "github.com/aws/aws-lambda-go/..."},
		reason:   "they ship inside functions, which have aws-lambda-go anyway, and are what those would write themselves",
	},
	{
		packages: []string{"./adapter/...", "./internal/..."},
		except:   workshops,
		never:    []string{"./local/...", "./lambdatest/..."},
		reason:   "what ships inside a function knows nothing of the tools that stand in for AWS",
	},
	{
		packages: []string{"./local/gateway/...", "./local/authorize/...", "./local/websocket/...", "./local/internal/...", "./local/invoke/..."},
		except:   []string{"./local/internal/tour"},
		never:    []string{"./adapter/..."},
		reason:   "the emulator drives functions in any language; code shared with adapter would hide a shared misunderstanding",
	},
	{
		packages: []string{"./local/definition/...", "./local/internal/cloudformation/...", "./local/internal/document/..."},
		never:    []string{"./local/internal/function/...", "./local/internal/build/...", "./local/internal/invokeapi/..."},
		reason:   "a definition says which functions there are: local runs them as processes, lambdatest as handlers",
	},
	{
		packages: []string{"./local/...", "./lambdatest"},
		directly: true,
		never:    []string{"./internal/event", "./internal/jsontape"},
		reason:   "a function reads events with these: what stands in for AWS has its own, or a misunderstanding would pass every round trip",
	},
	{
		packages: []string{"./local/internal/integration"},
		never:    []string{"./local/internal/arrival", "./local/internal/door", "./local/internal/format"},
		reason:   "what an integration does to bytes is the same behind every front door and for a message",
	},
	{
		packages: []string{"./..."},
		except:   append([]string{"./lambdatest"}, workshops...),
		never:    []string{"testing"},
		reason:   "testing belongs in test binaries; lambdatest is the one package that users import from their tests",
	},
	{
		packages: []string{"./..."},
		except:   append([]string{"./lambdatest"}, workshops...),
		never:    []string{"net/http/httptest", "./lambdatest"},
		reason:   "test doubles do not ship: a recorder is not a ResponseWriter, and httptest registers a flag",
	},
	{
		packages: []string{"./..."},
		except:   append([]string{"./adapter/connections", "./examples/chat", "./examples/graphql"}, workshops...),
		never:    []string{"github.com/aws/aws-sdk-go-v2/..."},
		reason:   "only functions that talk back to WebSocket clients pay for the AWS SDK",
	},
	{
		packages: []string{"./..."},
		except:   append([]string{"./examples/..."}, workshops...),
		never:    []string{"github.com/gin-gonic/...", "github.com/gin-contrib/...", "github.com/go-chi/...", "github.com/gofiber/...", "github.com/labstack/...", "github.com/jub0bs/..."},
		reason:   "frameworks and middleware are the user's choice: an http.Handler is all we ask for",
	},
	{
		packages: []string{"./examples/..."},
		never:    []string{"github.com/gin-contrib/cors/...", "github.com/go-chi/cors/...", "github.com/rs/cors/..."},
		reason:   "one CORS library shows how it is done: a handler around the application, whatever its framework",
	},
}

// workshops are where we measure and compare, for which nobody else pays.
var workshops = []string{"./internal/bench/...", "./internal/conformance/..."}

// A listed is what `go list -json` says of a package.
type listed struct {
	ImportPath string
	Standard   bool
	Module     struct{ Path string }
	Imports    []string
	Deps       []string
}

func TestImports(t *testing.T) {
	packages := list(t)
	for _, r := range rules {
		t.Run(r.name(), func(t *testing.T) {
			for _, p := range packages {
				if !matches(r.packages, p) || matches(r.except, p) {
					continue
				}
				names := p.Deps
				if r.directly {
					names = p.Imports
				}
				for _, name := range names {
					dep := packages[name]
					if len(r.only) > 0 && !matches(r.only, dep) || matches(r.never, dep) {
						t.Errorf("%s\nmay not depend on %s:\n%s",
							strings.Join(chain(packages, p.ImportPath, name), "\n\timports "), name, r.reason)
						break // one chain is enough to find the import
					}
				}
			}
		})
	}
}

func (r rule) name() string {
	return strings.Join(r.packages, "+") + " " + strings.Join(slices.Concat(r.only, r.never), "+")
}

// list returns every package of the repository and all they depend on, by import path.
func list(t *testing.T) map[string]listed {
	// go test remembers a result until a file changes that the test looked at. What go list
	// looks at it does not see, so look at every folder here.
	require.NoError(t, filepath.WalkDir("../..", func(_ string, d fs.DirEntry, err error) error {
		if d.IsDir() && d.Name() == ".git" {
			return fs.SkipDir
		}
		return err
	}))

	workspace, err := filepath.Abs("../../go.work")
	require.NoError(t, err)
	cmd := exec.Command("go", "list", "-deps", "-json=ImportPath,Standard,Module,Imports,Deps", "work")
	cmd.Env = append(os.Environ(), "GOWORK="+workspace) // the rules bind all modules, also when this one is tested alone
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	require.NoError(t, err, "go list: %s", &stderr)

	packages := map[string]listed{}
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		err := dec.Decode(&p)
		if errors.Is(err, io.EOF) {
			return packages
		}
		require.NoError(t, err)
		packages[p.ImportPath] = p
	}
}

// matches reports whether p is one of patterns.
func matches(patterns []string, p listed) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool {
		if pattern == "std" {
			return p.Standard
		}
		if rest, ok := strings.CutPrefix(pattern, "."); ok {
			pattern = module + rest
		}
		tree, ok := strings.CutSuffix(pattern, "/...")
		return p.ImportPath == pattern || ok && (p.ImportPath == tree || strings.HasPrefix(p.ImportPath, tree+"/"))
	})
}

// chain returns the shortest way by which from comes to import to.
func chain(packages map[string]listed, from, to string) []string {
	cameFrom := map[string]string{from: ""}
	for queue := []string{from}; len(queue) > 0; queue = queue[1:] {
		at := queue[0]
		if at == to {
			var way []string
			for ; at != ""; at = cameFrom[at] {
				way = append(way, at)
			}
			slices.Reverse(way)
			return way
		}
		for _, next := range packages[at].Imports {
			if _, seen := cameFrom[next]; !seen {
				cameFrom[next] = at
				queue = append(queue, next)
			}
		}
	}
	return []string{from, to}
}
