package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/alecthomas/kong"
)

// waitFlags are the command line of "local wait".
type waitFlags struct {
	URL     string        `arg:"" help:"What is to answer, such as http://127.0.0.1:3000/health."`
	Timeout time.Duration `default:"1m" placeholder:"DURATION" help:"How long to wait. Default: ${default}."`
}

const waitDescription = `Waits until a URL answers: with any status below 500, from any server.

It ends with 0 when it does, and with 1 when the time is over.`

// waitPause is the time between two attempts.
const waitPause = 50 * time.Millisecond

// wait is the command "local wait". It returns the exit code.
func wait(args []string, stdout, stderr io.Writer) int {
	var f waitFlags
	helped := false
	parser, err := kong.New(&f, kong.Name("local wait"), kong.Description(waitDescription),
		kong.Writers(stdout, stdout), kong.Exit(func(int) { helped = true }))
	if err == nil {
		_, err = parser.Parse(args)
	}
	if helped {
		return exitAsked
	}
	if err != nil {
		fmt.Fprintf(stderr, "local wait: %v\n", err)
		return exitUsage
	}
	ctx, stop := untilAsked()
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, f.Timeout)
	defer cancel()
	if err := waitFor(ctx, f.URL); err != nil {
		fmt.Fprintf(stderr, "local wait: %v\n", err)
		return exitFailed
	}
	return exitAsked
}

// waitFor returns when the URL answers, or why it had not when ctx ended.
func waitFor(ctx context.Context, url string) error {
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	defer client.CloseIdleConnections()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	if request.URL.Scheme != "http" && request.URL.Scheme != "https" {
		return fmt.Errorf("%q does not begin with http:// or https://", url)
	}
	pause := time.NewTicker(waitPause)
	defer pause.Stop()
	var last error
	for {
		response, err := client.Do(request)
		switch {
		case err == nil && response.StatusCode < 500:
			response.Body.Close()
			return nil
		case err == nil:
			response.Body.Close()
			last = fmt.Errorf("%s answers %s", url, response.Status)
		case ctx.Err() == nil || last == nil:
			last = err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("not ready in time: %w", last)
		case <-pause.C:
		}
	}
}
