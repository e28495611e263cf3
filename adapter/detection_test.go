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
	{"rule 94: a list", `[]`, "an array"},
	{"rule 94, pitfall 108: a batch of AppSync", `[{"info": {"fieldName": "x"}, "arguments": {}}]`, "an array"},
	{"rule 94: a string", `"x"`, "a string"},
	{"rule 94: a number", `3`, "a number"},
	{"rule 94: null", `null`, "null"},
	{"rule 94: true", `true`, "a boolean"},
	{"pitfall 108: an empty object", `{}`, "an empty object"},
	{"pitfall 108: nothing", ``, "not JSON at byte 0: the end, where a value should begin"},
	{"pitfall 108: truncated", `{"httpMethod": "GET", "path": "/`, "not JSON at byte 32: the end, inside a string"},
	{"pitfall 108: two documents", `{} {}`, "not JSON at byte 3: '{' after the end of the value"},
	{"pitfall 108: a warm-up ping", `{"source": "serverless-plugin-warmup"}`, `an object with the members "source"`},
	{"rule 87: HTTP API 2.0's authorizer", `{"version": "2.0", "type": "REQUEST", "routeArn": "arn:x", "rawPath": "/", "requestContext": {"http": {"method": "GET"}}}`, "a Lambda authorizer's request"},
	{"rule 88: REST's authorizer", `{"type": "REQUEST", "methodArn": "arn:x", "resource": "/", "path": "/", "httpMethod": "GET", "requestContext": {"stage": "x"}}`, "a Lambda authorizer's request"},
	{"rule 88: REST's authorizer of tokens", `{"type": "TOKEN", "methodArn": "arn:x", "authorizationToken": "t"}`, "a Lambda authorizer's request"},
	{"rule 89: WebSocket's authorizer", `{"type": "REQUEST", "methodArn": "arn:x", "requestContext": {"connectionId": "c", "eventType": "CONNECT", "routeKey": "$connect"}}`, "a Lambda authorizer's request"},
	{"rule 90: a Bedrock agent", `{"httpMethod": "GET", "apiPath": "/x", "messageVersion": "1.0", "actionGroup": "g"}`, "a Bedrock agent's request"},
	{"rule 91: AppSync's authorizer", `{"authorizationToken": "t", "requestContext": {"apiId": "a", "accountId": "1", "requestId": "r", "queryString": "q"}}`, "an AppSync authorizer's request"},
	{"rule 93: SQS", `{"Records": [{"eventSource": "aws:sqs", "body": "{\"httpMethod\": \"GET\"}"}]}`, `records of "aws:sqs"`},
	{"rule 93: SNS, which writes a capital", `{"Records": [{"EventSource": "aws:sns"}]}`, `records of "aws:sns"`},
	{"rule 93: S3", `{"Records": [{"eventSource": "aws:s3"}]}`, `records of "aws:s3"`},
	{"rule 93: DynamoDB", `{"Records": [{"eventSource": "aws:dynamodb"}]}`, `records of "aws:dynamodb"`},
	{"rule 93: Kinesis", `{"Records": [{"eventSource": "aws:kinesis"}]}`, `records of "aws:kinesis"`},
	{"rule 93: SES", `{"Records": [{"eventSource": "aws:ses"}]}`, `records of "aws:ses"`},
	{"rule 93: Lambda@Edge", `{"Records": [{"cf": {"request": {"method": "GET", "uri": "/"}}}]}`, "a Lambda@Edge request"},
	{"rule 93: no records", `{"Records": []}`, `an object with the members "Records"`},
	{"rule 93: EventBridge", `{"version": "0", "id": "1", "detail-type": "Scheduled Event", "source": "aws.events", "detail": {}}`, "an EventBridge event"},
	{"rule 93: Cognito", `{"version": "1", "triggerSource": "PreSignUp_SignUp", "userPoolId": "p"}`, "a Cognito trigger"},
	{"rule 93: S3 Object Lambda", `{"getObjectContext": {}, "userRequest": {"url": "https://x/", "headers": {}}}`, "an S3 Object Lambda request"},
	{"rule 93: S3 batch", `{"invocationSchemaVersion": "1.0", "tasks": []}`, "an S3 batch operation"},
	{"rule 93: CloudFormation", `{"RequestType": "Create", "ResponseURL": "https://x/"}`, "a CloudFormation custom resource's request"},
	{"rule 93: Connect", `{"Details": {"ContactData": {}}, "Name": "ContactFlowEvent"}`, "an Amazon Connect event"},
	{"rule 93: Lex", `{"sessionState": {}}`, "a Lex request"},
	{"rule 93: Kafka", `{"eventSource": "aws:kafka", "records": {}}`, "a Kafka batch"},
	{"rule 93: MQ", `{"eventSource": "aws:rmq", "rmqMessagesByQueue": {}}`, "an Amazon MQ batch"},
	{"rule 93: CloudWatch Logs", `{"awslogs": {"data": ""}}`, "a CloudWatch Logs batch"},
	{"rule 93: Firehose", `{"deliveryStreamArn": "arn:x", "records": []}`, "a Firehose batch"},
	{"rule 93: a pipeline", `{"CodePipeline.job": {}}`, "a CodePipeline job"},
	{"rule 93: Config", `{"invokingEvent": "{}"}`, "an AWS Config event"},
	{"rule 93: Secrets Manager", `{"ClientRequestToken": "t", "Step": "createSecret"}`, "a Secrets Manager rotation"},
	{"rule 93: AppSync", `{"arguments": {}, "identity": null, "info": {"fieldName": "x"}}`, "an AppSync resolver's request"},
	{"rule 93: an alarm", `{"alarmArn": "arn:x"}`, "a CloudWatch alarm"},
	{"a REST API without a Lambda proxy integration, by the Serverless Framework", `{"body": {}, "method": "POST", "principalId": "", "stage": "dev", "headers": {}, "query": {}, "path": {"any": "x"}, "identity": {}, "requestPath": "/{any+}"}`, notProxied},
	{"the same in an older form", `{"body": {}, "method": "GET", "principalId": "", "stage": "dev", "headers": {}, "query": {}, "path": {}, "identity": {}, "stageVariables": {}}`, notProxied},
	{"a REST API with the mapping template of the console", `{"body-json": {}, "params": {"path": {}, "querystring": {}, "header": {}}, "stage-variables": {}, "context": {"http-method": "GET"}}`, notProxied},
	{"pitfall 107: version 2.0 without a path", `{"version": "2.0", "requestContext": {"http": {"method": "GET"}}}`, "an event of payload format 2.0 without rawPath"},
	{"pitfall 107: an event that a test has made, without a method", `{"version": "", "rawPath": "/ping", "requestContext": {"http": {"method": "", "path": ""}}}`, "an event of payload format 2.0 without requestContext.http.method"},
	{"pitfall 107: version 2.0 alone", `{"version": "2.0", "rawPath": "/"}`, "an event of payload format 2.0 without requestContext.http.method"},
	{"pitfall 107: a method alone", `{"httpMethod": "GET"}`, `an object with the members "httpMethod"`},
	{"pitfall 107: a connection of another kind", `{"requestContext": {"connectionId": "c", "eventType": "PING"}}`, `an object with the members "requestContext"`},
	{"rule 95: elb is no object", `{"requestContext": {"elb": true}, "httpMethod": "GET", "path": "/"}`, `an object with the members "requestContext", "httpMethod", "path"`},
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
		{"rule 33: HTTP API 1.0", httpV1Event, "", adapter.HTTPv1},
		{"HTTP API 2.0", httpV2Event, "", adapter.HTTPv2},
		{"function URL", functionURLEvent, "", adapter.FunctionURL},
		{"rule 73, pitfall 69: ALB with single values", albEvent, "", adapter.ALB},
		{"rule 74, pitfall 69: ALB with lists", albMultiEvent, "", adapter.ALBMulti},
		{"rule 80: Lattice v1", latticeV1Event, "", adapter.LatticeV1},
		{"rule 92: Lattice v2", latticeV2Event, "", adapter.LatticeV2},
		{"rule 84: WebSocket", connectEvent, "", adapter.WebSocketAPI},
		{"rule 64: a URL without route key and stage", functionURLEvent, `{"-routeKey": 0, "requestContext": {"-routeKey": 0, "-stage": 0}}`, adapter.FunctionURL},
		{"rule 64: a URL in China", functionURLEvent, `{"requestContext": {"domainName": "x.lambda-url.cn-north-1.on.amazonwebservices.com.cn"}}`, adapter.FunctionURL},
		{"rule 84: a connection that has a method", connectEvent, `{"httpMethod": "GET", "resource": "/", "path": "/"}`, adapter.WebSocketAPI},
		{"rule 92: Lattice v2, told by the service network", latticeV2Event, `{"requestContext": {"-serviceArn": 0, "-targetGroupArn": 0}}`, adapter.LatticeV2},
		{"rule 92: Lattice v2, told by the target group", latticeV2Event, `{"requestContext": {"-serviceArn": 0, "-serviceNetworkArn": 0}}`, adapter.LatticeV2},
		{"rule 95: ALB, told by elb alone", `{"requestContext": {"elb": {}}, "httpMethod": "GET", "path": "/"}`, "", adapter.ALB},
		{"rule 95: ALB with null lists", albEvent, `{"multiValueHeaders": null}`, adapter.ALB},
		{"Netlify", netlifyEvent, "", adapter.REST},
		{"Netlify, as it was once", `{"path": "/.netlify/functions/hello", "httpMethod": "POST", "headers": {"host": "x.netlify.app"}, "queryStringParameters": {}, "body": "", "isBase64Encoded": true}`, "", adapter.REST},
		{"pitfall 107: HTTP API 2.0 without a version", httpV2Event, `{"-version": 0}`, adapter.HTTPv2},
		{"pitfall 107: a function URL that a test has made", functionURLEvent, `{"version": "", "rawPath": "", "requestContext": {"http": {"path": "/x"}}}`, adapter.FunctionURL},
		{"rule 96: version 1.0 is HTTP API 1.0", restEvent, `{"version": "1.0"}`, adapter.HTTPv1},
		{"rule 23: REST, a console test", restEvent, `{"headers": null, "multiValueHeaders": null}`, adapter.REST},
		{"pitfall 99: REST with rawPath", restEvent, `{"rawPath": "/x"}`, adapter.REST},
		{"pitfall 107: a type that is no authorizer's", restEvent, `{"type": "REQUEST"}`, adapter.REST},
		{"rule 88: an authorizer's verdict in the context", restEvent, `{"requestContext": {"authorizer": {"type": "REQUEST", "methodArn": "x"}}}`, adapter.REST},
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
