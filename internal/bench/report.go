package main

import (
	"fmt"
	"io"
	"runtime"
	"slices"
	"time"
)

// writeReport writes the figures as Markdown: a table for each kind of work, one for streams
// and one for processes. Other is the finished tables of work with another Go. Every figure is
// a median; ± is half of what the middle half of the rounds spans. Times are those that a
// process has had of the CPUs: on a busy machine, others do not count.
func writeReport(w io.Writer, results []*result, other []byte, streams []*streamed, lifetimes []*lifetime) {
	writeWorks(w, results)
	if len(streams) > 0 {
		fmt.Fprint(w, "\n## Streams\n\n")
		writeStreams(w, streams)
	}
	if len(lifetimes) > 0 {
		fmt.Fprint(w, "\n## Cold start and steady state\n\n")
		writeLifetimes(w, lifetimes)
	}
	w.Write(other)
}

// writeWorks writes a table for each kind of work.
func writeWorks(w io.Writer, results []*result) {
	for _, work := range works() {
		if rows := slices.DeleteFunc(slices.Clone(results), func(r *result) bool { return r.task.work != work }); len(rows) > 0 {
			fmt.Fprintf(w, "\n## %s with %s\n\n", work, runtime.Version())
			writeWork(w, rows)
		}
	}
}

// writeWork writes one table, and below it who has no row in it, and why.
func writeWork(w io.Writer, rows []*result) {
	fmt.Fprintln(w, "| front door | contestant | one invocation | of the last release | memory | allocations | × recorder | lambridge is faster |")
	fmt.Fprintln(w, "|---|---|--:|--:|--:|--:|--:|--:|")
	for _, r := range rows {
		if r.failure != "" || r.contestant == lastRelease {
			continue
		}
		name, ofLast, faster, floor := r.contestant, "", "", ""
		if name == ours {
			name = "**" + ours + "**"
			if last := find(rows, r.task.door, lastRelease); last != nil {
				ofLast = fmt.Sprintf("%.2f", r.over(last))
			}
		} else if us := find(rows, r.task.door, ours); us != nil && !isFloor(name) {
			faster = fmt.Sprintf("%.1f ×", r.median()/us.median())
		}
		if recorder := find(rows, r.task.door, "recorder"); recorder != nil {
			floor = fmt.Sprintf("%.2f", r.median()/recorder.median())
		}
		fmt.Fprintf(w, "| %s | %s | %s ± %.0f %% | %s | %s | %.0f | %s | %s |\n",
			r.task.door, name, duration(r.median()), 50*r.spread(), ofLast, size(r.cost.bytes), r.cost.allocs, floor, faster)
	}
	for _, r := range rows {
		if r.failure != "" {
			fmt.Fprintf(w, "\n%s does not serve %s: %s\n", r.contestant, r.task, r.failure)
		}
	}
}

// over is the median of the ratios to another result, round by round: what slows a round slows
// both.
func (r *result) over(other *result) float64 {
	ratios := make([]float64, len(r.rounds))
	for i := range ratios {
		ratios[i] = r.rounds[i] / other.rounds[i]
	}
	return median(ratios)
}

func writeStreams(w io.Writer, streams []*streamed) {
	fmt.Fprintln(w, "| reply | contestant | adapter alone | lambridge is faster | through aws-lambda-go's loop | lambridge is faster |")
	fmt.Fprintln(w, "|---|---|--:|--:|--:|--:|")
	for pair := range slices.Chunk(streams, 2) {
		us := pair[0]
		for _, s := range pair {
			fmt.Fprintf(w, "| %s | %s | %s | %s |\n", s.work.name, s.contestant, against(us.adapter, s.adapter), against(us.process, s.process))
		}
	}
}

// against writes a figure, and how much larger it is than ours.
func against(ours, figure []float64) string {
	if len(figure) == 0 {
		return " | "
	}
	faster := ""
	if &ours[0] != &figure[0] {
		faster = fmt.Sprintf("%.2f ×", median(figure)/median(ours))
	}
	return fmt.Sprintf("%s ± %.0f %% | %s", duration(median(figure)), 50*spread(figure), faster)
}

func writeLifetimes(w io.Writer, lifetimes []*lifetime) {
	fmt.Fprintln(w, "| function | exec to first reply | × bare | binary | × bare | resident | over bare | an invocation | × bare | with 4 workers | × bare |")
	fmt.Fprintln(w, "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|")
	bare := lifetimes[slices.IndexFunc(lifetimes, func(l *lifetime) bool { return l.function == bareFunction })]
	for _, l := range lifetimes {
		fmt.Fprintf(w, "| %s | %s ± %.0f %% | %.3f | %.2f MB | %.3f | %.1f MB | %+.1f MB | %s ± %.0f %% | %.2f | %s ± %.0f %% | %.2f |\n",
			l.function,
			duration(median(l.cold)), 50*spread(l.cold), median(l.cold)/median(bare.cold),
			float64(l.size)/1e6, float64(l.size)/float64(bare.size),
			median(l.memory)/1e6, (median(l.memory)-median(bare.memory))/1e6,
			duration(median(l.each1)), 50*spread(l.each1), median(l.each1)/median(bare.each1),
			duration(median(l.each4)), 50*spread(l.each4), median(l.each4)/median(bare.each4))
	}
}

func find(results []*result, door, contestant string) *result {
	i := slices.IndexFunc(results, func(r *result) bool {
		return r.task.door == door && r.contestant == contestant && r.failure == ""
	})
	if i < 0 {
		return nil
	}
	return results[i]
}

// duration writes nanoseconds with three figures and a unit.
func duration(ns float64) string {
	switch d := time.Duration(ns); {
	case d < 10*time.Microsecond:
		return fmt.Sprintf("%.2f µs", ns/1e3)
	case d < 100*time.Microsecond:
		return fmt.Sprintf("%.1f µs", ns/1e3)
	case d < time.Millisecond:
		return fmt.Sprintf("%.0f µs", ns/1e3)
	default:
		return fmt.Sprintf("%.2f ms", ns/1e6)
	}
}

// size writes bytes with a unit of a thousand.
func size(bytes float64) string {
	if bytes < 1e6 {
		return fmt.Sprintf("%.1f KB", bytes/1e3)
	}
	return fmt.Sprintf("%.2f MB", bytes/1e6)
}
