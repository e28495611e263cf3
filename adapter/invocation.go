package adapter

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/lambridge-go/lambridge/internal/event"
)

// An invocation is everything that one event needs, in one piece: the request that
// was read from it, the response in the making, and the request's context.
//
// As a context it is what Lambda gave, ended when the handler returns, as net/http
// ends a request's context. Most handlers never ask for Done: the machinery for it
// is made when one does.
type invocation struct {
	parent  context.Context
	handler *Handler

	event event.Request // with the request that the handler gets, and may change

	// What the event says of the request, whatever the handler makes of it.
	method, requestURI, client string
	tls                        *tls.ConnectionState

	body     requestBody
	response response

	mu      sync.Mutex
	context context.Context // made by the first Done
	cancel  context.CancelFunc
	over    bool

	// payload belongs to Lambda's runtime, which reads the next event into it: it
	// may be looked at until the invocation is over, and must be copied.
	payloadMu sync.Mutex
	payload   []byte
}

// end marks the end of the invocation: its context is done, its body closed, its payload
// gone.
func (inv *invocation) end() {
	inv.mu.Lock()
	inv.over = true
	if inv.cancel != nil {
		inv.cancel()
	}
	inv.mu.Unlock()

	inv.body.finish()
	inv.payloadMu.Lock()
	inv.payload = nil
	inv.payloadMu.Unlock()
}

// Deadline is part of context.Context.
func (inv *invocation) Deadline() (time.Time, bool) { return inv.parent.Deadline() }

// Done is part of context.Context.
func (inv *invocation) Done() <-chan struct{} {
	inv.mu.Lock()
	defer inv.mu.Unlock()
	if inv.context == nil {
		inv.context, inv.cancel = context.WithCancel(inv.parent)
		if inv.over {
			inv.cancel()
		}
	}
	return inv.context.Done()
}

// Err is part of context.Context.
func (inv *invocation) Err() error {
	made, over := inv.state()
	if made != nil {
		return made.Err()
	}
	if err := inv.parent.Err(); err != nil || !over {
		return err
	}
	return context.Canceled
}

type invocationKey struct{}

// Value is part of context.Context. Besides what Lambda put there it knows the keys
// of net/http's server. What is behind them is no *http.Server, which would link all
// of one into the function; httputil.ReverseProxy, for one, asks only whether there
// is something.
func (inv *invocation) Value(key any) any {
	switch key {
	case invocationKey{}:
		return inv
	case http.ServerContextKey:
		return inv.handler
	case http.LocalAddrContextKey:
		return &net.TCPAddr{IP: net.IPv4zero}
	}
	if made, _ := inv.state(); made != nil {
		return made.Value(key)
	}
	return inv.parent.Value(key)
}

// state is the context that Done has made, nil if it has made none, and whether the
// invocation is over.
func (inv *invocation) state() (made context.Context, over bool) {
	inv.mu.Lock()
	made, over = inv.context, inv.over
	inv.mu.Unlock()
	return made, over
}
