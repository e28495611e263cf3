package inspector

import (
	"context"
	"net/http"
	"strings"
	"sync/atomic"

	"github.com/lambridge-go/lambridge/local/gateway"
)

// A Door is a front door that is inspected, and an http.Handler that serves it so. A server
// that has the door's [Door.Context] can serve the front door itself.
type Door struct {
	store     *store // nil if nothing is inspected
	name, url string
	front     http.Handler
}

// ServeHTTP implements http.Handler.
func (d *Door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	d.front.ServeHTTP(w, r.WithContext(d.Context(r.Context())))
}

// Context returns a context whose requests are shown: one for all that a server serves.
func (d *Door) Context(ctx context.Context) context.Context {
	if d.store == nil {
		return ctx
	}
	return gateway.WithRequest(ctx, gateway.Request{
		Context: func(ctx context.Context) context.Context { return &trace{Context: ctx, door: d} },
		Observe: func(x gateway.Exchange) {
			t, begun := x.Context.(*trace)
			if !begun { // the gateway answered ahead of that: a preflight request
				t = &trace{door: d}
			}
			d.store.exchanged(t, &x)
		},
	})
}

// serve serves a request that the Inspector itself sends.
func (d *Door) serve(w http.ResponseWriter, r *http.Request, t *trace) {
	t.door = d
	ctx := gateway.WithRequest(r.Context(), gateway.Request{
		Context: func(ctx context.Context) context.Context {
			t.Context = ctx
			return t
		},
		Observe: func(x gateway.Exchange) { d.store.exchanged(t, &x) },
	})
	d.front.ServeHTTP(w, r.WithContext(ctx))
}

// origin is the scheme and the address of the door.
func (d *Door) origin() string {
	scheme, rest, _ := strings.Cut(d.url, "://")
	host, _, _ := strings.Cut(rest, "/")
	return scheme + "://" + host
}

// A trace is the context of what is done for a request, and leads to the invocations that
// are made for it. The store's mutex guards what is in it.
type trace struct {
	context.Context
	door        *Door
	replayOf    int // the id of the exchange that is sent again, or 0
	invocations []*witness
	id          int // of the exchange, once it is over

	first [1]*witness // room for the one that most have
	room  witness
	taken atomic.Bool
}

// witness returns one that is zero.
func (t *trace) witness() *witness {
	if t == nil || t.taken.Swap(true) {
		return &witness{}
	}
	return &t.room
}

// Value implements context.Context.
func (t *trace) Value(key any) any {
	if key == (traceKey{}) {
		return t
	}
	return t.Context.Value(key)
}

type traceKey struct{}
