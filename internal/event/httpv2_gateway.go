package event

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/lambridge-go/lambridge/internal/field"
	"github.com/lambridge-go/lambridge/internal/jsontape"
)

// The gateway half of HTTP APIs with payload format 2.0:
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html

func (*httpV2) profile() Profile {
	p := httpAPIProfile()
	p.Claims = []string{"jwt", "claims"}
	return p
}

// httpV2Event is what HTTP APIs send in format 2.0, and function URLs with them.
type httpV2Event struct {
	RouteKey              string
	RawPath               string
	RawQueryString        string
	Cookies               []string
	Headers               map[string]string
	QueryStringParameters map[string]string
	RequestContext        httpV2Context
	Body                  body
	PathParameters        map[string]string
	StageVariables        map[string]string
}

type httpV2Context struct {
	AccountID      string
	APIID          string
	Authentication *httpV2Authentication
	Authorizer     json.RawMessage
	DomainName     string
	HTTP           httpV2Request
	RequestID      string
	Stage          string
	Time           time.Time
}

type httpV2Authentication struct {
	ClientCert *certificate `json:"clientCert"`
}

type httpV2Request struct {
	Method    string
	Path      string
	Protocol  string
	SourceIP  string
	UserAgent string
}

// encode writes the event within limit bytes. What is missing is left out.
func (e *httpV2Event) encode(limit int) ([]byte, error) {
	w := newEvent()
	w.text("version", "2.0")
	w.text("routeKey", e.RouteKey)
	w.text("rawPath", e.RawPath)
	w.text("rawQueryString", e.RawQueryString)
	if len(e.Cookies) > 0 {
		w.list("cookies", e.Cookies)
	}
	w.texts("headers", e.Headers)
	if len(e.QueryStringParameters) > 0 {
		w.texts("queryStringParameters", e.QueryStringParameters)
	}
	w.object("requestContext")
	e.RequestContext.encode(w, e.RouteKey)
	w.end()
	w.body(e.Body, "")
	if len(e.PathParameters) > 0 {
		w.texts("pathParameters", e.PathParameters)
	}
	w.boolean("isBase64Encoded", e.Body.base64)
	if len(e.StageVariables) > 0 {
		w.texts("stageVariables", e.StageVariables)
	}
	return w.finish(limit)
}

func (c *httpV2Context) encode(w *objectWriter, routeKey string) {
	w.text("accountId", c.AccountID)
	w.text("apiId", c.APIID)
	if c.Authentication != nil {
		w.value("authentication", c.Authentication)
	}
	if len(c.Authorizer) > 0 {
		w.value("authorizer", c.Authorizer)
	}
	w.text("domainName", c.DomainName)
	w.text("domainPrefix", prefixOf(c.DomainName))
	w.object("http")
	w.text("method", c.HTTP.Method)
	w.text("path", c.HTTP.Path)
	w.text("protocol", c.HTTP.Protocol)
	w.text("sourceIp", c.HTTP.SourceIP)
	w.text("userAgent", c.HTTP.UserAgent)
	w.end()
	w.text("requestId", c.RequestID)
	w.text("routeKey", routeKey)
	w.text("stage", c.Stage)
	w.text("time", clfTime(c.Time))
	w.number("timeEpoch", c.Time.UnixMilli())
}

func (*httpV2) encodeEvent(a *Arrival) ([]byte, error) {
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
	event.Body = body
	return event.encode(a.MaxEvent)
}

// newHTTPv2Event returns what the events of HTTP APIs and function URLs share.
func newHTTPv2Event(a *Arrival, headers map[string]string) (httpV2Event, error) {
	if a.Identity != nil {
		return httpV2Event{}, refusal(BadRequest, "payload format 2.0 has no identity, the authorizer shows who IAM users are")
	}
	return httpV2Event{
		RouteKey:              a.Route.Key(),
		RawQueryString:        a.RawQuery,
		Cookies:               cookies(field.Values(a.Header, "Cookie")),
		Headers:               headers,
		QueryStringParameters: joined(parameters(a.RawQuery), ","),
		RequestContext: httpV2Context{
			AccountID:  a.API.AccountID,
			APIID:      a.API.ID,
			Authorizer: a.Authorizer,
			DomainName: a.API.Domain,
			HTTP: httpV2Request{
				Method:    a.Method,
				Protocol:  a.Protocol,
				SourceIP:  a.SourceIP,
				UserAgent: field.Last(a.Header, "User-Agent"),
			},
			Stage: a.API.Stage,
			Time:  a.Time,
		},
	}, nil
}

func (*httpV2) decodeReply(_ *Arrival, reply []byte) (*Answer, error) {
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
	fields, err := m.headers()
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

func (*httpV2) refuse(f Failure) *Answer { return httpAPIError(f) }

func (*httpV2) stamp(a *Arrival, answer *Answer, _ bool) { httpAPIStamp(a, answer) }
