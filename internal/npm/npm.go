// Package npm gets JavaScript packages for tests that hold this module against
// programs of the JavaScript world, such as the AWS SDK.
package npm

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// ErrMissing reports that node or npm is not installed. Compare with errors.Is.
var ErrMissing = errors.New("node and npm are not installed")

// Install returns a folder whose node_modules has packages, each given with its
// version: "dynalite@4.0.0". It is kept in the user's cache, so that only the first
// run needs the network.
func Install(ctx context.Context, packages ...string) (dir string, err error) {
	for _, program := range []string{"node", "npm"} {
		if _, err := exec.LookPath(program); err != nil {
			return "", ErrMissing
		}
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("npm: %w", err)
	}
	name := strings.NewReplacer("/", "-", "@", "-").Replace(strings.Join(packages, "+"))
	dir = filepath.Join(cache, "lambridge", "npm", name)
	if _, err := os.Stat(dir); err == nil {
		return dir, nil
	}

	// The folder gets its name when it is complete: tests run side by side, and end
	// at any time.
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return "", fmt.Errorf("npm: %w", err)
	}
	fresh, err := os.MkdirTemp(filepath.Dir(dir), "new-")
	if err != nil {
		return "", fmt.Errorf("npm: %w", err)
	}
	defer os.RemoveAll(fresh)
	args := append([]string{"install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", fresh}, packages...)
	if out, err := exec.CommandContext(ctx, "npm", args...).CombinedOutput(); err != nil {
		return "", fmt.Errorf("npm: install %s: %w: %s", strings.Join(packages, " "), err, out)
	}
	if err := os.Rename(fresh, dir); err != nil {
		if _, statErr := os.Stat(dir); statErr != nil { // else another test was faster
			return "", fmt.Errorf("npm: %w", err)
		}
	}
	return dir, nil
}
