// Command local runs a Lambda function on this machine behind the HTTP front
// doors of AWS: the real binary, the real Runtime API, and a gateway that answers
// as AWS's would. It needs no network, no account and no containers.
//
//	go run ./local [flags] [package | executable]
//
// Without an argument it serves a tour of what a function can do.
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

// run is the command: it serves until a signal comes and returns the exit code,
// 2 if the command line is wrong and 1 if anything else is, or if the answers that
// --diff compares differ.
func run(args, environ []string, stdout, stderr io.Writer) int {
	if lookup(environ, tourVariable) != "" {
		lambda.Start(adapter.Wrap(tour.Handler()))
	}
	flags, err := parse(args, environ, stdout)
	if errors.Is(err, errHelp) {
		return 0
	}
	if err != nil {
		fmt.Fprintf(stderr, "%v\n", err)
		return 2
	}
	logTo := stdout
	if flags.Diff != "" { // which has the standard output to itself
		logTo = stderr
	}
	printer := logs.New(logTo, logs.Coloured(logTo, lookup(environ, "NO_COLOR")))
	if flags.Log == "json" {
		printer = logs.NewJSON(logTo)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err = serve(ctx, flags, environ, stdout, printer)
	printer.Close()
	if err != nil {
		fmt.Fprintf(stderr, "%v\n", err)
		return 1
	}
	return 0
}
