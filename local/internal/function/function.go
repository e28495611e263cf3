// Package function runs a Lambda function on this machine the way Lambda runs it:
// as processes of the real binary behind the Lambda Runtime API, one invocation
// at a time each, more of them under load, a fresh one after a crash.
//
// A Function is told what to run: a Go package, which it builds and rebuilds as
// its sources change; a command; or nothing at all, in which case it waits for a
// process that a debugger started. It knows nothing of HTTP front doors. It is an
// [invoke.Invoker], and package gateway makes it reachable.
//
// Unlike Lambda it freezes a process between invocations only if it is asked to
// ([Config.Freeze]) and does not limit its memory or CPU, and extensions run only inside
// the function's own process.
package function

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/lambridge-go/lambridge/local/internal/archive"
	"github.com/lambridge-go/lambridge/local/internal/envfile"
	"github.com/lambridge-go/lambridge/local/internal/group"
	"github.com/lambridge-go/lambridge/local/internal/guard"

	"github.com/lambridge-go/lambridge/local/invoke"
)

// Config says what to run and within which limits. One of Package, Command and
// Attach must be set.
type Config struct {
	// Package is a main package, as go build takes it ("./cmd/api"). It is built
	// here and runs in its own directory, as a deployed zip of that folder would.
	Package string
	// Built is the program of Package as it stands, if somebody has built it already.
	// It is the first to run. "" builds it.
	Built string
	// Command is a program that speaks the Runtime API, and its arguments; or a zip file
	// as Lambda takes it, whose bootstrap runs among its files.
	Command []string
	// Attach is the loopback address ("127.0.0.1:9001") at which to wait for a
	// process that something else starts. Timeouts are off, since a debugger
	// stops the process, and requests queue instead of being throttled.
	Attach string
	// AllowHosts are names that the Runtime API answers to beside those of loopback.
	AllowHosts guard.Hosts

	// Dir is the working directory of the processes and their LAMBDA_TASK_ROOT.
	// "" means the directory of the package or of the program, and of a zip file the one
	// that it is unpacked into.
	Dir string
	// Environ is what the processes inherit, as os.Environ gives it: the
	// developer's PATH, credentials and region among it. Lambda's own variables
	// replace what it says of them. nil means an empty environment.
	Environ []string
	// Env are the function's own variables, as KEY=VALUE. They win over Environ
	// and over Lambda's defaults such as TZ.
	Env []string
	// EnvFiles hold more of them, as package envfile reads them; Env wins. With
	// Watch they are read again when they change.
	EnvFiles []string

	// Name is the function's name, in its environment, its ARN and its logs. "" means
	// AWS_LAMBDA_FUNCTION_NAME in Env or EnvFiles; else the base name of a command, or
	// of Dir if the command is called bootstrap or there is none.
	Name string
	// Account is the one that the function belongs to. Its region is "" for the
	// developer's, which Environ and Env tell, so that the function's own AWS calls go
	// where they would from a terminal.
	Account invoke.Account
	// Timeout bounds one invocation. 0 means 30 seconds, which is as long as an
	// HTTP API waits; Lambda's own default is 3.
	Timeout time.Duration
	// Memory is the size in MB that the function is told of. It is not enforced.
	// 0 means 128.
	Memory int
	// Concurrency is how many processes may run. Requests beyond what they can
	// take fail with [invoke.ErrThrottled]. 0 means 100.
	Concurrency int
	// MaxConcurrency above 1 lets each process run so many invocations at once, as
	// Lambda Managed Instances do. Timeouts then end the wait, not the process; one
	// that does nothing else any more is ended when its place is needed.
	MaxConcurrency int
	// Freeze stops each process between its invocations, as Lambda does, where the
	// system can ([CanFreeze]). It does nothing with Attach, and with
	// MaxConcurrency above 1, where Lambda does not either.
	Freeze bool
	// InitTimeout bounds the time from a process's start to its first request for
	// an invocation. 0 means 10 seconds, as in Lambda.
	InitTimeout time.Duration
	// IdleTimeout is how long a process is kept without work; the last one is kept
	// for ever. 0 means 5 minutes.
	IdleTimeout time.Duration
	// StopGrace is the time between SIGTERM and SIGKILL. 0 means 2 seconds.
	StopGrace time.Duration

	// BuildFlags are further flags of go build, such as "-race". What Environ says of
	// another platform does not count: see [build.Open].
	BuildFlags []string
	// Watch rebuilds and replaces the running program when its sources change:
	// whatever go build reads but for the module cache and the standard library,
	// EnvFiles, and the files that match Globs. A Command is watched itself.
	Watch bool
	// Globs are further files to watch, as [build.Also] has them.
	Globs []string
	// Poll looks at the files instead of waiting for the system's events.
	Poll bool

	// OnLine hears every line that a process prints, OnReport every invocation that
	// has ended. Both are called from several goroutines and hold up the function
	// while they run. nil means silence.
	OnLine   func(Line)
	OnReport func(Report)
	// Logger hears of builds, reloads and failing processes. nil means silence.
	Logger *slog.Logger

	_ struct{}
}

