package cloudformation

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/lambridge-go/lambridge/local/internal/document"
)

// A project is the folder that files may be read from, through an os.Root: what a
// definition includes cannot name a file outside.
type project struct {
	root *os.Root
	dir  string   // absolute
	read []string // absolute paths of all that was read
}

// projectMarks are what a project's folder holds.
var projectMarks = []string{"go.mod", "go.work", ".git", "cdk.json", "samconfig.toml", "serverless.yml"}

// openProject opens the project that an absolute path belongs to: the nearest folder
// above it that looks like one, else the folder that the path is or lies in.
func openProject(path string, isDir bool) (*project, error) {
	dir := path
	if !isDir {
		dir = filepath.Dir(path)
	}
	p := &project{dir: dir}
	for d := dir; ; d = filepath.Dir(d) {
		if slices.ContainsFunc(projectMarks, func(mark string) bool {
			_, err := os.Stat(filepath.Join(d, mark))
			return err == nil
		}) {
			p.dir = d
			break
		}
		if d == filepath.Dir(d) {
			break
		}
	}
	var err error
	p.root, err = os.OpenRoot(p.dir)
	return p, err
}

// load reads a document. path is absolute or, as templates write them, relative to
// the folder from.
func (p *project) load(from, path string) (*document.Node, string, error) {
	text, abs, err := p.text(from, path)
	if err != nil {
		return nil, abs, err
	}
	node, err := document.Parse(shown(abs), text)
	return node, abs, err
}

// text reads a file that is no larger than a document may be, and a byte more, so
// that what is larger is refused as that.
func (p *project) text(from, path string) (text []byte, abs string, err error) {
	if scheme, _, ok := strings.Cut(path, "://"); ok {
		return nil, "", fmt.Errorf("%q is not a file, and nothing is fetched over %s", path, scheme)
	}
	abs = filepath.FromSlash(path)
	if !filepath.IsAbs(abs) {
		abs = filepath.Join(from, abs)
	}
	rel, err := filepath.Rel(p.dir, abs)
	if err != nil || !filepath.IsLocal(rel) {
		return nil, abs, fmt.Errorf("%q lies outside the project %s", path, shown(p.dir))
	}
	file, err := p.root.Open(rel)
	if err != nil {
		return nil, abs, fmt.Errorf("%s: %w", shown(abs), cause(err))
	}
	defer file.Close()
	text, err = io.ReadAll(io.LimitReader(file, document.MaxSize+1))
	if err != nil {
		return nil, abs, fmt.Errorf("%s: %w", shown(abs), cause(err))
	}
	if !slices.Contains(p.read, abs) {
		p.read = append(p.read, abs)
	}
	return text, abs, nil
}

// cause is an error of the file system without the path, which is told already.
func cause(err error) error {
	if path := (*os.PathError)(nil); errors.As(err, &path) {
		return path.Err
	}
	return err
}

// shown is a path as messages have it: from the working directory, unless that is
// the longer one.
func shown(abs string) string {
	wd, err := os.Getwd()
	if err != nil {
		return abs
	}
	rel, err := filepath.Rel(wd, abs)
	if err != nil || strings.HasPrefix(rel, filepath.Join("..", "..")) {
		return abs
	}
	return rel
}
