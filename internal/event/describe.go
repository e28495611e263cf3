package event

import (
	"fmt"
	"strings"

	"github.com/lambridge-go/lambridge/internal/jsontape"
)

// A NotHTTPError says that an event is no HTTP request, and what it is instead.
type NotHTTPError struct{ Saw string }

func (e *NotHTTPError) Error() string { return "not an HTTP event: " + e.Saw }

// telltales are the members that give away events of other services. The first
// whose members are all there names the event.
var telltales = []struct {
	members []string
	name    string
}{
	{[]string{"methodArn"}, "a Lambda authorizer's request"},
	{[]string{"routeArn"}, "a Lambda authorizer's request"},
	{[]string{"authorizationToken", "requestContext"}, "an AppSync authorizer's request"},
	{[]string{"detail-type", "source"}, "an EventBridge event"},
	{[]string{"triggerSource", "userPoolId"}, "a Cognito trigger"},
	{[]string{"RequestType", "ResponseURL"}, "a CloudFormation custom resource's request"},
	{[]string{"messageVersion", "actionGroup"}, "a Bedrock agent's request"},
	{[]string{"getObjectContext"}, "an S3 Object Lambda request"},
	{[]string{"invocationSchemaVersion", "tasks"}, "an S3 batch operation"},
	{[]string{"awslogs"}, "a CloudWatch Logs batch"},
	{[]string{"CodePipeline.job"}, "a CodePipeline job"},
	{[]string{"invokingEvent"}, "an AWS Config event"},
	{[]string{"ClientRequestToken", "Step"}, "a Secrets Manager rotation"},
	{[]string{"sessionState"}, "a Lex request"},
	{[]string{"currentIntent"}, "a Lex request"},
	{[]string{"Details", "Name"}, "an Amazon Connect event"},
	{[]string{"info", "arguments"}, "an AppSync resolver's request"},
	{[]string{"alarmArn"}, "a CloudWatch alarm"},
	{[]string{"rmqMessagesByQueue"}, "an Amazon MQ batch"},
	{[]string{"eventSource", "records"}, "a Kafka batch"},
	{[]string{"deliveryStreamArn"}, "a Firehose batch"},
}

// maxDescribed bounds how much of a stranger's event an error repeats.
const maxDescribed = 40

// describe names an event that is not HTTP, for the error that refuses it.
func describe(e jsontape.Value) string {
	if !e.IsObject() {
		return e.Kind().String()
	}
	if records := e.Get("Records"); records.Kind() == jsontape.Array {
		first := records.Members()
		first.Next()
		for _, key := range []string{"eventSource", "EventSource"} {
			if source := first.Value().Get(key); source.IsString() {
				return fmt.Sprintf("records of %q", cut(source.Text()))
			}
		}
		if first.Value().Get("cf").IsObject() {
			return "a Lambda@Edge request"
		}
	}
	for _, t := range telltales {
		if hasAll(e, t.members) {
			return t.name
		}
	}
	var names []string
	for m := e.Members(); m.Next(); {
		if len(names) == 8 {
			names = append(names, "…")
			break
		}
		names = append(names, fmt.Sprintf("%q", cut(m.Key().Text())))
	}
	if names == nil {
		return "an empty object"
	}
	return "an object with the members " + strings.Join(names, ", ")
}

func hasAll(e jsontape.Value, keys []string) bool {
	for _, key := range keys {
		if e.Get(key).Kind() == jsontape.Absent {
			return false
		}
	}
	return true
}

func cut(s string) string {
	if len(s) > maxDescribed {
		return s[:maxDescribed] + "…"
	}
	return s
}
