package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"
)

// waitFlags are those of the command wait.
type waitFlags struct {
	URL string        `arg:"" help:"The URL, such as http://127.0.0.1:3000/."`
	For time.Duration `default:"30s" placeholder:"DURATION" help:"How long to wait. Default: ${default}."`
}

// check refuses what cannot be waited for.
func (f *waitFlags) check() error {
	u, err := url.Parse(f.URL)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return fmt.Errorf("local: wait: %q is not a URL such as http://127.0.0.1:3000/", f.URL)
	}
	if f.For <= 0 {
		return fmt.Errorf("local: wait: --for %v is no time to wait", f.For)
	}
	return nil
}

// waitInterval is how long wait lets a server that does not answer start.
const waitInterval = 50 * time.Millisecond

// wait returns as soon as the URL answers, whatever it answers, or with what was in the
// way.
func wait(ctx context.Context, f waitFlags) error {
	ctx, cancel := context.WithTimeout(ctx, f.For)
	defer cancel()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	defer client.CloseIdleConnections()
	last := ctx.Err()
	for {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, f.URL, nil)
		if err != nil {
			return fmt.Errorf("local: wait: %w", err)
		}
		resp, err := client.Do(r)
		if err == nil {
			return resp.Body.Close()
		}
		if ctx.Err() == nil || last == nil {
			last = err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("local: wait: nothing answered within %v: %w", f.For, last)
		case <-time.After(waitInterval):
		}
	}
}
