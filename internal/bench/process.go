package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"time"
)

// A lifetime is what one contestant's binary needs to come up and to keep going.
type lifetime struct {
	function string
	size     int64     // of the stripped binary, in bytes
	cold     []float64 // nanoseconds from exec to the first reply
	memory   []float64 // bytes resident after the first reply
	each1    []float64 // nanoseconds of CPU time for an invocation through aws-lambda-go's loop
	each4    []float64 // the same with four workers
}

// bareFunction is the lifetime that the others are compared with.
const bareFunction = "bare"

// measureLifetimes builds a stripped binary for every function and runs each in turn, round
// after round, against a Runtime API of our own. The event is a browser's GET through a
// function URL, which all of them know.
func measureLifetimes(rounds int, steady time.Duration, progress func(string)) ([]*lifetime, error) {
	all, err := tasks()
	if err != nil {
		return nil, err
	}
	var event []byte
	for _, t := range all {
		if t.door == "url" && t.work == get {
			event = t.event
		}
	}
	dir, err := os.MkdirTemp("", "lambridge-bench-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)

	var lifetimes []*lifetime
	for _, name := range []string{bareFunction, "lambridge", "apiproxy", "algnhsa", "lambdaurl"} {
		progress("building " + name)
		size, err := build("functions/"+name, filepath.Join(dir, name))
		if err != nil {
			return nil, err
		}
		lifetimes = append(lifetimes, &lifetime{function: name, size: size})
	}
	for round := range rounds {
		progress(fmt.Sprintf("lifetimes, round %d of %d", round+1, rounds))
		for _, l := range lifetimes {
			if err := l.run(filepath.Join(dir, l.function), event, steady); err != nil {
				return nil, fmt.Errorf("%s: %w", l.function, err)
			}
		}
	}
	return lifetimes, nil
}

func build(folder, output string) (size int64, err error) {
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-tags=lambda.norpc", "-o", output, "./"+folder)
	if out, err := cmd.CombinedOutput(); err != nil {
		return 0, fmt.Errorf("build %s: %w\n%s", folder, err, out)
	}
	info, err := os.Stat(output)
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// run adds one round: a life with one worker, then one with four.
func (l *lifetime) run(binary string, event []byte, steady time.Duration) error {
	one, err := live(binary, event, 1, steady)
	if err != nil {
		return err
	}
	four, err := live(binary, event, 4, steady)
	if err != nil {
		return err
	}
	l.cold = append(l.cold, one.cold)
	l.memory = append(l.memory, one.memory)
	l.each1 = append(l.each1, one.each())
	l.each4 = append(l.each4, four.each())
	return nil
}

type life struct {
	cold, memory float64
	replies      int64         // in all
	cpu          time.Duration // that all of it took
}

// each is the nanoseconds of CPU time for one reply.
func (l life) each() float64 { return float64(l.cpu) / float64(max(1, l.replies)) }

// live starts a process, waits for its first reply, looks at its memory, and lets it work for a while.
func live(binary string, event []byte, workers int, steady time.Duration) (got life, err error) {
	api, err := startRuntimeAPI(event)
	if err != nil {
		return life{}, err
	}
	defer api.close()
	api.grantOne()

	var stderr bytes.Buffer
	cmd := exec.CommandContext(context.Background(), binary)
	cmd.Stderr = &stderr
	cmd.Env = []string{
		"AWS_LAMBDA_RUNTIME_API=" + api.addr(),
		fmt.Sprintf("AWS_LAMBDA_MAX_CONCURRENCY=%d", workers),
		"AWS_LAMBDA_FUNCTION_NAME=shop",
		"_X_AMZN_TRACE_ID=",
	}
	begun := time.Now()
	if err := cmd.Start(); err != nil {
		return life{}, err
	}
	defer func() {
		cmd.Process.Kill()
		cmd.Wait()
		got.replies, got.cpu = api.replies.Load(), cmd.ProcessState.UserTime()+cmd.ProcessState.SystemTime()
	}()
	select {
	case at := <-api.first:
		got.cold = float64(at.Sub(begun))
	case <-time.After(10 * time.Second):
		return life{}, fmt.Errorf("no reply within 10 s: %v\n%s", api.err(), &stderr)
	}
	if got.memory, err = resident(cmd.Process.Pid); err != nil {
		return life{}, err
	}

	api.grantAll()
	time.Sleep(steady)
	return got, api.err()
}

// resident returns the resident memory of a process in bytes, 0 where the system does not tell.
func resident(pid int) (float64, error) {
	if runtime.GOOS != "linux" {
		return 0, nil
	}
	statm, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	if err != nil {
		return 0, err
	}
	var total, pages float64
	if _, err := fmt.Sscan(string(statm), &total, &pages); err != nil {
		return 0, fmt.Errorf("statm %q: %w", statm, err)
	}
	return pages * float64(os.Getpagesize()), nil
}
