// Command bench measures Lambridge against its peers: the same application, the
// same events, in rounds that take turns.
//
//	go -C internal/bench run .           prints the tables
//	go -C internal/bench run . --write   also writes RESULTS.md and plot.svg
//	go -C internal/bench run . --check   fails where a GET takes longer than it may
//	go -C internal/bench run . --compare sets today's adapter beside that of an earlier commit
//
// For the second table of the GET it runs itself once more with GOEXPERIMENT=jsonv2 and -gets.
//
// Figures of different machines do not compare; ratios within one run do.
package main

import (
	"bytes"
	"cmp"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"time"
)

func main() {
	if err := run(os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(stderr)
	rounds := flags.Int("rounds", 10, "how many interleaved `rounds` the medians are of")
	slice := flags.Duration("slice", 40*time.Millisecond, "how long each contestant works on each task in a round")
	steady := flags.Duration("steady", time.Second, "how long each process is kept busy in a round")
	lives := flags.Bool("processes", true, "measure cold start, memory and throughput of real processes too")
	onlyStreams := flags.Bool("streams", false, "measure nothing but replies that stream")
	onlyGets := flags.Bool("gets", false, "measure nothing but a GET, and print its table alone; the one with GOEXPERIMENT=jsonv2 is made so")
	onlyCheck := flags.Bool("check", false, "measure nothing but a GET beside the recorder, and fail where that takes too long")
	comparing := flags.Bool("compare", false, "measure nothing but today's adapter beside that of -commit, in turns")
	commit := flags.String("commit", baselineCommit, "the `commit` that -compare compares with")
	write := flags.Bool("write", false, "write RESULTS.md and plot.svg into this folder")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *rounds < 1 || *slice <= 0 || *steady <= 0 {
		return fmt.Errorf("rounds, slice and steady must be positive")
	}
	if *write && (*onlyStreams || *onlyGets || *onlyCheck || *comparing) {
		return fmt.Errorf("RESULTS.md has all figures: leave out -write or what limits them")
	}

	progress := func(what string) { fmt.Fprintf(stderr, "%s  %s\n", time.Now().Format(time.TimeOnly), what) }
	if *comparing && baseline == nil {
		return compareWith(*commit, args, stdout, stderr)
	}
	if *comparing {
		return compare(*rounds, *slice, *steady, *lives, stdout, progress)
	}
	if *onlyCheck {
		return check(*rounds, stdout, progress)
	}
	if *onlyGets {
		results, err := measureWork(*rounds, *slice, progress, func(t task) bool { return t.work == get })
		if err != nil {
			return err
		}
		writeWork(stdout, results)
		return nil
	}
	var results []*result
	var jsonv2 []byte
	var err error
	if !*onlyStreams {
		if results, err = measureWork(*rounds, *slice, progress, func(task) bool { return true }); err != nil {
			return err
		}
		if jsonv2, err = measureWithJSONv2(*rounds, *slice, stderr); err != nil {
			return err
		}
	}
	streams, err := measureStreams(*rounds, *lives, *steady, progress)
	if err != nil {
		return err
	}
	var lifetimes []*lifetime
	if *lives && !*onlyStreams {
		if lifetimes, err = measureLifetimes(*rounds, *steady, progress); err != nil {
			return err
		}
	}

	var report bytes.Buffer
	fmt.Fprintf(&report, "# Results\n\n%s, %s, %d CPUs, %s, GOEXPERIMENT=%q\n\n    go -C internal/bench run . %s\n\nMedians of %d interleaved rounds.\n",
		time.Now().UTC().Format(time.DateOnly), processor(), runtime.NumCPU(), runtime.Version(), os.Getenv("GOEXPERIMENT"), strings.Join(args, " "), *rounds)
	writeReport(&report, results, jsonv2, streams, lifetimes)
	if _, err := stdout.Write(report.Bytes()); err != nil || !*write {
		return err
	}
	var plot bytes.Buffer
	writePlot(&plot, results)
	return cmp.Or(os.WriteFile("RESULTS.md", report.Bytes(), 0o644), os.WriteFile("plot.svg", plot.Bytes(), 0o644))
}

// processor names the CPU as Linux does, or the architecture elsewhere.
func processor() string {
	info, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(info)) {
		if name, ok := strings.CutPrefix(line, "model name"); ok {
			return strings.TrimLeft(strings.TrimSpace(name), ": \t")
		}
	}
	return runtime.GOARCH
}
