package pages_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// folders are where the packages are that users import, by the names that pages call them.
var folders = map[string]string{
	"adapter":     "adapter",
	"connections": "adapter/connections",
	"proxycompat": "adapter/proxycompat",
	"serve":       "adapter/serve",
	"lambdatest":  "lambdatest",
	"gateway":     "local/gateway",
	"websocket":   "local/websocket",
	"authorize":   "local/authorize",
	"definition":  "local/definition",
	"invoke":      "local/invoke",
}

// A name of ours that a sentence has, such as `adapter.Wrap`, is one that users can call.
// What a change took away stands in CHANGELOG.md alone.
func TestNames(t *testing.T) {
	exported := map[string]map[string]bool{}
	for name, folder := range folders {
		exported[name] = exportedBy(t, folder)
	}
	qualified := regexp.MustCompile(`^(\w+)\.([A-Z]\w*)`)
	checked := 0
	for _, p := range pages(t) {
		if p.name == "CHANGELOG.md" {
			continue
		}
		for _, span := range p.spans() {
			switch match := qualified.FindStringSubmatch(span); {
			case span == "gateway.RequestContext": // of apex/gateway
			case match != nil && exported[match[1]] != nil:
				checked++
				assert.True(t, exported[match[1]][match[2]], "%s: `%s`", p.name, span)
			case regexp.MustCompile(`^With[A-Z]\w*$`).MatchString(span):
				checked++
				assert.True(t, exported["adapter"][span] || exported["lambdatest"][span], "%s: `%s`", p.name, span)
			}
		}
	}
	assert.Greater(t, checked, 30)
}

// exportedBy are the exported names that the files of a package declare.
func exportedBy(t *testing.T, folder string) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	paths, err := filepath.Glob(filepath.Join(root, folder, "*.go"))
	require.NoError(t, err)
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		for _, declaration := range file.Decls {
			switch d := declaration.(type) {
			case *ast.FuncDecl:
				names[d.Name.Name] = d.Recv == nil || names[d.Name.Name]
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					switch s := spec.(type) {
					case *ast.TypeSpec:
						names[s.Name.Name] = true
					case *ast.ValueSpec:
						for _, name := range s.Names {
							names[name.Name] = true
						}
					}
				}
			}
		}
	}
	require.NotEmpty(t, names, folder)
	return names
}
