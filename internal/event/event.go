// Package event holds the wire formats: what each front door of AWS Lambda sends
// a function for an HTTP request, and what it takes for an answer.
//
// Each kind of event is one file that tells its whole story, in two halves. The
// Lambda half recognises the event, reads it as a request and writes the reply;
// package adapter uses it inside a function. The gateway half writes the event
// for a request and makes a response of the reply; package local/gateway uses it
// to stand in for AWS. The halves never call each other: a misunderstanding they
// shared would pass every round trip, so each is tested against what AWS was
// recorded to do.
//
// The list kinds names them all. Nothing else asks which kind an event is of.
package event

// Source names the front door that an event came through.
type Source string

// The front doors. Their values are also the names the local command knows them by.
const (
	REST        Source = "rest"       // API Gateway REST API
	HTTPv1      Source = "http-v1"    // API Gateway HTTP API, payload format 1.0
	HTTPv2      Source = "http"       // API Gateway HTTP API, payload format 2.0
	FunctionURL Source = "url"        // Lambda function URL
	ALB         Source = "alb"        // Application Load Balancer, single-value headers
	ALBMulti    Source = "alb-multi"  // Application Load Balancer, multi-value headers
	LatticeV1   Source = "lattice-v1" // VPC Lattice, event structure 1.0
	LatticeV2   Source = "lattice"    // VPC Lattice, event structure 2.0
	WebSocket   Source = "websocket"  // API Gateway WebSocket API
)
