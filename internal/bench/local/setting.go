package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/lambridge-go/lambridge/internal/bench/figures"
)

// keptExchanges is how many requests fill the inspector's memory, and some.
const keptExchanges = 1500

// measureInspector measures what the inspector costs while no page is open.
func measureInspector(root string, requests, rounds int) error {
	return withPrograms(root, func(_, command, function string) error {
		served := func(inspect string) []string { return []string{command, "--inspect", inspect, function} }
		return measureSetting("the inspector, with no page open", served("off"), served("127.0.0.1:0"), requests, rounds)
	})
}

// measureAuthorizer measures what a Lambda authorizer costs whose answer is kept: the same
// API with it and without.
func measureAuthorizer(root string, requests, rounds int) error {
	return withPrograms(root, func(dir, command, function string) error {
		self, err := os.Executable()
		if err != nil {
			return err
		}
		served := func(name, auth string) []string {
			file := filepath.Join(dir, name+".yaml")
			if writeErr := os.WriteFile(file, []byte(fmt.Sprintf(authorized, auth)), 0o600); writeErr != nil {
				err = writeErr
			}
			return []string{command, "--inspect", "off", "--definition", file, "--function", "App=" + function, "--function", doorman + "=" + self}
		}
		// Go's client says who it is in every request, which does for an identity.
		without, with := served("without", "{}"), served("with", `
        DefaultAuthorizer: Door
        Authorizers:
          Door:
            FunctionArn: !GetAtt Doorman.Arn
            AuthorizerPayloadFormatVersion: "2.0"
            EnableSimpleResponses: true
            Identity: {Headers: [User-Agent], ReauthorizeEvery: 3600}`)
		if err != nil {
			return err
		}
		return measureSetting("a Lambda authorizer whose answer is kept", without, with, requests, rounds)
	})
}

// authorized is a definition with a place for its authorizer.
const authorized = `AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Resources:
  Web:
    Type: AWS::Serverless::HttpApi
    Properties:
      Auth: %s
  App:
    Type: AWS::Serverless::Function
    Properties:
      Handler: bootstrap
      Runtime: provided.al2023
      Events:
        All: {Type: HttpApi, Properties: {ApiId: !Ref Web}}
  Doorman:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: doorman
      Handler: bootstrap
      Runtime: provided.al2023
`

// doorman is the authorizer of that definition: this program itself, which knows it by its
// name.
const doorman = "doorman"

func isDoorman() bool { return os.Getenv("AWS_LAMBDA_FUNCTION_NAME") == doorman }

// beDoorman lets everybody in.
func beDoorman() {
	lambda.Start(func(context.Context, json.RawMessage) (map[string]any, error) {
		return map[string]any{"isAuthorized": true, "context": map[string]string{"plan": "pro"}}, nil
	})
}

// withPrograms builds the command and a function for it to serve.
func withPrograms(root string, measure func(dir, command, function string) error) error {
	dir, err := os.MkdirTemp("", "lambridge-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	command, function := filepath.Join(dir, "local"), filepath.Join(dir, "bootstrap")
	if err := goBuild(root, command, "./local"); err != nil {
		return err
	}
	if err := goBuild(root, function, "./examples/nethttp"); err != nil {
		return err
	}
	return measure(dir, command, function)
}

// measureSetting measures what a setting costs: the command without it, with it, and
// without it once more take turns, in rounds that start all three anew. What the command
// is from itself, noise is. CPU time is the command's alone, so that a busy machine counts
// for little.
func measureSetting(name string, without, with []string, requests, rounds int) error {
	fmt.Printf("%s: CPU time a request, medians of %d rounds of %d requests each and between which two the median lies with 95 %% certainty\n\n", name, rounds, requests)
	fmt.Printf("%8s %26s %26s %10s %10s\n", "clients", "with / without", "without / without", "with µs", "without µs")
	for _, clients := range []int{1, 16} {
		var costs, noise, off, on []float64
		for round := range rounds {
			used, err := settingRound([][]string{without, with, without}, requests, clients, round)
			if err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			costs, noise = append(costs, used[1]/used[0]), append(noise, used[2]/used[0])
			off, on = append(off, used[0]), append(on, used[1])
		}
		low, high := figures.Certainty(costs)
		lowest, highest := figures.Certainty(noise)
		fmt.Printf("%8d %8.3f (%.3f to %.3f) %8.3f (%.3f to %.3f) %10.1f %10.1f\n", clients,
			figures.Median(costs), low, high, figures.Median(noise), lowest, highest, figures.Median(on), figures.Median(off))
	}
	return nil
}

// settingRound returns the microseconds that a request took of each contestant.
func settingRound(contestants [][]string, requests, clients, round int) ([]float64, error) {
	addrs, servers, used := make([]string, len(contestants)), make([]*exec.Cmd, len(contestants)), make([]time.Duration, len(contestants))
	for n, args := range contestants {
		var err error
		if addrs[n], err = freeAddr(); err != nil {
			return nil, err
		}
		if servers[n], err = start("", slices.Insert(slices.Clone(args), 1, "--addr", addrs[n])...); err != nil {
			return nil, err
		}
		defer stop(servers[n])
		if err := waitFor(addrs[n], ""); err != nil {
			return nil, err
		}
		if _, err := load(addrs[n], keptExchanges, clients); err != nil {
			return nil, err
		}
	}
	turns := max(requests/perTurn, 1)
	for turn := range turns {
		for n := range contestants {
			n = (n + turn + round) % len(contestants)
			before := runTime(servers[n].Process.Pid)
			if _, err := load(addrs[n], perTurn, clients); err != nil {
				return nil, err
			}
			used[n] += runTime(servers[n].Process.Pid) - before
		}
	}
	each := make([]float64, len(contestants))
	for n := range each {
		each[n] = float64(used[n].Nanoseconds()) / 1000 / float64(turns*perTurn)
	}
	return each, nil
}

// runTime is what the threads of a process have had of the CPUs, to the nanosecond
// (https://docs.kernel.org/scheduler/sched-stats.html), or 0 where there is no /proc.
func runTime(pid int) time.Duration {
	threads, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", pid))
	var sum time.Duration
	for _, thread := range threads {
		text, _ := os.ReadFile(thread)
		first, _, _ := strings.Cut(string(text), " ")
		nanoseconds, _ := strconv.ParseInt(first, 10, 64)
		sum += time.Duration(nanoseconds)
	}
	return sum
}
