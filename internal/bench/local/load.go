package main

import (
	"fmt"
	"net/http"
	"os/exec"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lambridge-go/lambridge/internal/bench/figures"
)

// perTurn is how many requests are made of a contestant before it is the other's turn:
// so few that a noisy moment of the machine hits both alike.
const perTurn = 200

// measureLoad lets the floor and the command take turns at so many requests each, in
// rounds that start both anew, with one client and with many.
func measureLoad(self, command, function string, requests, rounds int) error {
	fmt.Printf("\n%d requests in each of %d rounds, in turns of %d; the ratios are medians over pairs of turns\n\n%-28s %8s %10s %10s %10s %8s %8s\n",
		requests, rounds, perTurn, "", "clients", "requests/s", "p50 ms", "p99 ms", "CPU µs", "MB")
	for _, clients := range []int{1, 16} {
		floor := &contestant{name: fmt.Sprintf("floor, %d processes", clients), args: func(addr string) []string {
			return []string{self, "-broker", addr, "-instances", strconv.Itoa(clients), function}
		}}
		local := &contestant{name: "local", args: func(addr string) []string {
			return []string{command, "--addr", addr, "--inspect", "off", function}
		}}
		for range rounds {
			if err := takeTurns(floor, local, requests, clients); err != nil {
				return err
			}
		}
		floor.print(clients)
		local.print(clients)
		fmt.Printf("%-28s %8d %9.1f%% %+9.1f%%\n", "local beside the floor", clients,
			100*figures.Median(ratios(local.rates, floor.rates)), 100*figures.Median(ratios(local.medians, floor.medians))-100)
	}
	return nil
}

// A contestant is a server and what has been measured of it.
type contestant struct {
	name string
	args func(addr string) []string // what starts it

	rates   []float64       // requests a second, of each turn
	medians []float64       // seconds from a request to its answer, of each turn
	took    []time.Duration // the same of every request
	cpu     []float64       // microseconds of the server alone for a request, of each round
	memory  int64           // bytes of the server alone, at its largest
}

// takeTurns adds a round to the figures of both.
func takeTurns(floor, local *contestant, requests, clients int) error {
	both := []*contestant{floor, local}
	servers := make([]*exec.Cmd, len(both))
	addrs := make([]string, len(both))
	for n, c := range both {
		var err error
		if addrs[n], err = freeAddr(); err != nil {
			return err
		}
		if servers[n], err = start("", c.args(addrs[n])...); err != nil {
			return err
		}
		defer stop(servers[n])
		if err := waitFor(addrs[n], ""); err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
		if _, err := load(addrs[n], 500, clients); err != nil { // warm up
			return fmt.Errorf("%s: %w", c.name, err)
		}
	}
	before := []time.Duration{cpuTime(servers[0].Process.Pid), cpuTime(servers[1].Process.Pid)}
	for range requests / perTurn {
		for n, c := range both {
			began := time.Now()
			took, err := load(addrs[n], perTurn, clients)
			if err != nil {
				return fmt.Errorf("%s: %w", c.name, err)
			}
			c.rates = append(c.rates, perTurn/time.Since(began).Seconds())
			slices.Sort(took)
			c.medians = append(c.medians, took[perTurn/2].Seconds())
			c.took = append(c.took, took...)
		}
		slices.Reverse(both) // neither is always the one that follows the other
		slices.Reverse(addrs)
	}
	for n, c := range []*contestant{floor, local} {
		pid := servers[n].Process.Pid
		c.cpu = append(c.cpu, float64((cpuTime(pid)-before[n]).Microseconds())/float64(requests))
		c.memory = max(c.memory, peakMemory(pid))
	}
	return nil
}

// load makes so many requests and returns how long each took.
func load(addr string, requests, clients int) ([]time.Duration, error) {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: clients}}
	defer client.CloseIdleConnections()
	var (
		next   atomic.Int64
		failed atomic.Pointer[error]
		wg     sync.WaitGroup
		took   = make([]time.Duration, requests)
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
		return nil, *err
	}
	return took, nil
}

func (c *contestant) print(clients int) {
	slices.Sort(c.took)
	fmt.Printf("%-28s %8d %10.0f %10.2f %10.2f %8.0f %8d\n", c.name, clients,
		figures.Median(c.rates), ms(c.took[len(c.took)/2]), ms(c.took[len(c.took)*99/100]), figures.Median(c.cpu), c.memory>>20)
}

func ratios(ours, others []float64) []float64 {
	all := make([]float64, len(ours))
	for i := range ours {
		all[i] = ours[i] / others[i]
	}
	return all
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
