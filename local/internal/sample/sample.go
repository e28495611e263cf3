// Package sample has events of the services of AWS that invoke functions by themselves,
// to be changed and tried.
package sample

import (
	"embed"
	"strings"
)

//go:embed *.json
var files embed.FS

// An Event is a sample of a service's.
type Event struct {
	// Name is short: "sqs". Title is what the service calls the event.
	Name, Title string
	// Event is JSON, indented.
	Event string
}

// All returns the samples, the most wanted first.
func All() []Event {
	all := []Event{
		{"sqs", "SQS: messages of a queue", ""},
		{"sns", "SNS: a notification", ""},
		{"s3", "S3: an object was created", ""},
		{"eventbridge", "EventBridge: an event of one's own", ""},
		{"schedule", "EventBridge: a schedule", ""},
		{"dynamodb", "DynamoDB Streams: items have changed", ""},
	}
	for n := range all {
		content, err := files.ReadFile(all[n].Name + ".json")
		if err != nil {
			panic(err) // it is embedded above
		}
		all[n].Event = strings.TrimSpace(string(content))
	}
	return all
}

// Named returns the sample with a name, or false if there is none.
func Named(name string) (Event, bool) {
	for _, e := range All() {
		if e.Name == name {
			return e, true
		}
	}
	return Event{}, false
}
