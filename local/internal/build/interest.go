package build

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
)

// A plan is what to watch: which folders, and what in them concerns the build. It is
// made of the file system as it stands, with symbolic links followed, and is made
// anew whenever a folder comes or goes.
//
// Folders are watched and not files, since most editors replace files. A folder that
// is missing is waited for in the nearest one above that is there; and in each folder
// on the way to one that is there, its going is noticed.
type plan struct {
	folders map[string]*interest // by their path without symbolic links
	roots   []string             // above them only what is missing is waited for
	trees   int                  // how many folders of trees there are so far
}

// An interest is what in one folder concerns the build.
type interest struct {
	names    map[string]bool // the entries that concern it by their name
	sources  bool            // whether what the go command compiles does
	tree     bool            // whether everything does whose name begins with none of hidden
	hidden   string          // characters
	patterns []string        // whatever path matches one, as doublestar and package path/filepath have it
	folders  bool            // whether folders do, since a pattern may match below them
	known    []string        // the paths that patterns know the folder by
}

// maxTree bounds the folders of trees.
const maxTree = 10_000

// newPlan returns the plan for sources, for what globs match and for single files.
func newPlan(sources Sources, globs, files []string) *plan {
	p := &plan{folders: map[string]*interest{}}
	for _, root := range sources.Roots {
		p.addRoot(root)
	}
	for _, dir := range sources.Dirs {
		p.packageAt(dir)
	}
	for _, embed := range sources.Embeds {
		p.embed(embed)
	}
	for _, file := range files {
		p.addRoot(filepath.Dir(file))
	}
	for _, file := range slices.Concat(sources.Files, files) {
		p.file(file)
	}
	for _, glob := range globs {
		p.glob(glob)
	}
	return p
}

func (p *plan) addRoot(dir string) {
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		dir = real
	}
	p.roots = append(p.roots, dir)
}

// at returns the interest in the folder at a path, or nil if there is none: it is
// waited for then.
func (p *plan) at(dir string) *interest {
	volume := filepath.VolumeName(dir)
	here := volume + string(filepath.Separator)
	steps := strings.Split(strings.Trim(dir[len(volume):], string(filepath.Separator)), string(filepath.Separator))
	for links := 0; len(steps) > 0; {
		name := steps[0]
		steps = steps[1:]
		if name == "" {
			continue
		}
		next := filepath.Join(here, name)
		info, err := os.Lstat(next)
		isLink := err == nil && info.Mode()&fs.ModeSymlink != 0
		if err != nil || isLink || p.isWithin(here) {
			p.folder(here).names[name] = true
		}
		switch {
		case err != nil:
			return nil
		case isLink:
			if links++; links > 40 { // they lead in a circle
				return nil
			}
			target, err := os.Readlink(next)
			if err != nil {
				return nil
			}
			if !filepath.IsAbs(target) {
				target = filepath.Join(here, target)
			}
			here = filepath.VolumeName(target) + string(filepath.Separator)
			steps = append(strings.Split(strings.Trim(target[len(filepath.VolumeName(target)):], string(filepath.Separator)), string(filepath.Separator)), steps...)
		case !info.IsDir():
			return nil
		default:
			here = next
		}
	}
	return p.folder(here)
}

// isWithin reports whether the coming and going of folders in dir concerns a root.
func (p *plan) isWithin(dir string) bool {
	return slices.ContainsFunc(p.roots, func(root string) bool {
		return dir == root || dir == filepath.Dir(root) || isBelow(dir, root)
	})
}

func (p *plan) folder(dir string) *interest {
	in := p.folders[dir]
	if in == nil {
		in = &interest{names: map[string]bool{}}
		p.folders[dir] = in
	}
	return in
}

// packageAt adds the folder of a package, and where those of its files are that are
// symbolic links.
func (p *plan) packageAt(dir string) {
	in := p.at(dir)
	if in == nil {
		return
	}
	in.sources = true
	entries, _ := os.ReadDir(dir)
	for _, entry := range entries {
		if entry.Type()&fs.ModeSymlink != 0 && isSource(entry.Name()) {
			p.file(filepath.Join(dir, entry.Name()))
		}
	}
}

// file adds one file, and if it is a symbolic link what it leads to.
func (p *plan) file(path string) {
	for range 40 {
		in := p.at(filepath.Dir(path))
		if in == nil {
			return
		}
		in.names[filepath.Base(path)] = true
		target, err := os.Readlink(path)
		if err != nil {
			return
		}
		if !filepath.IsAbs(target) {
			target = filepath.Join(filepath.Dir(path), target)
		}
		path = target
	}
}

// tree adds all that lies below a folder, but for names that begin with one of the
// characters of hidden.
func (p *plan) tree(dir, hidden string) {
	in := p.at(dir)
	if in == nil || p.trees == maxTree {
		return
	}
	p.trees++
	if !in.tree || len(hidden) < len(in.hidden) {
		in.tree, in.hidden = true, hidden
	}
	for _, name := range foldersIn(dir) {
		if !strings.ContainsRune(hidden, rune(name[0])) {
			p.tree(filepath.Join(dir, name), hidden)
		}
	}
}