// CanFreeze tells whether the system can do what Config.Freeze asks for.
const CanFreeze = group.CanFreeze

// A Line is one line that a process of the function printed.
type Line struct {
	// RequestID is the invocation that was running, or the last that had: "" before
	// the first one and where several run at once.
	RequestID string
	// Text is the line without its end.
	Text string
}

// A Report sums up an invocation, like the REPORT line in CloudWatch.
type Report struct {
	RequestID string
	// Duration runs from handing over the event to the end of the reply.
	Duration time.Duration
	// Init is the time the process took to start, if this was its first
	// invocation (a cold start), else 0.
	Init time.Duration
	// MaxMemory is the largest resident size of the process in bytes, or 0 where
	// the system does not tell.
	MaxMemory int64
	// Error is Lambda's errorType if the invocation failed, else "".
	Error string
}

// A Function is a running function. It is safe for concurrent use.
type Function struct {
	config   Config
	pool     *pool
	reloader *reloader // nil unless a package or a watched command runs
	stop     context.CancelFunc
	owned    sync.WaitGroup
}

var _ invoke.Streamer = (*Function)(nil)

// Start makes the function ready: it builds the package, if there is one, and
// starts a first process. With Watch, a package that does not compile is no error
// here; see [Function.BuildError].
func Start(ctx context.Context, config Config) (*Function, error) {
	config, err := config.withDefaults()
	if err != nil {
		return nil, err
	}
	life, stop := context.WithCancel(context.WithoutCancel(ctx))
	f := &Function{config: config, stop: stop}

	first := program{dir: config.Dir, command: config.Command}
	if first.env, err = config.variables(); err != nil {
		stop()
		return nil, err
	}
	if len(config.Command) > 0 && !config.Watch {
		if err := checkProgram(config.Command[0]); err != nil {
			stop()
			return nil, err
		}
	}
	if config.Package != "" || config.isPacked() || (config.Watch && config.Attach == "") {
		f.reloader, err = newReloader(ctx, config)
		if err != nil {
			stop()
			return nil, err
		}
		first = f.reloader.first
		if f.config.Dir == "" {
			f.config.Dir = first.dir
		}
	}
	if f.config.Name, err = f.config.name(first.env); err != nil {
		stop()
		f.reloader.close()
		return nil, err
	}
	f.pool, err = newPool(f.config, first)
	if err != nil {
		stop()
		f.reloader.close()
		return nil, err
	}
	if f.reloader != nil && config.Watch {
		f.owned.Go(func() { f.reloader.run(life, f.pool) })
	}
	return f, nil
}

// Invoke implements [invoke.Invoker]. The reply of a function that streams is
// collected.
func (f *Function) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	r, err := f.invoke(ctx, payload, false)
	return r.payload, err
}

// InvokeStream implements [invoke.Streamer]. Every function can be called so; one
// that does not stream gives its reply in one piece.
func (f *Function) InvokeStream(ctx context.Context, payload []byte) (*invoke.Stream, error) {
	r, err := f.invoke(ctx, payload, true)
	return r.stream, err
}

func (f *Function) invoke(ctx context.Context, payload []byte, streams bool) (reply, error) {
	if len(payload) > invoke.MaxPayload {
		return reply{}, fmt.Errorf("function: %d bytes: %w", len(payload), invoke.ErrTooLarge)
	}
	if f.reloader != nil {
		if err := f.reloader.await(ctx); err != nil {
			return reply{}, err
		}
	}
	return f.pool.invoke(ctx, newInvocation(ctx, payload, streams))
}

// Name returns the function's name.
func (f *Function) Name() string { return f.config.Name }

// Account returns the account that the function belongs to.
func (f *Function) Account() invoke.Account { return f.pool.config.Account }

// ARN returns the function's ARN.
func (f *Function) ARN() string { return f.pool.arn }

// BuildError returns why the sources as they stand do not run, usually a
// [*build.Error] with the compiler's words, or nil. Meanwhile the last program
// that could be built keeps running; if there was none, invocations fail with
// this error.
func (f *Function) BuildError() error {
	if f.reloader == nil {
		return nil
	}
	return f.reloader.failure()
}

// Rebuild builds and reloads though nothing may have changed. Without Config.Watch it
// does nothing.
func (f *Function) Rebuild() {
	if f.reloader != nil && f.config.Watch {
		f.reloader.want()
	}
}

