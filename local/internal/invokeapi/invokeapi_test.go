package invokeapi_test

import (
	"context"
	"encoding/base64"
	"errors"
	"io"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/local/internal/invokeapi"
	"github.com/lambridge-go/lambridge/local/invoke"
)

const arn = "arn:aws:lambda:us-east-1:123456789012:function:orders"

// scripted is a function that does as its test says.
type scripted struct {
	invoke func(ctx context.Context, payload []byte) ([]byte, error)
	stream func(ctx context.Context, payload []byte) (*invoke.Stream, error)
}

func (s scripted) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	return s.invoke(ctx, payload)
}

func (s scripted) InvokeStream(ctx context.Context, payload []byte) (*invoke.Stream, error) {
	return s.stream(ctx, payload)
}

// client is the AWS SDK's own, pointed at the API in front of f.
func client(t *testing.T, f scripted) *lambda.Client {
	t.Helper()
	api := invokeapi.New(invokeapi.Config{Function: f, Name: "orders", ARN: arn})
	server := httptest.NewServer(api)
	t.Cleanup(func() { server.Close(); api.Close() })
	return lambda.New(lambda.Options{
		Region:           "us-east-1",
		BaseEndpoint:     aws.String(server.URL),
		Credentials:      credentials.NewStaticCredentialsProvider("key", "secret", ""),
		RetryMaxAttempts: 1,
	})
}

func TestRequestResponse(t *testing.T) {
	t.Parallel()
	var got invoke.Info
	c := client(t, scripted{invoke: func(ctx context.Context, payload []byte) ([]byte, error) {
		got = invoke.InfoFrom(ctx)
		return append([]byte(`{"echo":`), append(payload, '}')...), nil
	}})
	for _, name := range []string{"orders", arn, arn + ":$LATEST", "123456789012:function:orders", "function:orders"} {
		t.Run(name, func(t *testing.T) {
			out, err := c.Invoke(t.Context(), &lambda.InvokeInput{
				FunctionName:  aws.String(name),
				Payload:       []byte(`{"id":1}`),
				ClientContext: aws.String(base64.StdEncoding.EncodeToString([]byte(`{"custom":{"a":"b"}}`))),
				TenantId:      aws.String("blue"),
			})
			require.NoError(t, err)
			assert.Equal(t, `{"echo":{"id":1}}`, string(out.Payload))
			assert.EqualValues(t, 200, out.StatusCode)
			assert.Equal(t, "$LATEST", *out.ExecutedVersion)
			assert.Nil(t, out.FunctionError)
			assert.Nil(t, out.LogResult)
			assert.Equal(t, `{"custom":{"a":"b"}}`, string(got.ClientContext))
			assert.Equal(t, "blue", got.TenantID)
			assert.Len(t, got.RequestID, 36)
		})
	}
	t.Run("no payload", func(t *testing.T) {
		out, err := c.Invoke(t.Context(), &lambda.InvokeInput{FunctionName: aws.String("orders")})
		require.NoError(t, err)
		assert.Equal(t, `{"echo":{}}`, string(out.Payload))
	})
}

func TestFunctionError(t *testing.T) {
	t.Parallel()
	c := client(t, scripted{invoke: func(context.Context, []byte) ([]byte, error) {
		return nil, &invoke.Error{Type: "errorString", Message: "no", Payload: []byte(`{"errorMessage":"no","errorType":"errorString"}`)}
	}})
	out, err := c.Invoke(t.Context(), &lambda.InvokeInput{FunctionName: aws.String("orders")})
	require.NoError(t, err, "B8: a function error is no error of the API")
	assert.EqualValues(t, 200, out.StatusCode)
	assert.Equal(t, "Unhandled", *out.FunctionError)
	assert.Equal(t, `{"errorMessage":"no","errorType":"errorString"}`, string(out.Payload))
}

func TestAPIErrors(t *testing.T) {
	t.Parallel()
	failing := func(err error) scripted {
		return scripted{invoke: func(context.Context, []byte) ([]byte, error) { return nil, err }}
	}
	t.Run("B8: unknown function", func(t *testing.T) {
		_, err := client(t, failing(nil)).Invoke(t.Context(), &lambda.InvokeInput{FunctionName: aws.String("other")})
		var want *types.ResourceNotFoundException
		require.ErrorAs(t, err, &want)
		assert.Equal(t, "Function not found: other (the function here is "+arn+")", *want.Message)
	})
	t.Run("unknown version", func(t *testing.T) {
		_, err := client(t, failing(nil)).Invoke(t.Context(), &lambda.InvokeInput{FunctionName: aws.String("orders"), Qualifier: aws.String("7")})
		var want *types.ResourceNotFoundException
		assert.ErrorAs(t, err, &want)
	})
	t.Run("throttled", func(t *testing.T) {
		_, err := client(t, failing(invoke.ErrThrottled)).Invoke(t.Context(), &lambda.InvokeInput{FunctionName: aws.String("orders")})
		var want *types.TooManyRequestsException
		assert.ErrorAs(t, err, &want)
	})
	t.Run("too large", func(t *testing.T) {
		_, err := client(t, failing(invoke.ErrTooLarge)).Invoke(t.Context(), &lambda.InvokeInput{FunctionName: aws.String("orders"), Payload: []byte(`{}`)})
		var want *types.RequestTooLargeException
		require.ErrorAs(t, err, &want)
		assert.Equal(t, "2 byte payload is too large for the RequestResponse invocation type (limit 6291456 bytes)", *want.Message)
	})
	t.Run("not JSON", func(t *testing.T) {
		_, err := client(t, failing(nil)).Invoke(t.Context(), &lambda.InvokeInput{FunctionName: aws.String("orders"), Payload: []byte(`{`)})
		var want *types.InvalidRequestContentException
		assert.ErrorAs(t, err, &want)
	})
	t.Run("no instance could be had", func(t *testing.T) {
		_, err := client(t, failing(errors.New("does not compile"))).Invoke(t.Context(), &lambda.InvokeInput{FunctionName: aws.String("orders")})
		var want *types.ServiceException
		require.ErrorAs(t, err, &want)
		assert.Equal(t, "does not compile", *want.Message)
	})
}

