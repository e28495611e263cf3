package build_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/local/internal/build"
)

// patience is how long a test waits for what must happen. It matters only when that
// never does, so that it is longer than any machine needs.
const patience = 3 * time.Minute

// A watchedProject is a folder with something of everything that a build reads.
type watchedProject struct {
	t   *testing.T
	dir string
}

func newWatchedProject(t *testing.T) watchedProject {
	p := watchedProject{t, t.TempDir()}
	for _, name := range []string{"main.go", "gen/gen.go", "static/page.html", "words/a.txt", "config/app.yaml", "pages/a/b/c.html", "shared/linked.go", "lib/lib.go"} {
		p.write(name)
	}
	require.NoError(p.t, os.Symlink("../shared/linked.go", p.in("gen/linked.go")))
	require.NoError(p.t, os.Symlink("lib", p.in("linkedlib")))
	return p
}

func (p watchedProject) in(name string) string { return filepath.Join(p.dir, filepath.FromSlash(name)) }

func (p watchedProject) write(name string) {
	p.t.Helper()
	require.NoError(p.t, os.MkdirAll(filepath.Dir(p.in(name)), 0o755))
	file, err := os.OpenFile(p.in(name), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	require.NoError(p.t, err)
	_, err = file.WriteString("x")
	require.NoError(p.t, err)
	require.NoError(p.t, file.Close())
}

func (p watchedProject) remove(name string) {
	p.t.Helper()
	require.NoError(p.t, os.RemoveAll(p.in(name)))
}

func (p watchedProject) rename(from, to string) {
	p.t.Helper()
	require.NoError(p.t, os.Rename(p.in(from), p.in(to)))
}

func (p watchedProject) watch(poll bool) *build.Watcher {
	p.t.Helper()
	w, err := build.Watch(build.Sources{
		Dirs: []string{p.dir, p.in("gen"), p.in("linkedlib"), p.in("missing/pkg")},
		Embeds: []build.Embed{
			{Dir: p.dir, Pattern: "static"}, {Dir: p.dir, Pattern: "words/*.txt"}, {Dir: p.dir, Pattern: "i18n/*/texts"},
			{Dir: p.dir, Pattern: "all:assets"},
		},
		Files: []string{p.in("go.mod"), p.in("go.sum"), p.in("gen/go.mod"), p.in("vendor/modules.txt"), p.in("go.work")},
		Roots: []string{p.dir},
	}, build.Also{
		Globs: []string{p.in("config/*.yaml"), p.in("pages/**/*.html"), p.in("tpl"), p.in("themes/*/main.css")},
		Files: []string{p.in("secrets/.env")},
		Poll:  poll,
	}, time.Now().Add(time.Hour)) // what has been made here counts as old
	require.NoError(p.t, err)
	p.t.Cleanup(func() { assert.NoError(p.t, w.Close()) })
	return w
}

// Each step of an edit is told before the next is made.
func TestWatch(t *testing.T) {
	t.Parallel()
	type project = watchedProject
	write := func(name string) func(project) { return func(p project) { p.write(name) } }
	remove := func(name string) func(project) { return func(p project) { p.remove(name) } }
	rename := func(from, to string) func(project) { return func(p project) { p.rename(from, to) } }
	for _, test := range []struct {
		name  string
		steps []func(project)
	}{
		{"source", []func(project){write("main.go"), write("main.go")}},
		{"new source", []func(project){write("new.go"), write("new.go")}},
		{"source that is replaced, as editors do", []func(project){func(p project) { p.write("main.go~"); p.rename("main.go~", "main.go") }}},
		{"source that is gone", []func(project){remove("gen/gen.go")}},
		{"C source", []func(project){write("a.c"), write("a.c")}},
		{"header", []func(project){write("gen/h.h"), write("gen/h.h")}},
		{"assembly", []func(project){write("a_amd64.s")}},
		{"object file", []func(project){write("a.syso")}},
		{"profile", []func(project){write("default.pgo")}},
		{"source that a symbolic link leads to", []func(project){write("shared/linked.go"), write("shared/linked.go")}},
		{"symbolic link that leads elsewhere", []func(project){func(p project) {
			p.write("shared/other.go")
			require.NoError(p.t, os.Symlink("../shared/other.go", p.in("new")))
			p.rename("new", "gen/linked.go")
		}, write("shared/other.go")}},
		{"package behind a symbolic link", []func(project){write("lib/lib.go"), write("linkedlib/new.go")}},
		{"module file", []func(project){write("go.mod")}},
		{"module file that cuts a package off", []func(project){write("gen/go.mod"), remove("gen/go.mod")}},
		{"checksums", []func(project){write("go.sum")}},
		{"workspace that comes and goes", []func(project){write("go.work"), write("go.work"), remove("go.work")}},
		{"modules that are vendored", []func(project){write("vendor/modules.txt"), remove("vendor")}},
		{"folder of a package that goes and comes back", []func(project){remove("gen"), write("gen/gen.go"), write("gen/gen.go"), remove("gen"), write("gen/gen.go"), write("gen/gen.go")}},
		{"the same by renaming", []func(project){rename("gen", "old"), rename("old", "gen"), write("gen/gen.go")}},
		{"folder that another takes the place of", []func(project){func(p project) { p.write("next/gen.go"); p.remove("gen"); p.rename("next", "gen") }, write("gen/gen.go")}},
		{"package that comes", []func(project){write("missing/pkg/p.go"), write("missing/pkg/p.go"), remove("missing"), write("missing/pkg/p.go"), write("missing/pkg/p.go")}},
		{"embedded file", []func(project){write("static/page.html")}},
		{"new folders of an embedded folder", []func(project){write("static/css/dark/new.css"), write("static/css/dark/new.css"), remove("static/css"), write("static/css/new.css"), write("static/css/new.css")}},
		{"embedded folder that comes", []func(project){write("assets/.hidden/_file"), write("assets/.hidden/_file")}},
		{"embedded pattern", []func(project){write("words/new.txt"), remove("words/new.txt")}},
		{"embedded folder in a folder of a pattern", []func(project){write("i18n/de/texts/a"), write("i18n/de/texts/b"), write("i18n/nl/texts/a"), write("i18n/nl/texts/a")}},
		{"file that a glob matches", []func(project){write("config/new.yaml"), write("config/app.yaml")}},
		{"files at any depth", []func(project){write("pages/z.html"), write("pages/a/b/y.html"), write("pages/d/e/f/y.html"), write("pages/d/e/f/y.html")}},
		{"folder that is watched", []func(project){write("tpl/z.html"), write("tpl/a/b/y.html"), write("tpl/a/b/y.html"), remove("tpl")}},
		{"pattern with a folder in it", []func(project){write("themes/dark/main.css"), write("themes/dark/main.css")}},
		{"file of variables that comes and goes", []func(project){write("secrets/.env"), write("secrets/.env"), remove("secrets"), write("secrets/.env"), write("secrets/.env")}},
		{"the whole project, away and back", []func(project){
			func(p project) { require.NoError(p.t, os.Rename(p.dir, p.dir+"-away")) },
			func(p project) { require.NoError(p.t, os.Rename(p.dir+"-away", p.dir)) },
			write("gen/gen.go"),
		}},
	} {
		for _, poll := range []bool{false, true} {
			if poll && len(test.steps) < 6 {
				continue // looking twice a second takes its time
			}
			t.Run(map[bool]string{false: "events/", true: "polling/"}[poll]+test.name, func(t *testing.T) {
				t.Parallel()
				p := newWatchedProject(t)
				w := p.watch(poll)
				for n, step := range test.steps {
					step(p)
					select {
					case <-w.Changes():
					case <-time.After(patience):
						require.FailNow(t, "nothing was told", "step %d", n+1)
					}
				}
			})
		}
	}
}

func TestWatchIgnores(t *testing.T) {
	t.Parallel()
	for name, edit := range map[string]string{
		"test":                                    "main_test.go",
		"source that the go command ignores":      "_main.go",
		"editor's backup":                         ".main.go",
		"file beside an embedded pattern":         "words/new.md",
		"file that a glob does not match":         "config/app.json",
		"hidden file of an embedded folder":       "static/.page.html.swp",
		"hidden file of a folder that is watched": "tpl/.page.html.swp",
		"anything else":                           "notes.txt",
		"program in a folder of no package":       "tools/main.go",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newWatchedProject(t)
			p.write("tpl/page.html")
			w := p.watch(false)
			p.write(edit)
			select {
			case <-w.Changes():
				assert.Fail(t, "it was told")
			case <-time.After(300 * time.Millisecond):
			}
		})
	}
}

