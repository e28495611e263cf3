//go:build unix

package group

import (
	"os/exec"
	"syscall"
)

// Lead makes the process, which has not been started yet, the head of a group, which
// its children join. A Ctrl-C in the terminal does not reach them: they are ours to
// end.
func Lead(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// Terminate asks the process and its children to end. The process leads its group.
func Terminate(cmd *exec.Cmd) { syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }

// Kill ends them, including those that have outlived the process.
func Kill(cmd *exec.Cmd) { syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
