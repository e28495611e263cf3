package door

import (
	"fmt"
	"net/http"
)

// An Answer is what the client is sent.
type Answer struct {
	Status int
	// Header holds the fields by the names they have on the wire, in that case.
	Header http.Header
	Body   []byte
	// Type is the gateway response that an answer of the door's own counts as. "" is
	// none.
	Type Failure
	// Warnings say what the front door did to the integration's answer that its author
	// is unlikely to have meant.
	Warnings []string
}

// Warn adds a warning.
func (a *Answer) Warn(format string, args ...any) {
	a.Warnings = append(a.Warnings, fmt.Sprintf(format, args...))
}

// A Failure is a reason for a front door to answer by itself. Where API Gateway has a
// gateway response for it, the failure bears its name:
// https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
type Failure string

// The failures that are gateway responses.
const (
	AccessDenied                 Failure = "ACCESS_DENIED"
	APIConfigurationError        Failure = "API_CONFIGURATION_ERROR"
	AuthorizerConfigurationError Failure = "AUTHORIZER_CONFIGURATION_ERROR"
	AuthorizerFailure            Failure = "AUTHORIZER_FAILURE"
	BadRequestBody               Failure = "BAD_REQUEST_BODY"
	BadRequestParameters         Failure = "BAD_REQUEST_PARAMETERS"
	ExpiredToken                 Failure = "EXPIRED_TOKEN"
	IntegrationFailure           Failure = "INTEGRATION_FAILURE"
	IntegrationTimeout           Failure = "INTEGRATION_TIMEOUT"
	InvalidAPIKey                Failure = "INVALID_API_KEY"
	InvalidSignature             Failure = "INVALID_SIGNATURE"
	MissingAuthenticationToken   Failure = "MISSING_AUTHENTICATION_TOKEN"
	QuotaExceeded                Failure = "QUOTA_EXCEEDED"
	RequestTooLarge              Failure = "REQUEST_TOO_LARGE"
	ResourceNotFound             Failure = "RESOURCE_NOT_FOUND"
	Throttled                    Failure = "THROTTLED"
	Unauthorized                 Failure = "UNAUTHORIZED"
	UnsupportedMediaType         Failure = "UNSUPPORTED_MEDIA_TYPE"
	WAFFiltered                  Failure = "WAF_FILTERED"
	Default4XX                   Failure = "DEFAULT_4XX"
	Default5XX                   Failure = "DEFAULT_5XX"
)

// The failures that front doors have beside them.
const (
	NoRoute        Failure = "NO_ROUTE"        // no route for the path and method
	NoStage        Failure = "NO_STAGE"        // no such stage or base path
	BadRequest     Failure = "BAD_REQUEST"     // the request cannot be made an event
	URITooLong     Failure = "URI_TOO_LONG"    // the request's URL is over the limit
	HeadTooLarge   Failure = "HEAD_TOO_LARGE"  // the request's header is over the limit
	FunctionFailed Failure = "FUNCTION_FAILED" // the function failed or outlived its timeout
	FunctionBusy   Failure = "FUNCTION_BUSY"   // nothing was free to run it
	BadReply       Failure = "BAD_REPLY"       // the reply is not what the front door understands
	BadEncoding    Failure = "BAD_ENCODING"    // the reply's body is not base64 though it says so
	BadStream      Failure = "BAD_STREAM"      // a streamed reply does not begin as it must
)

// A Refusal is an error that the front door answers by itself, and why. The reason is
// for the log.
type Refusal struct {
	Failure Failure
	Reason  string
}

func (r *Refusal) Error() string { return "gateway: " + r.Reason }

// Refusef returns a Refusal.
func Refusef(f Failure, format string, args ...any) error {
	return &Refusal{Failure: f, Reason: fmt.Sprintf(format, args...)}
}

// plainStatus is the status of the failures for which HTTP has one of its own, and
// otherwise for all else.
func plainStatus(f Failure, otherwise int) int {
	switch f {
	case BadRequest:
		return http.StatusBadRequest
	case RequestTooLarge:
		return http.StatusRequestEntityTooLarge
	case URITooLong:
		return http.StatusRequestURITooLong
	case HeadTooLarge:
		return http.StatusRequestHeaderFieldsTooLarge
	case IntegrationTimeout:
		return http.StatusGatewayTimeout
	}
	return otherwise
}
