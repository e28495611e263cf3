package build

import (
	"context"
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
	root := Package{environ: forThisMachine(environ), flags: flags}
	var targets []string
	for _, folder := range folders {
		program := filepath.Join(dir, filepath.Base(folder))
		if runtime.GOOS == "windows" {
			program += ".exe"
		}
		if taken(programs, program) {
			continue
		}
		if root.dir == "" {
			root.dir = folder
		}
		seen, err := filepath.Rel(root.dir, folder)
		if err != nil {
			continue
		}
		if seen = filepath.ToSlash(seen); !strings.HasPrefix(seen, ".") {
			seen = "./" + seen
		}
		programs[folder] = program
		targets = append(targets, seen)
	}
	if len(targets) == 0 {
		return nil, nil
	}
	args := append(append(root.buildArgs(dir+string(filepath.Separator)), "--"), targets...)
	if _, err := runGo(ctx, root.dir, root.environ, args...); err != nil {
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
	if file := nearest(folder, "go.mod"); file != "" {
		return filepath.Dir(file)
	}
	return ""
}
