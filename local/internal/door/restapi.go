package door

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/lambridge-go/lambridge/local/internal/arrival"
	"github.com/lambridge-go/lambridge/local/internal/field"
)

// restAPI is API Gateway's REST API:
// https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-rest-api.html
type restAPI struct{ apiGateway }

func (restAPI) Facts() Facts {
	return Facts{
		Plural: "REST APIs",
		Domain: ".execute-api.%s.amazonaws.com",
		Stage:  "prod",
		Routes: []string{"ANY /", "ANY /{proxy+}"},
		Has:    Has{Mappings: true, BinaryMediaTypes: true, Streams: true, Inflates: true, Unsigns: true},
		Limits: Limits{Body: 10 << 20, Head: 10240, URL: 10240, Burst: 10_000_000},
		Waits:  Waits{Timeout: 29 * time.Second, Stream: 15 * time.Minute, Idle: 5 * time.Minute, Max: 15 * time.Minute},
		// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html
		Drops: []string{"Content-Length", "Content-MD5", "Expect", "Max-Forwards", "Proxy-Authenticate", "Server", "WWW-Authenticate"},
	}
}

// Path leaves a path one slash at its start.
func (restAPI) Path(sent string) string { return "/" + strings.TrimLeft(sent, "/") }

func (restAPI) Finish(answer *Answer, streamed bool) {
	field.Drop(answer.Header, "Transfer-Encoding")
	remap(answer, "Authorization", "Connection", "Content-MD5", "Date", "Expect", "Host", "Max-Forwards",
		"Proxy-Authenticate", "Server", "Trailer", "Upgrade", "User-Agent", "WWW-Authenticate")
	setDefaultType(answer.Header, "application/json")
	length(answer, streamed)
}

// restErrors are the answers of a REST API's own. The words of some have a space ahead
// of them, as recorded.
var restErrors = map[Failure]struct {
	status    int
	errorType string
	message   string
	as        Failure // the gateway response, if it is not the failure itself
	spaced    bool
}{
	AccessDenied:                 {403, "AccessDeniedException", "User is not authorized to access this resource", "", false},
	APIConfigurationError:        {500, "InternalServerErrorException", "Internal server error", "", true},
	AuthorizerConfigurationError: {500, "AuthorizerConfigurationException", "", "", false},
	AuthorizerFailure:            {500, "AuthorizerFailureException", "", "", false},
	BadRequestBody:               {400, "BadRequestException", "Invalid request body", "", true},
	BadRequestParameters:         {400, "BadRequestException", "Missing required request parameters", "", true},
	ExpiredToken:                 {403, "ExpiredTokenException", "The security token included in the request is expired", "", false},
	IntegrationFailure:           {504, "InternalServerErrorException", "Network error communicating with endpoint", "", true},
	IntegrationTimeout:           {504, "InternalServerErrorException", "Endpoint request timed out", "", true},
	InvalidAPIKey:                {403, "ForbiddenException", "Forbidden", "", false},
	InvalidSignature:             {403, "InvalidSignatureException", "The request signature we calculated does not match the signature you provided.", "", false},
	MissingAuthenticationToken:   {403, "MissingAuthenticationTokenException", "Missing Authentication Token", "", false},
	QuotaExceeded:                {429, "LimitExceededException", "Limit Exceeded", "", false},
	RequestTooLarge:              {413, "RequestTooLargeException", "Request Too Long", "", false},
	ResourceNotFound:             {404, "ResourceNotFoundException", "Not Found", "", false},
	Throttled:                    {429, "TooManyRequestsException", "Too Many Requests", "", false},
	Unauthorized:                 {401, "UnauthorizedException", "Unauthorized", "", false},
	UnsupportedMediaType:         {415, "BadRequestException", "Unsupported Media Type", "", true},
	WAFFiltered:                  {403, "ForbiddenException", "Forbidden", "", false},

	NoRoute:        {403, "MissingAuthenticationTokenException", "Missing Authentication Token", MissingAuthenticationToken, false},
	NoStage:        {403, "ForbiddenException", "Forbidden", Default4XX, false},
	BadRequest:     {400, "BadRequestException", "Bad Request", Default4XX, false},
	URITooLong:     {414, "RequestURITooLongException", "Request URI too long", Default4XX, false},
	HeadTooLarge:   {431, "BadRequestException", "Request Header Fields Too Large", Default4XX, false},
	FunctionFailed: {502, "InternalServerErrorException", "Internal server error", Default5XX, true},
	FunctionBusy:   {500, "InternalServerErrorException", "Internal server error", Default5XX, true},
	BadReply:       {502, "InternalServerErrorException", "Internal server error", Default5XX, true},
	BadEncoding:    {500, "InternalServerErrorException", "Internal server error", Default5XX, true},
	BadStream:      {500, "InternalServerErrorException", "Internal server error", Default5XX, true},
}

func (restAPI) Refuse(f Failure, message string) *Answer {
	own, ok := restErrors[f]
	if !ok {
		own = restErrors[FunctionFailed]
	}
	if message == "" {
		message = own.message
	}
	text := []byte("null") // of the failures that have no words
	if message != "" {
		text, _ = json.Marshal(message) // strings never fail
	}
	name, colon := "message", ":"
	if f == AccessDenied {
		name = "Message"
	}
	if own.spaced {
		colon = ": "
	}
	answer := jsonAnswer(own.status, own.errorType, `{"`+name+`"`+colon+string(text)+`}`)
	if answer.Type = own.as; answer.Type == "" {
		answer.Type = f
	}
	return answer
}

func (restAPI) Stamp(a *arrival.Arrival, answer *Answer, own bool) {
	values := []string{a.RequestID, a.ExtendedID, "keep-alive", a.TraceID} // one piece of memory
	answer.Header["x-amzn-RequestId"] = values[0:1:1]
	answer.Header["x-amz-apigw-id"] = values[1:2:2]
	answer.Header["Connection"] = values[2:3:3]
	if !own {
		answer.Header["X-Amzn-Trace-Id"] = values[3:4:4]
	}
}
