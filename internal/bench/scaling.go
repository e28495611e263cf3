package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lambridge-go/lambridge/adapter"
)

// measureScaling measures how time and memory grow with what an invocation has to do, prints
// the figures as tables, and draws them into folder.
func measureScaling(rounds int, slice time.Duration, folder string, w io.Writer, progress func(string)) error {
	bySize, err := scaleBySize(rounds, slice, progress)
	if err != nil {
		return err
	}
	byHeader, err := scaleByHeader(rounds, slice, progress)
	if err != nil {
		return err
	}
	byWorkers, err := scaleByWorkers(rounds, slice, progress)
	if err != nil {
		return err
	}
	for name, charts := range map[string][]chart{"scaling-size.svg": bySize, "scaling-header.svg": byHeader, "scaling-workers.svg": byWorkers} {
		var svg bytes.Buffer
		writeCharts(&svg, charts)
		if err := os.WriteFile(filepath.Join(folder, name), svg.Bytes(), 0o644); err != nil {
			return err
		}
	}
	for _, charts := range [][]chart{bySize, byHeader, byWorkers} {
		writeFigures(w, charts)
	}
	return nil
}

// scaleBySize sends bodies of growing size into a function and out of it, through a REST API.
// The largest make an event, or a reply, of just under Lambda's 6 MB.
func scaleBySize(rounds int, slice time.Duration, progress func(string)) ([]chart, error) {
	took := chart{title: "CPU time", across: "size of the body", x: size, y: duration}
	memory := chart{title: "memory allocated", across: took.across, x: size, y: size}
	for _, flow := range []struct {
		name, contentType string
		in                bool
		piece             string
	}{
		{"JSON in", "application/json", true, `{"sku":"A-4711","name":"blue suede shoes","price":"129.90"},`},
		{"JSON out", "application/json", false, `{"sku":"A-4711","name":"blue suede shoes","price":"129.90"},`},
		{"binary in", "image/png", true, "\x89PNG\r\n\x1a\n\x00\xff"},
		{"binary out", "image/png", false, "\x89PNG\r\n\x1a\n\x00\xff"},
	} {
		progress(flow.name)
		times, bytes := curve{name: flow.name}, curve{name: flow.name}
		for _, n := range []int{1 << 10, 4 << 10, 16 << 10, 64 << 10, 256 << 10, 1 << 20, 4 << 20} {
			body := []byte(strings.Repeat(flow.piece, n/len(flow.piece)+1)[:n])
			t := task{door: "rest", work: post, method: "POST", path: "/", contentType: flow.contentType}
			answer := body
			if flow.in {
				t.body, answer = body, nil
				if flow.contentType == "image/png" {
					t.work = binary
				}
			}
			if err := t.writeEvent(); err != nil {
				return nil, err
			}
			cost, err := costOf(func(w http.ResponseWriter, r *http.Request) {
				io.Copy(io.Discard, r.Body)
				w.Header().Set("Content-Type", flow.contentType)
				w.Write(answer)
			}, t.event, rounds, slice)
			if err != nil {
				return nil, fmt.Errorf("%s, %d bytes: %w", flow.name, n, err)
			}
			times.points = append(times.points, point{float64(n), cost.cpu})
			bytes.points = append(bytes.points, point{float64(n), cost.bytes})
		}
		took.curves, memory.curves = append(took.curves, times), append(memory.curves, bytes)
	}
	return []chart{took, memory}, nil
}

// scaleByHeader sends requests with more and more headers. No front door lets so many through:
// the last ones say what a hostile client would cost if one did.
func scaleByHeader(rounds int, slice time.Duration, progress func(string)) ([]chart, error) {
	took := chart{title: "CPU time", across: "headers", x: count, y: duration}
	memory := chart{title: "memory allocated", across: "headers", x: count, y: size}
	for _, door := range []string{"rest", "http"} {
		progress("headers through " + door)
		times, bytes := curve{name: door}, curve{name: door}
		for _, n := range []int{10, 20, 50, 100, 200, 500, 1000} {
			event, err := eventWithHeaders(door, n)
			if err != nil {
				return nil, err
			}
			cost, err := costOf(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", "text/plain")
				io.WriteString(w, strconv.Itoa(len(r.Header)))
			}, event, rounds, slice)
			if err != nil {
				return nil, fmt.Errorf("%d headers through %s: %w", n, door, err)
			}
			times.points = append(times.points, point{float64(n), cost.cpu})
			bytes.points = append(bytes.points, point{float64(n), cost.bytes})
		}
		took.curves, memory.curves = append(took.curves, times), append(memory.curves, bytes)
	}
	return []chart{took, memory}, nil
}

