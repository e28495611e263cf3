package event_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/lambridge-go/lambridge/internal/event"
)

// Each event of another service is named by what gives it away.
func TestStrangersAreNamed(t *testing.T) {
	const notProxied = `a request of an API Gateway integration that is not a Lambda proxy integration: turn on "Lambda proxy integration" for the method (type AWS_PROXY, integration: lambda-proxy)`
	for _, row := range []struct{ payload, saw string }{
		{`{"type":"TOKEN","methodArn":"arn:x"}`, "a Lambda authorizer's request"},
		{`{"methodArn":"arn:x"}`, "a Lambda authorizer's request"},
		{`{"version":"2.0","type":"REQUEST","routeArn":"arn:x","rawPath":"/","requestContext":{"http":{"method":"GET"}}}`, "a Lambda authorizer's request"},
		{`{"routeArn":"arn:x"}`, "a Lambda authorizer's request"},
		{`{"authorizationToken":"t","requestContext":{"apiId":"a"}}`, "an AppSync authorizer's request"},
		{`{"detail-type":"Scheduled Event","source":"aws.events"}`, "an EventBridge event"},
		{`{"triggerSource":"PreSignUp_SignUp","userPoolId":"p"}`, "a Cognito trigger"},
		{`{"RequestType":"Create","ResponseURL":"https://x/"}`, "a CloudFormation custom resource's request"},
		{`{"httpMethod":"GET","apiPath":"/x","messageVersion":"1.0","actionGroup":"g"}`, "a Bedrock agent's request"},
		{`{"getObjectContext":{}}`, "an S3 Object Lambda request"},
		{`{"invocationSchemaVersion":"1.0","tasks":[]}`, "an S3 batch operation"},
		{`{"awslogs":{"data":""}}`, "a CloudWatch Logs batch"},
		{`{"CodePipeline.job":{}}`, "a CodePipeline job"},
		{`{"invokingEvent":"{}"}`, "an AWS Config event"},
		{`{"ClientRequestToken":"t","Step":"createSecret"}`, "a Secrets Manager rotation"},
		{`{"messageVersion":"1.0","apiPath":"/x","httpMethod":"GET","path":"/x"}`, "a Bedrock agent's request"},
		{`{"sessionState":{}}`, "a Lex request"},
		{`{"currentIntent":{}}`, "a Lex request"},
		{`{"Details":{},"Name":"ContactFlowEvent"}`, "an Amazon Connect event"},
		{`{"arguments":{},"info":{}}`, "an AppSync resolver's request"},
		{`{"alarmArn":"arn:x"}`, "a CloudWatch alarm"},
		{`{"rmqMessagesByQueue":{}}`, "an Amazon MQ batch"},
		{`{"eventSource":"aws:kafka","records":{}}`, "a Kafka batch"},
		{`{"deliveryStreamArn":"arn:x"}`, "a Firehose batch"},
		{`{"requestPath":"/","method":"GET"}`, notProxied},
		{`{"principalId":"","method":"GET"}`, notProxied},
		{`{"body-json":{},"params":{}}`, notProxied},
		{`{"Records":[{"eventSource":"aws:sqs"}]}`, `records of "aws:sqs"`},
		{`{"Records":[{"EventSource":"aws:sns"}]}`, `records of "aws:sns"`},
		{`{"Records":[{"cf":{}}]}`, "a Lambda@Edge request"},
	} {
		t.Run(row.payload, func(t *testing.T) {
			var r event.Request
			assert.Equal(t, &event.NotHTTPError{Saw: row.saw}, event.DecodeRequest([]byte(row.payload), &r))
		})
	}
}

// An event that nothing gives away is told by its shape, of which no more is repeated
// than helps.
func TestOthersAreToldByTheirShape(t *testing.T) {
	for name, row := range map[string]struct{ payload, saw string }{
		"a list":                          {`[]`, "an array"},
		"an empty object":                 {`{}`, "an empty object"},
		"its members":                     {`{"a":1,"b":{}}`, `an object with the members "a", "b"`},
		"eight of its members":            {`{"a":1,"b":1,"c":1,"d":1,"e":1,"f":1,"g":1,"h":1,"i":1}`, `an object with the members "a", "b", "c", "d", "e", "f", "g", "h", …`},
		"a name of which there is no end": {`{"` + strings.Repeat("n", 60) + `":1}`, `an object with the members "` + strings.Repeat("n", 40) + `…"`},
		"2.0 without a method":            {`{"version":"2.0","rawPath":"/","requestContext":{"http":{}}}`, "an event of payload format 2.0 without requestContext.http.method"},
		"2.0 without a path":              {`{"version":"2.0","requestContext":{"http":{"method":"GET"}}}`, "an event of payload format 2.0 without rawPath"},
		"2.0 with its route alone":        {`{"version":"2.0","routeKey":"POST /x","headers":{},"requestContext":{"routeKey":"POST /x"}}`, "an event of payload format 2.0 without requestContext.http.method"},
		"a method and a path":             {`{"httpMethod":"GET","path":"/x"}`, "a REST API's event without headers"},
		"1.0 without its resource":        {`{"version":"1.0","httpMethod":"GET","path":"/x","headers":{},"requestContext":{}}`, "a REST API's event without resource"},
		"REST without its context":        {`{"resource":"/x","httpMethod":"GET","path":"/x","headers":{}}`, "a REST API's event without requestContext"},
		"broken JSON":                     {`{`, "not JSON at byte 1: the end, where a key should begin"},
	} {
		t.Run(name, func(t *testing.T) {
			var r event.Request
			assert.Equal(t, &event.NotHTTPError{Saw: row.saw}, event.DecodeRequest([]byte(row.payload), &r))
		})
	}
}
