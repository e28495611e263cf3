package format

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/lambridge-go/lambridge/local/internal/arrival"
	"github.com/lambridge-go/lambridge/local/internal/door"
	"github.com/lambridge-go/lambridge/local/internal/field"
)

// HTTPv2 is payload format 2.0 of HTTP APIs:
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
type HTTPv2 struct{}

// httpV2Event is what HTTP APIs send in format 2.0, and function URLs with them.
type httpV2Event struct {
	RouteKey              string
	RawPath               string
	RawQueryString        string
	Cookies               []string
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

// encode writes the event with its headers within limit bytes. What is missing is left out.
func (e *httpV2Event) encode(headers lines, limit int) ([]byte, error) {
	w := NewWriter()
	w.Text("version", "2.0")
	w.Text("routeKey", e.RouteKey)
	w.Text("rawPath", e.RawPath)
	w.Text("rawQueryString", e.RawQueryString)
	if len(e.Cookies) > 0 {
		w.List("cookies", e.Cookies)
	}
	w.joins("headers", headers, ",")
	if len(e.QueryStringParameters) > 0 {
		w.Texts("queryStringParameters", e.QueryStringParameters)
	}
	w.Object("requestContext")
	e.RequestContext.encode(w, e.RouteKey)
	w.End()
	w.Body(e.Body, "")
	if len(e.PathParameters) > 0 {
		w.Texts("pathParameters", e.PathParameters)
	}
	w.Boolean("isBase64Encoded", e.Body.base64)
	if len(e.StageVariables) > 0 {
		w.Texts("stageVariables", e.StageVariables)
	}
	return w.Finish(limit)
}

func (c *httpV2Context) encode(w *Writer, routeKey string) {
	w.Text("accountId", c.AccountID)
	w.Text("apiId", c.APIID)
	if c.Authentication != nil {
		w.Value("authentication", c.Authentication)
	}
	if len(c.Authorizer) > 0 {
		w.document("authorizer", c.Authorizer)
	}
	w.Text("domainName", c.DomainName)
	w.Text("domainPrefix", prefixOf(c.DomainName))
	w.Object("http")
	w.Text("method", c.HTTP.Method)
	w.Text("path", c.HTTP.Path)
	w.Text("protocol", c.HTTP.Protocol)
	w.Text("sourceIp", c.HTTP.SourceIP)
	w.Text("userAgent", c.HTTP.UserAgent)
	w.End()
	w.Text("requestId", c.RequestID)
	w.Text("routeKey", routeKey)
	w.Text("stage", c.Stage)
	w.Text("time", arrival.ClockTime(c.Time))
	w.Number("timeEpoch", c.Time.UnixMilli())
}

func (HTTPv2) Encode(a *arrival.Arrival) ([]byte, error) {
	// A decoded path ends at a question mark that the client had escaped.
	path, _, _ := strings.Cut(unescaped(strings.TrimPrefix(a.RawPath, a.Mapping)), "?")
	var room usualLines
	headers := loweredLines(a.Header, room[:0])
	event, err := newHTTPv2Event(a, headers)
	if err != nil {
		return nil, err
	}
	event.RawPath = path
	event.RequestContext.HTTP.Path = path
	event.RequestContext.RequestID = a.ExtendedID
	event.PathParameters = unescapedAll(a.Route.Params)
	event.StageVariables = a.API.StageVariables
	if a.Certificate != nil {
		event.RequestContext.Authentication = &httpV2Authentication{certificateOf(a.Certificate)}
	}
	body, err := bodyOf(a, !textual(headers.last("content-type")))
	if err != nil {
		return nil, err
	}
	event.Body = body
	return event.encode(headers.without("cookie"), a.MaxEvent)
}

// newHTTPv2Event returns what the events of HTTP APIs and function URLs share.
func newHTTPv2Event(a *arrival.Arrival, headers lines) (httpV2Event, error) {
	if a.Authorization.Identity != nil && a.Authorization.Context == nil {
		return httpV2Event{}, door.Refusef(door.BadRequest, "payload format 2.0 has no identity, the authorizer shows who IAM users are")
	}
	return httpV2Event{
		RouteKey:              a.Route.Key(),
		RawQueryString:        a.RawQuery,
		Cookies:               cookies(headers.of("cookie")),
		QueryStringParameters: joined(parameters(a.RawQuery), ","),
		RequestContext: httpV2Context{
			AccountID:  a.API.Account.ID,
			APIID:      a.API.ID,
			Authorizer: a.Authorization.Context,
			DomainName: a.API.Domain,
			HTTP: httpV2Request{
				Method:    a.Method,
				Protocol:  a.Protocol,
				SourceIP:  a.SourceIP,
				UserAgent: headers.last("user-agent"),
			},
			Stage: a.API.Stage,
			Time:  a.Time,
		},
	}, nil
}

func (HTTPv2) Decode(_ *arrival.Arrival, reply []byte) (*door.Answer, error) {
	r, err := ReadReply(reply)
	if err != nil || !r.has("statusCode") {
		answer := inferred(reply)
		if isStreamed(reply) {
			answer.Warn("the function streams its reply and HTTP APIs do not: the client gets its metadata as text; start the function with adapter.Wrap")
		}
		return answer, nil
	}
	return httpV2Answer(r)
}

// inferred is the response to a function that returned its body and nothing else.
// A string loses its quotes.
func inferred(reply []byte) *door.Answer {
	body := bytes.Clone(reply)
	if whole := value(bytes.TrimSpace(reply)); whole.kind() == text && json.Valid(whole) {
		body = whole.bytes()
	}
	return &door.Answer{
		Status: http.StatusOK,
		Header: http.Header{"Content-Type": {"application/json"}},
		Body:   body,
	}
}

// httpV2Answer reads a reply in format 2.0.
func httpV2Answer(r *Reply) (*door.Answer, error) {
	answer, err := httpV2Head(r)
	if err != nil {
		return nil, err
	}
	if r.has("multiValueHeaders") {
		answer.Warn("multiValueHeaders is left out, payload format 2.0 has headers and cookies only")
	}
	answer.Body, err = r.Content()
	return answer, err
}

// httpV2Head reads what buffered replies in format 2.0 and streamed metadata have
// in common.
func httpV2Head(r *Reply) (*door.Answer, error) {
	answer, err := r.answer()
	if err != nil {
		return nil, err
	}
	header, err := r.headers()
	if err != nil {
		return nil, err
	}
	cookies, err := r.list("cookies")
	if err != nil {
		return nil, err
	}
	answer.Header = header
	if len(cookies) > 0 {
		name, _ := field.Spelling(answer.Header, "Set-Cookie")
		answer.Header[name] = append(cookies, answer.Header[name]...)
	}
	return answer, nil
}
