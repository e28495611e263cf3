package build

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Sources are what a program is made of, as far as a developer would edit it. The
// folders and files need not exist: what is missing is waited for.
type Sources struct {
	// ImportPath and Dir are what the go command calls the main package, and where
	// it lies.
	ImportPath, Dir string
	// Dirs hold packages: all but those of the standard library and the module cache.
	Dirs []string
	// Embeds are the patterns by which go:embed takes files in, below the folder of
	// their package, "all:" included.
	Embeds []Embed
	// Files are single files that decide on the rest: go.mod, go.work and what may
	// come to lie beside them.
	Files []string
	// Roots are the folders of the modules, and of the repository around them.
	Roots []string
	// Incomplete reports whether something that they need is missing.
	Incomplete bool
}

// An Embed is a go:embed pattern (package embed) in the package at Dir.
type Embed struct{ Dir, Pattern string }

// Sources finds the package and lists its sources as they stand. It does so even if
// they do not compile.
func (p *Package) Sources(ctx context.Context) (Sources, error) {
	args := append([]string{"list", "-e", "-deps", "-json=ImportPath,Dir,Name,DepOnly,Standard,Module,EmbedPatterns,Incomplete,Error"}, p.flags...)
	out, err := runGo(ctx, p.dir, p.environ, append(args, "--", p.target)...)
	if err != nil {
		hint := ""
		if strings.Contains(err.Error(), "go.mod file not found") {
			hint = "\n\tgo mod init example.com/name makes one, and go mod tidy gets what it imports"
		}
		return Sources{}, fmt.Errorf("build: find package %q: %w%s", p.pattern, err, hint)
	}
	var all, found []listed
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var l listed
		if err := decoder.Decode(&l); err == io.EOF {
			break
		} else if err != nil {
			return Sources{}, fmt.Errorf("build: read what go list says of %q: %w", p.pattern, err)
		}
		if !l.DepOnly {
			found = append(found, l)
		}
		all = append(all, l)
	}
	if err := p.isProgram(ctx, found); err != nil {
		return Sources{}, err
	}
	s := Sources{ImportPath: found[0].ImportPath, Dir: found[0].Dir, Incomplete: found[0].Incomplete}
	return s, s.collect(ctx, p, all)
}

// isProgram reports why what was found is not the one main package, if it is not.
func (p *Package) isProgram(ctx context.Context, found []listed) error {
	if len(found) != 1 {
		return fmt.Errorf("build: %q names %d packages: name the one folder that holds your func main", p.pattern, len(found))
	}
	switch l := found[0]; {
	case l.Dir == "" && l.Error != nil:
		hint := ""
		if !filepath.IsAbs(p.pattern) && !strings.HasPrefix(p.pattern, ".") {
			hint = " (a folder is written with a leading ./)"
		}
		return fmt.Errorf("build: find package %q: %s%s", p.pattern, strings.TrimSpace(l.Error.Err), hint)
	case l.Name == "" && !hasGoFiles(l.Dir):
		return fmt.Errorf("build: %q has no Go files%s", p.pattern, p.programsBelow(ctx))
	case l.Name != "main" && l.Name != "":
		return fmt.Errorf("build: %q is package %s, not a program: name the folder that holds your func main%s", p.pattern, l.Name, p.programsBelow(ctx))
	}
	return nil
}

func hasGoFiles(dir string) bool {
	entries, _ := os.ReadDir(dir)
	return slices.ContainsFunc(entries, func(e os.DirEntry) bool { return isSource(e.Name()) && filepath.Ext(e.Name()) == ".go" })
}

// programsBelow names the main packages in the folders below, if there are some.
func (p *Package) programsBelow(ctx context.Context) string {
	folder := p.Folder()
	if folder == "" {
		return ""
	}
	out, err := runGo(ctx, folder, p.environ, "list", "-e", "-f", `{{if eq .Name "main"}}{{.Dir}}{{end}}`, "./...")
	if err != nil {
		return ""
	}
	here, err := os.Getwd()
	if err != nil {
		return ""
	}
	const most = 5
	var programs []string
	for dir := range strings.Lines(string(out)) {
		if path, err := filepath.Rel(here, strings.TrimSpace(dir)); err == nil && len(programs) < most {
			programs = append(programs, "."+string(filepath.Separator)+path)
		}
	}
	if len(programs) == 0 {
		return ""
	}
	return ": here are programs: " + strings.Join(programs, " ")
}

