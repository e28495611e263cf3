package function

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"time"

	"github.com/lambridge-go/lambridge/local/internal/build"
)

// A reloader builds the program and, when its sources change, the next one beside
// it.
type reloader struct {
	config  Config
	first   program
	pkg     *build.Package // nil if a command runs, which someone else builds
	watcher *build.Watcher // nil unless Config.Watch
	folder  *Folder        // of the programs that were built or unpacked, or nil
	began   time.Time      // when the build of the first was begun
	wanted  chan struct{}  // holds one: someone asks for a build

	mu       sync.Mutex
	last     error         // why the sources as they stand do not run
	building chan struct{} // closed when the build in progress has ended; nil if there is none
	built    bool          // some program could be built
	builds   []Build       // the last of them, the latest first
}

// buildPatience is how long a request waits for a build in progress: nobody who
// has just saved a file wants to see what was before. A build that takes longer
// goes on, and the last program answers.
const buildPatience = 5 * time.Second

func newReloader(ctx context.Context, config Config) (*reloader, error) {
	r := &reloader{config: config, wanted: make(chan struct{}, 1)}
	if err := r.prepare(ctx); err != nil {
		r.close()
		return nil, err
	}
	return r, nil
}

// prepare makes the first program. On two cores a list of the sources would slow
// down the build beside it: run makes it, when there is something to serve.
func (r *reloader) prepare(ctx context.Context) (err error) {
	if r.config.Package == "" {
		return r.prepareCommand(ctx)
	}
	if r.folder, err = NewFolder(); err != nil {
		return err
	}
	r.pkg = build.Open(r.config.Package, r.config.Environ, r.config.BuildFlags...)
	folder := r.pkg.Folder()
	if folder == "" {
		sources, err := r.pkg.Sources(ctx)
		if err != nil {
			return err
		}
		folder = sources.Dir
	}
	if r.config.Dir == "" {
		r.config.Dir = folder
	}
	r.began = time.Now()
	if err := r.watch(build.Sources{Dirs: []string{folder}}); err != nil {
		return err
	}
	began := time.Now()
	r.first, err = r.build(ctx, 0)
	failure := (*build.Error)(nil)
	if errors.As(err, &failure) {
		// What is no fault of the sources, such as a package that is not there, is for
		// go list to tell.
		sources, err := r.pkg.Sources(ctx)
		if err != nil && sources.ImportPath == "" {
			return err
		}
		r.pkg.ImportPath, failure.ImportPath = sources.ImportPath, sources.ImportPath
	}
	r.endBuild(began, err)
	if failure != nil && r.config.Watch {
		r.config.Logger.Error("build failed; waiting for a change", "error", err)
		return nil
	}
	return err
}

func (r *reloader) prepareCommand(ctx context.Context) (err error) {
	// No process has started when the watch begins, so that nothing goes unnoticed.
	r.began = time.Now().Add(time.Minute)
	if err := checkProgram(r.config.Command[0]); err != nil {
		return err
	}
	if r.config.isPacked() {
		if r.folder, err = NewFolder(); err != nil {
			return err
		}
	}
	r.first, err = r.build(ctx, 0)
	r.endBuild(r.began, err)
	if err != nil {
		return err
	}
	return r.watch(build.Sources{Files: r.config.Command[:1], Roots: []string{filepath.Dir(r.config.Command[0])}})
}

// watch begins the watch, if there is to be one.
func (r *reloader) watch(sources build.Sources) (err error) {
	if !r.config.Watch {
		return nil
	}
	also := build.Also{Globs: r.config.Globs, Files: r.config.EnvFiles, Poll: r.config.Poll}
	if r.watcher, err = build.Watch(sources, also, r.began); err != nil {
		return err
	}
	for _, glob := range r.watcher.Unmatched() {
		r.config.Logger.Warn("the pattern to watch matches nothing yet", "pattern", glob)
	}
	return nil
}

// want asks for a build, changed or not.
func (r *reloader) want() {
	select {
	case r.wanted <- struct{}{}:
	default: // the last one has not been begun yet
	}
}

// run watches what the first program was made of and builds after every change
// until ctx ends.
func (r *reloader) run(ctx context.Context, p *pool) {
	r.updateSources(ctx, r.began)
	for generation := 1; ; generation++ {
		select {
		case <-ctx.Done():
			return
		case <-r.watcher.Changes():
		case <-r.wanted:
		}
		began := time.Now()
		r.beginBuild()
		next, err := r.build(ctx, generation)
		if err == nil {
			p.replace(next)
			r.removeAllBut(next)
		}
		r.endBuild(began, err)
		failure := (*build.Error)(nil)
		took := time.Since(began).Round(time.Millisecond)
		r.updateSources(ctx, began)
		switch {
		case ctx.Err() != nil:
			return
		case errors.As(err, &failure) && !r.built:
			r.config.Logger.Error("build failed; waiting for a change", "error", err)
		case errors.As(err, &failure):
			r.config.Logger.Error("build failed; the last program that could be built keeps running", "error", err)
		case err != nil:
			r.config.Logger.Error("not reloaded; the last program keeps running", "error", err)
		default:
			r.config.Logger.Info("reloaded", "took", took)
		}
	}
}

