package main

import (
	"context"
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/adapter"
	"github.com/lambridge-go/lambridge/adapter/connections"
	"github.com/lambridge-go/lambridge/lambdatest"
	"github.com/lambridge-go/lambridge/local/websocket"
)

// A queue stands in for SQS and for what Lambda does with its messages: it invokes a
// function for each, once more if that asks for it.
type queue struct {
	*httptest.Server
	function *adapter.Handler // is invoked, unless it is nil
	invoked  sync.WaitGroup

	mu    sync.Mutex
	pages []page
}

func newQueue(t *testing.T) *queue {
	q := &queue{}
	q.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var in struct{ QueueUrl, MessageBody string }
		if !assert.Equal(t, "AmazonSQS.SendMessage", r.Header.Get("X-Amz-Target")) || !assert.NoError(t, json.NewDecoder(r.Body).Decode(&in)) {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		assert.Equal(t, q.URL+"/1/pages", in.QueueUrl)
		assert.LessOrEqual(t, len(in.MessageBody), 256<<10)
		q.accept(t, in.MessageBody)
		sum := md5.Sum([]byte(in.MessageBody))
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		json.NewEncoder(w).Encode(map[string]string{"MessageId": "m", "MD5OfMessageBody": hex.EncodeToString(sum[:])})
	}))
	t.Cleanup(func() {
		q.stop()
		q.Close()
	})
	return q
}

func (q *queue) fanout() *fanout {
	return &fanout{url: q.URL + "/1/pages", queue: sqs.New(sqs.Options{
		Region: "eu-west-1", BaseEndpoint: &q.URL, Credentials: credentials.NewStaticCredentialsProvider("a", "b", ""),
	})}
}

func (q *queue) accept(t *testing.T, body string) {
	var p page
	assert.NoError(t, json.Unmarshal([]byte(body), &p))
	q.mu.Lock()
	defer q.mu.Unlock()
	q.pages = append(q.pages, p)
	if q.function == nil {
		return
	}
	function := q.function
	q.invoked.Go(func() {
		event, err := json.Marshal(events.SQSEvent{Records: []events.SQSMessage{{
			MessageId: "5a1d6c1e-7c59-4b1f-9a52-0d6f0a6a4b11", ReceiptHandle: "h", Body: body, EventSource: "aws:sqs",
			EventSourceARN: "arn:aws:sqs:eu-west-1:123456789012:pages", AWSRegion: "eu-west-1",
		}}})
		assert.NoError(t, err)
		reply, err := function.Invoke(context.Background(), event)
		assert.NoError(t, err)
		assert.JSONEq(t, `{"batchItemFailures":null}`, string(reply))
	})
}

// stop invokes nothing any more, and waits for what runs.
func (q *queue) stop() {
	q.mu.Lock()
	q.function = nil
	q.mu.Unlock()
	q.invoked.Wait()
}

func (q *queue) taken() []page {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.pages
}

func TestLargeRoomsAreToldPageByPage(t *testing.T) {
	rooms := newMachineStore("")
	q := newQueue(t)
	c := newChat(rooms, nil, q.fanout())
	c.pageSize = 3
	function := newHandler("wss://example.com/prod", c)
	api := lambdatest.NewWebSocketServer(t, function, websocket.Config{})
	c.clients = connections.New(aws.Config{Region: "eu-west-1"}, connections.Options{Endpoint: api.Endpoint})
	q.function = function

	var members []*lambdatest.Conn
	for n := range 8 {
		m := api.Dial("/")
		m.Send(fmt.Sprintf(`{"action":"join","room":"tea","name":"%d"}`, n))
		assert.Equal(t, "welcome", receive(t, m).Type)
		members = append(members, m)
	}
	for _, said := range []string{"first", "second"} {
		members[0].Send(fmt.Sprintf(`{"action":"say","text":%q}`, said))
		for _, m := range members {
			for u := receive(t, m); ; u = receive(t, m) {
				if u.Type == "joined" { // may come late
					continue
				}
				require.Equal(t, update{Type: "message", Message: &message{From: "0", Text: said}}, u, "each hears each message once")
				break
			}
		}
	}
	q.stop() // while the API is there that the last pages call
	var sizes []int
	for _, p := range q.taken() {
		if strings.Contains(string(p.Update), "first") {
			sizes = append(sizes, len(p.IDs))
		}
	}
	assert.Equal(t, []int{3, 3, 2}, sizes, "one invocation for each page")
}

func TestPagesThatFail(t *testing.T) {
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch id := strings.TrimPrefix(r.URL.Path, "/@connections/"); {
		case strings.HasPrefix(id, "gone"):
			w.Header().Set("X-Amzn-Errortype", "GoneException")
			w.WriteHeader(http.StatusGone)
		case strings.HasPrefix(id, "refused"):
			w.Header().Set("X-Amzn-Errortype", "ForbiddenException")
			w.WriteHeader(http.StatusForbidden)
		}
	}))
	t.Cleanup(api.Close)
	ended, end := context.WithCancel(t.Context())
	end()
	tests := []struct {
		name string
		ctx  context.Context
		page string
		want []page // that come to the queue
		gone bool   // a member is forgotten
		err  string
	}{
		{"all are reached", t.Context(), `{"update":{},"ids":["a","b"]}`, nil, false, ""},
		{"who is gone leaves the room", t.Context(), `{"update":{},"ids":["a","gone"]}`, nil, true, ""},
		{"who may not have been reached is tried again, alone", t.Context(), `{"update":{},"ids":["a","refused"]}`,
			[]page{{Update: json.RawMessage("{}"), IDs: []string{"refused"}, Attempt: 1}}, false, ""},
		{"and again", t.Context(), `{"update":{},"ids":["refused"],"attempt":1}`,
			[]page{{Update: json.RawMessage("{}"), IDs: []string{"refused"}, Attempt: 2}}, false, ""},
		{"but not for ever", t.Context(), `{"update":{},"ids":["refused"],"attempt":2}`, nil, false, ""},
		{"a page that is none comes to the dead letters", t.Context(), `[]`, nil, false, "a page that is none"},
		{"a queue that fails brings the page again", ended, `{"update":{},"ids":["a"]}`, nil, false, "put a page on the queue"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			q := newQueue(t)
			rooms := newMachineStore("")
			ghost := member{ID: "gone", Room: "tea", Name: "Ghost"}
			require.NoError(t, rooms.join(t.Context(), ghost))
			c := newChat(rooms, connections.New(aws.Config{Region: "eu-west-1"}, connections.Options{Endpoint: api.URL}), q.fanout())
			err := c.deliverPage(tt.ctx, tt.page)
			if tt.err != "" {
				require.ErrorContains(t, err, tt.err)
			} else {
				require.NoError(t, err)
			}
			assert.Equal(t, tt.want, q.taken())
			found, err := rooms.find(t.Context(), ghost.ID)
			require.NoError(t, err)
			assert.Equal(t, tt.gone, found == nil)
		})
	}
	t.Run("a page that fails is named", func(t *testing.T) {
		c := newChat(newMachineStore(""), nil, nil)
		failed, err := c.deliver(t.Context(), events.SQSEvent{Records: []events.SQSMessage{{MessageId: "m1", Body: "[]"}}})
		require.NoError(t, err)
		assert.Equal(t, events.SQSEventResponse{BatchItemFailures: []events.SQSBatchItemFailure{{ItemIdentifier: "m1"}}}, failed)
	})
}
