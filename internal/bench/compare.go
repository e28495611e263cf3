package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/lambridge-go/lambridge/adapter"
	"github.com/lambridge-go/lambridge/internal/bench/figures"
	"github.com/lambridge-go/lambridge/internal/bench/shop"
)

// A side is one adapter of two.
type side struct {
	name                     string
	wrap                     func(http.Handler) invoke
	stream                   func(http.Handler) func(context.Context, json.RawMessage) (any, error)
	function, streamFunction string // the folders of their programs
}

var today = &side{
	name: "today", function: "functions/lambridge", streamFunction: "functions/lambridgestream",
	wrap:   func(h http.Handler) invoke { return adapter.Wrap(h).Invoke },
	stream: func(h http.Handler) func(context.Context, json.RawMessage) (any, error) { return adapter.Stream(h) },
}

// A row is something to measure of either side. Less is better. Times are those that the
// process has had of the CPUs: on a busy machine, others do not count.
type row struct {
	name    string
	measure func(*side) (float64, error)
	turns   int       // how many in a round
	today   []float64 // over the baseline, a ratio for each round
	again   []float64 // the baseline over itself
}

// inDoubt is how far a ratio may be from 1 whatever the baseline's is to itself.
const inDoubt = 0.03

// compare lets today's adapter and the baseline take turns at everything that the tables
// have of ours. The baseline plays twice: what it is from itself, noise is.
func compare(rounds int, slice, steady time.Duration, processes bool, w io.Writer, progress func(string)) error {
	dir, err := os.MkdirTemp("", "lambridge-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	rows, err := workRows(slice)
	if err != nil {
		return err
	}
	streams, err := streamRows()
	if err != nil {
		return err
	}
	rows = append(rows, streams...)
	if processes {
		lives, err := processRows(dir, steady, w, progress)
		if err != nil {
			return err
		}
		rows = append(rows, lives...)
	}
	for round := range rounds {
		progress(fmt.Sprintf("round %d of %d", round+1, rounds))
		for _, r := range rows {
			if err := r.turn(round); err != nil {
				return fmt.Errorf("%s: %w", r.name, err)
			}
		}
	}
	fmt.Fprintf(w, "Medians of %d interleaved rounds, and between which two the median lies with 95 %% certainty.\n\n", rounds)
	fmt.Fprintln(w, "| what | today / baseline | | baseline / baseline | | |\n|---|--:|---|--:|---|---|")
	for _, r := range rows {
		low, high := figures.Certainty(r.today)
		lowest, highest := figures.Certainty(r.again)
		fmt.Fprintf(w, "| %s | %.3f | %.3f to %.3f | %.3f | %.3f to %.3f | %s |\n",
			r.name, median(r.today), low, high, median(r.again), lowest, highest, r.verdict())
	}
	return nil
}

// turn measures both sides, and the baseline again. Who begins changes with every turn.
func (r *row) turn(round int) error {
	var measured [3]float64
	for turn := range r.turns {
		for n := range measured {
			player := (n + turn + round) % len(measured)
			s := []*side{baseline, today, baseline}[player]
			figure, err := r.measure(s)
			if err != nil {
				return fmt.Errorf("%s: %w", s.name, err)
			}
			measured[player] += figure
		}
	}
	r.today = append(r.today, measured[1]/measured[0])
	r.again = append(r.again, measured[2]/measured[0])
	return nil
}

// verdict says whether today's figures are other than the baseline's: beyond what the
// baseline is from itself, and beyond what is in doubt anyway.
func (r *row) verdict() string {
	low, high := figures.Certainty(r.again)
	switch ratio := median(r.today); {
	case ratio < min(low, 1-inDoubt):
		return "**better**"
	case ratio > max(high, 1+inDoubt):
		return "**worse**"
	}
	return ""
}

// workRows are the tasks of the tables.
func workRows(slice time.Duration) ([]*row, error) {
	all, err := tasks()
	if err != nil {
		return nil, err
	}
	var rows []*row
	for _, t := range all {
		functions := map[*side]invoke{today: today.wrap(shop.Handler()), baseline: baseline.wrap(shop.Handler())}
		for s, function := range functions {
			if reply, err := function(context.Background(), t.event); err != nil || !answered(reply) {
				return nil, fmt.Errorf("%s: %s answered %.80q, error %v", t, s.name, reply, err)
			}
		}
		const turns = 8
		perTurn := calibrate(functions[baseline], t.event, slice/turns)
		rows = append(rows, &row{name: t.String(), turns: turns, measure: func(s *side) (float64, error) {
			runtime.GC()
			since := cpuTime()
			timeInvocations(functions[s], t.event, perTurn)
			return float64(cpuTime() - since), nil
		}})
	}
	return rows, nil
}

// streamRows are the replies that stream, without a process around them.
func streamRows() ([]*row, error) {
	var rows []*row
	for _, work := range streamWorks() {
		event, err := streamEvent(work.path)
		if err != nil {
			return nil, err
		}
		functions := map[*side]func(context.Context, []byte) (io.Reader, error){}
		for _, s := range []*side{today, baseline} {
			function := s.stream(shop.Handler())
			functions[s] = func(ctx context.Context, payload []byte) (io.Reader, error) {
				reply, err := function(ctx, payload)
				if err != nil {
					return nil, err
				}
				return reply.(io.Reader), nil
			}
		}
		rows = append(rows, &row{name: "stream, " + work.name, turns: 4, measure: func(s *side) (float64, error) {
			runtime.GC()
			since := cpuTime()
			_, err := timeStreams(functions[s], event, work.times)
			return float64(cpuTime() - since), err
		}})
	}
	return rows, nil
}

// processRows are lives of real processes. It also tells the sizes of the binaries, which
// are the same in every round.
func processRows(dir string, steady time.Duration, w io.Writer, progress func(string)) ([]*row, error) {
	sizes := map[string]int64{}
	program := func(folder string) string { return filepath.Join(dir, strings.ReplaceAll(folder, "/", "-")) }
	const bare = "functions/" + bareFunction
	for _, folder := range []string{bare, today.function, baseline.function, today.streamFunction, baseline.streamFunction} {
		progress("building " + folder)
		size, err := build(folder, program(folder))
		if err != nil {
			return nil, err
		}
		sizes[folder] = size
	}
	more := func(folder string) int64 { return sizes[folder] - sizes[bare] }
	fmt.Fprintf(w, "A bare function has %d bytes, today's %d more, the baseline's %d more: %+d.\n\n",
		sizes[bare], more(today.function), more(baseline.function), more(today.function)-more(baseline.function))

	get, err := streamEvent("/api/orders/4711")
	if err != nil {
		return nil, err
	}
	lives := func(name string, figure func(life) float64, workers int, steady time.Duration, event []byte, function func(*side) string) *row {
		return &row{name: name, turns: 1, measure: func(s *side) (float64, error) {
			l, err := live(program(function(s)), event, workers, steady)
			return figure(l), err
		}}
	}
	cpu := func(l life) float64 { return float64(l.cpu) }
	function := func(s *side) string { return s.function }
	rows := []*row{
		lives("cold start, to the first reply", cpu, 1, 0, get, function),
		lives("resident memory after it", func(l life) float64 { return l.memory }, 1, 0, get, function),
		lives("an invocation through aws-lambda-go's loop", life.each, 1, steady, get, function),
		lives("the same with 4 workers", life.each, 4, steady, get, function),
	}
	for _, work := range streamWorks() {
		event, err := streamEvent(work.path)
		if err != nil {
			return nil, err
		}
		rows = append(rows, lives("stream, "+work.name+", through the loop", life.each, 1, steady, event, func(s *side) string { return s.streamFunction }))
	}
	return rows, nil
}
