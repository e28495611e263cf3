package main

import (
	"context"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lambridge-go/lambridge/local/invoke"
)

// procs are the processors that the command runs on. Until main says begin, they are all
// that Go takes.
var procs = processors{
	set:   runtime.GOMAXPROCS,
	later: func(look func()) { time.AfterFunc(time.Second, look) },
}

// processors say on how many the command runs at once. What a request takes here are
// microseconds between its client and the function, which are processes of their own: as
// long as there is one request at a time, a second thread would be woken for each of them
// and find nothing to do. For several at once there are all, until there has been one at
// most for a while.
type processors struct {
	set   func(n int) (before int)
	later func(look func()) // calls look after a while
	all   int               // 0 leaves them as they are

	busy    atomic.Int32 // requests and messages under way
	several atomic.Bool  // at once, since the last look

	mu   sync.Mutex
	wide bool // all are used
}

// begin begins with one.
func (p *processors) begin() { p.all = p.set(1) }

// serve serves h and counts its requests. A WebSocket's handshake is none of them: it counts
// as what invokes the function for it does.
func (p *processors) serve(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.EqualFold(r.Header.Get("Upgrade"), "websocket") {
			p.begun()
			defer p.ended()
		}
		h.ServeHTTP(w, r)
	})
}

// invoked counts the invocations of f that no request brings about which serve counts: those
// for what WebSocket clients tell.
func (p *processors) invoked(f invoke.Streamer) invoke.Streamer { return &invoked{f, p} }

type invoked struct {
	invoke.Streamer
	processors *processors
}

// Invoke implements invoke.Invoker.
func (i *invoked) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	if ctx.Value(http.ServerContextKey) == nil {
		i.processors.begun()
		defer i.processors.ended()
	}
	return i.Streamer.Invoke(ctx, payload)
}

func (p *processors) begun() {
	if p.busy.Add(1) > 1 && !p.several.Swap(true) {
		p.widen()
	}
}

func (p *processors) ended() { p.busy.Add(-1) }

// widen goes on with all.
func (p *processors) widen() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.all > 1 && !p.wide {
		p.wide = true
		p.set(p.all)
		p.later(p.look)
	}
}

// look goes back to one, unless there were several requests at once since the last time.
func (p *processors) look() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.several.Swap(false) || p.busy.Load() > 1 {
		p.later(p.look)
		return
	}
	p.wide = false
	p.set(1)
}
