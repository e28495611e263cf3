package event

import (
	"encoding/json"
	"net/http"
	"strings"

	"github.com/lambridge-go/lambridge/internal/field"
	"github.com/lambridge-go/lambridge/internal/jsontape"
)

// The gateway half of HTTP APIs with payload format 2.0:
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html

func (httpV2) profile() Profile {
	p := httpAPIProfile()
	p.Claims = []string{"jwt", "claims"}
	return p
}

// httpV2Event is what HTTP APIs send in format 2.0, and function URLs with them.
// What is missing is left out.
type httpV2Event struct {
	Version               string            `json:"version"`
	RouteKey              string            `json:"routeKey"`
	RawPath               string            `json:"rawPath"`
	RawQueryString        string            `json:"rawQueryString"`
	Cookies               []string          `json:"cookies,omitempty"`
	Headers               map[string]string `json:"headers"`
	QueryStringParameters map[string]string `json:"queryStringParameters,omitempty"`
	RequestContext        httpV2Context     `json:"requestContext"`
	Body                  json.RawMessage   `json:"body,omitempty"`
	PathParameters        map[string]string `json:"pathParameters,omitempty"`
	IsBase64Encoded       bool              `json:"isBase64Encoded"`
	StageVariables        map[string]string `json:"stageVariables,omitempty"`
}

type httpV2Context struct {
	AccountID      string                `json:"accountId"`
	APIID          string                `json:"apiId"`
	Authentication *httpV2Authentication `json:"authentication,omitempty"`
	Authorizer     json.RawMessage       `json:"authorizer,omitempty"`
	DomainName     string                `json:"domainName"`
	DomainPrefix   string                `json:"domainPrefix"`
	HTTP           httpV2Request         `json:"http"`
	RequestID      string                `json:"requestId"`
	RouteKey       string                `json:"routeKey"`
	Stage          string                `json:"stage"`
	Time           string                `json:"time"`
	TimeEpoch      int64                 `json:"timeEpoch"`
}

type httpV2Authentication struct {
	ClientCert *certificate `json:"clientCert"`
}

type httpV2Request struct {
	Method    string `json:"method"`
	Path      string `json:"path"`
	Protocol  string `json:"protocol"`
	SourceIP  string `json:"sourceIp"`
	UserAgent string `json:"userAgent"`
}

func (httpV2) encodeEvent(a *Arrival) ([]byte, error) {
	// A decoded path ends at a question mark that the client had escaped.
	path, _, _ := strings.Cut(unescaped(strings.TrimPrefix(a.RawPath, a.Mapping)), "?")
	event, err := newHTTPv2Event(a, joined(lowered(a.Header), ","))
	if err != nil {
		return nil, err
	}
	delete(event.Headers, "cookie")
	event.RawPath = path
	event.RequestContext.HTTP.Path = path
	event.RequestContext.RequestID = a.ExtendedID
	event.PathParameters = unescapedAll(a.Route.Params)
	event.StageVariables = a.API.StageVariables
	if a.Certificate != nil {
		event.RequestContext.Authentication = &httpV2Authentication{certificateOf(a.Certificate)}
	}
	body, err := a.body(!textual(field.Last(a.Header, "Content-Type")))
	if err != nil {
		return nil, err
	}
	event.Body, event.IsBase64Encoded = body.value(), body.base64
	return body.finish(event, a.MaxEvent)
}

// newHTTPv2Event returns what the events of HTTP APIs and function URLs share.
func newHTTPv2Event(a *Arrival, headers map[string]string) (httpV2Event, error) {
	if a.Identity != nil {
		return httpV2Event{}, refusal(BadRequest, "payload format 2.0 has no identity, the authorizer shows who IAM users are")
	}
	return httpV2Event{
		Version:               "2.0",
		RouteKey:              a.Route.Key(),
		RawQueryString:        a.RawQuery,
		Cookies:               cookies(field.Values(a.Header, "Cookie")),
		Headers:               headers,
		QueryStringParameters: joined(parameters(a.RawQuery), ","),
		RequestContext: httpV2Context{
			AccountID:    a.API.AccountID,
			APIID:        a.API.ID,
			Authorizer:   a.Authorizer,
			DomainName:   a.API.Domain,
			DomainPrefix: prefixOf(a.API.Domain),
			HTTP: httpV2Request{
				Method:    a.Method,
				Protocol:  a.Protocol,
				SourceIP:  a.SourceIP,
				UserAgent: field.Last(a.Header, "User-Agent"),
			},
			RouteKey:  a.Route.Key(),
			Stage:     a.API.Stage,
			Time:      clfTime(a.Time),
			TimeEpoch: a.Time.UnixMilli(),
		},
	}, nil
}

func (httpV2) decodeReply(_ *Arrival, reply []byte) (*Answer, error) {
	m, err := membersOf(reply)
	if err != nil || !m.has("statusCode") {
		return inferred(reply), nil
	}
	answer, err := httpV2Answer(m)
	if err != nil {
		return nil, err
	}
	answer.Header = canonical(answer.Header)
	httpAPIHeader(answer)
	return answer, nil
}

// inferred is the response to a function that returned its body and nothing else.
// A string loses its quotes.
func inferred(reply []byte) *Answer {
	body := append([]byte(nil), reply...)
	if value, err := new(jsontape.Tape).Parse(reply); err == nil && value.IsString() {
		body = value.Take()
	}
	return &Answer{
		Status: http.StatusOK,
		Header: http.Header{"Content-Type": {"application/json"}},
		Body:   body,
	}
}

// httpV2Answer reads a reply in format 2.0.
func httpV2Answer(m members) (*Answer, error) {
	answer, err := httpV2Head(m)
	if err != nil {
		return nil, err
	}
	if m.has("multiValueHeaders") {
		answer.warn("multiValueHeaders is left out, payload format 2.0 has headers and cookies only")
	}
	answer.Body, err = m.content()
	return answer, err
}

// httpV2Head reads what buffered replies in format 2.0 and streamed metadata have
// in common.
func httpV2Head(m members) (*Answer, error) {
	answer, err := m.answer()
	if err != nil {
		return nil, err
	}
	fields, err := m.single("headers")
	if err != nil {
		return nil, err
	}
	cookies, err := m.list("cookies")
	if err != nil {
		return nil, err
	}
	answer.Header = spelled(fields)
	if len(cookies) > 0 {
		name, _ := field.Spelling(answer.Header, "Set-Cookie")
		answer.Header[name] = append(answer.Header[name], cookies...)
	}
	return answer, nil
}

func (httpV2) refuse(f Failure) *Answer { return httpAPIError(f) }

func (httpV2) stamp(a *Arrival, answer *Answer, _ bool) { httpAPIStamp(a, answer) }
