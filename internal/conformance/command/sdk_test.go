package command_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A patient client lets nobody close the body of a request that is still on its way. The
// SDK does when the answer is there, and with it breaks the connection on which it still
// reads: github.com/aws/aws-sdk-go-v2/issues/2737. A server as near as this one is fast
// enough for that now and then.
type patient struct{}

func (patient) Do(request *http.Request) (*http.Response, error) {
	if request.Body != nil {
		body, err := io.ReadAll(request.Body)
		if err != nil {
			return nil, err
		}
		request.Body = io.NopCloser(bytes.NewReader(body))
	}
	return http.DefaultClient.Do(request)
}

// The AWS SDK invokes the function by its name. What it cannot provoke, the tests of the
// Invoke API's own package hold.
func TestInvokeWithTheSDK(t *testing.T) {
	t.Parallel()
	l := start(t, "./testdata/invoked", "--inspect", "127.0.0.1:0")
	client := lambda.New(lambda.Options{
		Region:           "us-east-1",
		BaseEndpoint:     aws.String(l.Find(`(http://127\.0\.0\.1:\d+) +Lambda Invoke API`)[0]),
		Credentials:      credentials.NewStaticCredentialsProvider("key", "secret", ""),
		RetryMaxAttempts: 1,
		HTTPClient:       patient{},
	})
	name := aws.String("invoked")
	failure := func(document string) (message string) {
		var failed struct{ ErrorMessage string }
		require.NoError(t, json.Unmarshal([]byte(document), &failed))
		return failed.ErrorMessage
	}

	t.Run("a reply", func(t *testing.T) {
		out, err := client.Invoke(t.Context(), &lambda.InvokeInput{
			FunctionName:  name,
			Payload:       []byte(`{}`),
			ClientContext: aws.String(base64.StdEncoding.EncodeToString([]byte(`{"custom":{"a":"b"}}`))),
			LogType:       types.LogTypeTail,
		})
		require.NoError(t, err)
		assert.Equal(t, `{"client":"b","padding":""}`, string(out.Payload))
		assert.EqualValues(t, 200, out.StatusCode)
		assert.Equal(t, "$LATEST", aws.ToString(out.ExecutedVersion))
		assert.Nil(t, out.FunctionError)
		log, err := base64.StdEncoding.DecodeString(aws.ToString(out.LogResult))
		require.NoError(t, err)
		assert.Contains(t, string(log), "a line of the log\n")
	})
	t.Run("a function error is no error of the API (B8)", func(t *testing.T) {
		out, err := client.Invoke(t.Context(), &lambda.InvokeInput{FunctionName: name, Payload: []byte(`{"Fail":true}`)})
		require.NoError(t, err)
		assert.EqualValues(t, 200, out.StatusCode)
		assert.Equal(t, "Unhandled", aws.ToString(out.FunctionError))
		assert.Equal(t, "asked to fail", failure(string(out.Payload)))
	})
	t.Run("errors of the API are those of the SDK", func(t *testing.T) {
		_, err := client.Invoke(t.Context(), &lambda.InvokeInput{FunctionName: aws.String("other")})
		assert.ErrorAs(t, err, new(*types.ResourceNotFoundException))
		_, err = client.Invoke(t.Context(), &lambda.InvokeInput{FunctionName: name, Payload: []byte(`{`)})
		assert.ErrorAs(t, err, new(*types.InvalidRequestContentException))
		_, err = client.Invoke(t.Context(), &lambda.InvokeInput{
			FunctionName: name, InvocationType: types.InvocationTypeEvent, Payload: []byte(`"` + strings.Repeat("x", 1<<20) + `"`),
		})
		assert.ErrorAs(t, err, new(*types.RequestTooLargeException))
	})
	t.Run("an event and a dry run", func(t *testing.T) {
		for kind, status := range map[types.InvocationType]int32{types.InvocationTypeEvent: 202, types.InvocationTypeDryRun: 204} {
			out, err := client.Invoke(t.Context(), &lambda.InvokeInput{FunctionName: name, InvocationType: kind, Payload: []byte(`{}`)})
			require.NoError(t, err)
			assert.Equal(t, status, out.StatusCode)
		}
	})
	stream := func(t *testing.T, payload string) (string, types.InvokeWithResponseStreamCompleteEvent) {
		out, err := client.InvokeWithResponseStream(t.Context(), &lambda.InvokeWithResponseStreamInput{FunctionName: name, Payload: []byte(payload)})
		require.NoError(t, err)
		var got strings.Builder
		var end types.InvokeWithResponseStreamCompleteEvent
		for event := range out.GetStream().Events() {
			switch event := event.(type) {
			case *types.InvokeWithResponseStreamResponseEventMemberPayloadChunk:
				got.Write(event.Value.Payload)
			case *types.InvokeWithResponseStreamResponseEventMemberInvokeComplete:
				end = event.Value
			}
		}
		require.NoError(t, out.GetStream().Err())
		return got.String(), end
	}
	t.Run("a stream", func(t *testing.T) {
		got, end := stream(t, `{"Padding":200000}`)
		assert.Equal(t, `{"client":"","padding":"`+strings.Repeat("0123456789", 20_000)+`"}`, got)
		assert.Equal(t, types.InvokeWithResponseStreamCompleteEvent{}, end)
	})
	t.Run("a stream that fails", func(t *testing.T) {
		got, end := stream(t, `{"Fail":true}`)
		assert.Empty(t, got)
		assert.Equal(t, "Unhandled", aws.ToString(end.ErrorCode))
		assert.Equal(t, "asked to fail", failure(aws.ToString(end.ErrorDetails)))
	})
}
