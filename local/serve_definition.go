package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/lambridge-go/lambridge/local/definition"
	"github.com/lambridge-go/lambridge/local/gateway"
	"github.com/lambridge-go/lambridge/local/internal/build"
	"github.com/lambridge-go/lambridge/local/internal/guard"
	"github.com/lambridge-go/lambridge/local/internal/invokeapi"
	"github.com/lambridge-go/lambridge/local/internal/logs"
	"github.com/lambridge-go/lambridge/local/websocket"
)

// A planServer serves a definition and reloads it.
type planServer struct {
	*server
	flags     *flags
	environ   []string
	printer   *logs.Printer
	plan      *definition.Plan
	functions *functions
	doors     []servedPlanDoor
	invokeURL string
	token     string        // that the Invoke API asks for, or ""
	entered   bool          // Enter rebuilds
	wanted    chan struct{} // holds one: someone asks for a build
	strangers *strangers
	callers   definition.Callers
	inspected atomic.Pointer[inspectedPlan]
	several   atomic.Bool // doors: what a request came through is worth a word
}

// A servedPlanDoor is an address and what is served there now. Clients that connect
// before there is anything wait, as they do for a function that is being built.
type servedPlanDoor struct {
	definition.Door
	addr     string
	listener int
	handler  *atomic.Pointer[http.Handler] // nil until the first plan with the door is in use
}

// servePlan serves a definition until ctx ends.
func servePlan(ctx context.Context, s *server, f flags, environ []string, enter *enter, printer *logs.Printer) (err error) {
	callers, err := f.callers(s.logger)
	if err != nil {
		return err
	}
	p := &planServer{
		server: s, callers: callers, flags: &f, environ: environ, printer: printer,
		functions: &functions{flags: &f, environ: environ, printer: printer, running: map[string]*slot{}},
		strangers: &strangers{hosts: f.AllowHost, logger: printer.Logger()},
		wanted:    make(chan struct{}, 1),
	}
	defer func() { err = errors.Join(err, p.close()) }()

	began := time.Now()
	if err := p.start(ctx); err != nil {
		if ctx.Err() != nil {
			return nil // Ctrl-C during the build
		}
		return err
	}
	enter.calls(p.want)
	p.entered = enter.pressed
	r := p.ready()
	withdraw, err := f.announce(r, func() { p.reportJSON(r) }, func() { inOnePiece(printer, p.report) })
	if err != nil {
		return err
	}
	defer withdraw()
	return p.run(ctx, began)
}

// start reads the definition, opens its doors and starts its functions.
func (p *planServer) start(ctx context.Context) error {
	plan, err := definition.Load(p.flags.Definition, p.flags.definitionOptions(p.environ))
	if err != nil {
		return fmt.Errorf("local: %w", err)
	}
	if err := p.flags.checkNames(plan); err != nil {
		return err
	}
	if p.flags.Inspect != "off" {
		if err := p.listen(p.flags.Inspect, "--inspect"); err != nil {
			return err
		}
		p.invokeURL = "http://" + p.addr(len(p.listeners)-1)
		p.invokes = invokeapi.New(invokeapi.Config{Logger: p.printer.Logger()})
		if !isLoopback(p.flags.Inspect) {
			p.token = rand.Text()
		}
		p.inspector = p.inspect()
		p.functions.inspector = p.inspector
		p.inspected.Store(&inspectedPlan{})
		p.serve(len(p.listeners)-1, guard.Tools(tools(p.invokes, p.inspector), p.flags.AllowHost, p.token), nil)
	}
	if err := p.open(plan); err != nil { // the inspector sees what goes through
		return err
	}
	return p.use(ctx, plan)
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
	i := slices.IndexFunc(p.doors, func(d servedPlanDoor) bool {
		return d.Kind == door.Kind && d.Domain == door.Domain && d.Name == door.Name
	})
	if i < 0 {
		return nil
	}
	return &p.doors[i]
}

