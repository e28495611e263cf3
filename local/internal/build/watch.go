package build

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"github.com/bmatcuk/doublestar/v4"
	"github.com/fsnotify/fsnotify"
)

// A Watcher tells when sources have changed. It is safe for concurrent use.
type Watcher struct {
	events  *fsnotify.Watcher // nil if it polls from the start
	globs   []string
	files   []string
	changes chan struct{}
	closed  chan struct{}
	once    sync.Once // closes closed
	running sync.WaitGroup

	mu      sync.Mutex
	sources Sources
	plan    *plan
	watched map[string]os.FileInfo // the folders that events come from, as they were
	polling bool                   // events do not tell everything
	polled  bool                   // poll runs
}

// Also is what else to watch.
type Also struct {
	// Globs are patterns of files, as package doublestar takes them, which is as
	// [filepath.Match] does and with ** for folders at any depth. A folder stands for
	// all that it holds, but for names that begin with a dot.
	Globs []string
	// Files are single files, which need not be there yet.
	Files []string
	// Poll looks at the files twice a second instead of waiting for the system's
	// events, which network drives and mounts of virtual machines do not send.
	Poll bool
}

const (
	// quiet is how long the files must rest before a change is told: editors write,
	// rename and touch within milliseconds, and git checks out many files.
	quiet = 50 * time.Millisecond

	// restless is how long files that never rest may put that off.
	restless = time.Second

	// pollInterval is the time between two looks at the files. If a look takes long,
	// so does the pause after it.
	pollInterval = 500 * time.Millisecond

	// tick is more than the clock of a file system's times lags behind.
	tick = 10 * time.Millisecond
)

// Watch begins to watch sources and what else is to be. since is as in
// [Watcher.Update]. The caller must Close the Watcher.
func Watch(sources Sources, also Also, since time.Time) (*Watcher, error) {
	w := &Watcher{
		changes: make(chan struct{}, 1), closed: make(chan struct{}),
		watched: map[string]os.FileInfo{}, polling: also.Poll,
	}
	for _, glob := range also.Globs {
		absolute, err := filepath.Abs(glob)
		if err != nil || !doublestar.ValidatePathPattern(glob) {
			return nil, fmt.Errorf("build: watch %q: %w", glob, errors.Join(err, filepath.ErrBadPattern))
		}
		w.globs = append(w.globs, absolute)
	}
	for _, file := range also.Files {
		absolute, err := filepath.Abs(file)
		if err != nil {
			return nil, fmt.Errorf("build: watch %q: %w", file, err)
		}
		w.files = append(w.files, absolute)
	}
	if !also.Poll {
		events, err := fsnotify.NewWatcher()
		if err != nil {
			w.polling = true // there are too many watchers
		}
		w.events = events
	}
	err := w.Update(sources, since)
	if w.events != nil {
		w.running.Go(w.run)
	}
	if err != nil {
		w.Close()
		return nil, err
	}
	return w, nil
}

// Changes receives a value some time after sources have changed, one for all the
// changes since the last was taken.
func (w *Watcher) Changes() <-chan struct{} { return w.changes }

// Unmatched returns those of Also.Globs that match nothing as yet.
func (w *Watcher) Unmatched() []string {
	var none []string
	for _, glob := range w.globs {
		if found, err := doublestar.FilepathGlob(glob); err == nil && len(found) == 0 {
			none = append(none, glob)
		}
	}
	return none
}

// Update makes sources those that are watched: after a change there may be others.
// What has changed since the given time, when they were last built, is told, as far
// as it was not watched until now. If some sources are missing, those before them are
// watched as well, since they may come back.
func (w *Watcher) Update(sources Sources, since time.Time) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if sources.Incomplete {
		sources = sources.with(w.sources)
	}
	w.sources = sources
	before := w.plan
	err := w.follow()
	for dir := range w.plan.folders {
		if w.changedUnnoticed(dir, before, since.Add(-tick)) {
			w.tell()
			break
		}
	}
	return err
}

