package observability_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-xray-sdk-go/strategy/sampling"
	"github.com/aws/aws-xray-sdk-go/xray"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/adapter"
	"github.com/lambridge-go/lambridge/lambdatest"
)

// subsegments gives each request a subsegment of the segment that Lambda has opened.
func subsegments(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		xray.Capture(r.Context(), "handle", func(ctx context.Context) error {
			next.ServeHTTP(w, r.WithContext(ctx))
			return nil
		})
	})
}

// A daemon is what the SDK sends segments to. A segment counts once: the SDK sends it when
// it is closed, and may send it again when the context of its request is done.
type daemon struct {
	mu    sync.Mutex
	known map[string]bool // ids of segments
	seen  []sent
}

// A sent segment or subsegment.
type sent struct{ name, kind, trace, parent string }

// Emit implements xray.Emitter.
func (d *daemon) Emit(segment *xray.Segment) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.known[segment.ID] {
		d.known[segment.ID] = true
		d.seen = append(d.seen, sent{segment.Name, segment.Type, segment.TraceID, segment.ParentID})
	}
}

func (d *daemon) sent() []sent {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.seen)
}

// RefreshEmitterWithAddress implements xray.Emitter.
func (d *daemon) RefreshEmitterWithAddress(*net.UDPAddr) {}

// within is a function in whose invocations Lambda has opened a segment.
type within struct {
	lambda.Handler
	header string
}

const (
	lambdasTrace   = "1-5759e988-bd862e3fe1be46a994272793"
	lambdasSegment = "53995c3f42cd8ad8"
	clientsTrace   = "1-6b000000-000000000000000000000000"
)

// Invoke implements lambda.Handler.
func (f within) Invoke(ctx context.Context, event []byte) ([]byte, error) {
	//lint:ignore SA1029 this is the key that aws-lambda-go has
	ctx = context.WithValue(ctx, xray.LambdaTraceHeaderKey, f.header)
	return f.Handler.Invoke(ctx, event)
}

// A handler adds to the segment that Lambda has opened, and xray.Handler begins one of its
// own beside it, of another trace if the client has sent the header of one.
func TestSegments(t *testing.T) {
	everything, err := sampling.NewLocalizedStrategyFromJSONBytes([]byte(`{"version": 2, "default": {"fixed_target": 0, "rate": 1}, "rules": []}`))
	require.NoError(t, err)
	handler := func(h http.Handler) http.Handler { return xray.Handler(xray.NewFixedSegmentNamer("api"), h) }
	for _, test := range []struct {
		name    string
		traced  func(http.Handler) http.Handler
		sampled string // what Lambda has decided
		want    []sent
	}{
		{"a subsegment", subsegments, "1", []sent{{"handle", "subsegment", lambdasTrace, lambdasSegment}}},
		{"a subsegment that nobody asked for", subsegments, "0", nil},
		{"xray.Handler", handler, "1", []sent{{"api", "", clientsTrace, ""}}},
		{"xray.Handler where nothing is sampled", handler, "0", []sent{{"api", "", clientsTrace, ""}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			said := &daemon{known: make(map[string]bool)}
			h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				ctx, err := xray.ContextWithConfig(r.Context(), xray.Config{Emitter: said, SamplingStrategy: everything})
				require.NoError(t, err)
				test.traced(routes()).ServeHTTP(w, r.WithContext(ctx))
			})
			req := httptest.NewRequest("GET", "/users/5", nil)
			req.Header.Set("X-Amzn-Trace-Id", "Root="+clientsTrace)
			function := within{adapter.Wrap(h), "Root=" + lambdasTrace + ";Parent=" + lambdasSegment + ";Sampled=" + test.sampled}
			resp := lambdatest.Do(t, function, lambdatest.FunctionURL, req)
			assert.Equal(t, 200, resp.StatusCode)
			assert.Equal(t, test.want, said.sent())
		})
	}
}
