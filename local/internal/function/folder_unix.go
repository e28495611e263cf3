//go:build unix

package function

import (
	"os"
	"syscall"
)

// take claims the file for as long as it is open, and reports whether nobody else
// has. The system gives the claim up for an owner that was killed.
func take(claim *os.File) bool {
	return syscall.Flock(int(claim.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil
}

// isFree reports whether nobody but the caller claims the file. One of another user
// is never free: what lies beside it is theirs.
func isFree(claim *os.File) bool {
	info, err := claim.Stat()
	if err != nil {
		return false
	}
	if owner, ok := info.Sys().(*syscall.Stat_t); !ok || int(owner.Uid) != os.Getuid() {
		return false
	}
	return take(claim)
}
