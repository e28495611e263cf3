package main

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

func measureLoad(self, command, function, addr string, requests, rounds int) error {
	contestants := []struct {
		name    string
		clients int
		args    []string
	}{
		{"floor, 1 process", 1, []string{self, "-broker", addr, "-instances", "1", function}},
		{"local", 1, []string{command, "--addr", addr, "--inspect", "off", function}},
		{"floor, 16 processes", 16, []string{self, "-broker", addr, "-instances", "16", function}},
		{"local", 16, []string{command, "--addr", addr, "--inspect", "off", function}},
	}
	results := make([][]result, len(contestants))
	for range rounds { // taking turns, so that noise hits all alike
		for n, c := range contestants {
			r, err := loadRound(addr, requests, c.clients, c.args)
			if err != nil {
				return fmt.Errorf("%s: %w", c.name, err)
			}
			results[n] = append(results[n], r)
		}
	}
	fmt.Printf("\n%d requests, median of %d rounds\n\n%-28s %8s %10s %10s %10s %8s %8s\n",
		requests, rounds, "", "clients", "requests/s", "p50 ms", "p99 ms", "CPU µs", "MB")
	for n, c := range contestants {
		r := median(results[n])
		fmt.Printf("%-28s %8d %10.0f %10.2f %10.2f %8d %8d\n", c.name, c.clients, r.rate, ms(r.p50), ms(r.p99), r.cpu.Microseconds(), r.memory>>20)
	}
	return nil
}

type result struct {
	rate     float64
	p50, p99 time.Duration
	cpu      time.Duration // of the server alone, a request
	memory   int64         // of the server alone, at its largest
}

// loadRound starts a server, waits until it answers and loads it.
func loadRound(addr string, requests, clients int, args []string) (result, error) {
	cmd, err := start("", args...)
	if err != nil {
		return result{}, err
	}
	defer stop(cmd)
	if err := waitFor(addr, ""); err != nil {
		return result{}, err
	}
	if _, err := load(addr, 500, clients); err != nil { // warm up
		return result{}, err
	}
	before := cpuTime(cmd.Process.Pid)
	r, err := load(addr, requests, clients)
	r.cpu = (cpuTime(cmd.Process.Pid) - before) / time.Duration(requests)
	r.memory = peakMemory(cmd.Process.Pid)
	return r, err
}

func load(addr string, requests, clients int) (result, error) {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: clients}}
	defer client.CloseIdleConnections()
	var (
		next   atomic.Int64
		failed atomic.Pointer[error]
		wg     sync.WaitGroup
		took   = make([]time.Duration, requests)
		began  = time.Now()
	)
	for range clients {
		wg.Go(func() {
			for n := next.Add(1) - 1; n < int64(requests); n = next.Add(1) - 1 {
				sent := time.Now()
				if _, err := get(client, addr); err != nil {
					failed.Store(&err)
					return
				}
				took[n] = time.Since(sent)
			}
		})
	}
	wg.Wait()
	if err := failed.Load(); err != nil {
		return result{}, *err
	}
	rate := float64(requests) / time.Since(began).Seconds()
	slices.Sort(took)
	return result{rate: rate, p50: took[requests/2], p99: took[requests*99/100]}, nil
}

// median returns the round with the middle rate.
func median(all []result) result {
	slices.SortFunc(all, func(a, b result) int { return cmp.Compare(a.rate, b.rate) })
	return all[len(all)/2]
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
