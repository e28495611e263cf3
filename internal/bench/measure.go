package main

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"slices"
	"time"

	"github.com/lambridge-go/lambridge/internal/bench/shop"
)

// A result is what one contestant needed for one task, or why it has none.
type result struct {
	task       task
	contestant string
	rounds     []float64 // nanoseconds of CPU time for one invocation, a figure for each round
	cost       cost      // in the last of them
	failure    string    // why there are no figures; "" if there are
}

// A cost is what one invocation took.
type cost struct{ ns, cpu, allocs, bytes float64 }

// median returns the middle of the rounds.
func (r result) median() float64 { return median(r.rounds) }

// spread returns how far the middle half of the rounds reaches, as a part of the median.
func (r result) spread() float64 { return spread(r.rounds) }

// measureWork runs every task with every contestant that serves its front door. The rounds are interleaved, so that a slow minute of the machine falls on all alike.
func measureWork(rounds int, slice time.Duration, progress func(string)) ([]*result, error) {
	all, err := tasks()
	if err != nil {
		return nil, err
	}
	var results []*result
	var runs []func()
	for _, t := range all {
		for _, c := range contestants() {
			if !c.serves(t.door) {
				continue
			}
			r := &result{task: t, contestant: c.name}
			results = append(results, r)
			function := c.start(shop.Handler(), t)
			reply, err := function(context.Background(), t.event)
			if err != nil || !isFloor(c.name) && !answered(reply) {
				r.failure = fmt.Sprintf("answered %.80q, error %v", reply, err)
				continue
			}
			perSlice := calibrate(function, t.event, slice)
			runs = append(runs, func() {
				runtime.GC() // each starts with a clean heap, and pays for its own rubbish only
				r.cost = timeInvocations(function, t.event, perSlice)
				r.rounds = append(r.rounds, r.cost.cpu)
			})
		}
	}
	for round := range rounds {
		progress(fmt.Sprintf("round %d of %d", round+1, rounds))
		for _, run := range runs {
			run()
		}
	}
	return results, nil
}

func isFloor(name string) bool {
	return slices.Contains([]string{"memcpy", "handler", "recorder", "encoding/json"}, name)
}

// calibrate returns how many invocations fill a slice of CPU time.
func calibrate(function invoke, event []byte, slice time.Duration) int {
	n := 1
	for {
		cpu := timeInvocations(function, event, n).cpu
		if total := cpu * float64(n); total > float64(slice)/4 {
			return max(1, int(float64(slice)/cpu))
		}
		n *= 4
	}
}

// timeInvocations returns what one of n invocations took.
func timeInvocations(function invoke, event []byte, n int) cost {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	begun, since := time.Now(), cpuTime()
	for range n {
		if _, err := function(context.Background(), event); err != nil {
			panic(err) // it did not fail before
		}
	}
	took, cpu := time.Since(begun), cpuTime()-since
	runtime.ReadMemStats(&after)
	return cost{
		ns:     float64(took.Nanoseconds()) / float64(n),
		cpu:    float64(cpu.Nanoseconds()) / float64(n),
		allocs: float64(after.Mallocs-before.Mallocs) / float64(n),
		bytes:  float64(after.TotalAlloc-before.TotalAlloc) / float64(n),
	}
}

func median(figures []float64) float64 { return quantile(figures, 0.5) }

func spread(figures []float64) float64 {
	return (quantile(figures, 0.75) - quantile(figures, 0.25)) / median(figures)
}

// quantile returns the figure below which the part q of the figures lies, between neighbours
// by proportion. It is NaN of no figures.
func quantile(figures []float64, q float64) float64 {
	if len(figures) == 0 {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(figures))
	at := q * float64(len(sorted)-1)
	low := int(at)
	high := min(low+1, len(sorted)-1)
	return sorted[low] + (sorted[high]-sorted[low])*(at-float64(low))
}
