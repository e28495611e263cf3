package definition

import (
	"time"

	"github.com/lambridge-go/lambridge/local/gateway"
	"github.com/lambridge-go/lambridge/local/internal/document"
)

// A Plan is what a definition asks for: APIs with their routes, function URLs, load
// balancers, and the functions behind them. It says what is to be, and knows
// nothing of how: [Plan.Assemble] does.
//
// Everything in it says by its Origin where it was written. Lists have the order of
// the definition. A plan is not changed once Load has returned it.
type Plan struct {
	// APIs are the REST and HTTP APIs.
	APIs []*API
	// WebSocketAPIs are what they say.
	WebSocketAPIs []*WebSocketAPI
	// FunctionURLs are what they say.
	FunctionURLs []*FunctionURL
	// LoadBalancers are listeners of Application Load Balancers with functions behind.
	LoadBalancers []*LoadBalancer
	// Functions are all functions that the definition declares or names, those
	// included that nothing here leads to: see Function.Used.
	Functions []*Function

	// Refused is what cannot be served, and mistakes: by name, file, line and what to
	// do about it. The rest is served.
	Refused []Note
	// Ignored is what has no effect here, such as caches and permissions.
	Ignored []Note
	// Skipped counts the resources of types that are no part of an API.
	Skipped map[string]int
	// Warnings are what behaves differently in AWS, or may.
	Warnings []Note
	// Files are the absolute paths of the files that the plan was read from.
	Files []string
}

// An Origin is where something is written: "template.yaml:12".
type Origin struct {
	File string
	// Line counts from 1. 0 is the file as a whole, or a command line.
	Line int
}

// String is the form that editors and terminals know.
func (o Origin) String() string {
	return document.Position(o).String()
}

// A Note is something to tell about a definition.
type Note struct {
	Origin Origin
	// Name is what it is about, such as "API Shop: GET /items/{id}". It may be "".
	Name string
	// Text says what is the matter, and what to do.
	Text string
}

// String is the note in one line.
func (n Note) String() string {
	s := n.Text
	if n.Name != "" {
		s = n.Name + ": " + s
	}
	if n.Origin != (Origin{}) {
		s = n.Origin.String() + ": " + s
	}
	return s
}

// An API is a REST API or an HTTP API.
type API struct {
	Kind gateway.Kind // gateway.RESTAPI or gateway.HTTPAPI

	// LogicalID is what the template calls it, or "" in a document of its own. Stack is
	// the name of its stack, or "".
	LogicalID, Stack string
	// ID stands for the id that API Gateway gives: it is in domains, ARNs and events.
	ID   string
	Name string
	// Stage is the stage that is served, "" if the definition has none. Undeployed is
	// why the stage would not be there in AWS, "" if it would.
	Stage          string
	Undeployed     string
	StageVariables map[string]string
	// BasePath is where a custom domain maps the API to, or "".
	BasePath string
	// Region and Account are the stack's.
	Region, Account string
	// Routes are those of the definition, those that CORS of SAM adds included.
	Routes []*Route
	// Throttle is the stage's limit for every route, or nil.
	Throttle *Throttle

	// CORS is an HTTP API's, or nil.
	CORS *CORS
	// BinaryMediaTypes, MinimumCompression (bytes, -1 is none), GatewayResponses,
	// APIKeySource (HEADER or AUTHORIZER), Policy (a resource policy as JSON), UsagePlans,
	// Validators and Models are a REST API's.
	BinaryMediaTypes   []string
	MinimumCompression int
	GatewayResponses   []*GatewayResponse
	APIKeySource       string
	Policy             []byte
	UsagePlans         []*UsagePlan
	Models             []*Model
	Validators         []*Validator
	Authorizers        []*Authorizer
	// ExecuteAPIDisabled leaves the API to its custom domain.
	ExecuteAPIDisabled bool
	// MutualTLS is that of a custom domain, or nil.
	MutualTLS *MutualTLS
	Origin    Origin
}

// A Route is a method of a REST API or a route of an HTTP API.
type Route struct {
	// Key is "GET /items/{id}", "ANY /{proxy+}" or "$default".
	Key string
	// Integration is where it leads to. It is never nil.
	Integration *Integration
	// Authorization is NONE, AWS_IAM, CUSTOM, JWT or COGNITO_USER_POOLS; Authorizer is
	// the one that CUSTOM, JWT and COGNITO_USER_POOLS need.
	Authorization  string
	Authorizer     *Authorizer
	Scopes         []string
	APIKeyRequired bool
	// Validator, Parameters and Models are a REST API's: what is checked, and what for.
	// Models are by media type.
	Validator  *Validator
	Parameters []Parameter
	Models     []Named[*Model]
	// Responses are a REST API's method responses.
	Responses []MethodResponse
	// OperationName is the name of the operation, or "".
	OperationName string
	Throttle      *Throttle
	// Refused is why the route is not served, or "": it stands among the others, so that
	// no wider one takes its requests, and answers 500.
	Refused string
	Origin  Origin
}