// eventWithHeaders is a GET with so many headers, of forty bytes each.
func eventWithHeaders(door string, n int) ([]byte, error) {
	recorded, err := testdata.ReadFile("testdata/" + door + ".json")
	if err != nil {
		return nil, err
	}
	var event map[string]any
	if err := json.Unmarshal(recorded, &event); err != nil {
		return nil, err
	}
	single, multi := map[string]string{}, map[string][]string{}
	for i := range n {
		name, value := fmt.Sprintf("x-shop-field-%04d", i), fmt.Sprintf("a value of some length %04d", i)
		single[name], multi[name] = value, []string{value}
	}
	set(event, "headers", single)
	set(event, "multiValueHeaders", multi)
	return json.Marshal(event)
}

// costOf is the median cost of an invocation.
func costOf(h http.HandlerFunc, event []byte, rounds int, slice time.Duration) (cost, error) {
	function := adapter.Wrap(h).Invoke
	if reply, err := function(context.Background(), event); err != nil || !answered(reply) {
		return cost{}, fmt.Errorf("answered %.80q, error %v", reply, err)
	}
	n := calibrate(function, event, slice)
	var cpu, bytes []float64
	for range rounds {
		runtime.GC()
		c := timeInvocations(function, event, n)
		cpu, bytes = append(cpu, c.cpu), append(bytes, c.bytes)
	}
	return cost{cpu: median(cpu), bytes: median(bytes)}, nil
}

// scaleByWorkers invokes one function from more and more goroutines, as Lambda Managed
// Instances do. What invocations share would show as time spent waiting for locks, which the
// mutex profile has.
func scaleByWorkers(rounds int, slice time.Duration, progress func(string)) ([]chart, error) {
	progress("workers")
	event, err := eventWithHeaders("rest", 20)
	if err != nil {
		return nil, err
	}
	function := adapter.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		io.WriteString(w, r.URL.Path)
	})).Invoke
	each, waited := curve{name: "an invocation"}, curve{name: "of all time"}
	for _, workers := range []int{1, 2, 4, 8, 16, 32, 64} {
		var cpus, waits []float64
		for range rounds {
			cpu, wait := invokeFrom(workers, function, event, slice)
			cpus, waits = append(cpus, cpu), append(waits, wait)
		}
		each.points = append(each.points, point{float64(workers), median(cpus)})
		waited.points = append(waited.points, point{float64(workers), median(waits)})
	}
	return []chart{
		{title: "CPU time", across: "workers", x: count, y: duration, curves: []curve{each}},
		{title: "waited for Lambridge's locks", across: "workers", x: count, y: share, least: 1e-6, most: 1, curves: []curve{waited}},
	}, nil
}

// invokeFrom returns the CPU time of an invocation when so many workers invoke at once, and
// which part of their time they wait for locks that Lambridge has taken.
func invokeFrom(workers int, function invoke, event []byte, slice time.Duration) (cpu, waited float64) {
	defer runtime.SetMutexProfileFraction(runtime.SetMutexProfileFraction(1))
	waitedBefore, since, begun := contention(), cpuTime(), time.Now()
	var invocations atomic.Int64
	var all sync.WaitGroup
	for range workers {
		all.Go(func() {
			for again := true; again; again = time.Since(begun) < slice {
				const atOnce = 20
				for range atOnce {
					function(context.Background(), event)
				}
				invocations.Add(atOnce)
			}
		})
	}
	all.Wait()
	used, took := cpuTime()-since, time.Since(begun).Seconds()
	return float64(used.Nanoseconds()) / float64(invocations.Load()), (contention() - waitedBefore) / (took * float64(workers))
}

// contention is how many seconds goroutines have waited for locks while Lambridge's code, or
// what it has called, held them: it is read off the mutex profile's text.
func contention() (seconds float64) {
	var profile bytes.Buffer
	pprof.Lookup("mutex").WriteTo(&profile, 1)
	var perSecond, cycles float64
	for line := range strings.Lines(profile.String()) {
		if rate, ok := strings.CutPrefix(line, "cycles/second="); ok {
			perSecond, _ = strconv.ParseFloat(strings.TrimSpace(rate), 64)
		}
		if n, _, ok := strings.Cut(line, " "); ok && strings.Contains(line, " @ ") { // one stack, its functions follow
			cycles, _ = strconv.ParseFloat(n, 64)
		}
		if strings.Contains(line, "lambridge/adapter.") || strings.Contains(line, "lambridge/internal/event.") {
			seconds += cycles / perSecond
			cycles = 0 // a stack counts once
		}
	}
	return seconds
}
