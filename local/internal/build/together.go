package build

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// Together builds the main packages in folders of one module by one go command,
// which reads what they share once and compiles side by side. It returns the programs,
// which lie in dir, by folder. Folders of one base name would write one file, so
// that only the first of them is built.
//
// The error is the compiler's words if the sources are to blame: which of the
// packages they are about, building each by itself tells. environ and flags are as in
// [Open].
func Together(ctx context.Context, dir string, folders []string, environ []string, flags ...string) (map[string]string, error) {
	programs := map[string]string{}
	root := ""
	p := Open(".", environ, flags...)
	args := append(p.buildArgs(dir+string(filepath.Separator)), "--")
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
	if _, err := runGo(ctx, root, p.environ, args...); err != nil {
		return nil, err
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
