// Command local runs a Lambda function on this machine behind the HTTP front
// doors of AWS: the real binary, the real Runtime API, and a gateway that answers
// as AWS's would. It needs no network, no account and no containers.
//
//	go run ./local [flags] [package | executable]
//
// Without an argument it serves a tour of what a function can do.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/lambridge-go/lambridge/adapter"
	"github.com/lambridge-go/lambridge/local/internal/logs"
	"github.com/lambridge-go/lambridge/local/internal/tour"
)

func main() {
	// With so small a heap the collector would run every few hundred requests; 10 MB
	// more buy an eighth of the processor time.
	debug.SetGCPercent(300)
	os.Exit(run(os.Args[1:], os.Environ(), os.Stdin, os.Stdout, os.Stderr))
}

// tourVariable makes the command itself the function that it serves when it is
// given none.
const tourVariable = "LAMBRIDGE_TOUR"

// What the command ends with.
const (
	exitAsked    = 0 // stopped as it was asked to
	exitFailed   = 1 // anything else went wrong, or --diff found differences
	exitUsage    = 2 // the command line is wrong
	exitFunction = 3 // the function does not build or start
	exitAddress  = 4 // an address cannot be had
)

// An exitError is an error that the command ends with a code of its own for.
type exitError struct {
	error
	code int
}

func (e exitError) Unwrap() error { return e.error }

// run is the command: it serves until it is asked to end, and returns the exit code.
func run(args, environ []string, stdin io.Reader, stdout, stderr io.Writer) int {
	if lookup(environ, tourVariable) != "" {
		lambda.Start(adapter.Wrap(tour.Handler()))
	}
	if len(args) > 0 && args[0] == "wait" {
		return wait(args[1:], stdout, stderr)
	}
	flags, err := parse(args, environ, stdout)
	if errors.Is(err, errHelp) {
		return exitAsked
	}
	if err != nil {
		fmt.Fprintf(stderr, "%v\n", err)
		return exitUsage
	}
	ctx, stop := untilAsked()
	defer stop()
	defer surviveClosedPipes()()
	terminal, logTo := outlet{stdout, stop}, stdout
	if flags.Diff != "" { // which has the standard output to itself
		logTo = stderr
	}
	printer := logs.New(outlet{logTo, stop}, logs.Coloured(logTo, environ))
	if flags.Log == "json" {
		printer = logs.NewJSON(outlet{logTo, stop})
	}
	if flags.ExitWithStdin || isTerminal(stdin) {
		readInBackground()
	} else {
		stdin = nil
	}
	err = serve(ctx, stop, flags, environ, stdin, terminal, printer)
	printer.Close()
	if err == nil {
		return exitAsked
	}
	fmt.Fprintf(stderr, "%v\n", err)
	if coded := (exitError{}); errors.As(err, &coded) {
		return coded.code
	}
	return exitFailed
}
