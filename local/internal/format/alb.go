package format

import (
	"maps"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/lambridge-go/lambridge/local/internal/arrival"
	"github.com/lambridge-go/lambridge/local/internal/door"
)

// ALB and ALBMulti are the formats of Application Load Balancers with a Lambda target,
// with single-value and with multi-value headers:
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html
type (
	ALB      struct{}
	ALBMulti struct{}
)

func (ALB) Encode(a *arrival.Arrival) ([]byte, error) {
	return albEncode(a, false)
}

func (ALBMulti) Encode(a *arrival.Arrival) ([]byte, error) {
	return albEncode(a, true)
}

// albEncode writes an event with the maps that the target group is set to.
func albEncode(a *arrival.Arrival, multi bool) ([]byte, error) {
	var room usualLines
	headers := albHeaders(a, room[:0])
	body, err := bodyOf(a, albBinary(headers))
	if err != nil {
		return nil, err
	}
	w := NewWriter()
	w.Object("requestContext")
	w.Object("elb")
	w.Text("targetGroupArn", "arn:aws:elasticloadbalancing:"+a.API.Account.Region+":"+a.API.Account.ID+":targetgroup/lambridge/"+a.API.ID)
	w.End()
	w.End()
	w.Text("httpMethod", a.Method)
	w.Text("path", a.Path)
	if query := linesOf(rawParameters(a.RawQuery), nil); multi {
		w.lists("multiValueQueryStringParameters", query)
		w.lists("multiValueHeaders", headers)
	} else {
		w.lasts("queryStringParameters", query)
		w.lasts("headers", headers)
	}
	w.Body(body, `""`)
	w.Boolean("isBase64Encoded", body.base64)
	return w.Finish(a.MaxEvent)
}

// albHeaders appends the header to lines, which are empty, with the client's certificate as
// mutual TLS in passthrough mode adds it:
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/mutual-authentication.html
func albHeaders(a *arrival.Arrival, to lines) lines {
	headers := loweredLines(a.Header, to)
	if a.Certificate != nil {
		// The escaping leaves "+", "=" and "/" as they are.
		escaped := strings.NewReplacer("%2B", "+", "%3D", "=", "%2F", "/", "+", "%20").Replace(url.QueryEscape(certificatePEM(a.Certificate)))
		headers = headers.with("x-amzn-mtls-clientcert", escaped)
	}
	return headers
}

// albBinary reports whether a body is passed on as base64: one that is encoded,
// and one whose type is not known to be text.
func albBinary(headers lines) bool {
	if headers.last("content-encoding") != "" {
		return true
	}
	media, _, err := mime.ParseMediaType(headers.last("content-type"))
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

func (ALB) Decode(_ *arrival.Arrival, reply []byte) (*door.Answer, error) {
	r, answer, err := albAnswer(reply)
	if err != nil {
		return nil, err
	}
	fields, err := albSingle(r)
	if err != nil {
		return nil, err
	}
	if r.has("multiValueHeaders") && !r.has("headers") {
		answer.Warn("multiValueHeaders is left out, the target group is set to single-value headers")
	}
	maps.Copy(answer.Header, fields)
	return answer, nil
}

func (ALBMulti) Decode(_ *arrival.Arrival, reply []byte) (*door.Answer, error) {
	r, answer, err := albAnswer(reply)
	if err != nil {
		return nil, err
	}
	if _, err := albSingle(r); err != nil {
		return nil, err
	}
	if r.has("headers") && !r.has("multiValueHeaders") {
		answer.Warn("headers is left out, the target group is set to multi-value headers")
	}
	fields, err := r.multiValueHeaders()
	if err != nil {
		return nil, err
	}
	maps.Copy(answer.Header, fields)
	return answer, nil
}

// albAnswer reads all but the headers. A load balancer takes no null anywhere.
func albAnswer(reply []byte) (*Reply, *door.Answer, error) {
	r, err := ReadReply(reply)
	if err != nil {
		return r, nil, err
	}
	for _, name := range []string{"statusCode", "statusDescription", "headers", "multiValueHeaders", "body", "isBase64Encoded"} {
		if r.kind(name) == null {
			return r, nil, door.Refusef(door.BadReply, "%s is null: leave it out instead", name)
		}
	}
	if !r.has("statusCode") {
		return r, nil, door.Refusef(door.BadReply, "the reply has no statusCode")
	}
	if kind := r.kind("statusCode"); kind != number {
		return r, nil, door.Refusef(door.BadReply, "statusCode is %v, not a number", kind)
	}
	status, err := r.Status()
	if err != nil {
		return r, nil, err
	}
	if err := albDescription(r, status); err != nil {
		return r, nil, err
	}
	answer := &door.Answer{Status: status, Header: http.Header{}}
	answer.Body, err = r.Content()
	return r, answer, err
}

// albDescription checks statusDescription, which is like "200 OK".
func albDescription(r *Reply, status int) error {
	if !r.has("statusDescription") {
		return nil
	}
	description := r.get("statusDescription")
	code, reason, found := strings.Cut(description.text(), " ")
	if !found || code != strconv.Itoa(status) || reason == "" || strings.HasPrefix(reason, " ") {
		return door.Refusef(door.BadReply, `statusDescription is %s, not the status and its reason like "200 OK"`, excerpt(description.shown()))
	}
	return nil
}

// albSingle reads headers, in which every value must be a string.
func albSingle(r *Reply) (http.Header, error) {
	for name, field := range r.get("headers").members() {
		if kind := field.kind(); kind != text {
			return nil, door.Refusef(door.BadReply, "headers has %v for %q, not a string", kind, name)
		}
	}
	return r.headers()
}
