package gateway

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"
)

// An idle ends the call behind a stream of which nothing comes for too long. Only the
// time in which a piece is waited for counts, not the time that passing it on takes.
type idle struct {
	limit time.Duration
	ctx   context.Context
	timer *time.Timer // nil has no limit
}

// errIdle is the cause of a context that ended because a stream was idle.
var errIdle = errors.New("gateway: the stream is idle")

// endIdle returns the context of a call, and what ends it when its stream is idle for
// limit. 0 is no limit. The call has ended when stop returns.
func endIdle(ctx context.Context, limit time.Duration) (_ context.Context, i *idle, stop func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	i = &idle{limit: limit, ctx: ctx}
	if limit > 0 {
		i.timer = time.AfterFunc(limit, func() { cancel(errIdle) })
		i.timer.Stop()
	}
	return ctx, i, func() {
		if i.timer != nil {
			i.timer.Stop()
		}
		cancel(nil)
	}
}

// reader reads the stream.
func (i *idle) reader(stream io.Reader) io.Reader {
	if i.timer == nil {
		return stream
	}
	return &idleReader{stream, i}
}

// err says that the stream was idle, if that is why it ended in an error.
func (i *idle) err(err error) error {
	if err != nil && context.Cause(i.ctx) == errIdle {
		return fmt.Errorf("gateway: the stream is cut, nothing of it has come for %v", i.limit)
	}
	return err
}

type idleReader struct {
	io.Reader
	idle *idle
}

func (r *idleReader) Read(p []byte) (int, error) {
	r.idle.timer.Reset(r.idle.limit)
	defer r.idle.timer.Stop()
	return r.Reader.Read(p)
}
