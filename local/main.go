// Command local runs a Lambda function on this machine behind the HTTP front
// doors of AWS: the real binary, the real Runtime API, and a gateway that answers
// as AWS's would. It needs no network, no account and no containers.
//
//	go run ./local [serve] [flags] [package | executable]
//	go run ./local wait URL
//
// Without an argument it serves a tour of what a function can do. wait is for scripts
// that have started the command: it ends when the URL answers.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/lambridge-go/lambridge/adapter"
	"github.com/lambridge-go/lambridge/local/internal/logs"
	"github.com/lambridge-go/lambridge/local/internal/tour"
)

func main() {
	// With so small a heap the collector would run every few hundred requests; 10 MB
	// more buy an eighth of the processor time.
	debug.SetGCPercent(300)
	os.Exit(run(os.Args[1:], os.Environ(), os.Stdout, os.Stderr))
}

// tourVariable makes the command itself the function that it serves when it is
// given none.
const tourVariable = "LAMBRIDGE_TOUR"

// run is the command, until it is done or a signal comes. It returns the exit code: 2 if
// the command line is wrong and 1 if anything else is, or if the answers that --diff
// compares differ.
func run(args, environ []string, stdout, stderr io.Writer) int {
	if lookup(environ, tourVariable) != "" {
		lambda.Start(adapter.Wrap(tour.Handler()))
	}
	command, line, err := parse(args, environ, stdout)
	if errors.Is(err, errHelp) {
		return 0
	}
	if err != nil {
		fmt.Fprintf(stderr, "%v\n", err)
		return 2
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if command == waitCommand {
		err = wait(ctx, line.Wait)
	} else {
		err = line.Serve.run(ctx, environ, stdout, stderr)
	}
	if err != nil {
		fmt.Fprintf(stderr, "%v\n", err)
		return 1
	}
	return 0
}

// run serves the function, with a printer for the logs.
func (f *flags) run(ctx context.Context, environ []string, stdout, stderr io.Writer) error {
	logTo := stdout
	if f.Diff != "" { // which has the standard output to itself
		logTo = stderr
	}
	printer := logs.New(logTo, logs.Coloured(logTo, lookup(environ, "NO_COLOR")))
	if f.Log == "json" {
		printer = logs.NewJSON(logTo)
	}
	defer printer.Close()
	return serve(ctx, *f, environ, stdout, printer)
}
