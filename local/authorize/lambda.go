package authorize

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/lambridge-go/lambridge/local/gateway"
	"github.com/lambridge-go/lambridge/local/internal/javaregexp"
	"github.com/lambridge-go/lambridge/local/invoke"
)

// LambdaOptions set up an authorizer that is a function.
type LambdaOptions struct {
	_ struct{}

	// Token sends the function nothing but the token: a REST API's authorizer of type
	// TOKEN. false sends it the request, without its body: type REQUEST.
	Token bool

	// Format is how an HTTP API sends the request: gateway.Format1 or Format2. The
	// zero Format is the one of REST and WebSocket APIs.
	Format gateway.Format

	// Simple takes {"isAuthorized": …} for an answer instead of a policy. It needs
	// Format2.
	Simple bool

	// Sources are what a request has to say to be judged at all; one that lacks any
	// of them is turned down with 401, without the function. TOKEN has exactly one,
	// a header: "method.request.header.Authorization" is what nil means there.
	Sources []string

	// Validation is a regular expression that a TOKEN has to match as a whole. ""
	// takes every token.
	Validation string

	// TTL is how long an answer is kept for requests that have the same in all of
	// Sources. 0 asks the function each time.
	TTL time.Duration

	// Timeout is how long the function may take. 0 is 10 seconds for HTTP APIs,
	// 29 for others.
	Timeout time.Duration

	// Logger is told what a policy has that is not evaluated. nil discards.
	Logger *slog.Logger
}

type lambdaAuthorizer struct {
	function   invoke.Invoker
	options    LambdaOptions
	sources    []identitySource
	validation *javaregexp.Regexp
	cache      *cache
	log        *slog.Logger
}

// Lambda returns an authorizer that asks a function: for REST APIs and the $connect
// route of WebSocket APIs one that answers with a policy, for HTTP APIs one that
// answers with a policy or, in format 2.0, with yes or no. The error joins all that
// is wrong with o.
//
// The answer is kept by what Sources hold, and nothing else: it is the policy that is
// kept, and it judges each request anew. A policy that names one method turns down
// the others for as long as it is kept; a yes or no holds for every route of the
// authorizer, unless "$context.routeKey" is among the sources.
//
// https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-use-lambda-authorizer.html
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html
func Lambda(function invoke.Invoker, o LambdaOptions) (gateway.Authorizer, error) {
	l := &lambdaAuthorizer{function: function, options: o, log: o.Logger}
	var wrong []error
	fail := func(format string, args ...any) { wrong = append(wrong, fmt.Errorf("authorize: "+format, args...)) }
	if function == nil {
		fail("Lambda has no function")
	}
	if o.Token && o.Sources == nil {
		o.Sources = []string{"method.request.header.Authorization"}
	}
	var err error
	if l.sources, err = parseSources(o.Sources); err != nil {
		wrong = append(wrong, err)
	}
	if l.validation, err = compileValidation(o.Validation); err != nil {
		wrong = append(wrong, err)
	}
	switch {
	case o.Token && (len(o.Sources) != 1 || !strings.Contains(o.Sources[0], ".header.")):
		fail("a TOKEN authorizer has one identity source, a header, and not %q", o.Sources)
	case o.Token && o.Format != gateway.DefaultFormat:
		fail("a TOKEN authorizer has no payload format %q", o.Format)
	case !o.Token && o.Validation != "":
		fail("an identity validation expression is for TOKEN authorizers")
	}
	if o.Simple && o.Format != gateway.Format2 {
		fail("simple responses need payload format 2.0")
	}
	if o.TTL < 0 || o.TTL > time.Hour {
		fail("the TTL %v is not between 0 and an hour", o.TTL)
	}
	if o.TTL > 0 && len(o.Sources) == 0 {
		fail("the TTL %v needs identity sources to keep answers by", o.TTL)
	}
	if err := errors.Join(wrong...); err != nil {
		return nil, err
	}
	if l.log == nil {
		l.log = slog.New(slog.DiscardHandler)
	}
	if o.TTL > 0 {
		l.cache = newCache(o.TTL)
	}
	if l.options.Timeout == 0 {
		l.options.Timeout = 29 * time.Second
		if o.Format != gateway.DefaultFormat {
			l.options.Timeout = 10 * time.Second
		}
	}
	return l, nil
}

// Authorize asks the function about a request, or what it said of one like it.
func (l *lambdaAuthorizer) Authorize(ctx context.Context, a *gateway.Arrival) (gateway.Authorization, error) {
	identity := make([]string, len(l.sources))
	for i, source := range l.sources {
		if identity[i] = source.value(a); identity[i] == "" {
			return gateway.Authorization{}, &gateway.Denied{Type: gateway.Unauthorized, Reason: "the identity source " + source.text + " is missing or empty"}
		}
	}
	if l.options.Token && !matches(l.validation, identity[0]) {
		return gateway.Authorization{}, &gateway.Denied{Type: gateway.Unauthorized, Reason: "the token does not match the identity validation expression"}
	}
	found, kept := l.cache.get(identity, a.Time)
	if !kept {
		var err error
		if found, err = l.ask(ctx, a, identity); err != nil {
			return gateway.Authorization{}, err
		}
		l.cache.put(identity, a.Time, found)
	}
	return found.judge(a, kept)
}

