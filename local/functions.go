package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lambridge-go/lambridge/local/definition"
	"github.com/lambridge-go/lambridge/local/internal/archive"
	"github.com/lambridge-go/lambridge/local/internal/build"
	"github.com/lambridge-go/lambridge/local/internal/function"
	"github.com/lambridge-go/lambridge/local/internal/inspector"
	"github.com/lambridge-go/lambridge/local/internal/invokeapi"
	"github.com/lambridge-go/lambridge/local/internal/logs"
	"github.com/lambridge-go/lambridge/local/invoke"
)

// functions are the processes of a plan's functions, by name. A reload of the plan
// keeps those that are the same.
type functions struct {
	flags     *flags
	environ   []string
	printer   *logs.Printer
	folder    *function.Folder     // of programs that are built together, made when needed
	inspector *inspector.Inspector // or nil
	failed    map[string]error

	mu      sync.Mutex
	running map[string]*slot
	wanted  map[string]bool // of those that run
}

// A slot is where gateways find a function, whichever process that is by now.
type slot struct {
	config  function.Config
	current atomic.Pointer[function.Function]
	alias   string
}

// Invoke implements invoke.Invoker.
func (s *slot) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	return s.current.Load().Invoke(ctx, payload)
}

// InvokeStream implements invoke.Streamer.
func (s *slot) InvokeStream(ctx context.Context, payload []byte) (*invoke.Stream, error) {
	return s.current.Load().InvokeStream(ctx, payload)
}

// BuildError is why the sources as they stand do not run, or nil.
func (s *slot) BuildError() error { return s.current.Load().BuildError() }

// start makes the functions that something in the plan leads to run. One that cannot
// is in failed: what leads to it is refused, and the others run.
func (fs *functions) start(ctx context.Context, plan *definition.Plan, addresses map[string]string, environ []string) {
	wanted := map[string]function.Config{}
	fs.failed = map[string]error{}
	for _, fn := range plan.Functions {
		if len(fn.Used) == 0 {
			continue
		}
		config, err := fs.config(ctx, fn, addresses, environ)
		if err != nil {
			fs.failed[fn.Name] = err
			continue
		}
		wanted[fn.Name] = config
	}
	fresh := maps.Clone(wanted)
	maps.DeleteFunc(fresh, func(name string, config function.Config) bool {
		old := fs.running[name]
		return old != nil && same(old.config, config)
	})
	fs.buildTogether(ctx, fresh)

	var starting sync.WaitGroup
	for name, config := range fresh {
		starting.Go(func() {
			started, err := function.Start(ctx, config)
			fs.mu.Lock()
			defer fs.mu.Unlock()
			if err != nil {
				fs.failed[name] = err
				return
			}
			s := fs.running[name]
			if s == nil {
				s = &slot{}
				fs.running[name] = s
			}
			config.Built = ""
			s.config = config
			if old := s.current.Swap(started); old != nil {
				starting.Go(func() { old.Close() })
			}
		})
	}
	starting.Wait()
	fs.wanted = map[string]bool{}
	for _, fn := range plan.Functions {
		if s := fs.running[fn.Name]; s != nil && len(fn.Used) > 0 {
			s.alias, fs.wanted[fn.Name] = fn.LogicalID, true
		}
	}
}

// prune ends the functions that nothing leads to any more.
func (fs *functions) prune() {
	var closing sync.WaitGroup
	fs.mu.Lock()
	for name, s := range fs.running {
		if !fs.wanted[name] {
			delete(fs.running, name)
			closing.Go(func() { s.current.Load().Close() })
		}
	}
	fs.mu.Unlock()
	closing.Wait()
}

// same reports whether two configurations run the same program in the same way.
func same(a, b function.Config) bool {
	comparable := func(c function.Config) any {
		return []any{c.Package, c.Command, c.Attach, c.Dir, c.Environ, c.Env, c.EnvFiles, c.Name, c.Account, c.Timeout, c.Memory, c.MaxConcurrency}
	}
	return reflect.DeepEqual(comparable(a), comparable(b))
}

