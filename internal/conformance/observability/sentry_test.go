package observability_test

import (
	"context"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/getsentry/sentry-go"
	sentryhttp "github.com/getsentry/sentry-go/http"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/adapter"
)

// A main that reports panics to Sentry.
func Example_sentry() {
	mux := routes()

	reporting := sentryhttp.New(sentryhttp.Options{Repanic: true, WaitForDelivery: true}).Handle(mux)
	lambda.Start(adapter.Wrap(reporting))
}

// A transport notes what is sent to Sentry, and whether anybody waited for it.
type transport struct {
	sentry.Transport
	events  int
	awaited bool
}

func (t *transport) Configure(sentry.ClientOptions) {}
func (t *transport) SendEvent(*sentry.Event)        { t.events++ }
func (t *transport) Flush(time.Duration) bool       { t.awaited = true; return true }
func (t *transport) FlushWithContext(context.Context) bool {
	t.awaited = true
	return true
}
func (t *transport) Close() {}

// A panic is reported, and the client is to get the 500 that it would get without Sentry.
// Who does not wait for the delivery leaves it to the next invocation, or to none: Lambda
// freezes the process with the answer.
func TestPanicsToSentry(t *testing.T) {
	for _, test := range []struct {
		name    string
		options sentryhttp.Options
		want    answer
		awaited bool
	}{
		{"as it has to be", sentryhttp.Options{Repanic: true, WaitForDelivery: true}, answer{500, "Internal Server Error\n"}, true},
		{"without waiting", sentryhttp.Options{Repanic: true}, answer{500, "Internal Server Error\n"}, false},
		{"without a second panic", sentryhttp.Options{WaitForDelivery: true}, answer{200, ""}, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			sending := &transport{}
			client, err := sentry.NewClient(sentry.ClientOptions{Dsn: "http://key@127.0.0.1/1", Transport: sending})
			require.NoError(t, err)
			sentry.CurrentHub().BindClient(client)
			t.Cleanup(func() { sentry.CurrentHub().BindClient(nil) })

			panics := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("out of milk") })
			assert.Equal(t, test.want, ask(t, adapter.Wrap(sentryhttp.New(test.options).Handle(panics), adapter.WithLogger(slog.New(slog.DiscardHandler))), "/"))
			assert.Equal(t, 1, sending.events)
			assert.Equal(t, test.awaited, sending.awaited)
		})
	}
}