// Addr returns the address of the Runtime API that a process is to be attached
// to, or "" unless Config.Attach was set.
func (f *Function) Addr() string { return f.pool.attachedAt }

// Close stops every process and waits until nothing of the function is left:
// SIGTERM first, SIGKILL to its whole process group after Config.StopGrace.
// Invocations that still run fail.
func (f *Function) Close() error {
	f.stop()
	f.owned.Wait()
	f.pool.close()
	return f.reloader.close()
}

func (c Config) withDefaults() (Config, error) {
	given := 0
	for _, set := range []bool{c.Package != "", len(c.Command) > 0, c.Attach != ""} {
		if set {
			given++
		}
	}
	if given != 1 {
		return c, errors.New("function: set one of Package, Command and Attach")
	}
	for _, limit := range []struct {
		name  string
		value int64
	}{
		{"Timeout", int64(c.Timeout)}, {"Memory", int64(c.Memory)},
		{"Concurrency", int64(c.Concurrency)}, {"MaxConcurrency", int64(c.MaxConcurrency)},
		{"InitTimeout", int64(c.InitTimeout)}, {"IdleTimeout", int64(c.IdleTimeout)}, {"StopGrace", int64(c.StopGrace)},
	} {
		if limit.value < 0 {
			return c, fmt.Errorf("function: %s is negative: %d", limit.name, limit.value)
		}
	}
	for n, variable := range c.Env {
		if name, _, ok := strings.Cut(variable, "="); !ok || name == "" {
			// It is not shown: it may well be a value.
			return c, fmt.Errorf("function: environment variable number %d is not of the form KEY=VALUE", n+1)
		}
	}
	if len(c.Command) > 0 {
		path, err := filepath.Abs(c.Command[0])
		if err != nil {
			return c, fmt.Errorf("function: find the program %q: %w", c.Command[0], err)
		}
		c.Command = append([]string{path}, c.Command[1:]...)
		if c.Dir == "" && !c.isPacked() {
			c.Dir = filepath.Dir(path)
		}
	}
	if c.Attach != "" {
		c.Timeout, c.InitTimeout = unlimited, unlimited
	}
	c.Freeze = c.Freeze && group.CanFreeze && c.Attach == "" && c.MaxConcurrency <= 1
	setDefault(&c.Timeout, 30*time.Second)
	setDefault(&c.Memory, 128)
	setDefault(&c.Concurrency, 100)
	setDefault(&c.MaxConcurrency, 1)
	setDefault(&c.InitTimeout, 10*time.Second)
	setDefault(&c.IdleTimeout, 5*time.Minute)
	setDefault(&c.StopGrace, 2*time.Second)
	setDefault(&c.Logger, slog.New(slog.DiscardHandler))
	if c.OnLine == nil {
		c.OnLine = func(Line) {}
	}
	if c.OnReport == nil {
		c.OnReport = func(Report) {}
	}
	return c, nil
}

// unlimited is the timeout of a process that a debugger stops.
const unlimited = 24 * time.Hour

func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

// variables are the function's own: those of the files, then those of Env.
func (c *Config) variables() ([]string, error) {
	var all []string
	for _, name := range c.EnvFiles {
		variables, err := envfile.Read(name)
		if err != nil {
			return nil, fmt.Errorf("function: read the variables: %w", err)
		}
		all = append(all, variables...)
	}
	return append(all, c.Env...), nil
}

// isPacked reports whether the command is a zip file.
func (c *Config) isPacked() bool { return len(c.Command) == 1 && archive.Is(c.Command[0]) }

// name returns the one name that the function has. variables are its own.
func (c *Config) name(variables []string) (string, error) {
	given := lastOf(nameVariable, variables)
	switch {
	case c.Name != "" && given != "" && given != c.Name:
		return "", fmt.Errorf("function: the name is %q, and %s in the function's variables says %q: leave one of them out", c.Name, nameVariable, given)
	case c.Name != "" || given != "":
		return cmp.Or(c.Name, given), nil
	}
	if len(c.Command) == 1 { // else it is an interpreter
		program := filepath.Base(c.Command[0])
		if program = strings.TrimSuffix(program, filepath.Ext(program)); program != handlerName {
			return functionName(program), nil
		}
	}
	if c.isPacked() {
		return functionName(filepath.Dir(c.Command[0])), nil
	}
	return functionName(c.Dir), nil
}

// functionName makes the name of a file one that Lambda would accept.
func functionName(dir string) string {
	name := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' {
			return r
		}
		return '-'
	}, filepath.Base(dir))
	if strings.Trim(name, "-") == "" {
		return "function"
	}
	return name
}
