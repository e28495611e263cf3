package adapter

import (
	"context"
	"log/slog"
	"net/http"
	"time"
)

// bound is the margin that an invocation with that deadline has. One of more than half of
// the time that there is would leave the handler none, or hardly any: functions have three
// seconds if nobody sets another timeout, and every request would be answered with 504.
func (inv *invocation) bound(margin time.Duration, deadline time.Time) time.Duration {
	left := max(time.Until(deadline), 0)
	if margin <= left/2 {
		return margin
	}
	inv.handler.shortMargin.Do(func() {
		inv.warn("the deadline margin of %v is more than half of the %v that the invocation has: half is what it gets", margin, left.Round(time.Millisecond))
	})
	return left / 2
}

// serveUntil runs the handler and stops waiting for it when only margin is left until
// the deadline.
//
// The handler's context ends at that moment. One that heeds it returns at once, and its
// header can be looked at; a quarter of the margin is spent waiting for that. One
// that does not goes on by itself: Go has no way to stop it, and what it writes
// goes nowhere.
func (inv *invocation) serveUntil(deadline time.Time, margin time.Duration) *failure {
	ctx, cancel := context.WithDeadline(inv.parent, deadline.Add(-margin))
	defer cancel()
	inv.parent = ctx
	done := inv.serveApart()
	select {
	case failed := <-done:
		return failed
	case <-ctx.Done():
	}
	timer := time.NewTimer(margin / 4)
	defer timer.Stop()
	select {
	case <-done:
		inv.response.Header() // notes what the handler has set
	case <-timer.C:
		inv.warn("the handler did not heed the end of its context and goes on in the background")
	}
	inv.log(slog.LevelError, "adapter: answered 504 to "+inv.target()+": the invocation's deadline is near", "margin", margin)
	return &failure{status: http.StatusGatewayTimeout}
}
