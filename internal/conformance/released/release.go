package main

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
	"golang.org/x/mod/sumdb/dirhash"
	"golang.org/x/mod/zip"
)

// A release is a checkout as it would be if all its modules had been released as they
// are now: a copy in which they require each other at one version and know each other's
// sums, and a module proxy that has them at that version.
type release struct {
	version string      // of this release alone, since a module cache never looks twice
	dir     string      // the copy
	proxy   string      // the proxy's folder, which GOPROXY=file:// reads
	modules []goModule  // those above are required by those below
	cache   string      // the module cache, in which nothing of it remains
	sums    []sumOfOurs // of the modules so far
}

// A goModule is a module of the checkout.
type goModule struct {
	path     string
	folder   string // in the checkout, with slashes: "." or "local"
	required string // the version at which others require it
}

// sumOfOurs are the lines of go.sum for one of our modules.
type sumOfOurs struct{ path, zip, mod string }

// newRelease makes a release of a checkout in a folder that is there and empty.
func newRelease(checkout, into string) (*release, error) {
	r := &release{
		version: "v0.0.0-checkout." + strings.ToLower(rand.Text()),
		dir:     filepath.Join(into, "checkout"), proxy: filepath.Join(into, "proxy"),
	}
	cache, err := output(checkout, "go", "env", "GOMODCACHE")
	if err != nil {
		return nil, err
	}
	r.cache = strings.TrimSpace(cache)
	if err := r.copyFiles(checkout); err != nil {
		return nil, err
	}
	if r.modules, err = modulesOf(r.dir); err != nil {
		return nil, err
	}
	for _, m := range r.modules {
		if err := r.publish(m); err != nil {
			return nil, fmt.Errorf("released: publish %s: %w", m.path, err)
		}
	}
	return r, nil
}

// copyFiles copies what git knows of the checkout, and what it would if it were added.
func (r *release) copyFiles(checkout string) error {
	list, err := output(checkout, "git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	if err != nil {
		return err
	}
	names := strings.Split(strings.TrimSuffix(list, "\x00"), "\x00")
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		from, err := os.Open(filepath.Join(checkout, name))
		if errors.Is(err, fs.ErrNotExist) {
			continue // deleted, and git has not been told yet
		}
		if err != nil {
			return err
		}
		err = copyFile(filepath.Join(r.dir, name), from)
		if info, statErr := from.Stat(); err == nil && statErr == nil {
			err = os.Chmod(filepath.Join(r.dir, name), info.Mode()) // some files are programs
		}
		from.Close()
		if err != nil {
			return err
		}
	}
	return nil
}

// modulesOf reads go.work, whose order is that in which modules require each other.
func modulesOf(checkout string) ([]goModule, error) {
	name := filepath.Join(checkout, "go.work")
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	work, err := modfile.ParseWork(name, data, nil)
	if err != nil {
		return nil, err
	}
	var modules []goModule
	for _, use := range work.Use {
		data, err := os.ReadFile(filepath.Join(checkout, use.Path, "go.mod"))
		if err != nil {
			return nil, err
		}
		m := goModule{path: modfile.ModulePath(data), folder: filepath.ToSlash(filepath.Clean(use.Path))}
		for _, r := range work.Replace {
			if r.Old.Path == m.path {
				m.required = r.Old.Version
			}
		}
		modules = append(modules, m)
	}
	return modules, nil
}

// publish completes go.mod and go.sum of a module and puts it into the proxy.
func (r *release) publish(m goModule) error {
	dir := filepath.Join(r.dir, m.folder)
	if err := r.setVersions(filepath.Join(dir, "go.mod"), func(goModule) string { return r.version }); err != nil {
		return err
	}
	sum, err := os.OpenFile(filepath.Join(dir, "go.sum"), os.O_APPEND|os.O_WRONLY|os.O_CREATE, 0o644)
	if err != nil {
		return err
	}
	for _, above := range r.sums {
		fmt.Fprintf(sum, "%s %s %s\n%s %s/go.mod %s\n", above.path, r.version, above.zip, above.path, r.version, above.mod)
	}
	if err := sum.Close(); err != nil {
		return err
	}

	escaped, err := module.EscapePath(m.path)
	if err != nil {
		return err
	}
	folder := filepath.Join(r.proxy, escaped, "@v")
	goMod, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	if err != nil {
		return err
	}
	for name, text := range map[string]string{
		"list":              r.version + "\n",
		r.version + ".info": fmt.Sprintf(`{"Version":%q}`, r.version),
		r.version + ".mod":  string(goMod),
	} {
		if err := copyFile(filepath.Join(folder, name), strings.NewReader(text)); err != nil {
			return err
		}
	}
	var packed bytes.Buffer
	if err := zip.CreateFromDir(&packed, module.Version{Path: m.path, Version: r.version}, dir); err != nil {
		return err
	}
	zipFile := filepath.Join(folder, r.version+".zip")
	if err := copyFile(zipFile, &packed); err != nil {
		return err
	}
	ours := sumOfOurs{path: m.path}
	if ours.zip, err = dirhash.HashZip(zipFile, dirhash.Hash1); err != nil {
		return err
	}
	ours.mod, err = dirhash.Hash1([]string{"go.mod"}, func(string) (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(goMod)), nil
	})
	r.sums = append(r.sums, ours)
	return err
}

