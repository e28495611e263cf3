package main

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/lambridge-go/lambridge/local/internal/build"
)

// buildFlags are those of the command build.
type buildFlags struct {
	Package string   `arg:"" help:"The function: the folder of a Go program that calls lambda.Start."`
	Arch    string   `default:"arm64" enum:"arm64,x86_64,amd64" placeholder:"ARCH" help:"The function's architecture: ${enum}. Default: ${default}."`
	Output  string   `short:"o" default:"function.zip" placeholder:"FILE" help:"The zip file, which is replaced. Default: ${default}."`
	Tags    []string `placeholder:"TAG" help:"Build tag of the program, beside lambda.norpc. Repeatable."`
}

// Help is what the command's help says of it.
func (buildFlags) Help() string {
	return `Builds a function and zips it for Lambda: the runtime is provided.al2023, the handler's name does not matter. The same sources give the same bytes, whatever the folder, the commit and the day, as long as the version of Go is the same. cgo is off, and what the program reads from files is not in the zip: embed it.`
}

// run builds the program beside the zip file, of which there is all or nothing.
func (f *buildFlags) run(ctx context.Context, environ []string, stdout, stderr io.Writer) (err error) {
	dir, err := os.MkdirTemp(filepath.Dir(f.Output), ".lambridge-build-")
	if err != nil {
		return fmt.Errorf("local: build: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	arch := f.Arch
	if arch == "x86_64" { // as Lambda calls it
		arch = "amd64"
	}
	p := build.OpenForLambda(f.Package, environ, arch, f.Tags)
	bootstrap, err := filepath.Abs(filepath.Join(dir, "bootstrap")) // go runs elsewhere
	if err != nil {
		return fmt.Errorf("local: build: %w", err)
	}
	if err := p.Build(ctx, bootstrap); err != nil {
		return exitError{err, exitFunction}
	}
	if words := build.Leftover(bootstrap); words != "" {
		fmt.Fprintf(stderr, "local: build: %s\n", words)
	}
	packed := filepath.Join(dir, "function.zip")
	unpackedSize, err := zipProgram(packed, bootstrap)
	if err != nil {
		return fmt.Errorf("local: build: %w", err)
	}
	info, err := os.Stat(packed)
	if err != nil {
		return fmt.Errorf("local: build: %w", err)
	}
	if err := os.Rename(packed, f.Output); err != nil {
		return fmt.Errorf("local: build: %w", err)
	}
	_, err = fmt.Fprintf(stdout, "%s: %s for linux/%s, %.1f MB, %.1f MB unpacked\n", f.Output, p.ImportPath, arch, megabytes(info.Size()), megabytes(unpackedSize))
	return err
}

func megabytes(n int64) float64 { return float64(n) / (1 << 20) }

// zipProgram packs a program as Lambda starts it: by the name bootstrap, in the root of
// the zip file, for everybody to execute. A file's date would make each zip another.
func zipProgram(name, program string) (size int64, err error) {
	from, err := os.Open(program)
	if err != nil {
		return 0, err
	}
	defer from.Close()
	to, err := os.Create(name)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, to.Close()) }()
	w := zip.NewWriter(to)
	header := &zip.FileHeader{Name: "bootstrap", Method: zip.Deflate, Modified: time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)}
	header.SetMode(0o755)
	entry, err := w.CreateHeader(header)
	if err != nil {
		return 0, err
	}
	if size, err = io.Copy(entry, from); err != nil {
		return 0, err
	}
	return size, w.Close()
}
