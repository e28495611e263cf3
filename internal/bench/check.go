package main

import (
	"errors"
	"fmt"
	"io"
	"time"
)

// budgets say how many times as long as the recorder ours may take for a GET. They are
// about half as much again as was measured: a check that fails for no reason is soon
// ignored.
var budgets = []struct {
	door  string
	ratio float64
}{
	{"rest", 9}, {"http-v1", 10}, {"http", 8}, {"url", 7},
	{"alb", 6}, {"alb-multi", 6.5}, {"lattice-v1", 7}, {"lattice", 7},
}

// check measures ours beside the recorder, which does nothing but run the application,
// and fails where ours is over its budget. Only the ratio within the run counts, of the
// best rounds: any machine will do, and one that is busy with something else too.
func check(rounds int, slice time.Duration, w io.Writer, progress func(string)) error {
	results, err := measureWork(rounds, slice, progress, func(t task, contestant string) bool {
		return t.work == get && (contestant == ours || contestant == "recorder")
	})
	if err != nil {
		return err
	}
	var over []error
	for _, b := range budgets {
		us, floor := find(results, b.door, ours), find(results, b.door, "recorder")
		if us == nil || floor == nil {
			return fmt.Errorf("no figures for %s", b.door)
		}
		best := quantile(us.rounds, 0)
		ratio := best / quantile(floor.rounds, 0)
		fmt.Fprintf(w, "%-10s %s, %.2f times the recorder, %.0f allocations more (budget %.1f times)\n",
			b.door, duration(best), ratio, us.allocs-floor.allocs, b.ratio)
		if ratio > b.ratio {
			over = append(over, fmt.Errorf("%s: %.2f times the recorder, the budget is %.1f", b.door, ratio, b.ratio))
		}
	}
	return errors.Join(over...)
}