func TestEventIsAcceptedAtOnceAndRetriedWhileThrottled(t *testing.T) {
	t.Parallel()
	release, done := make(chan struct{}), make(chan string, 1)
	attempts := 0
	c := client(t, scripted{invoke: func(_ context.Context, payload []byte) ([]byte, error) {
		<-release
		if attempts++; attempts == 1 {
			return nil, invoke.ErrThrottled
		}
		done <- string(payload)
		return nil, nil
	}})
	out, err := c.Invoke(t.Context(), &lambda.InvokeInput{FunctionName: aws.String("orders"), InvocationType: types.InvocationTypeEvent, Payload: []byte(`{"Records":[]}`)})
	require.NoError(t, err)
	assert.EqualValues(t, 202, out.StatusCode)
	close(release)
	assert.Equal(t, `{"Records":[]}`, <-done)

	_, err = c.Invoke(t.Context(), &lambda.InvokeInput{
		FunctionName: aws.String("orders"), InvocationType: types.InvocationTypeEvent,
		Payload: []byte(`"` + strings.Repeat("x", 1<<20) + `"`),
	})
	var want *types.RequestTooLargeException
	assert.ErrorAs(t, err, &want)
}

func TestDryRun(t *testing.T) {
	t.Parallel()
	out, err := client(t, scripted{}).Invoke(t.Context(), &lambda.InvokeInput{FunctionName: aws.String("orders"), InvocationType: types.InvocationTypeDryRun})
	require.NoError(t, err)
	assert.EqualValues(t, 204, out.StatusCode)
}

func TestResponseStream(t *testing.T) {
	t.Parallel()
	read := func(t *testing.T, f scripted) (string, types.InvokeWithResponseStreamCompleteEvent) {
		out, err := client(t, f).InvokeWithResponseStream(t.Context(), &lambda.InvokeWithResponseStreamInput{FunctionName: aws.String("orders")})
		require.NoError(t, err)
		var payload strings.Builder
		var end types.InvokeWithResponseStreamCompleteEvent
		for event := range out.GetStream().Events() {
			switch event := event.(type) {
			case *types.InvokeWithResponseStreamResponseEventMemberPayloadChunk:
				payload.Write(event.Value.Payload)
			case *types.InvokeWithResponseStreamResponseEventMemberInvokeComplete:
				end = event.Value
			}
		}
		require.NoError(t, out.GetStream().Err())
		return payload.String(), end
	}
	streaming := func(body io.Reader) scripted {
		return scripted{stream: func(context.Context, []byte) (*invoke.Stream, error) {
			return &invoke.Stream{Body: io.NopCloser(body)}, nil
		}}
	}
	failure := &invoke.Error{Type: "T", Message: "M", Payload: []byte(`{"errorType":"T"}`)}

	t.Run("whole", func(t *testing.T) {
		large := strings.Repeat("0123456789", 20_000)
		payload, end := read(t, streaming(strings.NewReader(large)))
		assert.Equal(t, large, payload)
		assert.Equal(t, types.InvokeWithResponseStreamCompleteEvent{}, end)
	})
	t.Run("fails in the middle", func(t *testing.T) {
		payload, end := read(t, streaming(io.MultiReader(strings.NewReader("half"), errorReader{failure})))
		assert.Equal(t, "half", payload)
		assert.Equal(t, "Unhandled", *end.ErrorCode)
		assert.Equal(t, `{"errorType":"T"}`, *end.ErrorDetails)
	})
	t.Run("fails before the first byte", func(t *testing.T) {
		payload, end := read(t, scripted{stream: func(context.Context, []byte) (*invoke.Stream, error) { return nil, failure }})
		assert.Empty(t, payload)
		assert.Equal(t, "Unhandled", *end.ErrorCode)
	})
}

type errorReader struct{ err error }

func (r errorReader) Read([]byte) (int, error) { return 0, r.err }
