package integration_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/local/internal/integration"
)

type invoker func(ctx context.Context) ([]byte, error)

func (f invoker) Invoke(ctx context.Context, _ []byte) ([]byte, error) { return f(ctx) }

// What a function finds out about the end of its invocation, whichever way it asks.
func TestFunctionTimeout(t *testing.T) {
	within := func(t *testing.T, f invoker) error {
		_, err := integration.Function{Invoker: f, Timeout: time.Minute}.Invoke(t.Context(), nil)
		return err
	}
	for _, test := range []struct {
		name string
		f    invoker
	}{
		{"a function that waits for the end", func(ctx context.Context) ([]byte, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}},
		{"one that waits with a context of its own", func(ctx context.Context) ([]byte, error) {
			own, cancel := context.WithCancel(ctx)
			defer cancel()
			<-own.Done()
			return nil, own.Err()
		}},
		{"one that looks at the clock", func(ctx context.Context) ([]byte, error) {
			deadline, ok := ctx.Deadline()
			require.True(t, ok)
			<-time.After(time.Until(deadline))
			return nil, context.DeadlineExceeded
		}},
		{"one that asks only when it is over", func(ctx context.Context) ([]byte, error) {
			<-time.After(time.Minute)
			return nil, ctx.Err()
		}},
		{"one that does not ask and answers too late", func(context.Context) ([]byte, error) {
			<-time.After(time.Minute)
			return []byte("{}"), nil
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				var failed *integration.Error
				require.ErrorAs(t, within(t, test.f), &failed)
				assert.Equal(t, integration.TimedOut, failed.Kind)
				assert.Equal(t, time.Minute, time.Since(began))
			})
		})
	}

	t.Run("a function that is in time", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			var kept context.Context
			require.NoError(t, within(t, func(ctx context.Context) ([]byte, error) {
				kept = ctx
				return nil, ctx.Err()
			}))
			assert.ErrorIs(t, kept.Err(), context.Canceled, "its context ends with it")
			<-kept.Done()
			assert.ErrorIs(t, context.Cause(kept), context.Canceled)
		})
	})

	t.Run("a caller that goes away", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			gone := errors.New("the caller has gone")
			ctx, leave := context.WithCancelCause(t.Context())
			time.AfterFunc(time.Second, func() { leave(gone) })
			_, err := integration.Function{Timeout: time.Minute, Invoker: invoker(func(ctx context.Context) ([]byte, error) {
				<-ctx.Done()
				return nil, context.Cause(ctx)
			})}.Invoke(ctx, nil)
			assert.ErrorIs(t, err, gone)
		})
	})

	t.Run("a caller with less time than the function has", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			_, err := integration.Function{Timeout: time.Minute, Invoker: invoker(func(ctx context.Context) ([]byte, error) {
				deadline, _ := ctx.Deadline()
				assert.Equal(t, time.Second, time.Until(deadline))
				<-ctx.Done()
				return nil, ctx.Err()
			})}.Invoke(ctx, nil)
			var failed *integration.Error
			require.ErrorAs(t, err, &failed)
			assert.Equal(t, integration.Failed, failed.Kind)
		})
	})
}
