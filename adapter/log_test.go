package adapter_test

import (
	"context"
	"log/slog"
	"sync"
)

// quiet is a logger that keeps nothing.
func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// A journal is a slog.Handler that keeps what is logged.
type journal struct {
	mu      sync.Mutex
	entries []entry
}

type entry struct {
	level slog.Level
	text  string
	attrs map[string]string
}

func (*journal) Enabled(context.Context, slog.Level) bool { return true }

func (j *journal) Handle(_ context.Context, r slog.Record) error {
	e := entry{r.Level, r.Message, map[string]string{}}
	r.Attrs(func(a slog.Attr) bool {
		e.attrs[a.Key] = a.Value.String()
		return true
	})
	j.mu.Lock()
	defer j.mu.Unlock()
	j.entries = append(j.entries, e)
	return nil
}

func (j *journal) WithAttrs([]slog.Attr) slog.Handler { return j }

func (j *journal) WithGroup(string) slog.Handler { return j }

// read is what has been logged so far.
func (j *journal) read() []entry {
	j.mu.Lock()
	defer j.mu.Unlock()
	return append([]entry(nil), j.entries...)
}
