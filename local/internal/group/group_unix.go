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

// Terminate asks the process and its children to end, frozen or not. The process leads
// its group.
func Terminate(cmd *exec.Cmd) {
	syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM)
	Thaw(cmd)
}

// Kill ends them, including those that have outlived the process.
func Kill(cmd *exec.Cmd) { syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }

// CanFreeze tells whether Freeze and Thaw do anything.
const CanFreeze = true

// Freeze stops the process and its children until Thaw lets them go on.
func Freeze(cmd *exec.Cmd) { syscall.Kill(-cmd.Process.Pid, syscall.SIGSTOP) }

// Thaw lets them go on.
func Thaw(cmd *exec.Cmd) { syscall.Kill(-cmd.Process.Pid, syscall.SIGCONT) }
