package invokeapi_test

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

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

// A reply is what the API answers. internal/conformance holds that the AWS SDK reads it.
type reply struct {
	Status       int
	Failure      string // the type of an error of the API's own
	FunctionFail string
	Version      string
	Log          string
	Body         string
}

// serve starts the API in front of f. What it returns calls an operation of it, with
// headers such as "X-Amz-Invocation-Type: Event".
func serve(t *testing.T, f scripted) func(path, payload string, header ...string) reply {
	t.Helper()
	api := invokeapi.New(invokeapi.Config{Functions: []invokeapi.Function{{Invoker: f, Name: "orders", ARN: arn}}})
	server := httptest.NewServer(api)
	t.Cleanup(func() { server.Close(); api.Close() })
	return func(path, payload string, header ...string) reply {
		t.Helper()
		request, err := http.NewRequestWithContext(t.Context(), "POST", server.URL+path, strings.NewReader(payload))
		require.NoError(t, err)
		for _, line := range header {
			name, value, _ := strings.Cut(line, ": ")
			request.Header.Set(name, value)
		}
		response, err := http.DefaultClient.Do(request)
		require.NoError(t, err)
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		return reply{
			Status: response.StatusCode, Failure: response.Header.Get("X-Amzn-Errortype"), FunctionFail: response.Header.Get("X-Amz-Function-Error"),
			Version: response.Header.Get("X-Amz-Executed-Version"), Log: response.Header.Get("X-Amz-Log-Result"), Body: string(body),
		}
	}
}

const invocations, streaming = "/2015-03-31/functions/orders/invocations", "/2021-11-15/functions/orders/response-streaming-invocations"

func TestRequestResponse(t *testing.T) {
	t.Parallel()
	var got invoke.Info
	call := serve(t, scripted{invoke: func(ctx context.Context, payload []byte) ([]byte, error) {
		got = invoke.InfoFrom(ctx)
		return append([]byte(`{"echo":`), append(payload, '}')...), nil
	}})
	for _, name := range []string{"orders", arn, arn + ":$LATEST", "123456789012:function:orders", "function:orders"} {
		t.Run(name, func(t *testing.T) {
			answer := call("/2015-03-31/functions/"+url.PathEscape(name)+"/invocations", `{"id":1}`,
				"X-Amz-Client-Context: "+base64.StdEncoding.EncodeToString([]byte(`{"custom":{"a":"b"}}`)), "X-Amz-Tenant-Id: blue")
			assert.Equal(t, reply{Status: 200, Version: "$LATEST", Body: `{"echo":{"id":1}}`}, answer)
			assert.Equal(t, `{"custom":{"a":"b"}}`, string(got.ClientContext))
			assert.Equal(t, "blue", got.TenantID)
			assert.Len(t, got.RequestID, 36)
			qualifier := ""
			if strings.HasSuffix(name, ":$LATEST") {
				qualifier = "$LATEST"
			}
			assert.Equal(t, qualifier, got.Qualifier, "the function sees it at the end of its ARN")
		})
	}
	t.Run("qualifier", func(t *testing.T) {
		call(invocations+"?Qualifier=$LATEST", `{}`)
		assert.Equal(t, "$LATEST", got.Qualifier)
	})
	t.Run("no payload", func(t *testing.T) {
		assert.Equal(t, `{"echo":{}}`, call(invocations, "").Body)
	})
}

func TestFunctionError(t *testing.T) {
	t.Parallel()
	call := serve(t, scripted{invoke: func(context.Context, []byte) ([]byte, error) {
		return nil, &invoke.Error{Type: "errorString", Message: "no", Payload: []byte(`{"errorMessage":"no","errorType":"errorString"}`)}
	}})
	assert.Equal(t, reply{Status: 200, FunctionFail: "Unhandled", Version: "$LATEST", Body: `{"errorMessage":"no","errorType":"errorString"}`},
		call(invocations, `{}`), "a function error is no error of the API (B8)")
}

func TestAPIErrors(t *testing.T) {
	t.Parallel()
	refusal := func(status int, kind, message string) reply {
		body := `{"Type":"User","message":"` + message + `"}`
		switch kind { // as recorded, letter for letter
		case "ResourceNotFoundException", "ServiceException":
			body = `{"Message":"` + message + `","Type":"User"}`
		case "TooManyRequestsException":
			body = `{"Reason":"ReservedFunctionConcurrentInvocationLimitExceeded","Type":"User","message":"` + message + `"}`
		}
		return reply{Status: status, Failure: kind, Body: body + "\n"}
	}
	for _, test := range []struct {
		name          string
		path, payload string
		header        []string
		err           error // of the invocation
		want          reply
	}{
		{"unknown function (B8)", "/2015-03-31/functions/other/invocations", `{}`, nil, nil,
			refusal(404, "ResourceNotFoundException", "Function not found: other (the function here is "+arn+")")},
		{"unknown version", invocations + "?Qualifier=7", `{}`, nil, nil,
			refusal(404, "ResourceNotFoundException", "Function not found: orders (the function here is "+arn+")")},
		{"throttled", invocations, `{}`, nil, invoke.ErrThrottled, refusal(429, "TooManyRequestsException", "Rate Exceeded.")},
		{"too large", invocations, `{}`, nil, invoke.ErrTooLarge,
			refusal(413, "RequestTooLargeException", "2 byte payload is too large for the RequestResponse invocation type (limit 6291456 bytes)")},
		{"the size is the payload's", invocations, `"` + strings.Repeat("x", 7<<20-2) + `"`, nil, invoke.ErrTooLarge,
			refusal(413, "RequestTooLargeException", "7340032 byte payload is too large for the RequestResponse invocation type (limit 6291456 bytes)")},
		{"an event that is too large", invocations, `"` + strings.Repeat("x", 1<<20) + `"`, []string{"X-Amz-Invocation-Type: Event"}, nil,
			refusal(413, "RequestTooLargeException", "1048578 byte payload is too large for the Event invocation type (limit 1048576 bytes)")},
		{"not JSON", invocations, `{`, nil, nil,
			refusal(400, "InvalidRequestContentException", "Could not parse request body into json: the payload is not a JSON document")},
		{"no instance could be had", invocations, `{}`, nil, errors.New("does not compile"), refusal(500, "ServiceException", "does not compile")},
	} {
		t.Run(test.name, func(t *testing.T) {
			call := serve(t, scripted{invoke: func(context.Context, []byte) ([]byte, error) { return nil, test.err }})
			assert.Equal(t, test.want, call(test.path, test.payload, test.header...))
		})
	}
}

