package adapter_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/adapter"
)

const notProxied = `a request of an API Gateway integration that is not a Lambda proxy integration: turn on "Lambda proxy integration" for the method (type AWS_PROXY, integration: lambda-proxy)`

// strangers are events that are no HTTP requests, and what the error that refuses
// them calls them.
var strangers = []struct{ name, event, saw string }{
	{"a list (rule 94)", `[]`, "an array"},
	{"a batch of AppSync (rule 94, pitfall 108)", `[{"info": {"fieldName": "x"}, "arguments": {}}]`, "an array"},
	{"a string (rule 94)", `"x"`, "a string"},
	{"a number (rule 94)", `3`, "a number"},
	{"null (rule 94)", `null`, "null"},
	{"true (rule 94)", `true`, "a boolean"},
	{"an empty object (pitfall 108)", `{}`, "an empty object"},
	{"nothing (pitfall 108)", ``, "not JSON at byte 0: the end, where a value should begin"},
	{"truncated (pitfall 108)", `{"httpMethod": "GET", "path": "/`, "not JSON at byte 32: the end, inside a string"},
	{"two documents (pitfall 108)", `{} {}`, "not JSON at byte 3: '{' after the end of the value"},
	{"a warm-up ping (pitfall 108)", `{"source": "serverless-plugin-warmup"}`, `an object with the members "source"`},
	{"HTTP API 2.0's authorizer (rule 87)", `{"version": "2.0", "type": "REQUEST", "routeArn": "arn:x", "rawPath": "/", "requestContext": {"http": {"method": "GET"}}}`, "a Lambda authorizer's request"},
	{"REST's authorizer (rule 88)", `{"type": "REQUEST", "methodArn": "arn:x", "resource": "/", "path": "/", "httpMethod": "GET", "requestContext": {"stage": "x"}}`, "a Lambda authorizer's request"},
	{"REST's authorizer of tokens (rule 88)", `{"type": "TOKEN", "methodArn": "arn:x", "authorizationToken": "t"}`, "a Lambda authorizer's request"},
	{"WebSocket's authorizer (rule 89)", `{"type": "REQUEST", "methodArn": "arn:x", "requestContext": {"connectionId": "c", "eventType": "CONNECT", "routeKey": "$connect"}}`, "a Lambda authorizer's request"},
	{"a Bedrock agent (rule 90)", `{"httpMethod": "GET", "apiPath": "/x", "messageVersion": "1.0", "actionGroup": "g"}`, "a Bedrock agent's request"},
	{"AppSync's authorizer (rule 91)", `{"authorizationToken": "t", "requestContext": {"apiId": "a", "accountId": "1", "requestId": "r", "queryString": "q"}}`, "an AppSync authorizer's request"},
	{"SQS (rule 93)", `{"Records": [{"eventSource": "aws:sqs", "body": "{\"httpMethod\": \"GET\"}"}]}`, `records of "aws:sqs"`},
	{"SNS, which writes a capital (rule 93)", `{"Records": [{"EventSource": "aws:sns"}]}`, `records of "aws:sns"`},
	{"S3 (rule 93)", `{"Records": [{"eventSource": "aws:s3"}]}`, `records of "aws:s3"`},
	{"DynamoDB (rule 93)", `{"Records": [{"eventSource": "aws:dynamodb"}]}`, `records of "aws:dynamodb"`},
	{"Kinesis (rule 93)", `{"Records": [{"eventSource": "aws:kinesis"}]}`, `records of "aws:kinesis"`},
	{"SES (rule 93)", `{"Records": [{"eventSource": "aws:ses"}]}`, `records of "aws:ses"`},
	{"Lambda@Edge (rule 93)", `{"Records": [{"cf": {"request": {"method": "GET", "uri": "/"}}}]}`, "a Lambda@Edge request"},
	{"no records (rule 93)", `{"Records": []}`, `an object with the members "Records"`},
	{"EventBridge (rule 93)", `{"version": "0", "id": "1", "detail-type": "Scheduled Event", "source": "aws.events", "detail": {}}`, "an EventBridge event"},
	{"Cognito (rule 93)", `{"version": "1", "triggerSource": "PreSignUp_SignUp", "userPoolId": "p"}`, "a Cognito trigger"},
	{"S3 Object Lambda (rule 93)", `{"getObjectContext": {}, "userRequest": {"url": "https://x/", "headers": {}}}`, "an S3 Object Lambda request"},
	{"S3 batch (rule 93)", `{"invocationSchemaVersion": "1.0", "tasks": []}`, "an S3 batch operation"},
	{"CloudFormation (rule 93)", `{"RequestType": "Create", "ResponseURL": "https://x/"}`, "a CloudFormation custom resource's request"},
	{"Connect (rule 93)", `{"Details": {"ContactData": {}}, "Name": "ContactFlowEvent"}`, "an Amazon Connect event"},
	{"Lex (rule 93)", `{"sessionState": {}}`, "a Lex request"},
	{"Kafka (rule 93)", `{"eventSource": "aws:kafka", "records": {}}`, "a Kafka batch"},
	{"MQ (rule 93)", `{"eventSource": "aws:rmq", "rmqMessagesByQueue": {}}`, "an Amazon MQ batch"},
	{"CloudWatch Logs (rule 93)", `{"awslogs": {"data": ""}}`, "a CloudWatch Logs batch"},
	{"Firehose (rule 93)", `{"deliveryStreamArn": "arn:x", "records": []}`, "a Firehose batch"},
	{"a pipeline (rule 93)", `{"CodePipeline.job": {}}`, "a CodePipeline job"},
	{"Config (rule 93)", `{"invokingEvent": "{}"}`, "an AWS Config event"},
	{"Secrets Manager (rule 93)", `{"ClientRequestToken": "t", "Step": "createSecret"}`, "a Secrets Manager rotation"},
	{"AppSync (rule 93)", `{"arguments": {}, "identity": null, "info": {"fieldName": "x"}}`, "an AppSync resolver's request"},
	{"an alarm (rule 93)", `{"alarmArn": "arn:x"}`, "a CloudWatch alarm"},
	{"a REST API without a Lambda proxy integration, by the Serverless Framework", `{"body": {}, "method": "POST", "principalId": "", "stage": "dev", "headers": {}, "query": {}, "path": {"any": "x"}, "identity": {}, "requestPath": "/{any+}"}`, notProxied},
	{"the same in an older form", `{"body": {}, "method": "GET", "principalId": "", "stage": "dev", "headers": {}, "query": {}, "path": {}, "identity": {}, "stageVariables": {}}`, notProxied},
	{"a REST API with the mapping template of the console", `{"body-json": {}, "params": {"path": {}, "querystring": {}, "header": {}}, "stage-variables": {}, "context": {"http-method": "GET"}}`, notProxied},
	{"version 2.0 without a path (pitfall 107)", `{"version": "2.0", "requestContext": {"http": {"method": "GET"}}}`, "an event of payload format 2.0 without rawPath"},
	{"an event that a test has made, without a method (pitfall 107)", `{"version": "", "rawPath": "/ping", "requestContext": {"http": {"method": "", "path": ""}}}`, "an event of payload format 2.0 without requestContext.http.method"},
	{"version 2.0 alone (pitfall 107)", `{"version": "2.0", "rawPath": "/"}`, "an event of payload format 2.0 without requestContext.http.method"},
	{"a method alone (pitfall 107)", `{"httpMethod": "GET"}`, `an object with the members "httpMethod"`},
	{"a connection of another kind (pitfall 107)", `{"requestContext": {"connectionId": "c", "eventType": "PING"}}`, `an object with the members "requestContext"`},
	{"elb is no object (rule 95)", `{"requestContext": {"elb": true}, "httpMethod": "GET", "path": "/"}`, `an object with the members "requestContext", "httpMethod", "path"`},
}

