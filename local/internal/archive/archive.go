// Package archive writes and reads the zip files that functions are deployed as. The
// program of such a function is called bootstrap and lies in the root of the file.
//
// https://docs.aws.amazon.com/lambda/latest/dg/golang-package.html
package archive

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Program is what a function's program is called in a zip file.
const Program = "bootstrap"

// MaxUnpacked is how many bytes the files of a function may have, 250 MB as Lambda counts
// them: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
const MaxUnpacked = 250 << 20

// maxFiles bounds what unpacking makes of a small zip file with many names.
const maxFiles = 20_000

// Write packs the files of a folder, of which one is the program, into a new zip file and
// returns how large they are together. The zip file depends on the names and bytes of the
// files, and on which of them are programs, alone: dates would make each zip file another.
func Write(name, dir string) (size int64, err error) {
	to, err := os.Create(name)
	if err != nil {
		return 0, fmt.Errorf("archive: %w", err)
	}
	defer func() { err = errors.Join(err, to.Close()) }()
	w := zip.NewWriter(to)
	files := os.DirFS(dir)
	err = fs.WalkDir(files, ".", func(path string, entry fs.DirEntry, err error) error { // by name
		if err != nil || entry.IsDir() {
			return err
		}
		n, err := add(w, files, path)
		size += n
		return err
	})
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		return 0, fmt.Errorf("archive: write %q: %w", name, err)
	}
	return size, nil
}

// add adds a file, or what a link leads to.
func add(w *zip.Writer, files fs.FS, path string) (int64, error) {
	from, err := files.Open(path)
	if err != nil {
		return 0, err
	}
	defer from.Close()
	info, err := from.Stat()
	if err != nil {
		return 0, err
	}
	header := &zip.FileHeader{Name: path, Method: zip.Deflate, Modified: time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)}
	header.SetMode(0o644) // for everybody: Lambda reads and starts them as another user
	if path == Program || info.Mode()&0o111 != 0 {
		header.SetMode(0o755)
	}
	entry, err := w.CreateHeader(header)
	if err != nil {
		return 0, err
	}
	return io.Copy(entry, from)
}

// Is reports whether a file begins as a zip file does.
func Is(name string) bool {
	file, err := os.Open(name)
	if err != nil {
		return false
	}
	defer file.Close()
	var begins [4]byte
	n, _ := io.ReadFull(file, begins[:])
	return string(begins[:n]) == "PK\x03\x04"
}

// HasProgram reports whether a zip file holds a program, and so may be a function of its
// own: those for interpreters hold none.
func HasProgram(name string) bool {
	r, err := zip.OpenReader(name)
	if err != nil {
		return false
	}
	defer r.Close()
	for _, f := range r.File {
		if f.Name == Program {
			return true
		}
	}
	return false
}

// Unpack writes the files of a zip file into a folder, which it makes, and returns the
// path of its program. It fails where Lambda would: without a program, where the program
// may not be executed, and where the files are too large. Nothing is written outside of
// the folder, whatever names the zip file has.
func Unpack(name, dir string) (program string, err error) {
	r, err := zip.OpenReader(name)
	if err != nil {
		return "", fmt.Errorf("archive: open %q: %w", name, err)
	}
	defer r.Close()
	if err := check(r.File); err != nil {
		return "", fmt.Errorf("archive: %q %w", name, err)
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		return "", fmt.Errorf("archive: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return "", fmt.Errorf("archive: %w", err)
	}
	defer root.Close()
	for _, f := range r.File {
		if err := unpackFile(root, f); err != nil {
			return "", fmt.Errorf("archive: unpack %q of %q: %w", f.Name, name, err)
		}
	}
	return filepath.Join(dir, Program), nil
}

// check says why Lambda would not start what the files are of, or nil.
func check(files []*zip.File) error {
	if len(files) > maxFiles {
		return fmt.Errorf("holds %d files, and %d are unpacked at most", len(files), maxFiles)
	}
	size := uint64(0)
	for _, f := range files {
		if size += min(f.UncompressedSize64, MaxUnpacked+1); size > MaxUnpacked {
			return fmt.Errorf("holds more than %d MB, which a function's files may have", MaxUnpacked>>20)
		}
	}
	for _, f := range files {
		switch {
		case f.Name != Program:
		case !f.Mode().IsRegular():
			return errors.New("holds a bootstrap that is no file")
		case f.Mode().Perm()&0o111 == 0:
			return fmt.Errorf("holds a bootstrap that may not be executed (%#o): Lambda would not start it, either", f.Mode().Perm())
		default:
			return nil
		}
	}
	return errors.New("holds no bootstrap in its root, which is what Lambda starts")
}

// unpackFile writes one file. Reading it fails where it has more bytes than the zip file
// says.
func unpackFile(root *os.Root, f *zip.File) error {
	name := filepath.FromSlash(strings.TrimSuffix(f.Name, "/"))
	switch mode := f.Mode(); {
	case mode.IsDir():
		return root.MkdirAll(name, 0o700)
	case !mode.IsRegular():
		return fmt.Errorf("it is no file but %v, which is not unpacked", mode.Type())
	}
	if err := root.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return err
	}
	from, err := f.Open()
	if err != nil {
		return err
	}
	defer from.Close()
	to, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, f.Mode().Perm()&0o777|fs.FileMode(0o600))
	if err != nil {
		return err
	}
	_, err = io.Copy(to, from)
	return errors.Join(err, to.Close())
}
