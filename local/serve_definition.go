package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sync/atomic"
	"time"

	"github.com/lambridge-go/lambridge/local/definition"
	"github.com/lambridge-go/lambridge/local/gateway"
	"github.com/lambridge-go/lambridge/local/internal/build"
	"github.com/lambridge-go/lambridge/local/internal/guard"
	"github.com/lambridge-go/lambridge/local/internal/invokeapi"
	"github.com/lambridge-go/lambridge/local/internal/logs"
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

// run waits for the end, and reloads the definition when it changes.
func (p *planServer) run(ctx context.Context, since time.Time) error {
	var watcher *build.Watcher
	var changes <-chan struct{} // none, unless there is a watch
	if !p.flags.NoWatch {
		var err error
		if watcher, err = build.Watch(p.watched(), build.Also{Poll: p.flags.Poll}, since); err != nil {
			return err
		}
		defer watcher.Close()
		changes = watcher.Changes()
	}
	for {
		select {
		case <-ctx.Done():
			return nil
		case err := <-p.failed:
			return err
		case <-p.wanted:
			p.functions.rebuild()
		case <-changes:
			began := time.Now()
			p.reload(ctx)
			if err := watcher.Update(p.watched(), began); err != nil {
				p.printer.Logger().Warn("some changes may go unnoticed", "error", err)
			}
		}
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
	for _, note := range newNotes(old.Refused, p.plan.Refused) {
		p.printer.Logger().Error("refused", "what", note.String())
	}
	for _, note := range newNotes(old.Warnings, p.plan.Warnings) {
		p.printer.Logger().Warn("otherwise in AWS, or perhaps", "what", note.String())
	}
	p.printer.Logger().Info("reloaded the definition", "routes", countRoutes(plan), "took", time.Since(began).Round(time.Millisecond))
}

// newNotes are those that were not there before, in whichever line.
func newNotes(before, after []definition.Note) []definition.Note {
	return slices.DeleteFunc(slices.Clone(after), func(n definition.Note) bool {
		return slices.ContainsFunc(before, func(old definition.Note) bool {
			return old.Origin.File == n.Origin.File && old.Name == n.Name && old.Text == n.Text
		})
	})
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