func TestStrangers(t *testing.T) {
	for _, row := range strangers {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			never := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the handler was called") })

			out, err := adapter.Wrap(never).Invoke(context.Background(), []byte(row.event))
			assert.Nil(t, out)
			assert.EqualError(t, err, "adapter: not an HTTP event: "+row.saw)

			_, err = adapter.Stream(never)(context.Background(), []byte(row.event))
			assert.EqualError(t, err, "adapter: not an HTTP event: "+row.saw)

			fallback := &recorder{reply: []byte(`"done"`), err: errors.New("failed")}
			out, err = adapter.Wrap(never, adapter.WithFallback(fallback)).Invoke(context.Background(), []byte(row.event))
			assert.Equal(t, recorder{payload: row.event, reply: []byte(`"done"`), err: err}, *fallback)
			assert.Equal(t, `"done"`, string(out))
			assert.EqualError(t, err, "failed")
		})
	}
}

// A recorder is a fallback that keeps what it gets.
type recorder struct {
	payload string
	reply   []byte
	err     error
}

func (r *recorder) Invoke(_ context.Context, payload []byte) ([]byte, error) {
	r.payload = string(payload)
	return r.reply, r.err
}

// netlifyEvent is what Netlify Functions are invoked with.
const netlifyEvent = `{
	"path": "/.netlify/functions/hello", "httpMethod": "GET",
	"queryStringParameters": {"name": "x"}, "multiValueQueryStringParameters": {"name": ["x"]},
	"headers": {"host": "x.netlify.app"}, "multiValueHeaders": {"host": ["x.netlify.app"]},
	"body": "", "isBase64Encoded": false
}`

