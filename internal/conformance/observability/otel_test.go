package observability_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/contrib/instrumentation/github.com/aws/aws-lambda-go/otellambda"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/lambridge-go/lambridge/adapter"
	"github.com/lambridge-go/lambridge/lambdatest"
)

// A main that traces with OpenTelemetry.
func Example_openTelemetry() {
	mux, provider := routes(), trace.NewTracerProvider()

	traced := otelhttp.NewHandler(mux, "api")
	lambda.Start(otellambda.WrapHandler(adapter.Wrap(traced), otellambda.WithFlusher(provider)))
}

func Example_openTelemetryOfStreams() {
	mux, provider := routes(), trace.NewTracerProvider()

	// replies that stream
	lambda.Start(otellambda.InstrumentHandler(adapter.Stream(mux), otellambda.WithFlusher(provider)))
}

// spans records what is traced.
func spans() (*tracetest.SpanRecorder, *trace.TracerProvider) {
	recorder := tracetest.NewSpanRecorder()
	return recorder, trace.NewTracerProvider(trace.WithSpanProcessor(recorder))
}

// routes is an application whose routes have patterns.
func routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /users/{id}", func(w http.ResponseWriter, r *http.Request) {
		w.Write([]byte("user " + r.PathValue("id")))
	})
	return mux
}

// A span says of a request what it says under net/http, behind every front door: the front
// door's own catch-all is no route. The route of the application is known within the mux.
func TestSpansOfHTTP(t *testing.T) {
	around := func(traced func(http.Handler) http.Handler) http.Handler { return traced(routes()) }
	within := func(traced func(http.Handler) http.Handler) http.Handler {
		mux := http.NewServeMux()
		mux.Handle("GET /users/{id}", traced(http.NotFoundHandler()))
		return mux
	}
	for _, test := range []struct {
		name        string
		application func(traced func(http.Handler) http.Handler) http.Handler
		route       string
	}{
		{"around the mux", around, ""},
		{"within the mux", within, "/users/{id}"},
	} {
		seen := func(send func(h http.Handler, r *http.Request)) map[string]string {
			recorder, provider := spans()
			send(test.application(func(h http.Handler) http.Handler {
				return otelhttp.NewHandler(h, "api", otelhttp.WithTracerProvider(provider))
			}), httptest.NewRequest("GET", "/users/5", nil))
			require.Len(t, recorder.Ended(), 1)
			span := recorder.Ended()[0]
			said := map[string]string{"": span.Name()}
			for _, attribute := range span.Attributes() {
				switch attribute.Key {
				case "http.route", "http.request.method", "url.path", "http.response.status_code":
					said[string(attribute.Key)] = attribute.Value.Emit()
				}
			}
			return said
		}
		want := seen(func(h http.Handler, r *http.Request) { h.ServeHTTP(httptest.NewRecorder(), r) })
		t.Run(test.name, func(t *testing.T) {
			assert.Equal(t, test.route, want["http.route"])
			lambdatest.Each(t, func(t *testing.T, source lambdatest.Source) {
				assert.Equal(t, want, seen(func(h http.Handler, r *http.Request) { lambdatest.Do(t, adapter.Wrap(h), source, r) }))
			})
		})
	}
}

// What compiles around a function, and what becomes of a request.
func TestWrappersOfOtel(t *testing.T) {
	recorder, provider := spans()
	traced := otellambda.WithTracerProvider(provider)
	app := adapter.Wrap(routes())
	for _, test := range []struct {
		name     string
		function any
		answer   answer
		spans    int
	}{
		{"WrapHandler of Wrap", otellambda.WrapHandler(app, traced), answer{200, "user 5"}, 1},
		{"InstrumentHandler of Wrap", otellambda.InstrumentHandler(app, traced), answer{502, "Internal Server Error"}, 0},
		{"InstrumentHandler of Invoke", otellambda.InstrumentHandler(app.Invoke, traced), answer{502, "Internal Server Error"}, 0},
		{"WrapHandler of Stream, made a Handler", otellambda.WrapHandler(lambda.NewHandler(adapter.Stream(routes())), traced), answer{502, "Internal Server Error"}, 1},
		{"InstrumentHandler of Stream", otellambda.InstrumentHandler(adapter.Stream(routes()), traced), answer{200, "user 5"}, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			before := len(recorder.Ended())
			assert.Equal(t, test.answer, ask(t, test.function, "/users/5"))
			assert.Len(t, recorder.Ended(), before+test.spans)
		})
	}
}

// The span of the request is a child of the invocation's, and what has ended is flushed
// before the process may be frozen.
func TestSpanOfTheInvocation(t *testing.T) {
	recorder, provider := spans()
	flushed := -1
	h := otelhttp.NewHandler(routes(), "api", otelhttp.WithTracerProvider(provider))
	function := otellambda.WrapHandler(adapter.Wrap(h), otellambda.WithTracerProvider(provider), otellambda.WithFlusher(flusher(func() { flushed = len(recorder.Ended()) })))
	assert.Equal(t, answer{200, "user 5"}, ask(t, function, "/users/5"))
	require.Len(t, recorder.Ended(), 2)
	request, invocation := recorder.Ended()[0], recorder.Ended()[1]
	assert.Equal(t, invocation.SpanContext().SpanID(), request.Parent().SpanID())
	assert.Equal(t, 2, flushed, "both spans have ended by then")
}

// A flusher is called when an invocation ends.
type flusher func()

// ForceFlush implements otellambda.Flusher.
func (f flusher) ForceFlush(context.Context) error {
	f()
	return nil
}
