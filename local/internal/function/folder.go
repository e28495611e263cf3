package function

import (
	"os"
	"path/filepath"
)

// A folder holds the programs that are built. It is claimed while its owner lives, so
// that what a killed owner has left behind can be told and removed.
type folder struct {
	path  string
	claim *os.File
}

const (
	folderPattern = "lambridge-*"
	claimName     = "claim"
)

// newFolder makes a folder in dir.
func newFolder(dir string) (*folder, error) {
	path, err := os.MkdirTemp(dir, folderPattern)
	if err != nil {
		return nil, err
	}
	claim, err := os.OpenFile(filepath.Join(path, claimName), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		os.RemoveAll(path)
		return nil, err
	}
	take(claim)
	return &folder{path, claim}, nil
}

// remove gives the folder up.
func (f *folder) remove() error {
	f.claim.Close()
	return os.RemoveAll(f.path)
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
