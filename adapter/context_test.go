package adapter_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"sync"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/adapter"
)

func TestEvent(t *testing.T) {
	rest := edit(t, restEvent, `{"stageVariables": {"table": "notes"}, "requestContext": {"authorizer": {"principalId": "p", "n": 1}}}`)
	t.Run("a URL's IAM caller (rule 66, pitfalls 102 and 106)", func(t *testing.T) {
		invoke(t, func(_ http.ResponseWriter, r *http.Request) {
			e, err := adapter.Event[events.LambdaFunctionURLRequest](r.Context())
			require.NoError(t, err)
			assert.Equal(t, "AIDA", e.RequestContext.Authorizer.IAM.CallerID)
		}, edit(t, functionURLEvent, `{"requestContext": {"authorizer": {"iam": {"callerId": "AIDA"}}}}`))
	})
	t.Run("stage variables, identity, the path with the stage (rule 4, pitfall 102)", func(t *testing.T) {
		invoke(t, func(_ http.ResponseWriter, r *http.Request) {
			e, err := adapter.Event[events.APIGatewayProxyRequest](r.Context())
			require.NoError(t, err)
			var want events.APIGatewayProxyRequest
			require.NoError(t, json.Unmarshal(rest, &want))
			assert.Equal(t, want, e)
			assert.Equal(t, map[string]string{"table": "notes"}, e.StageVariables)
			assert.Equal(t, "/prod/notes/1", e.RequestContext.Path)
		}, rest)
	})
	t.Run("a Lattice event's microseconds (rule 83)", func(t *testing.T) {
		invoke(t, func(_ http.ResponseWriter, r *http.Request) {
			e, err := adapter.Event[struct {
				RequestContext struct {
					TimeEpoch int64 `json:"timeEpoch,string"`
				}
			}](r.Context())
			require.NoError(t, err)
			assert.Equal(t, int64(1696331543569073), e.RequestContext.TimeEpoch)
		}, []byte(latticeV2Event))
	})
	t.Run("claims of odd types (pitfall 103)", func(t *testing.T) {
		invoke(t, func(_ http.ResponseWriter, r *http.Request) {
			_, err := adapter.Event[events.APIGatewayV2HTTPRequest](r.Context())
			assert.ErrorContains(t, err, "adapter: decoding the event as events.APIGatewayV2HTTPRequest: json: ")
			e, err := adapter.Event[map[string]any](r.Context())
			require.NoError(t, err)
			assert.Contains(t, e, "requestContext")
		}, edit(t, httpV2Event, `{"requestContext": {"authorizer": {"jwt": {"claims": {"admin": true, "n": 3}}}}}`))
	})
	t.Run("a type of another front door is refused, and both are named (pitfall 105)", func(t *testing.T) {
		for _, row := range []struct {
			name, event string
			read        func(context.Context) error
			want        string
		}{
			{"v1 of an HTTP API 2.0", httpV2Event, read[events.APIGatewayProxyRequest], `adapter: the event came through "http" and is no events.APIGatewayProxyRequest: ask SourceOf first`},
			{"v1 of a function URL", functionURLEvent, read[events.APIGatewayProxyRequest], `adapter: the event came through "url" and is no events.APIGatewayProxyRequest: ask SourceOf first`},
			{"v1 of a load balancer", albEvent, read[*events.APIGatewayProxyRequest], `adapter: the event came through "alb" and is no events.APIGatewayProxyRequest: ask SourceOf first`},
			{"v2 of a REST API", restEvent, read[events.APIGatewayV2HTTPRequest], `adapter: the event came through "rest" and is no events.APIGatewayV2HTTPRequest: ask SourceOf first`},
			{"a URL's of an HTTP API", httpV2Event, read[events.LambdaFunctionURLRequest], `adapter: the event came through "http" and is no events.LambdaFunctionURLRequest: ask SourceOf first`},
			{"a queue's", restEvent, read[events.SQSEvent], `adapter: the event came through "rest" and is no events.SQSEvent: ask SourceOf first`},
			{"one that embeds a load balancer's", latticeV2Event, read[embedding], `adapter: the event came through "lattice" and is no events.ALBTargetGroupRequest: ask SourceOf first`},
		} {
			invoke(t, func(_ http.ResponseWriter, r *http.Request) {
				assert.EqualError(t, row.read(r.Context()), row.want, row.name)
			}, []byte(row.event))
		}
	})
	t.Run("those of its own are not", func(t *testing.T) {
		for e, fits := range map[string][]func(context.Context) error{
			restEvent: {read[events.APIGatewayProxyRequest], read[*events.APIGatewayProxyRequest]}, httpV1Event: {read[events.APIGatewayProxyRequest]},
			httpV2Event: {read[events.APIGatewayV2HTTPRequest]}, functionURLEvent: {read[events.LambdaFunctionURLRequest], read[events.APIGatewayV2HTTPRequest]},
			albEvent: {read[events.ALBTargetGroupRequest], read[embedding]}, albMultiEvent: {read[events.ALBTargetGroupRequest]},
			messageEvent: {read[events.APIGatewayWebsocketProxyRequest]}, latticeV2Event: {read[map[string]any], read[json.RawMessage]},
		} {
			for _, read := range fits {
				invoke(t, func(_ http.ResponseWriter, r *http.Request) { assert.NoError(t, read(r.Context())) }, []byte(e))
			}
		}
	})
	t.Run("a chain of accessors takes the right branch", func(t *testing.T) {
		user := func(r *http.Request) string {
			if v1, err := adapter.Event[events.APIGatewayProxyRequest](r.Context()); err == nil {
				return "v1 " + v1.RequestContext.Identity.SourceIP
			} else if v2, err := adapter.Event[events.APIGatewayV2HTTPRequest](r.Context()); err == nil {
				return "v2 " + v2.RequestContext.HTTP.SourceIP
			}
			return "neither"
		}
		for e, want := range map[string]string{restEvent: "v1 203.0.113.9", httpV1Event: "v1 203.0.113.9", httpV2Event: "v2 203.0.113.9", functionURLEvent: "v2 203.0.113.9", albEvent: "neither"} {
			invoke(t, func(_ http.ResponseWriter, r *http.Request) { assert.Equal(t, want, user(r)) }, []byte(e))
		}
	})
	t.Run("not a request's context", func(t *testing.T) {
		_, err := adapter.Event[any](context.Background())
		assert.EqualError(t, err, "adapter: no event: the context is not that of a request from Lambda")
		_, ok := adapter.RawEvent(context.Background())
		assert.False(t, ok)
		_, ok = adapter.SourceOf(context.Background())
		assert.False(t, ok)
		_, ok = adapter.WebSocketFrom(context.Background())
		assert.False(t, ok)
	})
	t.Run("after the handler has returned (pitfall 129)", func(t *testing.T) {
		var kept *http.Request
		invoke(t, func(_ http.ResponseWriter, r *http.Request) { kept = r }, rest)
		_, err := adapter.Event[any](kept.Context())
		assert.EqualError(t, err, "adapter: no event: the invocation is over, ask before the handler returns")
		_, ok := adapter.RawEvent(kept.Context())
		assert.False(t, ok)
		source, ok := adapter.SourceOf(kept.Context())
		assert.True(t, ok)
		assert.Equal(t, adapter.REST, source)
		assert.Equal(t, context.Canceled, kept.Context().Err())
	})
	t.Run("nothing that a client sends is taken for context (pitfall 42)", func(t *testing.T) {
		invoke(t, func(_ http.ResponseWriter, r *http.Request) {
			e, err := adapter.Event[events.APIGatewayProxyRequest](r.Context())
			require.NoError(t, err)
			assert.Equal(t, "123456789012", e.RequestContext.AccountID)
		}, edit(t, restEvent, inMaps("X-GoLambdaProxy-ApiGw-Context", `{"accountId":"attacker"}`)))
	})
}

