package build

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/lambridge-go/lambridge/local/internal/group"
)

// Together builds the main packages in folders of one module by one go command,
// which reads what they share once and compiles side by side. It returns the programs,
// which lie in dir, by folder. Folders of one base name would write one file, so
// that only the first of them is built.
//
// The error is the compiler's words if the sources are to blame: which of the
// packages they are about, building each by itself tells.
func Together(ctx context.Context, dir string, folders []string, environ []string) (map[string]string, error) {
	programs := map[string]string{}
	root := ""
	args := []string{"build", "-ldflags", "-s -w", "-o", dir + string(filepath.Separator), "--"}
	for _, folder := range folders {
		program := filepath.Join(dir, filepath.Base(folder))
		if runtime.GOOS == "windows" {
			program += ".exe"
		}
		if taken(programs, program) {
			continue
		}
		if root == "" {
			root = folder
		}
		seen, err := filepath.Rel(root, folder)
		if err != nil {
			continue
		}
		if seen = filepath.ToSlash(seen); !strings.HasPrefix(seen, ".") {
			seen = "./" + seen
		}
		programs[folder] = program
		args = append(args, seen)
	}
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir, cmd.Env = root, environ
	group.Lead(cmd) // of compilers and linkers
	cmd.Cancel = func() error { group.Kill(cmd); return nil }
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	err := cmd.Run()
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		return nil, &commandError{stderr: stderr.String(), err: err}
	}
	return programs, nil
}

func taken(programs map[string]string, program string) bool {
	for _, other := range programs {
		if other == program {
			return true
		}
	}
	return false
}

// Module returns the folder of the module that a folder belongs to, or "".
func Module(folder string) string {
	for dir := folder; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			return ""
		}
	}
}
