package observability_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"os"
	"testing"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/adapter"
)

// A main whose lines have the id of the request.
func Example_slog() {
	mux := routes()

	logger := slog.New(lambdacontext.NewLogHandler())
	slog.SetDefault(logger)
	lambda.Start(adapter.Wrap(mux))
}

// identified adds the id of the invocation to what is logged with the context of a request,
// for programs that have a slog.Handler of their own.
type identified struct{ slog.Handler }

// Handle implements slog.Handler.
func (h identified) Handle(ctx context.Context, r slog.Record) error {
	if lc, ok := lambdacontext.FromContext(ctx); ok {
		r = r.Clone()
		r.AddAttrs(slog.String("requestId", lc.AwsRequestID))
	}
	return h.Handler.Handle(ctx, r)
}

// The id comes with the context: of slog's functions, those whose names end in Context have it.
func TestLinesHaveTheRequestID(t *testing.T) {
	var said bytes.Buffer
	logger := slog.New(identified{slog.NewJSONHandler(&said, nil)})
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		logger.InfoContext(r.Context(), "with its context")
		logger.Info("without")
		w.WriteHeader(204)
		w.WriteHeader(500) // of which the adapter warns
	})
	ask(t, adapter.Wrap(h, adapter.WithLogger(logger)), "/")
	ids := map[string]bool{}
	for lines := json.NewDecoder(&said); ; {
		var line struct{ Msg, RequestID string }
		err := lines.Decode(&line)
		if err == io.EOF {
			break
		}
		require.NoError(t, err)
		ids[line.Msg] = line.RequestID != ""
	}
	assert.Equal(t, map[string]bool{
		"with its context": true,
		"without":          false,
		"adapter: GET /: superfluous WriteHeader(500), the status is 204 already": true,
	}, ids)
}

// aws-lambda-go's own handler does the same, and has Lambda's names for time and level.
func TestLogHandlerOfLambda(t *testing.T) {
	read, write, err := os.Pipe()
	require.NoError(t, err)
	stdout := os.Stdout
	os.Stdout = write
	logger := slog.New(lambdacontext.NewLogHandler())
	os.Stdout = stdout
	ask(t, adapter.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		logger.InfoContext(r.Context(), "served")
	})), "/")
	require.NoError(t, write.Close())
	said, err := io.ReadAll(read)
	require.NoError(t, err)
	assert.Regexp(t, `requestId=[0-9a-f-]{36}`, string(said))
}