// invoker is what the plan's assembly invokes for a function.
func (fs *functions) invoker(fn *definition.Function) (invoke.Invoker, error) {
	if s := fs.running[fn.Name]; s != nil {
		return procs.invoked(fs.inspector.Watch(fn.Name, s)), nil
	}
	if err := fs.failed[fn.Name]; err != nil {
		return nil, err
	}
	return nil, errors.New("it does not run")
}

// config says how to run a function. The definition decides what it says; the
// command line fills in the rest.
func (fs *functions) config(ctx context.Context, fn *definition.Function, addresses map[string]string, environ []string) (function.Config, error) {
	f := fs.flags
	files, variables, err := f.variablesOf(fn)
	if err != nil {
		return function.Config{}, err
	}
	named := fs.printer.Named(labelOf(fn))
	config := function.Config{
		Environ: environ, Env: append(fn.Variables(addresses), variables...), EnvFiles: files, Name: fn.Name,
		Account: accountOf(fn), Timeout: fn.Timeout, Memory: fn.Memory, MaxConcurrency: fn.MaxConcurrency,
		Concurrency: f.Concurrency, Watch: !f.NoWatch, Globs: f.Watch, Poll: f.Poll, Freeze: f.Freeze,
		OnLine: named.Line, OnReport: named.Report,
		Logger: named.Logger(), AllowHosts: f.AllowHost,
	}
	if f.Quiet {
		config.OnReport = nil
	}
	if config.BuildFlags, err = f.buildFlags(); err != nil {
		return config, err
	}
	if config.Timeout == 0 {
		config.Timeout = f.Timeout
	}
	if config.Timeout == 0 && fn.LogicalID != "" {
		config.Timeout = 3 * time.Second // Lambda's own, and SAM's
	}
	if config.Memory == 0 {
		config.Memory = f.Memory
	}
	if config.MaxConcurrency == 0 {
		config.MaxConcurrency = f.MaxConcurrency
	}
	return fs.program(ctx, fn, config)
}

// labelOf is what lines of the log begin with.
func labelOf(fn *definition.Function) string {
	if fn.LogicalID != "" {
		return fn.LogicalID
	}
	return fn.Name
}

// accountOf is the account in a function's ARN.
func accountOf(fn *definition.Function) invoke.Account {
	var account invoke.Account
	if parts := strings.Split(fn.ARN, ":"); len(parts) > 5 {
		account.Region, account.ID = parts[3], parts[4]
	}
	return account
}

// program says what a function runs: what the command line names, else its source.
func (fs *functions) program(ctx context.Context, fn *definition.Function, config function.Config) (function.Config, error) {
	f := fs.flags
	path, given := "", false
	for name, value := range f.Function {
		if isCalled(fn, name) {
			path, given = value, true
		}
	}
	switch source := fn.Source; {
	case f.Attach && isCalled(fn, f.Target):
		config.Attach, config.Watch, config.Timeout = f.RuntimeAPI, false, 0
	case given:
		info, err := os.Stat(path)
		if err != nil {
			return config, fmt.Errorf("--function: %w", err)
		}
		if path, err = filepath.Abs(path); err != nil {
			return config, fmt.Errorf("--function: %w", err)
		}
		if info.IsDir() {
			config.Package = path
		} else {
			config.Command = []string{path}
		}
	case source.Package != "":
		config.Package = source.Package
	case source.Executable != "":
		config.Command = []string{source.Executable}
	case source.Makefile != "":
		program, err := fs.make(ctx, fn)
		if err != nil {
			return config, err
		}
		config.Command, config.Dir = []string{program}, source.Makefile
	default:
		return config, errors.New(source.Missing)
	}
	return config, nil
}

