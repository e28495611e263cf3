// Command released runs a command in the modules of this checkout as they would be if
// they were released: without the workspace, each at the versions that its own go.mod
// asks for, and with our other modules coming from a module proxy. A workspace cannot
// tell what users get, because it picks the highest version that any of its modules
// asks for.
//
//	go run ./internal/conformance/released go vet ./...
//	go run ./internal/conformance/released --unchanged go mod tidy
//	go run ./internal/conformance/released --write --in local go get github.com/alecthomas/kong@v1.17.0
//
// The command runs in a copy of the checkout, so that nothing it does is lost or kept
// by accident: --write takes go.mod and go.sum back, without the lines about our own
// modules, which the release adds.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

func main() {
	if err := run(os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string, stdout, stderr io.Writer) (err error) {
	flags := flag.NewFlagSet("released", flag.ContinueOnError)
	flags.SetOutput(stderr)
	only := flags.String("in", "", "run in the module of this `folder` alone, not in all")
	write := flags.Bool("write", false, "take what becomes of go.mod and go.sum into the checkout")
	unchanged := flags.Bool("unchanged", false, "fail where go.mod or go.sum changes")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() == 0 {
		return errors.New("released: which command is to run?")
	}
	checkout, err := output(".", "git", "rev-parse", "--show-toplevel")
	if err != nil {
		return err
	}
	checkout = strings.TrimSpace(checkout)
	temp, err := os.MkdirTemp("", "lambridge-released-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(temp)) }()
	r, err := newRelease(checkout, temp)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.forget()) }()
	environ, err := r.environ()
	if err != nil {
		return err
	}

	ran := false
	for _, m := range r.modules {
		if *only != "" && m.folder != filepath.ToSlash(filepath.Clean(*only)) {
			continue
		}
		ran = true
		fmt.Fprintf(stderr, "--- %s: %s\n", m.folder, strings.Join(flags.Args(), " "))
		cmd := exec.Command(flags.Arg(0), flags.Args()[1:]...)
		cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = filepath.Join(r.dir, m.folder), environ, stdout, stderr
		if err := cmd.Run(); err != nil {
			return fmt.Errorf("released: %s: %w", m.folder, err)
		}
		if *unchanged {
			if err := r.compare(m, checkout); err != nil {
				return err
			}
		}
		if *write {
			if err := r.takeBack(m, checkout); err != nil {
				return err
			}
		}
	}
	if !ran {
		return fmt.Errorf("released: go.work has no module %q", *only)
	}
	return nil
}

// compare returns an error if go.mod or go.sum of a module is another in the checkout.
func (r *release) compare(m goModule, checkout string) error {
	temp, err := os.MkdirTemp("", "lambridge-released-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temp)
	if err := r.takeBack(m, temp); err != nil {
		return err
	}
	for _, name := range []string{"go.mod", "go.sum"} {
		want, err := os.ReadFile(filepath.Join(temp, m.folder, name))
		if err != nil {
			return err
		}
		got, err := os.ReadFile(filepath.Join(checkout, m.folder, name))
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
		if !bytes.Equal(got, want) {
			return fmt.Errorf("released: %s changes; --write instead of --unchanged writes it", filepath.Join(m.folder, name))
		}
	}
	return nil
}
