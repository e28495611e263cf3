package door

import (
	"encoding/json"
	"net/http"
	"time"

	"github.com/lambridge-go/lambridge/local/internal/arrival"
	"github.com/lambridge-go/lambridge/local/internal/field"
)

// httpAPI is API Gateway's HTTP API:
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api.html
type httpAPI struct{ apiGateway }

func (httpAPI) Facts() Facts {
	return Facts{
		Plural: "HTTP APIs",
		Domain: ".execute-api.%s.amazonaws.com",
		Stage:  "$default",
		Routes: []string{"$default"},
		Has:    Has{Mappings: true, CORS: ReplacesCORS},
		// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
		Limits: Limits{Body: 10 << 20, Head: 10240, LineCounts: true},
		Waits:  Waits{Timeout: 30 * time.Second, Max: 30 * time.Second},
	}
}

func (httpAPI) Finish(answer *Answer, _ bool) {
	answer.Header = field.Canonical(answer.Header)
	dropHops(answer.Header)
	setDefaultType(answer.Header, "text/plain; charset=utf-8")
}

func (httpAPI) Refuse(f Failure, message string) *Answer {
	status, text := http.StatusInternalServerError, "Internal Server Error"
	switch f {
	case NoRoute, NoStage, ResourceNotFound:
		status, text = http.StatusNotFound, "Not Found"
	case Unauthorized:
		status, text = http.StatusUnauthorized, "Unauthorized"
	case AccessDenied, MissingAuthenticationToken, InvalidSignature, ExpiredToken, InvalidAPIKey, WAFFiltered:
		status, text = http.StatusForbidden, "Forbidden"
	case BadRequest, BadRequestBody, BadRequestParameters:
		status, text = http.StatusBadRequest, "Bad Request"
	case URITooLong:
		status, text = http.StatusRequestURITooLong, "Request URI Too Long"
	case HeadTooLarge:
		status, text = http.StatusRequestHeaderFieldsTooLarge, "Request Header Fields Too Large"
	case RequestTooLarge:
		status, text = http.StatusRequestEntityTooLarge, "Request Entity Too Large"
	case Throttled, QuotaExceeded:
		status, text = http.StatusTooManyRequests, "Too Many Requests"
	case IntegrationTimeout, FunctionBusy, IntegrationFailure:
		status, text = http.StatusServiceUnavailable, "Service Unavailable"
	}
	if message != "" {
		text = message
	}
	quoted, _ := json.Marshal(text) // strings never fail
	answer := jsonAnswer(status, "", `{"message":`+string(quoted)+`}`)
	answer.Type = f
	return answer
}

func (httpAPI) Stamp(a *arrival.Arrival, answer *Answer, _ bool) {
	values := []string{a.ExtendedID, "keep-alive"} // one piece of memory
	answer.Header["Apigw-Requestid"] = values[0:1:1]
	answer.Header["Connection"] = values[1:2:2]
}
