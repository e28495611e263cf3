package lambdatest

import (
	"context"
	"sync"

	"github.com/lambridge-go/lambridge/local/invoke"
)

// plainDoors are the front doors that no option has changed. To make one takes longer than
// to send a request through it, so that all functions share one of each kind. They hold
// nothing of a function or a request.
var plainDoors sync.Map // of *transport, by plainDoor

type plainDoor struct {
	source  Source
	streams bool
}

// plain returns a front door in front of whichever function the context of a request has,
// or nil if there is no such front door.
func plain(source Source, streams bool) *transport {
	key := plainDoor{source, streams}
	if made, ok := plainDoors.Load(key); ok {
		return made.(*transport)
	}
	set, err := setUp(source, nil)
	if err != nil {
		return nil
	}
	own := set.transport(contextual{}, streams && set.facts.Streams)
	made, _ := plainDoors.LoadOrStore(key, &own)
	return made.(*transport)
}

// of returns the plain front door of a function.
func (t *transport) of(f invoke.Invoker) transport {
	own := *t
	own.function = f
	return own
}

type functionKey struct{}

// withFunction returns ctx with the function of a plain front door, nil of others.
func withFunction(ctx context.Context, f invoke.Invoker) context.Context {
	if f == nil {
		return ctx
	}
	return context.WithValue(ctx, functionKey{}, f)
}

// contextual is the function that a context has.
type contextual struct{}

// Invoke implements invoke.Invoker.
func (contextual) Invoke(ctx context.Context, event []byte) ([]byte, error) {
	return ctx.Value(functionKey{}).(invoke.Invoker).Invoke(ctx, event)
}

// InvokeStream implements invoke.Streamer. Only a front door of functions that stream calls it.
func (contextual) InvokeStream(ctx context.Context, event []byte) (*invoke.Stream, error) {
	return ctx.Value(functionKey{}).(invoke.Streamer).InvokeStream(ctx, event)
}
