package function

import (
	"os/exec"
	"strconv"
	"syscall"
)

// ownGroup keeps a Ctrl-C in the console away from the process: it is ours to end.
func ownGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP}
}

// terminateGroup kills: Windows has nothing like SIGTERM for a console program.
func terminateGroup(cmd *exec.Cmd) { killGroup(cmd) }

// killGroup ends the process and its children.
func killGroup(cmd *exec.Cmd) {
	exec.Command("taskkill", "/T", "/F", "/PID", strconv.Itoa(cmd.Process.Pid)).Run()
	cmd.Process.Kill()
}
