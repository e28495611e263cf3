package main

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
)

// baselineCommit is the last release, until one is tagged: every ratio to it is one to this
// commit.
const baselineCommit = "7438ec6"

// The adapter of the baseline has an import path of its own, so that both link into one
// program. It is as long as ours, so that neither binary is larger for its names.
const (
	ourPath      = "github.com/lambridge-go/lambridge"
	baselinePath = "github.com/lambridge-go/yesterday"
)

// runWith builds this program once more, with the adapter of another commit beside today's,
// and runs it.
func runWith(commit string, args []string, stdout, stderr io.Writer) error {
	root, err := output("", "git", "rev-parse", "--show-toplevel")
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "lambridge-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	root = strings.TrimSpace(root)
	if err := extractAdapter(root, commit, filepath.Join(dir, "yesterday")); err != nil {
		return err
	}
	workspace, err := writeWorkspace(root, dir)
	if err != nil {
		return err
	}

	overlay, err := writeOverlay(root, dir)
	if err != nil {
		return err
	}

	environ := append(os.Environ(), "GOWORK="+workspace)
	program := filepath.Join(dir, "bench")
	for _, command := range [][]string{{"go", "build", "-overlay", overlay, "-o", program, "."}, append([]string{program}, args...)} {
		cmd := exec.Command(command[0], command[1:]...)
		cmd.Env, cmd.Stdout, cmd.Stderr = environ, stdout, stderr
		if err := cmd.Run(); err != nil {
			return fmt.Errorf("with the adapter of %s: %s: %w", commit, filepath.Base(command[0]), err)
		}
	}
	return nil
}

// extractAdapter writes the adapter of a commit, and what it stands on, as a module.
func extractAdapter(root, commit, dir string) error {
	archive, err := output(root, "git", "archive", "--format=tar", commit, "adapter", "internal")
	if err != nil {
		return err
	}
	elsewhere := []string{"adapter/connections/", "adapter/internal/", "internal/bench/", "internal/conformance/"}
	for files := tar.NewReader(strings.NewReader(archive)); ; {
		file, err := files.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		wanted := path.Ext(file.Name) == ".go" && !strings.HasSuffix(file.Name, "_test.go") && !strings.Contains(file.Name, "/testdata/")
		for _, folder := range elsewhere {
			wanted = wanted && !strings.HasPrefix(file.Name, folder)
		}
		if !wanted {
			continue
		}
		code, err := io.ReadAll(files)
		if err != nil {
			return err
		}
		name := filepath.Join(dir, filepath.FromSlash(file.Name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(name, bytes.ReplaceAll(code, []byte(ourPath+"/"), []byte(baselinePath+"/")), 0o644); err != nil {
			return err
		}
	}
	return os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module "+baselinePath+"\n\ngo 1.26\n"), 0o644)
}

// writeWorkspace writes the checkout's go.work with the baseline as one module more.
func writeWorkspace(root, dir string) (name string, err error) {
	name = filepath.Join(dir, "go.work")
	work, err := os.ReadFile(filepath.Join(root, "go.work"))
	if err != nil {
		return "", err
	}
	absolute := strings.NewReplacer("\t.\n", "\t"+root+"\n", "\t./", "\t"+root+"/", "=> .\n", "=> "+root+"\n", "=> ./", "=> "+root+"/")
	text := absolute.Replace(string(work)) + "\nuse ./yesterday\n"
	sums, err := os.ReadFile(filepath.Join(root, "go.work.sum"))
	if err != nil {
		return "", err
	}
	return name, errors.Join(os.WriteFile(name, []byte(text), 0o644), os.WriteFile(name+".sum", sums, 0o644))
}

// writeOverlay writes what makes go build take the baseline for none. Neither a build tag
// nor a package of its own would do: go mod tidy would look for its module.
func writeOverlay(root, dir string) (name string, err error) {
	name = filepath.Join(dir, "overlay.json")
	bench := filepath.Join(root, "internal", "bench")
	replace := map[string]string{filepath.Join(bench, "baseline_adapter.go"): filepath.Join(bench, "testdata", "baseline", "adapter.go")}
	overlay, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", err
	}
	return name, os.WriteFile(name, overlay, 0o644)
}

// output runs a command in a folder and returns what it prints.
func output(dir string, command ...string) (string, error) {
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Dir = dir
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s: %w: %s", strings.Join(command, " "), err, &stderr)
	}
	return string(out), nil
}
