package door

import (
	"net/http"

	"github.com/lambridge-go/lambridge/local/internal/arrival"
	"github.com/lambridge-go/lambridge/local/internal/field"
)

// functionURL is a Lambda function URL:
// https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
type functionURL struct{ apiGateway }

func (functionURL) Facts() Facts {
	return Facts{
		Plural: "function URLs",
		Domain: ".lambda-url.%s.on.aws",
		Stage:  "$default",
		Has:    Has{CORS: AddsCORS, Streams: true, PlainStreams: true, SameID: true},
		Limits: Limits{Burst: 6_000_000},
	}
}

func (functionURL) Finish(answer *Answer, streamed bool) {
	field.Drop(answer.Header, "Transfer-Encoding", "Keep-Alive", "TE", "Trailer", "Upgrade")
	remap(answer, "Connection", "Date", "Server", "WWW-Authenticate")
	// Of streams, too, which have none then.
	remap(answer, "Content-Length")
	if streamed {
		setDefaultType(answer.Header, "application/octet-stream")
	}
	setDefaultType(answer.Header, "application/json")
}

// Refuse has its own words for everything: whether others reach a client is not known.
func (functionURL) Refuse(f Failure, _ string) *Answer {
	answer := func() *Answer {
		switch f {
		case Unauthorized, AccessDenied, MissingAuthenticationToken, InvalidSignature, ExpiredToken:
			return jsonAnswer(http.StatusForbidden, "AccessDeniedException", `{"Message":"Forbidden. For troubleshooting Function URL authorization issues, see: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html"}`)
		case NoRoute, NoStage:
			return jsonAnswer(http.StatusForbidden, "AccessDeniedException", `{"Message":null}`)
		case BadRequest:
			return jsonAnswer(http.StatusBadRequest, "InvalidRequestContentException", `{"Message":"Bad Request"}`)
		case URITooLong:
			return jsonAnswer(http.StatusRequestURITooLong, "InvalidRequestContentException", `{"Message":"URI Too Long"}`)
		case HeadTooLarge:
			return jsonAnswer(http.StatusRequestHeaderFieldsTooLarge, "InvalidRequestContentException", `{"Message":"Request Header Fields Too Large"}`)
		case RequestTooLarge:
			return jsonAnswer(http.StatusRequestEntityTooLarge, "RequestTooLargeException", `{"Message":"Request must be smaller than 6291456 bytes for the InvokeFunction operation"}`)
		case FunctionBusy, Throttled:
			return jsonAnswer(http.StatusTooManyRequests, "TooManyRequestsException", `{"Reason":"ReservedFunctionConcurrentInvocationLimitExceeded","Type":"User","message":"Rate Exceeded."}`)
		case IntegrationTimeout:
			return textAnswer(http.StatusGatewayTimeout, "Gateway Timeout")
		}
		return textAnswer(http.StatusBadGateway, "Internal Server Error")
	}()
	answer.Type = f
	return answer
}

func (functionURL) Stamp(a *arrival.Arrival, answer *Answer, own bool) {
	answer.Header["x-amzn-RequestId"] = []string{a.RequestID}
	if !own {
		answer.Header["X-Amzn-Trace-Id"] = []string{a.TraceID}
	}
}
