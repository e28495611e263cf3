package adapter

import (
	"context"
	"log/slog"
	"net/http"
	"time"
)

// serveUntil runs the handler and stops waiting for it at cutoff.
//
// The handler's context ends at cutoff. One that heeds it returns at once, and its
// header can be looked at; a quarter of the margin is spent waiting for that. One
// that does not goes on by itself: Go has no way to stop it, and what it writes
// goes nowhere.
func (inv *invocation) serveUntil(cutoff time.Time) *failure {
	ctx, cancel := context.WithDeadline(inv.parent, cutoff)
	defer cancel()
	inv.parent = ctx
	done := inv.serveApart()
	select {
	case failed := <-done:
		return failed
	case <-ctx.Done():
	}
	timer := time.NewTimer(inv.handler.deadlineMargin / 4)
	defer timer.Stop()
	select {
	case <-done:
		inv.response.Header() // notes what the handler has set
	case <-timer.C:
		inv.warn("the handler did not heed the end of its context and goes on in the background")
	}
	inv.log(slog.LevelError, "adapter: answered 504 to "+inv.target()+": the invocation's deadline is near", "margin", inv.handler.deadlineMargin)
	return &failure{status: http.StatusGatewayTimeout}
}