// use starts the functions of a plan and puts its handlers behind the doors.
func (p *planServer) use(ctx context.Context, plan *definition.Plan) error {
	if len(plan.Doors()) == 0 {
		return fmt.Errorf("local: the definition %s has nothing to serve: no API, no function URL and no load balancer with a function%s", p.flags.Definition, refusedIn(plan))
	}
	p.functions.start(ctx, plan, p.addresses(), p.functionEnviron(plan))
	if err := ctx.Err(); err != nil {
		return err
	}
	o := definition.Assembling{Callers: p.callers, Pace: p.flags.Throttle, Logger: p.printer.Logger(), Observe: p.observe, Backends: p.flags.Backend}
	if p.inspector != nil {
		o.ObserveWebSocket = p.observeWebSocket
	}
	if p.flags.Attach {
		o.Attached = func(fn *definition.Function) bool { return isCalled(fn, p.flags.Target) }
	}
	assembly, err := plan.Assemble(p.functions.invoker, o)
	if err != nil {
		return fmt.Errorf("local: %w", err)
	}
	unchanged := definition.Unchanged(p.plan, plan)
	for n, door := range plan.Doors() {
		served := p.doorOf(door)
		if served == nil {
			continue
		}
		served.Door = door
		if unchanged[n] { // the connections of a WebSocket API outlive a reload
			closeHandler(assembly.Handlers[n])
			continue
		}
		closeHandler(p.put(served, p.withBuildPages(assembly.Handlers[n])))
	}
	p.dropDoors(plan)
	p.functions.prune()
	plan.Refused = append(plan.Refused, assembly.Refused...)
	p.plan = plan
	if p.invokes != nil {
		p.invokes.SetFunctions(p.functions.served())
		p.showInspector()
	}
	return nil
}

