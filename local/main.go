// Command local runs a Lambda function on this machine behind the HTTP front
// doors of AWS: the real binary, the real Runtime API, and a gateway that answers
// as AWS's would. It needs no network, no account and no containers.
//
//	go run ./local [serve] [flags] [package | executable | zip file]
//	go run ./local build [-o FILE] [--arch ARCH] PACKAGE
//	go run ./local build [-o FOLDER] [--arch ARCH] --definition FILE
//	go run ./local wait URL
//	go run ./local invoke NAME --event FILE | SAMPLE
//	go run ./local template FILE --event FILE | --request 'METHOD /TARGET'
//
// Without an argument it serves a tour of what a function can do. build makes
// zip files for Lambda. wait is for scripts that have started the command: it ends when
// the URL answers. invoke invokes a function that the command serves. template renders
// one mapping template of API Gateway.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
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
	if debug.SetMemoryLimit(-1) == math.MaxInt64 { // no GOMEMLIMIT
		debug.SetMemoryLimit(512 << 20) // from where on it runs as often as it has to
	}
	if os.Getenv("GOMAXPROCS") == "" && os.Getenv(tourVariable) == "" {
		procs.begin()
	}
	os.Exit(run(os.Args[1:], os.Environ(), os.Stdin, os.Stdout, os.Stderr))
}

// tourVariable makes the command itself the function that it serves when it is
// given none.
const tourVariable = "LAMBRIDGE_TOUR"

// What the command ends with.
const (
	exitAsked    = 0 // stopped as it was asked to, or done
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

// run is the command, until it is done or asked to end. It returns the exit code.
func run(args, environ []string, stdin io.Reader, stdout, stderr io.Writer) int {
	if lookup(environ, tourVariable) != "" {
		lambda.Start(adapter.Wrap(tour.Handler()))
	}
	command, line, err := parse(args, environ, stdout)
	if errors.Is(err, errHelp) {
		return exitAsked
	}
	if err != nil {
		fmt.Fprintf(stderr, "%v\n", err)
		return exitUsage
	}
	ctx, stop := untilAsked()
	defer stop()
	switch command {
	case buildCommand:
		err = line.Build.run(ctx, environ, stdout, stderr)
	case waitCommand:
		err = wait(ctx, line.Wait)
	case invokeCommand:
		err = invokeFunction(ctx, line.Invoke, stdin, stdout)
	case templateCommand:
		err = line.Template.run(ctx, stdout, stderr)
	default:
		err = line.Serve.run(ctx, stop, environ, stdin, stdout, stderr)
	}
	if err == nil {
		return exitAsked
	}
	fmt.Fprintf(stderr, "%v\n", err)
	if coded := (exitError{}); errors.As(err, &coded) {
		return coded.code
	}
	return exitFailed
}

// run serves the function, with a printer for the logs. stop ends ctx.
func (f *flags) run(ctx context.Context, stop func(), environ []string, stdin io.Reader, stdout, stderr io.Writer) error {
	defer surviveClosedPipes()()
	if f.Export != "" {
		return f.export(stdout)
	}
	logTo := stdout
	if f.Diff != "" { // which has the standard output to itself
		logTo = stderr
	}
	printer := logs.New(outlet{logTo, stop}, logs.Coloured(logTo, environ))
	if f.Log == "json" {
		printer = logs.NewJSON(outlet{logTo, stop})
	}
	defer printer.Close()
	enter := &enter{pressed: isTerminal(stdin)}
	if f.ExitWithStdin || enter.pressed {
		readInBackground()
		ended := func() {}
		if f.ExitWithStdin {
			ended = stop
		}
		go heed(stdin, enter, ended)
	}
	return serve(ctx, *f, environ, enter, outlet{stdout, stop}, printer)
}