// build makes the program of one generation. Without one it returns a program
// that cannot be run, but has a directory.
func (r *reloader) build(ctx context.Context, generation int) (program, error) {
	next := program{generation: generation, dir: r.config.Dir}
	var err error
	if next.env, err = r.config.variables(); err != nil {
		return next, err
	}
	if r.pkg == nil {
		next.command = r.config.Command
		if r.folder != nil {
			return r.unpack(next)
		}
		r.warnOfLeftovers(next.command[0])
		return next, nil
	}
	if generation == 0 && r.config.Built != "" {
		next.command = []string{r.config.Built}
		r.warnOfLeftovers(next.command[0])
		return next, nil
	}
	output := filepath.Join(r.folder.Path, "bootstrap-"+strconv.Itoa(generation))
	if runtime.GOOS == "windows" {
		output += ".exe"
	}
	if err := r.pkg.Build(ctx, output); err != nil {
		return next, err
	}
	next.command = []string{output}
	r.warnOfLeftovers(output)
	return next, nil
}

// unpack makes the program of one generation of the zip file that is the command. Its
// folder is what /var/task is in Lambda.
func (r *reloader) unpack(next program) (program, error) {
	dir := r.task(next.generation)
	unpacked, err := unpack(next.command[0], dir)
	if err != nil {
		return next, errors.Join(err, os.RemoveAll(dir))
	}
	next.command = []string{unpacked}
	if next.dir == "" {
		next.dir = dir
	}
	r.warnOfLeftovers(unpacked)
	return next, nil
}

// task is the folder of the files of one generation of a zip file.
func (r *reloader) task(generation int) string {
	return filepath.Join(r.folder.Path, "task-"+strconv.Itoa(generation))
}

// warnOfLeftovers warns of a program that has come to Lambridge half-way.
func (r *reloader) warnOfLeftovers(program string) {
	if words := build.Leftover(program); words != "" {
		r.config.Logger.Warn(words)
	}
}

// removeAllBut deletes the programs before the one that runs now, as far as the
// system lets go of them: close deletes the rest.
func (r *reloader) removeAllBut(current program) {
	if r.folder == nil {
		return
	}
	// The processes of the zip file before may be at work yet, and read its files.
	os.RemoveAll(r.task(current.generation - 2))
	programs, _ := filepath.Glob(filepath.Join(r.folder.Path, "bootstrap-*"))
	for _, path := range programs {
		if path != current.command[0] {
			os.Remove(path)
		}
	}
}

func (r *reloader) beginBuild() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.building = make(chan struct{})
}

func (r *reloader) endBuild(began time.Time, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.note(Build{Start: began, Took: time.Since(began), Err: err})
	r.last = err
	r.built = r.built || err == nil
	if r.building != nil {
		close(r.building)
		r.building = nil
	}
}

// updateSources watches what the sources, last built at the given time, import and
// embed now.
func (r *reloader) updateSources(ctx context.Context, built time.Time) {
	if r.pkg == nil {
		return
	}
	sources, err := r.pkg.Sources(ctx)
	if err != nil {
		sources.Incomplete = true // what was watched before still is
	} else if sources.Incomplete && r.failure() == nil {
		built = time.Time{} // they did build: what is missing has been there until now
	}
	if r.failure() != nil {
		err = nil // which says what is to be mended
	}
	err = errors.Join(err, r.watcher.Update(sources, built))
	if err != nil && ctx.Err() == nil {
		r.config.Logger.Warn("some changes may go unnoticed", "error", err)
	}
}

// await waits for a build in progress, for a while. It fails if there is no
// program at all.
func (r *reloader) await(ctx context.Context) error {
	r.mu.Lock()
	building := r.building
	r.mu.Unlock()
	if building != nil {
		patience := time.NewTimer(buildPatience)
		defer patience.Stop()
		select {
		case <-building:
		case <-ctx.Done():
			return ctx.Err()
		case <-patience.C:
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.built {
		return r.last
	}
	return nil
}

func (r *reloader) failure() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.last
}

func (r *reloader) close() error {
	if r == nil {
		return nil
	}
	var err error
	if r.watcher != nil {
		err = r.watcher.Close()
	}
	if r.folder != nil {
		err = errors.Join(err, r.folder.Remove())
	}
	return err
}
