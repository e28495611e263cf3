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

func TestWatch(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		edit string
		want bool
	}{
		{"source", "main.go", true},
		{"new source", "new.go", true},
		{"test", "main_test.go", false},
		{"source that the go command ignores", "_main.go", false},
		{"editor's backup", ".main.go", false},
		{"module file", "go.mod", true},
		{"checksums", "go.sum", true},
		{"embedded file", "static/page.html", true},
		{"new file of an embedded folder", "static/new.css", true},
		{"new file of an embedded pattern", "words/new.txt", true},
		{"file beside an embedded pattern", "words/new.md", false},
		{"file that a glob matches", "config/app.yaml", true},
		{"file that it does not", "config/app.json", false},
		{"anything else", "notes.txt", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			for _, folder := range []string{"static", "words", "config"} {
				require.NoError(t, os.Mkdir(filepath.Join(dir, folder), 0o755))
			}
			in := func(name string) string { return filepath.Join(dir, filepath.FromSlash(name)) }
			w, err := build.Watch(build.Sources{
				Dirs:          []string{dir},
				Embedded:      []string{in("static/page.html"), in("words/a.txt")},
				EmbedPatterns: []string{in("static"), in("words/*.txt")},
				ModFiles:      []string{in("go.mod")},
			}, []string{in("config/*.yaml")}, time.Now())
			require.NoError(t, err)
			defer func() { require.NoError(t, w.Close()) }()

			require.NoError(t, os.WriteFile(in(test.edit), []byte("x"), 0o644))
			select {
			case <-w.Changes():
				assert.True(t, test.want)
			case <-time.After(map[bool]time.Duration{true: 10 * time.Second, false: 300 * time.Millisecond}[test.want]):
				assert.False(t, test.want)
			}
		})
	}
}

func TestManyChangesAreFew(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	w, err := build.Watch(build.Sources{Dirs: []string{dir}}, nil, time.Now())
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
			w, err := build.Watch(build.Sources{Dirs: []string{dir}}, nil, built)
			require.NoError(t, err)
			assert.Len(t, w.Changes(), test.want)
			require.NoError(t, w.Close())
		})
	}
}

func TestWatchUpdate(t *testing.T) {
	t.Parallel()
	before, after := t.TempDir(), t.TempDir()
	w, err := build.Watch(build.Sources{Dirs: []string{before}}, nil, time.Now())
	require.NoError(t, err)
	defer w.Close()
	require.NoError(t, w.Update(build.Sources{Dirs: []string{after}}, time.Now()))
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
	_, err := build.Watch(build.Sources{}, []string{"["}, time.Now())
	assert.EqualError(t, err, `build: watch "[": syntax error in pattern`)
	_, err = build.Watch(build.Sources{Dirs: []string{"missing"}}, nil, time.Now())
	assert.ErrorContains(t, err, `build: watch "missing": `)
}