func TestUnmatched(t *testing.T) {
	t.Parallel()
	p := newWatchedProject(t)
	w, err := build.Watch(build.Sources{}, build.Also{Globs: []string{p.in("nosuch/*.html"), p.in("pages/**/*.html"), p.in("pages"), p.in("gone")}}, time.Now())
	require.NoError(t, err)
	defer w.Close()
	assert.Equal(t, []string{p.in("nosuch/*.html"), p.in("gone")}, w.Unmatched())
}

func TestManyChangesAreFew(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	w, err := build.Watch(build.Sources{Dirs: []string{dir}}, build.Also{}, time.Now())
	require.NoError(t, err)
	defer w.Close()
	for range 50 {
		require.NoError(t, os.WriteFile(filepath.Join(dir, "main.go"), []byte("x"), 0o644))
	}
	<-w.Changes()
	changes := 1
	for quiet := false; !quiet; {
		select {
		case <-w.Changes():
			changes++ // a busy machine may pause among the writes
		case <-time.After(200 * time.Millisecond):
			quiet = true
		}
	}
	assert.Less(t, changes, 5)
}

func TestWatchTellsWhatChangedBefore(t *testing.T) {
	t.Parallel()
	built := time.Now().Add(-time.Hour)
	before, after := built.Add(-time.Second), built.Add(time.Second)
	for _, test := range []struct {
		name      string
		file, dir time.Time // of the last change
		want      int
	}{
		{"nothing", before, before, 0},
		{"source", after, before, 1},
		{"a file that is gone", before, after, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			file := filepath.Join(dir, "main.go")
			require.NoError(t, os.WriteFile(file, nil, 0o644))
			require.NoError(t, os.Chtimes(file, test.file, test.file))
			require.NoError(t, os.Chtimes(dir, test.dir, test.dir))
			w, err := build.Watch(build.Sources{Dirs: []string{dir}}, build.Also{}, built)
			require.NoError(t, err)
			assert.Len(t, w.Changes(), test.want)
			require.NoError(t, w.Close())
		})
	}
}

func TestWatchUpdate(t *testing.T) {
	t.Parallel()
	before, after := t.TempDir(), t.TempDir()
	w, err := build.Watch(build.Sources{Dirs: []string{before}}, build.Also{}, time.Now().Add(time.Hour))
	require.NoError(t, err)
	defer w.Close()
	require.NoError(t, w.Update(build.Sources{Dirs: []string{after}}, time.Now().Add(time.Hour)))
	require.NoError(t, os.WriteFile(filepath.Join(before, "main.go"), nil, 0o644))
	select {
	case <-w.Changes():
		assert.Fail(t, "what is no source any more was watched")
	case <-time.After(200 * time.Millisecond):
	}
	require.NoError(t, os.WriteFile(filepath.Join(after, "main.go"), nil, 0o644))
	<-w.Changes()
}

func TestWatchErrors(t *testing.T) {
	t.Parallel()
	_, err := build.Watch(build.Sources{}, build.Also{Globs: []string{"["}}, time.Now())
	assert.EqualError(t, err, `build: watch "[": syntax error in pattern`)
}