// follow makes the plan anew and watches what it says. If the system watches no more
// folders, it polls instead.
func (w *Watcher) follow() (err error) {
	w.plan = newPlan(w.sources, w.globs, w.files)
	for dir, before := range w.watched {
		if info, err := os.Stat(dir); err == nil && w.plan.folders[dir] != nil && os.SameFile(before, info) {
			continue
		}
		if w.events != nil {
			w.events.Remove(dir) // it may be gone already
		}
		delete(w.watched, dir)
	}
	for dir := range w.plan.folders {
		if w.watched[dir] != nil {
			continue
		}
		info, statErr := os.Stat(dir)
		if statErr != nil {
			continue // it has gone since, as the folder above tells
		}
		w.watched[dir] = info
		if w.events == nil {
			continue
		}
		addErr := w.events.Add(dir)
		if errors.Is(addErr, syscall.ENOSPC) || errors.Is(addErr, syscall.EMFILE) || errors.Is(addErr, syscall.ENFILE) {
			if !w.polling {
				err = fmt.Errorf("build: the system watches no more folders, so that they are looked at twice a second: watch %q: %w", dir, addErr)
			}
			w.polling = true
		}
		// Else it is a folder on the way that nobody may look into: it will stay.
	}
	if w.polling {
		w.startPolling()
	}
	return err
}

// changedUnnoticed reports whether something in a folder that concerns the build has
// changed, which did not concern it by the plan before. A file that is gone has left no
// trace but its folder's time.
func (w *Watcher) changedUnnoticed(dir string, before *plan, since time.Time) bool {
	in, old := w.plan.folders[dir], &interest{}
	if before != nil && before.folders[dir] != nil {
		old = before.folders[dir]
	}
	hasMore := in.sources && !old.sources || in.tree && !old.tree || len(in.patterns) > len(old.patterns)
	if hasMore && changed(dir, since) {
		return true
	}
	entries, _ := os.ReadDir(dir)
	for _, entry := range entries {
		name := entry.Name()
		if !entry.IsDir() && in.concerns(name, false) && !old.concerns(name, false) && changed(filepath.Join(dir, name), since) {
			return true
		}
	}
	return false
}

func changed(path string, since time.Time) bool {
	info, err := os.Stat(path)
	return err == nil && info.ModTime().After(since)
}

// Close ends the watch.
func (w *Watcher) Close() error {
	w.once.Do(func() { close(w.closed) })
	var err error
	if w.events != nil {
		err = w.events.Close()
	}
	w.running.Wait()
	return err
}

// run listens to the system's events.
func (w *Watcher) run() {
	rest := time.NewTimer(0)
	rest.Stop()
	defer rest.Stop()
	var began time.Time // of the unrest, or zero
	disturb := func() {
		if began.IsZero() {
			began = time.Now()
		}
		rest.Reset(min(quiet, max(0, time.Until(began.Add(restless)))))
	}
	for {
		select {
		case event, ok := <-w.events.Events:
			if !ok {
				return
			}
			if w.concerns(event) {
				disturb()
			}
		case _, ok := <-w.events.Errors:
			if !ok {
				return
			}
			disturb() // events were lost: there may have been a change among them
		case <-rest.C:
			began = time.Time{}
			// Folders may have come: they are watched before the build reads them.
			w.mu.Lock()
			w.follow()
			w.mu.Unlock()
			w.tell()
		}
	}
}

// concerns reports whether an event may change the program.
func (w *Watcher) concerns(event fsnotify.Event) bool {
	if event.Op == fsnotify.Chmod {
		return false
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	path := filepath.Clean(event.Name)
	if w.watched[path] != nil && event.Has(fsnotify.Remove|fsnotify.Rename) {
		// The system watches it no more, or under another name. One that comes in its
		// place may look the same: systems use the numbers of files again.
		w.events.Remove(path)
		delete(w.watched, path)
		return true
	}
	in := w.plan.folders[filepath.Dir(path)]
	if in == nil {
		return false
	}
	info, err := os.Lstat(path)
	isFolder := w.watched[path] != nil || err == nil && info.IsDir()
	return in.concerns(filepath.Base(path), isFolder)
}

// startPolling looks at the files from now on. The mutex is held.
func (w *Watcher) startPolling() {
	select {
	case <-w.closed:
		return
	default:
	}
	if w.polled {
		return
	}
	w.polled = true
	before := w.plan.state()
	w.running.Go(func() { w.poll(before) })
}

func (w *Watcher) poll(before map[string]stamp) {
	pause := time.NewTimer(pollInterval)
	defer pause.Stop()
	for {
		select {
		case <-w.closed:
			return
		case <-pause.C:
		}
		began := time.Now()
		w.mu.Lock()
		w.plan = newPlan(w.sources, w.globs, w.files)
		now := w.plan.state()
		w.mu.Unlock()
		if !maps.Equal(before, now) {
			w.tell()
		}
		before = now
		pause.Reset(max(pollInterval, 4*time.Since(began)))
	}
}

func (w *Watcher) tell() {
	select {
	case w.changes <- struct{}{}:
	default: // the last one has not been taken yet
	}
}
