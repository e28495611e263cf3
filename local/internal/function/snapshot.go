package function

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// A Snapshot says what a function is doing at a moment.
type Snapshot struct {
	// Dir is the working directory of the processes: of a package its own.
	Dir string
	// IsPackage tells that the function is built here, from the sources in Dir.
	IsPackage bool
	// Processes are those that run, the oldest first, and Waiting is how many
	// invocations wait for one.
	Processes []Process
	Waiting   int
	// Builds are the last of them, the latest first.
	Builds []Build
	// Variables are the names of the function's own variables. Their values are secret.
	Variables []string
	// Memory in MB and Timeout are what the function is told.
	Memory  int
	Timeout time.Duration
}

// A Process is one of a function's.
type Process struct {
	// PID is 0 for one that does not run yet, and for one that somebody else has started.
	PID int
	// State is "starting", "idle", "running", "frozen" or "stopping".
	State string
	Since time.Time
	// MaxMemory is the largest resident size in bytes, or 0 where the system does not tell.
	MaxMemory int64
	// Generation counts the reloads before it.
	Generation int
}

// A Build is one turn of making the program.
type Build struct {
	Start time.Time
	Took  time.Duration
	Err   error
}

// maxBuilds is how many are remembered.
const maxBuilds = 20

// Snapshot returns what the function is doing now.
func (f *Function) Snapshot() Snapshot {
	s := f.pool.snapshot()
	s.Dir, s.IsPackage = f.config.Dir, f.config.Package != ""
	s.Memory, s.Timeout = f.config.Memory, f.config.Timeout
	if f.reloader != nil {
		s.Builds = f.reloader.history()
	}
	return s
}

func (p *pool) snapshot() Snapshot {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := Snapshot{Waiting: len(p.queue)}
	for _, variable := range p.program.env {
		name, _, _ := strings.Cut(variable, "=")
		s.Variables = append(s.Variables, name)
	}
	slices.Sort(s.Variables)
	s.Variables = slices.Compact(s.Variables)
	for i := range p.instances {
		process := Process{State: i.state(), Since: i.began, MaxMemory: i.memory.peak(), Generation: i.program.generation}
		if i.process != nil {
			process.PID = i.process.Process.Pid
		}
		s.Processes = append(s.Processes, process)
	}
	slices.SortFunc(s.Processes, func(a, b Process) int {
		return cmp.Or(a.Since.Compare(b.Since), cmp.Compare(a.PID, b.PID))
	})
	return s
}

// state is the name of what the instance does.
func (i *instance) state() string {
	switch {
	case i.stopping:
		return "stopping"
	case i.frozen:
		return "frozen"
	case len(i.running) > 0:
		return "running"
	case i.ready:
		return "idle"
	}
	return "starting"
}

// history returns the last builds, the latest first.
func (r *reloader) history() []Build {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.builds)
}

// note remembers a build. The caller holds r.mu.
func (r *reloader) note(b Build) {
	r.builds = append([]Build{b}, r.builds[:min(len(r.builds), maxBuilds-1)]...)
}