// collect fills in the folders and files of the packages. If some cannot be told, it
// returns an error with the rest complete.
func (s *Sources) collect(ctx context.Context, p *Package, all []listed) error {
	work, cache, err := p.locations(ctx)
	modules := map[string]string{} // folders by path, of those that are edited
	for _, l := range all {
		if l.isEdited(cache) && l.Module != nil && l.Module.Dir != "" {
			modules[l.Module.Path] = l.Module.Dir
		}
	}
	s.Roots = append(s.Roots, p.mainModules(ctx)...)
	for _, l := range all {
		switch {
		case l.isEdited(cache):
			s.Dirs = append(s.Dirs, l.Dir)
			for _, pattern := range l.EmbedPatterns {
				s.Embeds = append(s.Embeds, Embed{l.Dir, pattern})
			}
		case l.Dir == "" && !l.Standard:
			// A package that is missing is waited for where its module would have it.
			for path, dir := range modules {
				if rest, below := strings.CutPrefix(l.ImportPath, path+"/"); below {
					s.Dirs = append(s.Dirs, filepath.Join(dir, filepath.FromSlash(rest)))
				}
			}
		}
	}
	for _, dir := range modules {
		s.Roots = append(s.Roots, dir)
	}
	slices.Sort(s.Roots)
	s.Roots = slices.Compact(s.Roots)
	for _, root := range s.Roots {
		s.Files = append(s.Files, filepath.Join(root, "go.mod"), filepath.Join(root, "go.sum"), filepath.Join(root, "vendor", "modules.txt"))
		// A go.mod between makes another module of what lies below it.
		for _, dir := range s.Dirs {
			for ; isBelow(dir, root); dir = filepath.Dir(dir) {
				s.Files = append(s.Files, filepath.Join(dir, "go.mod"))
			}
		}
	}
	if repository := repositoryOf(s.Dir); repository != "" {
		s.Roots = append(s.Roots, repository)
	}
	switch work {
	case "off":
	case "":
		// One may come to lie in any folder above.
		for dir := p.runsIn(); ; dir = filepath.Dir(dir) {
			s.Files = append(s.Files, filepath.Join(dir, "go.work"))
			if slices.Contains(s.Roots, dir) && dir == shallowest(s.Roots) || dir == filepath.Dir(dir) {
				break
			}
		}
	default:
		s.Files = append(s.Files, work, work+".sum")
		s.Roots = append(s.Roots, filepath.Dir(work))
	}
	slices.Sort(s.Files)
	s.Files = slices.Compact(s.Files)
	return err
}

// shallowest returns the folder that is nearest to the root of the file system.
func shallowest(dirs []string) string {
	return slices.MinFunc(dirs, func(a, b string) int { return len(a) - len(b) })
}

func isBelow(path, dir string) bool {
	return len(path) > len(dir) && strings.HasPrefix(path, dir) && os.IsPathSeparator(path[len(dir)])
}

// repositoryOf returns the root of the repository that dir lies in, or "".
func repositoryOf(dir string) string {
	for ; dir != "" && dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, ".git")); err == nil {
			return dir
		}
	}
	return ""
}

// locations returns where the workspace's go.work is, "" for none or "off", and
// where the module cache is.
func (p *Package) locations(ctx context.Context) (work, cache string, err error) {
	out, err := runGo(ctx, p.dir, p.environ, "env", "GOWORK", "GOMODCACHE")
	if err != nil {
		return "off", "", fmt.Errorf("build: find the module cache: %w", err)
	}
	lines := strings.Split(string(out), "\n")
	if len(lines) < 2 {
		return "off", "", errors.New("build: go env does not tell where the module cache is")
	}
	return strings.TrimSpace(lines[0]), strings.TrimSpace(lines[1]), nil
}

// mainModules returns the folders of the module, or of the workspace's. There are
// none that can be told if their go.mod cannot be read, which is then what to mend.
func (p *Package) mainModules(ctx context.Context) []string {
	out, err := runGo(ctx, p.dir, p.environ, "list", "-m", "-f", "{{.Dir}}")
	if err != nil {
		return nil
	}
	return strings.Split(strings.TrimSpace(string(out)), "\n")
}

// with returns s and what only older has. It is for sources that are incomplete:
// what they were made of may come back.
func (s Sources) with(older Sources) Sources {
	union := func(a, b []string) []string {
		all := slices.Concat(a, b)
		slices.Sort(all)
		return slices.Compact(all)
	}
	if s.Dir == "" {
		s.ImportPath, s.Dir = older.ImportPath, older.Dir
	}
	s.Dirs = union(s.Dirs, older.Dirs)
	s.Files = union(s.Files, older.Files)
	s.Roots = union(s.Roots, older.Roots)
	for _, embed := range older.Embeds {
		if !slices.Contains(s.Embeds, embed) {
			s.Embeds = append(slices.Clip(s.Embeds), embed)
		}
	}
	return s
}

// listed is what go list says of a package (go help list).
type listed struct {
	Dir           string
	ImportPath    string
	Name          string
	DepOnly       bool
	Standard      bool
	EmbedPatterns []string
	Module        *struct{ Path, Dir string }
	Incomplete    bool
	Error         *struct{ Err string }
}

// isEdited reports whether the package lies where a developer edits it: not in the
// standard library, nor in the module cache.
func (l *listed) isEdited(cache string) bool {
	return !l.Standard && l.Dir != "" && (cache == "" || !isBelow(l.Dir, cache))
}