// SecretParameters implements gateway.Secretive.
func (l *lambdaAuthorizer) SecretParameters() []string { return secretsIn(l.sources...) }

// maxWebSocketAnswer is how long an authorizer's answer may be behind a WebSocket API: 8 KB.
//
// https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-execution-service-websocket-limits-table.html
const maxWebSocketAnswer = 8 << 10

// ask invokes the function. Its failures are not kept.
func (l *lambdaAuthorizer) ask(ctx context.Context, a *gateway.Arrival, identity []string) (*answer, error) {
	event, err := l.event(a, identity)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(invoke.WithInfo(context.WithoutCancel(ctx), invoke.Info{TraceID: a.TraceID}), l.options.Timeout)
	defer cancel()
	reply, err := l.function.Invoke(ctx, event)
	if err != nil {
		return nil, failure(err)
	}
	if a.API.Kind == gateway.WebSocketAPI && len(reply) > maxWebSocketAnswer {
		return nil, misconfigured(fmt.Sprintf("the authorizer's answer has %d bytes, and a WebSocket API takes %d", len(reply), maxWebSocketAnswer))
	}
	found, err := l.read(reply)
	if err != nil {
		return nil, misconfigured("the authorizer's answer is none: " + err.Error())
	}
	if ignored := found.policy.ignored(); len(ignored) > 0 {
		l.log.Warn("the authorizer's policy has conditions that are not evaluated here", "conditions", ignored)
	}
	return found, nil
}

// failure is the answer to a function that failed. One that fails with "Unauthorized",
// and no other word, says so of the request.
func failure(err error) error {
	var failed *invoke.Error
	message := err.Error()
	if errors.As(err, &failed) {
		message = failed.Message
	}
	switch {
	case message == "Unauthorized":
		return &gateway.Denied{Type: gateway.Unauthorized, Reason: `the authorizer failed with "Unauthorized"`}
	case failed != nil:
		// What a function says of its failure is its own, and may have the token in it.
		return misconfigured(fmt.Sprintf("the authorizer failed with an error of type %q", failed.Type))
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, invoke.ErrThrottled), errors.Is(err, invoke.ErrTooLarge):
		return misconfigured("the authorizer did not answer: " + message)
	}
	return misconfigured(fmt.Sprintf("the authorizer failed with an error of type %T", err))
}

// misconfigured is the answer for an authorizer that does not work. Behind a REST
// API its message is null.
func misconfigured(reason string) *gateway.Denied {
	return &gateway.Denied{Type: gateway.AuthorizerConfigurationError, Reason: reason}
}

// event writes the event for the function.
func (l *lambdaAuthorizer) event(a *gateway.Arrival, identity []string) ([]byte, error) {
	if l.options.Token {
		return json.Marshal(struct {
			Type      string `json:"type"`
			Token     string `json:"authorizationToken"`
			MethodARN string `json:"methodArn"`
		}{"TOKEN", identity[0], methodARN(a)})
	}
	head, err := gateway.EventHead(a, l.options.Format)
	if err != nil {
		return nil, err
	}
	given := map[string]json.RawMessage{}
	if err := json.Unmarshal(head, &given); err != nil {
		return nil, fmt.Errorf("authorize: the event of the request: %w", err)
	}
	set := func(name string, value any) { given[name], _ = json.Marshal(value) } // text never fails
	set("type", "REQUEST")
	var order []string
	switch l.options.Format {
	case gateway.Format2:
		set("routeArn", methodARN(a))
		given["identitySource"] = json.RawMessage("null")
		if len(identity) > 0 {
			set("identitySource", identity)
		}
		order = []string{"version", "type", "routeArn", "identitySource", "routeKey", "rawPath", "rawQueryString", "cookies", "headers",
			"queryStringParameters", "requestContext", "pathParameters", "stageVariables"}
	case gateway.Format1:
		set("methodArn", methodARN(a))
		set("identitySource", strings.Join(identity, ","))
		set("authorizationToken", strings.Join(identity, ","))
		order = []string{"version", "type", "methodArn", "identitySource", "authorizationToken", "resource", "path", "httpMethod", "headers",
			"queryStringParameters", "pathParameters", "stageVariables", "requestContext"}
	default:
		set("methodArn", methodARN(a))
		if string(given["pathParameters"]) == "null" {
			given["pathParameters"] = json.RawMessage("{}")
		}
		order = []string{"type", "methodArn", "resource", "path", "httpMethod", "headers", "multiValueHeaders", "queryStringParameters",
			"multiValueQueryStringParameters", "pathParameters", "stageVariables", "requestContext"}
	}
	return ordered(given, order), nil
}

// ordered writes the members of an object that are there, in an order.
func ordered(members map[string]json.RawMessage, order []string) []byte {
	out := []byte{'{'}
	for _, name := range order {
		if value, ok := members[name]; ok {
			out = append(appendName(out, name), value...)
		}
	}
	return append(out, '}')
}

// methodARN is what a policy has to allow for a request: the ARN of its method and
// path.
func methodARN(a *gateway.Arrival) string {
	path := a.Method + a.Path
	if a.Route.Path == "$connect" {
		path = a.Route.Path
	}
	return "arn:aws:execute-api:" + a.API.Account.Region + ":" + a.API.Account.ID + ":" + a.API.ID + "/" + a.API.Stage + "/" + path
}
