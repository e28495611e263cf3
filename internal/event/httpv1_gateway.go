package event

import (
	"maps"
	"net/http"
	"net/textproto"
	"slices"
	"time"

	"github.com/lambridge-go/lambridge/internal/field"
)

// The gateway half of HTTP APIs with payload format 1.0:
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html

func (*httpV1) profile() Profile {
	p := httpAPIProfile()
	p.Claims = []string{"claims"}
	return p
}

// httpAPIProfile holds for both payload formats.
func httpAPIProfile() Profile {
	return Profile{
		Name:        "HTTP APIs",
		Domain:      ".execute-api.%s.amazonaws.com",
		Stage:       "$default",
		Routes:      []string{"$default"},
		Mappings:    true,
		Authorizers: true,
		CORS:        ReplacesCORS,
		Timeout:     30 * time.Second,
		MaxTimeout:  30 * time.Second,
		// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
		MaxBody:     10 << 20,
		MaxHead:     10240,
		HeadHasLine: true,
	}
}

type httpV1Identity struct {
	AccessKey                     *string      `json:"accessKey"`
	AccountID                     *string      `json:"accountId"`
	Caller                        *string      `json:"caller"`
	ClientCert                    *certificate `json:"clientCert,omitempty"`
	CognitoAMR                    *string      `json:"cognitoAmr"`
	CognitoAuthenticationProvider *string      `json:"cognitoAuthenticationProvider"`
	CognitoAuthenticationType     *string      `json:"cognitoAuthenticationType"`
	CognitoIdentityID             *string      `json:"cognitoIdentityId"`
	CognitoIdentityPoolID         *string      `json:"cognitoIdentityPoolId"`
	PrincipalOrgID                *string      `json:"principalOrgId"`
	SourceIP                      string       `json:"sourceIp"`
	User                          *string      `json:"user"`
	UserAgent                     string       `json:"userAgent"`
	UserARN                       *string      `json:"userArn"`
}

func (*httpV1) encodeEvent(a *Arrival) ([]byte, error) {
	body, err := a.body(!textual(field.Last(a.Header, "Content-Type")))
	if err != nil {
		return nil, err
	}
	identity := httpV1Identity{
		SourceIP:   a.SourceIP,
		UserAgent:  field.Last(a.Header, "User-Agent"),
		ClientCert: certificateOf(a.Certificate),
	}
	if err := mask(&identity, a.Identity); err != nil {
		return nil, err
	}
	query := parameters(a.RawQuery)
	w := newEvent() // in which what is missing is null
	w.text("version", "1.0")
	w.text("resource", a.Route.Path)
	w.text("path", a.RawPath)
	w.text("httpMethod", a.Method)
	w.texts("headers", lasts(a.Header))
	w.lists("multiValueHeaders", a.Header)
	w.texts("queryStringParameters", lasts(query))
	w.lists("multiValueQueryStringParameters", query)
	w.object("requestContext")
	w.text("accountId", a.API.AccountID)
	w.text("apiId", a.API.ID)
	if len(a.Authorizer) > 0 {
		w.value("authorizer", a.Authorizer)
	}
	w.text("domainName", a.API.Domain)
	w.text("domainPrefix", prefixOf(a.API.Domain))
	w.text("extendedRequestId", a.ExtendedID)
	w.text("httpMethod", a.Method)
	w.value("identity", identity)
	w.text("path", unescaped(a.RawPath))
	w.text("protocol", a.Protocol)
	w.text("requestId", a.ExtendedID)
	w.text("requestTime", clfTime(a.Time))
	w.number("requestTimeEpoch", a.Time.UnixMilli())
	w.text("resourceId", a.Route.Key())
	w.text("resourcePath", a.Route.Path)
	w.text("stage", a.API.Stage)
	w.end()
	w.texts("pathParameters", unescapedAll(a.Route.Params))
	w.texts("stageVariables", a.API.StageVariables)
	w.body(body, "null")
	w.boolean("isBase64Encoded", body.base64)
	return w.finish(a.MaxEvent)
}

func (*httpV1) decodeReply(_ *Arrival, reply []byte) (*Answer, error) {
	m, err := membersOf(reply)
	if err != nil {
		return nil, err
	}
	if !m.has("statusCode") {
		return nil, refusal(BadReply, "the reply has no statusCode, which payload format 1.0 needs")
	}
	status, err := m.status()
	if err != nil {
		return nil, err
	}
	single, multi, err := m.allHeaders()
	if err != nil {
		return nil, err
	}
	answer := &Answer{Status: status, Header: canonical(spelled(single))}
	for _, name := range slices.Sorted(maps.Keys(multi)) {
		// Values that are in both maps are sent twice, unlike those of REST APIs.
		// Only a second content type is left out.
		key := textproto.CanonicalMIMEHeaderKey(name)
		if _, ok := answer.Header[key]; ok {
			if key == "Content-Type" {
				continue
			}
			answer.warn("the client gets %q twice, it is in headers and in multiValueHeaders", key)
		}
		answer.Header[key] = append(answer.Header[key], multi[name]...)
	}
	if m.has("cookies") {
		answer.warn("cookies are left out, payload format 1.0 has them in multiValueHeaders")
	}
	answer.Body, err = m.content()
	if err != nil {
		return nil, err
	}
	httpAPIHeader(answer)
	return answer, nil
}

// httpAPIHeader completes the function's header as HTTP APIs do.
func httpAPIHeader(answer *Answer) {
	field.Drop(answer.Header, field.Connection()...)
	field.Drop(answer.Header, "Content-Length", "Date")
	setDefaultType(answer.Header, "text/plain; charset=utf-8")
}

func (*httpV1) refuse(f Failure) *Answer { return httpAPIError(f) }

func httpAPIError(f Failure) *Answer {
	status, text := http.StatusInternalServerError, "Internal Server Error"
	switch f {
	case NoRoute, NoStage:
		status, text = http.StatusNotFound, "Not Found"
	case Unauthorized:
		status, text = http.StatusUnauthorized, "Unauthorized"
	case BadRequest:
		status, text = http.StatusBadRequest, "Bad Request"
	case URITooLong:
		status, text = http.StatusRequestURITooLong, "Request URI Too Long"
	case HeadTooLarge:
		status, text = http.StatusRequestHeaderFieldsTooLarge, "Request Header Fields Too Large"
	case RequestTooLarge:
		status, text = http.StatusRequestEntityTooLarge, "Request Entity Too Large"
	case TimedOut, Throttled:
		status, text = http.StatusServiceUnavailable, "Service Unavailable"
	}
	return &Answer{
		Status: status,
		Header: http.Header{"Content-Type": {"application/json"}},
		Body:   []byte(`{"message":"` + text + `"}`),
	}
}

func (*httpV1) stamp(a *Arrival, answer *Answer, _ bool) { httpAPIStamp(a, answer) }

func httpAPIStamp(a *Arrival, answer *Answer) {
	answer.Header["Apigw-Requestid"] = []string{a.ExtendedID}
}