func foldersIn(dir string) []string {
	entries, _ := os.ReadDir(dir)
	var folders []string
	for _, entry := range entries {
		if entry.IsDir() && entry.Name() != ".git" {
			folders = append(folders, entry.Name())
		}
	}
	return folders
}

// embed adds what a go:embed pattern takes in: files, and folders with all that they
// hold but for hidden files.
func (p *plan) embed(e Embed) {
	pattern, all := strings.CutPrefix(e.Pattern, "all:")
	hidden := "._"
	if all {
		hidden = ""
	}
	p.levels(e.Dir, strings.Split(pattern, "/"), hidden)
}

// levels adds what matches a pattern below a folder, given by its segments.
func (p *plan) levels(dir string, segments []string, hidden string) {
	for len(segments) > 0 && !strings.ContainsAny(segments[0], `*?[\`) {
		dir = filepath.Join(dir, segments[0])
		segments = segments[1:]
	}
	if len(segments) == 0 {
		p.file(dir)
		if info, err := os.Stat(dir); err == nil && info.IsDir() {
			p.tree(dir, hidden)
		}
		return
	}
	in := p.at(dir)
	if in == nil {
		return
	}
	in.match(dir, filepath.Join(dir, segments[0]))
	entries, _ := os.ReadDir(dir)
	for _, entry := range entries {
		if ok, _ := filepath.Match(segments[0], entry.Name()); ok && entry.IsDir() {
			p.levels(filepath.Join(dir, entry.Name()), segments[1:], hidden)
		}
	}
}

func (in *interest) match(dir, pattern string) {
	in.known = append(in.known, dir)
	in.patterns = append(in.patterns, pattern)
}

// glob adds what an absolute pattern matches: a folder stands for all it holds, and
// ** for folders at any depth.
func (p *plan) glob(glob string) {
	base, pattern := doublestar.SplitPattern(filepath.ToSlash(glob))
	base = filepath.FromSlash(base)
	p.addRoot(base)
	if info, err := os.Stat(glob); err == nil && info.IsDir() || !strings.ContainsAny(pattern, `*?[{\`) {
		p.file(glob)
		if err == nil && info.IsDir() {
			p.tree(glob, ".")
		}
		return
	}
	if !strings.Contains(pattern, "**") && !strings.ContainsAny(pattern, "{") {
		p.levels(base, strings.Split(pattern, "/"), ".")
		return
	}
	p.below(base, glob)
}

// below adds every folder from dir on, for a pattern that may match in any of them.
func (p *plan) below(dir, pattern string) {
	in := p.at(dir)
	if in == nil || p.trees == maxTree {
		return
	}
	p.trees++
	in.folders = true
	in.match(dir, pattern)
	for _, name := range foldersIn(dir) {
		if name != "node_modules" || strings.Contains(pattern, name) {
			p.below(filepath.Join(dir, name), pattern)
		}
	}
}

// concerns reports whether an entry of the folder concerns the build. isFolder tells
// what it is, or was.
func (in *interest) concerns(name string, isFolder bool) bool {
	switch {
	case in.names[name], in.sources && isSource(name), in.folders && isFolder && name != ".git":
		return true
	case in.tree && name != "" && !strings.ContainsRune(in.hidden, rune(name[0])):
		return true
	}
	for _, pattern := range in.patterns {
		for _, dir := range in.known {
			if ok, _ := doublestar.PathMatch(pattern, filepath.Join(dir, name)); ok {
				return true
			}
		}
	}
	return false
}

// isSource reports whether the go command reads a file of that name in a package's
// folder (go help packages, go doc go/build). Headers and the like of packages
// without cgo count, too: it refuses some of them.
func isSource(name string) bool {
	if name == "" || name[0] == '.' || name[0] == '_' || strings.HasSuffix(name, "_test.go") {
		return false
	}
	switch filepath.Ext(name) {
	case ".go", ".c", ".cc", ".cpp", ".cxx", ".m", ".h", ".hh", ".hpp", ".hxx",
		".f", ".F", ".for", ".f90", ".s", ".S", ".sx", ".swig", ".swigcxx", ".syso":
		return true
	}
	return name == "default.pgo" // the profile that -pgo=auto takes
}

// A stamp tells one state of a file from another.
type stamp struct {
	size     int64
	modified int64
	mode     fs.FileMode
}

// state returns the stamps of all that concerns the build and is there.
func (p *plan) state() map[string]stamp {
	state := map[string]stamp{}
	for dir, in := range p.folders {
		entries, _ := os.ReadDir(dir)
		for _, entry := range entries {
			if !in.concerns(entry.Name(), entry.IsDir()) {
				continue
			}
			path := filepath.Join(dir, entry.Name())
			if entry.IsDir() { // what changes in it is its own entries' matter
				state[path] = stamp{mode: fs.ModeDir}
			} else if info, err := os.Stat(path); err == nil {
				state[path] = stamp{info.Size(), info.ModTime().UnixNano(), info.Mode()}
			}
		}
	}
	return state
}