func TestEventIsAcceptedAtOnceAndRetriedWhileThrottled(t *testing.T) {
	t.Parallel()
	release, done := make(chan struct{}), make(chan string, 1)
	attempts := 0
	call := serve(t, scripted{invoke: func(_ context.Context, payload []byte) ([]byte, error) {
		<-release
		if attempts++; attempts == 1 {
			return nil, invoke.ErrThrottled
		}
		done <- string(payload)
		return nil, nil
	}})
	assert.Equal(t, reply{Status: 202}, call(invocations, `{"Records":[]}`, "X-Amz-Invocation-Type: Event"))
	close(release)
	assert.Equal(t, `{"Records":[]}`, <-done)
}

func TestDryRun(t *testing.T) {
	t.Parallel()
	assert.Equal(t, reply{Status: 204}, serve(t, scripted{})(invocations, `{}`, "X-Amz-Invocation-Type: DryRun"))
}

func TestResponseStream(t *testing.T) {
	t.Parallel()
	pieces := func(body io.Reader) scripted {
		return scripted{stream: func(context.Context, []byte) (*invoke.Stream, error) {
			return &invoke.Stream{Body: io.NopCloser(body)}, nil
		}}
	}
	failure := &invoke.Error{Type: "T", Message: "M", Payload: []byte(`{"errorType":"T"}`)}
	const whole, failed = `InvokeComplete {}`, `InvokeComplete {"ErrorCode":"Unhandled","ErrorDetails":"{\"errorType\":\"T\"}"}`

	large := strings.Repeat("0123456789", 20_000)
	for _, test := range []struct {
		name     string
		function scripted
		payload  string
		end      string
	}{
		{"whole", pieces(strings.NewReader(large)), large, whole},
		{"fails in the middle", pieces(io.MultiReader(strings.NewReader("half"), errorReader{failure})), "half", failed},
		{"fails before the first byte", scripted{stream: func(context.Context, []byte) (*invoke.Stream, error) { return nil, failure }}, "", failed},
	} {
		t.Run(test.name, func(t *testing.T) {
			answer := serve(t, test.function)(streaming, "{}")
			assert.Equal(t, 200, answer.Status)
			assert.Equal(t, "$LATEST", answer.Version)
			events := readEvents(t, []byte(answer.Body))
			require.NotEmpty(t, events)
			var payload strings.Builder
			for _, event := range events[:len(events)-1] {
				piece, ok := strings.CutPrefix(event, "PayloadChunk ")
				require.True(t, ok, event)
				payload.WriteString(piece)
			}
			assert.Equal(t, test.payload, payload.String())
			assert.Equal(t, test.end, events[len(events)-1])
		})
	}
}

// readEvents reads application/vnd.amazon.eventstream: of each event its type and its
// payload. Every header is a string.
//
// https://smithy.io/2.0/aws/amazon-eventstream.html
func readEvents(t *testing.T, stream []byte) (events []string) {
	t.Helper()
	for len(stream) > 0 {
		require.GreaterOrEqual(t, len(stream), 16)
		total, headers := int(binary.BigEndian.Uint32(stream)), int(binary.BigEndian.Uint32(stream[4:]))
		require.Equal(t, crc32.ChecksumIEEE(stream[:8]), binary.BigEndian.Uint32(stream[8:]))
		require.LessOrEqual(t, total, len(stream))
		require.Equal(t, crc32.ChecksumIEEE(stream[:total-4]), binary.BigEndian.Uint32(stream[total-4:]))
		event := ""
		for rest := stream[12 : 12+headers]; len(rest) > 0; {
			name := string(rest[1 : 1+rest[0]])
			rest = rest[1+len(name):]
			require.EqualValues(t, 7, rest[0], "a string")
			value := string(rest[3 : 3+binary.BigEndian.Uint16(rest[1:])])
			rest = rest[3+len(value):]
			if name == ":event-type" {
				event = value
			}
		}
		events = append(events, event+" "+string(stream[12+headers:total-4]))
		stream = stream[total:]
	}
	return events
}

type errorReader struct{ err error }

func (r errorReader) Read([]byte) (int, error) { return 0, r.err }

// Whatever becomes of a request, its answer has an id.
func TestEveryAnswerHasARequestID(t *testing.T) {
	t.Parallel()
	api := invokeapi.New(invokeapi.Config{})
	defer api.Close()
	for _, path := range []string{invocations, "/2021-11-15/functions/orders/response-streaming-invocations", "/2015-03-31/functions/", "/"} {
		w := httptest.NewRecorder()
		api.ServeHTTP(w, httptest.NewRequest("POST", path, strings.NewReader("{}")))
		assert.Equal(t, 404, w.Code, path)
		assert.Regexp(t, `^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`, w.Header().Get("X-Amzn-Requestid"), path)
	}
}
