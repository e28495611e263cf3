//go:build unix

package main

import (
	"os/signal"
	"syscall"
)

// readInBackground lets a command in the background of a terminal read from it in
// vain, where the system would stop the whole command.
func readInBackground() { signal.Ignore(syscall.SIGTTIN) }
