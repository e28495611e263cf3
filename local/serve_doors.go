package main

import (
	"context"
	"io"
	"net/http"
	"slices"
	"sync/atomic"

	"github.com/lambridge-go/lambridge/local/definition"
	"github.com/lambridge-go/lambridge/local/gateway"
)

// A servedPlanDoor is an address and what is served there now. Clients that connect
// before there is anything wait, as they do for a function that is being built.
type servedPlanDoor struct {
	definition.Door
	addr     string
	listener int
	handler  *atomic.Pointer[http.Handler] // nil until the first plan with the door is in use
}

// open opens a port for each door of a plan that has none yet, behind those that are
// open.
func (p *planServer) open(plan *definition.Plan) error {
	for _, door := range plan.Doors() {
		if p.doorOf(door) != nil {
			continue
		}
		n := len(p.doors)
		if err := p.listen(addrOf(p.flags.Addr, n), addrFlag); err != nil {
			return err
		}
		at := len(p.listeners) - 1
		p.doors = append(p.doors, servedPlanDoor{Door: door, addr: p.addr(at), listener: at, handler: new(atomic.Pointer[http.Handler])})
		p.several.Store(len(p.doors) > 1)
	}
	return nil
}

// put puts a handler behind a door, and returns the one before. The first lets clients in.
func (p *planServer) put(d *servedPlanDoor, h http.Handler) (old http.Handler) {
	if before := d.handler.Swap(&h); before != nil {
		return *before
	}
	current := d.handler
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		(*current.Load()).ServeHTTP(w, r)
	})
	var base func(context.Context) context.Context
	if d.Kind != gateway.WebSocketAPI {
		base = p.inspector.Door(d.Name, "http://"+d.addr, handler).Context
	}
	p.serve(d.listener, p.strangers.notice(handler), base)
	return nil
}

// doorOf finds what serves a door, or nil.
func (p *planServer) doorOf(door definition.Door) *servedPlanDoor {
	i := slices.IndexFunc(p.doors, func(d servedPlanDoor) bool { return d.is(door) })
	if i < 0 {
		return nil
	}
	return &p.doors[i]
}

// is reports whether a door of a plan is the one that is served, wherever it was written.
func (d *servedPlanDoor) is(door definition.Door) bool {
	return d.Kind == door.Kind && d.Domain == door.Domain && d.Name == door.Name
}

// dropDoors answers 404 at doors that a reload has taken away.
func (p *planServer) dropDoors(plan *definition.Plan) {
	doors := plan.Doors()
	for i := range p.doors {
		served := &p.doors[i]
		if !slices.ContainsFunc(doors, served.is) {
			closeHandler(p.put(served, http.NotFoundHandler()))
		}
	}
}

func closeHandler(h http.Handler) {
	if pages, ok := h.(buildPages); ok {
		h = pages.Handler
	}
	if closer, ok := h.(io.Closer); ok {
		closer.Close()
	}
}

// addresses are what stands for the domains of the plan's doors here.
func (p *planServer) addresses() map[string]string {
	all := map[string]string{}
	for _, door := range p.doors {
		all[door.Domain] = door.addr
	}
	return all
}
