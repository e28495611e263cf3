package function

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
)

// peakOf reads the high-water mark from /proc (proc_pid_status(5)).
func peakOf(pid int) int64 {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	_, after, _ := bytes.Cut(status, []byte("VmHWM:"))
	value, _, _ := bytes.Cut(after, []byte("kB"))
	kilobytes, _ := strconv.ParseInt(string(bytes.TrimSpace(value)), 10, 64)
	return kilobytes << 10
}