func TestRequestOfNetlify(t *testing.T) {
	out := invoke(t, func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, r.Method, " ", r.RequestURI, " ", r.Host, " ", r.FormValue("name"), " ", r.RemoteAddr)
	}, []byte(netlifyEvent))
	assert.JSONEq(t, `{"statusCode": 200, "multiValueHeaders": {"Content-Type": ["text/plain; charset=utf-8"]}, "isBase64Encoded": false,
		"body": "GET /.netlify/functions/hello?name=x x.netlify.app x 0.0.0.0:0"}`, string(out))
}

// A unit test makes an event of aws-lambda-go's type with the members it needs.
func TestEventsMadeByTests(t *testing.T) {
	made := events.APIGatewayV2HTTPRequest{RawPath: "/ping"}
	made.RequestContext.HTTP.Method = "GET"
	payload, err := json.Marshal(made)
	require.NoError(t, err)
	out := invoke(t, func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.Method, " ", r.RequestURI) }, payload)
	assert.Equal(t, "GET /ping", decode(t, out)["body"])
}

func TestDetection(t *testing.T) {
	rows := []struct {
		name, event, edit string
		want              adapter.Source
	}{
		{"REST", restEvent, "", adapter.REST},
		{"HTTP API 1.0 (rule 33)", httpV1Event, "", adapter.HTTPv1},
		{"HTTP API 2.0", httpV2Event, "", adapter.HTTPv2},
		{"function URL", functionURLEvent, "", adapter.FunctionURL},
		{"ALB with single values (rule 73, pitfall 69)", albEvent, "", adapter.ALB},
		{"ALB with lists (rule 74, pitfall 69)", albMultiEvent, "", adapter.ALBMulti},
		{"Lattice v1 (rule 80)", latticeV1Event, "", adapter.LatticeV1},
		{"Lattice v2 (rule 92)", latticeV2Event, "", adapter.LatticeV2},
		{"WebSocket (rule 84)", connectEvent, "", adapter.WebSocketAPI},
		{"a URL without route key and stage (rule 64)", functionURLEvent, `{"-routeKey": 0, "requestContext": {"-routeKey": 0, "-stage": 0}}`, adapter.FunctionURL},
		{"a URL in China (rule 64)", functionURLEvent, `{"requestContext": {"domainName": "x.lambda-url.cn-north-1.on.amazonwebservices.com.cn"}}`, adapter.FunctionURL},
		{"a connection that has a method (rule 84)", connectEvent, `{"httpMethod": "GET", "resource": "/", "path": "/"}`, adapter.WebSocketAPI},
		{"Lattice v2, told by the service network (rule 92)", latticeV2Event, `{"requestContext": {"-serviceArn": 0, "-targetGroupArn": 0}}`, adapter.LatticeV2},
		{"Lattice v2, told by the target group (rule 92)", latticeV2Event, `{"requestContext": {"-serviceArn": 0, "-serviceNetworkArn": 0}}`, adapter.LatticeV2},
		{"ALB, told by elb alone (rule 95)", `{"requestContext": {"elb": {}}, "httpMethod": "GET", "path": "/"}`, "", adapter.ALB},
		{"ALB with null lists (rule 95)", albEvent, `{"multiValueHeaders": null}`, adapter.ALB},
		{"Netlify", netlifyEvent, "", adapter.REST},
		{"Netlify, as it was once", `{"path": "/.netlify/functions/hello", "httpMethod": "POST", "headers": {"host": "x.netlify.app"}, "queryStringParameters": {}, "body": "", "isBase64Encoded": true}`, "", adapter.REST},
		{"HTTP API 2.0 without a version (pitfall 107)", httpV2Event, `{"-version": 0}`, adapter.HTTPv2},
		{"a function URL that a test has made (pitfall 107)", functionURLEvent, `{"version": "", "rawPath": "", "requestContext": {"http": {"path": "/x"}}}`, adapter.FunctionURL},
		{"version 1.0 is HTTP API 1.0 (rule 96)", restEvent, `{"version": "1.0"}`, adapter.HTTPv1},
		{"REST, a console test (rule 23)", restEvent, `{"headers": null, "multiValueHeaders": null}`, adapter.REST},
		{"REST with rawPath (pitfall 99)", restEvent, `{"rawPath": "/x"}`, adapter.REST},
		{"a type that is no authorizer's (pitfall 107)", restEvent, `{"type": "REQUEST"}`, adapter.REST},
		{"an authorizer's verdict in the context (rule 88)", restEvent, `{"requestContext": {"authorizer": {"type": "REQUEST", "methodArn": "x"}}}`, adapter.REST},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			called := false
			invoke(t, func(_ http.ResponseWriter, r *http.Request) {
				called = true
				got, ok := adapter.SourceOf(r.Context())
				assert.True(t, ok)
				assert.Equal(t, row.want, got)
			}, edit(t, row.event, row.edit))
			assert.True(t, called)
		})
	}
}

