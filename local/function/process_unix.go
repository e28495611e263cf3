//go:build unix

package function

import (
	"os/exec"
	"syscall"
)

// ownGroup makes the process the head of a group, which its children join. A
// Ctrl-C in the terminal does not reach them either: they are ours to end.
func ownGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// terminateGroup asks the process and its children to end.
func terminateGroup(cmd *exec.Cmd) { syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }

// killGroup ends them, including those that have outlived the process.
func killGroup(cmd *exec.Cmd) { syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