// A Parameter is one that a method declares.
type Parameter struct {
	// In is header, querystring or path.
	In, Name string
	Required bool
}

// A MethodResponse says which headers an answer with the status may have.
type MethodResponse struct {
	Status  string
	Headers []string
}

// Named is something under a name, in the order of the definition.
type Named[T any] struct {
	Name   string
	Value  T
	Origin Origin
}

// An Integration is what a route leads to, as it is written.
type Integration struct {
	// Type is AWS, AWS_PROXY, HTTP, HTTP_PROXY or MOCK.
	Type string
	// Subtype is that of an HTTP API's call of another service of AWS, such as
	// "SQS-SendMessage", or "".
	Subtype string
	// Method is that of the call of the backend. "" is what the type takes by itself.
	Method string
	// URI is the backend's, references resolved, stage variables too.
	URI string
	// Function is the function that URI names, or nil.
	Function *Function
	// PayloadFormat is "1.0" or "2.0" for functions of an HTTP API, else "".
	PayloadFormat string
	// Timeout is 0 for what the API takes by itself.
	Timeout time.Duration
	// Stream is the response transfer mode STREAM.
	Stream bool

	// PassthroughBehavior and ContentHandling are as they are written, in capitals.
	PassthroughBehavior string
	ContentHandling     string
	// RequestParameters map targets to sources, RequestTemplates media types to
	// templates. TemplateSelection is a WebSocket API's expression that chooses one.
	RequestParameters []Named[string]
	RequestTemplates  []Named[string]
	TemplateSelection string
	// Responses are the integration responses.
	Responses []IntegrationResponse
	// ResponseSelection is a WebSocket API's expression that chooses a response.
	ResponseSelection string

	// ConnectionType is INTERNET or VPC_LINK.
	ConnectionType, ConnectionID string
	// InsecureSkipVerification and ServerNameToVerify are the TLS configuration.
	InsecureSkipVerification bool
	ServerNameToVerify       string
	Origin                   Origin
}

// An IntegrationResponse is what becomes of an answer of the backend.
type IntegrationResponse struct {
	// Key chooses it: a REST API's selection pattern ("" is the default), an HTTP API's
	// status code, a WebSocket API's integration response key.
	Key string
	// Status is a REST API's status code, as text.
	Status string
	// Parameters map targets to sources, Templates media types to templates.
	Parameters        []Named[string]
	Templates         []Named[string]
	TemplateSelection string
	ContentHandling   string
	Origin            Origin
}

// An Authorizer is one of an API.
type Authorizer struct {
	// ID stands for its id, or is the name of the security scheme.
	ID   string
	Name string
	// Type is TOKEN, REQUEST, JWT or COGNITO_USER_POOLS.
	Type string
	// Function is the Lambda authorizer's, URI what names it.
	Function *Function
	URI      string
	// PayloadFormat is "1.0" or "2.0" for REQUEST authorizers of HTTP APIs.
	PayloadFormat   string
	SimpleResponses bool
	// IdentitySources are as they are written: method.request.header.X,
	// $request.header.X, route.request.header.X.
	IdentitySources    []string
	IdentityValidation string
	// TTL is how long a result may be kept; -1 is that the definition does not say.
	TTL time.Duration
	// Issuer and Audiences are JWT's, ProviderARNs Cognito's.
	Issuer       string
	Audiences    []string
	ProviderARNs []string
	// JWT holds what a REST API's JWT authorizer says beyond, as JSON, or nil.
	JWT    []byte
	Origin Origin
}

// A Validator says what is checked before an integration is called.
type Validator struct {
	ID, Name         string
	Body, Parameters bool
	Origin           Origin
}

// A Model is a JSON Schema (draft 4) under a name.
type Model struct {
	Name        string
	ContentType string
	// Schema is JSON text. References to other models are as API Gateway writes them:
	// https://apigateway.amazonaws.com/restapis/ID/models/NAME.
	Schema []byte
	// Imported is that the model stands in an OpenAPI document: API Gateway passes over
	// some of its keywords.
	Imported bool
	Origin   Origin
}

// A GatewayResponse is what a REST API answers by itself.
type GatewayResponse struct {
	// Type is DEFAULT_4XX, UNAUTHORIZED and so on.
	Type string
	// Status is text, "" for the type's own.
	Status string
	// Parameters map gatewayresponse.header.X to sources, Templates media types to
	// templates.
	Parameters []Named[string]
	Templates  []Named[string]
	Origin     Origin
}

// A UsagePlan says which keys may call the API, and how often.
type UsagePlan struct {
	ID, Name string
	Keys     []APIKey
	Throttle *Throttle
	// Quota is how many requests a Period (DAY, WEEK, MONTH) has; 0 is no limit.
	Quota  int
	Period string
	Origin Origin
}

// An APIKey is a key of a usage plan.
type APIKey struct {
	ID, Name string
	// Value is "" if only AWS knows it.
	Value    string
	Disabled bool
	Origin   Origin
}

// A Throttle limits requests.
type Throttle struct {
	Rate  float64 // requests a second
	Burst int
}

