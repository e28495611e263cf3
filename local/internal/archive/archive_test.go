package archive_test

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/local/internal/archive"
)

// A file is one in a zip file.
type file struct {
	name string
	mode fs.FileMode
	text string
}

// zipOf writes a zip file and returns its name.
func zipOf(t *testing.T, files ...file) string {
	t.Helper()
	var packed bytes.Buffer
	w := zip.NewWriter(&packed)
	for _, f := range files {
		header := &zip.FileHeader{Name: f.name} // stored: some tests have many files
		header.SetMode(f.mode)
		entry, err := w.CreateHeader(header)
		require.NoError(t, err)
		_, err = entry.Write([]byte(f.text))
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	name := filepath.Join(t.TempDir(), "function.zip")
	require.NoError(t, os.WriteFile(name, packed.Bytes(), 0o600))
	return name
}

func TestWriteAndUnpack(t *testing.T) {
	dir, files := t.TempDir(), t.TempDir()
	program := filepath.Join(files, "bootstrap")
	require.NoError(t, os.WriteFile(program, []byte("#!/bin/sh\n"), 0o600))
	require.NoError(t, os.Mkdir(filepath.Join(files, "pages"), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(files, "pages", "index.html"), []byte("<p>"), 0o600))
	packed := filepath.Join(dir, "function.zip")
	size, err := archive.Write(packed, files)
	require.NoError(t, err)
	assert.Equal(t, int64(len("#!/bin/sh\n<p>")), size)
	assert.True(t, archive.Is(packed))
	assert.True(t, archive.HasProgram(packed))
	assert.False(t, archive.Is(program))
	assert.False(t, archive.HasProgram(program))

	first, err := os.ReadFile(packed)
	require.NoError(t, err)
	again := filepath.Join(dir, "again.zip")
	require.NoError(t, os.Chtimes(program, time.Time{}, time.Unix(1e9, 0)))
	_, err = archive.Write(again, files)
	require.NoError(t, err)
	second, err := os.ReadFile(again)
	require.NoError(t, err)
	assert.True(t, bytes.Equal(first, second), "the same files make one zip file")

	unpacked, err := archive.Unpack(packed, filepath.Join(dir, "task"))
	require.NoError(t, err)
	assert.Equal(t, filepath.Join(dir, "task", "bootstrap"), unpacked)
	info, err := os.Stat(unpacked)
	require.NoError(t, err)
	if runtime.GOOS != "windows" {
		assert.Equal(t, fs.FileMode(0o755), info.Mode())
	}
	text, err := os.ReadFile(unpacked)
	require.NoError(t, err)
	assert.Equal(t, "#!/bin/sh\n", string(text))
	page, err := os.Stat(filepath.Join(dir, "task", "pages", "index.html"))
	require.NoError(t, err)
	if runtime.GOOS != "windows" {
		assert.Equal(t, fs.FileMode(0o644), page.Mode(), "for everybody to read")
	}
}

func TestUnpackKeepsFolders(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "task")
	_, err := archive.Unpack(zipOf(t,
		file{"bootstrap", 0o755, "x"},
		file{"pages/", fs.ModeDir | 0o755, ""},
		file{"pages/de/index.html", 0o444, "Hallo"},
	), dir)
	require.NoError(t, err)
	text, err := os.ReadFile(filepath.Join(dir, "pages", "de", "index.html"))
	require.NoError(t, err)
	assert.Equal(t, "Hallo", string(text))
}

func TestUnpackRefuses(t *testing.T) {
	program := file{"bootstrap", 0o755, "x"}
	for name, test := range map[string]struct {
		files []file
		want  string
	}{
		"no program":                        {[]file{{"index.mjs", 0o644, ""}}, "holds no bootstrap in its root, which is what Lambda starts"},
		"a program in a folder":             {[]file{{"dist/bootstrap", 0o755, ""}}, "holds no bootstrap in its root"},
		"a program that cannot be executed": {[]file{{"bootstrap", 0o644, "x"}}, "holds a bootstrap that may not be executed (0644): Lambda would not start it, either"},
		"a link for a program":              {[]file{{"bootstrap", fs.ModeSymlink | 0o777, "/bin/sh"}}, "holds a bootstrap that is no file"},
		"a link":                            {[]file{program, {"etc", fs.ModeSymlink | 0o777, "/etc"}}, `unpack "etc" of`},
		"a way out":                         {[]file{program, {"../outside", 0o644, "x"}}, `unpack "../outside" of`},
		"a way out through a folder":        {[]file{program, {"a/../../outside", 0o644, "x"}}, `unpack "a/../../outside" of`},
		"an absolute name":                  {[]file{program, {"/outside", 0o644, "x"}}, `unpack "/outside" of`},
		"a name twice":                      {[]file{program, program}, `unpack "bootstrap" of`},
		"a program among many files":        {append(many(20_000), program), "holds 20001 files, and 20000 are unpacked at most"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			_, err := archive.Unpack(zipOf(t, test.files...), filepath.Join(dir, "task"))
			assert.ErrorContains(t, err, test.want)
			assert.NoFileExists(t, filepath.Join(dir, "outside"))
		})
	}
}

func many(n int) []file {
	return make([]file, n)
}

// A small zip file may hold much more than Lambda takes, and may say that it does not.
func TestUnpackIsBounded(t *testing.T) {
	for name, test := range map[string]struct {
		says uint64
		want string
	}{
		"too much":           {archive.MaxUnpacked + 1, "holds more than 250 MB, which a function's files may have"},
		"too much to be sum": {1<<64 - 1, "holds more than 250 MB"},
		"more than it says":  {1, `unpack "bootstrap" of`},
	} {
		t.Run(name, func(t *testing.T) {
			var compressed bytes.Buffer
			deflate, err := flate.NewWriter(&compressed, flate.BestSpeed)
			require.NoError(t, err)
			_, err = deflate.Write(make([]byte, 1<<20))
			require.NoError(t, err)
			require.NoError(t, deflate.Close())

			to, err := os.Create(filepath.Join(t.TempDir(), "function.zip"))
			require.NoError(t, err)
			defer to.Close()
			w := zip.NewWriter(to)
			header := &zip.FileHeader{Name: "bootstrap", Method: zip.Deflate, UncompressedSize64: test.says, CompressedSize64: uint64(compressed.Len())}
			header.SetMode(0o755)
			entry, err := w.CreateRaw(header)
			require.NoError(t, err)
			_, err = entry.Write(compressed.Bytes())
			require.NoError(t, err)
			require.NoError(t, w.Close())

			dir := filepath.Join(t.TempDir(), "task")
			_, err = archive.Unpack(to.Name(), dir)
			require.ErrorContains(t, err, test.want)
			if info, err := os.Stat(filepath.Join(dir, "bootstrap")); err == nil {
				assert.LessOrEqual(t, info.Size(), int64(1<<15), "it is given up soon")
			}
		})
	}
}