// dropDoors lets doors that a reload has taken away answer nothing.
func (p *planServer) dropDoors(plan *definition.Plan) {
	doors := plan.Doors()
	for i := range p.doors {
		served := &p.doors[i]
		there := slices.ContainsFunc(doors, func(d definition.Door) bool {
			return d.Kind == served.Kind && d.Domain == served.Domain && d.Name == served.Name
		})
		if !there {
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

// buildPages shows a browser why a function does not build, if one does not.
type buildPages struct {
	http.Handler
	shown http.Handler
}

// ServeHTTP implements http.Handler.
func (b buildPages) ServeHTTP(w http.ResponseWriter, r *http.Request) { b.shown.ServeHTTP(w, r) }

func (p *planServer) withBuildPages(h http.Handler) http.Handler {
	if _, ok := h.(*websocket.API); ok {
		return h
	}
	return buildPages{h, withBuildPage(p.functions, h)}
}

// addresses are what stands for the domains of the plan's doors here.
func (p *planServer) addresses() map[string]string {
	all := map[string]string{}
	for _, door := range p.doors {
		all[door.Domain] = door.addr
	}
	return all
}

// functionEnviron is what all functions inherit: where the Invoke API is, and the
// @connections API if there is one of one WebSocket API. With several, the events say
// which it is.
func (p *planServer) functionEnviron(plan *definition.Plan) []string {
	environ := slices.Clone(p.environ)
	if len(plan.WebSocketAPIs) == 1 {
		for _, door := range p.doors {
			if door.Kind == gateway.WebSocketAPI {
				environ = append(environ, connectionsVariable+"=http://"+door.addr+door.Path)
			}
		}
	}
	if p.invokeURL != "" && lookup(environ, invokeVariable) == "" {
		environ = append(environ, invokeVariable+"="+p.invokeURL)
	}
	return environ
}

// observe shows each request, and to which API it went if there are several.
func (p *planServer) observe(e gateway.Exchange) {
	if p.flags.Quiet {
		return
	}
	r := logs.Request{Method: e.Method, URI: e.Shown(), Status: e.Status, Duration: e.Duration}
	if p.several.Load() {
		r.FrontDoor = e.API
	}
	if e.Mapped != nil {
		r.Sent, r.Got = mapped(e)
	}
	p.printer.Request(r)
}

// maxShown is how many bytes of a body a line shows.
const maxShown = 500

// mapped tells what an integration was sent and what it gave back: of a proxy, which passes
// bodies as they are, without them.
func mapped(e gateway.Exchange) (sent, got string) {
	m := e.Mapped
	bodies := e.Integration != "http_proxy"
	show := func(head string, body []byte) string {
		if bodies && len(body) > 0 {
			head = strings.TrimSpace(head + " " + string(body[:min(len(body), maxShown)]))
		}
		return head
	}
	sent = show(strings.TrimSpace(m.Method+" "+m.URL), m.Body)
	switch {
	case m.Status != 0:
		got = show(strconv.Itoa(m.Status), m.Answer)
	case m.Answer != nil:
		got = show("", m.Answer)
	default:
		got = "nothing"
	}
	return sent, got
}

// run waits for the end, and reloads the definition when it changes.
func (p *planServer) run(ctx context.Context, since time.Time) error {
	var changes <-chan struct{}
	if !p.flags.NoWatch {
		watcher, err := build.Watch(p.watched(), build.Also{Poll: p.flags.Poll}, since)
		if err != nil {
			return err
		}
		defer watcher.Close()
		changes = watcher.Changes()
		for {
			select {
			case <-ctx.Done():
				return nil
			case err := <-p.failed:
				return err
			case <-p.wanted:
				p.functions.rebuild()
				continue
			case <-changes:
			}
			began := time.Now()
			p.reload(ctx)
			if err := watcher.Update(p.watched(), began); err != nil {
				p.printer.Logger().Warn("some changes may go unnoticed", "error", err)
			}
		}
	}
	select {
	case <-ctx.Done():
		return nil
	case err := <-p.failed:
		return err
	}
}

// want asks for a build of all functions, changed or not.
func (p *planServer) want() {
	select {
	case p.wanted <- struct{}{}:
	default: // the last one has not been begun yet
	}
}

// watched are the files of the definition.
func (p *planServer) watched() build.Sources {
	s := build.Sources{Files: p.plan.Files}
	for _, file := range s.Files {
		s.Roots = append(s.Roots, filepath.Dir(file))
	}
	return s
}

// reload reads the definition again. A broken edit keeps the old plan.
func (p *planServer) reload(ctx context.Context) {
	began := time.Now()
	plan, err := definition.Load(p.flags.Definition, p.flags.definitionOptions(p.environ))
	if err == nil {
		err = p.flags.checkNames(plan)
	}
	if err == nil {
		err = p.open(plan)
	}
	old := p.plan
	if err == nil {
		err = p.use(ctx, plan)
	}
	if err != nil {
		p.printer.Logger().Error("the definition is as it was before", "error", err)
		return
	}
	for _, note := range p.plan.Refused {
		if !slices.Contains(old.Refused, note) {
			p.printer.Logger().Error("refused", "what", note.String())
		}
	}
	p.printer.Logger().Info("reloaded the definition", "routes", countRoutes(plan), "took", time.Since(began).Round(time.Millisecond))
}

// close ends the doors, and then the functions.
func (p *planServer) close() error {
	for _, door := range p.doors {
		if h := door.handler.Load(); h != nil {
			closeHandler(*h)
		}
	}
	return errors.Join(p.server.close(), p.functions.close())
}

// refusedIn lists what a plan refuses, a line each.
func refusedIn(plan *definition.Plan) string {
	var b strings.Builder
	for _, n := range plan.Refused {
		b.WriteString("\n  " + logs.Quote(n.String()))
	}
	return b.String()
}

// countRoutes is how many routes a plan serves.
func countRoutes(plan *definition.Plan) int {
	n := len(plan.FunctionURLs)
	for _, api := range plan.APIs {
		n += len(api.Routes)
	}
	for _, api := range plan.WebSocketAPIs {
		n += len(api.Routes)
	}
	for _, lb := range plan.LoadBalancers {
		n += len(lb.Rules)
	}
	return n
}

func splitARN(arn string) []string { return strings.Split(arn, ":") }
