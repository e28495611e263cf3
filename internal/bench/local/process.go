package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// start starts a program in a process group of its own, which stop ends.
func start(dir string, args ...string) (*exec.Cmd, error) {
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Dir = dir
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return cmd, cmd.Start()
}

func stop(cmd *exec.Cmd) {
	cmd.Process.Signal(syscall.SIGTERM)
	cmd.Wait()
	syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // the broker's functions
}

func goBuild(dir, output, pkg string) error {
	cmd := exec.Command("go", "build", "-ldflags", "-s -w", "-o", output, pkg)
	cmd.Dir = dir
	cmd.Stderr = os.Stderr
	return cmd.Run()
}

func freeAddr() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer listener.Close()
	return listener.Addr().String(), nil
}

// waitFor asks until the answer contains text.
func waitFor(addr, text string) error {
	deadline := time.Now().Add(30 * time.Second)
	for {
		body, err := get(http.DefaultClient, addr)
		if err == nil && strings.Contains(body, text) {
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("no answer with %q: %q, %v", text, body, err)
		}
		time.Sleep(time.Millisecond)
	}
}

func get(client *http.Client, addr string) (string, error) {
	response, err := client.Get("http://" + addr + "/")
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode >= 500 {
		err = fmt.Errorf("status %s: %s", response.Status, body)
	}
	return string(body), err
}

// peakMemory reads the high-water mark of a process (proc_pid_status(5)), or 0
// where there is no /proc.
func peakMemory(pid int) int64 {
	status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	_, after, _ := strings.Cut(string(status), "VmHWM:")
	value, _, _ := strings.Cut(after, "kB")
	kilobytes, _ := strconv.ParseInt(strings.TrimSpace(value), 10, 64)
	return kilobytes << 10
}

// cpuTime reads what a process has used, in ticks of 10 ms (proc_pid_stat(5)).
func cpuTime(pid int) time.Duration {
	stat, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	fields := strings.Fields(string(stat))
	if len(fields) < 15 {
		return 0
	}
	user, _ := strconv.Atoi(fields[13])
	system, _ := strconv.Atoi(fields[14])
	return time.Duration(user+system) * 10 * time.Millisecond
}

// childOf is the process that a process has started (proc_pid_children(5)), or 0.
func childOf(pid int) int {
	threads, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	for _, thread := range threads {
		children, _ := os.ReadFile(thread)
		first, _, _ := strings.Cut(string(children), " ")
		if child, err := strconv.Atoi(first); err == nil {
			return child
		}
	}
	return 0
}
