//go:build unix

package velocity_test

import "syscall"

// processorTime returns how long this process has had a processor, in
// nanoseconds: what a benchmark costs, however busy the machine is.
func processorTime() int64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return usage.Utime.Nano() + usage.Stime.Nano()
}
