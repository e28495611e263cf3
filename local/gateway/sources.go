package gateway

import (
	"slices"
	"time"

	"github.com/lambridge-go/lambridge/internal/source"
	"github.com/lambridge-go/lambridge/local/internal/arrival"
	"github.com/lambridge-go/lambridge/local/internal/door"
	"github.com/lambridge-go/lambridge/local/internal/format"
)

// Source names a front door together with the format in which it speaks to functions:
// what users say, and what a function finds out about a request.
type Source = source.Source

// The front doors of HTTP.
const (
	REST        = source.REST        // API Gateway REST API
	HTTPv1      = source.HTTPv1      // API Gateway HTTP API, payload format 1.0
	HTTPv2      = source.HTTPv2      // API Gateway HTTP API, payload format 2.0
	FunctionURL = source.FunctionURL // Lambda function URL
	ALB         = source.ALB         // Application Load Balancer, single-value headers
	ALBMulti    = source.ALBMulti    // Application Load Balancer, multi-value headers
	LatticeV1   = source.LatticeV1   // VPC Lattice, event structure 1.0
	LatticeV2   = source.LatticeV2   // VPC Lattice, event structure 2.0
)

// A Kind is the name of a door, by what AWS calls it: it decides about limits, headers
// and the answers that are the front door's own, whatever is behind it.
type Kind = arrival.Kind

// The kinds of front doors.
const (
	RESTAPI        = arrival.RESTAPI        // API Gateway REST API
	HTTPAPI        = arrival.HTTPAPI        // API Gateway HTTP API
	LambdaURL      = arrival.FunctionURL    // Lambda function URL
	LoadBalancer   = arrival.LoadBalancer   // Application Load Balancer
	LatticeService = arrival.LatticeService // VPC Lattice service
	WebSocketAPI   = arrival.WebSocketAPI   // of package websocket: no Gateway stands for one
)

// A Format is what a function is sent and what it may return. A front door that has
// several calls them by these names.
type Format string

// The formats.
const (
	// DefaultFormat is payload format 2.0 of HTTP APIs and function URLs, event
	// structure 2.0 of VPC Lattice, single-value headers of load balancers, and of REST
	// APIs the only one they have.
	DefaultFormat Format = ""

	Format1    Format = "1.0"         // of HTTP APIs and VPC Lattice
	Format2    Format = "2.0"         // of HTTP APIs, function URLs and VPC Lattice
	MultiValue Format = "multi-value" // of load balancers: multi-value headers
)

// A pair is what a Source names: a door and the format that it speaks.
type pair struct {
	source  Source
	name    string
	kind    Kind
	formats []Format // the names of its format
	format  format.Format
	claims  []string // where a token's claims stand in the authorizer's context
	caller  bool     // events show who sent the request
}

// pairs is the one list of them, in the order in which people look for them. Of several
// with the same door the first has the door's default format.
func pairs() []pair {
	return []pair{
		{HTTPv2, "HTTP API", HTTPAPI, []Format{Format2}, format.HTTPv2{}, []string{"jwt", "claims"}, true},
		{HTTPv1, "HTTP API, payload format 1.0", HTTPAPI, []Format{Format1}, format.HTTPv1{}, []string{"claims"}, true},
		{REST, "REST API", RESTAPI, []Format{Format1}, format.REST{}, []string{"claims"}, true},
		{FunctionURL, "function URL", LambdaURL, []Format{Format2}, format.FunctionURL{}, nil, true},
		{ALB, "Application Load Balancer", LoadBalancer, nil, format.ALB{}, nil, false},
		{ALBMulti, "Application Load Balancer, multi-value headers", LoadBalancer, []Format{MultiValue}, format.ALBMulti{}, nil, false},
		{LatticeV2, "VPC Lattice", LatticeService, []Format{Format2}, format.LatticeV2{}, nil, true},
		{LatticeV1, "VPC Lattice, event structure 1.0", LatticeService, []Format{Format1}, format.LatticeV1{}, nil, false},
	}
}

// pairOf returns the pair of a door and one of its formats.
func pairOf(kind Kind, f Format) (pair, bool) {
	for _, p := range pairs() {
		if p.kind == kind && (f == DefaultFormat || slices.Contains(p.formats, f)) {
			return p, true
		}
	}
	return pair{}, false
}

// Sources lists the front doors, in the order in which people look for them.
func Sources() []Source {
	var all []Source
	for _, p := range pairs() {
		all = append(all, p.source)
	}
	return all
}

// SourceFacts are what is fixed about a front door.
type SourceFacts struct {
	Source Source
	Name   string // "HTTP API, payload format 1.0"
	Plural string // "HTTP APIs"
	Kind   Kind
	Format Format

	Stages           bool // an API has stages
	Routes           bool // an API has routes
	Mappings         bool // an API can be mapped to a path of a custom domain
	BinaryMediaTypes bool // an API lists the types of binary bodies
	CORS             bool // it can answer preflight requests itself
	Authorizers      bool // its events tell who sent the request
	Streams          bool // replies can be streamed

	// Claims is where the claims of a checked token stand below
	// requestContext.authorizer. nil is a front door that checks none.
	Claims []string

	// Timeout is how long it waits for a function, and MaxTimeout how long it can be
	// told to. 0 waits as long as the function may run.
	Timeout, MaxTimeout time.Duration
}

// Facts returns what is fixed about a front door. ok is false for what is none of
// HTTP's.
func Facts(s Source) (facts SourceFacts, ok bool) {
	for _, p := range pairs() {
		if p.source != s {
			continue
		}
		f := door.Of(p.kind).Facts()
		facts = SourceFacts{
			Source: s, Name: p.name, Plural: f.Plural, Kind: p.kind,
			Stages: f.Stage != "" && f.Routes != nil, Routes: f.Routes != nil,
			Mappings: f.Has.Mappings, BinaryMediaTypes: f.Has.BinaryMediaTypes, CORS: f.Has.CORS != door.NoCORS,
			Authorizers: p.caller, Streams: f.Has.Streams, Claims: p.claims,
			Timeout: f.Waits.Timeout, MaxTimeout: f.Waits.Max,
		}
		if len(p.formats) > 0 {
			facts.Format = p.formats[0]
		}
		return facts, true
	}
	return SourceFacts{}, false
}
