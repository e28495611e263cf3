package build

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/fsnotify/fsnotify"
)

// A Watcher tells when sources have changed. It is safe for concurrent use.
type Watcher struct {
	events  *fsnotify.Watcher
	globs   []string
	changes chan struct{}
	running sync.WaitGroup

	mu       sync.Mutex
	sources  Sources
	embedded map[string]bool
	watched  map[string]bool
}

// quiet is how long the files must rest before a change is told: editors write,
// rename and touch within milliseconds, and git checks out many files.
const quiet = 50 * time.Millisecond

// Watch begins to watch sources and the files that match globs, as
// [filepath.Match] takes them. since is as in [Watcher.Update]. The caller must
// Close the Watcher.
func Watch(sources Sources, globs []string, since time.Time) (*Watcher, error) {
	events, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, fmt.Errorf("build: watch files: %w", err)
	}
	w := &Watcher{events: events, changes: make(chan struct{}, 1), watched: map[string]bool{}}
	for _, glob := range globs {
		if _, err := filepath.Match(glob, ""); err != nil {
			events.Close()
			return nil, fmt.Errorf("build: watch %q: %w", glob, err)
		}
		if glob, err = filepath.Abs(glob); err != nil {
			events.Close()
			return nil, fmt.Errorf("build: watch %q: %w", glob, err)
		}
		w.globs = append(w.globs, glob)
	}
	if err := w.Update(sources, since); err != nil {
		events.Close()
		return nil, err
	}
	w.running.Go(w.run)
	return w, nil
}

// Changes receives a value some time after sources have changed, one for all the
// changes since the last was taken.
func (w *Watcher) Changes() <-chan struct{} { return w.changes }

// Update makes sources those that are watched: after a change there may be others.
// What has changed since the given time, when they were last built, is told.
func (w *Watcher) Update(sources Sources, since time.Time) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sources = sources
	w.embedded = map[string]bool{}
	// Directories are watched and not files, since most editors replace files.
	dirs := map[string]bool{}
	for _, dir := range sources.Dirs {
		dirs[dir] = true
	}
	for _, file := range sources.Embedded {
		w.embedded[file] = true
		dirs[filepath.Dir(file)] = true
	}
	for _, file := range sources.ModFiles {
		dirs[filepath.Dir(file)] = true
	}
	for _, glob := range w.globs {
		matches, _ := filepath.Glob(filepath.Dir(glob))
		for _, dir := range matches {
			dirs[dir] = true
		}
	}
	for dir := range w.watched {
		if !dirs[dir] {
			w.events.Remove(dir) // it may be gone already
			delete(w.watched, dir)
		}
	}
	changed := sources.changedSince(since)
	for dir := range dirs {
		if w.watched[dir] {
			continue
		}
		if err := w.events.Add(dir); err != nil {
			return fmt.Errorf("build: watch %q: %w", dir, err)
		}
		w.watched[dir] = true
		// A file that is gone has left no trace but its directory's time.
		changed = changed || changedSince(dir, since)
	}
	if changed {
		w.tell()
	}
	return nil
}

func (s Sources) changedSince(since time.Time) bool {
	files := slices.Concat(s.Embedded, s.ModFiles)
	for _, dir := range s.Dirs {
		found, _ := filepath.Glob(filepath.Join(dir, "*.go"))
		files = append(files, found...)
	}
	return slices.ContainsFunc(files, func(file string) bool { return changedSince(file, since) })
}

func changedSince(path string, since time.Time) bool {
	info, err := os.Stat(path)
	return err == nil && info.ModTime().After(since)
}

// Close ends the watch.
func (w *Watcher) Close() error {
	err := w.events.Close()
	w.running.Wait()
	return err
}

func (w *Watcher) run() {
	rest := time.NewTimer(0)
	rest.Stop()
	defer rest.Stop()
	for {
		select {
		case event, ok := <-w.events.Events:
			if !ok {
				return
			}
			if w.concerns(event) {
				rest.Reset(quiet)
			}
		case _, ok := <-w.events.Errors:
			if !ok {
				return
			}
			rest.Reset(quiet) // events were lost: there may have been a change among them
		case <-rest.C:
			w.tell()
		}
	}
}

func (w *Watcher) tell() {
	select {
	case w.changes <- struct{}{}:
	default: // the last one has not been taken yet
	}
}

// concerns reports whether an event may change the program.
func (w *Watcher) concerns(event fsnotify.Event) bool {
	if event.Op == fsnotify.Chmod {
		return false
	}
	name := filepath.Base(event.Name)
	switch {
	case strings.HasSuffix(name, "_test.go"):
		return false
	case name == "go.mod" || name == "go.sum" || name == "go.work":
		return true
	case filepath.Ext(name) == ".go" && !strings.HasPrefix(name, ".") && !strings.HasPrefix(name, "_"):
		return true
	}
	for _, glob := range w.globs {
		if ok, _ := filepath.Match(glob, event.Name); ok {
			return true
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.embedded[event.Name] {
		return true
	}
	// A new file may be embedded by a pattern that names it or a directory above it.
	for _, pattern := range w.sources.EmbedPatterns {
		for path := event.Name; len(path) >= len(filepath.Dir(pattern)); path = filepath.Dir(path) {
			if ok, _ := filepath.Match(pattern, path); ok {
				return true
			}
			if path == filepath.Dir(path) {
				break
			}
		}
	}
	return false
}
