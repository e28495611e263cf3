package group

import (
	"os/exec"
	"strconv"
	"syscall"
)

// Lead keeps a Ctrl-C in the console away from the process, which has not been started
// yet: it is ours to end.
func Lead(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP}
}

// Terminate kills: Windows has nothing like SIGTERM for a console program.
func Terminate(cmd *exec.Cmd) { Kill(cmd) }

// Kill ends the process and its children.
func Kill(cmd *exec.Cmd) {
	exec.Command("taskkill", "/T", "/F", "/PID", strconv.Itoa(cmd.Process.Pid)).Run()
	cmd.Process.Kill()
}

// CanFreeze tells whether Freeze and Thaw do anything.
const CanFreeze = false

// Freeze does nothing.
func Freeze(*exec.Cmd) {}

// Thaw does nothing.
func Thaw(*exec.Cmd) {}
