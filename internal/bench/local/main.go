// Command local measures the local command against the floor, a broker that does
// nothing but copy bytes, in one run on one machine: requests per second and
// latencies with few and many clients, the time to the first answer, the time
// from saving a file to the first new answer, and memory.
//
//	go -C internal/bench run ./local
//
// With -inspector or -authorizer it measures what one thing costs, the command with it and
// without it in turns, and with -streams what a client notices of replies that stream.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"time"
)

func main() {
	if isDoorman() {
		beDoorman()
	}
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "local:", err)
		os.Exit(1)
	}
}

func run() error {
	broker := flag.String("broker", "", "be the broker at this `address` instead of measuring")
	instances := flag.Int("instances", 1, "how many processes the broker starts")
	requests := flag.Int("n", 20000, "requests made of each contestant in a round; 0 leaves the load out")
	rounds := flag.Int("rounds", 3, "how often both are started anew")
	starts := flag.Int("starts", 20, "how often the command is started")
	reloads := flag.Int("reloads", 20, "how often a file is edited")
	streams := flag.Bool("streams", false, "measure replies that stream instead")
	inspector := flag.Bool("inspector", false, "measure what the inspector costs instead, with no page open")
	authorizer := flag.Bool("authorizer", false, "measure what a Lambda authorizer costs instead, whose answer is kept")
	root := flag.String("root", "../..", "the repository")
	flag.Parse()
	switch {
	case *broker != "":
		return serveFloor(*broker, *instances, flag.Arg(0))
	case *inspector:
		return measureInspector(*root, *requests, *rounds)
	case *authorizer:
		return measureAuthorizer(*root, *requests, *rounds)
	case *streams:
		return measureStreams(*root, *rounds)
	default:
		return withPrograms(*root, func(dir, command, function string) error {
			return measure(*root, dir, command, function, *requests, *rounds, *starts, *reloads)
		})
	}
}

func measure(root, dir, command, function string, requests, rounds, starts, reloads int) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	addr, err := freeAddr()
	if err != nil {
		return err
	}

	fmt.Printf("%s, %s, %d CPUs shared by client and server\n", time.Now().Format(time.DateOnly), runtime.Version(), runtime.NumCPU())
	if requests > 0 {
		if err := measureLoad(self, command, function, requests, rounds); err != nil {
			return err
		}
	}
	source, err := writeFunction(root, dir)
	if err != nil {
		return err
	}
	if err := measureStarts(source, command, addr, starts); err != nil {
		return err
	}
	return measureReloads(source, filepath.Join(dir, "alone", "main.go"), command, addr, reloads)
}
