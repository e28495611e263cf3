// Package pages_test holds README.md, docs/ and the other pages to what is there: their
// code is code that compiles, their commands run or name flags and files that exist, what
// they say a command prints it prints, and their links lead somewhere.
package pages_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/text"

	"github.com/lambridge-go/lambridge/internal/testcache"
)

// Root is where the repository is.
const root = "../../.."

// A page is a Markdown file of the repository.
type page struct {
	name   string // from the root
	source []byte
	tree   ast.Node
}

// A block is a piece of code that stands by itself in a page.
type block struct {
	page, language string
	line           int
	code           string
}

// pages are all there are, but for those of packages that npm has brought.
func pages(t *testing.T) []page {
	t.Helper()
	var all []page
	for _, name := range files(t, ".md") {
		source, err := os.ReadFile(filepath.Join(root, name))
		require.NoError(t, err)
		tree := goldmark.New(goldmark.WithExtensions(extension.GFM)).Parser().Parse(text.NewReader(source))
		all = append(all, page{name, source, tree})
	}
	return all
}

// files are those of the repository whose names end in a suffix, by their paths from the root.
func files(t *testing.T, suffix string) []string {
	t.Helper()
	require.NoError(t, testcache.Bypass())
	var names []string
	require.NoError(t, filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (entry.Name() == "node_modules" || entry.Name() == ".git"):
			return filepath.SkipDir
		case strings.HasSuffix(path, suffix) && !entry.IsDir():
			name, err := filepath.Rel(root, path)
			names = append(names, filepath.ToSlash(name))
			return err
		}
		return nil
	}))
	require.NotEmpty(t, names)
	return names
}

// each calls visit with every node of a page, from top to bottom.
func (p page) each(visit func(ast.Node)) {
	_ = ast.Walk(p.tree, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if entering {
			visit(n)
		}
		return ast.WalkContinue, nil
	})
}

// blocks are the fenced ones, in the order in which they stand.
func (p page) blocks() []block {
	var found []block
	p.each(func(n ast.Node) {
		if fenced, ok := n.(*ast.FencedCodeBlock); ok && fenced.Lines().Len() > 0 {
			begin := fenced.Lines().At(0).Start
			found = append(found, block{
				page:     p.name,
				language: string(fenced.Language(p.source)),
				line:     1 + bytes.Count(p.source[:begin], []byte("\n")),
				code:     string(fenced.Lines().Value(p.source)),
			})
		}
	})
	return found
}

// spans are the pieces of code within sentences.
func (p page) spans() []string {
	var found []string
	p.each(func(n ast.Node) {
		if n.Kind() == ast.KindCodeSpan {
			found = append(found, p.plain(n))
		}
	})
	return found
}

// plain is the text of a node, without its marks.
func (p page) plain(n ast.Node) string {
	var b strings.Builder
	for child := n.FirstChild(); child != nil; child = child.NextSibling() {
		switch leaf := child.(type) {
		case *ast.Text:
			b.Write(leaf.Value(p.source))
		case *ast.String:
			b.Write(leaf.Value)
		default:
			b.WriteString(p.plain(child))
		}
	}
	return b.String()
}
