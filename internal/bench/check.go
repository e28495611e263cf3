package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"runtime"
	"runtime/debug"

	"github.com/lambridge-go/lambridge/internal/bench/shop"
)

// A budget says what a GET through a front door may cost beside the recorder, which does
// nothing but run the application.
type budget struct {
	door   string
	ratio  float64 // how many times as long it may take
	allocs float64 // how many allocations more it may make
}

// budgets holds the ratios to a quarter above the largest of many runs on a busy machine, for
// a check that fails for no reason is soon ignored. Allocations do not vary with the machine;
// their budget is what is needed.
func budgets() []budget {
	return []budget{
		{"rest", 6.5, 3}, {"http-v1", 6.6, 3}, {"http", 5.1, 3}, {"url", 5, 2},
		{"alb", 4.3, 1}, {"alb-multi", 4.8, 2}, {"lattice-v1", 4.2, 1}, {"lattice", 5, 2},
	}
}

// A duel is what ours and the recorder cost, a figure for each time they took turns.
type duel struct {
	ours   []float64 // nanoseconds for one invocation
	ratios []float64 // ours over the recorder's
	allocs []float64 // allocations of ours, less the recorder's
}

// check lets ours and the recorder take short turns at a GET, and fails where ours is over its
// budget. A busy machine slows both turns of a pair; what hits only one of them, the median
// over all pairs leaves out.
func check(rounds int, w io.Writer, progress func(string)) error {
	// Collections would fall on whose turn it happens to be; allocations are counted instead.
	defer debug.SetGCPercent(debug.SetGCPercent(-1))

	all, err := tasks()
	if err != nil {
		return err
	}
	duels := make(map[string]*duel)
	for round := range rounds {
		progress(fmt.Sprintf("round %d of %d", round+1, rounds))
		for _, t := range all {
			if t.work != get {
				continue
			}
			if duels[t.door] == nil {
				duels[t.door] = &duel{}
			}
			if err := duels[t.door].fight(t); err != nil {
				return fmt.Errorf("%s: %w", t, err)
			}
		}
	}

	var over []error
	for _, b := range budgets() {
		d := duels[b.door]
		fmt.Fprintf(w, "%-10s %s, %.2f times the recorder (budget %.2f), %.0f allocations more (budget %.0f)\n",
			b.door, duration(median(d.ours)), median(d.ratios), b.ratio, median(d.allocs), b.allocs)
		over = append(over, b.hold(d))
	}
	return errors.Join(over...)
}

// fight adds one round of turns, of about a millisecond each. It starts both anew, so that
// where their memory happens to lie differs from round to round.
func (d *duel) fight(t task) error {
	const turns, perTurn, recordingsPerTurn = 20, 50, 200
	functions := make(map[string]invoke)
	for _, c := range contestants() {
		if c.name == ours || c.name == "recorder" {
			functions[c.name] = c.start(shop.Handler(), t)
		}
	}
	if reply, err := functions[ours](context.Background(), t.event); err != nil || !answered(reply) {
		return fmt.Errorf("answered %.80q, error %v", reply, err)
	}
	runtime.GC()
	for range turns {
		us := timeInvocations(functions[ours], t.event, perTurn)
		floor := timeInvocations(functions["recorder"], t.event, recordingsPerTurn)
		d.ours = append(d.ours, us.ns)
		d.ratios = append(d.ratios, us.ns/floor.ns)
		d.allocs = append(d.allocs, us.allocs-floor.allocs)
	}
	return nil
}

// hold returns an error that says what is over the budget, if anything is.
func (b budget) hold(d *duel) error {
	if ratio := median(d.ratios); ratio > b.ratio {
		return fmt.Errorf("%s: %.2f times the recorder, the budget is %.2f", b.door, ratio, b.ratio)
	}
	if allocs := math.Round(median(d.allocs)); allocs > b.allocs {
		return fmt.Errorf("%s: %.0f allocations more than the recorder, the budget is %.0f", b.door, allocs, b.allocs)
	}
	return nil
}
