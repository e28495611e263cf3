package pages_test

import (
	"fmt"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/yuin/goldmark/ast"
)

// A link within the repository leads to a file that is there, and its fragment to a
// heading of that page.
func TestLinks(t *testing.T) {
	anchors := map[string]map[string]bool{}
	for _, p := range pages(t) {
		anchors[p.name] = p.anchors()
	}
	checked := 0
	for _, p := range pages(t) {
		for _, link := range p.links() {
			target, err := url.Parse(link)
			require.NoError(t, err, "%s: %s", p.name, link)
			if ours, found := strings.CutPrefix(link, "https://pkg.go.dev/github.com/lambridge-go/lambridge/"); found {
				assert.DirExists(t, filepath.Join(root, strings.Split(ours, "#")[0]), "%s: %s", p.name, link)
				continue
			}
			if target.IsAbs() {
				continue // somebody else's
			}
			checked++
			name := p.name
			if target.Path != "" {
				name = path.Join(path.Dir(p.name), target.Path)
				_, err := os.Stat(filepath.Join(root, name))
				assert.NoError(t, err, "%s links to %s, which is not there", p.name, link)
			}
			if target.Fragment != "" {
				assert.True(t, anchors[name][target.Fragment], "%s links to %s, and %s has no such heading", p.name, link, name)
			}
		}
	}
	assert.Greater(t, checked, 30)
}

// Whoever opens docs/ finds every page of it in its README.md.
func TestPagesAreListed(t *testing.T) {
	var listed []string
	for _, p := range pages(t) {
		if p.name == "docs/README.md" {
			listed = p.links()
		}
	}
	for _, p := range pages(t) {
		if dir, name := path.Split(p.name); dir == "docs/" && name != "README.md" {
			assert.Contains(t, listed, name)
		}
	}
}

// A page of docs/ that any text of the repository names is there.
func TestNamedPages(t *testing.T) {
	named := regexp.MustCompile(`\bdocs/[a-z-]+\.md\b`)
	for _, suffix := range []string{".go", ".md", ".mjs", ".html", ".yaml"} {
		for _, name := range files(t, suffix) {
			text, err := os.ReadFile(filepath.Join(root, name))
			require.NoError(t, err)
			for _, found := range named.FindAllString(string(text), -1) {
				_, err := os.Stat(filepath.Join(root, found))
				assert.NoError(t, err, "%s names %s", name, found)
			}
		}
	}
}

// A drawing of folders, as README.md has one, draws those that there are.
func TestDrawnFolders(t *testing.T) {
	folder := regexp.MustCompile(`(?m)(?:^|; )\s*((?:[a-z]+/)+)(?: |$)`)
	drawn := 0
	for _, p := range pages(t) {
		p.each(func(n ast.Node) {
			if n.Kind() != ast.KindCodeBlock {
				return
			}
			for _, found := range folder.FindAllStringSubmatch(string(n.Lines().Value(p.source)), -1) {
				drawn++
				assert.DirExists(t, filepath.Join(root, found[1]), "%s draws it", p.name)
			}
		})
	}
	assert.Greater(t, drawn, 10)
}

// links are where a page leads, pictures included.
func (p page) links() []string {
	attribute := regexp.MustCompile(`(?:src|srcset|href)="([^"]+)"`)
	var found []string
	add := func(html []byte) {
		for _, match := range attribute.FindAllSubmatch(html, -1) {
			found = append(found, string(match[1]))
		}
	}
	p.each(func(n ast.Node) {
		switch n := n.(type) {
		case *ast.Link:
			found = append(found, string(n.Destination))
		case *ast.Image:
			found = append(found, string(n.Destination))
		case *ast.RawHTML:
			add(n.Segments.Value(p.source))
		case *ast.HTMLBlock:
			add(n.Lines().Value(p.source))
		}
	})
	return found
}

// anchors are what GitHub calls the headings of a page: in lower case, with hyphens for
// spaces and without punctuation; what would be there twice is numbered.
func (p page) anchors() map[string]bool {
	found := map[string]bool{}
	p.each(func(n ast.Node) {
		if n.Kind() != ast.KindHeading {
			return
		}
		slug := strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case r == '-', r == '_', unicode.IsLetter(r), unicode.IsDigit(r):
				return unicode.ToLower(r)
			default:
				return -1
			}
		}, p.plain(n))
		for again, first := 1, slug; found[slug]; again++ {
			slug = fmt.Sprintf("%s-%d", first, again)
		}
		found[slug] = true
	})
	return found
}