// make runs the Makefile of a function, as sam build does, having said so.
//
// https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/building-custom-runtimes.html
func (fs *functions) make(ctx context.Context, fn *definition.Function) (string, error) {
	dir, err := fs.tempDir()
	if err != nil {
		return "", err
	}
	artifacts := filepath.Join(dir, "make-"+fn.Name)
	program := filepath.Join(artifacts, archive.Program)
	if _, err := os.Stat(program); err == nil { // a reload of the definition makes nothing anew
		return program, nil
	}
	if err := os.MkdirAll(artifacts, 0o700); err != nil {
		return "", err
	}
	fs.printer.Named(labelOf(fn)).Logger().Info("runs its Makefile", "target", fn.Source.Target, "folder", fn.Source.Makefile)
	return program, runMakefile(ctx, fn.Source, artifacts, fs.environ)
}

// runMakefile has the Makefile of a function write its files into a folder.
func runMakefile(ctx context.Context, source definition.Source, artifacts string, environ []string) error {
	cmd := exec.CommandContext(ctx, "make", source.Target, "ARTIFACTS_DIR="+artifacts)
	cmd.Dir, cmd.Env = source.Makefile, append(slices.Clone(environ), "ARTIFACTS_DIR="+artifacts)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("make %s in %s: %w\n%s", source.Target, source.Makefile, err, out)
	}
	if _, err := os.Stat(filepath.Join(artifacts, archive.Program)); err != nil {
		return fmt.Errorf("make %s in %s has written no bootstrap into $ARTIFACTS_DIR", source.Target, source.Makefile)
	}
	return nil
}

func (fs *functions) tempDir() (string, error) {
	if fs.folder == nil {
		folder, err := function.NewFolder()
		if err != nil {
			return "", err
		}
		fs.folder = folder
	}
	return fs.folder.Path, nil
}

// rebuild rebuilds all of them.
func (fs *functions) rebuild() {
	for _, s := range fs.running {
		s.current.Load().Rebuild()
	}
}

// buildTogether builds the functions that are packages by one go command for each
// module. Where that fails each builds by itself, and tells what is wrong with it.
func (fs *functions) buildTogether(ctx context.Context, configs map[string]function.Config) {
	buildFlags, err := fs.flags.buildFlags()
	if err != nil {
		return // each of them says so
	}
	folders := map[string][]string{} // by module
	for _, config := range configs {
		if config.Package != "" {
			module := build.Module(config.Package)
			if !slices.Contains(folders[module], config.Package) {
				folders[module] = append(folders[module], config.Package)
			}
		}
	}
	for module, packages := range folders {
		if len(packages) < 2 || module == "" {
			continue // by itself it is as quick
		}
		dir, err := fs.tempDir()
		if err != nil {
			return
		}
		if dir, err = os.MkdirTemp(dir, "built-"); err != nil {
			return
		}
		slices.Sort(packages)
		programs, err := build.Together(ctx, dir, packages, fs.environ, buildFlags...)
		if err != nil {
			continue
		}
		for name, config := range configs {
			if program := programs[config.Package]; program != "" && build.Module(config.Package) == module {
				config.Built = program
				configs[name] = config
			}
		}
	}
}

// BuildError is why a function does not build, the first of them, or nil.
func (fs *functions) BuildError() error {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	for _, s := range fs.running {
		if err := s.BuildError(); err != nil {
			return err
		}
	}
	return nil
}

// served are the functions that the Invoke API knows.
func (fs *functions) served() []invokeapi.Function {
	var all []invokeapi.Function
	for _, name := range slices.Sorted(maps.Keys(fs.running)) {
		s := fs.running[name]
		f := s.current.Load()
		all = append(all, invokeapi.Function{Invoker: fs.inspector.Direct(f.Name(), s), Name: f.Name(), ARN: f.ARN(), Alias: s.alias})
	}
	return all
}

// close ends all of them.
func (fs *functions) close() error {
	var closing sync.WaitGroup
	errs := make([]error, 0, len(fs.running))
	var mu sync.Mutex
	for _, s := range fs.running {
		closing.Go(func() {
			err := s.current.Load().Close()
			mu.Lock()
			errs = append(errs, err)
			mu.Unlock()
		})
	}
	closing.Wait()
	if fs.folder != nil {
		errs = append(errs, fs.folder.Remove())
	}
	return errors.Join(errs...)
}