// CORS is the configuration of an HTTP API or a function URL.
type CORS struct {
	AllowOrigins, AllowMethods, AllowHeaders, ExposeHeaders []string
	AllowCredentials                                        bool
	MaxAge                                                  time.Duration
	Origin                                                  Origin
}

// MutualTLS is that of a custom domain.
type MutualTLS struct {
	// Truststore is where the certificates are, as it is written: an S3 address.
	Truststore string
	Origin     Origin
}

// A WebSocketAPI is what it says.
type WebSocketAPI struct {
	LogicalID      string
	Stack          string
	ID             string
	Name           string
	Stage          string
	Undeployed     string
	StageVariables map[string]string
	// BasePaths are where custom domains map it to: "" is the whole of one.
	BasePaths       []string
	Region, Account string
	// RouteSelection and APIKeySelection are its expressions.
	RouteSelection, APIKeySelection string
	Routes                          []*WebSocketRoute
	Authorizers                     []*Authorizer
	Models                          []*Model
	UsagePlans                      []*UsagePlan
	Throttle                        *Throttle
	Origin                          Origin
}

// A WebSocketRoute is a route of a WebSocket API.
type WebSocketRoute struct {
	// Key is "$connect", "$disconnect", "$default" or a custom one.
	Key         string
	Integration *Integration
	// TwoWay is that the route has a response: what the backend returns goes to the
	// sender.
	TwoWay bool
	// Authorization is NONE, AWS_IAM or CUSTOM; only $connect has any.
	Authorization  string
	Authorizer     *Authorizer
	APIKeyRequired bool
	// Models are by the key that ModelSelection chooses.
	Models         []Named[*Model]
	ModelSelection string
	// Parameters are what $connect requires.
	Parameters []Parameter
	Throttle   *Throttle
	// Refused is why the route is not served, or "".
	Refused string
	Origin  Origin
}

// A FunctionURL is the URL of a function.
type FunctionURL struct {
	LogicalID, Stack string
	// ID stands for the first label of its domain.
	ID       string
	Function *Function
	// IAM is the AuthType AWS_IAM.
	IAM bool
	// Stream is the invoke mode RESPONSE_STREAM.
	Stream          bool
	CORS            *CORS
	Region, Account string
	Origin          Origin
}

// A LoadBalancer is a listener of an Application Load Balancer.
type LoadBalancer struct {
	// Name is the listener's logical id, or what names one outside the template.
	Name   string
	Rules  []ListenerRule // by priority, the default action last
	Origin Origin
}

// A ListenerRule says what happens to requests that match all of its conditions: they
// go to Function or are answered with Fixed. A rule that does anything else is Refused,
// and stays among the others, so that no later one takes its requests.
type ListenerRule struct {
	Priority int
	// Paths, Hosts and Methods hold patterns with * and ?; none of a kind is any.
	Paths, Hosts, Methods []string
	// Headers and Queries are pairs of a name and patterns. A query without a name
	// matches values.
	Headers, Queries []Named[[]string]
	SourceIPs        []string
	Function         *Function
	// MultiValue is the attribute lambda.multi_value_headers.enabled.
	MultiValue bool
	Fixed      *FixedAnswer
	Refused    string // why the rule is not served, or ""
	Origin     Origin
}

// A FixedAnswer is what a load balancer answers by itself.
type FixedAnswer struct {
	Status            int
	ContentType, Body string
}

// A Function is one that the definition declares, or that an ARN in it names.
type Function struct {
	// LogicalID is what the template calls it, or "" if it does not declare it.
	LogicalID string
	// Name is its FunctionName, or stands for it.
	Name string
	// ARN is unqualified.
	ARN string
	// Source is where its program comes from.
	Source Source
	// Runtime and Handler are as they are written.
	Runtime, Handler string
	// Architecture is arm64 or x86_64, which is Lambda's own where a template does not
	// say. "" is one that does not resolve, or of a function that is only named.
	Architecture string
	// Environment is what resolves, Missing what does not: the reason is in Text.
	Environment []Named[string]
	Missing     []Note
	// Timeout and Memory (MB) are 0 for Lambda's own: 3 s and 128 MB. SAM's default is
	// the same.
	Timeout time.Duration
	Memory  int
	// MaxConcurrency is how many invocations one environment runs at once, 0 is one.
	MaxConcurrency int
	// Used says what leads to it, such as "GET /items" or "authorizer Tokens".
	Used   []string
	Origin Origin
}

// A Source is where a function's program comes from. At most one of Package,
// Executable and Makefile is set; if none is, Missing says why.
type Source struct {
	// Package is the absolute path of a folder with a package main.
	Package string
	// Executable is the absolute path of a program that was built already, or of a zip
	// file with its bootstrap.
	Executable string
	// Makefile is the absolute path of a folder whose Makefile has Target, which writes
	// a bootstrap into $ARTIFACTS_DIR.
	Makefile, Target string
	// Missing is why nothing of this is known.
	Missing string
}
