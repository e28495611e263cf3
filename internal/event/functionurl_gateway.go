package event

import (
	"bytes"
	"encoding/json"
	"net/http"

	"github.com/lambridge-go/lambridge/internal/field"
)

// The gateway half of Lambda function URLs:
// https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html

func (*functionURL) profile() Profile {
	return Profile{
		Name:        "function URLs",
		Domain:      ".lambda-url.%s.on.aws",
		Stage:       "$default",
		Authorizers: true,
		CORS:        AddsCORS,
		Streams:     true,
		StreamBurst: 6_000_000,
		PassesPlain: true,
		SameID:      true,
	}
}

func (*functionURL) encodeEvent(a *Arrival) ([]byte, error) {
	a.Route = Route{Path: "$default"}
	headers := joined(lowered(a.Header), ",")
	headers["x-amzn-tls-version"] = "TLSv1.3"
	headers["x-amzn-tls-cipher-suite"] = "TLS_AES_128_GCM_SHA256"
	event, err := newHTTPv2Event(a, headers)
	if err != nil {
		return nil, err
	}
	event.RawPath = a.Path
	event.RequestContext.HTTP.Path = unescaped(a.Path)
	event.RequestContext.RequestID = a.RequestID
	if a.Authorizer == nil {
		event.RequestContext.AccountID = "anonymous"
	}
	body, err := a.body(!textual(field.Last(a.Header, "Content-Type")))
	if err != nil {
		return nil, err
	}
	event.Body = body
	return event.encode(a.MaxEvent)
}

func (*functionURL) decodeReply(_ *Arrival, reply []byte) (*Answer, error) {
	m, err := membersOf(reply)
	if err != nil || !m.has("statusCode") {
		return functionURLInferred(reply)
	}
	answer, err := httpV2Answer(m)
	if err != nil {
		return nil, err
	}
	functionURLHeader(answer)
	remap(answer, "Content-Length")
	setDefaultType(answer.Header, "application/json")
	return answer, nil
}

// functionURLInferred writes a value other than a response anew, without the
// spaces the function put between its parts.
func functionURLInferred(reply []byte) (*Answer, error) {
	var compact bytes.Buffer
	if err := json.Compact(&compact, reply); err != nil {
		return nil, refusal(BadReply, "the reply is not JSON: %v: %s", err, excerpt(reply))
	}
	return inferred(compact.Bytes()), nil
}

func functionURLHeader(answer *Answer) {
	field.Drop(answer.Header, "Transfer-Encoding", "Keep-Alive", "TE", "Trailer", "Upgrade")
	remap(answer, "Connection", "Date", "Server", "WWW-Authenticate")
}

func (*functionURL) decodePrelude(_ *Arrival, prelude []byte) (*Answer, error) {
	m, err := membersOf(prelude)
	if err != nil {
		return nil, err
	}
	answer, err := httpV2Head(m)
	if err != nil {
		return nil, err
	}
	functionURLHeader(answer)
	spellLength(answer.Header)
	setDefaultType(answer.Header, "application/octet-stream")
	return answer, nil
}

func (*functionURL) refuse(f Failure) *Answer {
	answer := func(status int, kind, body string) *Answer {
		return &Answer{
			Status: status,
			Header: http.Header{"Content-Type": {"application/json"}, "x-amzn-ErrorType": {kind}},
			Body:   []byte(body),
		}
	}
	switch f {
	case Unauthorized:
		return answer(http.StatusForbidden, "AccessDeniedException", `{"Message":"Forbidden. For troubleshooting Function URL authorization issues, see: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html"}`)
	case NoRoute, NoStage:
		return answer(http.StatusForbidden, "AccessDeniedException", `{"Message":null}`)
	case BadRequest:
		return answer(http.StatusBadRequest, "InvalidRequestContentException", `{"Message":"Bad Request"}`)
	case URITooLong:
		return answer(http.StatusRequestURITooLong, "InvalidRequestContentException", `{"Message":"URI Too Long"}`)
	case HeadTooLarge:
		return answer(http.StatusRequestHeaderFieldsTooLarge, "InvalidRequestContentException", `{"Message":"Request Header Fields Too Large"}`)
	case RequestTooLarge:
		return answer(http.StatusRequestEntityTooLarge, "RequestTooLargeException", `{"Message":"Request must be smaller than 6291456 bytes for the InvokeFunction operation"}`)
	case Throttled:
		return answer(http.StatusTooManyRequests, "TooManyRequestsException", `{"Reason":"ReservedFunctionConcurrentInvocationLimitExceeded","Type":"User","message":"Rate Exceeded."}`)
	case TimedOut:
		return &Answer{Status: http.StatusGatewayTimeout, Header: http.Header{"Content-Type": {"text/plain"}}, Body: []byte("Gateway Timeout")}
	}
	return &Answer{Status: http.StatusBadGateway, Header: http.Header{"Content-Type": {"text/plain"}}, Body: []byte("Internal Server Error")}
}

func (*functionURL) stamp(a *Arrival, answer *Answer, own bool) {
	answer.Header["x-amzn-RequestId"] = []string{a.RequestID}
	if !own {
		answer.Header["X-Amzn-Trace-Id"] = []string{a.TraceID}
	}
}
