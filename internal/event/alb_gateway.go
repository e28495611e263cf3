package event

import (
	"maps"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/lambridge-go/lambridge/internal/field"
	"github.com/lambridge-go/lambridge/internal/jsontape"
)

// The gateway half of Application Load Balancers with a Lambda target, with
// single-value and with multi-value headers:
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html

func (*alb) profile() Profile      { return albProfile() }
func (*albMulti) profile() Profile { return albProfile() }

func albProfile() Profile {
	return Profile{
		Name:           "Application Load Balancers",
		MaxBody:        1 << 20,
		MaxReply:       1 << 20,
		Listener:       true,
		RefusesUpgrade: true,
		TraceSelf:      true,
	}
}

func (*alb) encodeEvent(a *Arrival) ([]byte, error) {
	return albEncode(a, func(w *objectWriter) {
		w.texts("queryStringParameters", lasts(rawParameters(a.RawQuery)))
		w.texts("headers", lasts(albHeaders(a)))
	})
}

func (*albMulti) encodeEvent(a *Arrival) ([]byte, error) {
	return albEncode(a, func(w *objectWriter) {
		w.lists("multiValueQueryStringParameters", rawParameters(a.RawQuery))
		w.lists("multiValueHeaders", albHeaders(a))
	})
}

// albEncode writes an event with the maps that the target group is set to.
func albEncode(a *Arrival, writeMaps func(*objectWriter)) ([]byte, error) {
	body, err := a.body(albBinary(a.Header))
	if err != nil {
		return nil, err
	}
	w := newEvent()
	w.object("requestContext")
	w.object("elb")
	w.text("targetGroupArn", "arn:aws:elasticloadbalancing:"+a.API.Region+":"+a.API.AccountID+":targetgroup/lambridge/"+a.API.ID)
	w.end()
	w.end()
	w.text("httpMethod", a.Method)
	w.text("path", a.Path)
	writeMaps(w)
	w.body(body, `""`)
	w.boolean("isBase64Encoded", body.base64)
	return w.finish(a.MaxEvent)
}

// albHeaders returns the header with the client's certificate as mutual TLS in
// passthrough mode adds it:
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/mutual-authentication.html
func albHeaders(a *Arrival) map[string][]string {
	headers := lowered(a.Header)
	if a.Certificate != nil {
		// The escaping leaves "+", "=" and "/" as they are.
		escaped := strings.NewReplacer("%2B", "+", "%3D", "=", "%2F", "/", "+", "%20").Replace(url.QueryEscape(certificatePEM(a.Certificate)))
		headers["x-amzn-mtls-clientcert"] = []string{escaped}
	}
	return headers
}

// albBinary reports whether a body is passed on as base64: one that is encoded,
// and one whose type is not known to be text.
func albBinary(h http.Header) bool {
	if field.Last(h, "Content-Encoding") != "" {
		return true
	}
	media, _, err := mime.ParseMediaType(field.Last(h, "Content-Type"))
	if err != nil {
		return true
	}
	switch media {
	case "application/json", "application/javascript", "application/xml":
		return false
	}
	return !strings.HasPrefix(media, "text/")
}

// rawParameters splits a query without decoding it.
func rawParameters(raw string) map[string][]string {
	query := make(map[string][]string)
	for pair := range strings.SplitSeq(raw, "&") {
		if pair != "" {
			name, value, _ := strings.Cut(pair, "=")
			name = writable(name)
			query[name] = append(query[name], value)
		}
	}
	return query
}

func (*alb) decodeReply(_ *Arrival, reply []byte) (*Answer, error) {
	m, answer, err := albAnswer(reply)
	if err != nil {
		return nil, err
	}
	fields, err := albSingle(m)
	if err != nil {
		return nil, err
	}
	if m.has("multiValueHeaders") && !m.has("headers") {
		answer.warn("multiValueHeaders is left out, the target group is set to single-value headers")
	}
	for name, value := range fields {
		answer.Header[name] = []string{value}
	}
	field.Drop(answer.Header, field.Connection()...)
	field.Drop(answer.Header, "Content-Length", "Date")
	return answer, nil
}

