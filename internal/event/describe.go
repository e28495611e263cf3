package event

import (
	"fmt"
	"strings"

	"github.com/lambridge-go/lambridge/internal/jsontape"
)

// A NotHTTPError says that an event is no HTTP request, and what it is instead.
type NotHTTPError struct{ Saw string }

func (e *NotHTTPError) Error() string { return "not an HTTP event: " + e.Saw }

// telltales are the members, one or two, that give away events of other services.
// The first whose members are there names the event.
var telltales = [...]struct{ member, another, name string }{
	{"methodArn", "", "a Lambda authorizer's request"},
	{"routeArn", "", "a Lambda authorizer's request"},
	{"authorizationToken", "requestContext", "an AppSync authorizer's request"},
	{"detail-type", "source", "an EventBridge event"},
	{"triggerSource", "userPoolId", "a Cognito trigger"},
	{"RequestType", "ResponseURL", "a CloudFormation custom resource's request"},
	{"messageVersion", "actionGroup", "a Bedrock agent's request"},
	{"messageVersion", "apiPath", "a Bedrock agent's request"},
	{"getObjectContext", "", "an S3 Object Lambda request"},
	{"invocationSchemaVersion", "tasks", "an S3 batch operation"},
	{"awslogs", "", "a CloudWatch Logs batch"},
	{"CodePipeline.job", "", "a CodePipeline job"},
	{"invokingEvent", "", "an AWS Config event"},
	{"ClientRequestToken", "Step", "a Secrets Manager rotation"},
	{"sessionState", "", "a Lex request"},
	{"currentIntent", "", "a Lex request"},
	{"Details", "Name", "an Amazon Connect event"},
	{"info", "arguments", "an AppSync resolver's request"},
	{"alarmArn", "", "a CloudWatch alarm"},
	{"rmqMessagesByQueue", "", "an Amazon MQ batch"},
	{"eventSource", "records", "a Kafka batch"},
	{"deliveryStreamArn", "", "a Firehose batch"},
	{"requestPath", "method", notProxied},
	{"principalId", "method", notProxied},
	{"body-json", "params", notProxied},
}

// notProxied are the requests of integrations whose mapping templates make up an event of
// their own, such as those of the Serverless Framework for integration: lambda and
// async: true, and the one that API Gateway's console proposes.
const notProxied = "a request of an API Gateway integration that is not a Lambda proxy integration: turn on \"Lambda proxy integration\" for the method (type AWS_PROXY, integration: lambda-proxy)"

// maxDescribed bounds how much of a stranger's event an error repeats.
const maxDescribed = 40

// describe names an event that is not HTTP, for the error that refuses it.
func describe(d *document) string {
	e := d.root
	if e.Kind() != jsontape.Object {
		return e.Kind().String()
	}
	if records := e.Get("Records"); records.Kind() == jsontape.Array {
		first := jsontape.MembersOf(records).Value()
		for _, key := range []string{"eventSource", "EventSource"} {
			if source := first.Get(key); source.IsString() {
				return fmt.Sprintf("records of %q", cut(string(source.Bytes())))
			}
		}
		if first.Get("cf").Kind() == jsontape.Object {
			return "a Lambda@Edge request"
		}
	}
	for _, t := range telltales {
		if has(e, t.member) && (t.another == "" || has(e, t.another)) {
			return t.name
		}
	}
	// What is made by hand, as in tests, may be all but there.
	if d.context.http.Kind() == jsontape.Object || d.rawPath.IsString() || d.routeKey.IsString() && d.version.Is("2.0") {
		if missing := missingIn2(d); missing != "" {
			return "an event of payload format 2.0 without " + missing
		}
	}
	if d.httpMethod.IsString() && d.path.IsString() && d.context.elb.Kind() == jsontape.Absent {
		if !has(e, "requestContext") && !has(e, "resource") {
			return "a REST API's event without headers"
		}
		for _, member := range [...]string{"resource", "requestContext"} {
			if !has(e, member) {
				return "a REST API's event without " + member
			}
		}
	}
	var names []string
	for m := jsontape.MembersOf(e); m.More(); m = m.Next() {
		if len(names) == 8 {
			names = append(names, "…")
			break
		}
		names = append(names, fmt.Sprintf("%q", cut(string(m.Key()))))
	}
	if names == nil {
		return "an empty object"
	}
	return "an object with the members " + strings.Join(names, ", ")
}

// has is for events that are not HTTP, as a rule, and need not be inlined.
//
//go:noinline
func has(e jsontape.Value, key string) bool { return e.Get(key).Kind() != jsontape.Absent }

func cut(s string) string {
	if len(s) > maxDescribed {
		return s[:maxDescribed] + "…"
	}
	return s
}