// aws-lambda-go brings sample events of nearly every service.
func TestDetectionOfSamples(t *testing.T) {
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/aws/aws-lambda-go").Output()
	require.NoError(t, err)
	samples, err := filepath.Glob(filepath.Join(strings.TrimSpace(string(dir)), "events/testdata/*.json"))
	require.NoError(t, err)

	got := map[string]adapter.Source{}
	strange := 0
	for _, sample := range samples {
		payload, err := os.ReadFile(sample)
		require.NoError(t, err)
		name := strings.TrimSuffix(filepath.Base(sample), ".json")
		h := adapter.Wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			got[name], _ = adapter.SourceOf(r.Context())
		}))
		if _, err := h.Invoke(context.Background(), payload); err != nil {
			assert.ErrorContains(t, err, "not an HTTP event", name)
			strange++
		}
	}
	assert.Equal(t, map[string]adapter.Source{ // rules 87 to 93: these, and no others
		"alb-lambda-target-request-headers-only":       adapter.ALB,
		"alb-lambda-target-request-multivalue-headers": adapter.ALBMulti,
		"apigw-request":                        adapter.REST,
		"apigw-restapi-openapi-request":        adapter.REST,
		"apigw-v2-request-iam":                 adapter.HTTPv2,
		"apigw-v2-request-jwt-authorizer":      adapter.HTTPv2,
		"apigw-v2-request-lambda-authorizer":   adapter.HTTPv2,
		"apigw-v2-request-no-authorizer":       adapter.HTTPv2,
		"apigw-websocket-request":              adapter.WebSocketAPI,
		"apigw-websocket-request-disconnect":   adapter.WebSocketAPI,
		"apigw-websocket-request-send-message": adapter.WebSocketAPI,
		"lambda-urls-request":                  adapter.FunctionURL,
	}, got)
	assert.Greater(t, strange, 60, "samples of other services")
}