func (*albMulti) decodeReply(_ *Arrival, reply []byte) (*Answer, error) {
	m, answer, err := albAnswer(reply)
	if err != nil {
		return nil, err
	}
	if _, err := albSingle(m); err != nil {
		return nil, err
	}
	if m.has("headers") && !m.has("multiValueHeaders") {
		answer.warn("headers is left out, the target group is set to multi-value headers")
	}
	fields, err := m.multiValueHeaders()
	if err != nil {
		return nil, err
	}
	maps.Copy(answer.Header, fields)
	field.Drop(answer.Header, field.Connection()...)
	field.Drop(answer.Header, "Content-Length", "Date")
	return answer, nil
}

// albAnswer reads all but the headers. A load balancer takes no null anywhere.
func albAnswer(reply []byte) (members, *Answer, error) {
	m, err := membersOf(reply)
	if err != nil {
		return m, nil, err
	}
	for _, name := range []string{"statusCode", "statusDescription", "headers", "multiValueHeaders", "body", "isBase64Encoded"} {
		if m.kind(name) == jsontape.Null {
			return m, nil, refusal(BadReply, "%s is null: leave it out instead", name)
		}
	}
	if !m.has("statusCode") {
		return m, nil, refusal(BadReply, "the reply has no statusCode")
	}
	if kind := m.kind("statusCode"); kind != jsontape.Number {
		return m, nil, refusal(BadReply, "statusCode is %v, not a number", kind)
	}
	status, err := m.status()
	if err != nil {
		return m, nil, err
	}
	if err := albDescription(m, status); err != nil {
		return m, nil, err
	}
	// A nil Content-Type keeps net/http from guessing one.
	answer := &Answer{Status: status, Header: http.Header{"Content-Type": nil}}
	answer.Body, err = m.content()
	return m, answer, err
}

// albDescription checks statusDescription, which is like "200 OK".
func albDescription(m members, status int) error {
	if !m.has("statusDescription") {
		return nil
	}
	description := m.object.Get("statusDescription")
	code, reason, found := strings.Cut(description.Text(), " ")
	if !found || code != strconv.Itoa(status) || reason == "" || strings.HasPrefix(reason, " ") {
		return refusal(BadReply, `statusDescription is %s, not the status and its reason like "200 OK"`, excerpt(description.Bytes()))
	}
	return nil
}

// albSingle reads headers, in which every value must be a string.
func albSingle(m members) (map[string]string, error) {
	for field := m.object.Get("headers").Members(); field.More(); field = field.Next() {
		if kind := field.Value().Kind(); kind != jsontape.String {
			return nil, refusal(BadReply, "headers has %v for %q, not a string", kind, string(field.Key()))
		}
	}
	return m.headers()
}

func (*alb) refuse(f Failure) *Answer      { return albError(f) }
func (*albMulti) refuse(f Failure) *Answer { return albError(f) }

func albError(f Failure) *Answer {
	status := http.StatusBadGateway
	switch f {
	case BadRequest:
		status = http.StatusBadRequest
	case RequestTooLarge:
		status = http.StatusRequestEntityTooLarge
	case URITooLong:
		status = http.StatusRequestURITooLong
	case HeadTooLarge:
		status = http.StatusRequestHeaderFieldsTooLarge
	case TimedOut:
		status = http.StatusGatewayTimeout
	}
	title := strconv.Itoa(status) + " " + http.StatusText(status)
	return &Answer{
		Status: status,
		Header: http.Header{"Content-Type": {"text/html"}},
		Body: []byte("<html>\r\n<head><title>" + title + "</title></head>\r\n<body>\r\n<center><h1>" + title +
			"</h1></center>\r\n</body>\r\n</html>\r\n"),
	}
}

func (*alb) stamp(_ *Arrival, answer *Answer, _ bool) {
	answer.Header["Server"] = []string{"awselb/2.0"}
}
func (*albMulti) stamp(_ *Arrival, answer *Answer, _ bool) {
	answer.Header["Server"] = []string{"awselb/2.0"}
}
