package function

import (
	"fmt"
	"os"
	"path/filepath"
)

// A Folder holds programs that are built, in the system's temporary directory. It is
// claimed while its owner lives, so that what a killed owner has left behind can be
// told and removed.
type Folder struct {
	Path  string
	claim *os.File
}

const (
	folderPattern = "lambridge-*"
	claimName     = "claim"
)

// NewFolder makes a folder, and removes what killed owners have left.
func NewFolder() (*Folder, error) {
	sweepFolders(os.TempDir())
	path, err := os.MkdirTemp("", folderPattern)
	if err != nil {
		return nil, fmt.Errorf("function: make a folder for programs: %w", err)
	}
	claim, err := os.OpenFile(filepath.Join(path, claimName), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		os.RemoveAll(path)
		return nil, fmt.Errorf("function: claim a folder for programs: %w", err)
	}
	take(claim)
	return &Folder{path, claim}, nil
}

// Remove gives the folder up.
func (f *Folder) Remove() error {
	f.claim.Close()
	return os.RemoveAll(f.Path)
}

// sweepFolders removes what owners that were killed have left in dir.
func sweepFolders(dir string) {
	folders, _ := filepath.Glob(filepath.Join(dir, folderPattern))
	for _, path := range folders {
		// A folder without a claim is another program's, or about to be claimed.
		claim, err := os.OpenFile(filepath.Join(path, claimName), os.O_RDWR, 0)
		if err != nil {
			continue
		}
		if isFree(claim) {
			os.RemoveAll(path)
		}
		claim.Close()
	}
}
