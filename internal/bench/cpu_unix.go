//go:build unix

package main

import (
	"syscall"
	"time"
)

// cpuTime is what this process has had of the CPUs so far.
func cpuTime() time.Duration {
	var usage syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &usage) // cannot fail for oneself
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