func TestRawEvent(t *testing.T) {
	for _, d := range append(httpDoors(), door{adapter.WebSocketAPI, connectEvent}) {
		invoke(t, func(_ http.ResponseWriter, r *http.Request) {
			got, ok := adapter.RawEvent(r.Context())
			assert.True(t, ok)
			assert.Equal(t, d.event, string(got), d.source)
			clear(got) // a copy: nobody else sees it change
			again, _ := adapter.RawEvent(r.Context())
			assert.Equal(t, d.event, string(again), d.source)
		}, []byte(d.event))
	}
}

// The runtime reads the next event into the memory of this one as soon as the
// invocation is over.
func TestNothingAliasesThePayload(t *testing.T) {
	for _, d := range append(httpDoors(), door{adapter.WebSocketAPI, messageEvent}) {
		t.Run(string(d.source)+" (pitfall 129)", func(t *testing.T) {
			payload := edit(t, d.event, `{"body": "text"}`, `{"headers": {"x-thing": "a"}, "queryStringParameters": {"q": "1"}, "pathParameters": {"p": "v"}}`)
			var kept *http.Request
			var raw json.RawMessage
			var socket adapter.WebSocket
			var before *seen
			out := invoke(t, func(w http.ResponseWriter, r *http.Request) {
				kept = r
				raw, _ = adapter.RawEvent(r.Context())
				socket, _ = adapter.WebSocketFrom(r.Context())
				before = look(t, r, map[string]string{"p": ""})
				io.WriteString(w, before.Body)
			}, payload)
			reply, event, connection := string(out), string(raw), fmt.Sprint(socket)
			headers, target := fmt.Sprint(kept.Header), kept.Method+kept.RequestURI+kept.URL.String()+kept.Host+kept.RemoteAddr+kept.Pattern+kept.PathValue("p")

			for i := range payload {
				payload[i] = '#'
			}
			assert.Equal(t, reply, string(out))
			assert.Equal(t, event, string(raw))
			assert.Equal(t, connection, fmt.Sprint(socket))
			assert.Equal(t, headers, fmt.Sprint(kept.Header))
			assert.Equal(t, target, kept.Method+kept.RequestURI+kept.URL.String()+kept.Host+kept.RemoteAddr+kept.Pattern+kept.PathValue("p"))
			assert.Equal(t, "text", before.Body)
		})
	}
}