// setVersions rewrites the requirements of our modules in a go.mod.
func (r *release) setVersions(name string, version func(goModule) string) error {
	data, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	file, err := modfile.Parse(name, data, nil)
	if err != nil {
		return err
	}
	for _, m := range r.modules {
		for _, required := range file.Require {
			if required.Mod.Path == m.path {
				if err := file.AddRequire(m.path, version(m)); err != nil {
					return err
				}
			}
		}
	}
	if data, err = file.Format(); err != nil {
		return err
	}
	return os.WriteFile(name, data, 0o644)
}

// takeBack writes go.mod and go.sum of a module in the copy, without a trace of the
// release, into the same module of another folder.
func (r *release) takeBack(m goModule, into string) error {
	from, to := filepath.Join(r.dir, m.folder), filepath.Join(into, m.folder)
	goMod, err := os.Open(filepath.Join(from, "go.mod"))
	if err != nil {
		return err
	}
	defer goMod.Close()
	if err := copyFile(filepath.Join(to, "go.mod"), goMod); err != nil {
		return err
	}
	if err := r.setVersions(filepath.Join(to, "go.mod"), func(m goModule) string { return m.required }); err != nil {
		return err
	}
	goSum, err := os.ReadFile(filepath.Join(from, "go.sum"))
	if err != nil {
		return err
	}
	var lines strings.Builder
	for line := range strings.Lines(string(goSum)) {
		if !strings.Contains(line, " "+r.version) {
			lines.WriteString(line)
		}
	}
	return copyFile(filepath.Join(to, "go.sum"), strings.NewReader(lines.String()))
}

// environ is the environment in which the go command finds the release, and no workspace.
func (r *release) environ() ([]string, error) {
	settings, err := output(r.dir, "go", "env", "GOPROXY", "GONOSUMDB")
	if err != nil {
		return nil, err
	}
	proxy, noSum, _ := strings.Cut(strings.TrimSuffix(settings, "\n"), "\n")
	for _, m := range r.modules {
		noSum = strings.TrimPrefix(noSum+","+m.path, ",")
	}
	return append(os.Environ(), "GOWORK=off", "GOPROXY=file://"+filepath.ToSlash(r.proxy)+","+proxy, "GONOSUMDB="+noSum), nil
}

// forget removes the release from the module cache, which would keep it for ever.
func (r *release) forget() error {
	var err error
	for _, m := range r.modules {
		unpacked := filepath.Join(r.cache, m.path) + "@" + r.version
		filepath.WalkDir(unpacked, func(name string, entry fs.DirEntry, walkErr error) error {
			if walkErr == nil && entry.IsDir() {
				return os.Chmod(name, 0o755) // the cache is read-only
			}
			return walkErr
		})
		err = errors.Join(err, os.RemoveAll(unpacked))
		downloads, _ := filepath.Glob(filepath.Join(r.cache, "cache", "download", m.path, "@v", r.version+".*"))
		for _, name := range downloads {
			err = errors.Join(err, os.Remove(name))
		}
	}
	return err
}

func copyFile(name string, from io.Reader) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	to, err := os.Create(name)
	if err != nil {
		return err
	}
	_, err = io.Copy(to, from)
	return errors.Join(err, to.Close())
}

// output runs a command in a folder.
func output(dir string, command ...string) (string, error) {
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Dir = dir
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("released: %s: %w: %s", strings.Join(command, " "), err, &stderr)
	}
	return string(out), nil
}
