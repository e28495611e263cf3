// Package source names the front doors of AWS Lambda. The names are all that the two
// sides of an event share: what reads events inside a function, and what stands in for
// AWS in front of it.
package source

// A Source is the front door that an event comes through. Its value is the name that
// the local command knows it by.
type Source string

// The front doors.
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

// All lists them.
func All() []Source {
	return []Source{REST, HTTPv1, HTTPv2, FunctionURL, ALB, ALBMulti, LatticeV1, LatticeV2, WebSocket}
}