func TestLambdaContext(t *testing.T) {
	type key struct{}
	ctx := context.WithValue(lambdacontext.NewContext(context.Background(), &lambdacontext.LambdaContext{AwsRequestID: "r", TenantID: "t"}), key{}, "v")
	//lint:ignore SA1029 the key is aws-lambda-go's
	ctx = context.WithValue(ctx, "x-amzn-trace-id", "Root=1-2")
	called := false
	_, err := adapter.Wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		called = true
		lc, ok := lambdacontext.FromContext(r.Context())
		require.True(t, ok, "the invocation is in the context (pitfall 93)")
		assert.Equal(t, "r", lc.AwsRequestID)
		assert.Equal(t, "t", lc.TenantID, "the invocation's tenant (rule 166)")
		assert.Equal(t, "v", r.Context().Value(key{}))
		assert.Equal(t, "Root=1-2", r.Context().Value("x-amzn-trace-id"), "the invocation's own trace (pitfalls 45 and 129, rule 169)")
		child, cancel := context.WithCancel(r.Context())
		defer cancel()
		source, _ := adapter.SourceOf(child)
		assert.Equal(t, adapter.REST, source)
	})).Invoke(ctx, []byte(restEvent))
	require.NoError(t, err)
	assert.True(t, called)
}

func TestRequestContextEnds(t *testing.T) {
	t.Run("with the handler (pitfall 94)", func(t *testing.T) {
		var asked, never context.Context
		var done <-chan struct{}
		invoke(t, func(_ http.ResponseWriter, r *http.Request) { asked = r.Context(); done = asked.Done() }, []byte(restEvent))
		<-done
		assert.Equal(t, context.Canceled, asked.Err())
		invoke(t, func(_ http.ResponseWriter, r *http.Request) { never = r.Context() }, []byte(restEvent))
		<-never.Done()
		assert.Equal(t, context.Canceled, never.Err())
	})
	t.Run("with the invocation (rules 162 and 168)", func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(context.Background())
		_, err := adapter.Wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			assert.NoError(t, r.Context().Err())
			cancel(io.ErrUnexpectedEOF)
			<-r.Context().Done()
			assert.Equal(t, context.Canceled, r.Context().Err())
			assert.Equal(t, io.ErrUnexpectedEOF, context.Cause(r.Context()))
		})).Invoke(ctx, []byte(restEvent))
		require.NoError(t, err)
	})
}

// With Lambda Managed Instances several invocations run in one process.
func TestConcurrentInvocations(t *testing.T) {
	h := adapter.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/panic" {
			panic("boom")
		}
		raw, _ := adapter.RawEvent(r.Context())
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("X-Path", r.URL.Path)
		fmt.Fprintf(w, "%s %d", body, len(raw))
	}), adapter.WithLogger(quiet()))
	var wg sync.WaitGroup
	for worker := range 8 {
		wg.Go(func() {
			d := httpDoors()[worker]
			for i := range 50 {
				text := fmt.Sprintf("%d/%d", worker, i)
				payload := edit(t, d.event, `{"body": "`+text+`"}`)
				want := fmt.Sprintf("%s %d", text, len(payload))
				out, err := h.Invoke(context.Background(), payload)
				assert.NoError(t, err)
				got := received(t, out)
				assert.Equal(t, want, got.Body, "what is its own in each of many (rule 168, pitfalls 129 and 131)")
				clear(payload)
				if worker == 0 {
					out, err = h.Invoke(context.Background(), edit(t, d.event, `{"path": "/panic"}`))
					assert.NoError(t, err)
					assert.Equal(t, 500, received(t, out).Status, "one panics, the others go on (pitfall 130)")
				}
			}
		})
	}
	wg.Wait()
}

// read decodes the event as a T.
func read[T any](ctx context.Context) error {
	_, err := adapter.Event[T](ctx)
	return err
}

// embedding is a load balancer's event, and more.
type embedding struct {
	events.ALBTargetGroupRequest
	More string
}
