package main

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"time"
)

// measureStreams measures what a client of a function URL that streams notices: how
// long what is flushed is on its way, and what a reply of 200 MB needs, in time and in
// memory of the command and of the function.
func measureStreams(root string, rounds int) error {
	dir, err := os.MkdirTemp("", "lambridge-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	command, ticking, large := filepath.Join(dir, "local"), filepath.Join(dir, "ticking"), filepath.Join(dir, "large")
	if err := goBuild(root, command, "./local"); err != nil {
		return err
	}
	if err := goBuild(filepath.Join(root, "internal/bench"), ticking, "./functions/lambridgestream"); err != nil {
		return err
	}
	if err := goBuild(root, large, "./examples/stream"); err != nil {
		return err
	}
	addr, err := freeAddr()
	if err != nil {
		return err
	}
	fmt.Printf("%s, %s, %d CPUs shared by client, command and function\n\n", time.Now().Format(time.DateOnly), runtime.Version(), runtime.NumCPU())
	for range rounds {
		if err := measureLatency(addr, command, ticking); err != nil {
			return err
		}
	}
	for range rounds {
		if err := measureLarge(addr, command, large); err != nil {
			return err
		}
	}
	return nil
}

// measureLatency reads the times that the function flushed.
func measureLatency(addr, command, function string) error {
	cmd, err := start("", command, "--api", "url", "--stream", "--addr", addr, "--inspect", "off", "--no-watch", function)
	if err != nil {
		return err
	}
	defer stop(cmd)
	if err := waitFor(addr, ""); err != nil {
		return err
	}
	response, err := http.Get("http://" + addr + "/api/clock")
	if err != nil {
		return err
	}
	defer response.Body.Close()
	var took []time.Duration
	for lines := bufio.NewScanner(response.Body); lines.Scan(); {
		flushed, err := strconv.ParseInt(lines.Text(), 10, 64)
		if err != nil {
			return err
		}
		took = append(took, time.Duration(time.Now().UnixNano()-flushed))
	}
	if len(took) == 0 {
		return fmt.Errorf("status %s and no event", response.Status)
	}
	slices.Sort(took)
	fmt.Printf("Flush to client, %d events: p50 %.3f ms, p99 %.3f ms\n", len(took), ms(took[len(took)/2]), ms(took[len(took)*99/100]))
	return nil
}

// measureLarge downloads 200 MB, and looks at the memory before and after.
func measureLarge(addr, command, function string) error {
	cmd, err := start("", command, "--api", "url", "--stream", "--addr", addr, "--inspect", "off", "--no-watch", function)
	if err != nil {
		return err
	}
	defer stop(cmd)
	if err := waitFor(addr, ""); err != nil {
		return err
	}
	child := childOf(cmd.Process.Pid)
	before, childBefore := peakMemory(cmd.Process.Pid), peakMemory(child)
	began := time.Now()
	response, err := http.Get("http://" + addr + "/film.bin")
	if err != nil {
		return err
	}
	defer response.Body.Close()
	n, err := io.Copy(io.Discard, response.Body)
	if err != nil {
		return err
	}
	took := time.Since(began)
	fmt.Printf("%d MB in %.2f s, %.0f MB/s; peak memory of the command %.1f MB, %+.1f MB by this, of the function %.1f MB, %+.1f MB\n",
		n/1e6, took.Seconds(), float64(n)/1e6/took.Seconds(),
		mb(peakMemory(cmd.Process.Pid)), mb(peakMemory(cmd.Process.Pid)-before), mb(peakMemory(child)), mb(peakMemory(child)-childBefore))
	return nil
}

func mb(bytes int64) float64 { return float64(bytes) / 1e6 }
