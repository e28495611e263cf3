// Command bench measures Lambridge against its peers: the same application, the
// same events, in rounds that take turns.
//
//	go -C internal/bench run .           prints the tables
//	go -C internal/bench run . --write   also writes RESULTS.md and plot.svg
//	go -C internal/bench run . --check   fails where a GET takes longer than it may
//	go -C internal/bench run . --scaling ../../docs  draws how time and memory grow
//	go -C internal/bench run . --compare sets today's adapter beside that of an earlier commit
//
// What is written has ours beside the last release, which is linked into the same program, and
// the tables of another Go, with which it runs itself once more.
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
	onlyWork := flags.Bool("work", false, "measure nothing but invocations, and print their tables alone; those of another Go are made so")
	onlyCheck := flags.Bool("check", false, "measure nothing but a GET beside the recorder, and fail where that takes too long")
	comparing := flags.Bool("compare", false, "measure nothing but today's adapter beside that of -commit, in turns")
	scaling := flags.String("scaling", "", "measure nothing but how time and memory grow with an event's size, its header and concurrency, and draw it into `folder`")
	last := flags.Bool("last", false, "measure the last release too, as -write does")
	commit := flags.String("commit", baselineCommit, "the `commit` that is the last release, and that -compare compares with")
	write := flags.Bool("write", false, "write RESULTS.md and plot.svg into this folder")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *rounds < 1 || *slice <= 0 || *steady <= 0 {
		return fmt.Errorf("rounds, slice and steady must be positive")
	}
	if *write && (*onlyStreams || *onlyWork || *onlyCheck || *comparing || *scaling != "") {
		return fmt.Errorf("RESULTS.md has all figures: leave out -write or what limits them")
	}

	progress := func(what string) { fmt.Fprintf(stderr, "%s  %s\n", time.Now().Format(time.TimeOnly), what) }
	if (*comparing || *last || *write) && baseline == nil {
		return runWith(*commit, args, stdout, stderr)
	}
	if *comparing {
		return compare(*rounds, *slice, *steady, *lives, stdout, progress)
	}
	if *scaling != "" {
		return measureScaling(*rounds, *slice, *scaling, stdout, progress)
	}
	if *onlyCheck {
		return check(*rounds, stdout, progress)
	}
	if *onlyWork {
		results, err := measureWork(*rounds, *slice, progress)
		if err != nil {
			return err
		}
		writeWorks(stdout, results)
		return nil
	}
	var results []*result
	var other []byte
	var err error
	if !*onlyStreams {
		if results, err = measureWork(*rounds, *slice, progress); err != nil {
			return err
		}
	}
	if *write {
		if other, err = measureWith(otherToolchain, *commit, *rounds, *slice, stderr); err != nil {
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
	fmt.Fprintf(&report, "# Results\n\n%s, %s, %d CPUs, %s\n\n    go -C internal/bench run . %s\n\nMedians of %d interleaved rounds. Times are CPU time, but for that from exec to the first reply. The last release is commit %s.\n",
		time.Now().UTC().Format(time.DateOnly), processor(), runtime.NumCPU(), runtime.Version(), strings.Join(args, " "), *rounds, *commit)
	writeReport(&report, results, other, streams, lifetimes)
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
