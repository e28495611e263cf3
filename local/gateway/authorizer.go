package gateway

import (
	"context"
	"maps"
	"net/http"

	"github.com/lambridge-go/lambridge/local/internal/arrival"
	"github.com/lambridge-go/lambridge/local/internal/door"
	"github.com/lambridge-go/lambridge/local/internal/field"
)

// An Authorizer decides who may send a request and what its event shows of the sender.
// It must be safe for concurrent use.
type Authorizer interface {
	// Authorize decides on a request, which it reads only. A *Denied is answered as it
	// says: 401 is Unauthorized, 403 AccessDenied; of an Authorization beside it, a REST
	// API's gateway responses may show the context. Any other error is a broken
	// authorizer, which API Gateway answers with 500.
	Authorize(ctx context.Context, a *Arrival) (Authorization, error)
}

// An AuthorizerFunc is an Authorizer made of a func.
type AuthorizerFunc func(ctx context.Context, a *Arrival) (Authorization, error)

// Authorize implements Authorizer.
func (f AuthorizerFunc) Authorize(ctx context.Context, a *Arrival) (Authorization, error) {
	return f(ctx, a)
}

// An Arrival is a request as it reached the API: its API, Method, Host, Target (as
// sent), Path (below stage and base path, as sent), RawPath, RawQuery; the client's
// header as Sent and the Header that reaches the integration; Route, with the values of
// the path's parameters; SourceIP, Certificate, Time, RequestID. Its Payload is the
// body, which can be read again afterwards.
type Arrival = arrival.Arrival

// An Authorization is what an authorizer knows about the sender of a request: the JSON
// objects Context, for requestContext.authorizer, and Identity, whose members replace
// those of requestContext.identity; ContextV1 and Variables, where payload format 1.0 and
// mapping templates show something else than Context; Principal, UsageKey; and the
// request headers to Drop ahead of the integration. The zero value shows nothing.
type Authorization = arrival.Authorization

// EventHead returns the event for a in a format, without its body: what request
// authorizers are sent parts of.
func EventHead(a *Arrival, f Format) ([]byte, error) {
	if a.Head != nil {
		return a.Head()
	}
	p, ok := pairOf(a.API.Kind, f)
	if !ok {
		return nil, door.Refusef(door.APIConfigurationError, "a %s has no payload format %q", a.API.Kind, f)
	}
	head := *a
	head.Body, head.ContentLength = nil, 0
	return p.format.Encode(&head)
}

// A ResponseType is what API Gateway calls the reason for an answer of its own.
//
// https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
type ResponseType = door.Failure

// The reasons. Front doors other than REST APIs answer them with the status and the
// words that they have for them.
const (
	AccessDenied                 = door.AccessDenied
	APIConfigurationError        = door.APIConfigurationError
	AuthorizerConfigurationError = door.AuthorizerConfigurationError
	AuthorizerFailure            = door.AuthorizerFailure
	BadRequestBody               = door.BadRequestBody
	BadRequestParameters         = door.BadRequestParameters
	ExpiredToken                 = door.ExpiredToken
	IntegrationFailure           = door.IntegrationFailure
	IntegrationTimeout           = door.IntegrationTimeout
	InvalidAPIKey                = door.InvalidAPIKey
	InvalidSignature             = door.InvalidSignature
	MissingAuthenticationToken   = door.MissingAuthenticationToken
	QuotaExceeded                = door.QuotaExceeded
	RequestTooLarge              = door.RequestTooLarge
	ResourceNotFound             = door.ResourceNotFound
	Throttled                    = door.Throttled
	Unauthorized                 = door.Unauthorized
	UnsupportedMediaType         = door.UnsupportedMediaType
	WAFFiltered                  = door.WAFFiltered
	Default4XX                   = door.Default4XX
	Default5XX                   = door.Default5XX
)

// Denied is the error of an Authorizer or Validator that turns a request down, and what
// the client is told.
type Denied struct {
	// Type is the reason. "" is AccessDenied.
	Type ResponseType

	// Status is that of the answer. 0 is the one that the front door has for Type.
	Status int

	// Message is what the answer says, in the front door's way. "" is what it says by
	// itself. Body, if it is not nil, is the whole of it instead.
	Message string
	Body    []byte

	// ErrorType is the answer's x-amzn-ErrorType. "" is the one of Type.
	ErrorType string

	// Header is added to the answer's.
	Header http.Header

	// Detail is $context.error.validationErrorString.
	Detail string

	// Reason is for the log and must hold no secret. The client does not get it.
	Reason string
}

func (d *Denied) Error() string { return "gateway: " + d.reason() }

// reason is what the log says.
func (d *Denied) reason() string { return orElse(d.Reason, orElse(d.Message, string(d.kind()))) }

func (d *Denied) kind() ResponseType {
	if d.Type == "" {
		return AccessDenied
	}
	return d.Type
}

// answer is what the client gets from a front door.
func (d *Denied) answer(from door.Door) *door.Answer {
	answer := from.Refuse(d.kind(), d.Message)
	if d.Status != 0 {
		answer.Status = d.Status
	}
	if d.Body != nil {
		answer.Body = d.Body
	}
	if name, has := field.Spelling(answer.Header, "x-amzn-ErrorType"); has && d.ErrorType != "" {
		answer.Header[name] = []string{d.ErrorType}
	}
	maps.Copy(answer.Header, d.Header)
	return answer
}
